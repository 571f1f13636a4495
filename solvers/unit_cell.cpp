#include "solvers/unit_cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/optical_media.hpp"
#include "physics/prism_solid.hpp"
#include "physics/solids.hpp"
#include "solvers/current_source.hpp"
#include "solvers/frequency_monitor.hpp"
#include "solvers/place_geometry.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr double courant = 0.95;
// Relative; wider ones wake slow resonances beside the band.
constexpr double narrowest_pulse = 0.08;
constexpr double window_growth = 1.25;
constexpr int ellipse_corners = 180;
constexpr std::size_t most_cells = 200'000'000;
// To be raised whenever the same cell would get other numbers.
constexpr int method_version = 2;

bool has_ridge(const UnitCell& cell) {
  return cell.shape == CellShape::ridge;
}

// Along which light travels.
int light_axis(const UnitCell& cell) {
  return has_ridge(cell) ? 1 : 2;
}

Equations equations_of(const UnitCell& cell) {
  return has_ridge(cell) && cell.field_along_ridge ? Equations::tm : Equations::maxwell;
}

const char* field_of(const UnitCell& cell) {
  return has_ridge(cell) && cell.field_along_ridge ? "Ez" : "Ex";
}

std::string length_text(double value) {
  return format_quantity(value, Dimension::length, 6);
}

// A cell from its mirror plane to the next one, and light's axis.
struct Layout {
  YeeGrid grid;
  GridBoundaries boundaries;
  double source = 0.0, watched = 0.0;  // along light's axis [m]
};

Layout lay_out(const UnitCell& cell, const std::vector<double>& wavelengths) {
  Layout layout;
  const double longest = *std::max_element(wavelengths.begin(), wavelengths.end());
  const double margin = cell.margin * longest;
  const auto count = [&](double length) {
    return std::max(1, static_cast<int>(std::ceil(length / cell.cell * (1.0 - 1e-9))));
  };
  // Cells along light's axis divide the height; across, half of the pitch.
  const double step = cell.height / count(cell.height);
  const int layer = cell.absorbing_cells;
  const int below = static_cast<int>(std::ceil(margin / step)) + layer + 2;
  const int above = count(cell.height) + below;
  const auto axis = static_cast<std::size_t>(light_axis(cell));
  layout.grid.axes[axis] = uniform_axis(-below * step, above * step, below + above);
  layout.boundaries.faces[axis] = {Boundary::absorbing, Boundary::absorbing};
  layout.boundaries.layer.cells = layer;
  layout.source = -(below - layer - 2) * step;
  layout.watched = (above - layer - 2) * step;
  const Boundary along = Boundary::mirror, across = Boundary::wall;
  const int half = std::max(2, count(0.5 * cell.pitch));
  for (std::size_t a = 0; a < axis; ++a) {
    layout.grid.axes[a] = uniform_axis(0.0, 0.5 * cell.pitch, half);
    // E is along x, or along the ridge.
    const Boundary side = equations_of(cell) == Equations::maxwell && a == 0 ? across : along;
    layout.boundaries.faces[a] = {side, side};
  }
  if (has_ridge(cell)) layout.boundaries.faces[2] = {Boundary::periodic, Boundary::periodic};
  return layout;
}

SolidPointer pillar_at(const UnitCell& cell, double size, double x, double y) {
  const double h = cell.height, size_y = size * cell.aspect;
  switch (cell.shape) {
    case CellShape::round:
      return std::make_shared<CylinderSolid>(Vec3{x, y, 0.5 * h}, 2, size, h);
    case CellShape::square:
      return std::make_shared<BoxSolid>(Vec3{x, y, 0.5 * h}, Vec3{size, size, h});
    case CellShape::elliptic: {
      // Corners on a slightly larger ellipse, so that the area is that of the ellipse.
      const double turn = 2.0 * pi / ellipse_corners;
      const double larger = std::sqrt(turn / std::sin(turn));
      std::vector<std::array<double, 2>> corners;
      for (int c = 0; c < ellipse_corners; ++c)
        corners.push_back({x + larger * size * std::cos((c + 0.5) * turn),
                           y + larger * size_y * std::sin((c + 0.5) * turn)});
      return std::make_shared<PrismSolid>(std::move(corners), 0.0, h);
    }
    default:
      return std::make_shared<BoxSolid>(Vec3{x, 0.5 * h, 0.0}, Vec3{size, h, endless});
  }
}

// 0: substrate and air alone.
Geometry geometry_of(const UnitCell& cell, double size) {
  Geometry geometry;
  const bool ridge = has_ridge(cell);
  geometry.add(box_between({-endless, -endless, -endless},
                           {endless, ridge ? 0.0 : endless, ridge ? endless : 0.0}),
               1);
  if (size <= 0.0) return geometry;
  // The neighbours matter where the cells about the outer mirror planes reach them.
  for (const double x : {0.0, cell.pitch})
    for (const double y : {0.0, cell.pitch})
      if (y == 0.0 || !ridge) geometry.add(pillar_at(cell, size, x, y), 2);
  return geometry;
}

double inverse_spacing_squared(const YeeGrid& grid) {
  const double limit = courant_limit(grid, 1.0);
  return 1.0 / (limit * limit);
}

double slowest_index(const UnitCell& cell, const std::vector<double>& wavelengths) {
  double highest = 1.0;
  for (const double wavelength : wavelengths)
    highest = std::max({highest, std::abs(cell.pillar.index(wavelength)),
                        cell.substrate.index(wavelength).real()});
  return highest;
}

double time_step(const UnitCell& cell, const YeeGrid& grid) {
  double limit = courant_limit(grid, speed_of_light);
  for (const DispersiveMedium* medium : {&cell.pillar, &cell.substrate})
    if (!medium->lorentz.empty() || !medium->debye.empty())
      limit = std::min(limit, largest_time_step(*medium, inverse_spacing_squared(grid)));
  return courant * limit;
}

std::vector<double> frequencies_of(const std::vector<double>& wavelengths) {
  std::vector<double> frequencies;
  for (const double wavelength : wavelengths) frequencies.push_back(speed_of_light / wavelength);
  return frequencies;
}

void describe_medium(std::string& text, const char* what, const DispersiveMedium& medium) {
  text += fmt::format("; {} {} {}", what, medium.eps_inf, medium.conductivity);
  for (const LorentzPole& pole : medium.lorentz)
    text += fmt::format(" lorentz {} {} {}", pole.resonance, pole.damping, pole.strength);
  for (const DebyePole& pole : medium.debye)
    text += fmt::format(" debye {} {}", pole.step, pole.time);
}

}  // namespace

double largest_size(const UnitCell& cell) {
  switch (cell.shape) {
    case CellShape::round:
      return 0.5 * cell.pitch;
    case CellShape::elliptic:
      return 0.5 * cell.pitch / std::max(1.0, cell.aspect);
    default:
      return cell.pitch;
  }
}

void validate_unit_cell(const UnitCell& cell, const std::vector<double>& wavelengths) {
  WAVESMITH_VALIDATE(!wavelengths.empty(), "a unit cell is swept over no wavelength");
  for (const double wavelength : wavelengths)
    WAVESMITH_VALIDATE(std::isfinite(wavelength) && wavelength > 0.0,
                       "a wavelength of a unit cell is not above 0");
  const auto positive = [](double value, const char* what) {
    WAVESMITH_VALIDATE(std::isfinite(value) && value > 0.0,
                       fmt::format("the {} of a unit cell is {}; it must be above 0", what, value));
  };
  positive(cell.pitch, "pitch");
  positive(cell.height, "height");
  positive(cell.aspect, "aspect");
  positive(cell.cell, "grid's cell");
  positive(cell.margin, "margin");
  positive(cell.longest, "longest time");
  positive(cell.tolerance, "tolerance");
  WAVESMITH_VALIDATE(cell.aspect == 1.0 || cell.shape == CellShape::elliptic,
                     "an aspect is for elliptic pillars");
  WAVESMITH_VALIDATE(cell.absorbing_cells >= 5, "a unit cell needs 5 absorbing cells or more");
  validate_medium(cell.pillar);
  validate_medium(cell.substrate);
  for (const DispersiveMedium* medium : {&cell.pillar, &cell.substrate})
    WAVESMITH_VALIDATE(medium->chi2 == 0.0 && medium->chi3 == 0.0,
                       "the media of a unit cell must be linear");
  const double shortest = *std::min_element(wavelengths.begin(), wavelengths.end());
  const double longest = *std::max_element(wavelengths.begin(), wavelengths.end());
  for (const double wavelength : wavelengths) {
    for (const DispersiveMedium* medium : {&cell.pillar, &cell.substrate})
      validate_band(*medium, wavelength, wavelength);
    const Complex n = cell.substrate.index(wavelength);
    WAVESMITH_VALIDATE(n.real() > 0.0 && std::abs(n.imag()) < 1e-6 * n.real(),
                       fmt::format("the substrate of a unit cell has the index {:.4g} {:+.4g} i at "
                                   "{}; the incident power needs one without loss",
                                   n.real(), n.imag(), length_text(wavelength)));
    const double highest = std::max(std::abs(cell.pillar.index(wavelength)), n.real());
    WAVESMITH_VALIDATE(cell.cell * highest * 5.0 <= wavelength,
                       fmt::format("the grid's cell of {} has less than 5 cells a wavelength at {} "
                                   "in the index {:.3g}; choose {} or less (15 cells a wavelength)",
                                   length_text(cell.cell), length_text(wavelength), highest,
                                   length_text(wavelength / highest / 15.0)));
  }
  WAVESMITH_VALIDATE(longest <= 2.5 * shortest,
                     "the wavelengths of a sweep span more than a factor "
                     "of 2.5, too much for one pulse; make two sweeps");
  const double across = 0.5 * cell.pitch / cell.cell + 2.0;
  const double along =
      (cell.height + 2.0 * cell.margin * longest) / cell.cell + 2.0 * cell.absorbing_cells + 8.0;
  WAVESMITH_VALIDATE(
      along * across * (has_ridge(cell) ? 1.0 : across) <= static_cast<double>(most_cells),
      fmt::format("the grid of a unit cell would have more than {} cells; check pitch, height and "
                  "the grid's cell",
                  most_cells));
}

std::vector<std::string> unit_cell_warnings(const UnitCell& cell,
                                            const std::vector<double>& wavelengths) {
  std::vector<std::string> warnings;
  const double shortest = *std::min_element(wavelengths.begin(), wavelengths.end());
  const double n = cell.substrate.index(shortest).real();
  if (cell.pitch >= shortest)
    warnings.push_back(
        fmt::format("the pitch of {} is not below the wavelength of {}: light leaves in other "
                    "orders, too, which "
                    "the table leaves out",
                    length_text(cell.pitch), length_text(shortest)));
  else if (cell.pitch * n >= shortest)
    warnings.push_back(
        fmt::format("the pitch of {} is not below the wavelength in the substrate, "
                    "{}: light is reflected into other orders, too",
                    length_text(cell.pitch), length_text(shortest / n)));
  const double highest = std::max(std::abs(cell.pillar.index(shortest)), n);
  if (cell.cell * highest * 15.0 > shortest * (1.0 + 1e-9))
    warnings.push_back(
        fmt::format("{:.1f} cells a wavelength in the pillar at {}; 15 or more make errors of "
                    "about a hundredth",
                    shortest / highest / cell.cell, length_text(shortest)));
  return warnings;
}

std::array<int, 3> unit_cell_grid(const UnitCell& cell, const std::vector<double>& wavelengths) {
  validate_unit_cell(cell, wavelengths);
  const Layout layout = lay_out(cell, wavelengths);
  return {layout.grid.cells(0), layout.grid.cells(1), layout.grid.cells(2)};
}

UnitCellMarch::UnitCellMarch(const UnitCell& cell, std::vector<double> wavelengths)
    : cell_(cell), wavelengths_(std::move(wavelengths)) {
  validate_unit_cell(cell_, wavelengths_);
  dt_ = time_step(cell_, lay_out(cell_, wavelengths_).grid);
  bare_ = march(0.0, {});
}

UnitCellMarch::Amplitudes UnitCellMarch::march(double size,
                                               const std::vector<Complex>& scale) const {
  const Layout layout = lay_out(cell_, wavelengths_);
  const Equations equations = equations_of(cell_);
  TimeDomainSetup setup;
  setup.system = system_of(equations);
  setup.equations = equations;
  setup.grid = layout.grid;
  setup.boundaries = layout.boundaries;
  setup.precision = cell_.precision;
  setup.schedule.threads = 1;
  setup.dt = dt_;

  const Geometry geometry = geometry_of(cell_, size);
  const std::vector<LightMaterial> materials = {
      {constant_medium(1.0)}, {cell_.substrate}, {cell_.pillar}};
  GeometryOnGrid(setup, equations, geometry, 1).place(setup, materials);

  const std::vector<double> frequencies = frequencies_of(wavelengths_);
  const auto [low, high] = std::minmax_element(frequencies.begin(), frequencies.end());
  const double middle = 0.5 * (*low + *high);
  const Waveform pulse =
      gaussian_pulse(middle, std::max(narrowest_pulse * middle, 1.2 * (*high - *low)));
  const WaveContext context = context_of(setup, equations);
  const auto axis = static_cast<std::size_t>(light_axis(cell_));
  Vec3 from{}, to{};
  for (std::size_t a = 0; a < axis; ++a) to[a] = 0.5 * cell_.pitch;
  from[axis] = to[axis] = layout.source;
  setup.sources = current_source(context, field_of(cell_), from, to, 1.0, pulse);

  const StoredField field = find_field(equations, field_of(cell_));
  GridBox plane;
  const int row = nearest_point(context, light_axis(cell_), field.places[axis], layout.watched);
  std::vector<double> weights = {1.0};  // of the mean, x fastest
  for (std::size_t a = 0; a < 3; ++a) {
    const bool across = a < axis;
    const int points = across ? point_count(context, static_cast<int>(a), field.places[a]) : 1;
    plane.begin[a] = a == axis ? row : 0;
    plane.end[a] = plane.begin[a] + points;
    if (!across) continue;
    // Points in mirror planes stand for half a cell.
    const bool on_edges = field.places[a] == Place::edge;
    std::vector<double> all;
    for (int i = 0; i < points; ++i)
      for (const double weight : weights)
        all.push_back(weight * (on_edges && (i == 0 || i == points - 1) ? 0.5 : 1.0));
    weights = std::move(all);
  }
  add_spectrum(setup, field.component, plane, frequencies, 1);

  TimeDomain march(std::move(setup));
  double total = 0.0;
  for (const double weight : weights) total += weight;
  const auto means = [&] {
    const std::span<const Complex> spectrum = march.spectrum(0);
    std::vector<Complex> mean(frequencies.size());
    for (std::size_t f = 0; f < frequencies.size(); ++f)
      for (std::size_t p = 0; p < weights.size(); ++p)
        mean[f] += weights[p] / total * spectrum[f * weights.size() + p];
    return mean;
  };
  const double passage =
      (layout.watched - layout.source) / speed_of_light * slowest_index(cell_, wavelengths_);
  double since = 3.0 * passage;  // the end of the pulse
  Amplitudes result;
  int quiet = 0;
  while (quiet < 2) {
    if (since > cell_.longest) {
      result.settled = false;
      break;
    }
    march.run(static_cast<long>(std::ceil((pulse.end + since) / dt_)) - march.step());
    const std::vector<Complex> now = means();
    double change = result.mean.empty() ? 1.0 : 0.0;
    for (std::size_t f = 0; f < result.mean.size(); ++f)
      change = std::max(
          change, std::abs(now[f] - result.mean[f]) / std::abs(scale.empty() ? now[f] : scale[f]));
    quiet = change < cell_.tolerance ? quiet + 1 : 0;
    result.mean = now;
    since *= window_growth;
  }
  if (result.mean.empty()) result.mean = means();
  result.steps = march.step();
  return result;
}

UnitCellResponse UnitCellMarch::transmission(double size) const {
  WAVESMITH_VALIDATE(size >= 0.0 && size <= largest_size(cell_) * (1.0 + 1e-12),
                     fmt::format("a size of {} does not fit into the unit cell: it lies between 0 "
                                 "and {}",
                                 length_text(size), length_text(largest_size(cell_))));
  const Amplitudes cell = march(size, bare_.mean);
  UnitCellResponse response;
  response.steps = cell.steps;
  response.settled = cell.settled;
  for (std::size_t w = 0; w < wavelengths_.size(); ++w) {
    const double n = cell_.substrate.index(wavelengths_[w]).real();
    response.t.push_back(cell.mean[w] / bare_.mean[w] * (2.0 * std::sqrt(n) / (n + 1.0)));
  }
  return response;
}

std::string describe(const UnitCell& cell, const std::vector<double>& wavelengths, double size) {
  // fmt writes the shortest digits that read back as the same number.
  std::string text = fmt::format(
      "unit cell, method {} {} {} {}; {}; pitch {}; height {}; aspect {}; along {}; cell {}; "
      "absorbing {}; "
      "margin {}; tolerance {}; longest {}; precision {}; size {}",
      method_version, courant, narrowest_pulse, window_growth, cell_shape_name(cell.shape),
      cell.pitch, cell.height, cell.aspect, cell.field_along_ridge, cell.cell, cell.absorbing_cells,
      cell.margin, cell.tolerance, cell.longest, cell.precision == Precision::f64 ? "f64" : "f32",
      size);
  describe_medium(text, "pillar", cell.pillar);
  describe_medium(text, "substrate", cell.substrate);
  text += "; wavelengths";
  for (const double wavelength : wavelengths) text += fmt::format(" {}", wavelength);
  return text;
}

}  // namespace wavesmith
