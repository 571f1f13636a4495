#include "apps/lens_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/gradcheck_parts.hpp"
#include "apps/lens_pictures.hpp"
#include "apps/lens_problem.hpp"
#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "apps/run_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/csv_table.hpp"
#include "core/memory.hpp"
#include "core/progress.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "training/lbfgs.hpp"

namespace wavesmith {
namespace {

constexpr double first_step = 0.15;  // length in shares of the range, of all sizes together

// The goal of a problem, and the factor that makes a share of the ideal lens's of it.
struct ScaledGoal {
  FocusGoal goal;
  double scale = 1.0;
};
ScaledGoal goal_of(const LensProblem& problem, const Focus& ideal) {
  if (problem.of_peak) return {{}, 1.0 / ideal.peak};
  return {{3.0 * ideal.width}, 1.0 / ideal.efficiency};
}

constexpr double check_step = 1e-4;  // of the range: a fortieth of a nanometre
constexpr double check_bound = 1e-5;
constexpr int check_directions = 2;

// Sizes as shares of their range.
struct Shares {
  explicit Shares(const CellLens& lens) : least(lens.least), range(lens.most - lens.least) {}
  std::vector<double> of(const std::vector<double>& sizes) const {
    std::vector<double> shares;
    for (const double size : sizes) shares.push_back(std::clamp((size - least) / range, 0.0, 1.0));
    return shares;
  }
  std::vector<double> sizes(std::span<const double> shares) const {
    std::vector<double> sizes;
    for (const double share : shares) sizes.push_back(least + share * range);
    return sizes;
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

// The best sizes of as many evaluations by full waves as there are steps, and one at the start.
std::vector<double> improve(const LensProblem& problem, const CellLensMarch& march,
                            const RunOptions& settings, double scale, CsvTable& history,
                            Metrics& metrics) {
  const Shares shares(problem.lens);
  const std::size_t n = problem.sizes.size();
  LbfgsOptions options;
  options.first_step = first_step;
  Lbfgs lbfgs(shares.of(problem.sizes), std::vector<double>(n, 0.0), std::vector<double>(n, 1.0),
              options);
  Progress progress("adjoint", static_cast<std::uint64_t>(problem.steps), "steps",
                    choose_progress_style(settings.quiet));
  std::vector<double> gradient;
  for (int s = 0; s <= problem.steps && !lbfgs.done(); ++s) {
    const std::vector<double> at(lbfgs.next_point().begin(), lbfgs.next_point().end());
    const double value = scale * march.goal(shares.sizes(at), gradient, {});
    for (double& slope : gradient) slope *= -scale * shares.range;
    history.rows.push_back({static_cast<double>(s), value, projected_length(at, gradient)});
    lbfgs.tell(-value, gradient);
    progress.update(static_cast<std::uint64_t>(s), fmt::format("{:.4f} of the ideal", value));
  }
  progress.finish();
  metrics.set("slope_before", history.rows.front()[2]);
  metrics.set("slope_after", projected_length(lbfgs.point(), lbfgs.gradient()));
  return shares.sizes(lbfgs.point());
}

}  // namespace

Status run_lens_scene(const Scene& scene, const RunOptions& settings) {
  const Clock::time_point start = Clock::now();
  LensProblem problem = read_lens_problem(scene);
  problem.lens.precision = settings.precision;
  problem.lens.threads = settings.threads;
  const LensKind& kind = *problem.kind;
  const CellLens& lens = problem.lens;
  const std::filesystem::path out =
      settings.out.empty() ? std::filesystem::path("out") / problem.stem : settings.out;
  say(settings, problem.title);
  make_folder(out);
  remove_stale_parts(out);
  std::map<std::string, double> timing;
  Metrics metrics;
  std::vector<std::pair<std::string, Focus>> designs;
  const auto add = [&](const std::string& name, const Focus& focus) {
    designs.emplace_back(name, focus);
    const Focus& ideal = designs.front().second;
    metrics.set(name + "_efficiency", focus.efficiency);
    metrics.set(name + "_strehl", strehl_ratio(focus, ideal));
    metrics.set(name + "_peak", focus.peak / ideal.peak);
    metrics.set(name + "_passed", focus.passed);
    metrics.set(name + "_width", focus.width);
    say(settings,
        fmt::format("  {:<18} efficiency {:.4f}, Strehl ratio {:.4f}, peak {:.4f}", name,
                    focus.efficiency, strehl_ratio(focus, ideal), focus.peak / ideal.peak));
  };
  const Focus ideal = kind.ideal(lens), table = kind.thin(lens, problem.thin);
  add("ideal", ideal);
  add("table", table);
  const ScaledGoal goal = goal_of(problem, ideal);
  const Clock::time_point forward = Clock::now();
  const auto march = kind.march(lens, goal.goal);
  const Focus waves = march->focus(problem.sizes);
  timing["full waves"] = seconds_since(forward);
  add("waves", waves);
  metrics.set("gap", table.efficiency - waves.efficiency);
  std::vector<double> sizes = problem.sizes;
  CsvTable history;
  history.columns = {"step", "goal_over_ideal", "projected_gradient"};
  if (problem.steps > 0) {
    const Clock::time_point adjoint = Clock::now();
    sizes = improve(problem, *march, settings, goal.scale, history, metrics);
    const Focus closed = march->focus(sizes);
    timing["adjoint"] = seconds_since(adjoint);
    add("adjoint", closed);
    metrics.set("gap_after", table.efficiency - closed.efficiency);
  }
  if (problem.refine > 1.0) {
    const Clock::time_point again = Clock::now();
    CellLens fine = lens;
    fine.cell /= problem.refine;
    const auto verification = kind.march(fine, {});
    add("waves_verified", verification->focus(problem.sizes));
    if (problem.steps > 0) add("adjoint_verified", verification->focus(sizes));
    timing["verification"] = seconds_since(again);
  }
  timing["total"] = seconds_since(start);
  for (const auto& [name, value] : metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));

  OutputFolder folder(out);
  CsvTable lines;
  lines.columns = {"x_m"};
  for (const double x : ideal.x) lines.rows.push_back({x});
  for (const auto& [name, focus] : designs) {
    lines.columns.push_back(name);
    for (std::size_t i = 0; i < focus.x.size(); ++i) lines.rows[i].push_back(focus.intensity[i]);
  }
  write_csv_table(lines, folder.add("focal_line.csv", "intensities of the focal line"));
  if (problem.steps > 0) write_csv_table(history, folder.add("history.csv", "the adjoint steps"));
  const CsvTable list = kind.list(lens, problem.sizes, sizes);
  write_csv_table(list, folder.add(fmt::format("design/{}.csv", kind.cells()),
                                   fmt::format("centre and size of the {} [m]", kind.cells())));
  write_focus_pictures(designs, folder);
  if (ideal.side > 0) write_size_pictures(list, lens.pitch, folder);
  nlohmann::ordered_json result = result_head(settings, "cpu", metrics);
  write_result_file(std::move(result), timing, folder);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return check_expectations(problem.expectations, metrics);
}

Status check_lens_scene(const Scene& scene, const SceneOptions& options) {
  LensProblem problem = read_lens_problem(scene);
  CellLens& lens = problem.lens;
  lens.precision = options.precision;
  fmt::print("{}\n", problem.title);
  fmt::print("  {} {}, {} wide, focus at {}\n",
             problem.kind->list(lens, problem.sizes, problem.sizes).rows.size(),
             problem.kind->cells(), format_quantity(lens.diameter(), Dimension::length),
             format_quantity(lens.focal_length, Dimension::length));
  lens.cell /= problem.refine;
  const std::uint64_t bytes = problem.kind->bytes(lens);
  fmt::print("  memory of a march: {}\n", format_bytes(bytes));
  require_memory(bytes, "the march through the lens on its finest grid");
  fmt::print("the scene is in order\n");
  return Status::done;
}

Status gradcheck_lens_scene(const Scene& scene, const SceneOptions& options) {
  LensProblem problem = read_lens_problem(scene);
  fmt::print("{}\n", problem.title);
  problem.lens.threads = options.threads;
  const CellLens& lens = problem.lens;
  const Shares shares(lens);
  const auto march = problem.kind->march(lens, goal_of(problem, problem.kind->ideal(lens)).goal);
  std::vector<double> start = shares.of(problem.sizes);
  for (double& share : start) share = std::clamp(share, 4.0 * check_step, 1.0 - 4.0 * check_step);
  const std::vector<double> sizes = shares.sizes(start);
  std::vector<double> gradient, by_spectra;
  const double value = march->goal(sizes, gradient, {});
  const Random random(options.seed, 0);
  bool all = true;
  for (int d = 0; d < check_directions; ++d) {
    std::vector<double> direction;
    double along = 0.0;
    for (std::size_t r = 0; r < sizes.size(); ++r) {
      const auto draw = (static_cast<std::uint64_t>(d) + 1) << 32 | r;
      direction.push_back(random.uniform(draw, -1.0, 1.0));
      along += gradient[r] * shares.range * direction[r];
    }
    const auto at = [&](double step) {
      std::vector<double> moved = start;
      for (std::size_t r = 0; r < sizes.size(); ++r) moved[r] += step * direction[r];
      return march->goal(shares.sizes(moved));
    };
    const double h = check_step;
    const double difference = (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
    all &= report_check(
        fmt::format("finite differences of the sizes, direction {}", d + 1),
        std::abs(along - difference) / std::max(std::abs(difference), 1e-6 * std::abs(value)),
        check_bound);
  }
  march->goal(sizes, by_spectra, {MemoryMode::dft, 0});
  double apart = 0.0, size = 0.0;
  for (std::size_t r = 0; r < sizes.size(); ++r) {
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
