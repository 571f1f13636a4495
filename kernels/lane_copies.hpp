// Complex fields between row-major arrays and lanes.
#pragma once

#include <complex>
#include <span>

#include "kernels/lanes.hpp"

namespace wavesmith {

// Every point of the shape from row-major values; rows that fill the last block become zero.
template <class T>
void copy_into_lanes(std::span<const std::complex<double>> values, const LaneShape& shape,
                     LaneField<T> field);

}  // namespace wavesmith
