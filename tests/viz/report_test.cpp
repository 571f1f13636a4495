#include "viz/report.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "viz/html.hpp"

namespace wavesmith {
namespace {

const std::string nasty = "<script>alert('x')</script> & \"quoted\" \x01";

Report nasty_report() {
  Report report;
  report.title = report.summary = report.scene = report.footer = nasty;
  report.metrics = {{nasty, 0.5, nasty, nasty, false}, {"accuracy", 0.97, "1", ">= 0.9", true}};
  report.cost = {{nasty, nasty}};
  report.pictures = {{nasty, "PNG bytes"}};
  report.charts = {{nasty, nasty, nasty, {{nasty, {1, 2}, {3, 4}}, {nasty, {1}, {2}}}}};
  report.audit = {nasty};
  report.left_out = {nasty};
  report.files = {{nasty, nasty}};
  return report;
}

// Names of the elements that are open at the end of `html`; throws where one is closed out of
// order.
std::vector<std::string> open_elements(const std::string& html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (name == "!DOCTYPE" || name == "meta" || name == "img" || tag.back() == '/') continue;
    if (name.front() != '/') {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name.substr(1))
        throw std::runtime_error("out of order: " + tag);
      open.pop_back();
    }
  }
  return open;
}

TEST(Report, EscapesEveryText) {
  const std::string html = render_report(nasty_report());
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("alert('x')"), std::string::npos);
  EXPECT_EQ(html.find('\x01'), std::string::npos);
  std::size_t count = 0;
  for (std::size_t at = html.find("&lt;script&gt;"); at != std::string::npos;
       at = html.find("&lt;script&gt;", at + 1))
    ++count;
  EXPECT_GE(count, 18u);  // every text of the report, the title and the alt text twice
  EXPECT_TRUE(open_elements(html).empty());
}

TEST(Report, IsSelfContained) {
  const std::string html = render_report(nasty_report());
  for (const char* loader : {"http:", "https:", "<link", "url(", "@import", "src=\"/", "<iframe"})
    EXPECT_EQ(html.find(loader), std::string::npos) << loader;
  EXPECT_NE(html.find("data:image/png;base64,UE5HIGJ5dGVz\""), std::string::npos);
  EXPECT_NE(html.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
}

TEST(Report, SaysWhetherExpectationsAreMet) {
  Report report;
  report.metrics = {{"a", 1, "1", ">= 0", true}};
  EXPECT_NE(render_report(report).find(">met<"), std::string::npos);
  EXPECT_EQ(render_report(report).find(">missed<"), std::string::npos);
  report.metrics[0].met = false;
  EXPECT_NE(render_report(report).find(">missed<"), std::string::npos);
  report.metrics[0].met.reset();
  EXPECT_EQ(render_report(report).find(">missed<"), std::string::npos);
}

// The examples of RFC 4648, section 10.
TEST(Html, Base64) {
  const char* pairs[][2] = {{"", ""},
                            {"f", "Zg=="},
                            {"fo", "Zm8="},
                            {"foo", "Zm9v"},
                            {"foob", "Zm9vYg=="},
                            {"fooba", "Zm9vYmE="},
                            {"foobar", "Zm9vYmFy"}};
  for (const auto& pair : pairs) EXPECT_EQ(base64(pair[0]), pair[1]);
  EXPECT_EQ(base64(std::string("\xff\xff\xfe\0", 4)), "///+AA==");
}

TEST(Html, ExponentsAreRaised) {
  EXPECT_EQ(html_with_exponents("W/m^2"), "W/m<sup>2</sup>");
  EXPECT_EQ(html_with_exponents("10^-3 <"), "10<sup>-3</sup> &lt;");
  EXPECT_EQ(html_with_exponents("a^b ^ ^-"), "a^b ^ ^-");
}

TEST(Chart, AxesHoldAllPointsThatCanBeDrawn) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Chart chart{"t", "x", "y", {{"a", {1, 2, 3}, {1e-6, nan, 10}}, {"b", {0.5}, {-4}}}};
  for (bool log : {false, true}) {
    chart.log_y = log;
    const auto [x, y] = chart_axes(chart, 6, 6);
    for (const Curve& curve : chart.curves)
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        EXPECT_GT(x.place(curve.x[i]), 0.0);
        EXPECT_LT(x.place(curve.x[i]), 1.0);
        if (std::isnan(curve.y[i]) || (log && curve.y[i] <= 0.0)) {
          EXPECT_TRUE(std::isnan(y.place(curve.y[i])));
          continue;
        }
        EXPECT_GT(y.place(curve.y[i]), 0.0);
        EXPECT_LT(y.place(curve.y[i]), 1.0);
      }
  }
}

TEST(Chart, SvgInterruptsTheLineAndIsWellFormed) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Chart chart{"t", "x", "y (10^-3)", {{"only", {1, 2, 3, 4, 5}, {1, 2, nan, 4, 5}}}};
  const std::string svg = chart_svg(chart);
  const std::size_t line = svg.find("stroke-width=\"2\"");
  ASSERT_NE(line, std::string::npos);
  const std::size_t start = svg.rfind("<path d=\"", line);
  const std::string path = svg.substr(start, line - start);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 2);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'L'), 2);
  EXPECT_TRUE(open_elements(svg).empty());
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Chart, EmptyConstantAndSinglePointAreDrawn) {
  const double inf = std::numeric_limits<double>::infinity();
  for (bool log : {false, true})
    for (const Curve& curve :
         {Curve{}, Curve{"c", {1, 2}, {0, 0}}, Curve{"c", {1, 2}, {5, 5}}, Curve{"c", {3}, {7}},
          Curve{"c", {1, 2}, {inf, -inf}}, Curve{"c", {1, 2}, {1e-300, 1e300}}}) {
      const std::string svg = chart_svg({"t", "x", "y", {curve}, log, log});
      EXPECT_EQ(svg.find("nan"), std::string::npos);
      EXPECT_EQ(svg.find("inf"), std::string::npos);
    }
  EXPECT_THROW(chart_svg({"t", "x", "y", {{"c", {1, 2}, {1}}}}), InputError);
}

}  // namespace
}  // namespace wavesmith
