#pragma once

namespace wavesmith {

inline constexpr const char* version = "0.1.0";

}  // namespace wavesmith
