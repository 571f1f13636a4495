// The power that a beam is said to have is what flows through a plane in front of its sheet.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "apps/design_simulation.hpp"
#include "apps/scene_solver.hpp"
#include "apps/wave_run.hpp"
#include "core/scene.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

struct Case {
  const char* name;
  std::string domain, beam;  // downwards, all in another material than the background
  double phase;              // k times a cell
};

const std::vector<Case> cases = {
    {"TM, tilted", "equations = \"tm\"\nsize = [\"16 um\", \"5 um\"]\ncell = \"40 nm\"",
     "angle = \"261 deg\"", 2.0 * pi * 1.4 / 1.5 * 0.04},
    {"TE", "equations = \"te\"\nsize = [\"16 um\", \"5 um\"]\ncell = \"40 nm\"",
     "angle = \"270 deg\"", 2.0 * pi * 1.4 / 1.5 * 0.04},
    {"sound, tilted", "equations = \"sound\"\nsize = [\"16 um\", \"5 um\"]\ncell = \"40 nm\"",
     "angle = \"279 deg\"", 2.0 * pi * 1.5 / 1.2 * 0.04},
    {"3D light",
     "equations = \"maxwell\"\nsize = [\"12 um\", \"4 um\", \"12 um\"]\ncell = \"0.1 um\"",
     "direction = [0, -1, 0]\npolarisation = [0, 0, 1]", 2.0 * pi * 1.4 / 1.5 * 0.1},
};

double power_ratio(const Case& one) {
  const bool sound = one.domain.find("sound") != std::string::npos;
  const std::string waves = sound ? "frequency = \"1.5 GHz\"" : "wavelength = \"1.5 um\"";
  const Scene scene = Scene::parse(
      "solver = \"time_domain\"\n[domain]\n" + one.domain +
          "\nbackground = \"other\"\nabsorbing_cells = 10\n" +
          (sound ? "[material.other]\nspeed = 1500\ndensity = 1000\n[material.around]\nspeed = "
                   "1200\ndensity = 1100\n"
                 : "[material.other]\nindex = 1.0\n[material.around]\nindex = 1.4\n") +
          "[[solid]]\nkind = \"box\"\nmaterial = \"around\"\nsize = [" +
          (one.domain.find("maxwell") != std::string::npos ? "\"30 um\", \"30 um\", \"30 um\"]"
                                                           : "\"30 um\", \"30 um\"]") +
          "\n[[source]]\nkind = \"beam\"\nname = \"beam\"\naxis = \"y\"\nposition = \"0.8 um\"\n" +
          "waist = \"2.2 um\"\namplitude = 3\n" + one.beam + "\nwaveform = { kind = \"pulse\", " +
          waves + ", relative_bandwidth = 0.2 }\n[[monitor]]\nkind = \"flux\"\nname = \"flux\"\n" +
          "axis = \"y\"\nposition = \"0.2 um\"\n" +
          (sound ? "frequencies = [\"1.5 GHz\"]" : "wavelengths = [\"1.5 um\"]") +
          "\n[[metric]]\nname = \"share\"\nmonitor = \"flux\"\nover = \"beam\"\n[run]\ntime = " +
          (sound ? "\"20 ns\"" : "\"0.15 ps\"") + "\n",
      "scene.toml");
  EXPECT_EQ(solver_of(scene), "time_domain");
  const WaveProblem problem = read_wave_problem(scene);
  WaveSimulation running(problem, Device{}, Precision::f32, 0);
  march_to_end(problem, running.march());
  Metrics metrics;
  add_wave_metrics(problem, running.curves(problem), {}, metrics);
  return metrics.at("share");
}

TEST(BeamPower, FlowsThroughAPlaneInFrontOfTheSheet) {
  for (const Case& one : cases) {
    // A flux takes one of the two fields as the mean of two points half a cell away.
    const double share = power_ratio(one) / std::cos(0.5 * one.phase);
    std::printf("%s: %.5f of the power\n", one.name, share);
    EXPECT_NEAR(share, -1.0, 1.5e-3) << one.name;
  }
}

}  // namespace
}  // namespace wavesmith
