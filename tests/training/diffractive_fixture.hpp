// Small diffractive stacks and made-up samples for the tests of training.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "physics/detectors.hpp"
#include "physics/layers.hpp"
#include "training/diffractive_system.hpp"
#include "training/losses.hpp"
#include "training/physical_system.hpp"

namespace wavesmith::test {

inline Plane plane(int nx, int ny) {
  return {nx, ny, 0.4e-3, 0.4e-3, 0.0, 0.0};
}

inline Detector detector(const std::string& kind, const Plane& at) {
  DetectorSpec spec;
  spec.kind = kind;
  const double width = at.width(), height = at.height();
  spec.size = 0.15 * width;
  spec.spacing_x = 0.22 * width;
  spec.spacing_y = 0.3 * height;
  if (kind == "differential") {
    spec.size = 0.1 * width;
    spec.gap = 0.02 * height;
  }
  spec.regions = {{"left", rectangle_at(-0.2 * width, 0.0, 0.3 * width, 0.5 * height)},
                  {"right", rectangle_at(0.2 * width, 0.0, 0.25 * width, 0.4 * height)},
                  {"middle", circle_at(0.03 * width, 0.05 * height, 0.5 * height)},
                  {"below", rectangle_at(0.0, 0.35 * height, 0.6 * width, 0.2 * height)}};
  spec.block = 2;
  spec.edges = {0.0, 0.15 * width, 0.3 * width, 0.4 * width, 0.5 * width};
  return make_detector(spec, at);
}

// A kind of layer with options under which it is smooth.
inline LayerSpec layer_spec(const std::string& kind) {
  LayerSpec spec;
  spec.kind = kind;
  if (kind == "bounded phase") {
    spec.kind = "phase";
    spec.max_phase = 6.0;
  }
  spec.material = "constant";
  spec.n = 1.7;
  spec.k = 0.02;
  spec.h_min = 0.1e-3;
  spec.h_max = 1.2e-3;
  spec.table_control = {0, 80, 160, 255};
  spec.table_amplitude = {0.9, 0.7, 0.95, 0.8};
  spec.table_phase = {0.2, 1.6, 3.1, 5.5};
  return spec;
}

inline const std::vector<std::string>& trainable_layers() {
  static const std::vector<std::string> kinds{"phase",   "bounded phase", "amplitude",
                                              "complex", "height",        "device"};
  return kinds;
}

// Layers of these kinds, 3 to 4 mm apart, on planes of n by n samples.
inline StackDescription stack_of(const std::vector<std::string>& kinds, int n,
                                 const std::string& detector_kind = "regions",
                                 std::vector<double> wavelengths = {0.75e-3}) {
  StackDescription stack;
  stack.wavelengths = std::move(wavelengths);
  stack.source = plane(n, n);
  double distance = 3e-3;
  for (const std::string& kind : kinds) {
    stack.layers.push_back({make_layer(layer_spec(kind), plane(n, n)), distance});
    distance += 0.5e-3;
  }
  stack.detector_distance = 4e-3;
  stack.detector_plane = plane(n, n);
  for (std::size_t k = 0; k < stack.wavelengths.size(); ++k)
    stack.detectors.push_back(detector(detector_kind, stack.detector_plane));
  stack.reading_count = stack.detectors.front().reading_count;
  stack.propagation.method = PropagationMethod::angular_spectrum;
  return stack;
}

// A device that is wrong in every way.
inline Misalignment crooked(const StackDescription& stack) {
  Misalignment m;
  m.wavelength_factor = 1.01;
  for (std::size_t p = 0; p <= stack.layers.size(); ++p) {
    Misalignment::OfPlane of;
    const double sign = p % 2 == 0 ? 1.0 : -1.0;
    of.shift_x = sign * 0.13e-3;
    of.shift_y = 0.07e-3 * static_cast<double>(p);
    of.gap = sign * 0.2e-3;
    if (p < stack.layers.size()) {
      of.tilt_x = sign * 0.02;
      of.tilt_y = 0.01;
      const Random random(3, p);
      for (std::size_t i = 0; i < stack.layers[p].layer->plane().size(); ++i)
        of.phase_error.push_back(0.2 * random.normal(i));
    }
    m.planes.push_back(std::move(of));
  }
  return m;
}

// Random parameters, where every kind of layer is smooth.
inline std::vector<double> start_of(const StackDescription& stack, std::uint64_t seed = 1) {
  std::vector<double> all;
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    const Random random(seed, l);
    for (std::size_t i = 0; i < stack.layers[l].layer->parameter_count(); ++i)
      all.push_back(random.uniform(i, -1.5, 1.5));
  }
  return all;
}

// Samples with light in one of the corners more than elsewhere, whose label is the corner.
class CornerInputs final : public InputSet {
 public:
  CornerInputs(const Plane& plane, std::size_t count, int classes, std::size_t target_values = 0,
               std::uint64_t seed = 1)
      : plane_(plane), count_(count), classes_(classes), seed_(seed) {
    const Random random(seed, 999);
    for (std::size_t i = 0; i < count * target_values; ++i)
      values_.push_back(random.uniform(i, 0.1, 1.0));
  }
  std::size_t count() const override { return count_; }
  void fill(std::size_t index, int channel,
            std::span<std::complex<double>> amplitudes) const override {
    const Random random(seed_, index * 100 + static_cast<std::size_t>(channel));
    const int corner = static_cast<int>(index) % 4;
    for (int j = 0; j < plane_.ny; ++j)
      for (int i = 0; i < plane_.nx; ++i) {
        const std::size_t at = static_cast<std::size_t>(j * plane_.nx + i);
        const bool here =
            (2 * i < plane_.nx) == (corner % 2 == 0) && (2 * j < plane_.ny) == (corner / 2 == 0);
        amplitudes[at] = (here ? 1.0 : 0.3) * std::polar(random.uniform(2 * at, 0.7, 1.0),
                                                         random.uniform(2 * at + 1, -0.5, 0.5));
      }
  }
  double power(std::size_t index) const override {
    std::vector<std::complex<double>> field(plane_.size());
    fill(index, 0, field);
    double sum = 0.0;
    for (const auto& u : field) sum += std::norm(u);
    return sum * plane_.cell_area();
  }
  Target target(std::size_t index) const override {
    Target target;
    if (values_.empty()) {
      target.label = static_cast<int>(index) % classes_;
    } else {
      const std::size_t width = values_.size() / count_;
      target.values = std::span<const double>(values_).subspan(index * width, width);
    }
    return target;
  }

 private:
  Plane plane_;
  std::size_t count_;
  int classes_;
  std::uint64_t seed_;
  std::vector<double> values_;
};

inline DiffractiveSystemOptions in_double(int threads = 1) {
  DiffractiveSystemOptions options;
  options.precision = Precision::f64;
  options.threads = threads;
  return options;
}

}  // namespace wavesmith::test
