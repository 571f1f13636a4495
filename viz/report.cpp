#include "viz/report.hpp"

#include "viz/html.hpp"
#include "viz/ticks.hpp"

namespace wavesmith {
namespace {

constexpr const char* style = R"css(
:root { color-scheme: light dark; --line: #8885; --soft: #8882; --good: #1a7f37; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #ff7b72; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; margin-bottom: .3rem; }
h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
.summary { font-size: 1.15rem; margin-top: 0; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid var(--line); }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.met { color: var(--good); font-weight: 600; }
.missed { color: var(--bad); font-weight: 600; }
figure { margin: 1.2rem 0; }
figure img { max-width: 100%; height: auto; background: #fff; border-radius: 4px; }
figcaption { font-size: .92rem; opacity: .85; }
svg { width: 100%; height: auto; display: block; margin: 1rem 0; }
pre { background: var(--soft); padding: .8rem 1rem; border-radius: 4px; overflow-x: auto;
      font-size: .85rem; line-height: 1.4; }
ul.audit { list-style: none; padding: 0; }
ul.audit li { padding: .15rem 0; }
footer { margin-top: 3rem; font-size: .85rem; opacity: .75; }
)css";

std::string heading(const std::string& text) {
  return "<h2>" + text + "</h2>\n";
}

std::string metrics_table(const std::vector<ReportMetric>& metrics) {
  std::string html = heading("Results") +
                     "<table>\n<tr><th>metric</th><th>value</th><th>unit</th><th>expected</th>"
                     "<th></th></tr>\n";
  for (const ReportMetric& metric : metrics) {
    const std::string unit = metric.unit == "1" ? std::string() : metric.unit;
    html += "<tr><td>" + escape_html(metric.name) + "</td><td class=\"number\">" +
            escape_html(short_number(metric.value, 6)) + "</td><td>" + html_with_exponents(unit) +
            "</td><td>" + escape_html(metric.expectation) + "</td><td>";
    // Word and colour: colour alone is not seen by everyone.
    if (metric.met)
      html +=
          *metric.met ? "<span class=\"met\">met</span>" : "<span class=\"missed\">missed</span>";
    html += "</td></tr>\n";
  }
  return html + "</table>\n";
}

std::string cost_table(const std::vector<ReportRow>& cost) {
  std::string html = heading("Cost") + "<table>\n";
  for (const ReportRow& row : cost)
    html += "<tr><td>" + escape_html(row.name) + "</td><td class=\"number\">" +
            html_with_exponents(row.value) + "</td></tr>\n";
  return html + "</table>\n";
}

std::string figures(const std::vector<ReportPicture>& pictures) {
  std::string html = heading("Pictures");
  for (const ReportPicture& picture : pictures)
    html += "<figure><img alt=\"" + escape_html(picture.caption) +
            "\" src=\"data:image/png;base64," + base64(picture.png) + "\">\n<figcaption>" +
            html_with_exponents(picture.caption) + "</figcaption></figure>\n";
  return html;
}

std::string file_table(const std::vector<ReportFile>& files) {
  std::string html = heading("Files") + "<table>\n";
  for (const ReportFile& file : files)
    html += "<tr><td><code>" + escape_html(file.path) + "</code></td><td>" +
            escape_html(file.what) + "</td></tr>\n";
  return html + "</table>\n";
}

std::string lines(const std::vector<std::string>& texts) {
  std::string html = "<ul class=\"audit\">\n";
  for (const std::string& text : texts) html += "<li>" + html_with_exponents(text) + "</li>\n";
  return html + "</ul>\n";
}

}  // namespace

std::string render_report(const Report& report) {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      escape_html(report.title) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" +
      escape_html(report.title) + "</h1>\n<p class=\"summary\">" +
      html_with_exponents(report.summary) + "</p>\n";
  if (!report.metrics.empty()) html += metrics_table(report.metrics);
  if (!report.pictures.empty()) html += figures(report.pictures);
  if (!report.charts.empty()) {
    html += heading("Curves");
    for (const Chart& chart : report.charts) html += chart_svg(chart);
  }
  if (!report.cost.empty()) html += cost_table(report.cost);
  if (!report.audit.empty()) html += heading("Sampling audit") + lines(report.audit);
  if (!report.files.empty()) html += file_table(report.files);
  if (!report.left_out.empty()) html += heading("Left out") + lines(report.left_out);
  if (!report.scene.empty())
    html += heading("Scene") + "<pre>" + escape_html(report.scene) + "</pre>\n";
  if (!report.footer.empty()) html += "<footer>" + escape_html(report.footer) + "</footer>\n";
  return html + "</body>\n</html>\n";
}

}  // namespace wavesmith
