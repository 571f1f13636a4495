#include "core/csv_table.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <random>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

std::vector<double> awkward_numbers() {
  using Limits = std::numeric_limits<double>;
  return {0.0,
          -0.0,
          1.0 / 3.0,
          0.1,
          Limits::min(),
          Limits::denorm_min(),
          Limits::max(),
          -1e-300,
          std::nextafter(1.0, 2.0),
          123456789012345678.0};
}

std::vector<std::uint64_t> bits(const std::vector<double>& values) {
  std::vector<std::uint64_t> result;
  for (double v : values) result.push_back(std::bit_cast<std::uint64_t>(v));
  return result;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(CsvMatrix, ReadsBackEveryBit) {
  test::TemporaryFolder folder;
  std::mt19937_64 random(7);
  for (const auto& [nx, ny] : {std::pair{1, 1}, {5, 2}, {1, 10}, {37, 23}}) {
    CsvMatrix matrix{"height", "m", nx, ny, 4e-4 / 3.0, 1e-7, {}};
    const auto awkward = awkward_numbers();
    for (int i = 0; i < nx * ny; ++i)
      matrix.values.push_back(static_cast<std::size_t>(i) < awkward.size()
                                  ? awkward[static_cast<std::size_t>(i)]
                                  : std::bit_cast<double>(random() >> 2));
    write_csv_matrix(matrix, folder / "m.csv");
    const CsvMatrix back = read_csv_matrix(folder / "m.csv");
    EXPECT_EQ(back.kind, "height");
    EXPECT_EQ(back.unit, "m");
    EXPECT_EQ(back.nx, nx);
    EXPECT_EQ(back.ny, ny);
    EXPECT_EQ(back.pitch_x, matrix.pitch_x);
    EXPECT_EQ(back.pitch_y, matrix.pitch_y);
    EXPECT_EQ(bits(back.values), bits(matrix.values));
  }
}

TEST(CsvMatrix, NamesFileAndLineOfEveryDamage) {
  test::TemporaryFolder folder;
  const std::string head =
      "# wavesmith matrix 1\n# kind: phase\n# unit: rad\n# columns: 2\n# rows: 2\n"
      "# pitch_x: 1e-6\n# pitch_y: 1e-6\n";
  const struct {
    std::string text, expected;
  } cases[] = {
      {"", "another kind of file"},
      {"1,2\n3,4\n", "another kind of file"},
      {head + "1,2\n", "cut short"},
      {head, "cut short"},
      {head + "1,2\n3\n", ":9: the line holds 1 numbers"},
      {head + "1,2\n3,4,5\n", ":9: the line holds 3 numbers"},
      {head + "1,2\n3,4\n5,6\n", ":10: there are more lines"},
      {head + "1,two\n3,4\n", ":8: \"two\" is not a number"},
      {head + "1,2 \n3,1e999\n", ":9: \"1e999\" is out of range"},
      {head + "1,\n3,4\n", "is not a number"},
      {"# wavesmith matrix 1\n1,2\n", "lacks one of"},
      {"# wavesmith matrix 1\n# columns: -3\n", "whole number"},
      {"# wavesmith matrix 1\n# rows: 1e300\n", "whole number"},
      {"# wavesmith matrix 1\n# pitch_x: nan\n", "pitch"},
      {"# wavesmith matrix 1\n# columns: 2000000000\n# rows: 2000000000\n# pitch_x: 1\n"
       "# pitch_y: 1\n1,2\n",
       "not the 2000000000"},
  };
  for (const auto& test : cases) {
    write(folder / "bad.csv", test.text);
    try {
      read_csv_matrix(folder / "bad.csv");
      ADD_FAILURE() << "accepted: " << test.text;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(test.expected), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("bad.csv:"), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(read_csv_matrix(folder / "none.csv"), UnavailableError);
  EXPECT_THROW(write_csv_matrix({"phase", "rad", 2, 2, 1.0, 1.0, {1.0}}, folder / "x.csv"),
               InputError);
}

TEST(CsvTable, ReadsBackNamesAndNumbers) {
  test::TemporaryFolder folder;
  const CsvTable table{
      {"epoch", "loss (W/m^2), mean", "the \"best\"", "# of images", ""},
      {{1, 0.1, 1.0 / 3.0, 5e4, -0.0}, {2, std::numeric_limits<double>::infinity(), 1e-320, 0, 1}}};
  write_csv_table(table, folder / "history.csv");
  const CsvTable back = read_csv_table(folder / "history.csv");
  EXPECT_EQ(back.columns, table.columns);
  ASSERT_EQ(back.rows.size(), table.rows.size());
  for (std::size_t n = 0; n < table.rows.size(); ++n)
    EXPECT_EQ(bits(back.rows[n]), bits(table.rows[n]));
  EXPECT_EQ(back.column("the \"best\"")[0], 1.0 / 3.0);
  EXPECT_THROW(back.column("best"), InputError);
}

TEST(CsvTable, TakesNotANumberAndWindowsLines) {
  test::TemporaryFolder folder;
  write(folder / "t.csv", "# history\r\na, b\r\n1, nan\r\n\r\n2,-inf");
  const CsvTable table = read_csv_table(folder / "t.csv");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_TRUE(std::isnan(table.rows[0][1]));
  EXPECT_EQ(table.rows[1][1], -std::numeric_limits<double>::infinity());
  for (const char* bad : {"", "a,b\n1\n", "a\nx\n", "\"a\n1\n", "\"a\"b\n1\n"}) {
    write(folder / "bad.csv", bad);
    EXPECT_THROW(read_csv_table(folder / "bad.csv"), InputError) << bad;
  }
}

}  // namespace
}  // namespace wavesmith
