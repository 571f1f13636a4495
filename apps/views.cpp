#include "apps/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/matrix_fourier.hpp"
#include "solvers/power_budget.hpp"
#include "solvers/tilted_plane.hpp"

namespace wavesmith {
namespace {

constexpr double refuse_below = 6.0, content_above = 20.0;  // [dB], as for the gaps of the stack
constexpr double most_products = 3e10;  // of a wave and a sample: about a minute

const Plane& last_plane(const StackDescription& description) {
  return description.layers.empty() ? description.source : description.layers.back().layer->plane();
}

// The view's window, sampled like the last layer, as the end of a gap.
Gap gap_to(const StackDescription& description, const ViewPart& view, double wavelength) {
  Gap gap;
  gap.in = last_plane(description);
  gap.out = gap.in;
  gap.out.x0 = view.plane.x0;
  gap.out.y0 = view.plane.y0;
  const auto samples = [](double length, double spacing) {
    return static_cast<int>(std::clamp(std::ceil(length / spacing), 1.0, 1e9));
  };
  gap.out.nx = samples(view.plane.width() * std::cos(view.tilt_x), gap.in.dx);
  gap.out.ny = samples(view.plane.height() * std::cos(view.tilt_y), gap.in.dy);
  gap.wavelength = wavelength / description.medium_index;
  gap.distance = view.distance;
  gap.evanescent = description.propagation.evanescent;
  gap.padding = description.propagation.padding;
  return gap;
}

// Plane waves along both axes.
double wave_count(const StackDescription& description, const ViewPart& view, double padding) {
  const Plane& in = last_plane(description);
  return 0.25 * padding * padding * (in.width() + view.plane.width()) / in.dx *
         (in.height() + view.plane.height()) / in.dy;
}

std::unique_ptr<LinearOperator> make_operator(const DiffractiveProblem& problem,
                                              const ViewPart& view, double wavelength) {
  const StackDescription& description = problem.description;
  const ViewMethod chosen = choose_view_method(problem, view, wavelength);
  const PlaneWaveOptions options{description.propagation.evanescent, chosen.padding};
  const Plane& in = last_plane(description);
  const double inside = wavelength / description.medium_index;
  if (view.is_tilted())
    return std::make_unique<TiltedPlane>(in, view.plane, inside, view.distance, view.tilt_x,
                                         view.tilt_y, options);
  return std::make_unique<MatrixFourier>(in, view.plane, inside, view.distance, options,
                                         chosen.method);
}

// The field that leaves the last layer, or the source where there is none: [channel].
std::vector<std::vector<Complex>> outgoing_fields(const StackDescription& description,
                                                  DiffractiveSystem& system, const InputSet& inputs,
                                                  std::span<const double> parameters) {
  std::vector<std::vector<Complex>> fields(description.wavelengths.size() *
                                           static_cast<std::size_t>(description.modes));
  const int last = static_cast<int>(description.layers.size());
  if (last == 0) {
    for (std::size_t c = 0; c < fields.size(); ++c) {
      fields[c].resize(description.source.size());
      inputs.fill(0, static_cast<int>(c), fields[c]);
    }
    return fields;
  }
  std::vector<double> readings(static_cast<std::size_t>(description.reading_count));
  system.stack().respond(
      1, [&](int, int channel, std::span<Complex> field) { inputs.fill(0, channel, field); },
      readings,
      [&](const FieldPlace& place, std::span<const Complex> field) {
        // Each channel has its own place, so no lock is needed.
        if (place.plane == last)
          fields[static_cast<std::size_t>(place.channel)].assign(field.begin(), field.end());
      });
  const Layer& layer = *description.layers.back().layer;
  std::vector<Complex> t(layer.plane().size());
  for (std::size_t c = 0; c < fields.size(); ++c) {
    layer.transmission(parameters.last(layer.parameter_count()),
                       description.wavelengths[c / static_cast<std::size_t>(description.modes)], t);
    for (std::size_t i = 0; i < t.size(); ++i) fields[c][i] *= t[i];
  }
  return fields;
}

}  // namespace

ViewMethod choose_view_method(const DiffractiveProblem& problem, const ViewPart& view,
                              double wavelength) {
  Gap gap = gap_to(problem.description, view, wavelength);
  ViewMethod best;
  for (const double padding : {gap.padding, 3.0, 4.0, 6.0, 8.0}) {
    if (padding < gap.padding) continue;
    Gap trial = gap;
    trial.padding = padding;
    const PowerBudget budget = power_budget(trial);
    best = {PropagationMethod::angular_spectrum, padding,
            budget.signal_to_noise(PropagationMethod::angular_spectrum)};
    const double limited = budget.signal_to_noise(PropagationMethod::band_limited);
    if (!view.is_tilted() && limited > best.snr)
      best = {PropagationMethod::band_limited, padding, limited};
    if (best.snr >= content_above) break;
  }
  return best;
}

std::vector<std::string> audit_views(const DiffractiveProblem& problem) {
  const StackDescription& description = problem.description;
  std::vector<std::string> lines;
  for (const ViewPart& view : problem.views)
    for (const double wavelength : description.wavelengths) {
      const ViewMethod found = choose_view_method(problem, view, wavelength);
      const double waves = wave_count(description, view, found.padding);
      lines.push_back(
          fmt::format("view {}, {}: {} of {:.0f} plane waves, padding {:g}, predicted "
                      "signal-to-noise {:.0f} dB",
                      view.name, format_quantity(wavelength, Dimension::length),
                      method_name(found.method), waves, found.padding, found.snr));
      if (view.tilt_x != 0.0 && view.tilt_y != 0.0) {
        const double products = waves * static_cast<double>(view.plane.size());
        WAVESMITH_VALIDATE(products <= most_products,
                           fmt::format("view \"{}\" is tilted about both axes and would sum {:.0f} "
                                       "plane waves at each of its {} samples, which takes too "
                                       "long; take fewer samples, or tilt it about one axis",
                                       view.name, waves, view.plane.size()));
      }
      if (found.snr >= content_above) continue;
      std::string message = fmt::format(
          "view \"{}\" has a predicted signal-to-noise of only {:.1f} dB even at padding {:g} "
          "(waves leave the window of the sum and come back into the view); move it nearer, widen "
          "the layers' planes or sample them finer",
          view.name, found.snr, found.padding);
      if (found.snr < refuse_below && !problem.allow_undersampled)
        throw InputError(message + ", or set allow_undersampled = true to see it all the same");
      lines.push_back("  " + message);
    }
  return lines;
}

PlaneRecord record_view(const DiffractiveProblem& problem, const ViewPart& view,
                        DiffractiveSystem& system, const InputSet& inputs,
                        std::span<const double> parameters) {
  const StackDescription& description = problem.description;
  PlaneRecord record;
  record.name = "view_" + view.name;
  record.title = "view " + view.name;
  record.plane = view.plane;
  if (view.is_tilted()) {
    record.title += ", tilted";
    record.plane.x0 = record.plane.y0 = 0.0;
  }
  record.z = view.distance;
  for (const StackLayer& entry : description.layers) record.z += entry.distance;

  const auto outgoing = outgoing_fields(description, system, inputs, parameters);
  const std::size_t modes = static_cast<std::size_t>(description.modes);
  std::vector<Complex> field(view.plane.size());
  for (std::size_t k = 0; k < description.wavelengths.size(); ++k) {
    const auto carry = make_operator(problem, view, description.wavelengths[k]);
    record.intensity.emplace_back(view.plane.size(), 0.0);
    for (std::size_t m = 0; m < modes; ++m) {
      const double weight = description.mode_weights.empty() ? 1.0 : description.mode_weights[m];
      carry->apply(outgoing[k * modes + m], field);
      for (Complex& u : field) u *= std::sqrt(weight);
      for (std::size_t i = 0; i < field.size(); ++i) record.intensity[k][i] += std::norm(field[i]);
      if (m == 0) record.field.push_back(field);
    }
  }
  return record;
}

}  // namespace wavesmith
