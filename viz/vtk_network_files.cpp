#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkDoubleArray.h>
#include <vtkFloatArray.h>
#include <vtkInformation.h>
#include <vtkIntArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkXMLPolyDataWriter.h>

#include <algorithm>
#include <array>
#include <limits>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "viz/network_files.hpp"
#include "viz/vtk_support.hpp"

namespace wavesmith {
namespace {

// The array's values behind `skipped` tuples of NaN.
vtkSmartPointer<vtkFloatArray> vtk_array(const FrameArray& array, std::size_t skipped) {
  auto values = vtkSmartPointer<vtkFloatArray>::New();
  values->SetName(array.name.c_str());
  values->SetNumberOfComponents(array.components);
  const std::size_t gap = skipped * static_cast<std::size_t>(array.components);
  values->SetNumberOfValues(static_cast<vtkIdType>(gap + array.values.size()));
  for (std::size_t i = 0; i < gap; ++i)
    values->SetValue(static_cast<vtkIdType>(i), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t i = 0; i < array.values.size(); ++i)
    values->SetValue(static_cast<vtkIdType>(gap + i), array.values[i]);
  values->GetInformation()->Set(vtkDataArray::UNITS_LABEL(), array.unit);
  return values;
}

// What viewers show first: the scalar as colours, the vector as arrows.
void add_arrays(const std::vector<FrameArray>& arrays, std::size_t skipped,
                vtkDataSetAttributes& data, std::string& units) {
  const char *first_scalar = nullptr, *first_vector = nullptr;
  for (const FrameArray& array : arrays) {
    data.AddArray(vtk_array(array, skipped));
    units += array.name + " = " + array.unit + "\n";
    const char*& first = array.components == 1 ? first_scalar : first_vector;
    if (first == nullptr) first = array.name.c_str();
  }
  if (first_scalar != nullptr) data.SetActiveScalars(first_scalar);
  if (first_vector != nullptr) data.SetActiveVectors(first_vector);
}

vtkSmartPointer<vtkPolyData> poly_data(const NetworkFigure& figure) {
  auto data = vtkSmartPointer<vtkPolyData>::New();
  vtkNew<vtkPoints> points;
  points->SetDataTypeToDouble();
  vtkNew<vtkCellArray> vertices, lines;
  vtkNew<vtkIntArray> part, number;
  part->SetName("part");
  number->SetName("number");
  for (std::size_t n = 0; n < figure.nodes.size(); ++n) {
    points->InsertNextPoint(figure.nodes[n].data());
    const auto id = static_cast<vtkIdType>(n);
    vertices->InsertNextCell(1, &id);
    part->InsertNextValue(0);
    number->InsertNextValue(static_cast<int>(n + 1));
  }
  for (std::size_t b = 0; b < figure.bonds.size(); ++b) {
    const std::array<vtkIdType, 2> ends{figure.bonds[b][0], figure.bonds[b][1]};
    lines->InsertNextCell(2, ends.data());
    part->InsertNextValue(1);
    number->InsertNextValue(static_cast<int>(b + 1));
  }
  data->SetPoints(points);
  data->SetVerts(vertices);
  data->SetLines(lines);
  std::string units = "places = " + figure.length_unit + "\n";
  add_arrays(figure.node_arrays, 0, *data->GetPointData(), units);
  add_arrays(figure.bond_arrays, figure.nodes.size(), *data->GetCellData(), units);
  data->GetCellData()->AddArray(part);
  data->GetCellData()->AddArray(number);
  vtkFieldData* fields = data->GetFieldData();
  vtkNew<vtkDoubleArray> time;
  time->SetName("TimeValue");
  time->InsertNextValue(figure.time);
  fields->AddArray(time);
  add_text(fields, "name", figure.name);
  add_text(fields, "title", figure.title);
  add_text(fields, "units", units);
  return data;
}

}  // namespace

void write_network_vtp(const NetworkFigure& figure, const std::filesystem::path& path,
                       Compression compression) {
  validate(figure, path.string());
  for (const FrameArray& array : figure.bond_arrays)
    WAVESMITH_VALIDATE(array.name != "part" && array.name != "number",
                       path.string() + ": \"" + array.name +
                           "\" is the name of an array that every network has; choose another");
  vtkNew<vtkXMLPolyDataWriter> writer;
  writer->SetInputData(poly_data(figure));
  std::size_t bytes = 56 * figure.nodes.size() + 48 * figure.bonds.size();
  for (const FrameArray& array : figure.node_arrays) bytes += sizeof(float) * array.values.size();
  for (const FrameArray& array : figure.bond_arrays)
    bytes += sizeof(float) * (array.values.size() +
                              figure.nodes.size() * static_cast<std::size_t>(array.components));
  write_whole(*writer, path, compression, bytes);
}

void write_network_series(const std::vector<NetworkFigure>& figures,
                          const std::filesystem::path& pvd, Compression compression) {
  const std::filesystem::path folder = pvd.parent_path() / pvd.stem();
  make_folder(folder);
  std::vector<SeriesEntry> entries;
  for (const NetworkFigure& figure : figures) {
    WAVESMITH_VALIDATE(entries.empty() || figure.time > entries.back().value,
                       pvd.string() + ": the network at time " + exact_text(figure.time) +
                           " does not come after the one before it");
    std::string stem = std::to_string(entries.size());
    stem.insert(0, 4 - std::min<std::size_t>(4, stem.size()), '0');
    write_network_vtp(figure, folder / (stem + ".vtp"), compression);
    entries.push_back({figure.time, (pvd.stem() / (stem + ".vtp")).generic_string()});
  }
  write_pvd(entries, pvd);
}

}  // namespace wavesmith
