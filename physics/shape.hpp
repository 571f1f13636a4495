// Plane figures with area-weighted edges, for apertures, uniform sources and detector regions.
//
// The share of a sample's cell (dx by dy about the sample) inside the figure is computed exactly,
// so that powers and areas converge with the sampling instead of jumping with it.
#pragma once

#include <string>
#include <vector>

#include "core/plane.hpp"

namespace wavesmith {

enum class ShapeKind { rectangle, circle, ring, slits };

struct Shape {
  ShapeKind kind = ShapeKind::circle;
  double x = 0.0, y = 0.0;           // centre [m]
  double diameter = 0.0;             // circle and ring, outer [m]
  double inner_diameter = 0.0;       // ring [m]
  double width = 0.0, height = 0.0;  // rectangle; each slit, along x and y [m]
  int count = 1;                     // slits, side by side along x
  double pitch = 0.0;                // slits, centre to centre [m]
};

Shape rectangle_at(double x, double y, double width, double height);
Shape circle_at(double x, double y, double diameter);
Shape ring_at(double x, double y, double inner_diameter, double outer_diameter);

// Throws InputError when a size is missing, negative or contradicts another one.
void validate_shape(const Shape& shape, const std::string& what);

// The share, 0 to 1, of the cell centred on (x, y) that lies inside.
double share_of_cell(const Shape& shape, double x, double y, double dx, double dy);

// The share for every sample of the plane, row-major.
std::vector<double> coverage(const Shape& shape, const Plane& plane);

double area(const Shape& shape);  // [m^2]

ShapeKind shape_from_name(const std::string& name);  // throws InputError listing names

}  // namespace wavesmith
