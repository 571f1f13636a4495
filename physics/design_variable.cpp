#include "physics/design_variable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

// How close to its ends a sigmoid may start: beyond, training could never move it again.
constexpr double sigmoid_margin = 1e-6;

}  // namespace

DesignVariable::DesignVariable(const Plane& pixels, const DesignRange& range,
                               const DesignOptions& options, std::vector<double> start)
    : pixels_(pixels),
      range_(range),
      filter_(pixels, options.filter_radius),
      projection_(options.projection_beta, options.projection_eta),
      start_(std::move(start)) {
  WAVESMITH_VALIDATE(
      options.levels == 0 || (options.levels >= 2 && options.levels <= 65536),
      fmt::format("levels is {}; give 2 to 65536, or 0 for a continuous layer", options.levels));
  if (range_.bound == Bound::free) {
    WAVESMITH_VALIDATE(options.projection_beta == 0.0,
                       "projection_beta needs a quantity with two ends; give this layer a largest "
                       "value (max_phase) or leave the projection out");
  } else {
    WAVESMITH_VALIDATE(
        range_.high > range_.low,
        fmt::format("the range of the layer's values is empty: {} to {}", range_.low, range_.high));
  }
  if (start_.empty()) return;

  validate_count(start_.size(), size(), "the layer's start");
  validate_all_finite(start_, "the layer's start");
  if (range_.bound == Bound::free) return;
  const double tolerance = 1e-9 * (range_.high - range_.low);
  for (double& value : start_) {
    validate_between(value, range_.low - tolerance, range_.high + tolerance,
                     "a value of the layer's start");
    value = parameter_of((value - range_.low) / (range_.high - range_.low));
  }
}

bool DesignVariable::is_identity() const {
  return range_.bound == Bound::free && filter_.is_identity() && range_.step == 0.0;
}

double DesignVariable::bounded(double parameter) const {
  switch (range_.bound) {
    case Bound::free:
      return parameter;
    case Bound::sigmoid:
      return 1.0 / (1.0 + std::exp(-parameter));
    case Bound::clamp:
      return std::clamp(parameter, 0.0, 1.0);
  }
  return parameter;
}

double DesignVariable::bounded_slope(double parameter) const {
  switch (range_.bound) {
    case Bound::free:
      return 1.0;
    case Bound::sigmoid: {
      const double rho = 1.0 / (1.0 + std::exp(-parameter));
      return rho * (1.0 - rho);
    }
    case Bound::clamp:
      return parameter >= 0.0 && parameter <= 1.0 ? 1.0 : 0.0;
  }
  return 1.0;
}

double DesignVariable::parameter_of(double rho) const {
  if (range_.bound == Bound::clamp) return std::clamp(rho, 0.0, 1.0);
  rho = std::clamp(rho, sigmoid_margin, 1.0 - sigmoid_margin);
  return std::log(rho / (1.0 - rho));
}

double DesignVariable::rounded(double value) const {
  if (range_.step == 0.0) return value;
  if (range_.bound == Bound::free) return std::round(value / range_.step) * range_.step;
  // The last level that fits; the margin keeps high itself when the steps end on it.
  const double last = std::floor((range_.high - range_.low) / range_.step + 1e-9);
  return range_.low +
         std::clamp(std::round((value - range_.low) / range_.step), 0.0, last) * range_.step;
}

void DesignVariable::initial_parameters(std::uint64_t seed, std::uint32_t stream, double spread,
                                        std::span<double> parameters) const {
  if (!start_.empty()) {
    std::copy(start_.begin(), start_.end(), parameters.begin());
    return;
  }
  if (spread == 0.0 && range_.bound != Bound::free) {
    // On a level: the middle of an even number of them is where rounding turns over, and the first
    // step of training would throw every pixel to one side or the other.
    const double middle = rounded(0.5 * (range_.low + range_.high));
    std::fill(parameters.begin(), parameters.end(),
              parameter_of((middle - range_.low) / (range_.high - range_.low)));
    return;
  }
  const Random random(seed, stream);
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const double draw = spread * (2.0 * random.uniform(p) - 1.0);
    parameters[p] = range_.bound == Bound::free
                        ? range_.spread * draw
                        : parameter_of(std::clamp(0.5 + 0.5 * draw, 0.02, 0.98));
  }
}

void DesignVariable::values(std::span<const double> parameters, std::span<double> values) const {
  std::vector<double> rho(size());
  for (std::size_t p = 0; p < rho.size(); ++p) rho[p] = bounded(parameters[p]);
  filter_.apply(rho, values);
  if (range_.bound == Bound::free) {
    for (double& value : values) value = rounded(value);
    return;
  }
  for (double& value : values)
    value = rounded(range_.low + (range_.high - range_.low) * projection_.value(value));
}

void DesignVariable::pull_back(std::span<const double> parameters, std::span<const double> g,
                               std::span<double> gradient) const {
  std::vector<double> rho(size()), filtered(size());
  for (std::size_t p = 0; p < rho.size(); ++p) rho[p] = bounded(parameters[p]);
  filter_.apply(rho, filtered);
  // From here `filtered` and then `rho` hold cotangents.
  const double scale = range_.bound == Bound::free ? 1.0 : range_.high - range_.low;
  for (std::size_t p = 0; p < filtered.size(); ++p)
    filtered[p] = g[p] * scale * projection_.slope(filtered[p]);
  filter_.apply_transpose(filtered, rho);
  for (std::size_t p = 0; p < rho.size(); ++p) gradient[p] += rho[p] * bounded_slope(parameters[p]);
}

}  // namespace wavesmith
