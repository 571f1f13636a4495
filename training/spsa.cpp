#include "training/spsa.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"

namespace wavesmith {

double spsa_gradient(const std::function<double(std::span<const double>)>& loss,
                     std::span<const double> parameters, const SpsaOptions& options,
                     std::uint64_t iteration, std::span<double> gradient) {
  WAVESMITH_VALIDATE(options.step > 0.0 && std::isfinite(options.step),
                     fmt::format("spsa: step = {} must be positive", options.step));
  WAVESMITH_VALIDATE(options.draws >= 1,
                     fmt::format("spsa: draws = {} must be 1 or more", options.draws));
  WAVESMITH_EXPECT(gradient.size() == parameters.size());
  const std::size_t n = parameters.size();
  const std::uint64_t words = (n + 63) / 64;  // one bit a direction's entry
  const Random random(options.seed, iteration);
  std::vector<double> direction(n), moved(n);
  const auto value_at = [&](double offset) {
    for (std::size_t i = 0; i < n; ++i) moved[i] = parameters[i] + offset * direction[i];
    const double value = loss(moved);
    if (!std::isfinite(value))
      throw NumericsError(
          fmt::format("spsa: the loss is {} at a distance of {} from the "
                      "parameters in iteration {}; lower spsa's step",
                      value, options.step, iteration));
    return value;
  };

  double mean = 0.0;
  std::fill(gradient.begin(), gradient.end(), 0.0);
  const double share = 1.0 / options.draws;
  for (int draw = 0; draw < options.draws; ++draw) {
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint64_t word = random.bits(static_cast<std::uint64_t>(draw) * words + i / 64);
      direction[i] = (word >> (i % 64)) & 1 ? 1.0 : -1.0;
    }
    const double plus = value_at(options.step), minus = value_at(-options.step);
    const double slope = share * (plus - minus) / (2.0 * options.step);
    for (std::size_t i = 0; i < n; ++i) gradient[i] += slope * direction[i];
    mean += 0.5 * share * (plus + minus);
  }
  return mean;
}

}  // namespace wavesmith
