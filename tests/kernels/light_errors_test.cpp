// Draws side by side against one after the other, and the errors that light gets from them.
#include "kernels/light_errors.hpp"

#include <gtest/gtest.h>

#include <complex>
#include <vector>

namespace wavesmith {
namespace {

TEST(LightErrors, DrawsAreThoseOfOneAtATime) {
  for (const std::uint64_t stride : {1u, 64u})
    for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{0xFFFFFFF0}}) {
      const Random random(0x123456789ABCDEF, 77);
      std::vector<double> one(100003), other(one.size());
      normal_pairs(random, first, stride, one, other);
      double worst = 0.0, sum = 0.0, squares = 0.0;
      for (std::size_t i = 0; i < one.size(); ++i) {
        const auto pair = random.normal_pair(first + i * stride);
        worst = std::max({worst, std::abs(one[i] - pair[0]), std::abs(other[i] - pair[1])});
        sum += one[i] + other[i];
        squares += one[i] * one[i] + other[i] * other[i];
      }
      EXPECT_LT(worst, 4e-15);
      const double count = 2.0 * static_cast<double>(one.size());
      EXPECT_LT(std::abs(sum) / std::sqrt(count), 4.0);
      EXPECT_LT(std::abs(squares - count) / std::sqrt(2.0 * count), 4.0);
    }
}

template <class T>
void check_light(double bound) {
  const LightErrors errors{.amplitude_error = 0.05, .phase_error = 0.3, .turned = 2.0};
  const Random random(5, 6);
  std::vector<T> re(37), im(37);
  for (std::size_t i = 0; i < re.size(); ++i) {
    re[i] = static_cast<T>(0.1 * static_cast<double>(i) - 1.0);
    im[i] = static_cast<T>(0.7 - 0.03 * static_cast<double>(i));
  }
  const std::vector<T> x = re, y = im;
  disturb_light<T>(errors, random, 11, 8, re, im);
  for (std::size_t i = 0; i < re.size(); ++i) {
    const auto draw = random.normal_pair(11 + 8 * i);
    const std::complex<double> expected = std::complex<double>(x[i], y[i]) *
                                          std::polar(1.0, 0.3 * draw[1] + 2.0) *
                                          (1.0 + 0.05 * draw[0]);
    EXPECT_NEAR(re[i], expected.real(), bound);
    EXPECT_NEAR(im[i], expected.imag(), bound);
  }
}

TEST(LightErrors, LightIsScaledAndTurned) {
  check_light<float>(3e-7);
  check_light<double>(2e-15);
}

}  // namespace
}  // namespace wavesmith
