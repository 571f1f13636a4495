// What every run does, whatever its scene: tell people, and take the time.
#pragma once

#include <chrono>
#include <string>

#include "apps/commands.hpp"

namespace wavesmith {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start);

// Prints a line at once, unless --quiet.
void say(const RunOptions& settings, const std::string& line);

}  // namespace wavesmith
