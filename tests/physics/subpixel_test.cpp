// Averages over boxes: exact for planes and layers, second order for curved surfaces, and their
// derivatives.
#include "physics/subpixel.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numbers>
#include <random>

#include "core/error.hpp"
#include "physics/convex_piece.hpp"
#include "physics/prism_solid.hpp"
#include "physics/solids.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

// The volume of the unit cube [0, 1]^3 with n . x < d, all n above 0: sum over corners of
// (-1)^k (d - n . corner)^3 / (6 n0 n1 n2), over those in front of the plane.
double cube_below_plane(const Vec3& n, double d) {
  double sum = 0.0;
  for (unsigned corner = 0; corner < 8; ++corner) {
    double rest = d, sign = 1.0;
    for (std::size_t a = 0; a < 3; ++a)
      if ((corner >> a & 1u) != 0u) {
        rest -= n[a];
        sign = -sign;
      }
    if (rest > 0.0) sum += sign * rest * rest * rest;
  }
  return sum / (6.0 * n[0] * n[1] * n[2]);
}

// A half-space with any normal in the xy plane, or any tilt about y: a huge turned box or a slanted
// prism has such a side. For any normal at all, the side of a bilinear height map.
SolidPointer below_plane(const Vec3& n, double d) {
  std::vector<double> heights;
  for (const double y : {-10.0, 10.0})
    for (const double x : {-10.0, 10.0}) heights.push_back((d - n[0] * x - n[1] * y) / n[2]);
  return std::make_shared<HeightSolid>(std::array{-10.0, -10.0}, std::array{10.0, 10.0}, -endless,
                                       2, 2, heights);
}

TEST(Subpixel, IsExactForPlanesOfAnyOrientation) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> share(0.02, 1.0);
  const std::vector<double> eps{2.1, 12.5};
  double worst = 0.0;
  for (int n = 0; n < 400; ++n) {
    const Vec3 normal = unit_vector({share(random), share(random), share(random)});
    const double d = share(random) * (normal[0] + normal[1] + normal[2]);
    const double f = cube_below_plane(normal, d);
    Geometry geometry;
    geometry.add(below_plane(normal, d), 1);
    const SymmetricTensor tensor =
        average_inverse_permittivity(geometry, eps, {0, 0, 0}, {1, 1, 1});
    const double across = f / eps[1] + (1 - f) / eps[0],
                 along = 1 / (f * eps[1] + (1 - f) * eps[0]);
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = r; c < 3; ++c) {
        const double p = normal[r] * normal[c];
        const double expected = p * across + ((r == c ? 1.0 : 0.0) - p) * along;
        worst = std::max(worst, std::abs(tensor[tensor_place(r, c)] - expected));
      }
  }
  std::printf("planes: largest error of a tensor element %.1e\n", worst);
  EXPECT_LT(worst, 1e-10);
}

// The formula for one plane against cutting the polyhedron, also for boxes that are no cubes and
// planes along an edge or a face.
TEST(Subpixel, CutsByFormulaAndByClippingAgree) {
  std::mt19937 random(8);
  std::uniform_real_distribution<double> share(-1.0, 1.0);
  for (int n = 0; n < 3000; ++n) {
    const Vec3 half{0.5, 0.5 * std::pow(10.0, -1.5 * (n % 3)), 0.3};
    Vec3 normal{share(random), share(random), share(random)};
    for (std::size_t a = 0; a < 3; ++a) {
      const int kind = static_cast<int>(random() % 6);
      normal[a] *= kind == 0   ? 0.0
                   : kind == 1 ? std::pow(10.0, -3.0 - 4.0 * std::abs(share(random)))
                               : 1.0;
    }
    if (length(normal) == 0.0) continue;
    normal = unit_vector(normal);
    const HalfSpace h{
        normal, share(random) * (half[0] * std::abs(normal[0]) + half[1] * std::abs(normal[1]) +
                                 half[2] * std::abs(normal[2]))};
    const auto parts = ConvexPiece(half).split(h);
    const BoxCut cut = cut_box(half, h);
    const double box = 8 * half[0] * half[1] * half[2];
    ASSERT_NEAR(cut.volume / box, parts.inside.volume() / box, 1e-9) << n;
    ASSERT_NEAR((parts.inside.volume() + parts.outside.volume()) / box, 1.0, 1e-12) << n;
    ASSERT_NEAR(cut.area, polygon_area(parts.cut), 1e-6 * (1e-3 + cut.area)) << n;
  }
}

TEST(Subpixel, IsTheHarmonicOrArithmeticMeanInOneDimension) {
  Geometry geometry;
  geometry.add(box_between({-endless, -endless, -endless}, {0.3, endless, endless}), 1);
  const std::vector<double> eps{1.0, 9.0};
  const auto t = average_inverse_permittivity(geometry, eps, {0, 0, 0}, {1, 0, 0});
  EXPECT_NEAR(t[0], 0.3 / 9 + 0.7, 1e-12);
  EXPECT_NEAR(t[1], 1 / (0.3 * 9 + 0.7), 1e-12);
  EXPECT_NEAR(t[2], t[1], 1e-12);
}

// Films far thinner than the box, stacked in any direction, touching or apart, one over another.
TEST(Subpixel, IsExactForParallelLayers) {
  const std::vector<double> eps{1.0, 4.0, 9.0, 16.0};
  for (const double angle : {0.0, 0.4}) {
    Geometry geometry;
    // Along the turned x axis, from the middle of the box: 1 from -0.1 to 0, 2 from 0 to 0.04, then
    // 3 from 0.1 to 0.101.
    const Vec3 u{std::cos(angle), std::sin(angle), 0.0};
    const auto layer = [&](double from, double to) {
      return std::make_shared<BoxSolid>(0.5 * (from + to) * u, Vec3{to - from, 8, 8}, angle);
    };
    geometry.add(layer(-0.1, 0.02), 1);
    geometry.add(layer(0.0, 0.04), 2);
    geometry.add(layer(0.1, 0.101), 3);
    const double w = 0.5;
    const Mixture m = mixture_of(geometry, {-w / 2, -w / 2, -w / 2}, {w / 2, w / 2, w / 2});
    ASSERT_EQ(m.materials.size(), 4u);
    // Away from the box's corners a layer of thickness t has the area w / cos(angle) times w.
    const double per_length = 1 / (w * std::cos(angle));
    EXPECT_NEAR(m.materials[1].share, 0.1 * per_length, 1e-10);
    EXPECT_NEAR(m.materials[2].share, 0.04 * per_length, 1e-10);
    EXPECT_NEAR(m.materials[3].share, 0.001 * per_length, 1e-10);
    const SymmetricTensor t = inverse_tensor(m, eps);
    const double across = mean_inverse(m, eps), along = 1 / mean(m, eps);
    EXPECT_NEAR(t[0], u[0] * u[0] * across + u[1] * u[1] * along, 1e-10);
    EXPECT_NEAR(t[3], u[0] * u[1] * (across - along), 1e-10);
    EXPECT_NEAR(t[2], along, 1e-10);
    // Only neighbours have an interface: 0-1, 1-2, 0-2, 0-3.
    EXPECT_EQ(m.interfaces.size(), 4u);
  }
}

// Two solids that share a face or overlap in the same material make no interface between them.
TEST(Subpixel, SharedFacesAndOverlapsLeaveNoGap) {
  Geometry touching;
  touching.add(box_between({-9, -9, -9}, {9, 9, 0}), 1);       // substrate
  touching.add(box_between({-0.2, -9, 0}, {0.2, 9, 0.3}), 1);  // ridge on it
  const Vec3 lo{-0.1, -0.1, -0.1}, hi{0.1, 0.1, 0.1};
  EXPECT_TRUE(mixture_of(touching, lo, hi).uniform());

  Geometry edge = touching;
  // At the ridge's foot: the box from x = 0.1 to 0.3 holds the substrate's half and half the rest.
  const Mixture m = mixture_of(edge, {0.1, -0.1, -0.1}, {0.3, 0.1, 0.1});
  ASSERT_EQ(m.materials.size(), 2u);
  EXPECT_NEAR(m.materials[1].share, 0.75, 1e-10);
  ASSERT_EQ(m.interfaces.size(), 1u);
  EXPECT_NEAR(m.interfaces[0].orientation[0], 0.5, 1e-9);  // side and floor, equally large
  EXPECT_NEAR(m.interfaces[0].orientation[2], 0.5, 1e-9);
}

// The shares of all boxes of a grid add up to the solid's volume. The largest error over several
// positions on the grid falls with the square of the cell at least. (Coarser boxes than these are
// cut into smaller ones first, which hides the order.)
TEST(Subpixel, VolumesOfCurvedSolidsAreSecondOrder) {
  const double r = 0.3, inner = 0.24, length = 0.61;
  struct Curved {
    const char* name;
    std::function<SolidPointer(const Vec3&)> at;
    double volume;
  };
  const std::vector<Curved> solids{
      {"ball", [&](const Vec3& c) { return std::make_shared<BallSolid>(c, r); },
       4 * pi / 3 * r * r * r},
      {"cylinder", [&](const Vec3& c) { return std::make_shared<CylinderSolid>(c, 2, r, length); },
       pi * r * r * length},
      {"ring",
       [&](const Vec3& c) { return std::make_shared<CylinderSolid>(c, 0, r, length, inner); },
       pi * (r * r - inner * inner) * length}};
  std::mt19937 random(6);
  std::uniform_real_distribution<double> shift(-0.05, 0.05);
  std::vector<Vec3> centres(4);
  for (Vec3& c : centres) c = {shift(random), shift(random), shift(random)};
  for (const Curved& c : solids) {
    std::vector<double> errors;
    for (const int n : {32, 64, 128}) {
      double worst = 0.0;
      for (const Vec3& centre : centres) {
        Geometry geometry;
        geometry.add(c.at(centre), 1);
        const YeeGrid grid{
            {uniform_axis(-0.5, 0.5, n), uniform_axis(-0.5, 0.5, n), uniform_axis(-0.5, 0.5, n)}};
        const auto mixtures = mixtures_on_grid(geometry, grid, centre_places(), {});
        double sum = 0.0;
        for (const double s : mean_on_grid(mixtures, std::vector<double>{0.0, 1.0})) sum += s;
        worst = std::max(worst, std::abs(sum / std::pow(n, 3) / c.volume - 1.0));
      }
      errors.push_back(worst);
    }
    const double order = std::log2(errors[0] / errors[2]) / 2.0;
    std::printf("%s: volume error %.1e %.1e %.1e, order %.2f\n", c.name, errors[0], errors[1],
                errors[2], order);
    EXPECT_GT(order, 1.9) << c.name;
    EXPECT_LT(errors[2], 2e-4) << c.name;
  }
}

// In a circular rod each box's share and normal against lines cut exactly: the error of a single
// box falls with curvature times cell.
TEST(Subpixel, SharesAndNormalsOfSingleBoxesConverge) {
  Geometry geometry;
  geometry.add(std::make_shared<CylinderSolid>(Vec3{0, 0, 0}, 2, 1.0, endless), 1);
  std::vector<double> errors;
  for (const double h : {0.2, 0.1, 0.05}) {
    double worst = 0.0;
    for (int a = 0; a < 60; ++a) {
      const double angle = 0.1 * a, shift = h * (0.6 * ((a * 7) % 10) / 10 - 0.3);
      const Vec3 c{(1 + shift) * std::cos(angle), (1 + shift) * std::sin(angle), 0};
      const Mixture m =
          mixture_of(geometry, {c[0] - h / 2, c[1] - h / 2, 0}, {c[0] + h / 2, c[1] + h / 2, h});
      double exact = 0.0;
      constexpr int n = 4000;  // lines along y, each cut exactly
      for (int i = 0; i < n; ++i) {
        const double x = c[0] + h * ((i + 0.5) / n - 0.5);
        const double top = std::sqrt(std::max(0.0, 1 - x * x));
        exact += std::max(0.0, std::min(top, c[1] + h / 2) - std::max(-top, c[1] - h / 2)) / h / n;
      }
      const double share = mean(m, std::vector<double>{0.0, 1.0});
      worst = std::max(worst, std::abs(share - exact));
      const double n2 = m.interfaces.empty() ? 0.0 : m.interfaces[0].orientation[3];
      if (!m.interfaces.empty())
        worst = std::max(worst, std::abs(n2 - std::sin(angle) * std::cos(angle)));
    }
    errors.push_back(worst);
  }
  std::printf("rod: largest error of a box %.1e %.1e %.1e\n", errors[0], errors[1], errors[2]);
  EXPECT_GT(errors[0] / errors[1], 1.7);
  EXPECT_GT(errors[1] / errors[2], 1.7);
  EXPECT_LT(errors[2], 0.02);
}

TEST(Subpixel, DerivativesMatchDifferences) {
  std::mt19937 random(4);
  std::uniform_real_distribution<double> share(0.0, 1.0);
  Geometry geometry;
  geometry.add(std::make_shared<BallSolid>(Vec3{0, 0, 0}, 0.8), 1);
  geometry.add(std::make_shared<BoxSolid>(Vec3{0.3, 0.1, 0}, Vec3{0.5, 0.5, 3}, 0.3), 2);
  geometry.add(box_between({-3, -3, 0.1}, {3, 3, 0.15}), 3);
  int mixed = 0;
  for (int n = 0; n < 200; ++n) {
    Vec3 lo;
    for (double& v : lo) v = 1.4 * share(random) - 0.7;
    const Mixture m = mixture_of(geometry, lo, lo + Vec3{0.3, 0.3, 0.3});
    mixed += m.materials.size() > 2 ? 1 : 0;
    std::vector<double> constants{1.0, 3.0, 12.0, 5.0};
    for (double& c : constants) c *= 0.5 + share(random);
    SymmetricTensor cotangent;
    for (double& c : cotangent) c = share(random) - 0.5;
    for (const TensorLaw law : {TensorLaw::permittivity, TensorLaw::density}) {
      std::vector<double> gradient(4, 0.0);
      pull_back_inverse_tensor(m, constants, cotangent, gradient, law);
      for (std::size_t c = 0; c < 4; ++c) {
        const double h = 1e-5 * constants[c];
        double difference = 0.0;
        for (const double sign : {1.0, -1.0}) {
          auto moved = constants;
          moved[c] += sign * h;
          const SymmetricTensor t = inverse_tensor(m, moved, law);
          for (std::size_t e = 0; e < 6; ++e) difference += sign * cotangent[e] * t[e];
        }
        ASSERT_NEAR(gradient[c], difference / (2 * h), 1e-8) << n << " " << c;
      }
    }
  }
  EXPECT_GT(mixed, 50);
}

// The tensor's eigenvalues lie between the two means of every direction, so it is positive.
TEST(Subpixel, TensorsLieBetweenTheMeans) {
  Geometry geometry;
  geometry.add(std::make_shared<BallSolid>(Vec3{0, 0, 0}, 0.45), 1);
  geometry.add(std::make_shared<BoxSolid>(Vec3{0.3, 0.1, 0}, Vec3{0.5, 0.5, 3}, 0.3), 2);
  const std::vector<double> eps{1.0, 12.0, 4.0};
  const YeeGrid grid{
      {uniform_axis(-0.6, 0.6, 12), uniform_axis(-0.6, 0.6, 12), uniform_axis(-0.6, 0.6, 12)}};
  const auto mixtures = mixtures_on_grid(geometry, grid, electric_places(0), {});
  ASSERT_GT(mixtures.mixtures.size(), 100u);
  for (const Mixture& m : mixtures.mixtures) {
    const SymmetricTensor t = inverse_tensor(m, eps);
    const double low = 1 / mean(m, eps), high = mean_inverse(m, eps);
    EXPECT_NEAR(t[0] + t[1] + t[2], high + 2 * low, 1e-9);
    for (const Vec3 v : {Vec3{1, 0, 0}, Vec3{0, 1, 0}, Vec3{0.6, 0.8, 0}, Vec3{0.36, 0.48, 0.8}}) {
      const double q = v[0] * v[0] * t[0] + v[1] * v[1] * t[1] + v[2] * v[2] * t[2] +
                       2 * (v[0] * v[1] * t[3] + v[0] * v[2] * t[4] + v[1] * v[2] * t[5]);
      EXPECT_GE(q, low - 1e-9);
      EXPECT_LE(q, high + 1e-9);
    }
  }
}

// The sweep over a whole grid gives each point what its own box gives, at faces too.
TEST(Subpixel, GridsMatchSingleBoxes) {
  Geometry geometry;
  geometry.add(std::make_shared<BallSolid>(Vec3{0.4, 0.1, 0.2}, 0.45), 1);
  geometry.add(box_between({-0.6, -0.6, -0.6}, {0.0, 0.0, -0.51}), 2);
  const YeeGrid grid{
      {uniform_axis(-0.6, 0.6, 11), uniform_axis(-0.6, 0.6, 9), uniform_axis(-0.6, 0.6, 7)}};
  const Places places = electric_places(1);
  const FaceRules rules{FaceRule::periodic, FaceRule::clip, FaceRule::periodic};
  const std::vector<double> f{1.0, 2.0, 7.0};
  const auto one = mean_on_grid(mixtures_on_grid(geometry, grid, places, rules, 1), f);
  const auto two = mean_on_grid(mixtures_on_grid(geometry, grid, places, rules, 2), f);
  EXPECT_EQ(one, two);
  const double hx = 1.2 / 11, hz = 1.2 / 7, hy = 1.2 / 9;
  std::size_t at = 0;
  for (int k = 0; k < 7; ++k)
    for (int j = 0; j < 9; ++j)
      for (int i = 0; i < 11; ++i, ++at) {
        double expected = 0.0, volume = 0.0;
        const double x = -0.6 + i * hx, y = -0.6 + j * hy, z = -0.6 + k * hz;
        // A box that crosses the low face is continued by its other half at the high one.
        for (const double dx : {-0.5, 0.0})
          for (const double dz : {-0.5, 0.0}) {
            const double px = i == 0 && dx < 0 ? x + 1.2 : x, pz = k == 0 && dz < 0 ? z + 1.2 : z;
            const Vec3 lo{px + dx * hx, y, pz + dz * hz};
            expected += mean(mixture_of(geometry, lo, lo + Vec3{hx / 2, hy, hz / 2}), f);
            volume += 1.0;
          }
        // Quarters of a box see a smaller piece of the curved surface each.
        ASSERT_NEAR(one[at], expected / volume, 0.02) << i << " " << j << " " << k;
      }
}

TEST(Subpixel, RowsAndTheirTransposeAgree) {
  Geometry geometry;
  geometry.add(std::make_shared<BallSolid>(Vec3{0.1, 0.1, 0.05}, 0.4), 1);
  geometry.add(std::make_shared<BoxSolid>(Vec3{-0.2, 0, 0}, Vec3{0.3, 0.4, 0.5}, 0.5), 2);
  const YeeGrid grid{
      {uniform_axis(-0.6, 0.6, 9), uniform_axis(-0.6, 0.6, 8), uniform_axis(-0.6, 0.6, 7)}};
  const std::vector<double> eps{1.5, 11.0, 4.0};
  std::mt19937 random(2);
  std::uniform_real_distribution<double> share(-1.0, 1.0);
  for (int c = 0; c < 3; ++c) {
    const auto mixtures = mixtures_on_grid(geometry, grid, electric_places(c), {});
    TensorRow cotangent = tensor_row(mixtures, eps, c);
    ASSERT_GT(cotangent.off_diagonal.size(), 20u);
    for (double& v : cotangent.diagonal) v = share(random);
    for (OffDiagonal& o : cotangent.off_diagonal) {
      o.next = share(random);
      o.after_next = share(random);
    }
    std::vector<double> gradient(3, 0.0);
    pull_back_tensor_row(mixtures, eps, c, cotangent, gradient);
    for (std::size_t m = 0; m < 3; ++m) {
      double difference = 0.0;
      const double h = 1e-4 * eps[m];
      for (const double sign : {1.0, -1.0}) {
        auto moved = eps;
        moved[m] += sign * h;
        const TensorRow row = tensor_row(mixtures, moved, c);
        for (std::size_t p = 0; p < row.diagonal.size(); ++p)
          difference += sign * cotangent.diagonal[p] * row.diagonal[p];
        for (std::size_t p = 0; p < row.off_diagonal.size(); ++p)
          difference +=
              sign * (cotangent.off_diagonal[p].next * row.off_diagonal[p].next +
                      cotangent.off_diagonal[p].after_next * row.off_diagonal[p].after_next);
      }
      EXPECT_NEAR(gradient[m], difference / (2 * h), 1e-6 * (1 + std::abs(gradient[m])));
    }
  }
}

TEST(Subpixel, TwoDimensionsDoNotDependOnTheWidthOfTheThird) {
  Geometry geometry;
  geometry.add(std::make_shared<CylinderSolid>(Vec3{0, 0, 0}, 2, 0.3, endless), 1);
  const std::vector<double> eps{1.0, 12.0};
  YeeGrid grid{{uniform_axis(-0.5, 0.5, 20), uniform_axis(-0.5, 0.5, 20), Axis{{0.0, 1.0}}}};
  const auto wide = inverse_permittivity_on_grid(geometry, grid, eps, {});
  grid.axes[2] = Axis{{0.0, 0.05}};
  const auto narrow = inverse_permittivity_on_grid(geometry, grid, eps, {});
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t p = 0; p < grid.size(); ++p)
      ASSERT_NEAR(wide[c].diagonal[p], narrow[c].diagonal[p], 1e-12);
}

TEST(Subpixel, DoesNotTakeLongForLargeGrids) {
  Geometry geometry;
  const std::vector<Point2> taper{{-0.5, -0.1}, {0.5, -0.2}, {0.5, 0.2}, {-0.5, 0.1}};
  geometry.add(box_between({-9, -9, -9}, {9, 9, -0.1}), 1);
  geometry.add(std::make_shared<PrismSolid>(taper, -0.1, 0.1, 0.1), 2);
  geometry.add(std::make_shared<BallSolid>(Vec3{0.1, 0.1, 0.2}, 0.25), 1);
  const int n = 64;
  const YeeGrid grid{
      {uniform_axis(-0.5, 0.5, n), uniform_axis(-0.5, 0.5, n), uniform_axis(-0.5, 0.5, n)}};
  const auto begin = std::chrono::steady_clock::now();
  inverse_permittivity_on_grid(geometry, grid, std::vector<double>{1.0, 2.0, 12.0}, {});
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("3 x %d^3 points in %.2f s\n", n, seconds);
  EXPECT_LT(seconds, 20.0);
}

}  // namespace
}  // namespace wavesmith
