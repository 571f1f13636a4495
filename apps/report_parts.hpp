// What the reports and result files of all kinds of scenes have in common.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/expectations.hpp"
#include "apps/outputs.hpp"
#include "viz/report.hpp"

namespace wavesmith {

// Metrics with what was expected of them; `unit_of` gives a metric's unit.
std::vector<ReportMetric> report_metrics(
    const Metrics& metrics, const std::vector<Expectation>& expectations,
    const std::function<std::string(const std::string& name)>& unit_of);

// The picture of a run's folder, as the report holds it.
ReportPicture report_picture(const OutputFolder& folder, const WrittenFile& file);

// The scene's text, with what was changed on the command line.
std::string scene_with_changes(const std::string& text, const std::vector<std::string>& overrides);

// Scene, version, device, precision, seed and metrics: the head of result.json.
nlohmann::ordered_json result_head(const RunOptions& settings, const std::string& device,
                                   const Metrics& metrics);
// The tail: times and files, and the whole into the folder.
void write_result_file(nlohmann::ordered_json result, const std::map<std::string, double>& timing,
                       OutputFolder& folder);

}  // namespace wavesmith
