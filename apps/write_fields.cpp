// fields/: what ParaView opens.
#ifdef WAVESMITH_HAS_VTK
#include <algorithm>
#include <cmath>

#include "apps/outputs.hpp"
#include "viz/field_files.hpp"

namespace wavesmith {
namespace {

Frame frame_over(const Plane& plane, double z, const std::string& name, const std::string& title) {
  Frame frame;
  frame.name = name;
  frame.title = title;
  frame.points = {plane.nx, plane.ny, 1};
  frame.origin = {plane.x(0), plane.y(0), z};
  frame.spacing = {plane.dx, plane.dy, 1.0};
  frame.time = z;
  return frame;
}

// The light of every wavelength on a plane.
Frame frame_of(const PlaneRecord& record, const DiffractiveProblem& problem) {
  Frame frame = frame_over(record.plane, record.z, record.name, record.title);
  for (std::size_t k = 0; k < record.field.size(); ++k) {
    add_complex(frame, array_name("field", problem, k), "sqrt(W)/m", record.field[k]);
    if (problem.description.modes > 1)
      add_real(frame, array_name("all_modes_intensity", problem, k), "W/m^2", record.intensity[k]);
  }
  // sqrt(W)/m squared.
  for (FrameArray& array : frame.arrays)
    if (array.name.ends_with("_intensity")) array.unit = "W/m^2";
  return frame;
}

void write_planes(const std::vector<PlaneRecord>& planes, const DiffractiveProblem& problem,
                  OutputFolder& folder) {
  std::vector<Frame> frames;
  for (const PlaneRecord& record : planes) frames.push_back(frame_of(record, problem));
  const std::filesystem::path whole =
      folder.add("fields/stack.vtm", "complex fields on every plane, for ParaView");
  std::vector<SeriesEntry> series;
  const auto pieces = write_vtm(frames, whole, Compression::lz4);
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    const std::string file = "stack/" + pieces[p].filename().string();
    folder.add("fields/" + file, "complex field, " + planes[p].title);
    series.push_back({planes[p].z, file});
  }
  write_pvd(series, folder.add("fields/stack.pvd", "the same planes as a series over z"));
}

}  // namespace

void write_fields(const std::vector<PlaneRecord>& planes, const std::vector<LayerRecord>& layers,
                  const Frame& side, const DiffractiveProblem& problem, OutputFolder& folder) {
  write_planes(planes, problem, folder);
  for (const LayerRecord& layer : layers) {
    Frame frame = frame_over(layer.plane, layer.z, layer.name, layer.title);
    for (std::size_t k = 0; k < layer.transmission.size(); ++k) {
      std::vector<double> amplitude, phase;
      for (const Complex& t : layer.transmission[k]) {
        amplitude.push_back(std::abs(t));
        phase.push_back(t == 0.0 ? 0.0 : std::arg(t));
      }
      add_real(frame, array_name("amplitude", problem, k), "1", amplitude);
      add_real(frame, array_name("phase", problem, k), "rad", phase);
    }
    write_vti(frame, folder.add("fields/" + layer.name + ".vti", "transmission of " + layer.title),
              Compression::lz4);
  }
  if (!side.arrays.empty())
    write_vti(side, folder.add("fields/side.vti", "intensity over x and z at y = 0"),
              Compression::lz4);
}

void write_view_field(const PlaneRecord& view, const DiffractiveProblem& problem,
                      OutputFolder& folder) {
  write_vti(frame_of(view, problem),
            folder.add("fields/" + view.name + ".vti", "complex field, " + view.title),
            Compression::lz4);
}

}  // namespace wavesmith
#endif
