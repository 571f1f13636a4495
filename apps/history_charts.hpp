// The curves of a training.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/outputs.hpp"
#include "viz/chart.hpp"

namespace wavesmith {

// File stems and charts: loss, and accuracy where classes are learnt. Empty without training.
std::vector<std::pair<std::string, Chart>> history_charts(const FinishedRun& run);

}  // namespace wavesmith
