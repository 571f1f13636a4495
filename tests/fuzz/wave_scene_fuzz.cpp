// Any text is a scene of waves in time or an Error, whose sentence says something; nothing of the
// size of the run is made while it is read. Needs the program's own library: it is built by CMake.
#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "apps/scene_solver.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"

namespace {

// Sanitizers reserve address space of their own; elsewhere what would be absurd fails.
bool bound_memory() {
#if !defined(__SANITIZE_ADDRESS__)
  const rlimit limit = {1u << 30, 1u << 30};
  setrlimit(RLIMIT_AS, &limit);
#endif
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool bounded = bound_memory();
  static_cast<void>(bounded);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const wavesmith::Scene scene = wavesmith::Scene::parse(text, "/nowhere/fuzz.toml");
    if (wavesmith::solver_of(scene) != "time_domain") return 0;
    const wavesmith::WaveProblem problem = wavesmith::read_wave_problem(scene);
    if (problem.sources.empty() || !(problem.setup.dt > 0.0) || !(problem.stop.time > 0.0))
      std::abort();
  } catch (const wavesmith::Error& error) {
    if (std::strlen(error.what()) < 10) std::abort();
  }
  return 0;
}
