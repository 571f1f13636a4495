// Light through a built mesh, forward and backward, with the field at every phase shifter; and the
// exact derivative by its phases and couplers.
//
// y = M(phases) x. Backward is the transpose, x = M^T y: reciprocity, also with loss. Where a real
// number L depends on y with dL = Re(sum_k g_k dy_k), g = dL/dRe(y) - i dL/dIm(y), then b = M^T g
// is the same for x and
//   dL/dphase_k = -Im(b_k f_k),
// f_k and b_k what passes behind shifter k on its output side, forward and backward: Hughes,
// Minkov, Shi and Fan, Optica 5, 864 (2018). Its factor is 1 with this g; with g = dL/dy* it would
// be 2.
//
// Arithmetic runs over W samples at a time (kernels/mesh_lanes.hpp). The least work for a sample is
// 36 real operations an interferometer and way.
#pragma once

#include <algorithm>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "kernels/host_memory.hpp"
#include "kernels/mesh_lanes.hpp"
#include "physics/built_mesh.hpp"

namespace wavesmith {

template <class T>
class MeshPropagation {
 public:
  static constexpr int lanes = lane_count<T>;
  static constexpr double operations_per_mzi = 36.0;  // of a sample and way

  // All phases zero at first. Throws InputError where the mesh makes no sense.
  explicit MeshPropagation(const BuiltMesh& built);

  int ports() const { return ports_; }
  std::size_t phase_count() const { return phase_slots_.size(); }
  // The phases that light meets [rad], as BuiltMesh::phases gives them.
  void set_phases(std::span<const double> phases);

  // For the lane functions of kernels/mesh_lanes.hpp. Fields are ports x W numbers, sums and taps
  // slots() x W.
  std::span<const MeshElement<T>> elements() const { return elements_; }
  std::size_t slots() const { return phase_slots_.size(); }
  // Adds the W sums of every phase, lane by lane, into its place.
  void collect(const T* sums, std::span<double> by_phase) const;
  // Power that light keeps from the input to behind phase k's shifter where every arm loses as much
  // as a port beside the interferometers: the way of uniform loss.
  double kept_before(std::size_t phase) const { return kept_before_[phase]; }

  // Batches: samples one after the other, `ports` numbers each, in place.
  void cross(MeshWay way, std::span<std::complex<double>> fields, int threads = 0) const;
  // What passes behind the shifter of every phase: batch x phase_count.
  std::vector<std::complex<double>> tapped(MeshWay way,
                                           std::span<const std::complex<double>> fields,
                                           int threads = 0) const;
  // `cotangents` is g for every sample and becomes M^T g. Adds the sums over the batch to
  // `phases`, and to `splitters` where it is not empty (2 angles an interferometer, as
  // BuiltMesh::splitter_errors). The same bits for any number of threads.
  void pull_back(std::span<const std::complex<double>> inputs,
                 std::span<std::complex<double>> cotangents, std::span<double> phases,
                 std::span<double> splitters = {}, int threads = 0) const;
  // ports x ports, rows first.
  std::vector<std::complex<double>> matrix() const;

 private:
  void check_batch(std::size_t size) const;

  int ports_;
  std::size_t mzi_count_;
  std::vector<MeshElement<T>> elements_;
  std::vector<std::size_t> phase_slots_;   // slot of every phase
  std::vector<std::size_t> mzi_elements_;  // element of every interferometer
  std::vector<std::size_t> screen_elements_;
  std::vector<double> arm_amplitudes_;  // 4 an interferometer, as BuiltMesh::arm_losses
  std::vector<double> kept_before_;
};

// Blocks of W samples are shared in runs of consecutive ones. How many runs there are depends on
// the number of blocks alone, so that sums over runs, taken in their order, are the same for any
// number of threads.
struct BlockRuns {
  static constexpr std::size_t most = 16;
  std::size_t blocks = 0;
  BlockRuns(std::size_t samples, int lanes)
      : blocks((samples + static_cast<std::size_t>(lanes) - 1) / static_cast<std::size_t>(lanes)) {}
  std::size_t count() const { return std::min(blocks, most); }
  std::size_t first(std::size_t run) const { return blocks * run / count(); }  // of count() too
};

}  // namespace wavesmith
