// result.json: what a run found, for other programs.
#include <nlohmann/json.hpp>

#include "apps/run_scene.hpp"
#include "core/atomic_file.hpp"
#include "core/version.hpp"

namespace wavesmith {

void write_outputs(const DiffractiveProblem& problem, const ProblemInputs&,
                   const RunOptions& settings, const Device&, RunFindings& findings,
                   const std::filesystem::path& out) {
  nlohmann::ordered_json result;
  result["scene"] = settings.scene;
  result["version"] = version;
  result["device"] = findings.device;
  result["precision"] = settings.precision == Precision::f32 ? "f32" : "f64";
  result["seed"] = settings.seed;
  for (const auto& [name, value] : findings.metrics.all()) result["metrics"][name] = value;
  result["cost"] = {{"experiments", findings.cost.experiments},
                    {"exposures", findings.cost.exposures},
                    {"readings", findings.cost.readings},
                    {"operations", findings.cost.operations}};
  for (const auto& [name, value] : findings.timing) result["timing"][name] = value;
  (void)problem;
  write_file(out / "result.json", result.dump(2) + "\n");
}

}  // namespace wavesmith
