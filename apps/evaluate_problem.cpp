// What trained or given parameters are worth: on the model, on the built device, with other
// propagation settings, under random misalignment.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/recording_system.hpp"
#include "apps/run_scene.hpp"
#include "apps/views.hpp"
#include "core/error.hpp"
#include "physics/image_metrics.hpp"

namespace wavesmith {
namespace {

constexpr std::uint64_t draw_stream = 0x4452415753ull;  // occasions of evaluation draws

// Intensity on the detector plane for one wavelength, modes added by weight.
std::vector<double> detected_intensity(const DiffractiveProblem& problem, DiffractiveSystem& system,
                                       const InputSet& inputs, int wavelength) {
  const StackDescription& description = problem.description;
  std::vector<double> intensity(description.detector_plane.size(), 0.0);
  std::vector<double> readings(static_cast<std::size_t>(description.reading_count));
  const int last = static_cast<int>(description.layers.size()) + 1;
  system.stack().respond(
      1, [&](int, int channel, std::span<Complex> field) { inputs.fill(0, channel, field); },
      readings,
      [&](const FieldPlace& place, std::span<const Complex> field) {
        if (place.plane != last || place.channel / description.modes != wavelength) return;
        const std::size_t mode = static_cast<std::size_t>(place.channel % description.modes);
        const double weight =
            description.mode_weights.empty() ? 1.0 : description.mode_weights[mode];
        for (std::size_t i = 0; i < field.size(); ++i) intensity[i] += weight * std::norm(field[i]);
      });
  return intensity;
}

std::vector<double> design_readings(DiffractiveSystem& system, const InputSet& inputs) {
  std::vector<double> readings(static_cast<std::size_t>(system.reading_count()));
  const std::size_t index = 0;
  system.respond({&inputs, std::span<const std::size_t>(&index, 1)}, readings);
  return readings;
}

// A reading as a share of the light that it is meant for.
double share_of_light(const DiffractiveProblem& problem, const InputSet& inputs,
                      std::span<const double> readings, std::size_t r) {
  const double wavelengths = static_cast<double>(problem.description.wavelengths.size());
  const double light = inputs.power(0) / (problem.reading_wavelength[r] >= 0 ? wavelengths : 1.0);
  return readings[r] / light;
}

double measure(const MetricPart& part, const Plane& plane, std::span<const double> intensity,
               double power) {
  if (part.kind == "intensity") {
    const double i = (part.x - plane.x(0)) / plane.dx, j = (part.y - plane.y(0)) / plane.dy;
    WAVESMITH_VALIDATE(i > -0.5 && j > -0.5 && i < plane.nx - 0.5 && j < plane.ny - 0.5,
                       "metric \"" + part.name + "\" lies outside of its plane");
    return intensity[static_cast<std::size_t>(std::lround(j)) * static_cast<std::size_t>(plane.nx) +
                     static_cast<std::size_t>(std::lround(i))];
  }
  if (part.kind == "power") {
    const std::vector<double> share = coverage(part.shape, plane);
    return std::inner_product(share.begin(), share.end(), intensity.begin(), 0.0) *
           plane.cell_area() / power;
  }
  if (part.kind == "encircled_energy")
    return power_within(plane, intensity, {part.x, part.y}, 0.5 * part.diameter) / power;
  if (part.kind == "peak_intensity") return *std::max_element(intensity.begin(), intensity.end());
  if (part.kind == "fwhm_x") return full_width_half_maximum(plane, intensity).x;
  if (part.kind == "fwhm_y") return full_width_half_maximum(plane, intensity).y;
  const Widths radius = second_moment_radius(plane, intensity);
  return part.kind == "radius_x" ? radius.x : radius.y;
}

void evaluate_design(const DiffractiveProblem& problem, const InputSet& inputs,
                     DiffractiveSystem& model, Metrics& metrics) {
  const std::vector<double> readings = design_readings(model, inputs);
  const bool many = readings.size() > 64;  // a camera's pixels are a picture, not metrics
  if (!many) {
    for (std::size_t r = 0; r < readings.size(); ++r)
      metrics.set("share_" + problem.reading_names[r],
                  share_of_light(problem, inputs, readings, r));
  }
  metrics.set("diffraction_efficiency",
              std::accumulate(readings.begin(), readings.end(), 0.0) / inputs.power(0));
  if (problem.loss) {
    const auto loss = make_loss(*problem.loss);
    metrics.set("loss", loss->evaluate(readings, inputs.power(0), inputs.target(0), {}));
  }
  const double own_power =
      inputs.power(0) / static_cast<double>(problem.description.wavelengths.size());
  for (const MetricPart& part : problem.metrics)
    if (part.view.empty())
      metrics.set(part.name,
                  measure(part, problem.description.detector_plane,
                          detected_intensity(problem, model, inputs, part.wavelength), own_power));
}

void evaluate_views(const DiffractiveProblem& problem, const InputSet& inputs,
                    DiffractiveSystem& model, std::span<const double> parameters,
                    Metrics& metrics) {
  const double own_power =
      inputs.power(0) / static_cast<double>(problem.description.wavelengths.size());
  for (const ViewPart& view : problem.views) {
    const auto is_here = [&](const MetricPart& part) { return part.view == view.name; };
    if (std::none_of(problem.metrics.begin(), problem.metrics.end(), is_here)) continue;
    const PlaneRecord record = record_view(problem, view, model, inputs, parameters);
    for (const MetricPart& part : problem.metrics)
      if (is_here(part))
        metrics.set(part.name, measure(part, record.plane,
                                       record.intensity[static_cast<std::size_t>(part.wavelength)],
                                       own_power));
  }
}

// Mean and worst over random misalignments.
void evaluate_draws(const DiffractiveProblem& problem, const InputSet& inputs,
                    const SceneOptions& settings, const Device& device,
                    std::span<const double> parameters, Metrics& metrics) {
  DiffractiveSystemOptions options = system_options(settings, device);
  options.robust = problem.robust;
  options.robust_seed = problem.robust_seed;
  const auto system = make_system(problem, problem.description.propagation, options);
  const auto loss = problem.loss ? make_loss(*problem.loss) : nullptr;
  std::map<std::string, std::vector<double>> found;
  for (int n = 0; n < problem.evaluation.draws; ++n) {
    system->set_occasion(draw_stream + static_cast<std::uint64_t>(n));
    system->set_parameters(parameters);
    if (problem.data) {
      found["accuracy"].push_back(
          evaluate(*system, inputs, *loss, problem.training->options.batch).accuracy);
      continue;
    }
    const std::vector<double> readings = design_readings(*system, inputs);
    for (std::size_t r = 0; r < readings.size() && readings.size() <= 64; ++r)
      found["share_" + problem.reading_names[r]].push_back(
          share_of_light(problem, inputs, readings, r));
  }
  for (const auto& [name, values] : found) {
    const double count = static_cast<double>(values.size());
    metrics.set("misaligned_mean_" + name,
                std::accumulate(values.begin(), values.end(), 0.0) / count);
    metrics.set("misaligned_least_" + name, *std::min_element(values.begin(), values.end()));
    metrics.set("misaligned_most_" + name, *std::max_element(values.begin(), values.end()));
  }
}

}  // namespace

void evaluate_problem(const DiffractiveProblem& problem, const ProblemInputs& inputs,
                      const SceneOptions& settings, const Device& device,
                      std::span<const double> parameters, Metrics& metrics,
                      std::vector<double>* test_readings) {
  DiffractiveSystemOptions options = system_options(settings, device);
  const InputSet& test = *inputs.test;
  const auto loss = problem.loss ? make_loss(*problem.loss) : nullptr;
  const int batch = problem.training ? problem.training->options.batch : 32;
  const auto test_on = [&](const std::string& prefix, const PropagationSettings& propagation,
                           const DiffractiveSystemOptions& of,
                           std::vector<double>* keep = nullptr) {
    const auto system = make_system(problem, propagation, of);
    system->set_parameters(parameters);
    if (!problem.data) {
      Metrics own;
      evaluate_design(problem, test, *system, own);
      // Views show the stack as it is described.
      if (prefix.empty()) evaluate_views(problem, test, *system, parameters, own);
      for (const auto& [name, value] : own.all()) metrics.set(prefix + name, value);
      return;
    }
    WAVESMITH_VALIDATE(loss != nullptr, "a data set without [training] gives nothing to evaluate");
    RecordingSystem recording(*system, keep);
    const Evaluation found = evaluate(recording, test, *loss, batch);
    metrics.set(prefix + "accuracy", found.accuracy);
    metrics.set(prefix + "loss", found.loss);
    metrics.set(prefix + "diffraction_efficiency", found.efficiency);
  };

  const PropagationSettings& propagation = problem.description.propagation;
  test_on("", propagation, options, test_readings);
  if (problem.device) {
    DiffractiveSystemOptions built = options;
    built.misalignment = *problem.device;
    built.phase_levels = problem.device_levels;
    test_on("device_", propagation, built);
  }
  for (const double padding : problem.evaluation.paddings) {
    PropagationSettings padded = propagation;
    padded.padding = padding;
    char prefix[32];
    std::snprintf(prefix, sizeof prefix, "padding_%g_", padding);
    test_on(prefix, padded, options);
  }
  if (problem.evaluation.circular) {
    // The model of many codes: no padding, so that what leaves the window comes back in, and the
    // transfer function sampled as it is.
    PropagationSettings circular = propagation;
    circular.padding = 1.0;
    circular.method = PropagationMethod::angular_spectrum;
    test_on("circular_", circular, options);
  }
  const auto as_bodies = [&](const std::string& prefix, double slices_per_wavelength) {
    DiffractiveProblem other = problem;
    for (StackLayer& entry : other.description.layers) {
      entry.slices = 0;
      if (slices_per_wavelength == 0.0 || entry.layer->relief() == nullptr) continue;
      const double shortest = *std::min_element(other.description.wavelengths.begin(),
                                                other.description.wavelengths.end());
      entry.slices = std::max(1, static_cast<int>(std::ceil(entry.layer->relief()->thickness() *
                                                            slices_per_wavelength / shortest)));
    }
    other.evaluation = {};
    other.views.clear();
    Metrics own;
    evaluate_problem(other, inputs, settings, device, parameters, own);
    for (const auto& [name, value] : own.all()) metrics.set(prefix + name, value);
  };
  if (problem.evaluation.thin) as_bodies("thin_", 0.0);
  if (problem.evaluation.volume > 0.0) as_bodies("volume_", problem.evaluation.volume);
  if (problem.evaluation.draws > 0 && problem.robust.any())
    evaluate_draws(problem, test, settings, device, parameters, metrics);
}

void evaluate_baseline(const DiffractiveProblem& problem, const ProblemInputs& inputs,
                       const SceneOptions& settings, const Device& device, Metrics& metrics) {
  DiffractiveProblem baseline = problem;
  baseline.description =
      baseline_stack(*problem.baseline, problem.description, problem.layers, problem.detector);
  Metrics own;
  evaluate_problem(baseline, inputs, settings, device, {}, own);
  for (const auto& [name, value] : own.all()) metrics.set("baseline_" + name, value);
}

}  // namespace wavesmith
