// [training] of a scene: the method, the optimiser and how long; and the loop with its bar.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/metrics.hpp"
#include "core/scene.hpp"
#include "training/method.hpp"
#include "training/trainer.hpp"

namespace wavesmith {

struct TrainingPart {
  std::string method = "exact";
  MethodOptions method_options;
  TrainingOptions options;
  double spread = 0.0;      // of random starting parameters
  bool watch_test = false;  // the test set after each epoch
};
// Everything but the loss.
TrainingPart read_training(const SceneTable& table, std::uint64_t seed, int least_epochs = 1);

// What is trained, on what, from where.
struct TrainingTask {
  PhysicalSystem& device;  // may be the model itself
  PhysicalSystem& model;
  const Loss& loss;
  const InputSet& training;
  const InputSet* validation = nullptr;
  std::vector<double> start;
  std::uint64_t scene_hash = 0;
  const InputSet* test = nullptr;  // for part.watch_test
};

// Trains with a bar; the checkpoint and history.csv go into `out`. Goes on from the checkpoint with
// `resume`. Ctrl-C stops after a batch, saved: outcome.interrupted.
TrainingOutcome train_with_progress(const TrainingPart& part, const TrainingTask& task,
                                    const SceneOptions& settings, bool resume,
                                    const std::filesystem::path& out);

// best_test_accuracy, where the test set was watched.
void tell_best_epoch(const TrainingOutcome& outcome, Metrics& metrics);

}  // namespace wavesmith
