// Fields of samples on their way through repeated scattering (physics/repeated_scattering.hpp), and
// of errors on their way back.
//
// Backward light meets the transposed medium, as reciprocity has it: with b_{R} = dL/dRe E_R
// - i dL/dIm E_R at the detectors, b'_r = G^T b_{r+1} arrives behind mask r, b_r = t_r b'_r goes
// on, and dL/dt_r,j = Re(b'_r,j E_r,j): the product of two fields that can be measured.
#pragma once

#include <complex>
#include <memory>
#include <span>

#include "kernels/device.hpp"
#include "physics/repeated_scattering.hpp"

namespace wavesmith {

class RepeatedPasses {
 public:
  // threads 0: all. Throws InputError for a network that cannot be.
  RepeatedPasses(RepeatedScattering network, Precision precision, int threads);
  ~RepeatedPasses();

  const RepeatedScattering& network() const { return network_; }
  // Biases, then scales. Throws InputError unless all are finite and as many as there are.
  void set_parameters(std::span<const double> parameters);

  // features: batch x F. fields: batch x (R + 1) x N, before each mask and at the detectors.
  void forward(std::span<const double> features, std::span<std::complex<double>> fields) const;
  // error: batch x N at the detectors. fields: batch x R x N, arriving behind each mask.
  void pull_back(std::span<const double> features, std::span<const std::complex<double>> error,
                 std::span<std::complex<double>> fields) const;
  // The gradient of the parameters from the fields of both ways, summed over the batch.
  void products(std::span<const double> features,
                std::span<const std::complex<double>> forward_fields,
                std::span<const std::complex<double>> backward_fields,
                std::span<double> gradient) const;

  double operations() const;  // real ones, of one sample one way

 private:
  template <class T>
  struct Engine;
  std::size_t batch_of(std::span<const double> features) const;
  double transmission(std::size_t repetition, std::size_t mode,
                      std::span<const double> features) const;

  RepeatedScattering network_;
  int threads_;
  std::vector<double> parameters_;
  std::unique_ptr<Engine<float>> single_;
  std::unique_ptr<Engine<double>> double_;
};

}  // namespace wavesmith
