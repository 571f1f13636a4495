#include "solvers/lens_march.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/units.hpp"
#include "physics/optical_media.hpp"
#include "physics/solids.hpp"
#include "physics/vacuum.hpp"
#include "solvers/current_source.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Three dimensions are dear: thinner layers, less room, a shorter pulse.
struct Extent {
  int absorbing_cells;
  double beside;       // the lens, to the absorbing layers, in wavelengths
  double pulse_width;  // of its spectrum, per frequency
};
Extent extent_of(std::size_t sides) {
  return sides == 1 ? Extent{16, 1.5, 0.15} : Extent{12, 1.0, 0.3};
}

constexpr double below = 0.4;  // source under the cells, in wavelengths
constexpr double above = 0.3;  // records over the cells, in wavelengths
constexpr double courant = 0.95;

int cells_of(double length, double width) {
  return static_cast<int>(std::ceil(length / width * (1.0 - 1e-9)));
}

Spectra times(Spectra spectra, Complex factor) {
  for (auto& one : spectra)
    for (Complex& value : one) value *= factor;
  return spectra;
}

}  // namespace

LensGrid lens_grid(const CellLens& lens, double whole, std::size_t sides) {
  const Extent extent = extent_of(sides);
  LensGrid grid;
  grid.layers = extent.absorbing_cells;
  const double lambda = lens.wavelength;
  grid.across = whole / cells_of(whole, lens.cell);
  grid.along = lens.height / cells_of(lens.height, lens.cell);
  grid.beside = cells_of(extent.beside * lambda, grid.across) + grid.layers;
  grid.lens = static_cast<int>(std::lround(lens.diameter() / grid.across));
  grid.under = cells_of(below * lambda, grid.along) + grid.layers + 4;
  grid.high = static_cast<int>(std::lround(lens.height / grid.along));
  grid.over = cells_of(above * lambda, grid.along) + grid.layers + 4;
  grid.source = -below * lambda;
  grid.watched = lens.height + above * lambda;
  return grid;
}

std::uint64_t lens_march_bytes(const LensGrid& grid, const std::vector<LensMarch::Side>& sides,
                               Precision precision) {
  // Of a point, a quarter more than was found of 1.4 million: what is placed, kept and marched of
  // it.
  const double number = precision == Precision::f32 ? 4.0 : 8.0;
  const double of_point = sides.size() == 1 ? 100.0 + 8.0 * number : 300.0 + 16.0 * number;
  double points = grid.under + grid.high + grid.over;
  for (const LensMarch::Side& side : sides) points *= side.axis.cells() + 1.0;
  return static_cast<std::uint64_t>(std::min(of_point * points, 1e18));
}

LensMarch::LensMarch(const CellLens& lens, const LensGrid& grid, const std::vector<Side>& sides)
    : equations_(sides.size() == 1 ? Equations::tm : Equations::maxwell),
      light_axis_(sides.size()),
      field_(sides.size() == 1 ? "Ez" : "Ex"),
      source_(grid.source) {
  std::string size;
  for (const Side& side : sides) size += fmt::format("{} x ", side.axis.cells());
  require_memory(lens_march_bytes(grid, sides, lens.precision),
                 fmt::format("the march through a lens on {}{} cells", size,
                             grid.under + grid.high + grid.over));
  setup_.system = system_of(equations_);
  setup_.equations = equations_;
  setup_.precision = lens.precision;
  setup_.schedule.threads = lens.threads;
  for (auto& faces : setup_.boundaries.faces) faces = {Boundary::periodic, Boundary::periodic};
  for (std::size_t s = 0; s < sides.size(); ++s) {
    setup_.grid.axes[s] = sides[s].axis;
    setup_.boundaries.faces[s] = sides[s].faces;
  }
  setup_.grid.axes[light_axis_] =
      uniform_axis(-grid.under * grid.along, (grid.high + grid.over) * grid.along,
                   grid.under + grid.high + grid.over);
  setup_.boundaries.faces[light_axis_] = {Boundary::absorbing, Boundary::absorbing};
  setup_.boundaries.layer.cells = grid.layers;
  setup_.dt = courant * courant_limit(setup_.grid, speed_of_light);

  Vec3 top = {endless, endless, endless}, low = {-endless, -endless, -endless};
  top[light_axis_] = 0.0;
  Vec3 from = low, to = top;
  for (std::size_t s = 0; s < sides.size(); ++s) {
    from[s] = -0.5 * lens.diameter();
    to[s] = 0.5 * lens.diameter();
  }
  from[light_axis_] = 0.0;
  to[light_axis_] = lens.height;
  Geometry empty, filled;
  for (Geometry* geometry : {&empty, &filled}) geometry->add(box_between(low, top), 1);
  filled.add(box_between(from, to), 2);
  const std::vector<LightMaterial> materials = {
      {constant_medium(1.0)},
      {constant_medium(lens.substrate_index * lens.substrate_index)},
      {constant_medium(lens.index * lens.index)}};
  GeometryOnGrid(setup_, equations_, empty, lens.threads).place(setup_, materials);
  design_ =
      std::make_unique<DesignOnGrid>(setup_, equations_, empty, filled, materials, lens.threads);

  frequency_ = speed_of_light / lens.wavelength;
  pulse_ = gaussian_pulse(frequency_, extent_of(sides.size()).pulse_width * frequency_);
  steps_ = static_cast<long>(std::ceil((pulse_.end + lens.time) / setup_.dt));
  const int axis = static_cast<int>(light_axis_);
  const StoredField field = find_field(equations_, field_);
  const Place place = field.places[light_axis_];
  watched_ =
      point_position(context(), axis, place, nearest_point(context(), axis, place, grid.watched));
  // A sheet of current K sends E = -K Z0 / (2 n) either way; power goes with n |E|^2.
  const Complex sheet =
      waveform_spectrum(pulse_.value, std::vector<double>{frequency_}, setup_.dt, steps_)[0];
  unit_ = -sheet * vacuum_impedance / (2.0 * lens.substrate_index) *
          std::sqrt(lens.substrate_index) / field.factor;
}

void LensMarch::light(const Vec3& low, const Vec3& high) {
  Vec3 from = low, to = high;
  from[light_axis_] = to[light_axis_] = source_;
  for (TimeSource& source : current_source(context(), field_, from, to, 1.0, pulse_))
    setup_.sources.push_back(std::move(source));
}

void LensMarch::record(const std::string& field, const GridBox& across) {
  const StoredField stored = find_field(equations_, field);
  const int row =
      nearest_point(context(), static_cast<int>(light_axis_), stored.places[light_axis_], watched_);
  GridBox box = across;
  for (std::size_t a = light_axis_; a < 3; ++a) {
    box.begin[a] = a == light_axis_ ? row : 0;
    box.end[a] = box.begin[a] + 1;
  }
  add_spectrum(setup_, stored.component, box, {frequency_}, 1);
}

TimeDomainSetup LensMarch::placed(const DesignPattern& pattern) const {
  TimeDomainSetup setup = setup_;
  design_->place(setup, pattern, pattern.start(), 0.0);
  return setup;
}

Spectra LensMarch::spectra(const DesignPattern& pattern) const {
  TimeDomain march(placed(pattern));
  march.run(steps_);
  return times(spectra_of(march), 1.0 / unit_);
}

std::vector<double> LensMarch::pull_back(const DesignPattern& pattern,
                                         const std::function<Spectra(const Spectra&)>& loss,
                                         const GradientMemory& memory) const {
  TimeDomainSetup setup = setup_;
  const PatternSamples samples = design_->place(setup, pattern, pattern.start(), 0.0);
  TimeDomain march(std::move(setup));
  const TimeDomainGradient medium = march.pull_back(
      steps_, design_->box(),
      [&](const Spectra& recorded) {
        return times(loss(times(recorded, 1.0 / unit_)), 1.0 / std::conj(unit_));
      },
      memory);
  return design_->pull_back(pattern, pattern.start(), 0.0, samples, medium);
}

}  // namespace wavesmith
