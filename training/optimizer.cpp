#include "training/optimizer.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"

namespace wavesmith {

const std::vector<OptimizerEntry>& optimizer_registry() {
  static const std::vector<OptimizerEntry> entries{
      {"adam",
       "steps scaled by running means of the gradient and its square",
       {"beta1", "beta2", "epsilon", "amsgrad", "weight_decay", "largest_update"},
       make_adam},
      {"sgd",
       "steepest descent, with momentum",
       {"momentum", "nesterov", "weight_decay", "largest_update"},
       make_sgd},
  };
  return entries;
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerSpec& spec, std::size_t parameter_count) {
  const auto in_unit = [&](const char* key, double value) {
    WAVESMITH_VALIDATE(value >= 0.0 && value < 1.0,
                       fmt::format("optimizer {}: {} = {} must lie in [0, 1), or the running mean "
                                   "grows without end",
                                   spec.name, key, value));
  };
  in_unit("momentum", spec.momentum);
  in_unit("beta1", spec.beta1);
  in_unit("beta2", spec.beta2);
  WAVESMITH_VALIDATE(spec.epsilon > 0.0 && std::isfinite(spec.epsilon),
                     fmt::format("optimizer {}: epsilon = {} must be positive (it keeps 0/0 out of "
                                 "parameters without gradient); 1e-8 is usual",
                                 spec.name, spec.epsilon));
  WAVESMITH_VALIDATE(spec.weight_decay >= 0.0 && std::isfinite(spec.weight_decay),
                     fmt::format("optimizer {}: weight_decay = {} must be 0 or positive", spec.name,
                                 spec.weight_decay));
  WAVESMITH_VALIDATE(spec.largest_update >= 0.0 && std::isfinite(spec.largest_update),
                     fmt::format("optimizer {}: largest_update = {} must be positive (it bounds "
                                 "the change of each parameter in a step), or 0 for none",
                                 spec.name, spec.largest_update));
  WAVESMITH_VALIDATE(!spec.nesterov || spec.momentum > 0.0,
                     "optimizer sgd: nesterov = true needs momentum > 0");
  for (const OptimizerEntry& entry : optimizer_registry())
    if (entry.name == spec.name) return entry.make(spec, parameter_count);
  throw InputError(
      fmt::format("optimizer \"{}\" is not known; choose one of adam, sgd", spec.name));
}

}  // namespace wavesmith
