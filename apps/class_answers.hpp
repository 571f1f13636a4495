// A classifier's answers to its test set, and the picture of them.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "training/losses.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

struct Answers {
  std::vector<int> label, predicted;
  int classes = 0;
};
// readings: samples x readings of the whole set.
Answers answers_of(const LossSpec& loss, const InputSet& inputs, std::span<const double> readings);

#ifdef WAVESMITH_HAS_VTK
// Rows: the true class; columns: the answer. Each cell holds its count, and is as dark as its share
// of the row.
void write_confusion(const Answers& answers, const std::filesystem::path& path);
#endif

}  // namespace wavesmith
