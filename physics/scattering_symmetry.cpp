#include "physics/scattering_symmetry.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {

CompletedScattering complete_scattering(
    const std::vector<double>& frequencies,
    const std::vector<std::vector<std::complex<double>>>& column, std::size_t from,
    const std::vector<std::vector<std::size_t>>& orders) {
  WAVESMITH_VALIDATE(!frequencies.empty() && frequencies.size() == column.size(),
                     "a column of scattering parameters needs values at every frequency");
  const std::size_t n = column[0].size();
  WAVESMITH_VALIDATE(from < n, "the column's port is none of the device's");
  for (const auto& order : orders) {
    std::vector<std::size_t> sorted = order;
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i)
      WAVESMITH_VALIDATE(sorted.size() == n && sorted[i] == i,
                         "a symmetry of a device is an order of all of its ports");
  }
  // Which entries of the column an entry is the same as: a walk over all that is equal.
  std::vector<std::vector<std::size_t>> equals(n * n);
  for (std::size_t to = 0; to < n; ++to) {
    std::vector<std::array<std::size_t, 2>> found = {{to, from}};
    std::vector<bool> seen(n * n, false);
    for (std::size_t at = 0; at < found.size(); ++at) {
      const auto [i, j] = found[at];
      if (seen[i * n + j]) continue;
      seen[i * n + j] = true;
      equals[i * n + j].push_back(to);
      found.push_back({j, i});
      for (const auto& order : orders) found.push_back({order[i], order[j]});
    }
  }
  CompletedScattering result;
  ScatteringTable& table = result.table;
  table.ports = n;
  std::vector<std::size_t> rising(frequencies.size());
  std::iota(rising.begin(), rising.end(), std::size_t{0});
  std::ranges::sort(rising, {}, [&](std::size_t f) { return frequencies[f]; });
  for (const auto& same : equals) result.unknown += same.empty();
  for (const std::size_t f : rising) {
    validate_count(column[f].size(), n, "scattering parameters of a column");
    table.frequencies.push_back(frequencies[f]);
    for (const auto& same : equals) {
      std::complex<double> mean;
      for (const std::size_t to : same) mean += column[f][to] / static_cast<double>(same.size());
      for (const std::size_t to : same)
        result.disagreement = std::max(result.disagreement, std::abs(column[f][to] - mean));
      table.s.push_back(mean);
    }
  }
  return result;
}

}  // namespace wavesmith
