// [expect] of a scene: bounds that the numbers of a run must keep.
#pragma once

#include <string>
#include <vector>

#include "apps/metrics.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"

namespace wavesmith {

struct Expectation {
  std::string metric;
  double low = 0.0, high = 0.0;
};

std::vector<Expectation> read_expectations(const SceneTable& table);

// Prints each expectation and whether it holds; the status of the run. Throws InputError where a
// metric is named that the scene does not give.
Status check_expectations(const std::vector<Expectation>& expectations, const Metrics& metrics);

}  // namespace wavesmith
