// Scenes from arbitrary bytes: every input is read or refused with an InputError. The input is the
// scene's text, with overrides on the lines behind a line "--set".
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/scene.hpp"

namespace {

using wavesmith::SceneTable;

constexpr std::string_view keys[] = {"pitch", "size", "kind", "layer", "plane", "title", "a"};

// What a getter makes of a value: the error is part of what is tested.
template <class Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const wavesmith::InputError&) {
  }
}

void read_all(const SceneTable& table, int depth) {
  for (const std::string_view key : keys) {
    attempt([&] { table.length(key, wavesmith::Range::above(0)); });
    attempt([&] { table.angle(key, 0.0); });
    attempt([&] { table.number(key, 1.0, wavesmith::Range::between(0, 1)); });
    attempt([&] { table.integer(key, 3, wavesmith::IntegerRange::at_least(1)); });
    attempt([&] { table.large_integer(key); });
    attempt([&] { table.boolean(key, true); });
    attempt([&] { table.string(key); });
    attempt([&] { table.choice(key, {"phase", "lens"}, "lens"); });
    attempt([&] { table.lengths(key); });
    attempt([&] { table.integers(key, {}, wavesmith::Count::exactly(2)); });
    attempt([&] { table.strings(key); });
    table.kind(key);
    table.where(key);
    if (depth == 0) continue;
    attempt([&] { read_all(table.table(key), depth - 1); });
    attempt([&] {
      for (const SceneTable& item : table.tables(key)) read_all(item, depth - 1);
    });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> overrides;
  constexpr std::string_view mark = "\n--set\n";
  if (const std::size_t at = text.find(mark); at != std::string_view::npos) {
    std::string_view rest = text.substr(at + mark.size());
    text = text.substr(0, at);
    while (!rest.empty() && overrides.size() < 8) {
      const std::size_t end = rest.find('\n');
      overrides.emplace_back(rest.substr(0, end));
      rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
  }
  attempt([&] {
    const wavesmith::Scene scene = wavesmith::Scene::parse(text, "fuzz.toml", overrides);
    scene.hash();
    attempt([&] { scene.check_all_used(); });
    read_all(scene.root(), 1);
    attempt([&] { scene.check_all_used(); });
  });
  return 0;
}
