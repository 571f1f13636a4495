#include "physics/optical_media.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/material.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Poles against the index formulas that the project has apart from them.
TEST(OpticalMedia, AgreeWithTheIndexFormulasOfTheSameName) {
  int shared = 0;
  for (const DispersiveMedium& medium : list_optical_media()) {
    for (const Material& material : list_materials()) {
      if (material.name != medium.name) continue;
      ++shared;
      EXPECT_DOUBLE_EQ(material.min_wavelength, medium.min_wavelength);
      EXPECT_DOUBLE_EQ(material.max_wavelength, medium.max_wavelength);
      for (int i = 0; i <= 40; ++i) {
        const double wavelength =
            std::min(material.max_wavelength,
                     material.min_wavelength +
                         (material.max_wavelength - material.min_wavelength) * i / 40.0);
        EXPECT_NEAR(std::abs(medium.index(wavelength) - material.index(wavelength)), 0.0, 1e-11)
            << medium.name << " at " << wavelength;
      }
    }
  }
  EXPECT_EQ(shared, 4);
}

struct PublishedIndex {
  const char* medium;
  double wavelength;  // [um]
  double n, k, tolerance_n, tolerance_k;
};

// Measured films (P. B. Johnson and R. W. Christy, Phys. Rev. B 6, 4370 (1972); A. D. Rakic, Appl.
// Opt. 34, 4755 (1995)), with the spread of samples and fits; tables of silicon (M. A. Green,
// 2008); water, CRC Handbook, 20 C.
TEST(OpticalMedia, AgreeWithPublishedTables) {
  const PublishedIndex published[] = {
      {"gold", 0.6168, 0.21, 3.272, 0.15, 0.30},
      {"gold", 0.8211, 0.16, 5.083, 0.12, 0.50},
      {"gold", 1.610, 0.56, 11.21, 0.12, 1.3},
      {"silver", 0.4133, 0.05, 2.275, 0.12, 0.35},
      {"silver", 0.6168, 0.06, 4.152, 0.12, 0.50},
      {"silver", 1.610, 0.15, 11.85, 0.35, 1.3},
      {"aluminium", 0.41328, 0.52135, 5.0008, 0.05, 0.15},
      {"aluminium", 0.61993, 1.3660, 7.4052, 0.15, 0.25},
      {"aluminium", 0.83774, 2.6945, 8.1878, 0.15, 0.20},
      {"aluminium", 1.5498, 1.5782, 15.656, 0.15, 0.35},
      {"silicon_visible", 0.40, 5.613, 0.296, 4e-3, 5e-3},
      {"silicon_visible", 0.45, 4.691, 0.0863, 4e-3, 5e-3},
      {"silicon_visible", 0.50, 4.294, 0.0442, 4e-3, 5e-3},
      {"silicon_visible", 0.60, 3.940, 0.0199, 4e-3, 5e-3},
      {"silicon_visible", 0.70, 3.772, 0.0105, 4e-3, 5e-3},
      {"silicon_visible", 0.80, 3.675, 0.0054, 4e-3, 5e-3},
      {"water", 0.58930, 1.33299 * 1.000272, 0.0, 3e-5, 1e-12},
      {"water", 0.40466, 1.34274 * 1.000282, 0.0, 3e-5, 1e-12},
      {"water", 0.65627, 1.33115 * 1.000276, 0.0, 3e-5, 1e-12},
  };
  for (const PublishedIndex& expected : published) {
    const Complex index = find_optical_medium(expected.medium).index(expected.wavelength * 1e-6);
    EXPECT_NEAR(index.real(), expected.n, expected.tolerance_n)
        << expected.medium << " at " << expected.wavelength;
    EXPECT_NEAR(index.imag(), expected.k, expected.tolerance_k)
        << expected.medium << " at " << expected.wavelength;
  }
}

// The Lorentz-Drude sums at the ends and the middle of their bands, as tabulated by M. N.
// Polyanskiy (refractiveindex.info) from the published parameters, to the last digit.
TEST(OpticalMedia, MetalsAreTheLorentzDrudeModelsOfTheirSource) {
  const PublishedIndex published[] = {
      {"gold", 0.63363, 0.31127, 3.1534, 1e-4, 1e-4},
      {"gold", 1.5177, 0.56135, 9.4625, 1e-4, 5e-4},
      {"gold", 6.0019, 4.8027, 36.944, 5e-4, 5e-3},
      {"silver", 0.30184, 1.3162, 0.63073, 3e-4, 3e-4},
      {"silver", 0.63709, 0.14432, 3.8404, 1e-4, 1e-4},
      {"silver", 10.186, 12.294, 64.413, 5e-3, 5e-3},
      {"aluminium", 0.10034, 0.039745, 0.68444, 1e-4, 1e-4},
      {"aluminium", 0.63376, 1.3441, 7.3089, 2e-4, 2e-4},
      {"aluminium", 1.2010, 1.2695, 11.577, 5e-4, 5e-4},
  };
  for (const PublishedIndex& expected : published) {
    const Complex index = find_optical_medium(expected.medium).index(expected.wavelength * 1e-6);
    EXPECT_NEAR(index.real(), expected.n, expected.tolerance_n)
        << expected.medium << " at " << expected.wavelength;
    EXPECT_NEAR(index.imag(), expected.k, expected.tolerance_k)
        << expected.medium << " at " << expected.wavelength;
  }
}

// U. Kaatze, J. Chem. Eng. Data 34, 371 (1989), 25 C: one Debye term with 78.36, 5.16, 8.27 ps.
TEST(OpticalMedia, MicrowaveWaterAgreesWithAnotherFit) {
  const DispersiveMedium water = find_optical_medium("water_microwave");
  for (const double frequency : {1e9, 2.45e9, 10e9, 20e9, 40e9}) {
    const double omega = 2.0 * pi * frequency;
    const Complex expected = 5.16 + (78.36 - 5.16) / Complex(1.0, -omega * 8.27e-12);
    const Complex eps = water.permittivity_at(speed_of_light / frequency);
    EXPECT_LT(std::abs(eps - expected), 0.02 * std::abs(expected)) << frequency;
  }
}

TEST(OpticalMedia, EveryMediumIsPassiveOverItsBandAndSteppable) {
  for (const DispersiveMedium& medium : list_optical_media()) {
    EXPECT_NO_THROW(validate_medium(medium)) << medium.name;
    EXPECT_FALSE(medium.citation.empty());
    EXPECT_FALSE(medium.sentence.empty());
    for (int i = 0; i <= 100; ++i) {
      const double wavelength =
          std::clamp(medium.min_wavelength *
                         std::pow(medium.max_wavelength / medium.min_wavelength, i / 100.0),
                     medium.min_wavelength, medium.max_wavelength);
      EXPECT_GE(medium.permittivity_at(wavelength).imag(), 0.0) << medium.name;
    }
    EXPECT_THROW(medium.permittivity_at(0.99 * medium.min_wavelength), InputError);
    EXPECT_THROW(medium.permittivity_at(1.01 * medium.max_wavelength), InputError);
    const double dx = medium.min_wavelength / 40.0;
    EXPECT_GT(largest_time_step(medium, 3.0 / (dx * dx)), 0.05 * dx / speed_of_light);
  }
}

TEST(OpticalMedia, UnknownNamesListTheKnownOnes) {
  try {
    find_optical_medium("sliver");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean \"silver\""), std::string::npos);
  }
  EXPECT_THROW(constant_medium(0.0), InputError);
  EXPECT_EQ(constant_medium(4.0).permittivity_at(1e-3), Complex(4.0, 0.0));
}

}  // namespace
}  // namespace wavesmith
