// Scalar waves one way through a volume of any index n(x, y, z), slice by slice.
//
// Over a slice of thickness d with the index n(x, y), and with the weights W_m of reference media
// (solvers/reference_media.hpp),
//
//   u(z + d) = sum_m P_m(d/2) W_m(n) P_m(d/2) u(z),   P_m(s) = IDFT exp(i k_z,m s) DFT,
//   k_z,m^2 = (k0 n_m)^2 - kx^2 - ky^2
//
// with evanescent waves decaying. One reference: the split step. Two or more: the wave propagation
// method (Brenner and Singer, Appl. Opt. 32, 4984, 1993) in its symmetric form, half a step before
// and half a step after the weights. As dz -> 0 it solves
// du/dz = (i/2) sum_m (k_z,m w_m + w_m k_z,m) u, and is exact at any angle where the medium is
// uniform and its index a reference. The operator equals its own transpose with the slices
// reversed, as reciprocity wants. exp(-i omega t); absorption is Im n > 0.
//
// Assumes: no reflection, one polarisation. Where the index changes across the beam, power is
// kept approximately; the audit says how well.
// The window's edge: propagation is a linear convolution, so that what leaves does not come in on
// the other side, and what lies outside at the middle of a slice is lost.
#pragma once

#include <complex>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/plane.hpp"
#include "physics/layer.hpp"

namespace wavesmith {

struct BeamSettings {
  Plane plane;
  double wavelength = 0.0;         // in vacuum [m]
  double slice = 0.0;              // thickness d [m]
  std::vector<double> references;  // n_m, increasing; references.front() lies around the window
  double padding = 2.0;            // of the DFT grid, in units of the window, 1 to 16
  bool periodic = false;           // the window repeats for ever; no padding
  double edge_width = 0.0;         // absorbing margin inside the window [m]; 0: none
  double edge_strength = 3.0;      // amplitude lost at the very edge [nepers a wavelength]
};

// Sums of |u|^2 dx dy [the field's unit squared times m^2].
struct BeamPower {
  double entered = 0.0, left = 0.0;
  double edges = 0.0;     // outside of the window, and in the absorbing margin
  double absorbed = 0.0;  // by the medium
  // What the scheme made (> 0) or lost, evanescent waves included.
  double imbalance() const { return left + edges + absorbed - entered; }
};

struct BeamAudit {
  double samples_per_wavelength = 0.0;  // in the densest medium; 2 sample every wave in it
  double slice_phase = 0.0;             // [rad] of the greatest step of index, over a slice
  std::vector<std::string> messages;    // what, why, what to do; empty where all is well
};

// `largest`: the greatest Re n of the volume.
BeamAudit audit_beam(const BeamSettings& settings, double largest);

// References for media of these real parts of the index: increasing, each once.
std::vector<double> reference_indices(std::vector<double> indices);

class BeamPropagation {
 public:
  using Observe = std::function<void(int slice, std::span<const Complex> field)>;

  // InputError where a setting is out of range; memory is asked for before it is taken.
  explicit BeamPropagation(BeamSettings settings);

  const BeamSettings& settings() const { return settings_; }

  // index: one complex n a sample, row-major, slice after slice. field: on the plane in front of
  // the first slice. Returns the field behind the last; `observe` sees the one in the middle of
  // each slice, behind the weights.
  std::vector<Complex> propagate(std::span<const Complex> field, std::span<const Complex> index,
                                 BeamPower* power = nullptr, const Observe& observe = {}) const;

  // The exact derivative. cotangent: of the field behind the last slice (physics/layer.hpp).
  // Writes those of `field` and of `index`, g = 2 dL/dn*. The hat functions have a kink at each
  // reference: there the derivative is that of the side above, at the highest one of that below.
  void pull_back(std::span<const Complex> field, std::span<const Complex> index,
                 std::span<const Complex> cotangent, std::span<Complex> field_cotangent,
                 std::span<Complex> index_cotangent) const;

 private:
  using Field = std::vector<Complex>;
  int slices_of(std::span<const Complex> field, std::span<const Complex> index) const;
  Field spectrum(std::span<const Complex> field) const;
  // The window's part of the inverse transform; adds |.|^2 of the rest to `outside`.
  void window_of(Field& values, std::span<Complex> field, double* outside) const;
  void march(std::span<const Complex> field, std::span<const Complex> index, int slices,
             std::span<Complex> out, Field* kept, BeamPower* power, const Observe& observe) const;

  BeamSettings settings_;
  int nx_ = 0, ny_ = 0;            // DFT grid
  std::vector<Field> half_steps_;  // of P_m(d/2), [reference]
  std::vector<double> edge_;       // amplitude kept over a slice; empty: all
};

}  // namespace wavesmith
