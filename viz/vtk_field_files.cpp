#include <vtkCallbackCommand.h>
#include <vtkDataArray.h>
#include <vtkDoubleArray.h>
#include <vtkErrorCode.h>
#include <vtkExecutive.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkLogger.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkStreamingDemandDrivenPipeline.h>
#include <vtkStringArray.h>
#include <vtkXMLDataParser.h>
#include <vtkXMLImageDataReader.h>
#include <vtkXMLImageDataWriter.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "viz/field_files.hpp"
#include "viz/html.hpp"

namespace wavesmith {
namespace {

constexpr const char* exact_grid = "exact_origin_and_spacing";

void validate(const Frame& frame, const std::string& where) {
  std::size_t size = 1;
  for (int n : frame.points) {
    WAVESMITH_VALIDATE(n >= 1, where + ": a frame needs at least one point along each axis");
    WAVESMITH_VALIDATE(size <= std::numeric_limits<std::ptrdiff_t>::max() / sizeof(float) /
                                   static_cast<std::size_t>(n),
                       where + ": the frame has more points than memory can address");
    size *= static_cast<std::size_t>(n);
  }
  for (std::size_t axis = 0; axis < 3; ++axis)
    WAVESMITH_VALIDATE(std::isfinite(frame.origin[axis]) && std::isfinite(frame.spacing[axis]) &&
                           frame.spacing[axis] > 0.0,
                       where + ": origin and spacing must be finite and the spacing above 0");
  WAVESMITH_VALIDATE(std::isfinite(frame.time), where + ": the frame's time is not finite");
  std::set<std::string> names;
  for (const FrameArray& array : frame.arrays) {
    WAVESMITH_VALIDATE(array.values.size() == size, where + ": array \"" + array.name + "\" has " +
                                                        std::to_string(array.values.size()) +
                                                        " values for " + std::to_string(size) +
                                                        " points");
    WAVESMITH_VALIDATE(
        !array.name.empty() && names.insert(array.name).second,
        where + ": array names must be there and differ; \"" + array.name + "\" does not");
  }
}

void add_text(vtkFieldData* fields, const char* name, const std::string& text) {
  vtkNew<vtkStringArray> array;
  array->SetName(name);
  array->InsertNextValue(text);
  fields->AddArray(array);
}

std::string find_text(vtkFieldData* fields, const char* name) {
  auto* array = vtkStringArray::SafeDownCast(fields->GetAbstractArray(name));
  return array != nullptr && array->GetNumberOfValues() > 0 ? std::string(array->GetValue(0))
                                                            : std::string();
}

// Shares the frame's values with VTK: the image must not outlive the frame.
vtkSmartPointer<vtkImageData> image_over(const Frame& frame) {
  auto image = vtkSmartPointer<vtkImageData>::New();
  image->SetDimensions(frame.points[0], frame.points[1], frame.points[2]);
  image->SetOrigin(frame.origin[0], frame.origin[1], frame.origin[2]);
  image->SetSpacing(frame.spacing[0], frame.spacing[1], frame.spacing[2]);
  std::string units;
  for (const FrameArray& array : frame.arrays) {
    vtkNew<vtkFloatArray> values;
    values->SetName(array.name.c_str());
    constexpr int keep = 1;  // VTK frees nothing, and as the writer's input it changes nothing
    values->SetArray(const_cast<float*>(array.values.data()),
                     static_cast<vtkIdType>(array.values.size()), keep);
    values->GetInformation()->Set(vtkDataArray::UNITS_LABEL(), array.unit);
    image->GetPointData()->AddArray(values);
    units += array.name + " = " + array.unit + "\n";
  }
  if (!frame.arrays.empty())
    image->GetPointData()->SetActiveScalars(frame.arrays.front().name.c_str());

  vtkFieldData* fields = image->GetFieldData();
  vtkNew<vtkDoubleArray> time;
  time->SetName("TimeValue");
  time->InsertNextValue(frame.time);
  fields->AddArray(time);
  // The header of the file keeps fewer digits than a double has.
  vtkNew<vtkDoubleArray> grid;
  grid->SetName(exact_grid);
  for (double value : frame.origin) grid->InsertNextValue(value);
  for (double value : frame.spacing) grid->InsertNextValue(value);
  fields->AddArray(grid);
  add_text(fields, "name", frame.name);
  add_text(fields, "title", frame.title);
  add_text(fields, "units", units);
  return image;
}

// Shortest text that reads back as the same number, whatever the locale.
std::string exact(double value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string safe_stem(const std::string& name, std::size_t index) {
  std::string stem;
  for (char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    stem += plain ? c : '_';
  }
  return stem.empty() ? "block_" + std::to_string(index) : stem;
}

// What VTK finds wrong is told by our own errors, not on the terminal as well.
void keep_vtk_quiet() {
  vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_OFF);
}

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

// VTK's own readers allocate what a header asks for: compare that with what the file can hold
// first.
void refuse_absurd_size(const std::array<int, 6>& extent, int arrays,
                        const std::filesystem::path& path) {
  double points = 1.0;
  for (std::size_t axis = 0; axis < 3; ++axis)
    points *= std::max(0.0, 1.0 + extent[2 * axis + 1] - extent[2 * axis]);
  constexpr double best_compression = 300.0;  // LZ4 reaches at most 255
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  WAVESMITH_VALIDATE(points * sizeof(float) * arrays <= bytes * best_compression + 65536.0,
                     path.string() + ": the header announces " + exact(points) +
                         " points, more than a file of " + exact(bytes) +
                         " bytes can hold; it is damaged: write it again");
}

}  // namespace

void write_vti(const Frame& frame, const std::filesystem::path& path) {
  validate(frame, path.string());
  const vtkSmartPointer<vtkImageData> image = image_over(frame);
  AtomicFile file(path, frame.arrays.size() * frame.size() * sizeof(float));
  keep_vtk_quiet();
  vtkNew<vtkCallbackCommand> on_error;
  std::string message;
  on_error->SetCallback(collect_error);
  on_error->SetClientData(&message);
  vtkNew<vtkXMLImageDataWriter> writer;
  writer->AddObserver(vtkCommand::ErrorEvent, on_error);
  writer->SetInputData(image);
  writer->SetFileName(file.partial_path().c_str());
  writer->SetDataModeToAppended();
  writer->EncodeAppendedDataOff();
  writer->SetHeaderTypeToUInt64();
  writer->SetCompressorTypeToLZ4();
  writer->SetBlockSize(256 * 1024);
  const bool written = writer->Write() == 1 && message.empty();
  if (!written || !ends_whole(file.partial_path()))
    throw write_error(path, written ? ENOSPC : system_error(writer->GetErrorCode()),
                      frame.arrays.size() * frame.size() * sizeof(float));
  file.commit();
}

std::vector<std::filesystem::path> write_vtm(const std::vector<Frame>& frames,
                                             const std::filesystem::path& path) {
  WAVESMITH_VALIDATE(!frames.empty(), path.string() + ": there are no frames to write");
  std::string xml =
      "<?xml version=\"1.0\"?>\n"
      "<VTKFile type=\"vtkMultiBlockDataSet\" version=\"1.0\" byte_order=\"LittleEndian\">\n"
      "  <vtkMultiBlockDataSet>\n";
  make_folder(path.parent_path() / path.stem());
  std::vector<std::filesystem::path> pieces;
  std::set<std::string> stems;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::string stem = safe_stem(frames[i].name, i);
    if (!stems.insert(stem).second) {
      stem += "_" + std::to_string(i);
      stems.insert(stem);
    }
    const std::filesystem::path relative = path.stem() / (stem + ".vti");
    pieces.push_back(path.parent_path() / relative);
    write_vti(frames[i], pieces.back());
    const std::string& title = frames[i].title.empty() ? frames[i].name : frames[i].title;
    xml += "    <DataSet index=\"" + std::to_string(i) + "\" name=\"" + escape_html(title) +
           "\" file=\"" + escape_html(relative.generic_string()) + "\"/>\n";
  }
  xml += "  </vtkMultiBlockDataSet>\n</VTKFile>\n";
  // The pieces first: whoever finds the .vtm finds all of them.
  write_file(path, xml);
  return pieces;
}

void write_pvd(const std::vector<SeriesEntry>& series, const std::filesystem::path& path) {
  std::string xml =
      "<?xml version=\"1.0\"?>\n"
      "<VTKFile type=\"Collection\" version=\"1.0\" byte_order=\"LittleEndian\">\n"
      "  <Collection>\n";
  for (const SeriesEntry& entry : series) {
    WAVESMITH_VALIDATE(std::isfinite(entry.value),
                       path.string() + ": the value of " + entry.file + " is not finite");
    xml += "    <DataSet timestep=\"" + exact(entry.value) + "\" group=\"\" part=\"0\" file=\"" +
           escape_html(entry.file) + "\"/>\n";
  }
  xml += "  </Collection>\n</VTKFile>\n";
  write_file(path, xml);
}

Frame read_vti(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path))
    throw UnavailableError(path.string() + ": there is no such file");
  keep_vtk_quiet();
  std::string message;
  vtkNew<vtkCallbackCommand> on_error;
  on_error->SetCallback(collect_error);
  on_error->SetClientData(&message);
  vtkNew<vtkXMLImageDataReader> reader;
  reader->AddObserver(vtkCommand::ErrorEvent, on_error);
  reader->GetExecutive()->AddObserver(vtkCommand::ErrorEvent, on_error);
  reader->SetReaderErrorObserver(on_error);
  reader->SetParserErrorObserver(on_error);
  reader->SetFileName(path.c_str());
  WAVESMITH_VALIDATE(reader->CanReadFile(path.c_str()) == 1,
                     path.string() + ": it is not VTK image data (.vti)");
  reader->UpdateInformation();
  std::array<int, 6> extent{0, -1, 0, -1, 0, -1};
  vtkInformation* information = reader->GetOutputInformation(0);
  if (information->Has(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT()))
    information->Get(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT(), extent.data());
  refuse_absurd_size(extent, reader->GetNumberOfPointArrays(), path);
  reader->Update();
  vtkImageData* image = reader->GetOutput();
  WAVESMITH_VALIDATE(message.empty() && image->GetNumberOfPoints() > 0,
                     path.string() +
                         ": it cannot be read as VTK image data; it is damaged or "
                         "cut short: write it again");

  Frame frame;
  image->GetDimensions(frame.points.data());
  image->GetOrigin(frame.origin.data());
  image->GetSpacing(frame.spacing.data());
  vtkFieldData* fields = image->GetFieldData();
  if (vtkDataArray* time = fields->GetArray("TimeValue"); time && time->GetNumberOfValues() > 0)
    frame.time = time->GetTuple1(0);
  if (auto* grid = vtkDoubleArray::SafeDownCast(fields->GetArray(exact_grid));
      grid && grid->GetNumberOfValues() == 6)
    for (vtkIdType axis = 0; axis < 3; ++axis) {
      frame.origin[static_cast<std::size_t>(axis)] = grid->GetValue(axis);
      frame.spacing[static_cast<std::size_t>(axis)] = grid->GetValue(axis + 3);
    }
  frame.name = find_text(fields, "name");
  frame.title = find_text(fields, "title");
  for (int n = 0; n < image->GetPointData()->GetNumberOfArrays(); ++n) {
    vtkDataArray* values = image->GetPointData()->GetArray(n);
    WAVESMITH_VALIDATE(values != nullptr && values->GetNumberOfComponents() == 1,
                       path.string() +
                           ": it holds an array of vectors or words; only scalars "
                           "can be taken in");
    FrameArray array;
    array.name = values->GetName() != nullptr ? values->GetName() : "";
    if (vtkInformation* about = values->GetInformation(); about->Has(vtkDataArray::UNITS_LABEL()))
      array.unit = about->Get(vtkDataArray::UNITS_LABEL());
    array.values.resize(frame.size());
    if (auto* floats = vtkFloatArray::SafeDownCast(values))
      std::copy_n(floats->GetPointer(0), array.values.size(), array.values.begin());
    else
      for (std::size_t i = 0; i < array.values.size(); ++i)
        array.values[i] = static_cast<float>(values->GetTuple1(static_cast<vtkIdType>(i)));
    frame.arrays.push_back(std::move(array));
  }
  return frame;
}

}  // namespace wavesmith
