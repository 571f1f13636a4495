// Field files read back by ourselves and, where Python has VTK, by VTK's own readers.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"
#include "viz/field_files.hpp"

namespace wavesmith {
namespace {

const std::string python = WAVESMITH_PYTHON;
const std::string reader = std::string(WAVESMITH_SOURCE_DIR) + "/tests/viz/read_with_vtk.py";

Frame some_frame(std::array<int, 3> points, unsigned seed) {
  Frame frame;
  frame.name = "layer_" + std::to_string(seed);
  frame.title = "after <layer> & \"" + std::to_string(seed) + "\", µm";
  frame.points = points;
  frame.origin = {-0.1 / 3.0, 1e-7 / 7.0, 0.3 * seed};
  frame.spacing = {0.4e-3 / 3.0, 532e-9 / 1.7, 1.0 / 3.0};
  frame.time = 1.0 / 3.0 + seed;
  std::mt19937 random(seed);
  for (const auto& [name, unit] : {std::pair{"E_intensity", "W/m^2"}, {"E_phase", "rad"}}) {
    FrameArray array{name, unit, {}};
    for (std::size_t i = 0; i < frame.size(); ++i) {
      float value = 0.0f;
      do value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
      while (!std::isfinite(value));
      array.values.push_back(value);
    }
    frame.arrays.push_back(array);
  }
  return frame;
}

// With coordinates along two axes, and a vector field.
Frame graded_frame(std::array<int, 3> points, unsigned seed) {
  Frame frame = some_frame(points, seed);
  double at = -1e-6 / 3.0;
  for (std::size_t axis : {0u, 2u})
    for (int i = 0; i < points[axis]; ++i)
      frame.coordinates[axis].push_back(at += 1e-9 / 7.0 * (1.0 + 0.3 * i));
  FrameArray vectors{"E", "V/m", {}, 3};
  for (std::size_t i = 0; i < 3 * frame.size(); ++i)
    vectors.values.push_back(static_cast<float>(i) / 3.0f - 20.0f);
  frame.arrays.push_back(vectors);
  return frame;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool python_has_vtk() {
  return std::system((python + " -c 'import vtk, numpy' 2>/dev/null").c_str()) == 0;
}

// What the script prints about a file: one line per fact.
std::string read_by_vtk(const std::filesystem::path& path, const test::TemporaryFolder& folder) {
  const std::filesystem::path out = folder / "facts.txt";
  EXPECT_EQ(std::system(
                (python + " '" + reader + "' '" + path.string() + "' > '" + out.string() + "' 2>&1")
                    .c_str()),
            0)
      << text_of(out);
  return text_of(out);
}

// The checksum that the script computes from the raw bytes: FNV-1a, 64 bits.
template <typename T>
std::string checksum(const std::vector<T>& values) {
  std::uint64_t hash = 14695981039346656037u;
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  for (std::size_t i = 0; i < values.size() * sizeof(T); ++i)
    hash = (hash ^ bytes[i]) * 1099511628211u;
  return std::to_string(hash);
}

TEST(FieldFiles, VtiReadsBackEveryBit) {
  test::TemporaryFolder folder;
  unsigned seed = 1;
  for (const std::array<int, 3>& points :
       {std::array{1, 1, 1}, {40, 30, 1}, {7, 1, 50}, {13, 11, 9}, {600, 500, 1}}) {
    const Frame frame = some_frame(points, seed++);
    write_vti(frame, folder / "a.vti");
    const Frame back = read_frame(folder / "a.vti");
    EXPECT_EQ(back.name, frame.name);
    EXPECT_EQ(back.title, frame.title);
    EXPECT_EQ(back.points, frame.points);
    EXPECT_EQ(back.origin, frame.origin);
    EXPECT_EQ(back.spacing, frame.spacing);
    EXPECT_EQ(back.time, frame.time);
    ASSERT_EQ(back.arrays.size(), frame.arrays.size());
    for (std::size_t n = 0; n < frame.arrays.size(); ++n) {
      EXPECT_EQ(back.arrays[n].name, frame.arrays[n].name);
      EXPECT_EQ(back.arrays[n].unit, frame.arrays[n].unit);
      EXPECT_EQ(checksum(back.arrays[n].values), checksum(frame.arrays[n].values));
    }
  }
}

TEST(FieldFiles, EveryCompressionReadsBackEveryBitOfAGradedGrid) {
  test::TemporaryFolder folder;
  unsigned seed = 1;
  for (Compression compression : {Compression::none, Compression::lz4, Compression::zlib})
    for (const std::array<int, 3>& points : {std::array{1, 1, 1}, {40, 1, 3}, {13, 11, 9}}) {
      const Frame frame = graded_frame(points, seed++);
      const auto path = write_frame(frame, folder / "a", compression);
      EXPECT_EQ(path, folder / "a.vtr");
      const Frame back = read_frame(path);
      EXPECT_EQ(back.points, frame.points);
      EXPECT_EQ(back.origin, frame.origin);
      EXPECT_EQ(back.spacing, frame.spacing);
      EXPECT_EQ(back.time, frame.time);
      for (std::size_t axis = 0; axis < 3; ++axis)
        for (int i = 0; i < points[axis]; ++i)
          EXPECT_EQ(back.coordinate(axis, i), frame.coordinate(axis, i)) << axis << " " << i;
      ASSERT_EQ(back.arrays.size(), frame.arrays.size());
      for (std::size_t n = 0; n < frame.arrays.size(); ++n) {
        EXPECT_EQ(back.arrays[n].components, frame.arrays[n].components);
        EXPECT_EQ(checksum(back.arrays[n].values), checksum(frame.arrays[n].values));
      }
      EXPECT_THROW(write_vti(frame, folder / "b.vti"), InputError);
    }
}

TEST(FieldFiles, CompressedFilesAreSmaller) {
  test::TemporaryFolder folder;
  Frame frame;
  frame.points = {64, 64, 16};
  FrameArray array{"Ez", "V/m", {}};
  for (std::size_t i = 0; i < frame.size(); ++i)
    array.values.push_back(i % 64 < 32 ? 0.0f : std::sin(1e-3f * static_cast<float>(i)));
  frame.arrays.push_back(array);
  std::uintmax_t last = std::numeric_limits<std::uintmax_t>::max();
  for (Compression compression : {Compression::none, Compression::lz4, Compression::zlib}) {
    write_vti(frame, folder / "a.vti", compression);
    const std::uintmax_t bytes = std::filesystem::file_size(folder / "a.vti");
    EXPECT_LT(bytes, last);
    last = bytes;
  }
}

TEST(FieldFiles, VtkReadsGradedGridsAndVectors) {
  if (!python_has_vtk()) GTEST_SKIP() << python << " has no module vtk";
  test::TemporaryFolder folder;
  const Frame frame = graded_frame({40, 30, 2}, 5);
  write_vtr(frame, folder / "a.vtr", Compression::zlib);
  const std::string facts = read_by_vtk(folder / "a.vtr", folder);
  EXPECT_NE(facts.find("dimensions 40 30 2\n"), std::string::npos) << facts;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::vector<double> coordinates;
    for (int i = 0; i < frame.points[axis]; ++i) coordinates.push_back(frame.coordinate(axis, i));
    EXPECT_NE(facts.find("coordinates double " + checksum(coordinates) + "\n"), std::string::npos)
        << facts;
  }
  EXPECT_NE(facts.find("vectors E\n"), std::string::npos) << facts;
  EXPECT_NE(facts.find("components E 3\n"), std::string::npos) << facts;
  EXPECT_NE(facts.find("array E float V/m " + checksum(frame.arrays[2].values) + "\n"),
            std::string::npos)
      << facts;
}

TEST(FieldFiles, ASeriesNamesItsPiecesByTime) {
  test::TemporaryFolder folder;
  FrameSeries series(folder / "pulse.pvd", Compression::lz4);
  for (unsigned n = 0; n < 3; ++n) {
    Frame frame = n == 1 ? graded_frame({4, 3, 2}, n) : some_frame({4, 3, 2}, n);
    frame.time = 1e-15 * n / 3.0;
    EXPECT_EQ(read_frame(series.add(frame)).time, frame.time);
  }
  series.finish();
  EXPECT_THROW(series.add(Frame{}), InputError);  // its time, 0, is past
  ASSERT_EQ(series.entries().size(), 3u);
  EXPECT_EQ(series.entries()[1].file, "pulse/0001.vtr");
  EXPECT_EQ(series.entries()[2].file, "pulse/0002.vti");
  EXPECT_EQ(series.entries()[2].value, 1e-15 * 2 / 3.0);
  const std::string text = text_of(folder / "pulse.pvd");
  for (const SeriesEntry& entry : series.entries()) {
    EXPECT_NE(text.find("file=\"" + entry.file + "\""), std::string::npos) << text;
    EXPECT_TRUE(std::filesystem::exists(folder / entry.file));
  }
}

TEST(FieldFiles, KeepsValuesThatAreNotFinite) {
  test::TemporaryFolder folder;
  Frame frame = some_frame({2, 2, 1}, 3);
  frame.arrays[0].values = {std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity(), -0.0f, 1e-45f};
  write_vti(frame, folder / "a.vti");
  EXPECT_EQ(checksum(read_frame(folder / "a.vti").arrays[0].values),
            checksum(frame.arrays[0].values));
}

TEST(FieldFiles, VtkReadsTheVti) {
  if (!python_has_vtk()) GTEST_SKIP() << python << " has no module vtk";
  test::TemporaryFolder folder;
  const Frame frame = some_frame({40, 30, 2}, 5);
  write_vti(frame, folder / "a.vti");
  const std::string facts = read_by_vtk(folder / "a.vti", folder);
  EXPECT_NE(facts.find("dimensions 40 30 2\n"), std::string::npos) << facts;
  EXPECT_NE(facts.find("time " + std::to_string(frame.time)), std::string::npos) << facts;
  for (const FrameArray& array : frame.arrays)
    EXPECT_NE(facts.find("array " + array.name + " float " + array.unit + " " +
                         checksum(array.values) + "\n"),
              std::string::npos)
        << facts;
  EXPECT_NE(facts.find("units E_intensity = W/m^2"), std::string::npos) << facts;
  EXPECT_NE(facts.find("title " + frame.title + "\n"), std::string::npos) << facts;
}

TEST(FieldFiles, VtkReadsTheStackByBlockNames) {
  test::TemporaryFolder folder;
  std::vector<Frame> frames;
  for (unsigned seed = 1; seed <= 3; ++seed) frames.push_back(some_frame({9, 8, 1}, seed));
  frames[2].name = frames[1].name;  // pieces must not overwrite each other
  const auto pieces = write_vtm(frames, folder / "stack.vtm");
  ASSERT_EQ(pieces.size(), frames.size());
  for (std::size_t n = 0; n < pieces.size(); ++n) {
    EXPECT_EQ(pieces[n].parent_path(), folder / "stack");
    EXPECT_EQ(read_frame(pieces[n]).title, frames[n].title);
  }
  if (!python_has_vtk()) GTEST_SKIP() << python << " has no module vtk";
  const std::string facts = read_by_vtk(folder / "stack.vtm", folder);
  for (const Frame& frame : frames) {
    EXPECT_NE(facts.find("block " + frame.title + "\n"), std::string::npos) << facts;
    EXPECT_NE(facts.find(checksum(frame.arrays[1].values)), std::string::npos) << facts;
  }
}

TEST(FieldFiles, PvdListsTheSeriesExactly) {
  test::TemporaryFolder folder;
  write_pvd({{0.1, "fields/a & b.vti"}, {1.0 / 3.0, "fields/\"2\".vti"}}, folder / "s.pvd");
  EXPECT_EQ(text_of(folder / "s.pvd"),
            "<?xml version=\"1.0\"?>\n"
            "<VTKFile type=\"Collection\" version=\"1.0\" byte_order=\"LittleEndian\">\n"
            "  <Collection>\n"
            "    <DataSet timestep=\"0.1\" group=\"\" part=\"0\" file=\"fields/a &amp; b.vti\"/>\n"
            "    <DataSet timestep=\"0.3333333333333333\" group=\"\" part=\"0\" "
            "file=\"fields/&quot;2&quot;.vti\"/>\n"
            "  </Collection>\n</VTKFile>\n");
  EXPECT_THROW(write_pvd({{std::nan(""), "a.vti"}}, folder / "s.pvd"), InputError);
}

TEST(FieldFiles, RefusesFramesThatDoNotFit) {
  test::TemporaryFolder folder;
  const Frame good = some_frame({3, 2, 1}, 1);
  Frame bad = good;
  bad.arrays[0].values.pop_back();
  EXPECT_THROW(write_vti(bad, folder / "a.vti"), InputError);
  bad = good;
  bad.points = {1 << 30, 1 << 30, 1 << 30};
  EXPECT_THROW(write_vti(bad, folder / "a.vti"), InputError);
  bad = good;
  bad.spacing[1] = 0.0;
  EXPECT_THROW(write_vti(bad, folder / "a.vti"), InputError);
  bad = good;
  bad.arrays[1].name = bad.arrays[0].name;
  EXPECT_THROW(write_vti(bad, folder / "a.vti"), InputError);
  bad = good;
  bad.arrays[0].components = 2;
  EXPECT_THROW(write_vti(bad, folder / "a.vti"), InputError);
  for (const std::vector<double>& coordinates :
       {std::vector<double>{0.0, 1.0}, {0.0, 1.0, 1.0}, {0.0, std::nan(""), 1.0}}) {
    bad = good;
    bad.coordinates[0] = coordinates;
    EXPECT_THROW(write_frame(bad, folder / "a"), InputError);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.vti"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.vtr"));
}

TEST(FieldFiles, LeavesTheOldFileWhereItCannotWrite) {
  const Frame frame = some_frame({3, 2, 1}, 1);
  EXPECT_THROW(write_vti(frame, "/proc/no/such/folder/a.vti"), UnavailableError);
  test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "a.vti");  // a folder is in the way
  EXPECT_THROW(write_vti(frame, folder / "a.vti"), UnavailableError);
  // A disk that is full after 100 kB, played by a limit on the size of files.
  write_vti(frame, folder / "b.vti");
  rlimit limit{}, small{};
  getrlimit(RLIMIT_FSIZE, &limit);
  small = limit;
  small.rlim_cur = 100000;
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(write_vti(some_frame({600, 500, 1}, 2), folder / "b.vti"), UnavailableError);
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(read_frame(folder / "b.vti").points, frame.points);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / ""),
                          std::filesystem::directory_iterator()),
            2);  // nothing half-written is left
}

TEST(FieldFiles, DamagedFilesAreRefused) {
  test::TemporaryFolder folder;
  const auto path = folder / "a.vti";
  write_vti(some_frame({20, 20, 1}, 4), path);
  const std::string whole = text_of(path);
  EXPECT_THROW(read_frame(folder / "none.vti"), UnavailableError);
  testing::internal::CaptureStderr();
  for (std::size_t length : {std::size_t{0}, std::size_t{30}, std::size_t{400}, whole.size() / 2}) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, length);
    EXPECT_THROW(read_frame(path), InputError) << length;
  }
  // A header that asks for 10^18 values must be refused, not allocated.
  std::string absurd = whole;
  for (std::size_t at = absurd.find("0 19 0 19"); at != std::string::npos;
       at = absurd.find("0 19 0 19", at + 1))
    absurd.replace(at, 9, "0 999999999 0 999999999");
  std::ofstream(path, std::ios::binary) << absurd;
  EXPECT_THROW(read_frame(path), InputError);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // one error is enough
}

}  // namespace
}  // namespace wavesmith
