// With s steps since the warm-up:
//   constant     rate
//   step         rate factor^floor(s / interval)
//   exponential  rate factor^(s / interval)
//   cosine       final + (rate - final) (1 + cos(pi s / S)) / 2, S = steps after the warm-up
//                (Loshchilov and Hutter, ICLR 2017, one period); final from there on.
#include "training/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace wavesmith {

const std::vector<ScheduleEntry>& schedule_registry() {
  static const std::vector<ScheduleEntry> entries{
      {"constant", "the same rate at every step", {}},
      {"cosine", "half a cosine from the rate to final_rate", {"final_rate", "total_steps"}},
      {"exponential", "a smooth decay by factor every interval steps", {"factor", "interval"}},
      {"step", "a jump by factor every interval steps", {"factor", "interval"}},
  };
  return entries;
}

void check_schedule(const ScheduleSpec& spec) {
  const auto check = [&](bool holds, const std::string& what) {
    WAVESMITH_VALIDATE(holds, fmt::format("learning-rate schedule \"{}\": {}", spec.name, what));
  };
  const auto& entries = schedule_registry();
  check(std::any_of(entries.begin(), entries.end(),
                    [&](const ScheduleEntry& entry) { return entry.name == spec.name; }),
        "is not known; choose one of constant, cosine, exponential, step");
  check(spec.rate > 0.0 && std::isfinite(spec.rate),
        fmt::format("rate = {} must be positive and finite", spec.rate));
  check(spec.warm_up >= 0, fmt::format("warm_up = {} must be 0 or more steps", spec.warm_up));
  check(spec.interval >= 1, fmt::format("interval = {} must be 1 step or more", spec.interval));
  check(spec.factor > 0.0 && std::isfinite(spec.factor),
        fmt::format("factor = {} must be positive and finite", spec.factor));
  check(spec.final_rate >= 0.0 && std::isfinite(spec.final_rate),
        fmt::format("final_rate = {} must be 0 or positive", spec.final_rate));
  check(spec.name != "cosine" || spec.total_steps > spec.warm_up,
        fmt::format("total_steps = {} must exceed warm_up = {}", spec.total_steps, spec.warm_up));
}

double learning_rate(const ScheduleSpec& spec, std::int64_t step) {
  if (step < spec.warm_up)
    return spec.rate * static_cast<double>(step + 1) / static_cast<double>(spec.warm_up);
  const std::int64_t since = step - spec.warm_up;
  if (spec.name == "step")
    return spec.rate * std::pow(spec.factor, static_cast<double>(since / spec.interval));
  if (spec.name == "exponential")
    return spec.rate *
           std::pow(spec.factor, static_cast<double>(since) / static_cast<double>(spec.interval));
  if (spec.name == "cosine") {
    const std::int64_t length = spec.total_steps - spec.warm_up;
    if (since >= length) return spec.final_rate;
    const double turn = std::numbers::pi * static_cast<double>(since) / static_cast<double>(length);
    return spec.final_rate + 0.5 * (spec.rate - spec.final_rate) * (1.0 + std::cos(turn));
  }
  return spec.rate;
}

}  // namespace wavesmith
