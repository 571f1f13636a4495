// Mistakes in scenes of waves in time: each is one sentence with its place in the file, and is
// found when the scene is read, before anything of the size of the run is made.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "apps/scene_solver.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"
#include "physics/gdsii.hpp"
#include "tests/apps/scene_mistakes.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

const char* const whole = R"(title = "Trial"
solver = "time_domain"
[domain]
equations = "tm"
size = ["4 um", "4 um"]
cell = "50 nm"
absorbing_cells = 10
[material.glass]
index = 1.5
[[solid]]
kind = "cylinder"
material = "glass"
radius = "0.5 um"
[[source]]
kind = "current"
field = "Ez"
centre = ["-1 um", "0 um"]
waveform = { kind = "pulse", wavelength = "1 um", relative_bandwidth = 0.3 }
[[monitor]]
kind = "flux"
name = "through"
axis = "x"
position = "1 um"
wavelengths = ["1 um"]
[[monitor]]
kind = "point"
name = "probe"
field = "Ez"
position = ["1 um", "0 um"]
[[monitor]]
kind = "snapshots"
name = "film"
fields = ["Ez"]
every = "5 fs"
[run]
time = "80 fs"
[[metric]]
name = "power"
monitor = "through"
[expect]
power = [-1e30, 1e30]
)";

const char* const cylinder = "kind = \"cylinder\"\nmaterial = \"glass\"\nradius = \"0.5 um\"";
const char* const pulse = "{ kind = \"pulse\", wavelength = \"1 um\", relative_bandwidth = 0.3 }";
const char* const size = "size = [\"4 um\", \"4 um\"]";
const char* const flux_frequency = "wavelengths = [\"1 um\"]\n[[monitor]]\nkind = \"point\"";

std::string solid(const std::string& text) {
  return "material = \"glass\"\n" + text;
}
std::string wavelengths(const std::string& text) {
  return text + "\n[[monitor]]\nkind = \"point\"";
}

class WaveSceneMistakes : public testing::Test {
 protected:
  std::string name() const { return (folder_ / "scene.toml").string(); }
  void write(const std::string& file, const std::string& bytes) const {
    std::ofstream(folder_ / file, std::ios::binary) << bytes;
  }
  WaveProblem read(const std::string& text) const {
    const Scene scene = Scene::parse(text, name());
    if (solver_of(scene) != "time_domain") throw InputError("this is no scene of waves in time");
    return read_wave_problem(scene);
  }

  void check(const std::vector<test::SceneMistake>& mistakes) const {
    test::check_mistakes(whole, name(), mistakes, [this](const std::string& text) { read(text); });
  }

 private:
  test::TemporaryFolder temporary_;
  std::filesystem::path folder_ = temporary_.path();
};

TEST_F(WaveSceneMistakes, NoneInTheWholeScene) {
  const WaveProblem problem = read(whole);
  EXPECT_TRUE(problem.warnings.empty());
}

TEST_F(WaveSceneMistakes, KeysAndUnits) {
  check({
      {"absorbing_cells", "absorbing_cell", {":7:1: domain.absorbing_cell", "absorbing_cells"}},
      {"time_domain", "time_domian", {"solver = \"time_domian\"", "\"time_domain\""}},
      {"\"tm\"", "\"tmm\"", {"domain.equations", "did you mean \"tm\""}},
      {"kind = \"cylinder\"", "kind = \"cylindre\"", {"solid[0].kind", "\"cylinder\""}},
      {"material = \"glass\"", "material = \"glas\"", {"solid[0].material", "\"glass\""}},
      {"field = \"Ez\"", "field = \"Ex\"", {"source[0].field", "Ez, Hx, Hy"}},
      {"fields = [\"Ez\"]", "fields = [\"Ex\"]", {"monitor[2].fields", "Ez, Hx, Hy"}},
      {"cell = \"50 nm\"", "cell = \"50 fs\"", {"domain.cell", "a length is expected"}},
      {"cell = \"50 nm\"", "cell = \"50\"", {"domain.cell", "has no unit"}},
      {"time = \"80 fs\"", "time = \"80 nm\"", {"run.time", "a time is expected"}},
      {"time = \"80 fs\"", "tiem = \"80 fs\"", {"run.time is missing", "run.tiem"}},
      {"axis = \"x\"", "axis = \"z\"", {"monitor[0].axis", "one of x, y"}},
      {"cell = \"50 nm\"",
       "cell = \"50 nm\"\nbackground = \"water\"",
       {"\"water\"", "[material.water]"}},
      {"cell = \"50 nm\"", "cell = \"50 nm\"\nboundaries = { x_lo = \"wall\" }", {"x_lo", "x_low"}},
  });
}

TEST_F(WaveSceneMistakes, TheGrid) {
  const std::string same = "absorbing_cells = 10\n";
  check({
      {size, "size = [\"-4 um\", \"4 um\"]", {"domain.size[0] = \"-4 um\"", "above 0"}},
      {size, "size = [nan, \"4 um\"]", {"domain.size[0]", "not finite"}},
      {size, "size = [inf, \"4 um\"]", {"domain.size[0]", "not finite"}},
      {"cell = \"50 nm\"", "cell = \"51 nm\"", {"domain.size", "78.43", "whole number"}},
      {"cell = \"50 nm\"", "cell = [\"50 nm\", \"50 nm\", \"50 nm\"]", {"domain.cell", "1 to 2"}},
      {"cell = \"50 nm\"", "cell = \"500 nm\"", {"absorbing_cells", "20 of 8 cells", "thinner"}},
      {"cell = \"50 nm\"",
       "cell = \"200 nm\"\nboundary = \"wall\"",
       {"domain.cell = \"200 nm\"", "2.4 cells", "glass", "smaller"}},
      {"absorbing_cells = 10", "absorbing_cells = 40", {"absorbing_cells", "80 of 80", "thinner"}},
      {"absorbing_cells = 10", "absorbing_cells = 0", {"absorbing_cells", "between 1"}},
      {"absorbing_cells = 10",
       same + "boundaries = { x_low = \"periodic\" }",
       {"domain.boundaries", "one face along x"}},
      {"absorbing_cells = 10", same + "courant = 1.2", {"domain.courant = 1.2", "between 0"}},
      {"absorbing_cells = 10", same + "courant = 0", {"domain.courant = 0", "between 0"}},
      {"absorbing_cells = 10",
       same + "finer = [{ axis = \"z\", from = 0, to = 1, cell = 1 }]",
       {"finer[0].axis", "not an axis"}},
      {"\"tm\"\nsize = [",
       "\"te\"\nsize = [\"4 um\", ",
       {"domain.equations = \"te\"", "two dimensions"}},
      {"\"tm\"\nsize = [",
       "\"tm\"\nsize = [\"4 um\", ",
       {"domain.equations = \"tm\"", "\"maxwell\""}},
      {"\"tm\"\nsize = [",
       "\"te\"\nsize = [\"4 um\" ]#",
       {"domain.equations = \"te\"", "two dimensions"}},
  });
}

TEST_F(WaveSceneMistakes, GridsThatDoNotFit) {
  const Status none = Status::unavailable;
  const char* const from = "\"tm\"\nsize = [\"4 um\", \"4 um\"]";
  check({
      {from,
       "\"maxwell\"\nsize = [\"0.5 mm\", \"0.5 mm\", \"0.5 mm\"]",
       {"domain.cell", "1e+12 cells", "TiB", "smaller"},
       none},
      {from,
       "\"maxwell\"\nsize = [\"5 mm\", \"5 mm\", \"5 mm\"]",
       {"domain.cell", "1e+15 cells", "smaller"},
       none},
      {from, "\"tm\"\nsize = [\"2.5 m\", \"2.5 m\"]", {"domain.cell", "cells", "smaller"}, none},
      {from, "\"tm\"\nsize = [\"4 m\", \"4 m\"]", {"domain.cell", "cells", "smaller"}, none},
      {from,
       "\"maxwell\"\nsize = [\"5 m\", \"5 m\", \"5 m\"]",
       {"domain.cell", "1e+24 cells", "unit"}},
  });
}

TEST_F(WaveSceneMistakes, Materials) {
  const auto with = [](const std::string& text, std::vector<std::string> parts) {
    return test::SceneMistake{"index = 1.5", text, std::move(parts)};
  };
  check({
      with("index = -1.5", {"material.glass.index = -1.5", "above 0"}),
      with("index = \"abc\"", {"material.glass.index"}),
      with("index = 1.5\npermittivity = 2", {"permittivity = 2", "beside an index"}),
      with("permittivity = -2", {"permittivity = -2", "above 0"}),
      with("conductivity = -1", {"conductivity = -1", "at least 0"}),
      with("permeability = 0", {"permeability = 0", "above 0"}),
      with("conductivity = 1\nchi3 = 1e-18", {"conductivity = 1", "chi3", "lossless"}),
      with("permittivity = 1e30", {"domain.cell", "glass", "smaller"}),
      with("medium = \"golde\"", {"material.glass.medium", "\"gold\""}),
      with("medium = \"gold\"\nindex = 2", {"material.glass.index is not a key"}),
      with("medium = \"water_microwave\"",
           {"material.glass.medium", "known from", "299.8 THz", "another medium"}),
      with("speed = \"340 m/s\"", {"material.glass.speed is not a key"}),
      with("lorentz = [{ resonance = \"500 nm\", strength = 1 }]",
           {"lorentz[0].resonance", "frequency is expected"}),
      with("lorentz = [{ resonance = \"500 THz\", strength = -1 }]",
           {"lorentz[0].strength = -1", "at least 0"}),
      with("debye = [{ time = \"0 fs\", strength = 1 }]", {"debye[0].time", "above 0"}),
  });
}

TEST_F(WaveSceneMistakes, Solids) {
  write("bad.stl", std::string(80, '\0') + "\xff\xff\xff\xff" + "abc");
  write("bad.npy", std::string("\x93NUMPY\x01\0abc", 11));
  write("bad.gds", std::string("\0\6\0\2\0\7abc", 9));
  const std::vector<std::uint8_t> crossed =
      gdsii_bytes({"chip",
                   1e-9,
                   1e-6,
                   {{"loop",
                     {{2, 0, {{0, 0}, {1e-6, 0}, {0, 1e-6}}},
                      {1, 0, {{0, 0}, {1e-6, 1e-6}, {1e-6, 0}, {0, 1e-6}}}},
                     {}},
                    {"top", {}, {{"loop", {}, false, 1.0, 0.0, 1, 1, {}, {}}}}}});
  write("crossed.gds", std::string(crossed.begin(), crossed.end()));
  write("bad.png", "\x89PNG\r\n\x1a\nabc");
  const auto with = [](const std::string& text, std::vector<std::string> parts,
                       Status status = Status::bad_input) {
    return test::SceneMistake{cylinder, solid(text), std::move(parts), status};
  };
  const std::string square = "size = [\"1 um\", \"1 um\"]";
  const std::string xs = "kind = \"prism\"\nx = [\"0 um\", \"1 um\", ",
                    ys = "]\ny = [\"0 um\", \"1 um\", ";
  check({
      {"radius = \"0.5 um\"", "radius = \"-1 um\"", {"solid[0].radius", "above 0"}},
      {"radius = \"0.5 um\"",
       "radius = \"0.5 um\"\ninner_radius = \"1 um\"",
       {"solid[0]", "1 um must be below", "500 nm"}},
      {"radius = \"0.5 um\"",
       "radius = \"0.5 um\"\ncentre = [\"9 um\"]",
       {"solid[0] lies outside of the domain", "origin"}},
      with("kind = \"box\"\nsize = [\"-1 um\"]", {"solid[0].size[0]", "above 0"}),
      with("kind = \"box\"", {"solid[0].size is missing"}),
      with("kind = \"stl\"\nfile = \"no.stl\"", {"solid[0].file", "no such file"},
           Status::unavailable),
      with("kind = \"stl\"\nfile = \"bad.stl\"", {"solid[0].file", "triangles", "cut short"}),
      with("kind = \"stl\"\nfile = \".\"", {"solid[0].file", "regular file"}),
      with("kind = \"voxels\"\nfile = \"bad.npy\"\n" + square, {"solid[0].file", ".npy header"}),
      with("kind = \"layout\"\nlayer = 1\nfile = \"bad.gds\"", {"solid[0].file", "cut short"}),
      with("kind = \"layout\"\nlayer = 1\nfile = \"crossed.gds\"",
           {"solid[0].file", "crossed.gds", "\"loop\"", "polygon 2 of 2", "(0.5, 0.5) um",
            "merge it"}),
      with("kind = \"layout\"\nlayer = 1\nfile = \"no.gds\"", {"solid[0].file", "no such file"},
           Status::unavailable),
#ifdef WAVESMITH_HAS_VTK
      with("kind = \"image\"\nfile = \"bad.png\"\n" + square, {"solid[0].file", "cut short"}),
#endif
      with(xs + "\"0 um\", \"1.5 um\"" + ys + "\"1 um\", \"0 um\"]",
           {"solid[0]", "crosses itself", "cut it"}),
      with(xs + "\"0.5 um\"" + ys + "\"0.5 um\"]", {"solid[0]", "encloses no area"}),
      with(xs + "\"1 um\"" + ys + "\"0 um\"]\nslant = \"5 deg\"",
           {"solid[0]", "finite floor and top"}),
      with("kind = \"prism\"\nx = [0, 1]\ny = [0, 1]", {"solid[0].x", "at least 3"}),
  });
}

TEST_F(WaveSceneMistakes, Sources) {
  write("bad.csv", "time,value\n1,2\nx,3\n");
  write("columns.csv", "t,v\n0,2\n2,3\n3,4\n");
  write("zero.csv", "time,value\n0,0\n1e-15,0\n2e-15,0\n");
  const auto with = [](const std::string& text, std::vector<std::string> parts,
                       Status status = Status::bad_input) {
    return test::SceneMistake{pulse, text, std::move(parts), status};
  };
  const char* const centre = "centre = [\"-1 um\", \"0 um\"]";
  check({
      {centre,
       "centre = [\"-9 um\", \"0 um\"]",
       {"source[0].centre", "out of the domain along x", "-2 um and 2 um"}},
      {centre,
       "centre = [\"-1.8 um\", \"0 um\"]",
       {"source[0].centre", "absorbing layer along x", "-1.5 um"}},
      {centre, "size = [\"0 um\", \"9 um\"]", {"source[0].size", "out of the domain along y"}},
      {centre, "size = [\"0 um\", \"-1 um\"]", {"source[0].size", "negative"}},
      with("{ kind = \"puls\", wavelength = \"1 um\" }", {"waveform.kind", "\"pulse\""}),
      with("{ kind = \"pulse\", relative_bandwidth = 0.3 }", {"waveform.frequency is missing"}),
      with("{ kind = \"pulse\", wavelength = \"1 um\" }", {"relative_bandwidth is missing"}),
      with("{ kind = \"pulse\", wavelength = \"1 um\", frequency = \"300 THz\", relative_bandwidth "
           "= 0.3 }",
           {"beside a wavelength"}),
      with("{ kind = \"pulse\", wavelength = \"1 um\", relative_bandwidth = 1e9 }",
           {"domain.cell", "narrower"}),
      with("{ kind = \"burst\", wavelength = \"1 um\", length = \"1 fs\" }",
           {"source[0].waveform", "1 fs", "longer"}),
      with("{ kind = \"file\", file = \"no.csv\" }", {"waveform.file", "no such file"},
           Status::unavailable),
      with("{ kind = \"file\", file = \"bad.csv\" }",
           {"waveform.file", "bad.csv:3", "not a number"}),
      with("{ kind = \"file\", file = \"columns.csv\" }", {"waveform.file", "no column \"value\""}),
      with("{ kind = \"file\", file = \"zero.csv\" }", {"waveform.file", "zero throughout"}),
      with("\"pulse\"", {"source[0].waveform", "a table is expected"}),
  });
}

TEST_F(WaveSceneMistakes, Monitors) {
  const char* const position = "position = \"1 um\"";
  const char* const plane =
      "kind = \"flux\"\nname = \"through\"\naxis = \"x\"\nposition = \"1 um\"";
  const std::string box = "kind = \"box_flux\"\nname = \"through\"";
  check({
      {position, "position = \"10 um\"", {"monitor[0].position", "outside of the domain"}},
      {position, "position = \"1.8 um\"", {"monitor[0].position", "absorbing layer along x"}},
      {position,
       "position = \"1 um\"\nsize = [\"0 um\", \"9 um\"]",
       {"monitor[0].size", "out of the domain along y"}},
      {plane, box, {"monitor[0]", "fills the whole grid", "smaller"}},
      {plane,
       box + "\nsize = [\"3.5 um\", \"1 um\"]",
       {"monitor[0].size", "absorbing layer along x"}},
      {flux_frequency,
       wavelengths("wavelengths = [\"9 um\"]"),
       {"monitor[0].wavelengths", "33.31 THz", "source has nothing", "widen"}},
      {flux_frequency, wavelengths("wavelengths = [\"80 nm\"]"), {"monitor[0].wavelengths", "PHz"}},
      {flux_frequency,
       wavelengths("wavelengths = [\"10 nm\"]"),
       {"monitor[0].wavelengths", "unit"}},
      {flux_frequency, wavelengths("frequencies = []"), {"monitor[0].frequencies", "at least 1"}},
      {flux_frequency,
       wavelengths("frequencies = [\"290 THz\", \"310 THz\"]\ncount = 200000"),
       {"monitor[0].count", "100000"}},
      {flux_frequency,
       wavelengths("frequencies = [\"310 THz\", \"290 THz\"]\ncount = 9"),
       {"[lowest, highest]"}},
      {"position = [\"1 um\", \"0 um\"]",
       "position = [\"1 mm\", \"0 um\"]",
       {"monitor[1].position", "outside"}},
      {"position = [\"1 um\", \"0 um\"]",
       "position = [0, 0]\nresonances = [2e14, 1e14]",
       {"monitor[1].resonances", "[lowest, highest]"}},
      {"name = \"probe\"", "name = \"through\"", {"monitor[1].name", "two monitors"}},
      {"name = \"probe\"", "name = \"a/b\"", {"monitor[1].name", "name of files"}},
      {"every = \"5 fs\"", "every = \"500 fs\"", {"monitor[2].every", "no frame", "run.time"}},
      {"every = \"5 fs\"", "every = \"5 fs\"\nfrom = \"90 fs\"", {"monitor[2].every", "no frame"}},
      {"every = \"5 fs\"", "every = \"5 fs\"\nstride = [0]", {"monitor[2].stride[0]", "between 1"}},
  });
}

TEST_F(WaveSceneMistakes, TheRunAndItsNumbers) {
  const char* const monitor = "monitor = \"through\"";
  check({
      {"time = \"80 fs\"", "time = 0", {"run.time = 0", "above 0"}},
      {"time = \"80 fs\"", "time = \"40 s\"", {"run.time", "steps", "unit"}},
      {"time = \"80 fs\"", "time = 1e300", {"run.time", "steps", "unit"}},
      {"time = \"80 fs\"", "time = \"80 fs\"\nuntil_decayed = 0.9", {"run.until_decayed", "0.5"}},
      {monitor, "monitor = \"film\"", {"metric[0].monitor", "through"}},
      {monitor,
       "monitor = \"through\"\nnumber = \"fluks\"",
       {"metric[0].number = \"fluks\"", "flux"}},
      {monitor,
       "monitor = \"through\"\nover = \"through\"\nover_number = \"f\"",
       {"metric[0].over_number", "flux"}},
      {monitor, "monitor = \"through\"\nwavelength = \"2 um\"", {"metric[0]", "149.896 THz"}},
      {monitor,
       "monitor = \"through\"\n[[metric]]\nname = \"power\"\nmonitor = \"through\"",
       {"metric[1].name", "two metrics"}},
      {"power = [", "powr = [", {"expect.powr", "did you mean \"power\""}},
      {"power = [-1e30, 1e30]", "power = [2, 1]", {"expect.power", "[lowest, highest]"}},
  });
}

TEST_F(WaveSceneMistakes, WhatIsSeldomMeantIsAWarning) {
  const auto warnings = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    text.replace(text.find(from), from.size(), to);
    return read(text).warnings;
  };
  const auto short_run = warnings("time = \"80 fs\"", "time = \"40 fs\"");
  ASSERT_EQ(short_run.size(), 1u);
  EXPECT_NE(short_run[0].find("before the sources do"), std::string::npos);
  const auto weak = warnings(flux_frequency, wavelengths("wavelengths = [\"1.7 um\"]"));
  ASSERT_EQ(weak.size(), 1u);
  EXPECT_NE(weak[0].find("monitor[0].wavelengths"), std::string::npos);
}

}  // namespace
}  // namespace wavesmith
