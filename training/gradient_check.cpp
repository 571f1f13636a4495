#include "training/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/random.hpp"

namespace wavesmith {
namespace {

// Streams of the seed.
enum : std::uint64_t { transmission_stream = 1, direction_stream = 1000, cotangent_stream = 2 };

// A layer whose parameters are the real and imaginary parts of its transmission.
class FreeTransmission final : public Layer {
 public:
  explicit FreeTransmission(const Plane& plane) : plane_(plane) {}
  const Plane& plane() const override { return plane_; }
  std::size_t parameter_count() const override { return 2 * plane_.size(); }
  void initial_parameters(std::uint64_t seed, double, std::span<double> parameters) const override {
    const Random random(seed, transmission_stream);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i] = random.uniform(i, -1.0, 1.0);
  }
  void transmission(std::span<const double> p, double, std::span<Complex> t) const override {
    for (std::size_t i = 0; i < t.size(); ++i) t[i] = {p[2 * i], p[2 * i + 1]};
  }
  void pull_back(std::span<const double>, double, std::span<const Complex> g,
                 std::span<double> gradient) const override {
    for (std::size_t i = 0; i < g.size(); ++i) {
      gradient[2 * i] += g[i].real();
      gradient[2 * i + 1] += g[i].imag();
    }
  }

 private:
  Plane plane_;
};

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double relative(double a, double b) {
  const double scale = std::abs(a) + std::abs(b);
  return scale > 0.0 ? std::abs(a - b) / scale : 0.0;
}

std::vector<std::size_t> all_of(const InputSet& inputs) {
  std::vector<std::size_t> indices(inputs.count());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

SampleLoss loss_of(const InputSet& inputs, const Loss& loss) {
  return
      [&inputs, &loss](int sample, std::span<const double> readings, std::span<double> cotangent) {
        const std::size_t s = static_cast<std::size_t>(sample);
        return loss.evaluate(readings, inputs.power(s), inputs.target(s), cotangent);
      };
}

double total_loss(PhysicalSystem& system, const InputSet& inputs, const Loss& loss,
                  std::span<const double> parameters) {
  const std::vector<std::size_t> indices = all_of(inputs);
  const std::size_t width = static_cast<std::size_t>(system.reading_count());
  std::vector<double> readings(indices.size() * width);
  system.set_parameters(parameters);
  system.respond({&inputs, indices}, readings);
  const SampleLoss of_sample = loss_of(inputs, loss);
  double sum = 0.0;
  for (std::size_t s = 0; s < indices.size(); ++s)
    sum += of_sample(static_cast<int>(s),
                     std::span<const double>(readings).subspan(s * width, width), {});
  return sum;
}

}  // namespace

double transpose_error(const StackDescription& description, const InputSet& inputs,
                       const Device& device, int threads, std::uint64_t seed,
                       const Misalignment& misalignment) {
  StackDescription free = description;
  std::vector<double> parameters;
  for (std::size_t l = 0; l < free.layers.size(); ++l) {
    const auto layer = std::make_shared<FreeTransmission>(free.layers[l].layer->plane());
    std::vector<double> own(layer->parameter_count());
    layer->initial_parameters(seed + l, 1.0, own);
    parameters.insert(parameters.end(), own.begin(), own.end());
    if (free.layers[l].slices == 0) {
      free.layers[l].layer = layer;
      continue;
    }
    // Not a quadratic form of what is trained: it stays as it is, and waves go through it.
    parameters.resize(parameters.size() - own.size());
    own.resize(description.layers[l].layer->parameter_count());
    description.layers[l].layer->initial_parameters(seed + l, 1.0, own);
    parameters.insert(parameters.end(), own.begin(), own.end());
  }
  DiffractiveStack stack(free, Precision::f64, device, threads);
  stack.set_misalignment(misalignment);
  const std::size_t samples = inputs.count();
  const std::size_t width = static_cast<std::size_t>(free.reading_count);
  std::vector<double> weights(samples * width);
  const Random random(seed, cotangent_stream);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = random.uniform(i, -1.0, 1.0);

  const auto fill = [&](int sample, int channel, std::span<Complex> field) {
    inputs.fill(static_cast<std::size_t>(sample), channel, field);
  };
  const auto objective = [&](std::span<const double> at) {
    std::vector<double> readings(samples * width);
    stack.set_parameters(at);
    stack.respond(static_cast<int>(samples), fill, readings);
    return dot(readings, weights);
  };

  std::vector<double> readings(samples * width), gradient(parameters.size());
  stack.set_parameters(parameters);
  stack.pull_back(
      static_cast<int>(samples), fill,
      [&](int sample, std::span<const double>, std::span<double> cotangent) {
        const auto from =
            weights.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(sample) * width);
        std::copy_n(from, width, cotangent.begin());
      },
      readings, gradient);

  double worst = 0.0;
  for (int l = 0; l < static_cast<int>(free.layers.size()); ++l) {
    if (free.layers[static_cast<std::size_t>(l)].slices > 0) continue;
    std::vector<double> direction(parameters.size(), 0.0), forward = parameters,
                                                           backward = parameters;
    const Random of_layer(seed, direction_stream + static_cast<std::uint64_t>(l));
    const std::span<double> own = stack.layer_parameters(l, std::span<double>(direction));
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = of_layer.uniform(i, -1.0, 1.0);
    for (std::size_t i = 0; i < direction.size(); ++i) {
      forward[i] += direction[i];
      backward[i] -= direction[i];
    }
    const double up = objective(forward), down = objective(backward);
    // The difference of two large numbers: their size is what rounding is relative to.
    const double slope = dot(gradient, direction);
    worst = std::max(worst, std::abs(0.5 * (up - down) - slope) /
                                (std::abs(up) + std::abs(down) + std::abs(slope)));
  }
  return worst;
}

std::vector<double> exact_gradient(PhysicalSystem& system, const InputSet& inputs, const Loss& loss,
                                   std::span<const double> parameters) {
  const std::vector<std::size_t> indices = all_of(inputs);
  std::vector<double> gradient(parameters.size());
  std::vector<double> readings(indices.size() * static_cast<std::size_t>(system.reading_count()));
  system.set_parameters(parameters);
  system.pull_back({&inputs, indices}, loss_of(inputs, loss), readings, gradient);
  return gradient;
}

double finite_difference_error(PhysicalSystem& system, const InputSet& inputs, const Loss& loss,
                               std::span<const double> parameters, int directions,
                               std::uint64_t seed) {
  const std::vector<double> gradient = exact_gradient(system, inputs, loss, parameters);
  double worst = 0.0;
  for (int d = 0; d < directions; ++d) {
    const Random random(seed, direction_stream + static_cast<std::uint64_t>(d));
    std::vector<double> direction(parameters.size());
    for (std::size_t i = 0; i < direction.size(); ++i) direction[i] = random.normal(i);
    // Half random, half along the gradient, whose slope is not lost among many small terms.
    const double length = std::sqrt(dot(direction, direction));
    const double steepness = std::sqrt(dot(gradient, gradient));
    for (std::size_t i = 0; i < direction.size(); ++i)
      direction[i] = direction[i] / length + (steepness > 0.0 ? gradient[i] / steepness : 0.0);
    const double slope = dot(gradient, direction);
    const auto at = [&](double step) {
      std::vector<double> moved(parameters.begin(), parameters.end());
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * direction[i];
      return total_loss(system, inputs, loss, moved);
    };
    double best = std::numeric_limits<double>::infinity();
    // Small steps are for what has kinks (the slices of a volume), which long ones run across.
    for (const double h : {3e-2, 1e-2, 3e-3, 3e-4, 3e-5}) {
      if (h < 1e-3 && best < 1e-7) break;
      const double difference =
          (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
      best = std::min(best, relative(difference, slope));
    }
    worst = std::max(worst, best);
  }
  return worst;
}

namespace {

std::vector<double> method_gradient(PhysicalSystem& device, PhysicalSystem& model,
                                    const TrainingMethod& method, const InputSet& inputs,
                                    const Loss& loss, std::span<const double> parameters,
                                    std::uint64_t seed) {
  const std::vector<std::size_t> indices = all_of(inputs);
  std::vector<double> gradient(parameters.size());
  std::vector<double> readings(indices.size() * static_cast<std::size_t>(device.reading_count()));
  const SampleLoss of_sample = loss_of(inputs, loss);
  method.gradient(
      {&device, &model, {&inputs, indices}, &of_sample, parameters, seed, 0, readings, gradient});
  return gradient;
}

}  // namespace

double method_error(PhysicalSystem& system, const TrainingMethod& method, const InputSet& inputs,
                    const Loss& loss, std::span<const double> parameters) {
  const std::vector<double> exact = exact_gradient(system, inputs, loss, parameters);
  const std::vector<double> gradient =
      method_gradient(system, system, method, inputs, loss, parameters, 1);
  double difference = 0.0;
  for (std::size_t i = 0; i < exact.size(); ++i)
    difference += (gradient[i] - exact[i]) * (gradient[i] - exact[i]);
  const double length = std::sqrt(dot(exact, exact));
  return length > 0.0 ? std::sqrt(difference) / length : std::sqrt(difference);
}

GradientAgreement method_agreement(PhysicalSystem& device, PhysicalSystem& model,
                                   const TrainingMethod& method, const InputSet& inputs,
                                   const Loss& loss, std::span<const double> parameters,
                                   std::uint64_t seed) {
  const std::vector<double> exact = exact_gradient(device, inputs, loss, parameters);
  return compare_gradients(method_gradient(device, model, method, inputs, loss, parameters, seed),
                           exact);
}

GradientAgreement compare_gradients(std::span<const double> gradient,
                                    std::span<const double> exact) {
  const double a = std::sqrt(dot(gradient, gradient)), b = std::sqrt(dot(exact, exact));
  if (!(a > 0.0) || !(b > 0.0)) return {1.0, b > 0.0 ? a / b : 0.0};
  // 1 - cosine from the difference of the unit vectors, which does not cancel when they agree.
  double distance = 0.0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double d = gradient[i] / a - exact[i] / b;
    distance += d * d;
  }
  return {0.5 * distance, a / b};
}

}  // namespace wavesmith
