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
  for (const auto& [gap, count] : stack_->passes())
    forward_operations_ += count * gap_operations(gap);
  backward_operations_ = forward_operations_ - gap_operations(stack_->gaps().front());
  // Fields behind every layer on the way there and on the way back, and at the detector.
  for (const StackLayer& entry : description.layers)
    pixels_ += 2.0 * static_cast<double>(entry.layer->plane().size());
  pixels_ += static_cast<double>(description.detector_plane.size());
  stack_->set_misalignment(options.misalignment);
}

void DiffractiveSystem::set_parameters(std::span<const double> parameters) {
  std::vector<double> held;
  if (options_.phase_levels > 0) {
    held.assign(parameters.begin(), parameters.end());
    const double step = 2.0 * std::numbers::pi / options_.phase_levels;
    const auto& layers = stack_->description().layers;
    for (int l = 0; l < static_cast<int>(layers.size()); ++l)
      if (layers[static_cast<std::size_t>(l)].layer->is_plain_phase())
        for (double& phase : stack_->layer_parameters(l, std::span<double>(held)))
          phase = step * std::round(phase / step);
    parameters = held;
  }
  if (options_.robust.any())
    stack_->set_parameters(parameters, draw_misalignment(stack_->description(), options_.robust,
                                                         options_.robust_seed, occasion_));
  else
    stack_->set_parameters(parameters);
}

double DiffractiveSystem::operations(const Batch& batch, bool error_too) const {
  const StackDescription& description = stack_->description();
  const double channels = static_cast<double>(description.wavelengths.size()) * description.modes;
  return batch.size() * channels * (forward_operations_ + (error_too ? backward_operations_ : 0.0));
}

void DiffractiveSystem::count_respond(const Batch& batch) {
  cost_.operations += operations(batch, false);
  cost_.experiments += batch.size();
  cost_.exposures += batch.size();
  cost_.readings += static_cast<double>(batch.size()) * stack_->description().reading_count;
}

void DiffractiveSystem::count_adjoint(const Batch& batch) {
  const StackDescription& description = stack_->description();
  const double fields = static_cast<double>(batch.size()) * description.modes *
                        static_cast<double>(description.wavelengths.size());
  const double planes = 2.0 * static_cast<double>(description.layers.size()) + 1.0;
  cost_.operations += operations(batch, true);
  cost_.experiments += 2.0 * batch.size();
  cost_.exposures += fields * planes * Interferometer::exposures;
  cost_.readings += fields * pixels_ * Interferometer::exposures;
}

void DiffractiveSystem::respond(const Batch& batch, std::span<double> readings) {
  stack_->respond(
      batch.size(),
      [&](int sample, int channel, std::span<Complex> field) {
        batch.inputs->fill(batch.indices[static_cast<std::size_t>(sample)], channel, field);
      },
      readings);
  count_respond(batch);
}

void DiffractiveSystem::pull_back(const Batch& batch, const SampleLoss& loss,
                                  std::span<double> readings, std::span<double> gradient) {
  stack_->pull_back(
      batch.size(),
      [&](int sample, int channel, std::span<Complex> field) {
        batch.inputs->fill(batch.indices[static_cast<std::size_t>(sample)], channel, field);
      },
      loss, readings, gradient);
  cost_.operations += operations(batch, true);
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
  count_adjoint(batch);
}

}  // namespace wavesmith
