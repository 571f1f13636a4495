// Derivatives with respect to the Bloch phases of a paired setup, from what the march takes across
// the seams of its periods.
//
// Along a periodic axis of phase phi the first plane's backward differences take the second group
// beyond the low end, w(-1) = exp(-i phi) w(n - 1), and the last plane's forward differences the
// first group beyond the high end, u(n) = exp(i phi) u(0). Only these hold phi, so that
//
//   d loss / d phi = sum over steps of Re( conj(g_u(0)) C m_node(0) i w(-1)
//                                        + conj(g_w(n - 1)) C m_centre(n - 1) i u(n) )
//
// summed over the planes' points and over the differences along the axis with their signs (that of
// w(-1), which is subtracted, is in the first line), m the line metrics. g_u are cotangents after a
// step, w fields before it; g_w cotangents and u fields after it. With what the transposed march
// carries, C / V g_u and -C / V g_w, no C is left: V is one over the product of the metrics.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "solvers/time_domain_march.hpp"

namespace wavesmith {

class SeamGradient {
 public:
  // Of nothing where phases are not wanted.
  SeamGradient(const TimeDomainSetup& setup, const GridLines& lines, const GradientWants& wants);

  // Whose fields and cotangents are needed, in steps.
  const std::vector<KeptField>& fields() const { return fields_; }

  // before, after: the fields on both sides of a step; carried: by the transposed march after it,
  // each of fields().
  template <class T>
  void add_step(const std::vector<std::span<const T>>& before,
                const std::vector<std::span<const T>>& after,
                const std::vector<std::span<const T>>& carried);

  void finish(TimeDomainGradient& gradient) const { gradient.bloch_phase = sums_; }

 private:
  // A difference taken across a seam: of fields, the number of the real part's; the imaginary one's
  // follows.
  struct Crossing {
    std::size_t axis, target, source;
    bool first_group;  // of the target
    double cosine, sine;
    std::vector<double> weights;  // of the target's points: sign metric V, 0 where nothing lives
  };

  std::vector<KeptField> fields_;
  std::vector<Crossing> crossings_;
  std::array<double, 3> sums_{};
};

}  // namespace wavesmith
