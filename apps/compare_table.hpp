// One system, several training methods: the rows of the table and how they are shown.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/metrics.hpp"
#include "core/error.hpp"
#include "training/gradient_check.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

struct MethodRow {
  std::string method;
  Metrics metrics;
  Cost cost;
  double trained_samples = 1.0;  // counted once an epoch
  GradientAgreement agreement;   // of the first gradient with the exact one
  double seconds = 0.0;          // of training
  double peak_memory = 0.0;      // of the process until then [bytes]
};

// Trains with each method of the options in a folder of its own and prints the table; compare.json
// is written anew after each method, so that nothing is lost of those before. `train` fills the row
// of the method that it names and is false where it was stopped by Ctrl-C. `score` is the metric of
// the first column. Throws InputError for an unknown method before anything runs.
Status compare_methods(
    const CompareOptions& options, const std::string& stem, const std::string& score,
    const std::function<bool(MethodRow& row, const std::filesystem::path& out)>& train);

}  // namespace wavesmith
