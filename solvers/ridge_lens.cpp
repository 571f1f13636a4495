#include "solvers/ridge_lens.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/shape_pattern.hpp"
#include "physics/validate.hpp"
#include "solvers/lens_march.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr int thin_samples = 12;     // of a pitch, in the fields of thin lenses
constexpr int focal_samples = 20;    // of a wavelength
constexpr double focal_reach = 1.5;  // of the focal line, to either side, in diameters

// H1 of the first kind: far away by Hankel's series, whose terms fall until their number is about
// twice the argument (M. Abramowitz and I. A. Stegun, 9.2.7), to 1e-13 from the bound on.
Complex hankel(double x) {
  constexpr double far = 25.0;
  if (x < far) return {std::cyl_bessel_j(1.0, x), std::cyl_neumann(1.0, x)};
  Complex sum = 1.0, term = 1.0;
  for (int m = 1; m <= 20; ++m) {
    term *= Complex(0.0, (4.0 - (2.0 * m - 1.0) * (2.0 * m - 1.0)) / (8.0 * m * x));
    sum += term;
  }
  return std::sqrt(2.0 / (pi * x)) * std::polar(1.0, x - 0.75 * pi) * sum;
}

// What E at distance `y` and offset `dx` is made of by E on the line.
Complex kernel(double k, double dx, double y) {
  const double r = std::hypot(dx, y);
  return Complex(0.0, 0.5 * k) * (y / r) * hankel(k * r);
}

Complex propagated(const LineField& field, double k, double x, double y) {
  const double step = field.x[1] - field.x[0];
  Complex sum = 0.0;
  for (std::size_t i = 0; i < field.x.size(); ++i)
    sum += kernel(k, x - field.x[i], y) * field.e[i] * step;
  return sum;
}

}  // namespace

void validate_ridge_lens(const CellLens& lens) {
  validate_cell_lens(lens, lens.most);
}

LineField ideal_lens_field(const CellLens& lens) {
  const double k = 2.0 * pi / lens.wavelength, f = lens.focal_length;
  LineField field;
  const std::size_t count = lens.count * thin_samples;
  for (std::size_t i = 0; i < count; ++i) {
    const double x =
        lens.diameter() * ((static_cast<double>(i) + 0.5) / static_cast<double>(count) - 0.5);
    field.x.push_back(x);
    field.e.push_back(std::polar(1.0, -k * (std::hypot(x, f) - f)));
  }
  return field;
}

LineField thin_lens_field(const CellLens& lens, const std::vector<Complex>& t) {
  LineField field = ideal_lens_field(lens);
  for (std::size_t i = 0; i < field.e.size(); ++i) field.e[i] = t.at(i / thin_samples);
  return field;
}

Focus focus_of(const CellLens& lens, const LineField& field, double distance) {
  const double k = 2.0 * pi / lens.wavelength, step = lens.wavelength / focal_samples;
  const auto half = static_cast<long>(std::ceil(focal_reach * lens.diameter() / step));
  Focus focus;
  focus.peak = std::norm(propagated(field, k, 0.0, distance));
  std::vector<double> flux;
  const double dy = 0.01 * lens.wavelength;
  for (long i = -half; i <= half; ++i) {
    const double x = static_cast<double>(i) * step;
    const Complex before = propagated(field, k, x, distance - dy);
    const Complex behind = propagated(field, k, x, distance + dy);
    const Complex here = 0.5 * (before + behind);
    focus.x.push_back(x);
    focus.intensity.push_back(std::norm(here));
    // Power along y in units of that of E = 1: Im(conj(E) dE/dy) / k.
    flux.push_back(std::imag(std::conj(here) * (behind - before)) / (2.0 * dy * k));
    focus.passed += flux.back() * step / lens.diameter();
  }
  focus.width = width_at_half(focus.x, focus.intensity);
  const auto at =
      std::max_element(focus.intensity.begin(), focus.intensity.end()) - focus.intensity.begin();
  const double middle = focus.x[static_cast<std::size_t>(at)];
  for (std::size_t i = 0; i < flux.size(); ++i)
    if (std::abs(focus.x[i] - middle) <= 1.5 * focus.width)
      focus.efficiency += flux[i] * step / lens.diameter();
  return focus;
}

namespace {

// A goal as sum of weight Re(conj(a) b) over pairs of fields, each a sum over the line.
struct GoalForm {
  struct Pair {
    double weight = 0.0;
    std::vector<Complex> a, b;  // what the fields are made of
  };
  std::vector<Pair> pairs;

  double value(const std::vector<Complex>& e) const {
    double sum = 0.0;
    for (const Pair& pair : pairs)
      sum += pair.weight * std::real(std::conj(of(pair.a, e)) * of(pair.b, e));
    return sum;
  }
  // d value = sum Re(conj(g) de).
  std::vector<Complex> cotangent(const std::vector<Complex>& e, double& found) const {
    std::vector<Complex> g(e.size());
    found = 0.0;
    for (const Pair& pair : pairs) {
      const Complex a = of(pair.a, e), b = of(pair.b, e);
      found += pair.weight * std::real(std::conj(a) * b);
      for (std::size_t i = 0; i < e.size(); ++i)
        g[i] += pair.weight * (b * std::conj(pair.a[i]) + a * std::conj(pair.b[i]));
    }
    return g;
  }

 private:
  static Complex of(const std::vector<Complex>& weights, const std::vector<Complex>& e) {
    Complex sum = 0.0;
    for (std::size_t i = 0; i < e.size(); ++i) sum += weights[i] * e[i];
    return sum;
  }
};

GoalForm goal_form(const CellLens& lens, const FocusGoal& goal, const std::vector<double>& line,
                   double distance) {
  const double k = 2.0 * pi / lens.wavelength, step = line[1] - line[0];
  const auto weights = [&](double x, double y) {
    std::vector<Complex> of_line;
    for (const double from : line) of_line.push_back(kernel(k, x - from, y) * step);
    return of_line;
  };
  GoalForm form;
  if (goal.window == 0.0) {
    const std::vector<Complex> axis = weights(0.0, distance);
    form.pairs.push_back({1.0, axis, axis});
    return form;
  }
  WAVESMITH_VALIDATE(goal.window > 0.0 && goal.window <= 3.0 * lens.diameter(),
                     "the window of a focus lies between 0 and three diameters of the lens");
  const auto count = static_cast<long>(std::ceil(goal.window / lens.wavelength * focal_samples));
  const double dx = goal.window / static_cast<double>(count), dy = 0.01 * lens.wavelength;
  // Im(conj(E) dE/dy) / k, as in focus_of: Re(conj(E) (-i dE/dy)).
  for (long i = 0; i < count; ++i) {
    const double x = dx * (static_cast<double>(i) + 0.5) - 0.5 * goal.window;
    const std::vector<Complex> before = weights(x, distance - dy),
                               behind = weights(x, distance + dy);
    GoalForm::Pair pair;
    pair.weight = dx / (2.0 * dy * k) / lens.diameter();
    for (std::size_t j = 0; j < line.size(); ++j) {
      pair.a.push_back(0.5 * (before[j] + behind[j]));
      pair.b.push_back(Complex(0.0, -1.0) * (behind[j] - before[j]));
    }
    form.pairs.push_back(std::move(pair));
  }
  return form;
}

}  // namespace

struct RidgeLensMarch::Parts {
  LensMarch march;
  std::vector<double> line;  // x of the recorded points [m]
  GoalForm goal;
};

namespace {

// Across the light, the lens in the middle.
LensMarch::Side side_of(const CellLens& lens, const LensGrid& grid) {
  const double reach = 0.5 * lens.diameter() + grid.beside * grid.across;
  return {uniform_axis(-reach, reach, grid.lens + 2 * grid.beside),
          {Boundary::absorbing, Boundary::absorbing}};
}

}  // namespace

std::uint64_t ridge_lens_bytes(const CellLens& lens) {
  const LensGrid grid = lens_grid(lens, lens.pitch, 1);
  return lens_march_bytes(grid, {side_of(lens, grid)}, lens.precision);
}

RidgeLensMarch::~RidgeLensMarch() = default;

RidgeLensMarch::RidgeLensMarch(const CellLens& lens, const FocusGoal& goal) : lens_(lens) {
  validate_ridge_lens(lens);
  const LensGrid grid = lens_grid(lens, lens.pitch, 1);
  parts_.reset(new Parts{{lens, grid, {side_of(lens, grid)}}, {}, {}});
  LensMarch& march = parts_->march;
  march.light({-0.5 * lens.diameter(), 0.0, 0.0}, {0.5 * lens.diameter(), 0.0, 0.0});
  const Place place = find_field(Equations::tm, "Ez").places[0];
  const int first = grid.layers + 2;
  const int last = point_count(march.context(), 0, place) - first;
  for (int i = first; i < last; ++i)
    parts_->line.push_back(point_position(march.context(), 0, place, i));
  march.record("Ez", {{first, 0, 0}, {last, 1, 1}});
  parts_->goal = goal_form(lens, goal, parts_->line, line_to_focus());
}

double RidgeLensMarch::line_to_focus() const {
  return lens_.height + lens_.focal_length - parts_->march.watched();
}

namespace {

// Each ridge a rectangle that sticks out below and above the region: only its sides count.
ShapePattern ridges_of(const CellLens& lens, const std::vector<double>& widths) {
  validate_sizes(lens, widths, lens.count);
  std::vector<DesignShape> shapes;
  const double y = 0.5 * lens.height, half_height = 2.0 * lens.height;
  for (std::size_t r = 0; r < lens.count; ++r) {
    const double x = lens.pitch * (static_cast<double>(r) + 0.5) - 0.5 * lens.diameter();
    DesignShape shape;
    shape.kind = DesignShapeKind::rectangle;
    shape.start = {x, y, 0.5 * widths[r], half_height};
    shape.lower = {x, y, 0.5 * lens.least, half_height};
    shape.upper = {x, y, 0.5 * lens.most, half_height};
    shapes.push_back(std::move(shape));
  }
  return ShapePattern(std::move(shapes));
}

}  // namespace

LineField RidgeLensMarch::field(const std::vector<double>& widths) const {
  return {parts_->line, parts_->march.spectra(ridges_of(lens_, widths))[0]};
}

Focus RidgeLensMarch::focus(const std::vector<double>& widths) const {
  return focus_of(lens_, field(widths), line_to_focus());
}

double RidgeLensMarch::goal(const LineField& field) const {
  validate_count(field.e.size(), parts_->line.size(), "points of the line");
  return parts_->goal.value(field.e);
}

double RidgeLensMarch::goal(const std::vector<double>& widths) const {
  return goal(field(widths));
}

double RidgeLensMarch::goal(const std::vector<double>& widths, std::vector<double>& gradient,
                            const GradientMemory& memory) const {
  double found = 0.0;
  const std::vector<double> all = parts_->march.pull_back(
      ridges_of(lens_, widths),
      [&](const Spectra& e) { return Spectra{parts_->goal.cotangent(e[0], found)}; }, memory);
  gradient.assign(lens_.count, 0.0);
  for (std::size_t r = 0; r < lens_.count; ++r) gradient[r] = 0.5 * all[4 * r + 2];
  return found;
}

}  // namespace wavesmith
