#include "apps/design_constraints.hpp"

#include "apps/wave_problem.hpp"
#include "core/error.hpp"

namespace wavesmith {

DesignConstraints::DesignConstraints(const DesignPart& design) : design_(design) {
  const auto add_size = [&](const std::string& name, double size, PatternPhase phase) {
    if (size == 0.0) return;
    MinimumSizeSettings settings;
    settings.filter_radius = design.pattern.filter_radius;
    settings.length = size;
    settings.phase = phase;
    try {
      sizes_.emplace_back(design.pixels, settings);
    } catch (const InputError& error) {
      throw InputError(design.place + "." + name + ": " + error.what());
    }
    names_.push_back(name);
  };
  add_size("minimum_solid", design.minimum_solid, PatternPhase::solid);
  add_size("minimum_void", design.minimum_void, PatternPhase::empty);
  if (!design.connected) return;
  connected_.emplace_back(design.pixels, design.anchors);
  names_.push_back("connected");
}

DesignConstraints::Values DesignConstraints::evaluate(const DensityPattern& pattern,
                                                      std::span<const double> parameters,
                                                      double beta) {
  const std::vector<double> filtered = pattern.filtered(parameters);
  Values found;
  const auto add = [&](auto& constraint) {
    std::vector<double> of_pixels(filtered.size(), 0.0);
    found.value.push_back(constraint.evaluate(filtered, beta, of_pixels));
    found.gradient.emplace_back(parameters.size(), 0.0);
    pattern.pull_back_filtered(of_pixels, found.gradient.back());
  };
  for (const MinimumSize& size : sizes_) add(size);
  for (Connectivity& connectivity : connected_) add(connectivity);
  return found;
}

std::vector<char> anchors_of(const WaveProblem& problem, const DesignPart& design) {
  const Plane& pixels = design.pixels;
  const bool space = problem.dimensions == 3;
  const double z = space ? 0.5 * (design.region.lo[2] + design.region.hi[2]) : 0.0;
  const auto solid_at = [&](double x, double y) {
    return problem.geometry.material_at({x, y, z}) == design.solid;
  };
  std::vector<char> anchors(pixels.size(), 0);
  const auto mark = [&](int i, int j, int out_x, int out_y) {
    if (solid_at(pixels.x(i) + out_x * pixels.dx, pixels.y(j) + out_y * pixels.dy))
      anchors[static_cast<std::size_t>(j) * static_cast<std::size_t>(pixels.nx) +
              static_cast<std::size_t>(i)] = 1;
  };
  for (int j = 0; j < pixels.ny; ++j) {
    mark(0, j, -1, 0);
    mark(pixels.nx - 1, j, 1, 0);
  }
  for (int i = 0; i < pixels.nx; ++i) {
    mark(i, 0, 0, -1);
    mark(i, pixels.ny - 1, 0, 1);
  }
  return anchors;
}

}  // namespace wavesmith
