// wavesmith bench maxwell3d and its kin: cells a second of the time march, against what the memory
// bandwidth would allow a march that reads and writes every array once a step.
//
// A dipole in a block of random permittivity, absorbing layers of 10 cells on all faces.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "apps/bench_parts.hpp"
#include "core/random.hpp"
#include "kernels/parallel.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {
namespace {

constexpr int rounds = 5, steps_a_round = 64;

struct WaveBench {
  std::string name;
  WaveSystem system;
  std::array<int, 3> cells;
};

WaveBench find_bench(const std::string& name) {
  if (name == "maxwell3d") return {name, WaveSystem::maxwell, {200, 200, 200}};
  if (name == "maxwell2d") return {name, WaveSystem::scalar, {2000, 2000, 1}};
  if (name == "acoustic3d") return {name, WaveSystem::scalar, {200, 200, 200}};
  return {name, WaveSystem::scalar, {2048, 2048, 1}};
}

TimeDomainSetup make_setup(const WaveBench& bench, const BenchOptions& options) {
  TimeDomainSetup setup;
  setup.system = bench.system;
  setup.speed = 1.0;
  setup.precision = options.precision;
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
  source.signal = [](int, double t) { return std::sin(2.0 * std::numbers::pi * 0.05 * t); };
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

}  // namespace

void bench_waves(const std::string& name, const BenchOptions& options, const Device& device) {
  const WaveBench bench = find_bench(name);
  TimeDomain march(make_setup(bench, options));
  Triad triad(bench_threads(options));
  double cells = 1.0;
  int dimensions = 0;
  for (const int n : bench.cells) {
    cells *= n;
    dimensions += n > 1 ? 1 : 0;
  }
  // Fields read and written, coefficients of the first group read.
  const double arrays =
      bench.system == WaveSystem::maxwell ? 2.0 * 6.0 + 3.0 : 2.0 * (1.0 + dimensions) + 1.0;
  const double bytes = arrays * (options.precision == Precision::f32 ? 4.0 : 8.0);
  march.run(steps_a_round);
  std::vector<double> seconds, limit;
  for (int round = 0; round < rounds; ++round) {
    limit.push_back(bytes / triad.bytes_per_second());
    seconds.push_back(seconds_of([&] { march.run(steps_a_round); }) / (cells * steps_a_round));
  }
  nlohmann::ordered_json row;
  row["name"] = name;
  fill_bench_row(row, options, device, seconds, limit);
  row["size"] = dimensions == 3
                    ? fmt::format("{}x{}x{}", bench.cells[0], bench.cells[1], bench.cells[2])
                    : fmt::format("{}x{}", bench.cells[0], bench.cells[1]);
  row["unit"] = "cells";
  row["bytes_per_unit"] = bytes;
  print_bench_row(options, row);
}

}  // namespace wavesmith
