#include "training/checkpoint.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "training/byte_stream.hpp"

namespace wavesmith {
namespace {

constexpr char magic[] = "WSMCHKPT";
constexpr std::size_t magic_size = 8;
constexpr std::uint32_t known_version = 1;
constexpr std::size_t header_size = magic_size + 4 + 8 + 8;

std::uint32_t checksum(std::span<const std::byte> bytes, std::uint32_t before = 0) {
  // Only a null pointer would make zlib start anew.
  if (bytes.empty()) return before;
  return static_cast<std::uint32_t>(
      crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t section_checksum(const std::string& name, std::span<const std::byte> bytes) {
  return checksum(bytes, checksum(std::as_bytes(std::span(name))));
}

[[noreturn]] void fail(const std::string& where, const std::string& why) {
  throw InputError(fmt::format("checkpoint {} {}; delete it, or leave out --resume to start afresh",
                               where, why));
}

}  // namespace

std::vector<std::byte>& Checkpoint::add(const std::string& name) {
  return sections.emplace_back(CheckpointSection{name, {}}).bytes;
}

std::span<const std::byte> Checkpoint::section(const std::string& name) const {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const CheckpointSection& s) { return s.name == name; });
  WAVESMITH_VALIDATE(found != sections.end(),
                     fmt::format("the checkpoint has no section \"{}\", so this run cannot go on "
                                 "from it; leave out --resume to start afresh",
                                 name));
  return found->bytes;
}

std::vector<std::byte> encode_checkpoint(const Checkpoint& checkpoint) {
  std::vector<std::byte> bytes;
  ByteWriter out(bytes);
  for (std::size_t i = 0; i < magic_size; ++i) out.put(magic[i]);
  out.put(known_version);
  out.put(checkpoint.scene_hash);
  out.put<std::uint64_t>(checkpoint.sections.size());
  out.put(checksum(bytes));
  for (const CheckpointSection& section : checkpoint.sections) {
    out.put_text(section.name);
    out.put<std::uint64_t>(section.bytes.size());
    out.put(section_checksum(section.name, section.bytes));
    bytes.insert(bytes.end(), section.bytes.begin(), section.bytes.end());
  }
  return bytes;
}

Checkpoint decode_checkpoint(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < magic_size || std::memcmp(bytes.data(), magic, magic_size) != 0)
    fail(where, bytes.empty() ? "is empty" : "is not a checkpoint of this program");
  ByteReader in(bytes, "checkpoint " + where);
  in.get_bytes(magic_size);
  // The version first: another one may have another layout, so nothing else can be said of it.
  const auto version = in.get<std::uint32_t>();
  if (version != known_version)
    fail(where,
         fmt::format("has version {}, and this program reads version {}", version, known_version));
  Checkpoint checkpoint;
  checkpoint.scene_hash = in.get<std::uint64_t>();
  const auto count = in.get<std::uint64_t>();
  if (in.get<std::uint32_t>() != checksum(bytes.first(header_size)))
    fail(where, "is damaged in its header (the checksum differs)");

  for (std::uint64_t i = 0; i < count; ++i) {
    CheckpointSection section;
    section.name = in.get_text();
    const auto size = in.get<std::uint64_t>();
    const auto sum = in.get<std::uint32_t>();
    if (size > in.left())
      fail(where, fmt::format("is cut short: section \"{}\" has {} of {} bytes", section.name,
                              in.left(), size));
    const auto content = in.get_bytes(static_cast<std::size_t>(size));
    if (sum != section_checksum(section.name, content))
      fail(where,
           fmt::format("is damaged in section {} of {} (the checksum differs)", i + 1, count));
    section.bytes.assign(content.begin(), content.end());
    checkpoint.sections.push_back(std::move(section));
  }
  in.expect_end();
  return checkpoint;
}

void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  const std::vector<std::byte> bytes = encode_checkpoint(checkpoint);
  if (path.has_parent_path()) make_folder(path.parent_path());
  AtomicFile file(path, bytes.size());
  file.write_bytes(bytes);
  file.commit();
}

Checkpoint load_checkpoint(const std::filesystem::path& path, std::uint64_t scene_hash) {
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!std::filesystem::is_regular_file(path, error) || !file)
    throw UnavailableError(
        fmt::format("checkpoint {} is not there or cannot be read; leave out "
                    "--resume to start afresh",
                    path.string()));
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::filesystem::file_size(path)));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (file.gcount() != static_cast<std::streamsize>(bytes.size()))
    throw UnavailableError(fmt::format("checkpoint {} cannot be read", path.string()));
  Checkpoint checkpoint = decode_checkpoint(bytes, path.string());
  if (checkpoint.scene_hash != scene_hash)
    throw InputError(fmt::format(
        "checkpoint {} was made by another scene (hash {:016x}, this one has {:016x}), so its "
        "numbers mean something else; restore the scene and its --set options, or choose another "
        "--out",
        path.string(), checkpoint.scene_hash, scene_hash));
  return checkpoint;
}

}  // namespace wavesmith
