// Layout of one map and of a grid of maps.
#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "viz/canvas.hpp"
#include "viz/colour_bar.hpp"
#include "viz/pictures.hpp"
#include "viz/ticks.hpp"

namespace wavesmith {
namespace {

// Sizes of everything in pixels, for one lone picture or for panels.
struct Style {
  int plot = 600;  // longer side of the map
  int gap = 10;    // between neighbours
  ColourBarStyle bar;
};
constexpr Style lone_style{};
constexpr Style panel_style{340, 8, {16, 5, 16}};

void validate(const Picture& p) {
  const std::string where = "picture \"" + p.title + "\": ";
  WAVESMITH_VALIDATE(p.nx >= 1 && p.ny >= 1, where + "it has no pixels; give nx and ny >= 1");
  const std::size_t count = static_cast<std::size_t>(p.nx) * static_cast<std::size_t>(p.ny);
  WAVESMITH_VALIDATE(p.values.size() == count, where + std::to_string(p.values.size()) +
                                                   " values for " + std::to_string(p.nx) + " x " +
                                                   std::to_string(p.ny) + " pixels");
  for (const auto& edges : {p.x, p.y})
    WAVESMITH_VALIDATE(std::isfinite(edges[0]) && std::isfinite(edges[1]) && edges[1] > edges[0],
                       where + "its edges must be finite and rising");
  if (p.range)
    WAVESMITH_VALIDATE(std::isfinite((*p.range)[0]) && std::isfinite((*p.range)[1]) &&
                           (*p.range)[1] > (*p.range)[0] &&
                           (p.scale == ColourScale::linear || (*p.range)[0] > 0.0),
                       where +
                           "its colour range must be finite and rising, and above 0 for a "
                           "logarithmic scale");
}

struct Size {
  int width, height;
};

// The map's size: a whole number of screen pixels a sample where it is small enough, true to scale
// unless one side would be under a third of the other.
Size map_size(const Picture& p, int longest) {
  const double aspect = std::clamp((p.x[1] - p.x[0]) / (p.y[1] - p.y[0]), 1.0 / 3.0, 3.0);
  double width = aspect >= 1.0 ? longest : longest * aspect;
  double height = aspect >= 1.0 ? longest / aspect : longest;
  const double true_aspect = static_cast<double>(p.nx) / p.ny;
  if (std::abs(aspect / true_aspect - 1.0) < 1e-3 && p.nx <= width && p.ny <= height) {
    const double whole = std::max(1.0, std::round(width / p.nx));
    width = whole * p.nx;
    height = whole * p.ny;
  }
  return {std::max(1, static_cast<int>(std::lround(width))),
          std::max(1, static_cast<int>(std::lround(height)))};
}

// Mean of the samples that fall on one screen pixel; phases are picked, as their mean means
// nothing.
double sample(const Picture& p, double x0, double x1, double y0, double y1) {
  const auto pick = [](double from, double to, int n) {
    return std::clamp(static_cast<int>(0.5 * (from + to)), 0, n - 1);
  };
  const auto at = [&](int i, int j) {
    return static_cast<double>(
        p.values[static_cast<std::size_t>(j) * static_cast<std::size_t>(p.nx) +
                 static_cast<std::size_t>(i)]);
  };
  const bool many = x1 - x0 > 1.5 || y1 - y0 > 1.5;
  if (!many || p.map == ColourMap::phase) return at(pick(x0, x1, p.nx), pick(y0, y1, p.ny));
  const int i0 = std::clamp(static_cast<int>(x0), 0, p.nx - 1);
  const int i1 = std::clamp(static_cast<int>(std::ceil(x1)), i0 + 1, p.nx);
  const int j0 = std::clamp(static_cast<int>(y0), 0, p.ny - 1);
  const int j1 = std::clamp(static_cast<int>(std::ceil(y1)), j0 + 1, p.ny);
  double sum = 0.0;
  for (int j = j0; j < j1; ++j)
    for (int i = i0; i < i1; ++i) sum += at(i, j);
  return sum / ((i1 - i0) * (j1 - j0));
}

std::vector<Tick> length_ticks(const std::array<double, 2>& edges, const LengthUnit& unit,
                               int pixels, int font) {
  return linear_ticks(edges[0] / unit.metres, edges[1] / unit.metres,
                      std::max(3, pixels / (5 * font)));
}

// Words of `text` on as many lines as fit into `width`; an over-long word stays whole.
std::vector<std::string> wrap(const std::string& text, int width, int font, bool bold) {
  std::vector<std::string> lines;
  std::string line, word;
  const auto take_word = [&] {
    if (word.empty()) return;
    const std::string longer = line.empty() ? word : line + " " + word;
    if (!line.empty() && text_width(longer, font, bold) > width) {
      lines.push_back(line);
      line = word;
    } else {
      line = longer;
    }
    word.clear();
  };
  for (char c : text) {
    if (c == ' ' || c == '\n')
      take_word();
    else
      word += c;
  }
  take_word();
  if (!line.empty()) lines.push_back(line);
  return lines;
}

void draw_map(Canvas& canvas, const Picture& p, const std::array<double, 2>& range, int left,
              int top, Size size) {
  const double step_x = static_cast<double>(p.nx) / size.width;
  const double step_y = static_cast<double>(p.ny) / size.height;
  for (int j = 0; j < size.height; ++j)
    for (int i = 0; i < size.width; ++i) {
      const int row = size.height - 1 - j;  // row 0 of the values is the lowest
      const double value =
          sample(p, i * step_x, (i + 1) * step_x, row * step_y, (row + 1) * step_y);
      canvas.set(left + i, top + j, colour_at(p.map, colour_place(p, range, value)));
    }
  canvas.outline(left - 1, top - 1, size.width + 2, size.height + 2, black);
}

// A map with its title, axes and colour bar on a canvas of its own.
Canvas draw(const Picture& p, const Style& style) {
  validate(p);
  const std::array<double, 2> range = colour_range(p);
  const Size size = map_size(p, style.plot);
  const int line = text_height(style.bar.font);

  const LengthUnit x_unit = length_unit(p.x[1] - p.x[0]), y_unit = length_unit(p.y[1] - p.y[0]);
  const auto x_ticks = length_ticks(p.x, x_unit, size.width, style.bar.font);
  const auto y_ticks = length_ticks(p.y, y_unit, size.height, style.bar.font / 2 + 2);
  const auto bar_ticks = colour_ticks(p, range);

  const int left =
      style.gap + line + style.gap + widest(y_ticks, style.bar.font) + style.bar.tick + 4;
  const int right = 2 * style.gap + style.bar.width + style.bar.tick + 4 +
                    widest(bar_ticks, style.bar.font) + 2 * style.gap;
  const int width = left + size.width + right;
  const auto title = wrap(p.title, width - 2 * style.gap, style.bar.font, true);
  const std::string label = with_unit(p.label, p.unit);
  const int title_lines = static_cast<int>(title.size());
  const int top = style.gap + title_lines * line + (label.empty() ? 0 : line) + style.gap;
  const int bottom = style.bar.tick + 2 + line + line + style.gap;

  Canvas canvas(width, top + size.height + bottom);
  for (int n = 0; n < title_lines; ++n)
    canvas.text(width / 2, style.gap + n * line, title[static_cast<std::size_t>(n)], style.bar.font,
                Align::centre, true);
  draw_map(canvas, p, range, left, top, size);

  // The bar's label is above it and ends where the picture does.
  const int bar_left = left + size.width + 2 * style.gap;
  canvas.text(width - style.gap, top - style.gap / 2 - line, label, style.bar.font, Align::right);
  draw_colour_bar(canvas, p, range, bar_ticks, bar_left, top, size.height, style.bar);

  for (const Tick& tick : x_ticks) {
    const double t = (tick.value * x_unit.metres - p.x[0]) / (p.x[1] - p.x[0]);
    const int x = left + static_cast<int>(std::lround(t * size.width));
    canvas.fill(x, top + size.height, 1, style.bar.tick, black);
    canvas.text(x, top + size.height + style.bar.tick + 2, tick.label, style.bar.font,
                Align::centre);
  }
  canvas.text(left + size.width / 2, top + size.height + style.bar.tick + 2 + line,
              with_unit(p.x_name, x_unit.name), style.bar.font, Align::centre);
  for (const Tick& tick : y_ticks) {
    const double t = (tick.value * y_unit.metres - p.y[0]) / (p.y[1] - p.y[0]);
    const int y = top + static_cast<int>(std::lround((1.0 - t) * size.height));
    canvas.fill(left - style.bar.tick, std::min(y, top + size.height), style.bar.tick, 1, black);
    canvas.text(left - style.bar.tick - 4, y - style.bar.font / 2, tick.label, style.bar.font,
                Align::right);
  }
  canvas.text_upward(style.gap, top + size.height / 2, with_unit(p.y_name, y_unit.name),
                     style.bar.font);
  return canvas;
}

}  // namespace

void write_png(const Picture& picture, const std::filesystem::path& path) {
  write_file(path, encode_png(draw(picture, lone_style)));
}

void write_panels_png(const std::vector<Picture>& pictures, const std::string& title,
                      const std::filesystem::path& path, int columns) {
  WAVESMITH_VALIDATE(!pictures.empty(), path.string() + ": there are no panels to draw");
  const int count = static_cast<int>(pictures.size());
  if (columns <= 0) columns = (count + (count + 3) / 4 - 1) / ((count + 3) / 4);  // rows of up to 4
  columns = std::min(columns, count);
  const int rows = (count + columns - 1) / columns;

  std::vector<Canvas> panels;
  for (const Picture& picture : pictures) panels.push_back(draw(picture, panel_style));
  std::vector<int> widths(static_cast<std::size_t>(columns)),
      heights(static_cast<std::size_t>(rows));
  for (int n = 0; n < count; ++n) {
    int& width = widths[static_cast<std::size_t>(n % columns)];
    int& height = heights[static_cast<std::size_t>(n / columns)];
    width = std::max(width, panels[static_cast<std::size_t>(n)].width());
    height = std::max(height, panels[static_cast<std::size_t>(n)].height());
  }
  constexpr int margin = 12, spacing = 10, font = 22;
  int width = 2 * margin + spacing * (columns - 1), height = 2 * margin + spacing * (rows - 1);
  for (int w : widths) width += w;
  for (int h : heights) height += h;
  const auto lines = wrap(title, width - 2 * margin, font, true);
  const int head = static_cast<int>(lines.size()) * text_height(font) + (lines.empty() ? 0 : 8);

  Canvas canvas(width, height + head);
  for (std::size_t n = 0; n < lines.size(); ++n)
    canvas.text(width / 2, margin + static_cast<int>(n) * text_height(font), lines[n], font,
                Align::centre, true);
  int y = margin + head;
  for (int row = 0; row < rows; ++row) {
    int x = margin;
    for (int column = 0; column < columns && row * columns + column < count; ++column) {
      const Canvas& panel = panels[static_cast<std::size_t>(row * columns + column)];
      // Panels of a row share the line their maps stand on.
      canvas.paste(panel, x, y + heights[static_cast<std::size_t>(row)] - panel.height());
      x += widths[static_cast<std::size_t>(column)] + spacing;
    }
    y += heights[static_cast<std::size_t>(row)] + spacing;
  }
  write_file(path, encode_png(canvas));
}

}  // namespace wavesmith
