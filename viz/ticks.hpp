// Round numbers for axes and colour bars.
#pragma once

#include <string>
#include <vector>

namespace wavesmith {

struct Tick {
  double value = 0.0;
  std::string label;  // "-0.5", "10^-3"
};

// Three to about `count` ticks at multiples of 1, 2 or 5 times a power of ten inside [low, high].
std::vector<Tick> linear_ticks(double low, double high, int count);

// Powers of ten inside [low, high] (both > 0), thinned to at most `count`; linear ticks where the
// range spans less than a decade.
std::vector<Tick> log_ticks(double low, double high, int count);

// The unit that gives lengths up to `extent` [m] short numbers.
struct LengthUnit {
  std::string name;     // "nm", "µm", "mm", "m", "km"
  double metres = 1.0;  // length of the unit [m]
};
LengthUnit length_unit(double extent);

// `value` with `digits` significant digits, no trailing zeros: "0.25", "1.2e-07".
std::string short_number(double value, int digits = 4);

}  // namespace wavesmith
