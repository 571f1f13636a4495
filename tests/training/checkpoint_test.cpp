// Checkpoints: round trips, and a clear refusal of everything else.
#include "training/checkpoint.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <random>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

namespace fs = std::filesystem;

class CheckpointFile : public testing::Test {
 protected:
  test::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
};

Checkpoint sample() {
  Checkpoint checkpoint{.scene_hash = 0x0123456789abcdef, .sections = {}};
  std::mt19937 random(3);
  for (std::size_t size : {0, 1, 100, 3000}) {
    auto& bytes = checkpoint.add("section_" + std::to_string(size));
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(random() & 255));
  }
  return checkpoint;
}

void expect_equal(const Checkpoint& a, const Checkpoint& b) {
  EXPECT_EQ(a.scene_hash, b.scene_hash);
  ASSERT_EQ(a.sections.size(), b.sections.size());
  for (std::size_t i = 0; i < a.sections.size(); ++i) {
    EXPECT_EQ(a.sections[i].name, b.sections[i].name);
    EXPECT_EQ(a.sections[i].bytes, b.sections[i].bytes);
  }
}

template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no InputError";
  return "";
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(CheckpointFile, ComesBack) {
  const Checkpoint checkpoint = sample();
  save_checkpoint(folder_ / "a", checkpoint);
  expect_equal(load_checkpoint(folder_ / "a", checkpoint.scene_hash), checkpoint);
  expect_equal(decode_checkpoint(encode_checkpoint({}), "memory"), {});
  EXPECT_EQ(checkpoint.section("section_100").size(), 100);
  EXPECT_TRUE(mentions(message_of([&] { checkpoint.section("other"); }), "\"other\""));
}

TEST_F(CheckpointFile, EveryTruncationAndEveryChangedByteIsNoticed) {
  const std::vector<std::byte> good = encode_checkpoint(sample());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(decode_checkpoint(std::span(good).first(size), "cut"), InputError) << size;
  std::vector<std::byte> bytes = good;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit : {0, 7}) {
      bytes[i] = good[i] ^ static_cast<std::byte>(1 << bit);
      EXPECT_THROW(decode_checkpoint(bytes, "changed"), InputError) << i;
    }
    bytes[i] = good[i];
  }
  bytes.push_back(std::byte{0});
  EXPECT_THROW(decode_checkpoint(bytes, "longer"), InputError);
}

TEST_F(CheckpointFile, MessagesSayWhichAndWhatToDo) {
  std::vector<std::byte> bytes = encode_checkpoint(sample());
  const auto why = [&](std::span<const std::byte> data) {
    const std::string message = message_of([&] { decode_checkpoint(data, "out/run.bin"); });
    EXPECT_TRUE(mentions(message, "out/run.bin")) << message;
    EXPECT_TRUE(mentions(message, "--resume")) << message;
    return message;
  };
  EXPECT_TRUE(mentions(why({}), "empty"));
  EXPECT_TRUE(mentions(why(std::span(bytes).first(bytes.size() - 1)), "cut short"));
  bytes.back() ^= std::byte{1};
  EXPECT_TRUE(mentions(why(bytes), "damaged"));
  bytes[8] = std::byte{9};
  EXPECT_TRUE(mentions(why(bytes), "version 9"));
  bytes[0] = std::byte{'X'};
  EXPECT_TRUE(mentions(why(bytes), "not a checkpoint"));
}

TEST_F(CheckpointFile, AnotherScenesCheckpointIsRefused) {
  save_checkpoint(folder_ / "a", sample());
  const std::string message = message_of([&] { load_checkpoint(folder_ / "a", 17); });
  EXPECT_TRUE(mentions(message, "another scene")) << message;
  EXPECT_TRUE(mentions(message, "0123456789abcdef")) << message;
}

TEST_F(CheckpointFile, WhatIsNotAFileIsUnavailable) {
  EXPECT_THROW(load_checkpoint(folder_ / "missing", 0), UnavailableError);
  EXPECT_THROW(load_checkpoint(folder_, 0), UnavailableError);
}

TEST_F(CheckpointFile, AFailedSaveKeepsTheOneBefore) {
  const fs::path path = folder_ / "a";
  const Checkpoint before = sample();
  save_checkpoint(path, before);
  // A folder in the way of a rename fails for every user, root included.
  fs::create_directories(folder_ / "taken" / "inside");
  EXPECT_THROW(save_checkpoint(folder_ / "taken", before), UnavailableError);
  // A file where the folder should be.
  EXPECT_THROW(save_checkpoint(path / "below", before), UnavailableError);
  // As on a full disk, the write stops half way.
  rlimit limit{}, small{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  small = {.rlim_cur = 1000, .rlim_max = limit.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(save_checkpoint(path, before), UnavailableError);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, handler);
  if (geteuid() != 0) {
    fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
    Checkpoint after = before;
    after.add("more");
    EXPECT_THROW(save_checkpoint(path, after), UnavailableError);
    fs::permissions(folder_, fs::perms::owner_all);
  }
  expect_equal(load_checkpoint(path, before.scene_hash), before);
  // Nothing half-written is left lying about.
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) files += entry.is_regular_file();
  EXPECT_EQ(files, 1);
}

}  // namespace
}  // namespace wavesmith
