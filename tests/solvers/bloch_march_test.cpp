// Complex fields with a Bloch phase: against exact waves of the difference equations, crystals and
// interfaces with closed answers, the periodic march, and its own transpose.
#include "solvers/bloch_march.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;
using Complex = std::complex<double>;
constexpr Complex imaginary_unit(0.0, 1.0);

double dot(const Complex& a, const Complex& b) {
  return a.real() * b.real() + a.imag() * b.imag();
}

std::vector<Scene> periodic_scenes() {
  const WaveSystem m = WaveSystem::maxwell, s = WaveSystem::scalar;
  return {{"3D, periodic in y",
           m,
           {14, 9, 16},
           {{{mirror, absorbing}, {periodic, periodic}, {wall, absorbing}}}},
          {"3D, periodic in x and y",
           m,
           {11, 10, 14},
           {{{periodic, periodic}, {periodic, periodic}, {absorbing, wall}}}},
          {"3D, all periodic",
           m,
           {11, 12, 10},
           {{{periodic, periodic}, {periodic, periodic}, {periodic, periodic}}}},
          {"2D, periodic in x", s, {17, 18, 1}, {{{periodic, periodic}, {absorbing, mirror}, {}}}},
          {"2D, on centres",
           s,
           {18, 12, 1},
           {{{absorbing, wall}, {periodic, periodic}, {}}},
           Nodes::on_centres},
          {"1D", s, {21, 1, 1}, {{{periodic, periodic}, {}, {}}}},
          {"sound, 3D",
           s,
           {12, 15, 13},
           {{{absorbing, wall}, {mirror, absorbing}, {periodic, periodic}}}}};
}

// With a phase of its own along each periodic axis.
BlochSetup bloch_setup(const Scene& scene, std::uint64_t seed) {
  BlochSetup setup;
  setup.real = setup_of(scene, seed);
  setup.real.schedule.threads = 1;
  for (std::size_t d = 0; d < 3; ++d)
    if (scene.faces[d][0] == periodic && scene.cells[d] > 1)
      setup.real.boundaries.bloch_phase[d] = 0.7 + 1.1 * static_cast<double>(d);
  return setup;
}

// Complex sources over the seams, away from other faces, and initial fields everywhere.
void drive_everywhere(BlochSetup& setup, std::uint64_t seed) {
  const Random random(seed, 3);
  std::uint64_t draw = 0;
  const auto number = [&] { return random.uniform(draw++, -1.0, 1.0); };
  const LeapfrogSize size = BlochMarch(setup).size();
  for (const int c : {0, component_count(size.system) - 1}) {
    ComplexSource source{c, {{}, size.points}, 2, {}, {}};
    for (std::size_t d = 0; d < 3; ++d)
      if (!size.periodic[d] && size.points[d] > 1) {
        source.box.begin[d] = 2;
        source.box.end[d] -= 2;
      }
    for (std::size_t i = 0; i < 2 * source.box.count(); ++i)
      source.weights.emplace_back(number(), number());
    source.signal = [c](int rank, double t) {
      return std::polar(std::sin(0.3 * t + rank), 0.2 * t * (1.0 + c));
    };
    setup.sources.push_back(source);
  }
  for (int c = 0; c < component_count(size.system); ++c)
    for (std::size_t i = 0; i < size.count(); ++i) {
      setup.real.initial[static_cast<std::size_t>(c)].push_back(0.3 * number());
      setup.initial_imaginary[static_cast<std::size_t>(c)].push_back(0.3 * number());
    }
}

BlochData data_of(const BlochMarch& march) {
  BlochData data;
  for (std::size_t m = 0; m < march.setup().real.monitors.size(); ++m)
    data.spectra.push_back(march.spectrum(static_cast<int>(m)));
  for (std::size_t m = 0; m < march.setup().real.time_monitors.size(); ++m)
    data.records.push_back(march.record(static_cast<int>(m)));
  return data;
}

// A random linear loss.
BlochData random_cotangents(const BlochData& data) {
  const Random random(11, 4);
  std::uint64_t draw = 0;
  BlochData cotangents = data;
  for (auto* kind : {&cotangents.spectra, &cotangents.records})
    for (std::vector<Complex>& values : *kind)
      for (Complex& value : values) {
        const double real = random.uniform(draw++, -1.0, 1.0);
        value = {real, random.uniform(draw++, -1.0, 1.0)};
      }
  return cotangents;
}

double product(const BlochData& a, const BlochData& b) {
  double sum = 0.0;
  for (const auto kind : {&BlochData::spectra, &BlochData::records})
    for (std::size_t m = 0; m < (a.*kind).size(); ++m)
      for (std::size_t i = 0; i < (a.*kind)[m].size(); ++i)
        sum += dot((a.*kind)[m][i], (b.*kind)[m][i]);
  return sum;
}

// L = sum |f - target|^2 of everything.
double quadratic(const BlochData& data, BlochData* cotangents) {
  double loss = 0.0;
  std::size_t n = 0;
  if (cotangents != nullptr) *cotangents = data;
  for (const auto kind : {&BlochData::spectra, &BlochData::records})
    for (std::size_t m = 0; m < (data.*kind).size(); ++m)
      for (std::size_t i = 0; i < (data.*kind)[m].size(); ++i) {
        const Complex off = (data.*kind)[m][i] - std::polar(0.3, 0.7 * static_cast<double>(++n));
        loss += std::norm(off);
        if (cotangents != nullptr) (cotangents->*kind)[m][i] = 2.0 * off;
      }
  return loss;
}

BlochData quadratic_cotangents(const BlochData& data) {
  BlochData cotangents;
  quadratic(data, &cotangents);
  return cotangents;
}

double loss_of(const BlochSetup& setup, long steps) {
  BlochMarch march(setup);
  march.run(steps);
  return quadratic(data_of(march), nullptr);
}

TEST(BlochMarch, WithoutPhaseIsThePeriodicMarchBitForBit) {
  for (const Scene& scene : periodic_scenes())
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      BlochSetup setup;
      setup.real = setup_of(scene, 4);
      setup.real.precision = precision;
      setup.real.schedule.threads = 1;
      TimeDomain real(setup.real);
      BlochMarch complex(setup);
      real.run(130);
      complex.run(130);
      const TimeDomainData expected = time_domain_scenes::data_of(real);
      const BlochData found = data_of(complex);
      for (std::size_t m = 0; m < expected.spectra.size(); ++m)
        EXPECT_EQ(found.spectra[m], expected.spectra[m]) << scene.name;
      for (std::size_t m = 0; m < expected.records.size(); ++m)
        EXPECT_EQ(found.records[m],
                  std::vector<Complex>(expected.records[m].begin(), expected.records[m].end()))
            << scene.name;
      EXPECT_EQ(complex.record_times(0), real.record_times(0));
    }
}

// A plane wave exp(i q r) of the staggered grid, q L = phase + 2 pi m: it is multiplied by
// exp(-i omega dt) in each step, with sin(omega dt / 2)^2 = C C' sum (c dt / h sin(q h / 2))^2.
TEST(BlochMarch, PlaneWavesHaveTheFrequencyOfTheDiscreteDispersionRelation) {
  struct Case {
    const char* name;
    WaveSystem system;
    std::array<int, 3> cells;
  };
  const Case cases[] = {{"1D", WaveSystem::scalar, {12, 1, 1}},
                        {"2D", WaveSystem::scalar, {9, 7, 1}},
                        {"2D in x and z", WaveSystem::scalar, {9, 1, 7}},
                        {"sound, 3D", WaveSystem::scalar, {7, 6, 5}},
                        {"light, 3D", WaveSystem::maxwell, {6, 7, 5}},
                        {"light, 2D", WaveSystem::maxwell, {8, 9, 1}}};
  double worst = 0.0;
  for (const Case& one : cases)
    for (const double turn : {0.1, 0.37, 0.5, 0.93}) {
      BlochSetup setup;
      setup.real.system = one.system;
      setup.real.schedule.threads = 1;
      setup.real.speed = 1.0;
      const std::array<double, 3> width = {1.0, 0.8, 1.3};
      std::array<double, 3> q{}, s{};
      for (std::size_t d = 0; d < 3; ++d) {
        if (one.cells[d] == 1) continue;
        setup.real.grid.axes[d] = uniform_axis(0.0, one.cells[d] * width[d], one.cells[d]);
        setup.real.boundaries.faces[d] = {periodic, periodic};
        const double phase = 2.0 * pi * turn * (d == 1 ? -1.0 : 1.0);
        setup.real.boundaries.bloch_phase[d] = phase;
        q[d] = (phase + 2.0 * pi * (static_cast<double>(d) - 1.0)) / (one.cells[d] * width[d]);
      }
      const double dt = setup.real.dt = 0.9 * courant_limit(setup.real.grid, 1.0);
      const double first = 0.8, second = 0.7;  // C of the groups
      const int components = component_count(one.system), split = first_group_size(one.system);
      for (int c = 0; c < components; ++c)
        setup.real.coefficient[static_cast<std::size_t>(c)] = {c < split ? first : second};
      double square = 0.0;
      for (std::size_t d = 0; d < 3; ++d) {
        s[d] = 2.0 * dt / width[d] * std::sin(0.5 * q[d] * width[d]);
        square += first * second * s[d] * s[d];
      }
      const double omega = 2.0 / dt * std::asin(0.5 * std::sqrt(square));
      const Complex z = std::polar(1.0, -omega * dt);
      // Amplitudes of the eigenvector: (z - 1) v = C' i s z p, and (z - 1) H = -C' z i s x E.
      std::array<Complex, 6> amplitude{};
      if (one.system == WaveSystem::scalar) {
        amplitude[0] = 1.0;
        for (std::size_t d = 0; d < 3; ++d)
          amplitude[1 + d] = second * imaginary_unit * s[d] * z / (z - 1.0);
      } else {
        const std::array<Complex, 3> t = {1.0, Complex(0.3, 0.4), -0.5};
        for (std::size_t d = 0; d < 3; ++d) {
          const std::size_t e = (d + 1) % 3, f = (d + 2) % 3;
          amplitude[d] = s[e] * t[f] - s[f] * t[e];  // across s
        }
        for (std::size_t d = 0; d < 3; ++d) {
          const std::size_t e = (d + 1) % 3, f = (d + 2) % 3;
          amplitude[3 + d] = -second * z * imaginary_unit *
                             (s[e] * amplitude[f] - s[f] * amplitude[e]) / (z - 1.0);
        }
      }
      std::array<std::vector<Complex>, 6> wave;
      const LeapfrogSize size = BlochMarch(setup).size();
      for (int c = 0; c < components; ++c) {
        const std::size_t at = static_cast<std::size_t>(c);
        for (int k = 0; k < size.points[2]; ++k)
          for (int j = 0; j < size.points[1]; ++j)
            for (int i = 0; i < size.points[0]; ++i) {
              double angle = 0.0;
              for (int d = 0; d < 3; ++d) {
                const bool centre =
                    one.system == WaveSystem::maxwell ? (c < 3 ? c == d : c - 3 != d) : c == d + 1;
                const std::size_t axis = static_cast<std::size_t>(d);
                angle += q[axis] * width[axis] *
                         ((d == 0   ? i
                           : d == 1 ? j
                                    : k) +
                          (centre ? 0.5 : 0.0));
              }
              wave[at].push_back(amplitude[at] * std::polar(1.0, angle));
              setup.real.initial[at].push_back(wave[at].back().real());
              setup.initial_imaginary[at].push_back(wave[at].back().imag());
            }
      }
      const int steps = 400;
      BlochMarch march(setup);
      march.run(steps);
      const Complex turned = std::polar(1.0, -omega * dt * steps);
      for (int c = 0; c < components; ++c) {
        const std::vector<Complex> field = march.field(c);
        for (std::size_t i = 0; i < field.size(); ++i)
          worst =
              std::max(worst, std::abs(field[i] - turned * wave[static_cast<std::size_t>(c)][i]));
      }
      EXPECT_LT(worst, 1e-11) << one.name << ", " << turn;
    }
  std::printf("plane waves after 400 steps: error %.1e\n", worst);
}

// <g, F(signals, initial)> = <F'g, (signals, initial)>, with decay, poles, shells and seams.
TEST(BlochMarch, TransposeOfTheMarchIsExact) {
  const long steps = 90;
  for (const Scene& scene : periodic_scenes())
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      BlochSetup setup = bloch_setup(scene, 6);
      setup.real.precision = precision;
      drive_everywhere(setup, 8);
      BlochMarch march(setup);
      GradientWants wants;
      wants.initial = true;
      BlochData shown, cotangents;
      const BlochGradient gradient = march.pull_back(
          steps, design_of(march.size()),
          [&](const BlochData& data) {
            shown = data;
            return cotangents = random_cotangents(data);
          },
          {}, wants);
      const double forward = product(cotangents, shown);
      double back = 0.0;
      const int split = first_group_size(scene.system);
      const auto time = [&](int component, long n) {
        return (static_cast<double>(n) + (component < split ? 0.5 : 1.0)) * setup.real.dt;
      };
      for (std::size_t s = 0; s < setup.real.sources.size(); ++s)
        for (long n = 0; n < steps; ++n)
          for (int r = 0; r < 2; ++r)
            back += gradient.real_signals[s][static_cast<std::size_t>(2 * n + r)] *
                    setup.real.sources[s].signal(r, time(setup.real.sources[s].component, n));
      for (std::size_t s = 0; s < setup.sources.size(); ++s)
        for (long n = 0; n < steps; ++n)
          for (int r = 0; r < 2; ++r)
            back += dot(gradient.signals[s][static_cast<std::size_t>(2 * n + r)],
                        setup.sources[s].signal(r, time(setup.sources[s].component, n)));
      for (std::size_t c = 0; c < 6; ++c)
        for (std::size_t i = 0; i < gradient.initial[c].size(); ++i)
          back += dot(gradient.initial[c][i],
                      {setup.real.initial[c][i], setup.initial_imaginary[c][i]});
      const double error = std::abs(back - forward) / std::abs(forward);
      std::printf("%s, %s: transpose %.1e\n", scene.name,
                  precision == Precision::f64 ? "double" : "single", error);
      EXPECT_LT(error, precision == Precision::f64 ? 1e-12 : 2e-4) << scene.name;
    }
}

// A random direction through numbers and the derivative along it.
struct Direction {
  std::vector<double> values;
  double along = 0.0;
  Direction(const std::vector<double>& gradient, std::uint64_t seed) {
    const Random random(seed, 0);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      values.push_back(random.uniform(i, -1.0, 1.0));
      along += values.back() * gradient[i];
    }
  }
};

TEST(BlochMarch, DerivativesAgreeWithFiniteDifferences) {
  const long steps = 60;
  for (const Scene& scene : periodic_scenes()) {
    BlochSetup setup = bloch_setup(scene, 3);
    const int components = component_count(scene.system), split = first_group_size(scene.system);
    drive_everywhere(setup, 9);
    // Sources are taken for currents; those inside of the design are silent here.
    const LeapfrogSize size = BlochMarch(setup).size();
    GridBox design = design_of(size);
    for (int& begin : design.begin) begin = begin > 0 ? 4 : 0;
    // To the seam along one axis.
    for (std::size_t d = 0; d < 3; ++d)
      if (size.periodic[d]) {
        design.end[d] = size.points[d];
        break;
      }
    setup.sources.clear();
    for (TimeSource& source : setup.real.sources) source.weights.assign(source.weights.size(), 0.0);
    BlochMarch march(setup);
    const BlochGradient gradient =
        march.pull_back(steps, design, quadratic_cotangents, {}, {true, true, true, true});
    std::printf("%s:", scene.name);
    const auto check = [&](const char* what, double along, double h,
                           const std::function<void(BlochSetup&, double)>& move) {
      const auto loss = [&](double by) {
        BlochSetup moved = setup;
        move(moved, by);
        return loss_of(moved, steps);
      };
      const double difference =
          (8.0 * (loss(h) - loss(-h)) - (loss(2.0 * h) - loss(-2.0 * h))) / (12.0 * h);
      const double error = std::abs(difference - along) / std::abs(difference);
      std::printf(" %s %.0e", what, error);
      EXPECT_LT(error, 1e-6) << scene.name << ": " << what;
    };
    const auto move_in_design = [&](std::vector<double>& values, const Direction& direction,
                                    double by) {
      std::size_t from = 0;
      for (int k = design.begin[2]; k < design.end[2]; ++k)
        for (int j = design.begin[1]; j < design.end[1]; ++j)
          for (int i = design.begin[0]; i < design.end[0]; ++i)
            values[size.index(i, j, k)] += by * direction.values[from++];
    };
    for (int c = 0; c < components; ++c) {
      const std::size_t at = static_cast<std::size_t>(c);
      const Direction direction(
          c < split ? gradient.coefficient[at]
                    : gradient.second_coefficient[at - static_cast<std::size_t>(split)],
          40 + static_cast<std::uint64_t>(c));
      if (c != 0 && c != split) continue;
      check(c < split ? "C" : "second C", direction.along, 1e-3, [&](BlochSetup& moved, double by) {
        move_in_design(moved.real.coefficient[at], direction, by);
      });
      const Direction decay(gradient.decay[at], 50 + static_cast<std::uint64_t>(c));
      check("decay", decay.along, 2e-4,
            [&](BlochSetup& moved, double by) { move_in_design(moved.real.decay[at], decay, by); });
    }
    for (std::size_t p = 0; p < setup.real.poles.size(); ++p)
      for (const auto member : {&PoleField::a1, &PoleField::gain}) {
        const Direction direction(gradient.poles[p].*member, p + 20);
        if (direction.along == 0.0) continue;
        check("pole", direction.along, 1e-4, [&](BlochSetup& moved, double by) {
          for (std::size_t i = 0; i < direction.values.size(); ++i)
            if ((gradient.poles[p].*member)[i] != 0.0)
              (moved.real.poles[p].*member)[i] += by * direction.values[i];
        });
      }
    std::printf("\n");
  }
}

// By each component of k; fields stored and from checkpoints.
TEST(BlochMarch, DerivativesByTheWaveVectorAgreeWithFiniteDifferences) {
  const long steps = 60;
  for (const Scene& scene : periodic_scenes()) {
    BlochSetup setup = bloch_setup(scene, 7);
    drive_everywhere(setup, 5);
    BlochMarch march(setup);
    const GridBox design = design_of(march.size());
    const GradientWants wants{false, false, false, false, false, true};
    const BlochGradient gradient = march.pull_back(steps, design, quadratic_cotangents, {}, wants);
    GradientMemory few{MemoryMode::checkpoint};
    few.budget_bytes = gradient.plan.bytes / 4 + 300000;
    EXPECT_EQ(march.pull_back(steps, design, quadratic_cotangents, few, wants).wave_vector,
              gradient.wave_vector);
    const auto check = [&](const char* what, double along,
                           const std::function<void(BlochSetup&, double)>& move) {
      const auto loss = [&](double by) {
        BlochSetup moved = setup;
        move(moved, by);
        return loss_of(moved, steps);
      };
      const double h = 2e-3;
      const double difference =
          (8.0 * (loss(h) - loss(-h)) - (loss(2.0 * h) - loss(-2.0 * h))) / (12.0 * h);
      const double error = std::abs(difference - along) / std::abs(difference);
      std::printf("%s, by %s: %.1e\n", scene.name, what, error);
      EXPECT_LT(error, 1e-6) << scene.name << ": " << what;
    };
    for (std::size_t d = 0; d < 3; ++d) {
      const Axis& axis = setup.real.grid.axes[d];
      if (scene.faces[d][0] != periodic || scene.cells[d] == 1) {
        EXPECT_EQ(gradient.wave_vector[d], 0.0);
        continue;
      }
      check(d == 0 ? "kx" : (d == 1 ? "ky" : "kz"),
            gradient.wave_vector[d] / (axis.high() - axis.low()),
            [&](BlochSetup& moved, double by) { moved.real.boundaries.bloch_phase[d] += by; });
    }
    EXPECT_THROW(march.plan_gradient(steps, design, {MemoryMode::dft}, wants), InputError);
    EXPECT_THROW(march.plan_gradient(steps, design, {MemoryMode::reverse}, wants), InputError);
  }
}

TEST(BlochMarch, GoesOnFromItsStateBitForBitOnAnyThreads) {
  for (const Scene& scene : periodic_scenes()) {
    BlochSetup setup = bloch_setup(scene, 5);
    drive_everywhere(setup, 2);
    BlochMarch whole(setup);
    whole.run(70);
    const std::vector<std::byte> state = whole.save_state();
    whole.run(60);
    setup.real.schedule.threads = 2;
    BlochMarch rest(setup);
    rest.load_state(state);
    rest.run(60);
    const BlochData expected = data_of(whole), found = data_of(rest);
    EXPECT_EQ(found.spectra, expected.spectra) << scene.name;
    EXPECT_EQ(found.records, expected.records) << scene.name;
    EXPECT_EQ(rest.field(0), whole.field(0)) << scene.name;
    setup.real.boundaries.bloch_phase[static_cast<std::size_t>(scene.cells[1] > 1 ? 1 : 0)] += 0.1;
    if (scene.faces[scene.cells[1] > 1 ? 1 : 0][0] == periodic) {
      BlochMarch other(setup);
      EXPECT_THROW(other.load_state(state), InputError);
    }
  }
}

TEST(BlochMarch, WhatItCannotMarchIsAnError) {
  const BlochSetup good = bloch_setup(periodic_scenes()[3], 1);
  const auto fails = [](const BlochSetup& setup) {
    EXPECT_THROW(BlochMarch march(setup), InputError);
  };
  EXPECT_THROW(TimeDomain march(good.real), InputError);  // real fields have no phase
  BlochSetup closed = good;
  closed.real.boundaries.faces[0] = {wall, wall};
  fails(closed);
  BlochSetup astray = good;
  astray.real.boundaries.bloch_phase[1] = 0.1;
  fails(astray);
  BlochSetup endless = good;
  endless.real.boundaries.bloch_phase[0] = std::nan("");
  fails(endless);
  BlochSetup outside = good;
  outside.real.monitors[0].box.end[0] = 18;
  fails(outside);
  BlochSetup silent = good;
  silent.sources.push_back({0, {{1, 1, 0}, {2, 2, 1}}, 1, {1.0}, {}});
  fails(silent);
  BlochSetup bent = good;
  bent.real.off_diagonal[0].push_back({});
  fails(bent);
  BlochSetup nonlinear = good;
  nonlinear.real.nonlinear.push_back({0, {{1, 1, 0}, {2, 2, 1}}, {0.0}, {0.1}});
  fails(nonlinear);
  BlochSetup few = good;
  few.initial_imaginary[0].resize(7);
  fails(few);
}

}  // namespace
}  // namespace wavesmith
