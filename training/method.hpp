// Training methods: ways to a gradient, or to something that serves as one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "training/physical_system.hpp"

namespace wavesmith {

// One step's question. The method sets the parameters of the systems that it uses.
struct GradientRequest {
  PhysicalSystem* device = nullptr;  // the thing in the laboratory
  PhysicalSystem* model = nullptr;   // what is known of it
  Batch batch;
  const SampleLoss* loss = nullptr;
  std::span<const double> parameters;
  std::uint64_t seed = 1, occasion = 0;  // of the method's own random numbers
  std::span<double> readings;            // written: batch x reading_count
  std::span<double> gradient;            // written: sum over the batch
};

class TrainingMethod {
 public:
  virtual ~TrainingMethod() = default;
  virtual void gradient(const GradientRequest& request) const = 0;
};

struct MethodOptions {
  double perturbation = 0.01;  // spsa: step of every parameter, in its unit
  int draws = 1;               // spsa: directions averaged per step
};

// A word of the scene language.
struct MethodEntry {
  std::string name, sentence;
  std::string needs;  // the capability it asks the device for, in words
  std::unique_ptr<TrainingMethod> (*make)(const MethodOptions&);
};
const std::vector<MethodEntry>& method_registry();

// Throws InputError naming the known methods.
std::unique_ptr<TrainingMethod> make_method(const std::string& name, const MethodOptions& options);

}  // namespace wavesmith
