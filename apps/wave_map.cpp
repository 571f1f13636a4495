#include "apps/wave_map.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/parallel.hpp"

namespace wavesmith {
namespace {

// Points along the axes of a window whose cells are as square as `most` of them allow.
std::array<int, 3> points_of(const Vec3& low, const Vec3& high, int most, int flat) {
  double longest = 0.0;
  for (std::size_t d = 0; d < 3; ++d)
    if (static_cast<int>(d) != flat) longest = std::max(longest, high[d] - low[d]);
  std::array<int, 3> points = {1, 1, 1};
  for (std::size_t d = 0; d < 3; ++d)
    if (static_cast<int>(d) != flat)
      points[d] = std::max(1, static_cast<int>(std::lround(most * (high[d] - low[d]) / longest)));
  return points;
}

}  // namespace

std::vector<MapWindow> map_windows(const WaveProblem& problem, int most) {
  Vec3 low{}, high{};
  const int n = problem.dimensions;
  for (std::size_t d = 0; d < 3; ++d) {
    if (static_cast<int>(d) >= n) continue;
    low[d] = problem.setup.grid.axes[d].low();
    high[d] = problem.setup.grid.axes[d].high();
  }
  if (n == 1) {
    // A line is drawn as a strip.
    const double half = 0.05 * (high[0] - low[0]);
    return {{{low[0], -half, 0.0}, {high[0], half, 0.0}, {most, most / 10, 1}}};
  }
  if (n == 2) return {{low, high, points_of(low, high, most, 2)}};
  std::vector<MapWindow> windows;
  for (int flat = 2; flat >= 0; --flat) {
    MapWindow window{low, high, points_of(low, high, most, flat)};
    const std::size_t d = static_cast<std::size_t>(flat);
    window.low[d] = window.high[d] = 0.5 * (low[d] + high[d]);
    windows.push_back(window);
  }
  return windows;
}

MapWindow map_volume(const WaveProblem& problem, int most) {
  MapWindow window;
  for (std::size_t d = 0; d < 3; ++d) {
    window.low[d] = problem.setup.grid.axes[d].low();
    window.high[d] = problem.setup.grid.axes[d].high();
  }
  window.points = points_of(window.low, window.high, most, -1);
  return window;
}

Frame map_materials(const WaveProblem& problem, const MapWindow& window, double frequency) {
  Frame frame;
  frame.name = "materials";
  frame.title = "materials";
  frame.points = window.points;
  for (std::size_t d = 0; d < 3; ++d) {
    frame.spacing[d] = std::max(window.high[d] - window.low[d], 0.0) / window.points[d];
    frame.origin[d] = window.low[d] + 0.5 * frame.spacing[d];
    if (frame.spacing[d] == 0.0) frame.spacing[d] = 1.0;
  }
  const bool line = problem.dimensions == 1;
  std::vector<int> material(frame.size());
  const std::size_t nx = static_cast<std::size_t>(frame.points[0]);
  const std::size_t ny = static_cast<std::size_t>(frame.points[1]);
  parallel_ranges(frame.size(), 0, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::array<std::size_t, 3> at = {i % nx, i / nx % ny, i / (nx * ny)};
      Vec3 p;
      for (std::size_t d = 0; d < 3; ++d)
        p[d] =
            line && d > 0 ? 0.0 : frame.origin[d] + frame.spacing[d] * static_cast<double>(at[d]);
      material[i] = problem.geometry.material_at(p);
    }
  });
  const auto add = [&](const std::string& name, const std::string& unit,
                       const std::vector<double>& of_material) {
    std::vector<double> values(material.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = of_material[static_cast<std::size_t>(material[i])];
    add_real(frame, name, unit, values);
  };
  std::vector<double> number, first, second;
  for (std::size_t m = 0; m < problem.materials.names.size(); ++m) {
    number.push_back(static_cast<double>(m));
    if (problem.equations == Equations::sound) {
      first.push_back(problem.materials.sound[m].speed);
      second.push_back(problem.materials.sound[m].density);
    } else {
      const LightMaterial& light = problem.materials.light[m];
      const std::complex<double> index =
          std::sqrt(light.medium.permittivity(2.0 * pi * frequency) * light.permeability);
      first.push_back(index.real());
      second.push_back(index.imag());
    }
  }
  add("material", "1", number);
  if (problem.equations == Equations::sound) {
    add("speed", "m/s", first);
    add("density", "kg/m^3", second);
  } else {
    add("index", "1", first);
    if (*std::max_element(second.begin(), second.end()) > 0.0) add("extinction", "1", second);
  }
  return frame;
}

}  // namespace wavesmith
