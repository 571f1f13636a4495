#include "apps/ridge_lens_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/gradcheck_parts.hpp"
#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "apps/run_parts.hpp"
#include "apps/scene_place.hpp"
#include "apps/scene_solver.hpp"
#include "core/atomic_file.hpp"
#include "core/csv_table.hpp"
#include "core/progress.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "physics/cell_table.hpp"
#include "solvers/ridge_lens.hpp"
#include "training/moving_asymptotes.hpp"
#include "viz/chart.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/pictures.hpp"
#endif

namespace wavesmith {
namespace {

struct RidgeLensProblem {
  std::string title, stem, scene_text;
  RidgeLens lens;
  std::vector<double> widths;              // as designed [m]
  std::vector<std::complex<double>> thin;  // what the table says of them
  int steps = 0;                           // adjoint
  double move = 0.02;                      // most that a width changes in a step, as share
  std::vector<Expectation> expectations;
};

RidgeLensProblem read_ridge_lens(const Scene& scene) {
  const SceneTable root = scene.root();
  solver_of(scene);  // marks the key as used
  RidgeLensProblem problem;
  problem.stem = scene.stem();
  problem.title = root.string("title", problem.stem);
  problem.scene_text = scene.text();
  const std::filesystem::path folder = std::filesystem::path(scene.name()).parent_path();

  const SceneTable table = root.table("lens");
  RidgeLens& lens = problem.lens;
  lens.wavelength = table.length("wavelength", Range::above(0));
  lens.focal_length = table.length("focal_length", Range::above(0));
  lens.index = table.number("index", Range::above(1));
  lens.substrate_index = table.number("substrate_index", Range::at_least(1));
  const int count = table.integer("count", IntegerRange::between(1, 10000));
  lens.count = static_cast<std::size_t>(count);
  const CellTable cells = at_place(
      table, "table_file", [&] { return read_cell_table(folder / table.string("table_file")); });
  if (cells.data().shape != CellShape::ridge)
    throw table.error("table_file", "is a table of pillars; this lens is of ridges");
  lens.pitch = cells.data().pitch;
  lens.height = cells.data().height;
  lens.least = cells.data().sizes.front();
  lens.most = cells.data().sizes.back();
  at_place(table, "widths_file", [&] {
    const CsvTable list = read_csv_table(folder / table.string("widths_file"));
    const std::vector<double> x = list.column("x_m"), width = list.column("ridge_width_m");
    for (std::size_t i = 0; i < x.size(); ++i)
      if (std::abs(x[i]) < 0.5 * lens.diameter()) problem.widths.push_back(width[i]);
    if (problem.widths.size() != lens.count)
      throw InputError(fmt::format("there are {} ridges within the lens of {} times {}",
                                   problem.widths.size(), lens.count,
                                   format_quantity(lens.pitch, Dimension::length)));
  });
  at_place(table, "wavelength", [&] {
    for (const double width : problem.widths)
      problem.thin.push_back(cells.at(lens.wavelength, width).t);
  });

  const SceneTable grid = root.table("grid");
  lens.cell = grid.length("cell", Range::above(0));
  lens.time = grid.quantity("time", Dimension::time, lens.time, Range::above(0));
  const SceneTable adjoint = root.optional_table("adjoint");
  problem.steps = adjoint.integer("steps", 0, IntegerRange::between(0, 1000));
  problem.move = adjoint.number("move", problem.move, Range::between(0.001, 1));
  problem.expectations = read_expectations(root.optional_table("expect"));
  scene.check_all_used();
  return problem;
}

// The widths with the highest peak of as many evaluations by full waves as there are steps.
std::vector<double> improve(const RidgeLensProblem& problem, const RidgeLensMarch& march,
                            const RunOptions& settings, const Focus& ideal, CsvTable& history) {
  const RidgeLens& lens = problem.lens;
  const std::size_t n = lens.count;
  MovingAsymptotesSettings asymptotes;
  asymptotes.move = problem.move;
  asymptotes.first_asymptote = 2.0 * problem.move;
  asymptotes.conservative = true;
  MovingAsymptotes optimizer(std::vector<double>(n, lens.least), std::vector<double>(n, lens.most),
                             0, asymptotes);
  Progress progress("adjoint", static_cast<std::uint64_t>(problem.steps), "steps",
                    choose_progress_style(settings.quiet));
  std::vector<double> widths = problem.widths, best = widths, gradient;
  for (double& width : widths) width = std::clamp(width, lens.least, lens.most);
  double highest = 0.0;
  // One evaluation more than steps: the last step's outcome is seen, too.
  for (int s = 0; s <= problem.steps; ++s) {
    const double peak = march.peak(widths, gradient) / ideal.peak;
    history.rows.push_back({static_cast<double>(s), peak});
    if (peak > highest) {
      highest = peak;
      best = widths;
    }
    progress.update(static_cast<std::uint64_t>(s), fmt::format("peak {:.4f} of the ideal", peak));
    if (s == problem.steps) break;
    for (double& slope : gradient) slope *= -1.0 / ideal.peak;
    widths = optimizer.step(widths, -peak, gradient, {}, {});
  }
  progress.finish();
  return best;
}

}  // namespace

Status run_ridge_lens_scene(const Scene& scene, const RunOptions& settings) {
  const Clock::time_point start = Clock::now();
  RidgeLensProblem problem = read_ridge_lens(scene);
  problem.lens.precision = settings.precision;
  problem.lens.threads = settings.threads;
  const RidgeLens& lens = problem.lens;
  const std::filesystem::path out =
      settings.out.empty() ? std::filesystem::path("out") / problem.stem : settings.out;
  say(settings, problem.title);
  make_folder(out);
  remove_stale_parts(out);
  const RidgeLensMarch march(lens);

  const Focus ideal = focus_of(lens, ideal_lens_field(lens), lens.focal_length);
  std::map<std::string, double> timing;
  Metrics metrics;
  Chart chart;
  chart.title = "focal line";
  chart.x_label = "x (um)";
  chart.y_label = "intensity over that on the lens";
  CsvTable lines, history;
  lines.columns = {"x_m"};
  history.columns = {"step", "peak_over_ideal"};
  for (const double x : ideal.x) lines.rows.push_back({x});
  const auto add = [&](const std::string& name, const Focus& focus) {
    metrics.set(name + "_efficiency", focus.efficiency);
    metrics.set(name + "_strehl", strehl_ratio(focus, ideal));
    metrics.set(name + "_peak", focus.peak / ideal.peak);
    metrics.set(name + "_passed", focus.passed);
    metrics.set(name + "_width", focus.width);
    Curve curve;
    curve.name = name;
    lines.columns.push_back(name);
    for (std::size_t i = 0; i < focus.x.size(); ++i) {
      lines.rows[i].push_back(focus.intensity[i]);
      if (std::abs(focus.x[i]) > 4.0 * ideal.width) continue;
      curve.x.push_back(1e6 * focus.x[i]);
      curve.y.push_back(focus.intensity[i]);
    }
    chart.curves.push_back(std::move(curve));
  };
  add("ideal", ideal);
  const Focus table = focus_of(lens, thin_lens_field(lens, problem.thin), lens.focal_length);
  add("table", table);
  const Clock::time_point forward = Clock::now();
  const Focus waves = focus_of(lens, march.field(problem.widths), march.line_to_focus());
  timing["full waves"] = seconds_since(forward);
  add("waves", waves);
  metrics.set("gap", table.efficiency - waves.efficiency);
  std::vector<double> widths = problem.widths;
  if (problem.steps > 0) {
    const Clock::time_point adjoint = Clock::now();
    widths = improve(problem, march, settings, ideal, history);
    const Focus closed = focus_of(lens, march.field(widths), march.line_to_focus());
    timing["adjoint"] = seconds_since(adjoint);
    add("adjoint", closed);
    metrics.set("gap_after", table.efficiency - closed.efficiency);
  }
  timing["total"] = seconds_since(start);
  for (const auto& [name, value] : metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));

  OutputFolder folder(out);
  write_csv_table(lines, folder.add("focal_line.csv", "intensities of the focal line"));
  if (problem.steps > 0) write_csv_table(history, folder.add("history.csv", "the adjoint steps"));
  CsvTable list;
  list.columns = {"x_m", "designed_m", "ridge_width_m"};
  for (std::size_t r = 0; r < lens.count; ++r)
    list.rows.push_back({lens.pitch * (static_cast<double>(r) + 0.5) - 0.5 * lens.diameter(),
                         problem.widths[r], widths[r]});
  write_csv_table(list, folder.add("design/ridges.csv", "centre and width of every ridge [m]"));
#ifdef WAVESMITH_HAS_VTK
  write_curves_png(chart, folder.add("images/focal_line.png", "intensities of the focal line"));
#endif
  nlohmann::ordered_json result = result_head(settings, "cpu", metrics);
  write_result_file(std::move(result), timing, folder);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return check_expectations(problem.expectations, metrics);
}

Status check_ridge_lens_scene(const Scene& scene, const SceneOptions&) {
  const RidgeLensProblem problem = read_ridge_lens(scene);
  fmt::print("{}\n", problem.title);
  const RidgeLensMarch march(problem.lens);  // checks all numbers
  fmt::print("  {} ridges, {} wide, focus at {}\n", problem.lens.count,
             format_quantity(problem.lens.diameter(), Dimension::length),
             format_quantity(problem.lens.focal_length, Dimension::length));
  fmt::print("the scene is in order\n");
  return Status::done;
}

Status gradcheck_ridge_lens_scene(const Scene& scene, const SceneOptions& options) {
  RidgeLensProblem problem = read_ridge_lens(scene);
  fmt::print("{}\n", problem.title);
  problem.lens.threads = options.threads;
  const RidgeLens& lens = problem.lens;
  const RidgeLensMarch march(lens);
  const double h = 0.2e-9;
  std::vector<double> widths = problem.widths, direction, gradient;
  for (double& width : widths) width = std::clamp(width, lens.least + 2 * h, lens.most - 2 * h);
  const Random random(options.seed, 0);
  double along = 0.0, scale = 0.0;
  march.peak(widths, gradient);
  for (std::size_t r = 0; r < lens.count; ++r) {
    direction.push_back(random.uniform(r, -1.0, 1.0));
    along += gradient[r] * direction[r];
    scale += std::abs(gradient[r] * direction[r]);
  }
  const auto at = [&](double step) {
    std::vector<double> moved = widths;
    for (std::size_t r = 0; r < lens.count; ++r) moved[r] += step * direction[r];
    return focus_of(lens, march.field(moved), march.line_to_focus()).peak;
  };
  const double difference = (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
  // Near an optimum the parts cancel. Of spectra alone: right as far as the fields have decayed.
  const bool holds = report_check("peak against finite differences of the widths",
                                  std::abs(along - difference) / scale, 1e-3);
  return holds ? Status::done : Status::expectation_failed;
}

}  // namespace wavesmith
