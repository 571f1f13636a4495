// Checks of what a user can get wrong, shared by layers, sources and detectors: each throws
// InputError naming the thing, its value and what to do.
#pragma once

#include <span>
#include <string>

#include "core/plane.hpp"

namespace wavesmith {

// Largest plane that layers, sources and detectors accept [samples]: 1.6 GB as complex doubles.
constexpr std::size_t max_plane_samples = 100'000'000;

// At least one sample an axis, finite positive spacing, at most max_plane_samples.
void validate_plane(const Plane& plane, const std::string& what);

void validate_positive(double value, const std::string& name);
void validate_not_negative(double value, const std::string& name);
void validate_finite(double value, const std::string& name);
void validate_between(double value, double low, double high, const std::string& name);
void validate_count(std::size_t count, std::size_t expected, const std::string& what);
void validate_all_finite(std::span<const double> values, const std::string& what);

}  // namespace wavesmith
