#include "core/units.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace wavesmith {
namespace {

struct Parsed {
  const char* text;
  Dimension dimension;
  double value;
};

TEST(Units, ParsesQuantitiesToTheNearestDouble) {
  using enum Dimension;
  const Parsed table[] = {
      {"532 nm", length, 532e-9},
      {"532nm", length, 532e-9},
      {"  0.4   mm ", length, 0.4e-3},
      {"632.8 nm", length, 632.8e-9},
      {"1.55 um", length, 1.55e-6},
      {"1.55 \u00b5m", length, 1.55e-6},
      {"1.55 \u03bcm", length, 1.55e-6},
      {"-3 cm", length, -0.03},
      {"+3 cm", length, 0.03},
      {"2e-3 m", length, 2e-3},
      {"2 km", length, 2000.0},
      {"53 pm", length, 53e-12},
      {"1 MHz", frequency, 1e6},
      {"0.4 THz", frequency, 0.4e12},
      {"30 deg", angle, 0.52359877559829887},
      {"180 \u00b0", angle, 3.14159265358979324},
      {"2 mrad", angle, 2e-3},
      {"60 arcmin", angle, 0.017453292519943296},
      {"3600 arcsec", angle, 0.017453292519943296},
      {"20 fs", time, 20e-15},
      {"2 min", time, 120.0},
      {"40 %", dimensionless, 0.4},
      {"0.25", dimensionless, 0.25},
      {"3 ppm", dimensionless, 3e-6},
      {"12 1/mm", inverse_length, 12e3},
      {"343 m/s", speed, 343.0},
      {"1 g/cm^3", density, 1000.0},
      {"3 mW", power, 3e-3},
      {"2 pJ", energy, 2e-12},
      {"-30 dB", level, -30.0},
      {"2 dB/cm", attenuation, 200.0},
      {"0.2 dB/km", attenuation, 2e-4},
      {"17 ps/(nm km)", dispersion, 17e-6},
      {"-49 mN", force, -0.049},
      {"3 \u00b5N", force, 3e-6},
      {"0.55 MPa", pressure, 0.55e6},
      {"3 GPa", pressure, 3e9},
      {"1.2 kN/m", stiffness, 1200.0},
      {"0.2 g", mass, 2e-4},
      {"5 mg", mass, 5e-6},
      {"5 mN s/m", damping, 5e-3},
      {"5 g/s", damping, 5e-3},
  };
  for (const Parsed& row : table) {
    const Quantity quantity = read_quantity(row.text, row.dimension);
    EXPECT_EQ(quantity.problem, "") << row.text;
    EXPECT_NEAR(quantity.value, row.value, 1e-15 * std::abs(row.value)) << row.text;
  }
  // Decimal prefixes below one are exact.
  EXPECT_EQ(parse_quantity("532 nm", length), 532e-9);
  EXPECT_EQ(parse_quantity("0.75 mm", length), 0.75e-3);
}

struct Wrong {
  const char* text;
  Dimension dimension;
  const char* part;  // of the message
};

TEST(Units, SaysWhatIsWrong) {
  using enum Dimension;
  const Wrong table[] = {
      {"", length, "is empty (a length is expected)"},
      {"532", length, "has no unit (a length is expected)"},
      {"532", length, "km, m, cm, mm, um, nm, pm"},
      {"532 nn", length, "unknown unit \"nn\" (a length is expected)"},
      {"532 mmm", length, "did you mean \"mm\"?"},
      {"532 NM", length, "did you mean \"nm\"?"},
      {"1 mhz", frequency, "did you mean \"MHz\"?"},
      {"5 MHz", length, "is a frequency where a length is expected"},
      {"5 mm", angle, "is a length where an angle is expected"},
      {"nm 5", length, "does not begin with a number"},
      {"0,4 mm", length, "decimal comma"},
      {"1e999 m", length, "too large"},
      {"1e308 km", length, "too large"},
      {"nan m", length, "is not finite"},
      {"inf m", length, "is not finite"},
      {"+-3 m", length, "does not begin with a number"},
      {"3 mm 4", length, "unknown unit \"mm 4\""},
      {"3 mm", dimensionless, "is a length where a plain number is expected"},
      {"5 g", force, "is a mass where a force is expected"},
      {"3 N", stiffness, "one of kN/m, N/m, mN/m"},
      {"3 Mpa", pressure, "did you mean \"MPa\"?"},
  };
  for (const Wrong& row : table) {
    const Quantity quantity = read_quantity(row.text, row.dimension);
    EXPECT_NE(quantity.problem.find(row.part), std::string::npos)
        << row.text << " -> " << quantity.problem;
    EXPECT_THROW(parse_quantity(row.text, row.dimension), InputError) << row.text;
  }
}

TEST(Units, FormatsForPeople) {
  using enum Dimension;
  const struct {
    double value;
    Dimension dimension;
    const char* text;
  } table[] = {
      {7.5e-4, length, "0.75 mm"},   {532e-9, length, "532 nm"},    {1.55e-6, length, "1.55 um"},
      {0.03, length, "30 mm"},       {0.0, length, "0 m"},          {-2e-3, length, "-2 mm"},
      {1.5, length, "1.5 m"},        {1e6, frequency, "1 MHz"},     {0.4e12, frequency, "400 GHz"},
      {pi / 6, angle, "30 deg"},     {2e-3, angle, "2 mrad"},       {0.25, dimensionless, "0.25"},
      {20e-15, time, "20 fs"},       {90.0, time, "90 s"},          {632.8e-9, length, "632.8 nm"},
      {53e-12, length, "53 pm"},     {550e3, pressure, "0.55 MPa"}, {2e-4, mass, "0.2 g"},
      {172.0, stiffness, "172 N/m"}, {-0.049, force, "-49 mN"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(format_quantity(row.value, row.dimension), row.text);
  }
}

TEST(Units, WhatIsPrintedReadsBack) {
  using enum Dimension;
  for (const Dimension dimension :
       {length, inverse_length, time, frequency, angle, speed, density, power, energy, level,
        attenuation, dispersion, force, pressure, stiffness, mass, damping}) {
    for (double value = 1.2345e-21; value < 1e20; value *= 7.3) {
      const std::string text = format_quantity(value, dimension, 17);
      EXPECT_NEAR(parse_quantity(text, dimension), value, 1e-15 * value) << text;
    }
  }
}

TEST(Suggest, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("lens", "lens"), 0u);
}

TEST(Suggest, FindsWhatWasMeant) {
  const std::vector<std::string> names{"phase", "amplitude", "lens", "height_map"};
  EXPECT_EQ(closest_name("phse", names), "phase");
  EXPECT_EQ(closest_name("LENS", names), "lens");
  EXPECT_EQ(closest_name("heightmap", names), "height_map");
  EXPECT_EQ(closest_name("amp", names), "amplitude");
  EXPECT_EQ(closest_name("zzzzz", names), "");
  EXPECT_EQ(closest_name("", names), "");
  EXPECT_EQ(closest_name(std::string(100000, 'x'), names), "");
}

}  // namespace
}  // namespace wavesmith
