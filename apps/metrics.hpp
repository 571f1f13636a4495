// Numbers by name, in the order in which they were found.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace wavesmith {

class Metrics {
 public:
  void set(const std::string& name, double value);
  bool has(const std::string& name) const;
  double at(const std::string& name) const;
  const std::vector<std::pair<std::string, double>>& all() const { return values_; }

 private:
  std::vector<std::pair<std::string, double>> values_;
};

}  // namespace wavesmith
