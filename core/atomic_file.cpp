#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <utility>

#include "core/memory.hpp"

namespace wavesmith {

namespace {

// Makes a rename last through a power cut. Some file systems cannot, which is no failure.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

constexpr std::string_view part_mark = ".part-";

// The process in "<name>.part-<process>", or 0 where the name is another one.
pid_t process_of_part(const std::string& name) {
  const std::size_t mark = name.rfind(part_mark);
  if (mark == std::string::npos || mark == 0) return 0;
  const char* first = name.data() + mark + part_mark.size();
  const char* last = name.data() + name.size();
  pid_t process = 0;
  const auto [end, error] = std::from_chars(first, last, process);
  return error == std::errc() && end == last && process > 0 ? process : 0;
}

bool is_running(pid_t process) {
  return ::kill(process, 0) == 0 || errno != ESRCH;
}

}  // namespace

UnavailableError write_error(const std::filesystem::path& path, int error_number,
                             std::uint64_t needed_bytes) {
  std::string reason = std::strerror(error_number);
  std::string advice = "check the path, or choose another folder with --out";
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) {
    std::error_code error;
    const auto folder = path.parent_path();
    const auto space = std::filesystem::space(folder.empty() ? "." : folder, error);
    if (needed_bytes > 0) reason += fmt::format("; {} are needed", format_bytes(needed_bytes));
    if (!error) reason += fmt::format("; {} are free", format_bytes(space.available));
    advice = "make room, or choose another folder with --out";
  }
  return UnavailableError(fmt::format("cannot write {} ({}); {}", path.string(), reason, advice));
}

AtomicFile::AtomicFile(std::filesystem::path path, std::uint64_t expected_bytes)
    : path_(std::move(path)), expected_bytes_(expected_bytes) {
  partial_path_ = path_;
  partial_path_ += fmt::format("{}{}", part_mark, ::getpid());
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!done_) ::unlink(partial_path_.c_str());
}

void AtomicFile::fail(int error_number) {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  ::unlink(partial_path_.c_str());
  throw write_error(path_, error_number, std::max(expected_bytes_, written_bytes_));
}

void AtomicFile::open() {
  if (descriptor_ >= 0) return;
  descriptor_ = ::open(partial_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(errno);
}

void AtomicFile::write_bytes(std::span<const std::byte> bytes) {
  open();
  written_bytes_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      fail(errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AtomicFile::write(std::string_view text) {
  write_bytes(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFile::commit() {
  // A file that a library wrote by name is opened here, to be synchronised.
  if (descriptor_ < 0) {
    std::error_code error;
    if (std::filesystem::exists(partial_path_, error)) {
      descriptor_ = ::open(partial_path_.c_str(), O_RDONLY | O_CLOEXEC);
      if (descriptor_ < 0) fail(errno);
    } else {
      open();
    }
  }
  // Delayed allocation reports a full disk as late as here.
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) fail(errno);
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail(errno);
  if (::rename(partial_path_.c_str(), path_.c_str()) != 0) fail(errno);
  done_ = true;
  sync_folder(path_.parent_path());
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path, content.size());
  file.write(content);
  file.commit();
}

std::size_t remove_stale_parts(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  constexpr int deepest = 3;  // snapshots/<name>/<file>
  std::size_t removed = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry.depth() >= deepest) entry.disable_recursion_pending();
    std::error_code ignored;
    const pid_t process = process_of_part(entry->path().filename().string());
    if (process == 0 || !fs::is_regular_file(entry->symlink_status(ignored))) continue;
    if (!is_running(process) && fs::remove(entry->path(), ignored)) ++removed;
  }
  return removed;
}

void make_folder(const std::filesystem::path& path) {
  const auto fail = [&](const std::string& reason) {
    return UnavailableError(
        fmt::format("cannot create the folder {} ({}); choose another folder with --out",
                    path.string(), reason));
  };
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw fail(error.message());
  if (!std::filesystem::is_directory(path, error)) throw fail("a file of that name is there");
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    throw UnavailableError(
        fmt::format("cannot write into the folder {} ({}); choose another folder with --out",
                    path.string(), std::strerror(errno)));
  }
}

}  // namespace wavesmith
