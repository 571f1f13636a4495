// A relief as a volume, for the stack of solvers/diffractive_stack.hpp: slices of equal thickness d
// from its plane to its greatest height, each filled by
//
//   f_s = clamp(h / d - s, 0, 1),   n_s = n_around + f_s (n_material - n_around)
//
// so that the slices hold the relief's very volume, and a height moves one slice at a time. Waves
// go through them as in solvers/beam_propagation.hpp, with two references: the medium around and
// the material.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "physics/layer.hpp"
#include "solvers/transfer_function.hpp"

namespace wavesmith {

class VolumeSlices {
 public:
  static constexpr int media = 2;

  // InputError where the layer is no body, or of the index of what is around it.
  VolumeSlices(std::shared_ptr<const Layer> layer, int slices, double medium_index);

  const Plane& plane() const { return layer_->plane(); }
  int count() const { return count_; }
  double thickness() const { return layer_->relief()->thickness(); }
  double slice() const { return thickness() / count_; }
  // Indices of the media, the lower one first.
  std::array<double, media> references(double wavelength) const;

  std::vector<double> heights(std::span<const double> parameters) const;
  // The weights of slice s, one array over the plane a medium.
  void weights(std::span<const double> heights, int s, double wavelength,
               std::array<std::vector<Complex>, media>& weights) const;
  // Given the cotangents of the weights, adds those of the heights.
  void pull_back(std::span<const double> heights, int s, double wavelength,
                 const std::array<std::vector<Complex>, media>& cotangents,
                 std::span<double> height_cotangents) const;
  // Adds to the derivative of the layer's parameters.
  void pull_back_heights(std::span<const double> parameters,
                         std::span<const double> height_cotangents,
                         std::span<double> gradient) const {
    layer_->relief()->pull_back_heights(parameters, height_cotangents, gradient);
  }

  // Free space between the middles of two slices, half in the medium behind (m) and half in the one
  // in front (m_before), as a transfer function on `gap`'s DFT grid; gap: of the plane with itself,
  // its distance and wavelength unset. Ends: half a slice in `m` alone.
  std::vector<Complex> between(Gap gap, double wavelength, int m, int m_before) const;
  std::vector<Complex> end(Gap gap, double wavelength, int m) const;

 private:
  std::shared_ptr<const Layer> layer_;
  int count_;
  double medium_index_;
};

}  // namespace wavesmith
