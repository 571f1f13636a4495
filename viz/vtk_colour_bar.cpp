// The bar of colours beside a map, and how values become places on it.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "viz/colour_bar.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

}  // namespace

double colour_place(const Picture& p, const std::array<double, 2>& range, double value) {
  if (p.scale == ColourScale::logarithmic && p.map != ColourMap::phase) {
    if (std::isnan(value)) return value;
    return value > 0.0 ? std::log(value / range[0]) / std::log(range[1] / range[0]) : 0.0;
  }
  return (value - range[0]) / (range[1] - range[0]);
}

std::array<double, 2> colour_range(const Picture& p) {
  if (p.range) return *p.range;
  if (p.map == ColourMap::phase) return {-pi, pi};
  const bool log = p.scale == ColourScale::logarithmic;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (float value : p.values) {
    if (!std::isfinite(value) || (log && value <= 0.0f)) continue;
    low = std::min(low, static_cast<double>(value));
    high = std::max(high, static_cast<double>(value));
  }
  if (low > high) return log ? std::array{0.1, 1.0} : std::array{0.0, 1.0};
  if (log) {
    low = std::max(low, high * 1e-6);
    return low < high ? std::array{low, high} : std::array{low * 0.1, high * 10.0};
  }
  if (p.map == ColourMap::diverging) {
    const double largest = std::max(std::abs(low), std::abs(high));
    return largest > 0.0 ? std::array{-largest, largest} : std::array{-1.0, 1.0};
  }
  // An intensity starts at zero unless the data are far from it: brightness is then proportional.
  if (p.map == ColourMap::intensity && low >= 0.0 && low < 0.5 * high) low = 0.0;
  if (high - low > 1e-6 * std::max(std::abs(low), std::abs(high))) return {low, high};
  const double room = low == 0.0 ? 1.0 : 0.5 * std::abs(low);  // one value everywhere
  return {low - room, high + room};
}

std::vector<Tick> colour_ticks(const Picture& p, const std::array<double, 2>& range) {
  if (p.map == ColourMap::phase) {
    std::vector<Tick> ticks;
    static constexpr const char* names[] = {"-2π", "-π", "0", "π", "2π"};
    for (int n = -2; n <= 2; ++n)
      if (n * pi >= range[0] - 1e-3 && n * pi <= range[1] + 1e-3)
        ticks.push_back({n * pi, names[n + 2]});
    if (ticks.size() >= 2) return ticks;
  }
  return p.scale == ColourScale::logarithmic ? log_ticks(range[0], range[1], 8)
                                             : linear_ticks(range[0], range[1], 6);
}

int widest(const std::vector<Tick>& ticks, int font) {
  int width = 0;
  for (const Tick& tick : ticks) width = std::max(width, text_width(tick.label, font));
  return width;
}

std::string with_unit(const std::string& name, const std::string& unit) {
  if (unit.empty() || unit == "1") return name;
  return name.empty() ? unit : name + " (" + unit + ")";
}

void draw_colour_bar(Canvas& canvas, const Picture& p, const std::array<double, 2>& range,
                     const std::vector<Tick>& ticks, int left, int top, int height,
                     const ColourBarStyle& style) {
  for (int j = 0; j < height; ++j) {
    // Stops short of 1, where the phase map begins anew.
    const double t = std::min(1.0 - (j + 0.5) / height, 1.0 - 1e-9);
    for (int i = 0; i < style.width; ++i) canvas.set(left + i, top + j, colour_at(p.map, t));
  }
  canvas.outline(left - 1, top - 1, style.width + 2, height + 2, black);
  for (const Tick& tick : ticks) {
    const int y =
        top + static_cast<int>(std::lround((1.0 - colour_place(p, range, tick.value)) * height));
    canvas.fill(left + style.width, std::min(y, top + height), style.tick, 1, black);
    canvas.text(left + style.width + style.tick + 4, y - style.font / 2, tick.label, style.font,
                Align::left);
  }
}

}  // namespace wavesmith
