// Limited-memory BFGS for design problems, where the objective is exact and has no batches; between
// bounds where they are given (L-BFGS-B, see bounded_direction.hpp).
// Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4 (two-loop recursion, initial
// matrix scaled by eq. 7.20) and 7.5, with the line search of line_search.hpp.
//
// It asks and is told, so that it owns neither the objective nor the loop, and can be saved between
// any two evaluations:
//   while (!lbfgs.done()) lbfgs.tell(value, gradient)   at lbfgs.next_point()
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "training/line_search.hpp"

namespace wavesmith {

struct LbfgsOptions {
  std::size_t memory = 10;  // pairs of steps and gradient changes kept
  // On the largest |df/dp|, between bounds on that of p - P(p - df/dp), P: the nearest point within
  // them; 0: only a gradient of exactly 0.
  double gradient_tolerance = 1e-9;
  double value_tolerance = 0.0;  // on the relative change of f in one iteration; 0: off
  std::int64_t most_iterations = 1000;
  double first_step = 0.0;  // length of the first step tried; 0: 1, or less if |df/dp| is
  LineSearch::Mode mode = LineSearch::Mode::strong_wolfe;
  LineSearchOptions line_search{};
};

class Lbfgs {
 public:
  enum class State : std::int32_t {
    running,
    gradient_small,  // converged: gradient_tolerance
    value_settled,   // converged: value_tolerance
    iteration_limit,
    stalled,  // no step lowers the value, not even along the gradient: rounding, or a
              // gradient that is not the objective's
  };

  // Throws InputError where the options make no sense.
  Lbfgs(std::vector<double> start, const LbfgsOptions& options);
  // Within the bounds (infinite ones are none) at every point asked for. A start outside of them is
  // moved to the nearest point within. Throws InputError also where bounds are crossed or missing.
  Lbfgs(std::vector<double> start, std::vector<double> lower, std::vector<double> upper,
        const LbfgsOptions& options);

  std::span<const double> next_point() const { return trial_; }
  // Objective and gradient at next_point(). A value that is not finite makes the search step back;
  // at the starting point it throws NumericsError.
  void tell(double value, std::span<const double> gradient);
  bool done() const { return state_ != State::running; }
  State state() const { return state_; }

  // The best point so far, its value and its gradient; known after the first tell().
  std::span<const double> point() const { return x_; }
  double value() const { return value_; }
  std::span<const double> gradient() const { return gradient_; }
  std::int64_t iterations() const { return iterations_; }
  std::int64_t evaluations() const { return evaluations_; }

  // Everything but options and bounds, appended to `bytes`; after load() it goes on bit for bit.
  void save(std::vector<std::byte>& bytes) const;
  void load(std::span<const std::byte> bytes);

 private:
  void begin_search();
  void restart_search();
  void accept(double step, double value, std::span<const double> gradient);
  void remember(double step, std::span<const double> gradient);
  void find_direction();
  double optimality() const;
  double longest_step() const;
  double coordinate(std::size_t i, double step) const;  // of the point at that step
  void place_trial();
  double* step_of(std::size_t age);    // s, the newest of age 0
  double* change_of(std::size_t age);  // y

  LbfgsOptions options_;
  State state_ = State::running;
  LineSearch search_;
  std::int64_t iterations_ = 0, evaluations_ = 0;
  double value_;
  std::vector<double> x_, gradient_, direction_, trial_, low_gradient_;
  std::vector<double> lower_, upper_;    // empty: no bounds
  std::vector<double> steps_, changes_;  // `memory` rows each, a ring
  std::size_t newest_ = 0, pairs_ = 0;
};

}  // namespace wavesmith
