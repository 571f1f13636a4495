// The text of an override, "layer[2].kind=lens", taken apart.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace wavesmith {

struct SceneStep {
  bool is_index = false;
  std::string key;        // where !is_index
  std::size_t index = 0;  // where is_index
};

struct SceneOverride {
  std::vector<SceneStep> steps;  // at least one; the first is a key
  std::string value;
};

// Throws InputError `--set <text>: ...`.
SceneOverride split_override(const std::string& text);

}  // namespace wavesmith
