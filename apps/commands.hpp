// The subcommands of the command line tool: what each may be asked, and the functions that do it.
// Each returns an exit status (core/error.hpp), or throws.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/device.hpp"

namespace wavesmith {

// What all commands that read a scene take.
struct SceneOptions {
  std::string scene;  // path of an existing file
  std::string device = "auto";
  Precision precision = Precision::f32;
  int threads = 0;  // 0: all
  std::uint64_t seed = 1;
  std::vector<std::string> overrides;  // "key=value"
  std::filesystem::path data_dir;      // empty: where data sets are usually found
  bool quiet = false;
};

struct RunOptions : SceneOptions {
  std::filesystem::path out;  // empty: out/<scene stem>
  bool resume = false;
};

struct CompareOptions : SceneOptions {
  std::filesystem::path out;         // empty: out/<scene stem>-compare
  std::vector<std::string> methods;  // at least one
};

struct ListOptions {
  std::string what;  // empty: all sections
};

struct BenchOptions {
  std::string name;  // empty: all benchmarks
  bool json = false;
  std::string device = "auto";
  Precision precision = Precision::f32;
  int threads = 0;  // 0: all
};

struct FetchOptions {
  std::string name;
  std::filesystem::path data_dir;  // empty: the user's cache
  bool quiet = false;
};

int run_command(const RunOptions& options);
int check_command(const SceneOptions& options);
int gradcheck_command(const SceneOptions& options);
int compare_command(const CompareOptions& options);
int list_command(const ListOptions& options);
int info_command();
int bench_command(const BenchOptions& options);
int fetch_command(const FetchOptions& options);

}  // namespace wavesmith
