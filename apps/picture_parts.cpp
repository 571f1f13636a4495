#ifdef WAVESMITH_HAS_VTK
#include "apps/picture_parts.hpp"

#include <algorithm>
#include <cmath>

#include "core/units.hpp"

namespace wavesmith {

Picture picture_over(const Plane& plane, std::vector<float> values, const std::string& title) {
  Picture picture;
  picture.values = std::move(values);
  picture.nx = plane.nx;
  picture.ny = plane.ny;
  picture.x = {plane.x(0) - 0.5 * plane.dx, plane.x(plane.nx - 1) + 0.5 * plane.dx};
  picture.y = {plane.y(0) - 0.5 * plane.dy, plane.y(plane.ny - 1) + 0.5 * plane.dy};
  picture.title = title;
  return picture;
}

Picture intensity_picture(const PlaneRecord& record, std::size_t wavelength,
                          const std::string& title) {
  const std::vector<double>& intensity = record.intensity[wavelength];
  std::vector<float> values(intensity.size());
  std::transform(intensity.begin(), intensity.end(), values.begin(),
                 [](double value) { return static_cast<float>(value); });
  Picture picture = picture_over(record.plane, std::move(values), title);
  picture.label = "intensity";
  picture.unit = "W/m^2";
  return picture;
}

Picture detector_picture(const PlaneRecord& record, const DiffractiveProblem& problem,
                         std::size_t k) {
  constexpr int wanted = 900;  // points across, so that outlines are thin
  const Plane& plane = record.plane;
  const int fine = std::clamp(wanted / std::max(plane.nx, plane.ny), 1, 16);
  Picture picture = picture_over(
      plane, with_region_outlines(problem.description.detectors[k], record.intensity[k], fine),
      at_wavelength("detector", problem, k));
  picture.nx *= fine;
  picture.ny *= fine;
  picture.label = "intensity";
  picture.unit = "W/m^2";
  return picture;
}

void turn_upright(Picture& picture) {
  std::vector<float> turned;
  turned.reserve(picture.values.size());
  const std::ptrdiff_t width = picture.nx;
  for (int j = picture.ny - 1; j >= 0; --j)
    turned.insert(turned.end(), picture.values.begin() + j * width,
                  picture.values.begin() + (j + 1) * width);
  picture.values = std::move(turned);
  picture.y = {-picture.y[1], -picture.y[0]};
  picture.y_name = "-y";
}

std::string at_wavelength(const std::string& title, const DiffractiveProblem& problem,
                          std::size_t k) {
  const std::vector<double>& all = problem.description.wavelengths;
  return all.size() == 1 ? title : title + ", " + format_quantity(all[k], Dimension::length);
}

std::vector<float> with_region_outlines(const Detector& detector, std::span<const double> intensity,
                                        int fine) {
  const int nx = detector.plane.nx, ny = detector.plane.ny, width = nx * fine;
  std::vector<float> values(static_cast<std::size_t>(width) * static_cast<std::size_t>(ny * fine));
  const auto at = [&](int i, int j) -> float& {
    return values[static_cast<std::size_t>(j) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(i)];
  };
  for (int j = 0; j < ny * fine; ++j)
    for (int i = 0; i < width; ++i)
      at(i, j) = static_cast<float>(
          intensity[static_cast<std::size_t>(j / fine) * static_cast<std::size_t>(nx) +
                    static_cast<std::size_t>(i / fine)]);
  // The pixels of a camera are no regions to point out.
  if (detector.reading_count > 64) return values;

  const int line = std::max(1, fine / 3);
  std::vector<char> inside(intensity.size());
  for (int reading = 0; reading < detector.reading_count; ++reading) {
    std::fill(inside.begin(), inside.end(), char{0});
    for (const DetectorEntry& entry : detector.entries)
      if (entry.reading == reading) inside[entry.sample] = 1;
    const auto is_inside = [&](int i, int j) {
      return i >= 0 && j >= 0 && i < nx && j < ny &&
             inside[static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) +
                    static_cast<std::size_t>(i)] != 0;
    };
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        if (!is_inside(i, j)) continue;
        const bool left = !is_inside(i - 1, j), right = !is_inside(i + 1, j);
        const bool below = !is_inside(i, j - 1), above = !is_inside(i, j + 1);
        for (int b = 0; b < fine; ++b)
          for (int a = 0; a < fine; ++a)
            if ((left && a < line) || (right && a >= fine - line) || (below && b < line) ||
                (above && b >= fine - line))
              at(i * fine + a, j * fine + b) = std::nanf("");
      }
  }
  return values;
}

}  // namespace wavesmith
#endif
