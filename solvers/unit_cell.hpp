// The transmission of one cell of an endless array of equal cells, by a march in time.
//
// Light comes at normal incidence out of the substrate, through the cell, into air. The cell has
// two mirror planes, so a quarter of it (half of a ridge's) between walls, across which E stands,
// and mirrors, along which it lies, is the whole array. A uniform sheet of current in the substrate
// sends a pulse; the mean of E over a plane in the air is the zeroth order, at any distance.
//
//   t = (E / E_bare) sqrt(4 n / (n + 1)^2)
//
// with E_bare from the same march without the cell and n the index of the substrate: |t|^2 is the
// share of the incident power. Errors of the grid in what lies outside of the cell cancel.
//
// A march ends when t, as it would be if the march ended now, has twice in a row moved by less than
// the tolerance while the time since the pulse grew by a quarter. That is what is wanted, and not
// that all fields have decayed: slow resonances beside the band may ring on. What rings longer than
// the march and has not even begun to show is not seen.
//
// Pillars stand along z with E along x; ridges along z, light along y. Absorbing layers meet what
// evanescent fields are left at `margin`: close to where an order begins to travel (pitch = a
// wavelength in air or substrate) they decay slowly.
#pragma once

#include <array>
#include <complex>
#include <string>
#include <vector>

#include "kernels/device.hpp"
#include "physics/cell_table.hpp"
#include "physics/dispersive_medium.hpp"

namespace wavesmith {

struct UnitCell {
  CellShape shape = CellShape::round;
  double pitch = 0.0, height = 0.0;    // [m]
  double aspect = 1.0;                 // elliptic: half axis along y over that along x
  DispersiveMedium pillar, substrate;  // the substrate without loss
  bool field_along_ridge = true;       // E along the ridge, or across it; ridges only

  double cell = 0.0;  // of the grid, at most [m]
  int absorbing_cells = 20;
  double margin = 0.5;      // between cell and absorbing layers, in longest wavelengths in air
  double tolerance = 1e-4;  // of t: a march ends when it has settled
  double longest = 2e-12;   // time at most, after the pulse [s]
  Precision precision = Precision::f64;
};

// Largest size that fits between the neighbours [m].
double largest_size(const UnitCell& cell);

// Throws InputError where the cell cannot be. `wavelengths`: in vacuum [m].
void validate_unit_cell(const UnitCell& cell, const std::vector<double>& wavelengths);

// What is allowed, but seldom meant: a sentence each.
std::vector<std::string> unit_cell_warnings(const UnitCell& cell,
                                            const std::vector<double>& wavelengths);

// Cells of the grid along x, y and z, as its symmetry leaves them.
std::array<int, 3> unit_cell_grid(const UnitCell& cell, const std::vector<double>& wavelengths);

struct UnitCellResponse {
  std::vector<std::complex<double>> t;  // at each wavelength
  long steps = 0;
  bool settled = true;  // false: the time was over before
};

class UnitCellMarch {
 public:
  // Marches without the cell, too. Throws as validate_unit_cell does, and UnavailableError where
  // the grid does not fit into memory.
  UnitCellMarch(const UnitCell& cell, std::vector<double> wavelengths);

  // size: of the table's [m], 0 to largest_size(); one thread each, and as many at once as wanted.
  UnitCellResponse transmission(double size) const;

 private:
  struct Amplitudes {
    std::vector<std::complex<double>> mean;
    long steps = 0;
    bool settled = true;
  };
  // scale: what amplitudes are compared with; none: themselves.
  Amplitudes march(double size, const std::vector<std::complex<double>>& scale) const;

  UnitCell cell_;
  std::vector<double> wavelengths_;
  double dt_ = 0.0;
  Amplitudes bare_;
};

// Everything that the transmission depends on, in words and digits: equal texts are equal cells.
std::string describe(const UnitCell& cell, const std::vector<double>& wavelengths, double size);

}  // namespace wavesmith
