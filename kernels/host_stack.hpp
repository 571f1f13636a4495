// The stack engine on the CPU: what it holds, and the steps of a run.
#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/host_passes.hpp"
#include "kernels/stack_engine.hpp"

namespace wavesmith::host {

// Gradients are summed in so many parts, whatever the number of threads, and the parts added in
// order.
inline constexpr int gradient_parts = 16;

// The first failure of a callback, which must not leave a parallel region nor keep its team
// waiting: the rest of the sample goes on with what there is, and the failure comes out at the end.
class Failure {
 public:
  template <class Action>
  void guard(const Action& action) {
    try {
      action();
    } catch (...) {
      const std::lock_guard<std::mutex> hold(lock_);
      if (!first_) first_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::mutex lock_;
  std::exception_ptr first_;
};

template <class T>
class HostStackEngine final : public StackEngine<T> {
 public:
  HostStackEngine(const StackSize& size, int threads);

  void set_transfer(int gap, int wavelength, std::span<const std::complex<double>> values,
                    int link) override;

  void share_transfer(int gap, int wavelength, int from_gap, int from_wavelength, int link,
                      int from_link) override;

  void set_transmission(int layer, int wavelength, std::span<const std::complex<double>> t,
                        int medium) override;

  void set_phase(int layer, std::span<const double> phase) override;

  void set_detector(int wavelength, std::span<const ReadingWeight> weights) override {
    detectors_[static_cast<std::size_t>(wavelength)].assign(weights.begin(), weights.end());
  }

  void set_mode_weights(std::span<const double> weights) override {
    mode_weights_.assign(weights.begin(), weights.end());
  }

  void run(const StackRequest<T>& request, std::span<double> readings) override;

  void phase_gradient(int layer, std::span<double> gradient) override;

  void transmission_cotangent(int layer, int wavelength, std::span<std::complex<double>> g,
                              int medium) override;

  std::size_t bytes() const override {
    return estimate_engine_bytes(size_, sizeof(T), gradient_parts, threads_);
  }

 private:
  // What a team keeps while it works on a sample.
  struct TeamScratch {
    Team team;
    ComplexArray<T> spectrum, copy;
    std::vector<ComplexArray<T>> error, back;            // [medium]
    std::vector<std::vector<ComplexArray<T>>> fields;    // [plane 0 .. L + 1][channel, medium]
    std::vector<std::vector<ComplexArray<T>>> measured;  // the same as an instrument reads it
    std::vector<double> cotangent;
    int part = 0;  // of the samples, that the team is at
    explicit TeamScratch(int members) : team(members) {}
  };

  const LaneShape& shape(int plane) const { return shapes_[static_cast<std::size_t>(plane)]; }
  int planes() const { return static_cast<int>(shapes_.size()); }
  bool plain(int layer) const { return size_.plain_phase[static_cast<std::size_t>(layer)]; }
  ComplexArray<T>& transmission(int layer, int wavelength, int medium = 0) {
    auto& all = transmission_[static_cast<std::size_t>(layer)];
    return all[all.size() == 1
                   ? 0
                   : static_cast<std::size_t>(wavelength * size_.media_at(layer + 1) + medium)];
  }
  // Of a channel's fields on a plane, that of one medium.
  ComplexArray<T>& field_of(std::vector<std::vector<ComplexArray<T>>>& fields, int plane,
                            int channel, int medium = 0) const {
    return fields[static_cast<std::size_t>(plane)]
                 [static_cast<std::size_t>(channel * size_.media_at(plane) + medium)];
  }
  // Gradients of a layer that are kept for each part: plain phase has one real array.
  int gradient_arrays(int layer) const {
    return plain(layer) ? 1 : size_.wavelengths * size_.media_at(layer + 1);
  }
  Passage<T> passage(int gap, int wavelength, bool adjoint, int link) {
    GapData<T>& data = gaps_[static_cast<std::size_t>(gap)];
    Passage<T> pass{};
    pass.gap = &data;
    pass.transfer =
        data.transfer[static_cast<std::size_t>(wavelength * size_.links(gap) + link)].get();
    pass.adjoint = adjoint;
    pass.in_shape = shape(adjoint ? gap + 1 : gap);
    pass.out_shape = shape(adjoint ? gap : gap + 1);
    return pass;
  }

  // Whether the rows of two gaps' spectra lie in the same places, so that a member who goes on to
  // the other gap writes only where it has read itself.
  bool same_blocks(int gap, int other) const {
    return gaps_[static_cast<std::size_t>(gap)].mx_padded ==
           gaps_[static_cast<std::size_t>(other)].mx_padded;
  }

  void prepare(int teams, int members, bool gradients, bool measured);
  void forward(const StackRequest<T>& request, int sample, TeamScratch& own, ThreadScratch<T>& line,
               int rank, std::span<double> readings, Failure& failure);
  void backward(const StackRequest<T>& request, int sample, TeamScratch& own,
                ThreadScratch<T>& line, int rank, int part, Failure& failure);
  void accumulate(int layer, int wavelength, int medium, int part, const ComplexArray<T>& incident,
                  const ComplexArray<T>* outgoing, const ComplexArray<T>& error, int block);

  StackSize size_;
  int threads_;
  std::vector<LaneShape> shapes_;
  std::vector<GapData<T>> gaps_;
  std::vector<std::vector<ComplexArray<T>>> transmission_;  // [layer][wavelength, medium, or one]
  std::vector<std::vector<ReadingWeight>> detectors_;       // [wavelength]
  std::vector<double> mode_weights_;
  // [layer][part] (plain phase) or [layer][part][wavelength, medium].
  std::vector<std::vector<ComplexArray<T>>> gradient_;
  int parts_used_ = 0;
  std::vector<std::unique_ptr<TeamScratch>> teams_;
  std::vector<std::unique_ptr<ThreadScratch<T>>> lines_;
};

}  // namespace wavesmith::host
