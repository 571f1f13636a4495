// Is a gradient the gradient? Tests that any scene can be put to, in double precision.
#pragma once

#include <cstdint>

#include "solvers/diffractive_stack.hpp"
#include "training/diffractive_system.hpp"
#include "training/loss.hpp"
#include "training/method.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

// The transpose of the passes against the passes themselves. With every layer's transmission as its
// own complex parameter the readings are quadratic in each layer, and a central difference of any
// step is their exact derivative: both sides of <A x, y> = <x, A^H y> without truncation error.
// Returns the largest |left - right| / (|left| + |right|) over the layers, for random
// transmissions, directions and cotangents. Does not depend on the layers' own kinds. The stack may
// be misaligned.
double transpose_error(const StackDescription& description, const InputSet& inputs,
                       const Device& device, int threads, std::uint64_t seed,
                       const Misalignment& misalignment = {});

// The exact gradient of the mean loss against central differences along `directions` random
// directions (fourth order, steps 2h and h, h chosen by scanning). Returns the largest
// |difference - slope| / (|difference| + |slope|).
double finite_difference_error(PhysicalSystem& system, const InputSet& inputs, const Loss& loss,
                               std::span<const double> parameters, int directions,
                               std::uint64_t seed);

// |found - exact| / |exact| of a method's gradient on the system itself. No more than rounding for
// the methods that are exact where nothing is noisy or lossy.
double method_error(PhysicalSystem& system, const TrainingMethod& method, const InputSet& inputs,
                    const Loss& loss, std::span<const double> parameters);

// Cosine and ratio of lengths of a gradient against the exact one.
struct GradientAgreement {
  double direction_error = 0.0;  // 1 - cosine
  double length_ratio = 0.0;
};
GradientAgreement compare_gradients(std::span<const double> gradient,
                                    std::span<const double> exact);

// A method's gradient over all inputs, with `model` as what is known of `device`, against the exact
// gradient of the device itself, which is what every method is after.
GradientAgreement method_agreement(PhysicalSystem& device, PhysicalSystem& model,
                                   const TrainingMethod& method, const InputSet& inputs,
                                   const Loss& loss, std::span<const double> parameters,
                                   std::uint64_t seed);

// Gradient of the summed loss over all inputs, by the system's pull_back.
std::vector<double> exact_gradient(PhysicalSystem& system, const InputSet& inputs, const Loss& loss,
                                   std::span<const double> parameters);

}  // namespace wavesmith
