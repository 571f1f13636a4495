// Made-up files for one test, and what the readers' tests ask of errors.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith::test {

// Sets an environment variable for the life of the object; a null value removes it.
class Environment {
 public:
  Environment(std::string name, const char* value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) {
      before_ = before;
      had_ = true;
    }
    set(value);
  }
  ~Environment() { set(had_ ? before_.c_str() : nullptr); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const char* value) const {
    if (value != nullptr) {
      setenv(name_.c_str(), value, 1);
    } else {
      unsetenv(name_.c_str());
    }
  }
  std::string name_, before_;
  bool had_ = false;
};

inline ByteVector gzip(const ByteVector& bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  ByteVector out(deflateBound(&stream, bytes.size()) + 64);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<unsigned>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<unsigned>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// The message of the `Expected` error that `action` throws; a failure where it throws none.
template <typename Expected, typename Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Expected& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another kind of error: " << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

// Each of `parts` is in the text.
inline void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is not in: " << text;
  }
}

// The folder of real data: $WAVESMITH_DATA, or ../shared/data beside the repository; empty where
// neither has `file`.
inline std::filesystem::path real_data(const std::string& file) {
  std::vector<std::filesystem::path> folders;
  if (const char* variable = std::getenv("WAVESMITH_DATA")) folders.emplace_back(variable);
  const std::filesystem::path source = std::filesystem::absolute(__FILE__);
  const auto root = source.parent_path().parent_path().parent_path();
  folders.push_back(root.parent_path() / "shared" / "data");
  for (const auto& folder : folders) {
    if (std::filesystem::exists(folder / file)) return folder;
  }
  return {};
}

}  // namespace wavesmith::test
