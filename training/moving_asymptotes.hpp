// The method of moving asymptotes, for many unknowns between bounds under few constraints:
//   minimise f_0(x), or the largest of f_01(x), f_02(x), ...,
//   where f_i(x) <= 0 for i = 1 .. m and lower <= x <= upper.
// K. Svanberg, Int. J. Numer. Meth. Eng. 24, 359 (1987), with the rules for the asymptotes and the
// bounds of his "MMA and GCMMA" (2007); the conservative form is the globally convergent method of
// SIAM J. Optim. 12, 555 (2002). A minimax problem keeps its extra variable z inside, free of sign.
//
// Neither the units of the f nor those of x matter. Constraints that cannot be met are violated at
// a price of `penalty` times what that could gain, and are told: infeasibility(), contradicting().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wavesmith {

struct MovingAsymptotesSettings {
  double move = 0.5;             // most that an unknown changes in a step, as share of its range
  double first_asymptote = 0.5;  // distance of the asymptotes in the first steps, likewise
  double widen = 1.2;            // of that distance, where an unknown keeps its direction
  double narrow = 0.7;           // where it turns
  double penalty = 1000.0;
  // Asks again, from the same point and more carefully, where the model promised too much: the
  // objective then falls monotonically (among feasible points), at the cost of more evaluations.
  bool conservative = false;
  int threads = 0;  // <= 0: all; the result does not depend on it
};

class MovingAsymptotes {
 public:
  using Gradients = std::vector<std::vector<double>>;

  // Unknowns whose bounds are equal stay. Throws InputError where bounds are not finite or crossed,
  // or a setting makes no sense.
  MovingAsymptotes(std::vector<double> lower, std::vector<double> upper, std::size_t constraints,
                   const MovingAsymptotesSettings& settings = {});

  // From the point x (within the bounds), where the objective is f0 with gradient df0 and the
  // constraints f with gradients df[i], to the point to evaluate next. Throws InputError where
  // sizes or x are wrong, NumericsError where a value or a gradient is not finite.
  std::vector<double> step(std::span<const double> x, double f0, std::span<const double> df0,
                           std::span<const double> f, const Gradients& df);
  // Likewise for the largest of `objectives`, one at least, all in the same unit.
  std::vector<double> step_minimax(std::span<const double> x, std::span<const double> objectives,
                                   const Gradients& objective_gradients, std::span<const double> f,
                                   const Gradients& df);

  // False where the conservative form refused the point just told and tries another from the last.
  bool accepted() const { return accepted_; }
  // What the last step's model could not remove of the constraints' violations, each in the unit of
  // its f. In one step it may only be too far away; see contradicting().
  std::span<const double> artificial() const { return artificial_; }
  double infeasibility() const;  // the largest of these
  // Lagrange multipliers of the constraints in the last step.
  std::span<const double> multipliers() const { return multipliers_; }
  // Constraints that no small change of x brings nearer to being met together: those that pay the
  // penalty, where the last step foresaw no improvement. Empty where there is hope.
  std::vector<std::size_t> contradicting() const;

  // Everything but bounds and settings, appended to `bytes`; after load() it goes on bit for bit.
  void save(std::vector<std::byte>& bytes) const;
  void load(std::span<const std::byte> bytes);

 private:
  struct Function {
    double value, scale, rho, model;  // model: what the last solution promised
    std::vector<double> gradient;
  };
  void check(std::span<const double> x, std::span<const double> values,
             const Gradients& gradients) const;
  void move_asymptotes(std::span<const double> x);
  void take(std::span<const double> values, const Gradients& gradients);
  bool keeps_promise(std::span<const double> x, std::span<const double> values);
  std::vector<double> solve();

  std::vector<double> lower_, upper_, range_;
  std::size_t constraints_;
  MovingAsymptotesSettings settings_;
  std::uint64_t points_ = 0;                      // accepted so far
  std::vector<double> point_, before_, earlier_;  // the last three of them
  std::vector<double> half_width_, trial_;
  std::vector<Function> functions_;  // the objectives, then the constraints
  std::vector<double> artificial_, multipliers_;
  bool accepted_ = true, improves_ = true;
  int refusals_ = 0;
};

}  // namespace wavesmith
