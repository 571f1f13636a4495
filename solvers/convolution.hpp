// Free-space propagation between planes of the same spacing in its plainest form: pad, transform,
// multiply, transform back, crop, in double precision. The reference for the fused propagator.
#pragma once

#include "solvers/linear_operator.hpp"
#include "solvers/transfer_function.hpp"

namespace wavesmith {

class ConvolutionOperator final : public LinearOperator {
 public:
  // A gap with the method `automatic` gets the one that the sampling audit recommends.
  explicit ConvolutionOperator(const Gap& gap);

  Plane in() const override { return in_; }
  Plane out() const override { return out_; }
  const TransferFunction& transfer() const { return transfer_; }

  void apply(std::span<const Complex> input, std::span<Complex> output) const override;
  void apply_transpose(std::span<const Complex> output, std::span<Complex> input) const override;

 private:
  Plane in_, out_;
  TransferFunction transfer_;
};

}  // namespace wavesmith
