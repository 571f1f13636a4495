// [network] kind = "lattice": springs between nodes (physics/elastic_lattice.hpp).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "apps/networks.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "training/lattice_system.hpp"

namespace wavesmith {
namespace {

const std::vector<std::string> axes{"x", "y", "z"};
constexpr int most_nodes = static_cast<int>(max_lattice_nodes);

// Nodes and bonds are counted from 1 in scenes.
std::vector<int> read_numbers(const SceneTable& table, const char* key, std::size_t count,
                              const char* of) {
  std::vector<int> numbers = table.optional_integers(key);
  for (int& number : numbers) {
    if (number < 1 || static_cast<std::size_t>(number) > count)
      throw table.error(
          key, fmt::format("names {} {}, but the lattice has {}s 1 to {}", of, number, of, count));
    --number;
  }
  return numbers;
}

ElasticLattice read_geometry(const SceneTable& table) {
  const double spacing = table.length("spacing", Range::above(0));
  ElasticLattice lattice;
  try {
    if (table.choice("shape", {"triangular", "square"}) == "triangular") {
      lattice =
          triangular_lattice(table.integers("rows", IntegerRange::between(1, most_nodes)), spacing);
    } else {
      const std::vector<int> size =
          table.integers("size", IntegerRange::between(1, most_nodes), Count::exactly(2));
      const std::string diagonals = table.choice("diagonals", {"none", "falling", "both"}, "both");
      lattice = square_lattice(size[0], size[1], spacing,
                               diagonals == "none"      ? Diagonals::none
                               : diagonals == "falling" ? Diagonals::falling
                                                        : Diagonals::both);
    }
  } catch (const InputError& error) {
    throw table.error(fmt::format("cannot be built: {}", error.what()));
  }
  const std::size_t count = lattice.nodes.size();
  for (const int node : read_numbers(table, "fixed", count, "node")) fix_node(lattice, node);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::string key = "fixed_" + axes[axis];
    for (const int node : read_numbers(table, key.c_str(), count, "node"))
      lattice.nodes[static_cast<std::size_t>(node)].fixed[axis] = true;
  }
  const double mass = table.quantity("mass", Dimension::mass, 0.0, Range::at_least(0));
  const double node_damping =
      table.quantity("node_damping", Dimension::damping, 0.0, Range::at_least(0));
  const double damping = table.quantity("damping", Dimension::damping, 0.0, Range::at_least(0));
  for (LatticeNode& node : lattice.nodes) {
    node.mass = mass;
    node.damping = node_damping;
  }
  for (LatticeBond& bond : lattice.bonds) bond.damping = damping;
  return lattice;
}

void read_stiffness(const SceneTable& table, LatticeTask& task) {
  std::vector<double> range;
  if (table.has("young")) {
    const double young = table.quantity("young", Dimension::pressure, Range::above(0));
    const double thickness = table.length("thickness", Range::above(0));
    const double length = table.length("spacing", Range::above(0));
    for (const double width : table.lengths("width", Range::above(0), Count::exactly(2)))
      range.push_back(strip_stiffness(young, width, thickness, length));
  } else {
    range = table.quantities("stiffness", Dimension::stiffness, Range::above(0), Count::exactly(2));
  }
  const char* key = table.has("young") ? "width" : "stiffness";
  if (range[1] <= range[0]) throw table.error(key, "must rise from the least to the largest value");
  task.stiffness_min = range[0];
  task.stiffness_max = range[1];
}

// One force for all inputs, or one each.
std::vector<LatticeForce> read_forces(const SceneTable& table, const ElasticLattice& lattice) {
  std::vector<LatticeForce> forces;
  const std::vector<int> nodes = read_numbers(table, "inputs", lattice.nodes.size(), "node");
  if (nodes.empty()) throw table.error("inputs", "names no node; give one for every feature");
  const std::vector<double> sizes = table.quantities("force", Dimension::force);
  if (sizes.size() != 1 && sizes.size() != nodes.size())
    throw table.error("force", fmt::format("has {} values for {} inputs; give one, or one each",
                                           sizes.size(), nodes.size()));
  const bool along_x = table.choice("force_along", {"x", "y"}, "y") == "x";
  for (std::size_t i = 0; i < nodes.size(); ++i)
    forces.push_back({nodes[i], along_x ? 0 : 1, sizes[sizes.size() == 1 ? 0 : i]});
  return forces;
}

LatticeReading parse_reading(const std::string& word) {
  if (word == "displacement") return LatticeReading::displacement;
  return word == "amplitude" ? LatticeReading::amplitude : LatticeReading::power;
}

class LatticeDescription final : public NetworkDescription {
 public:
  explicit LatticeDescription(const NetworkTables& tables) {
    const SceneTable& table = tables.network;
    task_.lattice = read_geometry(table);
    read_stiffness(table, task_);
    task_.steepness = table.number("steepness", 5.0, Range::above(0));
    task_.frequency = table.frequency("frequency", 0.0, Range::at_least(0));
    if (task_.frequency > 0.0 && task_.lattice.nodes[0].mass == 0.0)
      throw table.error("frequency",
                        "shakes a lattice without masses, which has no resonances; give mass");
    task_.inputs = read_forces(table, task_.lattice);
    const std::vector<int> read =
        read_numbers(table, "readings", task_.lattice.nodes.size(), "node");
    if (read.empty()) throw table.error("readings", "names no node; give one for every class");
    const int along = table.choice("read_along", {"x", "y"}, "x") == "x" ? 0 : 1;
    for (const int node : read) task_.readouts.push_back({node, along});
    task_.reading =
        parse_reading(table.choice("read", {"displacement", "amplitude", "power"}, "amplitude"));
    start_spread_ = table.number("start_spread", 0.0, Range::at_least(0));
    if (tables.device) read_device(*tables.device);
    try {
      validate(task_);
      LatticeSystem(task_, {});
    } catch (const InputError& error) {
      throw table.error(fmt::format("does not work: {}", error.what()));
    }
    try {
      LatticeSystem(task_, device_);
    } catch (const InputError& error) {
      throw tables.device->error(fmt::format("does not work: {}", error.what()));
    }
  }

  int input_count() const override { return static_cast<int>(task_.inputs.size()); }
  std::vector<std::string> reading_names() const override {
    std::vector<std::string> names;
    for (const LatticeReadout& readout : task_.readouts)
      names.push_back(fmt::format("u_{} of {}", axes[static_cast<std::size_t>(readout.axis)],
                                  node_name(static_cast<std::size_t>(readout.node))));
    return names;
  }
  std::vector<double> starting_parameters(std::uint64_t seed) const override {
    std::vector<double> parameters(task_.lattice.bonds.size());
    const Random random(seed, start_stream);
    for (std::size_t b = 0; b < parameters.size(); ++b)
      parameters[b] = start_spread_ * random.normal(b);
    return parameters;
  }
  std::unique_ptr<PhysicalSystem> make_system(const NetworkSystemOptions& options,
                                              bool built) const override {
    if (options.device.kind != Device::Kind::cpu)
      throw UnavailableError("networks of kind \"lattice\" run on the CPU alone; use --device cpu");
    LatticeSystemOptions of_system;
    if (built) of_system = device_;
    of_system.seed = options.seed;
    return std::make_unique<LatticeSystem>(task_, of_system);
  }
  bool has_imperfections() const override {
    return !device_.cut.empty() || device_.stiffness_spread > 0.0 || device_.stiffness_levels > 0 ||
           device_.reading_noise > 0.0 || device_.elongation_noise > 0.0;
  }
  std::vector<std::string> summary() const override;
  std::uint64_t bytes(int batch, Precision) const override {
    const std::uint64_t unknowns = task_.lattice.displacement_count(),
                        bonds = task_.lattice.bonds.size(),
                        samples = static_cast<std::uint64_t>(batch);
    // Forces, displacements, cotangents and their copies; elongations; the matrix, dense or with
    // the fill of a sparse factor.
    const std::uint64_t matrix =
        unknowns <= 200
            ? multiply_sizes({unknowns, unknowns, 3 * 16})
            : multiply_sizes({unknowns, static_cast<std::uint64_t>(std::sqrt(unknowns)), 8 * 16});
    return add_sizes({multiply_sizes({samples, unknowns, 6 * 16}),
                      multiply_sizes({samples, bonds, 2 * 16}), matrix});
  }
  std::optional<NetworkFigure> figure(std::span<const double> parameters) const override;

 private:
  static constexpr std::uint64_t start_stream = 0x6c74ull << 40;

  void read_device(const SceneTable& table) {
    device_.cut = read_numbers(table, "cut", task_.lattice.bonds.size(), "bond");
    device_.stiffness_spread = table.number("stiffness_spread", 0.0, Range::between(0, 1));
    device_.stiffness_levels =
        table.integer("stiffness_levels", 0, IntegerRange::between(0, 1 << 24));
    if (device_.stiffness_levels == 1)
      throw table.error("stiffness_levels", "leaves nothing to train; give 0 or at least 2");
    device_.reading_noise = table.number("reading_noise", 0.0, Range::between(0, 10));
    device_.elongation_noise = table.number("elongation_noise", 0.0, Range::between(0, 10));
  }

  LatticeTask task_;
  LatticeSystemOptions device_;
  double start_spread_ = 0.0;
};

std::vector<std::string> LatticeDescription::summary() const {
  const ElasticLattice& lattice = task_.lattice;
  std::vector<std::string> lines{
      fmt::format("{} nodes, {} bonds of {} to {}", lattice.nodes.size(), lattice.bonds.size(),
                  format_quantity(task_.stiffness_min, Dimension::stiffness),
                  format_quantity(task_.stiffness_max, Dimension::stiffness))};
  if (task_.frequency > 0.0) {
    lines.push_back(
        fmt::format("shaken at {}", format_quantity(task_.frequency, Dimension::frequency)));
    constexpr std::size_t most_unknowns = 1000;  // whose modes are found while one waits
    if (lattice.displacement_count() <= most_unknowns) {
      ElasticLattice middle = lattice;
      for (LatticeBond& bond : middle.bonds)
        bond.stiffness = 0.5 * (task_.stiffness_min + task_.stiffness_max);
      const LatticeModes modes = lattice_modes(middle);
      std::size_t below = 0;
      for (const double w : modes.angular_frequencies)
        if (w < 2.0 * std::numbers::pi * task_.frequency) ++below;
      const auto in_hertz = [&](double w) {
        return format_quantity(w / (2.0 * std::numbers::pi), Dimension::frequency);
      };
      if (!modes.angular_frequencies.empty())
        lines.push_back(fmt::format("{} resonances from {} to {} with bonds half way, {} below",
                                    modes.angular_frequencies.size(),
                                    in_hertz(modes.angular_frequencies.front()),
                                    in_hertz(modes.angular_frequencies.back()), below));
    }
  }
  if (has_imperfections())
    lines.push_back(fmt::format(
        "built: {} bonds cut, stiffness off by {:g}, {} levels, noise {:g} of the readings and "
        "{:g} of the elongations",
        device_.cut.size(), device_.stiffness_spread, device_.stiffness_levels,
        device_.reading_noise, device_.elongation_noise));
  return lines;
}

// The built lattice with its stiffnesses, moved by the forces of a sample whose features are all 1.
std::optional<NetworkFigure> LatticeDescription::figure(std::span<const double> parameters) const {
  LatticeSystem system(task_, device_);
  system.set_parameters(parameters);
  class Ones final : public InputSet {
   public:
    std::size_t count() const override { return 1; }
    void fill(std::size_t, int, std::span<std::complex<double>> values) const override {
      std::fill(values.begin(), values.end(), 1.0);
    }
    double power(std::size_t) const override { return 1.0; }
    Target target(std::size_t) const override { return {}; }
  } const ones;
  const std::vector<std::size_t> first{0};
  const std::vector<std::complex<double>> u = system.displacements({&ones, first});

  NetworkFigure figure;
  figure.name = "network";
  figure.title = "Lattice under the forces of features that are all 1";
  const ElasticLattice& lattice = task_.lattice;
  const auto d = static_cast<std::size_t>(lattice.dimensions);
  std::vector<double> real(3 * lattice.nodes.size()), imaginary(real.size()),
      amplitude(lattice.nodes.size()), role(lattice.nodes.size());
  for (std::size_t n = 0; n < lattice.nodes.size(); ++n) {
    figure.nodes.push_back(lattice.nodes[n].position);
    double square = 0.0;
    for (std::size_t axis = 0; axis < d; ++axis) {
      real[3 * n + axis] = u[n * d + axis].real();
      imaginary[3 * n + axis] = u[n * d + axis].imag();
      square += std::norm(u[n * d + axis]);
    }
    amplitude[n] = std::sqrt(square);
    const auto& fixed = lattice.nodes[n].fixed;
    if (fixed[0] || fixed[1]) role[n] = 1.0;
  }
  for (const LatticeForce& force : task_.inputs) role[static_cast<std::size_t>(force.node)] = 2.0;
  for (const LatticeReadout& readout : task_.readouts)
    role[static_cast<std::size_t>(readout.node)] = 3.0;
  std::vector<double> stiffness = system.stiffness(), cut(stiffness.size());
  std::vector<std::complex<double>> longer(stiffness.size());
  for (const int bond : device_.cut) cut[static_cast<std::size_t>(bond)] = 1.0;
  for (std::size_t b = 0; b < stiffness.size(); ++b) {
    const LatticeBond& bond = lattice.bonds[b];
    figure.bonds.push_back({bond.first, bond.second});
    if (cut[b] != 0.0) stiffness[b] = 0.0;
    const std::array<double, 3> direction = bond_direction(lattice, bond);
    for (std::size_t axis = 0; axis < d; ++axis)
      longer[b] += direction[axis] * (u[static_cast<std::size_t>(bond.second) * d + axis] -
                                      u[static_cast<std::size_t>(bond.first) * d + axis]);
  }
  add_real(figure, NetworkPart::nodes, "amplitude", "m", amplitude);
  add_vector(figure, "displacement", "m", real);
  if (task_.frequency > 0.0) add_vector(figure, "displacement_imaginary", "m", imaginary);
  add_real(figure, NetworkPart::nodes, "role", "1", role);
  add_real(figure, NetworkPart::bonds, "stiffness", "N/m", stiffness);
  if (task_.frequency > 0.0) {
    add_complex(figure, NetworkPart::bonds, "elongation", "m", longer);
  } else {
    std::vector<double> of_static;
    for (const std::complex<double>& value : longer) of_static.push_back(value.real());
    add_real(figure, NetworkPart::bonds, "elongation", "m", of_static);
  }
  add_real(figure, NetworkPart::bonds, "cut", "1", cut);
  return figure;
}

}  // namespace

std::unique_ptr<NetworkDescription> read_lattice_network(const NetworkTables& tables) {
  return std::make_unique<LatticeDescription>(tables);
}

}  // namespace wavesmith
