// A rectangle of numbers in a text file: masks, measured device tables, height maps.
//
// One row a line; numbers separated by commas, semicolons, spaces or tabs; lines that start with #
// and empty lines are skipped.
#pragma once

#include <string>
#include <vector>

namespace wavesmith {

struct NumberGrid {
  int rows = 0, columns = 0;
  std::vector<double> values;  // row-major

  std::vector<double> column(int index) const;
};

// Throws UnavailableError when the file cannot be read, and InputError with the line when it does
// not hold numbers, or not the same number of them in each line.
NumberGrid read_number_grid(const std::string& path);

}  // namespace wavesmith
