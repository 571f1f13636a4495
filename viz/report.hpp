// The page a run ends with: one HTML file that holds its pictures and needs nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/chart.hpp"

namespace wavesmith {

struct ReportMetric {
  std::string name;  // "focusing efficiency"
  double value = 0.0;
  std::string unit;         // "%", "1" for pure numbers
  std::string expectation;  // ">= 0.91"; empty: nothing was expected
  std::optional<bool> met;  // set where there is an expectation
};

struct ReportRow {
  std::string name, value;  // "experiments per sample", "2"
};

struct ReportPicture {
  std::string caption;
  std::string png;  // the bytes of a PNG file
};

struct ReportFile {
  std::string path;  // relative to the report
  std::string what;  // "fields of every layer, for ParaView"
};

struct Report {
  std::string title;
  std::string summary;  // one sentence: what was done and what came out
  std::vector<ReportMetric> metrics;
  std::vector<ReportRow> cost;
  std::vector<ReportPicture> pictures;
  std::vector<Chart> charts;
  std::vector<std::string> audit;  // lines of the sampling audit
  std::vector<ReportFile> files;
  std::vector<std::string> left_out;  // what was not written, and why
  std::string scene;                  // the scene's text
  std::string footer;                 // version, device, precision, seed
};

// A whole HTML document. Every text of `report` is escaped; the page loads nothing from elsewhere.
std::string render_report(const Report& report);

}  // namespace wavesmith
