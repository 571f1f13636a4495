// Scenes with a [design]: what is found is better than what it started from, resumes to the same
// bits, and is what its exported file is; mistakes are told in one sentence with their place.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "apps/design_files.hpp"
#include "apps/design_run.hpp"
#include "apps/scene_solver.hpp"
#include "apps/wave_run.hpp"
#include "core/csv_table.hpp"
#include "core/scene.hpp"
#include "core/units.hpp"
#include "physics/contour.hpp"
#include "physics/feature_threshold.hpp"
#include "physics/gds_layout.hpp"
#include "tests/apps/scene_mistakes.hpp"
#include "tests/temporary_folder.hpp"
#include "training/byte_stream.hpp"
#include "training/checkpoint.hpp"
#include "viz/stl.hpp"

namespace wavesmith {
namespace {

const char* const whole = R"(title = "Trial"
solver = "time_domain"
[domain]
equations = "tm"
size = ["4 um", "3 um"]
cell = "50 nm"
background = "silica"
absorbing_cells = 10
[material.silica]
index = 1.444
[material.silicon]
index = 2.85
[[solid]]
kind = "box"
material = "silicon"
centre = ["-1.5 um", "0 um"]
size = ["2 um", "0.5 um"]
[[solid]]
kind = "box"
material = "silicon"
centre = ["1.5 um", "0.6 um"]
size = ["2 um", "0.5 um"]
[[source]]
kind = "mode"
name = "light"
axis = "x"
position = "-1.35 um"
size = ["0 um", "1.8 um"]
waveform = { kind = "pulse", frequency = "193.4 THz", bandwidth = "40 THz" }
[[monitor]]
kind = "modes"
name = "in"
axis = "x"
position = "-1.15 um"
size = ["0 um", "1.8 um"]
wavelengths = ["1550 nm"]
[[monitor]]
kind = "modes"
name = "out"
axis = "x"
position = "1.15 um"
centre = ["0 um", "0.6 um"]
size = ["0 um", "1.2 um"]
wavelengths = ["1550 nm"]
[[s_parameters]]
name = "S"
excited = 1
[[s_parameters.port]]
monitor = "in"
device = "ahead"
[[s_parameters.port]]
monitor = "out"
device = "behind"
[design]
size = ["1.6 um", "1.8 um"]
pixel = "40 nm"
solid = "silicon"
void = "silica"
filter_radius = "150 nm"
[[goal]]
name = "transmission"
monitor = "S"
number = "S 2,1 | mode 1"
[optimization]
beta = [4, 16]
iterations = [8, 4]
binary = 2
[run]
time = "0.12 ps"
[output]
fields = false
pictures = false
report = false
)";

Scene scene_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  Scene scene = Scene::parse(text, "trial.toml", overrides);
  EXPECT_EQ(solver_of(scene), "time_domain");
  return scene;
}

RunOptions quiet_run(const std::filesystem::path& folder) {
  RunOptions options;
  options.out = folder;
  options.quiet = true;
  options.precision = Precision::f64;
  options.scene = "trial.toml";
  return options;
}

nlohmann::json result_of(const std::filesystem::path& folder) {
  std::ifstream file(folder / "result.json");
  return nlohmann::json::parse(file);
}

// Both S-parameters as real and imaginary parts: powers have no slope where a design is best.
std::vector<GoalPart> amplitudes(const DesignPart& design) {
  std::vector<GoalPart> goals;
  for (const char* number : {"S 1,1 | mode 1", "S 2,1 | mode 1"})
    for (const char* part : {"real", "imaginary"}) {
      goals.push_back(design.goals.front());
      goals.back().number = number;
      goals.back().part = part;
    }
  return goals;
}

GoalValues amplitudes_of(const Scene& scene, const std::vector<GdsPolygon>& polygons, int refine) {
  WaveProblem problem = with_polygons(scene, polygons, refine);
  problem.design->goals = amplitudes(*problem.design);
  WaveSimulation running(problem, Device{}, Precision::f64, 0);
  march_to_end(problem, running.march());
  return DesignGoals(problem, running).look(running.march().step()).values;
}

double distance(const GoalValues& a, const GoalValues& b) {
  double sum = 0.0;
  for (std::size_t g = 0; g < a.size(); ++g) sum += std::pow(a[g][0] - b[g][0], 2);
  return std::sqrt(sum);
}

std::vector<GdsPolygon> moved(std::vector<GdsPolygon> polygons,
                              const std::function<Point2(const Point2&)>& where) {
  for (GdsPolygon& polygon : polygons)
    for (Point2& corner : polygon.points) corner = where(corner);
  return polygons;
}

TEST(DesignScene, ImprovesAndIsWhatItsFileIs) {
  const test::TemporaryFolder folder;
  const Scene scene = scene_of(whole);
  ASSERT_EQ(run_wave_scene(scene, quiet_run(folder.path())), Status::done);
  const nlohmann::json metrics = result_of(folder.path())["metrics"];
  const double binary = metrics["binary_transmission"], exported = metrics["exported_transmission"],
               verified = metrics["verified_transmission"];
  History history({"iteration", "beta", "loss", "grayness", "violation", "transmission",
                   "gradient_error", "seconds"});
  history.read(folder.path() / "history.csv", 1000);
  ASSERT_EQ(history.size(), 14u);
  EXPECT_GT(binary, 0.5);
  EXPECT_GT(binary, history.column("transmission").front() + 0.3);

  // Pixels on the grid and prisms of their outlines are the same part, to the averaging's second
  // order: what they differ in falls with the square of the cell. A wrong file's difference stays.
  const std::vector<GdsPolygon> polygons =
      flattened(read_gdsii(folder.path() / "design/design.gds"), "design");
  const std::vector<double> parameters =
      read_csv_table(folder.path() / "design/parameters.csv").column("parameter");
  const DesignPart design = *read_wave_problem(scene).design;
  const auto by_threshold = [&](double shift) {
    const DensityPattern pattern =
        DensityPattern(design.pixels, design.pattern)
            .with_threshold(threshold_of_shift(design.pattern.filter_radius, shift));
    return gds_polygons(design_rings(pattern, parameters), design.layer, design.datatype);
  };
  const double pixel = design.pixels.dx;
  const std::vector<std::pair<const char*, std::vector<GdsPolygon>>> wrong = {
      {"mirrored in x", moved(polygons,
                              [](auto& p) {
                                return Point2{-p[0], p[1]};
                              })},
      {"mirrored in y", moved(polygons,
                              [](auto& p) {
                                return Point2{p[0], -p[1]};
                              })},
      {"a pixel along x", moved(polygons,
                                [&](auto& p) {
                                  return Point2{p[0] + pixel, p[1]};
                                })},
      {"a pixel along y", moved(polygons,
                                [&](auto& p) {
                                  return Point2{p[0], p[1] + pixel};
                                })},
      {"2 % larger", moved(polygons,
                           [](auto& p) {
                             return Point2{1.02 * p[0], 1.02 * p[1]};
                           })},
      {"eroded by 20 nm", by_threshold(20e-9)},
      {"dilated by 20 nm", by_threshold(-20e-9)}};
  std::vector<double> own;
  GoalValues on_fine_grid;
  for (const int refine : {1, 2}) {
    WaveProblem problem = read_wave_problem(scene, refine);
    problem.design->goals = amplitudes(*problem.design);
    DesignSimulation simulation(problem, Device{}, Precision::f64, 0);
    on_fine_grid =
        simulation.evaluate(parameters, std::numeric_limits<double>::infinity()).values.front();
    const GoalValues of_file = amplitudes_of(scene, polygons, refine);
    own.push_back(distance(of_file, on_fine_grid));
    // What is reported is the number of this file.
    EXPECT_NEAR(std::hypot(of_file[2][0], of_file[3][0]),
                std::sqrt(refine == 1 ? exported : verified), 1e-9);
  }
  std::printf("file and pattern: %.2e, at half the cell %.2e; numbers %.4f, %.4f, %.4f\n", own[0],
              own[1], binary, exported, verified);
  EXPECT_LT(own[1], own[0] / 2.5);
  for (const auto& [name, file] : wrong) {
    const double off = distance(amplitudes_of(scene, file, 2), on_fine_grid);
    std::printf("%s: %.2e\n", name, off);
    EXPECT_GT(off, 5.0 * own[1]) << name;
  }

  // The scene beside the file is the verification, run by its own.
  const Scene beside = Scene::load((folder.path() / "design/verify.toml").string(),
                                   {"domain.cell=\"25 nm\"", "domain.absorbing_cells=20"});
  ASSERT_EQ(solver_of(beside), "time_domain");
  WaveProblem problem = read_wave_problem(beside);
  problem.design = read_wave_problem(scene).design;
  WaveSimulation running(problem, Device{}, Precision::f64, 0);
  march_to_end(problem, running.march());
  const GoalValues values = DesignGoals(problem, running).look(running.march().step()).values;
  EXPECT_NEAR(values[0][0], verified, 1e-9);
}

class DesignByMethod : public testing::TestWithParam<const char*> {};

TEST_P(DesignByMethod, ResumesToTheSameBits) {
  const test::TemporaryFolder whole_run, parts;
  const Scene scene = scene_of(
      whole, {"optimization.beta=[4,16]", "optimization.iterations=[3,4]", "optimization.binary=0",
              "optimization.method=\"" + std::string(GetParam()) + "\"", "run.save_every=\"0 s\""});
  const WaveProblem problem = read_wave_problem(scene);
  DesignSimulation simulation(problem, Device{}, Precision::f64, 0);
  DesignProgress all(*problem.design, simulation.pattern());
  ASSERT_FALSE(
      optimize_design(problem, simulation, quiet_run(whole_run.path()), whole_run.path(), all));
  // Stopped in the second stage by asking for fewer iterations; the same scene but for that.
  WaveProblem shorter = problem;
  shorter.design->stages[1].iterations = 2;
  DesignSimulation first_part(shorter, Device{}, Precision::f64, 0);
  DesignProgress part(*shorter.design, first_part.pattern());
  ASSERT_FALSE(optimize_design(shorter, first_part, quiet_run(parts.path()), parts.path(), part));
  RunOptions resumed = quiet_run(parts.path());
  resumed.resume = true;
  DesignSimulation second_part(problem, Device{}, Precision::f64, 0);
  DesignProgress rest(*problem.design, second_part.pattern());
  ASSERT_FALSE(optimize_design(problem, second_part, resumed, parts.path(), rest));
  EXPECT_EQ(rest.parameters, all.parameters);
  EXPECT_EQ(rest.evaluations, all.evaluations);
  EXPECT_EQ(rest.history.column("loss"), all.history.column("loss"));
  // And it is a method: within the bounds, and better than the start.
  EXPECT_EQ(all.evaluations, 7);
  const std::vector<double> loss = all.history.column("loss");
  EXPECT_LT(*std::min_element(loss.begin(), loss.begin() + 3), loss.front());
  EXPECT_LT(*std::min_element(loss.begin() + 3, loss.end()), loss[3]);
  for (const double pixel : all.parameters) {
    EXPECT_GE(pixel, 0.0);
    EXPECT_LE(pixel, 1.0);
  }
}

INSTANTIATE_TEST_SUITE_P(DesignScene, DesignByMethod, testing::Values("mma", "lbfgs", "adam"));

// The first step of L-BFGS is as long as asked for; a design that cannot be bettered ends its
// stage.
TEST(DesignScene, LbfgsStepsAndSettles) {
  const test::TemporaryFolder folder;
  const Scene scene = scene_of(
      whole, {"optimization.method=\"lbfgs\"", "optimization.step=0.05", "optimization.beta=4",
              "optimization.iterations=1", "optimization.binary=0", "run.time=\"60 fs\""});
  const auto designed = [&](const WaveProblem& problem, std::vector<double>* next) {
    DesignSimulation simulation(problem, Device{}, Precision::f64, 0);
    DesignProgress progress(*problem.design, simulation.pattern());
    RunOptions options = quiet_run(folder.path());
    EXPECT_FALSE(optimize_design(problem, simulation, options, folder.path(), progress));
    if (next != nullptr) {
      // What was saved stands behind the step; the result is the best design evaluated.
      const Checkpoint saved =
          load_checkpoint(folder.path() / "checkpoint/design.state", problem.scene_hash);
      ByteReader reader(saved.section("progress"), "state");
      next->resize(progress.parameters.size());
      reader.get_array(std::span(*next));
    }
    return progress;
  };
  WaveProblem problem = read_wave_problem(scene);
  std::vector<double> next;
  const DesignProgress once = designed(problem, &next);
  double farthest = 0.0;
  for (std::size_t i = 0; i < next.size(); ++i)
    farthest = std::max(farthest, std::abs(next[i] - once.parameters[i]));
  EXPECT_NEAR(farthest, 0.05, 1e-9);
  // A binary pattern without an edge has no derivative: there is no way to go.
  problem.design->pattern.start = {0.0};
  problem.design->stages.push_back({std::numeric_limits<double>::infinity(), 5});
  EXPECT_EQ(designed(problem, nullptr).evaluations, 2);
}

// A part that cannot be exported or verified costs no iteration: what was designed is saved, and a
// resumed run begins with the export.
TEST(DesignScene, ADesignOutlivesItsExport) {
  const test::TemporaryFolder folder;
  const Scene scene = scene_of(whole, {"optimization.beta=[4,16]", "optimization.iterations=[2,1]",
                                       "design.minimum_solid=\"120 nm\"", "optimization.refine=1"});
  std::ofstream(folder.path() / "design") << "in the way of the folder of the layout";
  EXPECT_THROW(run_wave_scene(scene, quiet_run(folder.path())), UnavailableError);
  std::ifstream first(folder.path() / "history.csv");
  const std::string designed(std::istreambuf_iterator<char>(first), {});
  std::filesystem::remove(folder.path() / "design");
  RunOptions resumed = quiet_run(folder.path());
  resumed.resume = true;
  ASSERT_EQ(run_wave_scene(scene, resumed), Status::done);
  // The same rows, seconds included: none was computed again.
  std::ifstream second(folder.path() / "history.csv");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(second), {}), designed);
  EXPECT_EQ(result_of(folder.path())["metrics"]["iterations"], 5);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "checkpoint/design.state"));
}

// Outlines of more corners than a surface is made of are told, and stand in no one's way.
TEST(DesignScene, APartWithoutSurfaceIsTold) {
  const test::TemporaryFolder folder;
  DesignPart design;
  design.region.lo = {-1e-3, -1e-3, 0.0};
  design.region.hi = {1e-3, 1e-3, 2e-6};
  Ring ring;
  const int corners = 60000;
  for (int i = 0; i < corners; ++i) {
    const double angle = 2.0 * pi * i / corners;
    ring.push_back({1e-3 * std::cos(angle), 1e-3 * std::sin(angle)});
  }
  OutputFolder files(folder.path());
  EXPECT_NE(
      write_design_solid(design, std::vector<Ring>{ring}, files).find("no STL: mesh: a region"),
      std::string::npos);
  EXPECT_TRUE(files.files().empty());
  const std::vector<Ring> square{{{0.0, 0.0}, {1e-4, 0.0}, {1e-4, 1e-4}, {0.0, 1e-4}}};
  EXPECT_EQ(write_design_solid(design, square, files), "");
  const Mesh mesh = read_stl(folder.path() / "design/design.stl");
  EXPECT_NEAR(volume(mesh), 0.1 * 0.1 * 2e-3, 1e-9);  // [mm^3]
}

TEST(DesignScene, DerivativesAtEveryStrengthOfProjection) {
  for (const std::string equations : {"tm", "te"}) {
    const Scene scene =
        scene_of(whole, {"domain.equations=\"" + equations + "\"", "run.time=\"60 fs\"",
                         "optimization.worst=10", "design.edge_shifts=[\"20 nm\"]",
                         "design.minimum_solid=\"120 nm\"", "design.minimum_void=\"120 nm\"",
                         "design.connected=true"});
    EXPECT_EQ(gradcheck_design_scene(read_wave_problem(scene), SceneOptions{}), Status::done)
        << equations;
  }
}

// One row of pixels as high as the region is a pattern along x alone: a grating.
TEST(DesignScene, OneRowOfPixels) {
  const std::vector<std::string> row = {
      "design.pixel=[\"40 nm\",\"0.2 um\"]", "design.size=[\"1.6 um\",\"0.2 um\"]",
      "design.centre=[\"0 um\",\"0.3 um\"]", "design.minimum_solid=\"100 nm\"",
      "design.minimum_void=\"100 nm\""};
  std::vector<std::string> checked = row;
  checked.push_back("run.time=\"60 fs\"");
  EXPECT_EQ(gradcheck_design_scene(read_wave_problem(scene_of(whole, checked)), SceneOptions{}),
            Status::done);
  const test::TemporaryFolder folder;
  ASSERT_EQ(run_wave_scene(scene_of(whole, row), quiet_run(folder.path())), Status::done);
  const nlohmann::json metrics = result_of(folder.path())["metrics"];
  const double binary = metrics["binary_transmission"], exported = metrics["exported_transmission"];
  EXPECT_NEAR(exported, binary, 0.02);
  const GdsLibrary library = read_gdsii(folder.path() / "design/design.gds");
  for (const GdsPolygon& polygon : flattened(library, "design")) {
    double low = 1.0, high = -1.0;
    for (const Point2& corner : polygon.points) {
      low = std::min(low, corner[1]);
      high = std::max(high, corner[1]);
    }
    EXPECT_EQ(polygon.points.size(), 4u);
    EXPECT_NEAR(low, 0.2e-6, 1e-9);
    EXPECT_NEAR(high, 0.4e-6, 1e-9);
  }
}

TEST(DesignScene, SmoothMaximumAndItsSlopes) {
  const std::vector<double> losses = {0.3, -0.2, 0.31, 0.0}, weights = {1.0, 2.0, 0.5, 1.0};
  for (const double sharpness : {0.0, 3.0, 100.0}) {
    std::vector<double> slopes, ignored;
    const double value = combine_losses(losses, weights, sharpness, slopes);
    EXPECT_LE(value, 0.31 + 1e-12);
    double sum = 0.0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      sum += slopes[i];
      std::vector<double> moved = losses;
      const double h = 1e-6;
      moved[i] += h;
      const double above = combine_losses(moved, weights, sharpness, ignored);
      moved[i] -= 2 * h;
      EXPECT_NEAR(slopes[i], (above - combine_losses(moved, weights, sharpness, ignored)) / (2 * h),
                  1e-8);
    }
    EXPECT_NEAR(sum, 1.0, 1e-12);
  }
}

TEST(DesignScene, Mistakes) {
  test::check_mistakes(
      whole, "trial.toml",
      {
          {"size = [\"1.6 um\", \"1.8 um\"]",
           "size = [\"3.6 um\", \"1.8 um\"]",
           {"design.size", "absorbing layers", "move or shrink"}},
          {"size = [\"1.6 um\", \"1.8 um\"]",
           "size = [\"2.4 um\", \"1.8 um\"]",
           {"design", "reaches into monitor in", "two cells"}},
          {"pixel = \"40 nm\"", "pixel = \"37 nm\"", {"design.pixel", "does not divide"}},
          {"pixel = \"40 nm\"", "pixel = \"40 pm\"", {"design.pixel", "is the unit right?"}},
          {"pixel = \"40 nm\"",
           "pixel = [\"40 nm\", \"0.7 um\"]",
           {"design.pixel", "does not divide"}},
          {"pixel = \"40 nm\"", "pixel = [\"40 nm\", \"40 nm\", \"40 nm\"]", {"design.pixel"}},
          {"void = \"silica\"", "void = \"silicon\"", {"design.void", "same material"}},
          {"filter_radius = \"150 nm\"",
           "filter_radius = \"150 nm\"\nminimum_solid = \"400 nm\"",
           {"minimum_solid", "radius"}},
          {"filter_radius = \"150 nm\"",
           "filter_radius = \"150 nm\"\nminimum_void = \"100 nm\"\nconnected = true\ncentre = "
           "[\"0 um\", \"10 um\"]",
           {"design.size", "along y"}},
          {"filter_radius = \"150 nm\"",
           "filter_radius = \"1.5 um\"\nminimum_solid = \"0.9 um\"\nminimum_void = \"0.8 um\"",
           {"design.minimum_void", "contradicts minimum_solid", "ask for less"}},
          {"filter_radius = \"150 nm\"",
           "filter_radius = \"150 nm\"\nminimum_solid = \"200 nm\"\n[[design.fixed]]\nas = "
           "\"solid\"\ncentre = [\"0 um\", \"0 um\"]\nsize = [\"1 um\", \"0.1 um\"]",
           {"design.fixed[0].size", "contradicts design.minimum_solid", "widen it"}},
          {"binary = 2", "binary = 2\nbetas = 3", {"optimization.betas"}},
          {"[[goal]]\nname = \"transmission\"\nmonitor = \"S\"\nnumber = \"S 2,1 | mode 1\"\n"
           "[optimization]",
           "minimum_solid = \"120 nm\"\n[[goal]]\nname = \"transmission\"\nmonitor = \"S\"\n"
           "[optimization]\nmethod = \"lbfgs\"",
           {"optimization.method", "cannot keep minimum_solid", "\"mma\""}},
          {"beta = [4, 16]", "beta = [16, 4]", {"optimization.beta", "falls"}},
          {"iterations = [8, 4]", "iterations = [8, 4, 2]", {"optimization.iterations", "3"}},
          {"number = \"S 2,1 | mode 1\"",
           "number = \"S 3,1\"",
           {"goal[0]", "S 3,1", "S 2,1 | mode 1"}},
          {"number = \"S 2,1 | mode 1\"",
           "number = \"S 2,1 | mode 1\"\naim = \"more\"",
           {"goal[0].aim", "maximize"}},
          {"number = \"S 2,1 | mode 1\"",
           "number = \"S 2,1 | mode 1\"\nwavelengths = [\"1500 nm\"]",
           {"goal[0]", "does not have"}},
          {"[design]", "[designs]", {"goal", "[design]"}},
          {"name = \"out\"\naxis = \"x\"\nposition = \"1.15 um\"\ncentre = [\"0 um\", \"0.6 um\"]",
           "name = \"out\"\naxis = \"x\"\nposition = \"1.15 um\"\ncentre = [\"0 um\", \"-0.9 um\"]",
           {"goal[0]", "not guided", "wider guide"}},
      },
      [](const std::string& text) {
        const WaveProblem problem = read_wave_problem(scene_of(text));
        DesignSimulation(problem, Device{}, Precision::f32, 0);
      });
}

}  // namespace
}  // namespace wavesmith
