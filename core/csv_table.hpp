// Matrices and tables as commented CSV files that read back exactly.
//
// Numbers are written with as many digits as bring back the same double, whatever the locale.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace wavesmith {

// Values over a plane, such as a layer to fabricate. The file looks like
//   # wavesmith matrix 1
//   # kind: height
//   # unit: m
//   # columns: 3          (along x, x rising)
//   # rows: 2             (along y, y rising)
//   # pitch_x: 0.0004     [m]
//   # pitch_y: 0.0004     [m]
//   0,1e-06,2e-06
//   ...
struct CsvMatrix {
  std::string kind;  // "height", "phase", "amplitude"
  std::string unit;  // "m", "rad", "1"
  int nx = 0, ny = 0;
  double pitch_x = 0.0, pitch_y = 0.0;  // [m]
  std::vector<double> values;           // x fastest
};

void write_csv_matrix(const CsvMatrix& matrix, const std::filesystem::path& path);
// Throws UnavailableError where there is no such file, InputError naming file and line where it is
// not such a matrix.
CsvMatrix read_csv_matrix(const std::filesystem::path& path);

// Named columns of numbers, such as a history: one line of names, one line a row.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;  // each as long as `columns`

  // Throws InputError where there is no such column.
  std::vector<double> column(const std::string& name) const;
};

std::string csv_text(const CsvTable& table);
void write_csv_table(const CsvTable& table, const std::filesystem::path& path);
CsvTable read_csv_table(const std::filesystem::path& path);

}  // namespace wavesmith
