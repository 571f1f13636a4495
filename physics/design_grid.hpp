// From design pixels to the samples of a plane: finite pixel pitch and dead space.
//
// A pixel covers samples_per_pixel by samples_per_pixel samples. Its modulating part is a centred
// square with the share 1 - dead_fraction of the pixel's area; around it the layer transmits the
// amplitude dead_transmission. A sample that the square's edge cuts gets the area-weighted mean:
//   t(sample) = share t(pixel) + (1 - share) dead_transmission
// which is affine in t(pixel); the transpose of its linear part stands beside it.
#pragma once

#include <span>
#include <vector>

#include "core/plane.hpp"
#include "physics/layer.hpp"

namespace wavesmith {

// What a layer's design and its fabrication have in common, whatever the layer modulates.
struct DesignOptions {
  int samples_per_pixel = 1;        // along x and along y
  double dead_fraction = 0.0;       // share of the pixel's area without modulation, 0 to < 1
  Complex dead_transmission = 0.0;  // amplitude transmitted there
  double filter_radius = 0.0;       // minimum feature, conic filter [m]; 0: none
  double projection_beta = 0.0;     // smoothed threshold; 0: none
  double projection_eta = 0.5;      // its level
  int levels = 0;                   // quantisation; 0: continuous
};

class DesignGrid {
 public:
  DesignGrid(const Plane& plane, const DesignOptions& options);

  const Plane& plane() const { return plane_; }
  const Plane& pixels() const { return pixels_; }
  bool is_identity() const { return side_ == 1 && share_[0] == 1.0; }

  void to_samples(std::span<const Complex> pixels, std::span<Complex> samples) const;
  // Transpose of the linear part of to_samples.
  void from_samples(std::span<const Complex> samples, std::span<Complex> pixels) const;

 private:
  Plane plane_, pixels_;
  int side_;
  Complex dead_transmission_;
  std::vector<double> share_;  // modulating share of each sample of a pixel, side by side
};

}  // namespace wavesmith
