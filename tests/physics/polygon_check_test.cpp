#include "physics/polygon_check.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <numbers>
#include <random>

namespace wavesmith {
namespace {

const Ring square{{0, 0}, {4, 0}, {4, 4}, {0, 4}};

Ring moved(Ring ring, double scale, double angle, const Point2& shift) {
  for (Point2& p : ring)
    p = {scale * (std::cos(angle) * p[0] - std::sin(angle) * p[1]) + shift[0],
         scale * (std::sin(angle) * p[0] + std::cos(angle) * p[1]) + shift[1]};
  return ring;
}

Ring reversed(Ring ring) {
  return {ring.rbegin(), ring.rend()};
}

TEST(PolygonCheck, RegionsAreAcceptedAndCrossingsNot) {
  const struct {
    const char* name;
    Ring ring;
    bool crosses;
  } cases[] = {
      {"square", square, false},
      {"repeated corners", {{0, 0}, {0, 0}, {4, 0}, {4, 4}, {4, 4}, {0, 4}}, false},
      {"L", {{0, 0}, {4, 0}, {4, 1}, {1, 1}, {1, 4}, {0, 4}}, false},
      {"hole by a slit",
       {{0, 0},
        {4, 0},
        {4, 4},
        {0, 4},
        {0, 2},
        {1, 2},
        {1, 3},
        {3, 3},
        {3, 1},
        {1, 1},
        {1, 2},
        {0, 2}},
       false},
      {"two holes by one slit",
       {{0, 0},
        {9, 0},
        {9, 4},
        {0, 4},
        {0, 2},
        {1, 2},
        {2, 3},
        {3, 2},
        {5, 2},
        {6, 3},
        {7, 2},
        {6, 1},
        {5, 2},
        {3, 2},
        {2, 1},
        {1, 2},
        {0, 2}},
       false},
      {"touches itself at a corner",
       {{0, 0}, {2, 0}, {2, 2}, {4, 2}, {4, 4}, {2, 4}, {2, 2}, {0, 2}},
       false},
      {"bow tie", {{0, 0}, {4, 4}, {4, 0}, {0, 4}}, true},
      {"bow tie with a corner at the crossing",
       {{0, 0}, {2, 2}, {4, 4}, {4, 0}, {2, 2}, {0, 4}},
       true},
      {"bow tie of unequal halves", {{0, 0}, {2, 2}, {9, 9}, {9, -5}, {2, 2}, {0, 4}}, true},
      {"corner on another edge, passing through",
       {{0, 0}, {4, 0}, {4, 2}, {2, 2}, {2, -1}, {1, -1}, {1, 0}, {1, 3}, {0, 3}},
       true},
      {"covered twice", {{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}, {4, 0}, {4, 4}, {0, 4}}, true},
      {"loop inside, same way",
       {{0, 0},
        {4, 0},
        {4, 4},
        {0, 4},
        {0, 2},
        {1, 2},
        {1, 1},
        {3, 1},
        {3, 3},
        {1, 3},
        {1, 2},
        {0, 2}},
       true},
      {"pentagram", {{0, 3}, {2, -3}, {-3, 1}, {3, 1}, {-2, -3}}, true},
      {"an edge through another polygon part",
       {{0, 0}, {6, 0}, {6, 4}, {4, 4}, {4, -1}, {3, -1}, {3, 4}, {0, 4}},
       true},
  };
  for (const auto& c : cases)
    for (const double scale : {1.0, 1e-9, 1e-6})
      for (const double angle : {0.0, 0.7, 2.1}) {
        const Ring ring = moved(c.ring, scale, angle, {3 * scale, -1e2 * scale});
        EXPECT_EQ(find_crossing(ring).has_value(), c.crosses)
            << c.name << " " << scale << " " << angle;
        EXPECT_EQ(find_crossing(reversed(ring)).has_value(), c.crosses) << c.name << ", reversed";
      }
}

TEST(PolygonCheck, NamesThePlace) {
  const auto crossing = find_crossing(Ring{{0, 0}, {4e-6, 4e-6}, {4e-6, 0}, {0, 4e-6}});
  ASSERT_TRUE(crossing.has_value());
  EXPECT_NEAR(crossing->place[0], 2e-6, 1e-15);
  EXPECT_NEAR(crossing->place[1], 2e-6, 1e-15);
  EXPECT_EQ(crossing->edge_a, 0u);
  EXPECT_EQ(crossing->edge_b, 2u);
  EXPECT_EQ(place_text(crossing->place), "(2, 2) um");
}

// Whether two edges between points of whole numbers cross in the middle of both, exactly.
bool crosses_properly(const Ring& ring) {
  const auto side = [](const Point2& a, const Point2& b, const Point2& p) {
    const auto whole = [](double v) { return static_cast<long>(v); };
    const long d = (whole(b[0]) - whole(a[0])) * (whole(p[1]) - whole(a[1])) -
                   (whole(p[0]) - whole(a[0])) * (whole(b[1]) - whole(a[1]));
    return (d > 0) - (d < 0);
  };
  const std::size_t n = ring.size();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) {
      const Point2 &a = ring[i], &b = ring[(i + 1) % n], &c = ring[j], &d = ring[(j + 1) % n];
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true;
    }
  return false;
}

// Random polygons against all pairs of edges, on a coarse grid so that corners and edges coincide
// often: integer arithmetic decides properly crossing pairs exactly, and the winding number at
// random points decides the others.
TEST(PolygonCheck, RandomPolygonsAgreeWithWindingNumbers) {
  std::mt19937 random(4);
  int crossing = 0, fine = 0;
  for (int n = 0; n < 3000; ++n) {
    const int corners = 4 + static_cast<int>(random() % 4);
    Ring ring;
    for (int i = 0; i < corners; ++i)
      ring.push_back({static_cast<double>(random() % 5), static_cast<double>(random() % 5)});
    bool low = false, high = false;
    for (int s = 0; s < 4000; ++s) {
      const double x = 4e-6 * static_cast<double>(random() % 1000000);
      const double y = 4e-6 * static_cast<double>(random() % 1000000);
      int winding = 0;
      for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point2 &a = ring[i], &b = ring[(i + 1) % ring.size()];
        if ((a[1] > y) == (b[1] > y)) continue;
        if (a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) > x) winding += b[1] > a[1] ? 1 : -1;
      }
      low = low || winding < 0;
      high = high || winding > 0;
      if (std::abs(winding) > 1) low = high = true;
    }
    // Also slits that cross something, though nothing is covered twice by them.
    const bool crosses = (low && high) || crosses_properly(ring);
    EXPECT_EQ(find_crossing(ring).has_value(), crosses) << n;
    (crosses ? crossing : fine)++;
  }
  std::printf("%d cross, %d do not\n", crossing, fine);
  EXPECT_GT(fine, 200);
  EXPECT_GT(crossing, 200);
}

TEST(PolygonCheck, ContactsAreCrossingsAndTouches) {
  const auto count = [](std::vector<Ring> rings) { return find_contacts(rings).size(); };
  EXPECT_EQ(count({square}), 0u);
  EXPECT_EQ(count({square, moved(square, 0.5, 0, {1, 1})}), 0u);
  EXPECT_GT(count({square, moved(square, 0.5, 0, {2, 2})}), 0u);  // touches two sides
  EXPECT_GT(count({square, moved(square, 0.5, 0, {4, 4})}), 0u);  // a corner each
  EXPECT_GT(count({square, moved(square, 0.5, 0, {3, 3})}), 0u);  // crosses
  EXPECT_EQ(count({square, moved(square, 0.5, 0, {4.001, 0})}), 0u);
  EXPECT_GT(count({{{0, 0}, {4, 0}, {4, 2}, {4, -1}}}), 0u);  // turns back onto itself
}

TEST(PolygonCheck, LargePolygonsAreQuick) {
  Ring star;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double a = 2 * std::numbers::pi * i / n, r = 1e-4 * (1 + 0.3 * std::cos(400 * a));
    star.push_back({r * std::cos(a), r * std::sin(a)});
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(find_crossing(star).has_value());
  std::swap(star[70000], star[70003]);
  EXPECT_TRUE(find_crossing(star).has_value());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%d corners, twice: %.2f s\n", n, seconds);
  EXPECT_LT(seconds, 20.0);
}

}  // namespace
}  // namespace wavesmith
