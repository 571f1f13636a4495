#include "core/frame.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <stdexcept>

#include "core/error.hpp"

namespace wavesmith {
namespace {

TEST(Frame, AComplexFieldBecomesFourArraysWithUnits) {
  Frame frame;
  frame.points = {2, 2, 1};
  const std::vector<std::complex<double>> field{{3, 4}, {-1, 0}, {0, -2}, {-0.0, 0.0}};
  add_complex(frame, "field", "V/m", field);
  ASSERT_EQ(frame.arrays.size(), 4u);
  EXPECT_EQ(frame.arrays[0].name, "field_real");
  EXPECT_EQ(frame.arrays[0].unit, "V/m");
  EXPECT_EQ(frame.arrays[0].values, (std::vector<float>{3, -1, 0, 0}));
  EXPECT_EQ(frame.arrays[1].name, "field_imaginary");
  EXPECT_EQ(frame.arrays[1].values, (std::vector<float>{4, 0, -2, 0}));
  EXPECT_EQ(frame.arrays[2].name, "field_intensity");
  EXPECT_EQ(frame.arrays[2].unit, "(V/m)^2");
  EXPECT_EQ(frame.arrays[2].values, (std::vector<float>{25, 1, 4, 0}));
  EXPECT_EQ(frame.arrays[3].name, "field_phase");
  EXPECT_EQ(frame.arrays[3].unit, "rad");
  const float pi = std::numbers::pi_v<float>;
  EXPECT_FLOAT_EQ(frame.arrays[3].values[0], 0.92729522f);
  EXPECT_FLOAT_EQ(frame.arrays[3].values[1], pi);
  EXPECT_FLOAT_EQ(frame.arrays[3].values[2], -pi / 2);
  EXPECT_EQ(frame.arrays[3].values[3], 0.0f);
}

TEST(Frame, AVectorFieldIsOneArray) {
  Frame frame;
  frame.name = "f";
  frame.points = {2, 1, 1};
  add_vector(frame, "E", "V/m", std::vector<double>{1, 4}, std::vector<double>{2, 5},
             std::vector<double>{3, 6});
  EXPECT_EQ(find_array(frame, "E").components, 3);
  EXPECT_EQ(find_array(frame, "E").values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_THROW(find_array(frame, "H"), InputError);
  frame.arrays[0].components = 1;
  EXPECT_THROW(find_array(frame, "E"), InputError);
  EXPECT_THROW(add_vector(frame, "H", "A/m", std::vector<double>(2), std::vector<double>(2),
                          std::vector<double>(1)),
               std::logic_error);
}

TEST(Frame, PointsAreWhereTheGridOrTheirCoordinatesSay) {
  Frame frame;
  frame.points = {3, 2, 1};
  frame.origin = {1.0, 2.0, 3.0};
  frame.spacing = {0.5, 0.25, 1.0};
  EXPECT_FALSE(frame.is_graded());
  frame.coordinates[0] = {0.0, 1.0, 3.0};
  EXPECT_TRUE(frame.is_graded());
  EXPECT_EQ(frame.coordinate(0, 2), 3.0);
  EXPECT_EQ(frame.coordinate(1, 1), 2.25);
}

TEST(Frame, UnitsOfIntensity) {
  const char* const table[][2] = {
      {"1", "1"}, {"V", "V^2"}, {"V/m", "(V/m)^2"}, {"sqrt(W/m^2)", "W/m^2"}, {"", ""}};
  for (const auto& [unit, squared] : table) {
    Frame frame;
    add_complex(frame, "u", unit, std::vector<std::complex<double>>(1));
    EXPECT_EQ(frame.arrays[2].unit, squared);
  }
}

TEST(Frame, ArraysMustFitTheGrid) {
  Frame frame;
  frame.points = {3, 1, 1};
  EXPECT_THROW(add_real(frame, "x", "1", std::vector<double>(2)), std::logic_error);
  EXPECT_THROW(add_complex(frame, "x", "1", std::vector<std::complex<double>>(4)),
               std::logic_error);
  add_real(frame, "height", "m", std::vector<double>{1, 2, 3});
  EXPECT_EQ(frame.arrays.at(0).values, (std::vector<float>{1, 2, 3}));
}

}  // namespace
}  // namespace wavesmith
