// wavesmith check of a scene of waves in time: resolution, stability, memory, time, materials.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "apps/wave_memory.hpp"
#include "apps/wave_run.hpp"
#include "apps/wave_snapshots.hpp"
#include "apps/wave_validate.hpp"
#include "core/atomic_file.hpp"
#include "core/memory.hpp"
#include "core/progress.hpp"
#include "core/units.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "apps/wave_pictures.hpp"
#endif

namespace wavesmith {
namespace {

// Cells a second of a small grid with the scene's equations and absorbing layers, and coefficients
// of its own at every point, on this machine, now.
double measured_rate(const WaveProblem& problem, Precision precision, int threads) {
  TimeDomainSetup setup = problem.setup;
  const int most = problem.dimensions == 3 ? 96 : problem.dimensions == 2 ? 768 : 8192;
  for (std::size_t d = 0; d < static_cast<std::size_t>(problem.dimensions); ++d) {
    const Axis& axis = problem.setup.grid.axes[d];
    const int cells = std::min(axis.cells(), most);
    setup.grid.axes[d] = uniform_axis(0, axis.width(0) * cells, cells);
    // Layers would take a larger share of the cut grid than of the whole.
    int& layer = setup.boundaries.layer.cells;
    layer =
        std::max(1, std::min(layer, problem.setup.boundaries.layer.cells * cells / axis.cells()));
  }
  setup.boundaries.bloch_phase = {};
  setup.dt = 0.9 * courant_limit(setup.grid, setup.speed);
  setup.precision = precision;
  setup.schedule.threads = threads;
  const std::size_t points = setup.grid.size();
  const LeapfrogSize size = make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes,
                                            setup.speed, setup.dt)
                                .size;
  if (!problem.geometry.solids().empty())
    for (int c = 0; c < first_group_size(setup.system); ++c)
      setup.coefficient[static_cast<std::size_t>(c)].assign(size.count(), 1.0);
  TimeDomain march(std::move(setup));
  using Clock = std::chrono::steady_clock;
  march.run(64);
  const Clock::time_point begin = Clock::now();
  long steps = 0;
  double seconds = 0.0;
  while (seconds < 0.2) {
    march.run(64);
    steps += 64;
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  // Complex fields are two marches.
  return static_cast<double>(steps) * static_cast<double>(points) / seconds /
         (problem.bloch ? 2.0 : 1.0);
}

}  // namespace

std::array<double, 2> band_of_sources(const WaveProblem& problem) {
  std::array<double, 2> band = {std::numeric_limits<double>::infinity(), 0.0};
  for (const SourcePart& source : problem.sources) {
    const std::array<double, 2> own = band_of(source.waveform, 1e-2);
    band = {std::min(band[0], own[0]), std::max(band[1], own[1])};
  }
  return band;
}

double end_of_sources(const WaveProblem& problem) {
  double end = 0.0;
  for (const SourcePart& source : problem.sources) end = std::max(end, source.waveform.end);
  return end;
}

std::vector<std::string> audit_resolution(const WaveProblem& problem) {
  const std::array<double, 2> band = band_of_sources(problem);
  std::vector<std::string> lines;
  lines.push_back(fmt::format("band of the sources: {} to {}",
                              format_quantity(band[0], Dimension::frequency),
                              format_quantity(band[1], Dimension::frequency)));
  for (const WaveResolution& wave : wave_resolutions(problem))
    lines.push_back(fmt::format("{}: {:.1f} cells a {} at the highest frequency{}",
                                problem.materials.names[static_cast<std::size_t>(wave.material)],
                                wave.cells, wave.metal ? "2 pi skin depths" : "wavelength",
                                wave.cells < 10.0 && !wave.metal
                                    ? "; below 10 waves are slowed by more than a percent"
                                    : ""));
  lines.insert(lines.end(), problem.warnings.begin(), problem.warnings.end());
  return lines;
}

Status check_wave_scene(const Scene& scene, const SceneOptions& options) {
  const WaveProblem problem = read_wave_problem(scene);
  const TimeDomainSetup& setup = problem.setup;
  fmt::print("{}\n", problem.title);
  for (const std::string& line : audit_resolution(problem)) fmt::print("  {}\n", line);
  const YeeGrid& grid = setup.grid;
  fmt::print("  grid: {} x {} x {} cells\n", grid.cells(0), grid.cells(1), grid.cells(2));
  const long steps = step_count(problem);
  fmt::print("  step: {}, Courant number {:.3g} of the largest stable one; {}{} steps\n",
             format_quantity(setup.dt, Dimension::time), problem.courant,
             problem.stop.decay > 0.0 ? "at most " : "", steps);
  const WaveMemory memory = wave_memory(problem, options.precision);
  fmt::print(
      "  memory: about {}: {} for the grid, {} for media, {} for monitors, {} for records "
      "and moments\n",
      format_bytes(memory.total()), format_bytes(memory.grid),
      format_bytes(add_sizes({memory.media, memory.poles})), format_bytes(memory.monitors),
      format_bytes(add_sizes({memory.records, memory.moments})));
  const WaveContext context =
      make_wave_context(problem.equations, grid, setup.boundaries, setup.dt, setup.speed);
  for (const SnapshotPart& part : problem.snapshots) {
    const std::size_t frames = snapshot_steps(part, setup.dt, steps).size();
    fmt::print("  snapshots {}: {} of {} each on disk\n", part.name, frames,
               format_bytes(snapshot_bytes(context, part)));
  }
  const double rate = measured_rate(problem, options.precision, options.threads);
  fmt::print("  time: about {} at {:.3g} million cells a second\n",
             format_duration(static_cast<double>(steps) * static_cast<double>(grid.size()) / rate),
             1e-6 * rate);
#ifdef WAVESMITH_HAS_VTK
  const std::filesystem::path picture =
      std::filesystem::path("out") / problem.stem / "images" / "materials.png";
  const std::array<double, 2> band = band_of_sources(problem);
  try {
    make_folder(picture.parent_path());
    write_material_pictures(problem, 0.5 * (band[0] + band[1]), picture);
    fmt::print("  materials: {}\n", picture.string());
  } catch (const UnavailableError& error) {
    // A scene can be looked at where nothing can be written.
    fmt::print("  no picture of the materials: {}\n", error.what());
  }
#endif
  fmt::print("the scene is in order\n");
  return Status::done;
}

}  // namespace wavesmith
