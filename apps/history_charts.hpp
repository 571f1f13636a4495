// The curves of a training.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "training/history.hpp"
#include "viz/chart.hpp"

namespace wavesmith {

// File stems and charts: loss, and accuracy where classes are learnt. Empty without history.
std::vector<std::pair<std::string, Chart>> history_charts(const History& history, bool classes);

}  // namespace wavesmith
