// Modes of a waveguide's cross-section on the grid of the time-domain solver, so that a mode that
// is launched there is a mode of that grid, to rounding.
//
// With exp(-i omega t), fields e(u, v) exp(i beta w), permeability 1 and h times the impedance of
// vacuum, the six Yee equations are, K = omega / c and B = beta in the continuum,
//   B e_t = P g,  P = K + grad (1 / eps_w) div / K        g = (h_v, -h_u), at the places of
//   B g = Q e_t,  Q = K eps_t - curl_dual curl / K             e_t = (e_u, e_v)
// and so P Q e_t = B^2 e_t (Z. Zhu and T. G. Brown, Opt. Express 10, 853 (2002)). A leapfrog in
// steps dt through cells dw only exchanges
//   K = (2 / (c dt)) sin(omega dt / 2),   B = (2 / dw) sin(beta dw / 2).
// P and Q are symmetric under the areas of solvers/cross_section.hpp, so the left eigenvector is
// areas * g: modes are orthogonal under the unconjugated flux, and the derivative of beta is a sum
// of squares of the field, both to rounding.
//
// Assumes a real diagonal permittivity; it may be negative (a lossless metal) where a guess of the
// index is given. Evanescent and complex modes are found as well, with imag(beta) >= 0.
#pragma once

#include <array>
#include <complex>
#include <vector>

#include "solvers/cross_section.hpp"

namespace wavesmith {

// A profile times exp(i beta w) is the field, each component with the w of its own place: E_u, E_v
// and H_w lie on the section (w = 0), E_w, H_u and H_v at w = dw / 2. Backward, at exp(-i beta w),
// the profile is that with E_w, H_u and H_v negated.
struct WaveguideMode {
  std::complex<double> beta;   // phase constant on the grid [rad/m]
  std::complex<double> n_eff;  // effective index without the steps in w and t
  // Unit flux [W], and the largest transverse E real and positive; an evanescent mode is scaled to
  // a reciprocal product of modulus one. With mirrors the flux is that of the part modelled; with
  // one cell along an axis it is that of the cell's width.
  SectionField profile;
};

// Which fields are sought. Where nothing varies along one axis, E along it (TE of a slab) and H
// along it (TM) do not couple and may be sought alone.
enum class ModeFamily { all, e_along_u, e_along_v };

// Where the samples of H_u and H_v lie against those of E_u and E_v.
enum class MagneticSamples {
  half_cell_ahead,   // at + dw / 2
  half_cell_behind,  // at - dw / 2
  averaged,          // the mean of both
};

// Amplitudes are linear in the fields: sum(e * field.e) + sum(h * field.h), unconjugated. The
// transpose of a projection is therefore the amplitude's cotangent times these weights.
struct ModeProjection {
  SectionField forward, backward;
};
struct ModeAmplitudes {
  std::complex<double> forward, backward;  // at w = 0 [sqrt(W)]
};

class WaveguideModes {
 public:
  using Complex = std::complex<double>;

  // Frequency [Hz]; time step [s] and cell along w [m] of the time-domain grid, zero for the
  // continuum. Throws InputError where no wave of this frequency fits the steps.
  WaveguideModes(CrossSection section, double frequency, double time_step = 0.0, double cell = 0.0);

  // The `count` modes whose indices are nearest to `index_guess`, by falling real part of n_eff^2.
  // Guess 0 stands for the largest index of the section, above every mode: the modes come from the
  // fundamental on. Degenerate modes are made orthogonal, with as much of one's E along u as there
  // can be. Throws InputError, and NumericsError where the iteration does not converge.
  std::vector<WaveguideMode> find(int count, double index_guess = 0.0,
                                  ModeFamily family = ModeFamily::all) const;

  // Time-averaged flux along w [W], areas * Re(E x conj(H)) / 2, of samples taken as they are. On
  // the grid H lies half a cell from E; the mean of H on both sides gives the exact flux.
  double flux(const SectionField& field) const;
  // areas * (Ea x Hb + Eb x Ha) / 4: zero between different modes, exactly, with or without loss.
  Complex reciprocal_product(const SectionField& a, const SectionField& b) const;
  // areas * (conj(Ea) x Hb + Eb x conj(Ha)) / 4.
  Complex conjugated_product(const SectionField& a, const SectionField& b) const;

  // Weights that pick the amplitudes of a mode, forward and backward, out of E and H on the
  // section: exact on the grid, for any field that is a sum of modes.
  ModeProjection projection(const WaveguideMode& mode, MagneticSamples samples) const;
  static ModeAmplitudes apply(const ModeProjection& projection, const SectionField& field);

  // c d(beta) / d(omega) of the grid, for a permittivity that does not depend on frequency. A
  // dispersive one adds c * sum(permittivity_gradient * d(eps) / d(omega)).
  Complex group_index(const WaveguideMode& mode) const;

  // d(beta) / d(relative permittivity) at every position of E_u, E_v, E_w [rad/m]. The derivative
  // at a periodic copy is zero. In a degenerate pair it is that of the mode as given.
  std::array<std::vector<Complex>, 3> permittivity_gradient(const WaveguideMode& mode) const;

  const CrossSection& section() const { return section_; }
  double frequency() const { return frequency_; }
  double cell() const { return cell_; }

 private:
  Complex stencil_beta(const WaveguideMode& mode) const;      // B [rad/m]
  Complex half_cell_cosine(const WaveguideMode& mode) const;  // cos(beta dw / 2) = dB / d(beta)
  // areas * (ea x hb) along w.
  Complex cross_flux(const SectionField& e, const SectionField& h) const;

  CrossSection section_;
  std::array<std::vector<double>, 3> areas_;
  double frequency_, time_step_, cell_;
  double free_wavenumber_;     // omega / c [rad/m]
  double stencil_wavenumber_;  // K [rad/m]
};

}  // namespace wavesmith
