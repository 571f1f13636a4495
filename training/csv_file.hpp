// Tables of numbers as comma-separated text, in the spirit of RFC 4180.
//
// Lines end with \n or \r\n; empty lines and lines that start with '#' are skipped; a field may be
// quoted ("a ""b"""), but does not go over several lines. Every row has as many fields as the
// first.
#pragma once

#include <complex>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "training/byte_file.hpp"

namespace wavesmith {

// Whether the first row names the columns. `detect`: it does when none of its value fields is a
// number.
enum class CsvHeader { detect, present, absent };

enum class CsvLabel { none, last, named };

struct CsvOptions {
  CsvHeader header = CsvHeader::detect;
  CsvLabel label = CsvLabel::none;
  std::string label_name;  // of the label's column where `label` is `named`
};

struct CsvNumbers {
  std::vector<std::string> names;     // of the value columns; empty without a header
  std::size_t rows = 0, columns = 0;  // of values, the label's column left out
  std::vector<double> values;         // row-major, all finite
  // Labels that are whole numbers from 0 stay as they are; words are numbered in alphabetical
  // order.
  std::vector<int> labels;               // one per row; empty without a label column
  std::vector<std::string> class_names;  // the words; empty where labels are numbers
};

// Fields may be real ("1e-3") or complex as Python writes them: "(1+2j)", "1-2j", "2j".
struct ComplexCsvTable {
  std::size_t rows = 0, columns = 0;
  std::vector<std::complex<double>> values;  // row-major, all finite
};

// `name` stands for the file in messages, which give the line and the column. InputError where a
// field is not a finite number, a row is too short or too long, or nothing is there.
CsvNumbers parse_csv(Bytes bytes, const std::string& name, const CsvOptions& options = {});
CsvNumbers read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

ComplexCsvTable parse_complex_csv(Bytes bytes, const std::string& name);
ComplexCsvTable read_complex_csv(const std::filesystem::path& path);

}  // namespace wavesmith
