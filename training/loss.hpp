// Losses: from the readings of one sample to a number and its derivative.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

// What a sample should give: a class, or a value per reading (only one of them is set).
struct Target {
  int label = -1;
  std::span<const double> values{};
};

class Loss {
 public:
  virtual ~Loss() = default;
  // Loss of one sample. `readings` [power], input_power [same unit] is what entered the system.
  // Where `cotangent` is not empty it receives d loss / d reading.
  virtual double evaluate(std::span<const double> readings, double input_power,
                          const Target& target, std::span<double> cotangent) const = 0;
  // The class that the readings stand for; -1 where the loss is not a classifier's.
  virtual int predicted_class(std::span<const double> readings) const = 0;
};

}  // namespace wavesmith
