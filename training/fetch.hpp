// Downloads of the public data sets that `wavesmith fetch` knows, each file held against its
// published SHA-256 before it gets its name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace wavesmith {

struct RemoteFile {
  std::string name;
  std::string sha256;       // 64 hexadecimal digits, lower case
  std::uint64_t bytes = 0;  // published size
};

struct RemoteSet {
  std::string name;      // also of the folder in the cache
  std::string base_url;  // of the folder that holds the files
  std::vector<RemoteFile> files;
};

// mnist or fashion-mnist; InputError for another name.
RemoteSet remote_set(const std::string& name);

struct DownloadProgress {
  std::string file;
  std::uint64_t received = 0, total = 0;  // [bytes]
  bool present = false;                   // was here already, whole: nothing is downloaded
};

struct DownloadOptions {
  std::filesystem::path directory;  // parent of <set>/; empty for the user's cache
  std::string base_url;             // empty: $WAVESMITH_FETCH_URL, then the set's own
  // Called at the start, now and then, and at the end of each file; false stops the download.
  std::function<bool(const DownloadProgress&)> progress;
};

// Downloads what is missing or wrong and returns the paths of all files. Nothing is resumed or
// tried twice, and nothing unverified stays. UnavailableError where the server, the network or the
// disk fails, where the content has another checksum or size, where progress says stop, and in a
// build without libcurl.
std::vector<std::filesystem::path> download(const RemoteSet& set,
                                            const DownloadOptions& options = {});

}  // namespace wavesmith
