// Spectra against exact discrete solutions, and the transposed march against finite differences.
#include "solvers/time_domain.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"
#include "solvers/place_medium.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
constexpr double pi = std::numbers::pi;

Axis cells(int n) {
  return uniform_axis(0.0, n, n);
}

// sin^2-shaped burst around f in units of 1 / time.
std::function<double(int, double)> burst(double f) {
  return [f](int rank, double t) {
    const double length = 3.0 / f;
    if (t < 0.0 || t > length) return 0.0;
    const double envelope = std::pow(std::sin(pi * t / length), 2);
    return envelope * std::sin(2.0 * pi * f * t + rank);
  };
}

// Amplitude behind a slab of nodes begin .. end - 1 in one dimension per incident one, exactly:
// with p ~ exp(-i omega t) the difference equations are, width the cells',
//   p_{i+1} + p_{i-1} - 2 p_i = -4 s^2 eps_i p_i,   s = sin(omega dt / 2) width / (c dt),
// solved from a unit wave behind the slab to the front.
Complex exact_transmission(int begin, int end, Complex eps, double s) {
  const double k = 2.0 * std::asin(s);  // times the width
  Complex right = std::polar(1.0, k * (end + 1)), here = std::polar(1.0, k * end);
  for (int i = end; i >= begin - 1; --i) {
    const Complex left = (2.0 - 4.0 * s * s * (i >= begin && i < end ? eps : 1.0)) * here - right;
    right = here;
    here = left;
  }
  // Nodes begin - 2 and begin - 1 hold a e^{ikx} + b e^{-ikx}.
  const double x = begin - 2;
  const Complex a = (right - here * std::polar(1.0, -k)) /
                    (std::polar(1.0, k * (x + 1)) - std::polar(1.0, k * (x - 1)));
  return 1.0 / a;
}

// p = Ez, C = 1 / permittivity, unit cells.
TEST(TimeDomain, SlabTransmissionIsThatOfTheDifferenceEquations) {
  const int n = 300, begin = 140, end = 157;
  const double dt = 0.9, eps = 6.25;
  const std::vector<double> frequencies = {0.015, 0.025, 0.04};
  const auto spectrum = [&](bool slab) {
    TimeDomainSetup setup;
    setup.system = WaveSystem::scalar;
    setup.grid.axes = {cells(n), Axis{}, Axis{}};
    setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
    setup.boundaries.layer.cells = 60;
    setup.speed = 1.0;
    setup.dt = dt;
    if (slab) {
      setup.coefficient[0].assign(n, 1.0);
      for (int i = begin; i < end; ++i)
        setup.coefficient[0][static_cast<std::size_t>(i)] = 1.0 / eps;
    }
    setup.sources.push_back({0, {{70, 0, 0}, {71, 1, 1}}, 1, {1.0}, burst(0.025)});
    setup.monitors.push_back({0, {{220, 0, 0}, {221, 1, 1}}, frequencies, 2});
    TimeDomain march(std::move(setup));
    march.run(6000);
    return std::vector<Complex>(march.spectrum(0).begin(), march.spectrum(0).end());
  };
  const std::vector<Complex> with = spectrum(true), without = spectrum(false);
  for (std::size_t f = 0; f < frequencies.size(); ++f) {
    const double s = std::sin(pi * frequencies[f] * dt) / dt;
    const Complex expected = exact_transmission(begin, end, eps, s);
    const Complex found = with[f] / without[f];
    std::printf("f = %.3f: transmission %.8f, exact %.8f\n", frequencies[f], std::norm(found),
                std::norm(expected));
    EXPECT_LT(std::abs(found - expected), 1e-6) << frequencies[f];
  }
}

// A slab of metal, glass or water in one dimension, in SI units, against the difference equations
// with the permittivity that the recursion has exactly.
TEST(TimeDomain, DispersiveSlabTransmitsWhatItsRecursionSays) {
  const int n = 320, begin = 150, end = 157;
  const double width = 10e-9, speed = 299792458.0;
  const auto medium_named = [](const char* name, double eps_inf) {
    DispersiveMedium medium;
    medium.name = name;
    medium.eps_inf = eps_inf;
    return medium;
  };
  DispersiveMedium drude = medium_named("metal", 3.0);
  drude.lorentz = {{0.0, 1e14, 1.5e31}};
  DispersiveMedium lorentz = medium_named("dye", 2.0);
  lorentz.conductivity = 2e3;
  lorentz.lorentz = {{3.2e15, 2e14, 3e30}, {5e15, 1e14, 4e30}};
  DispersiveMedium debye = medium_named("liquid", 1.8);
  debye.debye = {{2.0, 3e-16}, {0.5, 2e-15}};
  for (const DispersiveMedium& medium : {drude, lorentz, debye}) {
    const std::vector<double> frequencies = {3.5e14, 5e14, 6.5e14};
    double dt = 0.0;
    const auto spectrum = [&](bool slab) {
      TimeDomainSetup setup;
      setup.system = WaveSystem::scalar;
      setup.grid.axes = {uniform_axis(0.0, n * width, n), Axis{}, Axis{}};
      setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
      setup.boundaries.layer.cells = 60;
      setup.dt = dt = 0.7 * courant_limit(setup.grid, speed);
      if (slab) place_medium(setup, {{begin, 0, 0}, {end, 1, 1}}, medium);
      setup.sources.push_back({0, {{80, 0, 0}, {81, 1, 1}}, 1, {1.0}, burst(5e14)});
      setup.monitors.push_back({0, {{220, 0, 0}, {221, 1, 1}}, frequencies, 1});
      TimeDomain march(std::move(setup));
      march.run(20000);
      return std::vector<Complex>(march.spectrum(0).begin(), march.spectrum(0).end());
    };
    const std::vector<Complex> with = spectrum(true), without = spectrum(false);
    for (std::size_t f = 0; f < frequencies.size(); ++f) {
      const double s = std::sin(pi * frequencies[f] * dt) * width / (speed * dt);
      const Complex eps = discrete_permittivity(medium, 2.0 * pi * frequencies[f], dt);
      const Complex expected = exact_transmission(begin, end, eps, s);
      const Complex found = with[f] / without[f];
      std::printf("%s, %.0f THz: transmission %.8f, exact %.8f\n", medium.name.c_str(),
                  frequencies[f] / 1e12, std::norm(found), std::norm(expected));
      EXPECT_LT(std::abs(found - expected), 1e-6) << medium.name;
    }
  }
}

TEST(TimeDomain, MediaThatCannotBePlacedAreErrors) {
  TimeDomainSetup setup;
  setup.grid.axes = {uniform_axis(0.0, 1e-7, 10), uniform_axis(0.0, 1e-7, 10),
                     uniform_axis(0.0, 1e-7, 10)};
  setup.dt = 0.9 * courant_limit(setup.grid, 299792458.0);
  DispersiveMedium medium;
  medium.name = "metal";
  medium.lorentz = {{0.0, 1e14, 1e30}};
  place_medium(setup, {{2, 2, 2}, {5, 5, 5}}, medium);
  EXPECT_EQ(setup.poles.size(), 3U);
  EXPECT_THROW(place_medium(setup, {{4, 4, 4}, {6, 6, 6}}, medium), InputError);
  EXPECT_THROW(place_medium(setup, {{7, 7, 7}, {11, 8, 8}}, medium), InputError);
  medium.lorentz = {{1e18, 1e14, 1e30}};
  EXPECT_THROW(place_medium(setup, {{7, 7, 7}, {8, 8, 8}}, medium), InputError);
  TimeDomain march(setup);
  EXPECT_THROW(march.pull_back(10, {{1, 1, 1}, {4, 4, 4}},
                               [](const std::vector<std::vector<Complex>>& s) { return s; }),
               InputError);
}

struct GradientCase {
  const char* name;
  WaveSystem system;
  std::array<int, 3> cells;
  std::array<std::array<Boundary, 2>, 3> faces;
  Nodes nodes = Nodes::on_edges;
};

constexpr Boundary wall = Boundary::wall, mirror = Boundary::mirror,
                   absorbing = Boundary::absorbing, periodic = Boundary::periodic;

std::vector<GradientCase> gradient_cases() {
  const WaveSystem m = WaveSystem::maxwell, s = WaveSystem::scalar;
  return {{"3D, absorbing",
           m,
           {16, 15, 17},
           {{{absorbing, absorbing}, {absorbing, absorbing}, {absorbing, absorbing}}}},
          {"3D, mirror, periodic, wall",
           m,
           {14, 9, 16},
           {{{mirror, absorbing}, {periodic, periodic}, {wall, absorbing}}}},
          {"2D, on edges", s, {20, 18, 1}, {{{absorbing, absorbing}, {mirror, mirror}, {}}}},
          {"2D, on centres",
           s,
           {18, 20, 1},
           {{{wall, absorbing}, {absorbing, wall}, {}}},
           Nodes::on_centres},
          {"1D", s, {40, 1, 1}, {{{absorbing, mirror}, {}, {}}}},
          {"sound, 3D",
           s,
           {14, 15, 13},
           {{{absorbing, wall}, {mirror, absorbing}, {periodic, periodic}}}}};
}

TimeDomainSetup gradient_setup(const GradientCase& one, std::uint64_t seed) {
  const Random random(seed, 0);
  std::uint64_t draw = 0;
  const auto number = [&](double low, double high) { return random.uniform(draw++, low, high); };
  TimeDomainSetup setup;
  setup.system = one.system;
  for (std::size_t d = 0; d < 3; ++d) {
    Axis axis;
    axis.edges = {0.0};
    for (int i = 0; i < one.cells[d]; ++i)
      axis.edges.push_back(axis.edges.back() + number(0.8, 1.2));
    setup.grid.axes[d] = axis;
  }
  setup.boundaries.faces = one.faces;
  setup.boundaries.layer = {4, 3.0, 1e-4, 2.0, 0.05};
  setup.nodes = one.nodes;
  setup.speed = 1.0;
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  const LeapfrogSize size =
      make_grid_lines(one.system, setup.grid, setup.boundaries, one.nodes, 1.0, setup.dt).size;
  for (int c = 0; c < component_count(one.system); ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    for (std::size_t i = 0; i < size.count(); ++i) {
      setup.coefficient[at].push_back(number(0.3, 1.0));
      setup.decay[at].push_back(number(0.95, 1.0));
    }
  }
  // Poles of both kinds beside the design region.
  if (one.nodes == Nodes::on_edges)
    for (const bool relaxing : {false, true}) {
      PoleField pole{0, {}, relaxing, {}, {}, {}, {}};
      for (std::size_t d = 0; d < 3; ++d) {
        pole.box.begin[d] = size.points[d] > 1 ? 4 : 0;
        pole.box.end[d] = size.points[d] > 1 ? 6 : 1;
      }
      const std::size_t count = pole.box.count();
      pole.a1.assign(count, relaxing ? 0.9 : 1.7);
      pole.a2.assign(count, relaxing ? 0.05 : -0.8);
      pole.a3.assign(count, 0.05);
      pole.gain.assign(count, relaxing ? 0.05 : 0.8);
      setup.poles.push_back(pole);
    }
  // Sources and monitors in each group, overlapping nothing of the design region by accident only.
  const auto box = [&](int from, int length) {
    GridBox b{{from, from, from}, {from + length, from + length, from + length}};
    for (std::size_t d = 0; d < 3; ++d)
      if (size.points[d] == 1) b.begin[d] = 0, b.end[d] = 1;
    return b;
  };
  for (const int component : {0, component_count(one.system) == 6 ? 4 : 1}) {
    TimeSource source{component, box(5, 1), 2, {}, burst(0.08)};
    for (std::size_t i = 0; i < 2 * source.box.count(); ++i)
      source.weights.push_back(number(-1.0, 1.0));
    setup.sources.push_back(source);
    setup.monitors.push_back({component, box(3, 3), {0.05, 0.1}, 1});
  }
  setup.monitors.push_back({0, box(6, 2), {0.07}, 3});
  return setup;
}

// L = sum over monitors of |F - target|^2 weights.
double quadratic_loss(const std::vector<std::vector<Complex>>& spectra,
                      std::vector<std::vector<Complex>>* cotangents) {
  double loss = 0.0;
  if (cotangents != nullptr) cotangents->clear();
  std::size_t n = 0;
  for (const auto& spectrum : spectra) {
    std::vector<Complex> cotangent;
    for (const Complex& f : spectrum) {
      const Complex target = std::polar(0.5, 0.7 * static_cast<double>(++n));
      loss += std::norm(f - target);
      cotangent.push_back(2.0 * (f - target));
    }
    if (cotangents != nullptr) cotangents->push_back(cotangent);
  }
  return loss;
}

double loss_of(TimeDomainSetup setup, long steps) {
  const std::size_t monitors = setup.monitors.size();
  TimeDomain march(std::move(setup));
  march.run(steps);
  std::vector<std::vector<Complex>> spectra;
  for (std::size_t m = 0; m < monitors; ++m) {
    const auto s = march.spectrum(static_cast<int>(m));
    spectra.emplace_back(s.begin(), s.end());
  }
  return quadratic_loss(spectra, nullptr);
}

TEST(TimeDomain, GradientAgreesWithFiniteDifferences) {
  const long steps = 150;
  for (const GradientCase& one : gradient_cases()) {
    const TimeDomainSetup setup = gradient_setup(one, 3);
    TimeDomain march(setup);
    GridBox design{{6, 6, 6}, {9, 9, 9}};
    for (std::size_t d = 0; d < 3; ++d)
      if (march.size().points[d] == 1) design.begin[d] = 0, design.end[d] = 1;
    const TimeDomainGradient gradient =
        march.pull_back(steps, design, [](const std::vector<std::vector<Complex>>& spectra) {
          std::vector<std::vector<Complex>> cotangents;
          quadratic_loss(spectra, &cotangents);
          return cotangents;
        });
    // Along a random direction through all coefficients of the design region.
    const Random random(11, 0);
    std::uint64_t draw = 0;
    const int group = first_group_size(one.system);
    std::array<std::vector<double>, 3> direction;
    double expected = 0.0;
    for (int c = 0; c < group; ++c) {
      const std::size_t at = static_cast<std::size_t>(c);
      for (const double g : gradient.coefficient[at]) {
        direction[at].push_back(random.uniform(draw++, -1.0, 1.0));
        expected += g * direction[at].back();
      }
    }
    const auto moved = [&](double by) {
      TimeDomainSetup other = setup;
      for (int c = 0; c < group; ++c) {
        const std::size_t at = static_cast<std::size_t>(c);
        std::size_t from = 0;
        for (int k = design.begin[2]; k < design.end[2]; ++k)
          for (int j = design.begin[1]; j < design.end[1]; ++j)
            for (int i = design.begin[0]; i < design.end[0]; ++i, ++from)
              other.coefficient[at][(static_cast<std::size_t>(k) *
                                         static_cast<std::size_t>(march.size().points[1]) +
                                     static_cast<std::size_t>(j)) *
                                        static_cast<std::size_t>(march.size().points[0]) +
                                    static_cast<std::size_t>(i)] += by * direction[at][from];
      }
      return loss_of(std::move(other), steps);
    };
    const double h = 1e-3;
    const double found =
        (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
    const double error = std::abs(found - expected) / std::abs(expected);
    std::printf("%s: coefficients %.1e", one.name, error);
    EXPECT_LT(error, 1e-6) << one.name;

    // The signals of each source, one direction each.
    for (std::size_t s = 0; s < setup.sources.size(); ++s) {
      const std::size_t rank = 2;
      const auto push = [&](int r, double t) {
        return std::sin(0.9 * t + 2.0 * r + 0.3 * static_cast<double>(s));
      };
      const double offset = setup.sources[s].component < group ? 0.5 : 1.0;
      double along = 0.0;
      for (long n = 0; n < steps; ++n)
        for (std::size_t r = 0; r < rank; ++r)
          along += gradient.signals[s][static_cast<std::size_t>(n) * rank + r] *
                   push(static_cast<int>(r), (static_cast<double>(n) + offset) * setup.dt);
      const auto driven = [&](double by) {
        TimeDomainSetup other = setup;
        const auto before = setup.sources[s].signal;
        other.sources[s].signal = [=](int r, double t) { return before(r, t) + by * push(r, t); };
        return loss_of(std::move(other), steps);
      };
      // The loss is quadratic in the signals: central differences are exact.
      const double difference = (driven(0.5) - driven(-0.5)) / 1.0;
      const double signal_error = std::abs(difference - along) / std::abs(along);
      std::printf(", signals %.1e", signal_error);
      EXPECT_LT(signal_error, 1e-9) << one.name;
    }
    std::printf("\n");
  }
}

TEST(TimeDomain, SinglePrecisionFollowsDouble) {
  TimeDomainSetup setup = gradient_setup(gradient_cases()[0], 5);
  const double exact = loss_of(setup, 200);
  setup.precision = Precision::f32;
  EXPECT_NEAR(loss_of(setup, 200), exact, 1e-4 * std::abs(exact));
}

TEST(TimeDomain, RunsInPiecesGiveTheSameBits) {
  const TimeDomainSetup setup = gradient_setup(gradient_cases()[1], 8);
  TimeDomain whole(setup), pieces(setup);
  whole.run(192);
  for (const long steps : {64L, 64L, 64L}) pieces.run(steps);
  for (int c = 0; c < 6; ++c) EXPECT_EQ(whole.field(c), pieces.field(c));
}

TEST(TimeDomain, GrowthStopsTheRunAndSaysWhere) {
  TimeDomainSetup setup = gradient_setup(gradient_cases()[2], 9);
  setup.coefficient[0].assign(setup.coefficient[0].size(), 4.0);
  setup.coefficient[1] = setup.coefficient[2] = setup.coefficient[0];
  TimeDomain march(std::move(setup));
  try {
    march.run(20000);
    FAIL();
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("after step"), std::string::npos);
  }
}

TEST(TimeDomain, SetupsThatCannotWorkAreErrors) {
  const TimeDomainSetup good = gradient_setup(gradient_cases()[0], 1);
  const auto fails = [](const TimeDomainSetup& setup) {
    EXPECT_THROW(TimeDomain march(setup), InputError);
  };
  TimeDomainSetup late = good;
  late.dt *= 1.2;
  fails(late);
  TimeDomainSetup outside = good;
  outside.monitors[0].box.end[1] = 99;
  fails(outside);
  TimeDomainSetup coarse = good;
  coarse.monitors[0].every = 40;
  fails(coarse);
  TimeDomainSetup few = good;
  few.coefficient[0].resize(7);
  fails(few);
  TimeDomainSetup weightless = good;
  weightless.sources[0].weights.clear();
  fails(weightless);
}

}  // namespace
}  // namespace wavesmith
