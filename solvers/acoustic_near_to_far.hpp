// Sound outside a closed surface from pressure and velocity on it, in a homogeneous lossless fluid.
//
// Kirchhoff's integral with exp(-i omega t), n outward (A. D. Pierce, Acoustics, section 4-6):
//   p(r) = sum area (p dG/dn - G dp/dn),   dp/dn = i omega rho v_n
// with G of solvers/free_space_green.hpp. Far pressures are the coefficients of exp(ikr) / r in 3D,
// exp(ikr) / sqrt(r) in 2D, r from the origin of coordinates.
//
// Pressure and normal velocity are given each at its own places; of a velocity sample the component
// is the one sampled, and only its share along the normal counts. `_transpose` applies the plain
// transpose (no conjugate) of the linear map.
#pragma once

#include <complex>
#include <vector>

#include "core/yee_grid.hpp"
#include "solvers/free_space_green.hpp"
#include "solvers/surface_samples.hpp"

namespace wavesmith {

struct AcousticSurfaceFields {
  std::vector<std::complex<double>> pressure;  // one value for each pressure sample [Pa]
  std::vector<std::complex<double>> velocity;  // one value for each velocity sample [m/s]
};

class AcousticNearToFar {
 public:
  using Complex = std::complex<double>;

  // Frequency [Hz], speed [m/s] and density [kg/m^3] of the fluid. Throws InputError for what is
  // not finite or not positive, and in 2D for normals out of the plane.
  AcousticNearToFar(SpaceDimension dimension, std::vector<SurfaceSample> pressure,
                    std::vector<SurfaceSample> velocity, double frequency, double speed,
                    double density);

  std::vector<Complex> far_pressure(const AcousticSurfaceFields& fields,
                                    const std::vector<FarDirection>& directions) const;
  AcousticSurfaceFields far_pressure_transpose(const std::vector<Complex>& cotangent,
                                               const std::vector<FarDirection>& directions) const;

  // Exact at any distance from the samples; at one of them it is an InputError.
  std::vector<Complex> pressure(const AcousticSurfaceFields& fields,
                                const std::vector<Vec3>& points) const;
  AcousticSurfaceFields pressure_transpose(const std::vector<Complex>& cotangent,
                                           const std::vector<Vec3>& points) const;

  double wavenumber() const { return wavenumber_; }  // [rad/m]

 private:
  // What a unit pressure and a unit velocity of each sample give at a direction or point.
  Complex far_weight(const SurfaceSample& sample, bool is_pressure, const Vec3& direction) const;
  Complex weight(const SurfaceSample& sample, bool is_pressure, const Vec3& point) const;
  template <class Place, class Weight>
  std::vector<Complex> apply(const AcousticSurfaceFields& fields, const std::vector<Place>& places,
                             Weight weight) const;
  template <class Place, class Weight>
  AcousticSurfaceFields apply_transpose(const std::vector<Complex>& cotangent,
                                        const std::vector<Place>& places, Weight weight) const;

  SpaceDimension dimension_;
  std::vector<SurfaceSample> pressure_, velocity_;
  double wavenumber_, angular_frequency_density_;
};

}  // namespace wavesmith
