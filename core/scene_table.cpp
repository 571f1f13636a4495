#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/scene.hpp"
#include "core/scene_document.hpp"
#include "core/suggest.hpp"

namespace wavesmith {

namespace {

std::string describe(const Range& range, Dimension dimension) {
  const bool has_low = std::isfinite(range.low), has_high = std::isfinite(range.high);
  const std::string low = format_quantity(range.low, dimension, 6);
  const std::string high = format_quantity(range.high, dimension, 6);
  if (has_low && has_high) {
    return fmt::format("between {}{} and {}{}", low, range.low_open ? " (excluded)" : "", high,
                       range.high_open ? " (excluded)" : "");
  }
  if (has_low) return fmt::format("{} {}", range.low_open ? "above" : "at least", low);
  if (has_high) return fmt::format("{} {}", range.high_open ? "below" : "at most", high);
  return "finite";
}

// Limits that only come from the width of the type are left out unless `value` breaks them.
std::string describe(const IntegerRange& range, std::int64_t value) {
  const bool has_low = range.low > std::numeric_limits<int>::min() || value < range.low;
  const bool has_high = range.high < std::numeric_limits<int>::max() || value > range.high;
  if (has_low && !has_high) return fmt::format("at least {}", range.low);
  if (has_high && !has_low) return fmt::format("at most {}", range.high);
  return fmt::format("between {} and {}", range.low, range.high);
}

std::string describe(const Count& count) {
  const auto elements = [](std::size_t n) {
    return fmt::format("{} element{}", n, n == 1 ? "" : "s");
  };
  if (count.low == count.high) return elements(count.low);
  if (count.high == std::numeric_limits<std::size_t>::max()) {
    return "at least " + elements(count.low);
  }
  return fmt::format("{} to {}", count.low, elements(count.high));
}

const char* article_and_name(Dimension dimension) {
  switch (dimension) {
    case Dimension::dimensionless:
      return "a number";
    case Dimension::length:
      return "a length";
    case Dimension::inverse_length:
      return "an inverse length";
    case Dimension::time:
      return "a time";
    case Dimension::frequency:
      return "a frequency";
    case Dimension::angle:
      return "an angle";
    case Dimension::speed:
      return "a speed";
    case Dimension::density:
      return "a density";
    case Dimension::power:
      return "a power";
    case Dimension::energy:
      return "an energy";
    case Dimension::level:
      return "a level";
    case Dimension::attenuation:
      return "a loss along a path";
    case Dimension::dispersion:
      return "a dispersion";
    case Dimension::force:
      return "a force";
    case Dimension::pressure:
      return "a pressure";
    case Dimension::stiffness:
      return "a stiffness";
    case Dimension::mass:
      return "a mass";
    case Dimension::damping:
      return "a damping constant";
  }
  return "a quantity";
}

// How a key of this dimension is written in a scene.
std::string example(Dimension dimension) {
  const char* text = example_quantity(dimension);
  return dimension == Dimension::dimensionless ? text : fmt::format("\"{}\"", text);
}

InputError value_error(const SceneDocument& document, const SceneValue& value,
                       const std::string& path, const std::string& problem) {
  return InputError(fmt::format("{}: {} = {} {}", document.where(value.position), path,
                                show_value(value), problem));
}

double read_real(const SceneDocument& document, const SceneValue& value, const std::string& path,
                 Dimension dimension, const Range& range) {
  double result = 0.0;
  switch (value.kind) {
    case ValueKind::integer:
      result = static_cast<double>(value.integer);
      break;
    case ValueKind::number:
      result = value.number;
      break;
    case ValueKind::string: {
      const Quantity quantity = read_quantity(value.text, dimension);
      if (!quantity.ok()) throw value_error(document, value, path, quantity.problem);
      result = quantity.value;
      break;
    }
    default:
      throw value_error(
          document, value, path,
          fmt::format("is {} where {} is expected; write {} = {}", kind_name(value.kind),
                      article_and_name(dimension), path, example(dimension)));
  }
  if (!std::isfinite(result)) {
    throw value_error(document, value, path, "is not finite; write a finite number");
  }
  if (!range.contains(result)) {
    throw value_error(document, value, path,
                      fmt::format("is out of range; it must be {}", describe(range, dimension)));
  }
  return result;
}

std::int64_t read_integer(const SceneDocument& document, const SceneValue& value,
                          const std::string& path, const IntegerRange& range) {
  if (value.kind == ValueKind::number && std::isfinite(value.number)) {
    throw value_error(document, value, path,
                      "is not written as an integer (a whole number without point or exponent "
                      "is expected)" +
                          (value.number == std::round(value.number) && std::abs(value.number) < 1e15
                               ? fmt::format("; write {:.0f}", value.number)
                               : std::string("; round it")));
  }
  if (value.kind != ValueKind::integer) {
    throw value_error(
        document, value, path,
        fmt::format("is {} where an integer is expected; write a whole number",
                    value.kind == ValueKind::number ? "not finite" : kind_name(value.kind)));
  }
  if (value.integer < range.low || value.integer > range.high) {
    throw value_error(
        document, value, path,
        fmt::format("is out of range; it must be {}", describe(range, value.integer)));
  }
  return value.integer;
}

IntegerRange within_int(IntegerRange range) {
  return {std::max<std::int64_t>(range.low, std::numeric_limits<int>::min()),
          std::min<std::int64_t>(range.high, std::numeric_limits<int>::max())};
}

const std::string& read_string(const SceneDocument& document, const SceneValue& value,
                               const std::string& path) {
  if (value.kind != ValueKind::string) {
    throw value_error(
        document, value, path,
        fmt::format("is {} where a string is expected; put it in quotes", kind_name(value.kind)));
  }
  return value.text;
}

// Reads each element of an array, or a lone value as an array of one.
template <class Read>
auto read_each(const SceneDocument& document, const SceneValue& value, const std::string& path,
               const Count& count, const Read& read) {
  using Element = std::decay_t<decltype(read(value, path))>;
  std::vector<Element> result;
  const std::size_t size = value.kind == ValueKind::array ? value.items.size() : 1;
  if (size < count.low || size > count.high) {
    throw value_error(document, value, path,
                      fmt::format("has {} element{}; it must have {}", size, size == 1 ? "" : "s",
                                  describe(count)));
  }
  result.reserve(size);
  if (value.kind != ValueKind::array) {
    result.push_back(read(value, path));
    return result;
  }
  for (std::size_t i = 0; i < size; ++i) {
    result.push_back(read(value.items[i], fmt::format("{}[{}]", path, i)));
  }
  return result;
}

// Marks a value and all below it as used.
void accept_all(SceneValue& value) {
  for (SceneEntry& entry : value.entries) {
    entry.used = true;
    accept_all(*entry.value);
  }
  for (SceneValue& item : value.items) accept_all(item);
}

}  // namespace

SceneTable::SceneTable(std::shared_ptr<SceneDocument> document, SceneValue* table, std::string path)
    : document_(std::move(document)), table_(table), path_(std::move(path)) {}

SceneValue* SceneTable::use(std::string_view key) const {
  table_->asked.emplace(key);
  SceneEntry* entry = table_->find(key);
  if (entry == nullptr) return nullptr;
  entry->used = true;
  return entry->value.get();
}

SceneValue& SceneTable::require(std::string_view key, const std::string& what) const {
  SceneValue* value = use(key);
  if (value != nullptr) return *value;
  // A misspelt key is the likely cause, and the helpful thing to name.
  std::vector<std::string> unused;
  for (const SceneEntry& entry : table_->entries) {
    if (!entry.used) unused.push_back(entry.key);
  }
  const std::string near = closest_name(key, unused);
  throw InputError(fmt::format("{}: {} is missing ({} is needed); {}", where(), path(key), what,
                               near.empty()
                                   ? fmt::format("add it{}", path_.empty() ? "" : " to " + path_)
                                   : fmt::format("did you mean it by {}, at {}?", path(near),
                                                 document_->where(table_->find(near)->position))));
}

double SceneTable::quantity(std::string_view key, Dimension dimension, Range range) const {
  const SceneValue& value =
      require(key, fmt::format("{}, as in {}", article_and_name(dimension), example(dimension)));
  return read_real(*document_, value, path(key), dimension, range);
}

double SceneTable::quantity(std::string_view key, Dimension dimension, double fallback,
                            Range range) const {
  const SceneValue* value = use(key);
  return value == nullptr ? fallback : read_real(*document_, *value, path(key), dimension, range);
}

double SceneTable::number(std::string_view key, Range range) const {
  return quantity(key, Dimension::dimensionless, range);
}
double SceneTable::number(std::string_view key, double fallback, Range range) const {
  return quantity(key, Dimension::dimensionless, fallback, range);
}
double SceneTable::length(std::string_view key, Range range) const {
  return quantity(key, Dimension::length, range);
}
double SceneTable::length(std::string_view key, double fallback, Range range) const {
  return quantity(key, Dimension::length, fallback, range);
}
double SceneTable::angle(std::string_view key, Range range) const {
  return quantity(key, Dimension::angle, range);
}
double SceneTable::angle(std::string_view key, double fallback, Range range) const {
  return quantity(key, Dimension::angle, fallback, range);
}
double SceneTable::frequency(std::string_view key, Range range) const {
  return quantity(key, Dimension::frequency, range);
}
double SceneTable::frequency(std::string_view key, double fallback, Range range) const {
  return quantity(key, Dimension::frequency, fallback, range);
}

std::int64_t SceneTable::large_integer(std::string_view key, IntegerRange range) const {
  return read_integer(*document_, require(key, "an integer"), path(key), range);
}

std::int64_t SceneTable::large_integer(std::string_view key, std::int64_t fallback,
                                       IntegerRange range) const {
  const SceneValue* value = use(key);
  return value == nullptr ? fallback : read_integer(*document_, *value, path(key), range);
}

int SceneTable::integer(std::string_view key, IntegerRange range) const {
  return static_cast<int>(large_integer(key, within_int(range)));
}

int SceneTable::integer(std::string_view key, int fallback, IntegerRange range) const {
  return static_cast<int>(large_integer(key, std::int64_t{fallback}, within_int(range)));
}

bool SceneTable::boolean(std::string_view key) const {
  const SceneValue& value = require(key, "true or false");
  if (value.kind != ValueKind::boolean) {
    throw value_error(*document_, value, path(key),
                      fmt::format("is {} where a boolean is expected; write true or false",
                                  kind_name(value.kind)));
  }
  return value.boolean;
}

bool SceneTable::boolean(std::string_view key, bool fallback) const {
  return use(key) == nullptr ? fallback : boolean(key);
}

std::string SceneTable::string(std::string_view key) const {
  return read_string(*document_, require(key, "a string"), path(key));
}

std::string SceneTable::string(std::string_view key, std::string_view fallback) const {
  return use(key) == nullptr ? std::string(fallback) : string(key);
}

std::string SceneTable::choice(std::string_view key, const std::vector<std::string>& names) const {
  const SceneValue& value = require(key, fmt::format("one of {}", join_names(names)));
  const std::string& name = read_string(*document_, value, path(key));
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const std::string near = closest_name(name, names);
    throw value_error(*document_, value, path(key),
                      fmt::format("is unknown; {}it must be one of {}",
                                  near.empty() ? "" : "did you mean \"" + near + "\"? If not, ",
                                  join_names(names)));
  }
  return name;
}

std::string SceneTable::choice(std::string_view key, const std::vector<std::string>& names,
                               std::string_view fallback) const {
  return use(key) == nullptr ? std::string(fallback) : choice(key, names);
}

std::vector<double> SceneTable::quantities(std::string_view key, Dimension dimension, Range range,
                                           Count count) const {
  const SceneValue& value =
      require(key, fmt::format("an array, each element {} as in {}", article_and_name(dimension),
                               example(dimension)));
  return read_each(*document_, value, path(key), count,
                   [&](const SceneValue& item, const std::string& item_path) {
                     return read_real(*document_, item, item_path, dimension, range);
                   });
}

std::vector<double> SceneTable::numbers(std::string_view key, Range range, Count count) const {
  return quantities(key, Dimension::dimensionless, range, count);
}
std::vector<double> SceneTable::lengths(std::string_view key, Range range, Count count) const {
  return quantities(key, Dimension::length, range, count);
}

std::vector<int> SceneTable::integers(std::string_view key, IntegerRange range, Count count) const {
  const SceneValue& value = require(key, "an array of integers");
  const IntegerRange narrow = within_int(range);
  return read_each(*document_, value, path(key), count,
                   [&](const SceneValue& item, const std::string& item_path) {
                     return static_cast<int>(read_integer(*document_, item, item_path, narrow));
                   });
}

std::vector<std::string> SceneTable::strings(std::string_view key, Count count) const {
  const SceneValue& value = require(key, "an array of strings");
  return read_each(*document_, value, path(key), count,
                   [&](const SceneValue& item, const std::string& item_path) {
                     return read_string(*document_, item, item_path);
                   });
}

std::vector<double> SceneTable::optional_numbers(std::string_view key, Range range,
                                                 Count count) const {
  return use(key) == nullptr ? std::vector<double>{} : numbers(key, range, count);
}
std::vector<double> SceneTable::optional_lengths(std::string_view key, Range range,
                                                 Count count) const {
  return use(key) == nullptr ? std::vector<double>{} : lengths(key, range, count);
}
std::vector<int> SceneTable::optional_integers(std::string_view key, IntegerRange range,
                                               Count count) const {
  return use(key) == nullptr ? std::vector<int>{} : integers(key, range, count);
}
std::vector<std::string> SceneTable::optional_strings(std::string_view key, Count count) const {
  return use(key) == nullptr ? std::vector<std::string>{} : strings(key, count);
}

SceneTable SceneTable::table(std::string_view key) const {
  SceneValue& value = require(key, fmt::format("the table [{}]", path(key)));
  if (value.kind != ValueKind::table) {
    const bool has_tables = value.kind == ValueKind::array && !value.items.empty() &&
                            value.items.front().kind == ValueKind::table;
    throw value_error(
        *document_, value, path(key),
        fmt::format("is {} where a table is expected; write {}", kind_name(value.kind),
                    has_tables ? fmt::format("[{0}] for [[{0}]], once", path(key))
                               : fmt::format("[{}] and its keys below", path(key))));
  }
  return SceneTable(document_, &value, path(key));
}

SceneTable SceneTable::optional_table(std::string_view key) const {
  if (use(key) != nullptr) return table(key);
  return SceneTable(document_, &document_->empty_table, path(key));
}

std::vector<SceneTable> SceneTable::tables(std::string_view key, Count count) const {
  SceneValue* value = use(key);
  if (value == nullptr) {
    if (count.low > 0) require(key, fmt::format("a table [[{}]]", path(key)));
    return {};
  }
  const auto fail = [&](const SceneValue& item, const std::string& item_path) {
    return value_error(*document_, item, item_path,
                       fmt::format("is {} where an array of tables is expected; write [[{}]] and "
                                   "its keys below, once for each",
                                   kind_name(item.kind), path(key)));
  };
  if (value->kind != ValueKind::array) throw fail(*value, path(key));
  if (value->items.size() < count.low || value->items.size() > count.high) {
    throw value_error(
        *document_, *value, path(key),
        fmt::format("stands {} time{} in the scene; it must have {}", value->items.size(),
                    value->items.size() == 1 ? "" : "s", describe(count)));
  }
  std::vector<SceneTable> result;
  result.reserve(value->items.size());
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    const std::string item_path = fmt::format("{}[{}]", path(key), i);
    if (value->items[i].kind != ValueKind::table) throw fail(value->items[i], item_path);
    result.push_back(SceneTable(document_, &value->items[i], item_path));
  }
  return result;
}

bool SceneTable::has(std::string_view key) const {
  table_->asked.emplace(key);
  return table_->find(key) != nullptr;
}

ValueKind SceneTable::kind(std::string_view key) const {
  table_->asked.emplace(key);
  const SceneEntry* entry = table_->find(key);
  return entry == nullptr ? ValueKind::none : entry->value->kind;
}

std::vector<std::string> SceneTable::keys() const {
  std::vector<std::string> result;
  result.reserve(table_->entries.size());
  for (const SceneEntry& entry : table_->entries) result.push_back(entry.key);
  return result;
}

void SceneTable::accept(std::string_view key) const {
  if (SceneValue* value = use(key)) accept_all(*value);
}

std::string SceneTable::path() const {
  return path_;
}

std::string SceneTable::path(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::string SceneTable::where(std::string_view key) const {
  const SceneEntry* entry = table_->find(key);
  return document_->where(entry == nullptr ? table_->position : entry->value->position);
}

std::string SceneTable::where() const {
  return document_->where(table_->position);
}

InputError SceneTable::error(std::string_view key, const std::string& problem) const {
  if (const SceneEntry* entry = table_->find(key)) {
    return value_error(*document_, *entry->value, path(key), problem);
  }
  return InputError(fmt::format("{}: {} {}", where(), path(key), problem));
}

InputError SceneTable::error(const std::string& problem) const {
  return InputError(
      fmt::format("{}: {} {}", where(), path_.empty() ? "the scene" : path_, problem));
}

}  // namespace wavesmith
