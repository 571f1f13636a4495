// A stack by Maxwell's equations against the scalar solvers where these are right.
#include "solvers/full_wave_stack.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/layers.hpp"

namespace wavesmith {
namespace {

using Field = std::vector<Complex>;
constexpr double wavelength = 0.5e-6;

// One relief of 8 x 8 pixels, each of two samples, 3 wavelengths behind the source.
StackDescription one_relief(double n, double max_height) {
  const Plane plane{16, 16, 0.25 * wavelength, 0.25 * wavelength, 0.0, 0.0};
  LayerSpec spec;
  spec.kind = "height";
  spec.material = "constant";
  spec.n = n;
  spec.h_max = max_height;
  spec.design.samples_per_pixel = 2;
  StackDescription stack;
  stack.wavelengths = {wavelength};
  stack.source = stack.detector_plane = plane;
  stack.layers.push_back({make_layer(spec, plane), 3.0 * wavelength});
  stack.detector_distance = 3.0 * wavelength;
  stack.detectors.resize(1);
  stack.reading_count = 1;
  stack.propagation.method = PropagationMethod::angular_spectrum;
  stack.propagation.evanescent = Evanescent::drop;
  return stack;
}

Field beam(const Plane& plane) {
  Field field;
  for (int j = 0; j < plane.ny; ++j)
    for (int i = 0; i < plane.nx; ++i)
      field.push_back(std::exp(-std::pow(std::hypot(plane.x(i), plane.y(j)) / wavelength, 2)));
  return field;
}

Field scalar_field(StackDescription stack, int slices, const std::vector<double>& parameters,
                   const Field& source) {
  stack.layers[0].slices = slices;
  DiffractiveStack solver(stack, Precision::f64, {}, 1);
  solver.set_parameters(parameters);
  Field seen;
  std::vector<double> readings(1);
  solver.respond(
      1,
      [&](int, int, std::span<Complex> field) {
        std::copy(source.begin(), source.end(), field.begin());
      },
      readings,
      [&](const FieldPlace& place, std::span<const Complex> field) {
        if (place.plane == 2) seen.assign(field.begin(), field.end());
      });
  return seen;
}

// |<a, b>|^2 / <a, a> <b, b>: 1 where they differ by a factor.
double overlap(std::span<const Complex> a, std::span<const Complex> b) {
  Complex product = 0.0;
  double length_a = 0.0, length_b = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += std::conj(a[i]) * b[i];
    length_a += std::norm(a[i]);
    length_b += std::norm(b[i]);
  }
  return std::norm(product) / (length_a * length_b);
}

struct WaveCase {
  const char* name;
  double n, max_height;
  double overlap;  // with the volume, at least
};

TEST(FullWaveStack, AgreesWithScalarWavesWhereTheyHold) {
  for (const WaveCase one :
       {WaveCase{"next to nothing", 1.001, 0.5e-6, 0.99}, WaveCase{"weak relief", 1.15, 1e-6, 0.97},
        WaveCase{"strong relief", 1.5, 1e-6, 0.9}}) {
    const StackDescription stack = one_relief(one.n, one.max_height);
    const Random random(4, 1);
    std::vector<double> parameters(64);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i] = random.uniform(i, -2.0, 2.0);
    const Field source = beam(stack.source);
    FullWaveSettings settings;
    settings.threads = 1;
    const FullWaveStack waves(stack, parameters, settings);
    const Field all = waves.respond(source).field;
    const std::span<const Complex> along = std::span<const Complex>(all).first(256);
    const double thin = overlap(along, scalar_field(stack, 0, parameters, source));
    const double volume = overlap(along, scalar_field(stack, 16, parameters, source));
    std::printf(
        "  %-26s %.2f million cells, %ld steps: overlap of Ex with thin %.4f, volume %.4f\n",
        one.name, 1e-6 * waves.cells(), waves.steps(), thin, volume);
    EXPECT_GT(volume, one.overlap);
    if (one.n > 1.1) {
      EXPECT_GT(volume, thin);
    }
  }
}

TEST(FullWaveStack, IsLinear) {
  const StackDescription stack = one_relief(1.5, 0.5e-6);
  const std::vector<double> parameters(64, 0.3);
  FullWaveSettings settings;
  settings.cells_per_wavelength = 5.0;
  settings.settle = 2.0;
  settings.precision = Precision::f64;
  settings.threads = 1;
  const FullWaveStack waves(stack, parameters, settings);
  const Field a = beam(stack.source);
  Field b = a, sum = a, turned = a;
  for (std::size_t i = 0; i < a.size(); ++i) {
    b[i] = Complex(0.1 * static_cast<double>(i % 5), 0.2 * static_cast<double>(i % 3));
    sum[i] = a[i] - 2.0 * b[i];
    turned[i] = Complex(0.0, 1.0) * a[i];
  }
  const Field of_a = waves.respond(a).field, of_b = waves.respond(b).field;
  const Field of_sum = waves.respond(sum).field;
  const Field of_turned = waves.respond(turned).field;
  double worst = 0.0, quarter = 0.0, length = 0.0;
  for (std::size_t i = 0; i < of_sum.size(); ++i) {
    worst = std::max(worst, std::abs(of_sum[i] - of_a[i] + 2.0 * of_b[i]));
    quarter = std::max(quarter, std::abs(of_turned[i] - Complex(0.0, 1.0) * of_a[i]));
    length = std::max(length, std::abs(of_sum[i]));
  }
  std::printf("  a sum %.1e, a quarter of a turn %.1e\n", worst / length, quarter / length);
  EXPECT_LT(worst, 1e-9 * length);
  // A march of its own, whose fields are left at another phase when it ends.
  EXPECT_LT(quarter, 1e-3 * length);
}

TEST(FullWaveStack, RefusesWhatItCannotTake) {
  const std::vector<double> parameters(64, 0.0);
  StackDescription stack = one_relief(1.5, 0.5e-6);
  stack.layers[0].distance = 0.1 * wavelength;
  EXPECT_THROW(FullWaveStack(stack, parameters, {}), InputError);
  stack = one_relief(1.5, 0.5e-6);
  stack.detector_distance = 1.1 * wavelength;
  EXPECT_THROW(FullWaveStack(stack, parameters, {}), InputError);
  stack = one_relief(1.5, 0.5e-6);
  LayerSpec phase;
  stack.layers[0].layer = make_layer(phase, stack.source);
  EXPECT_THROW(FullWaveStack(stack, std::vector<double>(256), {}), InputError);
  stack = one_relief(1.5, 0.5e-6);
  stack.wavelengths = {wavelength, 2.0 * wavelength};
  EXPECT_THROW(FullWaveStack(stack, parameters, {}), InputError);
}

}  // namespace
}  // namespace wavesmith
