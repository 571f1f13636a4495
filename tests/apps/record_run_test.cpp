// What a run shows of its light, against analytic beams and against the engine's own planes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "apps/outputs.hpp"
#include "core/scene.hpp"

namespace wavesmith {
namespace {

const std::string gaussian = R"(
[light]
wavelength = "633 nm"
[grid]
samples = 129
pitch = "8 um"
[source]
kind = "gaussian"
waist = "100 um"
power = 2.0
)";
const std::string camera = R"(
[detector]
kind = "image"
distance = "60 mm"
)";
const std::string two_layers = R"(
[[layer]]
kind = "lens"
distance = "5 mm"
focal_length = "50 mm"
[[layer]]
kind = "aperture"
shape = "circle"
diameter = "0.5 mm"
x = "60 um"
distance = "11 mm"
)";

struct FixedRun {
  explicit FixedRun(const std::string& text)
      : problem(read_problem(Scene::parse(text, "scene.toml"), 1)),
        inputs(make_inputs(problem, "")),
        finished{problem, inputs, settings, device, findings} {
    settings.precision = Precision::f64;
    settings.threads = 1;
    findings.parameters = starting_parameters(problem, 1);
  }
  DiffractiveProblem problem;
  ProblemInputs inputs;
  RunOptions settings;
  Device device = parse_device("cpu");
  RunFindings findings;
  FinishedRun finished;
};

TEST(SideView, FollowsAGaussianBeam) {
  const FixedRun run(gaussian + camera);
  const Frame side = record_side(run.finished);
  ASSERT_EQ(side.points[0], 129);
  ASSERT_EQ(side.points[1], 1);
  const double waist = 100e-6, rayleigh = std::numbers::pi * waist * waist / 633e-9;
  const double peak = 2.0 * 2.0 / (std::numbers::pi * waist * waist);  // 2 P / (pi w^2)
  double worst = 0.0;
  for (int n = 0; n < side.points[2]; ++n) {
    const double z = n * side.spacing[2], widening = 1.0 + std::pow(z / rayleigh, 2);
    for (int i = 0; i < side.points[0]; ++i) {
      const double x = side.origin[0] + i * side.spacing[0];
      const double expected = peak / widening * std::exp(-2.0 * x * x / (waist * waist * widening));
      const double found = static_cast<double>(
          side.arrays[0].values[static_cast<std::size_t>(n) * 129 + static_cast<std::size_t>(i)]);
      worst = std::max(worst, std::abs(found - expected) / peak);
    }
  }
  EXPECT_NEAR(side.origin[2] + side.spacing[2] * (side.points[2] - 1), 60e-3, 1e-12);
  // The beam is cut at 5 waists and paraxial to 1e-5.
  EXPECT_LT(worst, 1e-4);
}

TEST(SideView, EndsOnTheDetectorPlaneOfTheStack) {
  const FixedRun run(gaussian + two_layers + camera);
  const Frame side = record_side(run.finished);
  const std::size_t first = 0;
  const auto planes = record_planes(run.finished, std::span<const std::size_t>(&first, 1)).front();
  const PlaneRecord& detector = planes.back();
  const std::size_t row = 64, last = static_cast<std::size_t>(side.points[2] - 1) * 129;
  const double peak = *std::max_element(detector.intensity[0].begin(), detector.intensity[0].end());
  for (std::size_t i = 0; i < 129; ++i)
    EXPECT_NEAR(static_cast<double>(side.arrays[0].values[last + i]),
                detector.intensity[0][row * 129 + i], 1e-6 * peak);
}

TEST(Planes, HoldTheLightOnItsWay) {
  const FixedRun run(gaussian + two_layers + camera);
  const std::size_t first = 0;
  const auto planes = record_planes(run.finished, std::span<const std::size_t>(&first, 1)).front();
  ASSERT_EQ(planes.size(), 4u);
  const double z[] = {0.0, 5e-3, 16e-3, 76e-3};
  double power_before = 2.0;
  for (std::size_t p = 0; p < planes.size(); ++p) {
    EXPECT_NEAR(planes[p].z, z[p], 1e-15);
    const double power =
        planes[p].plane.cell_area() *
        std::accumulate(planes[p].intensity[0].begin(), planes[p].intensity[0].end(), 0.0);
    EXPECT_LE(power, power_before * (1.0 + 1e-9));
    power_before = power;
    for (std::size_t i = 0; i < planes[p].field[0].size(); ++i)
      ASSERT_NEAR(std::norm(planes[p].field[0][i]), planes[p].intensity[0][i],
                  1e-12 * planes[p].intensity[0][64 * 129 + 64]);
  }
  EXPECT_GT(power_before, 1.0);  // most of the beam passes the aperture
}

TEST(Planes, AddTheModesOfPartiallyCoherentLight) {
  const FixedRun run(R"(
[light]
wavelength = "633 nm"
[grid]
samples = 64
pitch = "8 um"
[source]
kind = "schell"
width = "60 um"
coherence = "40 um"
modes = 12
[detector]
kind = "image"
distance = "1 mm"
)");
  ASSERT_GT(run.problem.description.modes, 1);
  const std::size_t first = 0;
  const auto planes = record_planes(run.finished, std::span<const std::size_t>(&first, 1)).front();
  for (const PlaneRecord& plane : planes) {
    const double power = plane.plane.cell_area() *
                         std::accumulate(plane.intensity[0].begin(), plane.intensity[0].end(), 0.0);
    EXPECT_NEAR(power, run.problem.source_power, 0.02 * run.problem.source_power) << plane.title;
  }
  const Frame side = record_side(run.finished);
  const std::size_t last = static_cast<std::size_t>(side.points[2] - 1) * 64;
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_NEAR(static_cast<double>(side.arrays[0].values[last + i]),
                planes.back().intensity[0][32 * 64 + i],
                1e-5 * planes.back().intensity[0][32 * 64 + 32]);
}

}  // namespace
}  // namespace wavesmith
