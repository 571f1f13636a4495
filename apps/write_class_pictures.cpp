// Pictures of a classifier's answers to its test set.
#ifdef WAVESMITH_HAS_VTK
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/outputs.hpp"
#include "apps/picture_parts.hpp"
#include "core/atomic_file.hpp"
#include "viz/canvas.hpp"

namespace wavesmith {
namespace {

struct Answers {
  std::vector<int> label, predicted;
  int classes = 0;
};

Answers answers_of(const FinishedRun& run) {
  Answers answers;
  const std::size_t width = static_cast<std::size_t>(run.problem.description.reading_count);
  const auto loss = make_loss(*run.problem.loss);
  const std::span<const double> readings = run.findings.test_readings;
  for (std::size_t s = 0; s < readings.size() / width; ++s) {
    answers.label.push_back(run.inputs.test->target(s).label);
    answers.predicted.push_back(loss->predicted_class(readings.subspan(s * width, width)));
  }
  answers.classes = class_count(*run.problem.loss);
  return answers;
}

// Rows: the true class; columns: the answer. Each cell holds its count, and is as dark as its share
// of the row.
void write_confusion(const Answers& answers, const std::filesystem::path& path) {
  const int n = answers.classes;
  const std::size_t classes = static_cast<std::size_t>(n);
  std::vector<int> count(classes * classes, 0);
  for (std::size_t s = 0; s < answers.label.size(); ++s)
    ++count[static_cast<std::size_t>(answers.label[s]) * classes +
            static_cast<std::size_t>(answers.predicted[s])];

  const int cell = std::clamp(640 / n, 36, 64), font = 18, left = 90, top = 100;
  const int size = n * cell;
  Canvas canvas(left + size + 150, top + size + 24);
  canvas.text(left + size / 2, 12, fmt::format("Answers to {} test samples", answers.label.size()),
              22, Align::centre, true);
  canvas.text(left + size / 2, top - 2 * text_height(font) - 2, "answer", font, Align::centre);
  canvas.text_upward(14, top + size / 2, "true class", font);
  canvas.text(left + size + 130, top - text_height(font) - 2, "right", font, Align::right);
  for (int row = 0; row < n; ++row) {
    const auto first = count.begin() + static_cast<std::ptrdiff_t>(row) * n;
    const int total = std::accumulate(first, first + n, 0);
    const int y = top + row * cell, middle = y + (cell - text_height(font)) / 2;
    canvas.text(left - 10, middle, std::to_string(row), font, Align::right);
    canvas.text(left + row * cell + cell / 2, top - text_height(font) - 2, std::to_string(row),
                font, Align::centre);
    for (int column = 0; column < n; ++column) {
      const int here = first[column], x = left + column * cell;
      const double share = total > 0 ? static_cast<double>(here) / total : 0.0;
      // Pale enough for black figures; the square root shows rare mistakes.
      const double depth = 0.75 * std::sqrt(share);
      const auto shade = [&](int full) {
        return static_cast<std::uint8_t>(std::lround(255.0 + depth * (full - 255.0)));
      };
      canvas.fill(x, y, cell, cell,
                  row == column ? Rgb{shade(60), shade(150), shade(90)}
                                : Rgb{shade(215), shade(80), shade(50)});
      canvas.outline(x, y, cell + 1, cell + 1, {210, 210, 210});
      if (here > 0)
        canvas.text(x + cell / 2, middle, std::to_string(here), here < 1000 ? font : 15,
                    Align::centre, row == column);
    }
    if (total > 0)
      canvas.text(left + size + 130, middle, fmt::format("{:.1f} %", 100.0 * first[row] / total),
                  font, Align::right);
  }
  canvas.outline(left - 1, top - 1, size + 3, size + 3, black);
  write_file(path, encode_png(canvas));
}

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
  const Answers answers = answers_of(run);
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
