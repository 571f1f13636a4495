#include "training/misalignment_draw.hpp"

#include "core/random.hpp"

namespace wavesmith {

Misalignment draw_misalignment(const StackDescription& description,
                               const MisalignmentSpread& spread, std::uint64_t seed,
                               std::uint64_t n) {
  Misalignment drawn;
  if (!spread.any()) return drawn;
  const Random random(seed, n);
  std::uint64_t next = 0;
  const auto symmetric = [&](double half_width) {
    const double value = random.uniform(next++, -half_width, half_width);
    return half_width > 0.0 ? value : 0.0;
  };
  drawn.wavelength_factor = 1.0 + symmetric(spread.wavelength);
  for (std::size_t plane = 0; plane <= description.layers.size(); ++plane) {
    Misalignment::OfPlane of;
    of.shift_x = symmetric(spread.shift);
    of.shift_y = symmetric(spread.shift);
    of.gap = symmetric(spread.gap);
    of.tilt_x = symmetric(spread.tilt);
    of.tilt_y = symmetric(spread.tilt);
    if (plane < description.layers.size() && spread.phase_noise > 0.0)
      for (std::size_t i = 0; i < description.layers[plane].layer->plane().size(); ++i)
        of.phase_error.push_back(spread.phase_noise * random.normal(next++));
    drawn.planes.push_back(std::move(of));
  }
  return drawn;
}

}  // namespace wavesmith
