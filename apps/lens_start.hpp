// Layers that start as a lens: `start_lens` in a scene's layer.
#pragma once

#include "apps/scene_parts.hpp"
#include "core/scene.hpp"

namespace wavesmith {

// Phase [rad] of an ideal lens at (x, y) from its centre, which turns a plane wave into the
// spherical wave of its focus: -k (sqrt(r^2 + f^2) - f). wavelength: in the medium [m].
double lens_phase(double x, double y, double focal_length, double wavelength);

// Sets the start of a phase or height layer to the lens in `table`, modulo one wave at the layer's
// design wavelength.
void read_start_lens(const SceneTable& table, LayerPart& part);

}  // namespace wavesmith
