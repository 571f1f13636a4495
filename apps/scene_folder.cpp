#include "apps/scene_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace wavesmith {

namespace fs = std::filesystem;

namespace {

// Levels above the program in which its tree may begin: build/<preset>/wavesmith is two below it.
constexpr int most_levels = 4;

}  // namespace

std::vector<fs::path> scene_folders() {
  std::vector<fs::path> folders;
  std::error_code error;
  const auto add = [&](const fs::path& folder) {
    if (!fs::is_directory(folder, error)) return;
    for (const fs::path& known : folders) {
      if (fs::equivalent(known, folder, error)) return;
    }
    folders.push_back(folder);
  };
  add("scenes");
  fs::path place = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (int level = 0; level < most_levels && place.has_relative_path(); ++level) {
    add(place / "share" / "wavesmith" / "scenes");
    if (fs::exists(place / "CMakeLists.txt", error)) add(place / "scenes");
    place = place.parent_path();
  }
  return folders;
}

std::vector<fs::path> list_scenes() {
  std::map<std::string, fs::path> found;
  std::error_code error;
  for (const fs::path& folder : scene_folders()) {
    for (fs::directory_iterator entry(folder, error), end; entry != end; entry.increment(error)) {
      const fs::path& path = entry->path();
      if (path.extension() == ".toml") found.emplace(path.stem().string(), path);
    }
  }
  std::vector<fs::path> scenes;
  for (const auto& [name, path] : found) scenes.push_back(path);
  return scenes;
}

fs::path find_scene(const std::string& name) {
  std::error_code error;
  if (fs::exists(name, error)) return name;
  std::vector<std::string> names;
  for (const fs::path& path : list_scenes()) {
    if (path.stem() == name) return path;
    names.push_back(path.stem().string());
  }
  throw UnavailableError(
      fmt::format("there is no scene {} (neither a file nor a name of `wavesmith list scenes`){}",
                  name, suggestion(fs::path(name).stem().string(), names)));
}

}  // namespace wavesmith
