#include "solvers/quarter_plane.hpp"

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/validate.hpp"

namespace wavesmith {

QuarterPlane::Expanded QuarterPlane::expand(const std::vector<QuarterSample>& samples) {
  Expanded all;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const QuarterSample& sample = samples[s];
    WAVESMITH_VALIDATE(sample.place[0] >= 0.0 && sample.place[1] >= 0.0,
                       "a sample of a quarter of a plane lies outside of it");
    WAVESMITH_VALIDATE(sample.component == 0 || sample.component == 1,
                       "a tangential field has the components 0 and 1");
    // What lies in a plane of symmetry is its own image, and nothing where it is odd.
    for (const double sx : {1.0, -1.0})
      for (const double sy : {1.0, -1.0}) {
        const bool odd = sample.component == 1;
        if (sx < 0.0 && sample.place[0] == 0.0) continue;
        if (sy < 0.0 && sample.place[1] == 0.0) continue;
        if (odd && (sample.place[0] == 0.0 || sample.place[1] == 0.0)) continue;
        // Twice the current: of the field and of its image in the plane.
        all.samples.push_back({{sx * sample.place[0], sy * sample.place[1], 0.0},
                               {0.0, 0.0, 1.0},
                               2.0 * sample.area,
                               sample.component});
        all.images.push_back({s, odd ? sx * sy : 1.0});
      }
  }
  return all;
}

QuarterPlane::QuarterPlane(const std::vector<QuarterSample>& samples, double wavelength)
    : QuarterPlane(expand(samples), samples.size(), wavelength) {}

QuarterPlane::QuarterPlane(Expanded expanded, std::size_t count, double wavelength)
    : count_(count),
      images_(std::move(expanded.images)),
      radiate_(SpaceDimension::three, std::move(expanded.samples), {},
               speed_of_light / wavelength) {}

std::vector<FieldVectors> QuarterPlane::field(std::span<const std::complex<double>> values,
                                              const std::vector<Vec3>& points) const {
  validate_count(values.size(), count_, "samples of a quarter of a plane");
  SurfaceFields fields;
  for (const Image& image : images_) fields.electric.push_back(image.sign * values[image.sample]);
  return radiate_.field(fields, points);
}

std::vector<std::complex<double>> QuarterPlane::field_transpose(
    const std::vector<FieldVectors>& cotangent, const std::vector<Vec3>& points) const {
  const SurfaceFields fields = radiate_.field_transpose(cotangent, points);
  std::vector<std::complex<double>> values(count_);
  for (std::size_t i = 0; i < images_.size(); ++i)
    values[images_[i].sample] += images_[i].sign * fields.electric[i];
  return values;
}

}  // namespace wavesmith
