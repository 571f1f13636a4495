// From regions to the polygons and cells of a GDSII file, and whether a file's polygons are
// regions.
//
// GDSII polygons have no holes. A hole is joined to its outline by a slit, two coincident edges
// from corner to corner: corners are those of the rings, areas exact, and PrismSolid sees no seam.
// Regions of more points than a record holds are cut along x or y first, each part a region.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "physics/gdsii.hpp"
#include "physics/polygon.hpp"

namespace wavesmith {

// `rings`: outlines anticlockwise, holes clockwise, simple and apart (what contour() gives),
// rounded here to `database_unit` [m]. Throws InputError where rounding makes them meet, naming the
// place, or where a hole lies in no outline. Every polygon describes a region (see
// polygon_check.hpp).
std::vector<GdsPolygon> gds_polygons(std::span<const Ring> rings, int layer, int datatype,
                                     double database_unit = 1e-9,
                                     std::size_t most_points = gds_most_points);

// The polygons of a layer (data type -1: all) as rings that run anticlockwise: what
// minimum_feature() and prism_mesh() take.
std::vector<Ring> outlines(std::span<const GdsPolygon> polygons, int layer, int datatype = -1);

// A cell referred to once for each position.
struct CellPlaces {
  std::string cell;
  std::vector<Point2> positions;  // of the cell's origin [m]
};

// A library of `cells` and of a cell `top` that refers to them: positions, rounded to the database
// unit, that fill a rectangular array become one array reference, others single ones. Throws
// InputError for a cell that is missing, there twice, or called like the top one.
GdsLibrary place_cells(std::vector<GdsCell> cells, std::span<const CellPlaces> places,
                       const std::string& top = "top", double database_unit = 1e-9);

// Throws InputError where a polygon of the layer, in `cell` or in what it refers to, crosses
// itself, naming file, cell, polygon and place. `datatype` -1: all. `name` stands for the file.
void validate_polygons(const GdsLibrary& library, const std::string& cell, int layer, int datatype,
                       const std::string& name);

}  // namespace wavesmith
