// Unit cells of a metasurface: the complex transmission of a cell as part of an endless array,
// against its size and the wavelength.
//
// |t|^2 is the share of the incident power that the zeroth order takes on, at normal incidence; the
// phase is that behind the cell less that of light which passed the bare substrate and as much air
// as the cell is high, exp(-i omega t).
//
// Between the sizes t is a cubic in its real and imaginary part (so zeros of t and jumps of its
// phase there do no harm), with the slopes at the sizes from the polynomial through the five
// nearest ones: once differentiable, an error of fourth order. Where t moves by more than
// `largest_jump` from one size to the next, something between them is not resolved.
#pragma once

#include <complex>
#include <filesystem>
#include <string>
#include <vector>

namespace wavesmith {

enum class CellShape { round, square, elliptic, ridge };

CellShape cell_shape_from_name(const std::string& name);
const char* cell_shape_name(CellShape shape);
// What is swept: "radius" (of round and elliptic pillars, along x), "width" (square),
// "ridge_width".
const char* cell_size_name(CellShape shape);

struct CellTableData {
  CellShape shape = CellShape::round;
  double pitch = 0.0, height = 0.0;     // [m]
  double aspect = 1.0;                  // elliptic: half axis along y over that along x
  std::vector<double> wavelengths;      // in vacuum, rising [m]
  std::vector<double> sizes;            // rising, two or more [m]
  std::vector<std::complex<double>> t;  // [wavelength][size]
};

class CellTable {
 public:
  static constexpr double largest_jump = 0.8;  // of t between sizes: 47 degrees where |t| = 1

  // Throws InputError naming what does not fit.
  explicit CellTable(CellTableData data);

  struct Response {
    std::complex<double> t;
    std::complex<double> slope;  // dt / dsize [1/m]
  };
  // size: within the table's [m]; beyond them the cubics of the last ones go on. wavelength: of
  // the table, to 1e-6 of it. Throws InputError, listing the wavelengths, for another one.
  Response at(double wavelength, double size) const;

  const CellTableData& data() const { return data_; }
  std::size_t wavelength_index(double wavelength) const;

  // Throws InputError naming the sizes between which t jumps at a wavelength; sizes outside of
  // [low, high] do not count.
  void require_resolved(double wavelength, double low, double high) const;
  // The largest difference, over all wavelengths, between a value that is left out and what a table
  // of every second size says of it: about 16 times the error of the whole table. 0: too few sizes.
  double interpolation_error() const;

 private:
  CellTableData data_;
  std::vector<std::complex<double>> slope_;  // [wavelength][size]
};

// A CSV file with the columns wavelength_m, pitch_m, height_m, aspect, one named after the size
// (radius_m, width_m, ridge_width_m), real, imaginary, power, phase_rad: a row for each size and
// wavelength. Reading takes all but the last two, whatever else there is. Throws as
// core/csv_table.hpp and CellTable do.
void write_cell_table(const CellTable& table, const std::filesystem::path& path);
CellTable read_cell_table(const std::filesystem::path& path);

}  // namespace wavesmith
