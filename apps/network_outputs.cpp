// Everything that a finished run of a network writes; result.json comes last.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/class_answers.hpp"
#include "apps/history_charts.hpp"
#include "apps/network_run.hpp"
#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/csv_table.hpp"
#include "core/progress.hpp"
#include "viz/report.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/network_files.hpp"
#include "viz/network_pictures.hpp"
#include "viz/pictures.hpp"
#endif

namespace wavesmith {
namespace {

std::string unit_of(const std::string& metric) {
  return metric.ends_with("_angle") ? "degrees" : "1";
}

std::vector<ReportRow> cost_rows(const NetworkInputs& inputs, const NetworkFindings& findings) {
  std::vector<ReportRow> rows;
  if (findings.outcome.epochs_done > 0) {
    const Cost& cost = findings.cost;
    const double samples =
        static_cast<double>(inputs.training->count()) * findings.outcome.epochs_done;
    rows = {{"experiments in all (the exact method asks a model alone)",
             fmt::format("{:.6g}", cost.experiments)},
            {"experiments per sample and epoch", fmt::format("{:.4g}", cost.experiments / samples)},
            {"exposures", fmt::format("{:.6g}", cost.exposures)},
            {"detector readings", fmt::format("{:.6g}", cost.readings)},
            {"floating-point operations", fmt::format("{:.3g}", cost.operations)}};
  }
  for (const auto& [name, seconds] : findings.timing)
    if (name != "epochs") rows.push_back({"time: " + name, format_duration(seconds)});
  return rows;
}

void write_network_report(const NetworkProblem& problem, const NetworkInputs& inputs,
                          const RunOptions& settings, const NetworkFindings& findings,
                          OutputFolder& folder) {
  const std::filesystem::path path = folder.add("report.html", "this page");
  Report report;
  report.title = problem.title;
  report.summary = fmt::format("{} parameters", findings.parameters.size());
  if (findings.outcome.epochs_done > 0)
    report.summary +=
        fmt::format(", trained over {} epochs by {} in {}", findings.outcome.epochs_done,
                    problem.training.method, format_duration(findings.outcome.seconds));
  report.summary += fmt::format(": {:.2f} % of {} test samples are answered rightly.",
                                100.0 * findings.metrics.at("accuracy"), inputs.test->count());
  report.metrics = report_metrics(findings.metrics, problem.expectations, unit_of);
  report.cost = cost_rows(inputs, findings);
  for (const WrittenFile& file : folder.files()) {
    report.files.push_back({file.path, file.what});
    // The curves are drawn below.
    const bool curves = file.path == "images/history.png" || file.path == "images/accuracy.png";
    if (file.path.ends_with(".png") && !curves)
      report.pictures.push_back(report_picture(folder, file));
  }
  for (auto& [stem, chart] : history_charts(findings.outcome.history, true))
    report.charts.push_back(std::move(chart));
  report.audit = problem.network->summary();
  report.scene = scene_with_changes(problem.scene_text, settings.overrides);
  report.footer = fmt::format("Wavesmith {}, {}, {}, seed {}", WAVESMITH_VERSION, findings.device,
                              settings.precision == Precision::f32 ? "f32" : "f64", settings.seed);
  write_file(path, render_report(report));
}

#ifdef WAVESMITH_HAS_VTK
void write_network_pictures(const NetworkProblem& problem, const NetworkInputs& inputs,
                            const NetworkFindings& findings, OutputFolder& folder) {
  for (const auto& [stem, chart] : history_charts(findings.outcome.history, true))
    write_curves_png(chart, folder.add("images/" + stem + ".png", chart.title));
  const Answers answers = answers_of(problem.loss, *inputs.test, findings.test_readings);
  if (answers.classes >= 2 && answers.classes <= 40)
    write_confusion(answers, folder.add("images/confusion.png",
                                        "Answers to the test set: true class against answer"));
}

// Colours by the first array of one component each, nodes moved by the first of three.
void write_network_figure(const NetworkProblem& problem, const NetworkFindings& findings,
                          OutputFolder& folder) {
  const std::optional<NetworkFigure> figure = problem.network->figure(findings.parameters);
  if (!figure) return;
  if (problem.fields)
    write_network_vtp(*figure, folder.add("fields/network.vtp", figure->title + ", for ParaView"));
  if (!problem.pictures) return;
  const auto first = [](const std::vector<FrameArray>& arrays, int components) {
    for (const FrameArray& array : arrays)
      if (array.components == components) return array.name;
    return std::string();
  };
  write_network_png(*figure,
                    {first(figure->node_arrays, 1), first(figure->bond_arrays, 1),
                     first(figure->node_arrays, 3), 0.0},
                    folder.add("images/network.png", figure->title));
}
#endif

}  // namespace

std::vector<std::string> write_network_outputs(const NetworkProblem& problem,
                                               const NetworkInputs& inputs,
                                               const RunOptions& settings,
                                               const NetworkFindings& findings,
                                               const std::filesystem::path& out) {
  OutputFolder folder(out);
  std::vector<std::string> left_out;
  if (findings.outcome.epochs_done > 0) folder.add("history.csv", "one row an epoch");
  CsvTable table;
  table.columns = {"parameter"};
  for (const double parameter : findings.parameters) table.rows.push_back({parameter});
  write_csv_table(table, folder.add("design/parameters.csv",
                                    "the parameters; training.start_file takes them in again"));
#ifdef WAVESMITH_HAS_VTK
  write_network_figure(problem, findings, folder);
  if (problem.pictures) write_network_pictures(problem, inputs, findings, folder);
#else
  if (problem.fields || problem.pictures)
    left_out.push_back("no fields and pictures: this program was built without VTK");
#endif
  if (problem.report) write_network_report(problem, inputs, settings, findings, folder);
  nlohmann::ordered_json result = result_head(settings, findings.device, findings.metrics);
  result["cost"] = {{"experiments", findings.cost.experiments},
                    {"exposures", findings.cost.exposures},
                    {"readings", findings.cost.readings},
                    {"operations", findings.cost.operations}};
  write_result_file(std::move(result), findings.timing, folder);
  return left_out;
}

}  // namespace wavesmith
