#include "apps/wave_scattering_files.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "physics/scattering_symmetry.hpp"
#include "physics/touchstone.hpp"

namespace wavesmith {

void write_scattering_files(const WaveProblem& problem, const std::vector<MonitorCurves>& curves,
                            OutputFolder& folder) {
  // Reciprocity is of linear media.
  if (!is_linear(problem)) return;
  for (const ScatteringPart& part : problem.scattering) {
    const auto found = std::ranges::find(curves, part.name, &MonitorCurves::name);
    // Ports of several modes have more numbers than ports: a circuit's port is one mode.
    const std::size_t ports = part.monitors.size();
    if (found == curves.end() || found->values.size() != ports) continue;
    std::vector<std::vector<std::complex<double>>> column(found->frequencies.size());
    for (std::size_t f = 0; f < column.size(); ++f)
      for (std::size_t to = 0; to < ports; ++to) column[f].push_back(found->values[to][f]);
    CompletedScattering whole = complete_scattering(
        found->frequencies, column, static_cast<std::size_t>(part.excited - 1), part.symmetries);
    if (whole.unknown > 0) continue;
    for (const std::size_t monitor : part.monitors)
      whole.table.port_names.push_back(problem.monitors[monitor].name);
    std::vector<std::string> comments = {
        problem.title,
        fmt::format("One run excites port {}; the other columns follow from reciprocity and the "
                    "symmetries of the scene.",
                    part.excited),
        fmt::format("Entries that ought to be the same differ by {:.2e} at most.",
                    2.0 * whole.disagreement)};
    write_touchstone(whole.table,
                     folder.add(part.name + touchstone_ending(ports),
                                "scattering parameters, for circuits and other programs"),
                     {.comments = std::move(comments)});
  }
}

}  // namespace wavesmith
