#include "apps/design_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/design_files.hpp"
#include "apps/run_parts.hpp"
#include "apps/wave_run.hpp"
#include "core/atomic_file.hpp"
#include "core/memory.hpp"
#include "core/units.hpp"
#include "physics/polygon_check.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "apps/picture_parts.hpp"
#include "viz/pictures.hpp"
#endif

namespace wavesmith {
namespace {

constexpr double binary = std::numeric_limits<double>::infinity();

void set_goals(const DesignPart& design, const GoalValues& values, const std::string& prefix,
               Metrics& metrics) {
  for (std::size_t g = 0; g < design.goals.size(); ++g)
    metrics.set(prefix + design.goals[g].name, worst_value(design.goals[g], values[g]));
}

// The goals of the last iteration of the first stage, the least projected one.
void set_grey_goals(const DesignPart& design, const DesignProgress& progress, Metrics& metrics) {
  const std::vector<double> beta = progress.history.column("beta");
  for (const GoalPart& goal : design.goals) {
    const std::vector<double> column = progress.history.column(goal.name);
    for (std::size_t i = 0; i < column.size(); ++i)
      if (beta[i] == design.stages.front().beta) metrics.set("grey_" + goal.name, column[i]);
  }
}

struct PartSimulated {
  std::unique_ptr<WaveSimulation> simulation;
  GoalValues values;
};

// A geometry without design, marched to its end.
PartSimulated simulate_part(const WaveProblem& problem, const RunOptions& settings) {
  PartSimulated part;
  part.simulation = std::make_unique<WaveSimulation>(problem, parse_device(settings.device),
                                                     settings.precision, settings.threads);
  TimeDomain& march = part.simulation->march();
  march_to_end(problem, march);
  part.values = DesignGoals(problem, *part.simulation).look(march.step()).values;
  return part;
}

// The number of each goal at each frequency, of every model of the part.
void write_goal_table(const DesignPart& design,
                      const std::vector<std::pair<std::string, GoalValues>>& models,
                      OutputFolder& folder) {
  CsvTable table;
  table.columns = {"goal", "frequency"};
  for (const auto& model : models) table.columns.push_back(model.first);
  for (std::size_t g = 0; g < design.goals.size(); ++g)
    for (std::size_t f = 0; f < design.goals[g].frequencies.size(); ++f) {
      std::vector<double> row = {static_cast<double>(g + 1), design.goals[g].frequencies[f]};
      for (const auto& model : models) row.push_back(model.second[g][f]);
      table.rows.push_back(std::move(row));
    }
  write_csv_table(table, folder.add("curves/goals.csv",
                                    "the goals by frequency, of the design and of the part"));
}

std::vector<Chart> design_charts(const DesignPart& design, const DesignProgress& progress) {
  const std::vector<double> iterations = progress.history.column("iteration");
  Chart goals;
  goals.title = "goals";
  goals.x_label = "iteration";
  goals.y_label = "worst of the frequencies";
  for (const GoalPart& goal : design.goals)
    goals.curves.push_back({goal.name, iterations, progress.history.column(goal.name), false});
  Chart loss;
  loss.title = "history";
  loss.x_label = "iteration";
  loss.y_label = "1";
  loss.curves.push_back({"loss", iterations, progress.history.column("loss"), false});
  loss.curves.push_back({"grayness", iterations, progress.history.column("grayness"), false});
  return {goals, loss};
}

#ifdef WAVESMITH_HAS_VTK
void write_looks(const DesignPart& design, const DesignProgress& progress, OutputFolder& folder) {
  std::vector<Picture> pictures;
  for (std::size_t i = 0; i < progress.looks.size(); ++i) {
    std::vector<float> values(progress.looks[i].begin(), progress.looks[i].end());
    Picture picture =
        picture_over(design.pixels, std::move(values),
                     i == 0 ? "start" : fmt::format("after beta {:g}", design.stages[i - 1].beta));
    picture.range = {0.0, 1.0};
    picture.label = "solid";
    picture.unit = "1";
    picture.map = ColourMap::grey;
    pictures.push_back(std::move(picture));
  }
  write_panels_png(pictures, "the design as it grew",
                   folder.add("images/design.png", "the design as it grew"));
}
#endif

void say_metrics(const RunOptions& settings, const Metrics& metrics) {
  for (const auto& [name, value] : metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));
}

}  // namespace

Status run_design_scene(const Scene& scene, const WaveProblem& problem,
                        const RunOptions& settings) {
  const Clock::time_point start = Clock::now();
  const DesignPart& design = *problem.design;
  WaveFindings findings;
  const std::filesystem::path out = begin_wave_run(problem, settings, findings);
  DesignSimulation simulation(problem, parse_device(settings.device), settings.precision,
                              settings.threads);
  const DensityPattern& pattern = simulation.pattern();
  say(settings, fmt::format("  design: {} x {} pixels of {} x {}, {} parameters; derivative by {}",
                            design.pixels.nx, design.pixels.ny,
                            format_quantity(design.pixels.dx, Dimension::length),
                            format_quantity(design.pixels.dy, Dimension::length),
                            pattern.parameter_count(), simulation.plan().text()));
  DesignProgress progress(design, pattern);
  if (optimize_design(problem, simulation, settings, out, progress)) {
    fmt::print("stopped after iteration {}; to go on: wavesmith run {} --out {} --resume\n",
               progress.evaluations, settings.scene, out.string());
    return Status::interrupted;
  }
  findings.timing["design"] = progress.seconds;
  const Clock::time_point designed_at = Clock::now();
  Metrics& metrics = findings.metrics;
  set_grey_goals(design, progress, metrics);
  simulation.settle(progress.parameters, binary);
  const DesignEvaluation designed = simulation.evaluate(progress.parameters, binary);
  set_goals(design, designed.values.front(), "binary_", metrics);

  OutputFolder folder(out);
  const std::vector<Ring> rings = design_rings(pattern, progress.parameters);
  const std::vector<GdsPolygon> polygons = write_design_layout(design, rings, folder);
  write_design_files(pattern, progress.parameters, folder);
  if (problem.dimensions == 3)
    if (std::string line = write_design_solid(design, rings, folder); !line.empty())
      findings.left_out.push_back(std::move(line));
  write_verification_scene(problem, folder);
  if (!polygons.empty()) {
    const FeatureSizes widths = measure_features(design, polygons);
    metrics.set("least_solid_width", widths.solid.width);
    metrics.set("least_gap_width", widths.gap.width);
    const auto tell = [&](const char* what, const char* key, const Feature& feature, double asked) {
      if (!feature.found) return;
      std::string line = fmt::format("  least width of {}: {} at {}", what,
                                     format_quantity(feature.width, Dimension::length, 3),
                                     place_text(feature.place));
      if (feature.width < asked)
        line += fmt::format(
            "; design.{} asks for {}: give it more iterations, a larger "
            "filter_radius or region, or ask for less",
            key, format_quantity(asked, Dimension::length));
      say(settings, line);
    };
    tell("solid", "minimum_solid", widths.solid, design.minimum_solid);
    tell("gaps", "minimum_void", widths.gap, design.minimum_void);
  }
  const Clock::time_point verifying = Clock::now();
  const PartSimulated exported = simulate_part(with_polygons(scene, polygons, 1), settings);
  set_goals(design, exported.values, "exported_", metrics);
  say(settings, fmt::format("  verifying {}/design/design.gds on a grid {} times as fine",
                            out.string(), design.refine));
  const WaveProblem fine = with_polygons(scene, polygons, design.refine);
  const PartSimulated verified = simulate_part(fine, settings);
  set_goals(design, verified.values, "verified_", metrics);
  findings.timing["verification"] = seconds_since(verifying);
  metrics.set("iterations", static_cast<double>(progress.evaluations));
  metrics.set("peak_memory", peak_memory());
  findings.curves = verified.simulation->curves(fine);
  add_wave_metrics(fine, findings.curves, {}, metrics);
  findings.steps = verified.simulation->march().step();
  findings.stopped = "the exported part was marched to its end";
  write_goal_table(design,
                   {{"binary", designed.values.front()},
                    {"exported", exported.values},
                    {"verified", verified.values}},
                   folder);
#ifdef WAVESMITH_HAS_VTK
  if (problem.output.pictures) write_looks(design, progress, folder);
#endif
  findings.charts = design_charts(design, progress);
  progress.history.write(out / "history.csv");
  folder.add("history.csv", "one row an iteration");
  findings.files = folder.files();
  // A design that was stopped and resumed took all of its parts.
  findings.timing["total"] = progress.seconds + seconds_since(designed_at);
  say_metrics(settings, metrics);
  for (const std::string& line :
       write_wave_outputs(fine, *verified.simulation, settings, findings, out))
    say(settings, line);
  std::error_code ignored;
  std::filesystem::remove(out / "checkpoint" / "design.state", ignored);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return check_expectations(problem.expectations, metrics);
}

}  // namespace wavesmith
