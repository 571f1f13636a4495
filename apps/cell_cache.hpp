// Transmissions of unit cells that were found before, a file each.
//
// A file is named after the SHA-256 of all that the transmission depends on (describe() of
// solvers/unit_cell.hpp and this program's version), holds that text, and counts only where the
// text is the same: a stale number is never taken for a new one, and what a stopped run has found
// is not lost.
#pragma once

#include <complex>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wavesmith {

class CellCache {
 public:
  explicit CellCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Nothing where it was not found before, or where the file is damaged.
  std::optional<std::vector<std::complex<double>>> find(const std::string& description,
                                                        std::size_t wavelengths) const;
  // Throws UnavailableError where the file cannot be written.
  void keep(const std::string& description, const std::vector<std::complex<double>>& t) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path file_of(const std::string& description) const;

  std::filesystem::path folder_;
};

}  // namespace wavesmith
