#include "solvers/near_to_far.hpp"

#include <cmath>
#include <string>

#include "core/error.hpp"
#include "physics/vacuum.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

struct Frame {
  Vec3 radial, theta, phi;  // unit vectors of spherical coordinates
};

Frame frame_of(const FarDirection& direction) {
  const double st = std::sin(direction.theta), ct = std::cos(direction.theta);
  const double sp = std::sin(direction.phi), cp = std::cos(direction.phi);
  return {{st * cp, st * sp, ct}, {ct * cp, ct * sp, -st}, {-sp, cp, 0.0}};
}

// What a current `moment` makes at a point: i k (1 + grad div / k^2) (moment G) and
// curl (moment G).
struct Radiation {
  std::array<Complex, 3> along, around;
};

Radiation radiate(SpaceDimension dimension, double wavenumber, const Vec3& moment,
                  const Vec3& source, const Vec3& point) {
  const Vec3 distance = separation(point, source);
  const double r = std::sqrt(dot_product(distance, distance));
  WAVESMITH_VALIDATE(r > 0.0,
                     "near to far: a field point lies on a sample of the surface, where the field "
                     "is infinite; move it outside the surface");
  const Vec3 unit = {distance[0] / r, distance[1] / r, distance[2] / r};
  const RadialGreen green = radial_green(dimension, wavenumber, r);
  const double inverse_square = 1.0 / (wavenumber * wavenumber);
  const Complex transverse = inverse_square * green.first / r;
  const Complex radial =
      inverse_square * (green.second - green.first / r) * dot_product(unit, moment);
  const Vec3 turned = cross_product(unit, moment);
  const Complex ik(0.0, wavenumber);
  Radiation result{};
  for (std::size_t c = 0; c < 3; ++c) {
    // In the plane nothing depends on z, and so grad div does not see the z component.
    const bool varies = dimension == SpaceDimension::three || c != 2;
    result.along[c] =
        ik * ((green.value + (varies ? transverse : 0.0)) * moment[c] + radial * unit[c]);
    result.around[c] = green.first * turned[c];
  }
  return result;
}

Complex product(const std::array<Complex, 3>& a, const std::array<Complex, 3>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

// The current of a unit field on the sample: area * normal x unit vector of the component.
Vec3 current_moment(const SurfaceSample& sample) {
  Vec3 unit{};
  unit[static_cast<std::size_t>(sample.component)] = sample.area;
  return cross_product(sample.normal, unit);
}

}  // namespace

NearToFar::NearToFar(SpaceDimension dimension, std::vector<SurfaceSample> electric,
                     std::vector<SurfaceSample> magnetic, double frequency, double permittivity,
                     double permeability)
    : dimension_(dimension) {
  WAVESMITH_VALIDATE(std::isfinite(frequency) && frequency > 0.0 && std::isfinite(permittivity) &&
                         permittivity > 0.0 && std::isfinite(permeability) && permeability > 0.0,
                     "near to far: frequency, permittivity and permeability must be positive; the "
                     "medium around the surface must be lossless");
  wavenumber_ = 2.0 * pi * frequency * std::sqrt(permittivity * permeability) / speed_of_light;
  impedance_ = vacuum_impedance * std::sqrt(permeability / permittivity);
  for (const SurfaceSample& sample : electric) {
    validate_surface_sample(sample, dimension);
    const Vec3 moment = current_moment(sample);
    electric_.push_back({sample.position, {-moment[0], -moment[1], -moment[2]}});
  }
  for (const SurfaceSample& sample : magnetic) {
    validate_surface_sample(sample, dimension);
    magnetic_.push_back({sample.position, current_moment(sample)});
  }
}

void NearToFar::check(const SurfaceFields& fields) const {
  WAVESMITH_VALIDATE(
      fields.electric.size() == electric_.size() && fields.magnetic.size() == magnetic_.size(),
      "near to far: " + std::to_string(fields.electric.size()) + " electric and " +
          std::to_string(fields.magnetic.size()) + " magnetic values for " +
          std::to_string(electric_.size()) + " and " + std::to_string(magnetic_.size()) +
          " samples; give one value for each sample");
}

SurfaceFields NearToFar::zero_fields() const {
  return {std::vector<Complex>(electric_.size()), std::vector<Complex>(magnetic_.size())};
}

// E_theta = f (eta N_theta + L_phi), E_phi = f (eta N_phi - L_theta), f = i k * far factor, with N
// and L the sums of the electric and magnetic currents times exp(-i k direction . position).
std::vector<FarElectricField> NearToFar::far_field(
    const SurfaceFields& fields, const std::vector<FarDirection>& directions) const {
  check(fields);
  const Complex factor = Complex(0.0, wavenumber_) * far_factor(dimension_, wavenumber_);
  std::vector<FarElectricField> far;
  for (const FarDirection& direction : directions) {
    const Frame frame = frame_of(direction);
    FarElectricField sum{};
    for (std::size_t i = 0; i < electric_.size(); ++i) {
      const Complex value =
          fields.electric[i] *
          std::polar(1.0, -wavenumber_ * dot_product(frame.radial, electric_[i].position));
      sum.theta += value * dot_product(electric_[i].moment, frame.phi);
      sum.phi -= value * dot_product(electric_[i].moment, frame.theta);
    }
    for (std::size_t i = 0; i < magnetic_.size(); ++i) {
      const Complex value =
          impedance_ * fields.magnetic[i] *
          std::polar(1.0, -wavenumber_ * dot_product(frame.radial, magnetic_[i].position));
      sum.theta += value * dot_product(magnetic_[i].moment, frame.theta);
      sum.phi += value * dot_product(magnetic_[i].moment, frame.phi);
    }
    far.push_back({factor * sum.theta, factor * sum.phi});
  }
  return far;
}

SurfaceFields NearToFar::far_field_transpose(const std::vector<FarElectricField>& cotangent,
                                             const std::vector<FarDirection>& directions) const {
  WAVESMITH_VALIDATE(cotangent.size() == directions.size(),
                     "near to far: as many cotangents as directions are needed");
  const Complex factor = Complex(0.0, wavenumber_) * far_factor(dimension_, wavenumber_);
  SurfaceFields fields = zero_fields();
  for (std::size_t d = 0; d < directions.size(); ++d) {
    const Frame frame = frame_of(directions[d]);
    const Complex theta = factor * cotangent[d].theta;
    const Complex phi = factor * cotangent[d].phi;
    for (std::size_t i = 0; i < electric_.size(); ++i)
      fields.electric[i] +=
          std::polar(1.0, -wavenumber_ * dot_product(frame.radial, electric_[i].position)) *
          (theta * dot_product(electric_[i].moment, frame.phi) -
           phi * dot_product(electric_[i].moment, frame.theta));
    for (std::size_t i = 0; i < magnetic_.size(); ++i)
      fields.magnetic[i] +=
          impedance_ *
          std::polar(1.0, -wavenumber_ * dot_product(frame.radial, magnetic_[i].position)) *
          (theta * dot_product(magnetic_[i].moment, frame.theta) +
           phi * dot_product(magnetic_[i].moment, frame.phi));
  }
  return fields;
}

std::vector<FieldVectors> NearToFar::field(const SurfaceFields& fields,
                                           const std::vector<Vec3>& points) const {
  check(fields);
  std::vector<FieldVectors> result(points.size());
  for (std::size_t p = 0; p < points.size(); ++p) {
    for (std::size_t i = 0; i < electric_.size(); ++i) {
      const Radiation from =
          radiate(dimension_, wavenumber_, electric_[i].moment, electric_[i].position, points[p]);
      for (std::size_t c = 0; c < 3; ++c) {
        result[p].e[c] -= fields.electric[i] * from.around[c];
        result[p].h[c] += fields.electric[i] / impedance_ * from.along[c];
      }
    }
    for (std::size_t i = 0; i < magnetic_.size(); ++i) {
      const Radiation from =
          radiate(dimension_, wavenumber_, magnetic_[i].moment, magnetic_[i].position, points[p]);
      for (std::size_t c = 0; c < 3; ++c) {
        result[p].e[c] += fields.magnetic[i] * impedance_ * from.along[c];
        result[p].h[c] += fields.magnetic[i] * from.around[c];
      }
    }
  }
  return result;
}

SurfaceFields NearToFar::field_transpose(const std::vector<FieldVectors>& cotangent,
                                         const std::vector<Vec3>& points) const {
  WAVESMITH_VALIDATE(cotangent.size() == points.size(),
                     "near to far: as many cotangents as points are needed");
  SurfaceFields fields = zero_fields();
  for (std::size_t p = 0; p < points.size(); ++p) {
    for (std::size_t i = 0; i < electric_.size(); ++i) {
      const Radiation from =
          radiate(dimension_, wavenumber_, electric_[i].moment, electric_[i].position, points[p]);
      fields.electric[i] +=
          product(cotangent[p].h, from.along) / impedance_ - product(cotangent[p].e, from.around);
    }
    for (std::size_t i = 0; i < magnetic_.size(); ++i) {
      const Radiation from =
          radiate(dimension_, wavenumber_, magnetic_[i].moment, magnetic_[i].position, points[p]);
      fields.magnetic[i] +=
          product(cotangent[p].e, from.along) * impedance_ + product(cotangent[p].h, from.around);
    }
  }
  return fields;
}

}  // namespace wavesmith
