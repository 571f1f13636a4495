// A linear map from the field on one plane to the field on another, with its transpose.
//
// The transpose <A x, y> = <x, A^T y> (no conjugation) carries cotangents and reciprocal
// experiments; the adjoint A^H y = conj(A^T conj(y)) is the one of energy and projections.
#pragma once

#include <algorithm>
#include <complex>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/plane.hpp"

namespace wavesmith {

class LinearOperator {
 public:
  using Complex = std::complex<double>;

  virtual ~LinearOperator() = default;

  virtual Plane in() const = 0;
  virtual Plane out() const = 0;

  // Fields are row-major over their plane; the two arrays must not overlap.
  virtual void apply(std::span<const Complex> input, std::span<Complex> output) const = 0;
  virtual void apply_transpose(std::span<const Complex> output, std::span<Complex> input) const = 0;

  void apply_adjoint(std::span<const Complex> output, std::span<Complex> input) const {
    std::vector<Complex> conjugate(output.size());
    std::transform(output.begin(), output.end(), conjugate.begin(),
                   [](const Complex& value) { return std::conj(value); });
    apply_transpose(conjugate, input);
    for (Complex& value : input) value = std::conj(value);
  }

 protected:
  void check_sizes(std::size_t input, std::size_t output) const {
    WAVESMITH_VALIDATE(input == in().size() && output == out().size(),
                       "a propagator got fields of " + std::to_string(input) + " and " +
                           std::to_string(output) + " samples (its planes have " +
                           std::to_string(in().size()) + " and " + std::to_string(out().size()) +
                           "); pass arrays of the planes' sizes");
  }
};

}  // namespace wavesmith
