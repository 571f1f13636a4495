// Scenes with a [design] from their text: changed, read, checked and run.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "apps/design_run.hpp"
#include "apps/scene_solver.hpp"
#include "apps/wave_run.hpp"
#include "core/scene.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith::test {

inline Scene design_scene(const std::string& text) {
  Scene scene = Scene::parse(text, "trial.toml", {});
  EXPECT_EQ(solver_of(scene), "time_domain");
  return scene;
}

// The text with the first place of `from` changed to `to`.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// What wavesmith gradcheck finds.
inline bool gradient_holds(const std::string& text) {
  return gradcheck_design_scene(read_wave_problem(design_scene(text)), SceneOptions{}) ==
         Status::done;
}

struct DesignRun {
  nlohmann::json metrics;
  std::vector<double> first;  // of each goal, in the first iteration
};

// A run in double precision of a scene with these goals.
inline DesignRun run_design(const std::string& text, const std::vector<std::string>& goals) {
  const TemporaryFolder folder;
  RunOptions options;
  options.out = folder.path();
  options.quiet = true;
  options.precision = Precision::f64;
  options.scene = "trial.toml";
  DesignRun run;
  EXPECT_EQ(run_wave_scene(design_scene(text), options), Status::done);
  std::ifstream file(folder.path() / "result.json");
  run.metrics = nlohmann::json::parse(file)["metrics"];
  std::vector<std::string> columns = {"iteration", "beta", "loss", "grayness", "violation"};
  columns.insert(columns.end(), goals.begin(), goals.end());
  columns.insert(columns.end(), {"gradient_error", "seconds"});
  History history(columns);
  history.read(folder.path() / "history.csv", 1000);
  for (const std::string& goal : goals) run.first.push_back(history.column(goal).front());
  return run;
}

}  // namespace wavesmith::test
