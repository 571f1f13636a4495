// Physical quantities as people write them ("532 nm", "0.4 mm", "1 MHz", "30 deg"), and back.
//
// Inside the program every quantity is a double in SI units; angles are in radians and
// dimensionless quantities are plain ratios ("40 %" is 0.4).
#pragma once

#include <numbers>
#include <string>
#include <string_view>

namespace wavesmith {

inline constexpr double pi = std::numbers::pi;
inline constexpr double speed_of_light = 299792458.0;      // in vacuum [m/s], exact
inline constexpr double planck_constant = 6.62607015e-34;  // [J s], exact

enum class Dimension {
  dimensionless,
  length,
  inverse_length,
  time,
  frequency,
  angle,
  speed,
  density,
  power,
  energy,
  level,        // of power, in decibels
  attenuation,  // of power along a path
  dispersion,   // of light in a guide, D
  force,
  pressure,   // and elastic moduli
  stiffness,  // of a spring
  mass,
  damping,  // force over speed
};

// What a text says, or why it says nothing.
struct Quantity {
  double value = 0.0;   // SI, finite; only where problem is empty
  std::string problem;  // `has no unit (a length is expected); write one of m, mm, ...`
  bool ok() const { return problem.empty(); }
};

// Reads "<number> <unit>" (the space may be missing). Dimensionless quantities need no unit, all
// others do.
Quantity read_quantity(std::string_view text, Dimension dimension);

// The same, or InputError `"<text>" <problem>`.
double parse_quantity(std::string_view text, Dimension dimension);

// "0.75 mm": the unit that gives a handy number, and at most `digits` significant digits.
std::string format_quantity(double value, Dimension dimension, int digits = 4);

// The shortest decimal text that reads back as the same double.
std::string format_number(double value);

const char* dimension_name(Dimension dimension);    // "length"
const char* base_unit(Dimension dimension);         // "m"; "" where dimensionless
std::string accepted_units(Dimension dimension);    // "km, m, cm, mm, um, nm, pm"
const char* example_quantity(Dimension dimension);  // "0.4 mm"

}  // namespace wavesmith
