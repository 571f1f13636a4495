// Everything that a finished run writes; result.json, for other programs, comes last.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/outputs.hpp"
#include "apps/report_parts.hpp"
#include "apps/views.hpp"
#include "core/atomic_file.hpp"

namespace wavesmith {

std::filesystem::path OutputFolder::add(const std::string& path, const std::string& what) {
  const std::filesystem::path whole = root_ / path;
  make_folder(whole.parent_path());
  if (!has(path)) files_.push_back({path, what});
  return whole;
}

bool OutputFolder::has(const std::string& path) const {
  return std::any_of(files_.begin(), files_.end(),
                     [&](const WrittenFile& file) { return file.path == path; });
}

namespace {

void write_result(const FinishedRun& run, OutputFolder& folder) {
  const RunFindings& findings = run.findings;
  nlohmann::ordered_json result = result_head(run.settings, findings.device, findings.metrics);
  result["cost"] = {{"experiments", findings.cost.experiments},
                    {"exposures", findings.cost.exposures},
                    {"readings", findings.cost.readings},
                    {"operations", findings.cost.operations}};
  write_result_file(std::move(result), findings.timing, folder);
}

#ifdef WAVESMITH_HAS_VTK
void write_views(const FinishedRun& run, OutputFolder& folder) {
  const DiffractiveProblem& problem = run.problem;
  if (problem.views.empty()) return;
  const auto system = make_system(problem, problem.description.propagation,
                                  system_options(run.settings, run.device));
  system->set_parameters(run.parameters());
  for (const ViewPart& view : problem.views) {
    const PlaneRecord record =
        record_view(problem, view, *system, *run.inputs.test, run.parameters());
    if (problem.output.fields) write_view_field(record, problem, folder);
    if (problem.output.pictures) write_view_picture(record, problem, folder);
  }
}

void write_light(const FinishedRun& run, OutputFolder& folder, std::vector<std::string>& left_out) {
  const OutputPart& wanted = run.problem.output;
  if (!wanted.fields && !wanted.pictures) return;
  const std::size_t first = 0;
  const auto planes = record_planes(run, std::span<const std::size_t>(&first, 1)).front();
  const auto layers = record_layers(run);
  // Of a data set there are many sources, and none of them is the one to look at.
  const Frame side = run.problem.data ? Frame{} : record_side(run);
  if (!run.problem.data && side.arrays.empty())
    left_out.push_back("no side view: the stack has no length, or its modes need too much memory");
  if (wanted.fields) write_fields(planes, layers, side, run.problem, folder);
  write_views(run, folder);
  if (!wanted.pictures) return;
  write_pictures(planes, layers, side, run, folder);
  if (run.problem.data) write_class_pictures(run, folder);
}
#endif

}  // namespace

std::vector<std::string> write_outputs(const DiffractiveProblem& problem,
                                       const ProblemInputs& inputs, const RunOptions& settings,
                                       const Device& device, RunFindings& findings,
                                       const std::filesystem::path& out) {
  const FinishedRun run{problem, inputs, settings, device, findings};
  OutputFolder folder(out);
  std::vector<std::string> left_out;
  if (findings.trained) folder.add("history.csv", "one row an epoch or iteration");
  if (problem.output.design) left_out = write_design(run, folder);
#ifdef WAVESMITH_HAS_VTK
  write_light(run, folder, left_out);
#else
  if (problem.output.fields || problem.output.pictures)
    left_out.push_back("no fields and pictures: this program was built without VTK");
#endif
  if (problem.output.report) write_report(run, folder);
  write_result(run, folder);
  return left_out;
}

}  // namespace wavesmith
