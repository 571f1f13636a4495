// Random errors of amplitude and phase on light of many samples side by side.
#pragma once

#include <cstdint>
#include <span>

#include "core/random.hpp"

namespace wavesmith {

// Random::normal_pair(first + i * stride) for every i of both spans, which are of one size; equal
// to it but for rounding.
void normal_pairs(const Random& random, std::uint64_t first, std::uint64_t stride,
                  std::span<double> one, std::span<double> other);

// Light re + i im of each sample times (1 + amplitude_error n1) exp(i (phase_error n2 + turned)),
// n1 and n2 normal_pair(first + sample * stride). Phases in radian.
struct LightErrors {
  double amplitude_error = 0.0, phase_error = 0.0, turned = 0.0;
};
template <class T>
void disturb_light(const LightErrors& errors, const Random& random, std::uint64_t first,
                   std::uint64_t stride, std::span<T> re, std::span<T> im);

}  // namespace wavesmith
