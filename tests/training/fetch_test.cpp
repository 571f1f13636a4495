// Downloads from a server on the loopback interface, with made-up files.
#include "training/fetch.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include <set>

#include "core/sha256.hpp"
#include "tests/training/test_files.hpp"
#include "training/byte_file.hpp"

namespace wavesmith {
namespace {

using test::bytes_of;
using test::Environment;
using test::expect_parts;
using test::message_of;
using test::TemporaryFolder;

#ifdef WAVESMITH_HAS_CURL

// Python's own web server over a folder, on a free port of 127.0.0.1. Under /cut/ it breaks off
// after half of what it announced; /far/ redirects to the top.
constexpr const char* server_script = R"(
import http.server, os, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith('/far/'):
            self.send_response(302)
            self.send_header('Location', self.path[4:])
            self.end_headers()
        elif self.path.startswith('/cut/'):
            with open(self.path[5:], 'rb') as file:
                data = file.read()
            self.send_response(200)
            self.send_header('Content-Length', str(len(data)))
            self.end_headers()
            self.wfile.write(data[:len(data) // 2])
        else:
            super().do_GET()
    def log_message(self, *_):
        pass
os.chdir(sys.argv[1])
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print(os.getpid(), server.server_port, flush=True)
server.serve_forever()
)";

class Fetch : public testing::Test {
 protected:
  void SetUp() override {
    const auto script = scripts_.write("server.py", server_script);
    const std::string command =
        "exec python3 " + script.string() + " " + served_.path().string() + " 2>/dev/null";
    pipe_ = popen(command.c_str(), "r");
    int port = 0;
    if (pipe_ == nullptr || fscanf(pipe_, "%d %d", &process_, &port) != 2) {
      GTEST_SKIP() << "no Python to serve files with";
    }
    url_ = "http://127.0.0.1:" + std::to_string(port) + "/";
    for (const std::string name : {"one.bin", "two.bin"}) {
      const test::ByteVector content = bytes_of(std::string(50000, name[0]));
      served_.write(name, content);
      set_.files.push_back({name, sha256(content), content.size()});
    }
    set_.name = "made-up";
    set_.base_url = url_;
    options_.directory = cache_.path();
  }

  void TearDown() override {
    if (process_ > 0) kill(process_, SIGTERM);
    if (pipe_ != nullptr) pclose(pipe_);
  }

  // The names of all files in the set's folder of the cache.
  std::set<std::string> cached() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(cache_.path() / "made-up")) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  std::string failure() {
    return message_of<UnavailableError>([&] { download(set_, options_); });
  }

  const TemporaryFolder scripts_, served_, cache_;
  const Environment direct_{"no_proxy", "127.0.0.1"}, no_url_{"WAVESMITH_FETCH_URL", nullptr};
  std::FILE* pipe_ = nullptr;
  int process_ = 0;
  std::string url_;
  RemoteSet set_;
  DownloadOptions options_;
};

TEST_F(Fetch, BringsVerifiedFilesAndShowsProgress) {
  std::vector<DownloadProgress> seen;
  options_.progress = [&](const DownloadProgress& progress) {
    seen.push_back(progress);
    return true;
  };
  const auto paths = download(set_, options_);
  ASSERT_EQ(paths.size(), 2u);
  EXPECT_EQ(paths[1], cache_.path() / "made-up" / "two.bin");
  EXPECT_EQ(read_file(paths[0]), bytes_of(std::string(50000, 'o')));
  EXPECT_EQ(cached(), (std::set<std::string>{"one.bin", "two.bin"}));
  ASSERT_GE(seen.size(), 4u);
  EXPECT_EQ(seen.front().received, 0u);
  EXPECT_EQ(seen.front().total, 50000u);
  EXPECT_EQ(seen.back().file, "two.bin");
  EXPECT_EQ(seen.back().received, 50000u);
  std::uint64_t before = 0;
  for (const DownloadProgress& progress : seen) {
    EXPECT_FALSE(progress.present);
    if (progress.file == "one.bin") {
      EXPECT_GE(progress.received, before);
      before = progress.received;
    }
  }
}

TEST_F(Fetch, DownloadsOnlyWhatIsMissingOrWrong) {
  download(set_, options_);
  std::ofstream(cache_.path() / "made-up" / "two.bin") << "damaged";
  std::filesystem::remove(served_.path() / "one.bin");  // is not asked for again
  std::vector<std::string> present;
  options_.progress = [&](const DownloadProgress& progress) {
    if (progress.present) present.push_back(progress.file);
    return true;
  };
  download(set_, options_);
  EXPECT_EQ(present, std::vector<std::string>{"one.bin"});
  EXPECT_EQ(read_file(cache_.path() / "made-up" / "two.bin"), bytes_of(std::string(50000, 't')));
}

TEST_F(Fetch, RefusesAWrongChecksum) {
  served_.write("two.bin", std::string(50000, 'x'));
  expect_parts(failure(), {url_ + "two.bin", "expected SHA-256 " + set_.files[1].sha256,
                           "found " + sha256(bytes_of(std::string(50000, 'x')))});
  EXPECT_EQ(cached(), std::set<std::string>{"one.bin"});
}

TEST_F(Fetch, RefusesAWrongSize) {
  served_.write("two.bin", std::string(49999, 't'));
  expect_parts(failure(), {url_ + "two.bin", "expected 50000 bytes", "found 49999"});
  served_.write("two.bin", std::string(50001, 't'));
  expect_parts(failure(), {url_ + "two.bin", "expected 50000 bytes", "found more"});
  EXPECT_EQ(cached(), std::set<std::string>{"one.bin"});
}

TEST_F(Fetch, ReportsATruncatedTransfer) {
  options_.base_url = url_ + "cut";
  expect_parts(failure(), {url_ + "cut/one.bin", "expected 50000 bytes", "received 25000"});
  EXPECT_TRUE(cached().empty());
}

TEST_F(Fetch, ReportsAMissingFileAndAMissingServer) {
  std::filesystem::remove(served_.path() / "one.bin");
  expect_parts(failure(), {url_ + "one.bin", "404", "--from URL"});
  EXPECT_TRUE(cached().empty());
  options_.base_url = "http://127.0.0.1:1/";
  expect_parts(failure(), {"http://127.0.0.1:1/one.bin", "connect"});
  options_.base_url = "file:///etc/";
  expect_parts(message_of<InputError>([&] { download(set_, options_); }),
               {"file:///etc/", "https://"});
}

TEST_F(Fetch, TakesItsAddressFromOptionVariableAndSetInThisOrder) {
  const std::string nowhere = "http://127.0.0.1:1/";
  set_.base_url = nowhere + "set";
  expect_parts(failure(), {"1/set/one.bin"});
  const Environment variable("WAVESMITH_FETCH_URL", (nowhere + "variable").c_str());
  expect_parts(failure(), {"1/variable/one.bin"});
  options_.base_url = url_ + "far/";  // and follows redirections
  EXPECT_EQ(download(set_, options_).size(), 2u);
}

TEST_F(Fetch, StopsWhenToldTo) {
  for (const std::uint64_t calls : {0u, 1u}) {
    std::uint64_t seen = 0;
    options_.progress = [&](const DownloadProgress&) { return seen++ < calls; };
    expect_parts(failure(), {url_ + "one.bin", "stopped"});
    EXPECT_TRUE(cached().empty());
  }
}

TEST_F(Fetch, ReportsAFolderThatCannotBeMade) {
  options_.directory = served_.path() / "one.bin";
  expect_parts(failure(), {"one.bin/made-up", "cannot make the folder"});
  const Environment cache("XDG_CACHE_HOME", nullptr), home("HOME", nullptr);
  options_.directory.clear();
  expect_parts(failure(), {"XDG_CACHE_HOME"});
}

TEST_F(Fetch, ReportsAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  std::filesystem::create_directories(cache_.path() / "made-up");
  std::filesystem::create_symlink("/dev/full", cache_.path() / "made-up" / "one.bin.part");
  expect_parts(failure(), {"one.bin.part", "disk"});
}

TEST_F(Fetch, UsesTheUsersCache) {
  const Environment cache("XDG_CACHE_HOME", cache_.path().c_str());
  options_.directory.clear();
  EXPECT_EQ(download(set_, options_)[0], cache_.path() / "wavesmith" / "made-up" / "one.bin");
}

#else

TEST(Fetch, SaysHowToGetABuildThatDownloads) {
  expect_parts(message_of<UnavailableError>([] { download(remote_set("mnist")); }), {"libcurl"});
}

#endif

TEST(RemoteSets, KnowTheirFiles) {
  for (const std::string name : {"mnist", "fashion-mnist"}) {
    const RemoteSet set = remote_set(name);
    EXPECT_EQ(set.files.size(), 4u);
    EXPECT_TRUE(set.base_url.starts_with("https://"));
  }
  expect_parts(message_of<InputError>([] { remote_set("cifar"); }), {"\"cifar\"", "fashion-mnist"});
}

TEST(RealData, HasThePublishedChecksums) {
  const auto folder = test::real_data("mnist/train-images-idx3-ubyte.gz");
  if (folder.empty()) GTEST_SKIP() << "no real data here";
  for (const std::string name : {"mnist", "fashion-mnist"}) {
    for (const RemoteFile& file : remote_set(name).files) {
      EXPECT_EQ(sha256_of_file(folder / name / file.name), file.sha256) << file.name;
      EXPECT_EQ(std::filesystem::file_size(folder / name / file.name), file.bytes) << file.name;
    }
  }
}

}  // namespace
}  // namespace wavesmith
