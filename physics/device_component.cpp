// A device by its scattering parameters at frequencies: of a Touchstone file, which may come from a
// run in time or from another program, or of a table. It has no parameters to differentiate by.
#include <fmt/format.h>

#include "core/csv_table.hpp"
#include "physics/circuit_components.hpp"
#include "physics/names.hpp"
#include "physics/scattering_table.hpp"

namespace wavesmith {
namespace {

std::vector<std::string> port_names(const ComponentSettings& settings,
                                    const ScatteringTable& table) {
  std::vector<std::string> names;
  if (settings.has("ports")) {
    const std::string text = settings.text("ports");
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = text.find_first_not_of(" ,", at);
      if (begin == std::string::npos) break;
      at = std::min(text.find_first_of(" ,", begin), text.size());
      names.push_back(text.substr(begin, at - begin));
    }
    if (names.size() != table.ports)
      throw settings.error(fmt::format("names {} ports, and its file has {}; name them all",
                                       names.size(), table.ports));
    return names;
  }
  for (std::size_t port = 0; port < table.ports; ++port) names.push_back(std::to_string(port + 1));
  return names;
}

class SampledDevice final : public CircuitComponent {
 public:
  SampledDevice(std::vector<std::string> ports, ScatteringTable table, TableInterpolationRule rule)
      : CircuitComponent(std::move(ports), {}), values_(std::move(table), rule) {}

  std::array<double, 2> band() const override {
    return {values_.table().frequencies.front(), values_.table().frequencies.back()};
  }

  void scatter(double frequency, std::span<const double>,
               const ScatteringView& out) const override {
    const std::size_t n = ports().size();
    std::vector<Complex> s(n * n);
    values_.evaluate(frequency, s);
    for (std::size_t i = 0; i < s.size(); ++i) out.set(i / n, i % n, s[i]);
  }

 private:
  ScatteringInterpolation values_;
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  constexpr std::array<NamedValue<TableInterpolationRule>, 2> rules{
      {{"linear", TableInterpolationRule::linear}, {"rational", TableInterpolationRule::rational}}};
  try {
    const auto rule = value_from_name<TableInterpolationRule>(
        rules, settings.text("interpolation", "rational"), "interpolation");
    ScatteringTable table = read_scattering_file(settings.folder / settings.text("file"));
    std::vector<std::string> names = port_names(settings, table);
    return std::make_unique<SampledDevice>(std::move(names), std::move(table), rule);
  } catch (const UnavailableError& error) {
    throw UnavailableError("component " + settings.name + ": " + error.what());
  } catch (const InputError& error) {
    const std::string what = error.what();
    if (what.starts_with("component ")) throw;
    throw InputError("component " + settings.name + ": " + what);
  }
}

}  // namespace

const ComponentKind device_component = {
    "device",
    "Any device by its scattering parameters, from a Touchstone file or a table",
    {{"file", "a Touchstone file (.s2p, .s4p, ..., .ts) or a table (.csv)", true},
     {"ports", "names of the ports in the file's order, with commas; 1, 2, ... without", true},
     {"interpolation", "between the file's frequencies: linear or rational", true}},
    make};

}  // namespace wavesmith
