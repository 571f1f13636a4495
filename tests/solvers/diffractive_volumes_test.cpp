// Volumes in a diffractive stack: against beam propagation of its own, and their derivative.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numbers>

#include "core/error.hpp"
#include "solvers/beam_propagation.hpp"
#include "solvers/convolution.hpp"
#include "tests/training/diffractive_fixture.hpp"
#include "training/gradient_check.hpp"
#include "training/interferometer.hpp"

namespace wavesmith {
namespace {

using namespace test;
using Field = std::vector<Complex>;

// Layers of the kinds of the fixture, the height layers in `slices` slices.
StackDescription stack_with_volumes(const std::vector<std::string>& kinds, int n, int slices,
                                    std::vector<double> wavelengths = {0.75e-3}) {
  StackDescription stack = stack_of(kinds, n, "regions", std::move(wavelengths));
  for (std::size_t l = 0; l < kinds.size(); ++l)
    if (kinds[l] == "height") stack.layers[l].slices = slices;
  return stack;
}

std::vector<double> readings_of(const StackDescription& stack, Precision precision,
                                const std::vector<double>& parameters, const InputSet& inputs,
                                int threads = 1) {
  DiffractiveStack solver(stack, precision, {}, threads);
  solver.set_parameters(parameters);
  std::vector<double> readings(inputs.count() * static_cast<std::size_t>(stack.reading_count));
  solver.respond(
      static_cast<int>(inputs.count()),
      [&](int sample, int channel, std::span<Complex> field) {
        inputs.fill(static_cast<std::size_t>(sample), channel, field);
      },
      readings);
  return readings;
}

// The same stack by propagators, products and beam propagation, one after the other.
std::vector<double> reference(const StackDescription& stack, const std::vector<double>& parameters,
                              const InputSet& inputs) {
  const std::size_t width = static_cast<std::size_t>(stack.reading_count);
  std::vector<double> readings(inputs.count() * width, 0.0);
  for (std::size_t s = 0; s < inputs.count(); ++s)
    for (std::size_t k = 0; k < stack.wavelengths.size(); ++k) {
      const double wavelength = stack.wavelengths[k];
      Field field(stack.source.size());
      inputs.fill(s, static_cast<int>(k), field);
      Plane in = stack.source;
      double taken = 0.0;
      std::size_t offset = 0;
      for (std::size_t l = 0; l <= stack.layers.size(); ++l) {
        const bool last = l == stack.layers.size();
        Gap gap;
        gap.in = in;
        gap.out = last ? stack.detector_plane : stack.layers[l].layer->plane();
        gap.distance = (last ? stack.detector_distance : stack.layers[l].distance) - taken;
        gap.wavelength = wavelength / stack.medium_index;
        gap.method = stack.propagation.method;
        Field arrived(gap.out.size());
        ConvolutionOperator(gap).apply(field, arrived);
        field = std::move(arrived);
        in = gap.out;
        taken = 0.0;
        if (last) break;
        const Layer& layer = *stack.layers[l].layer;
        const auto own =
            std::span<const double>(parameters).subspan(offset, layer.parameter_count());
        offset += own.size();
        if (stack.layers[l].slices == 0) {
          Field t(in.size());
          layer.transmission(own, wavelength, t);
          for (std::size_t i = 0; i < t.size(); ++i) field[i] *= t[i];
          continue;
        }
        const Relief& relief = *layer.relief();
        taken = relief.thickness();
        BeamSettings settings;
        settings.plane = in;
        settings.wavelength = wavelength;
        settings.slice = taken / stack.layers[l].slices;
        settings.references =
            reference_indices({stack.medium_index, relief.index(wavelength).real()});
        std::vector<double> heights(in.size());
        relief.sample_heights(own, heights);
        Field index;
        for (int slice = 0; slice < stack.layers[l].slices; ++slice)
          for (const double h : heights) {
            const double top = (slice + 1) * settings.slice;
            const double filled =
                std::max(0.0, settings.slice - std::max(0.0, top - h)) / settings.slice;
            index.push_back(stack.medium_index +
                            filled * (relief.index(wavelength) - stack.medium_index));
          }
        field = BeamPropagation(settings).propagate(field, index);
      }
      for (const DetectorEntry& entry : stack.detectors[k].entries)
        readings[s * width + static_cast<std::size_t>(entry.reading)] +=
            entry.weight * std::norm(field[entry.sample]);
    }
  return readings;
}

double apart(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0.0, length = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    length += b[i] * b[i];
  }
  return std::sqrt(difference / length);
}

struct VolumeCase {
  const char* name;
  std::vector<std::string> kinds;
  int slices;
  std::vector<double> wavelengths;
  double medium;
};
const VolumeCase volume_cases[] = {
    {"one volume, one slice", {"height"}, 1, {0.75e-3}, 1.0},
    {"between thin layers", {"phase", "height", "complex"}, 3, {0.75e-3}, 1.0},
    {"two volumes, two wavelengths", {"height", "height"}, 4, {0.75e-3, 0.6e-3}, 1.0},
    {"in a medium, the denser one", {"height", "phase", "height"}, 2, {0.75e-3, 0.6e-3}, 1.9}};

TEST(DiffractiveVolumes, MatchBeamPropagation) {
  for (const VolumeCase& one : volume_cases) {
    StackDescription stack = stack_with_volumes(one.kinds, 14, one.slices, one.wavelengths);
    stack.medium_index = one.medium;
    const CornerInputs inputs(stack.source, 3, 4);
    const std::vector<double> parameters = start_of(stack);
    const std::vector<double> expected = reference(stack, parameters, inputs);
    const double in_double =
        apart(readings_of(stack, Precision::f64, parameters, inputs), expected);
    const double in_float = apart(readings_of(stack, Precision::f32, parameters, inputs), expected);
    std::printf("  %-30s %.1e, float %.1e\n", one.name, in_double, in_float);
    EXPECT_LT(in_double, 1e-12) << one.name;
    EXPECT_LT(in_float, 1e-5) << one.name;
    EXPECT_EQ(readings_of(stack, Precision::f64, parameters, inputs),
              readings_of(stack, Precision::f64, parameters, inputs, 2));
  }
}

// A relief of one height everywhere is a plate: at normal incidence thin and volume are the same
// phase, at the same place.
TEST(DiffractiveVolumes, AnEvenReliefIsTheThinLayer) {
  LayerSpec spec = layer_spec("height");
  spec.k = 0.0;
  StackDescription stack = stack_of({}, 12);
  stack.layers.push_back({make_layer(spec, plane(12, 12)), 3e-3});
  stack.propagation.periodic = true;
  class EvenInputs final : public InputSet {
   public:
    std::size_t count() const override { return 1; }
    void fill(std::size_t, int, std::span<Complex> field) const override {
      // Two plane waves of the window: even ones make no difference, their sum interferes.
      std::fill(field.begin(), field.end(), Complex(0.8, 0.3));
    }
    double power(std::size_t) const override { return 1.0; }
    Target target(std::size_t) const override { return {}; }
  };
  const std::vector<double> parameters(144, 0.4);
  const auto field_of = [&](int slices) {
    stack.layers[0].slices = slices;
    DiffractiveStack solver(stack, Precision::f64, {}, 1);
    solver.set_parameters(parameters);
    Field seen;
    std::vector<double> readings(static_cast<std::size_t>(stack.reading_count));
    solver.respond(
        1, [](int, int, std::span<Complex> field) { EvenInputs().fill(0, 0, field); }, readings,
        [&](const FieldPlace& place, std::span<const Complex> field) {
          if (place.plane == 2) seen.assign(field.begin(), field.end());
        });
    return seen;
  };
  const Field thin = field_of(0);
  for (const int slices : {1, 3, 7}) {
    const Field volume = field_of(slices);
    for (std::size_t i = 0; i < thin.size(); ++i)
      EXPECT_LT(std::abs(thin[i] - volume[i]), 1e-11) << slices;
  }
}

TEST(DiffractiveVolumes, GradientsMatchFiniteDifferences) {
  LossSpec loss;
  loss.name = "cross_entropy";
  loss.reading_count = 4;
  for (const VolumeCase& one : volume_cases) {
    StackDescription stack = stack_with_volumes(one.kinds, 10, one.slices, one.wavelengths);
    stack.medium_index = one.medium;
    const CornerInputs inputs(stack.source, 3, 4);
    DiffractiveSystem system(stack, in_double());
    const std::vector<double> parameters = start_of(stack);
    const double differences =
        finite_difference_error(system, inputs, *make_loss(loss), parameters, 3, 1);
    const double transpose = transpose_error(stack, inputs, {}, 1, 1, {});
    std::printf("  %-30s finite differences %.1e, passes %.1e\n", one.name, differences, transpose);
    EXPECT_LT(differences, 1e-6) << one.name;
    EXPECT_LT(transpose, 1e-12) << one.name;
  }
}

TEST(DiffractiveVolumes, CrookedDevicesKeepExactGradients) {
  StackDescription stack = stack_with_volumes({"phase", "height"}, 10, 3, {0.75e-3, 0.6e-3});
  const CornerInputs inputs(stack.source, 2, 4);
  DiffractiveSystemOptions options = in_double();
  options.misalignment = crooked(stack);
  DiffractiveSystem system(stack, options);
  LossSpec loss;
  loss.name = "cross_entropy";
  loss.reading_count = 4;
  EXPECT_LT(finite_difference_error(system, inputs, *make_loss(loss), start_of(stack), 3, 1), 1e-6);
}

TEST(DiffractiveVolumes, RefuseWhatTheyCannotBe) {
  StackDescription stack = stack_with_volumes({"height"}, 8, 3);
  const auto refuse = [](const StackDescription& description, const char* part) {
    try {
      DiffractiveStack(description, Precision::f64, {}, 1);
      ADD_FAILURE() << "taken: " << part;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  StackDescription other = stack;
  other.detector_distance = 1e-3;  // less than the relief's 1.2 mm
  refuse(other, "behind its plane");
  other = stack;
  other.layers[0].layer = make_layer(layer_spec("phase"), plane(8, 8));
  refuse(other, "body");
  LayerSpec dead = layer_spec("height");
  dead.design.dead_fraction = 0.2;
  other.layers[0].layer = make_layer(dead, plane(8, 8));
  refuse(other, "body");
  other = stack;
  other.medium_index = 1.7;
  refuse(other, "another material");

  DiffractiveSystem system(stack, in_double());
  const CornerInputs inputs(stack.source, 1, 4);
  const std::vector<double> parameters = start_of(stack);
  system.set_parameters(parameters);
  std::vector<double> readings(4), gradient(parameters.size());
  const std::vector<std::size_t> first{0};
  Batch batch;
  batch.inputs = &inputs;
  batch.indices = first;
  EXPECT_THROW(system.adjoint_experiment(
                   batch, [](int, std::span<const double>, std::span<double>) { return 0.0; },
                   readings, gradient),
               InputError);
}

}  // namespace
}  // namespace wavesmith
