#include "solvers/pillar_lens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/shape.hpp"
#include "physics/shape_pattern.hpp"
#include "physics/vacuum.hpp"
#include "physics/validate.hpp"
#include "solvers/lens_march.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr int thin_samples = 8;  // of a pitch, in the fields of thin lenses
// Of a wavelength. On the plane behind the pillars what does not travel has not quite decayed: with
// 8 a wavelength the sum confuses what travels with what is down by 13 e-foldings.
constexpr int plane_samples = 8;
constexpr int line_samples = 20;
// Intensities have at most twice the wave number of light: two samples are enough for their sum.
constexpr double wide_samples = 2.5;
constexpr double reach = 1.5;  // of the focal line and plane, to either side, in diameters
// Of the focus, which is about wavelength f / diameter wide; and how many of it the picture reaches
// to either side.
constexpr int disc_samples = 8;
constexpr int picture_samples = 12;
constexpr int picture_reach = 3;

double spot_of(const CellLens& lens) {
  return lens.wavelength * lens.focal_length / lens.diameter();
}

// Points of a quarter of the focal plane, and what of the power through all of it each stands for.
struct Disc {
  std::vector<Vec3> points;
  std::vector<double> areas;  // [m^2]
};

Disc disc_of(double diameter, double step, double distance) {
  const Shape circle = circle_at(0.0, 0.0, diameter);
  const auto count = static_cast<int>(std::ceil(0.5 * diameter / step));
  Disc disc;
  for (int j = 0; j < count; ++j)
    for (int i = 0; i < count; ++i) {
      const double x = (i + 0.5) * step, y = (j + 0.5) * step;
      const double share = share_of_cell(circle, x, y, step, step);
      if (share <= 0.0) continue;
      disc.points.push_back({x, y, distance});
      disc.areas.push_back(4.0 * share * step * step);
    }
  return disc;
}

double intensity(const FieldVectors& field) {
  return std::norm(field.e[0]) + std::norm(field.e[1]) + std::norm(field.e[2]);
}

// Poynting's vector along z, per that of E = 1 in air.
double flux(const FieldVectors& field) {
  return vacuum_impedance *
         std::real(field.e[0] * std::conj(field.h[1]) - field.e[1] * std::conj(field.h[0]));
}

double power_through(const QuarterPlane& plane, const std::vector<Complex>& e, const Disc& disc) {
  const std::vector<FieldVectors> fields = plane.field(e, disc.points);
  double power = 0.0;
  for (std::size_t p = 0; p < fields.size(); ++p) power += disc.areas[p] * flux(fields[p]);
  return power;
}

// |E|^2 on the focal line along an axis, to both sides.
std::vector<double> focal_line(const QuarterPlane& plane, const std::vector<Complex>& e, int axis,
                               double step, long half, double distance) {
  std::vector<Vec3> points;
  for (long i = 0; i <= half; ++i) {
    Vec3 point = {0.0, 0.0, distance};
    point[static_cast<std::size_t>(axis)] = static_cast<double>(i) * step;
    points.push_back(point);
  }
  const std::vector<FieldVectors> fields = plane.field(e, points);
  std::vector<double> line;
  for (long i = -half; i <= half; ++i)
    line.push_back(intensity(fields[static_cast<std::size_t>(std::abs(i))]));
  return line;
}

// The middle of the focal plane, mirrored from a quarter of it.
void picture(const CellLens& lens, const QuarterPlane& plane, const std::vector<Complex>& e,
             double distance, Focus& focus) {
  focus.step = spot_of(lens) / picture_samples;
  const std::size_t half = picture_reach * picture_samples;
  std::vector<Vec3> points;
  for (std::size_t j = 0; j <= half; ++j)
    for (std::size_t i = 0; i <= half; ++i)
      points.push_back(
          {static_cast<double>(i) * focus.step, static_cast<double>(j) * focus.step, distance});
  const std::vector<FieldVectors> fields = plane.field(e, points);
  focus.side = 2 * half + 1;
  const auto folded = [&](std::size_t i) { return i < half ? half - i : i - half; };
  for (std::size_t j = 0; j < focus.side; ++j)
    for (std::size_t i = 0; i < focus.side; ++i)
      focus.plane.push_back(intensity(fields[folded(j) * (half + 1) + folded(i)]));
}

}  // namespace

void validate_pillar_lens(const CellLens& lens) {
  validate_cell_lens(lens, 2.0 * lens.most);
  WAVESMITH_VALIDATE(lens.count <= 1000, "a lens of pillars has at most 1000 across");
}

std::vector<Point2> pillar_places(const CellLens& lens) {
  validate_pillar_lens(lens);
  const double first = lens.count % 2 == 0 ? 0.5 : 0.0;
  const double half = 0.5 * static_cast<double>(lens.count);
  std::vector<Point2> places;
  for (double j = first; j < half; j += 1.0)
    for (double i = first; i < half; i += 1.0)
      if (std::hypot(i, j) <= half) places.push_back({i * lens.pitch, j * lens.pitch});
  return places;
}

double lit_area(const CellLens& lens) {
  double cells = 0.0;
  for (const Point2& place : pillar_places(lens))
    cells += (place[0] > 0.0 ? 2.0 : 1.0) * (place[1] > 0.0 ? 2.0 : 1.0);
  return cells * lens.pitch * lens.pitch;
}

namespace {

// Of each cell of a quarter: what lies on it, from the pillar's number and the place [m].
template <class Value>
PlaneField field_of_cells(const CellLens& lens, const Value& value) {
  const std::vector<Point2> places = pillar_places(lens);
  const double step = lens.pitch / thin_samples;
  PlaneField field;
  for (std::size_t p = 0; p < places.size(); ++p)
    for (int j = 0; j < thin_samples; ++j)
      for (int i = 0; i < thin_samples; ++i) {
        const Point2 at = {places[p][0] + (i + 0.5) * step - 0.5 * lens.pitch,
                           places[p][1] + (j + 0.5) * step - 0.5 * lens.pitch};
        if (at[0] < 0.0 || at[1] < 0.0) continue;
        field.samples.push_back({at, step * step, 0});
        field.e.push_back(value(p, at));
      }
  return field;
}

}  // namespace

PlaneField ideal_pillar_lens_field(const CellLens& lens) {
  const double k = 2.0 * pi / lens.wavelength, f = lens.focal_length;
  return field_of_cells(lens, [&](std::size_t, const Point2& at) {
    return std::polar(1.0, -k * (std::hypot(at[0], at[1], f) - f));
  });
}

PlaneField thin_pillar_lens_field(const CellLens& lens, const std::vector<Complex>& t) {
  validate_count(t.size(), pillar_places(lens).size(), "transmissions of the pillars of a quarter");
  return field_of_cells(lens, [&](std::size_t p, const Point2&) { return t[p]; });
}

Focus focus_of(const CellLens& lens, const PlaneField& field, double distance) {
  const QuarterPlane plane(field.samples, lens.wavelength);
  const double area = lit_area(lens), step = lens.wavelength / line_samples;
  const auto half = static_cast<long>(std::ceil(reach * lens.diameter() / step));
  Focus focus;
  for (long i = -half; i <= half; ++i) focus.x.push_back(static_cast<double>(i) * step);
  focus.intensity = focal_line(plane, field.e, 0, step, half, distance);
  const std::vector<double> across = focal_line(plane, field.e, 1, step, half, distance);
  focus.peak = focus.intensity[static_cast<std::size_t>(half)];
  focus.width = std::sqrt(width_at_half(focus.x, focus.intensity) * width_at_half(focus.x, across));
  const auto within = [&](double diameter, double sample) {
    return power_through(plane, field.e, disc_of(diameter, sample, distance)) / area;
  };
  focus.efficiency = within(3.0 * focus.width, spot_of(lens) / disc_samples);
  focus.passed = within(2.0 * reach * lens.diameter(), lens.wavelength / wide_samples);
  picture(lens, plane, field.e, distance, focus);
  return focus;
}

namespace {

// |E|^2 in the focus, or the power through a disc about it.
class FocalGoal {
 public:
  FocalGoal(const CellLens& lens, const FocusGoal& goal, double distance) {
    if (goal.window == 0.0) {
      disc_.points = {{0.0, 0.0, distance}};
      return;
    }
    WAVESMITH_VALIDATE(goal.window > 0.0 && goal.window <= 2.0 * reach * lens.diameter(),
                       "the window of a focus lies between 0 and three diameters of the lens");
    disc_ = disc_of(goal.window, spot_of(lens) / disc_samples, distance);
    for (double& one : disc_.areas) one /= lit_area(lens);
  }

  double value(const QuarterPlane& plane, const std::vector<Complex>& e) const {
    if (disc_.areas.empty()) return intensity(plane.field(e, disc_.points)[0]);
    return power_through(plane, e, disc_);
  }

  // d value = sum Re(conj(g) de).
  std::vector<Complex> cotangent(const QuarterPlane& plane, const std::vector<Complex>& e,
                                 double& found) const {
    std::vector<FieldVectors> fields = plane.field(e, disc_.points);
    found = 0.0;
    for (std::size_t p = 0; p < fields.size(); ++p) {
      const FieldVectors field = fields[p];
      FieldVectors& of = fields[p];  // conjugated, for the plain transpose
      if (disc_.areas.empty()) {
        found += intensity(field);
        for (std::size_t c = 0; c < 3; ++c) of.e[c] = 2.0 * std::conj(field.e[c]);
        of.h = {};
        continue;
      }
      found += disc_.areas[p] * flux(field);
      const double weight = disc_.areas[p] * vacuum_impedance;
      of.e = {weight * std::conj(field.h[1]), -weight * std::conj(field.h[0]), 0.0};
      of.h = {-weight * std::conj(field.e[1]), weight * std::conj(field.e[0]), 0.0};
    }
    std::vector<Complex> g = plane.field_transpose(fields, disc_.points);
    for (Complex& one : g) one = std::conj(one);
    return g;
  }

 private:
  Disc disc_;  // without areas: the axis alone
};

// Across the light, from the middle of the lens on: E along x is odd about x = 0 where tangential,
// and even about y = 0.
std::vector<LensMarch::Side> sides_of(const LensGrid& grid) {
  const int cells = grid.lens / 2 + grid.beside;
  const Axis axis = uniform_axis(0.0, cells * grid.across, cells);
  return {{axis, {Boundary::wall, Boundary::absorbing}},
          {axis, {Boundary::mirror, Boundary::absorbing}}};
}

LensGrid grid_of(const CellLens& lens) {
  validate_pillar_lens(lens);
  return lens_grid(lens, 0.5 * lens.pitch, 2);
}

// Records of a component that are samples of the plane: every so many points along both axes, an
// odd number, so that they are evenly spaced with their mirror images.
struct Picked {
  std::size_t recorded = 0;
  std::vector<std::size_t> points;  // of the recorded ones
};

}  // namespace

struct PillarLensMarch::Parts {
  LensMarch march;
  std::array<Picked, 2> picked;  // of E_x, E_y
  std::vector<QuarterSample> samples;
  std::optional<QuarterPlane> plane;
  std::optional<FocalGoal> goal;

  // Records of both components, as a loss's cotangents, from those of the samples.
  Spectra spread(const std::vector<Complex>& of_samples) const {
    Spectra spectra;
    std::size_t next = 0;
    for (const Picked& one : picked) {
      spectra.emplace_back(one.recorded);
      for (const std::size_t point : one.points) spectra.back()[point] = of_samples[next++];
    }
    return spectra;
  }
  // The transpose.
  std::vector<Complex> gathered(const Spectra& spectra) const {
    std::vector<Complex> e;
    for (std::size_t c = 0; c < 2; ++c)
      for (const std::size_t point : picked[c].points) e.push_back(spectra[c][point]);
    return e;
  }
};

std::uint64_t pillar_lens_bytes(const CellLens& lens) {
  const LensGrid grid = grid_of(lens);
  return lens_march_bytes(grid, sides_of(grid), lens.precision);
}

PillarLensMarch::~PillarLensMarch() = default;

PillarLensMarch::PillarLensMarch(const CellLens& lens, const FocusGoal& goal) : lens_(lens) {
  const LensGrid grid = grid_of(lens);
  parts_.reset(new Parts{{lens, grid, sides_of(grid)}, {}, {}, {}, {}});
  LensMarch& march = parts_->march;

  // A sheet for each row of cells, as long as the row.
  std::map<double, double> rows;
  for (const Point2& place : pillar_places(lens))
    rows[place[1]] = std::max(rows[place[1]], place[0]);
  const double half = 0.5 * lens.pitch;
  for (const auto& [y, x] : rows)
    march.light({0.0, std::max(0.0, y - half), 0.0}, {x + half, y + half, 0.0});

  const int most = std::max(1, static_cast<int>(lens.wavelength / plane_samples / grid.across));
  const int stride = most - (most % 2 == 0 ? 1 : 0);
  const WaveContext context = march.context();
  for (const int component : {0, 1}) {
    const StoredField field = find_field(Equations::maxwell, component == 0 ? "Ex" : "Ey");
    std::array<int, 2> first{}, end{};
    for (const int axis : {0, 1}) {
      const auto a = static_cast<std::size_t>(axis);
      first[a] = field.places[a] == Place::edge ? 0 : (stride - 1) / 2;
      end[a] = point_count(context, axis, field.places[a]) - grid.layers - 2;
    }
    march.record(field.name, {{0, 0, 0}, {end[0], end[1], 1}});
    Picked& picked = parts_->picked[static_cast<std::size_t>(component)];
    picked.recorded = static_cast<std::size_t>(end[0]) * static_cast<std::size_t>(end[1]);
    const double area = std::pow(stride * grid.across, 2);
    for (int j = first[1]; j < end[1]; j += stride)
      for (int i = first[0]; i < end[0]; i += stride) {
        picked.points.push_back(static_cast<std::size_t>(j) * static_cast<std::size_t>(end[0]) +
                                static_cast<std::size_t>(i));
        parts_->samples.push_back({{point_position(context, 0, field.places[0], i),
                                    point_position(context, 1, field.places[1], j)},
                                   area,
                                   component});
      }
  }
  parts_->plane.emplace(parts_->samples, lens.wavelength);
  parts_->goal.emplace(lens, goal, plane_to_focus());
}

double PillarLensMarch::plane_to_focus() const {
  return lens_.height + lens_.focal_length - parts_->march.watched();
}

namespace {

ShapePattern pillars_of(const CellLens& lens, const std::vector<double>& radii) {
  const std::vector<Point2> places = pillar_places(lens);
  validate_sizes(lens, radii, places.size());
  std::vector<DesignShape> shapes;
  for (std::size_t p = 0; p < places.size(); ++p) {
    const auto [x, y] = places[p];
    const double low = std::min(lens.least, radii[p]), high = std::max(lens.most, radii[p]);
    shapes.push_back({DesignShapeKind::circle, {x, y, radii[p]}, {x, y, low}, {x, y, high}});
  }
  return ShapePattern(std::move(shapes));
}

}  // namespace

PlaneField PillarLensMarch::field(const std::vector<double>& radii) const {
  return {parts_->samples, parts_->gathered(parts_->march.spectra(pillars_of(lens_, radii)))};
}

Focus PillarLensMarch::focus(const std::vector<double>& radii) const {
  return focus_of(lens_, field(radii), plane_to_focus());
}

double PillarLensMarch::goal(const PlaneField& field) const {
  validate_count(field.e.size(), parts_->samples.size(), "samples of the plane");
  return parts_->goal->value(*parts_->plane, field.e);
}

double PillarLensMarch::goal(const std::vector<double>& radii) const {
  return goal(field(radii));
}

double PillarLensMarch::goal(const std::vector<double>& radii, std::vector<double>& gradient,
                             const GradientMemory& memory) const {
  double found = 0.0;
  const std::vector<double> all = parts_->march.pull_back(
      pillars_of(lens_, radii),
      [&](const Spectra& recorded) {
        return parts_->spread(
            parts_->goal->cotangent(*parts_->plane, parts_->gathered(recorded), found));
      },
      memory);
  gradient.clear();
  for (std::size_t p = 0; p < all.size() / 3; ++p) gradient.push_back(all[3 * p + 2]);
  return found;
}

}  // namespace wavesmith
