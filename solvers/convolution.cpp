#include "solvers/convolution.hpp"

#include <algorithm>
#include <cstddef>

#include "kernels/fft.hpp"
#include "solvers/sampling_audit.hpp"

namespace wavesmith {
namespace {

using Complex = LinearOperator::Complex;

Gap with_method(Gap gap) {
  if (gap.method == PropagationMethod::automatic) gap.method = choose_method(gap);
  return gap;
}

std::vector<Complex> pad(std::span<const Complex> field, const Plane& plane, int nx, int ny) {
  std::vector<Complex> padded(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny));
  for (int j = 0; j < plane.ny; ++j)
    std::copy_n(field.begin() + static_cast<std::ptrdiff_t>(j) * plane.nx, plane.nx,
                padded.begin() + static_cast<std::ptrdiff_t>(j) * nx);
  return padded;
}

void crop(const std::vector<Complex>& padded, int nx, const Plane& plane,
          std::span<Complex> field) {
  for (int j = 0; j < plane.ny; ++j)
    std::copy_n(padded.begin() + static_cast<std::ptrdiff_t>(j) * nx, plane.nx,
                field.begin() + static_cast<std::ptrdiff_t>(j) * plane.nx);
}

void multiply(std::vector<Complex>& field, const std::vector<Complex>& factors) {
  for (std::size_t i = 0; i < field.size(); ++i) field[i] *= factors[i];
}

}  // namespace

ConvolutionOperator::ConvolutionOperator(const Gap& gap)
    : in_(gap.in), out_(gap.out), transfer_(transfer_function(with_method(gap))) {}

void ConvolutionOperator::apply(std::span<const Complex> input, std::span<Complex> output) const {
  check_sizes(input.size(), output.size());
  auto field = pad(input, in_, transfer_.nx, transfer_.ny);
  fft_2d(field, transfer_.ny, transfer_.nx, false);
  multiply(field, transfer_.values);
  fft_2d(field, transfer_.ny, transfer_.nx, true);
  crop(field, transfer_.nx, out_, output);
}

// The DFT and its inverse are symmetric matrices: the transpose is the same steps in reverse order.
void ConvolutionOperator::apply_transpose(std::span<const Complex> output,
                                          std::span<Complex> input) const {
  check_sizes(input.size(), output.size());
  auto field = pad(output, out_, transfer_.nx, transfer_.ny);
  fft_2d(field, transfer_.ny, transfer_.nx, true);
  multiply(field, transfer_.values);
  fft_2d(field, transfer_.ny, transfer_.nx, false);
  crop(field, transfer_.nx, in_, input);
}

}  // namespace wavesmith
