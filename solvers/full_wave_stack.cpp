#include "solvers/full_wave_stack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "kernels/fft.hpp"

namespace wavesmith {
namespace {

constexpr double tau = 2.0 * std::numbers::pi;
constexpr double pulse_width = 0.75;  // standard deviation of the amplitude [periods]
constexpr double pulse_middle = 4.5;  // of its standard deviations after the start
constexpr int clearance = 3;          // cells between a body and what is driven or recorded
constexpr int record_every = 3;       // steps
constexpr double steepest = 0.98;     // greatest k_t / k of what is driven

// A window of cells: points at their centres along an axis, or at their edges.
Plane points_of(const std::array<int, 2>& cells, double d, bool edge_x, bool edge_y) {
  return {cells[0] + (edge_x ? 1 : 0), cells[1] + (edge_y ? 1 : 0), d, d, 0.0, 0.0};
}

// The angular spectrum without evanescent waves; `factor(kx, ky, kz, k)` is multiplied in.
template <class Factor>
std::vector<Complex> propagate(std::span<const Complex> field, Gap gap, const Factor& factor) {
  gap.method = PropagationMethod::angular_spectrum;
  gap.evanescent = Evanescent::drop;
  gap.padding = 2.0;
  const TransferFunction transfer = transfer_function(gap);
  std::vector<Complex> values(transfer.values.size());
  for (int j = 0; j < gap.in.ny; ++j)
    for (int i = 0; i < gap.in.nx; ++i)
      values[static_cast<std::size_t>(j) * static_cast<std::size_t>(transfer.nx) +
             static_cast<std::size_t>(i)] =
          field[static_cast<std::size_t>(j) * static_cast<std::size_t>(gap.in.nx) +
                static_cast<std::size_t>(i)];
  fft_2d(values, transfer.ny, transfer.nx, false);
  const double k = tau / gap.wavelength;
  const auto wave_number = [](int p, int n, double d) {
    return tau * (2 * p < n ? p : p - n) / (n * d);
  };
  for (int q = 0; q < transfer.ny; ++q)
    for (int p = 0; p < transfer.nx; ++p) {
      const std::size_t at = static_cast<std::size_t>(q) * static_cast<std::size_t>(transfer.nx) +
                             static_cast<std::size_t>(p);
      values[at] *= transfer.values[at] * factor(wave_number(p, transfer.nx, gap.in.dx),
                                                 wave_number(q, transfer.ny, gap.in.dy), k);
    }
  fft_2d(values, transfer.ny, transfer.nx, true);
  std::vector<Complex> out(gap.out.size());
  for (int j = 0; j < gap.out.ny; ++j)
    for (int i = 0; i < gap.out.nx; ++i)
      out[static_cast<std::size_t>(j) * static_cast<std::size_t>(gap.out.nx) +
          static_cast<std::size_t>(i)] =
          values[static_cast<std::size_t>(j) * static_cast<std::size_t>(transfer.nx) +
                 static_cast<std::size_t>(i)];
  return out;
}

}  // namespace

FullWaveStack::FullWaveStack(const StackDescription& description,
                             std::span<const double> parameters, const FullWaveSettings& settings)
    : description_(description), settings_(settings) {
  WAVESMITH_VALIDATE(description.wavelengths.size() == 1 && description.modes == 1,
                     "full waves through a stack take one wavelength and one mode");
  WAVESMITH_VALIDATE(!description.layers.empty(), "full waves through a stack need a layer");
  WAVESMITH_VALIDATE(
      settings.cells_per_wavelength >= 4.0 && settings.cells_per_wavelength <= 200.0,
      fmt::format("{} cells a wavelength; take 4 to 200", settings.cells_per_wavelength));
  const Plane& plane = description.source;
  WAVESMITH_VALIDATE(plane.dx == plane.dy && plane.x0 == 0.0 && plane.y0 == 0.0,
                     "full waves take square samples on centred planes");
  WAVESMITH_VALIDATE(description.detector_plane == plane,
                     "full waves need the same samples on all planes; the detector's differ");
  const double wavelength = description.wavelengths.front();
  surrounding_ = description.medium_index * description.medium_index;
  double densest = description.medium_index, z = 0.0;
  std::vector<std::vector<double>> heights;
  std::size_t offset = 0;
  for (const StackLayer& entry : description.layers) {
    const Relief* const relief = entry.layer->relief();
    WAVESMITH_VALIDATE(relief != nullptr && entry.layer->plane() == plane,
                       "full waves need layers that are bodies (kind = \"height\", no dead space) "
                       "with the samples of the source");
    const Complex index = relief->index(wavelength);
    WAVESMITH_VALIDATE(index.imag() < 1e-6,
                       "full waves take materials without loss here; this one absorbs");
    densest = std::max(densest, index.real());
    z += entry.distance;
    Body body;
    body.base = z;
    body.permittivity = index.real() * index.real();
    body.height.resize(plane.size());
    relief->sample_heights(parameters.subspan(offset, entry.layer->parameter_count()), body.height);
    offset += entry.layer->parameter_count();
    bodies_.push_back(std::move(body));
  }
  fine_ = static_cast<int>(
      std::ceil(plane.dx * densest * settings.cells_per_wavelength / wavelength - 1e-9));
  d_ = plane.dx / fine_;
  side_[0] = plane.nx * fine_;
  side_[1] = plane.ny * fine_;
  layers_ = settings.absorbing_cells + settings.margin_cells;
  const StackLayer& last = description.layers.back();
  const double end = bodies_.back().base + last.layer->relief()->thickness();
  source_plane_ = settings.absorbing_cells + clearance;
  z0_ = bodies_.front().base - (source_plane_ + clearance) * d_;
  end_plane_ = static_cast<int>(std::ceil((end - z0_) / d_)) + clearance;
  planes_ = end_plane_ + clearance + settings.absorbing_cells;
  WAVESMITH_VALIDATE(z0_ + source_plane_ * d_ >= 0.0,
                     "the first layer is too near to the source for full waves; move it away");
  WAVESMITH_VALIDATE(z0_ + end_plane_ * d_ <= bodies_.back().base + description.detector_distance,
                     "the detector is too near to the last layer for full waves; move it away");
  period_ = wavelength / speed_of_light;
  dt_ = 0.99 * d_ / (speed_of_light / description.medium_index * std::sqrt(3.0)) /
        description.medium_index;
  double travel = (end_plane_ - source_plane_) * d_ * description.medium_index;
  for (const StackLayer& entry : description.layers)
    travel += entry.layer->relief()->thickness() *
              (entry.layer->relief()->index(wavelength).real() - 1.0);
  const auto steps_with = [&](double settle) {
    const double lasts =
        (2.0 * pulse_middle * pulse_width + settle) * period_ + travel / speed_of_light;
    return static_cast<long>(std::ceil(lasts / dt_));
  };
  steps_ = steps_with(settings.settle);
  halfway_ = steps_with(0.5 * settings.settle);
}

double FullWaveStack::cells() const {
  return static_cast<double>(side_[0] + 2 * layers_) * (side_[1] + 2 * layers_) * planes_;
}

// Permittivity that a point of E sees: means over its cell, centred on the point, of what the
// component needs: inverse along z for E_z, plain across.
double FullWaveStack::mean_permittivity(int component, int i, int j, int k) const {
  const Plane& plane = description_.source;
  const bool along_z = component == 2;
  const double low = z0_ + (along_z ? k : k - 0.5) * d_, high = low + d_;
  double mean = 0.0;
  // Cells that share the point's: two along each axis where it lies on edges.
  const int first_i = component == 0 ? i : i - 1, first_j = component == 1 ? j : j - 1;
  for (int b = first_j; b <= j; ++b)
    for (int a = first_i; a <= i; ++a) {
      const double weight = 1.0 / ((i - first_i + 1) * (j - first_j + 1));
      double permittivity = surrounding_;
      const int column = a - layers_, row = b - layers_;
      if (column >= 0 && row >= 0 && column < side_[0] && row < side_[1])
        for (const Body& body : bodies_) {
          const double height = body.height[static_cast<std::size_t>(row / fine_) *
                                                static_cast<std::size_t>(plane.nx) +
                                            static_cast<std::size_t>(column / fine_)];
          const double share =
              std::max(0.0, std::min(high, body.base + height) - std::max(low, body.base)) / d_;
          if (share == 0.0) continue;
          permittivity = along_z ? 1.0 / ((1.0 - share) / surrounding_ + share / body.permittivity)
                                 : (1.0 - share) * surrounding_ + share * body.permittivity;
        }
      mean += weight * permittivity;
    }
  return mean;
}

void FullWaveStack::place_bodies(TimeDomainSetup& setup) const {
  const int nx = stored_points(setup.grid.axis(0), Boundary::absorbing, Nodes::on_edges);
  const int ny = stored_points(setup.grid.axis(1), Boundary::absorbing, Nodes::on_edges);
  const int nz = stored_points(setup.grid.axis(2), Boundary::absorbing, Nodes::on_edges);
  for (int component = 0; component < 3; ++component) {
    std::vector<double>& inverse = setup.coefficient[static_cast<std::size_t>(component)];
    inverse.reserve(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny) *
                    static_cast<std::size_t>(nz));
    for (int k = 0; k < nz; ++k)
      for (int j = 0; j < ny; ++j)
        for (int i = 0; i < nx; ++i) inverse.push_back(1.0 / mean_permittivity(component, i, j, k));
  }
}

TimeDomainSetup FullWaveStack::setup() const {
  TimeDomainSetup setup;
  const auto axis = [&](int cells, double low) {
    return uniform_axis(low, low + cells * d_, cells);
  };
  setup.grid.axes = {axis(side_[0] + 2 * layers_, -(0.5 * side_[0] + layers_) * d_),
                     axis(side_[1] + 2 * layers_, -(0.5 * side_[1] + layers_) * d_),
                     axis(planes_, z0_)};
  for (auto& faces : setup.boundaries.faces) faces = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer.cells = settings_.absorbing_cells;
  setup.dt = dt_;
  setup.precision = settings_.precision;
  setup.schedule.threads = settings_.threads;
  place_bodies(setup);
  return setup;
}

// E at the middles of the samples, which lie between cells where these are even in number.
std::vector<Complex> FullWaveStack::bring_to_detector(const TimeDomain& run) const {
  const Plane& plane = description_.source;
  const std::array<int, 2> cells{side_[0], side_[1]};
  std::vector<Complex> all;
  for (int component = 0; component < 3; ++component) {
    Gap rest;
    rest.in = points_of(cells, d_, component != 0, component != 1);
    rest.out = points_of(cells, d_, false, false);
    if (fine_ % 2 == 0) rest.out.x0 = rest.out.y0 = -0.5 * d_;
    rest.wavelength = description_.wavelengths.front() / description_.medium_index;
    const double from = z0_ + (end_plane_ + (component == 2 ? 0.5 : 0.0)) * d_;
    rest.distance = bodies_.back().base + description_.detector_distance - from;
    const std::span<const Complex> seen = run.spectrum(component);
    const std::vector<Complex> arrived =
        propagate(seen, rest, [](double, double, double) { return 1.0; });
    for (int j = 0; j < plane.ny; ++j)
      for (int i = 0; i < plane.nx; ++i)
        all.push_back(arrived[static_cast<std::size_t>(j * fine_ + fine_ / 2) *
                                  static_cast<std::size_t>(rest.out.nx) +
                              static_cast<std::size_t>(i * fine_ + fine_ / 2)]);
  }
  return all;
}

FullWaveStack::Response FullWaveStack::respond(std::span<const Complex> source) const {
  const Plane& plane = description_.source;
  WAVESMITH_VALIDATE(source.size() == plane.size(), "the source's field has the wrong size");
  const std::array<int, 2> cells{side_[0], side_[1]};
  Gap gap;
  gap.in = points_of(cells, d_, false, false);
  gap.out = points_of(cells, d_, false, true);  // of E_x
  gap.wavelength = description_.wavelengths.front() / description_.medium_index;
  gap.distance = z0_ + source_plane_ * d_;
  std::vector<Complex> fine(gap.in.size());
  for (int j = 0; j < gap.in.ny; ++j)
    for (int i = 0; i < gap.in.nx; ++i)
      fine[static_cast<std::size_t>(j) * static_cast<std::size_t>(gap.in.nx) +
           static_cast<std::size_t>(i)] =
          source[static_cast<std::size_t>(j / fine_) * static_cast<std::size_t>(plane.nx) +
                 static_cast<std::size_t>(i / fine_)];
  const std::vector<Complex> current = propagate(fine, gap, [](double kx, double ky, double k) {
    const double kt2 = kx * kx + ky * ky;
    if (kt2 > steepest * steepest * k * k) return 0.0;
    return k * std::sqrt(k * k - kt2) / (k * k - kx * kx);
  });

  TimeDomainSetup march = setup();
  TimeSource sheet;
  sheet.component = 0;
  sheet.box = {{layers_, layers_, source_plane_},
               {layers_ + side_[0], layers_ + side_[1] + 1, source_plane_ + 1}};
  sheet.rank = 2;
  for (const Complex& value : current) sheet.weights.push_back(value.real());
  for (const Complex& value : current) sheet.weights.push_back(value.imag());
  const double omega = tau / period_, width = pulse_width * period_, start = pulse_middle * width;
  sheet.signal = [omega, width, start](int rank, double time) {
    const double since = (time - start) / width;
    if (std::abs(since) > pulse_middle) return 0.0;
    const double envelope = std::exp(-0.5 * since * since);
    return envelope * (rank == 0 ? std::cos(omega * time) : std::sin(omega * time));
  };
  march.sources.push_back(std::move(sheet));
  for (int component = 0; component < 3; ++component)
    march.monitors.push_back({component,
                              {{layers_, layers_, end_plane_},
                               {layers_ + side_[0] + (component == 0 ? 0 : 1),
                                layers_ + side_[1] + (component == 1 ? 0 : 1), end_plane_ + 1}},
                              {1.0 / period_},
                              record_every});
  TimeDomain run(std::move(march));
  Response response;
  run.run(halfway_);
  response.halfway = bring_to_detector(run);
  run.run(steps_ - halfway_);
  response.field = bring_to_detector(run);
  return response;
}

}  // namespace wavesmith
