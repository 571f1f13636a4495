// Energy of the field in a box, in time and at chosen frequencies.
//
//   light  (eps E^2 + mu H^2) / 2        sound  (p^2 / (rho c^2) + rho v^2) / 2
// summed over the points with the volumes of their (dual) cells inside of the box, eps and mu those
// of the march's coefficients: what poles hold is not counted. At a frequency it is the mean over a
// period of a wave exp(-i omega t), |field|^2 / 4 instead of field^2 / 2.
//
// In time E and H are taken half a step apart, as the march has them: without loss the sum then
// swings about what is conserved by a share of omega dt / 2. Along an axis of one cell
// nothing counts: energy per metre in two dimensions.
//
// pull_back is the derivative with respect to the fields; that with respect to the coefficients,
// which are in the weights, stands beside it.
#pragma once

#include <string>
#include <vector>

#include "solvers/frequency_monitor.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

// The weights of the points: energy = sum weight * (stored component)^2.
struct EnergyPart {
  StoredField field;
  GridBox box;
  std::vector<double> weights;
  std::vector<double> coefficients;  // C of each point; weights are proportional to 1 / C
};
// Throws InputError where the box is not inside of the grid.
std::vector<EnergyPart> energy_parts(const WaveContext& context, const Vec3& low, const Vec3& high);

class EnergySpectrum final : public FrequencyMonitor {
 public:
  EnergySpectrum(TimeDomainSetup& setup, const WaveContext& context, std::string name,
                 const Vec3& low, const Vec3& high, const std::vector<double>& frequencies,
                 int every = 1);

  // "electric" and "magnetic" (sound: "potential" and "kinetic") energy.
  std::vector<MonitorNumber> numbers() const override;
  MonitorValues evaluate(const Spectra& spectra) const override;
  void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                 Spectra& cotangents) const override;

  // d loss / d C of a stored component at the points of a box, fields held.
  struct CoefficientGradient {
    int component = 0;
    GridBox box;
    std::vector<double> values;
  };
  std::vector<CoefficientGradient> coefficient_gradient(const Spectra& spectra,
                                                        const MonitorValues& cotangent) const;

 private:
  bool sound_;
  std::string unit_;
  std::vector<EnergyPart> parts_;
  std::vector<std::size_t> rows_;  // of each part
  int first_monitor_;
};

// The energy at the steps that are multiples of `every`, from time monitors of its own.
class EnergyRecord {
 public:
  EnergyRecord(TimeDomainSetup& setup, const WaveContext& context, const Vec3& low,
               const Vec3& high, int every = 1);

  using Records = std::vector<std::vector<double>>;            // [time monitor][record][point]
  std::vector<double> evaluate(const Records& records) const;  // [record]
  // Adds to the records' cotangents, of the records' shapes.
  void pull_back(const Records& records, const std::vector<double>& cotangent,
                 Records& cotangents) const;

 private:
  std::vector<EnergyPart> parts_;
  std::size_t first_monitor_;
};

}  // namespace wavesmith
