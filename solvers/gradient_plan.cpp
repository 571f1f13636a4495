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

}  // namespace

std::string GradientPlan::text() const {
  constexpr std::array<const char*, 4> names = {"automatic", "store", "checkpoint", "dft"};
  std::string words =
      std::string(names[static_cast<std::size_t>(mode)]) + ": " + format_bytes(bytes);
  if (mode == MemoryMode::checkpoint)
    words += ", " + std::to_string(segments) + " segments of " + std::to_string(segment_steps) +
             " steps, " + std::to_string(states) + " states, " +
             std::to_string(forward_steps_recomputed) + " steps again";
  std::array<char, 32> runs{};
  std::snprintf(runs.data(), runs.size(), ", %.2f forward runs", forward_runs);
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
    if (better) best = {MemoryMode::checkpoint, bytes, steps, count, length, states, again, runs};
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
