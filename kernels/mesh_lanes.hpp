// Light through a mesh of interferometers, W samples side by side.
//
// A field holds the W samples of every port one after the other, real parts and imaginary parts
// apart (kernels/lanes.hpp). Elements are met in their order on the way forward and in the opposite
// order on the way back, where each is replaced by its transpose: reciprocity. One interferometer
//   U = C(c2, s2) diag(theta, theta_lower) C(c1, s1) diag(phi, phi_lower),
//   C(c, s) = [[c, i s], [i s, c]]
// costs 24 vector operations for W samples: 4 for each phase, 8 for each coupler.
#pragma once

#include <complex>
#include <cstddef>
#include <span>

#include "kernels/lanes.hpp"

namespace wavesmith {

template <class T>
struct MeshElement {
  int top = 0;
  int lower = -1;  // the second port; below 0 light of one port only is multiplied by theta
  int slot = -1;   // of theta's tap, phi's is the next; below 0 nothing is tapped
  T phi_re = 1, phi_im = 0, phi_lower = 1;
  T c1 = 1, s1 = 0;
  T theta_re = 1, theta_im = 0, theta_lower = 1;
  T c2 = 1, s2 = 0;
};

// What passes behind every phase shifter, and behind every coupler where `couplers` is set: W
// numbers a slot for shifters; for couplers four times W numbers for the slot of the
// interferometer's theta (upper and lower port behind the first, then behind the second).
template <class T>
struct MeshTaps {
  LaneField<T> shifters, couplers;
};

// Sums that the power meters behind the shifters add up over runs of the light, W numbers a slot:
// sum += weight * power, and where `variance` is not null variance += variance_weight * power.
// Weights are W numbers, one a sample.
template <class T>
struct MeshPowers {
  T* sum = nullptr;
  T* variance = nullptr;
  const T* weight = nullptr;
  const T* variance_weight = nullptr;
};

enum class MeshWay { forward, backward };

// In place, through all elements.
template <class T>
void cross_mesh(std::span<const MeshElement<T>> elements, MeshWay way, LaneField<T> field);
template <class T>
void cross_mesh(std::span<const MeshElement<T>> elements, MeshWay way, LaneField<T> field,
                const MeshPowers<T>& powers);
// Fields at the taps are kept; those of the couplers where their pointer is not null.
template <class T>
void cross_mesh(std::span<const MeshElement<T>> elements, MeshWay way, LaneField<T> field,
                const MeshTaps<T>& taps);

// The transpose of the forward passage: `field` is dL/d(output), in the sense dL = Re(sum_k g_k
// dy_k), and becomes dL/d(input). Adds -Im(b f) to the sums of the shifters, b what passes on this
// way where f passed on the way forward; and dL/d(angle) of the couplers where their sums are not
// null (2 W numbers for each theta's slot, first and second coupler).
template <class T>
void pull_back_mesh(std::span<const MeshElement<T>> elements, const MeshTaps<T>& taps,
                    LaneField<T> field, T* shifter_sums, T* coupler_sums);

}  // namespace wavesmith
