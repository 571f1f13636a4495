#include <vtkDiscreteFlyingEdges3D.h>
#include <vtkImageData.h>
#include <vtkIntArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkXMLPolyDataWriter.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "core/error.hpp"
#include "viz/surfaces.hpp"
#include "viz/vtk_support.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t most_materials = 1000;

// The material at each point, with a rim of nothing around, so that every solid is closed; its
// coordinates are the frame's indices.
vtkSmartPointer<vtkImageData> labels_of(const Frame& map, const std::string& name,
                                        std::set<int>& materials) {
  const FrameArray& array = find_array(map, name);
  WAVESMITH_VALIDATE(array.components == 1,
                     "map \"" + map.name + "\": array \"" + name + "\" holds vectors");
  auto image = vtkSmartPointer<vtkImageData>::New();
  for (int n : map.points)
    WAVESMITH_VALIDATE(n >= 1 && n <= std::numeric_limits<int>::max() - 2,
                       "map \"" + map.name + "\" needs at least one point along each axis");
  image->SetDimensions(map.points[0] + 2, map.points[1] + 2, map.points[2] + 2);
  image->SetOrigin(-1.0, -1.0, -1.0);
  image->AllocateScalars(VTK_INT, 1);
  auto* labels = static_cast<int*>(image->GetScalarPointer());
  std::size_t from = 0;
  for (int k = -1; k <= map.points[2]; ++k)
    for (int j = -1; j <= map.points[1]; ++j)
      for (int i = -1; i <= map.points[0]; ++i) {
        const bool inside = i >= 0 && i < map.points[0] && j >= 0 && j < map.points[1] && k >= 0 &&
                            k < map.points[2];
        const float value = inside ? array.values[from++] : 0.0f;
        WAVESMITH_VALIDATE(value >= 0.0f && value < 1e7f && value == std::floor(value),
                           "map \"" + map.name + "\": array \"" + name +
                               "\" holds other than whole numbers from 0 on; it is no map of "
                               "materials");
        *labels++ = static_cast<int>(value);
        if (value > 0.0f) materials.insert(static_cast<int>(value));
      }
  return image;
}

// Where the surface at an index (of a point, or half way to the next) lies along an axis [m].
double position(const Frame& map, std::size_t axis, double index) {
  const int last = map.points[axis] - 1;
  if (last == 0 && !map.coordinates[axis].empty()) return map.coordinates[axis][0];
  if (map.coordinates[axis].empty()) return map.origin[axis] + map.spacing[axis] * index;
  const int below = std::clamp(static_cast<int>(std::floor(index)), 0, last - 1);
  const double from = map.coordinate(axis, below), to = map.coordinate(axis, below + 1);
  return from + (to - from) * (index - below);
}

vtkSmartPointer<vtkPolyData> surfaces_of(const Frame& map, vtkImageData* labels,
                                         const std::set<int>& materials) {
  vtkNew<vtkDiscreteFlyingEdges3D> edges;
  edges->SetInputData(labels);
  edges->ComputeNormalsOff();
  edges->ComputeGradientsOff();
  edges->ComputeScalarsOn();
  int n = 0;
  for (int material : materials) edges->SetValue(n++, material);
  edges->Update();
  vtkSmartPointer<vtkPolyData> surface = edges->GetOutput();
  vtkNew<vtkPoints> points;
  points->SetDataTypeToDouble();
  points->SetNumberOfPoints(surface->GetNumberOfPoints());
  for (vtkIdType p = 0; p < surface->GetNumberOfPoints(); ++p) {
    std::array<double, 3> at{};
    surface->GetPoint(p, at.data());
    for (std::size_t axis = 0; axis < 3; ++axis) at[axis] = position(map, axis, at[axis]);
    points->SetPoint(p, at.data());
  }
  surface->SetPoints(points);
  return surface;
}

}  // namespace

Mesh solid_surface(const Frame& map, const std::string& array, int material) {
  std::set<int> materials;
  const auto labels = labels_of(map, array, materials);
  Mesh mesh;
  if (!materials.contains(material)) return mesh;
  const auto surface = surfaces_of(map, labels, {material});
  for (vtkIdType p = 0; p < surface->GetNumberOfPoints(); ++p) {
    std::array<double, 3> at{};
    surface->GetPoint(p, at.data());
    mesh.vertices.push_back({static_cast<float>(1e3 * at[0]), static_cast<float>(1e3 * at[1]),
                             static_cast<float>(1e3 * at[2])});
  }
  vtkCellArray* triangles = surface->GetPolys();
  triangles->InitTraversal();
  vtkIdType count = 0;
  const vtkIdType* corners = nullptr;
  while (triangles->GetNextCell(count, corners) != 0)
    mesh.triangles.push_back({static_cast<std::uint32_t>(corners[0]),
                              static_cast<std::uint32_t>(corners[1]),
                              static_cast<std::uint32_t>(corners[2])});
  return mesh;
}

void write_vtp(const Frame& map, const std::string& array, const std::filesystem::path& path,
               Compression compression) {
  std::set<int> materials;
  const auto labels = labels_of(map, array, materials);
  WAVESMITH_VALIDATE(materials.size() <= most_materials,
                     path.string() + ": " + std::to_string(materials.size()) +
                         " materials are more than the " + std::to_string(most_materials) +
                         " that a surface can tell apart; is \"" + array +
                         "\" a map of materials?");
  const auto surface = surfaces_of(map, labels, materials);
  if (vtkDataArray* scalars = surface->GetPointData()->GetScalars(); scalars != nullptr)
    scalars->SetName("material");
  add_text(surface->GetFieldData(), "name", map.name);
  add_text(surface->GetFieldData(), "title", map.title);
  vtkNew<vtkXMLPolyDataWriter> writer;
  writer->SetInputData(surface);
  const auto triangles = static_cast<std::size_t>(surface->GetNumberOfPolys());
  const auto points = static_cast<std::size_t>(surface->GetNumberOfPoints());
  write_whole(*writer, path, compression, 32 * triangles + 28 * points);
}

}  // namespace wavesmith
