// Runs a fuzzing target where the compiler has no libFuzzer, with the same command line:
//
//   fuzz_scene -runs=1000000 -seed=1 tests/fuzz/corpus/scene
//
// Every file of the given folders is an input; then come `runs` random mutations of them. Nothing
// guides the mutations: the corpus has to hold one example of each shape. An input that ends the
// program is left in the file `crash-input`. libFuzzer itself is in the preset `fuzz` (Clang).
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t longest = 1 << 16;

// What numbers, quotes and headers break on.
constexpr std::string_view tokens[] = {"0",
                                       "-1",
                                       "1e308",
                                       "-0.0",
                                       "nan",
                                       "inf",
                                       "9223372036854775808",
                                       "4294967296",
                                       "\xff\xff\xff\xff",
                                       "\"",
                                       "'''",
                                       "[[",
                                       "]]",
                                       "{",
                                       "}",
                                       "=",
                                       "\n",
                                       "\r\n",
                                       ",",
                                       "#",
                                       "\\u0",
                                       "\xf0",
                                       " nm"};

const Bytes* running = nullptr;

// Only what is safe in a signal handler.
void save_input() {
  const int file = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || running == nullptr) return;
  const char* note = write(file, running->data(), running->size()) < 0
                         ? "fuzz: the input could not be saved\n"
                         : "fuzz: the input is in crash-input\n";
  if (write(STDERR_FILENO, note, std::string_view(note).size()) < 0) return;
  close(file);
}

void on_signal(int number) {
  save_input();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void run(const Bytes& input) {
  running = &input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
  running = nullptr;
}

class Mutator {
 public:
  Mutator(const std::vector<Bytes>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

  Bytes next() {
    Bytes input = any_input();
    for (std::size_t count = 1 + below(6); count > 0; --count) mutate(input);
    if (input.size() > longest) input.resize(longest);
    return input;
  }

 private:
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  const Bytes& any_input() { return corpus_[below(corpus_.size())]; }

  void insert(Bytes& input, const auto& what) {
    const auto at = static_cast<std::ptrdiff_t>(below(input.size() + 1));
    input.insert(input.begin() + at, std::begin(what), std::end(what));
  }

  // A part of `input`, at most 64 bytes long most of the time.
  std::pair<std::ptrdiff_t, std::ptrdiff_t> part(const Bytes& input) {
    const std::size_t first = below(input.size() + 1);
    const std::size_t rest = input.size() - first;
    const std::size_t length = below((below(8) == 0 ? rest : std::min<std::size_t>(rest, 64)) + 1);
    return {static_cast<std::ptrdiff_t>(first), static_cast<std::ptrdiff_t>(first + length)};
  }

  void mutate(Bytes& input) {
    const auto [first, last] = part(input);
    const std::size_t kind = below(7);
    if (kind == 0) {
      input.erase(input.begin() + first, input.begin() + last);
    } else if (kind == 1) {
      insert(input, Bytes(input.begin() + first, input.begin() + last));
    } else if (kind == 2) {
      insert(input, tokens[below(std::size(tokens))]);
    } else if (kind == 3) {
      const Bytes& other = any_input();
      const auto [begin, end] = part(other);
      insert(input, Bytes(other.begin() + begin, other.begin() + end));
    } else if (kind == 4) {
      input.resize(below(input.size() + 1));
    } else if (!input.empty()) {
      std::uint8_t& byte = input[below(input.size())];
      byte = static_cast<std::uint8_t>(kind == 5 ? byte ^ (1u << below(8)) : below(256));
    }
  }

  const std::vector<Bytes>& corpus_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) try {
  std::uint64_t runs = 0;
  std::uint64_t seed = 1;
  std::vector<std::filesystem::path> files;
  for (const std::string& argument : std::vector<std::string>(argv + 1, argv + argc)) {
    if (argument.starts_with("-runs=")) {
      runs = std::stoull(argument.substr(6));
    } else if (argument.starts_with("-seed=")) {
      seed = std::stoull(argument.substr(6));
    } else {
      for (const auto& entry : std::filesystem::directory_iterator(argument)) {
        files.push_back(entry.path());
      }
    }
  }
  // Folders list their files in any order, and a seed must mean the same inputs everywhere.
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (corpus.empty()) corpus.emplace_back();

  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    std::signal(number, on_signal);
  }
  for (const Bytes& input : corpus) run(input);
  Mutator mutator(corpus, seed);
  for (std::uint64_t i = 0; i < runs; ++i) run(mutator.next());
  std::printf("%zu inputs and %llu mutations of them were read or refused\n", corpus.size(),
              static_cast<unsigned long long>(runs));
  return 0;
} catch (const std::exception& error) {
  save_input();
  std::fprintf(stderr, "fuzz: %s\n", error.what());
  return 1;
}
