#include "physics/solid.hpp"

#include <algorithm>
#include <cmath>

namespace wavesmith {

double length(const Vec3& a) {
  return std::sqrt(dot(a, a));
}

Vec3 unit_vector(const Vec3& a) {
  const double norm = length(a);
  return norm > 0.0 ? (1.0 / norm) * a : Vec3{1.0, 0.0, 0.0};
}

double Solid::clearance(const Vec3& p) const {
  return std::abs(signed_distance(p));
}

Side Solid::side_of(const Bounds& box) const {
  if (!bounds().overlaps(box)) return Side::outside;
  const Vec3 centre = box.centre();
  if (clearance(centre) <= box.radius()) return Side::crossing;
  return contains(centre) ? Side::inside : Side::outside;
}

Cover Solid::cover(const Bounds& box, double tolerance, std::vector<HalfSpace>& half_spaces) const {
  CoverBuilder builder(box, tolerance, half_spaces);
  builder.surface([this](const Vec3& p) { return signed_distance(p); });
  return builder.result();
}

CoverBuilder::CoverBuilder(const Bounds& box, double tolerance, std::vector<HalfSpace>& half_spaces)
    : box_(box),
      centre_(box.centre()),
      half_(box.half()),
      tolerance_(tolerance),
      half_spaces_(half_spaces) {
  half_spaces_.clear();
}

void CoverBuilder::plane(const HalfSpace& half_space) {
  const Vec3& n = half_space.normal;
  const double reach =
      std::abs(n[0]) * half_[0] + std::abs(n[1]) * half_[1] + std::abs(n[2]) * half_[2];
  const double distance = dot(n, centre_) - half_space.offset;
  if (distance >= reach)
    outside_ = true;
  else if (distance > -reach)
    half_spaces_.push_back(half_space);
}

void CoverBuilder::sides(const Bounds& bounds) {
  for (std::size_t a = 0; a < 3; ++a) {
    HalfSpace low{{}, -bounds.lo[a]}, high{{}, bounds.hi[a]};
    low.normal = high.normal = {0.0, 0.0, 0.0};
    low.normal[a] = -1.0;
    high.normal[a] = 1.0;
    if (std::isfinite(low.offset)) plane(low);
    if (std::isfinite(high.offset)) plane(high);
  }
}

void CoverBuilder::surface(const std::function<double(const Vec3&)>& f) {
  std::array<double, 8> values{};
  Vec3 gradient{};
  double mean = 0.0;
  for (unsigned corner = 0; corner < 8; ++corner) {
    Vec3 p = centre_;
    for (std::size_t a = 0; a < 3; ++a) p[a] += (corner >> a & 1u) != 0u ? half_[a] : -half_[a];
    values[corner] = f(p);
    mean += values[corner] / 8.0;
    for (std::size_t a = 0; a < 3; ++a)
      gradient[a] += ((corner >> a & 1u) != 0u ? values[corner] : -values[corner]) / 8.0 / half_[a];
  }
  const double middle = f(centre_);
  const double slope = length(gradient);
  double departure = 0.0;
  for (unsigned corner = 0; corner < 8; ++corner) {
    double expected = middle;
    for (std::size_t a = 0; a < 3; ++a)
      expected += (corner >> a & 1u) != 0u ? gradient[a] * half_[a] : -gradient[a] * half_[a];
    departure = std::max(departure, std::abs(values[corner] - expected));
  }
  const double diagonal = 2.0 * length(half_);
  if (departure > tolerance_ * diagonal * slope) {
    unresolved_ = true;
    return;
  }
  // A quadratic part of f has a third of its mean over the corners as mean over the box.
  const double level = middle + (mean - middle) / 3.0;
  if (slope == 0.0) {
    outside_ = outside_ || level > 0.0;
    return;
  }
  const Vec3 n = (1.0 / slope) * gradient;
  plane({n, dot(n, centre_) - level / slope});
}

Cover CoverBuilder::result() const {
  if (outside_) return Cover::outside;
  if (unresolved_) return Cover::unresolved;
  return half_spaces_.empty() ? Cover::inside : Cover::planes;
}

double box_distance(const Bounds& box, const Vec3& p) {
  double largest = -endless;
  double squares = 0.0;
  for (std::size_t a = 0; a < 3; ++a) {
    const double d = std::max(box.lo[a] - p[a], p[a] - box.hi[a]);
    largest = std::max(largest, d);
    if (d > 0.0) squares += d * d;
  }
  return largest > 0.0 ? std::sqrt(squares) : largest;
}

Vec3 box_normal(const Bounds& box, const Vec3& p) {
  Vec3 outward{}, nearest{1.0, 0.0, 0.0};
  double largest = -endless;
  bool outside = false;
  for (std::size_t a = 0; a < 3; ++a) {
    const double low = box.lo[a] - p[a], high = p[a] - box.hi[a];
    const double d = std::max(low, high), sign = high >= low ? 1.0 : -1.0;
    if (d > 0.0) {
      outside = true;
      outward[a] = sign * d;
    }
    if (d > largest) {
      largest = d;
      nearest = {0.0, 0.0, 0.0};
      nearest[a] = sign;
    }
  }
  return outside ? unit_vector(outward) : nearest;
}

}  // namespace wavesmith
