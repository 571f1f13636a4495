#include "kernels/medium_codes.hpp"

#include <bit>
#include <unordered_map>

namespace wavesmith {
namespace {

constexpr std::size_t most_entries = 65536;

template <class T>
struct EntryHash {
  std::size_t operator()(const std::array<T, 6>& entry) const {
    std::uint64_t hash = 0x9e3779b97f4a7c15u;
    for (const T value : entry) {
      hash = (hash ^ std::bit_cast<std::uint64_t>(static_cast<double>(value) + 0.0)) *
             0xbf58476d1ce4e5b9u;
      hash ^= hash >> 29;
    }
    return static_cast<std::size_t>(hash);
  }
};

}  // namespace

template <class T>
MediumCodes<T> encode_medium(std::size_t points, const std::array<std::span<const T>, 6>& numbers) {
  bool varies = false;
  for (const std::span<const T> one : numbers) varies = varies || one.size() > 1;
  const auto entry_at = [&](std::size_t point) {
    std::array<T, 6> entry;
    for (std::size_t n = 0; n < 6; ++n)
      entry[n] = numbers[n].empty() ? T(1) : numbers[n][numbers[n].size() == 1 ? 0 : point];
    return entry;
  };
  MediumCodes<T> codes;
  if (!varies) {
    codes.table.push_back(entry_at(0));
    return codes;
  }
  codes.code.resize(points);
  std::unordered_map<std::array<T, 6>, std::uint16_t, EntryHash<T>> known;
  std::array<T, 6> last{};
  for (std::size_t point = 0; point < points; ++point) {
    const std::array<T, 6> entry = entry_at(point);
    // Neighbours are mostly of the same medium.
    if (point > 0 && entry == last) {
      codes.code[point] = codes.code[point - 1];
      continue;
    }
    last = entry;
    const auto [place, fresh] = known.try_emplace(entry, static_cast<std::uint16_t>(known.size()));
    if (fresh) {
      if (known.size() > most_entries) return {};
      codes.table.push_back(entry);
    }
    codes.code[point] = place->second;
  }
  if (codes.table.size() == 1) codes.code = {};
  return codes;
}

template MediumCodes<float> encode_medium(std::size_t,
                                          const std::array<std::span<const float>, 6>&);
template MediumCodes<double> encode_medium(std::size_t,
                                           const std::array<std::span<const double>, 6>&);

}  // namespace wavesmith
