// The light seen from the side: intensity over x and z at y = 0.
//
// Each gap is crossed with its own transfer function. Of the inverse transform at a distance only
// the row y = 0 is needed: a sum over k_y for each k_x, then one transform along x,
//   u(x, 0, z) = sum_kx exp(i kx x) sum_ky exp(i ky 0) H(kx, ky; z) U(kx, ky)
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <numbers>

#include "apps/outputs.hpp"
#include "kernels/fft.hpp"
#include "solvers/convolution.hpp"
#include "solvers/sampling_audit.hpp"

namespace wavesmith {
namespace {

constexpr int most_positions = 160, fewest_positions = 24;
// Points of transfer functions that are computed for one picture.
constexpr double most_points = 160.0 * 800.0 * 800.0;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

struct Extent {
  double low, high;
};
Extent x_extent(const Plane& plane) {
  return {plane.x(0), plane.x(plane.nx - 1)};
}

// The smallest plane about y = 0 that holds all planes of the stack along x.
Plane side_plane(const StackDescription& description) {
  Plane side = description.source;
  side.y0 = 0.0;
  Extent extent = x_extent(side);
  const auto take = [&](const Plane& plane) {
    const Extent other = x_extent(plane);
    extent = {std::min(extent.low, other.low), std::max(extent.high, other.high)};
    side.ny = std::max(side.ny, plane.ny);
  };
  for (const StackLayer& layer : description.layers) take(layer.layer->plane());
  take(description.detector_plane);
  side.nx = static_cast<int>(std::lround((extent.high - extent.low) / side.dx)) + 1;
  side.x0 = 0.5 * (extent.low + extent.high);
  return side;
}

Gap gap_between(const StackDescription& description, const Plane& in, const Plane& out,
                double distance, double wavelength) {
  Gap gap;
  gap.in = in;
  gap.out = out;
  gap.distance = distance;
  gap.wavelength = wavelength / description.medium_index;
  gap.method = description.propagation.method;
  gap.evanescent = description.propagation.evanescent;
  gap.padding = description.propagation.padding;
  gap.periodic = description.propagation.periodic;
  return gap;
}

// The method for each distance in a gap. The stack's own stands for the far end; near the layer
// another one may be sampled better, and the Rayleigh-Sommerfeld kernel is too steep for any
// samples. Choosing is slow, so it is done for a few distances: between two that agree nothing
// changes, and where two differ both are as good.
class MethodChoice {
 public:
  explicit MethodChoice(Gap gap) {
    const double distance = gap.distance;
    if (distance == 0.0 || (gap.method != PropagationMethod::automatic &&
                            gap.method != PropagationMethod::rayleigh_sommerfeld)) {
      const bool open = gap.method == PropagationMethod::automatic;
      known_[distance] = open ? PropagationMethod::angular_spectrum : gap.method;
      return;
    }
    known_[distance] = gap.method;
    gap.method = PropagationMethod::automatic;
    const auto choose = [&](double at) {
      gap.distance = at;
      known_[at] = choose_method(gap);
    };
    if (known_[distance] == PropagationMethod::automatic) choose(distance);
    choose(distance / 256.0);
    for (int halving = 0; halving < 4; ++halving) {
      std::vector<double> between;
      for (auto left = known_.begin(), right = std::next(left); right != known_.end();
           ++left, ++right)
        if (left->second != right->second) between.push_back(0.5 * (left->first + right->first));
      std::for_each(between.begin(), between.end(), choose);
    }
  }

  PropagationMethod at(double distance) const {
    const auto above = known_.lower_bound(distance);
    if (above == known_.begin()) return above->second;
    const auto below = std::prev(above);
    const bool nearer_below =
        above == known_.end() || distance - below->first < above->first - distance;
    return nearer_below ? below->second : above->second;
  }

 private:
  std::map<double, PropagationMethod> known_;  // by distance
};

// Spectra of the fields that enter a gap, on the DFT grid of a transfer function.
std::vector<std::vector<Complex>> spectra_of(const std::vector<std::vector<Complex>>& fields,
                                             const Plane& plane, const GridSize& grid) {
  std::vector<std::vector<Complex>> spectra;
  for (const std::vector<Complex>& field : fields) {
    std::vector<Complex> padded(static_cast<std::size_t>(grid.nx) *
                                static_cast<std::size_t>(grid.ny));
    for (int j = 0; j < plane.ny; ++j)
      std::copy_n(field.begin() + static_cast<std::ptrdiff_t>(j) * plane.nx, plane.nx,
                  padded.begin() + static_cast<std::ptrdiff_t>(j) * grid.nx);
    fft_2d(padded, grid.ny, grid.nx, false);
    spectra.push_back(std::move(padded));
  }
  return spectra;
}

// One row of the field behind a gap.
std::vector<Complex> row_behind(const std::vector<Complex>& spectrum,
                                const TransferFunction& transfer, int row) {
  const auto nx = static_cast<std::size_t>(transfer.nx);
  std::vector<Complex> line(nx);
  for (int q = 0; q < transfer.ny; ++q) {
    // The product modulo the length: its phase stays exact.
    const int step = static_cast<int>(static_cast<std::int64_t>(q) * row % transfer.ny);
    const Complex turn = std::polar(1.0 / transfer.ny, 2.0 * std::numbers::pi * step / transfer.ny);
    const std::size_t first = static_cast<std::size_t>(q) * nx;
    for (std::size_t p = 0; p < nx; ++p)
      line[p] += turn * (spectrum[first + p] * transfer.values[first + p]);
  }
  fft_2d(line, 1, transfer.nx, true);
  return line;
}

}  // namespace

Frame record_side(const FinishedRun& run) {
  const StackDescription& description = run.problem.description;
  const std::size_t layers = description.layers.size();
  const std::size_t modes = static_cast<std::size_t>(description.modes);
  // What is in front of a gap is taken as thin below.
  for (const StackLayer& layer : description.layers)
    if (layer.slices > 0) return {};
  double length = description.detector_distance;
  for (const StackLayer& layer : description.layers) length += layer.distance;
  if (!(length > 0.0)) return {};

  // Periodic planes are all alike; a wider plane about them would not repeat as they do.
  const Plane side =
      description.propagation.periodic ? description.source : side_plane(description);
  const GridSize widest = convolution_grid(
      gap_between(description, side, side, length, description.wavelengths.front()));
  const double points = static_cast<double>(widest.nx) * widest.ny;
  if (16.0 * points * static_cast<double>(modes + 3) > static_cast<double>(most_bytes)) return {};
  const double work = points * static_cast<double>(description.wavelengths.size()) *
                      (1.0 + 0.2 * static_cast<double>(modes));
  const int count =
      std::clamp(static_cast<int>(1.2 * most_points / work), fewest_positions, most_positions);

  Frame frame;
  frame.name = "side";
  frame.title = "intensity from the side (y = 0)";
  frame.points = {side.nx, 1, count};
  const double step = length / (count - 1);
  const int row = side.ny / 2;
  frame.origin = {side.x(0), side.y(row), 0.0};
  frame.spacing = {side.dx, side.dy, step};
  const std::size_t width = static_cast<std::size_t>(side.nx);

  for (std::size_t k = 0; k < description.wavelengths.size(); ++k) {
    std::vector<double> intensity(frame.size(), 0.0);
    std::vector<std::vector<Complex>> fields(modes);
    for (std::size_t m = 0; m < modes; ++m) {
      fields[m].resize(description.source.size());
      run.inputs.test->fill(0, static_cast<int>(k * modes + m), fields[m]);
    }
    Plane in = description.source;
    double start = 0.0;
    std::size_t offset = 0;
    int next = 0;
    for (std::size_t l = 0; l <= layers; ++l) {
      const bool last = l == layers;
      const Layer* layer = last ? nullptr : description.layers[l].layer.get();
      const double distance = last ? description.detector_distance : description.layers[l].distance;
      Gap gap = gap_between(description, in, side, distance, description.wavelengths[k]);
      const MethodChoice method(gap);
      const auto spectra = spectra_of(fields, in, convolution_grid(gap));
      // Rounding must not lose the last position.
      for (; next < count && (last || next * step < start + distance); ++next) {
        const double z = std::clamp(next * step - start, 0.0, distance);
        gap.distance = z;
        gap.method = method.at(z);
        const TransferFunction transfer = transfer_function(gap);
        for (std::size_t m = 0; m < modes; ++m) {
          const double weight =
              description.mode_weights.empty() ? 1.0 : description.mode_weights[m];
          const std::vector<Complex> line = row_behind(spectra[m], transfer, row);
          for (std::size_t i = 0; i < width; ++i)
            intensity[static_cast<std::size_t>(next) * width + i] += weight * std::norm(line[i]);
        }
      }
      if (last) break;
      const ConvolutionOperator cross(
          gap_between(description, in, layer->plane(), distance, description.wavelengths[k]));
      std::vector<Complex> t(layer->plane().size());
      layer->transmission(run.parameters().subspan(offset, layer->parameter_count()),
                          description.wavelengths[k], t);
      offset += layer->parameter_count();
      for (std::vector<Complex>& field : fields) {
        std::vector<Complex> arrived(layer->plane().size());
        cross.apply(field, arrived);
        for (std::size_t i = 0; i < t.size(); ++i) arrived[i] *= t[i];
        field = std::move(arrived);
      }
      in = layer->plane();
      start += distance;
    }
    add_real(frame, array_name("intensity", run.problem, k), "W/m^2", intensity);
  }
  return frame;
}

}  // namespace wavesmith
