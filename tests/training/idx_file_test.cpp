#include "training/idx_file.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using test::ByteVector;
using test::expect_parts;
using test::gzip;
using test::message_of;

ByteVector header(std::uint8_t type, const std::vector<std::uint32_t>& extents) {
  ByteVector bytes{0, 0, type, static_cast<std::uint8_t>(extents.size())};
  for (const std::uint32_t extent : extents) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(extent >> shift));
    }
  }
  return bytes;
}

ByteVector file(std::uint8_t type, const std::vector<std::uint32_t>& extents,
                const ByteVector& elements) {
  ByteVector bytes = header(type, extents);
  bytes.insert(bytes.end(), elements.begin(), elements.end());
  return bytes;
}

TEST(Idx, ReadsEveryTypeBigEndianPlainAndCompressed) {
  struct Case {
    std::uint8_t type;
    ByteVector elements;
    std::vector<double> values;
  };
  const std::vector<Case> cases{
      {0x08, {0, 255}, {0, 255}},
      {0x09, {0x80, 0x7f}, {-128, 127}},
      {0x0b, {0xff, 0xfe, 0x01, 0x02}, {-2, 258}},
      {0x0c, {0xff, 0xff, 0xff, 0xfd, 0x00, 0x01, 0x00, 0x02}, {-3, 65538}},
      {0x0d, {0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0}, {1.5, -2.0}},
      {0x0e, {0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0}, {1.5, -2.0}}};
  for (const Case& one : cases) {
    const ByteVector plain = file(one.type, {2, 1}, one.elements);
    for (const ByteVector& bytes : {plain, gzip(plain)}) {
      const IdxArray array = parse_idx(bytes, "a.idx");
      EXPECT_EQ(array.extents, (std::vector<std::size_t>{2, 1}));
      ASSERT_EQ(array.count(), 2u);
      for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(array.value(i), one.values[i]);
    }
  }
}

TEST(Idx, DoesNotGoByTheName) {
  const test::TemporaryFolder folder;
  const ByteVector plain = file(0x08, {3}, {1, 2, 3});
  EXPECT_EQ(read_idx(folder.write("plain.gz", plain)).elements, (ByteVector{1, 2, 3}));
  EXPECT_EQ(read_idx(folder.write("packed", gzip(plain))).elements, (ByteVector{1, 2, 3}));
}

TEST(Idx, RefusesEveryTruncationAndExtension) {
  const ByteVector whole = file(0x08, {2, 3}, {1, 2, 3, 4, 5, 6});
  for (const bool compressed : {false, true}) {
    const auto packed = [&](const ByteVector& bytes) { return compressed ? gzip(bytes) : bytes; };
    EXPECT_NO_THROW(parse_idx(packed(whole), "a.idx"));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const ByteVector cut(whole.begin(), whole.begin() + static_cast<long>(length));
      expect_parts(message_of<InputError>([&] { parse_idx(packed(cut), "a.idx"); }), {"a.idx"});
    }
    ByteVector longer = whole;
    longer.push_back(7);
    expect_parts(message_of<InputError>([&] { parse_idx(packed(longer), "a.idx"); }),
                 {"a.idx", "6 bytes that the IDX header announces (2 x 3)"});
  }
}

TEST(Idx, SaysWhatWasExpectedAndFound) {
  const auto message = [](const ByteVector& bytes) {
    return message_of<InputError>([&] { parse_idx(bytes, "a.idx"); });
  };
  expect_parts(message({'P', 'K', 3, 4, 0}), {"a.idx is not an IDX file", "0x50 0x4b 0x03"});
  expect_parts(message({0, 0, 0x0a, 1, 0, 0, 0, 1, 0}), {"a type", "0x0a"});
  expect_parts(message({0, 0, 8, 0, 1}), {"1 to 8 extents", "found 0"});
  expect_parts(message({0, 0, 8, 9, 1}), {"1 to 8 extents", "found 9"});
  expect_parts(message(file(8, {3, 0}, {})), {"extent of zero"});
  expect_parts(message(file(8, {10, 2}, {1, 2, 3})), {"10 x 2", "at most 3 bytes"});
}

TEST(Idx, DoesNotBelieveAHugeHeader) {
  // 2^32-1 to the eighth power overflows any integer; 2^40 bytes fit one but not the file.
  const std::vector<std::uint32_t> powers(8, 0xffffffffu);
  const std::vector<std::uint32_t> tera{1u << 20, 1u << 20};
  for (const auto& extents : {powers, tera}) {
    const ByteVector bytes = file(0x0e, extents, ByteVector(64, 0));
    EXPECT_THROW(parse_idx(bytes, "a.idx"), InputError);
    EXPECT_THROW(parse_idx(gzip(bytes), "a.idx"), InputError);
  }
}

TEST(Idx, StopsAGzipBombAtTheHeadersSize) {
  // 64 MiB of zeros behind a header that announces ten of them.
  const ByteVector bomb = gzip(file(0x08, {10}, ByteVector(std::size_t{1} << 26, 0)));
  ASSERT_LT(bomb.size(), 70000u);
  expect_parts(message_of<InputError>([&] { parse_idx(bomb, "bomb.gz"); }),
               {"bomb.gz", "goes on after"});
}

TEST(Idx, RefusesWhatIsNotFinite) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    ByteVector elements{0, 0, 0, 0};
    for (int shift = 24; shift >= 0; shift -= 8) {
      elements.push_back(static_cast<std::uint8_t>(bits >> shift));
    }
    expect_parts(message_of<InputError>([&] { parse_idx(file(0x0d, {2}, elements), "a.idx"); }),
                 {"a.idx", "element 1", "finite"});
  }
}

}  // namespace
}  // namespace wavesmith
