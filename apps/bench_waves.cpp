// wavesmith bench maxwell3d and its kin: cells a second of the time march, against what the memory
// bandwidth would allow a march that reads and writes every array once a step.
//
// A dipole in a block of random permittivity, absorbing layers of 10 cells on all faces. For
// maxwell3d also what the layers cost, and a plane whose tangential fields are kept at 10 and at
// 101 frequencies. For adjoint the time of a gradient, in each of its modes, over that of a run of
// the march from its start: a pulse, a design region of 48^3 points, a loss of a plane at 3
// frequencies; for checkpoints a half and a quarter of the memory that storing all takes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

#include "apps/bench_parts.hpp"
#include "core/random.hpp"
#include "kernels/parallel.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {
namespace {

constexpr int rounds = 5, steps_a_round = 128;
constexpr double tone = 0.05;  // of the dipole [1/s], at a speed of one cell a second

struct WaveBench {
  std::string name;
  WaveSystem system;
  std::array<int, 3> cells;
};

WaveBench find_bench(const std::string& name) {
  if (name == "maxwell3d" || name == "maxwell3d_parts")
    return {name, WaveSystem::maxwell, {200, 200, 200}};
  if (name == "maxwell2d") return {name, WaveSystem::scalar, {2000, 2000, 1}};
  if (name == "adjoint") return {name, WaveSystem::maxwell, {128, 128, 128}};
  if (name == "acoustic3d") return {name, WaveSystem::scalar, {200, 200, 200}};
  return {name, WaveSystem::scalar, {2048, 2048, 1}};
}

TimeDomainSetup make_setup(const WaveBench& bench, const BenchOptions& options,
                           const Device& device) {
  TimeDomainSetup setup;
  setup.system = bench.system;
  setup.speed = 1.0;
  setup.precision = options.precision;
  setup.device = device;
  setup.schedule.threads = bench_threads(options);
  setup.boundaries.layer.cells = 10;
  std::size_t points = 1;
  TimeSource source;
  for (std::size_t d = 0; d < 3; ++d) {
    const int n = bench.cells[d];
    setup.grid.axes[d] = uniform_axis(0.0, n, n);
    if (n > 1) setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
    points *= static_cast<std::size_t>(n);
    source.box.begin[d] = n / 2;
    source.box.end[d] = n / 2 + 1;
  }
  setup.dt = 0.95 * courant_limit(setup.grid, 1.0);
  const Random random(1, 0);
  for (int c = 0; c < first_group_size(bench.system); ++c) {
    std::vector<double>& values = setup.coefficient[static_cast<std::size_t>(c)];
    values.resize(points);
    for (std::size_t i = 0; i < points; ++i) values[i] = random.uniform(i, 0.2, 1.0);
  }
  source.weights = {1.0};
  source.signal = [](int, double t) { return std::sin(2.0 * std::numbers::pi * tone * t); };
  setup.sources.push_back(source);
  return setup;
}

// a += s (b - c) over arrays far larger than any cache: bytes a second, counting every array once
// for each time it is read or written.
class Triad {
 public:
  explicit Triad(int threads) : threads_(threads), a_(size, 1.0f), b_(size, 2.0f), c_(size, 3.0f) {}
  double bytes_per_second() {
    const double seconds = seconds_of([&] {
      parallel_ranges(size, threads_, [&](std::size_t begin, std::size_t end) {
        float* const a = a_.data();
        const float* const b = b_.data();
        const float* const c = c_.data();
        for (std::size_t i = begin; i < end; ++i) a[i] += 1e-6f * (b[i] - c[i]);
      });
    });
    return 4.0 * sizeof(float) * static_cast<double>(size) / seconds;
  }

 private:
  static constexpr std::size_t size = std::size_t{1} << 25;
  int threads_;
  std::vector<float> a_, b_, c_;
};

// The tangential fields of the middle plane across x (across z: whole rows), recorded at six points
// a period of the highest frequency.
void add_plane(TimeDomainSetup& setup, int axis, int frequencies) {
  const std::size_t d = static_cast<std::size_t>(axis);
  SpectrumMonitor monitor;
  for (int f = 0; f < frequencies; ++f)
    monitor.frequencies.push_back(tone * (0.6 + 0.8 * f / (frequencies - 1)));
  monitor.every =
      std::max(1, static_cast<int>(1.0 / (6.0 * monitor.frequencies.back() * setup.dt)));
  for (std::size_t e = 0; e < 3; ++e) {
    const int n = setup.grid.axes[e].cells();
    monitor.box.begin[e] = e == d ? n / 2 : 10;
    monitor.box.end[e] = e == d ? n / 2 + 1 : n - 10;
  }
  for (int c = 0; c < 6; ++c)
    if (c % 3 != axis) {
      monitor.component = c;
      setup.monitors.push_back(monitor);
    }
}

std::string size_of(const WaveBench& bench) {
  const auto& n = bench.cells;
  return n[2] > 1 ? fmt::format("{}x{}x{}", n[0], n[1], n[2]) : fmt::format("{}x{}", n[0], n[1]);
}

// Seconds a cell and step of each march, alternated after a first round, and of the triad.
struct Timing {
  std::vector<std::vector<double>> marches;
  std::vector<double> triad;  // seconds a byte
};

Timing alternate(const std::vector<TimeDomain*>& marches, Triad& triad) {
  Timing timing;
  timing.marches.resize(marches.size());
  for (TimeDomain* const march : marches) march->run(steps_a_round);
  for (int round = 0; round < rounds; ++round) {
    timing.triad.push_back(1.0 / triad.bytes_per_second());
    for (std::size_t m = 0; m < marches.size(); ++m) {
      const double steps = static_cast<double>(marches[m]->size().count()) * steps_a_round;
      timing.marches[m].push_back(seconds_of([&] { marches[m]->run(steps_a_round); }) / steps);
    }
  }
  return timing;
}

double median_ratio(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < a.size(); ++round) ratios.push_back(a[round] / b[round]);
  return median(ratios);
}

}  // namespace

void bench_waves(const std::string& name, const BenchOptions& options, const Device& device) {
  const WaveBench bench = find_bench(name);
  int dimensions = 0;
  for (const int n : bench.cells) dimensions += n > 1 ? 1 : 0;
  // Fields read and written, coefficients of the first group read.
  const double arrays =
      bench.system == WaveSystem::maxwell ? 2.0 * 6.0 + 3.0 : 2.0 * (1.0 + dimensions) + 1.0;
  const double bytes = arrays * (options.precision == Precision::f32 ? 4.0 : 8.0);
  const TimeDomainSetup plain = make_setup(bench, options, device);
  TimeDomain march(plain);
  Triad triad(bench_threads(options));
  const auto print = [&](const std::string& what, const Timing& timing) {
    std::vector<double> limit = timing.triad;
    for (double& seconds : limit) seconds *= bytes;
    if (device.kind != Device::Kind::cpu) limit.clear();  // the bandwidth is that of the CPU
    nlohmann::ordered_json row;
    row["name"] = name;
    fill_bench_row(row, options, device, timing.marches.back(), limit);
    row["size"] = size_of(bench) + (what.empty() ? "" : ", " + what);
    row["unit"] = "cells";
    row["bytes_per_unit"] = bytes;
    if (timing.marches.size() > 1)
      row["seconds_against_plain"] = median_ratio(timing.marches[1], timing.marches[0]);
    print_bench_row(options, row);
  };
  if (name != "maxwell3d_parts") {
    print("", alternate({&march}, triad));
    return;
  }
  const auto compare = [&](const std::string& what, TimeDomainSetup setup) {
    TimeDomain other(std::move(setup));
    print(what, alternate({&march, &other}, triad));
  };
  TimeDomainSetup closed = plain;
  for (auto& faces : closed.boundaries.faces) faces = {Boundary::wall, Boundary::wall};
  compare("no layers", std::move(closed));
  for (const int frequencies : {10, 101})
    for (const int axis : {2, 0}) {
      TimeDomainSetup observed = plain;
      add_plane(observed, axis, frequencies);
      compare(fmt::format("{}-plane, {} frequencies", "xyz"[axis], frequencies),
              std::move(observed));
    }
}

void bench_adjoint(const BenchOptions& options, const Device& device) {
  constexpr int steps = 1000;
  const WaveBench bench = find_bench("adjoint");
  TimeDomainSetup setup = make_setup(bench, options, device);
  // Spectra ask for fields that end.
  setup.sources[0].signal = [](int, double t) {
    const double x = (t - 40.0) / 14.0;
    return std::exp(-0.5 * x * x) * std::sin(2.0 * std::numbers::pi * tone * t);
  };
  add_plane(setup, 2, 3);
  TimeDomain march(std::move(setup));
  const GridBox design{{40, 40, 12}, {88, 88, 60}};
  // The power in all spectra.
  const auto loss = [](const std::vector<std::vector<std::complex<double>>>& spectra) {
    return spectra;
  };
  const auto stored = march.plan_gradient(steps, design, {MemoryMode::store, 0}).bytes;
  const std::vector<std::pair<std::string, GradientMemory>> modes = {
      {"dft", {MemoryMode::dft, 0}},
      {"checkpoint, a quarter of store", {MemoryMode::checkpoint, stored / 4}},
      {"checkpoint, half of store", {MemoryMode::checkpoint, stored / 2}},
      {"store", {MemoryMode::store, 0}}};
  march.run(steps_a_round);
  for (const auto& [mode, memory] : modes) {
    std::vector<double> forward, back;
    TimeDomainGradient gradient;
    for (int round = 0; round < 3; ++round) {
      forward.push_back(seconds_of([&] {
        march.restart();
        march.run(steps);
      }));
      back.push_back(seconds_of([&] { gradient = march.pull_back(steps, design, loss, memory); }));
    }
    nlohmann::ordered_json row;
    row["name"] = "adjoint";
    fill_bench_row(row, options, device, back, {});
    row["size"] = fmt::format("{}, {} steps, {}", size_of(bench), steps, mode);
    row["unit"] = "gradients";
    row["plan"] = gradient.plan.text();
    row["error_estimate"] = gradient.error_estimate;
    row["seconds_against_forward"] = median_ratio(back, forward);
    print_bench_row(options, row);
  }
}

}  // namespace wavesmith
