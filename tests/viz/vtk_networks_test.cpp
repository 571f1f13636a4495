// Networks as VTK's own reader finds them, and as pictures.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>

#include "core/error.hpp"
#include "core/network_figure.hpp"
#include "tests/temporary_folder.hpp"
#include "viz/canvas.hpp"
#include "viz/network_files.hpp"
#include "viz/network_pictures.hpp"

namespace wavesmith {
namespace {

// Four nodes, one of them alone, and three bonds.
NetworkFigure figure_of_four() {
  NetworkFigure figure;
  figure.name = "network";
  figure.title = "a small network";
  figure.time = 2.5;
  figure.nodes = {{0, 0, 0}, {0.016, 0, 0}, {0.008, -0.0125, 0.003}, {0.03, 0.01, 0}};
  figure.bonds = {{0, 1}, {1, 2}, {2, 0}};
  add_real(figure, NetworkPart::nodes, "mass", "kg", std::array{1.0, 2.0, 3.0, 4.0});
  const std::array<std::complex<double>, 4> fields{{{3, 4}, {0, 0}, {-1, 0}, {0, -2}}};
  add_complex(figure, NetworkPart::nodes, "field", "sqrt(W)", fields);
  add_vector(figure, "displacement", "m",
             std::array{0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e-3, 0.0, 0.0, 0.0, 0.0, 2e-3});
  add_real(figure, NetworkPart::bonds, "stiffness", "N/m", std::array{103.0, 150.0, 172.0});
  return figure;
}

std::string facts_of(const std::filesystem::path& path, const test::TemporaryFolder& folder) {
  const std::string command = std::string(WAVESMITH_PYTHON) + " " + WAVESMITH_SOURCE_DIR +
                              "/tests/viz/read_with_vtk.py " + path.string() + " > " +
                              (folder / "facts").string();
  if (std::system(command.c_str()) != 0) return "the reader failed";
  std::ifstream file(folder / "facts");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool has_vtk() {
  return std::system((std::string(WAVESMITH_PYTHON) + " -c 'import vtk' 2>/dev/null").c_str()) == 0;
}

TEST(NetworkFiles, VtkReadsNodesBondsValuesAndUnits) {
  if (!has_vtk()) GTEST_SKIP() << WAVESMITH_PYTHON << " has no module vtk";
  test::TemporaryFolder folder;
  for (const Compression compression : {Compression::none, Compression::lz4}) {
    write_network_vtp(figure_of_four(), folder / "network.vtp", compression);
    const std::string facts = facts_of(folder / "network.vtp", folder);
    for (const char* expected :
         {"points 4 vertices 4 lines 3\n", "point 2 0.008 -0.0125 0.003\n", "time 2.5\n",
          "title a small network\n", "line 0 1\nline 1 2\nline 2 0\n",
          "point array mass kg 1 2 3 4\n", "point array field_real sqrt(W) 3 0 -1 0\n",
          "point array field_imaginary sqrt(W) 4 0 0 -2\n",
          "point array field_amplitude sqrt(W) 5 0 1 2\n",
          "point array field_phase rad 0.927295 0 3.14159 -1.5708\n",
          "point array displacement m 0 0 0 0 0 0 0.001 0 0 0 0 0.002\n",
          "cell array stiffness N/m nan nan nan nan 103 150 172\n",
          "cell array part 1 0 0 0 0 1 1 1\n", "cell array number 1 1 2 3 4 1 2 3\n",
          "vectors displacement\n", "places = m\n", "stiffness = N/m\n"})
      EXPECT_NE(facts.find(expected), std::string::npos) << expected << "in\n" << facts;
  }
}

TEST(NetworkFiles, ASeriesNamesItsPiecesByTheirTimes) {
  test::TemporaryFolder folder;
  std::vector<NetworkFigure> figures(3, figure_of_four());
  for (std::size_t i = 0; i < 3; ++i) figures[i].time = 0.5 * static_cast<double>(i);
  write_network_series(figures, folder / "film.pvd");
  std::ifstream file(folder / "film.pvd");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_NE(text.find("timestep=\"0.5\" group=\"\" part=\"0\" file=\"film/0001.vtp\""),
            std::string::npos)
      << text;
  EXPECT_TRUE(std::filesystem::exists(folder / "film" / "0002.vtp"));
  figures[2].time = 0.5;
  EXPECT_THROW(write_network_series(figures, folder / "film.pvd"), InputError);
}

TEST(NetworkFiles, WhatCannotBeShownIsRefused) {
  test::TemporaryFolder folder;
  const auto refused = [&](auto spoil) {
    NetworkFigure figure = figure_of_four();
    spoil(figure);
    EXPECT_THROW(write_network_vtp(figure, folder / "a.vtp"), InputError);
    EXPECT_THROW(write_network_png(figure, {}, folder / "a.png"), InputError);
    EXPECT_FALSE(std::filesystem::exists(folder / "a.vtp"));
    EXPECT_FALSE(std::filesystem::exists(folder / "a.png"));
  };
  refused([](NetworkFigure& f) { f.nodes.clear(); });
  refused([](NetworkFigure& f) { f.nodes[1][2] = std::nan(""); });
  refused([](NetworkFigure& f) { f.bonds[2][1] = 4; });
  refused([](NetworkFigure& f) { f.bonds[2][0] = -1; });
  refused([](NetworkFigure& f) { f.node_arrays[0].values.pop_back(); });
  refused([](NetworkFigure& f) { f.bond_arrays[0].components = 2; });
  refused([](NetworkFigure& f) { f.node_arrays[1].name = "mass"; });
  refused([](NetworkFigure& f) { f.time = std::numeric_limits<double>::infinity(); });
  NetworkFigure reserved = figure_of_four();
  reserved.bond_arrays[0].name = "part";
  EXPECT_THROW(write_network_vtp(reserved, folder / "a.vtp"), InputError);
  EXPECT_THROW(write_network_png(figure_of_four(), {"colour", "", "", 0.0}, folder / "a.png"),
               InputError);
  EXPECT_THROW(write_network_png(figure_of_four(), {"displacement", "", "", 0.0}, folder / "a.png"),
               InputError);
}

std::size_t pixels_of(const Canvas& canvas, Rgb colour) {
  std::size_t count = 0;
  for (int y = 0; y < canvas.height(); ++y)
    for (int x = 0; x < canvas.width(); ++x) count += canvas.pixel(x, y) == colour;
  return count;
}

// The ends of the colour maps are found in the nodes and bonds that have the extreme values, beyond
// their two places in the bars.
TEST(NetworkPictures, NodesAndBondsHaveTheColoursOfTheirValues) {
  test::TemporaryFolder folder;
  const NetworkFigure figure = figure_of_four();
  write_network_png(figure, {"mass", "stiffness", "displacement", 0.0}, folder / "coloured.png");
  write_network_png(figure, {}, folder / "plain.png");
  const Canvas coloured = read_png(folder / "coloured.png"), plain = read_png(folder / "plain.png");
  EXPECT_GT(pixels_of(coloured, colour_at(ColourMap::intensity, 1.0)), 700u);
  EXPECT_EQ(pixels_of(plain, colour_at(ColourMap::intensity, 1.0)), 0u);
  EXPECT_GT(coloured.width(), plain.width());
  // The network at rest is seen behind the moved one alone.
  const Rgb at_rest{205, 205, 205};
  EXPECT_GT(pixels_of(coloured, at_rest), 50u);
  // One node, no bond: nothing to scale by.
  NetworkFigure lone;
  lone.nodes = {{1.0, 2.0, 3.0}};
  write_network_png(lone, {}, folder / "lone.png");
  EXPECT_GT(pixels_of(read_png(folder / "lone.png"), black), 5u);
}

}  // namespace
}  // namespace wavesmith
