// Files that are whole or not there: written beside their place under another name, then renamed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace wavesmith {

// A file "<name>.part-<process>" that becomes "<name>" on commit(), after it has reached the disk.
// Without commit() it is removed. Every failure removes it and throws UnavailableError with the
// file, the reason and, for a full disk, how much was needed.
//
//   AtomicFile file(folder / "result.json");
//   file.write(text);
//   file.commit();
//
// A library that writes files by name is given partial_path() instead of write().
class AtomicFile {
 public:
  // `expected_bytes`: the final size where it is known, for the message of a full disk.
  explicit AtomicFile(std::filesystem::path path, std::uint64_t expected_bytes = 0);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view text);
  void write_bytes(std::span<const std::byte> bytes);
  void commit();

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& partial_path() const { return partial_path_; }

 private:
  [[noreturn]] void fail(int error_number);
  void open();

  std::filesystem::path path_, partial_path_;
  std::uint64_t expected_bytes_ = 0, written_bytes_ = 0;
  int descriptor_ = -1;
  bool done_ = false;
};

void write_file(const std::filesystem::path& path, std::string_view content);

// Makes a folder and those that hold it, and checks that files can be made in it. Throws
// UnavailableError `cannot create the folder out/lens (Read-only file system); ...`.
void make_folder(const std::filesystem::path& path);

// Removes from a folder, and from the folders in it down to the third, the parts
// "<name>.part-<process>" of processes that do not exist any more: a process that was killed could
// not do it. Returns how many. Parts of processes on another machine look the same: two machines
// must not write into one folder at once.
std::size_t remove_stale_parts(const std::filesystem::path& folder);

// The error of a failed write, for writers that do not go through AtomicFile.
UnavailableError write_error(const std::filesystem::path& path, int error_number,
                             std::uint64_t needed_bytes);

}  // namespace wavesmith
