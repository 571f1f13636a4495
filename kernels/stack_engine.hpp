// Waves through a stack of thin layers, forward and back, for many samples at once.
//
//   u_1 = P_0 s,   u_{l+1} = P_l (t_l u_l),   l = 1 .. L;   reading_r = sum_i w_ri |u_{L+1}(i)|^2
//
// s is the source field, t_l the transmission of layer l and P_l = crop IDFT H_l DFT pad the
// propagation over gap l. The way back is the transpose of these very passes:
//   g_{L+1}(i) = 2 u_{L+1}(i) sum_r w_ri c_r,   h_l = P_l^H g_{l+1},   g_l = conj(t_l) h_l
// with c = dL/dreading and the convention of physics/layer.hpp; the derivative with respect to t_l
// is conj(u_l) h_l. Only the fields u_l at the layers are kept, no tape.
//
// A layer may be reached in several fields, one for each of its media: a slice through a volume
// (solvers/reference_media.hpp) lets every medium propagate the wave in its own way, and mixes,
//   u_{l+1,m} = sum_m' P_l,mm' (t_l,m' u_l,m')
// with as many propagations over a gap, its links, as there are pairs of media.
//
// Each field stands for one channel: one wavelength and one coherent mode of the source. Readings
// add over channels.
#pragma once

#include <algorithm>
#include <complex>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/lanes.hpp"

namespace wavesmith {

// One gap: sizes of the planes that it joins and of the DFT grid between them.
struct GapSize {
  int nx_in = 0, ny_in = 0, nx_out = 0, ny_out = 0;
  int mx = 0, my = 0;
  bool operator==(const GapSize&) const = default;
};

struct StackSize {
  std::vector<GapSize> gaps;  // layers + 1 of them
  int wavelengths = 1;
  int modes = 1;     // coherent modes of the source per wavelength
  int readings = 0;  // per sample
  // Gradients of the layers with plain phase are kept as one real number a pixel, summed over
  // wavelengths; the others' as a complex cotangent a pixel and wavelength.
  std::vector<bool> plain_phase;  // one per layer; such a layer has one medium
  std::vector<int> media;         // one per layer; empty: 1 each
  int layers() const { return static_cast<int>(gaps.size()) - 1; }
  int channels() const { return wavelengths * modes; }
  // Of a plane: 0 the source, 1 .. L the layers, L + 1 the detector.
  int media_at(int plane) const {
    return media.empty() || plane < 1 || plane > layers()
               ? 1
               : media[static_cast<std::size_t>(plane - 1)];
  }
  int links(int gap) const { return media_at(gap) * media_at(gap + 1); }
  bool has_mixtures() const {
    return std::any_of(media.begin(), media.end(), [](int count) { return count > 1; });
  }
};

// A weight of a sample's intensity in a reading, for one wavelength.
struct ReadingWeight {
  int reading;
  int row, column;
  double weight;
};

// What may be done to the fields on their way, to imitate an instrument: called with the number of
// the sample in the batch, the channel, the plane (1 .. L for layers, L + 1 for the detector) and
// the field in lanes, which it may change. The change affects what is measured, never the wave.
template <class T>
using Measurement =
    std::function<void(int sample, int channel, int plane, const LaneShape&, LaneField<T> field)>;

template <class T>
struct StackRequest {
  int samples = 0;
  // Writes every point of a sample's source field; the rows that fill the last block are zero.
  std::function<void(int sample, int channel, const LaneShape&, LaneField<T>)> fill;
  // Given a sample's readings, writes d loss / d reading. Empty: forward only.
  std::function<void(int sample, std::span<const double> readings, std::span<double> cotangent)>
      cotangent;
  // In-situ training: layers' outgoing fields t_l u_l, the detector's field, and the error fields
  // that arrive at the layers as an instrument reads them. Not where a layer has several media.
  Measurement<T> measure_forward, measure_backward;
  // Looks at the true field in front of each layer (1 .. L; that of its first medium) and at the
  // detector (L + 1).
  std::function<void(int sample, int channel, int plane, const LaneShape&, LaneField<const T>)>
      observe;
};

// Holds transfer functions, transmissions, fields and gradients on one device in one precision.
template <class T>
class StackEngine {
 public:
  virtual ~StackEngine() = default;
  // Row-major my x mx in DFT order (solvers/transfer_function.hpp). link: that of medium m behind
  // the gap with medium m' in front of it is m * (media in front) + m'.
  virtual void set_transfer(int gap, int wavelength, std::span<const std::complex<double>> values,
                            int link = 0) = 0;
  // Takes the same transfer function as another gap of the same size: it then stands in memory, and
  // in the caches, once.
  virtual void share_transfer(int gap, int wavelength, int from_gap, int from_wavelength,
                              int link = 0, int from_link = 0) = 0;
  // Row-major over the layer's plane; any layer that is not plain phase.
  virtual void set_transmission(int layer, int wavelength, std::span<const std::complex<double>> t,
                                int medium = 0) = 0;
  // Row-major phases [rad] of a plain phase layer; t = exp(i phase) at every wavelength.
  virtual void set_phase(int layer, std::span<const double> phase) = 0;
  virtual void set_detector(int wavelength, std::span<const ReadingWeight> weights) = 0;
  // Weight of each mode's intensity in the readings, default 1.
  virtual void set_mode_weights(std::span<const double> weights) = 0;

  // Runs a batch. readings: samples x readings, written. Gradients start at zero with every call
  // that has a cotangent.
  virtual void run(const StackRequest<T>& request, std::span<double> readings) = 0;

  // dL/dphase of a plain phase layer, row-major, summed over samples and channels of the last run.
  virtual void phase_gradient(int layer, std::span<double> gradient) = 0;
  // Cotangent of t (2 dL/dt*) of another layer at one wavelength, row-major.
  virtual void transmission_cotangent(int layer, int wavelength, std::span<std::complex<double>> g,
                                      int medium = 0) = 0;

  virtual std::size_t bytes() const = 0;
};

// Same bits for any number of threads.
template <class T>
std::unique_ptr<StackEngine<T>> make_host_engine(const StackSize& size, int threads);
// Throws UnavailableError where there is no such device, CUDA was not built in, or a layer has
// several media.
template <class T>
std::unique_ptr<StackEngine<T>> make_cuda_engine(const StackSize& size, int device);

// Memory that an engine of this size takes at most [bytes], before it is made: with gradients, and
// with an instrument's readings of all fields. threads <= 0: all.
std::size_t estimate_engine_bytes(const StackSize& size, std::size_t scalar_bytes, int batch,
                                  int threads);

}  // namespace wavesmith
