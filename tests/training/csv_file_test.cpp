#include "training/csv_file.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using test::bytes_of;
using test::expect_parts;
using test::message_of;
using Values = std::vector<double>;
using Strings = std::vector<std::string>;

CsvNumbers parse(const std::string& text, const CsvOptions& options = {}) {
  return parse_csv(bytes_of(text), "a.csv", options);
}
const CsvOptions last{CsvHeader::detect, CsvLabel::last, {}};

TEST(Csv, ReadsNumbersHoweverTheLinesEnd) {
  for (const std::string text :
       {"1,2.5,-3e2\n4,+5,.5\n", "1,2.5,-3e2\r\n4,+5,.5\r\n", "1,2.5,-3e2\n4,+5,.5",
        "\xef\xbb\xbf 1 ,\t2.5,-3e2\n\n# a remark, with a comma\n4,+5,.5\n\n",
        "\"1\",\"2.5\" , \"-3e2\"\n4,+5,.5"}) {
    const CsvNumbers table = parse(text);
    EXPECT_EQ(table.rows, 2u);
    EXPECT_EQ(table.columns, 3u);
    EXPECT_EQ(table.values, (Values{1, 2.5, -300, 4, 5, 0.5})) << text;
    EXPECT_TRUE(table.names.empty());
    EXPECT_TRUE(table.labels.empty());
  }
}

TEST(Csv, FindsTheHeader) {
  const CsvNumbers table = parse("x,\"y, \"\"z\"\"\"\n1,2\n");
  EXPECT_EQ(table.names, (Strings{"x", "y, \"z\""}));
  EXPECT_EQ(table.values, (Values{1, 2}));
  // Asked for, a row of numbers is a header too; ruled out, words are errors.
  EXPECT_EQ(parse("1,2\n3,4\n", {CsvHeader::present, CsvLabel::none, {}}).values, (Values{3, 4}));
  EXPECT_THROW(parse("x,y\n3,4\n", {CsvHeader::absent, CsvLabel::none, {}}), InputError);
  // One word among numbers is a mistake, not a header.
  EXPECT_THROW(parse("1,y\n3,4\n"), InputError);
}

TEST(Csv, TakesTheLastOrTheNamedColumnAsLabel) {
  const CsvNumbers numbers = parse("0.5,0.25,3\n0.1,0.2,0\n", last);
  EXPECT_EQ(numbers.values, (Values{0.5, 0.25, 0.1, 0.2}));
  EXPECT_EQ(numbers.labels, (std::vector<int>{3, 0}));
  EXPECT_TRUE(numbers.class_names.empty());

  const CsvNumbers words = parse("x,kind,y\n1,pear,2\n3,apple,4\n5,pear,6\n",
                                 {CsvHeader::detect, CsvLabel::named, "kind"});
  EXPECT_EQ(words.names, (Strings{"x", "y"}));
  EXPECT_EQ(words.values, (Values{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(words.labels, (std::vector<int>{1, 0, 1}));
  EXPECT_EQ(words.class_names, (Strings{"apple", "pear"}));
}

TEST(Csv, SaysWhereAndWhat) {
  struct Case {
    std::string text;
    CsvOptions options;
    Strings parts;
  };
  const CsvOptions named{CsvHeader::detect, CsvLabel::named, "kind"};
  const std::vector<Case> cases{
      {"", {}, {"a.csv is empty"}},
      {"\n# only a remark\n", {}, {"a.csv is empty"}},
      {"x,y\n", {}, {"a.csv", "only a header"}},
      {"1,2\n3\n", {}, {"a.csv:2:", "expected 2 fields", "found 1"}},
      {"1,2\n\n3,4,5\n", {}, {"a.csv:3:", "expected 2 fields", "found 3"}},
      {"1,2\n3,four\n", {}, {"a.csv:2:", "column 2", "\"four\""}},
      {"1,2\n3,\n", {}, {"a.csv:2:", "column 2", "\"\""}},
      {"1,2\n3,4;5\n", {}, {"a.csv:2:", "\"4;5\""}},
      {"1,2\n3,nan\n", {}, {"a.csv:2:", "column 2", "finite"}},
      {"1,-inf\n", {}, {"a.csv:1:", "column 2", "finite"}},
      {"1,2\n3,1e999\n", {}, {"a.csv:2:", "\"1e999\""}},
      {"1,2\n3,+-4\n", {}, {"\"+-4\""}},
      {"1,\"2\n3,4\n", {}, {"a.csv:1:", "not closed"}},
      {"1,\"2\"3\n", {}, {"a.csv:1:", "follows a quoted field"}},
      {std::string("1,2\n\0,4\n", 8), {}, {"a.csv is not text"}},
      {"\x1f\x8b\x08", {}, {"a.csv is compressed"}},
      {"1\n2\n", last, {"a.csv:1:", "a label", "one field"}},
      {"1,2\n1,2.5\n", last, {"a.csv:2:", "\"2.5\"", "whole number"}},
      {"1,2\n1,-1\n", last, {"a.csv:2:", "\"-1\"", "whole number"}},
      {"1,2\n1,1e9\n", last, {"a.csv:2:", "\"1e9\"", "65535"}},
      {"1,2\n1,nan\n", last, {"a.csv:2:", "\"nan\""}},
      {"1,2\n1,two\n", last, {"a.csv:2:", "\"two\"", "first label is a number"}},
      {"1,one\n1,2\n", last, {"a.csv:2:", "\"2\"", "first label is a word"}},
      {"1,one\n1,\n", last, {"a.csv:2:", "empty"}},
      {"x,y\n1,2\n", named, {"a.csv:1:", "\"kind\"", "found 0 among \"x\", \"y\""}},
      {"kind,kind,x\n1,2,3\n", named, {"found 2"}}};
  for (const Case& one : cases) {
    expect_parts(message_of<InputError>([&] { parse(one.text, one.options); }), one.parts);
  }
}

TEST(Csv, ReadsComplexNumbersAsPythonWritesThem) {
  using C = std::complex<double>;
  const ComplexCsvTable table =
      parse_complex_csv(bytes_of(" (1.5e+00-2.0e-01j), (-3+0j)\n1-2j,2j\n-1e-3+4e2j,7\n"), "a.csv");
  EXPECT_EQ(table.rows, 3u);
  EXPECT_EQ(table.columns, 2u);
  EXPECT_EQ(table.values,
            (std::vector<C>{C(1.5, -0.2), C(-3, 0), C(1, -2), C(0, 2), C(-1e-3, 400), C(7, 0)}));
  for (const std::string text : {"(1+2j", "1+2", "(1+2j)j", "1+2i", "()", "1 2j", "j", "nan+1j",
                                 "1+infj", "1++2j", "(1+2j)\n(1+2j),3", ""}) {
    expect_parts(message_of<InputError>([&] { parse_complex_csv(bytes_of(text), "a.csv"); }),
                 {"a.csv"});
  }
}

TEST(Csv, NamesAMissingFile) {
  expect_parts(message_of<UnavailableError>([] { read_csv("/nowhere/a.csv"); }),
               {"/nowhere/a.csv", "does not exist"});
}

TEST(RealData, IrisHasThePublishedColumnSums) {
  const auto folder = test::real_data("iris/iris.csv");
  if (folder.empty()) GTEST_SKIP() << "no real data here";
  const CsvNumbers table = read_csv(folder / "iris/iris.csv", last);
  ASSERT_EQ(table.rows, 150u);
  EXPECT_EQ(table.class_names, (Strings{"setosa", "versicolor", "virginica"}));
  const Values sums{876.5, 458.6, 563.7, 179.9};
  for (std::size_t column = 0; column < 4; ++column) {
    double sum = 0;
    for (std::size_t row = 0; row < 150; ++row) sum += table.values[4 * row + column];
    EXPECT_NEAR(sum, sums[column], 1e-9) << table.names[column];
  }
}

TEST(RealData, ResonatorCouplingsHaveTheirShape) {
  const auto folder = test::real_data("neuroscatter/J0.csv");
  if (folder.empty()) GTEST_SKIP() << "no real data here";
  const ComplexCsvTable first = read_complex_csv(folder / "neuroscatter/J0.csv");
  EXPECT_EQ(first.rows, 128u);
  EXPECT_EQ(first.columns, 80u);
  const ComplexCsvTable detuning = read_complex_csv(folder / "neuroscatter/omega2.csv");
  EXPECT_EQ(detuning.rows * detuning.columns, 10u);
}

}  // namespace
}  // namespace wavesmith
