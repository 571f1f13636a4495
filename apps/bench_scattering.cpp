// wavesmith bench scattering: coupled resonators, 128-80-10, each sample another matrix, with the
// gradient of all parameters; against the operations that the method needs at least, done at the
// rate of plain fused multiply-adds, and a training epoch.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <thread>

#include "apps/bench_parts.hpp"
#include "core/random.hpp"
#include "kernels/multiply_rate.hpp"
#include "training/losses.hpp"
#include "training/optimizer.hpp"
#include "training/resonator_parameters.hpp"
#include "training/resonator_system.hpp"

namespace wavesmith {
namespace {

constexpr int batch_samples = 200, epoch_samples = 3823, rounds = 7;

// Pixels of 0 to 16, half of them empty, as in optdigits.
class BenchPixels final : public InputSet {
 public:
  BenchPixels() : pixels_(std::size_t{epoch_samples} * 64) {
    const Random random(1, 1);
    for (std::size_t i = 0; i < pixels_.size(); ++i)
      pixels_[i] = std::max(0.0, std::floor(random.uniform(i, -16.0, 17.0))) / 16.0;
  }
  std::size_t count() const override { return epoch_samples; }
  void fill(std::size_t index, int, std::span<std::complex<double>> amplitudes) const override {
    for (std::size_t i = 0; i < amplitudes.size(); ++i) amplitudes[i] = pixels_[index * 64 + i];
  }
  double power(std::size_t) const override { return 1.0; }
  Target target(std::size_t index) const override {
    Target target;
    target.label = static_cast<int>(index % 10);
    return target;
  }

 private:
  std::vector<double> pixels_;
};

class ScatteringBench {
 public:
  explicit ScatteringBench(const BenchOptions& options, const Device& device) {
    const LayeredNetwork network = uniform_layers({128, 80, 10}, 0.5, 0.0);
    ResonatorSystemOptions of_system;
    of_system.precision = options.precision;
    of_system.device = device;
    of_system.threads = options.threads;
    system_ = std::make_unique<ResonatorSystem>(network, of_system);
    LossSpec loss;
    loss.reading_count = 10;
    loss.normalise = "none";
    loss.scale = 8.0;
    loss_ = make_loss(loss);
    OptimizerSpec optimizer;
    optimizer.name = "sgd";
    optimizer_ = make_optimizer(optimizer, network.parameter_count());
    parameters_ = starting_parameters(network, {}, 1);
    gradient_.resize(parameters_.size());
    readings_.resize(batch_samples * 10);
  }

  // A training step on samples first .. first + count.
  void step(int first, int count) {
    indices_.resize(static_cast<std::size_t>(count));
    std::iota(indices_.begin(), indices_.end(), static_cast<std::size_t>(first));
    system_->set_parameters(parameters_);
    system_->pull_back(
        {&inputs_, indices_},
        [&](int sample, std::span<const double> readings, std::span<double> cotangent) {
          return loss_->evaluate(
              readings, 1.0, inputs_.target(indices_[static_cast<std::size_t>(sample)]), cotangent);
        },
        std::span<double>(readings_).first(indices_.size() * 10), gradient_);
    optimizer_->begin_step();
    optimizer_->step_range(0, gradient_.size(), 1e-4, gradient_, parameters_);
  }
  void epoch() {
    for (int first = 0; first < epoch_samples; first += batch_samples)
      step(first, std::min(batch_samples, epoch_samples - first));
  }
  double operations() {
    system_->reset_cost();
    step(0, batch_samples);
    return system_->cost().operations;
  }

 private:
  BenchPixels inputs_;
  std::unique_ptr<ResonatorSystem> system_;
  std::unique_ptr<Loss> loss_;
  std::unique_ptr<Optimizer> optimizer_;
  std::vector<double> parameters_, gradient_, readings_;
  std::vector<std::size_t> indices_;
};

}  // namespace

void bench_scattering(const BenchOptions& options, const Device& device) {
  BenchOptions used = options;
  used.threads = bench_threads(options);
  ScatteringBench bench(used, device);
  const double operations = bench.operations() / batch_samples;
  std::vector<double> step, epoch, limit;
  for (int round = 0; round < rounds; ++round) {
    limit.push_back(operations / multiply_rate(used.precision, used.threads));
    step.push_back(seconds_of([&] { bench.step(0, batch_samples); }) / batch_samples);
    epoch.push_back(seconds_of([&] { bench.epoch(); }) / epoch_samples);
  }
  for (const bool whole : {false, true}) {
    nlohmann::ordered_json row;
    row["name"] = "scattering";
    fill_bench_row(row, used, device, whole ? epoch : step, limit);
    row["size"] = whole ? fmt::format("128-80-10, epoch of {}", epoch_samples)
                        : fmt::format("128-80-10, batch {}", batch_samples);
    row["unit"] = "samples";
    row["bytes_per_unit"] = nullptr;
    row["operations_per_unit"] = operations;
    if (whole) row["seconds_per_epoch"] = median(epoch) * epoch_samples;
    print_bench_row(options, row);
  }
}

}  // namespace wavesmith
