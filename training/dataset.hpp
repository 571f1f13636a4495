// A labelled set of images, as the training loop reads it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace wavesmith {

struct Dataset {
  std::string name;           // "mnist", or the file's stem
  int rows = 0, cols = 0;     // image size [pixels]; a plain feature vector is one row
  std::vector<float> images;  // count * rows * cols, row-major; pixels are scaled to 0..1
  std::vector<int> labels;    // one per image, 0 .. class_count - 1
  int class_count = 0;

  std::size_t count() const { return labels.size(); }
};

}  // namespace wavesmith
