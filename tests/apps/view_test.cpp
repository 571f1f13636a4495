// Views: scaled, shifted and tilted windows against an analytic beam, and what a scene may not say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "apps/views.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"

namespace wavesmith {
namespace {

constexpr double waist = 100e-6, wavelength = 633e-9, power = 2.0;

std::string scene(const std::string& views, const std::string& layers = "") {
  return R"(
[light]
wavelength = "633 nm"
[grid]
samples = 129
pitch = "8 um"
[source]
kind = "gaussian"
waist = "100 um"
power = 2.0
)" + layers +
         R"(
[detector]
kind = "image"
distance = "60 mm"
)" + views;
}

DiffractiveProblem problem_of(const std::string& text) {
  return read_problem(Scene::parse(text, "scene.toml"), 1);
}

PlaneRecord first_view(const DiffractiveProblem& problem) {
  SceneOptions options;
  options.precision = Precision::f64;
  options.threads = 1;
  const auto system = make_system(problem, problem.description.propagation,
                                  system_options(options, parse_device("cpu")));
  const std::vector<double> parameters = starting_parameters(problem, 1);
  system->set_parameters(parameters);
  return record_view(problem, problem.views.front(), *system, *make_inputs(problem, "").test,
                     parameters);
}

double beam(double x, double y, double z) {
  const double widening = 1.0 + std::pow(z * wavelength / (std::numbers::pi * waist * waist), 2);
  return 2.0 * power / (std::numbers::pi * waist * waist * widening) *
         std::exp(-2.0 * (x * x + y * y) / (waist * waist * widening));
}

struct ViewCase {
  const char* keys;
  double x, y, z, tilt_x, tilt_y;  // of the centre
};

TEST(View, FollowsAGaussianBeam) {
  for (const ViewCase& one :
       {ViewCase{"", 0, 0, 60e-3, 0, 0}, ViewCase{"distance = \"25 mm\"", 0, 0, 25e-3, 0, 0},
        ViewCase{
            "x = \"70 um\"\ny = \"-40 um\"\nsamples = [80, 50]\npitch = [\"1.7 um\", \"2 um\"]",
            70e-6, -40e-6, 60e-3, 0, 0},
        ViewCase{"pitch = \"11 um\"\nsamples = 40\ndistance = \"40 mm\"", 0, 0, 40e-3, 0, 0},
        ViewCase{"tilt_x = \"50 deg\"\nsamples = 61", 0, 0, 60e-3, 50.0, 0},
        ViewCase{"tilt_x = \"-30 deg\"\ntilt_y = \"20 deg\"\nx = \"30 um\"\nsamples = [15, 21]\n"
                 "pitch = \"20 um\"",
                 30e-6, 0, 60e-3, -30.0, 20.0}}) {
    const DiffractiveProblem problem =
        problem_of(scene("[[view]]\nname = \"near-1\"\n" + std::string(one.keys)));
    audit_views(problem);
    const PlaneRecord view = first_view(problem);
    ASSERT_EQ(view.intensity[0].size(), problem.views[0].plane.size());
    EXPECT_NEAR(view.z, one.z, 1e-15);
    const double a = one.tilt_x * std::numbers::pi / 180.0,
                 b = one.tilt_y * std::numbers::pi / 180.0;
    const double peak = beam(0, 0, 0);
    double worst = 0.0;
    for (int j = 0; j < view.plane.ny; ++j)
      for (int i = 0; i < view.plane.nx; ++i) {
        const double xi = view.plane.x(i) - (view.plane.x0 == 0.0 ? 0.0 : one.x);
        const double eta = view.plane.y(j) - (view.plane.y0 == 0.0 ? 0.0 : one.y);
        const double x = one.x + xi * std::cos(a) - eta * std::sin(a) * std::sin(b);
        const double y = one.y + eta * std::cos(b);
        const double z = one.z + xi * std::sin(a) + eta * std::cos(a) * std::sin(b);
        const std::size_t n = static_cast<std::size_t>(j * view.plane.nx + i);
        worst = std::max(worst, std::abs(view.intensity[0][n] - beam(x, y, z)) / peak);
        EXPECT_DOUBLE_EQ(std::norm(view.field[0][n]), view.intensity[0][n]);
      }
    EXPECT_LT(worst, 1e-4) << one.keys;  // the beam is cut at 5 waists and paraxial to 1e-5
  }
}

// The plane of the detector, seen by a view with the detector's own samples.
TEST(View, OfTheDetectorPlaneIsWhatTheStackSays) {
  const DiffractiveProblem problem = problem_of(scene("[[view]]\nname = \"same\"\n", R"(
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
)"));
  const PlaneRecord view = first_view(problem);
  EXPECT_NEAR(view.z, 76e-3, 1e-15);
  SceneOptions options;
  options.precision = Precision::f64;
  const ProblemInputs inputs = make_inputs(problem, "");
  const auto system = make_system(problem, problem.description.propagation,
                                  system_options(options, parse_device("cpu")));
  std::vector<double> readings(static_cast<std::size_t>(problem.description.reading_count));
  system->set_parameters({});
  const std::size_t first = 0;
  system->respond({inputs.test.get(), std::span<const std::size_t>(&first, 1)}, readings);
  const double cell = problem.description.detector_plane.cell_area();
  double worst = 0.0, most = 0.0;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    worst = std::max(worst, std::abs(view.intensity[0][i] * cell - readings[i]));
    most = std::max(most, readings[i]);
  }
  EXPECT_LT(worst, 1e-5 * most);  // two ways to sum the same waves
}

TEST(View, RefusesWhatCannotBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"distance = \"1 mm\"", "name is missing"},
      {"name = \"a/b\"", "letters, digits"},
      {"name = \"a\"\ntilt_x = \"89 deg\"", "out of range"},
      {"name = \"a\"\ntilt_x = \"60 deg\"\ndistance = \"0.1 mm\"", "behind the last layer"},
      {"name = \"a\"\n[[view]]\nname = \"a\"", "name of two views"},
      {"name = \"a\"\nsamples = 1000000000", "memory"},
      {"name = \"a\"\nsample = 10", "samples"},
      {"name = \"a\"\n[propagation]\nperiodic = true", "periodic"},
      {"name = \"a\"\n[[metric]]\nname = \"m\"\nkind = \"fwhm_x\"\nview = \"b\"", "must be one of"},
  };
  for (const auto& [keys, part] : cases) {
    std::string message = "no error";
    try {
      problem_of(scene("[[view]]\n" + std::string(keys)));
    } catch (const Error& error) {
      message = error.what();
    }
    EXPECT_NE(message.find(part), std::string::npos) << keys << ": " << message;
  }
  // Tilted about both axes it would sum all waves at all samples; far away they come round.
  EXPECT_THROW(audit_views(problem_of(
                   scene("[[view]]\nname = \"a\"\nsamples = 2000\ntilt_x = 0.1\ntilt_y = 0.1"))),
               InputError);
  EXPECT_THROW(
      audit_views(problem_of(scene("[[view]]\nname = \"a\"\ndistance = \"500 m\"\nsamples = 20"))),
      InputError);
}

// An empty list switches the evaluations at other paddings off.
TEST(Evaluation, TakesNoPaddingsAtAll) {
  const DiffractiveProblem problem = problem_of(scene("[evaluate]\npadding = []"));
  EXPECT_TRUE(problem.evaluation.paddings.empty());
  EXPECT_EQ(problem_of(scene("[evaluate]\npadding = [3, 4]")).evaluation.paddings.size(), 2u);
}

}  // namespace
}  // namespace wavesmith
