// Time-averaged power through a plane rectangle or out of a closed box, at every frequency.
//
// The flux density is that which the leapfrog conserves. With exp(-i omega t) and each component's
// spectrum taken at its own times, a step of the march is multiplied by the conjugate field and
// summed: where nothing absorbs, every pair of a point of E and a point of H next to it carries
//   S = Re(E conj(H)) / 2
// from the one to the other (sound: Re(p conj(v)) / 2), and what enters a point leaves it. Summed
// with the weights of solvers/grid_shares.hpp the flux out of a closed box without sources and
// losses is zero to rounding, wherever its faces lie in media whose tensors are diagonal. A plane
// through edges takes E there and the mean of H on both sides (J. D. Jackson, Classical
// Electrodynamics, section 6.9, in the continuum).
//
// Along an axis of one cell nothing varies and its width does not count: power per metre in two
// dimensions, per square metre in one. At a mirror the power is that of the part modelled.
#pragma once

#include <string>
#include <vector>

#include "solvers/frequency_monitor.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

struct PlaneRectangle {
  int axis = 0;           // across which it lies
  double position = 0.0;  // along that axis [m]
  Vec3 low{}, high{};     // along the other two [m]
};

class Flux final : public FrequencyMonitor {
 public:
  // Through a rectangle, positive along +axis. `every`: steps from record to record. Throws
  // InputError where the rectangle is not inside of the grid.
  Flux(TimeDomainSetup& setup, const WaveContext& context, std::string name,
       const PlaneRectangle& rectangle, const std::vector<double>& frequencies, int every = 1);

  // Through all faces of a box, positive outward; faces in a wall or a mirror carry none. Along
  // axes of one cell the box has no faces.
  enum class Sign { outward, inward };
  Flux(TimeDomainSetup& setup, const WaveContext& context, std::string name, const Vec3& low,
       const Vec3& high, Sign sign, const std::vector<double>& frequencies, int every = 1);

  std::vector<MonitorNumber> numbers() const override;
  MonitorValues evaluate(const Spectra& spectra) const override;
  void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                 Spectra& cotangents) const override;

 private:
  // sum weights Re(first conj(second)); the points of the two boxes correspond one to one.
  struct Term {
    int first = 0, second = 0;  // SpectrumMonitors
    std::vector<double> weights;
  };
  void add_rectangle(TimeDomainSetup& setup, const WaveContext& context,
                     const PlaneRectangle& rectangle, double sign, int every);

  std::vector<Term> terms_;
  std::string number_, unit_;
};

// Power that stays in a box: what absorbs inside of it, less what sources there give.
inline Flux absorbed_power(TimeDomainSetup& setup, const WaveContext& context, std::string name,
                           const Vec3& low, const Vec3& high,
                           const std::vector<double>& frequencies, int every = 1) {
  return Flux(setup, context, std::move(name), low, high, Flux::Sign::inward, frequencies, every);
}

}  // namespace wavesmith
