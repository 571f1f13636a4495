// SHA-256 against the examples of FIPS 180-4 and of NIST's secure hashing examples.
#include "core/sha256.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

TEST(Sha256, GivesThePublishedDigests) {
  const std::vector<std::pair<std::string, std::string>> examples{
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
       "lmnopqrsmnopqrstnopqrstu",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {std::string(1000000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
  for (const auto& [message, digest] : examples) EXPECT_EQ(sha256(bytes_of(message)), digest);
}

TEST(Sha256, DoesNotDependOnHowTheMessageIsCut) {
  for (std::size_t length = 0; length < 200; ++length) {
    const std::vector<std::uint8_t> message(length, 0x5a);
    for (const std::size_t step : {1u, 7u, 63u, 64u, 65u}) {
      Sha256 hash;
      for (std::size_t i = 0; i < length; i += step) {
        hash.update(std::span(message).subspan(i, std::min(step, length - i)));
      }
      EXPECT_EQ(hash.digest(), sha256(message)) << length << " bytes by " << step;
    }
  }
}

TEST(Sha256, ReadsFiles) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("abc.txt", "abc");
  EXPECT_EQ(sha256_of_file(path),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::filesystem::remove(path);
  EXPECT_THROW(sha256_of_file(path), UnavailableError);
}

}  // namespace
}  // namespace wavesmith
