#include "training/moving_asymptotes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "training/asymptote_subproblem.hpp"
#include "training/byte_stream.hpp"

namespace wavesmith {
namespace {

constexpr double narrowest = 0.01, widest = 10.0;  // distances of asymptotes, in ranges
constexpr double nearest = 0.9;     // steps end before this share of the way to an asymptote
constexpr double plain_rho = 1e-5;  // of the mean |df| range, plain form
constexpr double first_rho = 0.1;   // likewise, conservative form
constexpr int most_refusals = 30;   // rho has grown 1e30 times: rounding is what disagrees

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

MovingAsymptotes::MovingAsymptotes(std::vector<double> lower, std::vector<double> upper,
                                   std::size_t constraints,
                                   const MovingAsymptotesSettings& settings)
    : lower_(std::move(lower)),
      upper_(std::move(upper)),
      constraints_(constraints),
      settings_(settings) {
  const auto check = [](bool holds, const std::string& what) {
    WAVESMITH_VALIDATE(holds, "optimizer mma: " + what);
  };
  check(!lower_.empty(), "there are no parameters to change");
  check(
      lower_.size() == upper_.size(),
      fmt::format("{} lower bounds but {} upper bounds were given", lower_.size(), upper_.size()));
  for (std::size_t j = 0; j < lower_.size(); ++j)
    check(std::isfinite(lower_[j]) && std::isfinite(upper_[j]) && lower_[j] <= upper_[j],
          fmt::format("parameter {} lies between {} and {}; bounds must be finite, the lower not "
                      "above the upper one",
                      j, lower_[j], upper_[j]));
  check(constraints <= 1000, fmt::format("{} constraints are too many (at most 1000); combine them "
                                         "into fewer, or state a worst case as minimax",
                                         constraints));
  check(0.0 < settings.move && settings.move <= 1.0,
        fmt::format("move = {} must lie above 0 and at most at 1", settings.move));
  check(narrowest <= settings.first_asymptote && settings.first_asymptote <= widest,
        fmt::format("first_asymptote = {} must lie between {} and {}", settings.first_asymptote,
                    narrowest, widest));
  check(1.0 <= settings.widen && settings.widen <= 10.0 && 0.0 < settings.narrow &&
            settings.narrow <= 1.0,
        fmt::format("widen = {} and narrow = {} must satisfy 0 < narrow <= 1 <= widen <= 10",
                    settings.widen, settings.narrow));
  check(1.0 < settings.penalty && settings.penalty <= 1e9,
        fmt::format("penalty = {} must lie between 1 and 1e9", settings.penalty));
  for (std::size_t j = 0; j < lower_.size(); ++j) range_.push_back(upper_[j] - lower_[j]);
}

std::vector<double> MovingAsymptotes::step(std::span<const double> x, double f0,
                                           std::span<const double> df0, std::span<const double> f,
                                           const Gradients& df) {
  return step_minimax(x, std::span(&f0, 1), {{df0.begin(), df0.end()}}, f, df);
}

std::vector<double> MovingAsymptotes::step_minimax(std::span<const double> x,
                                                   std::span<const double> objectives,
                                                   const Gradients& objective_gradients,
                                                   std::span<const double> f, const Gradients& df) {
  WAVESMITH_VALIDATE(!objectives.empty() && objectives.size() == objective_gradients.size() &&
                         f.size() == constraints_ && df.size() == constraints_,
                     fmt::format("optimizer mma: told {} objectives with {} gradients and {} "
                                 "constraints with {} where {} constraints were announced",
                                 objectives.size(), objective_gradients.size(), f.size(), df.size(),
                                 constraints_));
  std::vector<double> values(objectives.begin(), objectives.end());
  values.insert(values.end(), f.begin(), f.end());
  Gradients gradients = objective_gradients;
  gradients.insert(gradients.end(), df.begin(), df.end());
  check(x, values, gradients);

  accepted_ = keeps_promise(x, values);
  if (accepted_) {
    move_asymptotes(x);
    take(values, gradients);
  }
  return solve();
}

void MovingAsymptotes::check(std::span<const double> x, std::span<const double> values,
                             const Gradients& gradients) const {
  WAVESMITH_VALIDATE(x.size() == lower_.size(),
                     fmt::format("optimizer mma: told a point of {} parameters where there are {}",
                                 x.size(), lower_.size()));
  for (std::size_t j = 0; j < x.size(); ++j)
    WAVESMITH_VALIDATE(lower_[j] <= x[j] && x[j] <= upper_[j],
                       fmt::format("optimizer mma: parameter {} = {} is outside of its bounds, {} "
                                   "to {}; start within them",
                                   j, x[j], lower_[j], upper_[j]));
  const std::size_t objectives = values.size() - constraints_;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name = i < objectives ? fmt::format("objective {}", i)
                                            : fmt::format("constraint {}", i - objectives);
    WAVESMITH_VALIDATE(gradients[i].size() == x.size(),
                       fmt::format("optimizer mma: the gradient of {} has {} entries where there "
                                   "are {} parameters",
                                   name, gradients[i].size(), x.size()));
    if (!std::isfinite(values[i]) || !all_finite(gradients[i]))
      throw NumericsError(fmt::format(
          "optimizer mma: {} ({}) or its gradient is not finite after {} points; the objective is "
          "not defined there: narrow the bounds or make `move` smaller",
          name, values[i], points_));
  }
}

// Whether the model was an upper bound at its own solution; if not, it is made steeper.
bool MovingAsymptotes::keeps_promise(std::span<const double> x, std::span<const double> values) {
  if (!settings_.conservative || trial_.empty() || !std::equal(x.begin(), x.end(), trial_.begin()))
    return true;
  WAVESMITH_VALIDATE(values.size() == functions_.size(),
                     "optimizer mma: the number of objectives changed between steps");
  double reach = 0.0;  // d(g) / d(rho)
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (range_[j] == 0.0) continue;
    const double u = (x[j] - point_[j]) / half_width_[j];
    reach += 2.0 * half_width_[j] * u * u / ((1.0 - u * u) * range_[j]);
  }
  bool kept = true;
  if (reach > 0.0 && refusals_ < most_refusals)
    for (std::size_t i = 0; i < values.size(); ++i) {
      Function& f = functions_[i];
      const double excess = values[i] - f.model;
      if (excess <= 1e-12 * (std::abs(f.value) + f.scale)) continue;
      kept = false;
      f.rho = std::min(1.1 * (f.rho + excess / reach), 10.0 * f.rho);
    }
  refusals_ = kept ? 0 : refusals_ + 1;
  return kept;
}

void MovingAsymptotes::move_asymptotes(std::span<const double> x) {
  earlier_.swap(before_);
  before_.swap(point_);
  point_.assign(x.begin(), x.end());
  ++points_;
  half_width_.resize(x.size());
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (points_ <= 2) {
      half_width_[j] = settings_.first_asymptote * range_[j];
      continue;
    }
    const double turn = (point_[j] - before_[j]) * (before_[j] - earlier_[j]);
    if (turn > 0.0) half_width_[j] *= settings_.widen;
    if (turn < 0.0) half_width_[j] *= settings_.narrow;
    half_width_[j] = std::clamp(half_width_[j], narrowest * range_[j], widest * range_[j]);
  }
}

void MovingAsymptotes::take(std::span<const double> values, const Gradients& gradients) {
  const std::size_t objectives = values.size() - constraints_;
  functions_.resize(values.size());
  double objective_scale = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    double scale = 0.0;
    for (std::size_t j = 0; j < range_.size(); ++j) scale += std::abs(gradients[i][j]) * range_[j];
    // Nothing changes to first order: any unit will do, and the value has a good one.
    if (!(scale > 0.0)) scale = values[i] != 0.0 ? std::abs(values[i]) : 1.0;
    functions_[i] = {values[i], scale, 0.0, values[i], gradients[i]};
    if (i < objectives) objective_scale = std::max(objective_scale, scale);
  }
  const double share =
      (settings_.conservative ? first_rho : plain_rho) / static_cast<double>(range_.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i < objectives) functions_[i].scale = objective_scale;
    functions_[i].rho = share * functions_[i].scale;
  }
}

std::vector<double> MovingAsymptotes::solve() {
  const std::size_t n = range_.size();
  std::vector<double> low(n, 0.0), high(n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    if (range_[j] == 0.0) continue;
    const double farthest = std::min(nearest, settings_.move * range_[j] / half_width_[j]);
    low[j] = std::max(-farthest, (lower_[j] - point_[j]) / half_width_[j]);
    high[j] = std::min(farthest, (upper_[j] - point_[j]) / half_width_[j]);
  }
  AsymptoteProblem problem{.functions = {},
                           .objectives = functions_.size() - constraints_,
                           .half_width = half_width_,
                           .low = low,
                           .high = high,
                           .range = range_,
                           .penalty = settings_.penalty,
                           .threads = settings_.threads};
  for (const Function& f : functions_)
    problem.functions.push_back({f.value, f.gradient.data(), f.rho, f.scale});
  const AsymptoteSolution solution = solve_asymptote_problem(problem);

  for (std::size_t i = 0; i < functions_.size(); ++i) functions_[i].model = solution.values[i];
  artificial_ = solution.artificial;
  multipliers_.assign(
      solution.multipliers.begin() + static_cast<std::ptrdiff_t>(problem.objectives),
      solution.multipliers.end());
  double now = 0.0, then = 0.0;
  for (std::size_t i = 0; i < constraints_; ++i) {
    const Function& f = functions_[problem.objectives + i];
    now += std::max(0.0, f.value) / f.scale;
    then += artificial_[i] / f.scale;
  }
  improves_ = then < 1e-6 || then < 0.99 * now;

  trial_.resize(n);
  for (std::size_t j = 0; j < n; ++j)
    trial_[j] = std::clamp(point_[j] + half_width_[j] * solution.position[j], lower_[j], upper_[j]);
  return trial_;
}

double MovingAsymptotes::infeasibility() const {
  return artificial_.empty() ? 0.0 : *std::max_element(artificial_.begin(), artificial_.end());
}

std::vector<std::size_t> MovingAsymptotes::contradicting() const {
  std::vector<std::size_t> found;
  if (improves_) return found;
  const double objective_scale = functions_[0].scale;
  for (std::size_t i = 0; i < constraints_; ++i) {
    const double scale = functions_[functions_.size() - constraints_ + i].scale;
    const double price = multipliers_[i] * scale / objective_scale;
    if (price > 0.01 * settings_.penalty) found.push_back(i);
  }
  return found;
}

void MovingAsymptotes::save(std::vector<std::byte>& bytes) const {
  ByteWriter out(bytes);
  out.put_text("mma");
  out.put<std::uint64_t>(lower_.size());
  out.put<std::uint64_t>(constraints_);
  out.put<std::uint8_t>(settings_.conservative ? 1 : 0);
  out.put(points_);
  out.put<std::uint8_t>(accepted_ ? 1 : 0);
  out.put<std::uint8_t>(improves_ ? 1 : 0);
  out.put(refusals_);
  for (const auto* values :
       {&point_, &before_, &earlier_, &half_width_, &trial_, &artificial_, &multipliers_})
    out.put_array(*values);
  out.put<std::uint64_t>(functions_.size());
  for (const Function& f : functions_) {
    for (double number : {f.value, f.scale, f.rho, f.model}) out.put(number);
    // Only the conservative form goes back to an earlier point.
    if (settings_.conservative) out.put_array(f.gradient);
  }
}

void MovingAsymptotes::load(std::span<const std::byte> bytes) {
  ByteReader in(bytes, "the state of optimizer mma");
  if (in.get_text() != "mma") in.fail("it belongs to another optimizer");
  const auto count = in.get<std::uint64_t>(), constraints = in.get<std::uint64_t>();
  if (count != lower_.size() || constraints != constraints_)
    in.fail(fmt::format("it is of {} parameters and {} constraints where there are {} and {}",
                        count, constraints, lower_.size(), constraints_));
  if ((in.get<std::uint8_t>() != 0) != settings_.conservative)
    in.fail("it is of the other form, conservative or plain");
  MovingAsymptotes loaded = *this;
  loaded.points_ = in.get<std::uint64_t>();
  loaded.accepted_ = in.get<std::uint8_t>() != 0;
  loaded.improves_ = in.get<std::uint8_t>() != 0;
  loaded.refusals_ = in.get<int>();
  const auto read = [&](std::vector<double>& values, std::size_t size, bool known) {
    values = in.get_array<double>();
    if (values.size() != (known ? size : 0)) in.fail("an array has the wrong length");
  };
  const std::size_t n = lower_.size();
  read(loaded.point_, n, loaded.points_ >= 1);
  read(loaded.before_, n, loaded.points_ >= 2);
  read(loaded.earlier_, n, loaded.points_ >= 3);
  read(loaded.half_width_, n, loaded.points_ >= 1);
  read(loaded.trial_, n, loaded.points_ >= 1);
  read(loaded.artificial_, constraints_, loaded.points_ >= 1);
  read(loaded.multipliers_, constraints_, loaded.points_ >= 1);
  const auto functions = in.get<std::uint64_t>();
  if (functions > in.left() / sizeof(double) || (functions <= constraints_ && loaded.points_ > 0))
    in.fail("its number of functions is wrong");
  loaded.functions_.assign(static_cast<std::size_t>(functions), {});
  for (Function& f : loaded.functions_) {
    for (double* number : {&f.value, &f.scale, &f.rho, &f.model}) *number = in.get<double>();
    if (settings_.conservative) read(f.gradient, n, true);
  }
  in.expect_end();
  *this = std::move(loaded);
}

}  // namespace wavesmith
