// wavesmith run, check and gradcheck of a whole lens of cells by full waves: solver = "ridge_lens"
// or "pillar_lens". docs/metasurfaces.md describes every key.
#pragma once

#include "apps/commands.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"

namespace wavesmith {

Status run_lens_scene(const Scene& scene, const RunOptions& settings);
Status check_lens_scene(const Scene& scene, const SceneOptions& options);
Status gradcheck_lens_scene(const Scene& scene, const SceneOptions& options);

}  // namespace wavesmith
