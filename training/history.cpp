#include "training/history.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "core/error.hpp"
#include "core/suggest.hpp"
#include "training/byte_stream.hpp"

namespace wavesmith {
History::History(std::vector<std::string> columns) {
  table_.columns = std::move(columns);
}

void History::add(std::span<const double> row) {
  if (row.size() != table_.columns.size())
    throw std::logic_error("a row of the history does not fit its columns");
  table_.rows.emplace_back(row.begin(), row.end());
}

void History::write(const std::filesystem::path& path) const {
  write_csv_table(table_, path);
}

void History::read(const std::filesystem::path& path, std::size_t most_rows) {
  CsvTable table = read_csv_table(path);
  WAVESMITH_VALIDATE(
      table.columns == table_.columns,
      fmt::format("{} has the columns {} where this run writes {}; choose another "
                  "--out or leave out --resume",
                  path.string(), join_names(table.columns), join_names(table_.columns)));
  if (table.rows.size() > most_rows) table.rows.resize(most_rows);
  table_ = std::move(table);
}

void History::save(std::vector<std::byte>& bytes) const {
  ByteWriter out(bytes);
  out.put<std::uint64_t>(table_.columns.size());
  for (const std::string& name : table_.columns) out.put_text(name);
  out.put<std::uint64_t>(table_.rows.size());
  for (const auto& row : table_.rows) out.put_array(row);
}

void History::load(std::span<const std::byte> bytes) {
  ByteReader in(bytes, "the history");
  CsvTable table{table_.columns, {}};
  if (in.get<std::uint64_t>() != table.columns.size()) in.fail("it has other columns");
  for (const std::string& name : table.columns)
    if (in.get_text() != name) in.fail("it has other columns");
  const auto count = in.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::vector<double> row(table.columns.size());
    in.get_array(std::span<double>(row));
    table.rows.push_back(std::move(row));
  }
  in.expect_end();
  table_ = std::move(table);
}

}  // namespace wavesmith
