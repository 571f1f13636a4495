// The exact squared Euclidean distance of every pixel of a raster to the nearest marked pixel.
//
// P. F. Felzenszwalb and D. P. Huttenlocher, "Distance transforms of sampled functions", Theory of
// Computing 8, 415 (2012): distances along rows, then lower envelopes of parabolas along columns;
// time linear in the number of pixels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace wavesmith {

// `marked`: nx x ny, row-major, x fastest. Distances are in pixels between their centres, squared:
// whole numbers. nx^2 + ny^2 where no pixel is marked.
std::vector<std::int32_t> squared_distances(std::span<const char> marked, int nx, int ny);

}  // namespace wavesmith
