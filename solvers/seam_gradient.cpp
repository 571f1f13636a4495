#include "solvers/seam_gradient.hpp"

#include <cmath>

#include "kernels/leapfrog_terms.hpp"

namespace wavesmith {

SeamGradient::SeamGradient(const TimeDomainSetup& setup, const GridLines& lines,
                           const GradientWants& wants) {
  const LeapfrogSize& size = lines.size;
  if (!wants.bloch_phase || size.pair_axis < 0) return;
  const int split = first_group_size(size.system);
  for (int d = 0; d < 3; ++d) {
    const std::size_t axis = static_cast<std::size_t>(d);
    if (!size.periodic[axis]) continue;
    // Of each component the plane that it is taken from: the first one of the first group, the last
    // one of the second; in the real part and then in the imaginary one.
    std::array<std::size_t, 6> number{};
    for (int c = 0; c < component_count(size.system); ++c) {
      number[static_cast<std::size_t>(c)] = fields_.size();
      GridBox plane{{}, {size.part_points(0), size.part_points(1), size.part_points(2)}};
      plane.begin[axis] = c < split ? 0 : plane.end[axis] - 1;
      plane.end[axis] = plane.begin[axis] + 1;
      fields_.push_back({c, plane});
      plane.begin[static_cast<std::size_t>(size.pair_axis)] += size.part_offset();
      plane.end[static_cast<std::size_t>(size.pair_axis)] += size.part_offset();
      fields_.push_back({c, plane});
    }
    for (const bool first_group : {true, false})
      for (const LeapfrogTerm& term :
           first_group ? first_terms(size.system) : second_terms(size.system)) {
        if (term.direction != d) continue;
        const double angle =
            first_group ? -setup.boundaries.bloch_phase[axis] : setup.boundaries.bloch_phase[axis];
        Crossing crossing{axis,
                          number[static_cast<std::size_t>(term.target)],
                          number[static_cast<std::size_t>(term.source)],
                          first_group,
                          std::cos(angle),
                          std::sin(angle),
                          {}};
        const LineMetric& metric = lines.metrics[axis];
        for_points(
            fields_[crossing.target].box, size, [&](const std::array<int, 3>& p, std::size_t) {
              const double along =
                  (first_group ? metric.node : metric.centre)[static_cast<std::size_t>(p[axis])];
              const double product = metric_product(lines, term.target, p);
              crossing.weights.push_back(product != 0.0 ? term.sign * along / product : 0.0);
            });
        crossings_.push_back(std::move(crossing));
      }
  }
}

template <class T>
void SeamGradient::add_step(const std::vector<std::span<const T>>& before,
                            const std::vector<std::span<const T>>& after,
                            const std::vector<std::span<const T>>& carried) {
  for (const Crossing& crossing : crossings_) {
    // What is beyond is (cosine + i sine) of the source; its derivative by phi is -i times that in
    // the first group, from which it is subtracted, and i times in the second, whose carried
    // cotangents have the other sign.
    const double sign = crossing.first_group ? 1.0 : -1.0;
    const auto& fields = crossing.first_group ? before : after;
    const std::span<const T> a = fields[crossing.source], b = fields[crossing.source + 1];
    const std::span<const T> g_a = carried[crossing.target], g_b = carried[crossing.target + 1];
    double sum = 0.0;
    for (std::size_t p = 0; p < a.size(); ++p) {
      const double real =
          crossing.cosine * static_cast<double>(a[p]) - crossing.sine * static_cast<double>(b[p]);
      const double imaginary =
          crossing.sine * static_cast<double>(a[p]) + crossing.cosine * static_cast<double>(b[p]);
      sum += crossing.weights[p] *
             (static_cast<double>(g_b[p]) * real - static_cast<double>(g_a[p]) * imaginary);
    }
    sums_[crossing.axis] += sign * sum;
  }
}
template void SeamGradient::add_step(const std::vector<std::span<const float>>&,
                                     const std::vector<std::span<const float>>&,
                                     const std::vector<std::span<const float>>&);
template void SeamGradient::add_step(const std::vector<std::span<const double>>&,
                                     const std::vector<std::span<const double>>&,
                                     const std::vector<std::span<const double>>&);

}  // namespace wavesmith
