// Everything that a finished run of waves in time writes; result.json comes last.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "apps/wave_map.hpp"
#include "apps/wave_run.hpp"
#include "apps/wave_scattering_files.hpp"
#include "apps/wave_snapshots.hpp"
#include "core/atomic_file.hpp"
#include "core/csv_table.hpp"
#include "core/progress.hpp"
#include "core/units.hpp"
#include "viz/chart.hpp"
#include "viz/report.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "apps/wave_pictures.hpp"
#include "viz/field_files.hpp"
#include "viz/pictures.hpp"
#include "viz/surfaces.hpp"
#endif

namespace wavesmith {
namespace {

struct WaveOutputs {
  const WaveProblem& problem;
  const WaveSimulation& simulation;
  const RunOptions& settings;
  const WaveFindings& findings;
  OutputFolder& folder;

  double middle_frequency() const {
    const std::array<double, 2> band = band_of_sources(problem);
    return 0.5 * (band[0] + band[1]);
  }
};

// Intensities over the directions, a curve a frequency.
void write_pattern(const WaveOutputs& run, const MonitorCurves& curves,
                   std::vector<Chart>& charts) {
  CsvTable table;
  table.columns = {"theta", "phi"};
  Chart chart;
  chart.title = curves.name;
  chart.x_label = "direction phi (deg)";
  chart.y_label = "intensity (" + curves.numbers.front().unit + ")";
  for (std::size_t f = 0; f < curves.frequencies.size(); ++f) {
    table.columns.push_back(fmt::format("intensity_{}", f + 1));
    Curve curve;
    curve.name = format_quantity(curves.frequencies[f], Dimension::frequency);
    for (std::size_t d = 0; d < curves.directions.size(); ++d) {
      // In a plane of constant phi it is theta that goes around.
      const bool along_theta = curves.directions.front().phi == curves.directions.back().phi;
      if (along_theta) chart.x_label = "direction theta (deg)";
      curve.x.push_back(180.0 / pi *
                        (along_theta ? curves.directions[d].theta : curves.directions[d].phi));
      curve.y.push_back(curves.values[d][f].real());
    }
    chart.curves.push_back(std::move(curve));
  }
  for (std::size_t d = 0; d < curves.directions.size(); ++d) {
    std::vector<double> row = {curves.directions[d].theta, curves.directions[d].phi};
    for (std::size_t f = 0; f < curves.frequencies.size(); ++f)
      row.push_back(curves.values[d][f].real());
    table.rows.push_back(std::move(row));
  }
  write_csv_table(table, run.folder.add("curves/" + curves.name + ".csv",
                                        "far field of " + curves.name + " by direction"));
  if (curves.directions.size() > 1 && curves.frequencies.size() <= 12)
    charts.push_back(std::move(chart));
}

// A curve for each number that is real; magnitude and phase columns for those that are not.
void write_curves(const WaveOutputs& run, std::vector<Chart>& charts) {
  const bool sound = run.problem.equations == Equations::sound;
  for (const MonitorCurves& curves : run.findings.curves) {
    if (!curves.directions.empty()) {
      write_pattern(run, curves, charts);
      continue;
    }
    CsvTable table;
    table.columns.push_back("frequency");
    if (!sound) table.columns.push_back("wavelength");
    for (const MonitorNumber& number : curves.numbers) {
      table.columns.push_back(number.name);
      if (number.power == FieldPower::linear) table.columns.push_back(number.name + "_imaginary");
    }
    for (std::size_t f = 0; f < curves.frequencies.size(); ++f) {
      std::vector<double> row = {curves.frequencies[f]};
      if (!sound) row.push_back(speed_of_light / curves.frequencies[f]);
      for (std::size_t n = 0; n < curves.numbers.size(); ++n) {
        row.push_back(curves.values[n][f].real());
        if (curves.numbers[n].power == FieldPower::linear)
          row.push_back(curves.values[n][f].imag());
      }
      table.rows.push_back(std::move(row));
    }
    write_csv_table(table, run.folder.add("curves/" + curves.name + ".csv",
                                          "numbers of monitor " + curves.name));
    if (curves.frequencies.size() < 2 || curves.numbers.size() > 12) continue;
    Chart chart;
    chart.title = curves.name;
    const double unit = sound ? 1.0 : 1e-12;
    chart.x_label = sound ? "frequency (Hz)" : "frequency (THz)";
    const MonitorNumber& first = curves.numbers.front();
    chart.y_label = curves.numbers.size() == 1          ? first.name
                    : first.power == FieldPower::linear ? "magnitude"
                                                        : "power";
    if (!first.unit.empty()) chart.y_label += " (" + first.unit + ")";
    for (std::size_t n = 0; n < curves.numbers.size(); ++n) {
      Curve curve;
      curve.name = curves.numbers[n].name;
      if (curves.numbers[n].power == FieldPower::linear) curve.name = "|" + curve.name + "|";
      for (std::size_t f = 0; f < curves.frequencies.size(); ++f) {
        curve.x.push_back(unit * curves.frequencies[f]);
        const std::complex<double> value = curves.values[n][f];
        curve.y.push_back(curves.numbers[n].power == FieldPower::linear ? std::abs(value)
                                                                        : value.real());
      }
      chart.curves.push_back(std::move(curve));
    }
    charts.push_back(std::move(chart));
  }
}

void write_traces(const WaveOutputs& run, std::vector<Chart>& charts) {
  for (const PointTrace& trace : run.findings.traces) {
    CsvTable table;
    table.columns = {"time", trace.field};
    for (std::size_t i = 0; i < trace.times.size(); ++i)
      table.rows.push_back({trace.times[i], trace.values[i]});
    write_csv_table(table, run.folder.add("traces/" + trace.name + ".csv",
                                          trace.field + " in time at " + trace.name));
    if (!trace.resonances.empty()) {
      CsvTable found;
      found.columns = {"frequency", "decay", "quality", "amplitude", "phase", "error"};
      for (const Resonance& r : trace.resonances)
        found.rows.push_back({r.frequency, r.decay, r.quality, std::abs(r.amplitude),
                              std::arg(r.amplitude), r.error});
      write_csv_table(found, run.folder.add("traces/" + trace.name + "_resonances.csv",
                                            "resonances found at " + trace.name));
    }
    // More points than a picture can show only make it heavy; peaks of each piece are kept.
    Chart chart;
    chart.title = trace.name;
    const bool fast = run.problem.equations != Equations::sound;
    chart.x_label = fast ? "time (fs)" : "time (us)";
    chart.y_label = trace.field + " (" + trace.unit + ")";
    Curve curve;
    curve.name = trace.field;
    const std::size_t piece = std::max<std::size_t>(1, trace.times.size() / 3000);
    for (std::size_t i = 0; i < trace.times.size(); i += piece) {
      std::size_t most = i;
      for (std::size_t k = i; k < std::min(i + piece, trace.times.size()); ++k)
        if (std::abs(trace.values[k]) > std::abs(trace.values[most])) most = k;
      curve.x.push_back(trace.times[most] * (fast ? 1e15 : 1e6));
      curve.y.push_back(trace.values[most]);
    }
    chart.curves.push_back(std::move(curve));
    charts.push_back(std::move(chart));
  }
}

#ifdef WAVESMITH_HAS_VTK
// The series file of the snapshots, and a film strip of each field.
void write_films(const WaveOutputs& run) {
  const double dt = run.simulation.march().setup().dt;
  for (const SnapshotPart& part : run.problem.snapshots) {
    std::vector<SeriesEntry> entries;
    const std::vector<long> steps = snapshot_steps(part, dt, run.findings.steps);
    std::vector<std::string> files;
    for (std::size_t i = 0; i < steps.size(); ++i)
      for (const bool graded : {false, true}) {
        const std::string file = snapshot_file(part, i, graded);
        if (!std::filesystem::exists(run.folder.root() / file)) continue;
        entries.push_back({static_cast<double>(steps[i]) * dt,
                           std::filesystem::path(file).lexically_relative("snapshots").string()});
        files.push_back(file);
        run.folder.add(file, "fields of " + part.name + " at a moment");
      }
    if (entries.empty()) continue;
    write_pvd(entries, run.folder.add("snapshots/" + part.name + ".pvd",
                                      "the series " + part.name + ", for ParaView"));
    if (!run.problem.output.pictures || run.problem.dimensions < 2) continue;
    // The moments of a strip, the first and the last among them.
    constexpr std::size_t most = 8;
    std::vector<Frame> frames;
    const std::size_t shown = std::min(most, files.size());
    for (std::size_t i = 0; i < shown; ++i)
      frames.push_back(read_frame(run.folder.root() /
                                  files[shown == 1 ? 0 : i * (files.size() - 1) / (shown - 1)]));
    for (const std::string& field : part.fields) {
      std::vector<Picture> pictures = film_of(frames, field, most);
      for (std::size_t i = 0; i < pictures.size(); ++i)
        pictures[i] =
            outlined(run.problem, frames[std::min(i, frames.size() - 1)], std::move(pictures[i]));
      write_panels_png(pictures, part.name + ": " + field,
                       run.folder.add("images/" + part.name + "_" + field + ".png",
                                      field + " of " + part.name + " at moments of the run"));
    }
  }
}

void write_spectra(const WaveOutputs& run) {
  for (const Frame& frame : run.simulation.spectra(run.problem)) {
    if (run.problem.output.fields) {
      const std::string file = "fields/" + frame.name + (frame.is_graded() ? ".vtr" : ".vti");
      write_frame(frame, run.folder.add(file, "fields of " + frame.title).replace_extension());
    }
    const int flat = (frame.points[0] == 1) + (frame.points[1] == 1) + (frame.points[2] == 1);
    if (!run.problem.output.pictures || flat > 1) continue;
    std::vector<Picture> pictures;
    for (const FrameArray& array : frame.arrays)
      if (array.name.ends_with("_intensity") || array.name.ends_with("_real")) {
        pictures.push_back(outlined(run.problem, frame, picture_of(frame, array.name)));
        pictures.back().title = array.name;
      }
    write_panels_png(pictures, frame.title,
                     run.folder.add("images/" + frame.name + ".png", frame.title),
                     pictures.size() > 2 ? 4 : 2);
  }
}

void write_materials(const WaveOutputs& run) {
  if (run.problem.output.pictures)
    write_material_pictures(run.problem, run.middle_frequency(),
                            run.folder.add("images/materials.png", "the materials"));
  if (!run.problem.output.fields || run.problem.dimensions < 2) return;
  constexpr int most = 160;  // points across a volume
  const MapWindow window = run.problem.dimensions == 2 ? map_windows(run.problem).front()
                                                       : map_volume(run.problem, most);
  const Frame map = map_materials(run.problem, window, run.middle_frequency());
  write_vti(map, run.folder.add("fields/materials.vti", "the materials, for ParaView"),
            Compression::lz4);
  if (run.problem.dimensions == 3 && !run.problem.geometry.solids().empty())
    write_vtp(map, "material",
              run.folder.add("fields/solids.vtp", "the surfaces of the solids, for ParaView"));
}
#endif

void write_wave_report(const WaveOutputs& run, std::vector<Chart> charts,
                       std::vector<std::string> left_out) {
  const std::filesystem::path path = run.folder.add("report.html", "this page");
  const YeeGrid& grid = run.simulation.march().setup().grid;
  Report report;
  report.title = run.problem.title;
  report.summary = fmt::format(
      "{} x {} x {} cells, {} steps of {}; ended because {}; {:.3g} million cells a second.",
      grid.cells(0), grid.cells(1), grid.cells(2), run.findings.steps,
      format_quantity(run.simulation.march().setup().dt, Dimension::time), run.findings.stopped,
      1e-6 * run.findings.cells_per_second);
  report.metrics = report_metrics(
      run.findings.metrics, run.problem.expectations,
      [](const std::string& name) { return name.ends_with("_frequency") ? "Hz" : "1"; });
  for (const auto& [name, seconds] : run.findings.timing)
    report.cost.push_back({"time: " + name, format_duration(seconds)});
  std::size_t moments = 0;
  for (const WrittenFile& file : run.folder.files()) {
    // A series is listed once.
    const bool moment = file.path.starts_with("snapshots/") && !file.path.ends_with(".pvd");
    moments += moment ? 1 : 0;
    if (!moment) report.files.push_back({file.path, file.what});
    if (!file.path.ends_with(".png")) continue;
    report.pictures.push_back(report_picture(run.folder, file));
  }
  report.charts = std::move(charts);
  report.audit = run.findings.audit;
  report.left_out = std::move(left_out);
  report.scene = scene_with_changes(run.problem.scene_text, run.settings.overrides);
  report.footer = fmt::format("Wavesmith {}, {}, {}", WAVESMITH_VERSION, run.findings.device,
                              run.settings.precision == Precision::f32 ? "f32" : "f64");
  write_file(path, render_report(report));
}

void write_wave_result(const WaveOutputs& run) {
  const TimeDomainSetup& setup = run.simulation.march().setup();
  nlohmann::ordered_json result =
      result_head(run.settings, run.findings.device, run.findings.metrics);
  result["cost"] = {{"steps", run.findings.steps},
                    {"cells", setup.grid.size()},
                    {"time_step", setup.dt},
                    {"cells_per_second", run.findings.cells_per_second}};
  write_result_file(std::move(result), run.findings.timing, run.folder);
}

}  // namespace

std::vector<std::string> write_wave_outputs(const WaveProblem& problem,
                                            const WaveSimulation& simulation,
                                            const RunOptions& settings, WaveFindings& findings,
                                            const std::filesystem::path& out) {
  OutputFolder folder(out);
  for (const WrittenFile& file : findings.files) folder.add(file.path, file.what);
  const WaveOutputs run{problem, simulation, settings, findings, folder};
  std::vector<std::string> left_out = findings.left_out;
  std::vector<Chart> charts = findings.charts;
  write_curves(run, charts);
  write_traces(run, charts);
  for (const CoupledModesFound& found : findings.coupled_modes)
    write_coupled_modes(found, problem.output.pictures, folder, charts);
  write_scattering_files(problem, findings.curves, folder);
#ifdef WAVESMITH_HAS_VTK
  if (problem.output.fields) write_films(run);
  write_spectra(run);
  write_materials(run);
  if (problem.output.pictures)
    for (const Chart& chart : charts)
      write_curves_png(chart, folder.add("images/" + chart.title + ".png", chart.title));
#else
  if (problem.output.fields || problem.output.pictures)
    left_out.push_back("no fields and pictures: this program was built without VTK");
#endif
  if (problem.output.report) write_wave_report(run, std::move(charts), left_out);
  write_wave_result(run);
  return left_out;
}

}  // namespace wavesmith
