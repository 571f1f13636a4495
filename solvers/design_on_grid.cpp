#include "solvers/design_on_grid.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/error.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {
namespace {

constexpr double radius_in_cells = 0.917;
constexpr std::size_t no_column = static_cast<std::size_t>(-1);
// In place of an off-diagonal element that is exactly zero: nothing to the march in any precision,
// whose derivative is of the elements that are there.
constexpr double least_cross = 1e-18;

// The same march with nothing in it.
TimeDomainSetup bare(const TimeDomainSetup& setup) {
  TimeDomainSetup copy;
  copy.system = setup.system;
  copy.grid = setup.grid;
  copy.boundaries = setup.boundaries;
  copy.nodes = setup.nodes;
  copy.speed = setup.speed;
  copy.dt = setup.dt;
  return copy;
}

double value_at(const std::vector<double>& values, std::size_t point) {
  return values.empty() ? 1.0 : values[values.size() == 1 ? 0 : point];
}

bool same(const std::vector<double>& a, const std::vector<double>& b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (value_at(a, i) != value_at(b, i)) return false;
  return true;
}

bool same_poles(const TimeDomainSetup& a, const TimeDomainSetup& b) {
  return std::equal(a.poles.begin(), a.poles.end(), b.poles.begin(), b.poles.end(),
                    [](const PoleField& p, const PoleField& q) {
                      return p.component == q.component && p.box == q.box &&
                             p.relaxing == q.relaxing && p.a1 == q.a1 && p.a2 == q.a2 &&
                             p.a3 == q.a3 && p.gain == q.gain;
                    });
}

bool same_nonlinear(const TimeDomainSetup& a, const TimeDomainSetup& b) {
  return std::equal(a.nonlinear.begin(), a.nonlinear.end(), b.nonlinear.begin(), b.nonlinear.end(),
                    [](const NonlinearField& p, const NonlinearField& q) {
                      return p.component == q.component && p.box == q.box && p.square == q.square &&
                             p.cube == q.cube;
                    });
}

std::array<int, 3> position_of(const LeapfrogSize& size, std::size_t point) {
  const auto nx = static_cast<std::size_t>(size.points[0]);
  const auto ny = static_cast<std::size_t>(size.points[1]);
  return {static_cast<int>(point % nx), static_cast<int>(point / nx % ny),
          static_cast<int>(point / nx / ny)};
}

// Beyond the last centre there is no cell; what is stored there does not matter.
double place_of(const Axis& axis, Place place, int i) {
  if (place == Place::edge) return axis.edge(i);
  return i < axis.cells() ? axis.centre(i) : axis.high();
}

// The projector's element (axis, axis), and where the one across x and y stands in a row.
double own_element(const PatternSamples& samples, std::size_t column, int axis) {
  return axis == 0 ? samples.xx[column] : (axis == 1 ? samples.yy[column] : 0.0);
}
std::size_t cross_place(int axis) {
  return axis == 0 ? 0 : 1;  // (x, y) is next of row x, and after next of row y
}

}  // namespace

struct DesignOnGrid::Averages {
  double fill = 0.0, own = 0.0, cross = 0.0;  // of the pattern: f, P_cc, P_xy
  double normal = 1.0, tangential = 1.0;      // elements along and across the interface's normal
  double normal_slope = 0.0, tangential_slope = 0.0;  // by fill

  double diagonal() const { return tangential + own * (normal - tangential); }
};

DesignOnGrid::DesignOnGrid(const TimeDomainSetup& setup, Equations equations, const Geometry& empty,
                           const Geometry& filled, std::span<const LightMaterial> materials,
                           int threads) {
  WAVESMITH_VALIDATE(equations != Equations::sound,
                     "a design of light materials is put on a grid of sound; give sound materials "
                     "and their reference");
  TimeDomainSetup of_empty = bare(setup), of_filled = bare(setup);
  GeometryOnGrid(of_empty, equations, empty, threads).place(of_empty, materials);
  GeometryOnGrid(of_filled, equations, filled, threads).place(of_filled, materials);
  compare(of_empty, of_filled, equations);
}

DesignOnGrid::DesignOnGrid(const TimeDomainSetup& setup, const Geometry& empty,
                           const Geometry& filled, std::span<const SoundMaterial> materials,
                           const SoundMaterial& reference, int threads) {
  TimeDomainSetup of_empty = bare(setup), of_filled = bare(setup);
  GeometryOnGrid(of_empty, Equations::sound, empty, threads).place(of_empty, materials, reference);
  GeometryOnGrid(of_filled, Equations::sound, filled, threads)
      .place(of_filled, materials, reference);
  compare(of_empty, of_filled, Equations::sound);
}

void DesignOnGrid::compare(const TimeDomainSetup& empty, const TimeDomainSetup& filled,
                           Equations equations) {
  grid_ = empty.grid;
  size_ = make_grid_lines(empty.system, empty.grid, empty.boundaries, empty.nodes, empty.speed,
                          empty.dt)
              .size;
  const int components = component_count(empty.system), split = first_group_size(empty.system);
  const bool sound = equations == Equations::sound;
  bool alike = same_poles(empty, filled) && same_nonlinear(empty, filled);
  for (int c = 0; c < components; ++c) {
    const auto at = static_cast<std::size_t>(c);
    alike = alike && same(empty.decay[at], filled.decay[at], size_.count());
    if (!sound && c >= split)
      alike = alike && same(empty.coefficient[at], filled.coefficient[at], size_.count());
  }
  WAVESMITH_VALIDATE(alike,
                     sound ? "a design's materials absorb or are nonlinear where it is all void or "
                             "all solid; derivatives are of speed and density alone: take simple "
                             "fluids"
                           : "a design's materials differ in more than their permittivity (in "
                             "conductivity, poles, nonlinearity or permeability), or touch such "
                             "materials; derivatives are of plain dielectrics: take their "
                             "permittivity at the middle of the band");
  for (const StoredField& field : fields_of(equations)) {
    if (field.component >= (sound ? components : split)) continue;
    rows_.push_back(compare_row(field, empty, filled));
  }
  find_box();
}

DesignOnGrid::Row DesignOnGrid::compare_row(const StoredField& field, const TimeDomainSetup& empty,
                                            const TimeDomainSetup& filled) {
  Row row;
  row.component = field.component;
  const char direction = field.name.size() > 1 ? field.name[1] : 'z';
  row.axis = direction - 'x';
  if (field.name[0] == 'v') row.law = TensorLaw::density;

  const auto c = static_cast<std::size_t>(field.component);
  if (empty.system == WaveSystem::maxwell) row.tensor = field.component;
  if (row.law == TensorLaw::density) row.tensor = field.component - 1;
  tensor_ = tensor_ || row.tensor >= 0;
  std::vector<std::array<double, 2>> off[2];
  if (row.tensor >= 0)
    for (const std::size_t which : {std::size_t{0}, std::size_t{1}}) {
      off[which].assign(size_.count(), {0.0, 0.0});
      for (const OffDiagonal& entry :
           (which == 0 ? empty : filled).off_diagonal[static_cast<std::size_t>(row.tensor)])
        off[which][entry.point] = {entry.next, entry.after_next};
    }

  // But for rounding, of averages of the same constants in another order.
  const auto alike = [](const DesignPoint& one) {
    double most = std::abs(one.empty - one.filled);
    for (std::size_t e = 0; e < 2; ++e)
      most = std::max(most, std::abs(one.empty_off[e] - one.filled_off[e]));
    return most <= 1e-13 * one.empty;
  };
  const auto nx = static_cast<std::size_t>(size_.points[0]);
  const auto ny = static_cast<std::size_t>(size_.points[1]);
  std::vector<std::size_t> column(nx * ny, no_column);
  for (std::size_t p = 0; p < size_.count(); ++p) {
    DesignPoint one;
    one.point = p;
    one.empty = value_at(empty.coefficient[c], p);
    one.filled = value_at(filled.coefficient[c], p);
    if (row.tensor >= 0) {
      one.empty_off = off[0][p];
      one.filled_off = off[1][p];
    }
    if (alike(one)) {
      if (one.empty_off != std::array<double, 2>{}) row.static_off.push_back(p);
      continue;
    }
    std::size_t& own = column[p % (nx * ny)];
    if (own == no_column) {
      const std::array<int, 3> at = position_of(size_, p);
      own = columns_.size();
      columns_.push_back({place_of(grid_.axes[0], field.places[0], at[0]),
                          place_of(grid_.axes[1], field.places[1], at[1])});
    }
    one.column = own;
    row.points.push_back(one);
  }
  return row;
}

void DesignOnGrid::find_box() {
  box_ = {size_.points, {0, 0, 0}};
  bool tilted = false;  // off-diagonal elements that reach along z
  for (const Row& row : rows_)
    for (const DesignPoint& one : row.points) {
      const std::array<int, 3> p = position_of(size_, one.point);
      for (std::size_t d = 0; d < 3; ++d) {
        box_.begin[d] = std::min(box_.begin[d], p[d]);
        box_.end[d] = std::max(box_.end[d], p[d] + 1);
      }
      for (const auto& off : {one.empty_off, one.filled_off})
        tilted = tilted || (row.tensor == 2 && off != std::array<double, 2>{}) ||
                 (row.axis < 2 && off[1 - cross_place(row.axis)] != 0.0);
    }
  WAVESMITH_VALIDATE(
      box_.end[0] > 0,
      "a design region all void and all solid look the same on the grid: it has the "
      "same material twice, lies outside of the grid, or is covered by other solids");

  double widest = 0.0;
  for (const std::size_t d : {std::size_t{0}, std::size_t{1}}) {
    const Axis& axis = grid_.axes[d];
    if (axis.cells() == 1) continue;
    for (int i = box_.begin[d]; i < std::min(box_.end[d], axis.cells()); ++i)
      widest = std::max(widest, axis.width(i));
  }
  WAVESMITH_VALIDATE(widest > 0.0,
                     "a design needs a grid with cells along x or y: nothing varies in its plane");
  radius_ = radius_in_cells * widest;

  if (tensor_)
    for (std::size_t d = 0; d < (tilted ? 3 : 2); ++d) {
      const int n = size_.points[d];
      if (n == 1) continue;
      const bool wraps = size_.periodic[d] && (box_.begin[d] == 0 || box_.end[d] == n);
      box_.begin[d] = wraps ? 0 : std::max(0, box_.begin[d] - 1);
      box_.end[d] = wraps ? n : std::min(n, box_.end[d] + 1);
    }
  for (Row& row : rows_)
    for (DesignPoint& one : row.points) {
      const std::array<int, 3> p = position_of(size_, one.point);
      for (std::size_t d = 3; d-- > 0;)
        one.in_box = one.in_box * static_cast<std::size_t>(box_.end[d] - box_.begin[d]) +
                     static_cast<std::size_t>(p[d] - box_.begin[d]);
    }
}

DesignOnGrid::Averages DesignOnGrid::averages(const Row& row, const DesignPoint& at,
                                              const PatternSamples& samples) {
  const double f = samples.fill[at.column], a0 = at.empty, a1 = at.filled;
  const double harmonic = 1.0 / ((1.0 - f) / a0 + f / a1);
  const double by_fill = harmonic * harmonic * (1.0 / a0 - 1.0 / a1);
  Averages result;
  result.fill = f;
  result.own = own_element(samples, at.column, row.axis);
  result.cross = row.axis == 2 ? 0.0 : samples.xy[at.column];
  result.normal = (1.0 - f) * a0 + f * a1;
  result.normal_slope = a1 - a0;
  result.tangential = harmonic;
  result.tangential_slope = by_fill;
  if (row.law == TensorLaw::density) {
    std::swap(result.normal, result.tangential);
    std::swap(result.normal_slope, result.tangential_slope);
    if (is_steep(a0, a1)) {
      result.tangential = result.normal;
      result.tangential_slope = result.normal_slope;
    }
  }
  return result;
}

bool DesignOnGrid::has_off_diagonal(const Row& row, const DesignPoint& at, const Averages& seen) {
  if (row.tensor < 0) return false;
  if (at.empty_off != std::array<double, 2>{} || at.filled_off != std::array<double, 2>{})
    return true;
  return row.axis < 2 && std::abs(seen.normal - seen.tangential) > 1e-12 * seen.tangential;
}

PatternSamples DesignOnGrid::place(TimeDomainSetup& setup, const DesignPattern& pattern,
                                   std::span<const double> parameters, double beta) const {
  WAVESMITH_VALIDATE(setup.system == size_.system && setup.grid == grid_,
                     "a design is placed on another grid than it was made for");
  PatternSamples samples = pattern.sample(parameters, columns_, radius_, beta);
  for (const Row& row : rows_) {
    std::vector<double>& coefficient = setup.coefficient[static_cast<std::size_t>(row.component)];
    if (coefficient.size() != size_.count())
      coefficient.assign(size_.count(), coefficient.empty() ? 1.0 : coefficient[0]);
    std::vector<OffDiagonal> own;
    for (const DesignPoint& at : row.points) {
      const Averages seen = averages(row, at, samples);
      coefficient[at.point] = seen.diagonal();
      if (!has_off_diagonal(row, at, seen)) continue;
      std::array<double, 2> off{};
      for (std::size_t e = 0; e < 2; ++e)
        off[e] = (1.0 - seen.fill) * at.empty_off[e] + seen.fill * at.filled_off[e];
      if (row.axis < 2) {
        double& cross = off[cross_place(row.axis)];
        cross += seen.cross * (seen.normal - seen.tangential);
        if (cross == 0.0) cross = least_cross;
      }
      own.push_back({at.point, off[0], off[1]});
    }
    if (row.tensor >= 0)
      replace_off_diagonal(setup.off_diagonal[static_cast<std::size_t>(row.tensor)], row, own);
  }
  return samples;
}

void DesignOnGrid::replace_off_diagonal(std::vector<OffDiagonal>& entries, const Row& row,
                                        const std::vector<OffDiagonal>& own) {
  const auto by_point = [](const auto& a, const auto& b) { return a.point < b.point; };
  std::vector<OffDiagonal> kept, merged;
  for (const OffDiagonal& entry : entries) {
    DesignPoint wanted;
    wanted.point = entry.point;
    if (!std::binary_search(row.points.begin(), row.points.end(), wanted, by_point))
      kept.push_back(entry);
  }
  std::merge(kept.begin(), kept.end(), own.begin(), own.end(), std::back_inserter(merged),
             by_point);
  entries = std::move(merged);
}

std::vector<std::vector<double>> DesignOnGrid::weights_of_sources(
    const TimeDomainSetup& setup) const {
  std::vector<std::vector<double>> weights;
  for (std::size_t s = 0; s < setup.sources.size(); ++s) {
    const TimeSource& source = setup.sources[s];
    if (!overlap(source.box, box_)) continue;
    if (weights.empty())
      for (const TimeSource& each : setup.sources) weights.push_back(each.weights);
    for (const Row& row : rows_) {
      if (row.component != source.component) continue;
      std::size_t i = 0;
      for_points(source.box, size_, [&](const std::array<int, 3>&, std::size_t point) {
        const auto at = std::lower_bound(
            row.points.begin(), row.points.end(), point,
            [](const DesignPoint& known, std::size_t wanted) { return known.point < wanted; });
        const std::size_t place = i++;
        if (at == row.points.end() || at->point != point || at->empty == 0.0) return;
        const double change =
            value_at(setup.coefficient[static_cast<std::size_t>(row.component)], point) / at->empty;
        for (std::size_t w = place; w < weights[s].size(); w += source.box.count())
          weights[s][w] *= change;
      });
    }
  }
  return weights;
}

std::vector<double> DesignOnGrid::pull_back(const DesignPattern& pattern,
                                            std::span<const double> parameters, double beta,
                                            const PatternSamples& samples,
                                            const TimeDomainGradient& gradient) const {
  WAVESMITH_VALIDATE(samples.fill.size() == columns_.size(),
                     "samples of a pattern at other points than the design's; take those that "
                     "DesignOnGrid::place returned");
  PatternSamples cotangent = PatternSamples::zeros(columns_.size());
  const int split = first_group_size(size_.system);
  for (const Row& row : rows_) {
    const auto c = static_cast<std::size_t>(row.component);
    const bool second = row.component >= split;
    const std::vector<double>& of_diagonal =
        second ? gradient.second_coefficient[c - static_cast<std::size_t>(split)]
               : gradient.coefficient[c];
    WAVESMITH_VALIDATE(of_diagonal.size() == box_.count(),
                       second ? "a design of sound needs the derivative with respect to density "
                                "too: ask for GradientWants::second_group"
                              : "a derivative at the points of another region than the design's "
                                "is pulled back to it: take DesignOnGrid::box()");
    std::size_t fixed = 0, own = 0;  // off-diagonal elements before this point
    for (const DesignPoint& at : row.points) {
      const Averages seen = averages(row, at, samples);
      const double contrast = seen.normal - seen.tangential;
      const double contrast_slope = seen.normal_slope - seen.tangential_slope;
      double of_cross = 0.0;
      double& of_fill = cotangent.fill[at.column];
      if (has_off_diagonal(row, at, seen)) {
        while (fixed < row.static_off.size() && row.static_off[fixed] < at.point) ++fixed;
        const auto& of_row = gradient.off_diagonal[static_cast<std::size_t>(row.tensor)];
        WAVESMITH_VALIDATE(fixed + own < of_row.size(),
                           "a derivative of another medium than the design's is pulled back to it: "
                           "place the same parameters first");
        const std::array<double, 2>& of_off = of_row[fixed + own];
        for (std::size_t e = 0; e < 2; ++e)
          of_fill += of_off[e] * (at.filled_off[e] - at.empty_off[e]);
        if (row.axis < 2) of_cross = of_off[cross_place(row.axis)];
        ++own;
      }
      const double of_own = of_diagonal[at.in_box];
      of_fill += of_own * (seen.tangential_slope + seen.own * contrast_slope) +
                 of_cross * seen.cross * contrast_slope;
      if (row.axis == 0) cotangent.xx[at.column] += of_own * contrast;
      if (row.axis == 1) cotangent.yy[at.column] += of_own * contrast;
      cotangent.xy[at.column] += of_cross * contrast;
    }
  }
  std::vector<double> result(pattern.parameter_count(), 0.0);
  pattern.pull_back(parameters, columns_, radius_, beta, cotangent, result);
  return result;
}

}  // namespace wavesmith
