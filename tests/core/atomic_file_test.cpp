#include "core/atomic_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>

#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

namespace fs = std::filesystem;

class AtomicFiles : public testing::Test {
 protected:
  static std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::size_t file_count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  template <class Action>
  static std::string message_of(const Action& action) {
    try {
      action();
    } catch (const UnavailableError& error) {
      return error.what();
    }
    return "no error";
  }

  test::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
};

TEST_F(AtomicFiles, AppearWholeAndReplaceTheOld) {
  const fs::path path = folder_ / "a.txt";
  write_file(path, "old");
  {
    AtomicFile file(path);
    file.write("new ");
    EXPECT_EQ(content(path), "old");
    EXPECT_EQ(file.partial_path().parent_path(), folder_);
    EXPECT_TRUE(fs::exists(file.partial_path()));
    file.write(std::string(1, '\0') + "text");
    file.commit();
  }
  EXPECT_EQ(content(path), std::string("new \0text", 9));
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(AtomicFiles, AbandonedFilesLeaveNothing) {
  write_file(folder_ / "a.txt", "old");
  { AtomicFile(folder_ / "a.txt").write("half"); }
  EXPECT_EQ(content(folder_ / "a.txt"), "old");
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(AtomicFiles, OtherWritersUseThePartialPath) {
  AtomicFile file(folder_ / "a.bin");
  std::ofstream(file.partial_path()) << "by another";
  file.commit();
  EXPECT_EQ(content(folder_ / "a.bin"), "by another");
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(AtomicFiles, EmptyFilesAreFiles) {
  write_file(folder_ / "empty", "");
  EXPECT_TRUE(fs::exists(folder_ / "empty"));
}

TEST_F(AtomicFiles, FailuresNameTheFileAndTheReason) {
  const fs::path missing = folder_ / "missing" / "a.txt";
  const std::string message = message_of([&] { write_file(missing, "x"); });
  EXPECT_EQ(message.find("cannot write " + missing.string() + " (No such file or directory)"), 0u)
      << message;
  // A folder in the way of the final name.
  fs::create_directories(folder_ / "taken" / "full");
  EXPECT_NE(message_of([&] { write_file(folder_ / "taken", "x"); }).find("cannot write"),
            std::string::npos);
  EXPECT_EQ(file_count(), 1u);
}

// A limit on the size of files stands for a full disk: the write fails half-way.
TEST_F(AtomicFiles, AFullDiskSaysHowMuchWasNeededAndKeepsTheOldFile) {
  write_file(folder_ / "a.txt", "old");
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = old;
  small.rlim_cur = 100000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message =
      message_of([&] { write_file(folder_ / "a.txt", std::string(3 << 20, 'x')); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_NE(message.find("3.00 MiB are needed"), std::string::npos) << message;
  EXPECT_EQ(content(folder_ / "a.txt"), "old");
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(AtomicFiles, TheFullDeviceIsReported) {
  const std::string message = write_error("/dev/full", ENOSPC, 2048).what();
  EXPECT_EQ(message.find("cannot write /dev/full (No space left on device; 2.00 KiB are needed; "),
            0u)
      << message;
}

// A process that is killed while it writes leaves its part; one that runs keeps its own.
TEST_F(AtomicFiles, PartsOfTheDeadAreRemoved) {
  fs::create_directories(folder_ / "fields");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    AtomicFile file(folder_ / "fields" / "a.vti"), other(folder_ / "result.json");
    file.write("half");
    other.write("half");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  write_file(folder_ / "notes.part-one", "not ours");
  write_file(folder_ / "a.part-12x", "not ours");
  const fs::path a_folder = folder_ / ("b.part-" + std::to_string(child));
  fs::create_directories(a_folder);
  const fs::path deep = folder_ / "fields" / "film" / ("0.vti.part-" + std::to_string(child));
  fs::create_directories(deep.parent_path());
  write_file(deep, "half");
  AtomicFile own(folder_ / "result.json");
  own.write("half");
  ASSERT_EQ(file_count(), 6u);

  EXPECT_EQ(remove_stale_parts(folder_), 3u);
  EXPECT_TRUE(fs::is_empty(deep.parent_path()));
  fs::remove(deep.parent_path());
  EXPECT_TRUE(fs::is_empty(folder_ / "fields"));
  EXPECT_TRUE(fs::exists(own.partial_path()));
  EXPECT_TRUE(fs::exists(a_folder));
  EXPECT_EQ(file_count(), 5u);
  EXPECT_EQ(remove_stale_parts(folder_), 0u);
  EXPECT_EQ(remove_stale_parts(folder_ / "missing"), 0u);
}

TEST_F(AtomicFiles, FoldersAreMadeOrTheReasonGiven) {
  make_folder(folder_ / "a" / "b");
  make_folder(folder_ / "a" / "b");
  EXPECT_TRUE(fs::is_directory(folder_ / "a" / "b"));
  write_file(folder_ / "file", "x");
  EXPECT_EQ(message_of([&] {
              make_folder(folder_ / "file");
            }).find("cannot create the folder " + (folder_ / "file").string()),
            0u);
  EXPECT_EQ(message_of([&] {
              make_folder(folder_ / "file" / "below");
            }).find("cannot create the folder " + (folder_ / "file" / "below").string()),
            0u);
  // Nobody may make folders in /proc.
  EXPECT_EQ(message_of([&] {
              make_folder("/proc/wavesmith");
            }).find("cannot create the folder /proc/wavesmith ("),
            0u);
  if (geteuid() != 0) {
    fs::permissions(folder_ / "a", fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_NE(message_of([&] { make_folder(folder_ / "a"); }).find("cannot write into"),
              std::string::npos);
    fs::permissions(folder_ / "a", fs::perms::owner_all);
  }
}

}  // namespace
}  // namespace wavesmith
