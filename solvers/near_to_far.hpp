// Fields outside a closed surface from the fields on it, in a homogeneous lossless medium.
//
// By the equivalence principle (A. Taflove and S. Hagness, Computational Electrodynamics, chapter
// 8), J = n x H, M = -n x E on the surface radiate, with exp(-i omega t),
//   E = i omega mu (1 + grad div / k^2) A - curl F,      A = sum area J G
//   H = i omega eps (1 + grad div / k^2) F + curl A,     F = sum area M G
// with G of solvers/free_space_green.hpp, in 2D for fields that do not vary along z (both
// polarisations at once). Sound: solvers/acoustic_near_to_far.hpp.
//
// Far fields are the coefficients of exp(ikr) / r in 3D, of exp(ikr) / sqrt(r) in 2D, with r from
// the origin of coordinates.
//
// On a staggered grid the components lie at places of their own: each sample has its own position,
// area and normal, and nothing is interpolated here. The surface must enclose all sources, and
// its samples resolve the field; the error is that of the sum over the samples.
//
// Each map is linear, output = L fields; `_transpose` applies its plain transpose (no conjugate).
#pragma once

#include <array>
#include <complex>
#include <vector>

#include "core/yee_grid.hpp"
#include "solvers/free_space_green.hpp"
#include "solvers/surface_samples.hpp"

namespace wavesmith {

struct SurfaceFields {
  std::vector<std::complex<double>> electric;  // one value for each electric sample [V/m]
  std::vector<std::complex<double>> magnetic;  // one value for each magnetic sample [A/m]
};

struct FarElectricField {
  std::complex<double> theta, phi;  // [V] in 3D, [V / sqrt(m)] in 2D; E_theta = -E_z in the plane
};
struct FieldVectors {
  std::array<std::complex<double>, 3> e{}, h{};  // [V/m], [A/m]
};

class NearToFar {
 public:
  // Components along the normal carry no current and are ignored. The frequency is in Hz, the
  // medium is given by its relative permittivity and permeability. Throws InputError for what is
  // not finite or not positive, and in 2D for normals out of the plane.
  NearToFar(SpaceDimension dimension, std::vector<SurfaceSample> electric,
            std::vector<SurfaceSample> magnetic, double frequency, double permittivity = 1.0,
            double permeability = 1.0);

  std::vector<FarElectricField> far_field(const SurfaceFields& fields,
                                          const std::vector<FarDirection>& directions) const;
  SurfaceFields far_field_transpose(const std::vector<FarElectricField>& cotangent,
                                    const std::vector<FarDirection>& directions) const;

  // Exact at any distance from the samples; at one of them it is an InputError.
  std::vector<FieldVectors> field(const SurfaceFields& fields,
                                  const std::vector<Vec3>& points) const;
  SurfaceFields field_transpose(const std::vector<FieldVectors>& cotangent,
                                const std::vector<Vec3>& points) const;

  double wavenumber() const { return wavenumber_; }  // [rad/m]
  double impedance() const { return impedance_; }    // [ohm]

 private:
  struct Current {
    Vec3 position;
    Vec3 moment;  // area times n x (unit vector), or minus that
  };
  void check(const SurfaceFields& fields) const;
  SurfaceFields zero_fields() const;

  SpaceDimension dimension_;
  std::vector<Current> electric_;  // of E: magnetic currents M
  std::vector<Current> magnetic_;  // of H: electric currents J
  double wavenumber_, impedance_;
};

}  // namespace wavesmith
