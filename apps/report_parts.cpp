#include "apps/report_parts.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/atomic_file.hpp"

namespace wavesmith {

std::vector<ReportMetric> report_metrics(
    const Metrics& metrics, const std::vector<Expectation>& expectations,
    const std::function<std::string(const std::string& name)>& unit_of) {
  std::vector<ReportMetric> rows;
  for (const auto& [name, value] : metrics.all()) {
    ReportMetric metric{name, value, unit_of(name), "", std::nullopt};
    for (const Expectation& expectation : expectations) {
      if (expectation.metric != name) continue;
      metric.expectation = fmt::format("{:g} to {:g}", expectation.low, expectation.high);
      metric.met = value >= expectation.low && value <= expectation.high;
    }
    rows.push_back(std::move(metric));
  }
  return rows;
}

ReportPicture report_picture(const OutputFolder& folder, const WrittenFile& file) {
  std::ifstream picture(folder.root() / file.path, std::ios::binary);
  std::ostringstream bytes;
  bytes << picture.rdbuf();
  return {file.what, bytes.str()};
}

std::string scene_with_changes(const std::string& text, const std::vector<std::string>& overrides) {
  std::string scene = text;
  if (!overrides.empty()) scene += "\n# changed on the command line:\n";
  for (const std::string& change : overrides) scene += "#   --set " + change + "\n";
  return scene;
}

nlohmann::ordered_json result_head(const RunOptions& settings, const std::string& device,
                                   const Metrics& metrics) {
  nlohmann::ordered_json result;
  result["scene"] = settings.scene;
  result["version"] = WAVESMITH_VERSION;
  result["device"] = device;
  result["precision"] = settings.precision == Precision::f32 ? "f32" : "f64";
  result["seed"] = settings.seed;
  result["metrics"] = nlohmann::ordered_json::object();
  for (const auto& [name, value] : metrics.all()) result["metrics"][name] = value;
  return result;
}

void write_result_file(nlohmann::ordered_json result, const std::map<std::string, double>& timing,
                       OutputFolder& folder) {
  const std::filesystem::path path = folder.add("result.json", "the numbers, for other programs");
  for (const auto& [name, value] : timing) result["timing"][name] = value;
  for (const WrittenFile& file : folder.files()) result["files"].push_back(file.path);
  write_file(path, result.dump(2) + "\n");
}

}  // namespace wavesmith
