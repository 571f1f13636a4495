#include "apps/history_charts.hpp"

#include <algorithm>
#include <cmath>

namespace wavesmith {
namespace {

bool any_number(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

std::vector<std::pair<std::string, Chart>> history_charts(const History& history, bool classes) {
  if (history.size() == 0) return {};
  const bool few = history.size() <= 40;
  const auto chart_of = [&](const std::string& title, const std::string& column, double factor) {
    Chart chart;
    chart.title = title;
    chart.x_label = classes ? "epoch" : "iteration";
    chart.y_label = factor == 100.0 ? title + " (%)" : title;
    const std::vector<double> epochs = history.column("epoch");
    const auto add_curve = [&](const std::string& name, const std::string& of) {
      std::vector<double> values = history.column(of);
      if (!any_number(values)) return;
      for (double& value : values) value *= factor;
      chart.curves.push_back({name, epochs, values, few});
    };
    add_curve("training", column);
    add_curve("validation", "validation_" + column);
    if (column == "accuracy") add_curve("test", "test_accuracy");
    // Losses that fall by decades show on a logarithmic axis only.
    double low = std::numeric_limits<double>::infinity(), high = 0.0;
    for (const Curve& curve : chart.curves)
      for (const double value : curve.y) {
        if (std::isfinite(value)) low = std::min(low, value);
        if (std::isfinite(value)) high = std::max(high, value);
      }
    chart.log_y = low > 0.0 && high > 30.0 * low;
    return chart;
  };
  std::vector<std::pair<std::string, Chart>> charts;
  charts.emplace_back("history", chart_of("loss", "loss", 1.0));
  if (classes) charts.emplace_back("accuracy", chart_of("accuracy", "accuracy", 100.0));
  return charts;
}

}  // namespace wavesmith
