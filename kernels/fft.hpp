// Discrete Fourier transforms of complex arrays in double precision, for building transfer
// functions and for diagnostics. The solvers' own passes are in kernels/propagate.hpp.
#pragma once

#include <complex>
#include <span>

namespace wavesmith {

// In-place transform of a row-major ny x nx array, any sizes >= 1:
//   forward  F(p, q) = sum_jk f(j, k) exp(-2 pi i (p j / ny + q k / nx))
//   inverse  the same with +, divided by nx ny.
void fft_2d(std::span<std::complex<double>> values, int ny, int nx, bool inverse);

// The smallest length >= n that transforms fast (only the factors 2, 3 and 5).
int fast_length(int n);

}  // namespace wavesmith
