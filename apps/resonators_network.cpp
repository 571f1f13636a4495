// [network] kind = "resonators": layers of linear resonators (physics/layered_network.hpp).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "apps/networks.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "training/data_store.hpp"
#include "training/resonator_parameters.hpp"
#include "training/resonator_system.hpp"

namespace wavesmith {
namespace {

DrawRange read_range(const SceneTable& table, const char* key, const DrawRange& otherwise) {
  if (!table.has(key)) return otherwise;
  const std::vector<double> ends = table.numbers(key, Range::any(), Count::exactly(2));
  if (ends[0] > ends[1])
    throw table.error(key, "has its lower end above its upper end; write the lower one first");
  return {ends[0], ends[1]};
}

class ResonatorsDescription final : public NetworkDescription {
 public:
  explicit ResonatorsDescription(const NetworkTables& tables) {
    const SceneTable& table = tables.network;
    read_layers(table);
    options_.input.scale = table.number("input_scale", options_.input.scale);
    options_.input.offset = table.number("input_offset", options_.input.offset);
    options_.input.gain = table.number("input_gain", options_.input.gain);
    const std::string order =
        table.choice("elimination", {"automatic", "upward", "downward"}, "automatic");
    options_.order = order == "upward"     ? EliminationOrder::upward
                     : order == "downward" ? EliminationOrder::downward
                                           : EliminationOrder::automatic;
    start_.alternating = table.number("alternating_start", start_.alternating);
    start_.input_detuning = read_range(table, "input_detuning_start", start_.input_detuning);
    start_.detuning = read_range(table, "detuning_start", start_.detuning);
    start_.coupling = read_range(table, "coupling_start", start_.coupling);
    start_.coupling_by_fan = table.choice("coupling_start_by", {"value", "fan"}, "value") == "fan";
    read_files(tables);
    if (tables.device) {
      const SceneTable& device = *tables.device;
      built_.absolute_noise = device.number("absolute_noise", 0.0, Range::at_least(0));
      built_.relative_noise = device.number("relative_noise", 0.0, Range::at_least(0));
      built_.detuning_spread = device.number("detuning_spread", 0.0, Range::at_least(0));
      built_.coupling_spread = device.number("coupling_spread", 0.0, Range::at_least(0));
      if (device.has("unread_layers"))
        built_.unread_layers = device.integers(
            "unread_layers", IntegerRange::between(0, network_.layers() - 2), Count::at_least(1));
    }
  }

  int input_count() const override { return network_.input_count() / options_.input.repetition; }
  std::vector<std::string> reading_names() const override {
    std::vector<std::string> names;
    const bool reflection = network_.readout == ScatteringReadout::reflection;
    for (int c = 0; c < network_.output_count(); ++c)
      names.push_back(reflection ? fmt::format("s_{0}{0}", c) : fmt::format("t_{}", c));
    return names;
  }
  std::vector<double> starting_parameters(std::uint64_t seed) const override {
    return files_.couplings.empty() ? wavesmith::starting_parameters(network_, start_, seed)
                                    : read_parameters(network_, files_);
  }
  std::unique_ptr<PhysicalSystem> make_system(const NetworkSystemOptions& options,
                                              bool built) const override {
    ResonatorSystemOptions of_system = built ? built_ : ResonatorSystemOptions{};
    of_system.input = options_.input;
    of_system.order = options_.order;
    of_system.precision = options.precision;
    of_system.device = options.device;
    of_system.threads = options.threads;
    of_system.seed = options.seed;
    return std::make_unique<ResonatorSystem>(network_, of_system);
  }
  bool has_imperfections() const override {
    return built_.absolute_noise > 0.0 || built_.relative_noise > 0.0 ||
           built_.detuning_spread > 0.0 || built_.coupling_spread > 0.0 ||
           !built_.unread_layers.empty();
  }

  std::vector<std::string> summary() const override {
    std::vector<std::string> lines{
        fmt::format("{} resonators in layers of {}; {} parameters", network_.size(),
                    fmt::join(network_.sizes, ", "), network_.parameter_count()),
        fmt::format("losses: port {:g}, internal {:g}; a feature u detunes {} mode{} by {:g} {} "
                    "{:g} u",
                    network_.port_loss.front(), network_.intrinsic_loss.front(),
                    options_.input.repetition, options_.input.repetition == 1 ? "" : "s",
                    options_.input.offset, options_.input.scale < 0.0 ? "-" : "+",
                    std::abs(options_.input.scale)),
        network_.readout == ScatteringReadout::reflection
            ? "read: reflection at every mode of the last layer"
            : "read: transmission from all of layer 0 to every mode of the last layer"};
    if (has_imperfections())
      lines.push_back(fmt::format(
          "built: noise {:g} and {:g} of each entry, detunings off by {:g}, couplings by {:g} of "
          "each, layers out of reach: {}",
          built_.absolute_noise, built_.relative_noise, built_.detuning_spread,
          built_.coupling_spread, built_.unread_layers.size()));
    return lines;
  }
  std::uint64_t bytes(int batch, Precision precision) const override {
    const auto modes = static_cast<std::uint64_t>(network_.size());
    const auto inputs = static_cast<std::uint64_t>(network_.input_count());
    const auto next = static_cast<std::uint64_t>(network_.sizes[1]);
    const std::uint64_t number = precision == Precision::f32 ? 4 : 8;
    const auto samples = static_cast<std::uint64_t>(std::min(batch, 256));
    const std::uint64_t columns = network_.readout == ScatteringReadout::reflection
                                      ? static_cast<std::uint64_t>(network_.output_count())
                                      : 2;
    // Columns and weighted columns of the samples at work; factors of the groups; couplings by
    // rows; columns of the Green's function with what they are made of.
    return add_sizes({multiply_sizes({samples, modes, columns, 2 * 2 * number}),
                      multiply_sizes({32, next, next, 2 * number}),
                      multiply_sizes({inputs, next, number}),
                      multiply_sizes({modes, modes, 8 * number}),
                      multiply_sizes({static_cast<std::uint64_t>(batch), inputs, 8})});
  }
  std::optional<NetworkFigure> figure(std::span<const double> parameters) const override;

 private:
  void read_layers(const SceneTable& table) {
    const std::vector<int> sizes =
        table.integers("layers", IntegerRange::between(1, 20000), Count::between(2, 20));
    options_.input.repetition = table.integer("repetition", 1, IntegerRange::between(1, 1000));
    const double port_loss = table.number("port_loss", 1.0, Range::above(0));
    const double intrinsic_loss = table.number("internal_loss", 0.0, Range::at_least(0));
    network_ = uniform_layers(sizes, port_loss, intrinsic_loss);
    network_.frequency = table.number("frequency", 0.0);
    network_.readout = table.choice("read", {"reflection", "transmission"}) == "reflection"
                           ? ScatteringReadout::reflection
                           : ScatteringReadout::transmission;
    network_.quadrature = table.choice("quadrature", {"imaginary", "real"}, "imaginary") == "real"
                              ? Quadrature::real
                              : Quadrature::imaginary;
    if (sizes.front() % options_.input.repetition != 0)
      throw table.error("repetition", fmt::format("= {} does not divide the {} modes of the "
                                                  "first layer",
                                                  options_.input.repetition, sizes.front()));
    try {
      validate(network_);
    } catch (const InputError& error) {
      throw table.error(fmt::format("does not fit together: {}", error.what()));
    }
  }

  // Tables of a published network, beside the scene or in the folder of data sets.
  void read_files(const NetworkTables& tables) {
    const SceneTable& table = tables.network;
    if (!table.has("coupling_files") && !table.has("detuning_files")) return;
    const auto place = [&](const std::string& name) {
      const std::filesystem::path path = name;
      const std::filesystem::path beside = std::filesystem::path(tables.scene_folder) / path;
      if (std::filesystem::exists(beside)) return beside;
      const std::string set = path.has_parent_path() ? path.parent_path().string() : name;
      return found_file(set, {path.filename().string()}, data_folders(set, tables.data_dir));
    };
    const int layers = network_.layers();
    for (const std::string& name :
         table.strings("coupling_files", Count::exactly(static_cast<std::size_t>(layers - 1))))
      files_.couplings.push_back(place(name));
    for (const std::string& name :
         table.strings("detuning_files", Count::exactly(static_cast<std::size_t>(layers))))
      files_.detunings.push_back(place(name));
    files_.upper_sign =
        table.choice("upper_detunings", {"as given", "negated"}, "as given") == "negated" ? -1.0
                                                                                          : 1.0;
  }

  LayeredNetwork network_;
  ResonatorSystemOptions options_, built_;
  ResonatorStart start_;
  ResonatorFiles files_;
};

// Layers one above the other, the modes of each on a grid around the axis.
std::optional<NetworkFigure> ResonatorsDescription::figure(
    std::span<const double> parameters) const {
  NetworkFigure figure;
  figure.name = "network";
  figure.title = "Resonators with their detunings, bonds with their couplings";
  figure.length_unit = "1";
  FrameArray detuning{"detuning", "1", {}}, layer{"layer", "1", {}}, coupling{"coupling", "1", {}};
  for (int l = 0; l < network_.layers(); ++l) {
    const int size = network_.sizes[static_cast<std::size_t>(l)];
    const int across = static_cast<int>(std::ceil(std::sqrt(size)));
    for (int i = 0; i < size; ++i) {
      const double gain = l == 0 ? options_.input.gain : 1.0;
      detuning.values.push_back(static_cast<float>(gain * parameters[figure.nodes.size()]));
      layer.values.push_back(static_cast<float>(l));
      figure.nodes.push_back({i % across - 0.5 * (across - 1), 0.5 * (across - 1) - i / across,
                              8.0 * static_cast<double>(l)});
    }
  }
  std::size_t p = static_cast<std::size_t>(network_.size());
  for (int l = 0; l + 1 < network_.layers(); ++l)
    for (int a = network_.first(l); a < network_.first(l + 1); ++a)
      for (int b = network_.first(l + 1); b < network_.first(l + 2); ++b) {
        figure.bonds.push_back({a, b});
        coupling.values.push_back(static_cast<float>(parameters[p++]));
      }
  figure.node_arrays = {std::move(detuning), std::move(layer)};
  figure.bond_arrays = {std::move(coupling)};
  return figure;
}

}  // namespace

std::unique_ptr<NetworkDescription> read_resonators_network(const NetworkTables& tables) {
  return std::make_unique<ResonatorsDescription>(tables);
}

}  // namespace wavesmith
