// Connectivity: temperatures that are known, islands, gradients.
#include "physics/connectivity.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <random>

#include "core/error.hpp"
#include "physics/conic_filter.hpp"
#include "tests/physics/bar_pattern.hpp"

namespace wavesmith {
namespace {

const double infinity = std::numeric_limits<double>::infinity();

std::vector<char> left_side(const Plane& plane) {
  std::vector<char> anchors(plane.size(), 0);
  for (int j = 0; j < plane.ny; ++j) anchors[static_cast<std::size_t>(j * plane.nx)] = 1;
  return anchors;
}

// Solid inside the boxes x0, x1, y0, y1 (pixels, the last excluded).
std::vector<double> boxes(const Plane& plane, const std::vector<std::array<int, 4>>& parts) {
  std::vector<double> values(plane.size(), 0.0);
  for (const auto& part : parts)
    for (int j = part[2]; j < part[3]; ++j)
      for (int i = part[0]; i < part[1]; ++i)
        values[static_cast<std::size_t>(j * plane.nx + i)] = 1.0;
  return values;
}

// A solid strip heated evenly: T = x (l - x / 2), l from the anchors' middle to the far end, for
// pixels of any shape. The finite volumes are exact but for (dx / 2)^2 / 2.
TEST(Connectivity, ASolidStripHasAParabola) {
  for (const Plane& plane : {Plane{40, 7, 20e-9, 35e-9}, Plane{25, 60, 8e-9, 20e-9}}) {
    Connectivity connectivity(plane, left_side(plane), {.power = 100.0});
    std::vector<double> solid(plane.size(), 1.0), gradient(plane.size());
    connectivity.evaluate(solid, infinity, gradient);
    const double side = std::max(plane.width(), plane.height());
    const double length = (plane.nx - 0.5) * plane.dx;
    for (int j = 0; j < plane.ny; j += 3)
      for (int i = 0; i < plane.nx; ++i) {
        const double x = i * plane.dx;
        EXPECT_NEAR(connectivity.temperature()[static_cast<std::size_t>(j * plane.nx + i)],
                    x * (length - 0.5 * x) / (side * side), 1e-9);
      }
  }
}

TEST(Connectivity, IslandsAreHotAndConnectedPatternsAreNot) {
  const Plane plane{60, 50, 20e-9, 20e-9};
  std::vector<double> gradient(plane.size());
  const std::vector<std::pair<const char*, std::vector<double>>> connected = {
      {"empty", boxes(plane, {})},
      {"solid", boxes(plane, {{0, 60, 0, 50}})},
      {"bar", boxes(plane, {{0, 60, 20, 25}})},
      {"fork", boxes(plane, {{0, 30, 22, 27}, {25, 30, 5, 45}, {25, 60, 5, 10}, {25, 60, 40, 45}})},
      {"hook", boxes(plane, {{0, 50, 5, 10}, {45, 50, 5, 45}, {10, 50, 40, 45}})}};
  const std::vector<std::pair<const char*, std::vector<double>>> broken = {
      {"island", boxes(plane, {{0, 60, 5, 10}, {30, 40, 30, 40}})},
      {"small island", boxes(plane, {{0, 60, 5, 10}, {30, 33, 30, 33}})},
      {"bar with a gap", boxes(plane, {{0, 28, 20, 25}, {31, 60, 20, 25}})},
      {"corner only", boxes(plane, {{0, 20, 10, 20}, {20, 40, 20, 30}})}};
  for (const auto& [name, pattern] : connected) {
    Connectivity solid(plane, left_side(plane));
    const double f = solid.evaluate(pattern, infinity, gradient);
    std::printf("%s: %.4g\n", name, f);
    EXPECT_LT(f, 0.0) << name;
  }
  for (const auto& [name, pattern] : broken) {
    Connectivity solid(plane, left_side(plane));
    const double f = solid.evaluate(pattern, infinity, gradient);
    std::printf("%s: %.4g\n", name, f);
    EXPECT_GT(f, 1.0) << name;
    // The hottest pixel is solid, and not connected.
    const auto hottest = std::max_element(solid.temperature().begin(), solid.temperature().end());
    EXPECT_EQ(pattern[static_cast<std::size_t>(hottest - solid.temperature().begin())], 1.0);
  }
  // What is empty, likewise: a ring closes a hole off.
  const auto ring =
      boxes(plane, {{20, 40, 15, 20}, {20, 40, 30, 35}, {20, 25, 15, 35}, {35, 40, 15, 35}});
  Connectivity empty(plane, left_side(plane), {.phase = PatternPhase::empty});
  const double closed = empty.evaluate(ring, infinity, gradient);
  auto open = ring;
  for (int j = 22; j < 28; ++j)
    for (int i = 35; i < 40; ++i) open[static_cast<std::size_t>(j * plane.nx + i)] = 0.0;
  const double opened = empty.evaluate(open, infinity, gradient);
  std::printf("ring %.4g, opened %.4g\n", closed, opened);
  EXPECT_GT(closed, 1.0);
  EXPECT_LT(opened, 0.0);
}

// A uniform grey neither conducts better nor is hotter than what is solid.
TEST(Connectivity, GreyIsNoIsland) {
  const Plane plane{30, 30, 20e-9, 20e-9};
  std::vector<double> gradient(plane.size());
  Connectivity connectivity(plane, left_side(plane));
  for (double grey : {1e-4, 0.01, 0.1, 0.5, 0.9})
    EXPECT_LT(connectivity.evaluate(std::vector<double>(plane.size(), grey), 0.0, gradient), -0.5);
}

TEST(Connectivity, GradientsAreExact) {
  const Plane plane{19, 14, 30e-9, 25e-9};
  std::mt19937_64 random(9);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::normal_distribution<double> normal;
  for (PatternPhase phase : {PatternPhase::solid, PatternPhase::empty})
    for (double beta : {0.0, 2.0, 8.0, 32.0}) {
      std::vector<double> raw(plane.size()), x(plane.size()), gradient(plane.size());
      for (double& v : raw) v = uniform(random) < 0.5 ? 1.0 : 0.0;
      ConicFilter(plane, 70e-9).apply(raw, x);
      std::vector<char> anchors(plane.size(), 0);
      anchors[3] = anchors[100] = anchors[plane.size() - 1] = 1;
      Connectivity connectivity(plane, anchors, {.phase = phase, .least_conductivity = 1e-4});
      connectivity.evaluate(x, beta, gradient);
      std::vector<std::vector<double>> directions(4, std::vector<double>(plane.size()));
      for (auto& d : directions)
        for (double& v : d) v = normal(random);
      std::vector<double> ignored(plane.size());
      const double error = test::worst_slope(
          [&](const std::vector<double>& at) { return connectivity.evaluate(at, beta, ignored); },
          x, gradient, directions, beta > 10.0 ? 3e-6 : 2e-5);
      std::printf("beta %g: %.1e\n", beta, error);
      EXPECT_LT(error, 1e-6);
    }
}

TEST(Connectivity, WrongInputIsRefused) {
  const Plane plane{8, 6, 1.0, 1.0};
  EXPECT_THROW(Connectivity(plane, std::vector<char>(plane.size(), 0)), InputError);
  EXPECT_THROW(Connectivity(plane, std::vector<char>(3, 1)), InputError);
  EXPECT_THROW(Connectivity({100000, 100000, 1.0, 1.0}, {}), InputError);
  EXPECT_THROW(Connectivity(plane, left_side(plane), {.limit = 0.0}), InputError);
  EXPECT_THROW(Connectivity(plane, left_side(plane), {.least_conductivity = 0.0}), InputError);
  EXPECT_THROW(Connectivity(plane, left_side(plane), {.power = 0.5}), InputError);
  Connectivity connectivity(plane, left_side(plane));
  std::vector<double> few(3), gradient(plane.size());
  EXPECT_THROW(connectivity.evaluate(few, 8.0, gradient), InputError);
  EXPECT_THROW(connectivity.evaluate(gradient, 8.0, few), InputError);
  EXPECT_THROW(
      connectivity.evaluate(std::vector<double>(plane.size(), std::nan("")), 8.0, gradient),
      NumericsError);
}

}  // namespace
}  // namespace wavesmith
