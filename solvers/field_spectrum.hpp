// Fields in a box at chosen frequencies, brought to common points.
//
// Along an axis on which the box has an extent the points are the centres of the cells in it, or
// the edges; along the others the one position asked for. Each component is interpolated linearly
// from its own points, which is of second order; beyond the last point before a face it keeps that
// point's value, and at the high face where the march holds it at zero it is zero. All of them are
// at the same instant, as spectra are taken at each component's own times.
//
// Objectives that need no common points read the spectra of `monitor(i)` on `box(i)` directly.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "solvers/frequency_monitor.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

class FieldSpectrum final : public FrequencyMonitor {
 public:
  // fields: names, all of the equations' where empty. `points`: edge or centre. Throws InputError
  // for names that are not there, boxes outside of the grid, and boxes without a point.
  FieldSpectrum(TimeDomainSetup& setup, const WaveContext& context, std::string name,
                const std::vector<std::string>& fields, const Vec3& low, const Vec3& high,
                Place points, const std::vector<double>& frequencies, int every = 1);

  // The fields: [field][frequency][point], x fastest; units as they are shown.
  std::vector<MonitorNumber> numbers() const override;
  MonitorValues evaluate(const Spectra& spectra) const override;
  void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                 Spectra& cotangents) const override;

  // Of the points along each axis [m].
  const std::array<std::vector<double>, 3>& coordinates() const { return coordinates_; }
  std::size_t point_count() const;
  // The SpectrumMonitor of a field, its stored points, and what they are multiplied with.
  int monitor(std::size_t field) const { return parts_[field].monitor; }
  const GridBox& box(std::size_t field) const { return parts_[field].box; }
  const StoredField& field(std::size_t field) const { return parts_[field].field; }

 private:
  // Two stored points along an axis and their weights.
  struct Stencil {
    std::array<int, 2> at{};
    std::array<double, 2> weight{};
  };
  struct Part {
    StoredField field;
    int monitor = 0;
    GridBox box;
    std::array<std::vector<Stencil>, 3> stencils;
  };
  static Stencil stencil_at(const WaveContext& context, int axis, Place place, double x);
  // Calls work(point, number within the box, weight).
  template <class Work>
  void for_weights(const Part& part, const Work& work) const;

  std::array<std::vector<double>, 3> coordinates_;
  std::vector<Part> parts_;
};

}  // namespace wavesmith
