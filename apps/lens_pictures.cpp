#include "apps/lens_pictures.hpp"

#ifdef WAVESMITH_HAS_VTK
#include <algorithm>
#include <cmath>
#include <limits>

#include "viz/chart.hpp"
#include "viz/pictures.hpp"

namespace wavesmith {

void write_focus_pictures(const std::vector<std::pair<std::string, Focus>>& designs,
                          OutputFolder& folder) {
  const Focus& ideal = designs.front().second;
  Chart chart;
  chart.title = "focal line";
  chart.x_label = "x (um)";
  chart.y_label = "intensity over that on the lens";
  std::vector<Picture> planes;
  double highest = 0.0;
  for (const auto& [name, focus] : designs) {
    Curve curve;
    curve.name = name;
    for (std::size_t i = 0; i < focus.x.size(); ++i) {
      if (std::abs(focus.x[i]) > 4.0 * ideal.width) continue;
      curve.x.push_back(1e6 * focus.x[i]);
      curve.y.push_back(focus.intensity[i]);
    }
    chart.curves.push_back(std::move(curve));
    if (focus.side == 0) continue;
    Picture plane;
    plane.values.assign(focus.plane.begin(), focus.plane.end());
    plane.nx = plane.ny = static_cast<int>(focus.side);
    const double half = 0.5 * static_cast<double>(focus.side) * focus.step;
    plane.x = plane.y = {-half, half};
    plane.title = name;
    plane.label = "intensity";
    plane.scale = ColourScale::logarithmic;
    planes.push_back(std::move(plane));
    highest = std::max(highest, *std::max_element(focus.plane.begin(), focus.plane.end()));
  }
  write_curves_png(chart, folder.add("images/focal_line.png", "intensities of the focal line"));
  if (planes.empty()) return;
  for (Picture& plane : planes) plane.range = {{1e-4 * highest, highest}};
  write_panels_png(planes, "focal plane, intensity over that on the lens",
                   folder.add("images/focal_plane.png", "intensities of the focal plane"));
}

void write_size_pictures(const CsvTable& list, double pitch, OutputFolder& folder) {
  const std::vector<double> x = list.column("x_m"), y = list.column("y_m"),
                            designed = list.column("designed_m");
  double half = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i)
    half = std::max({half, std::abs(x[i]) + 0.5 * pitch, std::abs(y[i]) + 0.5 * pitch});
  const auto side = static_cast<std::size_t>(std::lround(2.0 * half / pitch));
  std::vector<Picture> pictures(3);
  const std::array<const char*, 3> titles = {"as designed with the table", "after the steps",
                                             "change"};
  for (std::size_t p = 0; p < 3; ++p) {
    Picture& picture = pictures[p];
    picture.nx = picture.ny = static_cast<int>(side);
    picture.x = picture.y = {-half, half};
    picture.title = titles[p];
    picture.label = p < 2 ? "size" : "change of size";
    picture.unit = "nm";
    picture.map = p < 2 ? ColourMap::intensity : ColourMap::diverging;
    picture.values.assign(side * side, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto at = [&](double place) {
        return static_cast<std::size_t>(std::lround((place + half) / pitch - 0.5));
      };
      const double now = list.rows[i].back();
      const std::array<double, 3> values = {designed[i], now, now - designed[i]};
      picture.values[at(y[i]) * side + at(x[i])] = static_cast<float>(1e9 * values[p]);
    }
  }
  const auto first = colour_range(pictures[0]), second = colour_range(pictures[1]);
  for (std::size_t p = 0; p < 2; ++p)
    pictures[p].range = {{std::min(first[0], second[0]), std::max(first[1], second[1])}};
  write_panels_png(pictures, "sizes of the cells",
                   folder.add("images/sizes.png", "sizes of the cells before and after"), 3);
}

}  // namespace wavesmith
#else
namespace wavesmith {

void write_focus_pictures(const std::vector<std::pair<std::string, Focus>>&, OutputFolder&) {}
void write_size_pictures(const CsvTable&, double, OutputFolder&) {}

}  // namespace wavesmith
#endif
