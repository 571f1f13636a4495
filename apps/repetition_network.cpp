// [network] kind = "repetition": linear scattering that the input enters several times
// (physics/repeated_scattering.hpp).
#include <fmt/format.h>

#include <cmath>

#include "apps/networks.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/random.hpp"
#include "training/repetition_system.hpp"

namespace wavesmith {
namespace {

class RepetitionDescription final : public NetworkDescription {
 public:
  explicit RepetitionDescription(const NetworkTables& tables) {
    const SceneTable& table = tables.network;
    network_.modes = table.integer("modes", IntegerRange::between(1, max_scattering_modes));
    network_.features = table.integer("features", IntegerRange::between(1, network_.modes));
    network_.repetitions = table.integer("repetitions", IntegerRange::between(1, max_repetitions));
    medium_ = table.choice("medium", {"random", "free_space"}, "random");
    if (medium_ == "free_space") {
      const double wavelength = table.length("wavelength", Range::above(0));
      const double pitch = table.length("pitch", Range::above(0));
      const double distance = table.length("distance", Range::at_least(0));
      network_.medium = free_space_medium(network_.modes, pitch, wavelength, distance);
    } else {
      network_.medium = random_medium(
          network_.modes,
          static_cast<std::uint64_t>(table.integer("medium_seed", 1, IntegerRange::at_least(0))));
    }
    options_.reading = table.choice("reading", {"field", "intensity"}, "intensity") == "field"
                           ? RepetitionSystemOptions::Reading::field
                           : RepetitionSystemOptions::Reading::intensity;
    options_.detectors =
        table.integer("detectors", network_.modes, IntegerRange::between(1, network_.modes));
    options_.classes = table.integer("classes", 0, IntegerRange::between(0, 100000));
    start_ = table.number("start", 0.5, Range::at_least(0));
    if (tables.device) {
      field_noise_ = tables.device->number("field_noise", 0.0, Range::at_least(0));
      medium_error_ = tables.device->number("medium_error", 0.0, Range::at_least(0));
    }
  }

  int input_count() const override { return network_.features; }
  std::vector<std::string> reading_names() const override {
    const bool classes = options_.classes > 0;
    std::vector<std::string> names;
    for (int k = 0; k < (classes ? options_.classes : options_.detectors); ++k)
      names.push_back(fmt::format("{}_{}", classes ? "class" : "detector", k));
    return names;
  }
  // Masks around the transmission 1, so that every pass keeps the light's strength; scales and the
  // readout around 0.
  std::vector<double> starting_parameters(std::uint64_t seed) const override {
    const std::size_t masks = network_.parameter_count();
    const std::size_t detectors = static_cast<std::size_t>(options_.detectors);
    const std::size_t classes = static_cast<std::size_t>(options_.classes);
    const Random random(seed, 0x72657074);
    std::vector<double> parameters(masks + classes * (detectors + 1), 0.0);
    for (std::size_t i = 0; i < masks; ++i)
      parameters[i] = (i < masks / 2 ? 1.0 : 0.0) + start_ * random.normal(i);
    const double spread = 1.0 / std::sqrt(static_cast<double>(detectors));
    for (std::size_t i = masks; i < masks + classes * detectors; ++i)
      parameters[i] = spread * random.normal(i);
    return parameters;
  }
  std::unique_ptr<PhysicalSystem> make_system(const NetworkSystemOptions& options,
                                              bool built) const override {
    if (options.device.kind != Device::Kind::cpu)
      throw UnavailableError(
          "networks of kind \"repetition\" run on the CPU alone; use --device cpu");
    RepetitionSystemOptions of_system = options_;
    of_system.precision = options.precision;
    of_system.threads = options.threads;
    of_system.seed = options.seed;
    if (built) {
      of_system.field_noise = field_noise_;
      of_system.medium_error = medium_error_;
    }
    return std::make_unique<RepetitionSystem>(network_, of_system);
  }
  bool has_imperfections() const override { return field_noise_ > 0.0 || medium_error_ > 0.0; }

  std::vector<std::string> summary() const override {
    const bool field = options_.reading == RepetitionSystemOptions::Reading::field;
    std::vector<std::string> lines{
        fmt::format("{} features on {} modes, written {} times; medium: {}", network_.features,
                    network_.modes, network_.repetitions,
                    medium_ == "random" ? "random" : "free space"),
        fmt::format("{} detectors of the {}: polynomials of order {} in the features",
                    options_.detectors, field ? "field" : "intensity",
                    (field ? 1 : 2) * network_.repetitions)};
    if (options_.classes > 0)
      lines.push_back(fmt::format("digital linear readout to {} classes", options_.classes));
    if (has_imperfections())
      lines.push_back(fmt::format("built: field noise {:g}, medium off by {:g} of its entries",
                                  field_noise_, medium_error_));
    return lines;
  }
  std::uint64_t bytes(int batch, Precision) const override {
    const std::uint64_t modes = static_cast<std::uint64_t>(network_.modes);
    const std::uint64_t passes = static_cast<std::uint64_t>(network_.repetitions);
    return add_sizes(
        {multiply_sizes({modes, modes, 48}),
         multiply_sizes({static_cast<std::uint64_t>(batch), modes, 2 * passes + 2, 16}),
         multiply_sizes({passes, modes, 32})});
  }

 private:
  RepeatedScattering network_;
  RepetitionSystemOptions options_;
  std::string medium_;
  double start_ = 0.5, field_noise_ = 0.0, medium_error_ = 0.0;
};

}  // namespace

std::unique_ptr<NetworkDescription> read_repetition_network(const NetworkTables& tables) {
  return std::make_unique<RepetitionDescription>(tables);
}

}  // namespace wavesmith
