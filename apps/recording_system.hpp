#pragma once

#include <vector>

#include "training/physical_system.hpp"

namespace wavesmith {

// A system that keeps what was read, so that a test set is run through it once for all that is told
// of it.
class RecordingSystem final : public PhysicalSystem {
 public:
  RecordingSystem(PhysicalSystem& system, std::vector<double>* readings)
      : system_(system), readings_(readings) {}
  std::size_t parameter_count() const override { return system_.parameter_count(); }
  int reading_count() const override { return system_.reading_count(); }
  void set_parameters(std::span<const double> parameters) override {
    system_.set_parameters(parameters);
  }
  void respond(const Batch& batch, std::span<double> readings) override {
    system_.respond(batch, readings);
    if (readings_ != nullptr) readings_->insert(readings_->end(), readings.begin(), readings.end());
  }
  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) override {
    system_.pull_back(batch, loss, readings, gradient);
  }
  const Cost& cost() const override { return system_.cost(); }
  void reset_cost() override { system_.reset_cost(); }
  void set_occasion(std::uint64_t occasion) override { system_.set_occasion(occasion); }

 private:
  PhysicalSystem& system_;
  std::vector<double>* readings_;
};

}  // namespace wavesmith
