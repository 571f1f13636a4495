#include "physics/image_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "core/error.hpp"
#include "kernels/fft.hpp"
#include "physics/shape.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

template <class Function>
std::vector<double> sampled(const Plane& plane, const Function& value) {
  std::vector<double> values;
  for (int j = 0; j < plane.ny; ++j)
    for (int i = 0; i < plane.nx; ++i) values.push_back(value(plane.x(i), plane.y(j)));
  return values;
}

// (2 J1(v) / v)^2 holds 1 - J0(v)^2 - J1(v)^2 of its power, 4 pi, inside v (Rayleigh): 0.83778
// inside the first dark ring.
TEST(ImageMetrics, EncircledEnergyOfAnAiryPattern) {
  const Plane plane{401, 401, 0.06, 0.06};
  const auto airy = sampled(plane, [](double x, double y) {
    const double v = std::hypot(x, y);
    return v < 1e-9 ? 1.0 : std::pow(2.0 * std::cyl_bessel_j(1, v) / v, 2);
  });
  const std::vector<double> radii = {1.0, 2.5, 3.8317059702, 7.0155866698, 10.0};
  const auto share = encircled_energy(plane, airy, {}, radii, 4.0 * pi);
  for (std::size_t r = 0; r < radii.size(); ++r) {
    const double j0 = std::cyl_bessel_j(0, radii[r]), j1 = std::cyl_bessel_j(1, radii[r]);
    EXPECT_NEAR(share[r], 1.0 - j0 * j0 - j1 * j1, 6e-5) << radii[r];
  }
  EXPECT_NEAR(share[2], 0.83778, 1e-5);
  EXPECT_NEAR(encircled_radius(plane, airy, {}, share[1], 4.0 * pi), 2.5, 1e-9);
  EXPECT_NEAR(focusing_efficiency(plane, airy, 3.8317059702, 8.0 * pi), 0.5 * share[2], 1e-12);
  // Half maximum of the Airy disk at v = 1.61633995.
  EXPECT_NEAR(full_width_half_maximum(plane, airy).x, 2.0 * 1.61633995, 1e-5);
  EXPECT_EQ(encircled_radius(plane, airy, {}, 0.99, 8.0 * pi),
            std::numeric_limits<double>::infinity());
}

TEST(ImageMetrics, GaussianWidths) {
  // The peak lies between samples, and the axes differ.
  const Plane plane{90, 70, 0.1, 0.15, 0.3, 0.1};
  const auto spot = sampled(plane, [](double x, double y) {
    return 3.0 * std::exp(-2.0 * (std::pow((x - 0.42) / 1.1, 2) + std::pow((y + 0.13) / 1.7, 2)));
  });
  const double ratio = std::sqrt(2.0 * std::log(2.0));  // FWHM / w
  const Widths half = full_width_half_maximum(plane, spot);
  EXPECT_NEAR(half.x, ratio * 1.1, 2e-4);  // 11 samples a width, cubic
  EXPECT_NEAR(half.y, ratio * 1.7, 2e-4);
  const Widths width = second_moment_radius(plane, spot);
  EXPECT_NEAR(width.x, 1.1, 1e-8);
  EXPECT_NEAR(width.y, 1.7, 1e-5);
  EXPECT_NEAR(centroid(plane, spot).x, 0.42, 1e-9);
  EXPECT_NEAR(total_power(plane, spot), 3.0 * 0.5 * pi * 1.1 * 1.7, 1e-6);
  EXPECT_LE(std::abs(peak_position(plane, spot).x - 0.42), 0.05 + 1e-12);
  // A profile that stays bright to the edge has no width, and says so.
  const std::vector<double> flat(plane.size(), 1.0);
  EXPECT_TRUE(std::isnan(full_width_half_maximum(plane, flat).x));
}

TEST(ImageMetrics, ModulationTransferOfAGaussian) {
  const Plane plane{128, 96, 0.1, 0.1};
  const double w = 0.8;
  const auto psf = sampled(
      plane, [&](double x, double y) { return std::exp(-2.0 * (x * x + y * y) / (w * w)); });
  const ModulationTransfer mtf = modulation_transfer(plane, psf);
  ASSERT_EQ(mtf.frequency_x.size(), 65u);
  ASSERT_EQ(mtf.frequency_y.size(), 49u);
  for (std::size_t k = 0; k < 30; ++k) {
    const double fx = mtf.frequency_x[k], fy = mtf.frequency_y[k];
    EXPECT_NEAR(mtf.along_x[k], std::exp(-0.5 * std::pow(pi * w * fx, 2)), 1e-9);
    EXPECT_NEAR(mtf.along_y[k], std::exp(-0.5 * std::pow(pi * w * fy, 2)), 1e-9);
  }
  EXPECT_NEAR(mtf.frequency_x[64], 5.0, 1e-12);  // Nyquist
}

// A perfect circular lens: (2 / pi)(acos s - s sqrt(1 - s^2)), s the share of the cut-off.
TEST(ImageMetrics, ModulationTransferOfACircularPupil) {
  const int n = 512, diameter = 200;
  const Plane pupil_plane{n, n, 1.0, 1.0};
  // Whole samples: a grey edge would lose power at frequency zero, where amplitudes are squared.
  std::vector<Complex> pupil;
  for (const double share : coverage(circle_at(0, 0, diameter), pupil_plane))
    pupil.emplace_back(std::round(share));
  fft_2d(pupil, n, n, false);
  std::vector<double> psf;
  for (const Complex& u : pupil) psf.push_back(std::norm(u));
  const ModulationTransfer mtf = modulation_transfer({n, n, 1.0, 1.0}, psf);
  for (int k = 0; k <= n / 2; ++k) {
    const double s = 1.0 * k / diameter;
    const double expected = s < 1.0 ? 2.0 / pi * (std::acos(s) - s * std::sqrt(1.0 - s * s)) : 0.0;
    EXPECT_NEAR(mtf.along_x[static_cast<std::size_t>(k)], expected, 1e-3) << s;
  }
}

// Defocus by `edge` radians at the rim of a circular pupil: Strehl ratio sinc^2(edge / 2).
TEST(ImageMetrics, StrehlRatioOfDefocus) {
  const Plane plane{300, 300, 1.0, 1.0};
  const auto share = coverage(circle_at(0, 0, 290), plane);
  for (const double edge : {0.0, 1.0, 3.0, 5.0}) {
    std::vector<Complex> pupil(plane.size());
    for (int j = 0; j < 300; ++j)
      for (int i = 0; i < 300; ++i) {
        const auto at = static_cast<std::size_t>(j * 300 + i);
        const double r2 = (plane.x(i) * plane.x(i) + plane.y(j) * plane.y(j)) / (145.0 * 145.0);
        pupil[at] = std::polar(share[at], edge * r2);
      }
    const double expected = edge == 0.0 ? 1.0 : std::pow(std::sin(edge / 2) / (edge / 2), 2);
    EXPECT_NEAR(strehl_ratio(pupil), expected, 1e-4) << edge;
  }
}

TEST(ImageMetrics, StrehlRatioComparesPeaksOfEqualPower) {
  const Plane plane{32, 32, 1.0, 1.0};
  const auto spot = [&](double w, double peak) {
    return sampled(plane, [&](double x, double y) {
      return peak * std::exp(-2.0 * ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5)) / (w * w));
    });
  };
  // Twice as wide at the same power is a quarter as bright.
  EXPECT_NEAR(strehl_ratio(plane, spot(4.0, 7.0), spot(2.0, 1.0)), 0.25, 1e-4);
  EXPECT_NEAR(strehl_ratio(plane, spot(2.0, 5.0), spot(2.0, 1.0)), 1.0, 1e-14);
}

// A cosine amplitude grating: 1/4 in order 0 and 1/16 in each first order.
TEST(ImageMetrics, OrdersOfACosineGrating) {
  const Plane plane{40, 10, 0.5, 2.0};
  std::vector<Complex> field;
  for (int j = 0; j < 10; ++j)
    for (int i = 0; i < 40; ++i) field.emplace_back(0.5 + 0.5 * std::cos(2 * pi * 3 * i / 40));
  const double incident = plane.width() * plane.height();
  EXPECT_NEAR(order_efficiency(plane, field, 0, 0, incident), 0.25, 1e-14);
  EXPECT_NEAR(order_efficiency(plane, field, 3, 0, incident), 1.0 / 16, 1e-14);
  EXPECT_NEAR(order_efficiency(plane, field, -3, 0, incident), 1.0 / 16, 1e-14);
  EXPECT_NEAR(order_efficiency(plane, field, 0, 1, incident), 0.0, 1e-14);
}

TEST(ImageMetrics, ContrastUniformityAndNoise) {
  const std::vector<double> spots = {1.0, 3.0, 2.0};
  EXPECT_NEAR(contrast(spots), 0.5, 1e-15);
  EXPECT_NEAR(uniformity(spots), 0.5, 1e-15);
  EXPECT_EQ(contrast(std::vector<double>(4, 0.0)), 0.0);
  EXPECT_NEAR(diffraction_efficiency(spots, 12.0), 0.5, 1e-15);
  // Errors of 0.1 on a peak of 1: 20 dB.
  const std::vector<double> reference = {1.0, 0.5, 0.0, 0.2}, image = {0.9, 0.6, 0.1, 0.1};
  EXPECT_NEAR(peak_signal_to_noise(image, reference), 20.0, 1e-12);
  EXPECT_EQ(peak_signal_to_noise(reference, reference), std::numeric_limits<double>::infinity());
}

TEST(ImageMetrics, DarkImagesAndWrongSizesAreRefused) {
  const Plane plane{4, 4, 1.0, 1.0};
  const std::vector<double> dark(16, 0.0), wrong(15, 1.0);
  EXPECT_THROW(centroid(plane, dark), InputError);
  EXPECT_THROW(modulation_transfer(plane, dark), InputError);
  EXPECT_THROW(strehl_ratio(plane, dark, dark), InputError);
  EXPECT_THROW(focusing_efficiency(plane, dark, 1.0, 0.0), InputError);
  EXPECT_THROW(total_power(plane, wrong), InputError);
  EXPECT_THROW(full_width_half_maximum(plane, wrong), InputError);
}

}  // namespace
}  // namespace wavesmith
