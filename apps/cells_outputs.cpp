// Everything that a finished sweep of unit cells writes; result.json comes last.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/cells_run.hpp"
#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/progress.hpp"
#include "core/units.hpp"
#include "viz/chart.hpp"
#include "viz/report.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/pictures.hpp"
#endif

namespace wavesmith {
namespace {

// More wavelengths than curves that can be told apart are drawn as maps, too.
constexpr std::size_t most_curves = 6;

std::vector<Chart> charts_of(const CellTable& table) {
  const CellTableData& data = table.data();
  const std::size_t sizes = data.sizes.size(), wavelengths = data.wavelengths.size();
  Chart power, phase;
  power.title = "power";
  phase.title = "phase";
  power.x_label = phase.x_label = fmt::format("{} (nm)", cell_size_name(data.shape));
  power.y_label = "transmitted power";
  phase.y_label = "phase (turns)";
  const std::size_t curves = std::min(most_curves, wavelengths);
  for (std::size_t c = 0; c < curves; ++c) {
    const std::size_t w = curves == 1 ? 0 : c * (wavelengths - 1) / (curves - 1);
    Curve curve;
    curve.name = format_quantity(data.wavelengths[w], Dimension::length);
    curve.markers = true;
    for (std::size_t s = 0; s < sizes; ++s) {
      curve.x.push_back(1e9 * data.sizes[s]);
      curve.y.push_back(std::norm(data.t[w * sizes + s]));
    }
    power.curves.push_back(curve);
    double turns = 0.0;
    for (std::size_t s = 0; s < sizes; ++s) {
      const std::complex<double> t = data.t[w * sizes + s];
      if (s > 0) turns += std::arg(t * std::conj(data.t[w * sizes + s - 1])) / (2.0 * pi);
      curve.y[s] = turns;
    }
    phase.curves.push_back(std::move(curve));
  }
  return {std::move(power), std::move(phase)};
}

#ifdef WAVESMITH_HAS_VTK
// Evenly over sizes and wavelengths, whatever the sweep's.
std::vector<Picture> maps_of(const CellTable& table) {
  const CellTableData& data = table.data();
  Picture power;
  power.nx = 400;
  power.ny = static_cast<int>(data.wavelengths.size());
  power.x = {data.sizes.front(), data.sizes.back()};
  power.y = {data.wavelengths.front(), data.wavelengths.back()};
  power.x_name = cell_size_name(data.shape);
  power.y_name = "wavelength";
  power.title = "transmitted power";
  power.label = "power";
  power.unit = "1";
  power.range = std::array<double, 2>{0.0, 1.0};
  Picture phase = power;
  phase.title = "phase";
  phase.label = "phase";
  phase.unit = "rad";
  phase.map = ColourMap::phase;
  phase.range = std::array<double, 2>{-pi, pi};
  for (const double wavelength : data.wavelengths)
    for (int i = 0; i < power.nx; ++i) {
      const double size = power.x[0] + (power.x[1] - power.x[0]) * (i + 0.5) / power.nx;
      const std::complex<double> t = table.at(wavelength, size).t;
      power.values.push_back(static_cast<float>(std::norm(t)));
      phase.values.push_back(static_cast<float>(std::arg(t)));
    }
  return {std::move(power), std::move(phase)};
}
#endif

void write_cells_report(const CellsProblem& problem, const RunOptions& settings,
                        const CellsFindings& findings, std::vector<Chart> charts,
                        OutputFolder& folder) {
  const std::filesystem::path path = folder.add("report.html", "this page");
  Report report;
  report.title = problem.title;
  report.summary =
      fmt::format("{} sizes at {} wavelengths.", problem.sizes.size(), problem.wavelengths.size());
  report.metrics = report_metrics(findings.metrics, problem.expectations, [](const auto& name) {
    return name == "phase_span" ? "rad" : "1";
  });
  for (const auto& [name, seconds] : findings.timing)
    report.cost.push_back({"time: " + name, format_duration(seconds)});
  for (const WrittenFile& file : folder.files()) report.files.push_back({file.path, file.what});
  report.charts = std::move(charts);
  report.audit = problem.warnings;
  report.audit.insert(report.audit.end(), findings.notes.begin(), findings.notes.end());
  report.scene = scene_with_changes(problem.scene_text, settings.overrides);
  report.footer = fmt::format("Wavesmith {}, cpu, {}", WAVESMITH_VERSION,
                              settings.precision == Precision::f64 ? "f64" : "f32");
  write_file(path, render_report(report));
}

}  // namespace

std::vector<std::string> write_cells_outputs(const CellsProblem& problem,
                                             const RunOptions& settings, const CellTable& table,
                                             const CellsFindings& findings,
                                             const std::filesystem::path& out) {
  OutputFolder folder(out);
  std::vector<std::string> left_out;
  write_cell_table(table, folder.add("table.csv", "complex transmission of each cell"));
  std::vector<Chart> charts = charts_of(table);
#ifdef WAVESMITH_HAS_VTK
  if (problem.pictures) {
    write_curves_png(charts, folder.add("images/table.png", "power and phase against the size"));
    if (problem.wavelengths.size() > most_curves)
      write_panels_png(maps_of(table), problem.title,
                       folder.add("images/map.png", "power and phase over size and wavelength"));
  }
#else
  if (problem.pictures) left_out.push_back("no pictures: this program was built without VTK");
#endif
  if (problem.report) write_cells_report(problem, settings, findings, std::move(charts), folder);
  nlohmann::ordered_json result = result_head(settings, "cpu", findings.metrics);
  result["cost"] = {{"cells_marched", findings.marched}, {"cells_known", findings.from_cache}};
  write_result_file(std::move(result), findings.timing, folder);
  return left_out;
}

}  // namespace wavesmith
