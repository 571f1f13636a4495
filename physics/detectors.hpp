// Detectors built from regions, layouts and grids (the contract is physics/detector.hpp).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "physics/detector.hpp"
#include "physics/shape.hpp"

namespace wavesmith {

struct DetectorRegion {
  std::string name;
  Shape shape;
};

// One reading per region, with area-weighted edges. Regions may overlap. Throws InputError for one
// that leaves the plane.
Detector region_detector(const Plane& plane, std::span<const DetectorRegion> regions);

// The ten classes of Lin et al., Science 361, 1004 (2018): squares in rows of 3, 4 and 3, class 0
// first, rows from the smallest y and squares from the smallest x. spacing_x is the distance of
// centres in the row of four; the rows of three span the same width. spacing_y is the distance of
// the rows. All [m].
std::vector<DetectorRegion> ten_class_regions(double size, double spacing_x, double spacing_y,
                                              double x = 0.0, double y = 0.0);

// The same layout with two squares a class, as in Li et al., Adv. Photonics 1, 046001 (2019): the
// positive one below the class's centre and the negative one above, `gap` [m] apart. Twenty
// regions in the order +0, -0, +1, -1, ...: class c has the readings 2c (positive) and 2c + 1.
std::vector<DetectorRegion> ten_class_pairs(double size, double spacing_x, double spacing_y,
                                            double gap, double x = 0.0, double y = 0.0);

// One reading per block by block samples, row-major: a camera with pixels of that size. The plane
// must hold a whole number of blocks.
Detector image_detector(const Plane& plane, int block = 1);

// Rings about (x, y): reading r holds the radii edges[r] to edges[r + 1] [m], rising, from 0 on. A
// ring may leave the plane, and then reads what lies on it.
Detector ring_detector(const Plane& plane, double x, double y, std::span<const double> edges);

struct DetectorSpec {
  std::string kind = "ten_class";           // one of list_detectors()
  double x = 0.0, y = 0.0;                  // centre of a layout or of the rings [m]
  double size = 0.0;                        // ten_class, differential: side of a square [m]
  double spacing_x = 0.0, spacing_y = 0.0;  // [m]
  double gap = 0.0;                         // differential: between the two squares [m]
  std::vector<DetectorRegion> regions;      // regions
  int block = 1;                            // image: samples per camera pixel, along each axis
  std::vector<double> edges;                // rings [m]
};

struct DetectorKind {
  std::string name, sentence;
};
std::vector<DetectorKind> list_detectors();

// Throws InputError when the kind is unknown or an option does not fit.
Detector make_detector(const DetectorSpec& spec, const Plane& plane);

// Reading of each region for an intensity |u|^2 on the plane [W].
std::vector<double> read_out(const Detector& detector, std::span<const double> intensity);

}  // namespace wavesmith
