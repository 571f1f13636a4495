// Pictures of a classifier's answers to its test set.
#ifdef WAVESMITH_HAS_VTK
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/class_answers.hpp"
#include "apps/outputs.hpp"
#include "apps/picture_parts.hpp"
#include "core/atomic_file.hpp"
#include "viz/canvas.hpp"

namespace wavesmith {
namespace {

// Samples of different classes that are answered rightly, and, last, one that is not.
std::vector<std::size_t> choose_examples(const Answers& answers) {
  constexpr std::size_t most = 5;
  std::vector<std::size_t> examples;
  std::size_t wrong = answers.label.size();
  std::vector<char> seen(static_cast<std::size_t>(answers.classes), 0);
  for (std::size_t s = 0; s < answers.label.size(); ++s) {
    const std::size_t label = static_cast<std::size_t>(answers.label[s]);
    if (answers.predicted[s] != answers.label[s]) {
      wrong = std::min(wrong, s);
    } else if (seen[label] == 0 && examples.size() < most - 1) {
      seen[label] = 1;
      examples.push_back(s);
    }
  }
  if (wrong < answers.label.size()) examples.push_back(wrong);
  return examples;
}

void write_examples(const FinishedRun& run, const Answers& answers,
                    const std::filesystem::path& path) {
  const std::vector<std::size_t> examples = choose_examples(answers);
  if (examples.empty()) return;
  const auto records = record_planes(run, examples);
  const std::size_t width = static_cast<std::size_t>(run.problem.description.reading_count);
  std::vector<Picture> sources, detectors;
  for (std::size_t e = 0; e < examples.size(); ++e) {
    const std::size_t s = examples[e];
    const auto own = std::span<const double>(run.findings.test_readings).subspan(s * width, width);
    const double brightest = *std::max_element(own.begin(), own.end());
    const double total = std::accumulate(own.begin(), own.end(), 0.0);
    const PlaneRecord& source = records[e].front();
    sources.push_back(intensity_picture(source, 0, fmt::format("a {}", answers.label[s])));
    detectors.push_back(detector_picture(records[e].back(), run.problem, 0));
    detectors.back().title =
        fmt::format("read as {} (brightest detector: {:.0f} % of the readings)",
                    answers.predicted[s], total > 0.0 ? 100.0 * brightest / total : 0.0);
  }
  std::vector<Picture> all = std::move(sources);
  for (Picture& picture : detectors) all.push_back(std::move(picture));
  for (Picture& picture : all) turn_upright(picture);
  write_panels_png(all, "Test samples and what the detectors see", path,
                   static_cast<int>(examples.size()));
}

}  // namespace

void write_class_pictures(const FinishedRun& run, OutputFolder& folder) {
  if (run.findings.test_readings.empty() || !run.problem.loss) return;
  const Answers answers =
      answers_of(*run.problem.loss, *run.inputs.test, run.findings.test_readings);
  // A class the loss does not know would have no row.
  if (answers.classes < 2 || answers.classes > 40) return;
  write_confusion(answers, folder.add("images/confusion.png",
                                      "Answers to the test set: true class against answer"));
  write_examples(
      run, answers,
      folder.add("images/examples.png", "Some test samples, and what the detectors see of them"));
}

}  // namespace wavesmith
#endif
