#include "physics/layers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <set>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/image_metrics.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

std::vector<double> parameters_of(const Layer& layer, std::uint64_t seed = 5, double spread = 1.0) {
  std::vector<double> parameters(layer.parameter_count());
  layer.initial_parameters(seed, spread, parameters);
  return parameters;
}

std::vector<Complex> transmission(const Layer& layer, const std::vector<double>& parameters,
                                  double wavelength) {
  std::vector<Complex> t(layer.plane().size(), {7.0, 7.0});
  layer.transmission(parameters, wavelength, t);
  return t;
}

double sinc_squared(double x) {
  return std::pow(std::sin(pi * x) / (pi * x), 2);
}

// A layer of every kind that make_layer knows.
std::vector<LayerSpec> one_of_each() {
  std::vector<LayerSpec> specs;
  for (const LayerKind& kind : list_layers()) {
    LayerSpec spec;
    spec.kind = kind.name;
    spec.design_wavelength = 532e-9;
    spec.focal_length = 1e-3;
    spec.shape = circle_at(0.0, 0.0, 3e-6);
    spec.table_control = {0, 1};
    spec.table_amplitude = {1, 0.8};
    spec.table_phase = {0, 6};
    spec.mask_amplitude = std::vector<double>(48, 0.5);
    CellTableData cells;
    cells.shape = CellShape::ridge;
    cells.pitch = 0.5e-6;
    cells.height = 1e-6;
    cells.wavelengths = {532e-9};
    cells.sizes = {0.1e-6, 0.25e-6, 0.4e-6};
    cells.t = {{0.9, 0.1}, {0.7, 0.6}, {0.1, 0.9}};
    spec.cells = std::make_shared<const CellTable>(cells);
    specs.push_back(spec);
  }
  return specs;
}

const Plane small_plane{8, 6, 0.5e-6, 0.5e-6};

TEST(Layers, NeitherAmplifiesNorForgetsASample) {
  for (const LayerSpec& spec : one_of_each()) {
    const auto layer = make_layer(spec, small_plane);
    EXPECT_EQ(layer->plane(), small_plane);
    for (const Complex& t : transmission(*layer, parameters_of(*layer), 532e-9))
      EXPECT_LE(std::abs(t), 1.0 + 1e-12) << spec.kind;
  }
}

// Power behind a phase layer, a lossless relief and a lens equals the power before it.
TEST(Layers, PhaseKindsConserveEnergy) {
  const Random random(4, 0);
  std::vector<Complex> u(48);
  double before = 0.0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    u[i] = {random.normal_pair(i)[0], random.normal_pair(i)[1]};
    before += std::norm(u[i]);
  }
  for (LayerSpec spec : one_of_each()) {
    if (spec.kind != "phase" && spec.kind != "height" && spec.kind != "lens") continue;
    for (const int levels : {0, 2, 8})
      for (const int side : {1, 2}) {
        spec.design.levels = levels;
        spec.design.samples_per_pixel = side;
        const auto layer = make_layer(spec, small_plane);
        const auto t = transmission(*layer, parameters_of(*layer), 532e-9);
        double after = 0.0;
        for (std::size_t i = 0; i < u.size(); ++i) after += std::norm(t[i] * u[i]);
        EXPECT_NEAR(after / before, 1.0, 1e-14) << spec.kind;
      }
  }
}

TEST(Layers, OnlyAPlainPhaseLayerSaysSo) {
  LayerSpec spec;
  EXPECT_TRUE(make_layer(spec, small_plane)->is_plain_phase());
  const auto t = transmission(*make_layer(spec, small_plane), std::vector<double>(48, 0.3), 1e-6);
  for (const Complex& value : t) EXPECT_EQ(value, std::polar(1.0, 0.3));

  std::vector<LayerSpec> others = one_of_each();
  std::erase_if(others, [](const LayerSpec& other) { return other.kind == "phase"; });
  others.resize(others.size() + 6, spec);
  const auto last = others.end();
  (last - 1)->design.levels = 4;
  (last - 2)->design.samples_per_pixel = 2;
  (last - 3)->design.dead_fraction = 0.1;
  (last - 4)->design.filter_radius = 1e-6;
  (last - 5)->max_phase = 6.0;
  (last - 6)->trainable = false;
  (last - 6)->start = std::vector<double>(48, 0.1);
  for (const LayerSpec& other : others)
    EXPECT_FALSE(make_layer(other, small_plane)->is_plain_phase()) << other.kind;
}

// A blazed grating with L phase levels puts sinc^2(1/L) into its first order (Swanson 1989).
TEST(Layers, QuantisedBlazedGrating) {
  const int samples = 1 << 14;
  const Plane plane{samples, 1, 1e-6, 1e-6};
  LayerSpec spec;
  for (int i = 0; i < samples; ++i) spec.start.push_back(2.0 * pi * (i + 0.5) / samples);
  const double published[] = {0.405285, 0.683918, 0.810569};
  for (const int levels : {2, 3, 4, 8, 16}) {
    spec.design.levels = levels;
    const auto layer = make_layer(spec, plane);
    const auto t = transmission(*layer, parameters_of(*layer), 1e-6);
    const double efficiency = order_efficiency(plane, t, 1, 0, plane.width() * plane.height());
    EXPECT_NEAR(efficiency, sinc_squared(1.0 / levels), 2e-7);
    if (levels <= 4) {
      EXPECT_NEAR(efficiency, published[levels - 2], 1e-6);
    }
    std::set<long> phases;
    for (const Complex& value : t) phases.insert(std::lround(std::arg(value) * 1e6 + 1e-3));
    EXPECT_LE(phases.size(), static_cast<std::size_t>(levels) + 1);  // pi and -pi are one
  }
}

// The same for a lens: its focus, in the paraxial limit, is the mean of t times the conjugate of
// the ideal lens.
TEST(Layers, QuantisedLens) {
  const Plane plane{1000, 1000, 1e-6, 1e-6};
  const double wavelength = 500e-9, focal_length = 10e-3;
  LayerSpec lens;
  lens.kind = "lens";
  lens.lens_model = LensModel::paraxial;
  lens.focal_length = focal_length;
  const auto ideal = transmission(*make_layer(lens, plane), {}, wavelength);
  // 20 whole zones of 2 pi: every phase equally often.
  const auto open =
      coverage(circle_at(0.0, 0.0, 2.0 * std::sqrt(40.0 * wavelength * focal_length)), plane);
  for (const int levels : {2, 4}) {
    LayerSpec spec;
    spec.design.levels = levels;
    for (const Complex& value : ideal) spec.start.push_back(std::arg(value));
    const auto layer = make_layer(spec, plane);
    const auto t = transmission(*layer, parameters_of(*layer), wavelength);
    Complex focus = 0.0;
    double area = 0.0;
    for (std::size_t i = 0; i < t.size(); ++i) {
      focus += open[i] * t[i] * std::conj(ideal[i]);
      area += open[i];
    }
    EXPECT_NEAR(std::norm(focus / area), levels == 2 ? 0.405285 : 0.810569, 1e-3) << levels;
  }
}

// t of a relief against the formula, at two wavelengths, with dispersion and absorption.
TEST(Layers, ReliefFollowsItsMaterial) {
  for (const char* name : {"fused_silica", "pmma", "vero_black_plus"}) {
    const Material material = find_material(name);
    LayerSpec spec;
    spec.kind = "height";
    spec.material = name;
    spec.bound = Bound::clamp;
    const double long_wave = 0.9 * material.max_wavelength, short_wave = 0.7 * long_wave;
    spec.h_max = 3.0 * long_wave;
    const auto layer = make_layer(spec, small_plane);
    const std::vector<double> parameters = parameters_of(*layer);
    for (const double wavelength : {long_wave, short_wave}) {
      const auto t = transmission(*layer, parameters, wavelength);
      for (std::size_t p = 0; p < t.size(); ++p) {
        const double h = parameters[p] * spec.h_max, k0 = 2.0 * pi / wavelength;
        const std::complex<double> n = material.index(wavelength);
        EXPECT_NEAR(std::abs(t[p]), std::exp(-k0 * n.imag() * h), 1e-12);
        EXPECT_LT(std::abs(t[p] / std::abs(t[p]) - std::polar(1.0, k0 * (n.real() - 1.0) * h)),
                  1e-11);
      }
    }
    EXPECT_THROW(transmission(*layer, parameters, 2.0 * material.max_wavelength), InputError);
  }
}

TEST(Layers, ReliefOfOneWaveByDefault) {
  LayerSpec spec;
  spec.kind = "height";
  spec.design_wavelength = 633e-9;
  spec.bound = Bound::clamp;
  const auto layer = make_layer(spec, small_plane);
  const auto t = transmission(*layer, std::vector<double>(48, 1.0), 633e-9);
  for (const Complex& value : t) EXPECT_LT(std::abs(value - 1.0), 1e-12);
}

// A phase layer printed in glass and read back gives the same transmission at its wavelength, fixed
// or trainable, and so does a relief.
TEST(Layers, ExportedHeightsGiveTheSameLayer) {
  const Material glass = find_material("fused_silica");
  const double wavelength = 532e-9;
  for (const char* kind : {"phase", "height"})
    for (const int side : {1, 2})
      for (const double dead : {0.0, 0.2})
        for (const double filter : {0.0, 2.5e-6}) {
          LayerSpec spec;
          spec.kind = kind;
          spec.design_wavelength = wavelength;
          spec.design.samples_per_pixel = side;
          spec.design.dead_fraction = dead;
          spec.design.filter_radius = filter;
          spec.design.levels = filter > 0.0 ? 8 : 0;
          const auto layer = make_layer(spec, small_plane);
          const std::vector<double> parameters = parameters_of(*layer);
          const auto heights = height_map(*layer, parameters, glass, wavelength);
          EXPECT_EQ(heights.size(), design_pixels(*layer).size());
          const double wave = wavelength / (glass.index(wavelength).real() - 1.0);
          for (const double h : heights) {
            EXPECT_GE(h, 0.0);
            EXPECT_LE(h, wave * (1.0 + 1e-12));
          }
          const auto expected = transmission(*layer, parameters, wavelength);
          for (const bool trainable : {false, true}) {
            const auto again = layer_from_heights(spec, small_plane, heights, trainable);
            EXPECT_EQ(again->parameter_count(), trainable ? heights.size() : 0u);
            const auto start = parameters_of(*again);
            const auto t = transmission(*again, start, wavelength);
            for (std::size_t i = 0; i < t.size(); ++i)
              EXPECT_LT(std::abs(t[i] - expected[i]), 1e-12) << kind;
            const auto printed = height_map(*again, start, glass, wavelength);
            for (std::size_t p = 0; p < heights.size(); ++p)
              EXPECT_NEAR(printed[p], heights[p], 1e-12 * wave);
          }
        }
}

TEST(Layers, HeightsThatCannotBeAreRefused) {
  LayerSpec spec;
  EXPECT_THROW(layer_from_heights(spec, small_plane, {}, false), InputError);
  EXPECT_THROW(layer_from_heights(spec, small_plane, std::vector<double>(47, 1e-6), false),
               InputError);
  EXPECT_THROW(layer_from_heights(spec, small_plane, std::vector<double>(48, -1e-6), false),
               InputError);
  EXPECT_THROW(layer_from_heights(spec, small_plane, std::vector<double>(48, std::nan("")), false),
               InputError);
  // A flat map is a layer too.
  for (const double h : {0.0, 1e-6}) {
    const auto flat = layer_from_heights(spec, small_plane, std::vector<double>(48, h), false);
    const auto printed = height_map(*flat, {}, material_of(spec), 532e-9);
    for (const double value : printed) EXPECT_NEAR(value, h, 1e-20);
  }
  LayerSpec amplitude;
  amplitude.kind = "amplitude";
  const auto layer = make_layer(amplitude, small_plane);
  EXPECT_THROW(height_map(*layer, parameters_of(*layer), material_of(spec), 532e-9), InputError);
}

TEST(Layers, StartsFollowSeedAndSpread) {
  for (const LayerSpec& spec : one_of_each()) {
    const auto layer = make_layer(spec, small_plane);
    if (layer->parameter_count() == 0) continue;
    EXPECT_EQ(parameters_of(*layer, 1), parameters_of(*layer, 1));
    EXPECT_NE(parameters_of(*layer, 1), parameters_of(*layer, 2)) << spec.kind;
    const auto uniform = parameters_of(*layer, 1, 0.0);
    EXPECT_EQ(uniform, parameters_of(*layer, 2, 0.0));
    for (const Complex& t : transmission(*layer, uniform, 532e-9))
      EXPECT_EQ(t, transmission(*layer, uniform, 532e-9)[0]);
  }
}

TEST(Layers, StartValuesAreMet) {
  const Random random(9, 0);
  std::vector<double> start(48);
  for (std::size_t p = 0; p < start.size(); ++p) start[p] = random.uniform(p, 0.01, 0.99);
  for (const Bound bound : {Bound::sigmoid, Bound::clamp})
    for (const bool trainable : {true, false}) {
      LayerSpec spec;
      spec.kind = "amplitude";
      spec.bound = bound;
      spec.start = start;
      spec.trainable = trainable;
      const auto layer = make_layer(spec, small_plane);
      EXPECT_EQ(layer->parameter_count(), trainable ? 48u : 0u);
      const auto t = transmission(*layer, parameters_of(*layer), 1e-6);
      for (std::size_t p = 0; p < t.size(); ++p) EXPECT_NEAR(t[p].real(), start[p], 1e-14);
    }
}

TEST(Layers, IdealLensMakesASphericalWave) {
  LayerSpec spec;
  spec.kind = "lens";
  for (const double f : {20e-6, -20e-6, 3e-3}) {
    spec.focal_length = f;
    spec.x = 0.3e-6;
    const auto t = transmission(*make_layer(spec, small_plane), {}, 532e-9);
    for (int j = 0; j < 6; ++j)
      for (int i = 0; i < 8; ++i) {
        const double r = std::hypot(small_plane.x(i) - spec.x, small_plane.y(j));
        // Every path from the lens to the focus is equally long (or from it, for f < 0).
        const double path = std::copysign(std::hypot(r, f) - std::abs(f), f);
        const Complex expected = std::polar(1.0, -2.0 * pi / 532e-9 * path);
        EXPECT_LT(std::abs(t[static_cast<std::size_t>(j * 8 + i)] - expected), 1e-9);
      }
  }
}

TEST(Layers, ApertureAndStopAddUp) {
  LayerSpec spec;
  spec.kind = "aperture";
  spec.shape = circle_at(0.2e-6, 0.0, 2.3e-6);
  const auto open = transmission(*make_layer(spec, small_plane), {}, 1e-6);
  spec.open = ApertureLayer::Open::outside;
  const auto stop = transmission(*make_layer(spec, small_plane), {}, 1e-6);
  for (std::size_t i = 0; i < open.size(); ++i)
    EXPECT_NEAR(std::abs(open[i] + stop[i] - 1.0), 0, 1e-15);
}

TEST(Layers, BadSpecificationsAreRefused) {
  const auto refused = [](const char* kind, auto change) {
    LayerSpec spec;
    for (const LayerSpec& good : one_of_each())
      if (good.kind == kind) spec = good;
    change(spec);
    EXPECT_THROW(make_layer(spec, small_plane), InputError) << kind;
  };
  refused("phase", [](LayerSpec& spec) { spec.kind = "phse"; });
  refused("phase", [](LayerSpec& spec) { spec.design.levels = 1; });
  refused("phase", [](LayerSpec& spec) { spec.design.projection_beta = 3.0; });
  refused("phase", [](LayerSpec& spec) { spec.max_phase = -1.0; });
  refused("phase", [](LayerSpec& spec) { spec.start = {1.0, 2.0}; });
  refused("phase", [](LayerSpec& spec) { spec.trainable = false; });
  refused("phase", [](LayerSpec& spec) { spec.design.filter_radius = 1.0; });
  refused("phase", [](LayerSpec& spec) { spec.design.samples_per_pixel = 5; });
  refused("amplitude", [](LayerSpec& spec) { spec.start = std::vector<double>(48, 1.5); });
  refused("amplitude", [](LayerSpec& spec) { spec.bound = Bound::free; });
  refused("complex", [](LayerSpec& spec) { spec.start = std::vector<double>(48, 0.5); });
  refused("complex", [](LayerSpec& spec) { spec.design.projection_beta = 3.0; });
  refused("height", [](LayerSpec& spec) { spec.material = "cheese"; });
  refused("height", [](LayerSpec& spec) { spec.design_wavelength = 0.0; });
  refused("height", [](LayerSpec& spec) { spec.h_min = 2e-6, spec.h_max = 1e-6; });
  refused("device", [](LayerSpec& spec) { spec.table_phase.pop_back(); });
  refused("lens", [](LayerSpec& spec) { spec.focal_length = 0.0; });
  refused("lens", [](LayerSpec& spec) { spec.lens_aperture = -1.0; });
  refused("aperture", [](LayerSpec& spec) { spec.shape.diameter = 0.0; });
  refused("mask", [](LayerSpec& spec) { spec.mask_amplitude.pop_back(); });
  refused("mask", [](LayerSpec& spec) { spec.mask_amplitude.clear(); });
  refused("mask", [](LayerSpec& spec) { spec.mask_amplitude[3] = 1.5; });
  EXPECT_THROW(make_layer({}, Plane{40000, 40000, 1e-6, 1e-6}), InputError);
}

}  // namespace
}  // namespace wavesmith
