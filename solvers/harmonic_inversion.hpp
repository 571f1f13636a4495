// Frequencies, decay rates and amplitudes in a short signal, beyond the resolution of a Fourier
// transform: a signal in equal steps dt is taken for
//   s(n dt) = sum_k amplitude_k exp(-(2 pi i frequency_k + decay_k) n dt)
// and those of its terms that lie in a band are found.
//
// Filter diagonalisation (V. A. Mandelshtam and H. S. Taylor, J. Chem. Phys. 107, 6756 (1997)): the
// signal is the autocorrelation of an unknown step operator U. Fourier functions on a grid of
// frequencies in the band span its eigenvectors there; the matrices of 1, U and U^2 between them
// are sums over the signal, and the generalised eigenproblem U1 b = u U0 b gives u = exp(-i omega
// dt). U2 tells the error. A wide band is cut into overlapping windows.
//
// Assumes terms that start together with the signal: cut off what a source still drives. About
// N dt (f_high - f_low) / 2 terms of a band can be told apart in N samples.
#pragma once

#include <complex>
#include <span>
#include <vector>

namespace wavesmith {

struct Resonance {
  double frequency = 0.0;          // [Hz]
  double decay = 0.0;              // of the amplitude [1/s]; negative where the signal grows
  double quality = 0.0;            // Q = pi |frequency| / decay
  std::complex<double> amplitude;  // at the first sample; its argument is the phase
  double error = 0.0;              // estimate of the error of frequency and decay / (2 pi) [Hz]
};

struct HarmonicOptions {
  double spectral_density = 1.2;   // Fourier functions for each 1 / (N dt) of the band
  double rank_tolerance = 1e-12;   // of U0's singular values, against the largest
  double least_amplitude = 1e-10;  // of a term, against the root mean square of the signal
  double largest_error = 0.1;      // of a term, against the larger of 1 / (N dt) and its linewidth
};

// The terms with f_low <= frequency <= f_high, by rising frequency. In a complex signal the band
// may lie at negative frequencies. A real signal holds each term twice, at +f and -f, with
// conjugate amplitudes: a cosine of amplitude 1 has the amplitude 1/2 here. Needs dt > 0 [s], at
// least 8 finite samples, and a band [Hz] inside +-1/(2 dt); throws InputError. Cost: about (number
// of samples) * (functions of the band), and a dense eigenproblem of each window's functions (200
// at most).
std::vector<Resonance> find_resonances(std::span<const std::complex<double>> signal, double dt,
                                       double f_low, double f_high,
                                       const HarmonicOptions& options = {});
std::vector<Resonance> find_resonances(std::span<const double> signal, double dt, double f_low,
                                       double f_high, const HarmonicOptions& options = {});

// The cotangents of a term's numbers: dL = frequency df + decay ddecay + Re(conj(amplitude)
// damplitude).
struct ResonanceCotangent {
  double frequency = 0.0;          // dL/df [1/Hz]
  double decay = 0.0;              // [s]
  std::complex<double> amplitude;  // 0 where the loss does not know it
};

// The derivative of find_resonances by every sample: adds to `gradient`, one number a sample, the g
// of dL = sum Re(conj(g) ds). `found` is what find_resonances returned for the same arguments, with
// one cotangent for each of its terms. A quality's cotangent g_Q gives frequency g_Q Q / f and
// decay -g_Q Q / decay. Exact for the terms as they are found where all singular values of U0 are
// kept. Where some are dropped, how the kept part of the span turns with the signal is left out:
// returned is a bound of that for frequency and decay, against the size of a term's derivative by
// U0 alone; it is loose along changes that the terms themselves make. In noise, take a
// spectral_density of 0.3 or so. Throws InputError. Cost: that of find_resonances once more.
double pull_back_resonances(std::span<const std::complex<double>> signal, double dt, double f_low,
                            double f_high, std::span<const Resonance> found,
                            std::span<const ResonanceCotangent> cotangents,
                            std::span<std::complex<double>> gradient,
                            const HarmonicOptions& options = {});
double pull_back_resonances(std::span<const double> signal, double dt, double f_low, double f_high,
                            std::span<const Resonance> found,
                            std::span<const ResonanceCotangent> cotangents,
                            std::span<double> gradient, const HarmonicOptions& options = {});

}  // namespace wavesmith
