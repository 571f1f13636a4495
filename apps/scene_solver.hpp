// Which solver a scene asks for.
#pragma once

#include <string>

#include "core/scene.hpp"

namespace wavesmith {

// The value of `solver`: "angular_spectrum" where the scene does not say. Throws InputError where
// it names none.
std::string solver_of(const Scene& scene);

}  // namespace wavesmith
