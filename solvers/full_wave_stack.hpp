// A diffractive stack of reliefs by Maxwell's equations in time: what its readings are when nothing
// is thin, scalar or one way.
//
// The reliefs stand in the stack's medium as prisms, one a design pixel, on a grid whose cells
// divide the pixels, so that prisms end on cells' edges across the axis; along it, and at the
// edges, points of E take the mean permittivity where E lies along a face and the mean of its
// inverse where it crosses one. Light is polarised along x in front of the first layer: there a
// sheet of current
//
//   J_x(kx, ky) = u(kx, ky) k k_z / (k^2 - kx^2)        (up to a constant)
//
// makes E_x equal to the scalar field u that the angular spectrum brings from the source to the
// window of the first layer, and E_y = 0. Behind the last relief the spectra of E are taken over
// its window and go to the detector by the angular spectrum, component by component, which is exact
// in a uniform medium. An intensity is |E_x|^2 + |E_y|^2 + |E_z|^2. Around the window everything is
// absorbed, as what leaves the planes is lost in the other solvers. All is linear in the source's
// field: a class of inputs is known by the responses to its basis.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "kernels/device.hpp"
#include "solvers/diffractive_stack.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

struct FullWaveSettings {
  double cells_per_wavelength = 10.0;  // in the densest material, at least
  int absorbing_cells = 10;            // on every face
  int margin_cells = 4;                // between the window and the absorbing layers
  // Further travel before the end [wavelengths in vacuum]: reliefs of a dense material guide light
  // sideways, which leaves them slowly.
  double settle = 20.0;
  Precision precision = Precision::f32;
  int threads = 0;
};

class FullWaveStack {
 public:
  // The stack's layers are all reliefs without loss on the same plane, its wavelength one, and all
  // planes have the same samples; InputError otherwise. parameters: all layers', in order.
  // `slices` of the layers do not count.
  FullWaveStack(const StackDescription& description, std::span<const double> parameters,
                const FullWaveSettings& settings);

  double cells() const;  // of the march
  long steps() const { return steps_; }
  double cell_size() const { return d_; }  // [m]

  // E at the detector's samples for a field on the source plane, [component x, y, z][sample], in a
  // unit that is the same for all fields.
  struct Response {
    std::vector<Complex> field;
    std::vector<Complex> halfway;  // had the march ended after half of `settle`
  };
  Response respond(std::span<const Complex> source) const;

 private:
  struct Body {
    double base;                 // [m] from the source
    std::vector<double> height;  // of each pixel, on the cells [m]
    double permittivity;
  };
  TimeDomainSetup setup() const;
  std::vector<Complex> bring_to_detector(const TimeDomain& run) const;
  void place_bodies(TimeDomainSetup& setup) const;
  double mean_permittivity(int component, int i, int j, int k) const;

  StackDescription description_;
  FullWaveSettings settings_;
  std::vector<Body> bodies_;
  double surrounding_ = 1.0;  // permittivity
  int side_[2] = {0, 0};      // cells of the window along x and y
  int fine_ = 1;              // cells a sample
  double d_ = 0.0;            // cell [m]
  int layers_ = 0;            // cells in front of the window: absorbing and margin
  int planes_ = 0;            // cells along z
  int source_plane_ = 0, end_plane_ = 0;
  double z0_ = 0.0;  // of the grid's first edge, from the source [m]
  double period_ = 0.0, dt_ = 0.0;
  long steps_ = 0, halfway_ = 0;
};

}  // namespace wavesmith
