#include "apps/gradcheck_parts.hpp"

#include <fmt/format.h>

namespace wavesmith {

bool report_check(const std::string& what, double error, double bound) {
  const bool holds = error <= bound;
  fmt::print("{}  {:<52} {:.2e}  (bound {:.0e})\n", holds ? "holds" : "FAILS", what, error, bound);
  return holds;
}

}  // namespace wavesmith
