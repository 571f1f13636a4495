// More training images out of those there are: moved by whole pixels, and mirrored, as a class
// does not change by it (P. Y. Simard et al., ICDAR 2003).
#pragma once

#include <cstddef>
#include <cstdint>

#include "training/dataset.hpp"

namespace wavesmith {

struct Augmentation {
  int copies = 0;         // of each image, beside itself
  int shift = 0;          // a copy moves by -shift to shift pixels along either side
  bool mirrored = false;  // half of the copies, drawn at random, are turned left to right
};

// The first `used` images of a set, then their copies, all of the first copies first, then the
// other images as they were. Pixels moved in from outside are 0. The draws follow from the seed.
// Throws InputError where samples are no images, a shift moves them away or nothing differs in a
// copy; UnavailableError where the images would not fit into memory.
Dataset augmented(const Dataset& data, std::size_t used, const Augmentation& augmentation,
                  std::uint64_t seed);

}  // namespace wavesmith
