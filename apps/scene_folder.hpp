// Where the scenes that come with the program are.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace wavesmith {

// The folders of scenes, nearest first: ./scenes, then those of the source tree or the installation
// that the program belongs to.
std::vector<std::filesystem::path> scene_folders();

// Every scene of these folders, sorted by name; of two with one name, the nearer.
std::vector<std::filesystem::path> list_scenes();

// A path of a scene, or the name of one of list_scenes(). Throws UnavailableError with a suggestion
// where there is neither.
std::filesystem::path find_scene(const std::string& name);

}  // namespace wavesmith
