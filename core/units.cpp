#include "core/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace wavesmith {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();

struct Unit {
  Dimension dimension;
  const char* name;
  double scale;         // SI value of one unit
  double printed_from;  // used for printing from this many units on
  bool listed = true;   // false: another spelling of a listed unit
};

// Within a dimension the units used for printing stand from large to small.
constexpr std::array units{
    Unit{Dimension::dimensionless, "%", 1e-2, never},
    Unit{Dimension::dimensionless, "ppm", 1e-6, never},
    Unit{Dimension::length, "km", 1e3, 1.0},
    Unit{Dimension::length, "m", 1.0, 1.0},
    Unit{Dimension::length, "cm", 1e-2, never},
    Unit{Dimension::length, "mm", 1e-3, 0.1},
    Unit{Dimension::length, "um", 1e-6, 1.0},
    Unit{Dimension::length, "\u00b5m", 1e-6, never, false},
    Unit{Dimension::length, "\u03bcm", 1e-6, never, false},
    Unit{Dimension::length, "nm", 1e-9, 0.1},
    Unit{Dimension::length, "pm", 1e-12, 0.0},
    Unit{Dimension::inverse_length, "1/nm", 1e9, never},
    Unit{Dimension::inverse_length, "1/um", 1e6, 1.0},
    Unit{Dimension::inverse_length, "1/mm", 1e3, 1.0},
    Unit{Dimension::inverse_length, "1/cm", 1e2, never},
    Unit{Dimension::inverse_length, "1/m", 1.0, 0.0},
    Unit{Dimension::time, "h", 3600.0, 1.0},
    Unit{Dimension::time, "min", 60.0, 2.0},
    Unit{Dimension::time, "s", 1.0, 1.0},
    Unit{Dimension::time, "ms", 1e-3, 1.0},
    Unit{Dimension::time, "us", 1e-6, 1.0},
    Unit{Dimension::time, "\u00b5s", 1e-6, never, false},
    Unit{Dimension::time, "\u03bcs", 1e-6, never, false},
    Unit{Dimension::time, "ns", 1e-9, 1.0},
    Unit{Dimension::time, "ps", 1e-12, 1.0},
    Unit{Dimension::time, "fs", 1e-15, 0.0},
    Unit{Dimension::frequency, "PHz", 1e15, 1.0},
    Unit{Dimension::frequency, "THz", 1e12, 1.0},
    Unit{Dimension::frequency, "GHz", 1e9, 1.0},
    Unit{Dimension::frequency, "MHz", 1e6, 1.0},
    Unit{Dimension::frequency, "kHz", 1e3, 1.0},
    Unit{Dimension::frequency, "Hz", 1.0, 0.0},
    Unit{Dimension::angle, "deg", pi / 180.0, 1.0},
    Unit{Dimension::angle, "\u00b0", pi / 180.0, never, false},
    Unit{Dimension::angle, "rad", 1.0, never},
    Unit{Dimension::angle, "mrad", 1e-3, 0.1},
    Unit{Dimension::angle, "urad", 1e-6, 0.0},
    Unit{Dimension::angle, "\u00b5rad", 1e-6, never, false},
    Unit{Dimension::angle, "\u03bcrad", 1e-6, never, false},
    Unit{Dimension::angle, "arcmin", pi / 10800.0, never},
    Unit{Dimension::angle, "arcsec", pi / 648000.0, never},
    Unit{Dimension::speed, "km/s", 1e3, 1.0},
    Unit{Dimension::speed, "m/s", 1.0, 0.1},
    Unit{Dimension::speed, "mm/s", 1e-3, 0.0},
    Unit{Dimension::density, "g/cm^3", 1e3, never},
    Unit{Dimension::density, "kg/m^3", 1.0, 0.0},
    Unit{Dimension::power, "MW", 1e6, 1.0},
    Unit{Dimension::power, "kW", 1e3, 1.0},
    Unit{Dimension::power, "W", 1.0, 1.0},
    Unit{Dimension::power, "mW", 1e-3, 1.0},
    Unit{Dimension::power, "uW", 1e-6, 1.0},
    Unit{Dimension::power, "nW", 1e-9, 0.0},
    Unit{Dimension::energy, "J", 1.0, 1.0},
    Unit{Dimension::energy, "mJ", 1e-3, 1.0},
    Unit{Dimension::energy, "uJ", 1e-6, 1.0},
    Unit{Dimension::energy, "nJ", 1e-9, 1.0},
    Unit{Dimension::energy, "pJ", 1e-12, 1.0},
    Unit{Dimension::energy, "fJ", 1e-15, 1.0},
    Unit{Dimension::energy, "aJ", 1e-18, 0.0},
    Unit{Dimension::level, "dB", 1.0, 0.0},
    Unit{Dimension::attenuation, "dB/mm", 1e3, never},
    Unit{Dimension::attenuation, "dB/cm", 1e2, 1e-4},
    Unit{Dimension::attenuation, "dB/m", 1.0, never},
    Unit{Dimension::attenuation, "dB/km", 1e-3, 0.0},
    Unit{Dimension::dispersion, "ps/(nm km)", 1e-6, 0.0},
    Unit{Dimension::dispersion, "s/m^2", 1.0, never},
    Unit{Dimension::force, "kN", 1e3, 1.0},
    Unit{Dimension::force, "N", 1.0, 1.0},
    Unit{Dimension::force, "mN", 1e-3, 1.0},
    Unit{Dimension::force, "uN", 1e-6, 1.0},
    Unit{Dimension::force, "\u00b5N", 1e-6, never, false},
    Unit{Dimension::force, "\u03bcN", 1e-6, never, false},
    Unit{Dimension::force, "nN", 1e-9, 1.0},
    Unit{Dimension::force, "pN", 1e-12, 0.0},
    Unit{Dimension::pressure, "GPa", 1e9, 1.0},
    Unit{Dimension::pressure, "MPa", 1e6, 0.1},
    Unit{Dimension::pressure, "kPa", 1e3, 1.0},
    Unit{Dimension::pressure, "Pa", 1.0, 0.0},
    Unit{Dimension::stiffness, "kN/m", 1e3, 1.0},
    Unit{Dimension::stiffness, "N/m", 1.0, 0.1},
    Unit{Dimension::stiffness, "mN/m", 1e-3, 0.0},
    Unit{Dimension::mass, "kg", 1.0, 1.0},
    Unit{Dimension::mass, "g", 1e-3, 0.1},
    Unit{Dimension::mass, "mg", 1e-6, 0.1},
    Unit{Dimension::mass, "ug", 1e-9, 0.1},
    Unit{Dimension::mass, "\u00b5g", 1e-9, never, false},
    Unit{Dimension::mass, "\u03bcg", 1e-9, never, false},
    Unit{Dimension::mass, "ng", 1e-12, 0.0},
    Unit{Dimension::damping, "N s/m", 1.0, 0.1},
    Unit{Dimension::damping, "mN s/m", 1e-3, 0.0},
    Unit{Dimension::damping, "kg/s", 1.0, never},
    Unit{Dimension::damping, "g/s", 1e-3, never},
};

struct DimensionText {
  const char* name;
  const char* article;
  const char* base_unit;
  const char* example;
};

DimensionText text_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::dimensionless:
      return {"plain number", "a", "", "0.4"};
    case Dimension::length:
      return {"length", "a", "m", "0.4 mm"};
    case Dimension::inverse_length:
      return {"inverse length", "an", "1/m", "12 1/mm"};
    case Dimension::time:
      return {"time", "a", "s", "20 fs"};
    case Dimension::frequency:
      return {"frequency", "a", "Hz", "0.4 THz"};
    case Dimension::angle:
      return {"angle", "an", "rad", "30 deg"};
    case Dimension::speed:
      return {"speed", "a", "m/s", "343 m/s"};
    case Dimension::density:
      return {"density", "a", "kg/m^3", "1000 kg/m^3"};
    case Dimension::power:
      return {"power", "a", "W", "1 mW"};
    case Dimension::energy:
      return {"energy", "an", "J", "1 pJ"};
    case Dimension::level:
      return {"level", "a", "dB", "0.1 dB"};
    case Dimension::attenuation:
      return {"loss along a path", "a", "dB/m", "2 dB/cm"};
    case Dimension::dispersion:
      return {"dispersion", "a", "s/m^2", "17 ps/(nm km)"};
    case Dimension::force:
      return {"force", "a", "N", "50 mN"};
    case Dimension::pressure:
      return {"pressure", "a", "Pa", "0.5 MPa"};
    case Dimension::stiffness:
      return {"stiffness", "a", "N/m", "120 N/m"};
    case Dimension::mass:
      return {"mass", "a", "kg", "0.2 g"};
    case Dimension::damping:
      return {"damping constant", "a", "N s/m", "5 mN s/m"};
  }
  return {"quantity", "a", "", ""};
}

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string expected(Dimension dimension) {
  const DimensionText text = text_of(dimension);
  return fmt::format("({} {} is expected)", text.article, text.name);
}

// What to write instead, for the end of a sentence.
std::string advice(Dimension dimension) {
  const DimensionText text = text_of(dimension);
  if (dimension == Dimension::dimensionless) {
    return fmt::format("write a number such as {}, or one with {}", text.example,
                       accepted_units(dimension));
  }
  return fmt::format("write it as in \"{}\", with one of {}, or as a plain number in {}",
                     text.example, accepted_units(dimension), text.base_unit);
}

const Unit* find_unit(std::string_view name, Dimension preferred) {
  const Unit* found = nullptr;
  for (const Unit& unit : units) {
    if (name != unit.name) continue;
    if (unit.dimension == preferred) return &unit;
    found = &unit;
  }
  return found;
}

std::string unknown_unit(std::string_view name, Dimension dimension) {
  std::vector<std::string> names;
  for (const Unit& unit : units) {
    if (unit.dimension == dimension && unit.listed) names.emplace_back(unit.name);
  }
  const std::string guess = closest_name(name, names);
  return fmt::format("has an unknown unit \"{}\" {}; {}{}", name.substr(0, 40), expected(dimension),
                     guess.empty() ? "" : fmt::format("did you mean \"{}\"? If not, ", guess),
                     advice(dimension));
}

}  // namespace

Quantity read_quantity(std::string_view text, Dimension dimension) {
  const auto problem = [](std::string words) { return Quantity{0.0, std::move(words)}; };
  std::string_view rest = trim(text);
  if (rest.empty()) {
    return problem(fmt::format("is empty {}; {}", expected(dimension), advice(dimension)));
  }

  // The number. A plus sign is allowed here although from_chars knows none.
  if (rest.front() == '+' && rest.size() > 1 && rest[1] != '-') rest.remove_prefix(1);
  double number = 0.0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error == std::errc::result_out_of_range) {
    return problem("holds a number too large or too small to be represented; check its exponent");
  }
  if (error != std::errc{}) {
    return problem(
        fmt::format("does not begin with a number {}; {}", expected(dimension), advice(dimension)));
  }
  if (!std::isfinite(number)) {
    return problem("is not finite; write a finite number");
  }

  // The unit.
  const std::string_view name = trim(rest.substr(static_cast<std::size_t>(end - rest.data())));
  if (name.empty()) {
    if (dimension == Dimension::dimensionless) return {number, ""};
    return problem(fmt::format("has no unit {}; {}", expected(dimension), advice(dimension)));
  }
  if (name.front() == ',') return problem("has a decimal comma; write a decimal point");
  const Unit* unit = find_unit(name, dimension);
  if (unit == nullptr) return problem(unknown_unit(name, dimension));
  if (unit->dimension != dimension) {
    const DimensionText is = text_of(unit->dimension), wanted = text_of(dimension);
    return problem(fmt::format("is {} {} where {} {} is expected; {}", is.article, is.name,
                               wanted.article, wanted.name, advice(dimension)));
  }
  // Division by a power of ten is exact where the multiplication by its inverse is not:
  // "532 nm" is the double nearest to 532e-9.
  const double inverse = std::round(1.0 / unit->scale);
  const bool is_inverse_integer = unit->scale < 1.0 && 1.0 / inverse == unit->scale;
  const double value = is_inverse_integer ? number / inverse : number * unit->scale;
  if (!std::isfinite(value)) {
    return problem("is too large to be represented; check its exponent");
  }
  return {value, ""};
}

double parse_quantity(std::string_view text, Dimension dimension) {
  const Quantity quantity = read_quantity(text, dimension);
  if (!quantity.ok()) throw InputError(fmt::format("\"{}\" {}", text, quantity.problem));
  return quantity.value;
}

std::string format_quantity(double value, Dimension dimension, int digits) {
  const char* base = base_unit(dimension);
  const auto print = [&](double number, const char* unit) {
    return *unit == '\0' ? fmt::format("{:.{}g}", number, digits)
                         : fmt::format("{:.{}g} {}", number, digits, unit);
  };
  if (value == 0.0 || !std::isfinite(value)) return print(value, base);
  for (const Unit& unit : units) {
    if (unit.dimension != dimension) continue;
    // Slightly below the threshold counts: 1 mm is 0.99999... mm after arithmetic.
    if (std::abs(value) / unit.scale >= unit.printed_from * (1.0 - 1e-9)) {
      return print(value / unit.scale, unit.name);
    }
  }
  return print(value, base);
}

std::string format_number(double value) {
  return fmt::format("{}", value);
}

const char* dimension_name(Dimension dimension) {
  return text_of(dimension).name;
}

const char* base_unit(Dimension dimension) {
  return text_of(dimension).base_unit;
}

std::string accepted_units(Dimension dimension) {
  std::string result;
  for (const Unit& unit : units) {
    if (unit.dimension != dimension || !unit.listed) continue;
    if (!result.empty()) result += ", ";
    result += unit.name;
  }
  return result;
}

const char* example_quantity(Dimension dimension) {
  return text_of(dimension).example;
}

}  // namespace wavesmith
