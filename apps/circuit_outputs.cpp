// Everything that a finished run of a circuit writes; result.json comes last.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/circuit_run.hpp"
#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/csv_table.hpp"
#include "core/progress.hpp"
#include "core/units.hpp"
#include "physics/scattering_table.hpp"
#include "physics/touchstone.hpp"
#include "solvers/circuit_solver.hpp"
#include "viz/chart.hpp"
#include "viz/report.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/pictures.hpp"
#endif

namespace wavesmith {
namespace {

constexpr double least_decibels = -80.0;  // drawn

std::string unit_of_metric(const CircuitProblem& problem, const std::string& name) {
  for (const CircuitMetricPart& part : problem.metrics) {
    if (part.name != name) continue;
    switch (part.number) {
      case CircuitNumber::decibels:
      case CircuitNumber::extinction:
        return "dB";
      case CircuitNumber::phase:
        return "rad";
      case CircuitNumber::delay:
        return "s";
      case CircuitNumber::frequency_of:
      case CircuitNumber::free_spectral_range:
      case CircuitNumber::bandwidth:
        return "Hz";
      default:
        return "1";
    }
  }
  return "1";
}

// The ways through the circuit that are drawn: those of the metrics, or all out of the first port.
std::vector<std::array<std::size_t, 2>> drawn_ways(const CircuitProblem& problem) {
  std::vector<std::array<std::size_t, 2>> ways;
  for (const CircuitMetricPart& part : problem.metrics) {
    const std::array<std::size_t, 2> way = {part.from, part.to};
    if (part.number != CircuitNumber::loss && std::ranges::find(ways, way) == ways.end())
      ways.push_back(way);
  }
  if (ways.empty())
    for (std::size_t to = 0; to < problem.circuit.external_names().size(); ++to)
      ways.push_back({0, to});
  constexpr std::size_t most = 8;
  if (ways.size() > most) ways.resize(most);
  return ways;
}

std::vector<Chart> charts_of(const CircuitProblem& problem, const CircuitFindings& findings) {
  const std::vector<std::string>& names = problem.circuit.external_names();
  Chart linear, decibels;
  linear.title = "transmission";
  decibels.title = "transmission_dB";
  linear.x_label = decibels.x_label = problem.by_wavelength ? "wavelength (um)" : "frequency (THz)";
  linear.y_label = "power";
  decibels.y_label = "power (dB)";
  for (const auto& [from, to] : drawn_ways(problem)) {
    Curve curve;
    curve.name = names[from] + " to " + names[to];
    for (std::size_t f = 0; f < problem.frequencies.size(); ++f) {
      curve.x.push_back(problem.by_wavelength ? 1e6 * speed_of_light / problem.frequencies[f]
                                              : 1e-12 * problem.frequencies[f]);
      curve.y.push_back(std::norm(findings.s[(f * names.size() + to) * names.size() + from]));
    }
    linear.curves.push_back(curve);
    for (double& value : curve.y) value = std::max(least_decibels, 10.0 * std::log10(value));
    decibels.curves.push_back(std::move(curve));
  }
  return {std::move(linear), std::move(decibels)};
}

// |amplitude|^2 out of every port of every component, a row a port: at the middle frequency.
void write_waves(const CircuitProblem& problem, const RunOptions& settings, OutputFolder& folder) {
  const double middle = problem.frequencies[problem.frequencies.size() / 2];
  const std::vector<Complex> waves =
      CircuitSolver(problem.circuit, {middle}, {.threads = settings.threads})
          .waves(problem.circuit.parameters());
  std::string text = fmt::format("# at {}: power and phase of what comes out of each port\nport",
                                 format_quantity(middle, Dimension::frequency, 9));
  const std::vector<std::string>& names = problem.circuit.external_names();
  for (const std::string& name : names)
    text += fmt::format(",power_from_{},phase_from_{}", name, name);
  text += "\n";
  for (std::size_t port = 0; port < problem.circuit.port_count(); ++port) {
    text += problem.circuit.port_name(port);
    for (std::size_t from = 0; from < names.size(); ++from) {
      const Complex wave = waves[port * names.size() + from];
      text += fmt::format(",{},{}", std::norm(wave), std::arg(wave));
    }
    text += "\n";
  }
  write_file(folder.add("waves.csv", "waves out of every port of every component"), text);
}

void write_circuit_report(const CircuitProblem& problem, const RunOptions& settings,
                          const CircuitFindings& findings, std::vector<Chart> charts,
                          OutputFolder& folder) {
  const std::filesystem::path path = folder.add("report.html", "this page");
  Report report;
  report.title = problem.title;
  report.summary = fmt::format("{} components at {} frequencies.", problem.circuit.parts().size(),
                               problem.frequencies.size());
  report.metrics = report_metrics(findings.metrics, problem.expectations,
                                  [&](const auto& name) { return unit_of_metric(problem, name); });
  for (const auto& [name, seconds] : findings.timing)
    report.cost.push_back({"time: " + name, format_duration(seconds)});
  for (const WrittenFile& file : folder.files()) report.files.push_back({file.path, file.what});
  report.charts = std::move(charts);
  report.audit = circuit_summary(problem);
  report.scene = scene_with_changes(problem.scene_text, settings.overrides);
  report.footer = fmt::format("Wavesmith {}, {}, f64", WAVESMITH_VERSION, findings.device);
  write_file(path, render_report(report));
}

}  // namespace

std::vector<std::string> write_circuit_outputs(const CircuitProblem& problem,
                                               const RunOptions& settings,
                                               const CircuitFindings& findings,
                                               const std::filesystem::path& out) {
  OutputFolder folder(out);
  std::vector<std::string> left_out;
  ScatteringTable table;
  table.ports = problem.circuit.external_names().size();
  table.frequencies = problem.frequencies;
  table.s = findings.s;
  table.port_names = problem.circuit.external_names();
  write_scattering_csv(table, folder.add("s_parameters.csv", "scattering parameters"));
  write_touchstone(table,
                   folder.add("s_parameters" + touchstone_ending(table.ports),
                              "scattering parameters, for other programs"),
                   {.comments = {problem.title}});
  if (problem.waves) write_waves(problem, settings, folder);
  std::vector<Chart> charts = charts_of(problem, findings);
#ifdef WAVESMITH_HAS_VTK
  if (problem.pictures)
    for (const Chart& chart : charts)
      write_curves_png(chart, folder.add("images/" + chart.title + ".png", chart.title));
#else
  if (problem.pictures) left_out.push_back("no pictures: this program was built without VTK");
#endif
  if (problem.report) write_circuit_report(problem, settings, findings, std::move(charts), folder);
  nlohmann::ordered_json result = result_head(settings, findings.device, findings.metrics);
  result["precision"] = "f64";
  result["cost"] = {{"components", problem.circuit.parts().size()},
                    {"frequencies", problem.frequencies.size()}};
  write_result_file(std::move(result), findings.timing, folder);
  return left_out;
}

}  // namespace wavesmith
