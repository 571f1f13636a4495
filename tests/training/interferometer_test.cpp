// An instrument's readings against what counting photons and rounding must give.
#include "training/interferometer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/random.hpp"
#include "tests/training/diffractive_fixture.hpp"

namespace wavesmith {
namespace {

std::vector<Complex> random_field(std::size_t size) {
  const Random random(8, 1);
  std::vector<Complex> field(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto pair = random.normal_pair(i);
    field[i] = {3e-3 * pair[0], 3e-3 * pair[1]};
  }
  return field;
}

std::vector<Complex> read(const InterferometerSettings& settings, std::vector<Complex> field,
                          const FieldPlace& place = {0, 0, 1, false}, std::uint64_t occasion = 0) {
  Interferometer(settings, 3, 2, occasion).read(place, field);
  return field;
}

double mean_power(const std::vector<Complex>& field) {
  double sum = 0.0;
  for (const Complex& u : field) sum += std::norm(u);
  return sum / static_cast<double>(field.size());
}

TEST(Interferometer, ReadsTheFieldExactlyWithoutNoise) {
  for (const std::size_t size : {1u, 2u, 1000u}) {
    const std::vector<Complex> field = random_field(size), found = read({}, field);
    for (std::size_t i = 0; i < size; ++i) EXPECT_LT(std::abs(found[i] - field[i]), 1e-16);
  }
  const std::vector<Complex> dark(5);
  EXPECT_EQ(read({}, dark), dark);
  EXPECT_EQ(read({100.0, 8, 1}, dark), dark);
}

// A reading is a difference of Poisson counts: unbiased, with the variance (|u|^2 + mean) / (4
// photons). Few photons are drawn by inversion, many by the normal limit.
TEST(Interferometer, ShotNoiseIsPoissonian) {
  constexpr std::size_t size = 20000;
  const std::vector<Complex> field = random_field(size);
  const double mean = mean_power(field);
  for (const double photons : {0.5, 5.0, 30.0, 1e3, 1e6}) {
    const std::vector<Complex> found = read({photons, 0, 4}, field);
    Complex bias = 0.0;
    double ratio = 0.0;
    for (std::size_t i = 0; i < size; ++i) {
      const double variance = (std::norm(field[i]) + mean) / (4.0 * photons);
      bias += (found[i] - field[i]) / std::sqrt(variance);
      ratio += std::norm(found[i] - field[i]) / variance;
    }
    bias /= static_cast<double>(size);
    ratio /= static_cast<double>(size);
    // Standard errors: 1 / sqrt(2 size) = 0.005 each way, and about 0.01 for the variance.
    EXPECT_LT(std::abs(bias), 0.025) << photons;
    EXPECT_NEAR(ratio, 1.0, 0.05) << photons;
  }
}

TEST(Interferometer, BitsRoundToTheCamerasSteps) {
  const std::vector<Complex> field = random_field(3000);
  const double mean = mean_power(field);
  double brightest = 0.0;
  for (const Complex& u : field) brightest = std::max(brightest, std::norm(u));
  for (const int bits : {4, 8, 12}) {
    const std::vector<Complex> found = read({0.0, bits, 1}, field);
    // Two counts, each wrong by half a step at most, over four times the reference.
    const double full = std::pow(std::sqrt(brightest) + std::sqrt(mean), 2);
    const double limit = full / (std::pow(2.0, bits) - 1.0) / (4.0 * std::sqrt(mean));
    double worst = 0.0;
    for (std::size_t i = 0; i < field.size(); ++i)
      worst = std::max({worst, std::abs(found[i].real() - field[i].real()),
                        std::abs(found[i].imag() - field[i].imag())});
    EXPECT_LE(worst, limit * (1.0 + 1e-9)) << bits;
    EXPECT_GT(worst, 0.5 * limit) << bits;
  }
}

TEST(Interferometer, EveryReadingHasItsOwnNoise) {
  const std::vector<Complex> field(64, Complex(1.0, 0.0)), short_field(32, Complex(1.0, 0.0));
  const InterferometerSettings settings{200.0, 0, 1};
  const std::vector<FieldPlace> places{{0, 0, 1, false}, {1, 0, 1, false}, {0, 1, 1, false},
                                       {0, 0, 2, false}, {0, 0, 1, true},  {2, 0, 2, false}};
  std::vector<std::vector<Complex>> readings;
  for (const FieldPlace& place : places)
    for (const std::uint64_t occasion : {0u, 1u})
      for (const std::uint64_t seed : {1u, 2u})
        for (const auto& at : {field, short_field})
          readings.push_back(read({settings.photons, 0, seed}, at, place, occasion));
  EXPECT_EQ(read(settings, field), readings[0]);
  for (std::size_t a = 0; a < readings.size(); ++a)
    for (std::size_t b = 0; b < a / 2 * 2; ++b) {  // pairs are the same place
      std::size_t equal = 0;
      for (std::size_t i = 0; i < 32; ++i) equal += readings[a][i] == readings[b][i] ? 1 : 0;
      EXPECT_LT(equal, 8u) << a << " and " << b;
    }
}

// Levels of the phase: a device that holds some shows what one without shows at rounded phases.
TEST(DiffractiveSystem, PhaseLevelsRoundThePhase) {
  using namespace test;
  const StackDescription stack = stack_of({"phase", "amplitude"}, 12);
  const CornerInputs inputs(stack.source, 2, 4);
  const std::vector<std::size_t> indices{0, 1};
  const std::vector<double> parameters = start_of(stack);
  std::vector<double> rounded = parameters;
  const double step = 2.0 * 3.14159265358979323846 / 5.0;
  for (std::size_t i = 0; i < 144; ++i) rounded[i] = step * std::round(rounded[i] / step);

  DiffractiveSystemOptions options = in_double();
  DiffractiveSystem plain(stack, options);
  options.phase_levels = 5;
  DiffractiveSystem levelled(stack, options);
  const auto readings = [&](DiffractiveSystem& system, const std::vector<double>& at) {
    std::vector<double> values(2 * static_cast<std::size_t>(stack.reading_count));
    system.set_parameters(at);
    system.respond({&inputs, indices}, values);
    return values;
  };
  EXPECT_EQ(readings(levelled, parameters), readings(plain, rounded));
  EXPECT_NE(readings(levelled, parameters), readings(plain, parameters));
}

TEST(MisalignmentDraw, StaysInBoundsAndRepeats) {
  using namespace test;
  const StackDescription stack = stack_of({"phase", "phase"}, 12);
  const MisalignmentSpread spread{1e-4, 2e-4, 0.01, 0.02, 0.3};
  double sum = 0.0, squares = 0.0, count = 0.0, largest_shift = 0.0;
  for (std::uint64_t n = 0; n < 40; ++n) {
    const Misalignment drawn = draw_misalignment(stack, spread, 1, n);
    EXPECT_TRUE(drawn == draw_misalignment(stack, spread, 1, n));
    EXPECT_FALSE(drawn == draw_misalignment(stack, spread, 1, n + 1));
    EXPECT_FALSE(drawn == draw_misalignment(stack, spread, 2, n));
    EXPECT_LE(std::abs(drawn.wavelength_factor - 1.0), spread.wavelength);
    ASSERT_EQ(drawn.planes.size(), 3u);
    for (const Misalignment::OfPlane& of : drawn.planes) {
      EXPECT_LE(std::max(std::abs(of.shift_x), std::abs(of.shift_y)), spread.shift);
      EXPECT_LE(std::abs(of.gap), spread.gap);
      EXPECT_LE(std::max(std::abs(of.tilt_x), std::abs(of.tilt_y)), spread.tilt);
      largest_shift = std::max(largest_shift, std::abs(of.shift_x));
      for (const double phase : of.phase_error) {
        sum += phase;
        squares += phase * phase;
        count += 1.0;
      }
    }
    EXPECT_TRUE(drawn.planes.back().phase_error.empty());
  }
  EXPECT_GT(largest_shift, 0.9 * spread.shift);
  EXPECT_NEAR(sum / count, 0.0, 5.0 * 0.3 / std::sqrt(count));
  EXPECT_NEAR(std::sqrt(squares / count), 0.3, 5.0 * 0.3 / std::sqrt(2.0 * count));
  EXPECT_TRUE(draw_misalignment(stack, {}, 1, 5) == Misalignment{});
}

}  // namespace
}  // namespace wavesmith
