// report.html: the pictures, the curves, the numbers and the scene on one page.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "apps/history_charts.hpp"
#include "apps/outputs.hpp"
#include "core/atomic_file.hpp"
#include "core/progress.hpp"
#include "viz/report.hpp"

namespace wavesmith {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::string unit_of(const DiffractiveProblem& problem, const std::string& metric) {
  for (const MetricPart& part : problem.metrics) {
    if (!metric.ends_with(part.name)) continue;
    if (part.kind == "intensity" || part.kind == "peak_intensity") return "W/m^2";
    if (part.kind.starts_with("fwhm") || part.kind.starts_with("radius")) return "m";
  }
  return "1";
}

std::string summary_of(const FinishedRun& run) {
  const DiffractiveProblem& problem = run.problem;
  const StackDescription& description = problem.description;
  std::string done =
      fmt::format("{} layer{}, {} parameters", description.layers.size(),
                  description.layers.size() == 1 ? "" : "s", run.parameters().size());
  if (run.findings.trained)
    done += fmt::format(", trained over {} {}{} by {} in {}", run.findings.outcome.epochs_done,
                        problem.data ? "epoch" : "iteration",
                        run.findings.outcome.epochs_done == 1 ? "" : "s", problem.training->method,
                        format_duration(run.findings.outcome.seconds));
  const Metrics& metrics = run.findings.metrics;
  if (metrics.has("accuracy"))
    done += fmt::format(": {:.2f} % of {} test samples are answered rightly",
                        100.0 * metrics.at("accuracy"), run.inputs.test->count());
  else if (metrics.has("diffraction_efficiency"))
    done += fmt::format(": {:.2f} % of the light reaches the detectors",
                        100.0 * metrics.at("diffraction_efficiency"));
  return done + ".";
}

std::vector<ReportMetric> metrics_of(const FinishedRun& run) {
  std::vector<ReportMetric> metrics;
  for (const auto& [name, value] : run.findings.metrics.all()) {
    ReportMetric metric{name, value, unit_of(run.problem, name), "", std::nullopt};
    for (const Expectation& expectation : run.problem.expectations) {
      if (expectation.metric != name) continue;
      metric.expectation = fmt::format("{:g} to {:g}", expectation.low, expectation.high);
      metric.met = value >= expectation.low && value <= expectation.high;
    }
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

std::vector<ReportRow> cost_of(const FinishedRun& run) {
  const Cost& cost = run.findings.cost;
  std::vector<ReportRow> rows;
  if (run.findings.trained) {
    const double samples = static_cast<double>(run.inputs.training->count()) *
                           std::max(1, run.findings.outcome.epochs_done);
    rows = {
        {"experiments in all (runs of the light through the device; the exact method asks a model "
         "alone)",
         fmt::format("{:.6g}", cost.experiments)},
        {"experiments per sample and epoch", fmt::format("{:.4g}", cost.experiments / samples)},
        {"frames read", fmt::format("{:.6g}", cost.exposures)},
        {"detector readings", fmt::format("{:.6g}", cost.readings)},
        {"floating-point operations", fmt::format("{:.3g}", cost.operations)}};
  }
  for (const auto& [name, seconds] : run.findings.timing)
    if (name != "epochs") rows.push_back({"time: " + name, format_duration(seconds)});
  return rows;
}

}  // namespace

void write_report(const FinishedRun& run, OutputFolder& folder) {
  const std::filesystem::path path = folder.add("report.html", "this page");
  Report report;
  report.title = run.problem.title;
  report.summary = summary_of(run);
  report.metrics = metrics_of(run);
  report.cost = cost_of(run);
  for (const WrittenFile& file : folder.files()) {
    report.files.push_back({file.path, file.what});
    // The curves are drawn below.
    const bool curves = file.path == "images/history.png" || file.path == "images/accuracy.png";
    if (file.path.ends_with(".png") && !curves)
      report.pictures.push_back({file.what, bytes_of(folder.root() / file.path)});
  }
  for (auto& [stem, chart] : history_charts(run)) report.charts.push_back(std::move(chart));
  report.audit = run.findings.audit;
  report.scene = run.problem.scene_text;
  if (!run.settings.overrides.empty()) {
    report.scene += "\n# changed on the command line:\n";
    for (const std::string& change : run.settings.overrides)
      report.scene += "#   --set " + change + "\n";
  }
  report.footer =
      fmt::format("Wavesmith {}, {}, {}, seed {}", WAVESMITH_VERSION, run.findings.device,
                  run.settings.precision == Precision::f32 ? "f32" : "f64", run.settings.seed);
  write_file(path, render_report(report));
}

}  // namespace wavesmith
