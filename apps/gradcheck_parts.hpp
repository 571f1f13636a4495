// What gradcheck asks of every kind of scene.
#pragma once

#include <algorithm>
#include <string>

#include "training/physical_system.hpp"

namespace wavesmith {

constexpr double transpose_bound = 1e-12;
constexpr double difference_bound = 1e-6;

// The first samples of a set that outlives it.
class FewInputs final : public InputSet {
 public:
  FewInputs(const InputSet& all, std::size_t count)
      : all_(all), count_(std::min(count, all.count())) {}
  std::size_t count() const override { return count_; }
  void fill(std::size_t index, int channel,
            std::span<std::complex<double>> amplitudes) const override {
    all_.fill(index, channel, amplitudes);
  }
  double power(std::size_t index) const override { return all_.power(index); }
  Target target(std::size_t index) const override { return all_.target(index); }

 private:
  const InputSet& all_;
  std::size_t count_;
};

// Prints a line; true where the error keeps its bound.
bool report_check(const std::string& what, double error, double bound);

}  // namespace wavesmith
