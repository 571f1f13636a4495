#include "training/augmentation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/random.hpp"

namespace wavesmith {
namespace {

constexpr std::uint64_t augmentation_stream = 0x6175676d;

struct Move {
  double down = 0.0, right = 0.0;  // pixels
  double angle = 0.0, scale = 1.0;
  bool mirrored = false;
};

// The image at a place between its pixels, rows down and columns right; 0 outside.
double between_pixels(const float* image, int rows, int columns, double row, double column) {
  const double top = std::floor(row), left = std::floor(column);
  const double below = row - top, beyond = column - left;
  const auto at = [&](double i, double j) {
    const bool inside = i >= 0.0 && i < rows && j >= 0.0 && j < columns;
    return inside ? static_cast<double>(image[static_cast<int>(i) * columns + static_cast<int>(j)])
                  : 0.0;
  };
  return (1.0 - below) * ((1.0 - beyond) * at(top, left) + beyond * at(top, left + 1.0)) +
         below * ((1.0 - beyond) * at(top + 1.0, left) + beyond * at(top + 1.0, left + 1.0));
}

void append_moved(const float* image, int rows, int columns, const Move& move,
                  std::vector<float>& to) {
  const double cosine = std::cos(move.angle) / move.scale, sine = std::sin(move.angle) / move.scale;
  const double middle_row = 0.5 * (rows - 1), middle_column = 0.5 * (columns - 1);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) {
      const double y = i - middle_row - move.down, x = j - middle_column - move.right;
      const double row = middle_row + cosine * y - sine * x;
      const double across = cosine * x + sine * y;
      const double column = middle_column + (move.mirrored ? -across : across);
      to.push_back(static_cast<float>(between_pixels(image, rows, columns, row, column)));
    }
}

}  // namespace

Dataset augmented(const Dataset& data, std::size_t used, const Augmentation& augmentation,
                  std::uint64_t seed) {
  if (augmentation.copies == 0) return data;
  const int rows = data.rows, columns = data.cols;
  const auto& [copies, shift, rotation, zoom, mirrored] = augmentation;
  WAVESMITH_VALIDATE(rows > 1 && columns > 1,
                     fmt::format("copies are made of images; a sample of {} has {} x {} values",
                                 data.name, rows, columns));
  WAVESMITH_VALIDATE(shift > 0.0 || rotation > 0.0 || zoom > 0.0 || mirrored,
                     "copies of training images that are neither moved, turned, scaled nor "
                     "mirrored say nothing new; give a shift, a rotation or a zoom, mirror them, "
                     "or leave the copies out");
  WAVESMITH_VALIDATE(2.0 * shift < std::min(rows, columns),
                     fmt::format("moving images of {} x {} pixels by up to {} pixels leaves little "
                                 "of them; lower the shift",
                                 rows, columns, shift));
  WAVESMITH_VALIDATE(zoom < 1.0, fmt::format("scaling by 1 - {0} to 1 + {0} leaves nothing of some "
                                             "images; give a zoom below 1",
                                             zoom));
  const std::size_t size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  const std::size_t more = static_cast<std::size_t>(copies) * used;
  require_memory((data.count() + more) * size * sizeof(float), "the training images");
  const auto end_of_used = static_cast<std::ptrdiff_t>(used);
  Dataset all{data.name, rows, columns, {}, {}, data.class_count};
  all.images.reserve((data.count() + more) * size);
  all.images.assign(data.images.begin(),
                    data.images.begin() + static_cast<std::ptrdiff_t>(used * size));
  all.labels.assign(data.labels.begin(), data.labels.begin() + end_of_used);
  const Random random(seed, augmentation_stream);
  for (std::size_t copy = 0; copy < static_cast<std::size_t>(copies); ++copy) {
    for (std::size_t n = 0; n < used; ++n) {
      const std::uint64_t draw = 5 * (copy * used + n);
      const Move move{random.uniform(draw, -shift, shift), random.uniform(draw + 1, -shift, shift),
                      random.uniform(draw + 2, -rotation, rotation),
                      random.uniform(draw + 3, 1.0 - zoom, 1.0 + zoom),
                      mirrored && random.below(draw + 4, 2) == 1};
      append_moved(data.images.data() + n * size, rows, columns, move, all.images);
    }
    all.labels.insert(all.labels.end(), data.labels.begin(), data.labels.begin() + end_of_used);
  }
  all.images.insert(all.images.end(),
                    data.images.begin() + static_cast<std::ptrdiff_t>(used * size),
                    data.images.end());
  all.labels.insert(all.labels.end(), data.labels.begin() + end_of_used, data.labels.end());
  return all;
}

}  // namespace wavesmith
