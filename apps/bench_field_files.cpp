// wavesmith bench field_files: bytes a second of field volumes, against writing the same bytes as
// they lie in memory.
//
// Six float32 components on 200^3 points: waves inside a ball, nothing outside, to the RAM disk
// where there is one, else to the folder of temporary files.
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "apps/bench_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/field_files.hpp"
#endif

namespace wavesmith {

#ifdef WAVESMITH_HAS_VTK
namespace {

constexpr int rounds = 5, points = 200;

Frame wave_volume() {
  Frame frame;
  frame.name = "bench";
  frame.points = {points, points, points};
  for (const char* name : {"Ex", "Ey", "Ez", "Hx", "Hy", "Hz"}) {
    const double tilt = 0.1 * static_cast<double>(frame.arrays.size());
    FrameArray array{name, name[0] == 'E' ? "V/m" : "A/m", {}};
    array.values.reserve(frame.size());
    for (int k = 0; k < points; ++k)
      for (int j = 0; j < points; ++j)
        for (int i = 0; i < points; ++i) {
          const double r = std::hypot(i - 99.5, j - 99.5, k - 99.5);
          array.values.push_back(
              r < 90.0 ? static_cast<float>(std::sin(0.3 * r + tilt * i) / (1.0 + r)) : 0.0f);
        }
    frame.arrays.push_back(std::move(array));
  }
  return frame;
}

// A folder of one's own that goes with its holder.
struct BenchFolder {
  std::filesystem::path path;
  BenchFolder() {
    const std::filesystem::path ram = "/dev/shm";
    path = (::access(ram.c_str(), W_OK) == 0 ? ram : std::filesystem::temp_directory_path()) /
           ("wavesmith_bench_" + std::to_string(::getpid()));
    make_folder(path);
  }
  ~BenchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;
};

void write_plainly(const Frame& frame, const std::filesystem::path& path) {
  AtomicFile file(path);
  for (const FrameArray& array : frame.arrays)
    file.write_bytes(std::as_bytes(std::span(array.values)));
  file.commit();
}

}  // namespace

void bench_field_files(const BenchOptions& options) {
  const Frame frame = wave_volume();
  const double bytes = static_cast<double>(frame.arrays.size() * frame.size() * sizeof(float));
  const BenchFolder folder;
  struct Kind {
    const char* name;
    Compression compression;
  };
  for (const Kind& kind : {Kind{"uncompressed", Compression::none},
                           {"lz4", Compression::lz4},
                           {"zlib", Compression::zlib}}) {
    std::vector<double> seconds, limit;
    const auto path = folder.path / "a.vti";
    for (int round = 0; round < rounds; ++round) {
      limit.push_back(seconds_of([&] { write_plainly(frame, folder.path / "plain"); }) / bytes);
      seconds.push_back(seconds_of([&] { write_vti(frame, path, kind.compression); }) / bytes);
      if (kind.compression == Compression::zlib) break;  // some ten seconds
    }
    nlohmann::ordered_json row;
    row["name"] = "field_files";
    row["size"] = "200^3, 6 components, " + std::string(kind.name);
    row["unit"] = "bytes";
    BenchOptions one_thread = options;
    one_thread.threads = 1;
    one_thread.precision = Precision::f32;
    fill_bench_row(row, one_thread, Device{}, seconds, limit);
    row["bytes_per_unit"] = static_cast<double>(std::filesystem::file_size(path)) / bytes;
    print_bench_row(options, row);
  }
}

#else

void bench_field_files(const BenchOptions& options) {
  if (!options.name.empty())
    throw UnavailableError("this build writes no fields; build with -DWAVESMITH_VTK=ON");
}

#endif

}  // namespace wavesmith
