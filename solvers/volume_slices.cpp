#include "solvers/volume_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "solvers/reference_media.hpp"

namespace wavesmith {
namespace {

constexpr int most_slices = 4096;

double filling(double height, double slice, int s) {
  return std::clamp(height / slice - s, 0.0, 1.0);
}

}  // namespace

VolumeSlices::VolumeSlices(std::shared_ptr<const Layer> layer, int slices, double medium_index)
    : layer_(std::move(layer)), count_(slices), medium_index_(medium_index) {
  WAVESMITH_VALIDATE(layer_->relief() != nullptr,
                     "a volume needs a layer that is a body (only a height layer without dead "
                     "space is one); choose kind = \"height\" and dead_fraction = 0");
  WAVESMITH_VALIDATE(slices >= 1 && slices <= most_slices,
                     fmt::format("a volume in {} slices; take 1 to {}", slices, most_slices));
}

std::array<double, VolumeSlices::media> VolumeSlices::references(double wavelength) const {
  const double material = layer_->relief()->index(wavelength).real();
  WAVESMITH_VALIDATE(std::abs(material - medium_index_) > 1e-9 * medium_index_,
                     fmt::format("the layer's material has the index {:.6g} of what is around it "
                                 "(nothing to go through); choose another material",
                                 material));
  return {std::min(material, medium_index_), std::max(material, medium_index_)};
}

std::vector<double> VolumeSlices::heights(std::span<const double> parameters) const {
  std::vector<double> heights(plane().size());
  layer_->relief()->sample_heights(parameters, heights);
  return heights;
}

void VolumeSlices::weights(std::span<const double> heights, int s, double wavelength,
                           std::array<std::vector<Complex>, media>& weights) const {
  const std::array<double, media> around = references(wavelength);
  const Complex material = layer_->relief()->index(wavelength);
  const double k0 = 2.0 * std::numbers::pi / wavelength;
  for (std::vector<Complex>& weight : weights) weight.resize(heights.size());
  std::array<ReferenceWeight, media> here{};
  double last = -1.0;  // most samples of a slice are full or empty like their neighbour
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double share = filling(heights[i], slice(), s);
    if (share != last)
      reference_weights(medium_index_ + share * (material - medium_index_), around, k0, slice(),
                        here);
    last = share;
    for (std::size_t m = 0; m < media; ++m) weights[m][i] = here[m].value;
  }
}

void VolumeSlices::pull_back(std::span<const double> heights, int s, double wavelength,
                             const std::array<std::vector<Complex>, media>& cotangents,
                             std::span<double> height_cotangents) const {
  const std::array<double, media> around = references(wavelength);
  const Complex step = layer_->relief()->index(wavelength) - medium_index_;
  const double k0 = 2.0 * std::numbers::pi / wavelength;
  std::array<ReferenceWeight, media> here{};
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double share = filling(heights[i], slice(), s);
    if (share <= 0.0 || share >= 1.0) continue;
    reference_weights(medium_index_ + share * step, around, k0, slice(), here);
    double sum = 0.0;
    for (std::size_t m = 0; m < media; ++m)
      sum += std::real(std::conj(cotangents[m][i]) *
                       (here[m].slope * step + here[m].real_slope * step.real()));
    height_cotangents[i] += sum / slice();
  }
}

std::vector<Complex> VolumeSlices::end(Gap gap, double wavelength, int m) const {
  gap.wavelength = wavelength / references(wavelength)[static_cast<std::size_t>(m)];
  gap.distance = 0.5 * slice();
  gap.method = PropagationMethod::angular_spectrum;
  gap.evanescent = Evanescent::keep;
  return transfer_function(gap).values;
}

std::vector<Complex> VolumeSlices::between(Gap gap, double wavelength, int m, int m_before) const {
  std::vector<Complex> values = end(gap, wavelength, m);
  const std::vector<Complex> before = end(gap, wavelength, m_before);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= before[i];
  return values;
}

}  // namespace wavesmith
