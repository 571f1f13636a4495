#include "training/augmentation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/random.hpp"

namespace wavesmith {
namespace {

constexpr std::uint64_t augmentation_stream = 0x6175676d;

}  // namespace

Dataset augmented(const Dataset& data, std::size_t used, const Augmentation& augmentation,
                  std::uint64_t seed) {
  if (augmentation.copies == 0) return data;
  const int rows = data.rows, columns = data.cols, shift = augmentation.shift;
  WAVESMITH_VALIDATE(rows > 1 && columns > 1,
                     fmt::format("copies are made of images; a sample of {} has {} x {} values",
                                 data.name, rows, columns));
  WAVESMITH_VALIDATE(shift > 0 || augmentation.mirrored,
                     "copies of training images that are neither moved nor mirrored say nothing "
                     "new; give a shift, mirror them, or leave the copies out");
  WAVESMITH_VALIDATE(2 * shift < std::min(rows, columns) || shift == 0,
                     fmt::format("moving images of {} x {} pixels by up to {} pixels leaves little "
                                 "of them; lower the shift",
                                 rows, columns, shift));
  const std::size_t size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  const std::size_t copies = static_cast<std::size_t>(augmentation.copies);
  require_memory((data.count() + copies * used) * size * sizeof(float), "the training images");
  const auto end_of_used = static_cast<std::ptrdiff_t>(used);
  Dataset all{data.name, rows, columns, {}, {}, data.class_count};
  all.images.reserve((data.count() + copies * used) * size);
  all.images.assign(data.images.begin(),
                    data.images.begin() + static_cast<std::ptrdiff_t>(used * size));
  all.labels.assign(data.labels.begin(), data.labels.begin() + end_of_used);
  const Random random(seed, augmentation_stream);
  const std::uint64_t places = static_cast<std::uint64_t>(2 * shift + 1);
  for (std::size_t copy = 0; copy < copies; ++copy) {
    for (std::size_t n = 0; n < used; ++n) {
      const std::uint64_t draw = 3 * (copy * used + n);
      const int down = static_cast<int>(random.below(draw, places)) - shift;
      const int right = static_cast<int>(random.below(draw + 1, places)) - shift;
      const bool turned = augmentation.mirrored && random.below(draw + 2, 2) == 1;
      const float* const image = data.images.data() + n * size;
      for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j) {
          const int from_i = i - down, before = j - right;
          const int from_j = turned ? columns - 1 - before : before;
          const bool inside = from_i >= 0 && from_i < rows && before >= 0 && before < columns;
          all.images.push_back(inside ? image[from_i * columns + from_j] : 0.0f);
        }
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
