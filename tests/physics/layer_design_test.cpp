#include "physics/layer_design.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "physics/layers.hpp"

namespace wavesmith {
namespace {

constexpr double wavelength = 633e-9;
const Plane plane{12, 10, 4e-6, 5e-6};

std::vector<double> random_parameters(const Layer& layer) {
  std::vector<double> parameters(layer.parameter_count());
  layer.initial_parameters(7, 1.0, parameters);
  for (double& value : parameters) value *= 3.0;  // phases beyond one turn
  return parameters;
}

// Amplitude and phase of a layer's designs, put together, are its transmission.
TEST(LayerDesigns, AreTheTransmissionPixelByPixel) {
  LayerSpec lens;
  lens.kind = "lens";
  lens.focal_length = 1e-3;
  lens.lens_aperture = 40e-6;
  LayerSpec stop;
  stop.kind = "aperture";
  stop.shape = circle_at(0.0, 0.0, 30e-6);
  LayerSpec phase, amplitude, complex, frozen;
  amplitude.kind = "amplitude";
  complex.kind = "complex";
  frozen.trainable = false;
  frozen.start.assign(plane.size(), -1.0);
  for (const LayerSpec& spec : {lens, stop, phase, amplitude, complex, frozen}) {
    const auto layer = make_layer(spec, plane);
    const std::vector<double> parameters = random_parameters(*layer);
    std::vector<Complex> t(plane.size()), rebuilt(plane.size(), 1.0);
    layer->transmission(parameters, wavelength, t);
    for (const LayerDesign& design : layer_designs(*layer, parameters, wavelength)) {
      ASSERT_EQ(design.pixels, plane);
      for (std::size_t i = 0; i < t.size(); ++i) {
        if (design.quantity == "phase") {
          EXPECT_GE(design.values[i], 0.0);
          EXPECT_LT(design.values[i], 2.0 * std::numbers::pi);
          rebuilt[i] *= std::polar(1.0, design.values[i]);
        } else {
          ASSERT_EQ(design.quantity, "amplitude");
          rebuilt[i] *= design.values[i];
        }
      }
    }
    for (std::size_t i = 0; i < t.size(); ++i)
      EXPECT_LT(std::abs(rebuilt[i] - t[i]), 1e-14) << spec.kind;
  }
}

TEST(LayerDesigns, OfAReliefAreItsHeightsOnItsPixels) {
  LayerSpec spec;
  spec.kind = "height";
  spec.h_max = 1e-6;
  spec.design.samples_per_pixel = 2;
  const auto layer = make_layer(spec, plane);
  const std::vector<double> parameters = random_parameters(*layer);
  const auto designs = layer_designs(*layer, parameters, wavelength);
  ASSERT_EQ(designs.size(), 1u);
  EXPECT_EQ(designs[0].quantity, "height");
  EXPECT_EQ(designs[0].pixels, design_pixels(*layer));
  for (std::size_t i = 0; i < parameters.size(); ++i)
    EXPECT_NEAR(designs[0].values[i], 1e-6 / (1.0 + std::exp(-parameters[i])), 1e-18);
}

// A uniform start lies on a level: small steps of its parameters do not change the layer.
TEST(LayerStarts, StandOnALevel) {
  for (const Bound bound : {Bound::clamp, Bound::sigmoid})
    for (const int levels : {3, 4, 16, 17, 256}) {
      LayerSpec spec;
      spec.kind = "height";
      spec.h_max = 1.4e-6;
      spec.design.levels = levels;
      spec.bound = bound;
      const auto layer = make_layer(spec, plane);
      std::vector<double> parameters(layer->parameter_count());
      layer->initial_parameters(1, 0.0, parameters);
      std::vector<Complex> start(plane.size()), moved(plane.size());
      layer->transmission(parameters, wavelength, start);
      for (const double step : {-0.4, 0.4}) {
        std::vector<double> stepped = parameters;
        for (double& value : stepped) value += step / (levels - 1);
        layer->transmission(stepped, wavelength, moved);
        EXPECT_EQ(start, moved) << levels << " " << step;
      }
    }
}

}  // namespace
}  // namespace wavesmith
