// Every gradient of a diffractive stack against something that is not a gradient: the forward
// passes themselves, differences of the loss, and the readings of an instrument.
#include "training/gradient_check.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <numbers>

#include "tests/training/diffractive_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;

const std::vector<PropagationMethod> methods{
    PropagationMethod::angular_spectrum, PropagationMethod::band_limited,
    PropagationMethod::rayleigh_sommerfeld, PropagationMethod::fresnel};

TEST(GradientCheck, TransposeOfEveryPropagation) {
  double worst = 0.0;
  int count = 0;
  for (const PropagationMethod method : methods)
    for (const Evanescent evanescent : {Evanescent::keep, Evanescent::drop})
      for (const double padding : {1.0, 1.5, 2.0, 4.0})
        for (const bool periodic : {false, true}) {
          if (periodic && (padding != 1.0 || method == PropagationMethod::rayleigh_sommerfeld))
            continue;  // no padding there; the kernel is that of a single window
          StackDescription stack =
              stack_of({"phase", "amplitude"}, 13, "regions", {0.75e-3, 0.6e-3});
          stack.modes = 2;
          stack.mode_weights = {0.7, 0.4};
          if (!periodic) {  // planes of several sizes
            stack.source = plane(11, 14);
            stack.detector_plane = plane(15, 12);
            for (Detector& d : stack.detectors) d = detector("regions", stack.detector_plane);
          }
          stack.propagation = {method, evanescent, padding, periodic};
          const CornerInputs inputs(stack.source, 3, 4);
          const double error = transpose_error(stack, inputs, {}, 2, 5);
          EXPECT_LT(error, 1e-12) << method_name(method) << ", padding " << padding << ", periodic "
                                  << periodic;
          worst = std::max(worst, error);
          ++count;
        }
  std::printf("worst transpose error %.1e over %d propagations\n", worst, count);
}

TEST(GradientCheck, TransposeOfAMisalignedDevice) {
  for (const PropagationMethod method : methods) {
    StackDescription stack = stack_of({"phase", "phase"}, 12);
    stack.propagation.method = method;
    const CornerInputs inputs(stack.source, 2, 4);
    EXPECT_LT(transpose_error(stack, inputs, {}, 2, 6, crooked(stack)), 1e-12)
        << method_name(method);
  }
}

// The check must be able to fail: a gradient that is not the derivative is seen.
TEST(GradientCheck, AWrongGradientIsSeen) {
  const StackDescription stack = stack_of({"phase"}, 12);
  const CornerInputs inputs(stack.source, 2, 4);
  LossSpec spec;
  spec.reading_count = stack.reading_count;
  const auto loss = make_loss(spec);
  class Wrong final : public Loss {
   public:
    explicit Wrong(const Loss& loss) : loss_(loss) {}
    double evaluate(std::span<const double> readings, double power, const Target& target,
                    std::span<double> cotangent) const override {
      const double value = loss_.evaluate(readings, power, target, cotangent);
      if (!cotangent.empty()) cotangent[1] *= 1.0 + 1e-4;
      return value;
    }
    int predicted_class(std::span<const double>) const override { return -1; }

   private:
    const Loss& loss_;
  };
  DiffractiveSystem system(stack, in_double());
  EXPECT_LT(finite_difference_error(system, inputs, *loss, start_of(stack), 2, 1), 1e-9);
  EXPECT_GT(finite_difference_error(system, inputs, Wrong(*loss), start_of(stack), 2, 1), 1e-6);
}

struct Goal {
  LossSpec loss;
  std::size_t target_values = 0;  // per sample; 0: a label
};

// Every loss that makes sense for so many readings.
std::vector<Goal> goals(int readings) {
  std::vector<Goal> all;
  const std::size_t count = static_cast<std::size_t>(readings);
  LossSpec spec;
  spec.reading_count = readings;
  for (const char* name : {"cross_entropy", "squared_error"})
    for (const char* normalise : {"sum", "max", "input"}) {
      // With many readings the largest changes within a step, and the loss has a kink there.
      if (readings > 20 && normalise == std::string("max")) continue;
      spec.name = name;
      spec.normalise = normalise;
      spec.efficiency_weight = spec.normalise == "sum" ? 0.1 : 0.0;
      all.push_back({spec, 0});
    }
  spec.normalise = "";
  spec.efficiency_weight = 0.0;
  spec.name = "squared_error";
  all.push_back({spec, count});
  spec.name = "image";
  all.push_back({spec, count});
  spec.name = "weighted_targets";
  spec.weights.assign(count, 0.5);
  spec.weights[0] = 2.0;
  all.push_back({spec, count});
  for (const bool logarithm : {false, true}) {
    spec.name = "efficiency";
    spec.logarithm = logarithm;
    all.push_back({spec, 0});
  }
  spec.weights.clear();
  spec.name = "differential";
  if (readings % 2 == 0) all.push_back({spec, 0});
  return all;
}

TEST(GradientCheck, DifferencesOfEveryLayerLossAndDetector) {
  double worst = 0.0;
  int count = 0;
  std::vector<std::vector<std::string>> stacks;
  for (const std::string& kind : trainable_layers()) stacks.push_back({kind});
  stacks.push_back(trainable_layers());
  for (const auto& layers : stacks)
    for (const DetectorKind& kind : list_detectors()) {
      const StackDescription stack = stack_of(layers, 16, kind.name);
      DiffractiveSystem system(stack, in_double());
      for (const Goal& goal : goals(stack.reading_count)) {
        const auto loss = make_loss(goal.loss);
        const int classes = std::max(1, std::min(4, class_count(goal.loss)));
        const CornerInputs inputs(stack.source, 2, classes, goal.target_values);
        const double error = finite_difference_error(system, inputs, *loss, start_of(stack), 1, 3);
        EXPECT_LT(error, 1e-6) << layers.front() << " of " << layers.size() << ", " << kind.name
                               << ", " << goal.loss.name << " " << goal.loss.normalise;
        worst = std::max(worst, error);
        ++count;
      }
    }
  std::printf("worst finite-difference error %.1e over %d systems\n", worst, count);
}

TEST(GradientCheck, DifferencesWithChannelsAndMisalignment) {
  for (const std::vector<double>& wavelengths :
       {std::vector<double>{0.75e-3}, std::vector<double>{0.75e-3, 0.6e-3}}) {
    StackDescription stack = stack_of({"phase", "height", "complex"}, 14, "regions", wavelengths);
    stack.modes = 2;
    stack.mode_weights = {0.6, 0.8};
    stack.medium_index = 1.2;
    const CornerInputs inputs(stack.source, 3, 4);
    LossSpec spec;
    spec.reading_count = stack.reading_count;
    const auto loss = make_loss(spec);
    for (const bool is_crooked : {false, true}) {
      DiffractiveSystemOptions options = in_double();
      if (is_crooked) options.misalignment = crooked(stack);
      DiffractiveSystem system(stack, options);
      EXPECT_LT(finite_difference_error(system, inputs, *loss, start_of(stack), 3, 4), 1e-6)
          << wavelengths.size() << " wavelengths, crooked " << is_crooked;
      EXPECT_LT(method_error(system, *make_method("in_situ", {}), inputs, *loss, start_of(stack)),
                1e-12)
          << wavelengths.size() << " wavelengths, crooked " << is_crooked;
    }
  }
}

TEST(GradientCheck, InSituIsExactWithoutNoise) {
  for (const std::string& kind : trainable_layers()) {
    const StackDescription stack = stack_of({kind, "phase", kind}, 14);
    const CornerInputs inputs(stack.source, 3, 4);
    for (const char* name : {"cross_entropy", "squared_error"}) {
      LossSpec spec;
      spec.name = name;
      spec.reading_count = stack.reading_count;
      const auto loss = make_loss(spec);
      for (const bool is_crooked : {false, true}) {
        DiffractiveSystemOptions options = in_double();
        if (is_crooked) options.misalignment = crooked(stack);
        DiffractiveSystem system(stack, options);
        EXPECT_LT(method_error(system, *make_method("in_situ", {}), inputs, *loss, start_of(stack)),
                  1e-12)
            << kind << ", " << name << ", crooked " << is_crooked;
      }
    }
  }
}

// Mean direction error of the in-situ gradient over several occasions.
double direction_error(const InterferometerSettings& settings) {
  const StackDescription stack = stack_of({"phase", "phase"}, 16);
  const CornerInputs inputs(stack.source, 4, 4);
  LossSpec spec;
  spec.reading_count = stack.reading_count;
  const auto loss = make_loss(spec);
  DiffractiveSystemOptions options = in_double();
  options.interferometer = settings;
  DiffractiveSystem system(stack, options);
  const std::vector<double> parameters = start_of(stack);
  const std::vector<double> exact = exact_gradient(system, inputs, *loss, parameters);
  const std::vector<std::size_t> indices{0, 1, 2, 3};
  const SampleLoss sample_loss = [&](int s, std::span<const double> readings,
                                     std::span<double> cotangent) {
    const std::size_t i = static_cast<std::size_t>(s);
    return loss->evaluate(readings, inputs.power(i), inputs.target(i), cotangent);
  };
  constexpr int occasions = 12;
  double sum = 0.0;
  for (int n = 0; n < occasions; ++n) {
    system.set_occasion(static_cast<std::uint64_t>(n));
    std::vector<double> gradient(exact.size());
    std::vector<double> readings(4 * static_cast<std::size_t>(stack.reading_count));
    system.adjoint_experiment({&inputs, indices}, sample_loss, readings, gradient);
    sum += compare_gradients(gradient, exact).direction_error;
  }
  return sum / occasions;
}

// 1 - cos goes as the variance of the readings, which is 1 / photons. Each of the 512 phases has
// noise of its own, and 12 occasions are averaged: the ratio of two means scatters by a few per
// cent.
TEST(GradientCheck, DirectionErrorFallsAsOneOverPhotons) {
  double before = 0.0;
  for (const double photons : {1e3, 1e4, 1e5, 1e6}) {
    const double error = direction_error({photons, 0, 1});
    std::printf("photons %.0e: 1 - cos = %.3e\n", photons, error);
    if (before > 0.0) {
      EXPECT_NEAR(before / error, 10.0, 2.0) << photons;
    }
    before = error;
  }
}

// A step of the camera is 2^-bits of full scale, and the error goes as its square.
TEST(GradientCheck, DirectionErrorFallsWithTheCamerasBits) {
  double before = 0.0;
  for (const int bits : {6, 8, 10, 12}) {
    const double error = direction_error({0.0, bits, 1});
    std::printf("%d bits: 1 - cos = %.3e\n", bits, error);
    if (before > 0.0) {
      EXPECT_GT(before / error, 10.0) << bits;
      EXPECT_LT(before / error, 25.0) << bits;
    }
    before = error;
  }
}

TEST(GradientCheck, NoiseIsAFunctionOfSeedAndOccasion) {
  const double one = direction_error({1e3, 8, 1});
  EXPECT_EQ(one, direction_error({1e3, 8, 1}));
  EXPECT_NE(one, direction_error({1e3, 8, 2}));
}

TEST(GradientCheck, AgreementOfGradients) {
  const std::vector<double> exact{3.0, 4.0};
  const GradientAgreement same = compare_gradients(exact, exact);
  EXPECT_EQ(same.direction_error, 0.0);
  EXPECT_EQ(same.length_ratio, 1.0);
  const GradientAgreement across = compare_gradients(std::vector<double>{-8.0, 6.0}, exact);
  EXPECT_NEAR(across.direction_error, 1.0, 1e-15);
  EXPECT_NEAR(across.length_ratio, 2.0, 1e-15);
  // 1 - cos(1e-9) = 5e-19, which one minus a cosine in double could not tell from 0.
  const GradientAgreement close =
      compare_gradients(std::vector<double>{1.0, 1e-9}, std::vector<double>{1.0, 0.0});
  EXPECT_NEAR(close.direction_error, 5e-19, 1e-24);
  EXPECT_EQ(compare_gradients(std::vector<double>{0.0, 0.0}, exact).direction_error, 1.0);
}

}  // namespace
}  // namespace wavesmith
