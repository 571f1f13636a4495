// The kinds of trainable networks that a scene can name: [network] kind = "...". Each kind reads
// its own keys and makes the systems; apps/network_problem.hpp has what they share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/metrics.hpp"
#include "core/network_figure.hpp"
#include "core/scene.hpp"
#include "kernels/device.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

struct NetworkSystemOptions {
  Precision precision = Precision::f32;
  Device device;
  int threads = 0;         // 0: all
  std::uint64_t seed = 1;  // of fabrication errors, noise and drift
};

class NetworkDescription {
 public:
  virtual ~NetworkDescription() = default;
  virtual int input_count() const = 0;  // features that a sample brings
  virtual std::vector<std::string> reading_names() const = 0;
  virtual std::vector<double> starting_parameters(std::uint64_t seed) const = 0;
  // `built`: the network in the laboratory, with the imperfections of the scene. Otherwise what is
  // known of it: the model. Throws InputError where the device or precision cannot be had.
  virtual std::unique_ptr<PhysicalSystem> make_system(const NetworkSystemOptions& options,
                                                      bool built) const = 0;
  // Does the built network differ from the model?
  virtual bool has_imperfections() const = 0;
  // Are noiseless experiments on the model exact up to rounding? Not with a finite nudge.
  virtual bool experiments_are_exact() const { return true; }
  // Sizes and what else is worth knowing before a run, a sentence each.
  virtual std::vector<std::string> summary() const = 0;
  // Memory of a system at work on `batch` samples [bytes].
  virtual std::uint64_t bytes(int batch, Precision precision) const = 0;
  // The network as nodes and bonds for ParaView; nothing where a kind has no picture.
  virtual std::optional<NetworkFigure> figure(std::span<const double> /*parameters*/) const {
    return std::nullopt;
  }
};

// What a kind may read.
struct NetworkTables {
  SceneTable network;                // [network]
  std::optional<SceneTable> device;  // [device]: imperfections, where the scene has the table
  std::string scene_folder;          // files are looked for beside the scene
  std::filesystem::path data_dir;    // and data sets where --data says
};

// A word of the scene language.
struct NetworkEntry {
  std::string name, sentence;
  std::unique_ptr<NetworkDescription> (*read)(const NetworkTables& tables);
};
const std::vector<NetworkEntry>& list_networks();

// One per file of that name.
std::unique_ptr<NetworkDescription> read_kerr_network(const NetworkTables& tables);
std::unique_ptr<NetworkDescription> read_resonators_network(const NetworkTables& tables);
std::unique_ptr<NetworkDescription> read_repetition_network(const NetworkTables& tables);
std::unique_ptr<NetworkDescription> read_mesh_network(const NetworkTables& tables);
std::unique_ptr<NetworkDescription> read_lattice_network(const NetworkTables& tables);

}  // namespace wavesmith
