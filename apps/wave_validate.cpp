#include "apps/wave_validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "apps/scene_place.hpp"
#include "apps/wave_coupled_modes.hpp"
#include "apps/wave_memory.hpp"
#include "apps/wave_run.hpp"
#include "apps/wave_simulation.hpp"
#include "apps/wave_snapshots.hpp"
#include "core/suggest.hpp"

namespace wavesmith {
namespace {

constexpr double most_steps = 1e12;
constexpr double most_frames = 1e5;
constexpr double fewest_cells = 2.5;  // a wavelength
// Shares of the highest spectral density: nothing is left of the signal in single precision, and
// what is left of it is seldom meant.
constexpr double no_signal = 1e-4, little_signal = 1e-2;

std::string length_text(double x) {
  return format_quantity(x, Dimension::length, 6);
}

struct Span {
  double low = 0.0, high = 0.0;
};

// The domain along an axis without its absorbing layers.
Span inner_span(const WaveProblem& problem, std::size_t d) {
  const Axis& axis = problem.setup.grid.axes[d];
  const auto& faces = problem.setup.boundaries.faces[d];
  const int layer = problem.setup.boundaries.layer.cells;
  return {axis.edge(faces[0] == Boundary::absorbing ? layer : 0),
          axis.edge(axis.cells() - (faces[1] == Boundary::absorbing ? layer : 0))};
}

void check_inside(const SceneTable& table, const std::string& key, const WaveProblem& problem,
                  std::size_t d, const Span& span) {
  const Axis& axis = problem.setup.grid.axes[d];
  const double slack = 1e-6 * (axis.high() - axis.low()) / axis.cells();
  if (span.low < axis.low() - slack || span.high > axis.high() + slack)
    throw table.error(key,
                      fmt::format("reaches out of the domain along {}, which ends at {} and "
                                  "{}; move it inside",
                                  "xyz"[d], length_text(axis.low()), length_text(axis.high())));
  const Span inner = inner_span(problem, d);
  if (span.high < inner.low - slack || span.low > inner.high + slack)
    throw table.error(key, fmt::format("lies in the absorbing layer along {}, outside of {} to {}, "
                                       "where waves are damped; move it inward",
                                       "xyz"[d], length_text(inner.low), length_text(inner.high)));
}

// `centre` and `size`, and the `position` of a plane across an `axis`.
void check_place(const SceneTable& table, const WaveProblem& problem) {
  const std::size_t dimensions = static_cast<std::size_t>(problem.dimensions);
  if (table.has("centre") || table.has("size")) {
    const Vec3 centre = read_position(table, "centre", problem.dimensions);
    const Vec3 size = read_position(table, "size", problem.dimensions);
    const std::string key = table.has("centre") ? "centre" : "size";
    for (std::size_t d = 0; d < dimensions; ++d)
      check_inside(table, key, problem, d, {centre[d] - 0.5 * size[d], centre[d] + 0.5 * size[d]});
  }
  if (!table.has("axis") || !table.has("position")) return;
  const std::size_t d = static_cast<std::size_t>(table.string("axis")[0] - 'x');
  const double position = table.length("position");
  if (d < dimensions) check_inside(table, "position", problem, d, {position, position});
}

// The largest |S| of a waveform that has a spectrum.
double peak_of(const Waveform& waveform) {
  const std::array<double, 2> band = band_of(waveform, 0.5);
  double peak = 0.0;
  for (int i = 0; i <= 256; ++i)
    peak = std::max(peak, std::abs(waveform.spectrum(band[0] + (band[1] - band[0]) * i / 256)));
  return peak;
}

// Numbers of monitors are divided by the spectrum of the first source.
void check_frequencies(const SceneTable& table, const FrequencyMonitorPart& part,
                       WaveProblem& problem) {
  const SourcePart& source = problem.sources.front();
  const std::string key = table.has("wavelengths") ? "wavelengths" : "frequencies";
  const bool tone = !source.waveform.spectrum;
  const double peak = tone ? 0.0 : peak_of(source.waveform);
  const std::array<double, 2> band = band_of(source.waveform, little_signal);
  const std::string reach = format_quantity(band[0], Dimension::frequency, 4) + " to " +
                            format_quantity(band[1], Dimension::frequency, 4);
  bool warned = false;
  for (const double f : part.frequencies) {
    const std::string here = format_quantity(f, Dimension::frequency, 4);
    if (f * problem.setup.dt >= 0.5)
      throw table.error(key, "holds " + here + ", which a step of " +
                                 format_quantity(problem.setup.dt, Dimension::time, 3) +
                                 " cannot tell from a lower one; is the unit right?");
    if (!part.per_waveform) continue;
    if (tone) {
      if (std::abs(f - source.waveform.frequency) * problem.stop.time > 1.0)
        throw table.error(key,
                          "holds " + here + ", but the source is a tone of " +
                              format_quantity(source.waveform.frequency, Dimension::frequency, 4) +
                              "; ask for that, or make the source a pulse");
      continue;
    }
    const double share = std::abs(source.waveform.spectrum(f)) / peak;
    // Nonlinear media make what the source does not have.
    if (!is_linear(problem)) continue;
    if (!(share >= no_signal))
      throw table.error(key, "holds " + here + ", of which the source has nothing (its band is " +
                                 reach + "); ask inside of the band, or widen it");
    if (share < little_signal && !warned)
      problem.warnings.push_back(
          fmt::format("{}: warning: {} holds {}, of which the source has "
                      "little; its band is {}",
                      table.where(key), table.path(key), here, reach));
    warned = warned || share < little_signal;
  }
}

void check_snapshots(const SceneTable& table, const SnapshotPart& part,
                     const WaveProblem& problem) {
  const double last = problem.stop.time - part.from;
  const double frames = std::floor(last / std::max(part.every, problem.setup.dt)) +
                        (part.from > 0.5 * problem.setup.dt ? 1.0 : 0.0);
  if (last < 0.0 || frames < 1.0)
    throw table.error("every", "gives no frame before the run ends at " +
                                   format_quantity(problem.stop.time, Dimension::time, 6) +
                                   "; shorten it or `from`, or raise run.time");
  if (std::min<double>(frames, part.most) > most_frames)
    throw table.error("every", fmt::format("makes {:.3g} frames, each a file; {:.0g} are the most: "
                                           "lengthen it, or set count",
                                           frames, most_frames));
}

// Faces of a box that power flows through: nothing flows as in the open in an absorbing layer.
void check_faces(const SceneTable& table, const WaveProblem& problem) {
  if (!table.has("size")) return;
  const Vec3 centre = read_position(table, "centre", problem.dimensions);
  const Vec3 size = read_position(table, "size", problem.dimensions);
  for (std::size_t d = 0; d < static_cast<std::size_t>(problem.dimensions); ++d)
    for (const double side : {-0.5, 0.5}) {
      const double face = centre[d] + side * size[d];
      const Axis& axis = problem.setup.grid.axes[d];
      // A face at the end of the grid is none.
      if (face > axis.low() && face < axis.high())
        check_inside(table, "size", problem, d, {face, face});
    }
}

const FrequencyMonitorPart* find_monitor(const WaveProblem& problem, const std::string& name) {
  const auto found = std::find_if(problem.monitors.begin(), problem.monitors.end(),
                                  [&](const FrequencyMonitorPart& m) { return m.name == name; });
  return found == problem.monitors.end() ? nullptr : &*found;
}

void check_monitors(const SceneTable& root, WaveProblem& problem) {
  for (const SceneTable& table : root.tables("monitor")) {
    const std::string name = table.string("name", table.string("kind"));
    for (const SnapshotPart& part : problem.snapshots)
      if (part.name == name) check_snapshots(table, part, problem);
    const FrequencyMonitorPart* const part = find_monitor(problem, name);
    if (part == nullptr) continue;
    check_frequencies(table, *part, problem);
    check_place(table, problem);
    if (table.string("kind") == "box_flux") check_faces(table, problem);
  }
}

// Makes the monitors that need no media on a bare grid, for their numbers and mistakes.
void check_numbers(const WaveProblem& problem) {
  TimeDomainSetup setup = problem.setup;
  const WaveContext context = context_of(setup, problem.equations, problem.impedance());
  std::vector<NumberNames> known;
  for (const FrequencyMonitorPart& part : problem.monitors)
    if (!part.by_media) {
      const auto monitor = part.make(setup, context, 1);
      if (part.gives_numbers) known.push_back({part.name, monitor->numbers()});
    }
  validate_metric_numbers(problem, known);
}

void check_time(const SceneTable& root, WaveProblem& problem) {
  const SceneTable run = root.table("run");
  const double steps = problem.stop.time / problem.setup.dt;
  if (steps > most_steps)
    throw run.error(
        "time", fmt::format("takes {:.3g} steps of {}; {:.0e} are the most: is the "
                            "unit right?",
                            steps, format_quantity(problem.setup.dt, Dimension::time), most_steps));
  const double quiet = end_of_sources(problem);
  for (const PointPart& point : problem.points)
    if (point.resonances && problem.stop.time - quiet < 70.0 * problem.setup.dt)
      throw run.error("time", "is over before the sources are quiet at " +
                                  format_quantity(quiet, Dimension::time, 4) + ", but monitor " +
                                  point.name +
                                  " looks for resonances after that; let the run last longer");
  if (problem.stop.time < quiet)
    problem.warnings.push_back(fmt::format("{}: warning: the run ends before the sources do, at {}",
                                           run.where("time"),
                                           format_quantity(quiet, Dimension::time, 4)));
}

std::set<int> used_materials(const WaveProblem& problem) {
  std::set<int> used = {problem.geometry.background()};
  for (const PlacedSolid& solid : problem.geometry.solids()) used.insert(solid.material);
  return used;
}

// Media from tables of measurements are known in a band.
void check_media(const SceneTable& root, WaveProblem& problem) {
  if (problem.equations == Equations::sound) return;
  const std::array<double, 2> band = band_of_sources(problem);
  const SceneTable all = root.optional_table("material");
  for (const int m : used_materials(problem)) {
    const DispersiveMedium& medium = problem.materials.light[static_cast<std::size_t>(m)].medium;
    const std::string& name = problem.materials.names[static_cast<std::size_t>(m)];
    if (medium.min_wavelength <= 0.0 || !all.has(name)) continue;
    const SceneTable table = all.table(name);
    const Span known = {speed_of_light / medium.max_wavelength,
                        speed_of_light / medium.min_wavelength};
    const auto text = [](double low, double high) {
      return format_quantity(low, Dimension::frequency, 4) + " to " +
             format_quantity(high, Dimension::frequency, 4);
    };
    for (const SourcePart& source : problem.sources)
      if (source.waveform.frequency < known.low || source.waveform.frequency > known.high)
        throw table.error("medium",
                          "is known from " + text(known.low, known.high) + " (" +
                              length_text(medium.min_wavelength) + " to " +
                              length_text(medium.max_wavelength) + "), but source " + source.name +
                              " is centred on " +
                              format_quantity(source.waveform.frequency, Dimension::frequency, 4) +
                              "; choose another medium, or give permittivity and poles");
    if (band[0] < known.low || band[1] > known.high)
      problem.warnings.push_back(fmt::format(
          "{}: warning: {} is known from {}, the sources reach from {}", table.where("medium"),
          medium.name, text(known.low, known.high), text(band[0], band[1])));
  }
}

void check_resolution(const SceneTable& root, const WaveProblem& problem) {
  for (const WaveResolution& wave : wave_resolutions(problem))
    if (wave.cells < fewest_cells && !wave.metal)
      throw root.table("domain").error(
          "cell",
          fmt::format("leaves {:.2g} cells to the shortest wave in {} ({}), where {} is "
                      "the least a grid can carry and 10 are good; make cells smaller, or "
                      "the band of the sources narrower",
                      wave.cells, problem.materials.names[static_cast<std::size_t>(wave.material)],
                      length_text(wave.length), fewest_cells));
}

void check_names(const SceneTable& root, const WaveProblem& problem) {
  std::vector<std::string> known;
  for (const PointPart& point : problem.points) {
    if (!point.resonances) continue;
    for (const char* number : {"_resonances", "_frequency", "_quality"})
      known.push_back(point.name + number);
  }
  for (const CoupledModesPart& part : problem.coupled_modes)
    for (const auto& [name, value] : coupled_mode_metrics(part, {})) known.push_back(name);
  if (problem.design)
    for (const std::string& name : design_metrics(*problem.design)) known.push_back(name);
  for (const SceneTable& table : root.tables("metric")) {
    const std::string name = table.string("name");
    if (std::find(known.begin(), known.end(), name) != known.end())
      throw table.error("name", "is the name of two metrics; name them differently");
    known.push_back(name);
  }
  const SceneTable expect = root.optional_table("expect");
  for (const Expectation& expectation : problem.expectations)
    if (std::find(known.begin(), known.end(), expectation.metric) == known.end())
      throw expect.error(expectation.metric,
                         "bounds a metric that this scene does not give" +
                             suggestion(expectation.metric, known) + "; it gives " +
                             (known.empty() ? "none: write a [[metric]]" : join_names(known)));
}

double widest_cell(const WaveProblem& problem) {
  double widest = 0.0;
  for (int d = 0; d < problem.dimensions; ++d) {
    const Axis& axis = problem.setup.grid.axis(d);
    for (int i = 0; i < axis.cells(); ++i) widest = std::max(widest, axis.width(i));
  }
  return widest;
}

}  // namespace

std::vector<WaveResolution> wave_resolutions(const WaveProblem& problem) {
  const double highest = band_of_sources(problem)[1], cell = widest_cell(problem);
  std::vector<WaveResolution> waves;
  for (const int m : used_materials(problem)) {
    const std::size_t at = static_cast<std::size_t>(m);
    WaveResolution wave;
    wave.material = m;
    double speed = 0.0;
    if (problem.equations == Equations::sound) {
      speed = problem.materials.sound[at].speed;
    } else {
      const LightMaterial& light = problem.materials.light[at];
      const std::complex<double> index =
          std::sqrt(light.medium.permittivity(2.0 * pi * highest) * light.permeability);
      // In a good conductor both parts are the same.
      wave.metal = index.imag() > 0.5 * index.real();
      speed = speed_of_light / (wave.metal ? index.imag() : index.real());
    }
    wave.length = speed / highest;
    wave.cells = wave.length / cell;
    waves.push_back(wave);
  }
  return waves;
}

long step_count(const WaveProblem& problem) {
  return std::max(1L, std::lround(problem.stop.time / problem.setup.dt));
}

void validate_metric_numbers(const WaveProblem& problem, const std::vector<NumberNames>& known) {
  for (const WaveMetricPart& part : problem.metrics) {
    const auto check = [&](const std::string& monitor, const std::string& number,
                           const std::string& key) {
      const auto found = std::find_if(known.begin(), known.end(), [&](const NumberNames& names) {
        return names.monitor == monitor;
      });
      if (found == known.end() || number.empty()) return;
      std::vector<std::string> names;
      for (const MonitorNumber& one : found->numbers) names.push_back(one.name);
      if (std::find(names.begin(), names.end(), number) == names.end())
        throw InputError(fmt::format("{}.{} = \"{}\" is no number of monitor {}{}; it gives {}",
                                     part.place, key, number, monitor, suggestion(number, names),
                                     join_names(names)));
    };
    check(part.monitor, part.number, "number");
    check(part.over, part.over_number.empty() ? part.number : part.over_number,
          part.over_number.empty() ? "number" : "over_number");
  }
}

void validate_wave_problem(const SceneTable& root, WaveProblem& problem) {
  for (const SceneTable& table : root.tables("source")) check_place(table, problem);
  check_resolution(root, problem);
  check_media(root, problem);
  check_time(root, problem);
  check_monitors(root, problem);
  check_numbers(problem);
  check_names(root, problem);
  at_place(root.table("domain"), "cell", [&] { require_wave_memory(problem, Precision::f32); });
}

}  // namespace wavesmith
