// Polygons in the xy plane as closed rings of points: area, and what is inside of several rings.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

namespace wavesmith {

using Point2 = std::array<double, 2>;  // x, y [m]

// Corners in order, not closed by a repeated first one. Of a region, outer rings run anticlockwise
// and holes clockwise: the region is on the left.
using Ring = std::vector<Point2>;

// Above 0 where the ring runs anticlockwise [m^2].
double signed_area(std::span<const Point2> ring);

// The area of a region: the sum of its rings' signed areas [m^2].
double polygon_area(std::span<const Ring> rings);

class SpatialBins;

// Whether a point is inside of an odd number of rings (even-odd rule), quickly for many points.
class InsideTest {
 public:
  // Rings of finite points; those of fewer than three points hold nothing.
  explicit InsideTest(std::span<const Ring> rings);
  ~InsideTest();
  InsideTest(InsideTest&&) noexcept;
  InsideTest& operator=(InsideTest&&) noexcept;

  bool operator()(const Point2& p) const;

 private:
  std::vector<std::array<Point2, 2>> edges_;
  std::unique_ptr<SpatialBins> rows_;  // edges by y
};

}  // namespace wavesmith
