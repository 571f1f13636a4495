#include "solvers/gradient_plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "core/error.hpp"
#include "core/memory.hpp"

namespace wavesmith {
namespace {

// binom(n, k), or the largest long.
long binomial(long n, long k) {
  constexpr long most = std::numeric_limits<long>::max();
  k = std::min(k, n - k);
  if (k < 0) return 0;
  long product = 1;
  for (long i = 1; i <= k; ++i) {
    if (product > most / (n - k + i)) return most;
    product = product * (n - k + i) / i;
  }
  return product;
}

// The plan that marches the fewest steps, with segments as long as the states held at the time
// allow. Without steps where not even one unit fits.
GradientPlan plan_by_trying(long steps, std::uint64_t step_bytes, std::uint64_t state_bytes,
                            std::uint64_t budget) {
  constexpr long most_units = 512, most_states = 32;
  GradientPlan plan;
  plan.mode = MemoryMode::checkpoint;
  plan.unit = std::max<long>((steps + most_units - 1) / most_units, 1);
  const long units = (steps + plan.unit - 1) / plan.unit;
  for (std::uint64_t held = 0; held <= most_states; ++held) {
    const std::uint64_t states = multiply_sizes({held, state_bytes});
    if (states > budget) break;
    const std::uint64_t kept = (budget - states) / std::max<std::uint64_t>(step_bytes, 1);
    const long fit = kept < 2 ? 0
                              : static_cast<long>(std::min<std::uint64_t>(
                                    (kept - 1) / static_cast<std::uint64_t>(plan.unit),
                                    static_cast<std::uint64_t>(units)));
    if (fit == 0) break;
    plan.longest_units.push_back(fit);
  }
  if (plan.longest_units.empty()) return plan;
  // Steps marched to undo n units, their start being kept, and segments.
  struct Cost {
    long marched = 0, segments = 0, states = 0;
  };
  std::vector<Cost> above;
  for (std::size_t held = plan.longest_units.size(); held-- > 0;) {
    const long fit = plan.longest_units[held];
    std::vector<Cost> cost(static_cast<std::size_t>(units) + 1);
    std::vector<int> next(cost.size(), 0);
    for (long n = 1; n <= units; ++n) {
      const auto of = [](const std::vector<Cost>& costs, long of_units) -> const Cost& {
        return costs[static_cast<std::size_t>(of_units)];
      };
      Cost& best = cost[static_cast<std::size_t>(n)];
      best = {n, 1, 0};
      if (n <= fit) continue;
      const Cost& rest = of(cost, n - fit);
      best = {n + rest.marched, 1 + rest.segments, rest.states};
      for (long m = 1; m < n && !above.empty(); ++m) {
        const Cost &last = of(above, n - m), &before = of(cost, m);
        const long marched = m + last.marched + before.marched;
        if (marched >= best.marched) continue;
        best = {marched, last.segments + before.segments, std::max(last.states + 1, before.states)};
        next[static_cast<std::size_t>(n)] = static_cast<int>(m);
      }
    }
    above = std::move(cost);
    plan.next_units.insert(plan.next_units.begin(), std::move(next));
  }
  const Cost& all = above.back();
  plan.steps = steps;
  plan.segments = all.segments;
  plan.segment_steps = std::min(plan.longest_units[0] * plan.unit, steps);
  plan.states = all.states;
  plan.forward_steps_recomputed = (all.marched - units) * plan.unit;
  plan.forward_runs =
      2.0 + static_cast<double>(plan.forward_steps_recomputed) / static_cast<double>(steps);
  for (std::size_t held = 0; held <= static_cast<std::size_t>(all.states); ++held)
    plan.bytes = std::max(
        plan.bytes,
        add_sizes(
            {multiply_sizes({held, state_bytes}),
             multiply_sizes({static_cast<std::uint64_t>(plan.longest_units[held] * plan.unit) + 1,
                             step_bytes})}));
  return plan;
}

}  // namespace

long GradientPlan::longest_segment(long held) const {
  return longest_units.empty() ? segment_steps
                               : longest_units[static_cast<std::size_t>(held)] * unit;
}

long GradientPlan::next_state(long length, long held) const {
  if (!next_units.empty())
    return next_units[static_cast<std::size_t>(held)]
                     [static_cast<std::size_t>((length + unit - 1) / unit)] *
           unit;
  if (held >= states) return 0;
  const long count = (length + segment_steps - 1) / segment_steps;
  return next_state_after(count, states - held + 1) * segment_steps;
}

std::string GradientPlan::text() const {
  constexpr std::array<const char*, 5> names = {"automatic", "store", "checkpoint", "dft",
                                                "reverse"};
  std::string words =
      std::string(names[static_cast<std::size_t>(mode)]) + ": " + format_bytes(bytes);
  if (mode == MemoryMode::checkpoint)
    words += ", " + std::to_string(segments) + " segments of " + std::to_string(segment_steps) +
             " steps, " + std::to_string(states) + " states, " +
             std::to_string(forward_steps_recomputed) + " steps again";
  std::array<char, 32> runs{};
  std::snprintf(runs.data(), runs.size(), ", %.2f forward runs", forward_runs);
  words += runs.data();
  if (mode != MemoryMode::reverse) return words;
  std::snprintf(runs.data(), runs.size(), ", fields to %.0e", field_error);
  return words + runs.data();
}

long segments_again(long l, long c) {
  if (l <= 1) return 0;
  long r = 1;
  while (binomial(c + r, c) < l) ++r;
  return r * l - binomial(c + r, r - 1);
}

long next_state_after(long l, long c) {
  long best = 1, least = std::numeric_limits<long>::max();
  for (long m = 1; m < l; ++m) {
    const long cost = m + segments_again(l - m, c - 1) + segments_again(m, c);
    if (cost < least) {
      least = cost;
      best = m;
    }
  }
  return best;
}

GradientPlan plan_storage(long steps, std::uint64_t step_bytes, std::uint64_t state_bytes,
                          const GradientMemory& memory) {
  const std::uint64_t budget =
      memory.budget_bytes > 0 ? memory.budget_bytes : available_memory() / 2;
  GradientPlan plan;
  plan.steps = plan.segment_steps = steps;
  plan.bytes = multiply_sizes({static_cast<std::uint64_t>(steps) + 1, step_bytes});
  const bool fits = plan.bytes <= budget;
  if (memory.mode == MemoryMode::store || (memory.mode == MemoryMode::automatic && fits)) {
    if (!fits)
      throw UnavailableError("the fields of the design region at every step take " +
                             format_bytes(plan.bytes) + ", more than the " + format_bytes(budget) +
                             " for them; raise the budget, or keep checkpoints instead");
    return plan;
  }

  // The cheapest number of segments whose states and fields fit; of equals, the least memory.
  GradientPlan best;
  std::uint64_t least_bytes = std::numeric_limits<std::uint64_t>::max();
  for (long segments = 1; segments <= std::max<long>(steps, 1);
       segments += std::max<long>(1, segments / 64)) {
    const long length = (steps + segments - 1) / segments;
    const long count = (steps + length - 1) / std::max<long>(length, 1);
    const std::uint64_t fields =
        multiply_sizes({static_cast<std::uint64_t>(length) + 1, step_bytes});
    least_bytes = std::min(least_bytes, fields);
    if (fields > budget) continue;
    const long states = static_cast<long>(
        std::min<std::uint64_t>((budget - fields) / std::max<std::uint64_t>(state_bytes, 1),
                                static_cast<std::uint64_t>(std::max<long>(count - 1, 0))));
    const long again = segments_again(count, states + 1) * length;
    const double runs =
        2.0 + static_cast<double>(again) / static_cast<double>(std::max<long>(steps, 1));
    const std::uint64_t bytes =
        add_sizes({fields, multiply_sizes({static_cast<std::uint64_t>(states), state_bytes})});
    const bool better = best.steps == 0 || runs < best.forward_runs - 1e-9 ||
                        (runs < best.forward_runs + 1e-9 && bytes < best.bytes);
    if (better)
      best = {
          MemoryMode::checkpoint, bytes, steps, count, length, states, again, runs, 0.0, 1, {}, {}};
  }
  if (best.steps > 0) {
    GradientPlan tried = plan_by_trying(steps, step_bytes, state_bytes, budget);
    if (tried.steps > 0 && tried.forward_runs < best.forward_runs - 1e-9) best = std::move(tried);
  }
  if (best.steps == 0 && steps > 0)
    throw UnavailableError("a derivative takes at least " + format_bytes(least_bytes) +
                           " for the fields of the design region, more than the " +
                           format_bytes(budget) +
                           " for them; raise the budget, or make the "
                           "design region smaller");
  return best;
}

}  // namespace wavesmith
