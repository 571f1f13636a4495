#include "training/diffractive_system.hpp"

#include <cmath>
#include <numbers>

namespace wavesmith {
namespace {

// 5 n log2 n real operations a transform of n complex numbers, and 6 a complex product.
double transform_operations(double n) {
  return 5.0 * n * std::log2(std::max(n, 2.0));
}

double gap_operations(const Gap& gap) {
  const GridSize grid = convolution_grid(gap);
  const double nx = grid.nx, ny = grid.ny;
  return (gap.in.ny + gap.out.ny) * transform_operations(nx) + 2.0 * nx * transform_operations(ny) +
         6.0 * nx * ny;
}

}  // namespace

DiffractiveSystem::DiffractiveSystem(const StackDescription& description,
                                     const DiffractiveSystemOptions& options)
    : stack_(std::make_unique<DiffractiveStack>(description, options.precision, options.device,
                                                options.threads)),
      options_(options) {
  for (const Gap& gap : stack_->gaps()) operations_per_pass_ += gap_operations(gap);
  // Fields behind every layer on the way there and on the way back, and at the detector.
  for (const StackLayer& entry : description.layers)
    pixels_ += 2.0 * static_cast<double>(entry.layer->plane().size());
  pixels_ += static_cast<double>(description.detector_plane.size());
  stack_->set_misalignment(options.misalignment);
}

void DiffractiveSystem::set_parameters(std::span<const double> parameters) {
  if (options_.robust.any())
    stack_->set_misalignment(
        draw_misalignment(stack_->description(), options_.robust, options_.robust_seed, occasion_));
  if (options_.phase_levels == 0) {
    stack_->set_parameters(parameters);
    return;
  }
  std::vector<double> held(parameters.begin(), parameters.end());
  const double step = 2.0 * std::numbers::pi / options_.phase_levels;
  const auto& layers = stack_->description().layers;
  for (int l = 0; l < static_cast<int>(layers.size()); ++l)
    if (layers[static_cast<std::size_t>(l)].layer->is_plain_phase())
      for (double& phase : stack_->layer_parameters(l, std::span<double>(held)))
        phase = step * std::round(phase / step);
  stack_->set_parameters(held);
}

void DiffractiveSystem::count(const Batch& batch, int passes, bool measured) {
  const StackDescription& description = stack_->description();
  const double channels = static_cast<double>(description.wavelengths.size()) * description.modes;
  const double samples = batch.size();
  cost_.operations += samples * channels * passes * operations_per_pass_;
  cost_.experiments += samples * (measured ? 2.0 : 1.0);
  if (measured) {
    const double planes = 2.0 * static_cast<double>(description.layers.size()) + 1.0;
    cost_.exposures += samples * channels * planes * Interferometer::exposures;
    cost_.readings += samples * channels * pixels_ * Interferometer::exposures;
  } else {
    cost_.exposures += samples;
    cost_.readings += samples * description.reading_count;
  }
}

void DiffractiveSystem::respond(const Batch& batch, std::span<double> readings) {
  stack_->respond(
      batch.size(),
      [&](int sample, int channel, std::span<Complex> field) {
        batch.inputs->fill(batch.indices[static_cast<std::size_t>(sample)], channel, field);
      },
      readings);
  count(batch, 1, false);
}

void DiffractiveSystem::pull_back(const Batch& batch, const SampleLoss& loss,
                                  std::span<double> readings, std::span<double> gradient) {
  stack_->pull_back(
      batch.size(),
      [&](int sample, int channel, std::span<Complex> field) {
        batch.inputs->fill(batch.indices[static_cast<std::size_t>(sample)], channel, field);
      },
      loss, readings, gradient);
  const StackDescription& description = stack_->description();
  cost_.operations += 2.0 * batch.size() * static_cast<double>(description.wavelengths.size()) *
                      description.modes * operations_per_pass_;
}

void DiffractiveSystem::adjoint_experiment(const Batch& batch, const SampleLoss& loss,
                                           std::span<double> readings, std::span<double> gradient) {
  const StackDescription& description = stack_->description();
  const Interferometer interferometer(
      options_.interferometer, static_cast<int>(description.layers.size()) + 1,
      static_cast<int>(description.wavelengths.size()) * description.modes, occasion_);
  stack_->pull_back(
      batch.size(),
      [&](int sample, int channel, std::span<Complex> field) {
        batch.inputs->fill(batch.indices[static_cast<std::size_t>(sample)], channel, field);
      },
      loss, readings, gradient, &interferometer);
  count(batch, 2, true);
}

}  // namespace wavesmith
