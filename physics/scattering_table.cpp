#include "physics/scattering_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/csv_table.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/touchstone.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = ScatteringTable::Complex;

constexpr std::size_t order = 3;  // of the rational rule
constexpr std::size_t most_csv_ports = 64;

std::string column_name(std::size_t to, std::size_t from, const char* part) {
  return fmt::format("s_{}_{}_{}", to + 1, from + 1, part);
}

// Barycentric weights of Floater and Hormann's interpolation: (-1)^k times the sum, over the local
// polynomials that hold point k, of the product of 1 / |x_k - x_j| over its other points. Scaled by
// the mean distance, which cancels.
std::vector<double> rational_weights(const std::vector<double>& x) {
  const std::size_t n = x.size(), d = std::min(order, n - 1);
  std::vector<double> weights(n, 1.0);
  if (n == 1) return weights;
  const double scale = (x.back() - x.front()) / static_cast<double>(n - 1);
  for (std::size_t k = 0; k < n; ++k) {
    double sum = 0.0;
    for (std::size_t i = k > d ? k - d : 0; i <= std::min(k, n - 1 - d); ++i) {
      double product = 1.0;
      for (std::size_t j = i; j <= i + d; ++j)
        if (j != k) product *= scale / std::abs(x[k] - x[j]);
      sum += product;
    }
    weights[k] = k % 2 == 0 ? sum : -sum;
  }
  return weights;
}

}  // namespace

ScatteringInterpolation::ScatteringInterpolation(ScatteringTable table, TableInterpolationRule rule)
    : table_(std::move(table)) {
  const std::vector<double>& x = table_.frequencies;
  WAVESMITH_VALIDATE(table_.ports > 0 && !x.empty(), "a scattering table has no port or no values");
  validate_count(table_.s.size(), x.size() * table_.ports * table_.ports, "scattering table");
  for (std::size_t f = 0; f < x.size(); ++f)
    WAVESMITH_VALIDATE(
        std::isfinite(x[f]) && x[f] >= 0.0 && (f == 0 || x[f] > x[f - 1]),
        fmt::format("the frequencies of a scattering table do not rise at entry {}: {} Hz", f + 1,
                    x[f]));
  if (rule == TableInterpolationRule::rational) weights_ = rational_weights(x);
}

void ScatteringInterpolation::evaluate(double frequency, std::span<Complex> s) const {
  const std::vector<double>& x = table_.frequencies;
  const auto above = std::lower_bound(x.begin(), x.end(), frequency);
  const std::size_t next =
      above == x.end() ? x.size() - 1 : static_cast<std::size_t>(above - x.begin());
  if (x[next] == frequency || x.size() == 1) {
    std::ranges::copy(table_.at(next), s.begin());
    return;
  }
  if (weights_.empty()) {
    const std::size_t low = next == 0 ? 0 : next - 1;
    const double share = (frequency - x[low]) / (x[low + 1] - x[low]);
    const std::span<const Complex> a = table_.at(low), b = table_.at(low + 1);
    for (std::size_t i = 0; i < s.size(); ++i) s[i] = (1.0 - share) * a[i] + share * b[i];
    return;
  }
  std::ranges::fill(s, Complex());
  double sum = 0.0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double weight = weights_[k] * (x.back() - x.front()) / (frequency - x[k]);
    sum += weight;
    const std::span<const Complex> value = table_.at(k);
    for (std::size_t i = 0; i < s.size(); ++i) s[i] += weight * value[i];
  }
  for (Complex& value : s) value /= sum;
}

ScatteringTable read_scattering_csv(const std::filesystem::path& path) {
  const CsvTable csv = read_csv_table(path);
  ScatteringTable table;
  const auto has = [&](const std::string& name) {
    return std::ranges::find(csv.columns, name) != csv.columns.end();
  };
  while (table.ports < most_csv_ports && has(column_name(table.ports, table.ports, "real")))
    ++table.ports;
  WAVESMITH_VALIDATE(table.ports > 0 && has("frequency"),
                     path.string() + ": it has no columns frequency and " +
                         column_name(0, 0, "real") +
                         "; a table of S has frequency [Hz] and s_<to>_<from>_real, "
                         "s_<to>_<from>_imaginary for all ports");
  table.frequencies = csv.column("frequency");
  const std::size_t n = table.ports;
  table.s.resize(table.frequencies.size() * n * n);
  for (std::size_t to = 0; to < n; ++to)
    for (std::size_t from = 0; from < n; ++from) {
      std::vector<double> parts[2];
      for (const std::size_t part : {0u, 1u}) {
        const std::string name = column_name(to, from, part == 0 ? "real" : "imaginary");
        WAVESMITH_VALIDATE(has(name),
                           fmt::format("{}: it has no column {}, which a table of {} ports needs",
                                       path.string(), name, n));
        parts[part] = csv.column(name);
      }
      for (std::size_t f = 0; f < parts[0].size(); ++f)
        table.s[(f * n + to) * n + from] = {parts[0][f], parts[1][f]};
    }
  for (const Complex& value : table.s)
    WAVESMITH_VALIDATE(std::isfinite(value.real()) && std::isfinite(value.imag()),
                       path.string() + ": it holds a number that is not finite");
  return table;
}

void write_scattering_csv(const ScatteringTable& table, const std::filesystem::path& path) {
  CsvTable csv;
  csv.columns = {"frequency", "wavelength"};
  const std::size_t n = table.ports;
  for (std::size_t to = 0; to < n; ++to)
    for (std::size_t from = 0; from < n; ++from)
      for (const char* part : {"real", "imaginary"})
        csv.columns.push_back(column_name(to, from, part));
  for (std::size_t f = 0; f < table.frequencies.size(); ++f) {
    std::vector<double> row = {table.frequencies[f], speed_of_light / table.frequencies[f]};
    for (const Complex& value : table.at(f)) {
      row.push_back(value.real());
      row.push_back(value.imag());
    }
    csv.rows.push_back(std::move(row));
  }
  write_csv_table(csv, path);
}

ScatteringTable read_scattering_file(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".csv" ? read_scattering_csv(path) : read_touchstone(path);
}

}  // namespace wavesmith
