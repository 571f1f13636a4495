#include "apps/expectations.hpp"

#include <fmt/format.h>

namespace wavesmith {

std::vector<Expectation> read_expectations(const SceneTable& table) {
  std::vector<Expectation> expectations;
  for (const std::string& metric : table.keys()) {
    const std::vector<double> bounds = table.numbers(metric, Range::any(), Count::exactly(2));
    if (!(bounds[0] <= bounds[1]))
      throw table.error(metric, "must be [lowest, highest], in this order");
    expectations.push_back({metric, bounds[0], bounds[1]});
  }
  return expectations;
}

Status check_expectations(const std::vector<Expectation>& expectations, const Metrics& metrics) {
  Status status = Status::done;
  for (const Expectation& expectation : expectations) {
    if (!metrics.has(expectation.metric)) {
      std::string known;
      for (const auto& [name, value] : metrics.all()) known += (known.empty() ? "" : ", ") + name;
      throw InputError("expect." + expectation.metric +
                       " names a metric that this scene does not give; it gives " + known);
    }
    const double value = metrics.at(expectation.metric);
    const bool holds = value >= expectation.low && value <= expectation.high;
    fmt::print("{}  {} = {:.9g}, expected {:.9g} to {:.9g}\n", holds ? "holds" : "FAILS",
               expectation.metric, value, expectation.low, expectation.high);
    if (!holds) status = Status::expectation_failed;
  }
  return status;
}

}  // namespace wavesmith
