#include "solvers/acoustic_near_to_far.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = AcousticNearToFar::Complex;

// Share of the sampled component in the normal velocity.
double normal_share(const SurfaceSample& sample) {
  return sample.area * sample.normal[static_cast<std::size_t>(sample.component)];
}

}  // namespace

AcousticNearToFar::AcousticNearToFar(SpaceDimension dimension, std::vector<SurfaceSample> pressure,
                                     std::vector<SurfaceSample> velocity, double frequency,
                                     double speed, double density)
    : dimension_(dimension),
      pressure_(std::move(pressure)),
      velocity_(std::move(velocity)),
      wavenumber_(2.0 * pi * frequency / speed),
      angular_frequency_density_(2.0 * pi * frequency * density) {
  WAVESMITH_VALIDATE(std::isfinite(frequency) && frequency > 0.0 && std::isfinite(speed) &&
                         speed > 0.0 && std::isfinite(density) && density > 0.0,
                     "near to far: frequency, speed and density must be positive; the fluid around "
                     "the surface must be lossless");
  for (const SurfaceSample& sample : pressure_) validate_surface_sample(sample, dimension);
  for (const SurfaceSample& sample : velocity_) validate_surface_sample(sample, dimension);
}

Complex AcousticNearToFar::far_weight(const SurfaceSample& sample, bool is_pressure,
                                      const Vec3& direction) const {
  const Complex green = far_factor(dimension_, wavenumber_) *
                        std::polar(1.0, -wavenumber_ * dot_product(direction, sample.position));
  if (is_pressure)
    return Complex(0.0, -wavenumber_) * dot_product(direction, sample.normal) * sample.area * green;
  return Complex(0.0, -angular_frequency_density_) * normal_share(sample) * green;
}

Complex AcousticNearToFar::weight(const SurfaceSample& sample, bool is_pressure,
                                  const Vec3& point) const {
  const Vec3 distance = separation(point, sample.position);
  const double r = std::sqrt(dot_product(distance, distance));
  WAVESMITH_VALIDATE(r > 0.0,
                     "near to far: a field point lies on a sample of the surface, where the "
                     "pressure is infinite; move it outside the surface");
  const RadialGreen green = radial_green(dimension_, wavenumber_, r);
  if (is_pressure) return -green.first * dot_product(distance, sample.normal) / r * sample.area;
  return Complex(0.0, -angular_frequency_density_) * normal_share(sample) * green.value;
}

template <class Place, class Weight>
std::vector<Complex> AcousticNearToFar::apply(const AcousticSurfaceFields& fields,
                                              const std::vector<Place>& places,
                                              Weight weight) const {
  WAVESMITH_VALIDATE(
      fields.pressure.size() == pressure_.size() && fields.velocity.size() == velocity_.size(),
      "near to far: " + std::to_string(fields.pressure.size()) + " pressures and " +
          std::to_string(fields.velocity.size()) + " velocities for " +
          std::to_string(pressure_.size()) + " and " + std::to_string(velocity_.size()) +
          " samples; give one value for each sample");
  std::vector<Complex> result(places.size());
  for (std::size_t p = 0; p < places.size(); ++p) {
    for (std::size_t i = 0; i < pressure_.size(); ++i)
      result[p] += fields.pressure[i] * weight(pressure_[i], true, places[p]);
    for (std::size_t i = 0; i < velocity_.size(); ++i)
      result[p] += fields.velocity[i] * weight(velocity_[i], false, places[p]);
  }
  return result;
}

template <class Place, class Weight>
AcousticSurfaceFields AcousticNearToFar::apply_transpose(const std::vector<Complex>& cotangent,
                                                         const std::vector<Place>& places,
                                                         Weight weight) const {
  WAVESMITH_VALIDATE(cotangent.size() == places.size(),
                     "near to far: as many cotangents as directions or points are needed");
  AcousticSurfaceFields fields{std::vector<Complex>(pressure_.size()),
                               std::vector<Complex>(velocity_.size())};
  for (std::size_t p = 0; p < places.size(); ++p) {
    for (std::size_t i = 0; i < pressure_.size(); ++i)
      fields.pressure[i] += cotangent[p] * weight(pressure_[i], true, places[p]);
    for (std::size_t i = 0; i < velocity_.size(); ++i)
      fields.velocity[i] += cotangent[p] * weight(velocity_[i], false, places[p]);
  }
  return fields;
}

std::vector<Complex> AcousticNearToFar::far_pressure(
    const AcousticSurfaceFields& fields, const std::vector<FarDirection>& directions) const {
  return apply(
      fields, directions,
      [this](const SurfaceSample& sample, bool is_pressure, const FarDirection& direction) {
        return far_weight(sample, is_pressure, unit_vector(direction));
      });
}

AcousticSurfaceFields AcousticNearToFar::far_pressure_transpose(
    const std::vector<Complex>& cotangent, const std::vector<FarDirection>& directions) const {
  return apply_transpose(
      cotangent, directions,
      [this](const SurfaceSample& sample, bool is_pressure, const FarDirection& direction) {
        return far_weight(sample, is_pressure, unit_vector(direction));
      });
}

std::vector<Complex> AcousticNearToFar::pressure(const AcousticSurfaceFields& fields,
                                                 const std::vector<Vec3>& points) const {
  return apply(fields, points,
               [this](const SurfaceSample& sample, bool is_pressure, const Vec3& point) {
                 return weight(sample, is_pressure, point);
               });
}

AcousticSurfaceFields AcousticNearToFar::pressure_transpose(const std::vector<Complex>& cotangent,
                                                            const std::vector<Vec3>& points) const {
  return apply_transpose(cotangent, points,
                         [this](const SurfaceSample& sample, bool is_pressure, const Vec3& point) {
                           return weight(sample, is_pressure, point);
                         });
}

}  // namespace wavesmith
