// The content of a scene file, with the position of every value and the marks of what was read.
// Private to the scene reader; the TOML library is seen in scene_document.cpp alone.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/scene.hpp"

namespace wavesmith {

struct ScenePosition {
  int line = 0, column = 0;
  int override_index = -1;  // which --set it comes from, -1: the file
};

struct SceneEntry;

struct SceneValue {
  ValueKind kind = ValueKind::none;
  ScenePosition position;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0.0;
  std::string text;                          // of a string or a date
  std::vector<SceneValue> items;             // of an array
  std::vector<SceneEntry> entries;           // of a table, sorted by key
  std::set<std::string, std::less<>> asked;  // keys of a table that a getter asked for

  SceneEntry* find(std::string_view key);
};

struct SceneEntry {
  std::string key;
  ScenePosition position;
  bool used = false;
  std::unique_ptr<SceneValue> value;  // stays where it is when entries are added
};

struct SceneDocument {
  std::string name;
  std::string text;
  std::vector<std::string> overrides;
  SceneValue root;
  SceneValue empty_table;  // what optional_table gives where the key is missing

  std::string where(const ScenePosition& position) const;
};

// Throws InputError.
std::shared_ptr<SceneDocument> parse_document(std::string_view text, const std::string& name,
                                              const std::vector<std::string>& overrides);

// A value as a person would write it, shortened and free of control characters.
std::string show_value(const SceneValue& value);

const char* kind_name(ValueKind kind);  // "a string"

std::uint64_t hash_of(const SceneValue& value);

}  // namespace wavesmith
