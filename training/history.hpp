// The rows of history.csv: one an iteration or epoch.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/csv_table.hpp"

namespace wavesmith {

// Rows are kept in memory; write() puts all of them into the file, which so is whole at any time.
// What was not measured in a row is NaN. Numbers read back as the same bits.
class History {
 public:
  // Columns such as "epoch", "loss", "accuracy", "learning_rate", "seconds".
  explicit History(std::vector<std::string> columns);

  void add(std::span<const double> row);
  std::size_t size() const { return table_.rows.size(); }
  std::span<const double> row(std::size_t index) const { return table_.rows.at(index); }
  // Throws InputError where there is no such column.
  std::vector<double> column(const std::string& name) const { return table_.column(name); }

  void write(const std::filesystem::path& path) const;
  // Takes the rows of a file, at most `most_rows`: a file may be newer than the checkpoint that a
  // run goes on from. Throws InputError where it has other columns.
  void read(const std::filesystem::path& path, std::size_t most_rows);

  // The rows as a section of a checkpoint.
  void save(std::vector<std::byte>& bytes) const;
  void load(std::span<const std::byte> bytes);

 private:
  CsvTable table_;
};

}  // namespace wavesmith
