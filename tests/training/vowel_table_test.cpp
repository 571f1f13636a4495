#include "training/vowel_table.hpp"

#include <gtest/gtest.h>

#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using test::expect_parts;
using test::message_of;
using test::TemporaryFolder;

const std::string head = "Formants of vowels\nmen and women say had, hod\n\n";
std::string row(const std::string& name, const std::string& f1) {
  return name + " 323 174 " + f1 + " 2012 2659 3691 669 2008 2671 671 1992 2659 685 1773 2680\n";
}

TEST(VowelTable, TakesColumnsAndClassesInTheOrderAsked) {
  const TemporaryFolder folder;
  folder.write("vowels/vowdata.dat", head + row("m01ae", "663") + row("m02iy", "342") +
                                         row("w01ae", "0") + row("w02ae", "700") +
                                         row("w03ae", "720") + row("m02ae", "1") +
                                         row("b01uw", "400"));
  const Dataset data = load_vowels({"f1", "duration"}, {"iy", "ae"}, folder.path());
  EXPECT_EQ(data.cols, 2);
  EXPECT_EQ(data.class_count, 2);
  EXPECT_EQ(data.labels, (std::vector<int>{1, 0, 1, 1, 1, 1}));
  // What was not measured is the mean of the other women who say the vowel.
  EXPECT_EQ(data.images,
            (std::vector<float>{663, 323, 342, 323, 710, 323, 700, 323, 720, 323, 1, 323}));
}

TEST(VowelTable, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& text, const std::vector<std::string>& columns,
                           const std::vector<std::string>& classes) {
    folder.write("vowels/vowdata.dat", text);
    return message_of<InputError>([&] { load_vowels(columns, classes, folder.path()); });
  };
  const std::string good = head + row("m01ae", "663");
  expect_parts(message(good, {"f9"}, {"ae"}), {"f9", "f1_20"});
  expect_parts(message(good, {"f1"}, {"xx"}), {"xx", "iy"});
  expect_parts(message(good, {"f1"}, {"iy"}), {"none of the classes"});
  expect_parts(message(head + row("m01ae", "six"), {"f1"}, {"ae"}), {"vowdata.dat:4", "six"});
  expect_parts(message(head + "m01ae 1 2\n", {"f1"}, {"ae"}), {"vowdata.dat:4", "2 numbers"});
  expect_parts(message(head + row("m01zz", "1"), {"f1"}, {"ae"}), {"vowdata.dat:4", "m01zz"});
  expect_parts(message(head, {"f1"}, {"ae"}), {"no row"});
}

TEST(VowelTable, ThePublishedTableIsWhole) {
  Dataset data;
  try {
    data = load_vowels(vowel_columns(), vowel_names(), {});
  } catch (const UnavailableError&) {
    GTEST_SKIP() << "the table of vowels is not here";
  }
  EXPECT_EQ(data.count(), 139u * 12u);
  for (const float value : data.images) EXPECT_GT(value, 0.0f);
}

}  // namespace
}  // namespace wavesmith
