#include "apps/scene_place.hpp"

namespace wavesmith {

std::string placed(const SceneTable& table, std::string_view key, const std::string& what) {
  const bool known = !key.empty() && table.has(key);
  const std::string where = known ? table.where(key) : table.where();
  // "file.toml:12:9" without line and column.
  const std::string file = where.substr(0, where.rfind(':', where.rfind(':') - 1) + 1);
  if (what.starts_with(file)) return what;
  const std::string path = known ? table.path(key) : table.path();
  return where + ": " + (path.empty() ? what : path + ": " + what);
}

}  // namespace wavesmith
