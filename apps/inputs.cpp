#include "apps/inputs.hpp"

#include <algorithm>
#include <cmath>

namespace wavesmith {

DatasetInputs::DatasetInputs(std::shared_ptr<const Dataset> data, const Plane& plane,
                             const ImageWindow& window, std::size_t first, std::size_t count)
    : data_(std::move(data)), encoder_(plane, window), first_(first), count_(count) {}

void DatasetInputs::fill(std::size_t index, int, std::span<std::complex<double>> amplitudes) const {
  const std::size_t size = encoder_.image_size();
  encoder_.encode(std::span<const float>(data_->images).subspan((first_ + index) * size, size),
                  amplitudes);
  double power = 0.0;
  for (const std::complex<double>& u : amplitudes) power += std::norm(u);
  power *= encoder_.plane().cell_area();
  if (!(power > 0.0)) return;  // a black image stays dark
  const double scale = 1.0 / std::sqrt(power);
  for (std::complex<double>& u : amplitudes) u *= scale;
}

Target DatasetInputs::target(std::size_t index) const {
  Target target;
  target.label = data_->labels[first_ + index];
  return target;
}

void SourceInputs::fill(std::size_t, int channel,
                        std::span<std::complex<double>> amplitudes) const {
  const auto& field = fields_[static_cast<std::size_t>(channel)];
  std::copy(field.begin(), field.end(), amplitudes.begin());
}

}  // namespace wavesmith
