#include "training/features.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/random.hpp"
#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

Dataset random_images(int rows, int columns, std::size_t count) {
  Dataset data{"random", rows, columns, {}, {}, 2};
  const Random random(5, 0);
  for (std::size_t i = 0; i < count * static_cast<std::size_t>(rows * columns); ++i)
    data.images.push_back(static_cast<float>(random.uniform(i, 0.0, 1.0)));
  for (std::size_t i = 0; i < count; ++i) data.labels.push_back(static_cast<int>(i % 2));
  return data;
}

FeatureTable features_of(const FeatureSettings& settings, const Dataset& data) {
  FeatureTable table;
  std::vector<FeatureTable> others;
  make_features(settings, data, {}, table, others);
  return table;
}

std::vector<Complex> sample(const FeatureTable& table, std::size_t index) {
  const FeatureInputs inputs(std::make_shared<FeatureTable>(table), 0, table.count());
  std::vector<Complex> amplitudes(table.width);
  inputs.fill(index, 0, amplitudes);
  return amplitudes;
}

TEST(Features, PoolingTakesTheMeansOfBlocks) {
  Dataset data{"steps", 2, 4, {1, 2, 3, 4, 5, 6, 7, 8}, {1}, 2};
  const FeatureTable table = features_of({.pool = 2}, data);
  EXPECT_EQ(table.width, 2u);
  EXPECT_EQ(table.real, (std::vector<float>{3.5f, 5.5f}));
  const std::string message = test::message_of<InputError>([&] { features_of({.pool = 3}, data); });
  test::expect_parts(message, {"2 x 4", "3 x 3", "data.pool"});
}

// A plane wave has one coefficient; Parseval's sum holds over all of them.
TEST(Features, FourierCoefficientsAreThoseOfTheTransform) {
  constexpr int n = 8;
  Dataset data{"wave", n, n, {}, {0}, 1};
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      data.images.push_back(
          static_cast<float>(std::cos(2.0 * std::numbers::pi * (2.0 * i + 3.0 * j) / n)));
  const FeatureTable table = features_of({.fourier = n}, data);
  const std::vector<Complex> found = sample(table, 0);
  for (int l = -n / 2; l < n / 2; ++l)
    for (int k = -n / 2; k < n / 2; ++k) {
      const bool here = (l == 2 && k == 3) || (l == -2 && k == -3);
      const auto value = found[static_cast<std::size_t>((l + n / 2) * n + k + n / 2)];
      EXPECT_NEAR(std::abs(value - (here ? 0.5 * n * n : 0.0)), 0.0, 1e-5) << l << " " << k;
    }

  const Dataset noise = random_images(6, 6, 3);
  const FeatureTable all = features_of({.fourier = 6}, noise);
  double pixels = 0.0, coefficients = 0.0;
  for (const float x : noise.images) pixels += static_cast<double>(x) * x;
  for (std::size_t i = 0; i < all.real.size(); ++i)
    coefficients += std::norm(Complex(all.real[i], all.imaginary[i]));
  EXPECT_NEAR(coefficients / 36.0, pixels, 1e-5 * pixels);
  const std::string message =
      test::message_of<InputError>([&] { features_of({.fourier = 7}, noise); });
  test::expect_parts(message, {"6 x 6", "7 x 7", "data.fourier"});
}

TEST(Features, ScalingIsFoundOnTheTrainingSetAlone) {
  const Dataset training = random_images(1, 3, 50), other = random_images(1, 3, 7);
  for (const std::string scaling : {"range", "largest", "standard"}) {
    FeatureTable table;
    std::vector<FeatureTable> others;
    make_features({.scaling = scaling}, training, {&other}, table, others);
    for (std::size_t f = 0; f < 3; ++f) {
      double least = 1e9, largest = -1e9, sum = 0.0, squares = 0.0;
      for (std::size_t i = f; i < table.real.size(); i += 3) {
        const double x = table.real[i];
        least = std::min(least, x);
        largest = std::max(largest, x);
        sum += x;
        squares += x * x;
      }
      if (scaling == "range") {
        EXPECT_EQ(least, 0.0);
      }
      if (scaling != "standard") {
        EXPECT_EQ(largest, 1.0);
      }
      if (scaling == "standard") {
        EXPECT_NEAR(sum, 0.0, 1e-5);
        EXPECT_NEAR(squares / 50.0, 1.0, 1e-5);
      }
      // The first rows of both sets are the same numbers, and so must be what becomes of them.
      for (std::size_t i = f; i < others[0].real.size(); i += 3)
        EXPECT_EQ(others[0].real[i], table.real[i]);
    }
  }
}

TEST(Features, NormalisedSamplesHaveTheSizeTheyShould) {
  const Dataset data = random_images(4, 4, 3);
  for (const int fourier : {0, 4}) {
    for (const std::string normalise : {"sum", "power", "square"}) {
      const FeatureTable raw = features_of({.fourier = fourier}, data);
      const FeatureTable table = features_of({.fourier = fourier, .normalise = normalise}, data);
      for (std::size_t s = 0; s < 3; ++s) {
        double sum = 0.0, squares = 0.0, before = 0.0;
        for (const Complex& x : sample(table, s)) {
          sum += std::abs(x);
          squares += std::norm(x);
        }
        for (const Complex& x : sample(raw, s)) before += std::norm(x);
        const double size = normalise == "sum"     ? sum
                            : normalise == "power" ? squares
                                                   : squares * before;
        EXPECT_NEAR(size, 1.0, 1e-5) << normalise << " " << fourier;
      }
    }
  }
}

TEST(Features, ASampleOfZerosStays) {
  const Dataset data{"dark", 1, 2, {0, 0, 1, 2}, {0, 1}, 2};
  const FeatureTable table = features_of({.normalise = "power"}, data);
  EXPECT_EQ(table.real[0], 0.0f);
  EXPECT_EQ(table.real[1], 0.0f);
  const FeatureInputs inputs(std::make_shared<FeatureTable>(table), 0, 2);
  EXPECT_EQ(inputs.power(0), 1.0);
  EXPECT_NEAR(inputs.power(1), 1.0, 1e-6);
  EXPECT_EQ(inputs.target(1).label, 1);
}

}  // namespace
}  // namespace wavesmith
