#include "training/features.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

FeatureTable pooled(const Dataset& data, int pool) {
  WAVESMITH_VALIDATE(pool >= 1 && data.rows % pool == 0 && data.cols % pool == 0,
                     fmt::format("images of {} x {} pixels do not divide into blocks of {} x {}; "
                                 "choose another data.pool",
                                 data.rows, data.cols, pool, pool));
  const std::size_t rows = static_cast<std::size_t>(data.rows), p = static_cast<std::size_t>(pool),
                    columns = static_cast<std::size_t>(data.cols);
  FeatureTable table{(rows / p) * (columns / p), {}, {}, data.labels, data.class_count};
  if (pool == 1) {
    table.real = data.images;
    return table;
  }
  const double share = 1.0 / static_cast<double>(pool * pool);
  table.real.reserve(table.width * data.count());
  for (std::size_t n = 0; n < data.count(); ++n)
    for (std::size_t i = 0; i < rows; i += p)
      for (std::size_t j = 0; j < columns; j += p) {
        double sum = 0.0;
        for (std::size_t di = 0; di < p; ++di)
          for (std::size_t dj = 0; dj < p; ++dj)
            sum += data.images[(n * rows + i + di) * columns + j + dj];
        table.real.push_back(static_cast<float>(share * sum));
      }
  return table;
}

// exp(-2 pi i k n / size) for the `wanted` frequencies k around 0: [k][n].
std::vector<Complex> waves(int size, int wanted) {
  std::vector<Complex> table;
  for (int k = -(wanted / 2); k < wanted - wanted / 2; ++k)
    for (int n = 0; n < size; ++n)
      table.push_back(std::polar(1.0, -2.0 * std::numbers::pi * k * n / size));
  return table;
}

FeatureTable transformed(const Dataset& data, int wanted) {
  WAVESMITH_VALIDATE(wanted <= data.rows && wanted <= data.cols,
                     fmt::format("images of {} x {} pixels do not have {} x {} Fourier "
                                 "coefficients; lower data.fourier",
                                 data.rows, data.cols, wanted, wanted));
  const std::vector<Complex> down = waves(data.rows, wanted), across = waves(data.cols, wanted);
  const std::size_t rows = static_cast<std::size_t>(data.rows),
                    columns = static_cast<std::size_t>(data.cols),
                    w = static_cast<std::size_t>(wanted);
  FeatureTable table{w * w, {}, {}, data.labels, data.class_count};
  table.real.reserve(w * w * data.count());
  table.imaginary.reserve(w * w * data.count());
  std::vector<Complex> half(rows * w);
  for (std::size_t n = 0; n < data.count(); ++n) {
    const float* image = data.images.data() + n * rows * columns;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t k = 0; k < w; ++k) {
        Complex sum = 0.0;
        for (std::size_t j = 0; j < columns; ++j)
          sum += static_cast<double>(image[i * columns + j]) * across[k * columns + j];
        half[i * w + k] = sum;
      }
    for (std::size_t l = 0; l < w; ++l)
      for (std::size_t k = 0; k < w; ++k) {
        Complex sum = 0.0;
        for (std::size_t i = 0; i < rows; ++i) sum += down[l * rows + i] * half[i * w + k];
        table.real.push_back(static_cast<float>(sum.real()));
        table.imaginary.push_back(static_cast<float>(sum.imag()));
      }
  }
  return table;
}

// x -> (x - shift) * factor for one feature.
struct Scale {
  double shift = 0.0, factor = 1.0;
};

std::vector<Scale> find_scales(const std::string& kind, const FeatureTable& table) {
  std::vector<Scale> scales(table.width);
  if (kind == "none") return scales;
  WAVESMITH_VALIDATE(table.imaginary.empty(), "data.scaling = \"" + kind +
                                                  "\" is for real features; leave it out with "
                                                  "data.fourier, or use data.normalise");
  const double count = static_cast<double>(table.count());
  for (std::size_t f = 0; f < table.width; ++f) {
    double least = table.real[f], largest = least, sum = 0.0, squares = 0.0;
    for (std::size_t i = f; i < table.real.size(); i += table.width) {
      const double x = table.real[i];
      least = std::min(least, x);
      largest = std::max(largest, x);
      sum += x;
    }
    const double mean = sum / count;
    for (std::size_t i = f; i < table.real.size(); i += table.width)
      squares += (table.real[i] - mean) * (table.real[i] - mean);
    const double deviation = std::sqrt(squares / count);
    const double extent = kind == "range"     ? largest - least
                          : kind == "largest" ? std::max(std::abs(least), std::abs(largest))
                                              : deviation;
    scales[f].shift = kind == "range" ? least : kind == "standard" ? mean : 0.0;
    // A feature that never changes carries nothing; it becomes 0 (or stays, divided by nothing).
    scales[f].factor = extent > 0.0 ? 1.0 / extent : 1.0;
  }
  return scales;
}

void apply(const std::vector<Scale>& scales, const std::string& normalise, FeatureTable& table) {
  const bool complex = !table.imaginary.empty();
  for (std::size_t n = 0; n < table.count(); ++n) {
    float* real = table.real.data() + n * table.width;
    float* imaginary = complex ? table.imaginary.data() + n * table.width : nullptr;
    double sum = 0.0, squares = 0.0;
    for (std::size_t f = 0; f < table.width; ++f) {
      const double x = (real[f] - scales[f].shift) * scales[f].factor;
      real[f] = static_cast<float>(x);
      const double power =
          x * x +
          (complex ? static_cast<double>(imaginary[f]) * static_cast<double>(imaginary[f]) : 0.0);
      sum += std::sqrt(power);
      squares += power;
    }
    const double size = normalise == "sum"      ? sum
                        : normalise == "power"  ? std::sqrt(squares)
                        : normalise == "square" ? squares
                                                : 1.0;
    if (!(size > 0.0)) continue;
    for (std::size_t f = 0; f < table.width; ++f) {
      real[f] = static_cast<float>(real[f] / size);
      if (complex) imaginary[f] = static_cast<float>(imaginary[f] / size);
    }
  }
}

}  // namespace

void make_features(const FeatureSettings& settings, const Dataset& training,
                   const std::vector<const Dataset*>& others, FeatureTable& training_features,
                   std::vector<FeatureTable>& other_features) {
  const auto raw = [&](const Dataset& data) {
    return settings.fourier > 0 ? transformed(data, settings.fourier) : pooled(data, settings.pool);
  };
  training_features = raw(training);
  const std::vector<Scale> scales = find_scales(settings.scaling, training_features);
  apply(scales, settings.normalise, training_features);
  for (const Dataset* other : others) {
    other_features.push_back(raw(*other));
    apply(scales, settings.normalise, other_features.back());
  }
}

void FeatureInputs::fill(std::size_t index, int, std::span<Complex> amplitudes) const {
  const std::size_t first = (first_ + index) * table_->width;
  for (std::size_t f = 0; f < table_->width; ++f)
    amplitudes[f] = Complex(table_->real[first + f],
                            table_->imaginary.empty() ? 0.0f : table_->imaginary[first + f]);
}

double FeatureInputs::power(std::size_t index) const {
  const std::size_t first = (first_ + index) * table_->width;
  double sum = 0.0;
  for (std::size_t f = first; f < first + table_->width; ++f) {
    sum += static_cast<double>(table_->real[f]) * table_->real[f];
    if (!table_->imaginary.empty())
      sum += static_cast<double>(table_->imaginary[f]) * table_->imaginary[f];
  }
  return sum > 0.0 ? sum : 1.0;
}

Target FeatureInputs::target(std::size_t index) const {
  Target target;
  target.label = table_->labels[first_ + index];
  return target;
}

}  // namespace wavesmith
