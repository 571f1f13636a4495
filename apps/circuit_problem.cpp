#include "apps/circuit_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "apps/metric_tables.hpp"
#include "apps/scene_place.hpp"
#include "apps/scene_solver.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/units.hpp"
#include "physics/circuit_components.hpp"
#include "physics/names.hpp"

namespace wavesmith {
namespace {

constexpr int most_frequencies = 1'000'000;
constexpr double most_bytes = 4e9;  // of all scattering parameters

ComponentSettings read_settings(const SceneTable& table, const ComponentKind& kind,
                                const std::string& folder) {
  ComponentSettings settings;
  settings.name = table.string("name");
  settings.folder = folder;
  for (const ComponentKey& key : kind.keys) {
    if (!table.has(key.name)) continue;
    if (!key.is_text) {
      settings.numbers[key.name] = table.quantity(key.name, key.dimension, key.range);
    } else if (table.kind(key.name) == ValueKind::array) {
      std::string& all = settings.texts[key.name];
      for (const std::string& word : table.strings(key.name))
        all += (all.empty() ? "" : ",") + word;
    } else {
      settings.texts[key.name] = table.string(key.name);
    }
  }
  return settings;
}

void read_components(const SceneTable& root, const std::string& folder, CircuitProblem& problem) {
  std::vector<std::string> kinds;
  for (const ComponentKind* kind : list_circuit_components()) kinds.push_back(kind->name);
  for (const SceneTable& table : root.tables("component", Count::at_least(1))) {
    const ComponentKind& kind = find_circuit_component(table.choice("kind", kinds));
    const ComponentSettings settings = read_settings(table, kind, folder);
    const char* const key = settings.has("file") ? "file" : "name";
    at_place(table, key, [&] {
      problem.circuit.add(settings.name, make_circuit_component(kind.name, settings));
    });
  }
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

void read_connections(const SceneTable& root, CircuitProblem& problem) {
  for (const std::string& text : root.optional_strings("connections", {.low = 0})) {
    const std::size_t line = text.find("--");
    if (line == std::string::npos || text.find("--", line + 2) != std::string::npos)
      throw root.error("connections", "has \"" + text +
                                          "\", which is no connection; write each as \"one.port -- "
                                          "other.port\"");
    at_place(root, "connections", [&] {
      problem.circuit.join(trimmed(text.substr(0, line)), trimmed(text.substr(line + 2)));
    });
  }
}

void read_ports(const SceneTable& root, CircuitProblem& problem) {
  for (const SceneTable& table : root.tables("port", Count::at_least(1))) {
    const std::string name = table.string("name"), at = table.string("at");
    at_place(table, "at", [&] { problem.circuit.expose(name, at); });
  }
}

// [frequencies] or [wavelengths]: `range` and `count`, or a `list`.
void read_band(const SceneTable& root, CircuitProblem& problem) {
  problem.by_wavelength = root.has("wavelengths");
  if (problem.by_wavelength && root.has("frequencies"))
    throw root.error("frequencies", "stands beside wavelengths; give one of the two");
  const SceneTable table = root.table(problem.by_wavelength ? "wavelengths" : "frequencies");
  const Dimension dimension = problem.by_wavelength ? Dimension::length : Dimension::frequency;
  std::vector<double> values;
  if (table.has("list")) {
    values = table.quantities("list", dimension, Range::above(0));
  } else {
    const std::vector<double> ends =
        table.quantities("range", dimension, Range::above(0), Count::exactly(2));
    if (!(ends[0] < ends[1])) throw table.error("range", "is not [lowest, highest]");
    const int count = table.integer("count", 1001, IntegerRange::between(2, most_frequencies));
    for (int i = 0; i < count; ++i)
      values.push_back(ends[0] + (ends[1] - ends[0]) * i / (count - 1));
  }
  if (problem.by_wavelength)
    for (double& value : values) value = speed_of_light / value;
  std::ranges::sort(values);
  if (std::ranges::adjacent_find(values) != values.end())
    throw table.error(table.has("list") ? "list" : "range", "has a value twice");
  problem.frequencies = std::move(values);
  const double ports = static_cast<double>(problem.circuit.external_names().size());
  if (16.0 * ports * ports * static_cast<double>(problem.frequencies.size()) > most_bytes)
    throw table.error("count", "asks for more scattering parameters than fit; lower it");
  at_place(table, "range", [&] { problem.circuit.validate(problem.frequencies); });
}

constexpr std::array<NamedValue<CircuitNumber>, 10> numbers{{
    {"transmission", CircuitNumber::transmission},
    {"decibels", CircuitNumber::decibels},
    {"phase", CircuitNumber::phase},
    {"delay", CircuitNumber::delay},
    {"extinction", CircuitNumber::extinction},
    {"frequency", CircuitNumber::frequency_of},
    {"free_spectral_range", CircuitNumber::free_spectral_range},
    {"quality", CircuitNumber::quality},
    {"bandwidth", CircuitNumber::bandwidth},
    {"loss", CircuitNumber::loss},
}};

double read_place(const SceneTable& table, const CircuitProblem& problem) {
  const double low = problem.frequencies.front(), high = problem.frequencies.back();
  if (table.has("wavelength") && table.has("frequency"))
    throw table.error("wavelength", "stands beside a frequency; give one of the two");
  const char* const key = table.has("wavelength") ? "wavelength" : "frequency";
  const double frequency = table.has("wavelength")
                               ? speed_of_light / table.length("wavelength", Range::above(0))
                               : table.frequency("frequency", Range::above(0));
  // Wavelengths round on their way to frequencies.
  if (frequency < low * (1 - 1e-9) || frequency > high * (1 + 1e-9))
    throw table.error(key, fmt::format("lies out of the band that is solved, {} to {}",
                                       format_quantity(low, Dimension::frequency, 7),
                                       format_quantity(high, Dimension::frequency, 7)));
  return std::clamp(frequency, low, high);
}

CircuitMetricPart read_metric(const SceneTable& table, const CircuitProblem& problem) {
  const std::vector<std::string>& ports = problem.circuit.external_names();
  const auto port = [&](const char* key) {
    const auto found = std::ranges::find(ports, table.choice(key, ports));
    return static_cast<std::size_t>(found - ports.begin());
  };
  std::vector<std::string> kinds;
  for (const auto& known : numbers) kinds.emplace_back(known.name);
  CircuitMetricPart part;
  part.place = table.where() + ": " + table.path();
  part.number =
      value_from_name<CircuitNumber>(numbers, table.choice("kind", kinds), "number of a circuit");
  part.from = port("from");
  if (part.number != CircuitNumber::loss) part.to = port("to");
  if (part.number != CircuitNumber::extinction) part.frequency = read_place(table, problem);
  if (part.number == CircuitNumber::frequency_of || part.number == CircuitNumber::quality ||
      part.number == CircuitNumber::free_spectral_range)
    part.peak = table.choice("of", {"peak", "dip"}) == "peak";
  if (part.number == CircuitNumber::bandwidth)
    part.level = table.quantity("level", Dimension::level, 3.0, Range::above(0));
  return part;
}

}  // namespace

CircuitProblem read_circuit_problem(const Scene& scene) {
  const SceneTable root = scene.root();
  solver_of(scene);  // marks the key as used
  CircuitProblem problem;
  problem.stem = scene.stem();
  problem.title = root.string("title", problem.stem);
  problem.scene_text = scene.text();
  read_components(root, std::filesystem::path(scene.name()).parent_path().string(), problem);
  read_connections(root, problem);
  read_ports(root, problem);
  read_band(root, problem);
  problem.metrics = read_metric_tables<CircuitMetricPart>(
      root, [&](const SceneTable& table) { return read_metric(table, problem); });
  const SceneTable output = root.optional_table("output");
  problem.pictures = output.boolean("pictures", true);
  problem.report = output.boolean("report", true);
  problem.waves = output.boolean("waves", false);
  problem.expectations = read_expectations(root.optional_table("expect"));
  for (const Expectation& expectation : problem.expectations)
    if (std::ranges::none_of(problem.metrics, [&](const CircuitMetricPart& m) {
          return m.name == expectation.metric;
        }))
      throw root.table("expect").error(expectation.metric, "is of no [[metric]] of this scene");
  scene.check_all_used();
  const std::vector<std::string> open = problem.circuit.open_ports();
  if (!open.empty())
    problem.notes.push_back("matched, as neither joined nor named: " + join_names(open));
  return problem;
}

}  // namespace wavesmith
