#include "training/kerr_system.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/error.hpp"
#include "tests/solvers/kerr_fixture.hpp"
#include "training/losses.hpp"

namespace wavesmith {
namespace {

using namespace test;
using Complex = std::complex<double>;

// Random features and labels.
class DrawnInputs final : public InputSet {
 public:
  DrawnInputs(std::size_t count, std::size_t width, double spread, std::uint64_t seed)
      : count_(count), width_(width), features_(normal_draws(count * width, spread, seed)) {}
  std::size_t count() const override { return count_; }
  void fill(std::size_t index, int, std::span<Complex> amplitudes) const override {
    for (std::size_t i = 0; i < amplitudes.size(); ++i)
      amplitudes[i] = features_[index * width_ + i];
  }
  double power(std::size_t) const override { return 1.0; }
  Target target(std::size_t index) const override { return {static_cast<int>(index % 2), {}}; }

 private:
  std::size_t count_, width_;
  std::vector<double> features_;
};

struct Experiment {
  KerrNetwork network;
  std::vector<double> parameters;
  std::unique_ptr<DrawnInputs> inputs;
  std::unique_ptr<Loss> loss;
  std::vector<std::size_t> indices;
  SampleLoss sample_loss;

  Experiment(int modes, double kerr, bool mixed, double spread, std::size_t count,
             std::uint64_t seed) {
    network = random_kerr_network(modes, kerr, mixed, seed);
    parameters = normal_draws(network.parameter_count(), 0.5, seed + 1);
    inputs = std::make_unique<DrawnInputs>(count, 2, spread, seed + 2);
    LossSpec spec;
    spec.reading_count = 2;
    spec.normalise = "none";
    spec.scale = 3.0;
    loss = make_loss(spec);
    indices.resize(count);
    std::iota(indices.begin(), indices.end(), std::size_t{0});
    sample_loss = [this](int s, std::span<const double> readings, std::span<double> cotangent) {
      const std::size_t index = indices[static_cast<std::size_t>(s)];
      return loss->evaluate(readings, 1.0, inputs->target(index), cotangent);
    };
  }
  Batch batch() const { return {inputs.get(), indices}; }
  std::vector<double> readings() const { return std::vector<double>(2 * indices.size()); }
  std::vector<double> gradient() const { return std::vector<double>(parameters.size()); }
};

KerrSystemOptions in_double() {
  KerrSystemOptions options;
  options.solver.precision = Precision::f64;
  options.solver.threads = 1;
  return options;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}
double relative_error(const std::vector<double>& a, const std::vector<double>& exact) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - exact[i]) * (a[i] - exact[i]);
    size += exact[i] * exact[i];
  }
  return std::sqrt(difference / size);
}

TEST(KerrSystem, TheGradientIsThatOfFiniteDifferences) {
  double worst = 0.0;
  for (const auto kind : {KerrInput::Kind::drive, KerrInput::Kind::detuning})
    for (const bool mixed : {false, true}) {
      Experiment setup(7, 0.4, mixed, 0.8, 5, 11);
      KerrSystemOptions options = in_double();
      options.input = {kind, 0.9, 0.1, 0.7};
      options.detuning_spread = 0.05;
      options.coupling_spread = 0.1;
      KerrSystem system(setup.network, options);
      std::vector<double> readings = setup.readings(), gradient = setup.gradient();
      system.set_parameters(setup.parameters);
      system.pull_back(setup.batch(), setup.sample_loss, readings, gradient);
      const std::vector<double> direction = normal_draws(gradient.size(), 1.0, 12);
      const auto loss_at = [&](double step) {
        std::vector<double> parameters = setup.parameters;
        for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += step * direction[i];
        system.set_parameters(parameters);
        system.respond(setup.batch(), readings);
        double sum = 0.0;
        for (std::size_t s = 0; s < setup.indices.size(); ++s)
          sum += setup.sample_loss(static_cast<int>(s), std::span(readings).subspan(2 * s, 2), {});
        return sum;
      };
      const double h = 1e-3;
      const double slope =
          (8.0 * (loss_at(h) - loss_at(-h)) - (loss_at(2 * h) - loss_at(-2 * h))) / (12.0 * h);
      const double along =
          std::inner_product(gradient.begin(), gradient.end(), direction.begin(), 0.0);
      const double error = std::abs(slope - along) / (std::abs(slope) + std::abs(along));
      worst = std::max(worst, error);
      EXPECT_LT(error, 1e-6) << mixed;
    }
  std::printf("finite differences: %.2g\n", worst);
}

// N7. Without Kerr shifts the rule is exact, whatever the losses: what is left is rounding over
// beta. A reciprocal network needs no more than that.
TEST(KerrSystem, ScatteringBackpropagationIsExactWithoutKerrShifts) {
  for (const bool mixed : {false, true})
    for (const double nudge : {0.01, 0.3}) {
      Experiment setup(6, 0.0, mixed, 1.0, 8, 21);
      KerrSystemOptions options = in_double();
      options.nudge = nudge;
      KerrSystem system(setup.network, options);
      system.set_parameters(setup.parameters);
      std::vector<double> readings = setup.readings(), exact = setup.gradient(),
                          measured = setup.gradient();
      system.pull_back(setup.batch(), setup.sample_loss, readings, exact);
      system.scattering_experiment(setup.batch(), setup.sample_loss, readings, measured);
      EXPECT_LT(relative_error(measured, exact), 1e-9) << mixed << nudge;
    }
}

// N7: ten networks of six modes. The mean cosine of the summed gradient with the exact one is at
// least 0.998 up to g n = 0.9 (n of the strongest mode), and its distance from 1 grows as g^2.
TEST(KerrSystem, TheDirectionErrorGrowsWithTheSquareOfTheKerrShift) {
  std::vector<double> means;
  for (const double kerr : {0.0, 0.05, 0.1, 0.2, 0.3, 0.45}) {
    double worst = 1.0, reach = 0.0, sum = 0.0, sum_within = 0.0;
    int within = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      Experiment setup(6, kerr, false, 1.0, 16, 100 + 10 * seed);
      KerrSystemOptions options = in_double();
      options.nudge = 1e-4;
      KerrSystem system(setup.network, options);
      system.set_parameters(setup.parameters);
      std::vector<double> readings = setup.readings(), exact = setup.gradient(),
                          measured = setup.gradient();
      system.pull_back(setup.batch(), setup.sample_loss, readings, exact);
      system.scattering_experiment(setup.batch(), setup.sample_loss, readings, measured);
      const double found = cosine(measured, exact), shift = 2.0 * system.largest_nonlinearity();
      worst = std::min(worst, found);
      sum += found / 10.0;
      reach = std::max(reach, shift);  // the losses add up to 2
      if (shift <= 0.9) {
        ++within;
        sum_within += found;
        EXPECT_GT(found, 0.995) << kerr << " " << seed;
      }
    }
    std::printf("g = %.2f: g n up to %.2f, 1 - cosine %.2e mean, %.2e worst\n", kerr, reach,
                1.0 - sum, 1.0 - worst);
    if (within > 0) {
      EXPECT_GE(sum_within / within, 0.998) << kerr;
    }
    means.push_back(1.0 - sum);
  }
  EXPECT_LT(means[0], 1e-12);
  EXPECT_NEAR(means[2] / means[1], 4.0, 0.2);
  EXPECT_NEAR(means[3] / means[2], 4.0, 0.6);
}

// A finite nudge is off by a multiple of itself.
TEST(KerrSystem, TheErrorOfANudgeIsOfFirstOrder) {
  Experiment setup(6, 0.4, false, 1.0, 8, 31);
  std::vector<std::vector<double>> gradients;
  for (const double nudge : {1e-5, 0.01, 0.02, 0.04}) {
    KerrSystemOptions options = in_double();
    options.nudge = nudge;
    KerrSystem system(setup.network, options);
    system.set_parameters(setup.parameters);
    std::vector<double> readings = setup.readings();
    gradients.push_back(setup.gradient());
    system.scattering_experiment(setup.batch(), setup.sample_loss, readings, gradients.back());
  }
  const double first = relative_error(gradients[1], gradients[0]);
  EXPECT_NEAR(relative_error(gradients[2], gradients[0]) / first, 2.0, 0.1);
  EXPECT_NEAR(relative_error(gradients[3], gradients[0]) / first, 4.0, 0.4);
}

TEST(KerrSystem, TwoSteadyStatesASampleForAllParameters) {
  Experiment setup(6, 0.2, false, 0.5, 5, 41);
  KerrSystem system(setup.network, in_double());
  system.set_parameters(setup.parameters);
  std::vector<double> readings = setup.readings(), gradient = setup.gradient();
  system.respond(setup.batch(), readings);
  EXPECT_EQ(system.cost().experiments, 5.0);
  EXPECT_EQ(system.cost().readings, 10.0);
  system.reset_cost();
  system.scattering_experiment(setup.batch(), setup.sample_loss, readings, gradient);
  EXPECT_EQ(system.cost().experiments, 10.0);
  EXPECT_EQ(system.cost().exposures, 10.0);
  EXPECT_EQ(system.cost().readings, 2.0 * 5 * 2 * 6);
  EXPECT_GT(system.cost().operations, 0.0);
  system.reset_cost();
  system.pull_back(setup.batch(), setup.sample_loss, readings, gradient);
  EXPECT_EQ(system.cost().experiments, 0.0);
  EXPECT_GT(system.cost().operations, 0.0);
}

// Noise of the fields: its own for each sample and occasion, of the size asked for.
TEST(KerrSystem, NoiseBelongsToOccasionAndSample) {
  Experiment setup(6, 0.2, true, 0.5, 40, 51);
  KerrSystemOptions options = in_double();
  KerrSystem clean(setup.network, options);
  options.field_noise = 0.03;
  KerrSystem noisy(setup.network, options);
  clean.set_parameters(setup.parameters);
  noisy.set_parameters(setup.parameters);
  std::vector<double> exact = setup.readings(), first = exact, again = exact, other = exact;
  clean.respond(setup.batch(), exact);
  noisy.set_occasion(4);
  noisy.respond(setup.batch(), first);
  noisy.set_occasion(5);
  noisy.respond(setup.batch(), other);
  noisy.set_occasion(4);
  const std::vector<std::size_t> tail(setup.indices.begin() + 30, setup.indices.end());
  std::vector<double> part(2 * tail.size());
  noisy.respond({setup.inputs.get(), tail}, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), first.begin() + 60));
  EXPECT_NE(first, other);
  for (std::size_t k = 0; k < 2; ++k) {
    double sum = 0.0;
    for (std::size_t s = 0; s < 40; ++s) sum += std::pow(first[2 * s + k] - exact[2 * s + k], 2);
    const double port =
        setup.network.modes[static_cast<std::size_t>(setup.network.outputs[k])].port_loss;
    EXPECT_NEAR(std::sqrt(sum / 40.0), 0.03 / std::sqrt(port), 0.012);
  }
}

TEST(KerrSystem, RestlessSamplesAreRefusedOrCounted) {
  Experiment setup(6, 0.2, false, 0.5, 3, 61);
  KerrSystemOptions options = in_double();
  options.solver.time = 1.0;
  options.solver.accelerate = false;
  KerrSystem strict(setup.network, options);
  strict.set_parameters(setup.parameters);
  std::vector<double> readings = setup.readings(), gradient = setup.gradient();
  EXPECT_THROW(strict.respond(setup.batch(), readings), NumericsError);
  options.keep_restless = true;
  KerrSystem lenient(setup.network, options);
  lenient.set_parameters(setup.parameters);
  lenient.respond(setup.batch(), readings);
  EXPECT_EQ(lenient.restless(), 3);
  lenient.reset_cost();
  EXPECT_EQ(lenient.restless(), 0);
  lenient.pull_back(setup.batch(), setup.sample_loss, readings, gradient);
  EXPECT_EQ(gradient, setup.gradient());
}

TEST(KerrSystem, AModeWithoutAProbeIsNamed) {
  Experiment setup(6, 0.2, false, 0.5, 3, 71);
  setup.network.modes[3] = {0.0, 2.0, 0.2};
  KerrSystem system(setup.network, in_double());
  system.set_parameters(setup.parameters);
  std::vector<double> readings = setup.readings(), gradient = setup.gradient();
  EXPECT_NO_THROW(system.pull_back(setup.batch(), setup.sample_loss, readings, gradient));
  try {
    system.scattering_experiment(setup.batch(), setup.sample_loss, readings, gradient);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("mode 3 has no probe"), std::string::npos);
  }
  for (const double wrong : {0.0, -1.0, std::nan("")}) {
    KerrSystemOptions options = in_double();
    options.nudge = wrong;
    EXPECT_THROW(KerrSystem(setup.network, options), InputError);
  }
}

}  // namespace
}  // namespace wavesmith
