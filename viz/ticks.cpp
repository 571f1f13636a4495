#include "viz/ticks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace wavesmith {
namespace {

// Smallest of 1, 2, 5 times a power of ten that is not below `least`.
double round_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1.0 - 1e-9)) return factor * power;
  return 10.0 * power;
}

std::string print(const char* format, int digits, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, digits, value);
  return text.data();
}

std::string tick_label(double value, double step, double largest) {
  if (std::abs(value) < 1e-9 * step) return "0";
  if (largest >= 1e5 || largest < 1e-3) {
    const int digits = std::clamp(
        static_cast<int>(std::floor(std::log10(largest)) - std::floor(std::log10(step) + 1e-9)) + 1,
        1, 9);
    return short_number(value, digits);
  }
  const int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 9);
  return print("%.*f", decimals, value);
}

}  // namespace

std::string short_number(double value, int digits) {
  std::string text = print("%.*g", digits, value);
  if (text == "-0") return "0";
  return text;
}

std::vector<Tick> linear_ticks(double low, double high, int count) {
  std::vector<Tick> ticks;
  if (!(std::isfinite(low) && std::isfinite(high)) || !(high > low)) return ticks;
  const double largest = std::max(std::abs(low), std::abs(high));
  // Numbers that differ only beyond what a label can show make no axis.
  const double finest = largest * 1e-9;
  double step = round_step(std::max((high - low) / std::max(count, 2), finest));
  const auto first = [&] { return std::ceil(low / step - 1e-6); };
  const auto last = [&] { return std::floor(high / step + 1e-6); };
  while (last() - first() < 2.0 && step > 2.0 * finest)
    step = round_step(0.39 * step);  // the next finer one
  const int steps = static_cast<int>(last() - first());
  for (int i = 0; i <= steps; ++i) {
    const double value = (first() + i) * step;
    ticks.push_back({value, tick_label(value, step, largest)});
  }
  return ticks;
}

std::vector<Tick> log_ticks(double low, double high, int count) {
  std::vector<Tick> ticks;
  if (!(std::isfinite(low) && std::isfinite(high)) || !(low > 0.0) || !(high > low)) return ticks;
  const int first = static_cast<int>(std::ceil(std::log10(low) - 1e-6));
  const int last = static_cast<int>(std::floor(std::log10(high) + 1e-6));
  if (last - first < 1) return linear_ticks(low, high, count);
  const int stride = (last - first) / std::max(count, 2) + 1;
  for (int power = first; power <= last; power += stride)
    ticks.push_back({std::pow(10.0, power), "10^" + std::to_string(power)});
  return ticks;
}

LengthUnit length_unit(double extent) {
  if (!(extent > 0.0)) return {"m", 1.0};
  static const std::array<LengthUnit, 5> units{
      {{"km", 1e3}, {"m", 1.0}, {"mm", 1e-3}, {"µm", 1e-6}, {"nm", 1e-9}}};
  for (const LengthUnit& unit : units)
    if (extent >= unit.metres) return unit;
  return units.back();
}

}  // namespace wavesmith
