#include "training/data_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/training/test_files.hpp"
#include "training/npy_file.hpp"

namespace wavesmith {
namespace {

using test::ByteVector;
using test::Environment;
using test::expect_parts;
using test::message_of;
using test::TemporaryFolder;

// Keeps the machine's own data out of a test with made-up files.
struct NoEnvironment {
  Environment data{"WAVESMITH_DATA", nullptr}, cache{"XDG_CACHE_HOME", nullptr},
      home{"HOME", nullptr};
};

ByteVector label_file(const ByteVector& labels) {
  ByteVector bytes(8 + labels.size());
  bytes[2] = 8;
  bytes[3] = 1;
  bytes[7] = static_cast<std::uint8_t>(labels.size());
  std::copy(labels.begin(), labels.end(), bytes.begin() + 8);
  return bytes;
}

// Every pixel of image n is 51 n.
ByteVector image_file(std::uint8_t count, std::uint8_t side = 28) {
  ByteVector bytes{0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side};
  for (int n = 0; n < count; ++n) {
    bytes.insert(bytes.end(), std::size_t{side} * side, static_cast<std::uint8_t>(51 * n));
  }
  return bytes;
}

const std::string images = "t10k-images-idx3-ubyte", labels = "t10k-labels-idx1-ubyte";

TEST(DataStore, LoadsAndScalesPlainAndCompressedSets) {
  const NoEnvironment clean;
  for (const std::string set : {"mnist", "fashion-mnist"}) {
    for (const std::string& place : {set + "/", std::string()}) {
      for (const bool compressed : {false, true}) {
        const TemporaryFolder folder;
        const auto put = [&](const std::string& name, const ByteVector& bytes) {
          folder.write(place + name + (compressed ? ".gz" : ""),
                       compressed ? test::gzip(bytes) : bytes);
        };
        put(images, image_file(4));
        put(labels, label_file({7, 0, 9, 1}));
        const Dataset data = load_dataset(set, Split::test, folder.path());
        EXPECT_EQ(data.name, set);
        EXPECT_EQ(data.rows, 28);
        EXPECT_EQ(data.cols, 28);
        EXPECT_EQ(data.class_count, 10);
        EXPECT_EQ(data.labels, (std::vector<int>{7, 0, 9, 1}));
        ASSERT_EQ(data.images.size(), 4u * 784);
        EXPECT_FLOAT_EQ(data.images[783], 0.0f);
        EXPECT_FLOAT_EQ(data.images[784], 0.2f);
        EXPECT_FLOAT_EQ(data.images.back(), 0.6f);

        const Dataset some = load_dataset(set, Split::test, folder.path(), 2);
        EXPECT_EQ(some.labels, (std::vector<int>{7, 0}));
        EXPECT_EQ(some.images.size(), 2u * 784);
        EXPECT_EQ(load_dataset(set, Split::test, folder.path(), 99).count(), 4u);
      }
    }
  }
}

TEST(DataStore, SearchesItsPlacesInOrder) {
  const NoEnvironment clean;
  const TemporaryFolder option, variable, cache, home;
  const auto put = [](const std::filesystem::path& folder, std::uint8_t label) {
    std::filesystem::create_directories(folder / "mnist");
    for (const auto& [name, bytes] :
         {std::pair{images, image_file(1)}, std::pair{labels, label_file({label})}}) {
      std::ofstream(folder / "mnist" / name, std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
    }
  };
  put(home.path() / ".cache/wavesmith", 1);
  put(cache.path() / "wavesmith", 2);
  put(variable.path(), 3);
  put(option.path(), 4);
  const auto found = [](const std::filesystem::path& folder) {
    return load_dataset("mnist", Split::test, folder).labels[0];
  };
  const Environment set_home("HOME", home.path().c_str());
  EXPECT_EQ(found({}), 1);
  const Environment relative("XDG_CACHE_HOME", "not/absolute");
  EXPECT_EQ(found({}), 1);
  const Environment set_cache("XDG_CACHE_HOME", cache.path().c_str());
  EXPECT_EQ(found({}), 2);
  const Environment set_variable("WAVESMITH_DATA", variable.path().c_str());
  EXPECT_EQ(found({}), 3);
  EXPECT_EQ(found(option.path()), 4);
}

TEST(DataStore, NamesThePlacesOfAMissingSet) {
  const NoEnvironment clean;
  const TemporaryFolder option, variable, home;
  expect_parts(message_of<UnavailableError>([] { load_dataset("mnist", Split::train); }),
               {"no folder", "--data DIR"});
  const Environment set_home("HOME", home.path().c_str());
  const Environment set_variable("WAVESMITH_DATA", variable.path().c_str());
  for (const std::string set : {"mnist", "fashion-mnist"}) {
    expect_parts(
        message_of<UnavailableError>([&] { load_dataset(set, Split::train, option.path()); }),
        {"\"" + set + "\"", "train-images-idx3-ubyte.gz", (option.path() / set).string(),
         (variable.path() / set).string(), (home.path() / ".cache/wavesmith" / set).string(),
         "`wavesmith fetch " + set + "`", "--data DIR"});
  }
  const std::string iris =
      message_of<UnavailableError>([&] { load_dataset("iris", Split::train, option.path()); });
  expect_parts(iris, {"iris.csv", "--data DIR"});
  EXPECT_EQ(iris.find("fetch"), std::string::npos);
  expect_parts(message_of<UnavailableError>(
                   [&] { load_dataset("mnist", Split::train, option.path() / "none"); }),
               {"none does not exist", "--data"});
  // Images without their labels beside them.
  option.write("mnist/" + images, image_file(1));
  variable.write("mnist/" + labels, label_file({1}));
  expect_parts(
      message_of<UnavailableError>([&] { load_dataset("mnist", Split::test, option.path()); }),
      {labels, (option.path() / "mnist").string()});
}

TEST(DataStore, RefusesFilesThatDoNotFit) {
  const NoEnvironment clean;
  struct Case {
    ByteVector image_bytes, label_bytes;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases{
      {image_file(3), label_file({1, 2}), {"3 images", "2 labels"}},
      {image_file(2), label_file({1, 10}), {labels, "label 1", "is 10", "0 to 9"}},
      {image_file(2, 27), label_file({1, 2}), {images, "28 x 28", "2 x 27 x 27"}},
      {label_file({1, 2}), label_file({1, 2}), {images, "28 x 28", "extents 2"}},
      {image_file(2), image_file(2), {labels, "2049", "2 x 28 x 28"}},
      {{0, 0, 8, 3, 0}, label_file({1, 2}), {images, "truncated"}},
      {image_file(8), label_file({9, 2, 1, 1, 6, 1, 4, 6}), {labels, "of fashion-mnist"}},
      {image_file(8), label_file({5, 0, 4, 1, 9, 2, 1, 3}), {labels, "training labels of mnist"}}};
  for (const Case& one : cases) {
    const TemporaryFolder folder;
    folder.write(images, one.image_bytes);
    folder.write(labels, one.label_bytes);
    expect_parts(message_of<InputError>([&] { load_dataset("mnist", Split::test, folder.path()); }),
                 one.parts);
  }
}

TEST(DataStore, RefusesUnknownNamesAndSplits) {
  expect_parts(message_of<InputError>([] { load_dataset("minst", Split::train); }),
               {"\"minst\"", "mnist, fashion-mnist, optdigits, iris"});
  expect_parts(message_of<InputError>([] { load_dataset("mnist", Split::all); }),
               {"\"mnist\"", "train or test"});
  EXPECT_EQ(parse_split("test"), Split::test);
  expect_parts(message_of<InputError>([] { parse_split("tset"); }), {"\"tset\""});
}

TEST(DataStore, LoadsCsvFilesByPath) {
  const TemporaryFolder folder;
  std::string text = "a,b,c,d,kind\n";
  for (int row = 0; row < 10; ++row) text += "0,51,102,255," + std::to_string(row % 3) + "\n";
  const std::string path = folder.write("mine.csv", text).string();
  const Dataset all = load_dataset(path, Split::all);
  EXPECT_EQ(all.name, "mine");
  EXPECT_EQ(all.rows, 2);  // four features are a square
  EXPECT_EQ(all.cols, 2);
  EXPECT_EQ(all.class_count, 3);
  EXPECT_EQ(all.count(), 10u);
  EXPECT_FLOAT_EQ(all.images[1], 0.2f);
  EXPECT_FLOAT_EQ(all.images[3], 1.0f);
  EXPECT_EQ(load_dataset(path, Split::train).labels, (std::vector<int>{0, 1, 2, 0, 2, 0, 1, 2}));
  EXPECT_EQ(load_dataset(path, Split::test).labels, (std::vector<int>{1, 0}));
  EXPECT_EQ(load_dataset(path, Split::train, {}, 3).labels, (std::vector<int>{0, 1, 2}));

  // Three features are a row; values within 0..1 stay as they are.
  const Dataset row = load_dataset(folder.write("row.csv", "0,0.5,1,7\n").string(), Split::all);
  EXPECT_EQ(row.rows, 1);
  EXPECT_EQ(row.cols, 3);
  EXPECT_EQ(row.class_count, 8);
  EXPECT_FLOAT_EQ(row.images[1], 0.5f);
  for (const std::string bad : {"-1,0.5,1,7\n", "1.5,2,3,7\n", "256,2,3,7\n"}) {
    expect_parts(message_of<InputError>(
                     [&] { load_dataset(folder.write("bad.csv", bad).string(), Split::all); }),
                 {"bad.csv", "0..1", "0..255"});
  }
  expect_parts(message_of<InputError>(
                   [&] { load_dataset((folder.path() / "row.csv").string(), Split::test); }),
               {"row.csv", "1 rows"});
}

TEST(DataStore, LoadsNpyFilesByPath) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "mine.npy", label_path = folder.path() / "mine-labels.npy";
  const std::vector<std::uint8_t> pixels{0, 51, 102, 153, 204, 255, 0, 51, 102, 153, 204, 255};
  const std::vector<std::int64_t> two{4, 0};
  const auto put = [&](const std::vector<std::size_t>& shape) {
    write_npy(path, std::span<const std::uint8_t>(pixels), shape);
  };
  const auto put_labels = [&](const auto& values) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    write_npy(label_path, std::span<const T>(values), {values.size()});
  };
  const auto load = [&] { return load_dataset(path.string(), Split::all); };
  put({2, 2, 3});
  expect_parts(message_of<UnavailableError>(load), {"mine-labels.npy", "does not exist"});
  put_labels(two);
  const Dataset data = load();
  EXPECT_EQ(data.rows, 2);
  EXPECT_EQ(data.cols, 3);
  EXPECT_EQ(data.class_count, 5);
  EXPECT_EQ(data.labels, (std::vector<int>{4, 0}));
  EXPECT_FLOAT_EQ(data.images[1], 0.2f);
  put({2, 6});
  EXPECT_EQ(load().cols, 6);

  put({3, 4});
  expect_parts(message_of<InputError>(load), {"3 images", "2 labels"});
  put({12});
  expect_parts(message_of<InputError>(load), {"mine.npy", "(count, rows, cols)", "12"});
  put({2, 6});
  put_labels(std::vector<double>{1, 2});
  expect_parts(message_of<InputError>(load), {"mine-labels.npy", "whole numbers"});
  put_labels(std::vector<std::int32_t>{-1, 2});
  expect_parts(message_of<InputError>(load), {"mine-labels.npy", "label 0"});
  put_labels(two);
  const std::vector<std::complex<double>> waves(2);
  write_npy(path, std::span<const std::complex<double>>(waves), {2, 1});
  expect_parts(message_of<InputError>(load), {"mine.npy", "complex"});
}

TEST(DataStore, ChecksOptdigitsAndIris) {
  const NoEnvironment clean;
  const TemporaryFolder folder;
  const auto load = [&](const std::string& set) {
    return message_of<InputError>([&] { load_dataset(set, Split::train, folder.path()); });
  };
  std::string row;
  for (int i = 0; i < 64; ++i) row += "16,";
  folder.write("optdigits.tra", row + "3\n" + row + "9\n");
  EXPECT_EQ(load_dataset("optdigits", Split::train, folder.path()).images[127], 1.0f);
  folder.write("optdigits.tra", row + "10\n");
  expect_parts(load("optdigits"), {"optdigits.tra", "0 to 9"});
  folder.write("optdigits.tra", "1,2,3\n");
  expect_parts(load("optdigits"), {"optdigits.tra", "64 pixels", "2 values"});
  folder.write("optdigits.tra", "17," + row.substr(3) + "3\n");
  expect_parts(load("optdigits"), {"optdigits.tra", "17", "0 to 16"});
  folder.write("iris.csv", "a,b,c,d,species\n1,2,3,4,x\n2,3,4,5,y\n");
  expect_parts(load("iris"), {"iris.csv", "2 species"});
}

struct Published {
  std::string set;
  Split split;
  double mean;  // of all pixels
  std::vector<int> histogram;
};

TEST(RealData, HasThePublishedCountsAndMeans) {
  const auto folder = test::real_data("mnist/train-images-idx3-ubyte.gz");
  if (folder.empty()) GTEST_SKIP() << "no real data here";
  const std::vector<Published> sets{
      {"mnist", Split::train, 0.1307, {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
      {"mnist", Split::test, 0.1325, {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}},
      {"fashion-mnist", Split::train, 0.2860, std::vector<int>(10, 6000)},
      {"fashion-mnist", Split::test, 0.2868, std::vector<int>(10, 1000)}};
  for (const Published& one : sets) {
    const Dataset data = load_dataset(one.set, one.split, folder);
    std::vector<int> histogram(10);
    for (const int label : data.labels) ++histogram[static_cast<std::size_t>(label)];
    EXPECT_EQ(histogram, one.histogram) << one.set;
    const double sum = std::accumulate(data.images.begin(), data.images.end(), 0.0);
    EXPECT_NEAR(sum / static_cast<double>(data.images.size()), one.mean, 0.5e-4) << one.set;
    EXPECT_EQ(data.images.size(), data.count() * 784);
  }
}

TEST(RealData, OptdigitsAndIrisHaveThePublishedCounts) {
  const auto folder = test::real_data("optdigits/optdigits.tra");
  if (folder.empty()) GTEST_SKIP() << "no real data here";
  const std::vector<Published> sets{
      {"optdigits", Split::train, 0, {376, 389, 380, 389, 387, 376, 377, 387, 380, 382}},
      {"optdigits", Split::test, 0, {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}},
      {"iris", Split::all, 0, {50, 50, 50}},
      {"iris", Split::train, 0, {40, 40, 40}},
      {"iris", Split::test, 0, {10, 10, 10}}};
  for (const Published& one : sets) {
    const Dataset data = load_dataset(one.set, one.split, folder);
    std::vector<int> histogram(one.histogram.size());
    for (const int label : data.labels) ++histogram[static_cast<std::size_t>(label)];
    EXPECT_EQ(histogram, one.histogram) << one.set;
    const auto [least, largest] = std::minmax_element(data.images.begin(), data.images.end());
    EXPECT_GE(*least, 0.0f);
    EXPECT_LE(*largest, 1.0f);
  }
}

}  // namespace
}  // namespace wavesmith
