#include "core/memory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

constexpr std::uint64_t too_much = std::numeric_limits<std::uint64_t>::max();

TEST(Memory, SizesDoNotOverflow) {
  const std::uint64_t big = std::uint64_t{1} << 40;
  EXPECT_EQ(multiply_sizes({3, 5, 7}), 105u);
  EXPECT_EQ(multiply_sizes({}), 1u);
  EXPECT_EQ(multiply_sizes({big, big}), too_much);
  EXPECT_EQ(multiply_sizes({big, big, 0}), 0u);
  EXPECT_EQ(multiply_sizes({std::uint64_t{1} << 32, (std::uint64_t{1} << 32) - 1}),
            too_much - ((std::uint64_t{1} << 32) - 1));
  EXPECT_EQ(add_sizes({1, 2, 3}), 6u);
  EXPECT_EQ(add_sizes({too_much, 1}), too_much);
}

TEST(Memory, SizesArePrintedForPeople) {
  const struct {
    std::uint64_t bytes;
    const char* text;
  } table[] = {{0, "0 B"},
               {1023, "1023 B"},
               {1024, "1.00 KiB"},
               {1536, "1.50 KiB"},
               {1048575, "1.00 MiB"},
               {std::uint64_t{3} << 30, "3.00 GiB"},
               {std::uint64_t{100} << 40, "100.0 TiB"},
               {too_much, "more than 16 EiB"}};
  for (const auto& row : table) EXPECT_EQ(format_bytes(row.bytes), row.text);
}

class Machine : public testing::Test {
 protected:
  Machine() { put("/proc/meminfo", "MemTotal: 16000 kB\nMemFree: 10 kB\nMemAvailable: 8000 kB\n"); }

  void put(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_.string() + path).parent_path());
    std::ofstream(root_.string() + path) << text;
  }
  std::uint64_t available() const { return available_memory(root_.string()); }

 private:
  test::TemporaryFolder folder_;
  std::filesystem::path root_ = folder_.path();
};

TEST_F(Machine, WithoutGroupsHasWhatTheSystemSays) {
  EXPECT_EQ(available(), 8000u * 1024u);
}

TEST_F(Machine, Version2LimitsCountWithoutTheFileCache) {
  put("/sys/fs/cgroup/memory.max", "5000000\n");
  put("/sys/fs/cgroup/memory.current", "3000000\n");
  put("/sys/fs/cgroup/memory.stat", "anon 2\ninactive_file 1000000\n");
  EXPECT_EQ(available(), 3000000u);
}

TEST_F(Machine, TheTightestGroupOfThePathCounts) {
  put("/proc/self/cgroup", "0::/outer/inner\n");
  put("/sys/fs/cgroup/outer/inner/memory.max", "max\n");
  put("/sys/fs/cgroup/outer/memory.max", "700000\n");
  put("/sys/fs/cgroup/outer/memory.current", "200000\n");
  put("/sys/fs/cgroup/memory.max", "6000000\n");
  EXPECT_EQ(available(), 500000u);
}

TEST_F(Machine, Version1LimitsCount) {
  put("/proc/self/cgroup", "5:cpu:/x\n4:memory:/job\n");
  put("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "400000\n");
  put("/sys/fs/cgroup/memory/job/memory.usage_in_bytes", "500000\n");
  put("/sys/fs/cgroup/memory/job/memory.stat", "total_inactive_file 200000\n");
  EXPECT_EQ(available(), 100000u);
  put("/sys/fs/cgroup/memory/job/memory.stat", "total_inactive_file 0\n");
  EXPECT_EQ(available(), 0u);
}

TEST(Memory, RefusesWithTheEstimate) {
  EXPECT_NO_THROW(require_memory(1, "a byte"));
  EXPECT_GT(available_memory(), 1000000u);
  try {
    require_memory(multiply_sizes({1000000000, 1000000000, 16}), "a layer of 10^9 x 10^9 pixels");
    ADD_FAILURE();
  } catch (const UnavailableError& error) {
    EXPECT_EQ(std::string(error.what())
                  .find("a layer of 10^9 x 10^9 pixels needs about 13.9 EiB of memory, but "),
              0u)
        << error.what();
  }
}

}  // namespace
}  // namespace wavesmith
