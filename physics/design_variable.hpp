// One physical quantity per design pixel (a phase, an amplitude, a height, a control value), from
// the parameters that are trained:
//
//   parameter -> bounded to rho in [0, 1] -> conic filter -> tanh projection -> quantised -> value
//
// with value = low + (high - low) rho. A free quantity is its own parameter: value = parameter,
// filtered and quantised but not projected (a threshold needs two ends).
//
// Quantisation is straight-through: the value is rounded to the nearest level, and pull_back takes
// the derivative of rounding as 1 (Bengio et al., arXiv:1308.3432). What stands after the rounding
// is differentiated at the rounded value, what stands before it at the values before.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "physics/conic_filter.hpp"
#include "physics/design_grid.hpp"

namespace wavesmith {

enum class Bound {
  free,     // value = parameter
  sigmoid,  // rho = 1 / (1 + exp(-parameter)): any parameter, the ends never reached
  clamp,    // rho = parameter cut to [0, 1]: exact ends, no gradient beyond them
};

struct DesignRange {
  Bound bound = Bound::sigmoid;
  double low = 0.0, high = 1.0;  // of the value; used unless free
  double step = 0.0;  // between levels: low, low + step, ..., high; free: multiples of it; 0: none
  double spread = 1.0;  // free: half the width of a random start
};

class DesignVariable {
 public:
  // `start`: values per pixel before filter and rounding; empty: the middle of the range (of
  // levels the one nearest to it), or 0.
  DesignVariable(const Plane& pixels, const DesignRange& range, const DesignOptions& options,
                 std::vector<double> start);

  std::size_t size() const { return pixels_.size(); }
  // True when value = parameter, exactly.
  bool is_identity() const;

  // The start; without one, uniformly random over the share `spread` of the range.
  // `stream` tells apart the variables of one layer.
  void initial_parameters(std::uint64_t seed, std::uint32_t stream, double spread,
                          std::span<double> parameters) const;
  void values(std::span<const double> parameters, std::span<double> values) const;
  // Adds the transpose of the linearised `values`, applied to g, to `gradient`.
  void pull_back(std::span<const double> parameters, std::span<const double> g,
                 std::span<double> gradient) const;

 private:
  double bounded(double parameter) const;
  double bounded_slope(double parameter) const;
  double parameter_of(double rho) const;
  double rounded(double value) const;

  Plane pixels_;
  DesignRange range_;
  ConicFilter filter_;
  TanhProjection projection_;
  std::vector<double> start_;  // parameters
};

}  // namespace wavesmith
