// The march through a lens of cells: substrate, a sheet of light under the cells, records behind
// them, and the derivative of anything made of these.
#pragma once

#include <complex>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "solvers/cell_lens.hpp"
#include "solvers/design_on_grid.hpp"
#include "solvers/frequency_monitor.hpp"
#include "solvers/wave_context.hpp"
#include "solvers/waveform.hpp"

namespace wavesmith {

// Numbers of grid cells, and their widths [m]. Along the light the height is a whole number of
// them.
struct LensGrid {
  double across = 0.0, along = 0.0;
  int layers = 0;                      // that absorb, at each open face
  int beside = 0, lens = 0;            // open air or substrate beside the lens; its diameter
  int under = 0, high = 0, over = 0;   // substrate, cells of the lens, air
  double source = 0.0, watched = 0.0;  // along the light, from the substrate's surface on [m]
};

// whole: what is a whole number of cells across, a pitch or, where the lens is marched from its
// middle on, half of one [m]. sides: 1 in two dimensions, 2 in three.
LensGrid lens_grid(const CellLens& lens, double whole, std::size_t sides);

class LensMarch {
 public:
  // An axis across the light.
  struct Side {
    Axis axis;
    std::array<Boundary, 2> faces{};
  };

  // With one side in two dimensions, E along the third axis (Ez); with two in three, E along x.
  // Throws UnavailableError where it does not fit into memory, before anything is allocated.
  LensMarch(const CellLens& lens, const LensGrid& grid, const std::vector<Side>& sides);

  // Lights the substrate between these corners across [m].
  void light(const Vec3& low, const Vec3& high);
  // Records a field behind the cells at these points across; the other axes' ranges of `across` do
  // not count.
  void record(const std::string& field, const GridBox& across);

  WaveContext context() const { return context_of(setup_, equations_); }
  double watched() const { return watched_; }  // where records lie along the light [m]

  // All records, per unit of the incident light.
  Spectra spectra(const DesignPattern& pattern) const;
  // d loss / d parameters of the pattern; loss: cotangents of such records.
  std::vector<double> pull_back(const DesignPattern& pattern,
                                const std::function<Spectra(const Spectra&)>& loss,
                                const GradientMemory& memory) const;

 private:
  TimeDomainSetup placed(const DesignPattern& pattern) const;

  Equations equations_;
  std::size_t light_axis_;
  std::string field_;      // of the light
  TimeDomainSetup setup_;  // with substrate and air; the cells are placed over it
  std::unique_ptr<DesignOnGrid> design_;
  Waveform pulse_;
  double frequency_ = 0.0, source_ = 0.0, watched_ = 0.0;
  std::complex<double> unit_;  // recorded E of a field of 1
  long steps_ = 0;
};

// What such a march takes, without what its derivative keeps [bytes].
std::uint64_t lens_march_bytes(const LensGrid& grid, const std::vector<LensMarch::Side>& sides,
                               Precision precision);

}  // namespace wavesmith
