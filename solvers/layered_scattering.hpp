// Scattering of many samples by a layered resonator network, and its exact gradient.
//
// A sample's input sits in the detunings of layer 0, so every sample is another matrix
//   M(x) = w - H(x) = [ D_0(x)  -J_0 ; -J_0^T  B ],   G = M^{-1} = G^T
//   (physics/layered_network.hpp)
// and what is needed of its inverse is a few columns. With sigma_q a row's reading, dG = G dH G
// gives
//   dL/dDelta_j = Re sum_q A_jq B_jq / 2,   dL/dJ_jl = Re sum_q A_jq B_lq,
// where, with weights w_c that the loss and the read-out give,
//   reflection:   B_q = G_{:c} for each read mode c, A = 2 w_c B;
//   transmission: B = [u, v], A = [v, u], u = G sqrt(kappa) (all of layer 0 driven),
//                 v = sum_c w_c G_{:c}.
// The sum over q and samples is one real matrix product for each pair of layers.
//
// Two orders of elimination (n_0, n_1: modes of layers 0 and 1; n: of layer 1 and the last; q
// columns; s: modes of layer 0 at which the sample differs from the background; N: all modes), in
// real operations a sample:
//   upward    2 n_0 n_1 (n_1 + 1) + 4/3 n^3 + 8 q n^2 / 2 + 4 q n_0 n_1
//   downward  4/3 s^3 + 8 q s^2 + 8 q n_0 N, and once for a set of parameters about
//             8 (2 n_1^3 / 3 + n_0 n_1^2 + n_0^2 n_1 + 5/3 n_0^3 + n_0^2 (N - n_0))
//   gradient  4 q n_0 n_1 more
// These are the floor that `operations` tells and `wavesmith bench scattering` compares with. By
// general inversion it would be 8 N^3: 80 million for 128-80-10, against 3.8 million upward.
// Bits do not depend on the number of threads. On a GPU: solvers/layered_device.hpp.
#pragma once

#include <complex>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/device.hpp"
#include "physics/layered_network.hpp"

namespace wavesmith {

enum class EliminationOrder { automatic, upward, downward };

struct LayeredOptions {
  Precision precision = Precision::f64;
  Device device;                                         // a GPU takes the upward order
  int threads = 0;                                       // 0: all
  EliminationOrder order = EliminationOrder::automatic;  // by operations, for the batch at hand
  // Input of layer 0 that most modes have in most samples, for the downward order; empty: zeros.
  std::vector<double> background;
};

// dL/dreading of a sample. Called from several threads at once; must not throw.
using ReadingLoss =
    std::function<void(int sample, std::span<const double> readings, std::span<double> cotangent)>;
// Turns what a device scatters into what a laboratory measures of it, in place: entries[q * modes +
// j] is (S - 1)_jc with column q = c probed, and last, for transmission, what leaves mode j beyond
// what enters it when all of layer 0 is driven. Called from several threads at once; must not
// throw.
using EntryMeasurement = std::function<void(int sample, std::span<std::complex<double>> entries)>;

namespace layered {
struct Job;
}

class LayeredScattering {
 public:
  // InputError where the network is not sound, the background has not one number a mode, or a GPU
  // is to take the downward order; UnavailableError where the device or its memory is not there.
  LayeredScattering(LayeredNetwork network, const LayeredOptions& options);
  ~LayeredScattering();
  LayeredScattering(LayeredScattering&&) noexcept;
  LayeredScattering& operator=(LayeredScattering&&) noexcept;

  const LayeredNetwork& network() const;
  // network().parameter_count() numbers. InputError where there is another number of them or one is
  // not finite.
  void set_parameters(std::span<const double> parameters);

  // inputs: samples x modes of layer 0, added to their detunings; readings: samples x modes of the
  // last layer. NumericsError naming the mode where a sample makes the network singular.
  void respond(int samples, std::span<const double> inputs, std::span<double> readings);
  // gradient: the sum over the samples of the exact derivative, through the solve.
  void pull_back(int samples, std::span<const double> inputs, const ReadingLoss& loss,
                 std::span<double> readings, std::span<double> gradient);
  // The same from scattering experiments alone: each read port is probed (and for transmission the
  // input driven), and all modes are read:
  //   dS_ab/dDelta_j = i (S-1)_aj (S-1)_jb / kappa_j,
  //   dS_ab/dJ_jl = i [(S-1)_aj (S-1)_lb + (S-1)_al (S-1)_jb] / sqrt(kappa_j kappa_l).
  // Readings are the measured ones. A mode without a port gives nothing, and its parameters a zero.
  void scattering_gradient(int samples, std::span<const double> inputs, const ReadingLoss& loss,
                           const EntryMeasurement& measure, std::span<double> readings,
                           std::span<double> gradient);

  // Real operations of a batch (see above): all samples with this number of changed modes, with the
  // gradient or without.
  double operations(int samples, double changed_modes, bool with_gradient) const;
  // The order that a batch of so many samples gets.
  EliminationOrder order(int samples, double changed_modes) const;

 private:
  class Part;
  template <class T>
  class PartOf;
  template <class T>
  class PartOnDevice;
  void run(layered::Job& job, int samples, std::span<const double> inputs,
           std::span<double> readings);

  std::unique_ptr<Part> part_;
};

}  // namespace wavesmith
