#include "core/network_figure.hpp"

#include <cmath>
#include <set>
#include <stdexcept>

#include "core/error.hpp"

namespace wavesmith {
namespace {

std::vector<FrameArray>& arrays_of(NetworkFigure& figure, NetworkPart part, std::size_t size,
                                   const std::string& name) {
  const std::size_t expected =
      part == NetworkPart::nodes ? figure.nodes.size() : figure.bonds.size();
  if (size != expected)
    throw std::logic_error("array " + name + " has " + std::to_string(size) +
                           " values where network " + figure.name + " needs " +
                           std::to_string(expected));
  return part == NetworkPart::nodes ? figure.node_arrays : figure.bond_arrays;
}

void validate_arrays(const std::vector<FrameArray>& arrays, std::size_t count,
                     const std::string& what, const std::string& where) {
  std::set<std::string> names;
  for (const FrameArray& array : arrays) {
    WAVESMITH_VALIDATE(array.components == 1 || array.components == 3,
                       where + ": array \"" + array.name + "\" has " +
                           std::to_string(array.components) +
                           " components; 1 is a scalar and 3 a vector");
    const std::size_t needed = count * static_cast<std::size_t>(array.components);
    WAVESMITH_VALIDATE(array.values.size() == needed,
                       where + ": array \"" + array.name + "\" has " +
                           std::to_string(array.values.size()) + " values where the " + what +
                           " need " + std::to_string(needed));
    WAVESMITH_VALIDATE(!array.name.empty() && names.insert(array.name).second,
                       where + ": names of arrays of the " + what +
                           " must be there and differ; \"" + array.name + "\" does not");
  }
}

}  // namespace

void add_real(NetworkFigure& figure, NetworkPart part, const std::string& name,
              const std::string& unit, std::span<const double> values) {
  std::vector<float> copy(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) copy[i] = static_cast<float>(values[i]);
  arrays_of(figure, part, values.size(), name).push_back({name, unit, std::move(copy)});
}

void add_complex(NetworkFigure& figure, NetworkPart part, const std::string& name,
                 const std::string& unit, std::span<const std::complex<double>> values) {
  auto& arrays = arrays_of(figure, part, values.size(), name);
  std::vector<float> real, imaginary, amplitude, phase;
  for (const std::complex<double>& value : values) {
    real.push_back(static_cast<float>(value.real()));
    imaginary.push_back(static_cast<float>(value.imag()));
    amplitude.push_back(static_cast<float>(std::abs(value)));
    // The phase of nothing is 0, not that of a signed zero.
    phase.push_back(value == 0.0 ? 0.0f : static_cast<float>(std::arg(value)));
  }
  arrays.push_back({name + "_real", unit, std::move(real)});
  arrays.push_back({name + "_imaginary", unit, std::move(imaginary)});
  arrays.push_back({name + "_amplitude", unit, std::move(amplitude)});
  arrays.push_back({name + "_phase", "rad", std::move(phase)});
}

void add_vector(NetworkFigure& figure, const std::string& name, const std::string& unit,
                std::span<const double> values) {
  FrameArray array{name, unit, {}, 3};
  for (const double value : values) array.values.push_back(static_cast<float>(value));
  arrays_of(figure, NetworkPart::nodes, values.size() / 3, name).push_back(std::move(array));
}

void validate(const NetworkFigure& figure, const std::string& where) {
  WAVESMITH_VALIDATE(!figure.nodes.empty(), where + ": the network has no nodes to show");
  WAVESMITH_VALIDATE(std::isfinite(figure.time), where + ": the network's time is not finite");
  for (std::size_t n = 0; n < figure.nodes.size(); ++n)
    for (const double x : figure.nodes[n])
      WAVESMITH_VALIDATE(std::isfinite(x),
                         where + ": the place of node " + std::to_string(n + 1) + " is not finite");
  const int count = static_cast<int>(figure.nodes.size());
  for (std::size_t b = 0; b < figure.bonds.size(); ++b)
    for (const int node : figure.bonds[b])
      WAVESMITH_VALIDATE(node >= 0 && node < count,
                         where + ": bond " + std::to_string(b + 1) + " ends at node " +
                             std::to_string(node + 1) + " of " + std::to_string(count));
  validate_arrays(figure.node_arrays, figure.nodes.size(), "nodes", where);
  validate_arrays(figure.bond_arrays, figure.bonds.size(), "bonds", where);
}

}  // namespace wavesmith
