// Every kind of layer, alone and with every option of fabrication: the transpose against the
// linearised layer, and the gradient against finite differences.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstdio>
#include <numbers>

#include "core/random.hpp"
#include "physics/conic_filter.hpp"
#include "physics/layers.hpp"

namespace wavesmith {
namespace {

struct Case {
  std::string name;
  LayerSpec spec;
  Plane plane;
  double wavelength;
  bool is_smooth = true;  // analytic near the test point: high-order differences are exact
};

DesignOptions fabrication(int samples_per_pixel, double dead, double filter, double beta) {
  DesignOptions design;
  design.samples_per_pixel = samples_per_pixel;
  design.dead_fraction = dead;
  design.dead_transmission = dead > 0.0 ? Complex(0.3, -0.2) : Complex(0.0);
  design.filter_radius = filter;
  design.projection_beta = beta;
  design.projection_eta = 0.45;
  return design;
}

std::vector<Case> cases() {
  std::vector<LayerSpec> kinds;
  LayerSpec spec;
  spec.kind = "phase";
  kinds.push_back(spec);
  spec.max_phase = 2.0 * std::numbers::pi;
  kinds.push_back(spec);
  spec.bound = Bound::clamp;
  kinds.push_back(spec);
  for (const char* kind : {"amplitude", "complex", "height", "device"})
    for (const Bound bound : {Bound::sigmoid, Bound::clamp}) {
      spec = {};
      spec.kind = kind;
      spec.bound = bound;
      spec.material = "constant";
      spec.n = 1.7;
      spec.k = 0.03;
      spec.h_min = 0.1e-3;
      spec.h_max = 1.1e-3;
      spec.table_control = {0, 60, 130, 255};
      spec.table_amplitude = {0.9, 0.7, 0.95, 0.6};
      spec.table_phase = {0.2, 2.0, -2.5, 0.5};
      for (const auto interpolation : {TableInterpolation::cubic, TableInterpolation::linear}) {
        spec.interpolation = interpolation;
        kinds.push_back(spec);
        if (spec.kind != "device") break;
      }
    }

  CellTableData cells;
  cells.pitch = 0.4e-3;
  cells.height = 1e-3;
  cells.shape = CellShape::ridge;  // its pixels may have any length along y
  cells.wavelengths = {0.7e-3, 0.75e-3};
  // The sizes lie where the rows of the device's table do.
  cells.sizes = {100e-6, 170e-6, 250e-6, 400e-6};
  for (const double w : cells.wavelengths)
    for (const double size : cells.sizes)
      cells.t.push_back(std::polar(0.9 - 300.0 * size, 6e6 * size * w));
  for (const Bound bound : {Bound::sigmoid, Bound::clamp}) {
    spec = {};
    spec.kind = "cells";
    spec.bound = bound;
    spec.cells = std::make_shared<const CellTable>(cells);
    kinds.push_back(spec);
  }

  std::vector<Case> result;
  for (const LayerSpec& kind : kinds) {
    const bool can_project =
        kind.kind != "complex" && !(kind.kind == "phase" && kind.max_phase == 0.0);
    for (const int side : {1, 3})
      for (const double dead : {0.0, 0.19})
        for (const double filter : {0.0, 2.3})
          for (const double beta : {0.0, 4.0}) {
            if (beta > 0.0 && !can_project) continue;
            Case one;
            one.plane = {5 * side, 4 * side, 0.4e-3 / side, 0.5e-3 / side, 1e-3, -2e-3};
            one.spec = kind;
            one.spec.design = fabrication(side, dead, filter * 0.4e-3, beta);
            one.wavelength = 0.75e-3;
            // Filtered or projected controls fall anywhere, also on a kink of the table.
            one.is_smooth =
                (kind.kind != "device" && kind.kind != "cells") || (filter == 0.0 && beta == 0.0);
            one.name = kind.kind + (kind.max_phase > 0.0 ? " bounded" : "") + " bound " +
                       std::to_string(static_cast<int>(kind.bound)) + " interpolation " +
                       std::to_string(static_cast<int>(kind.interpolation)) + " side " +
                       std::to_string(side) + " dead " + std::to_string(dead) + " filter " +
                       std::to_string(filter) + " beta " + std::to_string(beta);
            result.push_back(one);
          }
  }
  return result;
}

// Parameters well inside every range. Controls of a device, and sizes of cells, stay clear of the
// rows of their tables (0, 0.23, 0.5, 1), where slopes may jump.
std::vector<double> test_parameters(const Case& one, const Layer& layer) {
  const Random random(7, 1);
  std::vector<double> parameters(layer.parameter_count());
  const double safe[] = {0.11, 0.36, 0.74};
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const double rho = one.spec.kind == "device" || one.spec.kind == "cells"
                           ? safe[p % 3] + 0.05 * (random.uniform(p) - 0.5)
                           : random.uniform(p, 0.1, 0.9);
    const bool is_free = (one.spec.kind == "phase" && one.spec.max_phase == 0.0) ||
                         (one.spec.kind == "complex" && p >= parameters.size() / 2);
    if (is_free)
      parameters[p] = 6.0 * rho - 3.0;
    else
      parameters[p] = one.spec.bound == Bound::clamp ? rho : std::log(rho / (1.0 - rho));
  }
  return parameters;
}

std::vector<double> random_reals(std::size_t count, std::uint64_t stream) {
  const Random random(11, stream);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = random.uniform(i, -1.0, 1.0);
  return values;
}

std::vector<Complex> random_field(std::size_t count, std::uint64_t stream) {
  const std::vector<double> a = random_reals(count, stream), b = random_reals(count, stream + 1);
  std::vector<Complex> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = {a[i], b[i]};
  return values;
}

std::vector<Complex> transmission(const Layer& layer, const std::vector<double>& parameters,
                                  double wavelength) {
  std::vector<Complex> t(layer.plane().size());
  layer.transmission(parameters, wavelength, t);
  return t;
}

std::vector<double> moved(std::vector<double> parameters, const std::vector<double>& direction,
                          double step) {
  for (std::size_t p = 0; p < parameters.size(); ++p) parameters[p] += step * direction[p];
  return parameters;
}

// Derivative of the transmission along `direction` by central differences of the 8th order.
std::vector<Complex> push_forward(const Layer& layer, const std::vector<double>& parameters,
                                  const std::vector<double>& direction, double wavelength,
                                  double step) {
  const double weights[] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
  std::vector<Complex> result(layer.plane().size());
  for (int k = 1; k <= 4; ++k) {
    const auto plus = transmission(layer, moved(parameters, direction, k * step), wavelength);
    const auto minus = transmission(layer, moved(parameters, direction, -k * step), wavelength);
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] += weights[k - 1] / step * (plus[i] - minus[i]);
  }
  return result;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double real_dot(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::real(std::conj(a[i]) * b[i]);
  return sum;
}

TEST(LayerGradient, TransposeOfTheLinearisedLayer) {
  double worst = 0.0;
  int count = 0;
  for (const Case& one : cases()) {
    if (!one.is_smooth) continue;
    const auto layer = make_layer(one.spec, one.plane);
    const std::vector<double> parameters = test_parameters(one, *layer);
    const std::vector<double> direction = random_reals(parameters.size(), 3);
    const std::vector<Complex> g = random_field(one.plane.size(), 5);
    const auto forward = push_forward(*layer, parameters, direction, one.wavelength, 4e-3);
    std::vector<double> gradient(parameters.size());
    layer->pull_back(parameters, one.wavelength, g, gradient);
    const double scale = std::sqrt(real_dot(forward, forward) * real_dot(g, g));
    const double error = std::abs(real_dot(g, forward) - dot(gradient, direction)) / scale;
    EXPECT_LT(error, 1e-12) << one.name;
    worst = std::max(worst, error);
    ++count;
  }
  std::printf("worst dot-product error %.1e over %d layers\n", worst, count);
}

// A nonlinear loss, L = sum of c |t|^4 + Re d t, by plain central differences.
TEST(LayerGradient, FiniteDifferencesOfALoss) {
  for (const Case& one : cases()) {
    const auto layer = make_layer(one.spec, one.plane);
    const std::vector<double> parameters = test_parameters(one, *layer);
    const std::vector<double> c = random_reals(one.plane.size(), 8);
    const std::vector<Complex> d = random_field(one.plane.size(), 9);
    const auto loss = [&](const std::vector<double>& at) {
      const auto t = transmission(*layer, at, one.wavelength);
      double sum = 0.0;
      for (std::size_t i = 0; i < t.size(); ++i)
        sum += c[i] * std::norm(t[i]) * std::norm(t[i]) + std::real(d[i] * t[i]);
      return sum;
    };
    // g = 2 dL/dt*.
    const auto t = transmission(*layer, parameters, one.wavelength);
    std::vector<Complex> g(t.size());
    for (std::size_t i = 0; i < t.size(); ++i)
      g[i] = 4.0 * c[i] * std::norm(t[i]) * t[i] + std::conj(d[i]);
    std::vector<double> gradient(parameters.size());
    layer->pull_back(parameters, one.wavelength, g, gradient);

    for (const std::uint64_t stream : {21u, 22u, 23u}) {
      const std::vector<double> direction = random_reals(parameters.size(), stream);
      const double step = 1e-5;
      const double slope =
          (loss(moved(parameters, direction, step)) - loss(moved(parameters, direction, -step))) /
          (2.0 * step);
      const double scale = std::sqrt(dot(gradient, gradient) * dot(direction, direction));
      EXPECT_NEAR(slope, dot(gradient, direction), 1e-6 * scale) << one.name;
    }
  }
}

TEST(LayerGradient, PullBackAdds) {
  for (const Case& one : cases()) {
    const auto layer = make_layer(one.spec, one.plane);
    const std::vector<double> parameters = test_parameters(one, *layer);
    const std::vector<Complex> g = random_field(one.plane.size(), 5);
    std::vector<double> once(parameters.size()), onto(parameters.size(), 2.5);
    layer->pull_back(parameters, one.wavelength, g, once);
    layer->pull_back(parameters, one.wavelength, g, onto);
    for (std::size_t p = 0; p < once.size(); ++p) EXPECT_NEAR(onto[p], 2.5 + once[p], 1e-13);
  }
}

// Straight-through: the gradient of a quantised layer is that of the continuous, unfiltered layer
// at the rounded values, pulled back through the filter alone.
TEST(LayerGradient, QuantisedLayersAreStraightThrough) {
  for (const Case& one : cases()) {
    const bool is_free = one.spec.kind == "phase" && one.spec.max_phase == 0.0;
    if ((one.spec.bound != Bound::clamp && !is_free) || one.spec.kind == "complex" ||
        one.spec.design.projection_beta > 0.0)
      continue;
    for (const int levels : {2, 3, 4, 16}) {
      Case quantised = one, plain = one;
      quantised.spec.design.levels = levels;
      plain.spec.design.filter_radius = 0.0;
      const auto layer = make_layer(quantised.spec, one.plane);
      const auto reference = make_layer(plain.spec, one.plane);
      const std::vector<double> parameters = test_parameters(one, *layer);

      const Plane pixels{5, 4, 0.4e-3, 0.5e-3, 1e-3, -2e-3};
      const ConicFilter filter(pixels, one.spec.design.filter_radius);
      std::vector<double> rounded(parameters.size());
      filter.apply(parameters, rounded);
      double step = 1.0 / (levels - 1);
      if (is_free) step = 2.0 * std::numbers::pi / levels;
      if (one.spec.kind == "phase" && !is_free) step = 1.0 / levels;
      const double last = one.spec.kind == "phase" ? levels * step : 1.0;
      for (double& value : rounded) {
        value = std::round(value / step) * step;
        if (!is_free) value = std::min(value, last);
      }

      const auto t = transmission(*layer, parameters, one.wavelength);
      const auto expected_t = transmission(*reference, rounded, one.wavelength);
      for (std::size_t i = 0; i < t.size(); ++i)
        ASSERT_LT(std::abs(t[i] - expected_t[i]), 1e-12) << one.name << ", levels " << levels;

      const std::vector<Complex> g = random_field(one.plane.size(), 5);
      std::vector<double> gradient(parameters.size()), at_rounded(parameters.size()),
          expected(parameters.size());
      layer->pull_back(parameters, one.wavelength, g, gradient);
      // A kinked table has two slopes at a rounded control on one of its rows.
      if (one.spec.kind == "device") continue;
      reference->pull_back(rounded, one.wavelength, g, at_rounded);
      filter.apply_transpose(at_rounded, expected);
      for (std::size_t p = 0; p < gradient.size(); ++p)
        EXPECT_NEAR(gradient[p], expected[p], 1e-11 * (1.0 + std::abs(expected[p])))
            << one.name << ", levels " << levels;
    }
  }
}

}  // namespace
}  // namespace wavesmith
