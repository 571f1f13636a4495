// What the files that use VTK share: its errors as our own, and the frame's facts beside its
// arrays.
#pragma once

#include <vtkCallbackCommand.h>
#include <vtkFieldData.h>
#include <vtkNew.h>
#include <vtkXMLWriter.h>

#include <filesystem>
#include <string>

#include "core/frame.hpp"
#include "viz/field_files.hpp"

namespace wavesmith {

inline constexpr const char* exact_grid = "exact_origin_and_spacing";

// Collects the first error that VTK reports, and keeps it off the terminal.
class VtkErrors {
 public:
  VtkErrors();
  VtkErrors(const VtkErrors&) = delete;
  VtkErrors& operator=(const VtkErrors&) = delete;

  vtkCallbackCommand* observer() { return observer_; }
  const std::string& message() const { return message_; }

 private:
  vtkNew<vtkCallbackCommand> observer_;
  std::string message_;
};

// Shortest text that reads back as the same number, whatever the locale.
std::string exact_text(double value);

void add_text(vtkFieldData* fields, const char* name, const std::string& text);

// Runs a writer that has its input: appended raw binary with 64-bit headers, through an AtomicFile.
// `bytes`: what it will write uncompressed. Throws UnavailableError.
void write_whole(vtkXMLWriter& writer, const std::filesystem::path& path, Compression compression,
                 std::size_t bytes);

}  // namespace wavesmith
