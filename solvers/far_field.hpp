// What a structure radiates or scatters, in chosen directions: the fields on a closed box in the
// grid, carried away through solvers/near_to_far.hpp (light) or acoustic_near_to_far.hpp (sound).
//
// The faces lie on edges, with E (p) on them; H (the velocity) lies half a cell to both sides and
// each sample keeps its own place, so that the error is of second order in the cells, as is the
// march's own. Around the box is one medium without loss, and all sources and scatterers are
// inside; around a plane wave's box of total field it sees the scattered field alone.
//
// Far fields are the coefficients of exp(ikr) / r, in two dimensions of exp(ikr) / sqrt(r), r from
// the origin of coordinates. A face of the box in a mirror or a wall of the grid is no face: the
// other half is its image.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "solvers/acoustic_near_to_far.hpp"
#include "solvers/frequency_monitor.hpp"
#include "solvers/near_to_far.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

struct FarFieldBox {
  Vec3 low{}, high{};  // corners, taken to the nearest edges [m]
  // Of light's medium around the box, relative. Sound: the reference medium.
  double permittivity = 1.0, permeability = 1.0;
};

class FarField final : public FrequencyMonitor {
 public:
  // In three dimensions, or in two with nothing along z (theta = pi / 2). Throws InputError for
  // boxes in absorbing layers or periodic faces, and for other dimensions.
  FarField(TimeDomainSetup& setup, const WaveContext& context, std::string name,
           const FarFieldBox& box, std::vector<FarDirection> directions,
           const std::vector<double>& frequencies, int every = 1);

  // Light: "E_theta 1", "E_phi 1", "E_theta 2", ... of each direction; sound: "p 1", ...
  std::vector<MonitorNumber> numbers() const override;
  MonitorValues evaluate(const Spectra& spectra) const override;
  void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                 Spectra& cotangents) const override;

  // Radiated power per solid angle [W/sr], in two dimensions per angle and length [W/m/rad], of far
  // fields: [direction][frequency]. Divided by an incident intensity it is the differential cross
  // section. The derivative takes cotangents of it to cotangents of the far fields.
  MonitorValues intensity(const MonitorValues& far_fields) const;
  MonitorValues intensity_derivative(const MonitorValues& far_fields,
                                     const MonitorValues& cotangent) const;

  const std::vector<FarDirection>& directions() const { return directions_; }
  bool in_plane() const { return plane_; }

 private:
  // Where the value of a sample comes from.
  struct Reading {
    int monitor = 0;
    std::size_t point = 0, points = 0;  // within the monitor, and in all of it
    double factor = 1.0;
  };
  struct Samples {
    std::vector<SurfaceSample> places;
    std::vector<Reading> readings;
  };
  void add_face(TimeDomainSetup& setup, const WaveContext& context, const std::array<int, 3>& begin,
                const std::array<int, 3>& end, int axis, bool high, int every);
  void add_points(TimeDomainSetup& setup, const WaveContext& context, const StoredField& field,
                  const std::array<int, 3>& begin, const std::array<int, 3>& end, int axis,
                  bool high, int index, double weight, int every);
  void add_images(const WaveContext& context, int axis, bool high);
  std::vector<std::complex<double>> values_of(const Samples& samples, const Spectra& spectra,
                                              std::size_t frequency) const;

  bool sound_, plane_;
  std::vector<FarDirection> directions_;
  Samples first_, second_;             // E and H, or p and v
  std::vector<NearToFar> light_maps_;  // of each frequency
  std::vector<AcousticNearToFar> sound_maps_;
  double impedance_ = 1.0;  // of the medium around the box
};

// The intensities of a far field as numbers of their own, for losses and curves.
class FarIntensity final : public FrequencyMonitor {
 public:
  explicit FarIntensity(FarField far)
      : FrequencyMonitor(far.name(), far.frequencies()), far_(std::move(far)) {}

  // "intensity 1", "intensity 2", ... of each direction.
  std::vector<MonitorNumber> numbers() const override;
  MonitorValues evaluate(const Spectra& spectra) const override;
  void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                 Spectra& cotangents) const override;

  const std::vector<FarDirection>& directions() const { return far_.directions(); }

 private:
  FarField far_;
};

// Directions around the z axis in the plane, phi = 2 pi i / count.
std::vector<FarDirection> directions_in_plane(int count);

}  // namespace wavesmith
