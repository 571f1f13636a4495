#include "physics/gdsii.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numbers>
#include <random>

#include "core/error.hpp"
#include "physics/gdsii_records.hpp"
#include "physics/prism_solid.hpp"
#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

constexpr double nm = 1e-9;

double signed_area(const std::vector<GdsPoint>& p) {
  double sum = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const GdsPoint &a = p[i], &b = p[(i + 1) % p.size()];
    sum += 0.5 * ((a[0] - p[0][0]) * (b[1] - p[0][1]) - (b[0] - p[0][0]) * (a[1] - p[0][1]));
  }
  return sum;
}
double area(const std::vector<GdsPoint>& p) {
  return std::abs(signed_area(p));
}
double total_area(const std::vector<GdsPolygon>& polygons) {
  double sum = 0.0;
  for (const GdsPolygon& p : polygons) sum += area(p.points);
  return sum;
}

GdsPolygon rectangle(int layer, int x0, int y0, int x1, int y1) {
  return {
      layer, 0, {{x0 * nm, y0 * nm}, {x1 * nm, y0 * nm}, {x1 * nm, y1 * nm}, {x0 * nm, y1 * nm}}};
}

GdsLibrary sample() {
  GdsLibrary library;
  library.name = "chip";
  std::mt19937 random(1);
  GdsCell leaf{"leaf", {rectangle(1, 0, 0, 1000, 500), rectangle(2, -20, -30, 70, 31)}, {}};
  for (int n = 0; n < 5; ++n) {
    GdsPolygon p{n, 3 * n, {}};
    for (int i = 0; i < 7; ++i)
      p.points.push_back({(static_cast<int>(random() % 2000000) - 1000000) * nm,
                          (static_cast<int>(random() % 2000000) - 1000000) * nm});
    leaf.polygons.push_back(p);
  }
  GdsCell top{"top", {rectangle(7, 0, 0, 1, 1)}, {}};
  top.references.push_back({"leaf", {5000 * nm, -300 * nm}, false, 1.0, 0.0, 1, 1, {}, {}});
  top.references.push_back({"leaf", {0, 0}, true, 2.5, 33.25, 1, 1, {}, {}});
  top.references.push_back(
      {"leaf", {1 * nm, 2 * nm}, false, 1.0, 90.0, 3, 2, {4000 * nm, 0}, {0, 7000 * nm}});
  library.cells = {leaf, top};
  return library;
}

TEST(Gdsii, IsReadBackAsItWasWritten) {
  const GdsLibrary library = sample();
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "chip.gds";
  write_gdsii(library, path);
  const GdsLibrary read = read_gdsii(path);
  EXPECT_EQ(read.name, library.name);
  EXPECT_EQ(read.database_unit, 1e-9);
  EXPECT_NEAR(read.user_unit / 1e-6, 1.0, 1e-11);
  ASSERT_EQ(read.cells.size(), 2u);
  for (std::size_t c = 0; c < 2; ++c) {
    ASSERT_EQ(read.cells[c].polygons.size(), library.cells[c].polygons.size());
    for (std::size_t p = 0; p < read.cells[c].polygons.size(); ++p)
      EXPECT_EQ(read.cells[c].polygons[p], library.cells[c].polygons[p]);
    ASSERT_EQ(read.cells[c].references.size(), library.cells[c].references.size());
  }
  // Steps of an array come out of a division.
  const GdsReference &a = read.cells[1].references[2], &b = library.cells[1].references[2];
  EXPECT_EQ(a.columns, b.columns);
  EXPECT_EQ(a.rows, b.rows);
  EXPECT_NEAR(a.column_step[0], b.column_step[0], 1e-20);
  EXPECT_NEAR(a.row_step[1], b.row_step[1], 1e-20);
  EXPECT_EQ(read.cells[1].references[1], library.cells[1].references[1]);
  EXPECT_EQ(gdsii_bytes(read), gdsii_bytes(library));
}

TEST(Gdsii, RealsAreTheFormatsOwn) {
  // 1e-3 and 1e-9, the units of most files, as those files have them.
  EXPECT_EQ(gds::to_real64(1e-3), 0x3e4189374bc6a7f0u);
  EXPECT_EQ(gds::to_real64(1e-9), 0x3944b82fa09b5a54u);
  EXPECT_EQ(gds::to_real64(1.0), 0x4110000000000000u);
  EXPECT_EQ(gds::to_real64(-2.0), 0xc120000000000000u);
  for (const double v : {0.0, 1.0, -33.25, 1e-9, 12345.678, 6.02e23, -1.6e-19})
    EXPECT_DOUBLE_EQ(gds::from_real64(gds::to_real64(v)), v);
}

TEST(Gdsii, FlatteningPlacesMirrorsTurnsAndMagnifies) {
  GdsLibrary library;
  library.cells = {{"a", {{1, 0, {{0, 0}, {2, 0}, {2, 1}}}}, {}},
                   {"b", {}, {{"a", {10, 20}, true, 2.0, 90.0, 1, 1, {}, {}}}},
                   {"c", {}, {{"b", {1, 0}, false, 1.0, 180.0, 2, 3, {100, 0}, {0, 50}}}}};
  EXPECT_EQ(top_cells(library), std::vector<std::string>{"c"});
  // a -> mirrored (2, -1) -> doubled (4, -2) -> turned by 90 (2, 4) -> moved (12, 24)
  const auto b = flattened(library, "b");
  ASSERT_EQ(b.size(), 1u);
  EXPECT_EQ(b[0].points[1], (GdsPoint{10, 24}));
  EXPECT_EQ(b[0].points[2], (GdsPoint{12, 24}));
  const auto c = flattened(library, "c");
  ASSERT_EQ(c.size(), 6u);
  EXPECT_EQ(c[0].points[2], (GdsPoint{1 - 12, -24}));
  EXPECT_EQ(c[1].points[2], (GdsPoint{101 - 12, -24}));
  EXPECT_EQ(c[5].points[2], (GdsPoint{101 - 12, 100 - 24}));
  EXPECT_NEAR(total_area(flattened(read_gdsii([] {
                                     static const test::TemporaryFolder folder;
                                     write_gdsii(sample(), folder.path() / "a.gds");
                                     return folder.path() / "a.gds";
                                   }()),
                                   "top")) /
                  (1e-18 + total_area(sample().cells[0].polygons) * (1 + 6.25 + 6)),
              1.0, 1e-9);
}

TEST(Gdsii, RefusesCellsThatAreMissingOrContainThemselves) {
  GdsLibrary library;
  library.cells = {{"a", {}, {{"b", {}, false, 1, 0, 1, 1, {}, {}}}},
                   {"b", {}, {{"a", {}, false, 1, 0, 1, 1, {}, {}}}},
                   {"c", {}, {{"leef", {}, false, 1, 0, 1, 1, {}, {}}}},
                   {"leaf", {rectangle(1, 0, 0, 1, 1)}, {}}};
  const auto message = [&](const std::string& cell) {
    return test::message_of<InputError>([&] { flattened(library, cell); });
  };
  test::expect_parts(message("a"), {"contains itself"});
  test::expect_parts(message("c"), {"leef", "did you mean \"leaf\""});
  test::expect_parts(message("lea"), {"no cell \"lea\""});
  // Ten levels of 1000 x 1000 copies are refused before anything is made.
  GdsLibrary bomb;
  bomb.cells.push_back({"0", {rectangle(1, 0, 0, 1, 1)}, {}});
  for (int n = 1; n < 10; ++n)
    bomb.cells.push_back({std::to_string(n),
                          {},
                          {{std::to_string(n - 1), {}, false, 1, 0, 1000, 1000, {1, 0}, {0, 1}}}});
  test::expect_parts(test::message_of<InputError>([&] { flattened(bomb, "9"); }),
                     {"more than", "smaller cell"});
}

// A straight path: length times width; each joint adds nothing with mitres (what the outer side
// gains the inner side loses).
TEST(Gdsii, PathsHaveTheirOutlinesArea) {
  const std::vector<GdsPoint> bent{{0, 0}, {10, 0}, {10, 5}, {14, 8}};
  EXPECT_NEAR(area(path_outline(bent, 1.0, GdsPathEnd::straight, 0, 0)), 20.0, 1e-12);
  EXPECT_NEAR(area(path_outline(bent, 1.0, GdsPathEnd::straight, 0.5, 0.25)), 20.75, 1e-12);
  EXPECT_NEAR(area(path_outline(bent, 1.0, GdsPathEnd::round, 0, 0)), 20.0 + std::numbers::pi / 4,
              2e-3);
  const std::vector<GdsPoint> back{{0, 0}, {10, 0}, {0, 1}};
  EXPECT_GT(area(path_outline(back, 0.2, GdsPathEnd::straight, 0, 0)), 3.9);
  EXPECT_TRUE(path_outline({{1, 1}, {1, 1}}, 1.0, GdsPathEnd::straight, 0, 0).empty());
}

TEST(Gdsii, LargePolygonsAreCutIntoPartsOfTheSameArea) {
  GdsPolygon star{1, 2, {}};
  const int n = 30000;
  for (int i = 0; i < n; ++i) {
    const double a = 2 * std::numbers::pi * i / n, r = 1e-4 * (1 + 0.3 * std::cos(40 * a));
    star.points.push_back({r * std::cos(a), r * std::sin(a)});
  }
  const auto parts = cut(star);
  EXPECT_GE(parts.size(), 4u);
  for (const GdsPolygon& p : parts) {
    EXPECT_LE(p.points.size(), gds_most_points);
    EXPECT_EQ(p.layer, 1);
    EXPECT_EQ(p.datatype, 2);
  }
  EXPECT_NEAR(total_area(parts) / area(star.points), 1.0, 1e-12);
  GdsLibrary library;
  library.cells = {{"star", {star}, {}}};
  test::expect_parts(test::message_of<InputError>([&] { gdsii_bytes(library); }),
                     {"star", "30000 points", "8190", "cut it"});
  library.cells[0].polygons = parts;
  const auto read = parse_gdsii(gdsii_bytes(library), "star.gds");
  EXPECT_EQ(read.cells[0].polygons.size(), parts.size());
}

// A file from another program (gdstk 1.0): a square, an L, three paths, nested references. Areas as
// that program gave them.
TEST(Gdsii, ReadsAnotherProgramsFile) {
  const auto library = read_gdsii(std::filesystem::path(WAVESMITH_SOURCE_DIR) /
                                  "tests/fuzz/corpus/gdsii/hierarchy.gds");
  EXPECT_EQ(library.database_unit, 1e-9);
  ASSERT_EQ(top_cells(library), std::vector<std::string>{"TOP"});
  double by_layer[4] = {};
  for (const GdsPolygon& p : flattened(library, "TOP")) by_layer[p.layer % 4] += area(p.points);
  // Layer 1: a 2 x 2 square and an L of area 3, placed once, 4 x magnified once, and 12 times.
  EXPECT_NEAR(by_layer[1] / 1e-12, 7.0 * (1 + 4 + 12), 1e-9);
  // Layer 2: paths of width 0.5: flush 10 + 5, extended by half widths, by 1 and 2; layer 3 round.
  EXPECT_NEAR(by_layer[2] / 1e-12, 0.5 * (15 + 15.5 + 18), 1e-9);
  EXPECT_NEAR(by_layer[3] / 1e-12, 0.5 * 15 + std::numbers::pi / 16, 1e-3);
}

TEST(Gdsii, BrokenFilesAreNamedWithRecordAndByte) {
  const auto good = gdsii_bytes(sample());
  const auto message = [](const std::vector<std::uint8_t>& bytes) {
    return test::message_of<InputError>([&] { parse_gdsii(bytes, "chip.gds"); });
  };
  test::expect_parts(message({}), {"chip.gds", "byte 0", "ends before ENDLIB"});
  test::expect_parts(message(test::bytes_of("PNG....")), {"chip.gds", "byte 0"});
  auto bytes = good;
  bytes[1] = 3;
  test::expect_parts(message(bytes), {"byte 0", "HEADER", "its length 3"});
  bytes = good;
  bytes[6] = 0x7f;
  test::expect_parts(message(bytes), {"byte 6", "BGNLIB", "beyond the end"});
  // Every way of cutting the file short is refused.
  for (std::size_t size = 0; size < good.size(); size += 3)
    EXPECT_THROW(parse_gdsii(std::span(good).first(size), "cut.gds"), InputError) << size;
  // No change of a byte does more than change what is read.
  std::mt19937 random(3);
  for (int n = 0; n < 20000; ++n) {
    bytes = good;
    bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    try {
      const auto library = parse_gdsii(bytes, "fuzz.gds");
      for (const auto& cell : library.cells) flattened(library, cell.name, 1e5);
    } catch (const InputError& error) {
      EXPECT_FALSE(std::string(error.what()).empty());
    }
  }
  EXPECT_THROW(read_gdsii("/nowhere/chip.gds"), UnavailableError);
}

// From a layout to a device: a prism over each polygon of a layer.
TEST(Gdsii, PolygonsBecomePrisms) {
  const auto polygons = flattened(sample(), "leaf");
  const PrismSolid slab(polygons[0].points, 0, 220 * nm);
  EXPECT_TRUE(slab.contains({500 * nm, 250 * nm, 110 * nm}));
  EXPECT_FALSE(slab.contains({500 * nm, 510 * nm, 110 * nm}));
}

}  // namespace
}  // namespace wavesmith
