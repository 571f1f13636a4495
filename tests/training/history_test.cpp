// The history: written whole, read back as the same bits.
#include "training/history.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> column_names{"epoch", "loss", "accuracy"};

History sample() {
  History history(column_names);
  history.add(std::vector<double>{0, 1.0 / 3.0, std::nan("")});
  history.add(std::vector<double>{1, 5e-324, 0.9175});
  history.add(std::vector<double>{2, std::numeric_limits<double>::max(), 1.0});
  return history;
}

void expect_same_bits(const History& a, const History& b, std::size_t rows) {
  ASSERT_EQ(b.size(), rows);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < column_names.size(); ++k)
      EXPECT_TRUE(a.row(i)[k] == b.row(i)[k] ||
                  (std::isnan(a.row(i)[k]) && std::isnan(b.row(i)[k])))
          << i << " " << k;
}

class HistoryFile : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  fs::path path_ = folder_ / "history.csv";
};

TEST_F(HistoryFile, ComesBackFromItsFile) {
  const History history = sample();
  history.write(path_);
  std::ifstream file(path_);
  std::string first, second;
  std::getline(file, first);
  std::getline(file, second);
  EXPECT_EQ(first, "epoch,loss,accuracy");
  EXPECT_EQ(second, "0,0.3333333333333333,nan");

  History back(column_names);
  back.read(path_, 100);
  expect_same_bits(history, back, 3);
  back.read(path_, 2);
  expect_same_bits(history, back, 2);
  EXPECT_EQ(back.column("accuracy")[1], 0.9175);
}

TEST_F(HistoryFile, ComesBackFromACheckpoint) {
  const History history = sample();
  std::vector<std::byte> bytes;
  history.save(bytes);
  History back(column_names);
  back.load(bytes);
  expect_same_bits(history, back, 3);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THROW(back.load(std::span(bytes).first(size)), InputError);
  expect_same_bits(history, back, 3);  // a refused load changes nothing
}

TEST_F(HistoryFile, OtherColumnsAreRefused) {
  const History history = sample();
  history.write(path_);
  std::vector<std::byte> bytes;
  history.save(bytes);
  for (const std::vector<std::string>& columns :
       {std::vector<std::string>{"epoch", "loss"}, {"epoch", "loss", "cost"}}) {
    History other(columns);
    EXPECT_THROW(other.read(path_, 100), InputError);
    EXPECT_THROW(other.load(bytes), InputError);
  }
  EXPECT_THROW(History(column_names).read(path_.string() + ".missing", 100), UnavailableError);
}

}  // namespace
}  // namespace wavesmith
