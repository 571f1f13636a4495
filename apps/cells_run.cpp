#include "apps/cells_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "apps/cell_cache.hpp"
#include "apps/run_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/units.hpp"
#include "kernels/parallel_tasks.hpp"
#include "training/data_store.hpp"

namespace wavesmith {
namespace {

constexpr double worrying_interpolation = 0.16;  // of half of the sizes: of all of them about 0.01

std::string length_text(double value) {
  return format_quantity(value, Dimension::length, 5);
}

std::vector<std::string> cells_summary(const CellsProblem& problem) {
  const UnitCell& cell = problem.cell;
  std::vector<std::string> lines = {
      fmt::format("{} cells, pitch {}, height {}; {} sizes ({}) from {} to {}, {} wavelength{}",
                  cell_shape_name(cell.shape), length_text(cell.pitch), length_text(cell.height),
                  problem.sizes.size(), cell_size_name(cell.shape),
                  length_text(problem.sizes.front()), length_text(problem.sizes.back()),
                  problem.wavelengths.size(), problem.wavelengths.size() == 1 ? "" : "s")};
  lines.insert(lines.end(), problem.warnings.begin(), problem.warnings.end());
  return lines;
}

// In the user's cache, so that other scenes of the same cell find them, too.
CellCache cache_of(const std::filesystem::path& out) {
  const auto user = user_cache();
  return CellCache((user ? *user : out) / "cells");
}

struct Sweep {
  std::vector<std::complex<double>> t;  // [wavelength][size]
  bool interrupted = false;
};

Sweep sweep_cells(const CellsProblem& problem, const RunOptions& settings, const CellCache& cache,
                  CellsFindings& findings) {
  const std::size_t sizes = problem.sizes.size(), wavelengths = problem.wavelengths.size();
  Sweep sweep;
  sweep.t.resize(sizes * wavelengths);
  const auto take = [&](std::size_t s, const std::vector<std::complex<double>>& t) {
    for (std::size_t w = 0; w < wavelengths; ++w) sweep.t[w * sizes + s] = t[w];
  };
  std::vector<std::size_t> missing;
  for (std::size_t s = 0; s < sizes; ++s) {
    const auto known =
        cache.find(describe(problem.cell, problem.wavelengths, problem.sizes[s]), wavelengths);
    if (known)
      take(s, *known);
    else
      missing.push_back(s);
  }
  findings.from_cache = sizes - missing.size();
  if (missing.empty()) return sweep;
  const UnitCellMarch march(problem.cell, problem.wavelengths);
  Progress progress("sweeping", sizes, "cells", choose_progress_style(settings.quiet));
  progress.start_at(findings.from_cache);
  const InterruptGuard interrupt("stopping after these cells; once more to stop at once\n");
  std::mutex one_at_a_time;
  std::vector<double> rang;  // sizes that had not settled
  parallel_tasks(missing.size(), settings.threads, [&](std::size_t task, int) {
    if (interrupt.requested()) return;
    const std::size_t s = missing[task];
    const UnitCellResponse found = march.transmission(problem.sizes[s]);
    const std::lock_guard lock(one_at_a_time);
    take(s, found.t);
    ++findings.marched;
    if (found.settled)
      cache.keep(describe(problem.cell, problem.wavelengths, problem.sizes[s]), found.t);
    else
      rang.push_back(problem.sizes[s]);
    progress.update(
        findings.from_cache + findings.marched,
        fmt::format("{} {}", cell_size_name(problem.cell.shape), length_text(problem.sizes[s])));
  });
  progress.finish();
  sweep.interrupted = findings.marched < missing.size();
  std::ranges::sort(rang);
  for (const double size : rang)
    findings.notes.push_back(
        fmt::format("{} {}: the transmission had not settled to {:.0e} after {}; raise run.time, "
                    "or leave the size out",
                    cell_size_name(problem.cell.shape), length_text(size), problem.cell.tolerance,
                    format_quantity(problem.cell.longest, Dimension::time)));
  return sweep;
}

void add_metrics(const CellsProblem& problem, const CellTable& table, CellsFindings& findings) {
  const CellTableData& data = table.data();
  const std::size_t sizes = data.sizes.size();
  double least = 2.0, most = 0.0, jump = 0.0, span = 2.0 * pi;
  for (std::size_t w = 0; w < data.wavelengths.size(); ++w) {
    double unwrapped = 0.0, low = 0.0, high = 0.0;
    for (std::size_t s = 0; s < sizes; ++s) {
      const std::complex<double> t = data.t[w * sizes + s];
      least = std::min(least, std::norm(t));
      most = std::max(most, std::norm(t));
      if (s == 0) continue;
      const std::complex<double> before = data.t[w * sizes + s - 1];
      jump = std::max(jump, std::abs(t - before));
      unwrapped += std::arg(t * std::conj(before));
      low = std::min(low, unwrapped);
      high = std::max(high, unwrapped);
    }
    span = w == 0 ? high - low : std::min(span, high - low);
  }
  findings.metrics.set("least_power", least);
  findings.metrics.set("highest_power", most);
  findings.metrics.set("phase_span", span);
  findings.metrics.set("largest_jump", jump);
  findings.metrics.set("interpolation_of_half", table.interpolation_error());
  for (const CellMetricPart& part : problem.metrics) {
    const std::complex<double> t = table.at(part.wavelength, part.size).t;
    findings.metrics.set(part.name, part.kind == "power"   ? std::norm(t)
                                    : part.kind == "phase" ? std::arg(t)
                                    : part.kind == "real"  ? t.real()
                                                           : t.imag());
  }
  if (jump > CellTable::largest_jump)
    findings.notes.push_back(
        fmt::format("the transmission changes by up to {:.2f} from size to size: a layer refuses "
                    "such a stretch "
                    "(above {}); sweep more sizes",
                    jump, CellTable::largest_jump));
  else if (table.interpolation_error() > worrying_interpolation)
    findings.notes.push_back(fmt::format(
        "a table of every second size would be wrong by {:.2f} between them: sweep more sizes",
        table.interpolation_error()));
}

}  // namespace

Status run_cells_scene(const Scene& scene, const RunOptions& settings) {
  const Clock::time_point start = Clock::now();
  CellsProblem problem = read_cells_problem(scene);
  problem.cell.precision = settings.precision;
  const std::filesystem::path out =
      settings.out.empty() ? std::filesystem::path("out") / problem.stem : settings.out;
  say(settings, problem.title);
  for (const std::string& line : cells_summary(problem)) say(settings, "  " + line);
  make_folder(out);
  remove_stale_parts(out);
  CellsFindings findings;
  const CellCache cache = cache_of(out);
  make_folder(cache.folder());
  const Clock::time_point sweeping = Clock::now();
  Sweep sweep = sweep_cells(problem, settings, cache, findings);
  findings.timing["sweep"] = seconds_since(sweeping);
  if (sweep.interrupted) {
    fmt::print("stopped after {} of {} cells; to go on: wavesmith run {} --out {}\n",
               findings.from_cache + findings.marched, problem.sizes.size(), settings.scene,
               out.string());
    return Status::interrupted;
  }
  say(settings, fmt::format("  {} cells marched, {} known from before", findings.marched,
                            findings.from_cache));
  CellTableData data;
  data.shape = problem.cell.shape;
  data.pitch = problem.cell.pitch;
  data.height = problem.cell.height;
  data.aspect = problem.cell.aspect;
  data.wavelengths = problem.wavelengths;
  data.sizes = problem.sizes;
  data.t = std::move(sweep.t);
  const CellTable table(std::move(data));
  add_metrics(problem, table, findings);
  findings.timing["total"] = seconds_since(start);
  for (const auto& [name, value] : findings.metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));
  for (const std::string& note : findings.notes) say(settings, "  " + note);
  for (const std::string& line : write_cells_outputs(problem, settings, table, findings, out))
    say(settings, line);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return check_expectations(problem.expectations, findings.metrics);
}

Status check_cells_scene(const Scene& scene, const SceneOptions& options) {
  CellsProblem problem = read_cells_problem(scene);
  problem.cell.precision = options.precision;
  fmt::print("{}\n", problem.title);
  for (const std::string& line : cells_summary(problem)) fmt::print("  {}\n", line);
  const std::array<int, 3> cells = unit_cell_grid(problem.cell, problem.wavelengths);
  fmt::print("  grid of a cell, by its symmetry: {} x {} x {}\n", cells[0], cells[1], cells[2]);
  fmt::print("the scene is in order\n");
  return Status::done;
}

Status gradcheck_cells_scene(const Scene& scene, const SceneOptions&) {
  const CellsProblem problem = read_cells_problem(scene);
  fmt::print("{}\n", problem.title);
  fmt::print("  a sweep has no parameter, so there is no gradient to check\n");
  return Status::done;
}

}  // namespace wavesmith
