// More training images out of those there are: moved, turned, scaled and mirrored by a little, as a
// class does not change by it (P. Y. Simard et al., ICDAR 2003).
//
// A pixel (x, y) of a copy, from the image's middle in pixels, shows what the image has at
//   M R(-angle) ((x, y) - shift) / scale,
// M the mirror x to -x or nothing, between its pixels by bilinear interpolation, outside of it 0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "training/dataset.hpp"

namespace wavesmith {

// Limits of what is drawn for each copy, uniformly.
struct Augmentation {
  int copies = 0;         // of each image, beside itself
  double shift = 0.0;     // moved along either side by -shift to shift pixels,
  double rotation = 0.0;  // turned by -rotation to rotation [rad],
  double zoom = 0.0;      // scaled by 1 - zoom to 1 + zoom
  bool mirrored = false;  // and half of the copies turned left to right
};

// The first `used` images of a set, then their copies, all of the first copies first, then the
// other images as they were. The draws follow from the seed. Throws InputError where samples are no
// images, little of them would be left or nothing differs in a copy; UnavailableError where the
// images would not fit into memory.
Dataset augmented(const Dataset& data, std::size_t used, const Augmentation& augmentation,
                  std::uint64_t seed);

}  // namespace wavesmith
