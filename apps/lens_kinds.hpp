// The kinds of whole lenses by full waves, one solver of a scene each.
#pragma once

#include <complex>
#include <memory>
#include <string>
#include <vector>

#include "core/csv_table.hpp"
#include "physics/cell_table.hpp"
#include "solvers/cell_lens.hpp"

namespace wavesmith {

class LensKind {
 public:
  virtual ~LensKind() = default;

  virtual const char* solver() const = 0;      // "ridge_lens"
  virtual const char* sentence() const = 0;    // of `wavesmith list solvers`
  virtual const char* cells() const = 0;       // "ridges"
  virtual const char* sizes_file() const = 0;  // the scene's key: "widths_file"
  virtual CellShape shape() const = 0;

  // Throws InputError for what cannot be.
  virtual void validate(const CellLens& lens) const = 0;
  virtual std::uint64_t bytes(const CellLens& lens) const = 0;  // of a march

  // The sizes that there are to choose, from a list of cells; those beyond the diameter are left
  // out. Throws InputError where cells are missing.
  virtual std::vector<double> sizes(const CellLens& lens, const CsvTable& list) const = 0;
  // Such a list of all cells, with the sizes before and after.
  virtual CsvTable list(const CellLens& lens, const std::vector<double>& designed,
                        const std::vector<double>& sizes) const = 0;

  virtual Focus ideal(const CellLens& lens) const = 0;
  // As the table says: transmissions, one a size.
  virtual Focus thin(const CellLens& lens, const std::vector<std::complex<double>>& t) const = 0;
  virtual std::unique_ptr<CellLensMarch> march(const CellLens& lens,
                                               const FocusGoal& goal) const = 0;
};

const std::vector<const LensKind*>& list_lens_kinds();
const LensKind* find_lens_kind(const std::string& solver);  // null: none of them

}  // namespace wavesmith
