#include "physics/cell_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/csv_table.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/names.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr std::array<NamedValue<CellShape>, 4> shapes{{{"round", CellShape::round},
                                                       {"square", CellShape::square},
                                                       {"elliptic", CellShape::elliptic},
                                                       {"ridge", CellShape::ridge}}};
constexpr double same_wavelength = 1e-6;

std::string length_text(double value) {
  return format_quantity(value, Dimension::length, 6);
}

// The derivative at x[at] of the polynomial through the (at most five) points nearest to it.
Complex polynomial_slope(const std::vector<double>& x, const Complex* y, std::size_t at) {
  const std::size_t count = std::min<std::size_t>(5, x.size());
  const std::size_t before = std::min(at, count / 2);
  const std::size_t first = std::min(at - before, x.size() - count);
  Complex slope = 0.0;
  for (std::size_t j = first; j < first + count; ++j) {
    double weight = 0.0;
    if (j == at) {
      for (std::size_t k = first; k < first + count; ++k)
        if (k != at) weight += 1.0 / (x[at] - x[k]);
    } else {
      weight = 1.0 / (x[j] - x[at]);
      for (std::size_t k = first; k < first + count; ++k)
        if (k != at && k != j) weight *= (x[at] - x[k]) / (x[j] - x[k]);
    }
    slope += weight * y[j];
  }
  return slope;
}

}  // namespace

CellShape cell_shape_from_name(const std::string& name) {
  return value_from_name<CellShape>(shapes, name, "shape of a cell");
}

const char* cell_shape_name(CellShape shape) {
  for (const auto& entry : shapes)
    if (entry.value == shape) return entry.name;
  return "";
}

const char* cell_size_name(CellShape shape) {
  switch (shape) {
    case CellShape::square:
      return "width";
    case CellShape::ridge:
      return "ridge_width";
    default:
      return "radius";
  }
}

CellTable::CellTable(CellTableData data) : data_(std::move(data)) {
  const std::vector<double>&wavelengths = data_.wavelengths, &sizes = data_.sizes;
  WAVESMITH_VALIDATE(std::isfinite(data_.pitch) && data_.pitch > 0.0 &&
                         std::isfinite(data_.height) && data_.height > 0.0 &&
                         std::isfinite(data_.aspect) && data_.aspect > 0.0,
                     "a table of cells has a pitch, height or aspect that is not above 0");
  WAVESMITH_VALIDATE(!wavelengths.empty(), "a table of cells has no wavelength");
  WAVESMITH_VALIDATE(sizes.size() >= 2, fmt::format("a table of cells has {} sizes at a "
                                                    "wavelength; give 2 or more",
                                                    sizes.size()));
  validate_count(data_.t.size(), wavelengths.size() * sizes.size(), "a table of cells");
  const auto rises = [](const std::vector<double>& values) {
    if (!std::isfinite(values.front()) || values.front() < 0.0 || !std::isfinite(values.back()))
      return false;
    for (std::size_t i = 1; i < values.size(); ++i)
      if (!(values[i] > values[i - 1])) return false;
    return true;
  };
  WAVESMITH_VALIDATE(rises(wavelengths) && wavelengths.front() > 0.0,
                     "the wavelengths of a table of cells are not above 0 and rising");
  WAVESMITH_VALIDATE(rises(sizes), "the sizes of a table of cells are not 0 or above and rising");
  for (std::size_t w = 0; w < wavelengths.size(); ++w)
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      const double size = std::abs(data_.t[w * sizes.size() + s]);
      // The small excess is that of a simulation that has not quite decayed.
      WAVESMITH_VALIDATE(std::isfinite(size) && size <= 1.05,
                         fmt::format("a table of cells has |t| = {:.4g} at a size of {} and a "
                                     "wavelength of {}; it lies between 0 and 1",
                                     size, length_text(sizes[s]), length_text(wavelengths[w])));
    }
  slope_.resize(data_.t.size());
  for (std::size_t w = 0; w < wavelengths.size(); ++w)
    for (std::size_t s = 0; s < sizes.size(); ++s)
      slope_[w * sizes.size() + s] = polynomial_slope(sizes, &data_.t[w * sizes.size()], s);
}

std::size_t CellTable::wavelength_index(double wavelength) const {
  std::string known;
  for (std::size_t w = 0; w < data_.wavelengths.size(); ++w) {
    if (std::abs(wavelength - data_.wavelengths[w]) <= same_wavelength * wavelength) return w;
    known += (w > 0 ? ", " : "") + length_text(data_.wavelengths[w]);
  }
  throw InputError("the table of cells has no wavelength of " + length_text(wavelength) +
                   "; it has " + known + "; sweep the cells at this one, too");
}

CellTable::Response CellTable::at(double wavelength, double size) const {
  const std::vector<double>& x = data_.sizes;
  const std::size_t row = wavelength_index(wavelength) * x.size();
  const auto above = std::upper_bound(x.begin() + 1, x.end() - 1, size);
  const auto k = static_cast<std::size_t>(above - x.begin()) - 1;
  const double h = x[k + 1] - x[k], s = (size - x[k]) / h;
  const Complex y0 = data_.t[row + k], chord = (data_.t[row + k + 1] - y0) / h;
  const Complex m0 = slope_[row + k], m1 = slope_[row + k + 1];
  const Complex c2 = 3.0 * chord - 2.0 * m0 - m1, c3 = m0 + m1 - 2.0 * chord;
  return {y0 + h * s * (m0 + s * (c2 + s * c3)), m0 + s * (2.0 * c2 + 3.0 * s * c3)};
}

void CellTable::require_resolved(double wavelength, double low, double high) const {
  const std::vector<double>& x = data_.sizes;
  const std::size_t row = wavelength_index(wavelength) * x.size();
  for (std::size_t s = 0; s + 1 < x.size(); ++s) {
    if (x[s + 1] <= low || x[s] >= high) continue;
    const double jump = std::abs(data_.t[row + s + 1] - data_.t[row + s]);
    if (jump > largest_jump)
      throw InputError(fmt::format(
          "the table of cells does not resolve what happens between the sizes {} and {} at {}: the "
          "transmission changes by {:.2f} (at most {}); sweep more sizes there, or keep the "
          "layer's "
          "sizes out of it",
          length_text(x[s]), length_text(x[s + 1]), length_text(wavelength), jump, largest_jump));
  }
}

double CellTable::interpolation_error() const {
  const std::size_t n = data_.sizes.size();
  if (n < 7) return 0.0;
  CellTableData half = data_;
  half.sizes.clear();
  half.t.clear();
  for (std::size_t s = 0; s < n; s += 2) half.sizes.push_back(data_.sizes[s]);
  for (std::size_t w = 0; w < data_.wavelengths.size(); ++w)
    for (std::size_t s = 0; s < n; s += 2) half.t.push_back(data_.t[w * n + s]);
  const CellTable coarse(std::move(half));
  double worst = 0.0;
  for (std::size_t w = 0; w < data_.wavelengths.size(); ++w)
    for (std::size_t s = 1; s + 1 < n; s += 2)
      worst = std::max(
          worst, std::abs(coarse.at(data_.wavelengths[w], data_.sizes[s]).t - data_.t[w * n + s]));
  return worst;
}

void write_cell_table(const CellTable& table, const std::filesystem::path& path) {
  const CellTableData& data = table.data();
  CsvTable csv;
  csv.columns = {"wavelength_m",
                 "pitch_m",
                 "height_m",
                 "aspect",
                 std::string(cell_size_name(data.shape)) + "_m",
                 "real",
                 "imaginary",
                 "power",
                 "phase_rad"};
  for (std::size_t w = 0; w < data.wavelengths.size(); ++w)
    for (std::size_t s = 0; s < data.sizes.size(); ++s) {
      const Complex t = data.t[w * data.sizes.size() + s];
      csv.rows.push_back({data.wavelengths[w], data.pitch, data.height, data.aspect, data.sizes[s],
                          t.real(), t.imag(), std::norm(t), std::arg(t)});
    }
  write_csv_table(csv, path);
}

CellTable read_cell_table(const std::filesystem::path& path) {
  const CsvTable csv = read_csv_table(path);
  const auto has = [&](const std::string& name) {
    return std::find(csv.columns.begin(), csv.columns.end(), name) != csv.columns.end();
  };
  const auto fail = [&](const std::string& what) -> InputError {
    return InputError(path.string() + ": " + what);
  };
  WAVESMITH_VALIDATE(!csv.rows.empty(), path.string() + ": the table of cells has no row");
  CellTableData data;
  data.aspect = csv.column("aspect").front();
  data.shape = has("ridge_width_m") ? CellShape::ridge
               : has("width_m")     ? CellShape::square
               : data.aspect != 1.0 ? CellShape::elliptic
                                    : CellShape::round;
  data.pitch = csv.column("pitch_m").front();
  data.height = csv.column("height_m").front();
  for (const char* name : {"pitch_m", "height_m", "aspect"})
    for (const double value : csv.column(name))
      if (value != csv.column(name).front())
        throw fail(std::string(name) + " is not the same in all rows; a table is of one cell");
  const std::vector<double> wavelength = csv.column("wavelength_m"),
                            size = csv.column(std::string(cell_size_name(data.shape)) + "_m"),
                            real = csv.column("real"), imaginary = csv.column("imaginary");
  std::map<double, std::map<double, Complex>> found;
  for (std::size_t r = 0; r < csv.rows.size(); ++r)
    if (!found[wavelength[r]].emplace(size[r], Complex(real[r], imaginary[r])).second)
      throw fail(fmt::format("the size {} stands there twice at {}", length_text(size[r]),
                             length_text(wavelength[r])));
  for (const auto& [s, t] : found.begin()->second) data.sizes.push_back(s);
  for (const auto& [w, row] : found) {
    data.wavelengths.push_back(w);
    std::vector<double> sizes;
    for (const auto& [s, t] : row) {
      sizes.push_back(s);
      data.t.push_back(t);
    }
    if (sizes != data.sizes)
      throw fail("the sizes at " + length_text(w) + " are not those at " +
                 length_text(data.wavelengths.front()) + "; give all sizes at all wavelengths");
  }
  try {
    return CellTable(std::move(data));
  } catch (const InputError& error) {
    throw fail(error.what());
  }
}

}  // namespace wavesmith
