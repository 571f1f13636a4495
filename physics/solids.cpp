#include "physics/solids.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

void validate_point(const Vec3& p, const std::string& name) {
  for (const double value : p) validate_finite(value, name);
}

void validate_size(double value, const std::string& name) {
  WAVESMITH_VALIDATE(value > 0.0, name + " = " + format_quantity(value, Dimension::length) +
                                      " must be above 0 (or endless)");
}

}  // namespace

BoxSolid::BoxSolid(const Vec3& centre, const Vec3& size, double angle)
    : centre_(centre), cosine_(std::cos(angle)), sine_(std::sin(angle)) {
  validate_point(centre, "box: centre");
  validate_finite(angle, "box: angle");
  for (const double s : size) validate_size(s, "box: size");
  if (angle == 0.0) {
    cosine_ = 1.0;
    sine_ = 0.0;
  } else {
    WAVESMITH_VALIDATE(std::isfinite(size[0]) && std::isfinite(size[1]),
                       "box: with an angle its sizes along x and y must be finite");
  }
  local_ = {-0.5 * size, 0.5 * size};
  Vec3 reach = 0.5 * size;
  if (angle != 0.0) {
    reach[0] = 0.5 * (std::abs(cosine_) * size[0] + std::abs(sine_) * size[1]);
    reach[1] = 0.5 * (std::abs(sine_) * size[0] + std::abs(cosine_) * size[1]);
  }
  bounds_ = {centre - reach, centre + reach};
}

Vec3 BoxSolid::to_local(const Vec3& p) const {
  const Vec3 d = p - centre_;
  return {cosine_ * d[0] + sine_ * d[1], cosine_ * d[1] - sine_ * d[0], d[2]};
}

Vec3 BoxSolid::turned(const Vec3& d) const {
  return {cosine_ * d[0] - sine_ * d[1], sine_ * d[0] + cosine_ * d[1], d[2]};
}

double BoxSolid::signed_distance(const Vec3& p) const {
  return box_distance(local_, to_local(p));
}

Vec3 BoxSolid::normal(const Vec3& p) const {
  return turned(box_normal(local_, to_local(p)));
}

Cover BoxSolid::cover(const Bounds& box, double tolerance,
                      std::vector<HalfSpace>& half_spaces) const {
  CoverBuilder builder(box, tolerance, half_spaces);
  for (std::size_t a = 0; a < 3; ++a)
    for (const double sign : {-1.0, 1.0}) {
      if (!std::isfinite(local_.hi[a])) continue;
      Vec3 direction{};
      direction[a] = sign;
      direction = turned(direction);
      builder.plane({direction, dot(direction, centre_) + local_.hi[a]});
    }
  return builder.result();
}

namespace {

// A box whose far corners need not mirror each other, so that it may be endless on one side only.
class CornerBox final : public Solid {
 public:
  explicit CornerBox(const Bounds& bounds) : bounds_(bounds) {}
  double signed_distance(const Vec3& p) const override { return box_distance(bounds_, p); }
  Vec3 normal(const Vec3& p) const override { return box_normal(bounds_, p); }
  Bounds bounds() const override { return bounds_; }
  Cover cover(const Bounds& box, double tolerance,
              std::vector<HalfSpace>& half_spaces) const override {
    CoverBuilder builder(box, tolerance, half_spaces);
    builder.sides(bounds_);
    return builder.result();
  }

 private:
  Bounds bounds_;
};

}  // namespace

SolidPointer box_between(const Vec3& lo, const Vec3& hi) {
  for (std::size_t a = 0; a < 3; ++a)
    WAVESMITH_VALIDATE(lo[a] < hi[a], std::string("box: along ") + "xyz"[a] + " it reaches from " +
                                          format_quantity(lo[a], Dimension::length) + " to " +
                                          format_quantity(hi[a], Dimension::length) +
                                          "; the second must be larger");
  return std::make_shared<CornerBox>(Bounds{lo, hi});
}

BallSolid::BallSolid(const Vec3& centre, double radius) : centre_(centre), radius_(radius) {
  validate_point(centre, "ball: centre");
  validate_positive(radius, "ball: radius");
}

Bounds BallSolid::bounds() const {
  const Vec3 reach{radius_, radius_, radius_};
  return {centre_ - reach, centre_ + reach};
}

CylinderSolid::CylinderSolid(const Vec3& centre, int axis, double radius, double length,
                             double inner_radius)
    : centre_(centre), radius_(radius), inner_(inner_radius), half_length_(0.5 * length) {
  validate_point(centre, "cylinder: centre");
  WAVESMITH_VALIDATE(axis >= 0 && axis <= 2, "cylinder: axis must be 0, 1 or 2 (x, y or z)");
  validate_positive(radius, "cylinder: radius");
  validate_size(length, "cylinder: length");
  validate_not_negative(inner_radius, "cylinder: inner radius");
  WAVESMITH_VALIDATE(inner_radius < radius, "cylinder: the inner radius " +
                                                format_quantity(inner_radius, Dimension::length) +
                                                " must be below the radius " +
                                                format_quantity(radius, Dimension::length));
  axis_ = static_cast<std::size_t>(axis);
  u_ = (axis_ + 1) % 3;
  v_ = (axis_ + 2) % 3;
}

double CylinderSolid::off_axis(const Vec3& p) const {
  return std::hypot(p[u_] - centre_[u_], p[v_] - centre_[v_]);
}

double CylinderSolid::signed_distance(const Vec3& p) const {
  const double r = off_axis(p);
  double across = r - radius_;
  if (inner_ > 0.0) across = std::max(across, inner_ - r);
  const double along = std::abs(p[axis_] - centre_[axis_]) - half_length_;
  if (across > 0.0 && along > 0.0) return std::hypot(across, along);
  return std::max(across, along);
}

Vec3 CylinderSolid::normal(const Vec3& p) const {
  const double r = off_axis(p);
  Vec3 radial{}, end{};
  radial[u_] = r > 0.0 ? (p[u_] - centre_[u_]) / r : 1.0;
  radial[v_] = r > 0.0 ? (p[v_] - centre_[v_]) / r : 0.0;
  double across = r - radius_;
  if (inner_ > 0.0 && inner_ - r > across) {
    across = inner_ - r;
    radial = -1.0 * radial;
  }
  end[axis_] = p[axis_] < centre_[axis_] ? -1.0 : 1.0;
  const double along = std::abs(p[axis_] - centre_[axis_]) - half_length_;
  if (across > 0.0 && along > 0.0) return unit_vector(across * radial + along * end);
  return across >= along ? radial : end;
}

Bounds CylinderSolid::bounds() const {
  Vec3 reach{radius_, radius_, radius_};
  reach[axis_] = half_length_;
  return {centre_ - reach, centre_ + reach};
}

Cover CylinderSolid::cover(const Bounds& box, double tolerance,
                           std::vector<HalfSpace>& half_spaces) const {
  CoverBuilder builder(box, tolerance, half_spaces);
  Bounds ends{{-endless, -endless, -endless}, {endless, endless, endless}};
  ends.lo[axis_] = centre_[axis_] - half_length_;
  ends.hi[axis_] = centre_[axis_] + half_length_;
  builder.sides(ends);
  // A surface that the box cannot reach needs no plane, however curved it is there.
  const double r = off_axis(box.centre());
  const double reach = std::hypot(box.half()[u_], box.half()[v_]);
  if (r + reach > radius_) builder.surface([this](const Vec3& p) { return off_axis(p) - radius_; });
  if (inner_ > 0.0 && r - reach < inner_)
    builder.surface([this](const Vec3& p) { return inner_ - off_axis(p); });
  return builder.result();
}

HeightSolid::HeightSolid(std::array<double, 2> lo, std::array<double, 2> hi, double floor, int nx,
                         int ny, std::vector<double> heights)
    : lo_(lo), n_{nx, ny}, heights_(std::move(heights)) {
  WAVESMITH_VALIDATE(nx >= 1 && ny >= 1, "height map: it has no samples");
  validate_count(heights_.size(), static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny),
                 "height map: heights");
  validate_all_finite(heights_, "height map: heights");
  for (std::size_t a = 0; a < 2; ++a) {
    WAVESMITH_VALIDATE(std::isfinite(lo[a]) && std::isfinite(hi[a]) && lo[a] < hi[a],
                       "height map: its rectangle must be finite, with the low corner first");
    pitch_[a] = n_[a] > 1 ? (hi[a] - lo[a]) / (n_[a] - 1) : hi[a] - lo[a];
  }
  const auto [lowest, highest] = std::minmax_element(heights_.begin(), heights_.end());
  WAVESMITH_VALIDATE(floor <= *lowest, "height map: the floor " +
                                           format_quantity(floor, Dimension::length) +
                                           " is above the lowest height " +
                                           format_quantity(*lowest, Dimension::length));
  bounds_ = {{lo[0], lo[1], floor}, {hi[0], hi[1], *highest}};

  double slope_x = 0.0, slope_y = 0.0;
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) {
      const auto at =
          static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(i);
      if (i + 1 < nx)
        slope_x = std::max(slope_x, std::abs(heights_[at + 1] - heights_[at]) / pitch_[0]);
      if (j + 1 < ny)
        slope_y =
            std::max(slope_y, std::abs(heights_[at + static_cast<std::size_t>(nx)] - heights_[at]) /
                                  pitch_[1]);
    }
  steepest_ = std::hypot(slope_x, slope_y);
}

namespace {

// The sample below a position and how far the position is to the next one, 0 to 1.
struct Between {
  std::size_t low, high;
  double share;
};

Between locate(double position, double lo, double pitch, int n) {
  if (n == 1) return {0, 0, 0.0};
  const double at = std::clamp((position - lo) / pitch, 0.0, static_cast<double>(n - 1));
  const auto low = std::min(static_cast<std::size_t>(at), static_cast<std::size_t>(n - 2));
  return {low, low + 1, at - static_cast<double>(low)};
}

}  // namespace

double HeightSolid::height(double x, double y) const {
  const Between bx = locate(x, lo_[0], pitch_[0], n_[0]), by = locate(y, lo_[1], pitch_[1], n_[1]);
  const auto row = static_cast<std::size_t>(n_[0]);
  const double below =
      std::lerp(heights_[by.low * row + bx.low], heights_[by.low * row + bx.high], bx.share);
  const double above =
      std::lerp(heights_[by.high * row + bx.low], heights_[by.high * row + bx.high], bx.share);
  return std::lerp(below, above, by.share);
}

Vec3 HeightSolid::upward(const Vec3& p) const {
  const Between bx = locate(p[0], lo_[0], pitch_[0], n_[0]);
  const Between by = locate(p[1], lo_[1], pitch_[1], n_[1]);
  const auto row = static_cast<std::size_t>(n_[0]);
  const double h00 = heights_[by.low * row + bx.low], h10 = heights_[by.low * row + bx.high];
  const double h01 = heights_[by.high * row + bx.low], h11 = heights_[by.high * row + bx.high];
  return {-std::lerp(h10 - h00, h11 - h01, by.share) / pitch_[0],
          -std::lerp(h01 - h00, h11 - h10, bx.share) / pitch_[1], 1.0};
}

bool HeightSolid::contains(const Vec3& p) const {
  return box_distance(bounds_, p) < 0.0 && p[2] < height(p[0], p[1]);
}

double HeightSolid::signed_distance(const Vec3& p) const {
  const double top = (p[2] - height(p[0], p[1])) / length(upward(p));
  return std::max(top, box_distance(bounds_, p));
}

double HeightSolid::clearance(const Vec3& p) const {
  const double top = (p[2] - height(p[0], p[1])) / std::hypot(1.0, steepest_);
  return std::abs(std::max(top, box_distance(bounds_, p)));
}

Vec3 HeightSolid::normal(const Vec3& p) const {
  // The box's own top is not part of the surface.
  Bounds sides = bounds_;
  sides.hi[2] = endless;
  const Vec3 up = upward(p);
  const double top = (p[2] - height(p[0], p[1])) / length(up);
  return top >= box_distance(sides, p) ? unit_vector(up) : box_normal(sides, p);
}

Cover HeightSolid::cover(const Bounds& box, double tolerance,
                         std::vector<HalfSpace>& half_spaces) const {
  CoverBuilder builder(box, tolerance, half_spaces);
  Bounds sides = bounds_;
  sides.hi[2] = endless;
  builder.sides(sides);
  const double reach = std::hypot(1.0, steepest_) * box.radius();
  const Vec3 centre = box.centre();
  if (centre[2] - height(centre[0], centre[1]) > -reach)
    builder.surface([this](const Vec3& p) { return p[2] - height(p[0], p[1]); });
  return builder.result();
}

}  // namespace wavesmith
