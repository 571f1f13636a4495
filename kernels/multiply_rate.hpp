// What the machine's arithmetic can do at best.
#pragma once

#include "kernels/device.hpp"

namespace wavesmith {

// Real operations per second [1/s] of fused multiply-adds in registers alone, on so many threads at
// once (0: all); takes some milliseconds.
double multiply_rate(Precision precision, int threads);

}  // namespace wavesmith
