// Random marches: the derivative against finite differences, the same derivative however fields are
// kept, going on from a random step, threads and schedules; periods with a Bloch phase, too.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "solvers/bloch_march.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/random_marches.hpp"
#ifdef WAVESMITH_HAS_RAPIDCHECK
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

void expect_same(const TimeDomain& a, const TimeDomain& b) {
  RC_ASSERT(data_of(a).spectra == data_of(b).spectra);
  RC_ASSERT(data_of(a).records == data_of(b).records);
  for (int c = 0; c < component_count(a.size().system); ++c) RC_ASSERT(a.field(c) == b.field(c));
}

// To rounding, relative to the largest of each array.
template <class Arrays>
void expect_close(const Arrays& a, const Arrays& b) {
  for (std::size_t n = 0; n < a.size(); ++n) {
    RC_ASSERT(a[n].size() == b[n].size());
    double largest = 0.0, off = 0.0;
    for (std::size_t i = 0; i < a[n].size(); ++i) {
      largest = std::max(largest, std::abs(a[n][i]));
      off = std::max(off, std::abs(a[n][i] - b[n][i]));
    }
    RC_ASSERT(off <= 1e-10 * largest);
  }
}

// `along` is the derivative of a loss of one number, the sum of terms of these sizes.
void expect_derivative(const std::function<double(double)>& loss, double along, double sizes,
                       std::uint64_t seed) {
  const auto difference = [&](double h) {
    return (8.0 * (loss(h) - loss(-h)) - (loss(2.0 * h) - loss(-2.0 * h))) / (12.0 * h);
  };
  // Fourth order: what a step half as long changes is 15 times its own error, rounding aside.
  const double h = 1e-4, coarse = difference(2.0 * h), fine = difference(h);
  const double at = loss(0.0), uncertain = std::abs(coarse - fine) / 5.0 + 1e-12 * at / h;
  RC_LOG() << "seed " << seed << ": " << along << " against " << fine << " +- " << uncertain
           << "\n";
  // Per the size of the terms, which may cancel.
  RC_ASSERT(std::abs(fine - along) <= 1e-6 * std::max(std::abs(along), 1e-3 * sizes) + uncertain);
  RC_ASSERT(uncertain <=
            1e-3 * std::max(std::abs(along), 1e-3 * sizes) + 1e-6 * std::max(1.0, std::abs(at)));
}

RC_GTEST_PROP(TimeDomainProperty, GoesOnWithAnyScheduleAndThreads, (std::uint64_t seed)) {
  RandomMarch one = draw_march(seed);
  one.setup.precision = seed % 2 == 0 ? Precision::f32 : Precision::f64;
  TimeDomain whole(one.setup), early(one.setup);
  one.setup.schedule = {seed % 3 != 0, static_cast<int>(seed % 5), static_cast<int>(seed % 4), 2};
  TimeDomain late(one.setup);
  const long stop = *rc::gen::inRange<long>(0, one.steps);
  whole.run(one.steps);
  early.run(stop);
  late.load_state(early.save_state());
  late.run(one.steps - stop);
  expect_same(whole, late);
}

RC_GTEST_PROP(TimeDomainProperty, DerivativesAgreeWithFiniteDifferences, (std::uint64_t seed)) {
  const RandomMarch one = draw_march(seed);
  TimeDomain march(one.setup);
  const LeapfrogSize size = march.size();
  const GradientWants wants{true, true, true, true, true};
  const TimeDomainGradient gradient =
      march.pull_back(one.steps, one.design, loss_cotangents, {}, wants);

  GradientMemory few{MemoryMode::checkpoint};
  few.budget_bytes = gradient.plan.bytes / 4 + seed % 3 * 100000;
  const TimeDomainGradient again =
      march.pull_back(one.steps, one.design, loss_cotangents, few, wants);
  RC_ASSERT(again.coefficient == gradient.coefficient);
  RC_ASSERT(again.second_coefficient == gradient.second_coefficient);
  RC_ASSERT(again.decay == gradient.decay);
  RC_ASSERT(again.initial == gradient.initial);
  RC_ASSERT(again.signals == gradient.signals);
  RC_ASSERT(again.off_diagonal == gradient.off_diagonal);
  if (one.reversible) {
    GradientWants without_poles = wants;
    without_poles.poles = false;
    const TimeDomainGradient back = march.pull_back(one.steps, one.design, loss_cotangents,
                                                    {MemoryMode::reverse}, without_poles);
    expect_close(gradient.coefficient, back.coefficient);
    expect_close(gradient.second_coefficient, back.second_coefficient);
    expect_close(gradient.decay, back.decay);
    expect_close(gradient.initial, back.initial);
    expect_close(gradient.signals, back.signals);
    for (std::size_t m = 0; m < gradient.nonlinear.size(); ++m)
      expect_close(std::array{gradient.nonlinear[m].square, gradient.nonlinear[m].cube},
                   std::array{back.nonlinear[m].square, back.nonlinear[m].cube});
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t e = 0; e < 2; ++e) {
        std::vector<double> a, b;
        for (const auto& pair : gradient.off_diagonal[c]) a.push_back(pair[e]);
        for (const auto& pair : back.off_diagonal[c]) b.push_back(pair[e]);
        expect_close(std::array{a}, std::array{b});
      }
    RC_ASSERT(back.error_estimate <= 4.0 * back.plan.field_error);
    RC_TAG(std::string("reverse"));
  }

  // One direction through everything at once.
  const Random random(seed, 6);
  std::uint64_t next = 0;
  double along = 0.0, sizes = 0.0;
  std::vector<std::function<void(TimeDomainSetup&, double)>> moves;
  const int group = first_group_size(size.system);
  const auto in_design = [&](auto member, std::size_t c, const std::vector<double>& derivative) {
    std::vector<double> direction;
    for (const double g : derivative) {
      direction.push_back(random.uniform(next++, -1.0, 1.0));
      along += g * direction.back();
      sizes += std::abs(g);
    }
    moves.push_back([&, member, c, direction](TimeDomainSetup& setup, double by) {
      std::vector<double>& values = (setup.*member)[c];
      if (values.size() != size.count())
        values.assign(size.count(), values.empty() ? 1.0 : values.front());
      std::size_t from = 0;
      for (int k = one.design.begin[2]; k < one.design.end[2]; ++k)
        for (int j = one.design.begin[1]; j < one.design.end[1]; ++j)
          for (int i = one.design.begin[0]; i < one.design.end[0]; ++i)
            values[size.index(i, j, k)] += by * direction[from++];
    });
  };
  // Numbers that a derivative has at all of its places: `member` of `of(setup)`.
  const auto everywhere = [&](auto of, const std::vector<double>& derivative, double step) {
    std::vector<double> direction;
    for (const double g : derivative) {
      direction.push_back(g == 0.0 ? 0.0 : step * random.uniform(next++, -1.0, 1.0));
      along += g * direction.back();
      sizes += std::abs(g) * step;
    }
    moves.push_back([of, direction](TimeDomainSetup& setup, double by) {
      std::vector<double>& values = of(setup);
      for (std::size_t i = 0; i < direction.size(); ++i) values[i] += by * direction[i];
    });
  };
  for (std::size_t n = 0; n < gradient.nonlinear.size(); ++n)
    for (const auto member : {&NonlinearField::square, &NonlinearField::cube})
      everywhere(
          [ n, member ](TimeDomainSetup & s) -> auto& { return s.nonlinear[n].*member; },
          gradient.nonlinear[n].*member, 1.0);
  for (std::size_t n = 0; n < gradient.poles.size(); ++n)
    for (const auto member : {&PoleField::a1, &PoleField::a2, &PoleField::a3, &PoleField::gain})
      if (!gradient.poles[n].relaxing || member != &PoleField::a3)
        everywhere(
            [ n, member ](TimeDomainSetup & s) -> auto& { return s.poles[n].*member; },
            gradient.poles[n].*member, 0.1);
  // Elements that couple points of the design region alone.
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t e = 0; e < gradient.off_diagonal[c].size(); ++e) {
      const std::size_t point = one.setup.off_diagonal[c][e].point;
      const std::size_t nx = static_cast<std::size_t>(size.points[0]);
      const std::size_t ny = static_cast<std::size_t>(size.points[1]);
      const std::array<int, 3> p = {static_cast<int>(point % nx), static_cast<int>(point / nx % ny),
                                    static_cast<int>(point / nx / ny)};
      if (!lies_within(p, one.design, 1, size)) continue;
      const double a = random.uniform(next++, -1.0, 1.0), b = random.uniform(next++, -1.0, 1.0);
      along += gradient.off_diagonal[c][e][0] * a + gradient.off_diagonal[c][e][1] * b;
      sizes += std::abs(gradient.off_diagonal[c][e][0]) + std::abs(gradient.off_diagonal[c][e][1]);
      moves.push_back([c, e, a, b](TimeDomainSetup& setup, double by) {
        setup.off_diagonal[c][e].next += by * a;
        setup.off_diagonal[c][e].after_next += by * b;
      });
    }
  for (int c = 0; c < component_count(size.system); ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    in_design(&TimeDomainSetup::coefficient, at,
              c < group ? gradient.coefficient[at]
                        : gradient.second_coefficient[static_cast<std::size_t>(c - group)]);
    in_design(&TimeDomainSetup::decay, at, gradient.decay[at]);
    std::vector<double> direction;
    for (const double g : gradient.initial[at]) {
      direction.push_back(random.uniform(next++, -1.0, 1.0));
      along += g * direction.back();
      sizes += std::abs(g);
    }
    moves.push_back([at, direction](TimeDomainSetup& setup, double by) {
      setup.initial[at].resize(direction.size());
      for (std::size_t i = 0; i < direction.size(); ++i) setup.initial[at][i] += by * direction[i];
    });
  }
  const auto loss = [&](double by) {
    TimeDomainSetup moved = one.setup;
    for (const auto& move : moves) move(moved, by);
    return loss_of(std::move(moved), one.steps);
  };
  expect_derivative(loss, along, sizes, seed);
}

// Once everything has decayed. Long marches: of one draw in eight.
RC_GTEST_PROP(TimeDomainProperty, SpectraTellTheSameAsStoredFields, (std::uint64_t seed)) {
  if (seed % 8 != 2) RC_SUCCEED("not of this draw");
  RandomMarch one = draw_march(seed);
  TimeDomainSetup& setup = one.setup;
  setup.time_monitors.clear();
  setup.nonlinear.clear();
  for (auto& row : setup.off_diagonal) row.clear();
  // Initial fields have all frequencies, also those that fewer records mistake for the wanted ones.
  for (SpectrumMonitor& monitor : setup.monitors) monitor.every = 1;
  const LeapfrogSize size = TimeDomain(setup).size();
  for (int c = 0; c < component_count(size.system); ++c) {
    auto& decay = setup.decay[static_cast<std::size_t>(c)];
    if (decay.empty()) decay.assign(size.count(), 0.97);
    for (double& d : decay) d = std::min(d, 0.97);
  }
  // Passive: what a charge that rests pulls in must be less than what flows off.
  for (PoleField& pole : setup.poles)
    if (pole.relaxing) pole.gain.assign(pole.gain.size(), 0.005);
  TimeDomain march(setup);
  const long steps = 4000;
  const TimeDomainGradient exact = march.pull_back(steps, one.design, loss_cotangents);
  const TimeDomainGradient found =
      march.pull_back(steps, one.design, loss_cotangents, {MemoryMode::dft});
  double error = 0.0, norm = 0.0;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t p = 0; p < exact.coefficient[c].size(); ++p) {
      error += std::pow(found.coefficient[c][p] - exact.coefficient[c][p], 2);
      norm += std::pow(exact.coefficient[c][p], 2);
    }
  RC_LOG() << "seed " << seed << ": " << std::sqrt(error / norm) << ", estimate "
           << found.error_estimate << "\n";
  RC_ASSERT(error <= norm * std::pow(1e-8 + 3.0 * found.error_estimate, 2));
}

// Complex fields with random phases over whatever was drawn; of one draw in four.
RC_GTEST_PROP(TimeDomainProperty, PeriodsWithAPhase, (std::uint64_t seed)) {
  if (seed % 4 != 1) RC_SUCCEED("not of this draw");
  const RandomMarch one = draw_march(seed);
  const Random random(seed, 8);
  std::uint64_t next = 0;
  BlochSetup setup{one.setup, {}, {}};
  TimeDomainSetup& real = setup.real;
  real.nonlinear.clear();
  for (auto& row : real.off_diagonal) row.clear();
  bool any = false;
  for (std::size_t d = 0; d < 3; ++d)
    if (real.grid.axes[d].cells() > 1 && real.boundaries.faces[d][0] == Boundary::periodic) {
      real.boundaries.bloch_phase[d] = random.uniform(next++, -3.0, 3.0);
      any = true;
    }
  RC_PRE(any);
  const LeapfrogSize size = BlochMarch(setup).size();
  for (std::size_t c = 0; c < static_cast<std::size_t>(component_count(size.system)); ++c)
    for (std::size_t i = 0; i < size.count(); ++i)
      setup.initial_imaginary[c].push_back(random.uniform(next++, -0.2, 0.2));
  const auto quadratic = [](const BlochData& data, BlochData* cotangents) {
    double loss = 0.0;
    if (cotangents != nullptr) *cotangents = data;
    for (const auto kind : {&BlochData::spectra, &BlochData::records})
      for (std::size_t m = 0; m < (data.*kind).size(); ++m)
        for (std::size_t i = 0; i < (data.*kind)[m].size(); ++i) {
          const auto off = (data.*kind)[m][i] - std::polar(0.3, 0.7 * static_cast<double>(i));
          loss += std::norm(off);
          if (cotangents != nullptr) (cotangents->*kind)[m][i] = 2.0 * off;
        }
    return loss;
  };
  const auto cotangents = [&](const BlochData& data) {
    BlochData back;
    quadratic(data, &back);
    return back;
  };
  BlochMarch march(setup);
  const GradientWants wants{true, true, true, true, false, true};
  const BlochGradient gradient = march.pull_back(one.steps, one.design, cotangents, {}, wants);
  GradientMemory few{MemoryMode::checkpoint};
  few.budget_bytes = gradient.plan.bytes / 3 + 200000;
  const BlochGradient again = march.pull_back(one.steps, one.design, cotangents, few, wants);
  RC_ASSERT(again.coefficient == gradient.coefficient);
  RC_ASSERT(again.initial == gradient.initial);
  RC_ASSERT(again.wave_vector == gradient.wave_vector);
  try {
    march.plan_gradient(one.steps, one.design, {MemoryMode::reverse});
    const BlochGradient back =
        march.pull_back(one.steps, one.design, cotangents, {MemoryMode::reverse});
    expect_close(gradient.coefficient, back.coefficient);
    RC_TAG(std::string("reverse"));
  } catch (const InputError&) {  // a seam, a loss or a layer
    RC_TAG(std::string("no way back"));
  }

  // Along one direction of C, decay, initial fields and wave vector.
  double along = 0.0, sizes = 0.0;
  BlochSetup direction = setup;
  for (std::size_t d = 0; d < 3; ++d) {
    const Axis& axis = real.grid.axes[d];
    double& phase = direction.real.boundaries.bloch_phase[d];
    phase = real.boundaries.faces[d][0] == Boundary::periodic && axis.cells() > 1
                ? random.uniform(next++, -1.0, 1.0)
                : 0.0;
    along += phase * gradient.wave_vector[d] / (axis.high() - axis.low());
    sizes += std::abs(phase * gradient.wave_vector[d] / (axis.high() - axis.low()));
  }
  for (std::size_t c = 0; c < static_cast<std::size_t>(component_count(size.system)); ++c) {
    const auto whole = [&](std::vector<double>& values, double value) {
      if (values.size() != size.count())
        values.assign(size.count(), values.empty() ? value : values[0]);
    };
    whole(setup.real.coefficient[c], 1.0);
    whole(setup.real.decay[c], 1.0);
    whole(setup.real.initial[c], 0.0);
    for (auto* values : {&direction.real.coefficient[c], &direction.real.decay[c],
                         &direction.real.initial[c], &direction.initial_imaginary[c]})
      values->assign(size.count(), 0.0);
    const std::size_t group = static_cast<std::size_t>(first_group_size(size.system));
    const auto& of_c = c < group ? gradient.coefficient[c] : gradient.second_coefficient[c - group];
    std::size_t from = 0;
    for (int k = one.design.begin[2]; k < one.design.end[2]; ++k)
      for (int j = one.design.begin[1]; j < one.design.end[1]; ++j)
        for (int i = one.design.begin[0]; i < one.design.end[0]; ++i, ++from) {
          const std::size_t at = size.index(i, j, k);
          const double a = random.uniform(next++, -1.0, 1.0);
          const double b = random.uniform(next++, -1.0, 1.0);
          direction.real.coefficient[c][at] = a;
          direction.real.decay[c][at] = b;
          along += a * of_c[from] + b * gradient.decay[c][from];
          sizes += std::abs(of_c[from]) + std::abs(gradient.decay[c][from]);
        }
    for (std::size_t at = 0; at < size.count(); ++at) {
      const double a = random.uniform(next++, -1.0, 1.0), b = random.uniform(next++, -1.0, 1.0);
      direction.real.initial[c][at] = a;
      direction.initial_imaginary[c][at] = b;
      along += a * gradient.initial[c][at].real() + b * gradient.initial[c][at].imag();
      sizes += std::abs(gradient.initial[c][at]);
    }
  }
  const auto loss = [&](double by) {
    BlochSetup moved = setup;
    const auto add = [&](auto& values, const auto& from) {
      for (std::size_t c = 0; c < values.size(); ++c)
        for (std::size_t i = 0; i < values[c].size(); ++i) values[c][i] += by * from[c][i];
    };
    add(moved.real.coefficient, direction.real.coefficient);
    add(moved.real.decay, direction.real.decay);
    add(moved.real.initial, direction.real.initial);
    add(moved.initial_imaginary, direction.initial_imaginary);
    for (std::size_t d = 0; d < 3; ++d)
      moved.real.boundaries.bloch_phase[d] += by * direction.real.boundaries.bloch_phase[d];
    BlochMarch run(moved);
    run.run(one.steps);
    BlochData data;
    for (std::size_t m = 0; m < real.monitors.size(); ++m)
      data.spectra.push_back(run.spectrum(static_cast<int>(m)));
    for (std::size_t m = 0; m < real.time_monitors.size(); ++m)
      data.records.push_back(run.record(static_cast<int>(m)));
    return quadratic(data, nullptr);
  };
  expect_derivative(loss, along, sizes, seed);
}

}  // namespace
}  // namespace wavesmith
#endif
