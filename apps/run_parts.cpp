#include "apps/run_parts.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace wavesmith {

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void say(const RunOptions& settings, const std::string& line) {
  if (settings.quiet) return;
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

}  // namespace wavesmith
