// Checkpoints: everything that a bit-identical resume needs, in one file of named sections.
//
// Little-endian layout:
//   magic "WSMCHKPT", u32 version, u64 scene hash, u64 number of sections, u32 CRC-32 of these 28
//   bytes; then for each section u64 length of its name, name, u64 byte count, u32 CRC-32 of name
//   and bytes, bytes. Nothing follows the last section.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

struct CheckpointSection {
  std::string name;  // "parameters", "optimizer", "history"
  std::vector<std::byte> bytes;
};

struct Checkpoint {
  std::uint64_t scene_hash = 0;
  std::vector<CheckpointSection> sections;  // names are unique

  // The bytes of a new, empty section, to be filled.
  std::vector<std::byte>& add(const std::string& name);
  // Throws InputError where there is none of this name.
  std::span<const std::byte> section(const std::string& name) const;
};

std::vector<std::byte> encode_checkpoint(const Checkpoint& checkpoint);
// Throws InputError, naming `where`, unless the bytes are a whole, undamaged checkpoint of this
// version.
Checkpoint decode_checkpoint(std::span<const std::byte> bytes, const std::string& where);

// Replaces the file only once the new one is complete on the disk: whatever interrupts it leaves
// the checkpoint before. Throws UnavailableError where it cannot be written.
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);
// Throws UnavailableError where there is no such file, InputError where it is damaged, of another
// version, or of another scene than `scene_hash`.
Checkpoint load_checkpoint(const std::filesystem::path& path, std::uint64_t scene_hash);

}  // namespace wavesmith
