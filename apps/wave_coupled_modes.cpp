#include "apps/wave_coupled_modes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/scene_place.hpp"
#include "apps/wave_problem.hpp"
#include "core/csv_table.hpp"
#include "core/error.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/pictures.hpp"
#endif

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// The frequencies of the S-parameters.
const std::vector<double>& frequencies_of(const WaveProblem& problem, const ScatteringPart& part) {
  return problem.monitors[part.monitors.front()].frequencies;
}

int read_port(const SceneTable& table, const char* key, const ScatteringPart& scattering,
              std::vector<int>& taken) {
  const int port = table.integer(
      key, IntegerRange::between(1, static_cast<std::int64_t>(scattering.monitors.size())));
  if (std::find(taken.begin(), taken.end(), port) != taken.end())
    throw table.error(key, fmt::format("is port {}, which is another one's already; the excited "
                                       "port, through, drop and add are four",
                                       port));
  taken.push_back(port);
  return port;
}

CoupledModesPart read_part(const SceneTable& table, const WaveProblem& problem) {
  CoupledModesPart part;
  part.name = table.string("name", "coupled_modes");
  part.place = table.where() + ": " + table.path();
  std::vector<std::string> names;
  for (const ScatteringPart& scattering : problem.scattering) names.push_back(scattering.name);
  if (names.empty())
    throw table.error("needs S-parameters; describe the ports in [[s_parameters]]");
  const std::string name = table.choice("s_parameters", names, names.front());
  part.scattering =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  const ScatteringPart& scattering = problem.scattering[part.scattering];
  std::vector<int> taken = {scattering.excited};
  part.through = read_port(table, "through", scattering, taken);
  part.drop = read_port(table, "drop", scattering, taken);
  if (table.has("add")) part.add = read_port(table, "add", scattering, taken);
  const std::vector<double>& frequencies = frequencies_of(problem, scattering);
  part.low = frequencies.front();
  part.high = frequencies.back();
  if (table.has("band")) {
    const std::vector<double> band =
        table.quantities("band", Dimension::frequency, Range::above(0), Count::exactly(2));
    if (!(band[0] < band[1])) throw table.error("band", "is not [lowest, highest]");
    part.low = band[0];
    part.high = band[1];
  }
  constexpr int fewest = 8;
  const auto inside = std::count_if(frequencies.begin(), frequencies.end(),
                                    [&](double f) { return f >= part.low && f <= part.high; });
  if (inside < fewest)
    throw table.error(
        fmt::format("has {} of the S-parameters' frequencies in its band; at least "
                    "{} are needed, best ten across the resonance",
                    inside, fewest));
  if (!std::is_sorted(frequencies.begin(), frequencies.end()))
    throw table.error("s_parameters", "has frequencies that do not rise");
  part.phase_order = table.integer("phase_order", 1, IntegerRange::between(0, 6));
  return part;
}

// The row of what comes out of `port`, in the mode that is sent in.
const std::vector<Complex>& row_of(const MonitorCurves& curves, const ScatteringPart& part,
                                   int port) {
  const std::string name = fmt::format("S {},{} | mode {}", port, part.excited, part.mode);
  for (std::size_t n = 0; n < curves.numbers.size(); ++n)
    if (curves.numbers[n].name == name) return curves.values[n];
  throw InputError("S-parameters " + part.name + " have no number \"" + name + "\"");
}

AddDropCurves curves_of(const MonitorCurves& all, const ScatteringPart& scattering,
                        const CoupledModesPart& part) {
  AddDropCurves curves;
  for (std::size_t f = 0; f < all.frequencies.size(); ++f) {
    if (all.frequencies[f] < part.low || all.frequencies[f] > part.high) continue;
    curves.frequencies.push_back(all.frequencies[f]);
    curves.through.push_back(row_of(all, scattering, part.through)[f]);
    curves.drop.push_back(row_of(all, scattering, part.drop)[f]);
    if (part.add == 0) continue;
    curves.reflected.push_back(row_of(all, scattering, scattering.excited)[f]);
    curves.added.push_back(row_of(all, scattering, part.add)[f]);
  }
  return curves;
}

struct CurvePair {
  const char* name;
  const std::vector<Complex>& field;
  const std::vector<Complex>& network;
};

std::vector<CurvePair> pairs_of(const CoupledModesFound& found) {
  std::vector<CurvePair> pairs = {{"through", found.curves.through, found.fit.network.through},
                                  {"drop", found.curves.drop, found.fit.network.drop}};
  if (!found.curves.added.empty()) {
    pairs.push_back({"reflected", found.curves.reflected, found.fit.network.reflected});
    pairs.push_back({"added", found.curves.added, found.fit.network.added});
  }
  return pairs;
}

// Powers of the fields as points with the network's as lines over them; and the distance of the
// amplitudes.
std::vector<Chart> charts_of(const CoupledModesFound& found) {
  constexpr std::size_t most_points = 120;
  const std::vector<double>& frequencies = found.curves.frequencies;
  const std::size_t stride = frequencies.size() / most_points + 1;
  Chart powers, rest;
  powers.title = found.name + ": fields and network";
  powers.y_label = "power |S|^2";
  rest.y_label = "|S(fields) - S(network)|";
  powers.x_label = rest.x_label = "frequency (THz)";
  rest.log_y = true;
  for (const CurvePair& pair : pairs_of(found)) {
    Curve points, line, distance;
    points.name = std::string(pair.name) + ", fields";
    line.name = std::string(pair.name) + ", network";
    distance.name = pair.name;
    points.markers = true;
    for (std::size_t f = 0; f < frequencies.size(); ++f) {
      const double x = 1e-12 * frequencies[f];
      line.x.push_back(x);
      line.y.push_back(std::norm(pair.network[f]));
      distance.x.push_back(x);
      distance.y.push_back(std::abs(pair.field[f] - pair.network[f]));
      if (f % stride != 0) continue;
      // What is not finite between them keeps the points apart.
      for (const double y : {std::norm(pair.field[f]), std::numeric_limits<double>::quiet_NaN()}) {
        points.x.push_back(x);
        points.y.push_back(y);
      }
    }
    // What would lie on the axis is told by the lower chart alone.
    const auto seen = [](double y) { return y > 1e-3; };
    if (std::any_of(points.y.begin(), points.y.end(), seen) ||
        std::any_of(line.y.begin(), line.y.end(), seen)) {
      powers.curves.push_back(std::move(points));
      powers.curves.push_back(std::move(line));
    }
    rest.curves.push_back(std::move(distance));
  }
  return {powers, rest};
}

}  // namespace

std::vector<CoupledModesPart> read_coupled_modes(const SceneTable& root,
                                                 const WaveProblem& problem) {
  std::vector<CoupledModesPart> parts;
  for (const SceneTable& table : root.tables("coupled_modes")) {
    parts.push_back(read_part(table, problem));
    const std::string& name = parts.back().name;
    const auto same = [&](const auto& other) { return other.name == name; };
    if (std::any_of(parts.begin(), parts.end() - 1, same) ||
        std::any_of(problem.monitors.begin(), problem.monitors.end(), same) ||
        std::any_of(problem.points.begin(), problem.points.end(), same) ||
        std::any_of(problem.scattering.begin(), problem.scattering.end(), same))
      throw table.error("name",
                        "is the name of two things that are measured; name them differently");
    if (name.empty() || name.front() == '.' || name.find_first_of("/\\ ") != std::string::npos)
      throw table.error("name", "becomes the name of files: no spaces, slashes and dots in front");
  }
  return parts;
}

std::vector<std::pair<std::string, double>> coupled_mode_metrics(const CoupledModesPart& part,
                                                                 const CoupledModeFit& fit) {
  const AddDropRing& ring = fit.ring;
  const AddDropRing& error = fit.error;
  const std::string name = part.name + "_";
  return {{name + "frequency", ring.frequency},
          {name + "frequency_error", error.frequency},
          {name + "quality", ring.quality()},
          {name + "quality_error", fit.quality_error},
          {name + "kappa_1", ring.kappa_1},
          {name + "kappa_1_error", error.kappa_1},
          {name + "kappa_2", ring.kappa_2},
          {name + "kappa_2_error", error.kappa_2},
          {name + "kappa_intrinsic", ring.kappa_intrinsic},
          {name + "kappa_intrinsic_error", error.kappa_intrinsic},
          {name + "backscatter", ring.backscatter.real()},
          {name + "backscatter_error", error.backscatter.real()},
          {name + "backscatter_imaginary", ring.backscatter.imag()},
          {name + "backscatter_imaginary_error", error.backscatter.imag()},
          {name + "residual", fit.residual}};
}

std::vector<CoupledModesFound> find_coupled_modes(const WaveProblem& problem,
                                                  const std::vector<MonitorCurves>& curves,
                                                  Metrics& metrics) {
  std::vector<CoupledModesFound> all;
  for (const CoupledModesPart& part : problem.coupled_modes) {
    const ScatteringPart& scattering = problem.scattering[part.scattering];
    const MonitorCurves& measured =
        *std::find_if(curves.begin(), curves.end(),
                      [&](const MonitorCurves& c) { return c.name == scattering.name; });
    CoupledModesFound found;
    found.name = part.name;
    found.curves = curves_of(measured, scattering, part);
    try {
      found.fit = fit_coupled_modes(found.curves, {part.phase_order});
    } catch (const NumericsError& error) {
      throw NumericsError(part.place + ": " + error.what());
    }
    for (const auto& [name, value] : coupled_mode_metrics(part, found.fit))
      metrics.set(name, value);
    all.push_back(std::move(found));
  }
  return all;
}

void write_coupled_modes(const CoupledModesFound& found, bool pictures, OutputFolder& folder,
                         std::vector<Chart>& charts) {
  const std::vector<CurvePair> pairs = pairs_of(found);
  CsvTable table;
  table.columns.push_back("frequency");
  for (const CurvePair& pair : pairs)
    for (const char* part : {"", "_imaginary", "_network", "_network_imaginary"})
      table.columns.push_back(std::string(pair.name) + part);
  for (std::size_t f = 0; f < found.curves.frequencies.size(); ++f) {
    std::vector<double> row = {found.curves.frequencies[f]};
    for (const CurvePair& pair : pairs)
      row.insert(row.end(), {pair.field[f].real(), pair.field[f].imag(), pair.network[f].real(),
                             pair.network[f].imag()});
    table.rows.push_back(std::move(row));
  }
  write_csv_table(table, folder.add("curves/" + found.name + ".csv",
                                    "S-parameters of the fields and of the network " + found.name));
  std::vector<Chart> both = charts_of(found);
#ifdef WAVESMITH_HAS_VTK
  if (pictures) {
    write_curves_png(
        both, folder.add("images/" + found.name + ".png", found.name + ": fields and network"));
    return;
  }
#else
  (void)pictures;
#endif
  charts.insert(charts.end(), both.begin(), both.end());
}

}  // namespace wavesmith
