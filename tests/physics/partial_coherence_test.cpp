#include "physics/partial_coherence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.hpp"

namespace wavesmith {
namespace {

// The modes add up to the mutual intensity of the model, as far as they capture it.
TEST(PartialCoherence, SchellModesAddUpToTheMutualIntensity) {
  const Plane plane{41, 21, 0.25, 0.5};
  for (const double coherence : {0.6, 1.0, 5.0}) {
    SchellModel model;
    model.width = 1.0;
    model.coherence = coherence;
    model.x = 0.2;
    model.captured = 1.0 - 1e-10;
    model.max_modes = 5000;
    const CoherentModes source = gaussian_schell_modes(plane, model);
    EXPECT_GE(source.captured, model.captured);
    EXPECT_NEAR(power(plane, source.modes), 1.0, 1e-4);  // the plane ends at 5 widths
    const auto mutual = [&](std::size_t p, std::size_t q) {
      Complex sum = 0.0;
      for (const SourceMode& mode : source.modes)
        sum += mode.weight * mode.field[p] * std::conj(mode.field[q]);
      return sum;
    };
    for (const int i1 : {10, 20, 27})
      for (const int i2 : {15, 20, 24})
        for (const int j1 : {9, 12})
          for (const int j2 : {8, 10}) {
            const double x1 = plane.x(i1) - 0.2, x2 = plane.x(i2) - 0.2;
            const double y1 = plane.y(j1), y2 = plane.y(j2);
            const double gaussian = std::exp(-(x1 * x1 + x2 * x2 + y1 * y1 + y2 * y2) / 4.0);
            const double degree = std::exp(-((x1 - x2) * (x1 - x2) + (y1 - y2) * (y1 - y2)) /
                                           (2.0 * coherence * coherence));
            const double expected = gaussian * degree / (2.0 * std::numbers::pi);
            const Complex found = mutual(static_cast<std::size_t>(j1 * 41 + i1),
                                         static_cast<std::size_t>(j2 * 41 + i2));
            EXPECT_NEAR(found.real(), expected, 1e-8) << coherence;
            EXPECT_NEAR(found.imag(), 0.0, 1e-12);
          }
  }
}

TEST(PartialCoherence, SchellModesAreOrthonormalAndOrdered) {
  const Plane plane{120, 110, 0.1, 0.1};
  SchellModel model;
  model.width = 0.8;
  model.coherence = 0.7;
  model.captured = 0.9;
  const CoherentModes source = gaussian_schell_modes(plane, model);
  EXPECT_GE(source.captured, 0.9);
  double sum = 0.0;
  for (std::size_t a = 0; a < source.modes.size(); ++a) {
    sum += source.modes[a].weight;
    if (a > 0) {
      EXPECT_LE(source.modes[a].weight, source.modes[a - 1].weight);
    }
    for (std::size_t b = 0; b <= a; ++b) {
      Complex product = 0.0;
      for (std::size_t i = 0; i < plane.size(); ++i)
        product += std::conj(source.modes[a].field[i]) * source.modes[b].field[i];
      EXPECT_NEAR(std::abs(product) * plane.cell_area(), a == b ? 1.0 : 0.0, 1e-8);
    }
  }
  EXPECT_NEAR(sum, source.captured, 1e-14);
  model.max_modes = 3;
  const CoherentModes cut = gaussian_schell_modes(plane, model);
  EXPECT_EQ(cut.modes.size(), 3u);
  EXPECT_LT(cut.captured, 0.9);
}

// Coherent light has one mode.
TEST(PartialCoherence, LongCoherenceIsOneGaussianMode) {
  const Plane plane{60, 60, 0.2, 0.2};
  SchellModel model;
  model.width = 1.0;
  model.coherence = 1e4;
  const CoherentModes source = gaussian_schell_modes(plane, model);
  ASSERT_EQ(source.modes.size(), 1u);
  EXPECT_NEAR(source.modes[0].weight, 1.0, 1e-3);
}

TEST(PartialCoherence, DiffuserHasItsStatistics) {
  const Plane plane{64, 64, 1.0, 1.0};
  Diffuser diffuser;
  diffuser.phase_rms = 1.2;
  diffuser.coherence = 4.0;
  diffuser.seed = 17;
  const int members = 60;
  double variance = 0.0, correlation = 0.0, edge = 0.0;
  Complex degree = 0.0;
  const std::size_t distance = 3;
  for (int member = 0; member < members; ++member) {
    const auto phase = diffuser_phase(plane, diffuser, member);
    for (std::size_t j = 0; j < 64; ++j)
      for (std::size_t i = 0; i + distance < 64; ++i) {
        const double a = phase[j * 64 + i], b = phase[j * 64 + i + distance];
        variance += a * a;
        correlation += a * b;
        degree += std::polar(1.0, a - b);
      }
    for (std::size_t i = 0; i < 64; ++i) edge += phase[i] * phase[i];
  }
  const double count = 64.0 * (64 - distance) * members;
  const double rho = std::exp(-9.0 / 16.0);
  // About 60 x 64^2 / (pi 16 / 2) = 10^4 independent patches: 1 % of noise; five times that.
  EXPECT_NEAR(variance / count, 1.44, 0.05 * 1.44);
  EXPECT_NEAR(correlation / count, 1.44 * rho, 0.05 * 1.44);
  EXPECT_NEAR(std::abs(degree) / count, std::exp(-1.44 * (1.0 - rho)), 0.05);
  EXPECT_NEAR(edge / (64.0 * members), 1.44, 0.25 * 1.44);  // no weaker at the edge
}

TEST(PartialCoherence, DiffuserIsAFunctionOfSeedAndMember) {
  const Plane plane{16, 12, 1.0, 1.0};
  Diffuser diffuser{1.0, 2.0, 5, 3};
  EXPECT_EQ(diffuser_phase(plane, diffuser, 2), diffuser_phase(plane, diffuser, 2));
  EXPECT_NE(diffuser_phase(plane, diffuser, 1), diffuser_phase(plane, diffuser, 2));
  const std::vector<Complex> ones(plane.size(), 1.0);
  const auto modes = diffuser_ensemble(plane, ones, diffuser);
  ASSERT_EQ(modes.size(), 3u);
  EXPECT_NEAR(power(plane, modes), 16.0 * 12.0, 1e-11);
  diffuser.seed = 6;
  EXPECT_NE(diffuser_ensemble(plane, ones, diffuser)[0].field, modes[0].field);
}

TEST(PartialCoherence, BadModelsAreRefused) {
  const Plane plane{16, 12, 1.0, 1.0};
  EXPECT_THROW(gaussian_schell_modes(plane, {}), InputError);
  EXPECT_THROW(gaussian_schell_modes(plane, {1.0, 1.0, 0, 0, 1.0, 64}), InputError);
  EXPECT_THROW(gaussian_schell_modes(plane, {1.0, 1.0, 0, 0, 0.9, 0}), InputError);
  EXPECT_THROW(diffuser_phase(plane, {1.0, 0.0, 1, 1}, 0), InputError);
  EXPECT_THROW(diffuser_phase(plane, {1.0, 1e9, 1, 1}, 0), InputError);
  EXPECT_THROW(diffuser_ensemble(plane, {}, {1.0, 1.0, 1, 0}), InputError);
}

}  // namespace
}  // namespace wavesmith
