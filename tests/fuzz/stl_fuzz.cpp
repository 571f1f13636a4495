// sources: physics/stl_solid.cpp physics/solid.cpp physics/convex_piece.cpp
// sources: physics/spatial_bins.cpp physics/input_file.cpp physics/validate.cpp
// Any bytes are a closed surface or an InputError; of a surface every question has an answer.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "physics/stl_solid.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using wavesmith::Vec3;
  try {
    const wavesmith::MeshSolid solid(wavesmith::parse_stl({data, size}, "fuzz.stl"), "fuzz");
    const wavesmith::Bounds box = solid.bounds();
    for (const double share : {0.0, 0.37, 0.5, 1.1}) {
      Vec3 p{};
      for (std::size_t d = 0; d < 3; ++d) p[d] = box.lo[d] + share * (box.hi[d] - box.lo[d]);
      const double distance = solid.signed_distance(p);
      if (std::isnan(distance)) std::abort();
      if (solid.contains(p) && distance > 0.0) std::abort();
      static_cast<void>(solid.normal(p));
      static_cast<void>(solid.clearance(p));
    }
  } catch (const wavesmith::InputError&) {
  }
  return 0;
}
