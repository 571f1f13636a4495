// The fused stack against propagators and products one after the other.
#include "solvers/diffractive_stack.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numbers>

#include "core/error.hpp"
#include "solvers/convolution.hpp"
#include "tests/training/diffractive_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;
using Field = std::vector<Complex>;

// A stack of unequal planes, with a medium, wavelengths and modes.
StackDescription uneven_stack() {
  StackDescription stack = stack_of({}, 12, "regions", {0.75e-3, 0.6e-3});
  stack.source = plane(11, 14);
  const double distances[] = {3e-3, 3e-3, 4.5e-3};
  const Plane planes[] = {plane(12, 13), plane(14, 10), plane(13, 13)};
  const char* kinds[] = {"phase", "height", "complex"};
  for (std::size_t l = 0; l < 3; ++l)
    stack.layers.push_back({make_layer(layer_spec(kinds[l]), planes[l]), distances[l]});
  stack.detector_plane = plane(15, 12);
  for (Detector& d : stack.detectors) d = detector("regions", stack.detector_plane);
  stack.medium_index = 1.3;
  stack.modes = 2;
  stack.mode_weights = {0.7, 0.2};
  return stack;
}

// Readings of all samples, by propagators of the planes where they really are.
std::vector<double> reference(const StackDescription& stack, const Misalignment& m,
                              const std::vector<double>& parameters, const InputSet& inputs) {
  const std::size_t width = static_cast<std::size_t>(stack.reading_count);
  std::vector<double> readings(inputs.count() * width, 0.0);
  const auto deviation = [&](std::size_t p) {
    return p < m.planes.size() ? m.planes[p] : Misalignment::OfPlane{};
  };
  for (std::size_t s = 0; s < inputs.count(); ++s)
    for (std::size_t k = 0; k < stack.wavelengths.size(); ++k)
      for (int mode = 0; mode < stack.modes; ++mode) {
        const double wavelength = stack.wavelengths[k] * m.wavelength_factor;
        Field field(stack.source.size());
        inputs.fill(s, static_cast<int>(k) * stack.modes + mode, field);
        Plane in = stack.source;
        std::size_t offset = 0;
        for (std::size_t l = 0; l <= stack.layers.size(); ++l) {
          const bool last = l == stack.layers.size();
          const Misalignment::OfPlane of = deviation(l);
          Gap gap;
          gap.in = in;
          gap.out = last ? stack.detector_plane : stack.layers[l].layer->plane();
          gap.out.x0 += of.shift_x;
          gap.out.y0 += of.shift_y;
          gap.distance = (last ? stack.detector_distance : stack.layers[l].distance) + of.gap;
          gap.wavelength = wavelength / stack.medium_index;
          gap.method = stack.propagation.method;
          gap.evanescent = stack.propagation.evanescent;
          gap.padding = stack.propagation.padding;
          Field arrived(gap.out.size());
          ConvolutionOperator(gap).apply(field, arrived);
          field = std::move(arrived);
          in = gap.out;
          if (last) break;
          const Layer& layer = *stack.layers[l].layer;
          Field t(field.size());
          layer.transmission(
              std::span<const double>(parameters).subspan(offset, layer.parameter_count()),
              wavelength, t);
          offset += layer.parameter_count();
          const Plane& at = layer.plane();
          const double kz = 2.0 * std::numbers::pi * stack.medium_index / wavelength;
          for (std::size_t i = 0; i < field.size(); ++i) {
            const int row = static_cast<int>(i) / at.nx, column = static_cast<int>(i) % at.nx;
            const double phase =
                (of.phase_error.empty() ? 0.0 : of.phase_error[i]) +
                kz * (std::sin(of.tilt_x) * at.x(column) + std::sin(of.tilt_y) * at.y(row));
            field[i] *= t[i] * std::polar(1.0, phase);
          }
        }
        for (const DetectorEntry& entry : stack.detectors[k].entries)
          readings[s * width + static_cast<std::size_t>(entry.reading)] +=
              (stack.mode_weights.empty() ? 1.0
                                          : stack.mode_weights[static_cast<std::size_t>(mode)]) *
              entry.weight * std::norm(field[entry.sample]);
      }
  return readings;
}

std::vector<double> respond(DiffractiveStack& stack, const InputSet& inputs) {
  std::vector<double> readings(inputs.count() *
                               static_cast<std::size_t>(stack.description().reading_count));
  stack.respond(
      static_cast<int>(inputs.count()),
      [&](int sample, int channel, std::span<Complex> field) {
        inputs.fill(static_cast<std::size_t>(sample), channel, field);
      },
      readings);
  return readings;
}

double worst_error(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i)
    worst = std::max(worst, std::abs(a[i] - b[i]) / std::abs(b[i]));
  return worst;
}

const std::vector<PropagationMethod> methods{
    PropagationMethod::angular_spectrum, PropagationMethod::band_limited,
    PropagationMethod::rayleigh_sommerfeld, PropagationMethod::fresnel};

TEST(DiffractiveStack, MatchesPropagatorsAndProducts) {
  for (const PropagationMethod method : methods)
    for (const double padding : {1.0, 2.0, 3.0})
      for (const bool is_crooked : {false, true}) {
        StackDescription description = uneven_stack();
        description.propagation.method = method;
        description.propagation.padding = padding;
        const CornerInputs inputs(description.source, 3, 4);
        const Misalignment m = is_crooked ? crooked(description) : Misalignment{};
        const std::vector<double> parameters = start_of(description);
        const std::vector<double> expected = reference(description, m, parameters, inputs);
        for (const Precision precision : {Precision::f64, Precision::f32}) {
          DiffractiveStack stack(description, precision, {}, 2);
          stack.set_misalignment(m);
          stack.set_parameters(parameters);
          EXPECT_LT(worst_error(respond(stack, inputs), expected),
                    precision == Precision::f64 ? 1e-12 : 1e-4)
              << method_name(method) << ", padding " << padding << ", crooked " << is_crooked;
        }
      }
}

// One wavelength: plain phase layers take the engine's own way, tilts and phase errors included.
TEST(DiffractiveStack, PlainPhaseLayersMayBeMisaligned) {
  const StackDescription description = stack_of({"phase", "phase", "phase"}, 13);
  const CornerInputs inputs(description.source, 2, 4);
  const std::vector<double> parameters = start_of(description);
  DiffractiveStack stack(description, Precision::f64, {}, 2);
  stack.set_parameters(parameters);
  const std::vector<double> aligned = respond(stack, inputs);
  const Misalignment m = crooked(description);
  stack.set_misalignment(m);
  EXPECT_LT(worst_error(respond(stack, inputs), reference(description, m, parameters, inputs)),
            1e-12);
  stack.set_misalignment({});
  EXPECT_EQ(respond(stack, inputs), aligned);  // bit for bit
  Misalignment one;  // of equal gaps, which share a transfer function, only one changes
  one.planes.resize(4);
  one.planes[3].gap = 0.3e-3;
  stack.set_misalignment(one);
  EXPECT_LT(worst_error(respond(stack, inputs), reference(description, one, parameters, inputs)),
            1e-12);
}

TEST(DiffractiveStack, EqualGapsGiveWhatUnequalOnesGive) {
  StackDescription description = stack_of({"phase", "phase"}, 12);
  for (StackLayer& entry : description.layers) entry.distance = 4e-3;  // as to the detector
  const CornerInputs inputs(description.source, 2, 4);
  const std::vector<double> parameters = start_of(description);
  DiffractiveStack stack(description, Precision::f64, {}, 2);
  stack.set_parameters(parameters);
  EXPECT_LT(worst_error(respond(stack, inputs), reference(description, {}, parameters, inputs)),
            1e-12);
}

TEST(DiffractiveStack, RefusesWhatDoesNotFit) {
  const auto refuses = [](const StackDescription& description) {
    EXPECT_THROW(DiffractiveStack(description, Precision::f32, {}, 1), InputError);
  };
  StackDescription wrong = uneven_stack();
  wrong.wavelengths.clear();
  refuses(wrong);
  wrong = uneven_stack();
  wrong.detectors.pop_back();
  refuses(wrong);
  wrong = uneven_stack();
  wrong.mode_weights.pop_back();
  refuses(wrong);
  wrong = uneven_stack();
  wrong.modes = 0;
  refuses(wrong);
  wrong = uneven_stack();
  wrong.reading_count = 2;  // the detectors have four
  refuses(wrong);
  wrong = uneven_stack();
  wrong.detector_plane = plane(5, 5);  // smaller than the detectors' own
  refuses(wrong);
  wrong = uneven_stack();
  wrong.detector_plane.dx *= 2.0;  // another sampling than the layers
  refuses(wrong);
  wrong = uneven_stack();
  wrong.detector_distance = -1e-3;
  refuses(wrong);
  DiffractiveStack stack(uneven_stack(), Precision::f32, {}, 1);
  EXPECT_THROW(stack.set_parameters(std::vector<double>(stack.parameter_count() - 1)), InputError);
  if (list_cuda_devices().empty()) {
    EXPECT_THROW(DiffractiveStack(uneven_stack(), Precision::f32, {Device::Kind::cuda, 0}, 1),
                 UnavailableError);
  }
}

}  // namespace
}  // namespace wavesmith
