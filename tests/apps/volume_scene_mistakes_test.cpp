// Mistakes in scenes whose reliefs are volumes or go through full waves.
#include <fstream>
#include <sstream>

#include "apps/diffractive_problem.hpp"
#include "tests/apps/scene_mistakes.hpp"

namespace wavesmith {
namespace {

std::string whole_scene() {
  std::ifstream file(WAVESMITH_SOURCE_DIR "/scenes/80_three_solvers.toml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

DiffractiveProblem read_text(const std::string& text) {
  return read_problem(Scene::parse(text, "volume.toml"), 1);
}

TEST(VolumeScenes, SlicesComeFromAnyOfTheirKeys) {
  const auto slices = [](const std::string& keys) {
    std::string text = whole_scene();
    const std::string line = "model = \"volume\"";
    text.replace(text.find(line), line.size(), keys + "\n" + line);
    return read_text(text).description.layers.front().slices;
  };
  EXPECT_EQ(slices(""), 6);  // two wavelengths in thirds
  EXPECT_EQ(slices("slices_per_wavelength = 4.4"), 9);
  EXPECT_EQ(slices("slices = 5"), 5);
  EXPECT_EQ(slices("slice = \"133 nm\""), 8);
}

TEST(VolumeScenes, MistakesAreTold) {
  test::check_mistakes(
      whole_scene(), "volume.toml",
      {{"model = \"volume\"", "model = \"thick\"", {"thick", "volume"}},
       {"model = \"volume\"", "slices = 0\nmodel = \"volume\"", {"slices"}},
       {"model = \"volume\"",
        "slices = 2\nslice = \"100 nm\"\nmodel = \"volume\"",
        {"beside another key"}},
       {"model = \"volume\"", "slice = \"0.1 nm\"\nmodel = \"volume\"", {"4096", "thicker"}},
       {"model = \"volume\"", "dead_fraction = 0.1\nmodel = \"volume\"", {"dead_fraction = 0"}},
       {"volume = 12", "volume = -1", {"volume"}},
       {"thin = true", "thin = true\nfull_waves = { blocks = 0 }", {"blocks"}},
       {"thin = true",
        "thin = true\nfull_waves = { blocks = 8, cells_per_wavelength = 2 }",
        {"cells_per_wavelength"}}},
      [](const std::string& text) {
        const Scene scene = Scene::parse(text, "volume.toml");
        read_problem(scene, 1);
      });
}

}  // namespace
}  // namespace wavesmith
