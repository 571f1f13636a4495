// What a diffractive system counts, and how often it evaluates its layers.
#include "training/diffractive_system.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/training/diffractive_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;

constexpr std::size_t indices[] = {0, 1, 2};

double sum_of_readings(int, std::span<const double> readings, std::span<double> cotangent) {
  std::fill(cotangent.begin(), cotangent.end(), 1.0);
  double sum = 0.0;
  for (const double r : readings) sum += r;
  return sum;
}

// With L layers, light crosses L + 1 gaps, and the error L of them on its way back to the first
// layer. Simulating that is no experiment; doing it is two.
TEST(DiffractiveSystem, CountsGapsAndExperiments) {
  for (const int layers : {1, 2, 5}) {
    const StackDescription stack =
        stack_of(std::vector<std::string>(static_cast<std::size_t>(layers), "phase"), 12);
    const CornerInputs inputs(stack.source, 3, 4);
    const Batch batch{&inputs, indices};
    DiffractiveSystem system(stack, in_double());
    const std::vector<double> parameters = start_of(stack);
    std::vector<double> readings(3 * static_cast<std::size_t>(stack.reading_count));
    std::vector<double> gradient(parameters.size());
    system.set_parameters(parameters);
    system.respond(batch, readings);
    const Cost forward = system.cost();
    EXPECT_EQ(forward.experiments, 3.0);

    system.reset_cost();
    system.pull_back(batch, sum_of_readings, readings, gradient);
    EXPECT_NEAR(system.cost().operations / forward.operations,
                (2.0 * layers + 1.0) / (layers + 1.0), 1e-12);
    EXPECT_EQ(system.cost().experiments, 0.0);
    EXPECT_EQ(system.cost().exposures, 0.0);
    const double simulated = system.cost().operations;

    system.reset_cost();
    system.adjoint_experiment(batch, sum_of_readings, readings, gradient);
    EXPECT_EQ(system.cost().operations, simulated);
    EXPECT_EQ(system.cost().experiments, 6.0);
  }
}

class CountedLayer final : public Layer {
 public:
  CountedLayer(std::shared_ptr<const Layer> layer, std::atomic<int>* count)
      : layer_(std::move(layer)), count_(count) {}
  const Plane& plane() const override { return layer_->plane(); }
  std::size_t parameter_count() const override { return layer_->parameter_count(); }
  void initial_parameters(std::uint64_t seed, double spread,
                          std::span<double> parameters) const override {
    layer_->initial_parameters(seed, spread, parameters);
  }
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override {
    ++*count_;
    layer_->transmission(parameters, wavelength, t);
  }
  void pull_back(std::span<const double> parameters, double wavelength, std::span<const Complex> g,
                 std::span<double> gradient) const override {
    layer_->pull_back(parameters, wavelength, g, gradient);
  }

 private:
  std::shared_ptr<const Layer> layer_;
  std::atomic<int>* count_;
};

TEST(DiffractiveSystem, ARobustStepEvaluatesItsLayersOnce) {
  StackDescription stack = stack_of({"height", "amplitude"}, 12, "regions", {0.75e-3, 0.6e-3});
  std::atomic<int> count = 0;
  for (StackLayer& entry : stack.layers)
    entry.layer = std::make_shared<CountedLayer>(entry.layer, &count);
  DiffractiveSystemOptions options = in_double();
  options.robust.shift = 0.2e-3;
  options.robust.tilt = 0.02;
  DiffractiveSystem system(stack, options);
  const CornerInputs inputs(stack.source, 3, 4);
  const std::vector<double> parameters = start_of(stack);
  std::vector<double> readings(3 * static_cast<std::size_t>(stack.reading_count));
  std::vector<double> expected = readings;
  for (std::uint64_t occasion = 0; occasion < 3; ++occasion) {
    count = 0;
    system.set_occasion(occasion);
    system.set_parameters(parameters);
    EXPECT_EQ(count, 4) << occasion;  // two layers at two wavelengths
    system.respond({&inputs, indices}, readings);

    DiffractiveSystemOptions fixed = in_double();
    fixed.misalignment = draw_misalignment(stack, options.robust, options.robust_seed, occasion);
    DiffractiveSystem same(stack, fixed);
    same.set_parameters(parameters);
    same.respond({&inputs, indices}, expected);
    EXPECT_EQ(readings, expected);
  }
}

}  // namespace
}  // namespace wavesmith
