// How a march in time keeps what its derivative needs of the forward fields, and what that costs.
//
// store: the fields of the design region at every step. checkpoint: whole states at a few steps;
// the segments between them are marched again, the last first, with the design's fields stored
// within a segment. Where there are more segments than states, states are set and marched from
// again as in A. Griewank and A. Walther, ACM Trans. Math. Softw. 26, 19 (2000): l segments with c
// states (the start is one, for nothing) advance t(l, c) = r l - binom(c + r, r - 1) segments
// again, r the least with binom(c + r, c) >= l. Where the memory of a state is worth many steps of
// fields, segments are as long as the states that are kept at the time allow, and states where the
// fewest steps are marched, by trying all places. Both give the same bits.
// reverse: the fields on the faces of the design region at every step, from which those inside are
// marched backward in time (solvers/reversed_region.hpp), to rounding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wavesmith {

enum class MemoryMode { automatic, store, checkpoint, dft, reverse };

struct GradientMemory {
  MemoryMode mode = MemoryMode::automatic;  // store if that fits, checkpoint otherwise
  // For what is kept of the forward march; 0: half of the memory that is available.
  std::uint64_t budget_bytes = 0;
};

// What is known before the run. Costs are in steps of one forward march; a transposed step counts
// as one.
struct GradientPlan {
  MemoryMode mode = MemoryMode::store;
  std::uint64_t bytes = 0;  // kept of the forward march
  long steps = 0;
  long segments = 1, segment_steps = 0, states = 0;  // the most steps, the most states at a time
  long forward_steps_recomputed = 0;
  double forward_runs = 2.0;  // of the same length, that all of it takes
  double field_error = 0.0;   // of fields marched backward in time, relative to the largest

  // While `held` states are kept: of how many steps in a row the fields can be kept; and of
  // `length` steps, more than these, after how many the next state is set, 0 where none is before
  // the fields of the last are kept.
  long longest_segment(long held) const;
  long next_state(long length, long held) const;

  // "checkpoint: 34 MiB, 12 segments of 128 steps, 3 states, 1408 steps again, 2.9 forward runs"
  std::string text() const;

  // By trying all places, in units of some steps, [held] and [held][units]; empty: segments of the
  // same length.
  long unit = 1;
  std::vector<long> longest_units;
  std::vector<std::vector<int>> next_units;
};

// Segments advanced again for l segments with c >= 1 states; l beyond what a long holds: that.
long segments_again(long l, long c);
// Of l > 1 segments with c > 1 states: after how many the next state is set.
long next_state_after(long l, long c);

// step_bytes: stored of a step; state_bytes: of a whole state. Throws UnavailableError where even
// the least memory is above the budget.
GradientPlan plan_storage(long steps, std::uint64_t step_bytes, std::uint64_t state_bytes,
                          const GradientMemory& memory);

}  // namespace wavesmith
