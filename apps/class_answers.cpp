#include "apps/class_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/atomic_file.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/canvas.hpp"
#endif

namespace wavesmith {

Answers answers_of(const LossSpec& loss, const InputSet& inputs, std::span<const double> readings) {
  Answers answers;
  const std::size_t width = static_cast<std::size_t>(loss.reading_count);
  const auto classifier = make_loss(loss);
  for (std::size_t s = 0; s < readings.size() / width; ++s) {
    answers.label.push_back(inputs.target(s).label);
    answers.predicted.push_back(classifier->predicted_class(readings.subspan(s * width, width)));
  }
  answers.classes = class_count(loss);
  return answers;
}

#ifdef WAVESMITH_HAS_VTK
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
#endif

}  // namespace wavesmith
