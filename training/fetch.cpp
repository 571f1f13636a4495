#include "training/fetch.hpp"

#include "core/error.hpp"

#ifdef WAVESMITH_HAS_CURL
#include <curl/curl.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>

#include "core/sha256.hpp"
#include "training/data_store.hpp"
#endif

namespace wavesmith {

RemoteSet remote_set(const std::string& name) {
  if (name == "mnist") {
    return {name,
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            {{"train-images-idx3-ubyte.gz",
              "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", 9912422},
             {"train-labels-idx1-ubyte.gz",
              "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", 28881},
             {"t10k-images-idx3-ubyte.gz",
              "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", 1648877},
             {"t10k-labels-idx1-ubyte.gz",
              "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", 4542}}};
  }
  if (name == "fashion-mnist") {
    return {name,
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            {{"train-images-idx3-ubyte.gz",
              "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", 26421880},
             {"train-labels-idx1-ubyte.gz",
              "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29515},
             {"t10k-images-idx3-ubyte.gz",
              "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4422102},
             {"t10k-labels-idx1-ubyte.gz",
              "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5148}}};
  }
  throw InputError("the data set \"" + name +
                   "\" cannot be fetched; the sets that can are mnist and fashion-mnist");
}

#ifndef WAVESMITH_HAS_CURL

std::vector<std::filesystem::path> download(const RemoteSet& set, const DownloadOptions&) {
  throw UnavailableError("this build cannot download " + set.name +
                         ": libcurl was not found when it was made; install libcurl's "
                         "development package (libcurl4-openssl-dev) and build again, or put the "
                         "files into a folder and name it with --data DIR");
}

#else

namespace {

namespace fs = std::filesystem;

// The library's global state, for the life of the program.
void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw UnavailableError("libcurl could not be started");
}

// One download on its way into a file. The callbacks return instead of throwing: they are called
// from C.
struct Transfer {
  const RemoteFile& file;
  const DownloadOptions& options;
  std::FILE* out = nullptr;
  std::uint64_t received = 0;
  bool too_long = false, disk_failed = false, stopped = false;

  bool report(bool present = false) const {
    return !options.progress || options.progress({file.name, received, file.bytes, present});
  }
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.too_long = size > transfer.file.bytes - transfer.received;
  if (transfer.too_long) return 0;
  transfer.disk_failed = std::fwrite(data, 1, size, transfer.out) != size;
  if (transfer.disk_failed) return 0;
  transfer.received += size;
  return size;
}

int tick(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    transfer.stopped = !transfer.report();
  } catch (...) {
    transfer.stopped = true;
  }
  return transfer.stopped ? 1 : 0;
}

// Removes the partial file unless it got its final name.
class PartFile {
 public:
  explicit PartFile(fs::path path) : path_(std::move(path)) {}
  ~PartFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct CleanUp {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

void transfer_to(const std::string& url, const RemoteFile& file, const fs::path& part,
                 const DownloadOptions& options) {
  std::unique_ptr<std::FILE, CloseFile> out(std::fopen(part.c_str(), "wb"));
  if (!out) {
    throw UnavailableError("cannot write " + part.string() +
                           "; check the permissions of its folder");
  }
  const std::unique_ptr<CURL, CleanUp> handle(curl_easy_init());
  if (!handle) throw UnavailableError("libcurl could not be started");
  Transfer transfer{file, options, out.get()};
  char reason[CURL_ERROR_SIZE] = "";
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 20L);
  // A server that sends less than a byte a second for half a minute is taken for dead.
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 30L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "wavesmith");
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, tick);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  const CURLcode result = curl_easy_perform(curl);
  const bool closed = std::fclose(out.release()) == 0;

  if (transfer.stopped) throw UnavailableError("the download of " + url + " was stopped");
  if (transfer.disk_failed || (result == CURLE_OK && !closed)) {
    throw UnavailableError("writing " + part.string() + " failed after " +
                           std::to_string(transfer.received) +
                           " bytes; check the space left on the disk");
  }
  const std::string expected = "expected " + std::to_string(file.bytes) + " bytes";
  if (transfer.too_long) {
    throw UnavailableError(url + " is not the published file: " + expected +
                           ", found more; try another mirror with --from URL");
  }
  if (result != CURLE_OK) {
    throw UnavailableError("cannot download " + url + ": " +
                           (reason[0] != '\0' ? reason : curl_easy_strerror(result)) + " (" +
                           expected + ", received " + std::to_string(transfer.received) +
                           "); check the network, or try another mirror with --from URL");
  }
  if (transfer.received != file.bytes) {
    throw UnavailableError(url + " is not the published file: " + expected + ", found " +
                           std::to_string(transfer.received) +
                           "; try another mirror with --from URL");
  }
}

bool is_whole(const fs::path& path, const RemoteFile& file) {
  std::error_code failure;
  return fs::is_regular_file(path, failure) && fs::file_size(path, failure) == file.bytes &&
         sha256_of_file(path) == file.sha256;
}

void download_file(const std::string& url, const RemoteFile& file, const fs::path& path,
                   const DownloadOptions& options) {
  const PartFile part(path.string() + ".part");
  transfer_to(url, file, part.path(), options);
  const std::string found = sha256_of_file(part.path());
  if (found != file.sha256) {
    throw UnavailableError(url + " is not the published file: expected SHA-256 " + file.sha256 +
                           ", found " + found + "; try again, or another mirror with --from URL");
  }
  std::error_code failure;
  fs::rename(part.path(), path, failure);
  if (failure) {
    throw UnavailableError("cannot rename " + part.path().string() + " to " + path.string() + ": " +
                           failure.message());
  }
}

// Where to download from, ending in a slash.
std::string chosen_url(const RemoteSet& set, const DownloadOptions& options) {
  std::string url = options.base_url;
  const char* variable = std::getenv("WAVESMITH_FETCH_URL");
  if (url.empty() && variable != nullptr) url = variable;
  if (url.empty()) url = set.base_url;
  if (!url.ends_with('/')) url += '/';
  WAVESMITH_VALIDATE(url.starts_with("http://") || url.starts_with("https://"),
                     "the address " + url + " should begin with http:// or https://");
  return url;
}

}  // namespace

std::vector<fs::path> download(const RemoteSet& set, const DownloadOptions& options) {
  const std::string url = chosen_url(set, options);
  fs::path folder = options.directory;
  if (folder.empty()) {
    const std::optional<fs::path> cache = user_cache();
    if (!cache) {
      throw UnavailableError(
          "there is no cache folder to download to: neither $XDG_CACHE_HOME nor $HOME is set; "
          "set one, or name a folder");
    }
    folder = *cache;
  }
  folder /= set.name;
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) {
    throw UnavailableError("cannot make the folder " + folder.string() + ": " + failure.message());
  }

  start_curl();
  std::vector<fs::path> paths;
  for (const RemoteFile& file : set.files) {
    const fs::path path = folder / file.name;
    Transfer state{file, options};
    const bool present = is_whole(path, file);
    if (present) state.received = file.bytes;
    if (!state.report(present)) {
      throw UnavailableError("the download of " + url + file.name + " was stopped");
    }
    if (!present) {
      download_file(url + file.name, file, path, options);
      state.received = file.bytes;
      state.report();
    }
    paths.push_back(path);
  }
  return paths;
}

#endif

}  // namespace wavesmith
