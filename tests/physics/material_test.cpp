#include "physics/material.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"

namespace wavesmith {
namespace {

struct PublishedIndex {
  const char* material;
  double wavelength;  // [m]
  double n, tolerance;
};

// Published indices at spectral lines, none of them computed with the formulas under test:
// catalogue values (Heraeus, SCHOTT) to their last digit, and for materials that vary from sample
// to sample a handbook value with the spread of samples.
TEST(Material, AgreesWithPublishedIndices) {
  const PublishedIndex published[] = {
      {"fused_silica", 587.5618e-9, 1.45846, 1.1e-5},
      {"fused_silica", 486.1327e-9, 1.46313, 1.1e-5},
      {"fused_silica", 656.2725e-9, 1.45637, 1.1e-5},
      {"fused_silica", 1064.0e-9, 1.44963, 1.1e-5},
      {"fused_silica", 248.3e-9, 1.50841, 2e-4},
      {"bk7", 587.5618e-9, 1.51680, 0.6e-5},
      {"bk7", 486.1327e-9, 1.52238, 0.6e-5},
      {"bk7", 656.2725e-9, 1.51432, 0.6e-5},
      {"bk7", 1014.0e-9, 1.50731, 0.6e-5},
      {"pmma", 587.5618e-9, 1.4914, 2e-3},
      {"tio2", 589.3e-9, 2.613, 5e-3},
      {"si3n4", 1550e-9, 1.996, 2e-3},
      {"silicon", 1550e-9, 3.476, 3e-3},
      {"silicon", 10.6e-6, 3.4176, 2e-3},
      {"su8", 1550e-9, 1.56, 0.01},
      {"ip_dip", 589.3e-9, 1.55, 0.01},
      {"vero_black_plus", 0.75e-3, 1.72, 5e-3},
  };
  for (const PublishedIndex& expected : published)
    EXPECT_NEAR(find_material(expected.material).index(expected.wavelength).real(), expected.n,
                expected.tolerance)
        << expected.material << " at " << expected.wavelength;
}

TEST(Material, AbbeNumberOfCrownGlass) {
  const Material bk7 = find_material("bk7");
  const auto n = [&](double nm) { return bk7.index(nm * 1e-9).real(); };
  EXPECT_NEAR((n(587.5618) - 1.0) / (n(486.1327) - n(656.2725)), 64.17, 0.005);
}

// Normal dispersion and no gain, over the whole of every range, both ends included.
TEST(Material, EveryMaterialIsPassiveAndSmoothOverItsRange) {
  for (const Material& material : list_materials()) {
    EXPECT_FALSE(material.citation.empty()) << material.name;
    double before = 1e9;
    for (int i = 0; i <= 200; ++i) {
      const double share = i / 200.0;
      const double wavelength =
          material.min_wavelength * (1.0 - share) + material.max_wavelength * share;
      const std::complex<double> n = material.index(wavelength);
      EXPECT_GE(n.imag(), 0.0);
      EXPECT_GT(n.real(), 1.0);
      EXPECT_LE(n.real(), before + 1e-12) << material.name << " at " << wavelength;
      before = n.real();
    }
  }
}

TEST(Material, OutsideItsRangeIsAnErrorThatNamesTheRange) {
  for (const Material& material : list_materials())
    for (const double wavelength :
         {0.99 * material.min_wavelength, 1.01 * material.max_wavelength, 0.0, -1e-6, std::nan("")})
      try {
        material.index(wavelength);
        FAIL() << material.name << " has an index at " << wavelength;
      } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find(material.name), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("known from"), std::string::npos);
      }
}

TEST(Material, UnknownNamesListTheKnownOnes) {
  try {
    find_material("fused_silca");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean \"fused_silica\""), std::string::npos)
        << error.what();
  }
}

TEST(Material, ConstantsHoldAtEveryWavelength) {
  const Material material = constant_material(1.7, 0.02);
  for (const double wavelength : {1e-9, 532e-9, 0.75e-3, 1.0})
    EXPECT_EQ(material.index(wavelength), std::complex<double>(1.7, 0.02));
  EXPECT_THROW(constant_material(0.0, 0.0), InputError);
  EXPECT_THROW(constant_material(1.5, -0.1), InputError);
}

}  // namespace
}  // namespace wavesmith
