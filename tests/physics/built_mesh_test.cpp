#include "physics/built_mesh.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

std::vector<double> some_settings(const MziMesh& mesh) {
  std::vector<double> settings(mesh.phase_count());
  for (std::size_t k = 0; k < settings.size(); ++k)
    settings[k] = 6.0 * std::sin(1.0 + 3.7 * static_cast<double>(k));
  return settings;
}

TEST(BuiltMesh, IdealHoldsTheSettings) {
  const BuiltMesh built(MziMesh(MeshLayout::rectangular, 5, true));
  const auto settings = some_settings(built.mesh());
  std::vector<double> phases(settings.size());
  built.phases(settings, 3.0, phases);
  EXPECT_EQ(phases, settings);
  EXPECT_NO_THROW(built.validate());
}

TEST(BuiltMesh, RoundsToLevels) {
  MeshImperfections given;
  given.bits = 4;
  const BuiltMesh built(MziMesh(MeshLayout::triangular, 4), given);
  const auto settings = some_settings(built.mesh());
  std::vector<double> phases(settings.size());
  built.phases(settings, 0.0, phases);
  for (std::size_t k = 0; k < phases.size(); ++k) {
    EXPECT_LE(std::abs(phases[k] - settings[k]), pi / 16 + 1e-12);
    const double level = phases[k] / (2.0 * pi / 16);
    EXPECT_NEAR(level, std::round(level), 1e-9);
  }
}

TEST(BuiltMesh, HeatersWarmTheirNeighboursOnly) {
  MeshImperfections given;
  given.crosstalk = 0.02;
  // Columns of 2 and 1 interferometers by turns: ports 0-1 and 2-3, then 1-2.
  const BuiltMesh built(MziMesh(MeshLayout::rectangular, 4), given);
  std::vector<double> settings(built.mesh().phase_count(), 0.0), phases(settings.size());
  settings[built.mesh().theta(0)] = 1.5 - 2.0 * pi;  // a heater holds 1.5 rad
  built.phases(settings, 0.0, phases);
  EXPECT_NEAR(phases[built.mesh().theta(1)], 0.02 * 1.5, 1e-14);
  for (std::size_t k = 2; k < phases.size(); ++k) EXPECT_EQ(phases[k], 0.0) << k;
  // <C s, g> = <s, C^T g>, C without its remainders.
  std::vector<double> gradient(phases.size()), pulled, direction = some_settings(built.mesh());
  for (std::size_t k = 0; k < gradient.size(); ++k)
    gradient[k] = std::cos(2.0 * static_cast<double>(k));
  pulled = gradient;
  built.pull_back(pulled);
  const double h = 1e-3;
  std::vector<double> up(settings), down(settings), p_up(phases), p_down(phases);
  for (std::size_t k = 0; k < settings.size(); ++k) {
    settings[k] = 1.0 + 0.1 * static_cast<double>(k);
    up[k] = settings[k] + h * direction[k];
    down[k] = settings[k] - h * direction[k];
  }
  built.phases(up, 0.0, p_up);
  built.phases(down, 0.0, p_down);
  double left = 0.0, right = 0.0;
  for (std::size_t k = 0; k < settings.size(); ++k) {
    left += gradient[k] * (p_up[k] - p_down[k]) / (2.0 * h);
    right += pulled[k] * direction[k];
  }
  EXPECT_NEAR(left, right, 1e-11 * std::abs(right));
}

TEST(BuiltMesh, SpreadsAreThoseAskedForAndPhasesDrift) {
  MeshImperfections given;
  given.splitter_spread = 0.05;
  given.loss = 0.1;
  given.loss_spread = 0.2;
  given.phase_spread = 0.3;
  given.drift = 0.1;
  given.drift_period = 200.0;
  const MziMesh mesh(MeshLayout::rectangular, 64);
  const BuiltMesh built(mesh, given, 1), other(mesh, given, 2), again(mesh, given, 1);
  const auto rms = [](const std::vector<double>& values) {
    double sum = 0.0;
    for (double v : values) sum += v * v;
    return std::sqrt(sum / static_cast<double>(values.size()));
  };
  EXPECT_NEAR(rms(built.splitter_errors), 0.05, 0.002);
  EXPECT_NEAR(rms(built.phase_offsets), 0.3, 0.012);
  std::vector<double> excess;
  for (std::size_t i = 0; i < built.arm_losses.size(); ++i) {
    EXPECT_GE(built.arm_losses[i], 0.1);
    if (i % 2 == 0) excess.push_back(built.arm_losses[i] - 0.1);
  }
  EXPECT_NEAR(rms(excess), 0.2, 0.008);
  EXPECT_EQ(built.splitter_errors, again.splitter_errors);
  EXPECT_NE(built.splitter_errors, other.splitter_errors);
  const auto settings = some_settings(mesh);
  std::vector<double> before(settings.size()), after(settings.size());
  for (double time : {0.0, 137.0, 1e9}) {
    built.phases(settings, time, after);
    for (std::size_t k = 0; k < after.size(); ++k) after[k] -= settings[k] + built.phase_offsets[k];
    EXPECT_NEAR(rms(after), 0.1, 0.005) << time;
  }
  // Slowly: at most 2 pi / (half of 200) a unit of time.
  built.phases(settings, 0.0, before);
  built.phases(settings, 1.0, after);
  for (std::size_t k = 0; k < after.size(); ++k) after[k] -= before[k];
  EXPECT_GT(rms(after), 0.1 * 2.0 * pi / 300.0);
  EXPECT_LT(rms(after), 0.1 * 2.0 * pi / 100.0);
}

TEST(BuiltMesh, NamesWhatMakesNoSense) {
  const MziMesh mesh(MeshLayout::triangular, 4);
  const auto refused = [&](auto change, const std::string& words) {
    BuiltMesh built(mesh);
    change(built);
    try {
      built.validate();
      ADD_FAILURE() << words;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  };
  refused([](BuiltMesh& b) { b.arm_losses[9] = -1.0; },
          "interferometer 2 (column 2, ports 0 and 1)");
  refused([](BuiltMesh& b) { b.splitter_errors.pop_back(); }, "splitter_errors has 11 values");
  refused([](BuiltMesh& b) { b.crosstalk.push_back({0, 99, 0.1}); }, "to phase 99");
  MeshImperfections given;
  given.bits = 60;
  EXPECT_THROW(BuiltMesh(mesh, given), InputError);
  given = {};
  given.loss = -0.1;
  EXPECT_THROW(BuiltMesh(mesh, given), InputError);
}

}  // namespace
}  // namespace wavesmith
