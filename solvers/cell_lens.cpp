#include "solvers/cell_lens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace wavesmith {

void validate_cell_lens(const CellLens& lens, double widest) {
  for (const double value : {lens.pitch, lens.height, lens.index, lens.substrate_index,
                             lens.wavelength, lens.focal_length, lens.cell, lens.time, lens.least})
    WAVESMITH_VALIDATE(std::isfinite(value) && value > 0.0,
                       "a number of the lens of cells is not above 0");
  WAVESMITH_VALIDATE(lens.count >= 1 && lens.count <= 10000,
                     "a lens has 1 to 10000 cells within its diameter");
  WAVESMITH_VALIDATE(lens.least < lens.most && widest < lens.pitch,
                     "cells of a lens are between nothing and their pitch wide");
  WAVESMITH_VALIDATE(lens.cell * lens.index * 5.0 <= lens.wavelength,
                     fmt::format("cells of {} m are less than 5 a wavelength in the lens; choose "
                                 "{:.3g} m or less",
                                 lens.cell, lens.wavelength / lens.index / 15.0));
}

void validate_sizes(const CellLens& lens, const std::vector<double>& sizes, std::size_t count) {
  WAVESMITH_VALIDATE(sizes.size() == count,
                     fmt::format("{} sizes for a lens of {} cells", sizes.size(), count));
  for (std::size_t c = 0; c < sizes.size(); ++c)
    WAVESMITH_VALIDATE(
        sizes[c] >= lens.least * (1.0 - 1e-9) && sizes[c] <= lens.most * (1.0 + 1e-9),
        fmt::format("cell {} of the lens has the size {} m; it lies between {} m and {} m", c,
                    sizes[c], lens.least, lens.most));
}

double strehl_ratio(const Focus& focus, const Focus& ideal) {
  return focus.peak / focus.passed * ideal.passed / ideal.peak;
}

double width_at_half(const std::vector<double>& x, const std::vector<double>& values) {
  const auto top = std::max_element(values.begin(), values.end());
  const auto at = top - values.begin();
  const double step = x[1] - x[0];
  const auto edge = [&](long direction) {
    for (long i = at;; i += direction) {
      const long next = i + direction;
      if (next < 0 || next >= static_cast<long>(values.size()))
        return std::abs(x[static_cast<std::size_t>(i)]);
      const double a = values[static_cast<std::size_t>(i)],
                   b = values[static_cast<std::size_t>(next)];
      if (b < 0.5 * *top)
        return step * (static_cast<double>(std::abs(i - at)) + (a - 0.5 * *top) / (a - b));
    }
  };
  return edge(1) + edge(-1);
}

}  // namespace wavesmith
