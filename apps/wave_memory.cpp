#include "apps/wave_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/wave_validate.hpp"
#include "core/memory.hpp"

namespace wavesmith {
namespace {

// Numbers of bytes as they were found by measuring runs of a few million points.
constexpr std::uint64_t placing_bytes = 24;   // a point, of one component's rows while placed
constexpr std::uint64_t pole_bytes = 80;      // a point of a pole, beside what the march holds
constexpr std::uint64_t spectrum_copies = 3;  // of a monitor's spectra
constexpr std::uint64_t record_bytes = 120;   // of a point's value at a step, until it is written

// Points of the grid in a solid's bounds.
double points_in(const WaveProblem& problem, const Bounds& bounds) {
  double points = 1.0;
  for (std::size_t d = 0; d < static_cast<std::size_t>(problem.dimensions); ++d) {
    const Axis& axis = problem.setup.grid.axes[d];
    const double low = std::max(bounds.lo[d], axis.low()),
                 high = std::min(bounds.hi[d], axis.high());
    points *= std::max(0.0, high - low) / (axis.high() - axis.low()) * axis.cells() + 1.0;
  }
  return points;
}

double pole_points(const WaveProblem& problem) {
  if (problem.equations == Equations::sound) return 0.0;
  const auto poles_of = [&](int material) {
    const DispersiveMedium& medium =
        problem.materials.light[static_cast<std::size_t>(material)].medium;
    return static_cast<double>(medium.lorentz.size() + medium.debye.size());
  };
  const double all = static_cast<double>(problem.setup.grid.size());
  double points = poles_of(problem.geometry.background()) * all;
  for (const PlacedSolid& placed : problem.geometry.solids())
    points += poles_of(placed.material) * points_in(problem, placed.solid->bounds());
  return points;
}

// Numbers of all spectra; of modes, whose planes are not known yet, the widest there are.
double spectrum_numbers(const WaveProblem& problem) {
  TimeDomainSetup setup = problem.setup;
  const WaveContext context = context_of(setup, problem.equations, problem.impedance());
  double widest = 0.0;
  for (int axis = 0; axis < problem.dimensions; ++axis)
    widest = std::max(widest, static_cast<double>(setup.grid.size()) / setup.grid.cells(axis));
  double numbers = 0.0;
  for (const FrequencyMonitorPart& part : problem.monitors) {
    if (part.by_media)
      numbers += 4.0 * widest * static_cast<double>(part.frequencies.size());
    else
      part.make(setup, context, 1);
  }
  for (const SpectrumMonitor& monitor : setup.monitors)
    numbers +=
        static_cast<double>(monitor.frequencies.size()) * static_cast<double>(monitor.box.count());
  return numbers;
}

std::uint64_t whole(double bytes) {
  return static_cast<std::uint64_t>(std::min(bytes, 1e18));
}

}  // namespace

std::uint64_t WaveMemory::total() const {
  return add_sizes({grid, media, poles, monitors, records, moments});
}

WaveMemory wave_memory(const WaveProblem& problem, Precision precision) {
  const TimeDomainSetup& setup = problem.setup;
  const double number = precision == Precision::f32 ? 4.0 : 8.0;
  const double points = static_cast<double>(setup.grid.size());
  const double first = first_group_size(setup.system), all = component_count(setup.system);
  WaveMemory memory;
  memory.grid = grid_bytes(problem, precision);
  memory.media = whole(points * (4.0 * all + 8.0 * first + placing_bytes));
  memory.poles = whole(first * pole_points(problem) * (pole_bytes + 6.0 * number));
  memory.monitors = whole(spectrum_numbers(problem) * 16.0 * spectrum_copies);
  memory.records = whole(static_cast<double>(step_count(problem)) * record_bytes *
                         static_cast<double>(problem.points.size()));
  memory.moments = problem.snapshots.empty() ? 0 : whole(points * 8.0);
  return memory;
}

void require_wave_memory(const WaveProblem& problem, Precision precision) {
  const YeeGrid& grid = problem.setup.grid;
  const WaveMemory memory = wave_memory(problem, precision);
  require_memory(memory.total(),
                 fmt::format("the run of {} x {} x {} cells, with {} for media and {} for monitors "
                             "and records,",
                             grid.cells(0), grid.cells(1), grid.cells(2),
                             format_bytes(add_sizes({memory.media, memory.poles})),
                             format_bytes(add_sizes({memory.monitors, memory.records}))));
}

}  // namespace wavesmith
