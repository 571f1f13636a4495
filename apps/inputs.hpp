// What goes into a diffractive system: images of a data set, or one fixed source.
#pragma once

#include <memory>
#include <vector>

#include "core/plane.hpp"
#include "physics/image_encoder.hpp"
#include "physics/source.hpp"
#include "training/dataset.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

// Images [first, first + count) of a data set, each scaled to the power of 1 W; every channel gets
// the same field.
class DatasetInputs final : public InputSet {
 public:
  DatasetInputs(std::shared_ptr<const Dataset> data, const Plane& plane, const ImageWindow& window,
                std::size_t first, std::size_t count);
  std::size_t count() const override { return count_; }
  void fill(std::size_t index, int channel,
            std::span<std::complex<double>> amplitudes) const override;
  double power(std::size_t) const override { return 1.0; }
  Target target(std::size_t index) const override;

 private:
  std::shared_ptr<const Dataset> data_;
  ImageEncoder encoder_;
  std::size_t first_, count_;
};

// One sample: a field a channel. Its target is with the loss, or a target image.
class SourceInputs final : public InputSet {
 public:
  // fields: [wavelength * modes + mode]. power: of all of them together [W].
  SourceInputs(std::vector<std::vector<std::complex<double>>> fields, double power,
               std::vector<double> target)
      : fields_(std::move(fields)), power_(power), target_(std::move(target)) {}
  std::size_t count() const override { return 1; }
  void fill(std::size_t index, int channel,
            std::span<std::complex<double>> amplitudes) const override;
  double power(std::size_t) const override { return power_; }
  Target target(std::size_t) const override { return {-1, target_}; }

 private:
  std::vector<std::vector<std::complex<double>>> fields_;
  double power_;
  std::vector<double> target_;
};

}  // namespace wavesmith
