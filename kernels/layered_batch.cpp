#include "kernels/layered_batch.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/memory.hpp"

namespace wavesmith {

int LayeredBatchSize::modes() const {
  return std::accumulate(sizes.begin(), sizes.end(), 0);
}

std::size_t LayeredBatchSize::parameters() const {
  auto count = static_cast<std::size_t>(modes());
  for (std::size_t layer = 0; layer + 1 < sizes.size(); ++layer)
    count += static_cast<std::size_t>(sizes[layer]) * static_cast<std::size_t>(sizes[layer + 1]);
  return count;
}

std::size_t LayeredBatchSize::bytes(std::size_t scalar) const {
  const auto wide = [](int value) { return static_cast<std::uint64_t>(value); };
  const std::uint64_t n = wide(reduced()), pair = 2 * scalar, entries = n * (n + 1) / 2;
  const std::uint64_t sample = add_sizes(
      {multiply_sizes({wide(inputs()), 8 + pair}), multiply_sizes({entries, pair}),
       multiply_sizes({n, pair}), multiply_sizes({wide(columns), n + wide(modes()), pair}),
       multiply_sizes({wide(outputs()), 2 * pair}), 257 * scalar + 4});
  const std::uint64_t shared =
      add_sizes({multiply_sizes({wide(inputs()), 16 + scalar}),
                 multiply_sizes({wide(inputs()), wide(sizes[1]), scalar}),
                 multiply_sizes({entries, pair}), multiply_sizes({wide(middle()), n, pair}),
                 multiply_sizes({parameters(), 8}), multiply_sizes({sizes.size(), 64})});
  return static_cast<std::size_t>(add_sizes({multiply_sizes({wide(samples), sample}), shared}));
}

}  // namespace wavesmith
