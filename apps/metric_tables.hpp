// [[metric]] of a scene: the same for all solvers are the tables and that no two have one name.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/scene.hpp"

namespace wavesmith {

// A Part (with a `name`) for each [[metric]]; `read(table)` reads what there is but for the name.
// Throws InputError where a name is there twice.
template <class Part, class Read>
std::vector<Part> read_metric_tables(const SceneTable& root, const Read& read) {
  std::vector<Part> parts;
  for (const SceneTable& table : root.tables("metric")) {
    const std::string name = table.string("name");
    if (std::any_of(parts.begin(), parts.end(), [&](const Part& p) { return p.name == name; }))
      throw table.error("name", "is that of another metric, too");
    parts.push_back(read(table));
    parts.back().name = name;
  }
  return parts;
}

}  // namespace wavesmith
