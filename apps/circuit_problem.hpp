// A scene of a circuit, read whole: solver = "circuit". docs/circuits.md describes every key.
#pragma once

#include <string>
#include <vector>

#include "apps/expectations.hpp"
#include "core/scene.hpp"
#include "physics/circuit.hpp"

namespace wavesmith {

// What a number of a circuit is of.
enum class CircuitNumber {
  transmission,         // power from port to port
  decibels,             // the same in dB
  phase,                // of the amplitude [rad]
  delay,                // of a pulse [s]
  extinction,           // largest over least power of the curve [dB]
  frequency_of,         // of a peak or dip [Hz]
  free_spectral_range,  // [Hz]
  quality,              // of a resonance
  bandwidth,            // within which the power is above `level` below that at a place [Hz]
  loss,                 // share of power that does not come out anywhere
};

struct CircuitMetricPart {
  std::string place;  // in the scene
  std::string name;
  CircuitNumber number = CircuitNumber::transmission;
  std::size_t from = 0, to = 0;  // external ports
  double frequency = 0.0;        // [Hz]; at it, or nearest to it
  bool peak = true;              // and not a dip
  double level = 3.0;            // bandwidth [dB]
};

struct CircuitProblem {
  std::string title, stem, scene_text;
  Circuit circuit;
  std::vector<double> frequencies;  // [Hz], rising
  bool by_wavelength = false;       // how the scene has them, and pictures show them
  std::vector<CircuitMetricPart> metrics;
  bool pictures = true, report = true, waves = false;
  std::vector<Expectation> expectations;
  std::vector<std::string> notes;  // of what is allowed, but not always meant
};

// Throws InputError for anything wrong in the scene, misspelt keys included, and UnavailableError
// where a file is missing.
CircuitProblem read_circuit_problem(const Scene& scene);

}  // namespace wavesmith
