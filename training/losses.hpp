// The losses a scene can name, and how one is made from its settings.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "training/loss.hpp"

namespace wavesmith {

// Settings of a loss. What a loss does not use stays at its default (see LossEntry::keys).
struct LossSpec {
  std::string name = "cross_entropy";
  int reading_count = 0;           // readings of one sample; must be set
  std::string normalise;           // "sum" | "max" | "input" | "none"; empty: the loss's default
  std::optional<double> scale;     // factor on the normalised readings; empty: the loss's default
  double temperature = 0.1;        // differential: scores are divided by it
  double efficiency_weight = 0.0;  // adds weight * -log(sum(readings) / input_power)
  bool logarithm = false;          // efficiency: -log instead of 1 - ratio
  std::vector<double> weights;     // one per reading; empty: all 1
  std::vector<double> targets;     // one per reading, where the samples bring none
};

// A word of the scene language.
struct LossEntry {
  std::string name;
  std::string sentence;
  std::vector<std::string> keys;  // of LossSpec, beyond name and reading_count
  std::unique_ptr<Loss> (*make)(const LossSpec&);
};
const std::vector<LossEntry>& loss_registry();

// Throws InputError where a setting is unknown, out of range or of the wrong length.
std::unique_ptr<Loss> make_loss(const LossSpec& spec);

// Classes that labels count (a label lies in 0 .. count - 1); 0 where the loss is not a classifier.
int class_count(const LossSpec& spec);

// Throws InputError where the loss cannot be evaluated for this target: label out of range, values
// of the wrong length, neither given. `sample` is named in the message. Loss::evaluate never throws
// on a target that passed, so check before a parallel region.
void check_target(const LossSpec& spec, const Target& target, const std::string& sample);

}  // namespace wavesmith
