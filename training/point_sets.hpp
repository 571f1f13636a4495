// Made-up sets of labelled points in the plane, for classifiers with two inputs.
//
//   moons     two half circles of radius 1 that reach into each other: (cos t, sin t) and
//             (1 - cos t, 1/2 - sin t), 0 <= t <= pi
//   circles   two circles around the origin, of radius 1 (class 0) and 1/2 (class 1)
//
// The points lie evenly along their curves, each moved by normal noise in both directions; classes
// alternate. The same sets as scikit-learn's make_moons and make_circles (factor 1/2) up to the
// order of the points.
#pragma once

#include <cstdint>
#include <string>

#include "training/dataset.hpp"

namespace wavesmith {

bool is_point_set(const std::string& name);

// `count` points of 2 features. Throws InputError for an unknown name.
Dataset make_point_set(const std::string& name, std::size_t count, double noise,
                       std::uint64_t seed);

}  // namespace wavesmith
