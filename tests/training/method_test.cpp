#include "training/method.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "tests/training/diffractive_fixture.hpp"
#include "tests/training/test_files.hpp"
#include "training/gradient_check.hpp"

namespace wavesmith {
namespace {

using namespace test;

// The sum of squared parameters in front of one detector: a system without an adjoint experiment.
class Bowl final : public PhysicalSystem {
 public:
  std::size_t parameter_count() const override { return 3; }
  int reading_count() const override { return 1; }
  void set_parameters(std::span<const double> parameters) override {
    parameters_.assign(parameters.begin(), parameters.end());
  }
  void respond(const Batch& batch, std::span<double> readings) override {
    double sum = 0.0;
    for (const double p : parameters_) sum += p * p;
    for (int s = 0; s < batch.size(); ++s) readings[static_cast<std::size_t>(s)] = sum;
    cost_.experiments += batch.size();
  }
  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) override {
    respond(batch, readings);
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (int s = 0; s < batch.size(); ++s) {
      double cotangent = 0.0;
      loss(s, readings.subspan(static_cast<std::size_t>(s), 1), {&cotangent, 1});
      for (std::size_t i = 0; i < 3; ++i) gradient[i] += 2.0 * cotangent * parameters_[i];
    }
  }
  const Cost& cost() const override { return cost_; }
  void reset_cost() override { cost_ = {}; }

 private:
  std::vector<double> parameters_;
  Cost cost_;
};

const SampleLoss reading_itself = [](int, std::span<const double> readings,
                                     std::span<double> cotangent) {
  if (!cotangent.empty()) cotangent[0] = 1.0;
  return readings[0];
};

TEST(Method, AnUnknownOneNamesTheKnown) {
  const std::string message = message_of<InputError>([] { make_method("backprop", {}); });
  expect_parts(message, {"backprop"});
  for (const MethodEntry& entry : method_registry()) {
    expect_parts(message, {entry.name});
    EXPECT_NE(make_method(entry.name, {}), nullptr);
    EXPECT_FALSE(entry.sentence.empty());
    EXPECT_FALSE(entry.needs.empty());
  }
}

TEST(Method, ExperimentsNeedASystemThatOffersThem) {
  Bowl bowl;
  const CornerInputs inputs(plane(4, 4), 2, 2);
  const std::vector<std::size_t> indices{0, 1};
  const std::vector<double> parameters{1.0, -2.0, 3.0};
  std::vector<double> readings(2), gradient(3);
  const GradientRequest request{&bowl, &bowl, {&inputs, indices}, &reading_itself, parameters,
                                1,     0,     readings,           gradient};
  const auto refusal = [&](const char* method) {
    return message_of<InputError>([&] { make_method(method, {})->gradient(request); });
  };
  expect_parts(refusal("in_situ"), {"in_situ", "AdjointExperiment", "exact", "spsa"});
  expect_parts(refusal("scattering"), {"scattering", "ScatteringExperiment", "exact", "spsa"});

  make_method("exact", {})->gradient(request);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(gradient[i], 4.0 * parameters[i]);
  EXPECT_EQ(readings, (std::vector<double>{14.0, 14.0}));
}

// Each method asks the system that it may ask: the model in silico, the device in the laboratory.
TEST(Method, AsksTheRightSystem) {
  const StackDescription stack = stack_of({"phase"}, 12);
  const CornerInputs inputs(stack.source, 3, 4);
  const std::vector<std::size_t> indices{0, 1, 2};
  const std::vector<double> parameters = start_of(stack);
  LossSpec spec;
  spec.reading_count = stack.reading_count;
  const auto loss = make_loss(spec);
  const SampleLoss sample_loss = [&](int s, std::span<const double> readings,
                                     std::span<double> cotangent) {
    return loss->evaluate(readings, 1.0, inputs.target(static_cast<std::size_t>(s)), cotangent);
  };
  for (const MethodEntry& entry : method_registry()) {
    if (entry.name == "scattering") continue;  // a stack of layers has no modes to read
    DiffractiveSystem model(stack, in_double()), device(stack, in_double());
    std::vector<double> readings(3 * static_cast<std::size_t>(stack.reading_count)),
        gradient(parameters.size());
    entry.make({0.01, 3})->gradient(
        {&device, &model, {&inputs, indices}, &sample_loss, parameters, 1, 0, readings, gradient});
    // Samples times runs through the device: none, forward and backward, two losses a direction.
    const double runs = entry.name == "exact" ? 0.0 : entry.name == "in_situ" ? 2.0 : 6.0;
    EXPECT_EQ(device.cost().experiments, 3.0 * runs) << entry.name;
    EXPECT_EQ(model.cost().experiments, 0.0) << entry.name;
    EXPECT_EQ(model.cost().operations > 0.0, entry.name == "exact") << entry.name;
    if (entry.name == "in_situ") {
      // Four exposures of the layer both ways and of the detector.
      EXPECT_EQ(device.cost().exposures, 3.0 * 3.0 * 4.0);
      EXPECT_EQ(device.cost().readings, 3.0 * 3.0 * 4.0 * 144.0);
    }
    EXPECT_NE(gradient, std::vector<double>(parameters.size(), 0.0)) << entry.name;
  }
}

// Of n parameters and K directions the expected cosine is about sqrt(K / (K + n)): with n = 144 and
// K = 600, 0.9. A wrong sign or a lost factor would show.
TEST(Method, SpsaPointsAlongTheGradient) {
  const StackDescription stack = stack_of({"phase"}, 12);
  const CornerInputs inputs(stack.source, 2, 4);
  const std::vector<std::size_t> indices{0, 1};
  const std::vector<double> parameters = start_of(stack);
  LossSpec spec;
  spec.reading_count = stack.reading_count;
  const auto loss = make_loss(spec);
  const SampleLoss sample_loss = [&](int s, std::span<const double> readings,
                                     std::span<double> cotangent) {
    return loss->evaluate(readings, inputs.power(static_cast<std::size_t>(s)),
                          inputs.target(static_cast<std::size_t>(s)), cotangent);
  };
  DiffractiveSystem system(stack, in_double());
  const std::vector<double> exact = exact_gradient(system, inputs, *loss, parameters);
  const auto agreement = [&](int draws, std::uint64_t occasion) {
    std::vector<double> readings(2 * static_cast<std::size_t>(stack.reading_count)),
        gradient(parameters.size());
    make_method("spsa", {0.01, draws})
        ->gradient({&system,
                    &system,
                    {&inputs, indices},
                    &sample_loss,
                    parameters,
                    1,
                    occasion,
                    readings,
                    gradient});
    return compare_gradients(gradient, exact);
  };
  const GradientAgreement many = agreement(600, 0);
  std::printf("spsa, 600 directions of 144 parameters: cosine %.3f\n", 1.0 - many.direction_error);
  EXPECT_NEAR(1.0 - many.direction_error, 0.9, 0.05);
  EXPECT_NEAR(many.length_ratio, 1.0 / 0.9, 0.15);
  EXPECT_EQ(agreement(5, 7).direction_error, agreement(5, 7).direction_error);
  EXPECT_NE(agreement(5, 7).direction_error, agreement(5, 8).direction_error);
}

}  // namespace
}  // namespace wavesmith
