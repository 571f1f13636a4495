// From a data set to the features that enter a network: pooling, Fourier coefficients, scaling.
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "training/dataset.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

struct FeatureSettings {
  // An image becomes the means of its blocks of pool x pool pixels.
  int pool = 1;
  // Or the fourier x fourier coefficients of its discrete Fourier transform around frequency 0,
  // rows first, from the lowest (negative) frequency on; 0: the pixels themselves.
  int fourier = 0;
  // Of each feature over the training set: "none"; "range", least to largest become 0 to 1;
  // "largest", divided by the largest magnitude; "standard", mean 0 and variance 1.
  std::string scaling = "none";
  // Of each sample: "none"; "sum", divided by the sum of magnitudes; "power", divided by the root
  // of the sum of squares; "square", divided by the sum of squares. A sample of zeros stays.
  std::string normalise = "none";
};

// One row of `width` features a sample. `imaginary` is empty where features are real.
struct FeatureTable {
  std::size_t width = 0;
  std::vector<float> real, imaginary;
  std::vector<int> labels;
  int class_count = 0;

  std::size_t count() const { return labels.size(); }
};

// Scaling is found on `training` and applied to each of `others` too. Throws InputError where the
// image does not divide into blocks or has fewer coefficients than asked for.
void make_features(const FeatureSettings& settings, const Dataset& training,
                   const std::vector<const Dataset*>& others, FeatureTable& training_features,
                   std::vector<FeatureTable>& other_features);

// Samples [first, first + count) of a table. Every channel gets the same features; the power of a
// sample is the sum of squares, or 1 where that is 0.
class FeatureInputs final : public InputSet {
 public:
  FeatureInputs(std::shared_ptr<const FeatureTable> table, std::size_t first, std::size_t count)
      : table_(std::move(table)), first_(first), count_(count) {}
  std::size_t count() const override { return count_; }
  std::size_t width() const { return table_->width; }
  void fill(std::size_t index, int channel,
            std::span<std::complex<double>> amplitudes) const override;
  double power(std::size_t index) const override;
  Target target(std::size_t index) const override;

 private:
  std::shared_ptr<const FeatureTable> table_;
  std::size_t first_, count_;
};

}  // namespace wavesmith
