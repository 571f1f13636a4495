// Pictures of frames: planes of volumes, graded grids made even, moments of a series.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/units.hpp"
#include "viz/pictures.hpp"

namespace wavesmith {
namespace {

constexpr double most_pixels = 4000.0;  // along an axis whose graded points are made even

// Which points of an axis are drawn, from low to high, and between which edges [m].
struct DrawnAxis {
  std::vector<std::size_t> points;
  std::array<double, 2> edges{0.0, 1.0};
};

DrawnAxis drawn_axis(const Frame& frame, std::size_t axis) {
  DrawnAxis drawn;
  const int n = frame.points[axis];
  if (frame.coordinates[axis].empty() || n == 1) {
    const double spacing = frame.spacing[axis];
    const double first = frame.coordinate(axis, 0) - 0.5 * spacing;
    drawn.edges = {first, first + n * spacing};
    for (int i = 0; i < n; ++i) drawn.points.push_back(static_cast<std::size_t>(i));
    return drawn;
  }
  // Graded: each point fills the place half way to its neighbours, in steps of the finest spacing.
  const auto x = [&](int i) { return frame.coordinate(axis, i); };
  drawn.edges = {x(0) - 0.5 * (x(1) - x(0)), x(n - 1) + 0.5 * (x(n - 1) - x(n - 2))};
  double finest = x(1) - x(0);
  for (int i = 1; i + 1 < n; ++i) finest = std::min(finest, x(i + 1) - x(i));
  const double length = drawn.edges[1] - drawn.edges[0];
  const int pixels = static_cast<int>(std::clamp(std::ceil(length / finest), 1.0, most_pixels));
  int i = 0;
  for (int p = 0; p < pixels; ++p) {
    const double at = drawn.edges[0] + (p + 0.5) / pixels * length;
    while (i + 1 < n && 0.5 * (x(i) + x(i + 1)) < at) ++i;
    drawn.points.push_back(static_cast<std::size_t>(i));
  }
  return drawn;
}

float value_at(const FrameArray& array, std::size_t point) {
  if (array.components == 1) return array.values[point];
  const float* v = array.values.data() + 3 * point;
  return std::hypot(v[0], v[1], v[2]);
}

}  // namespace

Picture picture_of(const Frame& frame, const std::string& name) {
  const FrameArray& array = find_array(frame, name);
  for (std::size_t axis = 0; axis < 3; ++axis)
    WAVESMITH_VALIDATE(
        frame.coordinates[axis].empty() ||
            frame.coordinates[axis].size() == static_cast<std::size_t>(frame.points[axis]),
        "frame \"" + frame.name + "\" has not one coordinate for each point");
  // Of a side view along z, the way of the light, z runs to the right.
  static constexpr const char* axis_names[] = {"x", "y", "z"};
  std::size_t across = 0, up = 1;
  if (frame.points[1] == 1 && frame.points[2] > 1) across = 2, up = 0;
  if (frame.points[0] == 1 && frame.points[1] > 1 && frame.points[2] > 1) across = 2, up = 1;

  Picture picture;
  const DrawnAxis columns = drawn_axis(frame, across), rows = drawn_axis(frame, up);
  picture.nx = static_cast<int>(columns.points.size());
  picture.ny = static_cast<int>(rows.points.size());
  picture.x = columns.edges;
  picture.y = rows.edges;
  picture.x_name = axis_names[across];
  picture.y_name = axis_names[up];
  picture.title = frame.title;
  picture.label = array.components == 3 ? "|" + array.name + "|" : array.name;
  picture.unit = array.unit;
  const std::array<std::size_t, 3> stride{
      1, static_cast<std::size_t>(frame.points[0]),
      static_cast<std::size_t>(frame.points[0]) * static_cast<std::size_t>(frame.points[1])};
  const std::size_t first =
      across == 2 ? 0 : stride[2] * (static_cast<std::size_t>(frame.points[2]) / 2);
  picture.values.reserve(columns.points.size() * rows.points.size());
  for (const std::size_t j : rows.points)
    for (const std::size_t i : columns.points)
      picture.values.push_back(value_at(array, first + j * stride[up] + i * stride[across]));

  if (name.ends_with("phase"))
    picture.map = ColourMap::phase;
  else if (std::any_of(picture.values.begin(), picture.values.end(),
                       [](float value) { return value < 0.0f; }))
    picture.map = ColourMap::diverging;
  return picture;
}

std::vector<Picture> film_of(const std::vector<Frame>& frames, const std::string& array,
                             std::size_t most) {
  WAVESMITH_VALIDATE(!frames.empty() && most >= 1,
                     "film of \"" + array + "\": there are no frames to draw");
  const std::size_t count = std::min(most, frames.size());
  std::vector<Picture> pictures;
  bool is_signed = false;
  for (std::size_t n = 0; n < count; ++n) {
    // Evenly chosen, first and last among them.
    const std::size_t chosen =
        count == 1 ? frames.size() - 1 : n * (frames.size() - 1) / (count - 1);
    pictures.push_back(picture_of(frames[chosen], array));
    pictures.back().title = format_quantity(frames[chosen].time, Dimension::time);
    is_signed = is_signed || pictures.back().map == ColourMap::diverging;
  }
  if (pictures.front().map == ColourMap::phase) return pictures;
  // One range of colours for all, so that brightness can be compared.
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (Picture& picture : pictures) {
    if (is_signed) picture.map = ColourMap::diverging;
    const std::array<double, 2> range = colour_range(picture);
    low = std::min(low, range[0]);
    high = std::max(high, range[1]);
  }
  for (Picture& picture : pictures) picture.range = {low, high};
  return pictures;
}

}  // namespace wavesmith
