#include "physics/image_encoder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "core/error.hpp"

namespace wavesmith {
namespace {

ImageWindow window(int rows, int columns, double width, double height) {
  ImageWindow result;
  result.rows = rows;
  result.columns = columns;
  result.width = width;
  result.height = height;
  return result;
}

std::vector<float> counting(int size) {
  std::vector<float> image;
  for (int i = 0; i < size; ++i) image.push_back(static_cast<float>(i + 1));
  return image;
}

// A window of whole samples per pixel: every pixel becomes its block, and nothing else is lit.
TEST(ImageEncoder, NearestRepeatsPixels) {
  const Plane plane{20, 14, 0.5e-3, 0.5e-3, 3e-3, 4e-3};
  ImageWindow spec = window(3, 4, 6e-3, 4.5e-3);  // 3 samples a pixel
  spec.x = 1e-3;                                  // 2 samples
  const ImageEncoder encoder(plane, spec);
  std::vector<Complex> field(plane.size(), {9.0, 9.0});
  encoder.encode(counting(12), field);
  for (int j = 0; j < 14; ++j)
    for (int i = 0; i < 20; ++i) {
      const double row = (plane.y(j) - plane.y0) / 1.5e-3 + 1.5;
      const double column = (plane.x(i) - plane.x0 - 1e-3) / 1.5e-3 + 2.0;
      double expected = 0.0;
      if (row > -1e-9 && row < 3 - 1e-9 && column > 0 && column < 4)
        expected = std::floor(row + 1e-9) * 4 + std::floor(column) + 1;
      EXPECT_EQ(field[static_cast<std::size_t>(j * 20 + i)], Complex(expected)) << i << ", " << j;
    }
}

TEST(ImageEncoder, BilinearKeepsALinearImageLinear) {
  const Plane plane{60, 60, 1.0, 1.0};
  ImageWindow spec = window(10, 12, 60.0, 60.0);
  spec.scaling = ImageScaling::bilinear;
  std::vector<float> image;
  for (int r = 0; r < 10; ++r)
    for (int c = 0; c < 12; ++c) image.push_back(static_cast<float>(0.25 * r + 0.5 * c));
  std::vector<Complex> field(plane.size());
  ImageEncoder(plane, spec).encode(image, field);
  for (int j = 3; j < 57; ++j)
    for (int i = 3; i < 57; ++i) {
      // In pixel centres: a pixel is 5 samples wide and 6 high.
      const double expected = 0.25 * ((j + 0.5) / 6 - 0.5) + 0.5 * ((i + 0.5) / 5 - 0.5);
      EXPECT_NEAR(field[static_cast<std::size_t>(j * 60 + i)].real(), expected, 1e-6);
    }
}

TEST(ImageEncoder, PhaseEncodingHasUnitAmplitude) {
  const Plane plane{8, 8, 1.0, 1.0};
  ImageWindow spec = window(2, 2, 4.0, 4.0);
  spec.encoding = ImageEncoding::phase;
  spec.max_phase = 2.0;
  spec.outside = 1.0;
  std::vector<Complex> field(plane.size());
  ImageEncoder(plane, spec).encode(std::vector<float>{0.0f, 0.25f, 0.5f, 1.0f}, field);
  for (const Complex& u : field) EXPECT_NEAR(std::abs(u), 1.0, 1e-15);
  EXPECT_NEAR(std::arg(field[0]), 0.0, 1e-15);
  EXPECT_NEAR(std::arg(field[2 * 8 + 4]), 0.5, 1e-15);
  EXPECT_NEAR(std::arg(field[4 * 8 + 2]), 1.0, 1e-15);
  EXPECT_NEAR(std::arg(field[5 * 8 + 5]), 2.0, 1e-15);
}

// Any window and any image size: every sample inside takes a value of the image, none outside.
TEST(ImageEncoder, FillsExactlyItsWindow) {
  const Plane plane{37, 41, 0.4e-3, 0.3e-3};
  for (const int pixels : {1, 2, 28, 100})
    for (const double size : {1.3e-3, 5e-3, 12e-3})
      for (const auto scaling : {ImageScaling::nearest, ImageScaling::bilinear}) {
        ImageWindow spec = window(pixels, pixels, size, 0.7 * size);
        spec.scaling = scaling;
        spec.x = 0.3e-3;
        const ImageEncoder encoder(plane, spec);
        std::vector<Complex> field(plane.size());
        encoder.encode(std::vector<float>(encoder.image_size(), 0.5f), field);
        for (int j = 0; j < 41; ++j)
          for (int i = 0; i < 37; ++i) {
            const double x = (plane.x(i) - 0.3e-3) / size, y = plane.y(j) / (0.7 * size);
            if (std::abs(std::abs(x) - 0.5) < 1e-6 || std::abs(std::abs(y) - 0.5) < 1e-6) continue;
            const bool inside = std::abs(x) < 0.5 && std::abs(y) < 0.5;
            EXPECT_EQ(field[static_cast<std::size_t>(j * 37 + i)].real(), inside ? 0.5 : 0.0);
          }
      }
}

TEST(ImageEncoder, BadWindowsAreRefused) {
  const Plane plane{8, 8, 1.0, 1.0};
  EXPECT_THROW(ImageEncoder(plane, window(0, 2, 4, 4)), InputError);
  EXPECT_THROW(ImageEncoder(plane, window(2, 2, 9, 4)), InputError);
  EXPECT_THROW(ImageEncoder(plane, window(2, 2, -1, 4)), InputError);
  EXPECT_THROW(ImageEncoder(plane, window(2, 2, 0.1, 0.1)), InputError);
  ImageWindow shifted = window(2, 2, 6, 6);
  shifted.x = 2.0;
  EXPECT_THROW(ImageEncoder(plane, shifted), InputError);
  std::vector<Complex> field(64);
  EXPECT_THROW(ImageEncoder(plane, window(2, 2, 4, 4)).encode(counting(3), field), InputError);
}

}  // namespace
}  // namespace wavesmith
