#include <algorithm>
#include <cmath>
#include <optional>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "viz/canvas.hpp"
#include "viz/colour_bar.hpp"
#include "viz/network_pictures.hpp"

namespace wavesmith {
namespace {

using Point = std::array<double, 2>;

constexpr int plot = 640, margin = 40, gap = 12, font = 20, small_font = 14;
constexpr std::size_t most_numbered = 60;  // nodes
constexpr Rgb grey{205, 205, 205}, dark{70, 70, 70};

const FrameArray& array_of(const std::vector<FrameArray>& arrays, const std::string& name,
                           int components, const std::string& where) {
  const auto found = std::find_if(arrays.begin(), arrays.end(),
                                  [&](const FrameArray& array) { return array.name == name; });
  WAVESMITH_VALIDATE(found != arrays.end() && found->components == components,
                     where + ": the network has no array \"" + name + "\" of " +
                         std::to_string(components) + " components");
  return *found;
}

// A picture without pixels: what colour bars know of values.
Picture colours_of(const FrameArray& array, const std::string& of) {
  Picture picture;
  picture.values = array.values;
  picture.label = of + ": " + array.name;
  picture.unit = array.unit;
  const bool is_signed = std::any_of(array.values.begin(), array.values.end(),
                                     [](float value) { return value < 0.0f; });
  if (array.name.ends_with("phase"))
    picture.map = ColourMap::phase;
  else if (is_signed)
    picture.map = ColourMap::diverging;
  return picture;
}

struct Scale {
  Picture picture;
  std::array<double, 2> range;
  Rgb colour(std::size_t i) const {
    return colour_at(picture.map, colour_place(picture, range, picture.values[i]));
  }
};

std::optional<Scale> scale_of(const std::vector<FrameArray>& arrays, const std::string& name,
                              const std::string& of, const std::string& where) {
  if (name.empty()) return std::nullopt;
  Scale scale{colours_of(array_of(arrays, name, 1, where), of), {}};
  scale.range = colour_range(scale.picture);
  return scale;
}

Point seen(const std::array<double, 3>& at) {
  // Cabinet projection: depth at 45 degrees and half its length.
  const double depth = 0.5 * std::sqrt(0.5) * at[2];
  return {at[0] + depth, at[1] + depth};
}

double median_bond(const NetworkFigure& figure) {
  std::vector<double> lengths;
  for (const auto& [i, j] : figure.bonds) {
    const auto &a = figure.nodes[static_cast<std::size_t>(i)],
               &b = figure.nodes[static_cast<std::size_t>(j)];
    lengths.push_back(std::hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]));
  }
  if (lengths.empty()) return 0.0;
  std::nth_element(lengths.begin(),
                   lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2),
                   lengths.end());
  return lengths[lengths.size() / 2];
}

std::vector<Point> moved_places(const NetworkFigure& figure, const NetworkPictureOptions& options,
                                const std::string& where) {
  std::vector<Point> places;
  const FrameArray* moves = nullptr;
  double magnification = options.magnification;
  if (!options.displacement.empty()) {
    moves = &array_of(figure.node_arrays, options.displacement, 3, where);
    double largest = 0.0;
    for (std::size_t n = 0; n < figure.nodes.size(); ++n)
      largest = std::max<double>(largest, std::hypot(moves->values[3 * n], moves->values[3 * n + 1],
                                                     moves->values[3 * n + 2]));
    if (magnification == 0.0 && largest > 0.0)
      magnification = median_bond(figure) / (3.0 * largest);
  }
  for (std::size_t n = 0; n < figure.nodes.size(); ++n) {
    std::array<double, 3> at = figure.nodes[n];
    for (std::size_t axis = 0; moves != nullptr && axis < 3; ++axis)
      at[axis] += magnification * static_cast<double>(moves->values[3 * n + axis]);
    places.push_back(seen(at));
  }
  return places;
}

// From places to pixels, for everything that is drawn.
struct View {
  double x = 0.0, y = 0.0, pixels = 1.0;  // left and upper edge; pixels per unit of length
  int width = 0, height = 0;

  View(const std::vector<Point>& a, const std::vector<Point>& b) {
    Point low = a[0], high = a[0];
    for (const auto* places : {&a, &b})
      for (const Point& place : *places)
        for (std::size_t axis = 0; axis < 2; ++axis) {
          low[axis] = std::min(low[axis], place[axis]);
          high[axis] = std::max(high[axis], place[axis]);
        }
    const double extent = std::max(high[0] - low[0], high[1] - low[1]);
    if (extent > 0.0) pixels = plot / extent;
    x = low[0];
    y = high[1];
    width = std::max(200, static_cast<int>(std::lround(pixels * (high[0] - low[0]))));
    height = std::max(200, static_cast<int>(std::lround(pixels * (high[1] - low[1]))));
  }
  Point operator()(const Point& place, int left, int top) const {
    return {left + pixels * (place[0] - x), top + pixels * (y - place[1])};
  }
};

}  // namespace

void write_network_png(const NetworkFigure& figure, const NetworkPictureOptions& options,
                       const std::filesystem::path& path) {
  const std::string where = path.string();
  validate(figure, where);
  const auto of_nodes = scale_of(figure.node_arrays, options.node_array, "nodes", where);
  const auto of_bonds = scale_of(figure.bond_arrays, options.bond_array, "bonds", where);
  std::vector<Point> rest;
  for (const auto& at : figure.nodes) rest.push_back(seen(at));
  const std::vector<Point> places = moved_places(figure, options, where);
  const View view(rest, places);

  const ColourBarStyle style;
  const int line = text_height(font), left = margin, top = gap + line + margin;
  int width = left + view.width + margin;
  int bars = 0;
  for (const auto* scale : {&of_bonds, &of_nodes}) {
    if (!*scale) continue;
    const int ticks = widest(colour_ticks((*scale)->picture, (*scale)->range), font);
    const int label = text_width(with_unit((*scale)->picture.label, (*scale)->picture.unit), font);
    bars = std::max({bars, style.width + style.tick + 4 + ticks, label});
  }
  const int bar_left = width;
  if (bars > 0) width += bars + gap;
  width = std::max(width, text_width(figure.title, font, true) + 2 * gap);
  // Two bars stand on one another.
  const int count = (of_nodes ? 1 : 0) + (of_bonds ? 1 : 0);
  const int drawn = std::max(view.height, count * 160);
  Canvas canvas(width, top + drawn + margin);
  canvas.text(width / 2, gap, figure.title, font, Align::centre, true);

  const auto draw_line = [&](const std::vector<Point>& at, std::size_t bond, double thickness,
                             Rgb colour) {
    const Point a = view(at[static_cast<std::size_t>(figure.bonds[bond][0])], left, top);
    const Point b = view(at[static_cast<std::size_t>(figure.bonds[bond][1])], left, top);
    canvas.line(a[0], a[1], b[0], b[1], thickness, colour);
  };
  const double bond_pixels = view.pixels * median_bond(figure);
  // Where bonds are many they lie over each other: as thin lines something of each is seen.
  const double thick = figure.bonds.size() > 1000 ? 1.0 : std::clamp(bond_pixels / 12.0, 1.0, 6.0);
  const double radius = std::clamp(bond_pixels / 8.0, 2.0, 10.0);
  if (!options.displacement.empty())
    for (std::size_t b = 0; b < figure.bonds.size(); ++b) draw_line(rest, b, 2.5, grey);
  for (std::size_t b = 0; b < figure.bonds.size(); ++b) {
    if (of_bonds && thick > 2.0) draw_line(places, b, thick + 2.0, dark);
    draw_line(places, b, thick, of_bonds ? of_bonds->colour(b) : dark);
  }
  for (std::size_t n = 0; n < places.size(); ++n) {
    const Point at = view(places[n], left, top);
    canvas.disc(at[0], at[1], radius + 1.5, black);
    canvas.disc(at[0], at[1], radius, of_nodes ? of_nodes->colour(n) : white);
    if (places.size() <= most_numbered)
      canvas.text(static_cast<int>(at[0] + radius + 3), static_cast<int>(at[1] + 0.5 * radius),
                  std::to_string(n + 1), small_font, Align::left);
  }

  int bar_top = top;
  for (const auto* scale : {&of_bonds, &of_nodes}) {
    if (!*scale) continue;
    const Picture& picture = (*scale)->picture;
    const int height = drawn / count - line - 2 * gap;
    canvas.text(bar_left, bar_top - line, with_unit(picture.label, picture.unit), font,
                Align::left);
    draw_colour_bar(canvas, picture, (*scale)->range, colour_ticks(picture, (*scale)->range),
                    bar_left, bar_top + gap / 2, height, style);
    bar_top += drawn / count + line / 2;
  }
  write_file(path, encode_png(canvas));
}

}  // namespace wavesmith
