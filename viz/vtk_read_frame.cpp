#include <vtkDataArray.h>
#include <vtkDoubleArray.h>
#include <vtkExecutive.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkRectilinearGrid.h>
#include <vtkStreamingDemandDrivenPipeline.h>
#include <vtkStringArray.h>
#include <vtkXMLDataParser.h>
#include <vtkXMLImageDataReader.h>
#include <vtkXMLRectilinearGridReader.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "viz/field_files.hpp"
#include "viz/vtk_support.hpp"

namespace wavesmith {
namespace {

std::string find_text(vtkFieldData* fields, const char* name) {
  auto* array = vtkStringArray::SafeDownCast(fields->GetAbstractArray(name));
  return array != nullptr && array->GetNumberOfValues() > 0 ? std::string(array->GetValue(0))
                                                            : std::string();
}

// VTK's own readers allocate what a header asks for: compare that with what the file can hold
// first.
void refuse_absurd_size(vtkXMLDataReader& reader, const std::filesystem::path& path) {
  std::array<int, 6> extent{0, -1, 0, -1, 0, -1};
  vtkInformation* information = reader.GetOutputInformation(0);
  if (information->Has(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT()))
    information->Get(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT(), extent.data());
  double points = 1.0, coordinates = 0.0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double along = std::max(0.0, 1.0 + extent[2 * axis + 1] - extent[2 * axis]);
    points *= along;
    coordinates += along;
  }
  constexpr double best_compression = 1100.0;  // zlib reaches at most 1032
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  const double announced =
      points * sizeof(float) * reader.GetNumberOfPointArrays() + coordinates * sizeof(double);
  WAVESMITH_VALIDATE(announced <= bytes * best_compression + 65536.0,
                     path.string() + ": the header announces " + exact_text(points) +
                         " points, more than a file of " + exact_text(bytes) +
                         " bytes can hold; it is damaged: write it again");
}

void read_facts(vtkFieldData* fields, Frame& frame) {
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
}

FrameArray read_array(vtkDataArray* values, std::size_t points, const std::string& where) {
  const int components = values != nullptr ? values->GetNumberOfComponents() : 0;
  WAVESMITH_VALIDATE(components == 1 || components == 3,
                     where +
                         ": it holds an array of words or of tensors; only scalars and vectors can "
                         "be taken in");
  FrameArray array;
  array.name = values->GetName() != nullptr ? values->GetName() : "";
  array.components = components;
  if (vtkInformation* about = values->GetInformation(); about->Has(vtkDataArray::UNITS_LABEL()))
    array.unit = about->Get(vtkDataArray::UNITS_LABEL());
  array.values.resize(points * static_cast<std::size_t>(components));
  WAVESMITH_VALIDATE(static_cast<std::size_t>(values->GetNumberOfValues()) == array.values.size(),
                     where + ": array \"" + array.name + "\" has not one value for each point");
  if (auto* floats = vtkFloatArray::SafeDownCast(values))
    std::copy_n(floats->GetPointer(0), array.values.size(), array.values.begin());
  else
    for (std::size_t i = 0; i < array.values.size(); ++i)
      array.values[i] = static_cast<float>(values->GetComponent(
          static_cast<vtkIdType>(i) / components, static_cast<int>(i) % components));
  return array;
}

}  // namespace

Frame read_frame(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path))
    throw UnavailableError(path.string() + ": there is no such file");
  VtkErrors errors;
  vtkNew<vtkXMLImageDataReader> image_reader;
  vtkNew<vtkXMLRectilinearGridReader> grid_reader;
  const bool graded = grid_reader->CanReadFile(path.c_str()) == 1;
  vtkXMLDataReader& reader = graded ? static_cast<vtkXMLDataReader&>(*grid_reader)
                                    : static_cast<vtkXMLDataReader&>(*image_reader);
  reader.AddObserver(vtkCommand::ErrorEvent, errors.observer());
  reader.GetExecutive()->AddObserver(vtkCommand::ErrorEvent, errors.observer());
  reader.SetReaderErrorObserver(errors.observer());
  reader.SetParserErrorObserver(errors.observer());
  reader.SetFileName(path.c_str());
  WAVESMITH_VALIDATE(
      graded || reader.CanReadFile(path.c_str()) == 1,
      path.string() + ": it is neither VTK image data (.vti) nor a rectilinear grid (.vtr)");
  reader.UpdateInformation();
  refuse_absurd_size(reader, path);
  reader.Update();
  vtkDataSet* data = reader.GetOutputAsDataSet();
  WAVESMITH_VALIDATE(errors.message().empty() && data != nullptr && data->GetNumberOfPoints() > 0,
                     path.string() +
                         ": it cannot be read as a VTK grid; it is damaged or "
                         "cut short: write it again");

  Frame frame;
  if (auto* image = vtkImageData::SafeDownCast(data)) {
    image->GetDimensions(frame.points.data());
    image->GetOrigin(frame.origin.data());
    image->GetSpacing(frame.spacing.data());
  } else if (auto* grid = vtkRectilinearGrid::SafeDownCast(data)) {
    grid->GetDimensions(frame.points.data());
    const std::array<vtkDataArray*, 3> axes{grid->GetXCoordinates(), grid->GetYCoordinates(),
                                            grid->GetZCoordinates()};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      WAVESMITH_VALIDATE(
          axes[axis] != nullptr && axes[axis]->GetNumberOfTuples() == frame.points[axis],
          path.string() + ": an axis has not one coordinate for each point; write it again");
      for (vtkIdType i = 0; i < axes[axis]->GetNumberOfTuples(); ++i)
        frame.coordinates[axis].push_back(axes[axis]->GetTuple1(i));
    }
  }
  read_facts(data->GetFieldData(), frame);
  for (int n = 0; n < data->GetPointData()->GetNumberOfArrays(); ++n)
    frame.arrays.push_back(
        read_array(data->GetPointData()->GetArray(n), frame.size(), path.string()));
  return frame;
}

}  // namespace wavesmith
