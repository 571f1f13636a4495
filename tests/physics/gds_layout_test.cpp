#include "physics/gds_layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <random>

#include "core/error.hpp"
#include "physics/contour.hpp"
#include "physics/feature_size.hpp"
#include "physics/polygon_check.hpp"
#include "physics/prism_solid.hpp"
#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

constexpr double nm = 1e-9;

Ring rectangle(double x0, double y0, double x1, double y1) {
  return {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
}
Ring reversed(Ring ring) {
  return {ring.rbegin(), ring.rend()};
}

// Outlines with holes in holes and single pixels, on a pixel grid of 20 nm.
std::vector<Ring> random_rings(int n, unsigned seed, int smoothing) {
  const Plane p{n, n, 20 * nm, 20 * nm, 300 * nm, -70 * nm};
  std::mt19937 random(seed);
  std::vector<double> v(p.size()), w;
  for (double& x : v) x = static_cast<double>(random()) / 4294967296.0;
  for (int s = 0; s < smoothing; ++s) {
    w = v;
    for (int j = 1; j + 1 < n; ++j)
      for (int i = 1; i + 1 < n; ++i) {
        const auto c = static_cast<std::size_t>(j * n + i), row = static_cast<std::size_t>(n);
        v[c] = 0.5 * w[c] + 0.125 * (w[c - 1] + w[c + 1] + w[c - row] + w[c + row]);
      }
  }
  return contour(p, v, 0.5, {2.5 * nm, 0.0});
}

double total_area(const std::vector<GdsPolygon>& polygons) {
  double sum = 0.0;
  for (const GdsPolygon& p : polygons) sum += std::abs(signed_area(p.points));
  return sum;
}

std::vector<GdsPolygon> through_a_file(std::vector<GdsPolygon> polygons) {
  GdsLibrary library;
  library.cells = {{"device", std::move(polygons), {}}};
  return flattened(parse_gdsii(gdsii_bytes(library), "device.gds"), "device");
}

TEST(GdsLayout, RegionsWithHolesComeBackFromAFile) {
  int holes = 0;
  for (const auto& [n, smoothing] : {std::pair{12, 0}, {40, 1}, {60, 3}})
    for (unsigned seed = 0; seed < 10; ++seed)
      for (const std::size_t most : {gds_most_points, std::size_t{150}, std::size_t{20}}) {
        std::vector<Ring> rings = random_rings(n, seed, smoothing);
        for (const Ring& ring : rings) holes += signed_area(ring) < 0;
        const auto polygons = through_a_file(gds_polygons(rings, 3, 4, nm, most));
        for (Ring& ring : rings)
          for (Point2& p : ring) p = {nm * std::round(p[0] / nm), nm * std::round(p[1] / nm)};
        std::size_t corners = 0;
        for (const Ring& ring : rings) corners += ring.size();

        // Areas are exact where nothing was cut; a cut moves an edge by half a unit at most.
        const double allowed = most == gds_most_points ? 1e-12
                                                       : static_cast<double>(corners) * 0.5 * nm *
                                                             20 * nm / polygon_area(rings);
        EXPECT_NEAR(total_area(polygons) / polygon_area(rings), 1.0, std::min(allowed, 0.02));
        std::vector<InsideTest> parts;
        for (const GdsPolygon& p : polygons) {
          EXPECT_EQ(p.layer, 3);
          EXPECT_EQ(p.datatype, 4);
          EXPECT_LE(p.points.size(), most);
          const auto crossing = find_crossing(p.points);
          EXPECT_FALSE(crossing.has_value()) << place_text(crossing->place);
          parts.emplace_back(std::span(&p.points, 1));
        }
        const InsideTest inside(rings);
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> u(-0.5 * n * 20 * nm, 0.5 * n * 20 * nm);
        int wrong = 0;
        for (int k = 0; k < 500; ++k) {
          const Point2 q{300 * nm + u(random), -70 * nm + u(random)};
          int held = 0;
          for (const InsideTest& part : parts) held += part(q);
          EXPECT_LE(held, 1);
          wrong += (held == 1) != inside(q);
        }
        EXPECT_LE(wrong, most == gds_most_points ? 0 : 10);
      }
  std::printf("%d holes\n", holes);
  EXPECT_GT(holes, 1000);
}

TEST(GdsLayout, PrismsOverSlitPolygonsHaveTheHoles) {
  const auto rings = random_rings(30, 2, 1);
  const auto polygons = gds_polygons(rings, 1, 0);
  std::vector<Ring> whole;
  for (const Ring& ring : rings) {
    whole.push_back(ring);
    for (Point2& p : whole.back()) p = {nm * std::round(p[0] / nm), nm * std::round(p[1] / nm)};
  }
  const InsideTest inside(whole);
  std::vector<PrismSolid> prisms;
  for (const GdsPolygon& p : polygons) prisms.emplace_back(p.points, 0.0, 220 * nm);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> u(-300 * nm, 300 * nm);
  for (int k = 0; k < 2000; ++k) {
    const Point2 q{300 * nm + u(random), -70 * nm + u(random)};
    bool solid = false;
    double nearest = -endless, edge = endless;
    for (const PrismSolid& prism : prisms) {
      solid = solid || prism.contains({q[0], q[1], 110 * nm});
      nearest = std::max(nearest, -prism.signed_distance({q[0], q[1], 110 * nm}));
    }
    EXPECT_EQ(solid, inside(q));
    // No wall along a slit: how deep a point lies is the distance to the rings.
    for (const Ring& ring : whole)
      for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point2 &a = ring[i], &b = ring[(i + 1) % ring.size()];
        const double x = b[0] - a[0], y = b[1] - a[1];
        const double t =
            std::clamp(((q[0] - a[0]) * x + (q[1] - a[1]) * y) / (x * x + y * y), 0.0, 1.0);
        edge = std::min(edge, std::hypot(q[0] - a[0] - t * x, q[1] - a[1] - t * y));
      }
    if (solid) {
      EXPECT_NEAR(nearest, std::min(edge, 110 * nm), 1e-15);
    }
  }
}

TEST(GdsLayout, NestedIslandsAndCutsOnCorners) {
  // A frame in a frame around a block; and combs whose corners all lie on the cuts' lines.
  std::vector<Ring> frames{rectangle(0, 0, 900, 900), reversed(rectangle(100, 100, 800, 800)),
                           rectangle(200, 200, 700, 700), reversed(rectangle(300, 300, 600, 600)),
                           rectangle(400, 400, 500, 500)};
  Ring comb;
  for (int i = 0; i < 40; ++i) {
    comb.push_back({20.0 * i, i % 2 == 0 ? 2000.0 : 2100.0});
    comb.push_back({20.0 * i + 10, i % 2 == 0 ? 2000.0 : 2100.0});
  }
  comb.push_back({790, 2200});
  comb.push_back({0, 2200});
  frames.push_back(comb);
  for (int k = 0; k < 8; ++k)  // holes whose corners touch the same lines
    frames.push_back({{20.0 + 80 * k, 2150},
                      {30.0 + 80 * k, 2160},
                      {40.0 + 80 * k, 2150},
                      {30.0 + 80 * k, 2140}});
  for (Ring& ring : frames)
    for (Point2& p : ring) p = {nm * p[0], nm * p[1]};
  for (std::size_t k = 6; k < frames.size(); ++k)
    if (signed_area(frames[k]) > 0) frames[k] = reversed(frames[k]);
  for (const std::size_t most :
       {std::size_t{8}, std::size_t{13}, std::size_t{40}, gds_most_points}) {
    const auto polygons = through_a_file(gds_polygons(frames, 1, 0, nm, most));
    EXPECT_NEAR(total_area(polygons) / polygon_area(frames), 1.0, 1e-9) << most;
    for (const GdsPolygon& p : polygons) {
      EXPECT_LE(p.points.size(), most);
      EXPECT_FALSE(find_crossing(p.points).has_value()) << most;
    }
  }
  EXPECT_EQ(gds_polygons(frames, 1, 0).size(), 4u);
}

TEST(GdsLayout, LargeRegionsAreCutBelowTheFormatsLimit) {
  Ring star, hole;
  const int n = 60000;
  for (int i = 0; i < n; ++i) {
    const double a = 2 * std::numbers::pi * i / n, r = 1e-4 * (1 + 0.3 * std::cos(40 * a));
    star.push_back({r * std::cos(a), r * std::sin(a)});
    hole.push_back({0.6 * r * std::cos(a), -0.6 * r * std::sin(a)});
  }
  const std::vector<Ring> rings{star, hole};  // rounding alone takes 1.4e-6 of the area
  const auto start = std::chrono::steady_clock::now();
  const auto polygons = gds_polygons(rings, 1, 0);
  std::printf("%d points: %zu polygons, %.2f s\n", 2 * n, polygons.size(),
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  EXPECT_GE(polygons.size(), 15u);
  for (const GdsPolygon& p : polygons) EXPECT_FALSE(find_crossing(p.points).has_value());
  std::vector<Ring> whole = rings;
  for (Ring& ring : whole)
    for (Point2& p : ring) p = {nm * std::round(p[0] / nm), nm * std::round(p[1] / nm)};
  EXPECT_NEAR(total_area(through_a_file(polygons)) / polygon_area(whole), 1.0, 1e-7);
}

// A wall of 80 nm between two holes, and holes of 200 nm, measured on what the file holds.
TEST(GdsLayout, FeaturesOfAFileAreMeasured) {
  const std::vector<Ring> rings{rectangle(0, 0, 2000 * nm, 1000 * nm),
                                reversed(rectangle(400 * nm, 300 * nm, 900 * nm, 700 * nm)),
                                reversed(rectangle(980 * nm, 300 * nm, 1180 * nm, 700 * nm))};
  const auto polygons = through_a_file(gds_polygons(rings, 1, 0));
  auto turned = polygons;
  for (GdsPolygon& p : turned) std::reverse(p.points.begin(), p.points.end());
  for (const auto& each : {polygons, turned}) {
    const FeatureSizes sizes = minimum_feature(outlines(each, 1), {10 * nm, 250 * nm, {}});
    EXPECT_NEAR(sizes.solid.width / nm, 80, 10);
    EXPECT_NEAR(sizes.gap.width / nm, 200, 10);
  }
  EXPECT_TRUE(outlines(polygons, 2).empty());
  EXPECT_TRUE(outlines(polygons, 1, 5).empty());
}

TEST(GdsLayout, RefusesWhatRoundingOrOrderSpoils) {
  const std::vector<Ring> near{rectangle(0, 0, 100 * nm, 100 * nm),
                               rectangle(100.3 * nm, 0, 200 * nm, 100 * nm)};
  test::expect_parts(test::message_of<InputError>([&] { gds_polygons(near, 1, 0); }),
                     {"outlines meet at (0.1, 0", "database unit of 1 nm", "finer unit"});
  EXPECT_EQ(gds_polygons(near, 1, 0, 0.1 * nm).size(), 2u);
  const std::vector<Ring> hole{reversed(rectangle(0, 0, 100 * nm, 100 * nm))};
  test::expect_parts(test::message_of<InputError>([&] { gds_polygons(hole, 1, 0); }),
                     {"hole at", "no outline", "anticlockwise"});
  const std::vector<Ring> far{rectangle(0, 0, 10.0, 1.0)};
  test::expect_parts(test::message_of<InputError>([&] { gds_polygons(far, 1, 0); }),
                     {"32 bits", "larger unit"});
}

using Points = std::vector<std::vector<std::array<long, 2>>>;
Points whole_numbers(const std::vector<GdsPolygon>& polygons) {
  Points all;
  for (const GdsPolygon& p : polygons) {
    all.emplace_back();
    for (const GdsPoint& q : p.points)
      all.back().push_back({std::lround(q[0] / nm), std::lround(q[1] / nm)});
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST(GdsLayout, PlacedCellsComeBackWhereTheyWere) {
  const GdsCell small{
      "small",
      gds_polygons(std::vector<Ring>{rectangle(-50 * nm, -50 * nm, 50 * nm, 50 * nm)}, 1, 0),
      {}};
  const GdsCell large{
      "large",
      gds_polygons(std::vector<Ring>{rectangle(-90 * nm, -90 * nm, 90 * nm, 90 * nm),
                                     reversed(rectangle(-20 * nm, -20 * nm, 30 * nm, 30 * nm))},
                   1, 0),
      {}};
  // A full array of one, with another one here and there in a disc.
  std::vector<CellPlaces> places{{"small", {}}, {"large", {}}};
  for (int j = 0; j < 30; ++j)
    for (int i = 0; i < 50; ++i) places[0].positions.push_back({400 * nm * i - 3e-6, 400 * nm * j});
  for (int j = 0; j < 40; ++j)
    for (int i = 0; i < 40; ++i)
      if ((i * 7 + j * 3) % 5 != 0 && std::hypot(i - 20, j - 20) < 19)
        places[1].positions.push_back({1e-3 + 300 * nm * i, 300 * nm * j});
  std::mt19937 random(3);
  for (auto& group : places) std::shuffle(group.positions.begin(), group.positions.end(), random);

  const GdsLibrary library = parse_gdsii(gdsii_bytes(place_cells({small, large}, places)), "a.gds");
  EXPECT_EQ(top_cells(library), std::vector<std::string>{"top"});
  ASSERT_EQ(library.cells.size(), 3u);
  std::vector<GdsPolygon> expected;
  for (std::size_t g = 0; g < 2; ++g)
    for (const Point2& at : places[g].positions)
      for (GdsPolygon p : (g == 0 ? small : large).polygons) {
        for (GdsPoint& q : p.points) q = {q[0] + at[0], q[1] + at[1]};
        expected.push_back(std::move(p));
      }
  EXPECT_EQ(whole_numbers(flattened(library, "top")), whole_numbers(expected));
  std::size_t of_small = 0;
  for (const GdsReference& r : library.cells[2].references) of_small += r.cell == "small";
  EXPECT_EQ(of_small, 1u);
  std::printf("%zu cells by %zu references\n", expected.size(), library.cells[2].references.size());

  EXPECT_THROW(place_cells({small, small}, places), InputError);
  EXPECT_THROW(place_cells({small}, places), InputError);
  EXPECT_THROW(place_cells({small, large}, places, "large"), InputError);
}

TEST(GdsLayout, CrossingPolygonsAreNamedWithCellAndPlace) {
  GdsLibrary library;
  library.cells = {{"loop",
                    {{2, 0, {{0, 0}, {1e-6, 0}, {0, 1e-6}}},
                     {1, 7, {{0, 0}, {2e-6, 2e-6}, {2e-6, 0}, {0, 2e-6}}}},
                    {}},
                   {"top", {}, {{"loop", {}, true, 3.0, 30.0, 9, 9, {1e-5, 0}, {0, 1e-5}}}}};
  test::expect_parts(
      test::message_of<InputError>([&] { validate_polygons(library, "top", 1, -1, "chip.gds"); }),
      {"chip.gds", "cell \"loop\"", "polygon 2 of 2", "layer 1", "(1, 1) um", "layout editor"});
  EXPECT_NO_THROW(validate_polygons(library, "top", 2, -1, "chip.gds"));
  EXPECT_NO_THROW(validate_polygons(library, "top", 1, 0, "chip.gds"));
}

}  // namespace
}  // namespace wavesmith
