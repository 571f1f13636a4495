#include "physics/shape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "core/error.hpp"

namespace wavesmith {
namespace {

Shape slits(int count, double width, double height, double pitch) {
  Shape shape = rectangle_at(0.0, 0.0, width, height);
  shape.kind = ShapeKind::slits;
  shape.count = count;
  shape.pitch = pitch;
  return shape;
}

std::vector<Shape> examples() {
  std::vector<Shape> shapes = {rectangle_at(0.13, -0.21, 1.37, 0.91),
                               circle_at(0.0, 0.0, 2.0),
                               circle_at(0.31, -0.17, 1.7),
                               circle_at(0.05, 0.02, 0.07),
                               ring_at(-0.2, 0.1, 0.6, 1.9),
                               slits(3, 0.2, 1.4, 0.55),
                               slits(1, 0.33, 0.4, 0.0),
                               slits(4, 0.4, 1.1, 0.4)};
  return shapes;
}

// Every cell of a plane that holds the shape: the shares sum to the exact area, whatever the
// sampling and however the edge cuts the cells.
TEST(Shape, SharesSumToTheExactArea) {
  for (const Shape& shape : examples())
    for (const Plane& plane : {Plane{31, 23, 0.1, 0.15}, Plane{4, 3, 1.0, 1.3},
                               Plane{1, 1, 4.0, 4.0}, Plane{200, 150, 0.02, 0.02, 0.011, -0.007}}) {
      const std::vector<double> share = coverage(shape, plane);
      const double sum = std::accumulate(share.begin(), share.end(), 0.0) * plane.cell_area();
      EXPECT_NEAR(sum, area(shape), 1e-12 * area(shape) + 1e-14)
          << static_cast<int>(shape.kind) << " on " << plane.nx;
      for (const double value : share) {
        EXPECT_GE(value, 0.0);
        EXPECT_LE(value, 1.0 + 1e-15);
      }
    }
}

// Against counting points inside the cell.
TEST(Shape, SharesAgreeWithCountingPoints) {
  const int points = 400;
  for (const Shape& shape : examples())
    for (const double x : {-0.9, -0.45, 0.1, 0.62})
      for (const double y : {-0.7, 0.0, 0.4}) {
        const double dx = 0.4, dy = 0.3;
        int inside = 0;
        for (int b = 0; b < points; ++b)
          for (int a = 0; a < points; ++a)
            // A cell so small that it is a point: inside or outside.
            inside += share_of_cell(shape, x + ((a + 0.5) / points - 0.5) * dx,
                                    y + ((b + 0.5) / points - 0.5) * dy, 1e-9, 1e-9) > 0.5;
        EXPECT_NEAR(share_of_cell(shape, x, y, dx, dy), inside / (1.0 * points * points), 4e-3)
            << static_cast<int>(shape.kind) << " at " << x << ", " << y;
      }
}

TEST(Shape, ImpossibleShapesAreRefused) {
  EXPECT_THROW(validate_shape(circle_at(0, 0, 0.0), "it"), InputError);
  EXPECT_THROW(validate_shape(circle_at(0, 0, std::nan("")), "it"), InputError);
  EXPECT_THROW(validate_shape(ring_at(0, 0, 2.0, 1.0), "it"), InputError);
  EXPECT_THROW(validate_shape(rectangle_at(0, 0, 1.0, -1.0), "it"), InputError);
  EXPECT_THROW(validate_shape(slits(3, 1.0, 1.0, 0.5), "it"), InputError);
  EXPECT_THROW(validate_shape(slits(0, 1.0, 1.0, 2.0), "it"), InputError);
  EXPECT_THROW(shape_from_name("cirle"), InputError);
}

}  // namespace
}  // namespace wavesmith
