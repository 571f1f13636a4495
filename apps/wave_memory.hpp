// What a run of waves in time takes of memory, told before any of it is taken.
#pragma once

#include <cstdint>

#include "apps/wave_problem.hpp"
#include "kernels/device.hpp"

namespace wavesmith {

// [bytes]
struct WaveMemory {
  std::uint64_t grid = 0;      // fields, layers and coefficients of the march
  std::uint64_t media = 0;     // materials at every point, and their coefficients while placed
  std::uint64_t poles = 0;     // of dispersive media
  std::uint64_t monitors = 0;  // spectra, with the copies made to read them
  std::uint64_t records = 0;   // of points in time
  std::uint64_t moments = 0;   // a field for a snapshot

  std::uint64_t total() const;
};

WaveMemory wave_memory(const WaveProblem& problem, Precision precision);

// Throws UnavailableError where the run does not fit.
void require_wave_memory(const WaveProblem& problem, Precision precision);

}  // namespace wavesmith
