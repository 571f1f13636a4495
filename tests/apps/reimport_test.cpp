// What a run exports and another run takes in again.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/commands.hpp"
#include "core/csv_table.hpp"
#include "core/error.hpp"
#include "tests/temporary_folder.hpp"
#include "training/npy_file.hpp"

namespace wavesmith {
namespace {

namespace fs = std::filesystem;

constexpr const char* light_and_grid = R"(
[light]
wavelength = "633 nm"
[grid]
samples = 48
pitch = "8 um"
[source]
kind = "gaussian"
waist = "120 um"
)";

constexpr const char* detector = R"(
[detector]
kind = "regions"
distance = "6 mm"
[[detector.region]]
name = "spot"
shape = "circle"
x = "40 um"
diameter = "60 um"
[[metric]]
name = "peak"
kind = "peak_intensity"
)";

constexpr const char* training = R"(
[training]
loss = "efficiency"
optimizer = "adam"
learning_rate = 0.2
epochs = 15
spread = 0.5
)";

constexpr const char* no_pictures = R"(
[output]
fields = false
pictures = false
report = false
)";

struct Kind {
  std::string name;
  std::string keys;   // of the layer
  std::string files;  // of the layer that takes the exported files in
};

class Reimport : public testing::TestWithParam<Kind> {
 protected:
  nlohmann::json run(const std::string& name, const std::string& layer, bool trains,
                     Precision precision) {
    const fs::path scene = folder_ / (name + ".toml");
    std::ofstream(scene) << light_and_grid << "[[layer]]\ndistance = \"1 mm\"\n"
                         << layer << detector << (trains ? training : "") << no_pictures;
    RunOptions options;
    options.scene = scene.string();
    options.precision = precision;
    options.device = "cpu";
    options.threads = 1;
    options.quiet = true;
    options.out = folder_ / name;
    EXPECT_EQ(run_command(options), 0);
    return nlohmann::json::parse(std::ifstream(options.out / "result.json"));
  }

  test::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
};

void expect_same(const nlohmann::json& a, const nlohmann::json& b, double tolerance) {
  for (const char* metric : {"share_spot", "diffraction_efficiency", "peak"}) {
    const double x = a["metrics"][metric], y = b["metrics"][metric];
    EXPECT_GT(x, 0.0);
    EXPECT_NEAR(y, x, tolerance * std::abs(x)) << metric;
  }
}

TEST_P(Reimport, GivesTheSameMetrics) {
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    const double tolerance = precision == Precision::f32 ? 1e-6 : 1e-12;
    const auto first = run("first", GetParam().keys, true, precision);
    const auto flat = run("flat", GetParam().keys, false, precision);
    // Training did something that a layer left as it starts does not have.
    EXPECT_GT(std::abs(first["metrics"]["share_spot"].get<double>() -
                       flat["metrics"]["share_spot"].get<double>()),
              1e-3);
    const std::string again = GetParam().keys + GetParam().files;
    expect_same(first, run("fixed", again + "trainable = false\n", false, precision), tolerance);
    expect_same(first, run("untrained", again, false, precision), tolerance);
    // And once more from what the second run exported.
    std::string second = again;
    for (std::size_t at; (at = second.find("first/")) != std::string::npos;)
      second.replace(at, 6, "fixed/");
    expect_same(first, run("third", second + "trainable = false\n", false, precision), tolerance);
  }
}

TEST_P(Reimport, ListsFilesThatAreThere) {
  const auto result = run("first", GetParam().keys, true, Precision::f32);
  for (const auto& file : result["files"])
    EXPECT_TRUE(fs::is_regular_file(folder_ / "first" / file.get<std::string>())) << file;
  for (const auto& entry : fs::recursive_directory_iterator(folder_))
    EXPECT_EQ(entry.path().filename().string().find(".part"), std::string::npos) << entry.path();
  const NpyArray parameters = read_npy(folder_ / "first" / "design" / "parameters.npy");
  EXPECT_EQ(parameters.type, NpyType::f64);
  EXPECT_GE(parameters.count(), std::size_t{24 * 24});
}

const std::string start = "start_file = \"first/design/layer_1_";

INSTANTIATE_TEST_SUITE_P(
    Layers, Reimport,
    testing::Values(Kind{"phase", "kind = \"phase\"\n", start + "phase.csv\"\n"},
                    Kind{"bounded_phase", "kind = \"phase\"\nmax_phase = \"360 deg\"\nlevels = 8\n",
                         start + "phase.csv\"\n"},
                    Kind{"filtered_phase",
                         "kind = \"phase\"\nmax_phase = \"400 deg\"\nfilter_radius = \"20 um\"\n"
                         "projection_beta = 4\nsamples_per_pixel = 2\n",
                         start + "phase.csv\"\n"},
                    Kind{"free_levels", "kind = \"phase\"\nlevels = 16\n", start + "phase.csv\"\n"},
                    Kind{"amplitude",
                         "kind = \"amplitude\"\ndead_fraction = 0.2\nsamples_per_pixel = 2\n",
                         start + "amplitude.csv\"\n"},
                    Kind{"complex", "kind = \"complex\"\n",
                         "amplitude_file = \"first/design/layer_1_amplitude.csv\"\n"
                         "phase_file = \"first/design/layer_1_phase.csv\"\n"},
                    Kind{"height", "kind = \"height\"\nfilter_radius = \"12 um\"\nlevels = 16\n",
                         start + "height.csv\"\n"}),
    [](const auto& info) { return info.param.name; });

class WrongFiles : public testing::Test {
 protected:
  // The message of a run whose layer starts from `matrix`.
  std::string message(const CsvMatrix& matrix) {
    write_csv_matrix(matrix, folder_ / "start.csv");
    const fs::path scene = folder_ / "scene.toml";
    std::ofstream(scene) << light_and_grid
                         << "[[layer]]\nkind = \"phase\"\ndistance = \"1 mm\"\n"
                            "start_file = \"start.csv\"\n"
                         << detector << no_pictures;
    RunOptions options;
    options.scene = scene.string();
    options.out = folder_ / "out";
    options.quiet = true;
    try {
      run_command(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  CsvMatrix matrix(const std::string& kind, int nx, double pitch) {
    return {
        kind, "rad", nx, 48, pitch, 8e-6, std::vector<double>(static_cast<std::size_t>(nx) * 48)};
  }

  test::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
};

TEST_F(WrongFiles, AreRefusedWithPlaceAndReason) {
  EXPECT_EQ(message(matrix("phase", 48, 8e-6)), "");
  const std::pair<CsvMatrix, std::string> wrong[] = {
      {matrix("height", 48, 8e-6), "holds the height of a layer"},
      {matrix("phase", 47, 8e-6), "holds 47 x 48 pixels, but the layer has 48 x 48"},
      {matrix("phase", 48, 7e-6), "change pitch"}};
  for (const auto& [what, reason] : wrong) {
    const std::string said = message(what);
    EXPECT_NE(said.find(reason), std::string::npos) << said;
    EXPECT_NE(said.find("start_file"), std::string::npos) << said;
    EXPECT_NE(said.find("scene.toml:"), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace wavesmith
