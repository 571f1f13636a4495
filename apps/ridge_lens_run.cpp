#include "apps/ridge_lens_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/gradcheck_parts.hpp"
#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "apps/ridge_lens_problem.hpp"
#include "apps/run_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/csv_table.hpp"
#include "core/progress.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "training/lbfgs.hpp"
#include "viz/chart.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/pictures.hpp"
#endif

namespace wavesmith {
namespace {

constexpr double first_step = 0.15;  // length in shares of the range, of all widths together

// The goal of a problem, and the factor that makes a share of the ideal lens's of it.
struct ScaledGoal {
  FocusGoal goal;
  double scale = 1.0;
};
ScaledGoal goal_of(const RidgeLensProblem& problem, const Focus& ideal) {
  if (problem.of_peak) return {{}, 1.0 / ideal.peak};
  return {{3.0 * ideal.width}, 1.0 / ideal.efficiency};
}

constexpr double check_step = 1e-4;  // of the range: a fortieth of a nanometre
constexpr double check_bound = 1e-5;
constexpr int check_directions = 2;

// Widths as shares of their range.
struct Shares {
  explicit Shares(const RidgeLens& lens) : least(lens.least), range(lens.most - lens.least) {}
  std::vector<double> of(const std::vector<double>& widths) const {
    std::vector<double> shares;
    for (const double width : widths)
      shares.push_back(std::clamp((width - least) / range, 0.0, 1.0));
    return shares;
  }
  std::vector<double> widths(std::span<const double> shares) const {
    std::vector<double> widths;
    for (const double share : shares) widths.push_back(least + share * range);
    return widths;
  }
  double least, range;
};

// Length of the step along the slope that the bounds leave of it.
double projected_length(std::span<const double> shares, std::span<const double> slope) {
  double square = 0.0;
  for (std::size_t r = 0; r < shares.size(); ++r)
    square += std::pow(std::clamp(shares[r] - slope[r], 0.0, 1.0) - shares[r], 2);
  return std::sqrt(square);
}

// The best widths of as many evaluations by full waves as there are steps, and one at the start.
std::vector<double> improve(const RidgeLensProblem& problem, const RidgeLensMarch& march,
                            const RunOptions& settings, double scale, CsvTable& history,
                            Metrics& metrics) {
  const Shares shares(problem.lens);
  const std::size_t n = problem.lens.count;
  LbfgsOptions options;
  options.first_step = first_step;
  Lbfgs lbfgs(shares.of(problem.widths), std::vector<double>(n, 0.0), std::vector<double>(n, 1.0),
              options);
  Progress progress("adjoint", static_cast<std::uint64_t>(problem.steps), "steps",
                    choose_progress_style(settings.quiet));
  std::vector<double> gradient;
  for (int s = 0; s <= problem.steps && !lbfgs.done(); ++s) {
    const std::vector<double> at(lbfgs.next_point().begin(), lbfgs.next_point().end());
    const double value = scale * march.goal(shares.widths(at), gradient);
    for (double& slope : gradient) slope *= -scale * shares.range;
    history.rows.push_back({static_cast<double>(s), value, projected_length(at, gradient)});
    lbfgs.tell(-value, gradient);
    progress.update(static_cast<std::uint64_t>(s), fmt::format("{:.4f} of the ideal", value));
  }
  progress.finish();
  metrics.set("slope_before", history.rows.front()[2]);
  metrics.set("slope_after", projected_length(lbfgs.point(), lbfgs.gradient()));
  return shares.widths(lbfgs.point());
}

}  // namespace

Status run_ridge_lens_scene(const Scene& scene, const RunOptions& settings) {
  const Clock::time_point start = Clock::now();
  RidgeLensProblem problem = read_ridge_lens_problem(scene);
  problem.lens.precision = settings.precision;
  problem.lens.threads = settings.threads;
  const RidgeLens& lens = problem.lens;
  const std::filesystem::path out =
      settings.out.empty() ? std::filesystem::path("out") / problem.stem : settings.out;
  say(settings, problem.title);
  make_folder(out);
  remove_stale_parts(out);
  const Focus ideal = focus_of(lens, ideal_lens_field(lens), lens.focal_length);
  const ScaledGoal goal = goal_of(problem, ideal);
  const RidgeLensMarch march(lens, goal.goal);
  std::map<std::string, double> timing;
  Metrics metrics;
  Chart chart;
  chart.title = "focal line";
  chart.x_label = "x (um)";
  chart.y_label = "intensity over that on the lens";
  CsvTable lines, history;
  lines.columns = {"x_m"};
  history.columns = {"step", "goal_over_ideal", "projected_gradient"};
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
    widths = improve(problem, march, settings, goal.scale, history, metrics);
    const Focus closed = focus_of(lens, march.field(widths), march.line_to_focus());
    timing["adjoint"] = seconds_since(adjoint);
    add("adjoint", closed);
    metrics.set("gap_after", table.efficiency - closed.efficiency);
  }
  if (problem.refine > 1) {
    const Clock::time_point again = Clock::now();
    RidgeLens fine = lens;
    fine.cell /= problem.refine;
    const RidgeLensMarch verification(fine);
    const auto verify = [&](const std::string& name, const std::vector<double>& of) {
      add(name, focus_of(fine, verification.field(of), verification.line_to_focus()));
    };
    verify("waves_verified", problem.widths);
    if (problem.steps > 0) verify("adjoint_verified", widths);
    timing["verification"] = seconds_since(again);
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
  const RidgeLensProblem problem = read_ridge_lens_problem(scene);
  fmt::print("{}\n", problem.title);
  fmt::print("  {} ridges, {} wide, focus at {}\n", problem.lens.count,
             format_quantity(problem.lens.diameter(), Dimension::length),
             format_quantity(problem.lens.focal_length, Dimension::length));
  fmt::print("the scene is in order\n");
  return Status::done;
}

Status gradcheck_ridge_lens_scene(const Scene& scene, const SceneOptions& options) {
  RidgeLensProblem problem = read_ridge_lens_problem(scene);
  fmt::print("{}\n", problem.title);
  problem.lens.threads = options.threads;
  const RidgeLens& lens = problem.lens;
  const Shares shares(lens);
  const Focus ideal = focus_of(lens, ideal_lens_field(lens), lens.focal_length);
  const RidgeLensMarch march(lens, goal_of(problem, ideal).goal);
  std::vector<double> start = shares.of(problem.widths);
  for (double& share : start) share = std::clamp(share, 4.0 * check_step, 1.0 - 4.0 * check_step);
  const std::vector<double> widths = shares.widths(start);
  std::vector<double> gradient, by_spectra;
  const double value = march.goal(widths, gradient);
  const Random random(options.seed, 0);
  bool all = true;
  for (int d = 0; d < check_directions; ++d) {
    std::vector<double> direction;
    double along = 0.0;
    for (std::size_t r = 0; r < lens.count; ++r) {
      const auto draw = (static_cast<std::uint64_t>(d) + 1) << 32 | r;
      direction.push_back(random.uniform(draw, -1.0, 1.0));
      along += gradient[r] * shares.range * direction[r];
    }
    const auto at = [&](double step) {
      std::vector<double> moved = start;
      for (std::size_t r = 0; r < lens.count; ++r) moved[r] += step * direction[r];
      return march.goal(march.field(shares.widths(moved)));
    };
    const double h = check_step;
    const double difference = (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
    all &= report_check(
        fmt::format("finite differences of the widths, direction {}", d + 1),
        std::abs(along - difference) / std::max(std::abs(difference), 1e-6 * std::abs(value)),
        check_bound);
  }
  march.goal(widths, by_spectra, {MemoryMode::dft, 0});
  double apart = 0.0, size = 0.0;
  for (std::size_t r = 0; r < lens.count; ++r) {
    apart += std::pow(by_spectra[r] - gradient[r], 2);
    size += std::pow(gradient[r], 2);
  }
  fmt::print(
      "by spectra, which is the derivative of fields that have decayed, it is off by {:.2e} of its "
      "length\n",
      std::sqrt(apart / size));
  return all ? Status::done : Status::expectation_failed;
}

}  // namespace wavesmith
