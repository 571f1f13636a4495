#include "physics/optical_media.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

// Angular frequency of a photon of 1 eV [rad/s]: e / hbar.
constexpr double electron_volt = 1.602176634e-19 * 2.0 * pi / planck_constant;

DispersiveMedium described(std::string name, std::string sentence, std::string citation,
                           double min_wavelength, double max_wavelength) {
  DispersiveMedium medium;
  medium.name = std::move(name);
  medium.sentence = std::move(sentence);
  medium.citation = std::move(citation);
  medium.min_wavelength = min_wavelength;
  medium.max_wavelength = max_wavelength;
  return medium;
}

// B l^2 / (l^2 - resonance^2), lengths in um.
struct SellmeierTerm {
  double b, resonance;
};

DispersiveMedium sellmeier(DispersiveMedium medium, const std::vector<SellmeierTerm>& terms) {
  for (const SellmeierTerm& term : terms) {
    const double resonance = 2.0 * pi * speed_of_light / (term.resonance * 1e-6);
    medium.lorentz.push_back({resonance, 0.0, term.b * resonance * resonance});
  }
  return medium;
}

// f wp^2 / (w^2 - omega^2 - i gamma omega), w and gamma in eV.
struct Oscillator {
  double f, gamma, w;
};

DispersiveMedium lorentz_drude(DispersiveMedium medium, double plasma_energy,
                               const std::vector<Oscillator>& oscillators) {
  const double plasma = plasma_energy * electron_volt;
  for (const Oscillator& oscillator : oscillators)
    medium.lorentz.push_back({oscillator.w * electron_volt, oscillator.gamma * electron_volt,
                              oscillator.f * plasma * plasma});
  return medium;
}

DispersiveMedium fused_silica() {
  return sellmeier(described("fused_silica", "Fused silica (SiO2 glass), 20 C",
                             "I. H. Malitson, J. Opt. Soc. Am. 55, 1205 (1965)", 0.21e-6, 3.71e-6),
                   {{0.6961663, 0.0684043}, {0.4079426, 0.1162414}, {0.8974794, 9.896161}});
}

DispersiveMedium silicon_nitride() {
  return sellmeier(described("si3n4", "Silicon nitride film",
                             "K. Luke et al., Opt. Lett. 40, 4823 (2015)", 0.31e-6, 5.504e-6),
                   {{3.0249, 0.1353406}, {40314.0, 1239.842}});
}

// The published form A + B / (l^2 - C) is a constant A - B / C and one Sellmeier term.
DispersiveMedium titanium_dioxide() {
  const double a = 5.913, b = 0.2441, c = 0.0803;
  DispersiveMedium medium =
      described("tio2", "Titanium dioxide, rutile, ordinary ray",
                "J. R. Devore, J. Opt. Soc. Am. 41, 416 (1951)", 0.43e-6, 1.53e-6);
  medium.eps_inf = a - b / c;
  return sellmeier(std::move(medium), {{b / c, std::sqrt(c)}});
}

DispersiveMedium silicon() {
  return sellmeier(
      described("silicon", "Crystalline silicon, transparent range, 26 C",
                "C. D. Salzberg and J. J. Villa, J. Opt. Soc. Am. 47, 244 (1957), fitted by B. "
                "Tatian, Appl. Opt. 23, 4477 (1984)",
                1.357e-6, 11.04e-6),
      {{10.6684293, 0.301516485}, {0.0030434748, 1.13475115}, {1.54133408, 1104.0}});
}

// Least-squares fit of three poles to the published table from 0.4 to 1.0 um: n to 0.004, kappa to
// 0.005 (too absorbing beyond 0.8 um, where the table falls below that, so the band ends there).
DispersiveMedium visible_silicon() {
  DispersiveMedium medium =
      described("silicon_visible", "Crystalline silicon, visible, 300 K (n to 0.004, k to 0.005)",
                "poles fitted to the table of M. A. Green, Sol. Energy Mater. Sol. Cells 92, 1305 "
                "(2008)",
                0.4e-6, 0.8e-6);
  medium.lorentz = {{6.624393e15, 0.0, 3.705446e32},
                    {4.810115e15, 7.146775e14, 9.112118e30},
                    {5.090182e15, 4.942547e13, 4.739045e31}};
  return medium;
}

DispersiveMedium gold() {
  return lorentz_drude(
      described("gold", "Gold film (Lorentz-Drude)",
                "A. D. Rakic et al., Appl. Opt. 37, 5271 (1998)", 0.24797e-6, 6.1992e-6),
      9.03,
      {{0.760, 0.053, 0.0},
       {0.024, 0.241, 0.415},
       {0.010, 0.345, 0.830},
       {0.071, 0.870, 2.969},
       {0.601, 2.494, 4.304},
       {4.384, 2.214, 13.32}});
}

DispersiveMedium silver() {
  return lorentz_drude(
      described("silver", "Silver film (Lorentz-Drude)",
                "A. D. Rakic et al., Appl. Opt. 37, 5271 (1998)", 0.24797e-6, 12.398e-6),
      9.01,
      {{0.845, 0.048, 0.0},
       {0.065, 3.886, 0.816},
       {0.124, 0.452, 4.481},
       {0.011, 0.065, 8.185},
       {0.840, 0.916, 9.083},
       {5.646, 2.419, 20.29}});
}

DispersiveMedium aluminium() {
  return lorentz_drude(
      described("aluminium", "Aluminium film (Lorentz-Drude)",
                "A. D. Rakic et al., Appl. Opt. 37, 5271 (1998)", 0.062e-6, 247.9e-6),
      14.98,
      {{0.523, 0.047, 0.0},
       {0.227, 0.333, 0.162},
       {0.050, 0.312, 1.544},
       {0.166, 1.351, 1.808},
       {0.030, 3.382, 3.473}});
}

DispersiveMedium water() {
  return sellmeier(
      described("water", "Water, visible and near infrared, 20 C (absorption neglected)",
                "M. Daimon and A. Masumura, Appl. Opt. 46, 3811 (2007)", 0.182e-6, 1.129e-6),
      {{5.684027565e-1, std::sqrt(5.101829712e-3)},
       {1.726177391e-1, std::sqrt(1.821153936e-2)},
       {2.086189578e-2, std::sqrt(2.620722293e-2)},
       {1.130748688e-1, std::sqrt(1.069792721e1)}});
}

// Two Debye terms with the temperature in theta = 1 - 300 K / T.
DispersiveMedium microwave_water() {
  DispersiveMedium medium =
      described("water_microwave", "Water up to 1 THz, 25 C",
                "H. J. Liebe, G. A. Hufford and T. Manabe, Int. J. Infrared Millim. Waves 12, 659 "
                "(1991)",
                speed_of_light / 1e12, speed_of_light / 1e9);
  const double theta = 1.0 - 300.0 / 298.15;
  const double low = 77.66 - 103.3 * theta, middle = 0.0671 * low, high = 3.52 + 7.52 * theta;
  const double first = (20.20 + 146.4 * theta + 316.0 * theta * theta) * 1e9;  // [Hz]
  const double second = 39.8 * first;
  medium.eps_inf = high;
  medium.debye = {{low - middle, 1.0 / (2.0 * pi * first)},
                  {middle - high, 1.0 / (2.0 * pi * second)}};
  return medium;
}

}  // namespace

std::vector<DispersiveMedium> list_optical_media() {
  return {fused_silica(), silicon_nitride(), titanium_dioxide(), silicon(), visible_silicon(),
          gold(),         silver(),          aluminium(),        water(),   microwave_water()};
}

DispersiveMedium find_optical_medium(const std::string& name) {
  std::vector<std::string> names;
  for (const DispersiveMedium& medium : list_optical_media()) {
    if (medium.name == name) return medium;
    names.push_back(medium.name);
  }
  throw InputError(
      fmt::format("there is no optical medium \"{}\"; known are {}, or give eps and "
                  "poles{}",
                  name, join_names(names), suggestion(name, names)));
}

DispersiveMedium constant_medium(double eps, double conductivity) {
  DispersiveMedium medium =
      described("constant", fmt::format("eps = {} at every wavelength", eps), "given by the scene",
                0.0, std::numeric_limits<double>::infinity());
  medium.eps_inf = eps;
  medium.conductivity = conductivity;
  validate_medium(medium);
  return medium;
}

}  // namespace wavesmith
