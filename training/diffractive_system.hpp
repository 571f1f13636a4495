// A diffractive stack as a physical system: light in, power on detectors out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "solvers/diffractive_stack.hpp"
#include "training/interferometer.hpp"
#include "training/misalignment_draw.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

struct DiffractiveSystemOptions {
  Precision precision = Precision::f32;
  Device device;
  int threads = 0;  // 0: all
  // A built device, which differs from its description for good:
  Misalignment misalignment;
  int phase_levels = 0;  // plain phase layers hold so many levels over 2 pi; 0: any phase
  // Another misalignment each batch, on top of none: robust training of a model.
  MisalignmentSpread robust;
  std::uint64_t robust_seed = 1;
  InterferometerSettings interferometer;  // of the adjoint experiment
};

class DiffractiveSystem final : public PhysicalSystem, public AdjointExperiment {
 public:
  DiffractiveSystem(const StackDescription& description, const DiffractiveSystemOptions& options);

  DiffractiveStack& stack() { return *stack_; }
  std::size_t parameter_count() const override { return stack_->parameter_count(); }
  int reading_count() const override { return stack_->description().reading_count; }
  void set_parameters(std::span<const double> parameters) override;
  void respond(const Batch& batch, std::span<double> readings) override;
  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) override;
  void adjoint_experiment(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                          std::span<double> gradient) override;
  const Cost& cost() const override { return cost_; }
  void reset_cost() override { cost_ = {}; }
  void set_occasion(std::uint64_t occasion) override { occasion_ = occasion; }

 private:
  // Waves simulated for a batch, forward and, where `error_too`, backward.
  double operations(const Batch& batch, bool error_too) const;
  void count_respond(const Batch& batch);
  void count_adjoint(const Batch& batch);

  std::unique_ptr<DiffractiveStack> stack_;
  DiffractiveSystemOptions options_;
  std::uint64_t occasion_ = 0;
  // Real operations a sample and channel: from the source to the detectors, and of the error from
  // the detectors to the first layer, which is one gap less.
  double forward_operations_ = 0.0, backward_operations_ = 0.0;
  double pixels_ = 0.0;  // of all planes that an interferometer reads, both ways
  Cost cost_;
};

}  // namespace wavesmith
