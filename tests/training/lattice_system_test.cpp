// Lattices that learn: the gradient of two tests against complex steps in long double, finite
// differences and the exact derivative; imperfections, costs, mistakes.
#include "training/lattice_system.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"
#include "solvers/lattice_response.hpp"
#include "tests/training/test_files.hpp"
#include "training/gradient_check.hpp"
#include "training/losses.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using test::expect_parts;
using test::message_of;

// Features that are normal draws, real or complex, with labels by turns.
class Draws final : public InputSet {
 public:
  Draws(std::size_t count, bool complex) : count_(count), complex_(complex) {}
  std::size_t count() const override { return count_; }
  void fill(std::size_t index, int, std::span<Complex> amplitudes) const override {
    const Random random(9, index);
    for (std::size_t i = 0; i < amplitudes.size(); ++i) {
      const auto draw = random.normal_pair(i);
      amplitudes[i] = {draw[0], complex_ ? draw[1] : 0.0};
    }
  }
  double power(std::size_t) const override { return 1.0; }
  Target target(std::size_t index) const override {
    Target target;
    target.label = static_cast<int>(index % 3);
    return target;
  }

 private:
  std::size_t count_;
  bool complex_;
};

// The lattice of Li and Mao with their inputs and readings.
LatticeTask iris_task(double frequency = 0.0) {
  LatticeTask task;
  task.lattice = triangular_lattice(std::array{5, 4, 3, 2}, 16e-3);
  fix_node(task.lattice, 0);
  fix_node(task.lattice, 4);
  if (frequency > 0.0) {
    for (LatticeNode& node : task.lattice.nodes) node.mass = 0.2e-3;
    for (LatticeBond& bond : task.lattice.bonds) bond.damping = 5e-3;
  }
  task.frequency = frequency;
  for (const int node : {13, 11, 12, 9}) task.inputs.push_back({node, 1, -0.049});
  for (const int node : {7, 1, 2}) task.readouts.push_back({node, 0});
  task.stiffness_min = strip_stiffness(0.55e6, 1.5e-3, 2e-3, 16e-3);
  task.stiffness_max = strip_stiffness(0.55e6, 2.5e-3, 2e-3, 16e-3);
  return task;
}

struct Training {
  Draws inputs;
  std::vector<std::size_t> indices;
  std::unique_ptr<Loss> loss;
  SampleLoss of_sample;

  Training(std::size_t count, bool complex, const std::string& name = "log_share")
      : inputs(count, complex) {
    for (std::size_t i = 0; i < count; ++i) indices.push_back(i);
    LossSpec spec;
    spec.name = name;
    spec.reading_count = 3;
    loss = make_loss(spec);
    of_sample = [this](int sample, std::span<const double> readings, std::span<double> cotangent) {
      const std::size_t s = indices[static_cast<std::size_t>(sample)];
      return loss->evaluate(readings, 1.0, inputs.target(s), cotangent);
    };
  }
  Batch batch() const { return {&inputs, indices}; }

  std::vector<double> exact(LatticeSystem& system) const {
    std::vector<double> readings(3 * indices.size()), gradient(system.parameter_count());
    system.pull_back(batch(), of_sample, readings, gradient);
    return gradient;
  }
  std::vector<double> in_situ(LatticeSystem& system) const {
    std::vector<double> readings(3 * indices.size()), gradient(system.parameter_count());
    system.adjoint_experiment(batch(), of_sample, readings, gradient);
    return gradient;
  }
  double total(LatticeSystem& system) const {
    std::vector<double> readings(3 * indices.size());
    system.respond(batch(), readings);
    double sum = 0.0;
    for (int s = 0; s < batch().size(); ++s)
      sum += of_sample(s, std::span(readings).subspan(static_cast<std::size_t>(s) * 3, 3), {});
    return sum;
  }
};

std::vector<double> random_parameters(std::size_t count) {
  const Random random(4, 0);
  std::vector<double> parameters(count);
  for (std::size_t i = 0; i < count; ++i) parameters[i] = 0.2 * random.normal(i);
  return parameters;
}

double relative_error(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(difference / norm);
}

// Of the matrix of a static lattice: displacements lose so many times the rounding of a number.
double condition_number(ElasticLattice lattice, const std::vector<double>& stiffness) {
  for (LatticeNode& node : lattice.nodes) node.mass = 1.0;
  for (std::size_t b = 0; b < stiffness.size(); ++b) lattice.bonds[b].stiffness = stiffness[b];
  const std::vector<double> frequencies = lattice_modes(lattice).angular_frequencies;
  return std::pow(frequencies.back() / frequencies.front(), 2);
}

// The static loss of one lattice, written down once more with stiffnesses that may be complex:
// -log(|u_label| / sum |u|) with |u| = +-u by the sign of the real part, so that a step along the
// imaginary axis gives the derivative without a difference.
using Long = long double;
using LongComplex = std::complex<long double>;

LongComplex complex_loss(const LatticeTask& task, const std::vector<LongComplex>& parameters,
                         const Training& training) {
  const std::size_t n = task.lattice.nodes.size();
  std::vector<std::vector<LongComplex>> matrix(2 * n, std::vector<LongComplex>(2 * n));
  for (std::size_t b = 0; b < parameters.size(); ++b) {
    const LatticeBond& bond = task.lattice.bonds[b];
    const auto i = static_cast<std::size_t>(bond.first), j = static_cast<std::size_t>(bond.second);
    const Long x = static_cast<Long>(task.lattice.nodes[j].position[0]) -
                   static_cast<Long>(task.lattice.nodes[i].position[0]);
    const Long y = static_cast<Long>(task.lattice.nodes[j].position[1]) -
                   static_cast<Long>(task.lattice.nodes[i].position[1]);
    const Long length = std::sqrt(x * x + y * y);
    const std::array<Long, 2> direction{x / length, y / length};
    const LongComplex k =
        static_cast<Long>(task.stiffness_min) +
        static_cast<Long>(task.stiffness_max - task.stiffness_min) /
            (LongComplex(1) + std::exp(-static_cast<Long>(task.steepness) * parameters[b]));
    for (std::size_t p = 0; p < 2; ++p)
      for (std::size_t q = 0; q < 2; ++q) {
        const LongComplex part = k * direction[p] * direction[q];
        matrix[2 * i + p][2 * i + q] += part;
        matrix[2 * j + p][2 * j + q] += part;
        matrix[2 * i + p][2 * j + q] -= part;
        matrix[2 * j + p][2 * i + q] -= part;
      }
  }
  LongComplex sum = 0;
  for (const std::size_t index : training.indices) {
    auto a = matrix;
    std::vector<LongComplex> u(2 * n);
    std::vector<Complex> features(task.inputs.size());
    training.inputs.fill(index, 0, features);
    for (std::size_t f = 0; f < features.size(); ++f)
      u[static_cast<std::size_t>(2 * task.inputs[f].node + task.inputs[f].axis)] +=
          static_cast<Long>(task.inputs[f].newtons) * static_cast<Long>(features[f].real());
    for (std::size_t i = 0; i < 2 * n; ++i)
      if (task.lattice.nodes[i / 2].fixed[i % 2]) {
        std::fill(a[i].begin(), a[i].end(), LongComplex(0));
        a[i][i] = 1;
        u[i] = 0;
      }
    // Gauss: the matrix is positive definite but for the fixed rows, so no pivots are needed.
    for (std::size_t c = 0; c < 2 * n; ++c)
      for (std::size_t r = c + 1; r < 2 * n; ++r) {
        const LongComplex factor = a[r][c] / a[c][c];
        for (std::size_t q = c; q < 2 * n; ++q) a[r][q] -= factor * a[c][q];
        u[r] -= factor * u[c];
      }
    for (std::size_t r = 2 * n; r-- > 0;) {
      for (std::size_t q = r + 1; q < 2 * n; ++q) u[r] -= a[r][q] * u[q];
      u[r] /= a[r][r];
    }
    LongComplex all = 0, of_label = 0;
    for (std::size_t r = 0; r < task.readouts.size(); ++r) {
      LongComplex value =
          u[static_cast<std::size_t>(2 * task.readouts[r].node + task.readouts[r].axis)];
      if (value.real() < 0) value = -value;
      all += value;
      if (static_cast<int>(r) == training.inputs.target(index).label) of_label = value;
    }
    sum -= std::log(of_label / all);
  }
  return sum;
}

TEST(LatticeSystem, TwoTestsGiveTheGradientToRounding) {
  const LatticeTask task = iris_task();
  LatticeSystem system(task, {});
  const Training training(5, false);
  const std::vector<double> parameters = random_parameters(28);
  system.set_parameters(parameters);
  const std::vector<double> measured = training.in_situ(system), exact = training.exact(system);

  std::vector<double> by_step(28);
  for (std::size_t i = 0; i < 28; ++i) {
    std::vector<LongComplex> moved(parameters.begin(), parameters.end());
    moved[i] += LongComplex(0, 1e-30L);
    by_step[i] = static_cast<double>(complex_loss(task, moved, training).imag() / 1e-30L);
  }
  const double of_measured = relative_error(measured, by_step);
  std::printf("in situ against complex steps in long double: %.2e relative, 1 - cos %.1e\n",
              of_measured, compare_gradients(measured, by_step).direction_error);
  std::printf("exact against complex steps in long double:   %.2e relative\n",
              relative_error(exact, by_step));
  const double rounding =
      condition_number(task.lattice, system.stiffness()) * std::numeric_limits<double>::epsilon();
  std::printf("rounding of the solution: %.1e\n", rounding);
  EXPECT_LT(of_measured, rounding);
  EXPECT_LT(relative_error(exact, by_step), rounding);

  // As a laboratory would test it: differences in double, whose error has a least value.
  double best = 1.0, best_direction = 1.0;
  for (double h = 1e-2; h > 1e-6; h *= std::sqrt(0.1)) {
    std::vector<double> difference(28);
    for (std::size_t i = 0; i < 28; ++i) {
      const auto at = [&](double offset) {
        std::vector<double> moved = parameters;
        moved[i] += offset;
        system.set_parameters(moved);
        return training.total(system);
      };
      difference[i] = (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
    }
    const double error = relative_error(measured, difference);
    const double direction = compare_gradients(measured, difference).direction_error;
    std::printf("  against differences of step %.0e: %.1e relative, 1 - cos %.1e\n", h, error,
                direction);
    best = std::min(best, error);
    best_direction = std::min(best_direction, std::abs(direction));
  }
  EXPECT_LT(best, 1e-10);
  EXPECT_LT(best_direction, 1e-15);
}

TEST(LatticeSystem, GradientsHoldForEveryReadingAndFrequency) {
  for (const double frequency : {0.0, 20.0, 60.0, 150.0})
    for (const LatticeReading reading :
         {LatticeReading::displacement, LatticeReading::amplitude, LatticeReading::power})
      for (const bool built : {false, true}) {
        LatticeTask task = iris_task(frequency);
        task.reading = reading;
        task.loads = {{10, 0, 0.02}};
        LatticeSystemOptions options;
        if (built) options.cut = {5, 17};
        if (built) options.stiffness_spread = 0.1;
        LatticeSystem system(task, options);
        // Shares need readings that are not negative.
        const Training training(
            4, frequency > 0.0,
            reading == LatticeReading::displacement ? "squared_error" : "log_share");
        const std::vector<double> parameters = random_parameters(28);
        system.set_parameters(parameters);
        const std::vector<double> exact = training.exact(system);
        const std::vector<double> direction = random_parameters(28);
        const auto at = [&](double t) {
          std::vector<double> moved = parameters;
          for (std::size_t i = 0; i < 28; ++i) moved[i] += t * direction[i];
          system.set_parameters(moved);
          return training.total(system);
        };
        double slope = 0.0;
        for (std::size_t i = 0; i < 28; ++i) slope += exact[i] * direction[i];
        const double h = 2e-3;
        const double difference = (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
        EXPECT_NEAR(slope, difference, 1e-6 * (std::abs(slope) + std::abs(difference)))
            << frequency << " " << built;
        system.set_parameters(parameters);
        const std::vector<double> measured = training.in_situ(system);
        if (!built) {
          EXPECT_LT(relative_error(measured, exact), 1e-12);
        } else {
          EXPECT_EQ(exact[5], 0.0);
          EXPECT_EQ(measured[17], 0.0);
          // The laboratory does not know the spread of 10 %; the direction stays.
          EXPECT_LT(compare_gradients(measured, exact).direction_error, 0.02);
        }
      }
}

TEST(LatticeSystem, ReadingsAreWhatTheyAreCalled) {
  for (const double frequency : {0.0, 60.0}) {
    LatticeTask task = iris_task(frequency);
    const Training training(3, true);
    std::vector<double> u(9), amplitude(9), power(9);
    task.reading = LatticeReading::displacement;
    LatticeSystem system(task, {});
    system.respond(training.batch(), u);
    task.reading = LatticeReading::amplitude;
    LatticeSystem(task, {}).respond(training.batch(), amplitude);
    task.reading = LatticeReading::power;
    LatticeSystem(task, {}).respond(training.batch(), power);
    const auto all = system.displacements(training.batch());
    for (std::size_t i = 0; i < 9; ++i) {
      const auto node = static_cast<std::size_t>(task.readouts[i % 3].node);
      const Complex there = all[(i / 3) * 28 + 2 * node];
      EXPECT_EQ(u[i], there.real());
      EXPECT_EQ(amplitude[i], std::abs(there));
      EXPECT_EQ(power[i], std::norm(there));
    }
  }
}

TEST(LatticeSystem, NoiseFollowsItsSizeAndTheOccasionAlone) {
  const LatticeTask task = iris_task(60.0);
  LatticeSystem ideal(task, {});
  LatticeSystemOptions options;
  options.elongation_noise = 0.05;
  options.reading_noise = 0.02;
  LatticeSystem noisy(task, options);
  const Training training(40, true);
  noisy.set_occasion(3);
  const std::vector<double> first = training.in_situ(noisy);
  noisy.set_occasion(4);
  EXPECT_NE(training.in_situ(noisy), first);
  noisy.set_occasion(3);
  EXPECT_EQ(training.in_situ(noisy), first);
  // The error grows with the noise, its angle in proportion.
  const auto angle_error = [&](double share) {
    LatticeSystemOptions less;
    less.elongation_noise = share;
    less.reading_noise = share;
    LatticeSystem system(task, less);
    return compare_gradients(training.in_situ(system), training.in_situ(ideal)).direction_error;
  };
  EXPECT_NEAR(angle_error(1e-3) / angle_error(1e-4), 100.0, 20.0);
  EXPECT_LT(angle_error(1e-3), 1e-3);
  EXPECT_EQ(training.exact(noisy), training.exact(ideal));
  // Part of the batch draws what the whole draws.
  std::vector<double> all(120), some(3);
  noisy.respond(training.batch(), all);
  const std::vector<std::size_t> last{39};
  noisy.respond({&training.inputs, last}, some);
  EXPECT_EQ(some, std::vector<double>(all.end() - 3, all.end()));
  // 2 % of the root mean square of three displacements, each quadrature.
  LatticeTask real_part = task;
  real_part.reading = LatticeReading::displacement;
  std::vector<double> with(120), without(120);
  LatticeSystem(real_part, options).respond(training.batch(), with);
  LatticeSystem(real_part, {}).respond(training.batch(), without);
  const auto u = ideal.displacements(training.batch());
  double sum = 0.0;
  for (std::size_t s = 0; s < 40; ++s) {
    double power = 0.0, error = 0.0;
    for (std::size_t r = 0; r < 3; ++r) {
      power += std::norm(u[s * 28 + 2 * static_cast<std::size_t>(task.readouts[r].node)]) / 3.0;
      error += std::pow(with[3 * s + r] - without[3 * s + r], 2);
    }
    sum += error / power / 120.0;
  }
  EXPECT_NEAR(std::sqrt(sum), 0.02, 0.006);  // 120 draws: 4.6 standard deviations
}

TEST(LatticeSystem, BuiltStiffnessesAreOnTheirLevelsAndSpread) {
  const LatticeTask task = iris_task();
  const std::vector<double> parameters = random_parameters(28);
  LatticeSystemOptions options;
  options.stiffness_levels = 5;
  LatticeSystem levels(task, options);
  levels.set_parameters(parameters);
  const double step = (task.stiffness_max - task.stiffness_min) / 4.0;
  for (std::size_t b = 0; b < 28; ++b) {
    const double share = 1.0 / (1.0 + std::exp(-5.0 * parameters[b]));
    const double steps = (levels.stiffness()[b] - task.stiffness_min) / step;
    EXPECT_NEAR(steps, std::round(steps), 1e-12);
    EXPECT_LE(std::abs(steps - 4.0 * share), 0.5);
  }
  options = {};
  options.stiffness_spread = 0.05;
  LatticeSystem spread(task, options), same(task, options), ideal(task, {});
  options.seed = 2;
  LatticeSystem other(task, options);
  for (LatticeSystem* system : {&spread, &same, &ideal, &other}) system->set_parameters(parameters);
  EXPECT_EQ(spread.stiffness(), same.stiffness());
  EXPECT_NE(spread.stiffness(), other.stiffness());
  double variance = 0.0;
  for (std::size_t b = 0; b < 28; ++b)
    variance += std::pow(std::log(spread.stiffness()[b] / ideal.stiffness()[b]), 2) / 28.0;
  EXPECT_NEAR(std::sqrt(variance), 0.05, 0.027);  // 28 draws: 4 standard deviations
}

TEST(LatticeSystem, EveryQuestionIsCounted) {
  const Training training(6, false);
  LatticeSystem system(iris_task(), {});
  std::vector<double> readings(18);
  system.respond(training.batch(), readings);
  EXPECT_EQ(system.cost().experiments, 6);
  EXPECT_EQ(system.cost().readings, 18);
  system.reset_cost();
  training.exact(system);
  EXPECT_EQ(system.cost().experiments, 0);
  EXPECT_GT(system.cost().operations, 0);
  system.reset_cost();
  training.in_situ(system);
  EXPECT_EQ(system.cost().experiments, 12);  // two tests a sample
  EXPECT_EQ(system.cost().exposures, 12);
  EXPECT_EQ(system.cost().readings, 18 + 2 * 6 * 28);
}

TEST(LatticeSystem, MistakesAreNamed) {
  const auto message = [](const std::function<void(LatticeTask&, LatticeSystemOptions&)>& spoil) {
    LatticeTask task = iris_task();
    LatticeSystemOptions options;
    spoil(task, options);
    return message_of<InputError>([&] { LatticeSystem(task, options); });
  };
  expect_parts(message([](auto& t, auto&) { t.inputs.clear(); }), {"no inputs"});
  expect_parts(message([](auto& t, auto&) { t.readouts.clear(); }), {"no readings"});
  expect_parts(message([](auto& t, auto&) { t.inputs[1].node = 14; }),
               {"input 2", "node 15", "1 to 14"});
  expect_parts(message([](auto& t, auto&) { t.readouts[2].node = 4; }),
               {"reading 3", "node 5", "fixed along x"});
  expect_parts(message([](auto& t, auto&) { t.readouts[2].axis = 2; }), {"reading 3", "axis 3"});
  expect_parts(message([](auto& t, auto&) { t.loads = {{0, 1, 1.0}}; }), {"load 1", "node 1"});
  expect_parts(message([](auto& t, auto&) { t.inputs[0].newtons = std::nan(""); }), {"input 1"});
  expect_parts(message([](auto& t, auto&) { t.stiffness_max = t.stiffness_min; }),
               {"nothing to train"});
  expect_parts(message([](auto& t, auto&) { t.stiffness_min = 0.0; }), {"least stiffness"});
  expect_parts(message([](auto& t, auto&) { t.frequency = -1.0; }), {"frequency"});
  expect_parts(message([](auto& t, auto&) { t.steepness = 0.0; }), {"steepness"});
  expect_parts(message([](auto&, auto& o) { o.cut = {28}; }), {"bond 29", "1 to 28"});
  expect_parts(message([](auto&, auto& o) { o.stiffness_levels = 1; }), {"1 levels"});
  expect_parts(message([](auto&, auto& o) { o.elongation_noise = -1.0; }), {"elongations"});
  // Bonds 24 to 28 hold the lowest row; without 24, 25 and 28 its left node hangs on nothing.
  expect_parts(message([](auto&, auto& o) { o.cut = {23, 24, 27}; }), {"mechanism", "node 13"});
  LatticeSystem system(iris_task(), {});
  EXPECT_THROW(system.set_parameters(std::vector<double>(27)), InputError);
  EXPECT_THROW(system.set_parameters(std::vector<double>(28, std::nan(""))), InputError);
}

}  // namespace
}  // namespace wavesmith
