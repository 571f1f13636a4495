#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <thread>

#include "apps/commands.hpp"
#include "apps/scene_folder.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "training/data_store.hpp"

namespace wavesmith {

namespace {

void print(const std::string& name, const std::string& text) {
  std::cout << fmt::format("{:<12} {}\n", name, text);
}

// The processor's name as the system gives it.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

std::string compiler_name() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "gcc " __VERSION__;
#else
  return "unknown compiler";
#endif
}

// The widest vectors that the compiler was allowed to use.
std::string vector_width() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__)
  return "AVX2";
#elif defined(__AVX__)
  return "AVX";
#else
  return "the processor family's common instructions";
#endif
}

const char* yes_or_no(bool yes) {
  return yes ? "yes" : "no";
}

void print_devices() {
  print("cpu", fmt::format("{}, {} threads, {} of memory available", processor_name(),
                           std::thread::hardware_concurrency(), format_bytes(available_memory())));
  const std::vector<DeviceInfo> gpus = list_cuda_devices();
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    print(fmt::format("cuda:{}", i), gpus[i].name + ", " + gpus[i].description);
  }
  if (gpus.empty()) {
#ifdef WAVESMITH_HAS_CUDA
    print("cuda", "no GPU can be used here; check nvidia-smi");
#else
    print("cuda", "not in this build; the preset cuda builds it");
#endif
  }
}

void print_build() {
  bool cuda = false, vtk = false, curl = false;
#ifdef WAVESMITH_HAS_CUDA
  cuda = true;
#endif
#ifdef WAVESMITH_HAS_VTK
  vtk = true;
#endif
#ifdef WAVESMITH_HAS_CURL
  curl = true;
#endif
  print("compiler", compiler_name() + ", " + vector_width());
  print("CUDA", yes_or_no(cuda));
  print("VTK", fmt::format("{} (field files, pictures, surfaces)", yes_or_no(vtk)));
  print("libcurl", fmt::format("{} (wavesmith fetch)", yes_or_no(curl)));
}

void print_folders() {
  std::string folders;
  for (const auto& folder : scene_folders()) {
    folders += (folders.empty() ? "" : ", ") + folder.string();
  }
  print("scenes", folders.empty() ? "none found" : folders);
  const auto cache = user_cache();
  print("data sets", cache ? cache->string() : "no folder; set WAVESMITH_DATA");
}

}  // namespace

int info_command() {
  print("wavesmith", WAVESMITH_VERSION);
  print_devices();
  print_build();
  print_folders();
  return static_cast<int>(Status::done);
}

}  // namespace wavesmith
