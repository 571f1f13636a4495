// Scenes of metasurfaces: mistakes in them, and the cache of unit cells.
#include <stdlib.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/cell_cache.hpp"
#include "apps/cells_problem.hpp"
#include "apps/cells_run.hpp"
#include "apps/lens_problem.hpp"
#include "physics/optical_media.hpp"
#include "solvers/unit_cell.hpp"
#include "tests/apps/scene_mistakes.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

const std::string scenes = WAVESMITH_SOURCE_DIR "/scenes/";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(MetasurfaceScenes, MistakesInUnitCellsAreTold) {
  const std::string name = "cells.toml";
  test::check_mistakes(
      text_of(scenes + "71_ridges.toml"), name,
      {{"shape = \"ridge\"", "shape = \"pyramid\"", {"pyramid", "ridge"}},
       {"field = \"along\"\n", "", {"field"}},
       {"field = \"along\"", "field = \"up\"", {"up", "across"}},
       {"pitch = \"600 nm\"", "pitch = \"-600 nm\"", {"pitch"}},
       {"pitch = \"600 nm\"", "pitch = \"600\"", {"pitch"}},
       {"height = \"900 nm\"\n", "", {"height"}},
       {"index = 3.48", "index = 0", {"index"}},
       {"index = 3.48", "index = 3.48\nmedium = \"silicon\"", {"beside a medium"}},
       {"index = 3.48", "medium = \"unobtainium\"", {"unobtainium"}},
       {"index = 1.444", "medium = \"gold\"", {"without loss"}},
       {"[\"60 nm\", \"330 nm\"]", "[\"330 nm\", \"60 nm\"]", {"smallest, largest"}},
       {"[\"60 nm\", \"330 nm\"]", "[\"60 nm\", \"700 nm\"]", {"range", "600"}},
       {"count = 55", "count = 1", {"count"}},
       {"count = 55", "count = 100000000", {"count", "10000"}},
       {"[\"1.55 um\"]", "[]", {"wavelengths"}},
       {"[\"1.55 um\"]", "[\"1.55 um\", \"1.55 um\"]", {"twice"}},
       {"[\"1.55 um\"]", "[\"1 um\", \"3 um\"]", {"2.5"}},
       {"[\"1.55 um\"]", "[\"1.55 um\"]\nwavelength_count = 3", {"two wavelengths"}},
       {"cell = \"20 nm\"", "cell = \"0.001 pm\"", {"cell"}},
       {"cell = \"20 nm\"", "cell = \"300 nm\"", {"cell"}},
       {"cell = \"20 nm\"", "cel = \"20 nm\"", {"cell"}},
       {"cell = \"20 nm\"", "cell = \"20 nm\"\nmargin = -1", {"margin"}},
       {"[expect]",
        "[[metric]]\nname = \"a\"\nkind = \"power\"\nsize = \"1 um\"\n[expect]",
        {"size", "330"}},
       {"[expect]",
        "[[metric]]\nname = \"a\"\nkind = \"power\"\nsize = \"100 nm\"\nwavelength = \"1 um\"\n"
        "[expect]",
        {"not one of the sweep's"}},
       {"[expect]",
        "[[metric]]\nname = \"a\"\nkind = \"power\"\nsize = \"100 nm\"\n[[metric]]\nname = "
        "\"a\"\nkind = "
        "\"phase\"\nsize = \"100 nm\"\n[expect]",
        {"metric[1].name", "another metric"}}},
      [](const std::string& text) { read_cells_problem(Scene::parse(text, "cells.toml")); });
}

TEST(MetasurfaceScenes, MistakesInLensesOfRidgesAreTold) {
  const std::string name = scenes + "lens.toml";  // beside the tables
  test::check_mistakes(
      text_of(scenes + "75_metalens_full_wave.toml"), name,
      {{"wavelength = \"1.55 um\"", "wavelength = \"1.3 um\"", {"no wavelength of 1.3 um"}},
       {"focal_length = \"30 um\"", "focal_length = \"0 um\"", {"focal_length"}},
       {"index = 3.48", "index = 0.5", {"index"}},
       {"substrate_index = 1.444\n", "", {"substrate_index"}},
       {"count = 50", "count = 0", {"count"}},
       {"count = 50", "count = 200", {"150 ridges within the lens of 200"}},
       {"\"71_table.csv\"", "\"nowhere.csv\"", {"nowhere.csv"}, Status::unavailable},
       {"\"71_table.csv\"", "\"70_table.csv\"", {"round", "ridges"}},
       {"\"75_ridges.csv\"", "\"71_table.csv\"", {"x_m"}},
       {"cell = \"40 nm\"", "cell = \"100 nm\"", {"less than 5 a wavelength"}},
       {"cell = \"40 nm\"", "cell = \"40 nm\"\ntime = \"-1 fs\"", {"time"}},
       {"goal = \"efficiency\"", "goal = \"beauty\"", {"beauty", "peak"}},
       {"steps = 12", "steps = -1", {"steps"}},
       {"steps = 12", "move = 0.02\nsteps = 12", {"move"}},
       {"refine = 2", "refine = 100", {"refine"}}},
      [&](const std::string& text) { read_lens_problem(Scene::parse(text, name)); });
}

TEST(MetasurfaceScenes, MistakesInLensesOfPillarsAreTold) {
  const std::string name = scenes + "lens.toml";  // beside the tables
  test::check_mistakes(
      text_of(scenes + "78_pillar_lens_full_wave.toml"), name,
      {{"wavelength = \"1.55 um\"", "wavelength = \"1.3 um\"", {"no wavelength of 1.3 um"}},
       {"count = 16", "count = 5000", {"at most 1000"}},
       {"count = 16", "count = 18", {"0 pillars at", "has 4"}},
       {"count = 16", "count = 15", {"0 pillars at x = 0 m, y = 0 m", "has 1"}},
       {"\"76_table.csv\"", "\"71_table.csv\"", {"ridge", "pillars"}},
       {"\"78_pillars.csv\"", "\"76_table.csv\"", {"x_m"}},
       {"radii_file", "widths_file", {"radii_file"}},
       {"cell = \"54 nm\"", "cell = \"100 nm\"", {"less than 5 a wavelength"}},
       {"refine = 1.5", "refine = 0.5", {"refine"}}},
      [&](const std::string& text) { read_lens_problem(Scene::parse(text, name)); });
}

// Mirror images of a pillar that differ are no lens of a quarter.
TEST(MetasurfaceScenes, PillarsThatAreNotMirroredAreTold) {
  const test::TemporaryFolder folder;
  std::string list = text_of(scenes + "78_pillars.csv");
  list.replace(list.rfind(',') + 1, std::string::npos, "1e-07\n");
  std::ofstream(folder / "78_pillars.csv") << list;
  std::filesystem::copy_file(scenes + "76_table.csv", folder / "76_table.csv");
  const Scene scene = Scene::parse(text_of(scenes + "78_pillar_lens_full_wave.toml"),
                                   (folder / "lens.toml").string());
  try {
    read_lens_problem(scene);
    FAIL() << "nothing was said";
  } catch (const InputError& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("lens.toml:"), std::string::npos) << said;
    EXPECT_NE(said.find("mirror images"), std::string::npos) << said;
  }
}

UnitCell small_cell() {
  UnitCell cell;
  cell.shape = CellShape::ridge;
  cell.pitch = 600e-9;
  cell.height = 900e-9;
  cell.pillar = constant_medium(12.0);
  cell.substrate = constant_medium(2.0);
  cell.cell = 50e-9;
  return cell;
}

// Every number that a transmission depends on is asked for.
TEST(CellCache, AnotherConstantIsAnotherCell) {
  const test::TemporaryFolder folder;
  const CellCache cache(folder.path());
  const std::vector<std::complex<double>> t = {{1.0 / 3.0, -0.1}, {1e-300, 0.2}};
  const std::vector<double> wavelengths = {1.5e-6, 1.6e-6};
  const double size = 2e-7;
  cache.keep(describe(small_cell(), wavelengths, size), t);
  EXPECT_EQ(cache.find(describe(small_cell(), wavelengths, size), 2), t);  // bit for bit
  const auto missed = [&](auto change) {
    UnitCell cell = small_cell();
    std::vector<double> other = wavelengths;
    double width = size;
    change(cell, other, width);
    EXPECT_FALSE(cache.find(describe(cell, other, width), 2).has_value());
  };
  using Wavelengths = std::vector<double>;
  const auto grown = [](double& value) { value = std::nextafter(value, 1e9); };
  missed([](UnitCell& c, Wavelengths&, double&) { c.shape = CellShape::square; });
  missed([](UnitCell& c, Wavelengths&, double&) { c.field_along_ridge = !c.field_along_ridge; });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.pitch); });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.height); });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.aspect); });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.cell); });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.margin); });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.tolerance); });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.longest); });
  missed([](UnitCell& c, Wavelengths&, double&) { c.absorbing_cells += 1; });
  missed([](UnitCell& c, Wavelengths&, double&) { c.precision = Precision::f32; });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.pillar.eps_inf); });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.pillar.conductivity); });
  missed([&](UnitCell& c, Wavelengths&, double&) { grown(c.substrate.eps_inf); });
  missed([](UnitCell& c, Wavelengths&, double&) { c.pillar.lorentz.push_back({}); });
  missed([](UnitCell& c, Wavelengths&, double&) { c.pillar.debye.push_back({}); });
  missed([&](UnitCell&, Wavelengths& w, double&) { grown(w[1]); });
  missed([&](UnitCell&, Wavelengths&, double& s) { grown(s); });
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  return files;
}

// The same sweep again takes what is known, to the same bits; where a file of the cache is damaged,
// that cell is swept again.
TEST(CellCache, RunsTakeWhatIsKnownAndSweepWhatIsDamaged) {
  const test::TemporaryFolder folder;
  setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  const auto run = [&](const std::string& changed, const std::string& name) {
    std::vector<std::string> overrides = {"sweep.range=[\"100 nm\", \"140 nm\"]",
                                          "sweep.count=3",
                                          "grid.cell=\"50 nm\"",
                                          "run.tolerance=0.01",
                                          "output={pictures=false, report=false}",
                                          "expect={}"};
    if (!changed.empty()) overrides.push_back(changed);
    RunOptions options;
    options.scene = scenes + "71_ridges.toml";
    options.out = folder / name;
    options.threads = 1;
    options.quiet = true;
    const Scene scene = Scene::load(options.scene, overrides);
    EXPECT_EQ(run_cells_scene(scene, options), Status::done);
    const auto cost = nlohmann::json::parse(text_of(folder / (name + "/result.json"))).at("cost");
    return cost.at("cells_known").get<int>();
  };
  EXPECT_EQ(run("", "first"), 0);
  EXPECT_EQ(run("", "again"), 3);
  const std::string table = text_of(folder / "first/table.csv");
  EXPECT_EQ(text_of(folder / "again/table.csv"), table);
  EXPECT_EQ(run("cell.index=3.4", "other"), 0);

  const std::filesystem::path cells = folder / "wavesmith/cells";
  const std::size_t all = files_in(cells).size();
  EXPECT_EQ(all, 6u);
  const std::vector<std::filesystem::path> files = files_in(cells);
  const std::vector<std::function<std::string(const std::string&)>> damages = {
      [](const std::string&) { return std::string(); },
      [](const std::string& text) { return text.substr(0, text.find('\n') + 1); },
      [](const std::string& text) { return text.substr(0, text.rfind(',')); },
      [](const std::string& text) { return text + "0.5,0.5\n"; },
      [](const std::string& text) { return text.substr(0, text.rfind(',')) + ",nan\n"; },
      [](const std::string& text) { return "#" + text; }};
  for (std::size_t d = 0; d < damages.size(); ++d) {
    const std::string damaged = damages[d](text_of(files[d]));
    std::ofstream(files[d], std::ios::trunc) << damaged;
  }
  EXPECT_EQ(run("", "damaged"), 0);
  EXPECT_EQ(text_of(folder / "damaged/table.csv"), table);
  EXPECT_EQ(files_in(cells).size(), all);
  EXPECT_EQ(run("", "mended"), 3);
  unsetenv("XDG_CACHE_HOME");
}

}  // namespace
}  // namespace wavesmith
