#include <vtkDataArray.h>
#include <vtkDoubleArray.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkRectilinearGrid.h>
#include <vtkXMLImageDataWriter.h>
#include <vtkXMLRectilinearGridWriter.h>

#include <cmath>
#include <limits>
#include <set>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "viz/field_files.hpp"
#include "viz/html.hpp"
#include "viz/vtk_support.hpp"

namespace wavesmith {
namespace {

void validate_axis(const Frame& frame, std::size_t axis, const std::string& where) {
  const std::vector<double>& points = frame.coordinates[axis];
  if (points.empty()) {
    WAVESMITH_VALIDATE(std::isfinite(frame.origin[axis]) && std::isfinite(frame.spacing[axis]) &&
                           frame.spacing[axis] > 0.0,
                       where + ": origin and spacing must be finite and the spacing above 0");
    return;
  }
  const auto name = std::string(1, static_cast<char>('x' + axis));
  WAVESMITH_VALIDATE(points.size() == static_cast<std::size_t>(frame.points[axis]),
                     where + ": " + std::to_string(points.size()) + " coordinates along " + name +
                         " for " + std::to_string(frame.points[axis]) + " points");
  for (std::size_t i = 0; i < points.size(); ++i)
    WAVESMITH_VALIDATE(std::isfinite(points[i]) && (i == 0 || points[i] > points[i - 1]),
                       where + ": coordinate " + std::to_string(i) + " along " + name +
                           " is not finite or not above the one before");
}

// The bytes of all values.
std::size_t validate(const Frame& frame, const std::string& where) {
  std::size_t size = 1;
  for (int n : frame.points) {
    WAVESMITH_VALIDATE(n >= 1, where + ": a frame needs at least one point along each axis");
    WAVESMITH_VALIDATE(size <= std::numeric_limits<std::ptrdiff_t>::max() / sizeof(float) / 3 /
                                   static_cast<std::size_t>(n),
                       where + ": the frame has more points than memory can address");
    size *= static_cast<std::size_t>(n);
  }
  for (std::size_t axis = 0; axis < 3; ++axis) validate_axis(frame, axis, where);
  WAVESMITH_VALIDATE(std::isfinite(frame.time), where + ": the frame's time is not finite");
  std::set<std::string> names;
  std::size_t values = 0;
  for (const FrameArray& array : frame.arrays) {
    WAVESMITH_VALIDATE(array.components == 1 || array.components == 3,
                       where + ": array \"" + array.name + "\" has " +
                           std::to_string(array.components) +
                           " components; 1 is a scalar and 3 a vector");
    const std::size_t needed = size * static_cast<std::size_t>(array.components);
    WAVESMITH_VALIDATE(array.values.size() == needed,
                       where + ": array \"" + array.name + "\" has " +
                           std::to_string(array.values.size()) + " values where its points need " +
                           std::to_string(needed));
    WAVESMITH_VALIDATE(
        !array.name.empty() && names.insert(array.name).second,
        where + ": array names must be there and differ; \"" + array.name + "\" does not");
    values += needed;
  }
  return values * sizeof(float);
}

// Shares the frame's values with VTK: the data must not outlive the frame.
void add_arrays(const Frame& frame, vtkDataSet& data) {
  std::string units;
  const char *first_scalar = nullptr, *first_vector = nullptr;
  for (const FrameArray& array : frame.arrays) {
    vtkNew<vtkFloatArray> values;
    values->SetName(array.name.c_str());
    values->SetNumberOfComponents(array.components);
    constexpr int keep = 1;  // VTK frees nothing, and as the writer's input it changes nothing
    values->SetArray(const_cast<float*>(array.values.data()),
                     static_cast<vtkIdType>(array.values.size()), keep);
    values->GetInformation()->Set(vtkDataArray::UNITS_LABEL(), array.unit);
    data.GetPointData()->AddArray(values);
    units += array.name + " = " + array.unit + "\n";
    const char*& first = array.components == 1 ? first_scalar : first_vector;
    if (first == nullptr) first = array.name.c_str();
  }
  // What viewers show first: the scalar as colours, the vector as arrows.
  if (first_scalar != nullptr) data.GetPointData()->SetActiveScalars(first_scalar);
  if (first_vector != nullptr) data.GetPointData()->SetActiveVectors(first_vector);

  vtkFieldData* fields = data.GetFieldData();
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
}

vtkSmartPointer<vtkDoubleArray> coordinates_of(const Frame& frame, std::size_t axis) {
  auto coordinates = vtkSmartPointer<vtkDoubleArray>::New();
  coordinates->SetName(std::string(1, static_cast<char>('x' + axis)).c_str());
  for (int i = 0; i < frame.points[axis]; ++i)
    coordinates->InsertNextValue(frame.coordinate(axis, i));
  return coordinates;
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

}  // namespace

void write_vti(const Frame& frame, const std::filesystem::path& path, Compression compression) {
  const std::size_t bytes = validate(frame, path.string());
  WAVESMITH_VALIDATE(!frame.is_graded(), path.string() +
                                             ": image data has evenly spaced points and the frame "
                                             "is graded; write it as .vtr");
  vtkNew<vtkImageData> image;
  image->SetDimensions(frame.points[0], frame.points[1], frame.points[2]);
  image->SetOrigin(frame.origin[0], frame.origin[1], frame.origin[2]);
  image->SetSpacing(frame.spacing[0], frame.spacing[1], frame.spacing[2]);
  add_arrays(frame, *image);
  vtkNew<vtkXMLImageDataWriter> writer;
  writer->SetInputData(image);
  write_whole(*writer, path, compression, bytes);
}

void write_vtr(const Frame& frame, const std::filesystem::path& path, Compression compression) {
  const std::size_t bytes = validate(frame, path.string());
  vtkNew<vtkRectilinearGrid> grid;
  grid->SetDimensions(frame.points[0], frame.points[1], frame.points[2]);
  grid->SetXCoordinates(coordinates_of(frame, 0));
  grid->SetYCoordinates(coordinates_of(frame, 1));
  grid->SetZCoordinates(coordinates_of(frame, 2));
  add_arrays(frame, *grid);
  vtkNew<vtkXMLRectilinearGridWriter> writer;
  writer->SetInputData(grid);
  write_whole(*writer, path, compression, bytes);
}

std::filesystem::path write_frame(const Frame& frame, const std::filesystem::path& stem,
                                  Compression compression) {
  std::filesystem::path path = stem;
  path += frame.is_graded() ? ".vtr" : ".vti";
  if (frame.is_graded())
    write_vtr(frame, path, compression);
  else
    write_vti(frame, path, compression);
  return path;
}

std::vector<std::filesystem::path> write_vtm(const std::vector<Frame>& frames,
                                             const std::filesystem::path& path,
                                             Compression compression) {
  WAVESMITH_VALIDATE(!frames.empty(), path.string() + ": there are no frames to write");
  std::string xml =
      "<?xml version=\"1.0\"?>\n"
      "<VTKFile type=\"vtkMultiBlockDataSet\" version=\"1.0\" byte_order=\"LittleEndian\">\n"
      "  <vtkMultiBlockDataSet>\n";
  const std::filesystem::path folder = path.parent_path() / path.stem();
  make_folder(folder);
  std::vector<std::filesystem::path> pieces;
  std::set<std::string> stems;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::string stem = safe_stem(frames[i].name, i);
    if (!stems.insert(stem).second) {
      stem += "_" + std::to_string(i);
      stems.insert(stem);
    }
    pieces.push_back(write_frame(frames[i], folder / stem, compression));
    const std::filesystem::path relative = path.stem() / pieces.back().filename();
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
    xml += "    <DataSet timestep=\"" + exact_text(entry.value) +
           "\" group=\"\" part=\"0\" file=\"" + escape_html(entry.file) + "\"/>\n";
  }
  xml += "  </Collection>\n</VTKFile>\n";
  write_file(path, xml);
}

FrameSeries::FrameSeries(std::filesystem::path pvd, Compression compression)
    : path_(std::move(pvd)), compression_(compression) {
  make_folder(path_.parent_path() / path_.stem());
}

std::filesystem::path FrameSeries::add(const Frame& frame) {
  WAVESMITH_VALIDATE(entries_.empty() || frame.time > entries_.back().value,
                     path_.string() + ": the frame at time " + exact_text(frame.time) +
                         " does not come after the one at " + exact_text(entries_.back().value));
  std::string number = std::to_string(entries_.size());
  number.insert(0, 4 - std::min<std::size_t>(4, number.size()), '0');
  const std::filesystem::path piece =
      write_frame(frame, path_.parent_path() / path_.stem() / number, compression_);
  entries_.push_back({frame.time, (path_.stem() / piece.filename()).generic_string()});
  return piece;
}

}  // namespace wavesmith
