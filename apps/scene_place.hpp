// Mistakes found below a scene, with the place in the scene that they come from.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/scene.hpp"

namespace wavesmith {

// `file.toml:12:9: solid[0].file: <what>`, of a key or, where the table does not have it or it is
// empty, of the table. What says a place in this file already stays as it is.
std::string placed(const SceneTable& table, std::string_view key, const std::string& what);

// work(), with the place before the message of whatever is wrong in it.
template <class Work>
auto at_place(const SceneTable& table, std::string_view key, const Work& work) {
  try {
    return work();
  } catch (const InputError& error) {
    throw InputError(placed(table, key, error.what()));
  } catch (const UnavailableError& error) {
    throw UnavailableError(placed(table, key, error.what()));
  }
}

}  // namespace wavesmith
