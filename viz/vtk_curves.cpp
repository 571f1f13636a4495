// Drawing of a Chart as a PNG picture.
#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "viz/canvas.hpp"
#include "viz/pictures.hpp"

namespace wavesmith {
namespace {

constexpr Rgb grid_colour{222, 222, 222};
constexpr int font = 20, gap = 12, tick_length = 7, plot_width = 760, plot_height = 440;

int widest(const std::vector<Tick>& ticks) {
  int width = 0;
  for (const Tick& tick : ticks) width = std::max(width, text_width(tick.label, font));
  return width;
}

// The room beside a plot: tick labels to the left, names of curves to the right.
struct Margins {
  int labels = 0, names = 0;
};

Margins margins_of(const Chart& chart) {
  Margins margins{widest(chart_axes(chart, 8, 7)[1].ticks), 0};
  if (chart.curves.size() > 1)
    for (const Curve& curve : chart.curves)
      margins.names = std::max(margins.names, text_width(curve.name, font) + 52);
  return margins;
}

Canvas draw_curves(const Chart& chart, const Margins& margins) {
  const auto [x_axis, y_axis] = chart_axes(chart, 8, 7);
  const int line = text_height(font);
  const bool legend = chart.curves.size() > 1;

  const int left = gap + line + gap + margins.labels + tick_length + 4;
  const int top = gap + (chart.title.empty() ? 0 : line + gap);
  const int right_margin = margins.names > 0 ? gap + margins.names + gap : 3 * gap;
  Canvas canvas(left + plot_width + right_margin,
                top + plot_height + tick_length + 2 + 2 * line + gap);
  canvas.text(left + plot_width / 2, gap, chart.title, font, Align::centre, true);

  const auto px = [&](double x) { return left + plot_width * x_axis.place(x); };
  const auto py = [&](double y) { return top + plot_height * (1.0 - y_axis.place(y)); };

  for (const Tick& tick : x_axis.ticks) {
    const int x = static_cast<int>(std::lround(px(tick.value)));
    canvas.fill(x, top, 1, plot_height, grid_colour);
    canvas.fill(x, top + plot_height, 1, tick_length, black);
    canvas.text(x, top + plot_height + tick_length + 2, tick.label, font, Align::centre);
  }
  for (const Tick& tick : y_axis.ticks) {
    const int y = static_cast<int>(std::lround(py(tick.value)));
    canvas.fill(left, y, plot_width, 1, grid_colour);
    canvas.fill(left - tick_length, y, tick_length, 1, black);
    canvas.text(left - tick_length - 4, y - font / 2, tick.label, font, Align::right);
  }
  canvas.outline(left - 1, top - 1, plot_width + 2, plot_height + 2, black);
  canvas.text(left + plot_width / 2, top + plot_height + tick_length + 2 + line, chart.x_label,
              font, Align::centre);
  canvas.text_upward(gap, top + plot_height / 2, chart.y_label, font);

  int index = 0;
  for (const Curve& curve : chart.curves) {
    const Rgb colour = curve_colour(index);
    double last_x = std::nan(""), last_y = last_x;
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      const double x = px(curve.x[i]), y = py(curve.y[i]);
      canvas.line(last_x, last_y, x, y, 2.4, colour);  // nothing where a point is not finite
      if ((curve.markers || curve.x.size() == 1) && std::isfinite(x + y))
        canvas.disc(x, y, 4.5, colour);
      last_x = x;
      last_y = y;
    }
    if (legend) {
      const int x = left + plot_width + gap, y = top + index * (line + 4);
      canvas.line(x + 6, y + line / 2, x + 36, y + line / 2, 4.0, colour);
      canvas.text(x + 46, y + 2, curve.name, font, Align::left);
    }
    ++index;
  }
  return canvas;
}

}  // namespace

void write_curves_png(const Chart& chart, const std::filesystem::path& path) {
  write_file(path, encode_png(draw_curves(chart, margins_of(chart))));
}

void write_curves_png(const std::vector<Chart>& charts, const std::filesystem::path& path) {
  WAVESMITH_VALIDATE(!charts.empty(), "no charts to draw one below the other; give one or more");
  Margins margins;
  for (const Chart& chart : charts) {
    const Margins own = margins_of(chart);
    margins.labels = std::max(margins.labels, own.labels);
    margins.names = std::max(margins.names, own.names);
  }
  std::vector<Canvas> parts;
  int height = 0;
  for (const Chart& chart : charts) {
    parts.push_back(draw_curves(chart, margins));
    height += parts.back().height();
  }
  Canvas whole(parts.front().width(), height);
  int y = 0;
  for (const Canvas& part : parts) {
    whole.paste(part, 0, y);
    y += part.height();
  }
  write_file(path, encode_png(whole));
}

}  // namespace wavesmith
