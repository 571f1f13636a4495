// Detectors: what is read from the intensity on the last plane.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/plane.hpp"

namespace wavesmith {

// One sample's share in one reading.
struct DetectorEntry {
  int reading;         // which reading
  std::size_t sample;  // row-major index on the plane
  double weight;       // [m^2]: cell area times the share of the cell inside the region
};

// Readings are linear in intensity: reading_r = sum over entries with reading == r of
// weight |u(sample)|^2, i.e. power where |u|^2 is an intensity. Entries are sorted by reading, then
// sample.
struct Detector {
  Plane plane;
  int reading_count = 0;
  std::vector<std::string> names;  // one per reading
  std::vector<DetectorEntry> entries;
};

}  // namespace wavesmith
