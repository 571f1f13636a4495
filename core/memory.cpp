#include "core/memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "core/error.hpp"

namespace wavesmith {

namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

// The first number of a file, nothing where there is no file or it says "max".
std::optional<std::uint64_t> read_number(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

// The number behind `key` in a file of "key value" lines.
std::optional<std::uint64_t> read_field(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t number = 0;
    if (words >> name >> number && name == key) return number;
  }
  return std::nullopt;
}

// What is left in one control group. Cached file pages count as used there, but give way.
std::uint64_t left_in_group(const std::string& folder, const char* limit_name,
                            const char* usage_name, const char* cache_key) {
  const auto limit = read_number(folder + limit_name);
  if (!limit) return unlimited;
  const std::uint64_t usage = read_number(folder + usage_name).value_or(0);
  const std::uint64_t cache = read_field(folder + "/memory.stat", cache_key).value_or(0);
  const std::uint64_t held = usage - std::min(usage, cache);
  return *limit - std::min(*limit, held);
}

// The folder of this process in a hierarchy, from /proc/self/cgroup: "4:memory:/a/b" or "0::/a/b".
std::string group_path(const std::string& root, const std::string& controller) {
  std::ifstream file(root + "/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    if (line.substr(first + 1, second - first - 1) == controller) return line.substr(second + 1);
  }
  return "/";
}

// The least of a group and all the groups that hold it.
std::uint64_t left_in_groups(const std::string& top, std::string path, const char* limit_name,
                             const char* usage_name, const char* cache_key) {
  std::uint64_t left = unlimited;
  while (true) {
    if (path == "/") path.clear();
    left = std::min(left, left_in_group(top + path, limit_name, usage_name, cache_key));
    if (path.empty()) return left;
    path.resize(std::min(path.size(), path.rfind('/')));
  }
}

// Where the address space is limited (ulimit -v), what is left of it.
std::uint64_t left_in_address_space(const std::string& root) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  const std::uint64_t page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t used = read_number(root + "/proc/self/statm").value_or(0) * page;
  return limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, used);
}

}  // namespace

std::uint64_t multiply_sizes(std::initializer_list<std::uint64_t> factors) {
  // Zero wins over what does not fit, in any order.
  if (std::find(factors.begin(), factors.end(), 0) != factors.end()) return 0;
  std::uint64_t product = 1;
  for (const std::uint64_t factor : factors) {
    if (product > unlimited / factor) return unlimited;
    product *= factor;
  }
  return product;
}

std::uint64_t add_sizes(std::initializer_list<std::uint64_t> terms) {
  std::uint64_t sum = 0;
  for (const std::uint64_t term : terms) {
    if (sum > unlimited - term) return unlimited;
    sum += term;
  }
  return sum;
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes == unlimited) return "more than 16 EiB";
  if (bytes < 1024) return fmt::format("{} B", bytes);
  static constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024.0;
  std::size_t unit = 0;
  // 1023.96 would print as 1024.0.
  while (value >= 1023.95 && unit + 1 < std::size(units)) {
    value /= 1024.0;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, value < 10.0 ? 2 : 1, units[unit]);
}

std::uint64_t available_memory(const std::string& root) {
  const auto available = read_field(root + "/proc/meminfo", "MemAvailable:");
  std::uint64_t left = available ? multiply_sizes({*available, 1024}) : unlimited;
  const std::string groups = root + "/sys/fs/cgroup";
  left = std::min(left, left_in_groups(groups, group_path(root, ""), "/memory.max",
                                       "/memory.current", "inactive_file"));
  left = std::min(
      left, left_in_groups(groups + "/memory", group_path(root, "memory"), "/memory.limit_in_bytes",
                           "/memory.usage_in_bytes", "total_inactive_file"));
  return std::min(left, left_in_address_space(root));
}

void require_memory(std::uint64_t bytes, std::string_view what) {
  const std::uint64_t available = available_memory();
  if (bytes < available) return;
  throw UnavailableError(fmt::format(
      "{} needs about {} of memory, but {} are available here; make it smaller, or run it on a "
      "machine with more memory",
      what, format_bytes(bytes), format_bytes(available)));
}

double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

}  // namespace wavesmith
