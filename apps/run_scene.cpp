#include "apps/run_scene.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apps/views.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/beam_propagation.hpp"
#include "solvers/sampling_audit.hpp"

namespace wavesmith {

DiffractiveSystemOptions system_options(const SceneOptions& options, const Device& device) {
  DiffractiveSystemOptions of_system;
  of_system.precision = options.precision;
  of_system.threads = options.threads;
  of_system.device = device;
  return of_system;
}

std::unique_ptr<DiffractiveSystem> make_system(const DiffractiveProblem& problem,
                                               const PropagationSettings& propagation,
                                               const DiffractiveSystemOptions& options) {
  StackDescription description = problem.description;
  description.propagation = propagation;
  return std::make_unique<DiffractiveSystem>(description, options);
}

namespace {

std::vector<std::string> audit_volume(std::size_t layer, const VolumeSlices& slices,
                                      const std::vector<double>& wavelengths) {
  std::vector<std::string> lines;
  for (const double wavelength : wavelengths) {
    const auto references = slices.references(wavelength);
    BeamSettings settings;
    settings.plane = slices.plane();
    settings.wavelength = wavelength;
    settings.slice = slices.slice();
    settings.references.assign(references.begin(), references.end());
    const BeamAudit found = audit_beam(settings, references.back());
    lines.push_back(fmt::format(
        "layer {}, {}: a volume of {} slices of {}, {:.3g} samples a wavelength inside", layer,
        format_quantity(wavelength, Dimension::length), slices.count(),
        format_quantity(slices.slice(), Dimension::length), found.samples_per_wavelength));
    for (const std::string& message : found.messages) lines.push_back("  " + message);
  }
  return lines;
}

}  // namespace

std::vector<std::string> audit_problem(const DiffractiveProblem& problem) {
  const StackDescription& description = problem.description;
  std::vector<std::string> lines;
  Plane in = description.source;
  std::vector<Gap> seen;
  double taken = 0.0;  // of a gap by the volume in front of it
  for (std::size_t l = 0; l <= description.layers.size(); ++l) {
    const bool last = l == description.layers.size();
    for (const double wavelength : description.wavelengths) {
      Gap gap;
      gap.in = in;
      gap.out = last ? description.detector_plane : description.layers[l].layer->plane();
      gap.distance =
          (last ? description.detector_distance : description.layers[l].distance) - taken;
      if (gap.distance < 0.0) continue;  // the stack says so
      gap.wavelength = wavelength / description.medium_index;
      gap.method = description.propagation.method;
      gap.evanescent = description.propagation.evanescent;
      gap.padding = description.propagation.padding;
      gap.periodic = description.propagation.periodic;
      const bool known = std::any_of(seen.begin(), seen.end(), [&](const Gap& other) {
        return other.in == gap.in && other.out == gap.out && other.distance == gap.distance &&
               other.wavelength == gap.wavelength;
      });
      if (known) continue;
      seen.push_back(gap);
      AuditOptions options;
      options.allow_undersampled = problem.allow_undersampled;
      const SamplingAudit found = audit(gap, options);
      lines.push_back(fmt::format(
          "gap {}, {}: {} on {} x {}, Fresnel number {:.3g}, predicted signal-to-noise {:.0f} dB{}",
          l, format_quantity(wavelength, Dimension::length), method_name(found.method),
          convolution_grid(gap).nx, convolution_grid(gap).ny, found.fresnel_number, found.snr,
          problem.description.propagation.method == PropagationMethod::automatic
              ? " (chosen: " + found.reason + ")"
              : ""));
      for (const std::string& message : found.messages) lines.push_back("  " + message);
      require_sampled(found);
    }
    if (last) break;
    in = description.layers[l].layer->plane();
    taken = 0.0;
    if (description.layers[l].slices == 0) continue;
    const VolumeSlices slices(description.layers[l].layer, description.layers[l].slices,
                              description.medium_index);
    taken = slices.thickness();
    for (std::string& line : audit_volume(l + 1, slices, description.wavelengths))
      lines.push_back(std::move(line));
  }
  for (std::string& line : audit_views(problem)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace wavesmith
