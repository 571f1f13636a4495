#include "apps/metrics.hpp"

#include <algorithm>
#include <stdexcept>

namespace wavesmith {

void Metrics::set(const std::string& name, double value) {
  for (auto& entry : values_)
    if (entry.first == name) {
      entry.second = value;
      return;
    }
  values_.emplace_back(name, value);
}

bool Metrics::has(const std::string& name) const {
  return std::any_of(values_.begin(), values_.end(),
                     [&](const auto& entry) { return entry.first == name; });
}

double Metrics::at(const std::string& name) const {
  for (const auto& entry : values_)
    if (entry.first == name) return entry.second;
  throw std::out_of_range("no metric " + name);
}

}  // namespace wavesmith
