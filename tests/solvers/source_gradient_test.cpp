// Derivatives by what sources are made of: values that are set point by point, and the waveform of
// a plane wave, in every memory mode.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "solvers/total_field_box.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;
using Complex = std::complex<double>;

// Sources of rank 0 that set what those of the setup add, and gather the cotangents of the signals
// by the transpose of that; [source][step][rank].
struct Gathered {
  std::vector<std::vector<double>> signals;
  std::vector<std::vector<int>> calls;
};

TimeDomainSetup point_by_point(const TimeDomainSetup& setup, long steps, Gathered& gathered) {
  TimeDomainSetup other = setup;
  gathered.signals.clear();
  gathered.calls.clear();
  for (const TimeSource& source : setup.sources) {
    gathered.signals.emplace_back(static_cast<std::size_t>(steps * source.rank));
    gathered.calls.emplace_back(static_cast<std::size_t>(steps));
  }
  for (std::size_t s = 0; s < setup.sources.size(); ++s) {
    TimeSource& source = other.sources[s];
    const double offset = source.component < first_group_size(setup.system) ? 0.5 : 1.0;
    const auto rank = static_cast<std::size_t>(source.rank);
    source.fill = [weights = source.weights, signal = source.signal, rank](
                      double time, std::span<double> values) {
      for (std::size_t p = 0; p < values.size(); ++p) {
        values[p] = 0.0;
        for (std::size_t r = 0; r < rank; ++r)
          values[p] += weights[r * values.size() + p] * signal(static_cast<int>(r), time);
      }
    };
    source.pull_back = [&gathered, s, rank, offset, dt = setup.dt, weights = source.weights](
                           double time, std::span<const double> cotangents) {
      const auto step = static_cast<std::size_t>(std::llround(time / dt - offset));
      ASSERT_EQ(time, (static_cast<double>(step) + offset) * dt);
      ++gathered.calls[s].at(step);
      for (std::size_t p = 0; p < cotangents.size(); ++p)
        for (std::size_t r = 0; r < rank; ++r)
          gathered.signals[s][step * rank + r] +=
              weights[r * cotangents.size() + p] * cotangents[p];
    };
    source.rank = 0;
    source.weights.clear();
    source.signal = {};
  }
  return other;
}

double difference(const std::vector<std::vector<double>>& a,
                  const std::vector<std::vector<double>>& b) {
  double worst = 0.0, largest = 0.0;
  for (std::size_t s = 0; s < a.size(); ++s)
    for (std::size_t i = 0; i < a[s].size(); ++i) {
      worst = std::max(worst, std::abs(a[s][i] - b[s].at(i)));
      largest = std::max(largest, std::abs(a[s][i]));
    }
  return worst / largest;
}

TEST(SourceGradient, OfValuesPointByPointIsThatOfSignals) {
  const long steps = 70;
  for (const Scene& scene : scenes()) {
    const TimeDomainSetup ranked = setup_of(scene, 3);
    Gathered gathered;
    TimeDomain by_rank(ranked), by_point(point_by_point(ranked, steps, gathered));
    const GridBox design = design_of(by_rank.size());
    GradientMemory few{MemoryMode::checkpoint};
    few.budget_bytes = by_rank.plan_gradient(steps, design).bytes / 5 + 300000;
    for (const GradientMemory& memory : {GradientMemory{}, few}) {
      const TimeDomainGradient expected = by_rank.pull_back(steps, design, loss_cotangents, memory);
      point_by_point(ranked, steps, gathered);
      const TimeDomainGradient found = by_point.pull_back(steps, design, loss_cotangents, memory);
      for (const std::vector<int>& calls : gathered.calls)
        for (const int count : calls) EXPECT_EQ(count, 1) << scene.name;
      for (const auto& none : found.signals) EXPECT_TRUE(none.empty());
      const double error = difference(expected.signals, gathered.signals);
      std::printf("%s, mode %d: %.1e\n", scene.name, static_cast<int>(memory.mode), error);
      EXPECT_LT(error, 1e-12) << scene.name;
    }
  }
}

// The pulse with its spectrum turned in phase by frequency: as strong at each, so that the tables
// of both are made alike, and what is linear in the waveform is so to rounding.
Waveform turned(const Waveform& wave, double angle) {
  Waveform other = wave;
  other.spectrum = [spectrum = wave.spectrum, f0 = wave.frequency, angle](double f) {
    return spectrum(f) * std::polar(1.0, angle * std::sin(2.0 * f / f0));
  };
  return other;
}

struct WaveCase {
  const char* name;
  Equations equations;
  std::array<int, 3> cells;
  Vec3 direction, polarisation;
};

std::vector<WaveCase> wave_cases() {
  return {{"1D", Equations::tm, {50, 1, 1}, {-1, 0, 0}, {}},
          {"TM", Equations::tm, {34, 30, 1}, {0.4, 0.9, 0}, {}},
          {"TE", Equations::maxwell, {34, 30, 1}, {-0.7, 0.6, 0}, {1, 0.3, 0}},
          {"sound", Equations::sound, {24, 22, 20}, {-0.5, 0.3, -0.7}, {}},
          {"light", Equations::maxwell, {22, 24, 20}, {0.3, -0.8, 0.5}, {1, 2, -1}}};
}

TimeDomainSetup open_setup(const WaveCase& one) {
  TimeDomainSetup setup;
  setup.system = system_of(one.equations);
  setup.speed = 1.0;
  for (std::size_t d = 0; d < 3; ++d) {
    if (one.cells[d] == 1) continue;
    setup.grid.axes[d] = uniform_axis(0.0, one.cells[d], one.cells[d]);
    setup.boundaries.faces[d] = {absorbing, absorbing};
  }
  setup.boundaries.layer.cells = 4;
  setup.schedule.threads = 1;
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  return setup;
}

PlaneWaveBox box_of(const WaveCase& one, const Waveform& waveform) {
  PlaneWaveBox box;
  for (std::size_t d = 0; d < 3; ++d) {
    box.low[d] = one.cells[d] > 1 ? 6.0 : 0.0;
    box.high[d] = one.cells[d] > 1 ? one.cells[d] - 6.0 : 1.0;
  }
  box.direction = one.direction;
  box.polarisation = one.polarisation;
  box.amplitude = 2.0;
  box.waveform = waveform;
  return box;
}

// A scatterer in the box, what a few points see of it, and a loss that is linear in that.
struct Scattering {
  TimeDomainSetup setup;
  std::shared_ptr<GridPlaneWave::Gradient> gradient;
};

Scattering scattering(const WaveCase& one, const Waveform& waveform) {
  Scattering made{open_setup(one), nullptr};
  const WaveContext context = context_of(made.setup, one.equations);
  const PlaneWaveSource wave =
      plane_wave_source(made.setup, context, box_of(one, waveform), WaveformDerivative::gathered);
  made.setup.sources = wave.sources;
  made.gradient = wave.gradient;
  const LeapfrogSize size = TimeDomain(made.setup).size();
  GridBox inside{{10, 10, 9}, {12, 13, 11}};
  for (std::size_t d = 0; d < 3; ++d)
    if (size.points[d] == 1) inside.begin[d] = 0, inside.end[d] = 1;
  made.setup.coefficient[0].assign(size.count(), 1.0);
  for_each_point(inside, [&](const std::array<int, 3>& p, std::size_t) {
    made.setup.coefficient[0][size.index(p[0], p[1], p[2])] = 0.4;
  });
  for (const int component : {0, first_group_size(made.setup.system)})
    made.setup.monitors.push_back({component, inside, {0.7 / 12.0, 1.2 / 12.0}, 1});
  return made;
}

TimeDomainData random_cotangents(const TimeDomainData& data) {
  TimeDomainData back = data;
  for (auto& spectrum : back.spectra) std::fill(spectrum.begin(), spectrum.end(), 0.0);
  const Random random(5, 5);
  std::uint64_t draw = 0;
  for (auto& spectrum : back.spectra)
    for (Complex& g : spectrum)
      for (const Complex unit : {Complex(1.0, 0.0), Complex(0.0, 1.0)})
        g += unit * random.uniform(draw++, -1.0, 1.0);
  return back;
}

double linear_loss(const WaveCase& one, const Waveform& waveform, long steps) {
  TimeDomain march(scattering(one, waveform).setup);
  march.run(steps);
  const TimeDomainData data = data_of(march), cotangents = random_cotangents(data);
  double sum = 0.0;
  for (std::size_t m = 0; m < data.spectra.size(); ++m)
    for (std::size_t i = 0; i < data.spectra[m].size(); ++i)
      sum += (std::conj(cotangents.spectra[m][i]) * data.spectra[m][i]).real();
  return sum;
}

// A loss that is linear in the fields is that of a changed waveform to the last digits.
TEST(SourceGradient, OfAPlaneWaveIsTheTranspose) {
  const Waveform waveform = gaussian_pulse(1.0 / 12.0, 0.6 / 12.0, 0.3);
  for (const WaveCase& one : wave_cases()) {
    const long steps = static_cast<long>(1.3 * waveform.end / open_setup(one).dt);
    const Scattering made = scattering(one, waveform);
    TimeDomain march(made.setup);
    GridBox design = march.setup().monitors[0].box;
    GradientMemory few{MemoryMode::checkpoint};
    few.budget_bytes = march.plan_gradient(steps, design).bytes / 5 + 3000000;
    const auto along = [&](const GradientMemory& memory, const Waveform& change) {
      march.pull_back(steps, design, random_cotangents, memory);
      return made.gradient->take().along(change);
    };
    for (const double angle : {0.8, -1.7}) {
      if (one.cells[2] > 1 && angle < 0.0) continue;
      const Waveform change = turned(waveform, angle);
      const double expected = linear_loss(one, change, steps);
      for (const GradientMemory& memory :
           {GradientMemory{}, few, GradientMemory{MemoryMode::reverse}}) {
        const double error = std::abs(along(memory, change) / expected - 1.0);
        std::printf("%s, phase %.1f, mode %d: transpose %.1e\n", one.name, angle,
                    static_cast<int>(memory.mode), error);
        EXPECT_LT(error, 1e-12) << one.name;
      }
    }
    EXPECT_EQ(made.gradient->take().along(waveform), 0.0);
  }
}

// By amplitude and phase of a pulse, and by the samples of another; fields that have decayed, so
// that spectra tell it too.
TEST(SourceGradient, OfAPlaneWaveAgreesWithFiniteDifferences) {
  for (const WaveCase& one : wave_cases()) {
    if (one.cells[2] > 1) continue;
    const double f = 1.0 / 12.0, width = 0.6 / 12.0;
    const auto pulse = [&](double phase) { return gaussian_pulse(f, width, phase); };
    const auto loss = [&](const Waveform& waveform, long steps) {
      return loss_of(scattering(one, waveform).setup, steps);
    };
    const auto gradient_of = [&](const Waveform& waveform, long steps, MemoryMode mode,
                                 double* estimate = nullptr) {
      const Scattering made = scattering(one, waveform);
      TimeDomain march(made.setup);
      const TimeDomainGradient gradient =
          march.pull_back(steps, march.setup().monitors[0].box, loss_cotangents, {mode});
      if (estimate != nullptr) *estimate = gradient.error_estimate;
      return made.gradient->take();
    };
    const auto difference = [](const std::function<double(double)>& at, double h) {
      return (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
    };
    // Spectra tell it once fields have decayed.
    const bool decays = one.cells[1] == 1;
    const long steps =
        static_cast<long>((decays ? 9.0 : 1.3) * pulse(0.0).end / open_setup(one).dt);
    const double h = 1e-2;
    const double by_phase = difference([&](double by) { return loss(pulse(0.3 + by), steps); }, h);
    Waveform slope = pulse(0.3);  // by the phase: a quarter of a period further
    slope.spectrum = pulse(0.3 + 0.5 * pi).spectrum;
    for (const MemoryMode mode : {MemoryMode::store, MemoryMode::dft}) {
      if (mode == MemoryMode::dft && !decays) continue;
      double estimate = 0.0;
      const double found = gradient_of(pulse(0.3), steps, mode, &estimate).along(slope);
      const double error = std::abs(found / by_phase - 1.0);
      std::printf("%s by phase, mode %d: %.1e, estimate %.1e\n", one.name, static_cast<int>(mode),
                  error, estimate);
      EXPECT_LT(error, 1e-6) << one.name;
    }

    if (one.equations == Equations::maxwell) continue;
    const Waveform shape = gaussian_pulse(f, 0.9 * f, 0.2), other = gaussian_pulse(f, 0.9 * f, 1.1);
    std::vector<double> times, values, direction;
    for (int i = 0; i <= 100; ++i) {
      times.push_back(0.01 * shape.end * (i + 0.1 * std::sin(static_cast<double>(i))));
      values.push_back(shape.value(times.back()));
      direction.push_back(other.value(times.back()) * std::sin(0.06 * times.back()));
    }
    const auto sampled = [&](double by) {
      std::vector<double> moved = values;
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += by * direction[i];
      return sampled_waveform(times, moved);
    };
    const double expected =
        difference([&](double by) { return loss(sampled(by), steps / (decays ? 8 : 1)); }, h);
    const WaveformGradient gradient =
        gradient_of(sampled(0.0), steps / (decays ? 8 : 1), MemoryMode::store);
    const std::vector<double> of_samples = pull_back_samples(times, gradient);
    double found = 0.0;
    for (std::size_t i = 0; i < direction.size(); ++i) found += direction[i] * of_samples[i];
    std::printf("%s by samples: %.1e\n", one.name, std::abs(found / expected - 1.0));
    EXPECT_LT(std::abs(found / expected - 1.0), 1e-6) << one.name;
    const double along = gradient.along(sampled_waveform(times, direction));
    EXPECT_NEAR(along, found, 1e-12 * std::abs(found)) << one.name;
  }
}

}  // namespace
}  // namespace wavesmith
