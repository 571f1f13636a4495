#include "apps/baseline.hpp"

#include <cmath>
#include <numbers>

#include "apps/lens_start.hpp"
#include "core/error.hpp"
#include "physics/design_grid.hpp"

namespace wavesmith {
namespace {

constexpr double tau = 2.0 * std::numbers::pi;
constexpr int continuous_steps = 1024;  // heights tried for a layer without levels

double top_height(const LayerSpec& spec, const Material& material) {
  if (spec.h_max > 0.0) return spec.h_max;
  return spec.h_min +
         spec.design_wavelength / (material.index(spec.design_wavelength).real() - 1.0);
}

std::vector<BaselineFocus> find_foci(const StackDescription& description,
                                     const DetectorPart& detector, std::size_t layer) {
  double distance = description.detector_distance;
  for (std::size_t l = layer + 1; l < description.layers.size(); ++l)
    distance += description.layers[l].distance;
  std::vector<BaselineFocus> foci;
  for (std::size_t k = 0; k < description.wavelengths.size(); ++k) {
    double most = -1.0;
    BaselineFocus focus{.wavelength = description.wavelengths[k], .distance = distance};
    for (std::size_t r = 0; r < detector.region_wavelength.size(); ++r) {
      if (detector.region_wavelength[r] != static_cast<int>(k) || detector.targets[r] <= most)
        continue;
      most = detector.targets[r];
      focus.x = detector.spec.regions[r].shape.x;
      focus.y = detector.spec.regions[r].shape.y;
    }
    if (most < 0.0)
      throw InputError(
          "[baseline] needs a detector region for each wavelength "
          "(detector.region.wavelength), to know where to send it");
    foci.push_back(focus);
  }
  return foci;
}

}  // namespace

BaselinePart read_baseline(const SceneTable& table, const std::vector<LayerPart>& layers) {
  if (layers.empty()) throw table.error("needs at least one layer");
  BaselinePart part;
  part.kind = table.choice("kind", {"superposed_lenses", "matched_heights"});
  part.layer =
      table.integer("layer", 0, IntegerRange::between(0, static_cast<int>(layers.size()) - 1));
  part.start = table.boolean("start", false);
  for (const LayerPart& layer : layers)
    if (layer.spec.kind != "height")
      throw table.error("is for stacks of height layers; there is one of kind " + layer.spec.kind);
  return part;
}

std::vector<double> baseline_heights(const std::string& kind, const LayerPart& part,
                                     const std::vector<BaselineFocus>& foci, double medium_index) {
  const LayerSpec& spec = part.spec;
  const Material material = material_of(spec);
  const double low = spec.h_min, high = top_height(spec, material);
  const double steps = (spec.design.levels > 1 ? spec.design.levels : continuous_steps) - 1;
  const bool rounded = spec.design.levels > 1;
  double mean = 0.0;
  for (const BaselineFocus& focus : foci)
    mean += focus.wavelength / static_cast<double>(foci.size());
  const double wave_height = mean / (material.index(mean).real() - 1.0);
  std::vector<double> slope;  // phase per height [rad/m]
  for (const BaselineFocus& focus : foci)
    slope.push_back(tau / focus.wavelength * (material.index(focus.wavelength).real() - 1.0));

  const Plane pixels = DesignGrid(part.plane, spec.design).pixels();
  std::vector<double> heights;
  heights.reserve(pixels.size());
  std::vector<double> wanted(foci.size());
  for (int j = 0; j < pixels.ny; ++j) {
    for (int i = 0; i < pixels.nx; ++i) {
      Complex sum = 0.0;
      for (std::size_t k = 0; k < foci.size(); ++k) {
        wanted[k] = lens_phase(pixels.x(i) - foci[k].x, pixels.y(j) - foci[k].y, foci[k].distance,
                               foci[k].wavelength / medium_index);
        sum += std::polar(1.0, wanted[k]);
      }
      double step = 0.0;
      if (kind == "superposed_lenses") {
        const double turns = std::arg(sum) / tau;
        step = (turns - std::floor(turns)) * wave_height / (high - low) * steps;
        step = std::min(rounded ? std::round(step) : step, steps);
      } else {
        double best = -static_cast<double>(foci.size()) - 1.0;
        for (double tried = 0.0; tried <= steps; tried += 1.0) {
          const double h = low + tried / steps * (high - low);
          double match = 0.0;
          for (std::size_t k = 0; k < foci.size(); ++k) match += std::cos(slope[k] * h - wanted[k]);
          if (match <= best) continue;
          best = match;
          step = tried;
        }
      }
      heights.push_back(low + step / steps * (high - low));
    }
  }
  return heights;
}

std::vector<double> working_heights(const BaselinePart& baseline,
                                    const StackDescription& description,
                                    const std::vector<LayerPart>& layers,
                                    const DetectorPart& detector) {
  const std::size_t working = static_cast<std::size_t>(baseline.layer);
  return baseline_heights(baseline.kind, layers[working], find_foci(description, detector, working),
                          description.medium_index);
}

StackDescription baseline_stack(const BaselinePart& baseline, const StackDescription& description,
                                const std::vector<LayerPart>& layers,
                                const DetectorPart& detector) {
  StackDescription stack = description;
  const std::size_t working = static_cast<std::size_t>(baseline.layer);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const LayerPart& part = layers[l];
    const Plane pixels = DesignGrid(part.plane, part.spec.design).pixels();
    std::vector<double> heights(pixels.size(), part.spec.h_min);
    if (l == working) heights = working_heights(baseline, description, layers, detector);
    stack.layers[l].layer = layer_from_heights(part.spec, part.plane, std::move(heights), false);
  }
  return stack;
}

}  // namespace wavesmith
