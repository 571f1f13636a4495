#include "core/scene.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <tuple>

#include "core/error.hpp"
#include "core/scene_document.hpp"
#include "core/suggest.hpp"

namespace wavesmith {

namespace {

constexpr std::uintmax_t largest_file = 16u << 20;  // [bytes]; scenes are a few kB

std::string read_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw UnavailableError(
        fmt::format("cannot read the scene {} (it is a folder); name a .toml "
                    "file in it",
                    path));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw UnavailableError(
        fmt::format("cannot open the scene {} ({}); check the path, or see "
                    "`wavesmith list scenes`",
                    path, std::strerror(errno)));
  }
  std::string text;
  char block[65536];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (text.size() > largest_file) {
      throw InputError(
          fmt::format("{} is larger than 16 MiB, which is no scene; name a .toml "
                      "file",
                      path));
    }
  }
  if (file.bad()) {
    throw UnavailableError(
        fmt::format("cannot read the scene {} ({})", path, std::strerror(errno)));
  }
  return text;
}

// Collects the unused keys below a table, in the order of the file.
class UnusedKeys {
 public:
  explicit UnusedKeys(SceneDocument& document) : document_(document) {}

  void visit(SceneValue& table, const std::string& path) {
    for (SceneEntry& entry : table.entries) {
      const std::string key = path.empty() ? entry.key : path + "." + entry.key;
      if (!entry.used) {
        report(table, entry, path, key);
      } else if (entry.value->kind == ValueKind::table) {
        visit(*entry.value, key);
      } else if (entry.value->kind == ValueKind::array) {
        for (std::size_t i = 0; i < entry.value->items.size(); ++i) {
          SceneValue& item = entry.value->items[i];
          if (item.kind == ValueKind::table) visit(item, fmt::format("{}[{}]", key, i));
        }
      }
    }
  }

  void finish() const {
    if (lines_.empty()) return;
    std::string message;
    for (const auto& [position, line] : lines_) {
      if (!message.empty()) message += '\n';
      message += line;
    }
    throw InputError(message);
  }

 private:
  void report(const SceneValue& table, const SceneEntry& entry, const std::string& path,
              const std::string& key) {
    // What was meant is likely a key that is missing, and next likely one that is there.
    std::vector<std::string> free_keys, all_keys;
    for (const std::string& name : table.asked) {
      all_keys.push_back(name);
      bool present = false;
      for (const SceneEntry& other : table.entries) present = present || other.key == name;
      if (!present) free_keys.push_back(name);
    }
    std::string advice = suggestion(entry.key, free_keys);
    if (advice.empty()) advice = suggestion(entry.key, all_keys);
    if (advice.empty()) {
      const std::string elsewhere = find_asked(document_.root, "", entry.key);
      if (!elsewhere.empty() && elsewhere != path) {
        advice = fmt::format("; it is a key of {}, move it there", elsewhere);
      } else if (all_keys.empty()) {
        advice = "; remove it";
      } else {
        advice = fmt::format("; remove it, or write one of {}", join_names(all_keys));
      }
    }
    const ScenePosition& position = entry.position;
    lines_.emplace(std::make_tuple(position.override_index, position.line, position.column),
                   fmt::format("{}: {} is not a key that this scene uses{}",
                               document_.where(position), key, advice));
  }

  // The path of a table that was asked for `key`, or "".
  static std::string find_asked(const SceneValue& table, const std::string& path,
                                const std::string& key) {
    if (!path.empty() && table.asked.contains(key)) return path;
    for (const SceneEntry& entry : table.entries) {
      if (entry.value->kind != ValueKind::table) continue;
      const std::string below = path.empty() ? entry.key : path + "." + entry.key;
      const std::string found = find_asked(*entry.value, below, key);
      if (!found.empty()) return found;
    }
    return "";
  }

  SceneDocument& document_;
  std::multimap<std::tuple<int, int, int>, std::string> lines_;
};

}  // namespace

Scene::Scene(std::shared_ptr<SceneDocument> document) : document_(std::move(document)) {}

Scene Scene::load(const std::string& path, const std::vector<std::string>& overrides) {
  return parse(read_file(path), path, overrides);
}

Scene Scene::parse(std::string_view text, const std::string& name,
                   const std::vector<std::string>& overrides) {
  return Scene(parse_document(text, name, overrides));
}

SceneTable Scene::root() const {
  return SceneTable(document_, &document_->root, "");
}

void Scene::check_all_used() const {
  UnusedKeys unused(*document_);
  unused.visit(document_->root, "");
  unused.finish();
}

const std::string& Scene::text() const {
  return document_->text;
}

const std::string& Scene::name() const {
  return document_->name;
}

std::string Scene::stem() const {
  return std::filesystem::path(document_->name).stem().string();
}

std::uint64_t Scene::hash() const {
  return hash_of(document_->root);
}

}  // namespace wavesmith
