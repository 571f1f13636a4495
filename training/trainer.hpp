// The training loop: batches, epochs, validation, history, checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "training/history.hpp"
#include "training/loss.hpp"
#include "training/method.hpp"
#include "training/optimizer.hpp"
#include "training/physical_system.hpp"
#include "training/schedule.hpp"

namespace wavesmith {

struct TrainingOptions {
  int epochs = 1;
  int batch = 32;
  OptimizerSpec optimizer;  // name "lbfgs": whole-set steps with a line search, no batches
  ScheduleSpec schedule;    // counted in batches
  std::uint64_t seed = 1;
  int threads = 0;   // of the optimiser's step; 0: all
  int patience = 0;  // epochs without better validation before stopping; 0: never stop
  std::filesystem::path checkpoint;   // file; empty: none
  double checkpoint_interval = 60.0;  // [s] between checkpoints inside an epoch
  bool resume = false;
  std::uint64_t scene_hash = 0;
  // Evaluated after each epoch for the column test_accuracy of the history alone, or null.
  const InputSet* watched = nullptr;
  std::function<bool()> interrupted;  // asked after each batch; true: save and return
};

struct Evaluation {
  double loss = 0.0;        // mean over samples
  double accuracy = 0.0;    // share of right classes; 0 where there are none
  double efficiency = 0.0;  // mean power on the detectors / power that entered
};

// What became of a training.
struct TrainingOutcome {
  std::vector<double> parameters;  // the best by validation where there is one, else the last
  History history{std::vector<std::string>{}};
  int epochs_done = 0;
  bool interrupted = false;  // by Ctrl-C, after saving
  bool stopped_early = false;
  // Of training, over all resumed parts; the cost that of device and model.
  double seconds = 0.0;
  Cost cost;
};

// Mean loss, accuracy and efficiency of a system whose parameters are set.
Evaluation evaluate(PhysicalSystem& system, const InputSet& inputs, const Loss& loss, int batch,
                    const std::function<void(std::size_t done)>& progress = {});

class Trainer {
 public:
  // Called after each batch with the mean loss of the epoch so far.
  struct Progress {
    int epoch = 0;
    std::size_t done = 0, total = 0;  // samples of this epoch
    double loss = 0.0, accuracy = 0.0;
  };

  // occasion(n) is told the number of each batch before it runs, so that systems draw their random
  // misalignments and noise by it.
  Trainer(PhysicalSystem& device, PhysicalSystem& model, const TrainingMethod& method,
          const Loss& loss, const InputSet& training, const InputSet* validation,
          TrainingOptions options, std::function<void(std::uint64_t)> occasion);

  // Goes on from the checkpoint with options.resume; bit-identical to a run that was never stopped.
  // Throws NumericsError naming epoch and batch where loss or gradient is not finite.
  TrainingOutcome run(
      std::vector<double> parameters, const std::function<void(const Progress&)>& progress = {},
      const std::function<void(int epoch, std::span<const double>)>& after_epoch = {});

 private:
  struct State;
  void run_epoch(State& state, const std::function<void(const Progress&)>& progress);
  void run_lbfgs_iteration(State& state);
  Cost cost_of(const State& state) const;
  void save(const State& state) const;
  void load(State& state) const;
  void finish_epoch(State& state);

  PhysicalSystem& device_;
  PhysicalSystem& model_;
  const TrainingMethod& method_;
  const Loss& loss_;
  const InputSet& training_;
  const InputSet* validation_;
  TrainingOptions options_;
  std::function<void(std::uint64_t)> occasion_;
};

}  // namespace wavesmith
