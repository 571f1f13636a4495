// wavesmith gradcheck of a scene of waves in time: the derivative of this very scene, by its
// transposed march, against differences, in double precision.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/design_run.hpp"
#include "apps/gradcheck_parts.hpp"
#include "apps/wave_run.hpp"
#include "core/random.hpp"

namespace wavesmith {
namespace {

constexpr long most_steps = 400;
constexpr int directions = 3;

// The middle of the domain, a third of it along each axis, kept to `most` points.
GridBox design_box(const LeapfrogSize& size, int most) {
  GridBox box;
  for (std::size_t d = 0; d < 3; ++d) {
    const int n = size.points[d];
    const int width = n == 1 ? 1 : std::clamp(n / 3, 1, most);
    box.begin[d] = n == 1 ? 0 : (n - width) / 2;
    box.end[d] = box.begin[d] + width;
  }
  return box;
}

}  // namespace

Status gradcheck_wave_scene(const Scene& scene, const SceneOptions& options) {
  const WaveProblem problem = read_wave_problem(scene);
  if (problem.design) return gradcheck_design_scene(problem, options);
  const std::array<double, 2> band = band_of_sources(problem);
  const WaveSimulation simulation(problem, parse_device(options.device), Precision::f64,
                                  options.threads);
  TimeDomainSetup setup = simulation.march().setup();
  const GridBox design = design_box(simulation.context().size, 24);
  // What is looked at: the first component around the design region, at the middle of the band.
  setup.monitors.clear();
  setup.time_monitors.clear();
  setup.monitors.push_back({0, design, {0.5 * (band[0] + band[1])}, 1});
  const double driven = std::min(end_of_sources(problem), problem.stop.time);
  const long steps = std::min(most_steps, std::max(32L, std::lround(driven / setup.dt)));

  using Complex = TimeDomain::Complex;
  const std::size_t points = design.count();
  std::vector<double> weights(points);
  const Random random(options.seed, 0);
  for (std::size_t i = 0; i < points; ++i) weights[i] = random.uniform(i);
  double value = 0.0;
  const TimeDomain::SpectrumLoss loss = [&](const std::vector<std::vector<Complex>>& spectra) {
    std::vector<std::vector<Complex>> cotangents = {spectra[0]};
    value = 0.0;
    for (std::size_t i = 0; i < points; ++i) {
      value += weights[i] * std::norm(spectra[0][i]);
      cotangents[0][i] = 2.0 * weights[i] * spectra[0][i];
    }
    return cotangents;
  };
  const int split = first_group_size(setup.system);
  const LeapfrogSize size = simulation.march().size();
  for (int c = 0; c < split; ++c) {
    std::vector<double>& values = setup.coefficient[static_cast<std::size_t>(c)];
    if (values.size() != size.count())
      values.assign(size.count(), values.empty() ? 1.0 : values.front());
  }
  TimeDomain march(setup);
  const TimeDomainGradient gradient = march.pull_back(steps, design, loss, problem.gradient);
  fmt::print("memory: {}\n", gradient.plan.text());
  bool all = true;
  const double scale = std::abs(value);
  if (scale == 0.0) {
    fmt::print("nothing reaches the middle of the domain within {} steps\n", steps);
    return Status::numerics;
  }
  for (int direction = 0; direction < directions; ++direction) {
    std::vector<double> change(points * static_cast<std::size_t>(split));
    for (std::size_t i = 0; i < change.size(); ++i)
      change[i] = random.uniform((static_cast<std::uint64_t>(direction) + 1) << 32 | i, -0.5, 0.5);
    double along = 0.0;
    for (std::size_t i = 0; i < change.size(); ++i)
      along += change[i] * gradient.coefficient[i / points][i % points];
    const auto shifted = [&](double h) {
      TimeDomainSetup moved = setup;
      std::size_t i = 0;
      for (int c = 0; c < split; ++c)
        for_each_point(design, [&](const std::array<int, 3>& p, std::size_t) {
          moved.coefficient[static_cast<std::size_t>(c)][size.index(p[0], p[1], p[2])] +=
              h * change[i++];
        });
      TimeDomain other(std::move(moved));
      other.run(steps);
      loss({std::vector<Complex>(other.spectrum(0).begin(), other.spectrum(0).end())});
      return value;
    };
    // Fourth order in h.
    const double h = 1e-3;
    const double difference =
        (8.0 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12.0 * h);
    all = report_check(fmt::format("finite differences, direction {}", direction + 1),
                       std::abs(along - difference) / std::max(std::abs(difference), 1e-6 * scale),
                       difference_bound) &&
          all;
  }
  fmt::print("{} steps, {} points of the medium in the middle of the domain\n", steps, points);
  return all ? Status::done : Status::numerics;
}

}  // namespace wavesmith
