// First-order optimisers: how a gradient moves the parameters.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

// One step is begin_step() and then step_range() over disjoint ranges that cover the parameters, in
// any order and from any threads: the entries do not see each other, so the result does not depend
// on the slicing.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  virtual void begin_step() = 0;
  // Moves parameters [begin, end); both spans cover all parameters.
  virtual void step_range(std::size_t begin, std::size_t end, double learning_rate,
                          std::span<const double> gradient, std::span<double> parameters) = 0;
  void step(double learning_rate, std::span<const double> gradient, std::span<double> parameters) {
    begin_step();
    step_range(0, parameters.size(), learning_rate, gradient, parameters);
  }
  // The state, appended to `bytes`; load() throws InputError where the bytes are not the state of
  // an optimiser of this kind and size. A loaded optimiser goes on bit for bit.
  virtual void save(std::vector<std::byte>& bytes) const = 0;
  virtual void load(std::span<const std::byte> bytes) = 0;
};

// Settings; each optimiser uses those its OptimizerEntry names.
struct OptimizerSpec {
  std::string name = "adam";
  double momentum = 0.9;      // sgd
  bool nesterov = false;      // sgd
  double beta1 = 0.9;         // adam: decay of the mean gradient
  double beta2 = 0.999;       // adam: decay of the mean squared gradient
  double epsilon = 1e-8;      // adam: [gradient]
  bool amsgrad = false;       // adam
  double weight_decay = 0.0;  // both, decoupled: parameters *= 1 - learning_rate * weight_decay
  // Both: bounds what a step takes from each parameter, decay aside; 0: no bound. [parameter]
  double largest_update = 0.0;
};

// A word of the scene language.
struct OptimizerEntry {
  std::string name;
  std::string sentence;
  std::vector<std::string> keys;  // of OptimizerSpec, beyond name
  std::unique_ptr<Optimizer> (*make)(const OptimizerSpec&, std::size_t parameter_count);
};
const std::vector<OptimizerEntry>& optimizer_registry();

// Throws InputError where a setting is unknown or out of range.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerSpec& spec, std::size_t parameter_count);

// One per file of that name.
std::unique_ptr<Optimizer> make_sgd(const OptimizerSpec& spec, std::size_t parameter_count);
std::unique_ptr<Optimizer> make_adam(const OptimizerSpec& spec, std::size_t parameter_count);

}  // namespace wavesmith
