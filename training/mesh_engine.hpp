// The passes of light through a network of meshes in one precision, W samples at a time.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "training/mesh_system.hpp"

namespace wavesmith {

class MeshSystem::Engine {
 public:
  virtual ~Engine() = default;
  virtual void set_phases(std::size_t layer, std::span<const double> phases) = 0;
  // Settings of the ideal model that phases_from_model asks.
  virtual void set_model(std::size_t layer, std::span<const double> settings) = 0;
  virtual void set_occasion(std::uint64_t occasion) = 0;
  virtual void respond(const Batch& batch, std::span<double> readings) const = 0;
  // Derivatives by phases, not by settings.
  virtual void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                         std::span<double> gradient) const = 0;
  virtual void adjoint_experiment(const Batch& batch, const SampleLoss& loss,
                                  std::span<double> readings, std::span<double> gradient) const = 0;
};

template <class T>
std::unique_ptr<MeshSystem::Engine> make_mesh_engine(const MeshNetwork& network,
                                                     const MeshSystemOptions& options,
                                                     const std::vector<BuiltMesh>& built);

}  // namespace wavesmith
