#include "training/npy_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using test::ByteVector;
using test::expect_parts;
using test::message_of;
using Shape = std::vector<std::size_t>;

ByteVector file(const std::string& header, const ByteVector& elements, std::uint8_t version = 1) {
  ByteVector bytes = test::bytes_of("\x93NUMPY");
  bytes.insert(bytes.end(), {version, 0});
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
    bytes.push_back(static_cast<std::uint8_t>(header.size() >> (8 * i)));
  }
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), elements.begin(), elements.end());
  return bytes;
}

std::string header(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }\n";
}

template <typename T>
T element(std::size_t number) {
  if constexpr (requires { typename T::value_type; }) {
    return T(static_cast<typename T::value_type>(number));
  } else {
    return static_cast<T>(number);
  }
}

template <typename T>
class NpyElements : public testing::Test {};
using ElementTypes = testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t,
                                    std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t,
                                    float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(NpyElements, ElementTypes);

TYPED_TEST(NpyElements, ComeBackAsTheyWereWritten) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  for (const Shape& shape :
       {Shape{}, Shape{1}, Shape{5}, Shape{2, 3}, Shape{2, 3, 4}, Shape{0, 3}}) {
    std::size_t count = 1;
    for (const std::size_t extent : shape) count *= extent;
    std::vector<TypeParam> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = element<TypeParam>(3 * i + 1);
    write_npy(path, std::span<const TypeParam>(values), shape);
    const NpyArray array = read_npy(path);
    EXPECT_EQ(array.type, npy_type<TypeParam>());
    EXPECT_EQ(array.shape, shape);
    ASSERT_EQ(array.count(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(array.value(i), std::complex<double>(static_cast<double>(3 * i + 1)));
    }
  }
}

TEST(Npy, ReadsBothByteOrders) {
  const NpyArray little =
      parse_npy(file(header("<i4", "(2,)"), {1, 2, 0, 0, 0xff, 0xff, 0xff, 0xff}), "a.npy");
  EXPECT_EQ(little.value(0), 513.0);
  EXPECT_EQ(little.value(1), -1.0);
  const NpyArray big =
      parse_npy(file(header(">i4", "(2,)"), {0, 0, 2, 1, 0xff, 0xff, 0xff, 0xfe}), "a.npy");
  EXPECT_EQ(big.value(0), 513.0);
  EXPECT_EQ(big.value(1), -2.0);
  // Each half of a complex number has its own order: 1.5 - 2i.
  const NpyArray complex =
      parse_npy(file(header(">c8", "()"), {0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0}), "a.npy");
  EXPECT_EQ(complex.value(0), std::complex<double>(1.5, -2.0));
}

TEST(Npy, TurnsFortranOrderRound) {
  // Element (i, j, k) of a 2 x 3 x 4 array holds 100 i + 10 j + k.
  ByteVector elements;
  for (int k = 0; k < 4; ++k) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 2; ++i)
        elements.push_back(static_cast<std::uint8_t>(100 * i + 10 * j + k));
    }
  }
  const NpyArray array = parse_npy(file(header("|u1", "(2, 3, 4)", true), elements), "a.npy");
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 4; ++k) {
        EXPECT_EQ(array.value((i * 3 + j) * 4 + k), static_cast<double>(100 * i + 10 * j + k));
      }
    }
  }
}

TEST(Npy, ReadsEveryVersionAndSpelling) {
  for (const std::uint8_t version : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    for (const std::string& text :
         {header("|u1", "(3,)"), header("|u1", "(3L,)"),
          std::string("{\"shape\":(3),\"descr\":\"|u1\",\"fortran_order\":False}"),
          std::string("{'fortran_order':True,'shape':(3,),'descr':'<u1'}     \n")}) {
      EXPECT_EQ(parse_npy(file(text, {7, 8, 9}, version), "a.npy").elements, (ByteVector{7, 8, 9}));
    }
  }
}

TEST(Npy, RefusesEveryTruncationAndExtension) {
  const ByteVector whole = file(header("<i2", "(2, 2)"), {1, 0, 2, 0, 3, 0, 4, 0});
  EXPECT_NO_THROW(parse_npy(whole, "a.npy"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const ByteVector cut(whole.begin(), whole.begin() + static_cast<long>(length));
    expect_parts(message_of<InputError>([&] { parse_npy(cut, "a.npy"); }), {"a.npy"});
  }
  ByteVector longer = whole;
  longer.push_back(0);
  expect_parts(message_of<InputError>([&] { parse_npy(longer, "a.npy"); }),
               {"(2, 2) of i2 needs 8 bytes, found 9"});
}

TEST(Npy, SaysWhatIsWrong) {
  struct Case {
    ByteVector bytes;
    std::vector<std::string> parts;
  };
  const ByteVector one{1};
  const std::vector<Case> cases{
      {test::bytes_of("PK\x03\x04 an archive"), {"not a .npy file"}},
      {test::gzip(file(header("|u1", "(1,)"), one)), {"compressed"}},
      {file(header("|u1", "(1,)"), one, 4), {"version", "4.0"}},
      {file(header("|O", "(1,)"), one), {"'|O'", "not supported"}},
      {file(header("<U4", "(1,)"), one), {"'<U4'", "not supported"}},
      {file(header("<f2", "(1,)"), one), {"'<f2'", "not supported"}},
      {file(header("", "(1,)"), one), {"not supported"}},
      {file(header("|i4", "(1,)"), one), {"byte order"}},
      {file("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", one), {"records"}},
      {file(header("|u1", "(-1,)"), one), {"whole numbers"}},
      {file(header("|u1", "(1.5,)"), one), {"header is wrong"}},
      {file(header("|u1", "(99999999999999999999,)"), one), {"whole numbers"}},
      {file(header("<f8", "(4294967296, 4294967296, 4)"), one), {"more than 10^19", "found 1"}},
      {file(header("|u1", "(4611686018427387904,)"), one), {"4611686018427387904 bytes, found 1"}},
      {file("{'descr': '|u1', 'fortran_order': False}", one), {"needed"}},
      {file("{'descr': '|u1', 'descr': '|u1'}", one), {"twice"}},
      {file("{'kind': '|u1'}", one), {"unknown key 'kind'"}},
      {file("{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}", one), {"True or False"}},
      {file("{'descr: |u1", one), {"not closed"}},
      {file(header("|u1", "(1,)") + "x", one), {"follows the dictionary"}}};
  for (const Case& test : cases) {
    expect_parts(message_of<InputError>([&] { parse_npy(test.bytes, "a.npy"); }), test.parts);
  }
}

TEST(Npy, RefusesWhatIsNotFinite) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
    const std::vector<double> real{0, 1, bad};
    write_npy(path, std::span<const double>(real), {3});
    expect_parts(message_of<InputError>([&] { read_npy(path); }), {"a.npy", "element 2"});
    const std::vector<std::complex<float>> complex{{0, static_cast<float>(bad)}};
    write_npy(path, std::span<const std::complex<float>>(complex), {1});
    expect_parts(message_of<InputError>([&] { read_npy(path); }), {"a.npy", "element 0"});
  }
}

TEST(Npy, RefusesToWriteAnotherShape) {
  const test::TemporaryFolder folder;
  const std::vector<float> values(6);
  expect_parts(message_of<InputError>([&] {
                 write_npy(folder.path() / "a.npy", std::span<const float>(values), {2, 4});
               }),
               {"a.npy", "(2, 4) of f4", "24 bytes"});
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.npy"));
}

// The first Python on this machine that has NumPy; empty where none has.
std::string python_with_numpy() {
  for (const std::string python : {"python3", "/usr/bin/python3"}) {
    if (std::system((python + " -c 'import numpy' 2>/dev/null").c_str()) == 0) return python;
  }
  return "";
}

TEST(NumPy, WritesWhatWeReadAndReadsWhatWeWrite) {
  const std::string python = python_with_numpy();
  if (python.empty()) GTEST_SKIP() << "no Python with NumPy here";
  const test::TemporaryFolder folder;
  const auto run = [&](const std::string& script) {
    folder.write("script.py",
                 "import numpy as np, os\nos.chdir('" + folder.path().string() + "')\n" + script);
    return std::system((python + " " + (folder.path() / "script.py").string()).c_str());
  };
  const std::vector<std::string> types{"<i1", "<i2", ">i2", "<i4", ">i4",  "<i8", ">i8", "|u1",
                                       "<u2", ">u2", "<u4", ">u4", "<u8",  ">u8", "<f4", ">f4",
                                       "<f8", ">f8", "<c8", ">c8", "<c16", ">c16"};
  std::string list;
  for (const std::string& type : types) list += "'" + type + "',";

  // Element n of a 3 x 4 x 2 array is 5 n + 1, and has the imaginary part -n where it is complex.
  ASSERT_EQ(run("for n, t in enumerate([" + list +
                "]):\n"
                "  a = 5 * np.arange(24.0) + 1\n"
                "  if 'c' in t: a = a - 1j * np.arange(24)\n"
                "  a = a.astype(t).reshape(3, 4, 2)\n"
                "  for order in 'CF':\n"
                "    for v in (1, 2, 3):\n"
                "      with open(f'{n}{order}{v}.npy', 'wb') as f:\n"
                "        np.lib.format.write_array(f, np.asarray(a, order=order), (v, 0))\n"),
            0);
  int files = 0;
  for (std::size_t n = 0; n < types.size(); ++n) {
    for (const std::string order : {"C", "F"}) {
      for (const std::string version : {"1", "2", "3"}) {
        const NpyArray array =
            read_npy(folder.path() / (std::to_string(n) + order + version + ".npy"));
        ASSERT_EQ(array.shape, (Shape{3, 4, 2}));
        for (std::size_t i = 0; i < 24; ++i) {
          const double imaginary = array.is_complex() ? -static_cast<double>(i) : 0.0;
          ASSERT_EQ(array.value(i), std::complex<double>(static_cast<double>(5 * i + 1), imaginary))
              << types[n] << order << version;
        }
        write_npy(folder.path() / ("back" + std::to_string(n) + ".npy"), array);
        ++files;
      }
    }
  }
  EXPECT_EQ(files, 132);
  EXPECT_EQ(run("for n, t in enumerate([" + list +
                "]):\n"
                "  a, b = np.load(f'{n}C1.npy'), np.load(f'back{n}.npy')\n"
                "  assert (a == b).all() and a.dtype == b.dtype.newbyteorder(t[0]), t\n"),
            0);
}

}  // namespace
}  // namespace wavesmith
