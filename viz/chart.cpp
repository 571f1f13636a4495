#include "viz/chart.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/error.hpp"
#include "viz/colour_map.hpp"
#include "viz/html.hpp"

namespace wavesmith {
namespace {

ChartAxis axis_around(const Chart& chart, std::vector<double> Curve::*values, bool logarithmic,
                      int tick_count) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Curve& curve : chart.curves)
    for (double value : curve.*values) {
      if (!std::isfinite(value) || (logarithmic && value <= 0.0)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  ChartAxis axis;
  axis.logarithmic = logarithmic;
  if (low > high) {  // nothing to draw: any range will do
    axis.low = logarithmic ? 0.1 : 0.0;
    axis.high = 1.0;
  } else if (logarithmic) {
    const double room = std::max(0.04 * std::log10(high / low), low == high ? 0.5 : 0.0);
    axis.low = low * std::pow(10.0, -room);
    axis.high = high * std::pow(10.0, room);
  } else {
    const double span = high - low;
    const double room = span > 1e-9 * std::max(std::abs(low), std::abs(high))
                            ? 0.04 * span
                            : std::max(0.5 * std::abs(low), 0.5);
    axis.low = low - room;
    axis.high = high + room;
  }
  axis.ticks = logarithmic ? log_ticks(axis.low, axis.high, tick_count)
                           : linear_ticks(axis.low, axis.high, tick_count);
  return axis;
}

std::string fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string svg_text(double x, double y, const char* anchor, const std::string& text,
                     const std::string& extra = "") {
  // SVG has no superscripts that all browsers draw: raise the exponent by hand.
  std::string body;
  const std::string safe = html_with_exponents(text);
  std::size_t from = 0;
  for (;;) {
    const std::size_t open = safe.find("<sup>", from);
    if (open == std::string::npos) break;
    const std::size_t close = safe.find("</sup>", open);
    body += safe.substr(from, open - from) + "<tspan dy=\"-5\" font-size=\"70%\">" +
            safe.substr(open + 5, close - open - 5) + "</tspan><tspan dy=\"5\">&#8203;</tspan>";
    from = close + 6;
  }
  body += safe.substr(from);
  return "<text x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" text-anchor=\"" + anchor + "\"" +
         extra + ">" + body + "</text>\n";
}

std::string svg_colour(int index) {
  const Rgb c = curve_colour(index);
  char text[16];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", c.r, c.g, c.b);
  return text;
}

}  // namespace

double ChartAxis::place(double value) const {
  if (!logarithmic) return (value - low) / (high - low);
  if (!(value > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  return std::log(value / low) / std::log(high / low);
}

std::array<ChartAxis, 2> chart_axes(const Chart& chart, int x_ticks, int y_ticks) {
  for (const Curve& curve : chart.curves)
    WAVESMITH_VALIDATE(curve.x.size() == curve.y.size(),
                       "chart \"" + chart.title + "\": curve \"" + curve.name + "\" has " +
                           std::to_string(curve.x.size()) + " x values and " +
                           std::to_string(curve.y.size()) + " y values; give as many of each");
  return {axis_around(chart, &Curve::x, chart.log_x, x_ticks),
          axis_around(chart, &Curve::y, chart.log_y, y_ticks)};
}

std::string chart_svg(const Chart& chart) {
  constexpr double left = 78, top = 34, width = 480, height = 240;
  const auto [x_axis, y_axis] = chart_axes(chart, 7, 6);
  const auto px = [&](double x) { return left + width * x_axis.place(x); };
  const auto py = [&](double y) { return top + height * (1.0 - y_axis.place(y)); };
  const bool legend = chart.curves.size() > 1;
  std::size_t longest = 0;  // characters of the legend
  for (const Curve& curve : chart.curves) longest = std::max(longest, curve.name.size());
  const double full_width =
                   left + width + (legend ? 52.0 + 7.5 * static_cast<double>(longest) : 20.0),
               full_height = top + height + 52;

  std::string svg = "<svg viewBox=\"0 0 " + fixed(full_width) + " " + fixed(full_height) +
                    "\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\" "
                    "fill=\"currentColor\" style=\"max-width:" +
                    fixed(full_width) + "px\">\n";
  svg += "<title>" + escape_html(chart.title) + "</title>\n";
  svg += svg_text(left + width / 2, 20, "middle", chart.title, " font-weight=\"bold\"");

  // Grid lines and ticks
  for (const Tick& tick : x_axis.ticks) {
    const std::string x = fixed(px(tick.value));
    svg += "<path d=\"M" + x + " " + fixed(top) + "V" + fixed(top + height) +
           "\" stroke=\"currentColor\" stroke-opacity=\"0.15\"/>\n";
    svg += svg_text(px(tick.value), top + height + 18, "middle", tick.label);
  }
  for (const Tick& tick : y_axis.ticks) {
    const double y = py(tick.value);
    svg += "<path d=\"M" + fixed(left) + " " + fixed(y) + "H" + fixed(left + width) +
           "\" stroke=\"currentColor\" stroke-opacity=\"0.15\"/>\n";
    svg += svg_text(left - 7, y + 4.5, "end", tick.label);
  }
  svg += "<rect x=\"" + fixed(left) + "\" y=\"" + fixed(top) + "\" width=\"" + fixed(width) +
         "\" height=\"" + fixed(height) + "\" fill=\"none\" stroke=\"currentColor\"/>\n";
  svg += svg_text(left + width / 2, top + height + 40, "middle", chart.x_label);
  svg += svg_text(18, top + height / 2, "middle", chart.y_label,
                  " transform=\"rotate(-90 18 " + fixed(top + height / 2) + ")\"");

  // Curves, interrupted where a point cannot be drawn
  int index = 0;
  for (const Curve& curve : chart.curves) {
    const std::string colour = svg_colour(index);
    std::string path, dots;
    bool pen_down = false;
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      const double x = px(curve.x[i]), y = py(curve.y[i]);
      if (!std::isfinite(x) || !std::isfinite(y)) {
        pen_down = false;
        continue;
      }
      path += (pen_down ? "L" : "M") + fixed(x) + " " + fixed(y);
      pen_down = true;
      if (curve.markers || curve.x.size() == 1)
        dots += "<circle cx=\"" + fixed(x) + "\" cy=\"" + fixed(y) + "\" r=\"3\" fill=\"" + colour +
                "\"/>\n";
    }
    if (!path.empty())
      svg += "<path d=\"" + path + "\" fill=\"none\" stroke=\"" + colour +
             "\" stroke-width=\"2\" stroke-linejoin=\"round\"/>\n";
    svg += dots;
    if (legend) {
      const double y = top + 14 + 20 * index;
      svg += "<path d=\"M" + fixed(left + width + 12) + " " + fixed(y - 4) + "h22\" stroke=\"" +
             colour + "\" stroke-width=\"3\"/>\n";
      svg += svg_text(left + width + 40, y, "start", curve.name);
    }
    ++index;
  }
  return svg + "</svg>\n";
}

}  // namespace wavesmith
