// What TimeDomain refuses, and what it will take.
#include <cmath>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {

const char* component_name(WaveSystem system, int component) {
  constexpr std::array<const char*, 6> maxwell = {"Ex", "Ey", "Ez", "Hx", "Hy", "Hz"};
  constexpr std::array<const char*, 4> scalar = {"p", "vx", "vy", "vz"};
  return system == WaveSystem::maxwell ? maxwell[static_cast<std::size_t>(component)]
                                       : scalar[static_cast<std::size_t>(component)];
}

void validate_box(const GridBox& box, int component, const LeapfrogSize& size,
                  const std::string& what) {
  WAVESMITH_VALIDATE(component >= 0 && component < component_count(size.system),
                     what + " names component " + std::to_string(component) + "; there are " +
                         std::to_string(component_count(size.system)));
  for (std::size_t d = 0; d < 3; ++d)
    WAVESMITH_VALIDATE(
        box.begin[d] >= 0 && box.end[d] > box.begin[d] && box.end[d] <= size.points[d],
        what + " reaches from point " + std::to_string(box.begin[d]) + " to " +
            std::to_string(box.end[d]) + " along " + "xyz"[d] + ", but the grid has " +
            std::to_string(size.points[d]) + " points there");
}

void validate_setup(const TimeDomainSetup& setup, const GridLines& lines) {
  const LeapfrogSize& size = lines.size;
  const double limit = courant_limit(setup.grid, setup.speed);
  WAVESMITH_VALIDATE(setup.dt > 0.0 && setup.dt <= limit * (1.0 + 1e-12),
                     "a time step of " + std::to_string(setup.dt * 1e15) +
                         " fs is not stable on this grid; it must be above 0 and at most " +
                         std::to_string(limit * 1e15) + " fs (Courant limit)");
  WAVESMITH_VALIDATE(
      setup.paired || setup.boundaries.bloch_phase == decltype(setup.boundaries.bloch_phase){},
      "with a Bloch phase along an axis fields are complex, and this march is of real ones; march "
      "with BlochMarch, or leave the phase out");
  const auto check_values = [&](const std::vector<double>& values, const std::string& what) {
    WAVESMITH_VALIDATE(values.size() <= 1 || values.size() == size.count(),
                       what + " has " + std::to_string(values.size()) + " numbers for " +
                           std::to_string(size.count()) + " points; give one for all or one each");
  };
  for (int c = 0; c < component_count(size.system); ++c) {
    const std::string name = component_name(size.system, c);
    check_values(setup.coefficient[static_cast<std::size_t>(c)], "the coefficient of " + name);
    check_values(setup.decay[static_cast<std::size_t>(c)], "the decay of " + name);
    check_values(setup.initial[static_cast<std::size_t>(c)], "the initial field of " + name);
  }
  for (const PoleField& pole : setup.poles) {
    validate_box(pole.box, pole.component, size, "a pole of a medium");
    const std::size_t count = pole.box.count();
    WAVESMITH_VALIDATE(pole.a1.size() == count && pole.a2.size() == count &&
                           pole.gain.size() == count && (pole.relaxing || pole.a3.size() == count),
                       "a pole of a medium needs its numbers at each of the " +
                           std::to_string(count) + " points of its box");
  }
  validate_nonlinear(setup, size);
  validate_tensor(setup, lines);
  for (const TimeSource& source : setup.sources) {
    validate_box(source.box, source.component, size, "a source");
    WAVESMITH_VALIDATE(
        source.rank == 0 ? static_cast<bool>(source.fill)
                         : source.rank > 0 && source.signal &&
                               source.weights.size() ==
                                   source.box.count() * static_cast<std::size_t>(source.rank),
        "a source needs a signal, and a weight for every rank and point of its box; or rank 0 and "
        "a function that fills its box");
  }
  for (const SpectrumMonitor& monitor : setup.monitors) {
    validate_box(monitor.box, monitor.component, size, "a monitor");
    WAVESMITH_VALIDATE(monitor.every >= 1, "a monitor records every step or fewer");
    for (const double f : monitor.frequencies)
      WAVESMITH_VALIDATE(std::abs(f) * setup.dt * monitor.every < 0.5,
                         "a monitor that records every " + std::to_string(monitor.every) +
                             " steps cannot tell a frequency of " + std::to_string(f / 1e12) +
                             " THz from a lower one; record more often");
  }
  for (const TimeMonitor& monitor : setup.time_monitors) {
    validate_box(monitor.box, monitor.component, size, "a time monitor");
    WAVESMITH_VALIDATE(
        monitor.every >= 1 && *std::min_element(monitor.stride.begin(), monitor.stride.end()) >= 1,
        "a time monitor records every step and every point, or fewer");
  }
}

int block_length(const TimeDomainSetup& setup) {
  // Long enough for the skewed march to fill its pipeline, short enough for what is held of a
  // block to stay small.
  constexpr int longest = 64;
  constexpr std::uint64_t largest_block = std::uint64_t{1} << 28;
  const std::uint64_t number = setup.precision == Precision::f32 ? sizeof(float) : sizeof(double);
  const auto bytes = [&](int steps) {
    std::uint64_t numbers = 0;
    for (const SpectrumMonitor& monitor : setup.monitors)
      numbers += 2 * static_cast<std::uint64_t>(records_before(steps, monitor.every)) *
                 monitor.box.count();
    for (const TimeMonitor& monitor : setup.time_monitors)
      numbers +=
          static_cast<std::uint64_t>(records_before(steps, monitor.every)) * monitor.box.count();
    for (const TimeSource& source : setup.sources)
      if (source.rank == 0) numbers += static_cast<std::uint64_t>(steps) * source.box.count();
    return numbers * number;
  };
  int steps = longest;
  while (steps > 1 && bytes(steps) > largest_block) steps /= 2;
  return steps;
}

std::uint64_t estimate_march_bytes(const TimeDomainSetup& setup, const LeapfrogSize& size) {
  const std::uint64_t number = setup.precision == Precision::f32 ? sizeof(float) : sizeof(double);
  // Beyond what every march holds: conductivity, the second group's coefficients, poles, spectra.
  std::uint64_t numbers = 0, bytes = 0;
  for (std::size_t c = 0; c < setup.decay.size(); ++c) {
    numbers += setup.decay[c].empty() ? 0 : size.count();
    const bool second = c >= static_cast<std::size_t>(first_group_size(setup.system));
    numbers += second && setup.coefficient[c].size() > 1 ? size.count() : 0;
  }
  for (const PoleField& pole : setup.poles) numbers += 6 * pole.box.count();
  for (const TimeSource& source : setup.sources) numbers += source.weights.size();
  for (const SpectrumMonitor& monitor : setup.monitors)
    bytes = add_sizes({bytes, multiply_sizes({2 * sizeof(std::complex<double>),
                                              monitor.frequencies.size(), monitor.box.count()})});
  return add_sizes(
      {estimate_leapfrog_bytes(size, number), multiply_sizes({numbers, number}), bytes});
}

}  // namespace wavesmith
