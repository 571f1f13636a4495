// report.html: the pictures, the curves, the numbers and the scene on one page.
#include <fmt/format.h>

#include <algorithm>

#include "apps/history_charts.hpp"
#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/progress.hpp"
#include "viz/report.hpp"

namespace wavesmith {
namespace {

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
  report.metrics =
      report_metrics(run.findings.metrics, run.problem.expectations,
                     [&](const std::string& name) { return unit_of(run.problem, name); });
  report.cost = cost_of(run);
  for (const WrittenFile& file : folder.files()) {
    report.files.push_back({file.path, file.what});
    // The curves are drawn below.
    const bool curves = file.path == "images/history.png" || file.path == "images/accuracy.png";
    if (file.path.ends_with(".png") && !curves)
      report.pictures.push_back(report_picture(folder, file));
  }
  for (auto& [stem, chart] :
       history_charts(run.findings.outcome.history, run.problem.data.has_value()))
    report.charts.push_back(std::move(chart));
  report.audit = run.findings.audit;
  report.scene = scene_with_changes(run.problem.scene_text, run.settings.overrides);
  report.footer =
      fmt::format("Wavesmith {}, {}, {}, seed {}", WAVESMITH_VERSION, run.findings.device,
                  run.settings.precision == Precision::f32 ? "f32" : "f64", run.settings.seed);
  write_file(path, render_report(report));
}

}  // namespace wavesmith
