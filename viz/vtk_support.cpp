#include "viz/vtk_support.hpp"

#include <vtkErrorCode.h>
#include <vtkLogger.h>
#include <vtkStringArray.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>

#include "core/atomic_file.hpp"

namespace wavesmith {
namespace {

void collect_error(vtkObject*, unsigned long, void* client, void* text) {
  auto& message = *static_cast<std::string*>(client);
  if (message.empty() && text != nullptr) message = static_cast<const char*>(text);
}

// The system's error number for what VTK reports: it passes such numbers on, below its own codes.
int system_error(unsigned long code) {
  if (code == vtkErrorCode::OutOfDiskSpaceError) return ENOSPC;
  return code > 0 && code < vtkErrorCode::FirstVTKErrorCode ? static_cast<int>(code) : EIO;
}

// VTK does not report what fails while its stream is flushed on closing: look for the last element,
// which is lost whenever anything before it was.
bool ends_whole(const std::filesystem::path& path) {
  static const std::string last = "</VTKFile>\n";
  std::ifstream file(path, std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(last.size()), std::ios::end);
  std::string tail(last.size(), '\0');
  file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  return file.good() && tail == last;
}

}  // namespace

VtkErrors::VtkErrors() {
  vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_OFF);
  observer_->SetCallback(collect_error);
  observer_->SetClientData(&message_);
}

std::string exact_text(double value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

void add_text(vtkFieldData* fields, const char* name, const std::string& text) {
  vtkNew<vtkStringArray> array;
  array->SetName(name);
  array->InsertNextValue(text);
  fields->AddArray(array);
}

void write_whole(vtkXMLWriter& writer, const std::filesystem::path& path, Compression compression,
                 std::size_t bytes) {
  AtomicFile file(path, bytes);
  VtkErrors errors;
  writer.AddObserver(vtkCommand::ErrorEvent, errors.observer());
  writer.SetFileName(file.partial_path().c_str());
  writer.SetDataModeToAppended();
  writer.EncodeAppendedDataOff();
  writer.SetHeaderTypeToUInt64();
  writer.SetBlockSize(256 * 1024);
  switch (compression) {
    case Compression::none:
      writer.SetCompressorTypeToNone();
      break;
    case Compression::lz4:
      writer.SetCompressorTypeToLZ4();
      break;
    case Compression::zlib:
      writer.SetCompressorTypeToZLib();
      break;
  }
  const bool written = writer.Write() == 1 && errors.message().empty();
  if (!written || !ends_whole(file.partial_path()))
    throw write_error(path, written ? ENOSPC : system_error(writer.GetErrorCode()), bytes);
  file.commit();
}

}  // namespace wavesmith
