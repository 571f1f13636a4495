#include "core/scene_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <sstream>

#include "core/scene_override.hpp"
#include "core/scene_scan.hpp"

// Malformed text such as "[[[a" breaks assertions of toml++ 3.3, which abort, or in release builds
// are promises to the optimiser. Here they throw. No other file may include the library, or the two
// meanings would be mixed.
namespace wavesmith {
struct TomlAssertion {};
template <class Condition>
constexpr void assert_toml(const Condition& condition) {
  if (!condition) throw TomlAssertion{};
}
}  // namespace wavesmith
#pragma push_macro("NDEBUG")
#undef NDEBUG
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_ASSERT(condition) ::wavesmith::assert_toml(condition)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace wavesmith {

namespace {

ScenePosition position_of(const toml::source_region& region, int override_index) {
  return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column),
          override_index};
}

std::string date_text(const toml::node& node) {
  std::ostringstream stream;
  node.visit([&](const auto& value) { stream << value; });
  return stream.str();
}

// Copies a TOML node. The depth of the recursion is bounded by scan_text.
SceneValue convert(const toml::node& node, int override_index) {
  SceneValue value;
  value.position = position_of(node.source(), override_index);
  if (const auto* table = node.as_table()) {
    value.kind = ValueKind::table;
    for (const auto& [key, child] : *table) {
      auto copy = std::make_unique<SceneValue>(convert(child, override_index));
      value.entries.push_back({std::string(key.str()), position_of(key.source(), override_index),
                               false, std::move(copy)});
    }
    std::sort(value.entries.begin(), value.entries.end(),
              [](const SceneEntry& a, const SceneEntry& b) { return a.key < b.key; });
  } else if (const auto* array = node.as_array()) {
    value.kind = ValueKind::array;
    value.items.reserve(array->size());
    for (const toml::node& child : *array) value.items.push_back(convert(child, override_index));
  } else if (const auto* text = node.as_string()) {
    value.kind = ValueKind::string;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = ValueKind::integer;
    value.integer = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    value.kind = ValueKind::number;
    value.number = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = ValueKind::boolean;
    value.boolean = boolean->get();
  } else {
    value.kind = ValueKind::date;
    value.text = date_text(node);
  }
  return value;
}

// The first line whose text breaks an assertion of the TOML library, by bisection: the library
// reads from front to back, so every longer piece of the text breaks it too.
int line_of_assertion(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || i + 1 == text.size()) ends.push_back(i + 1);
  }
  const auto breaks = [&](std::size_t end) {
    try {
      static_cast<void>(toml::parse(text.substr(0, end)));
    } catch (const TomlAssertion&) {
      return true;
    } catch (const toml::parse_error&) {
    }
    return false;
  };
  const auto first =
      std::partition_point(ends.begin(), ends.end(), [&](std::size_t end) { return !breaks(end); });
  return static_cast<int>(first - ends.begin()) + 1;
}

// The value of an override: TOML where it is one value of it, else the text itself.
SceneValue override_value(const std::string& text, int override_index) {
  SceneValue value;
  value.kind = ValueKind::string;
  value.text = text;
  value.position.override_index = override_index;
  if (text.find_first_of("\r\n") != std::string::npos) return value;
  const std::string line = "value = " + text;
  if (!scan_text(line).problem.empty()) return value;
  try {
    const toml::table table = toml::parse(std::string_view(line));
    if (table.size() == 1) return convert(*table.get("value"), override_index);
  } catch (const TomlAssertion&) {
    // As below.
  } catch (const toml::parse_error&) {
    // `0.4 mm` and `lens` are no TOML: they are meant as strings.
  }
  return value;
}

void apply_override(SceneDocument& document, int index) {
  const std::string& text = document.overrides[static_cast<std::size_t>(index)];
  const SceneOverride change = split_override(text);
  ScenePosition position;
  position.override_index = index;

  const auto fail = [&](const std::string& what) -> InputError {
    return InputError(fmt::format("--set {}: {}", text, what));
  };
  SceneValue* value = &document.root;
  std::string path;
  for (const SceneStep& step : change.steps) {
    if (!step.is_index) {
      if (value->kind == ValueKind::none) {
        value->kind = ValueKind::table;
        value->position = position;
      }
      if (value->kind != ValueKind::table) {
        throw fail(fmt::format("{} is {}, not a table (it has no keys); leave out .{}", path,
                               kind_name(value->kind), step.key));
      }
      path += (path.empty() ? "" : ".") + step.key;
      SceneEntry* entry = value->find(step.key);
      if (entry == nullptr) {
        const auto place = std::upper_bound(
            value->entries.begin(), value->entries.end(), step.key,
            [](const std::string& key, const SceneEntry& other) { return key < other.key; });
        entry = &*value->entries.insert(
            place, {step.key, position, false, std::make_unique<SceneValue>()});
      }
      value = entry->value.get();
    } else {
      if (value->kind == ValueKind::none) {
        throw fail(
            fmt::format("{} is not in the scene, so it has no element {}", path, step.index));
      }
      if (value->kind != ValueKind::array) {
        throw fail(fmt::format("{} is {}, not an array; leave out [{}]", path,
                               kind_name(value->kind), step.index));
      }
      if (step.index >= value->items.size()) {
        throw fail(fmt::format("{} has {} element{}, counted from 0; there is no [{}]", path,
                               value->items.size(), value->items.size() == 1 ? "" : "s",
                               step.index));
      }
      path += fmt::format("[{}]", step.index);
      value = &value->items[step.index];
    }
  }
  *value = override_value(change.value, index);
  value->position = position;
}

constexpr std::uint64_t fnv_offset = 14695981039346656037ULL;
constexpr std::uint64_t fnv_prime = 1099511628211ULL;

void add_bytes(std::uint64_t& hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * fnv_prime;
}

void add_integer(std::uint64_t& hash, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) {
    hash = (hash ^ ((value >> shift) & 0xff)) * fnv_prime;
  }
}

void add_value(std::uint64_t& hash, const SceneValue& value) {
  add_integer(hash, static_cast<std::uint64_t>(value.kind));
  switch (value.kind) {
    case ValueKind::none:
      break;
    case ValueKind::boolean:
      add_integer(hash, value.boolean ? 1 : 0);
      break;
    case ValueKind::integer:
      add_integer(hash, static_cast<std::uint64_t>(value.integer));
      break;
    case ValueKind::number:
      add_integer(hash, std::bit_cast<std::uint64_t>(value.number));
      break;
    case ValueKind::string:
    case ValueKind::date:
      add_integer(hash, value.text.size());
      add_bytes(hash, value.text);
      break;
    case ValueKind::array:
      add_integer(hash, value.items.size());
      for (const SceneValue& item : value.items) add_value(hash, item);
      break;
    case ValueKind::table:
      add_integer(hash, value.entries.size());
      for (const SceneEntry& entry : value.entries) {
        add_integer(hash, entry.key.size());
        add_bytes(hash, entry.key);
        add_value(hash, *entry.value);
      }
      break;
  }
}

}  // namespace

SceneEntry* SceneValue::find(std::string_view key) {
  const auto place =
      std::lower_bound(entries.begin(), entries.end(), key,
                       [](const SceneEntry& entry, std::string_view k) { return entry.key < k; });
  return place != entries.end() && place->key == key ? &*place : nullptr;
}

std::string SceneDocument::where(const ScenePosition& position) const {
  if (position.override_index >= 0) {
    return "--set " + overrides[static_cast<std::size_t>(position.override_index)];
  }
  // The root table, and what has no place of its own, stands at the file's beginning.
  return fmt::format("{}:{}:{}", name, std::max(1, position.line), std::max(1, position.column));
}

std::shared_ptr<SceneDocument> parse_document(std::string_view text, const std::string& name,
                                              const std::vector<std::string>& overrides) {
  auto document = std::make_shared<SceneDocument>();
  document->name = name;
  document->text = std::string(text);
  document->overrides = overrides;
  document->empty_table.kind = ValueKind::table;

  const TextScan scan = scan_text(text);
  if (!scan.problem.empty()) {
    throw InputError(fmt::format("{}:{}:{}: {}", name, scan.line, scan.column, scan.problem));
  }
  try {
    const toml::table table = toml::parse(text);
    document->root = convert(table, -1);
  } catch (const TomlAssertion&) {
    throw InputError(fmt::format(
        "{}:{}:1: this is not valid TOML; look for a stray bracket, quote or dot in this line",
        name, line_of_assertion(text)));
  } catch (const toml::parse_error& error) {
    ScenePosition position = position_of(error.source(), -1);
    throw InputError(
        fmt::format("{}: this is not valid TOML ({}); correct the line or what "
                    "comes just before it",
                    document->where(position), error.description()));
  }
  document->root.position = {1, 1, -1};
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    apply_override(*document, static_cast<int>(i));
  }
  return document;
}

std::string show_value(const SceneValue& value) {
  constexpr std::size_t longest = 60;
  switch (value.kind) {
    case ValueKind::none:
      return "nothing";
    case ValueKind::boolean:
      return value.boolean ? "true" : "false";
    case ValueKind::integer:
      return std::to_string(value.integer);
    case ValueKind::number:
      return format_number(value.number);
    case ValueKind::array:
      return fmt::format("[{} element{}]", value.items.size(), value.items.size() == 1 ? "" : "s");
    case ValueKind::table:
      return "{table}";
    case ValueKind::date:
      return value.text;
    case ValueKind::string:
      break;
  }
  std::string shown = "\"";
  for (const char c : value.text) {
    // Cut between characters: bytes 10xxxxxx go on with the one before.
    if (shown.size() > longest && (static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      shown += "...";
      break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      shown += fmt::format("\\u{:04x}", byte);
    } else {
      if (c == '"' || c == '\\') shown += '\\';
      shown += c;
    }
  }
  return shown + "\"";
}

const char* kind_name(ValueKind kind) {
  switch (kind) {
    case ValueKind::none:
      return "missing";
    case ValueKind::boolean:
      return "a boolean";
    case ValueKind::integer:
      return "an integer";
    case ValueKind::number:
      return "a number";
    case ValueKind::string:
      return "a string";
    case ValueKind::date:
      return "a date or time";
    case ValueKind::array:
      return "an array";
    case ValueKind::table:
      return "a table";
  }
  return "a value";
}

std::uint64_t hash_of(const SceneValue& value) {
  std::uint64_t hash = fnv_offset;
  add_value(hash, value);
  return hash;
}

}  // namespace wavesmith
