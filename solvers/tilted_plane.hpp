// Field on a plane tilted against the input plane, as an exact sum of plane waves.
//
// The output samples lie at  c + xi e_xi + eta e_eta,  c = (out.x0, out.y0, distance), with
//   e_xi  = (cos a, 0, sin a)                              a = tilt_x: rotation about the y axis
//   e_eta = (-sin a sin b, cos b, cos a sin b)             b = tilt_y: rotation about the x axis
// where xi, eta are the plane's own centred coordinates. Each plane wave of the input's spectrum is
// evaluated at each sample: no interpolation in the spectrum or in the plane. The field is the
// total one, with the carrier exp(i k xi sin a) that a tilted plane sees.
//
// Cost: with one tilt the other axis is separable, O(n^3) an application; with both O(n^4).
// Assumes that every sample lies at z > 0.
#pragma once

#include <cstddef>

#include "solvers/linear_operator.hpp"
#include "solvers/matrix_fourier.hpp"

namespace wavesmith {

class TiltedPlane final : public LinearOperator {
 public:
  using Options = PlaneWaveOptions;

  // Lengths in metres, angles in radians, |angle| < pi/2.
  TiltedPlane(const Plane& in, const Plane& out, double wavelength, double distance, double tilt_x,
              double tilt_y, const Options& options = {});

  Plane in() const override { return in_; }
  Plane out() const override { return out_; }

  void apply(std::span<const Complex> input, std::span<Complex> output) const override;
  void apply_transpose(std::span<const Complex> output, std::span<Complex> input) const override;

 private:
  struct Point {
    double x, y, z;
  };
  // Output samples along a line, in the direction of growing z so that no evanescent wave grows.
  struct Line {
    Point start, step;  // [m]
    int samples;
    std::ptrdiff_t first, stride;  // of the samples in their array
  };
  // Plane waves, by their frequencies [1/m].
  struct WaveSet {
    std::vector<double> u, v;
  };

  Line line(const Point& start, const Point& step, int samples) const;
  Line line_along_xi(double eta) const;
  Line line_along_eta() const;
  Complex wave(double u, double v, const Point& point) const;
  void sum_along(const Line& line, const WaveSet& waves, const Complex* weights,
                 Complex* samples) const;
  void spread_along(const Line& line, const WaveSet& waves, const Complex* samples,
                    Complex* weights) const;

  WaveSet row_of_waves(std::size_t q) const;
  WaveSet column_of_waves(std::size_t p) const;
  WaveSet all_waves() const;

  Plane in_, out_;
  double k_, distance_;  // k_ = 1 / wavelength [1/m]
  Evanescent evanescent_;
  Point along_xi_, along_eta_;
  bool tilted_x_, tilted_y_;
  std::vector<double> u_, v_;
  // One row per frequency: input samples to spectrum, and spectrum to the samples along the axis
  // that is not tilted.
  std::vector<Complex> into_x_, into_y_, from_x_, from_y_;
};

}  // namespace wavesmith
