// Minimum feature size: a conic filter and a smoothed threshold.
//
//   filtered_p  = sum_q w(p, q) v_q / sum_q w(p, q),  w = max(0, 1 - |r_p - r_q| / radius)
//   projected   = [tanh(beta eta) + tanh(beta (v - eta))] / [tanh(beta eta) + tanh(beta (1 - eta))]
//
// after Bruns and Tortorelli, Comput. Methods Appl. Mech. Eng. 190, 3443 (2001), and Wang, Lazarov
// and Sigmund, Struct. Multidiscip. Optim. 43, 767 (2011), eq. 9. The sums run over the pixels
// that exist, so that a uniform design stays uniform up to the edge.
#pragma once

#include <span>
#include <vector>

#include "core/plane.hpp"

namespace wavesmith {

class ConicFilter {
 public:
  // radius [m]; 0: no filter, values pass unchanged.
  ConicFilter(const Plane& pixels, double radius);

  bool is_identity() const { return taps_.empty(); }
  void apply(std::span<const double> values, std::span<double> filtered) const;
  void apply_transpose(std::span<const double> values, std::span<double> result) const;

 private:
  struct Tap {
    int di, dj;
    double weight;
  };
  Plane pixels_;
  std::vector<Tap> taps_;
  std::vector<double> inverse_sum_;  // 1 / sum_q w(p, q)
};

// Smoothed threshold of a value in [0, 1]. beta 0: values pass unchanged.
class TanhProjection {
 public:
  TanhProjection(double beta, double eta);
  double value(double v) const;
  double slope(double v) const;

 private:
  double beta_, eta_, offset_, scale_;
};

}  // namespace wavesmith
