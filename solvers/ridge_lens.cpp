#include "solvers/ridge_lens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/optical_media.hpp"
#include "physics/shape_pattern.hpp"
#include "physics/solids.hpp"
#include "physics/vacuum.hpp"
#include "physics/validate.hpp"
#include "solvers/current_source.hpp"
#include "solvers/design_on_grid.hpp"
#include "solvers/frequency_monitor.hpp"
#include "solvers/waveform.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr int absorbing_cells = 16;
constexpr double beside = 1.5;  // of the lens, to the absorbing layers, in wavelengths
constexpr double below = 0.4;   // source under the ridges, in wavelengths
constexpr double above = 0.3;   // line over the ridges, in wavelengths
constexpr double pulse_width = 0.15;
constexpr double courant = 0.95;
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

void validate_ridge_lens(const RidgeLens& lens) {
  for (const double value : {lens.pitch, lens.height, lens.index, lens.substrate_index,
                             lens.wavelength, lens.focal_length, lens.cell, lens.time, lens.least})
    WAVESMITH_VALIDATE(std::isfinite(value) && value > 0.0,
                       "a number of the lens of ridges is not above 0");
  WAVESMITH_VALIDATE(lens.count >= 1 && lens.count <= 10000, "a lens has 1 to 10000 ridges");
  WAVESMITH_VALIDATE(lens.least < lens.most && lens.most < lens.pitch,
                     "widths of ridges lie between 0 and the pitch");
  WAVESMITH_VALIDATE(lens.cell * lens.index * 5.0 <= lens.wavelength,
                     fmt::format("cells of {} m are less than 5 a wavelength in the ridges; choose "
                                 "{:.3g} m or less",
                                 lens.cell, lens.wavelength / lens.index / 15.0));
}

LineField ideal_lens_field(const RidgeLens& lens) {
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

LineField thin_lens_field(const RidgeLens& lens, const std::vector<Complex>& t) {
  LineField field = ideal_lens_field(lens);
  for (std::size_t i = 0; i < field.e.size(); ++i) field.e[i] = t.at(i / thin_samples);
  return field;
}

Focus focus_of(const RidgeLens& lens, const LineField& field, double distance) {
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
  // The width at half of the maximum, walking down on either side of it.
  const auto top = std::max_element(focus.intensity.begin(), focus.intensity.end());
  const auto at = top - focus.intensity.begin();
  const auto edge = [&](long direction) {
    for (long i = at;; i += direction) {
      const long next = i + direction;
      if (next < 0 || next >= static_cast<long>(flux.size()))
        return std::abs(focus.x[static_cast<std::size_t>(i)]);
      const double a = focus.intensity[static_cast<std::size_t>(i)],
                   b = focus.intensity[static_cast<std::size_t>(next)];
      if (b < 0.5 * *top)
        return step * (static_cast<double>(std::abs(i - at)) + (a - 0.5 * *top) / (a - b));
    }
  };
  focus.width = edge(1) + edge(-1);
  const double middle = focus.x[static_cast<std::size_t>(at)];
  for (std::size_t i = 0; i < flux.size(); ++i)
    if (std::abs(focus.x[i] - middle) <= 1.5 * focus.width)
      focus.efficiency += flux[i] * step / lens.diameter();
  return focus;
}

double strehl_ratio(const Focus& focus, const Focus& ideal) {
  return focus.peak / focus.passed * ideal.passed / ideal.peak;
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

GoalForm goal_form(const RidgeLens& lens, const FocusGoal& goal, const std::vector<double>& line,
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
  TimeDomainSetup setup;  // with substrate and air; the ridges are placed over it
  std::unique_ptr<DesignOnGrid> design;
  std::vector<double> line;  // x of the recorded points [m]
  double watched = 0.0;      // y of the line [m]
  Complex unit;              // recorded E of a field of 1
  long steps = 0;
  GoalForm goal;
};

RidgeLensMarch::~RidgeLensMarch() = default;

RidgeLensMarch::RidgeLensMarch(const RidgeLens& lens, const FocusGoal& goal)
    : lens_(lens), parts_(std::make_unique<Parts>()) {
  validate_ridge_lens(lens);
  const double lambda = lens.wavelength, frequency = speed_of_light / lambda;
  // Whole cells a pitch, so that all ridges stand alike on the grid, and a whole height.
  const double dx = lens.pitch / std::ceil(lens.pitch / lens.cell * (1.0 - 1e-9));
  const double dy = lens.height / std::ceil(lens.height / lens.cell * (1.0 - 1e-9));
  const int across = static_cast<int>(std::ceil(beside * lambda / dx)) + absorbing_cells;
  const int ridges = static_cast<int>(std::lround(lens.diameter() / dx));
  const int under = static_cast<int>(std::ceil(below * lambda / dy)) + absorbing_cells + 4;
  const int high = static_cast<int>(std::lround(lens.height / dy));
  const int over = static_cast<int>(std::ceil(above * lambda / dy)) + absorbing_cells + 4;
  const double x0 = -0.5 * lens.diameter() - across * dx;

  TimeDomainSetup& setup = parts_->setup;
  setup.system = WaveSystem::scalar;
  setup.equations = Equations::tm;
  setup.precision = lens.precision;
  setup.schedule.threads = lens.threads;
  setup.grid.axes[0] = uniform_axis(x0, -x0, ridges + 2 * across);
  setup.grid.axes[1] = uniform_axis(-under * dy, (high + over) * dy, under + high + over);
  const std::array<Boundary, 2> open = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.faces = {open, open, {Boundary::periodic, Boundary::periodic}};
  setup.boundaries.layer.cells = absorbing_cells;
  setup.dt = courant * courant_limit(setup.grid, speed_of_light);

  const double half = 0.5 * lens.diameter();
  Geometry empty, filled;
  for (Geometry* geometry : {&empty, &filled})
    geometry->add(box_between({-endless, -endless, -endless}, {endless, 0.0, endless}), 1);
  filled.add(box_between({-half, 0.0, -endless}, {half, lens.height, endless}), 2);
  const std::vector<LightMaterial> materials = {
      {constant_medium(1.0)},
      {constant_medium(lens.substrate_index * lens.substrate_index)},
      {constant_medium(lens.index * lens.index)}};
  GeometryOnGrid(setup, Equations::tm, empty, lens.threads).place(setup, materials);
  parts_->design =
      std::make_unique<DesignOnGrid>(setup, Equations::tm, empty, filled, materials, lens.threads);

  const Waveform pulse = gaussian_pulse(frequency, pulse_width * frequency);
  const WaveContext context = context_of(setup, Equations::tm);
  const double source = -below * lambda;
  setup.sources =
      current_source(context, "Ez", {-half, source, 0.0}, {half, source, 0.0}, 1.0, pulse);
  const StoredField ez = find_field(Equations::tm, "Ez");
  const int row = nearest_point(context, 1, ez.places[1], lens.height + above * lambda);
  parts_->watched = point_position(context, 1, ez.places[1], row);
  const int first = absorbing_cells + 2;
  const int last = point_count(context, 0, ez.places[0]) - absorbing_cells - 2;
  for (int i = first; i < last; ++i)
    parts_->line.push_back(point_position(context, 0, ez.places[0], i));
  add_spectrum(setup, ez.component, {{first, row, 0}, {last, row + 1, 1}}, {frequency}, 1);
  parts_->steps = static_cast<long>(std::ceil((pulse.end + lens.time) / setup.dt));
  // A sheet of current K sends E = -K Z0 / (2 n) either way; power goes with n |E|^2.
  const Complex sheet =
      waveform_spectrum(pulse.value, std::vector<double>{frequency}, setup.dt, parts_->steps)[0];
  parts_->unit = -sheet * vacuum_impedance / (2.0 * lens.substrate_index) *
                 std::sqrt(lens.substrate_index) / ez.factor;
  parts_->goal = goal_form(lens, goal, parts_->line, line_to_focus());
}

double RidgeLensMarch::line_to_focus() const {
  return lens_.height + lens_.focal_length - parts_->watched;
}

namespace {

// Each ridge a rectangle that sticks out below and above the region: only its sides count.
ShapePattern ridges_of(const RidgeLens& lens, const std::vector<double>& widths) {
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

void validate_widths(const RidgeLens& lens, const std::vector<double>& widths) {
  WAVESMITH_VALIDATE(widths.size() == lens.count,
                     fmt::format("{} widths for a lens of {} ridges", widths.size(), lens.count));
  for (std::size_t r = 0; r < widths.size(); ++r)
    WAVESMITH_VALIDATE(
        widths[r] >= lens.least * (1.0 - 1e-9) && widths[r] <= lens.most * (1.0 + 1e-9),
        fmt::format("ridge {} is {} m wide; its width lies between {} m and {} m", r, widths[r],
                    lens.least, lens.most));
}

}  // namespace

LineField RidgeLensMarch::field(const std::vector<double>& widths) const {
  validate_widths(lens_, widths);
  const ShapePattern pattern = ridges_of(lens_, widths);
  TimeDomainSetup setup = parts_->setup;
  parts_->design->place(setup, pattern, pattern.start(), 0.0);
  TimeDomain march(std::move(setup));
  march.run(parts_->steps);
  LineField field{parts_->line, {}};
  for (const Complex value : march.spectrum(0)) field.e.push_back(value / parts_->unit);
  return field;
}

double RidgeLensMarch::goal(const LineField& field) const {
  validate_count(field.e.size(), parts_->line.size(), "points of the line");
  return parts_->goal.value(field.e);
}

double RidgeLensMarch::goal(const std::vector<double>& widths, std::vector<double>& gradient,
                            const GradientMemory& memory) const {
  validate_widths(lens_, widths);
  const ShapePattern pattern = ridges_of(lens_, widths);
  TimeDomainSetup setup = parts_->setup;
  parts_->design->place(setup, pattern, pattern.start(), 0.0);
  TimeDomain march(std::move(setup));
  double found = 0.0;
  const TimeDomainGradient medium = march.pull_back(
      parts_->steps, parts_->design->box(),
      [&](const Spectra& spectra) {
        std::vector<Complex> e;
        for (const Complex recorded : spectra[0]) e.push_back(recorded / parts_->unit);
        Spectra cotangent = {parts_->goal.cotangent(e, found)};
        for (Complex& value : cotangent[0]) value /= std::conj(parts_->unit);
        return cotangent;
      },
      memory);
  const std::vector<double> all = parts_->design->pull_back(pattern, pattern.start(), 0.0, medium);
  gradient.assign(lens_.count, 0.0);
  for (std::size_t r = 0; r < lens_.count; ++r) gradient[r] = 0.5 * all[4 * r + 2];
  return found;
}

}  // namespace wavesmith
