// [network] kind = "mesh": meshes of Mach-Zehnder interferometers with an activation between them
// (training/mesh_system.hpp).
#include <fmt/format.h>

#include <algorithm>

#include "apps/networks.hpp"
#include "core/units.hpp"
#include "solvers/mesh_propagation.hpp"
#include "training/mesh_system.hpp"

namespace wavesmith {
namespace {

constexpr int max_layers = 256;
constexpr std::uint64_t measurement_seed = 0x4d455348ull;  // its draws are not those of the parts

MeshActivation read_activation(const SceneTable& table) {
  MeshActivation activation;
  std::vector<std::string> names;
  for (const MeshActivationEntry& entry : list_mesh_activations()) names.push_back(entry.name);
  const std::string name = table.choice("activation", names, "magnitude");
  for (const MeshActivationEntry& entry : list_mesh_activations())
    if (entry.name == name) activation.kind = entry.kind;
  const bool resonator = activation.kind == MeshActivation::Kind::resonator;
  if (resonator || activation.kind == MeshActivation::Kind::electro_optic) {
    activation.tap = table.number("tap", 0.1, {.low = 0, .high = 1, .high_open = true});
    activation.gain = table.number("gain", Range::any());
    activation.bias = table.number("bias", 0.0);
  }
  if (resonator) activation.coupling = table.number("coupling", 1.0, Range::between(0, 2));
  return activation;
}

MeshNetwork read_network(const SceneTable& table) {
  MeshNetwork network;
  const int ports = table.integer("ports", IntegerRange::between(2, MziMesh::max_ports));
  const int layers = table.integer("layers", 1, IntegerRange::between(1, max_layers));
  const MeshLayout layout =
      table.choice("layout", {"rectangular", "triangular"}, "rectangular") == "triangular"
          ? MeshLayout::triangular
          : MeshLayout::rectangular;
  const bool screens = table.boolean("output_phases", false);
  for (int l = 0; l < layers; ++l) network.layers.emplace_back(layout, ports, screens);
  if (layers > 1) network.activation = read_activation(table);

  network.features = table.integer("features", ports, IntegerRange::between(1, ports));
  network.input_scale = table.number("input_scale", 1.0, Range::above(0));
  if (network.features < ports)
    network.bias_power = table.number("bias_power", 0.0, Range::at_least(0));

  std::vector<int> read = table.optional_integers("read", IntegerRange::between(0, ports - 1));
  if (read.empty())
    for (int port = 0; port < ports; ++port) read.push_back(port);
  const int together = table.integer("ports_per_reading", 1, IntegerRange::between(1, ports));
  if (read.size() % static_cast<std::size_t>(together) != 0)
    throw table.error("ports_per_reading",
                      fmt::format("does not divide the {} ports that are read; give a divisor, or "
                                  "list the ports in `read`",
                                  read.size()));
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (std::find(read.begin(), read.begin() + static_cast<std::ptrdiff_t>(i), read[i]) !=
        read.begin() + static_cast<std::ptrdiff_t>(i))
      throw table.error("read",
                        fmt::format("names port {} twice; a port has one detector", read[i]));
    if (i % static_cast<std::size_t>(together) == 0) network.readings.emplace_back();
    network.readings.back().push_back(read[i]);
  }
  return network;
}

MeshImperfections read_imperfections(const SceneTable& table) {
  const Range positive = Range::at_least(0);
  MeshImperfections given;
  given.splitter_spread = table.angle("splitter_spread", 0.0, Range::between(0, pi / 4));
  given.loss = table.quantity("loss", Dimension::level, 0.0, Range::between(0, 100));
  given.loss_spread = table.quantity("loss_spread", Dimension::level, 0.0, Range::between(0, 100));
  given.phase_spread = table.angle("phase_spread", 0.0, positive);
  given.crosstalk = table.number("crosstalk", 0.0, Range::between(-1, 1));
  given.bits = table.integer("bits", 0, IntegerRange::between(0, 24));
  given.drift = table.angle("drift", 0.0, positive);
  if (given.drift > 0.0)
    given.drift_period = table.number("drift_period", given.drift_period, Range::above(0));
  return given;
}

MeshMeasurement read_measurement(const SceneTable& table) {
  const Range positive = Range::at_least(0);
  MeshMeasurement given;
  given.amplitude_error = table.number("amplitude_error", 0.0, positive);
  given.phase_error = table.angle("phase_error", 0.0, positive);
  given.reference_error = table.angle("reference_error", 0.0, positive);
  given.tap_noise = table.number("tap_noise", 0.0, positive);
  given.tap_spread = table.number("tap_spread", 0.0, positive);
  return given;
}

bool any(const MeshMeasurement& given) {
  return given.amplitude_error > 0.0 || given.phase_error > 0.0 || given.reference_error > 0.0 ||
         given.tap_noise > 0.0 || given.tap_spread > 0.0;
}

class MeshDescription final : public NetworkDescription {
 public:
  explicit MeshDescription(const NetworkTables& tables) : network_(read_network(tables.network)) {
    const SceneTable& table = tables.network;
    options_.protocol = table.choice("protocol", {"three", "plus_minus"}, "three") == "three"
                            ? MeshSystemOptions::Protocol::three
                            : MeshSystemOptions::Protocol::plus_minus;
    options_.loss_correction = table.boolean("loss_correction", false);
    options_.error_power = table.number("error_power", 1.0, Range::at_least(0));
    options_.phases_from_model = table.boolean("phases_from_model", false);
    if (tables.device) {
      imperfections_ = read_imperfections(*tables.device);
      measurement_ = read_measurement(*tables.device);
    }
  }

  int input_count() const override { return network_.features; }
  std::vector<std::string> reading_names() const override {
    std::vector<std::string> names;
    for (const std::vector<int>& ports : network_.readings) {
      std::string name = "port";
      for (int port : ports) name += fmt::format("_{}", port);
      names.push_back(name);
    }
    return names;
  }
  std::vector<double> starting_parameters(std::uint64_t seed) const override {
    return haar_settings(network_, seed);
  }
  std::unique_ptr<PhysicalSystem> make_system(const NetworkSystemOptions& options,
                                              bool built) const override {
    MeshSystemOptions of_system = options_;
    of_system.precision = options.precision;
    of_system.device = options.device;
    of_system.threads = options.threads;
    if (built) {
      of_system.imperfections = imperfections_;
      of_system.measurement = measurement_;
    }
    of_system.imperfections.seed = options.seed;
    of_system.measurement.seed = options.seed ^ measurement_seed;
    return std::make_unique<MeshSystem>(network_, of_system);
  }
  bool has_imperfections() const override { return imperfections_.any() || any(measurement_); }

  std::vector<std::string> summary() const override {
    const MziMesh& mesh = network_.layers.front();
    const char* const layout =
        mesh.layout() == MeshLayout::triangular ? "triangular" : "rectangular";
    const auto& entries = list_mesh_activations();
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const auto& e) {
      return e.kind == network_.activation.kind;
    });
    std::vector<std::string> lines{
        fmt::format("{} {} {} of {} ports, {} interferometers each; {} phases",
                    network_.layers.size(), layout, network_.layers.size() == 1 ? "mesh" : "meshes",
                    mesh.ports(), mesh.mzi_count(), network_.parameter_count())};
    if (network_.layers.size() > 1)
      lines.push_back(fmt::format("between them {}: {}", entry->name, entry->sentence));
    lines.push_back(
        fmt::format("gradients in the laboratory: {} power maps a layer{}{}",
                    options_.protocol == MeshSystemOptions::Protocol::three ? "three" : "two",
                    options_.loss_correction ? ", corrected for uniform loss" : "",
                    options_.phases_from_model ? ", PHASES TAKEN FROM THE DIGITAL MODEL" : ""));
    return lines;
  }

  std::uint64_t bytes(int batch, Precision precision) const override {
    const std::uint64_t phases = network_.parameter_count(), number = precision_bytes(precision);
    const std::uint64_t lanes = 64 / number, threads = 64;
    const std::uint64_t sums_of_runs = 2 * BlockRuns::most * phases * sizeof(double);
    const std::uint64_t bench = 6 * phases * lanes * number;
    return std::min<std::uint64_t>(threads, BlockRuns::most) * bench + sums_of_runs +
           4 * phases * sizeof(MeshElement<double>) +
           static_cast<std::uint64_t>(batch) * network_.readings.size() * sizeof(double);
  }

  // Interferometers at their columns and ports, layer behind layer, joined by the guides.
  std::optional<NetworkFigure> figure(std::span<const double> parameters) const override {
    NetworkFigure figure;
    figure.name = "network";
    figure.title = "interferometers with their phases, joined by waveguides";
    figure.length_unit = "1";
    FrameArray theta{"theta", "rad", {}}, phi{"phi", "rad", {}}, layer{"layer", "1", {}};
    FrameArray guide{"port", "1", {}};
    std::size_t first = 0;
    double start = 0.0;
    std::vector<int> last(static_cast<std::size_t>(network_.ports()), -1);
    for (std::size_t l = 0; l < network_.layers.size(); ++l) {
      const MziMesh& mesh = network_.layers[l];
      for (std::size_t k = 0; k < mesh.mzi_count(); ++k) {
        const int node = static_cast<int>(figure.nodes.size());
        const MziPlace& place = mesh.mzis()[k];
        figure.nodes.push_back({start + place.column, -0.5 - place.top, 0.0});
        theta.values.push_back(static_cast<float>(parameters[first + mesh.theta(k)]));
        phi.values.push_back(static_cast<float>(parameters[first + mesh.phi(k)]));
        layer.values.push_back(static_cast<float>(l));
        for (int port : {place.top, place.top + 1}) {
          int& before = last[static_cast<std::size_t>(port)];
          if (before >= 0) {
            figure.bonds.push_back({before, node});
            guide.values.push_back(static_cast<float>(port));
          }
          before = node;
        }
      }
      first += mesh.phase_count();
      start += mesh.columns() + 2.0;
    }
    figure.node_arrays = {std::move(theta), std::move(phi), std::move(layer)};
    figure.bond_arrays = {std::move(guide)};
    return figure;
  }

 private:
  static std::uint64_t precision_bytes(Precision precision) {
    return precision == Precision::f32 ? sizeof(float) : sizeof(double);
  }

  MeshNetwork network_;
  MeshSystemOptions options_;
  MeshImperfections imperfections_;
  MeshMeasurement measurement_;
};

}  // namespace

std::unique_ptr<NetworkDescription> read_mesh_network(const NetworkTables& tables) {
  return std::make_unique<MeshDescription>(tables);
}

}  // namespace wavesmith
