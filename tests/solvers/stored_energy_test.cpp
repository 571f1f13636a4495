// Energy in cavities and waves, and what absorbs against what flows in.
#include "solvers/stored_energy.hpp"

#include <cstdio>

#include "physics/vacuum.hpp"
#include "solvers/flux.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

// From the fields of the march as they are.
double energy_now(const TimeDomain& march, const std::vector<EnergyPart>& parts) {
  double energy = 0.0;
  for (const EnergyPart& part : parts) {
    const std::vector<double> values = march.field(part.field.component);
    for_each_point(part.box, [&](const std::array<int, 3>& p, std::size_t number) {
      const double value = values[march.size().index(p[0], p[1], p[2])];
      energy += part.weights[number] * value * value;
    });
  }
  return energy;
}

using testing::Complex;

// A closed box rings for ever; E and H half a step apart make the sum swing in proportion to dt.
TEST(StoredEnergy, StaysInClosedBoxes) {
  for (const Equations equations : {Equations::maxwell, Equations::sound}) {
    std::array<double, 2> swing{};
    for (int level = 0; level < 2; ++level) {
      TimeDomainSetup setup;
      setup.system = system_of(equations);
      setup.speed = 1.0;
      for (std::size_t d = 0; d < 3; ++d)
        setup.grid.axes[d] = testing::random_axis(10, 1.0, 0.1, d);
      setup.boundaries.faces[1] = {Boundary::mirror, Boundary::mirror};
      setup.dt = 0.4 / (1 << level) * courant_limit(setup.grid, 1.0);
      setup.sources.push_back(
          testing::point_source(equations == Equations::maxwell ? 2 : 0, {4, 5, 3}, 0.08));
      const WaveContext context = context_of(setup, equations, 2.0);
      const Vec3 low{-1, -1, -1}, high{99, 99, 99};
      const EnergyRecord record(setup, context, low, high, 1 << level);
      const auto parts = energy_parts(context, low, high);
      TimeDomain march(setup);
      const long start = static_cast<long>(testing::pulse_length(0.08) / setup.dt) + 8;
      march.run(start);
      march.drop_records();
      march.run(400 << level);
      EnergyRecord::Records records;
      for (int m = 0; m < static_cast<int>(setup.time_monitors.size()); ++m) {
        const auto one = march.record(m);
        records.emplace_back(one.begin(), one.end());
      }
      const std::vector<double> energy = record.evaluate(records);
      double least = energy[0], most = energy[0];
      for (const double e : energy) least = std::min(least, e), most = std::max(most, e);
      swing[static_cast<std::size_t>(level)] = (most - least) / most;
      // Every step has a record on the first level, the last one too.
      const double last = level == 0 ? energy.back() : energy_now(march, parts);
      EXPECT_NEAR(energy_now(march, parts) / last, 1.0, 1e-12);

      // The derivative of the sum over records with random weights; the energy is quadratic.
      EnergyRecord::Records direction = records, back = records;
      const Random random(3, 3);
      std::uint64_t draw = 0;
      for (auto& row : direction)
        for (double& value : row) value *= random.uniform(draw++, -1.0, 1.0);
      for (auto& row : back) row.assign(row.size(), 0.0);
      std::vector<double> cotangent(energy.size());
      for (double& g : cotangent) g = random.uniform(draw++, -1.0, 1.0);
      record.pull_back(records, cotangent, back);
      const auto along = [&](double by) {
        EnergyRecord::Records other = records;
        for (std::size_t m = 0; m < other.size(); ++m)
          for (std::size_t i = 0; i < other[m].size(); ++i) other[m][i] += by * direction[m][i];
        const std::vector<double> values = record.evaluate(other);
        double sum = 0.0;
        for (std::size_t r = 0; r < values.size(); ++r) sum += cotangent[r] * values[r];
        return sum;
      };
      double expected = 0.0, size = 0.0;
      for (std::size_t m = 0; m < back.size(); ++m)
        for (std::size_t i = 0; i < back[m].size(); ++i) {
          expected += back[m][i] * direction[m][i];
          size += std::abs(back[m][i] * direction[m][i]);
        }
      EXPECT_NEAR(along(0.5) - along(-0.5), expected, 1e-12 * size);
    }
    const double order = std::log2(swing[0] / swing[1]);
    std::printf("energy in a closed box swings by %.2e, %.2e, order %.2f\n", swing[0], swing[1],
                order);
    EXPECT_GT(order, 0.9);
    EXPECT_LT(swing[1], 0.05);
  }
}

// In a travelling wave energy moves with the group velocity, and half of it is electric.
TEST(StoredEnergy, TravelsWithTheGroupVelocity) {
  for (const Equations equations : {Equations::tm, Equations::sound}) {
    TimeDomainSetup setup;
    setup.system = system_of(equations);
    const bool sound = equations == Equations::sound;
    setup.speed = sound ? 1.0 : speed_of_light;
    setup.grid.axes[0] = uniform_axis(0.0, 200.0, 200);
    setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
    setup.boundaries.layer.cells = 40;
    setup.dt = 0.5 * courant_limit(setup.grid, setup.speed);
    const double f = 0.02 * setup.speed;
    setup.sources.push_back(testing::point_source(0, {60, 0, 0}, f));
    const WaveContext context = context_of(setup, equations, 2.0);
    const EnergySpectrum energy(setup, context, "energy", {80, 0, 0}, {130, 1, 1}, {f});
    const Flux flux(setup, context, "flux", PlaneRectangle{0, 90.0, {}, {}}, {f});
    TimeDomain march(setup);
    march.run(static_cast<long>((testing::pulse_length(f) + 500.0 / setup.speed) / setup.dt));
    const Spectra spectra = spectra_of(march);
    const MonitorValues found = energy.evaluate(spectra);
    // Mean over 50 = one wavelength.
    const double velocity =
        flux.evaluate(spectra)[0][0].real() / ((found[0][0] + found[1][0]).real() / 50.0);
    std::printf("%s: energy velocity %.6f, electric share %.6f\n", sound ? "sound" : "light",
                velocity / setup.speed, found[0][0].real() / (found[0][0] + found[1][0]).real());
    // On the grid |E| = Z |H|, and half a cell between them is a factor of cos(k width / 2).
    const double s = std::sin(pi * f * setup.dt) / (setup.speed * setup.dt);
    EXPECT_NEAR(velocity / setup.speed, std::sqrt(1.0 - s * s), 1e-5);
    EXPECT_NEAR((found[0][0] / found[1][0]).real(), 1.0, 1e-5);
    EXPECT_LT(testing::pull_back_error(energy, setup), 1e-12);
  }
}

// Through the march and through the weights, where the design lies inside of the energy's box.
TEST(StoredEnergy, GradientAgreesWithFiniteDifferences) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  for (std::size_t d = 0; d < 2; ++d) {
    setup.grid.axes[d] = testing::random_axis(30, 40e-9, 0.1, d);
    setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
  }
  setup.boundaries.layer.cells = 7;
  setup.dt = 0.9 * courant_limit(setup.grid, speed_of_light);
  setup.coefficient[0].assign(900, 0.4);
  const double f = speed_of_light / 0.7e-6;
  setup.sources.push_back(testing::point_source(0, {10, 13, 0}, f));
  const Vec3 low = {0.5e-6, 0.4e-6, 0.0}, high = {0.8e-6, 0.75e-6, 0.0};
  const GridBox design{{14, 11, 0}, {18, 17, 1}};
  const long steps = 1500;
  const MonitorValues cotangent = {{1.0}, {-0.3}};
  const auto make = [&](TimeDomainSetup& of) {
    return EnergySpectrum(of, context_of(of, Equations::tm), "energy", low, high, {f});
  };
  const Random random(7, 0);
  const auto loss_at = [&](double by) {
    TimeDomainSetup other = setup;
    for_each_point(design, [&](const std::array<int, 3>& p, std::size_t i) {
      other.coefficient[0][static_cast<std::size_t>(p[1] * 30 + p[0])] +=
          by * random.uniform(i, -1.0, 1.0);
    });
    const EnergySpectrum energy = make(other);
    TimeDomain run(other);
    run.run(steps);
    return testing::real_product(cotangent, energy.evaluate(spectra_of(run)));
  };
  TimeDomainSetup own = setup;
  const EnergySpectrum energy = make(own);
  TimeDomain march(own);
  std::vector<EnergySpectrum::CoefficientGradient> by_weights;
  const TimeDomainGradient by_march = march.pull_back(steps, design, [&](const Spectra& spectra) {
    Spectra cotangents = zeros_like(spectra);
    energy.pull_back(spectra, cotangent, cotangents);
    by_weights = energy.coefficient_gradient(spectra, cotangent);
    return cotangents;
  });
  double expected = 0.0, direct = 0.0;
  for_each_point(design, [&](const std::array<int, 3>& p, std::size_t i) {
    expected += by_march.coefficient[0][i] * random.uniform(i, -1.0, 1.0);
    for (const auto& gradient : by_weights) {
      if (gradient.component != 0) continue;
      for_each_point(gradient.box, [&](const std::array<int, 3>& q, std::size_t j) {
        if (q == p) direct += gradient.values[j] * random.uniform(i, -1.0, 1.0);
      });
    }
  });
  const double h = 1e-3;
  const double found =
      (8.0 * (loss_at(h) - loss_at(-h)) - (loss_at(2.0 * h) - loss_at(-2.0 * h))) / (12.0 * h);
  std::printf("gradient of the energy: error %.1e; share through the weights %.2f\n",
              std::abs(found / (expected + direct) - 1.0), direct / found);
  EXPECT_NEAR((expected + direct) / found, 1.0, 1e-6);
  EXPECT_GT(std::abs(direct / found), 1e-3);
}

// With decay d the march takes (1 - d) cos(omega dt / 2) eps |E|^2 / (2 dt) from every point.
TEST(StoredEnergy, AbsorbedPowerIsWhatConductorsTake) {
  for (const bool three : {false, true}) {
    TimeDomainSetup setup;
    setup.speed = speed_of_light;
    const int n = three ? 28 : 40;
    for (std::size_t d = 0; d < (three ? 3 : 2); ++d) {
      setup.grid.axes[d] = testing::random_axis(n, 50e-9, 0.1, d);
      setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
    }
    setup.boundaries.layer.cells = 7;
    setup.dt = 0.9 * courant_limit(setup.grid, speed_of_light);
    const double f = speed_of_light / 0.8e-6;
    const WaveContext context = context_of(setup, Equations::maxwell);
    const GridBox lossy{{14, 12, three ? 12 : 0}, {17, 16, three ? 15 : 1}};
    const Random random(2, 2);
    for (std::size_t c = 0; c < 3; ++c) {
      setup.decay[c].assign(context.size.count(), 1.0);
      for_each_point(lossy, [&](const std::array<int, 3>& p, std::size_t i) {
        setup.decay[c][context.size.index(p[0], p[1], p[2])] =
            random.uniform(i + 100 * c, 0.7, 1.0);
      });
    }
    for (int c = 0; c < 3; ++c)
      setup.sources.push_back(testing::point_source(c, {10, 13, three ? 13 : 0}, f));
    const auto edge = [&](std::size_t d, int i) {
      return setup.grid.axes[d].cells() == 1 ? 0.0 : setup.grid.axes[d].edge(i);
    };
    const Vec3 low = {edge(0, 12), edge(1, 10), edge(2, 10)};
    const Vec3 high = {edge(0, 19), edge(1, 18), edge(2, 17)};
    const Flux absorbed = absorbed_power(setup, context, "absorbed", low, high, {f});
    std::vector<int> own;
    for (int c = 0; c < 3; ++c) own.push_back(add_spectrum(setup, c, lossy, {f}, 1));
    TimeDomain march(setup);
    march.run(three ? 2500 : 4000);
    const Spectra spectra = spectra_of(march);
    double expected = 0.0;
    for (std::size_t c = 0; c < 3; ++c)
      for_each_point(lossy, [&](const std::array<int, 3>& p, std::size_t i) {
        double volume = 1.0;
        for (std::size_t d = 0; d < 3; ++d)
          volume *= point_width(context, static_cast<int>(d),
                                electric_places(static_cast<int>(c))[d], p[d]);
        const double keep = setup.decay[c][context.size.index(p[0], p[1], p[2])];
        expected += 0.5 * (1.0 - keep) * std::cos(pi * f * setup.dt) * vacuum_permittivity /
                    setup.dt * volume * std::norm(spectra[static_cast<std::size_t>(own[c])][i]);
      });
    const double found = absorbed.evaluate(spectra)[0][0].real();
    std::printf("absorbed %.6e, by Ohm %.6e\n", found, expected);
    EXPECT_NEAR(found / expected, 1.0, 1e-11);
  }
}

}  // namespace
}  // namespace wavesmith
