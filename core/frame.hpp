// What a solver shows to the outside: named host arrays on a regular grid, with units.
#pragma once

#include <array>
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
};

// A regular grid of points at one time, step or epoch.
struct Frame {
  std::string name;                        // file stem: "layer_1"
  std::string title;                       // for people: "after layer 1"
  std::array<int, 3> points{1, 1, 1};      // points along x, y, z
  std::array<double, 3> origin{0, 0, 0};   // position of the first point [m]
  std::array<double, 3> spacing{1, 1, 1};  // [m]
  double time = 0.0;                       // value on the series' axis: epoch, z [m] or t [s]
  std::vector<FrameArray> arrays;

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

}  // namespace wavesmith
