// What the commands that work on a scene share: audit, systems, evaluation, files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/diffractive_problem.hpp"

namespace wavesmith {

// The sampling audit of every gap, view and wavelength, as sentences. Throws InputError where it
// refuses.
std::vector<std::string> audit_problem(const DiffractiveProblem& problem);

DiffractiveSystemOptions system_options(const SceneOptions& options, const Device& device);

// A system like the problem's, with another way to propagate.
std::unique_ptr<DiffractiveSystem> make_system(const DiffractiveProblem& problem,
                                               const PropagationSettings& propagation,
                                               const DiffractiveSystemOptions& options);

// What a run found, for the files.
struct RunFindings {
  Metrics metrics;
  Cost cost;
  std::map<std::string, double> timing;  // [s]
  std::vector<double> parameters;
  TrainingOutcome outcome;
  std::vector<double> test_readings;  // samples x readings of the model, for a data set
  std::vector<std::string> audit;
  std::string device;
  bool trained = false;
};

// Trains with the problem's method; checkpoints and history.csv go into `out`. True when it was
// stopped by Ctrl-C, after saving.
bool train_problem(const DiffractiveProblem& problem, const ProblemInputs& inputs,
                   const SceneOptions& settings, bool resume, const Device& device,
                   const std::filesystem::path& out, RunFindings& findings);

// Accuracy and efficiency, or the readings and metrics of a design, of trained parameters.
// test_readings: see RunFindings; null where nobody wants them.
void evaluate_problem(const DiffractiveProblem& problem, const ProblemInputs& inputs,
                      const SceneOptions& options, const Device& device,
                      std::span<const double> parameters, Metrics& metrics,
                      std::vector<double>* test_readings = nullptr);

// Accuracy and loss of the test inputs by full waves, where the scene asks for them. Responses to
// the blocks of the source plane are kept in out/full_waves, and taken from there where they belong
// to the same stack: a run that was stopped goes on.
void evaluate_full_waves(const DiffractiveProblem& problem, const ProblemInputs& inputs,
                         const RunOptions& options, std::span<const double> parameters,
                         const std::filesystem::path& out, Metrics& metrics);

// The same of the scene's baseline, each name with `baseline_` in front.
void evaluate_baseline(const DiffractiveProblem& problem, const ProblemInputs& inputs,
                       const SceneOptions& options, const Device& device, Metrics& metrics);

// Fields, pictures, layers, report and, when all of them are there, result.json. Lines for people
// come back: what was left out, and why.
std::vector<std::string> write_outputs(const DiffractiveProblem& problem,
                                       const ProblemInputs& inputs, const RunOptions& options,
                                       const Device& device, RunFindings& findings,
                                       const std::filesystem::path& out);

}  // namespace wavesmith
