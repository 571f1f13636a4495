// Light through a stack of layers: scalar diffraction between them, a product at each thin one, and
// slices of a volume where a layer is taken as a body (solvers/volume_slices.hpp).
//
// Joins what physics/ says of layers and detectors to the passes of kernels/stack_engine.hpp.
// Assumes no reflections, a uniform medium between the layers, and no diffraction inside those that
// are thin. A volume stands on its layer's plane and takes its greatest height from the gap behind,
// so that a thin layer and a volume of the same heights are at the same place.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "core/plane.hpp"
#include "kernels/device.hpp"
#include "kernels/stack_engine.hpp"
#include "physics/detector.hpp"
#include "physics/layer.hpp"
#include "solvers/transfer_function.hpp"
#include "solvers/volume_slices.hpp"

namespace wavesmith {

struct PropagationSettings {
  PropagationMethod method = PropagationMethod::automatic;
  Evanescent evanescent = Evanescent::keep;
  double padding = 2.0;
  bool periodic = false;
};

struct StackLayer {
  std::shared_ptr<const Layer> layer;
  double distance = 0.0;  // from the plane in front: the source's or the layer before [m]
  int slices = 0;         // 0: thin; else a volume in so many slices
};

struct StackDescription {
  std::vector<double> wavelengths;   // in vacuum [m]
  double medium_index = 1.0;         // refractive index between the layers
  int modes = 1;                     // coherent modes of the source, whose intensities add
  std::vector<double> mode_weights;  // empty: all 1
  Plane source;
  std::vector<StackLayer> layers;
  double detector_distance = 0.0;  // from the last layer, or from the source [m]
  Plane detector_plane;
  std::vector<Detector> detectors;  // one per wavelength, all on detector_plane
  int reading_count = 0;            // readings per sample; readings add over wavelengths
  PropagationSettings propagation;
};

// How a device deviates from its description. Empty vectors: not at all.
struct Misalignment {
  struct OfPlane {
    double shift_x = 0.0, shift_y = 0.0;  // lateral [m]
    double gap = 0.0;                     // the gap in front is longer by this [m]
    double tilt_x = 0.0, tilt_y = 0.0;    // the wave leaves the layer turned by these angles [rad]
    std::vector<double> phase_error;      // per sample of the layer [rad]
    bool operator==(const OfPlane&) const = default;
  };
  std::vector<OfPlane> planes;     // layers in order, then the detector (no tilt, no phase error)
  double wavelength_factor = 1.0;  // actual / nominal wavelength
  bool operator==(const Misalignment&) const = default;
};

// Where in the stack a field is taken: plane 1 .. L in front of (forward) or behind (backward) a
// layer, L + 1 at the detector.
struct FieldPlace {
  int sample = 0, channel = 0, plane = 0;
  bool backward = false;
};

// Reads complex fields as an instrument would: replaces true values by measured ones. Called from
// several threads at once.
class FieldInstrument {
 public:
  virtual ~FieldInstrument() = default;
  virtual void read(const FieldPlace& place, std::span<Complex> field) const = 0;
};

class DiffractiveStack {
 public:
  // Source field of one sample and channel (wavelength * modes + mode), row-major, zeroed before.
  using Fill = std::function<void(int sample, int channel, std::span<Complex> field)>;
  using CotangentOf = std::function<void(int sample, std::span<const double> readings,
                                         std::span<double> cotangent)>;
  using Observe = std::function<void(const FieldPlace& place, std::span<const Complex> field)>;

  // Throws InputError where planes do not fit together, UnavailableError where memory or the device
  // is missing. threads <= 0: all.
  DiffractiveStack(StackDescription description, Precision precision, const Device& device,
                   int threads);

  const StackDescription& description() const { return description_; }
  // The method used in each gap, and the DFT grid: for reports. Behind a volume the gap is what the
  // volume leaves of it.
  const std::vector<Gap>& gaps() const { return gaps_; }
  // All propagations of one channel forward: the gaps' and those inside volumes, a few of each
  // kind.
  struct Passes {
    Gap gap;
    int count;
  };
  std::vector<Passes> passes() const;
  std::size_t parameter_count() const { return offsets_.back(); }
  std::size_t bytes() const;  // of memory on the device, about
  std::span<const double> layer_parameters(int layer, std::span<const double> all) const;
  std::span<double> layer_parameters(int layer, std::span<double> all) const;

  void set_misalignment(const Misalignment& misalignment);
  void set_parameters(std::span<const double> parameters);
  // Both at once, which evaluates the layers once.
  void set_parameters(std::span<const double> parameters, const Misalignment& misalignment);

  // readings: samples x reading_count.
  void respond(int samples, const Fill& fill, std::span<double> readings,
               const Observe& observe = {});
  // The exact derivative of sum over samples of L(readings), given dL/dreading; with an instrument,
  // the same product of forward and error fields as the instrument reads them (Zhou et al.,
  // Photonics Research 8, 940, 2020), which InputError refuses where a layer is a volume.
  // `gradient` is overwritten.
  void pull_back(int samples, const Fill& fill, const CotangentOf& cotangent,
                 std::span<double> readings, std::span<double> gradient,
                 const FieldInstrument* instrument = nullptr);

 private:
  // What the engine calls a layer: a thin layer, or the front of a volume (slice -1), its slices
  // (0 .. count - 1) and its back (count). Front and back are open.
  struct EnginePlane {
    int layer, slice;
  };
  bool is_open(const EnginePlane& plane) const;
  Gap inner_gap(int layer) const;
  StackSize stack_size() const;
  void set_inner_transfers();
  void set_volume(int layer, std::span<const double> parameters, int first_plane);
  template <class T>
  void pull_back_volume(StackEngine<T>& engine, int layer, int first_plane,
                        std::span<double> gradient);
  const VolumeSlices* volume(int layer) const {
    return volumes_[static_cast<std::size_t>(layer)].get();
  }

  template <class T>
  StackRequest<T> make_request(int samples, const Fill& fill) const;
  template <class T>
  void respond_on(StackEngine<T>& engine, int samples, const Fill& fill, std::span<double> readings,
                  const Observe& observe);
  template <class T>
  void pull_back_on(StackEngine<T>& engine, int samples, const Fill& fill,
                    const CotangentOf& cotangent, std::span<double> readings,
                    std::span<double> gradient, const FieldInstrument* instrument);
  void set_transfers();
  std::vector<double> phase_offsets(int layer, double wavelength) const;

  StackDescription description_;
  int threads_;
  Misalignment misalignment_;
  std::vector<Gap> gaps_;
  std::vector<std::unique_ptr<VolumeSlices>> volumes_;  // one a layer, null for thin ones
  std::vector<EnginePlane> planes_;
  std::vector<int> first_plane_;      // of each layer, in planes_, and their number
  std::vector<std::size_t> offsets_;  // of each layer's parameters, and their total number
  std::vector<double> parameters_;
  std::variant<std::unique_ptr<StackEngine<float>>, std::unique_ptr<StackEngine<double>>> engine_;
};

}  // namespace wavesmith
