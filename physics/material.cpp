#include "physics/material.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/suggest.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

// n^2 = 1 + sum B l^2 / (l^2 - C), l in um and C in um^2.
struct SellmeierTerm {
  double B, C;
};

double sellmeier(const std::vector<SellmeierTerm>& terms, double um) {
  const double l2 = um * um;
  double n2 = 1.0;
  for (const SellmeierTerm& term : terms) n2 += term.B * l2 / (l2 - term.C);
  return std::sqrt(n2);
}

double square(double value) {
  return value * value;
}

std::complex<double> fused_silica(double um) {
  return sellmeier({{0.6961663, square(0.0684043)},
                    {0.4079426, square(0.1162414)},
                    {0.8974794, square(9.896161)}},
                   um);
}

std::complex<double> n_bk7(double um) {
  return sellmeier(
      {{1.03961212, 0.00600069867}, {0.231792344, 0.0200179144}, {1.01046945, 103.560653}}, um);
}

std::complex<double> pmma(double um) {
  const double l2 = um * um, s2 = 1.0 / l2;
  return std::sqrt(2.1778 + l2 * (6.1209e-3 - 1.5004e-3 * l2) +
                   s2 * (2.3678e-2 + s2 * (-4.2137e-3 + s2 * (7.3417e-4 - 4.5042e-5 * s2))));
}

std::complex<double> titanium_dioxide(double um) {
  return std::sqrt(5.913 + 0.2441 / (um * um - 0.0803));
}

std::complex<double> silicon_nitride(double um) {
  return sellmeier({{3.0249, square(0.1353406)}, {40314.0, square(1239.842)}}, um);
}

std::complex<double> silicon(double um) {
  return sellmeier({{10.6684293, square(0.301516485)},
                    {0.0030434748, square(1.13475115)},
                    {1.54133408, square(1104.0)}},
                   um);
}

std::complex<double> su8(double um) {
  const double s2 = 1.0 / (um * um);
  return 1.5525 + s2 * (0.00629 + 0.0004 * s2);
}

std::complex<double> ip_dip(double um) {
  return sellmeier({{1.2899, 1.1283e-2}, {6.0569e-2, 7.7762e-2}, {1.1844e5, 2.5802e7}}, um);
}

std::complex<double> vero_black_plus(double) {
  return {1.7227, 0.03};
}

}  // namespace

std::complex<double> Material::index(double wavelength) const {
  WAVESMITH_VALIDATE(
      wavelength >= min_wavelength && wavelength <= max_wavelength,
      fmt::format("material {} has no refractive index at {:.6g} m: it is known from {:.6g} to "
                  "{:.6g} m ({}); choose another material or give n and k",
                  name, wavelength, min_wavelength, max_wavelength, citation));
  return formula(wavelength * 1e6);
}

std::vector<Material> list_materials() {
  return {
      {"fused_silica", "Fused silica (SiO2 glass), 20 C",
       "I. H. Malitson, J. Opt. Soc. Am. 55, 1205 (1965)", 0.21e-6, 3.71e-6, fused_silica},
      {"bk7", "N-BK7 crown glass", "SCHOTT optical glass data sheet N-BK7 517642.251", 0.3e-6,
       2.5e-6, n_bk7},
      {"pmma", "Poly(methyl methacrylate), acrylic glass, 20 C",
       "G. Beadie et al., Appl. Opt. 54, F139 (2015)", 0.42e-6, 1.62e-6, pmma},
      {"tio2", "Titanium dioxide, rutile, ordinary ray",
       "J. R. Devore, J. Opt. Soc. Am. 41, 416 (1951)", 0.43e-6, 1.53e-6, titanium_dioxide},
      {"si3n4", "Silicon nitride film", "K. Luke et al., Opt. Lett. 40, 4823 (2015)", 0.31e-6,
       5.504e-6, silicon_nitride},
      {"silicon", "Crystalline silicon, transparent range, 26 C",
       "C. D. Salzberg and J. J. Villa, J. Opt. Soc. Am. 47, 244 (1957), fitted by B. Tatian, "
       "Appl. Opt. 23, 4477 (1984)",
       1.357e-6, 11.04e-6, silicon},
      {"su8", "SU-8 3000 epoxy photoresist (Cauchy formula)",
       "MicroChem SU-8 3000 data sheet (2011)", 0.32e-6, 1.7e-6, su8},
      {"ip_dip", "IP-Dip photoresist for two-photon printing",
       "M. Schmid, D. Ludescher and H. Giessen, Opt. Mater. Express 9, 4564 (2019)", 0.4e-6, 1.6e-6,
       ip_dip},
      {"vero_black_plus",
       "VeroBlackPlus RGD875 printing polymer near 0.4 THz: a constant, kappa approximate",
       "n: X. Lin et al., Science 361, 1004 (2018), at 0.4 THz; kappa about 0.03 for this class of "
       "polymer",
       0.6e-3, 1.0e-3, vero_black_plus},
  };
}

Material find_material(const std::string& name) {
  std::vector<std::string> names;
  for (const Material& material : list_materials()) {
    if (material.name == name) return material;
    names.push_back(material.name);
  }
  throw InputError(fmt::format("there is no material \"{}\"; known are {}, or give n and k{}", name,
                               join_names(names), suggestion(name, names)));
}

Material constant_material(double n, double kappa) {
  validate_positive(n, "refractive index n");
  validate_not_negative(kappa, "extinction k");
  return {"constant",
          fmt::format("n = {}, k = {} at every wavelength", n, kappa),
          "given by the scene",
          std::numeric_limits<double>::min(),
          std::numeric_limits<double>::max(),
          [n, kappa](double) { return std::complex<double>(n, kappa); }};
}

}  // namespace wavesmith
