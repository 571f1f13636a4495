// Light beyond a plane from the tangential electric field on it, where the field has two planes of
// symmetry and a quarter of it says everything.
//
// In z > 0, with E_t on z = 0 and sources below (the vector form of Rayleigh and Sommerfeld's first
// integral; J. D. Jackson, Classical Electrodynamics, section 10.7),
//
//   E = 2 curl integral n x E_t G,   G = exp(ikr) / (4 pi r),   i omega mu H = curl E:
//
// magnetic currents -2 n x E_t, as solvers/near_to_far.hpp radiates them. E is along x on the
// whole: E_x is even in x and y, E_y odd in both. Samples of each component have places of their
// own; the error is that of the sum over them, next to nothing where they resolve the light and
// what does not travel has decayed.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "physics/prism_solid.hpp"  // Point2
#include "solvers/near_to_far.hpp"

namespace wavesmith {

// Of the quarter x, y >= 0.
struct QuarterSample {
  Point2 place{};     // [m]
  double area = 0.0;  // that it stands for, with what lies beyond the planes of symmetry [m^2]
  int component = 0;  // 0: E_x, 1: E_y
};

class QuarterPlane {
 public:
  // In vacuum. Throws InputError for what is not finite, samples outside of the quarter, and
  // components that there are not.
  QuarterPlane(const std::vector<QuarterSample>& samples, double wavelength);

  // At points with z > 0, from a value for each sample [V/m]; H in A/m.
  std::vector<FieldVectors> field(std::span<const std::complex<double>> values,
                                  const std::vector<Vec3>& points) const;
  // Its plain transpose (no conjugate).
  std::vector<std::complex<double>> field_transpose(const std::vector<FieldVectors>& cotangent,
                                                    const std::vector<Vec3>& points) const;

 private:
  struct Image {
    std::size_t sample = 0;
    double sign = 1.0;
  };
  struct Expanded {
    std::vector<SurfaceSample> samples;
    std::vector<Image> images;  // what each comes from
  };
  QuarterPlane(Expanded expanded, std::size_t count, double wavelength);
  static Expanded expand(const std::vector<QuarterSample>& samples);

  std::size_t count_;
  std::vector<Image> images_;
  NearToFar radiate_;
};

}  // namespace wavesmith
