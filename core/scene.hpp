// Scenes: TOML files with physical units, read through typed getters that report every mistake
// with file, line and column.
//
//   Scene scene = Scene::load("lens.toml", {"layer[0].pitch=0.4 mm"});
//   SceneTable plane = scene.root().table("plane");
//   double pitch = plane.length("pitch", Range::above(0));          // required
//   double shift = plane.length("shift", 0.0);                      // optional, with its default
//   scene.check_all_used();
//
// A getter marks its key as used; check_all_used() then reports the keys that nobody asked for,
// which is how misspelt keys are found. A key given as a string must carry a unit of the right
// dimension; given as a plain number it is in SI units.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {

struct SceneDocument;
struct SceneValue;

// Legal values of a real number. Bounds belong to the range unless open.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;

  static Range any() { return {}; }
  static Range at_least(double low) { return {.low = low}; }
  static Range above(double low) { return {.low = low, .low_open = true}; }
  static Range at_most(double high) { return {.high = high}; }
  static Range below(double high) { return {.high = high, .high_open = true}; }
  static Range between(double low, double high) { return {.low = low, .high = high}; }

  bool contains(double value) const {
    return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
  }
};

// Legal values of an integer, bounds included.
struct IntegerRange {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();

  static IntegerRange any() { return {}; }
  static IntegerRange at_least(std::int64_t low) { return {.low = low}; }
  static IntegerRange between(std::int64_t low, std::int64_t high) { return {low, high}; }
};

// How many elements an array may have. A lone value counts as an array of one.
struct Count {
  std::size_t low = 1;
  std::size_t high = std::numeric_limits<std::size_t>::max();

  static Count exactly(std::size_t n) { return {n, n}; }
  static Count at_least(std::size_t n) { return {.low = n}; }
  static Count between(std::size_t low, std::size_t high) { return {low, high}; }
};

enum class ValueKind { none, boolean, integer, number, string, date, array, table };

// A handle on one table of a scene; copies refer to the same table and keep the scene alive.
//
// Every getter comes twice: without a fallback the key is required, with one it is optional. A
// fallback is in SI units and is not checked against the range.
class SceneTable {
 public:
  double number(std::string_view key, Range range = {}) const;
  double number(std::string_view key, double fallback, Range range = {}) const;
  double length(std::string_view key, Range range = {}) const;                         // [m]
  double length(std::string_view key, double fallback, Range range = {}) const;        // [m]
  double angle(std::string_view key, Range range = {}) const;                          // [rad]
  double angle(std::string_view key, double fallback, Range range = {}) const;         // [rad]
  double frequency(std::string_view key, Range range = {}) const;                      // [Hz]
  double frequency(std::string_view key, double fallback, Range range = {}) const;     // [Hz]
  double quantity(std::string_view key, Dimension dimension, Range range = {}) const;  // SI
  double quantity(std::string_view key, Dimension dimension, double fallback,
                  Range range = {}) const;  // SI

  int integer(std::string_view key, IntegerRange range = {}) const;
  int integer(std::string_view key, int fallback, IntegerRange range = {}) const;
  std::int64_t large_integer(std::string_view key, IntegerRange range = {}) const;
  std::int64_t large_integer(std::string_view key, std::int64_t fallback,
                             IntegerRange range = {}) const;

  bool boolean(std::string_view key) const;
  bool boolean(std::string_view key, bool fallback) const;
  std::string string(std::string_view key) const;
  std::string string(std::string_view key, std::string_view fallback) const;
  // One of `names`.
  std::string choice(std::string_view key, const std::vector<std::string>& names) const;
  std::string choice(std::string_view key, const std::vector<std::string>& names,
                     std::string_view fallback) const;

  // Arrays. The range holds for every element. The optional variants give an empty vector where
  // the key is missing.
  std::vector<double> numbers(std::string_view key, Range range = {}, Count count = {}) const;
  std::vector<double> lengths(std::string_view key, Range range = {}, Count count = {}) const;
  std::vector<double> quantities(std::string_view key, Dimension dimension, Range range = {},
                                 Count count = {}) const;
  std::vector<int> integers(std::string_view key, IntegerRange range = {}, Count count = {}) const;
  std::vector<std::string> strings(std::string_view key, Count count = {}) const;
  std::vector<double> optional_numbers(std::string_view key, Range range = {},
                                       Count count = {}) const;
  std::vector<double> optional_lengths(std::string_view key, Range range = {},
                                       Count count = {}) const;
  std::vector<int> optional_integers(std::string_view key, IntegerRange range = {},
                                     Count count = {}) const;
  std::vector<std::string> optional_strings(std::string_view key, Count count = {}) const;

  // [key]: required; or, optional, an empty table where the key is missing, so that its getters
  // give their defaults.
  SceneTable table(std::string_view key) const;
  SceneTable optional_table(std::string_view key) const;
  // [[key]]: an empty vector where the key is missing and count.low is 0.
  std::vector<SceneTable> tables(std::string_view key, Count count = {.low = 0}) const;

  // Is the key there? Does not count as using it.
  bool has(std::string_view key) const;
  ValueKind kind(std::string_view key) const;  // none where the key is missing
  std::vector<std::string> keys() const;       // sorted; for tables with free keys
  void accept(std::string_view key) const;     // marks the key and all below it as used

  std::string path() const;                      // "layer[2]"; "" for the root
  std::string path(std::string_view key) const;  // "layer[2].pitch"
  // "file.toml:12:9": of the key's value, or of the table where the key is missing.
  std::string where(std::string_view key) const;
  std::string where() const;
  // `file.toml:12:9: layer[2].pitch = "0.4 m" <problem>`, to be thrown. `problem` goes on with the
  // sentence: `is wider than the plane (0.08 m); did you mean "0.4 mm"?`.
  InputError error(std::string_view key, const std::string& problem) const;
  // `file.toml:10:1: layer[2] <problem>`.
  InputError error(const std::string& problem) const;

 private:
  friend class Scene;
  SceneTable(std::shared_ptr<SceneDocument> document, SceneValue* table, std::string path);

  // The value of a key, marked as used, or null where it is missing.
  SceneValue* use(std::string_view key) const;
  SceneValue& require(std::string_view key, const std::string& what) const;

  std::shared_ptr<SceneDocument> document_;
  SceneValue* table_;
  std::string path_;
};

class Scene {
 public:
  // `overrides` are "path=value" with paths such as plane.pitch and layer[2].kind, counted from 0.
  // A value is TOML, or a string where it is not. Throws UnavailableError when the file cannot be
  // read, InputError when it or an override is wrong.
  static Scene load(const std::string& path, const std::vector<std::string>& overrides = {});
  static Scene parse(std::string_view text, const std::string& name,
                     const std::vector<std::string>& overrides = {});

  SceneTable root() const;

  // Throws one InputError that lists every key nobody asked for.
  void check_all_used() const;

  const std::string& text() const;  // of the file, without the overrides
  const std::string& name() const;  // the path as given to load, or the name given to parse
  std::string stem() const;         // "lens" for "scenes/lens.toml"
  // The same for two scenes with the same content after their overrides, whatever their comments,
  // order and layout; stable across machines and versions of this program.
  std::uint64_t hash() const;

 private:
  explicit Scene(std::shared_ptr<SceneDocument> document);
  std::shared_ptr<SceneDocument> document_;
};

}  // namespace wavesmith
