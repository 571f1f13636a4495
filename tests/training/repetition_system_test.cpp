#include "training/repetition_system.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <numbers>
#include <numeric>

#include "core/error.hpp"
#include "core/random.hpp"
#include "training/losses.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Reading = RepetitionSystemOptions::Reading;

class Points final : public InputSet {
 public:
  Points(std::size_t width, std::vector<double> features)
      : width_(width), features_(std::move(features)) {}
  std::size_t count() const override { return features_.size() / width_; }
  void fill(std::size_t index, int, std::span<Complex> amplitudes) const override {
    for (std::size_t i = 0; i < width_; ++i) amplitudes[i] = features_[index * width_ + i];
  }
  double power(std::size_t) const override { return 1.0; }
  Target target(std::size_t index) const override { return {static_cast<int>(index % 2), {}}; }

 private:
  std::size_t width_;
  std::vector<double> features_;
};

std::vector<double> draws(std::size_t count, double spread, std::uint64_t seed) {
  const Random random(seed, 9);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = spread * random.normal(i);
  return values;
}

RepeatedScattering network_of(int modes, int features, int repetitions) {
  return {modes, features, repetitions, random_medium(modes, 5)};
}

RepetitionSystemOptions options_of(Reading reading, int detectors, int classes,
                                   Precision precision = Precision::f64) {
  RepetitionSystemOptions options;
  options.precision = precision;
  options.threads = 1;
  options.reading = reading;
  options.detectors = detectors;
  options.classes = classes;
  return options;
}

std::vector<std::size_t> all_of(const InputSet& inputs) {
  std::vector<std::size_t> indices(inputs.count());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

struct Learner {
  Points inputs;
  std::vector<std::size_t> indices;
  std::unique_ptr<Loss> loss;
  SampleLoss of_sample;

  Learner(std::size_t width, std::vector<double> features, int readings)
      : inputs(width, std::move(features)), indices(all_of(inputs)) {
    LossSpec spec;
    spec.reading_count = readings;
    spec.normalise = "none";
    spec.scale = 1.0;
    loss = make_loss(spec);
    of_sample = [this](int s, std::span<const double> readings, std::span<double> cotangent) {
      return loss->evaluate(readings, 1.0, inputs.target(indices[static_cast<std::size_t>(s)]),
                            cotangent);
    };
  }
  Batch batch() const { return {&inputs, indices}; }
};

// The fields are polynomials of order R in the features, and no less: differences of order R + 1
// along any line vanish, those of order R do not. Intensities are of order 2 R.
TEST(RepetitionSystem, ReadingsArePolynomialsOfTheRepetitions) {
  for (const auto reading : {Reading::field, Reading::intensity})
    for (const int repetitions : {1, 2, 3, 4}) {
      const int order = reading == Reading::field ? repetitions : 2 * repetitions;
      const RepeatedScattering network = network_of(9, 3, repetitions);
      RepetitionSystem system(network, options_of(reading, 4, 0));
      system.set_parameters(draws(system.parameter_count(), 1.0, 3));
      const std::vector<double> from = draws(3, 0.5, 4), along = draws(3, 1.0, 5);
      std::vector<double> features;
      for (int k = 0; k <= order + 1; ++k)
        for (std::size_t i = 0; i < 3; ++i)
          features.push_back(from[i] + 6.0 * (k / (order + 1.0) - 0.5) * along[i]);
      const Points inputs(3, features);
      const std::vector<std::size_t> indices = all_of(inputs);
      std::vector<double> readings(indices.size() * 4);
      system.respond({&inputs, indices}, readings);
      const auto difference = [&](int degree, std::size_t d) {
        double sum = 0.0, size = 0.0, binomial = 1.0;
        for (int k = 0; k <= degree; ++k) {
          const double term = binomial * readings[static_cast<std::size_t>(k) * 4 + d];
          sum += (k % 2 == 0 ? 1.0 : -1.0) * term;
          size += std::abs(term);
          binomial *= static_cast<double>(degree - k) / (k + 1);
        }
        return std::abs(sum) / size;
      };
      for (std::size_t d = 0; d < 4; ++d) {
        EXPECT_LT(difference(order + 1, d), 1e-13) << repetitions;
        EXPECT_GT(difference(order, d), 1e-4) << repetitions;
      }
    }
}

TEST(RepetitionSystem, FieldsFollowTheProductOfMasksAndMedium) {
  const RepeatedScattering network = network_of(7, 2, 3);
  const std::vector<double> parameters = draws(network.parameter_count(), 1.0, 6);
  const std::vector<double> x = {0.3, -0.8};
  std::vector<Complex> field(7, 1.0);
  for (std::size_t r = 0; r < 3; ++r) {
    std::vector<Complex> next(7);
    for (std::size_t i = 0; i < 7; ++i)
      for (std::size_t j = 0; j < 7; ++j)
        next[i] += network.medium[i * 7 + j] *
                   (parameters[r * 7 + j] + parameters[21 + r * 7 + j] * x[j % 2]) * field[j];
    field = next;
  }
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    RepeatedPasses passes(network, precision, 1);
    passes.set_parameters(parameters);
    std::vector<Complex> fields(28);
    passes.forward(x, fields);
    for (std::size_t i = 0; i < 7; ++i)
      EXPECT_LT(std::abs(fields[21 + i] - field[i]), precision == Precision::f32 ? 2e-5 : 1e-13);
  }
}

TEST(RepetitionSystem, TheWayBackIsTheTranspose) {
  double worst = 0.0;
  for (const int repetitions : {1, 2, 4}) {
    const RepeatedScattering network = network_of(11, 3, repetitions);
    RepeatedPasses passes(network, Precision::f64, 2);
    const std::vector<double> parameters = draws(network.parameter_count(), 1.0, 7),
                              direction = draws(network.parameter_count(), 1.0, 8),
                              features = draws(19 * 3, 0.7, 9);
    const std::size_t batch = 19, modes = 11,
                      stride = static_cast<std::size_t>(repetitions + 1) * modes;
    // Linear in each mask, so that a central difference over one mask is exact.
    const std::vector<double> re = draws(batch * modes, 1.0, 10),
                              im = draws(batch * modes, 1.0, 11);
    std::vector<Complex> error(batch * modes), fields(batch * stride),
        back(batch * (stride - modes));
    for (std::size_t i = 0; i < error.size(); ++i) error[i] = {re[i], im[i]};
    passes.set_parameters(parameters);
    passes.forward(features, fields);
    passes.pull_back(features, error, back);
    std::vector<double> gradient(parameters.size());
    passes.products(features, fields, back, gradient);
    for (int r = 0; r < repetitions; ++r) {
      double left = 0.0, right = 0.0;
      for (const double sign : {1.0, -1.0}) {
        std::vector<double> moved = parameters;
        for (std::size_t i = 0; i < moved.size(); ++i)
          if (i % (moved.size() / 2) / modes == static_cast<std::size_t>(r))
            moved[i] += sign * direction[i];
        passes.set_parameters(moved);
        passes.forward(features, fields);
        for (std::size_t s = 0; s < batch; ++s)
          for (std::size_t j = 0; j < modes; ++j)
            left += 0.5 * sign *
                    std::real(error[s * modes + j] * fields[s * stride + stride - modes + j]);
      }
      for (std::size_t i = 0; i < gradient.size(); ++i)
        if (i % (gradient.size() / 2) / modes == static_cast<std::size_t>(r))
          right += gradient[i] * direction[i];
      const double found = std::abs(left - right) / (std::abs(left) + std::abs(right));
      worst = std::max(worst, found);
      EXPECT_LT(found, 1e-12) << repetitions;
    }
  }
  std::printf("transpose: %.2g\n", worst);
}

TEST(RepetitionSystem, TheGradientIsThatOfFiniteDifferencesAndOfTheExperiment) {
  double worst = 0.0;
  for (const auto reading : {Reading::field, Reading::intensity})
    for (const int classes : {0, 2}) {
      const RepeatedScattering network = network_of(8, 2, 3);
      RepetitionSystemOptions options = options_of(reading, classes == 0 ? 2 : 5, classes);
      options.medium_error = 0.2;
      RepetitionSystem system(network, options);
      Learner learner(2, draws(2 * 7, 0.8, 12), 2);
      const std::vector<double> parameters = draws(system.parameter_count(), 0.6, 13),
                                direction = draws(system.parameter_count(), 1.0, 14);
      std::vector<double> readings(2 * 7), exact(parameters.size()), measured(parameters.size());
      system.set_parameters(parameters);
      system.pull_back(learner.batch(), learner.of_sample, readings, exact);
      system.adjoint_experiment(learner.batch(), learner.of_sample, readings, measured);
      EXPECT_EQ(exact, measured);
      const auto loss_at = [&](double step) {
        std::vector<double> moved = parameters;
        for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * direction[i];
        system.set_parameters(moved);
        system.respond(learner.batch(), readings);
        double sum = 0.0;
        for (std::size_t s = 0; s < 7; ++s)
          sum += learner.of_sample(static_cast<int>(s), std::span(readings).subspan(2 * s, 2), {});
        return sum;
      };
      const double h = 1e-3;
      const double slope =
          (8.0 * (loss_at(h) - loss_at(-h)) - (loss_at(2 * h) - loss_at(-2 * h))) / (12.0 * h);
      const double along = std::inner_product(exact.begin(), exact.end(), direction.begin(), 0.0);
      const double error = std::abs(slope - along) / (std::abs(slope) + std::abs(along));
      worst = std::max(worst, error);
      EXPECT_LT(error, 1e-6);
    }
  std::printf("finite differences: %.2g\n", worst);
}

// Exclusive or of two signs: no linear readout of a field that is linear in x tells the classes
// apart (at most three of four points), one repetition more does.
TEST(RepetitionSystem, ExclusiveOrNeedsTheInputTwice) {
  for (const int repetitions : {1, 2, 3}) {
    // Index parity is the class: (+,+) 0, (+,-) 1, (-,-) 0, (-,+) 1.
    Learner learner(2, {1, 1, 1, -1, -1, -1, -1, 1}, 2);
    RepetitionSystem system(network_of(12, 2, repetitions), options_of(Reading::field, 6, 2));
    std::vector<double> parameters = draws(system.parameter_count(), 0.7, 21), readings(8),
                        gradient(parameters.size());
    int right = 0;
    for (int step = 0; step < 1500; ++step) {
      system.set_parameters(parameters);
      system.adjoint_experiment(learner.batch(), learner.of_sample, readings, gradient);
      for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] -= 0.05 * gradient[i];
      right = 0;
      for (std::size_t s = 0; s < 4; ++s)
        right += (readings[2 * s] < readings[2 * s + 1]) == (s % 2 == 1) ? 1 : 0;
    }
    if (repetitions == 1)
      EXPECT_LE(right, 3);
    else
      EXPECT_EQ(right, 4) << repetitions;
  }
}

TEST(RepetitionSystem, ExperimentsAreCountedAndNoiseBelongsToOccasionAndSample) {
  RepetitionSystemOptions options = options_of(Reading::field, 3, 0);
  const RepeatedScattering network = network_of(6, 2, 2);
  RepetitionSystem clean(network, options);
  options.field_noise = 0.05;
  RepetitionSystem noisy(network, options);
  Learner learner(2, draws(2 * 60, 0.5, 31), 3);
  const std::vector<double> parameters = draws(clean.parameter_count(), 0.5, 32);
  clean.set_parameters(parameters);
  noisy.set_parameters(parameters);
  std::vector<double> exact(180), first(180), again(180), gradient(parameters.size());
  clean.respond(learner.batch(), exact);
  EXPECT_EQ(clean.cost().experiments, 60.0);
  EXPECT_EQ(clean.cost().readings, 180.0);
  clean.reset_cost();
  clean.adjoint_experiment(learner.batch(), learner.of_sample, first, gradient);
  EXPECT_EQ(clean.cost().experiments, 120.0);
  EXPECT_EQ(clean.cost().exposures, 60.0 * 5 * 4);
  EXPECT_EQ(clean.cost().readings, 60.0 * 5 * 4 * 6);
  noisy.set_occasion(1);
  noisy.respond(learner.batch(), first);
  noisy.set_occasion(2);
  noisy.respond(learner.batch(), again);
  EXPECT_NE(first, again);
  noisy.set_occasion(1);
  noisy.respond(learner.batch(), again);
  EXPECT_EQ(first, again);
  double sum = 0.0;
  for (std::size_t i = 0; i < 180; ++i) sum += std::pow(first[i] - exact[i], 2);
  EXPECT_NEAR(std::sqrt(sum / 180.0), 0.05, 0.01);
}

TEST(RepetitionSystem, BitsDependOnNoThread) {
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    RepetitionSystemOptions options = options_of(Reading::intensity, 4, 2, precision);
    const RepeatedScattering network = network_of(20, 2, 3);
    RepetitionSystem one(network, options);
    options.threads = 2;
    RepetitionSystem two(network, options);
    Learner learner(2, draws(2 * 70, 0.5, 41), 2);
    const std::vector<double> parameters = draws(one.parameter_count(), 0.5, 42);
    one.set_parameters(parameters);
    two.set_parameters(parameters);
    std::vector<double> a(140), b(140), g(parameters.size()), h(parameters.size());
    one.pull_back(learner.batch(), learner.of_sample, a, g);
    two.pull_back(learner.batch(), learner.of_sample, b, h);
    EXPECT_EQ(a, b);
    EXPECT_EQ(g, h);
  }
}

// A wave of the periodic line keeps its shape and turns by k_z distance; evanescent ones die.
TEST(RepeatedScattering, FreeSpaceTurnsPlaneWaves) {
  const int modes = 24;
  const double pitch = 0.8e-6, wavelength = 1.0e-6, distance = 5.3e-6;
  const auto medium = free_space_medium(modes, pitch, wavelength, distance);
  for (int m = -modes / 2 + 1; m <= modes / 2; ++m) {
    const double kx = 2.0 * std::numbers::pi * m / (modes * pitch),
                 k = 2.0 * std::numbers::pi / wavelength;
    const double square = k * k - kx * kx;
    const Complex expected = square >= 0.0 ? std::polar(1.0, std::sqrt(square) * distance)
                                           : Complex{std::exp(-std::sqrt(-square) * distance)};
    for (int to = 0; to < modes; ++to) {
      Complex sum;
      for (int from = 0; from < modes; ++from)
        sum += medium[static_cast<std::size_t>(to * modes + from)] *
               std::polar(1.0, kx * pitch * from);
      EXPECT_LT(std::abs(sum - expected * std::polar(1.0, kx * pitch * to)), 1e-12) << m;
    }
  }
}

TEST(RepeatedScattering, MistakesAreNamed) {
  const std::vector<
      std::pair<std::function<void(RepeatedScattering&, RepetitionSystemOptions&)>, std::string>>
      mistakes{
          {[](auto& n, auto&) { n.features = 9; }, "9 features for 8 modes"},
          {[](auto& n, auto&) { n.repetitions = 0; }, "0 repetitions"},
          {[](auto& n, auto&) { n.modes = 1 << 30; }, "1073741824 modes"},
          {[](auto& n, auto&) { n.medium.pop_back(); }, "medium's matrix"},
          {[](auto& n, auto&) { n.medium[8 * 3 + 2] = std::nan(""); }, "from mode 2 to mode 3"},
          {[](auto&, auto& o) { o.detectors = 9; }, "9 detectors for 8 modes"},
          {[](auto&, auto& o) { o.classes = -1; }, "-1 classes"},
          {[](auto&, auto& o) { o.field_noise = -1.0; }, "noise of the fields"},
      };
  for (const auto& [make, words] : mistakes) {
    RepeatedScattering network = network_of(8, 2, 2);
    RepetitionSystemOptions options = options_of(Reading::field, 2, 2);
    make(network, options);
    try {
      RepetitionSystem system(network, options);
      ADD_FAILURE() << "accepted: " << words;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(random_medium(0, 1), InputError);
  EXPECT_THROW(free_space_medium(8, 0.0, 1e-6, 1e-6), InputError);
}

}  // namespace
}  // namespace wavesmith
