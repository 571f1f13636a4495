#include "training/lbfgs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "training/bounded_direction.hpp"

namespace wavesmith {
namespace {

double dot(const double* a, const double* b, std::size_t count) {
  return std::inner_product(a, a + count, b, 0.0);
}

double largest_magnitude(std::span<const double> values) {
  double top = 0.0;
  for (double v : values) top = std::max(top, std::abs(v));
  return top;
}

}  // namespace

Lbfgs::Lbfgs(std::vector<double> start, const LbfgsOptions& options)
    : options_(options),
      search_(options.line_search),
      value_(std::numeric_limits<double>::quiet_NaN()),
      x_(std::move(start)) {
  const auto check = [](bool holds, const std::string& what) {
    WAVESMITH_VALIDATE(holds, "optimizer lbfgs: " + what);
  };
  const LineSearchOptions& line = options.line_search;
  check(!x_.empty(), "there are no parameters to change");
  check(options.memory >= 1 && options.memory <= 1000,
        fmt::format("memory = {} must lie between 1 and 1000 pairs; 10 is usual", options.memory));
  check(0.0 < line.decrease && line.decrease < line.curvature && line.curvature < 1.0,
        fmt::format("decrease = {} and curvature = {} must satisfy 0 < decrease < curvature < 1, "
                    "or no step need exist; 1e-4 and 0.9 are usual",
                    line.decrease, line.curvature));
  check(line.most_evaluations >= 2, "a line search needs at least 2 evaluations");
  check(options.gradient_tolerance >= 0.0 && options.value_tolerance >= 0.0,
        "tolerances must be 0 or positive");
  check(options.most_iterations >= 1, "most_iterations must be 1 or more");
  check(options.first_step >= 0.0 && std::isfinite(options.first_step),
        fmt::format("first_step = {} must be 0 or positive", options.first_step));
  trial_ = x_;
  gradient_.resize(x_.size());
  direction_.resize(x_.size());
  low_gradient_.resize(x_.size());
  steps_.resize(options.memory * x_.size());
  changes_.resize(options.memory * x_.size());
}

Lbfgs::Lbfgs(std::vector<double> start, std::vector<double> lower, std::vector<double> upper,
             const LbfgsOptions& options)
    : Lbfgs(std::move(start), options) {
  lower_ = std::move(lower);
  upper_ = std::move(upper);
  WAVESMITH_VALIDATE(lower_.size() == x_.size() && upper_.size() == x_.size(),
                     fmt::format("optimizer lbfgs: {} lower and {} upper bounds were given for {} "
                                 "parameters",
                                 lower_.size(), upper_.size(), x_.size()));
  for (std::size_t i = 0; i < x_.size(); ++i) {
    WAVESMITH_VALIDATE(
        lower_[i] <= upper_[i],
        fmt::format("optimizer lbfgs: parameter {} lies between {} and {}; the lower "
                    "bound must not be above the upper one",
                    i, lower_[i], upper_[i]));
    x_[i] = std::clamp(x_[i], lower_[i], upper_[i]);
    WAVESMITH_VALIDATE(std::isfinite(x_[i]),
                       fmt::format("optimizer lbfgs: parameter {} starts at {}", i, x_[i]));
  }
  trial_ = x_;
}

void Lbfgs::tell(double value, std::span<const double> gradient) {
  WAVESMITH_EXPECT(!done() && gradient.size() == x_.size());
  ++evaluations_;
  if (evaluations_ == 1) {
    const bool finite =
        std::isfinite(value) &&
        std::all_of(gradient.begin(), gradient.end(), [](double g) { return std::isfinite(g); });
    if (!finite)
      throw NumericsError(
          fmt::format("optimizer lbfgs: the objective ({}) or its gradient is not "
                      "finite at the starting point; start elsewhere",
                      value));
    value_ = value;
    std::copy(gradient.begin(), gradient.end(), gradient_.begin());
    if (optimality() <= options_.gradient_tolerance)
      state_ = State::gradient_small;
    else
      begin_search();
    return;
  }
  const double slope = dot(gradient.data(), direction_.data(), x_.size());
  const LineSearch::Outcome outcome = search_.tell(value, slope);
  if (search_.just_lowered()) std::copy(gradient.begin(), gradient.end(), low_gradient_.begin());
  switch (outcome) {
    case LineSearch::Outcome::running:
      place_trial();
      break;
    case LineSearch::Outcome::accepted:
      accept(search_.step(), value, gradient);
      break;
    case LineSearch::Outcome::failed:
      // A lower point without the curvature condition still is progress.
      if (search_.low().step > 0.0)
        accept(search_.low().step, search_.low().value, low_gradient_);
      else
        restart_search();
      break;
  }
}

void Lbfgs::begin_search() {
  find_direction();
  double slope = dot(gradient_.data(), direction_.data(), x_.size());
  if (!(slope < 0.0)) {  // rounding has spoilt the remembered curvature
    pairs_ = 0;
    find_direction();
    slope = dot(gradient_.data(), direction_.data(), x_.size());
    if (!(slope < 0.0)) {  // only between bounds, where rounding leaves no room to move
      state_ = State::stalled;
      trial_ = x_;
      return;
    }
  }
  // Once curvature is known, the unit step is the natural one. Before, only the direction is.
  const double length = std::sqrt(dot(direction_.data(), direction_.data(), x_.size()));
  const double wanted = options_.first_step > 0.0 ? options_.first_step : std::min(1.0, length);
  const double longest = longest_step();
  search_.start(options_.mode, value_, slope, pairs_ > 0 ? 1.0 : std::min(wanted / length, longest),
                longest);
  place_trial();
}

// What is left when a search fails: forget the curvature, and go back and back along the gradient.
void Lbfgs::restart_search() {
  if (pairs_ == 0) {
    state_ = State::stalled;
    trial_ = x_;
    return;
  }
  pairs_ = 0;
  find_direction();
  const double slope = dot(gradient_.data(), direction_.data(), x_.size());
  search_.start(LineSearch::Mode::backtracking, value_, slope,
                std::min(1.0, 1.0 / std::sqrt(-slope)));
  place_trial();
}

void Lbfgs::accept(double step, double value, std::span<const double> gradient) {
  remember(step, gradient);
  for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = coordinate(i, step);
  std::copy(gradient.begin(), gradient.end(), gradient_.begin());
  const double change = std::abs(value_ - value);
  const bool settled =
      options_.value_tolerance > 0.0 && change <= options_.value_tolerance * std::abs(value_);
  value_ = value;
  ++iterations_;
  if (optimality() <= options_.gradient_tolerance)
    state_ = State::gradient_small;
  else if (settled)
    state_ = State::value_settled;
  else if (iterations_ >= options_.most_iterations)
    state_ = State::iteration_limit;
  if (done())
    trial_ = x_;
  else
    begin_search();
}

// Keeps the pair s, y unless s.y is not safely positive, which would spoil the positive definite
// approximation; the strong Wolfe conditions exclude that up to rounding, backtracking does not.
void Lbfgs::remember(double step, std::span<const double> gradient) {
  const std::size_t n = x_.size(), slot = (newest_ + 1) % options_.memory;
  double* s = steps_.data() + slot * n;
  double* y = changes_.data() + slot * n;
  // The oldest pair makes room even where the new one is turned down: it shares the slot.
  pairs_ = std::min(pairs_, options_.memory - 1);
  for (std::size_t i = 0; i < n; ++i) {
    s[i] = step * direction_[i];
    y[i] = gradient[i] - gradient_[i];
  }
  const double sy = dot(s, y, n), yy = dot(y, y, n), ss = dot(s, s, n);
  if (!(sy > std::numeric_limits<double>::epsilon() * std::sqrt(ss * yy))) return;
  newest_ = slot;
  ++pairs_;
}

double Lbfgs::optimality() const {
  return lower_.empty() ? largest_magnitude(gradient_)
                        : projected_gradient_size(x_, gradient_, lower_, upper_);
}

// How far the direction stays within the bounds: at least 1, as its end is within.
double Lbfgs::longest_step() const {
  double longest = LineSearch::unlimited;
  for (std::size_t i = 0; i < lower_.size(); ++i) {
    const double d = direction_[i];
    if (d != 0.0) longest = std::min(longest, ((d > 0.0 ? upper_[i] : lower_[i]) - x_[i]) / d);
  }
  return std::max(1.0, longest);
}

double Lbfgs::coordinate(std::size_t i, double step) const {
  const double there = x_[i] + step * direction_[i];
  if (lower_.empty()) return there;
  // What rounding alone keeps off a bound is on it: the next direction would see a sliver of room.
  const double bound = direction_[i] > 0.0 ? upper_[i] : lower_[i];
  const double rounding =
      4.0 * std::numeric_limits<double>::epsilon() * std::max(std::abs(x_[i]), std::abs(bound));
  if (direction_[i] != 0.0 && std::isfinite(bound) && std::abs(there - bound) <= rounding)
    return bound;
  return std::clamp(there, lower_[i], upper_[i]);
}

// direction = -H gradient, by the two-loop recursion; between bounds to the model's minimum.
void Lbfgs::find_direction() {
  const std::size_t n = x_.size();
  if (!lower_.empty()) {
    BoundedModel model{x_, gradient_, lower_, upper_, {}, {}};
    for (std::size_t age = pairs_; age-- > 0;) {
      model.steps.push_back(step_of(age));
      model.changes.push_back(change_of(age));
    }
    find_bounded_direction(model, direction_);
    return;
  }
  for (std::size_t i = 0; i < n; ++i) direction_[i] = -gradient_[i];
  double* d = direction_.data();
  std::vector<double> along(pairs_), inverse(pairs_);
  for (std::size_t age = 0; age < pairs_; ++age) {
    const double *s = step_of(age), *y = change_of(age);
    inverse[age] = 1.0 / dot(s, y, n);
    along[age] = inverse[age] * dot(s, d, n);
    for (std::size_t i = 0; i < n; ++i) d[i] -= along[age] * y[i];
  }
  if (pairs_ > 0) {
    const double *s = step_of(0), *y = change_of(0);
    const double scale = dot(s, y, n) / dot(y, y, n);
    for (std::size_t i = 0; i < n; ++i) d[i] *= scale;
  }
  for (std::size_t age = pairs_; age-- > 0;) {
    const double *s = step_of(age), *y = change_of(age);
    const double back = along[age] - inverse[age] * dot(y, d, n);
    for (std::size_t i = 0; i < n; ++i) d[i] += back * s[i];
  }
}

void Lbfgs::place_trial() {
  for (std::size_t i = 0; i < x_.size(); ++i) trial_[i] = coordinate(i, search_.step());
}

double* Lbfgs::step_of(std::size_t age) {
  return steps_.data() + (newest_ + options_.memory - age) % options_.memory * x_.size();
}
double* Lbfgs::change_of(std::size_t age) {
  return changes_.data() + (newest_ + options_.memory - age) % options_.memory * x_.size();
}

void Lbfgs::save(std::vector<std::byte>& bytes) const {
  ByteWriter out(bytes);
  out.put_text("lbfgs");
  out.put(state_);
  out.put(iterations_);
  out.put(evaluations_);
  out.put(value_);
  out.put<std::uint64_t>(newest_);
  out.put<std::uint64_t>(pairs_);
  search_.save(out);
  for (const auto* values :
       {&x_, &gradient_, &direction_, &trial_, &low_gradient_, &steps_, &changes_})
    out.put_array(*values);
}

void Lbfgs::load(std::span<const std::byte> bytes) {
  ByteReader in(bytes, "the state of optimizer lbfgs");
  if (in.get_text() != "lbfgs") in.fail("it belongs to another optimizer");
  state_ = in.get<State>();
  iterations_ = in.get<std::int64_t>();
  evaluations_ = in.get<std::int64_t>();
  value_ = in.get<double>();
  const auto newest = in.get<std::uint64_t>(), pairs = in.get<std::uint64_t>();
  if (newest >= options_.memory || pairs > options_.memory)
    in.fail("it remembers more pairs than the memory option allows");
  newest_ = static_cast<std::size_t>(newest);
  pairs_ = static_cast<std::size_t>(pairs);
  search_.load(in);
  for (auto* values : {&x_, &gradient_, &direction_, &trial_, &low_gradient_, &steps_, &changes_})
    in.get_array(std::span<double>(*values));
  in.expect_end();
}

}  // namespace wavesmith
