#include "training/byte_file.hpp"

#include <gtest/gtest.h>

#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using test::bytes_of;
using test::ByteVector;
using test::expect_parts;
using test::gzip;
using test::message_of;

TEST(ReadFile, TellsAFolderAndAMissingFileApart) {
  const test::TemporaryFolder folder;
  expect_parts(message_of<UnavailableError>([&] { read_file(folder.path() / "none.bin"); }),
               {"none.bin", "does not exist"});
  expect_parts(message_of<InputError>([&] { read_file(folder.path()); }),
               {folder.path().string(), "folder"});
}

TEST(ReadFile, RefusesAbsurdSizesBeforeReading) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("huge.bin", "");
  std::filesystem::resize_file(path, std::uintmax_t{5} << 30);  // sparse: takes no space
  expect_parts(message_of<InputError>([&] { read_file(path); }), {"huge.bin", "5368709120"});
}

TEST(PieceReader, ReadsGzipMembersAsOneSequence) {
  const ByteVector first = gzip(bytes_of("waves")), second = gzip(bytes_of("mith"));
  ByteVector both = first;
  both.insert(both.end(), second.begin(), second.end());
  PieceReader reader(both, "two.gz");
  EXPECT_EQ(reader.take(3, "text"), bytes_of("wav"));
  EXPECT_EQ(reader.take(6, "text"), bytes_of("esmith"));
  reader.expect_end("the text");
}

TEST(PieceReader, NamesWhatIsMissingOrTooMuch) {
  for (const bool compressed : {false, true}) {
    const ByteVector plain = bytes_of("0123456789");
    const ByteVector bytes = compressed ? gzip(plain) : plain;
    PieceReader short_reader(bytes, "a.bin");
    expect_parts(message_of<InputError>([&] { short_reader.take(12, "digits"); }),
                 {"a.bin", "expected 12 bytes of digits", "found 10"});
    PieceReader long_reader(bytes, "a.bin");
    long_reader.take(9, "digits");
    expect_parts(message_of<InputError>([&] { long_reader.expect_end("nine digits"); }),
                 {"a.bin", "after nine digits"});
  }
}

TEST(PieceReader, NoticesEveryDamageToAGzipStream) {
  const ByteVector good = gzip(bytes_of("a sentence that is long enough to be compressed"));
  const auto read_all = [](const ByteVector& bytes) {
    PieceReader reader(bytes, "a.gz");
    reader.take(47, "text");
    reader.expect_end("the text");
  };
  read_all(good);
  for (std::size_t length = 2; length < good.size(); ++length) {
    EXPECT_THROW(read_all(ByteVector(good.begin(), good.begin() + static_cast<long>(length))),
                 InputError)
        << "cut after " << length;
  }
  // From byte 10 on: compressed data, CRC-32 and length. The last bits of the compressed data pad.
  for (std::size_t i = 10; i < good.size(); ++i) {
    if (i == good.size() - 9) continue;
    ByteVector bad = good;
    bad[i] ^= 0x10;
    EXPECT_THROW(read_all(bad), InputError) << "byte " << i;
  }
  ByteVector trailing = good;
  trailing.push_back('x');
  expect_parts(message_of<InputError>([&] { read_all(trailing); }), {"a.gz", "not gzip follow"});
}

}  // namespace
}  // namespace wavesmith
