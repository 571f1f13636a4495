#ifdef WAVESMITH_HAS_VTK
#include "apps/wave_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/wave_map.hpp"

namespace wavesmith {

Picture outlined(const WaveProblem& problem, const Frame& frame, Picture picture) {
  constexpr int wanted = 900;  // points across
  const std::size_t flat = frame.points[2] == 1 || problem.dimensions == 3
                               ? (frame.points[0] == 1   ? 0u
                                  : frame.points[1] == 1 ? 1u
                                                         : 2u)
                               : 2u;
  const std::size_t across = flat == 0 ? 1 : 0, up = flat == 2 ? 1 : 2;
  if (picture.nx < 2 || picture.ny < 2 || problem.dimensions < 2) return picture;
  picture.range = colour_range(picture);
  const int fine = std::clamp(wanted / std::max(picture.nx, picture.ny), 1, 8);
  const int nx = picture.nx * fine, ny = picture.ny * fine;
  Vec3 p{};
  p[flat] = frame.coordinate(flat, frame.points[flat] / 2);
  if (problem.dimensions == 2) p[2] = 0.0;
  std::vector<int> material(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny));
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) {
      p[across] = picture.x[0] + (picture.x[1] - picture.x[0]) * (i + 0.5) / nx;
      p[up] = picture.y[0] + (picture.y[1] - picture.y[0]) * (j + 0.5) / ny;
      material[static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) +
               static_cast<std::size_t>(i)] = problem.geometry.material_at(p);
    }
  std::vector<float> values(material.size());
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) {
      const std::size_t at =
          static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(i);
      const bool edge = (i + 1 < nx && material[at] != material[at + 1]) ||
                        (j + 1 < ny && material[at] != material[at + static_cast<std::size_t>(nx)]);
      values[at] = edge ? std::numeric_limits<float>::quiet_NaN()
                        : picture.values[static_cast<std::size_t>(j / fine) *
                                             static_cast<std::size_t>(picture.nx) +
                                         static_cast<std::size_t>(i / fine)];
    }
  picture.values = std::move(values);
  picture.nx = nx;
  picture.ny = ny;
  return picture;
}

std::vector<Picture> material_pictures(const WaveProblem& problem, double frequency) {
  std::vector<Picture> pictures;
  for (const MapWindow& window : map_windows(problem)) {
    const Frame frame = map_materials(problem, window, frequency);
    for (const FrameArray& array : frame.arrays) {
      if (array.name == "material") continue;
      Picture picture = picture_of(frame, array.name);
      picture.label = array.name;
      picture.unit = array.unit;
      picture.map = ColourMap::intensity;
      picture.range.reset();
      const std::size_t flat = frame.points[2] == 1 ? 2 : frame.points[1] == 1 ? 1 : 0;
      picture.title =
          problem.dimensions < 3 ? array.name : array.name + ", middle plane across " + "xyz"[flat];
      pictures.push_back(std::move(picture));
    }
  }
  return pictures;
}

void write_material_pictures(const WaveProblem& problem, double frequency,
                             const std::filesystem::path& path) {
  const std::vector<Picture> pictures = material_pictures(problem, frequency);
  if (pictures.size() == 1)
    write_png(pictures.front(), path);
  else
    write_panels_png(pictures, "materials", path);
}

}  // namespace wavesmith
#endif
