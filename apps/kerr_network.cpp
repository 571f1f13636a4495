// [network] kind = "kerr": layers of Kerr resonators (physics/kerr_network.hpp).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "apps/networks.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "training/kerr_system.hpp"

namespace wavesmith {
namespace {

KerrLink read_link(const SceneTable& table) {
  KerrLink link;
  if (table.choice("kind", {"dense", "window"}) == "dense") {
    link.kind = KerrLink::Kind::dense;
    link.size = table.integer("size", IntegerRange::between(1, max_kerr_modes));
  } else {
    link.kind = KerrLink::Kind::window;
    link.kernel = table.integer("kernel", IntegerRange::between(1, 1000));
    link.stride = table.integer("stride", 1, IntegerRange::between(1, 1000));
    link.shared = table.boolean("shared", false);
  }
  return link;
}

KerrLayers read_layers(const SceneTable& table) {
  KerrLayers layers;
  const std::vector<int> grid =
      table.integers("grid", IntegerRange::between(1, max_kerr_modes), Count::between(1, 2));
  layers.rows = grid.size() == 2 ? grid[0] : 1;
  layers.columns = grid.back();
  for (const SceneTable& link : table.tables("link", Count::at_least(1)))
    layers.links.push_back(read_link(link));
  layers.mode.port_loss = table.number("port_loss", 1.0, Range::above(0));
  layers.mode.internal_loss = table.number("internal_loss", 0.0, Range::at_least(0));
  layers.mode.kerr = table.number("kerr", Range::any());
  return layers;
}

KerrInput read_input(const SceneTable& table) {
  KerrInput input;
  const bool drive = table.choice("input", {"drive", "detuning"}, "drive") == "drive";
  input.kind = drive ? KerrInput::Kind::drive : KerrInput::Kind::detuning;
  input.scale = table.number("input_scale", 1.0);
  input.offset = table.number("input_offset", 0.0);
  if (!drive) input.probe = table.number("probe", 1.0);
  return input;
}

class KerrDescription final : public NetworkDescription {
 public:
  explicit KerrDescription(const NetworkTables& tables) {
    const SceneTable& table = tables.network;
    layers_ = read_layers(table);
    try {
      network_ = make_layered_network(layers_);
    } catch (const InputError& error) {
      throw table.error(fmt::format("does not fit together: {}", error.what()));
    }
    options_.input = read_input(table);
    options_.nudge = table.number("nudge", 0.01, Range::above(0));
    options_.keep_restless = table.choice("restless", {"refuse", "keep"}, "refuse") == "keep";
    KerrSolverOptions& solver = options_.solver;
    solver.accelerate =
        table.choice("settling", {"accelerated", "march"}, "accelerated") == "accelerated";
    solver.step = table.number("step", 0.0, Range::at_least(0));
    solver.time = table.number("time", 0.0, Range::at_least(0));
    solver.tolerance = table.number("tolerance", 0.0, Range::between(0, 0.1));
    detuning_start_ = table.number("detuning_start", 0.2, Range::at_least(0));
    coupling_start_ = table.number("coupling_start", 1.0, Range::at_least(0));
    if (tables.device) {
      field_noise_ = tables.device->number("field_noise", 0.0, Range::at_least(0));
      detuning_spread_ = tables.device->number("detuning_spread", 0.0, Range::at_least(0));
      coupling_spread_ = tables.device->number("coupling_spread", 0.0, Range::at_least(0));
    }
  }

  int input_count() const override { return static_cast<int>(network_.inputs.size()); }
  std::vector<std::string> reading_names() const override {
    std::vector<std::string> names;
    for (const int mode : network_.outputs) names.push_back(fmt::format("x_{}", mode));
    return names;
  }
  std::vector<double> starting_parameters(std::uint64_t seed) const override {
    return initial_parameters(layers_, detuning_start_, coupling_start_, seed);
  }
  std::unique_ptr<PhysicalSystem> make_system(const NetworkSystemOptions& options,
                                              bool built) const override {
    if (options.device.kind != Device::Kind::cpu)
      throw UnavailableError("networks of kind \"kerr\" run on the CPU alone; use --device cpu");
    KerrSystemOptions of_system = options_;
    of_system.solver.precision = options.precision;
    of_system.solver.threads = options.threads;
    of_system.seed = options.seed;
    if (built) {
      of_system.field_noise = field_noise_;
      of_system.detuning_spread = detuning_spread_;
      of_system.coupling_spread = coupling_spread_;
    }
    return std::make_unique<KerrSystem>(network_, of_system);
  }
  bool has_imperfections() const override {
    return field_noise_ > 0.0 || detuning_spread_ > 0.0 || coupling_spread_ > 0.0;
  }
  // Not with a finite nudge, nor with Kerr shifts.
  bool experiments_are_exact() const override { return false; }

  std::vector<std::string> summary() const override {
    std::vector<int> sizes;
    for (const KerrGrid& grid : layer_grids(layers_)) sizes.push_back(grid.size());
    const KerrMode& mode = layers_.mode;
    std::vector<std::string> lines{
        fmt::format("{} Kerr modes in layers of {}; {} bonds, {} couplings", network_.mode_count(),
                    fmt::join(sizes, ", "), network_.bonds.size(), network_.coupling_count),
        fmt::format("losses: port {:g}, internal {:g}; Kerr strength {:g}", mode.port_loss,
                    mode.internal_loss, mode.kerr),
        fmt::format("features enter as {}; scattering nudges the outputs by {:g} of the error",
                    options_.input.kind == KerrInput::Kind::drive ? "drives" : "detunings",
                    options_.nudge)};
    if (has_imperfections())
      lines.push_back(
          fmt::format("built: field noise {:g}, detunings off by {:g}, couplings by "
                      "{:g} of each",
                      field_noise_, detuning_spread_, coupling_spread_));
    return lines;
  }
  std::uint64_t bytes(int batch, Precision precision) const override {
    const std::uint64_t modes = network_.modes.size(), bonds = network_.bonds.size();
    const std::uint64_t samples = static_cast<std::uint64_t>(batch);
    const std::uint64_t number = precision == Precision::f32 ? 4 : 8;
    // Probes, drives, fields, nudged and adjoint fields with their copies, and detunings; partial
    // sums of products for every 16 samples; tables.
    return add_sizes({multiply_sizes({samples, modes, 9 * 16 + 8}),
                      multiply_sizes({samples / 16 + 1, modes + bonds, 8}),
                      multiply_sizes({bonds, 2 * (number + 8) + 20}), multiply_sizes({modes, 64})});
  }
  std::optional<NetworkFigure> figure(std::span<const double> parameters) const override;

 private:
  KerrLayers layers_;
  KerrNetwork network_;
  KerrSystemOptions options_;
  double detuning_start_ = 0.2, coupling_start_ = 1.0;
  double field_noise_ = 0.0, detuning_spread_ = 0.0, coupling_spread_ = 0.0;
};

// Layers one above the other, as far apart as the first is wide, each a grid of unit spacing around
// the axis.
std::optional<NetworkFigure> KerrDescription::figure(std::span<const double> parameters) const {
  NetworkFigure figure;
  figure.name = "network";
  figure.title = "Kerr modes with their detunings, bonds with their couplings";
  figure.length_unit = "1";
  FrameArray detuning{"detuning", "1", {}}, layer{"layer", "1", {}}, coupling{"coupling", "1", {}};
  const std::vector<KerrGrid> grids = layer_grids(layers_);
  const double apart = grids.front().columns;
  for (std::size_t l = 0; l < grids.size(); ++l)
    for (int i = 0; i < grids[l].size(); ++i) {
      const double x = i % grids[l].columns - 0.5 * (grids[l].columns - 1);
      const double y = 0.5 * (grids[l].rows - 1) - i / grids[l].columns;
      detuning.values.push_back(static_cast<float>(parameters[figure.nodes.size()]));
      layer.values.push_back(static_cast<float>(l));
      figure.nodes.push_back({x, y, apart * static_cast<double>(l)});
    }
  for (const KerrBond& bond : network_.bonds) {
    figure.bonds.push_back({bond.first, bond.second});
    coupling.values.push_back(static_cast<float>(
        parameters[network_.modes.size() + static_cast<std::size_t>(bond.coupling)]));
  }
  figure.node_arrays = {std::move(detuning), std::move(layer)};
  figure.bond_arrays = {std::move(coupling)};
  return figure;
}

}  // namespace

std::unique_ptr<NetworkDescription> read_kerr_network(const NetworkTables& tables) {
  return std::make_unique<KerrDescription>(tables);
}

}  // namespace wavesmith
