#include "solvers/reference_media.hpp"

#include <algorithm>

namespace wavesmith {

void reference_weights(std::complex<double> index, std::span<const double> references, double k0,
                       double slice, std::span<ReferenceWeight> weights) {
  std::fill(weights.begin(), weights.end(), ReferenceWeight{});
  const std::complex<double> rate(0.0, k0 * slice);  // of the phase with the index
  const auto set = [&](std::size_t m, double share, double share_slope) {
    const std::complex<double> turn = std::exp(rate * (index - references[m]));
    weights[m] = {share * turn, share * rate * turn, share_slope * turn};
  };
  const auto above = std::upper_bound(references.begin(), references.end(), index.real());
  if (above == references.begin()) return set(0, 1.0, 0.0);
  const std::size_t low = static_cast<std::size_t>(above - references.begin()) - 1;
  if (above == references.end()) {
    // At the highest reference itself the mixture is entered from below.
    const bool at_end = index.real() == references[low] && low > 0;
    const double slope = at_end ? 1.0 / (references[low] - references[low - 1]) : 0.0;
    set(low, 1.0, slope);
    if (at_end) set(low - 1, 0.0, -slope);
    return;
  }
  const double width = references[low + 1] - references[low];
  const double share = (index.real() - references[low]) / width;
  set(low, 1.0 - share, -1.0 / width);
  set(low + 1, share, 1.0 / width);
}

}  // namespace wavesmith
