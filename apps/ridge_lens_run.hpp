// wavesmith run, check and gradcheck of a whole lens of ridges: solver = "ridge_lens".
// docs/metasurfaces.md describes every key.
#pragma once

#include "apps/commands.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"

namespace wavesmith {

Status run_ridge_lens_scene(const Scene& scene, const RunOptions& settings);
Status check_ridge_lens_scene(const Scene& scene, const SceneOptions& options);
Status gradcheck_ridge_lens_scene(const Scene& scene, const SceneOptions& options);

}  // namespace wavesmith
