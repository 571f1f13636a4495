#include "apps/cell_cache.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/sha256.hpp"

namespace wavesmith {
namespace {

std::string first_line(const std::string& description) {
  return "# wavesmith " WAVESMITH_VERSION "; " + description;
}

}  // namespace

std::filesystem::path CellCache::file_of(const std::string& description) const {
  const std::string text = first_line(description);
  return folder_ /
         (sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}) + ".csv");
}

std::optional<std::vector<std::complex<double>>> CellCache::find(const std::string& description,
                                                                 std::size_t wavelengths) const {
  std::ifstream file(file_of(description));
  std::string line;
  if (!std::getline(file, line) || line != first_line(description)) return std::nullopt;
  if (!std::getline(file, line) || line != "real,imaginary") return std::nullopt;
  std::vector<std::complex<double>> t;
  while (std::getline(file, line)) {
    std::istringstream numbers(line);
    numbers.imbue(std::locale::classic());
    double real = 0.0, imaginary = 0.0;
    char comma = 0;
    if (!(numbers >> real >> comma >> imaginary) || comma != ',' || !std::isfinite(real) ||
        !std::isfinite(imaginary))
      return std::nullopt;
    t.emplace_back(real, imaginary);
  }
  if (t.size() != wavelengths) return std::nullopt;
  return t;
}

void CellCache::keep(const std::string& description,
                     const std::vector<std::complex<double>>& t) const {
  std::string text = first_line(description) + "\nreal,imaginary\n";
  for (const std::complex<double>& value : t)
    text += fmt::format("{},{}\n", value.real(), value.imag());
  write_file(file_of(description), text);
}

}  // namespace wavesmith
