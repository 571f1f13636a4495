#include "physics/cells_layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

constexpr double same_pitch = 1e-6;
constexpr int round_corners = 64;

double smallest_of(const CellTable& table, double smallest) {
  return smallest > 0.0 ? smallest : table.data().sizes.front();
}

double largest_of(const CellTable& table, double largest) {
  return largest > 0.0 ? largest : table.data().sizes.back();
}

DesignRange size_range(const CellTable& table, const DesignOptions& options, Bound bound,
                       double smallest, double largest) {
  WAVESMITH_VALIDATE(bound != Bound::free,
                     "the size of a cell lies between two ends: bound it by a sigmoid or a clamp");
  const auto text = [](double value) { return format_quantity(value, Dimension::length, 6); };
  const std::vector<double>& known = table.data().sizes;
  DesignRange range;
  range.bound = bound;
  range.low = smallest_of(table, smallest);
  range.high = largest_of(table, largest);
  WAVESMITH_VALIDATE(
      range.low < range.high && range.low >= known.front() * (1.0 - 1e-9) &&
          range.high <= known.back() * (1.0 + 1e-9),
      fmt::format("sizes of cells from {} to {} are not within the table's, {} to {}",
                  text(range.low), text(range.high), text(known.front()), text(known.back())));
  range.step = options.levels > 1 ? (range.high - range.low) / (options.levels - 1) : 0.0;
  return range;
}

}  // namespace

CellsLayer::CellsLayer(const Plane& plane, const DesignOptions& options, CellTable table,
                       Bound bound, double smallest, double largest, std::vector<double> start)
    : grid_(plane, options),
      table_(std::move(table)),
      smallest_(smallest_of(table_, smallest)),
      largest_(largest_of(table_, largest)),
      size_(grid_.pixels(), size_range(table_, options, bound, smallest, largest), options,
            std::move(start)) {
  const double pitch = table_.data().pitch;
  const Plane& pixels = grid_.pixels();
  const bool any_height = pixels.ny == 1 || table_.data().shape == CellShape::ridge;
  for (const double own : {pixels.dx, any_height ? pitch : pixels.dy})
    WAVESMITH_VALIDATE(std::abs(own - pitch) <= same_pitch * pitch,
                       fmt::format("design pixels of {} for a table of cells with a pitch of {}; "
                                   "change the layer's pitch or samples_per_pixel",
                                   format_quantity(own, Dimension::length, 6),
                                   format_quantity(pitch, Dimension::length, 6)));
}

void CellsLayer::initial_parameters(std::uint64_t seed, double spread,
                                    std::span<double> parameters) const {
  size_.initial_parameters(seed, 0, spread, parameters);
}

std::vector<double> CellsLayer::sizes(std::span<const double> parameters) const {
  std::vector<double> sizes(size_.size());
  size_.values(parameters, sizes);
  return sizes;
}

void CellsLayer::transmission(std::span<const double> parameters, double wavelength,
                              std::span<Complex> t) const {
  table_.require_resolved(wavelength, smallest_, largest_);
  const std::vector<double> size = sizes(parameters);
  std::vector<Complex> pixels(size.size());
  for (std::size_t p = 0; p < pixels.size(); ++p) pixels[p] = table_.at(wavelength, size[p]).t;
  grid_.to_samples(pixels, t);
}

void CellsLayer::pull_back(std::span<const double> parameters, double wavelength,
                           std::span<const Complex> g, std::span<double> gradient) const {
  const std::vector<double> size = sizes(parameters);
  std::vector<Complex> g_pixels(size.size());
  grid_.from_samples(g, g_pixels);
  std::vector<double> g_size(size.size());
  for (std::size_t p = 0; p < g_size.size(); ++p)
    g_size[p] = std::real(std::conj(g_pixels[p]) * table_.at(wavelength, size[p]).slope);
  size_.pull_back(parameters, g_size, gradient);
}

std::vector<std::array<double, 2>> cell_outline(const CellTableData& cell, double size) {
  if (cell.shape == CellShape::square || cell.shape == CellShape::ridge) {
    const double x = 0.5 * size, y = cell.shape == CellShape::ridge ? 0.5 * cell.pitch : x;
    return {{-x, -y}, {x, -y}, {x, y}, {-x, y}};
  }
  const double turn = 2.0 * pi / round_corners, larger = std::sqrt(turn / std::sin(turn));
  std::vector<std::array<double, 2>> corners;
  for (int c = 0; c < round_corners; ++c)
    corners.push_back({larger * size * std::cos((c + 0.5) * turn),
                       larger * size * cell.aspect * std::sin((c + 0.5) * turn)});
  return corners;
}

}  // namespace wavesmith
