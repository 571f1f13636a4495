// What a solver shows to the outside: named host arrays on a grid, with units.
#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

struct FrameArray {
  std::string name;           // "intensity"
  std::string unit;           // "W/m^2", "rad", "1"
  std::vector<float> values;  // one per point, x fastest, then y, then z
  int components = 1;         // 3: a vector at each point, its x, y and z next to each other
};

// A grid of points at one time, step or epoch: regular, or graded along the axes that have
// coordinates.
struct Frame {
  std::string name;                        // file stem: "layer_1"
  std::string title;                       // for people: "after layer 1"
  std::array<int, 3> points{1, 1, 1};      // points along x, y, z
  std::array<double, 3> origin{0, 0, 0};   // position of the first point [m]
  std::array<double, 3> spacing{1, 1, 1};  // [m]
  double time = 0.0;                       // value on the series' axis: epoch, z [m] or t [s]
  std::vector<FrameArray> arrays;
  std::array<std::vector<double>, 3> coordinates;  // of the points where graded, else empty [m]

  bool is_graded() const {
    return !coordinates[0].empty() || !coordinates[1].empty() || !coordinates[2].empty();
  }
  // Of point i along an axis [m]; rounded once, wherever it is compiled.
  double coordinate(std::size_t axis, int i) const {
    return coordinates[axis].empty() ? std::fma(spacing[axis], i, origin[axis])
                                     : coordinates[axis][static_cast<std::size_t>(i)];
  }
  std::size_t size() const {
    return static_cast<std::size_t>(points[0]) * static_cast<std::size_t>(points[1]) *
           static_cast<std::size_t>(points[2]);
  }
};

// Adds "<name>_real", "<name>_imaginary", "<name>_intensity" (unit squared) and "<name>_phase"
// [rad].
void add_complex(Frame& frame, const std::string& name, const std::string& unit,
                 std::span<const std::complex<double>> field);
void add_real(Frame& frame, const std::string& name, const std::string& unit,
              std::span<const double> values);
// One array of three components: what viewers draw as arrows and stream lines.
void add_vector(Frame& frame, const std::string& name, const std::string& unit,
                std::span<const double> x, std::span<const double> y, std::span<const double> z);

// The array of that name; throws InputError where the frame has none of it, or one of another size.
const FrameArray& find_array(const Frame& frame, const std::string& name);

}  // namespace wavesmith
