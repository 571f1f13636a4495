// A scattering matrix known at frequencies: measured, simulated, or read from a file.
#pragma once

#include <complex>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

struct ScatteringTable {
  using Complex = std::complex<double>;

  std::size_t ports = 0;
  std::vector<double> frequencies;      // [Hz], rising
  std::vector<Complex> s;               // [frequency][to][from], fields as exp(-i omega t)
  std::vector<std::string> port_names;  // none, or one a port
  double resistance = 50.0;             // that a Touchstone file refers to [ohm]

  std::span<const Complex> at(std::size_t frequency) const {
    return std::span(s).subspan(frequency * ports * ports, ports * ports);
  }
};

enum class TableInterpolationRule {
  linear,    // of real and imaginary part between neighbours
  rational,  // Floater and Hormann, Numer. Math. 107, 315 (2007), of order 3: no poles
};

// Values between those of a table.
class ScatteringInterpolation {
 public:
  // Throws InputError where the frequencies do not rise or the numbers do not fit.
  ScatteringInterpolation(ScatteringTable table, TableInterpolationRule rule);
  const ScatteringTable& table() const { return table_; }
  // frequency: [Hz], within the table's. s: ports x ports.
  void evaluate(double frequency, std::span<ScatteringTable::Complex> s) const;

 private:
  ScatteringTable table_;
  std::vector<double> weights_;  // of the rational rule
};

// A table as columns `frequency` [Hz], `s_<to>_<from>_real` and `s_<to>_<from>_imaginary`, ports
// counted from 1. Other columns are let be. Throws InputError naming the file and what is missing.
ScatteringTable read_scattering_csv(const std::filesystem::path& path);
// With a column `wavelength` in vacuum [m], too.
void write_scattering_csv(const ScatteringTable& table, const std::filesystem::path& path);

// A Touchstone file (.s1p, .s2p, ..., .ts) or a table (.csv), by its ending.
ScatteringTable read_scattering_file(const std::filesystem::path& path);

}  // namespace wavesmith
