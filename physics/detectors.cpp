#include "physics/detectors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "physics/names.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

struct Extent {
  double x, y;  // half widths [m]
};

Extent half_extent(const Shape& shape) {
  if (shape.kind == ShapeKind::circle || shape.kind == ShapeKind::ring)
    return {0.5 * shape.diameter, 0.5 * shape.diameter};
  const double slits = shape.kind == ShapeKind::slits ? (shape.count - 1) * shape.pitch : 0.0;
  return {0.5 * (shape.width + slits), 0.5 * shape.height};
}

struct IndexRange {
  int first, end;
};

// Samples of an axis whose cells may touch low..high.
IndexRange samples_touching(double low, double high, int count, double spacing, double centre) {
  const double middle = 0.5 * (count - 1);
  const double first = std::floor((low - centre) / spacing + middle - 0.5);
  const double last = std::ceil((high - centre) / spacing + middle + 0.5);
  return {static_cast<int>(std::clamp(first, 0.0, 1.0 * count)),
          static_cast<int>(std::clamp(last + 1.0, 0.0, 1.0 * count))};
}

void add_region(Detector& detector, const DetectorRegion& region) {
  const Plane& plane = detector.plane;
  const Shape& shape = region.shape;
  const Extent half = half_extent(shape);
  const IndexRange columns =
      samples_touching(shape.x - half.x, shape.x + half.x, plane.nx, plane.dx, plane.x0);
  const IndexRange rows =
      samples_touching(shape.y - half.y, shape.y + half.y, plane.ny, plane.dy, plane.y0);
  for (int j = rows.first; j < rows.end; ++j)
    for (int i = columns.first; i < columns.end; ++i) {
      const double share = share_of_cell(shape, plane.x(i), plane.y(j), plane.dx, plane.dy);
      if (share > 0.0)
        detector.entries.push_back(
            {detector.reading_count,
             static_cast<std::size_t>(j) * static_cast<std::size_t>(plane.nx) +
                 static_cast<std::size_t>(i),
             share * plane.cell_area()});
    }
  detector.names.push_back(region.name);
  ++detector.reading_count;
}

void validate_on_plane(const DetectorRegion& region, const Plane& plane) {
  const Extent half = half_extent(region.shape);
  const double margin = 1e-9;  // of a sample: positions in metres are rounded
  const bool inside =
      std::abs(region.shape.x - plane.x0) + half.x <= 0.5 * plane.width() + margin * plane.dx &&
      std::abs(region.shape.y - plane.y0) + half.y <= 0.5 * plane.height() + margin * plane.dy;
  WAVESMITH_VALIDATE(
      inside, fmt::format("detector region \"{}\" at ({:.6g}, {:.6g}) m, {:.6g} m by {:.6g} "
                          "m, leaves its plane ({:.6g} m by {:.6g} m); move it, make it "
                          "smaller or the plane larger",
                          region.name, region.shape.x, region.shape.y, 2.0 * half.x, 2.0 * half.y,
                          plane.width(), plane.height()));
}

struct Centre {
  double x, y;
};

// Centres of the rows of 3, 4 and 3, class 0 first.
std::vector<Centre> ten_centres(double spacing_x, double spacing_y, double x, double y) {
  std::vector<Centre> centres;
  for (int row = 0; row < 3; ++row) {
    const int columns = row == 1 ? 4 : 3;
    const double pitch = 3.0 * spacing_x / (columns - 1);
    for (int column = 0; column < columns; ++column)
      centres.push_back({x + (column - 0.5 * (columns - 1)) * pitch, y + (row - 1) * spacing_y});
  }
  return centres;
}

void validate_layout(double size, double height, double spacing_x, double spacing_y) {
  validate_positive(size, "detector: size [m]");
  WAVESMITH_VALIDATE(spacing_x >= size && spacing_y >= height,
                     fmt::format("detector: regions {} m by {} m overlap at spacings of {} m and "
                                 "{} m; space them further",
                                 size, height, spacing_x, spacing_y));
}

}  // namespace

Detector region_detector(const Plane& plane, std::span<const DetectorRegion> regions) {
  validate_plane(plane, "detector");
  WAVESMITH_VALIDATE(!regions.empty(), "a detector needs at least one region");
  Detector detector;
  detector.plane = plane;
  for (const DetectorRegion& region : regions) {
    validate_shape(region.shape, "detector region \"" + region.name + "\"");
    validate_on_plane(region, plane);
    add_region(detector, region);
  }
  return detector;
}

std::vector<DetectorRegion> ten_class_regions(double size, double spacing_x, double spacing_y,
                                              double x, double y) {
  validate_layout(size, size, spacing_x, spacing_y);
  std::vector<DetectorRegion> regions;
  for (const Centre& centre : ten_centres(spacing_x, spacing_y, x, y))
    regions.push_back(
        {std::to_string(regions.size()), rectangle_at(centre.x, centre.y, size, size)});
  return regions;
}

std::vector<DetectorRegion> ten_class_pairs(double size, double spacing_x, double spacing_y,
                                            double gap, double x, double y) {
  validate_not_negative(gap, "detector: gap [m]");
  validate_layout(size, 2.0 * size + gap, spacing_x, spacing_y);
  std::vector<DetectorRegion> regions;
  const double offset = 0.5 * (size + gap);
  for (const Centre& centre : ten_centres(spacing_x, spacing_y, x, y)) {
    const std::string name = std::to_string(regions.size() / 2);
    regions.push_back({"+" + name, rectangle_at(centre.x, centre.y - offset, size, size)});
    regions.push_back({"-" + name, rectangle_at(centre.x, centre.y + offset, size, size)});
  }
  return regions;
}

Detector image_detector(const Plane& plane, int block) {
  validate_plane(plane, "detector");
  WAVESMITH_VALIDATE(block >= 1 && plane.nx % block == 0 && plane.ny % block == 0,
                     fmt::format("camera pixels of {0} x {0} samples do not divide the plane's {1} "
                                 "x {2} samples; choose a divisor",
                                 block, plane.nx, plane.ny));
  Detector detector;
  detector.plane = plane;
  const int columns = plane.nx / block, rows = plane.ny / block;
  detector.reading_count = columns * rows;
  detector.entries.reserve(plane.size());
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      detector.names.push_back(fmt::format("{},{}", row, column));
      for (int b = 0; b < block; ++b)
        for (int a = 0; a < block; ++a)
          detector.entries.push_back(
              {row * columns + column,
               static_cast<std::size_t>(row * block + b) * static_cast<std::size_t>(plane.nx) +
                   static_cast<std::size_t>(column * block + a),
               plane.cell_area()});
    }
  return detector;
}

Detector ring_detector(const Plane& plane, double x, double y, std::span<const double> edges) {
  validate_plane(plane, "detector");
  WAVESMITH_VALIDATE(edges.size() >= 2 && edges[0] >= 0.0,
                     "a ring detector needs two or more radii (edges), 0 or larger");
  Detector detector;
  detector.plane = plane;
  for (std::size_t r = 0; r + 1 < edges.size(); ++r) {
    const std::string name = fmt::format("ring {}", r);
    WAVESMITH_VALIDATE(edges[r + 1] > edges[r],
                       fmt::format("the radii of a ring detector must rise: {} m is followed by {} "
                                   "m",
                                   edges[r], edges[r + 1]));
    const Shape shape = ring_at(x, y, 2.0 * edges[r], 2.0 * edges[r + 1]);
    validate_shape(shape, name);
    add_region(detector, {name, shape});
  }
  return detector;
}

namespace {

struct DetectorBuilder {
  const char* name;
  const char* sentence;
  Detector (*make)(const DetectorSpec&, const Plane&);
};

constexpr std::array<DetectorBuilder, 5> detector_kinds{{
    {"ten_class", "Ten squares in rows of 3, 4 and 3",
     [](const DetectorSpec& spec, const Plane& plane) {
       return region_detector(
           plane, ten_class_regions(spec.size, spec.spacing_x, spec.spacing_y, spec.x, spec.y));
     }},
    {"differential", "Ten pairs of squares in rows of 3, 4 and 3: +0, -0, +1, ...",
     [](const DetectorSpec& spec, const Plane& plane) {
       return region_detector(plane, ten_class_pairs(spec.size, spec.spacing_x, spec.spacing_y,
                                                     spec.gap, spec.x, spec.y));
     }},
    {"regions", "Rectangles, circles, rings or slits of your own",
     [](const DetectorSpec& spec, const Plane& plane) {
       return region_detector(plane, spec.regions);
     }},
    {"image", "Every sample, or camera pixels of several samples",
     [](const DetectorSpec& spec, const Plane& plane) {
       return image_detector(plane, spec.block);
     }},
    {"rings", "Rings between given radii",
     [](const DetectorSpec& spec, const Plane& plane) {
       return ring_detector(plane, spec.x, spec.y, spec.edges);
     }},
}};

}  // namespace

std::vector<DetectorKind> list_detectors() {
  std::vector<DetectorKind> kinds;
  for (const DetectorBuilder& entry : detector_kinds) kinds.push_back({entry.name, entry.sentence});
  return kinds;
}

Detector make_detector(const DetectorSpec& spec, const Plane& plane) {
  std::array<NamedValue<const DetectorBuilder*>, detector_kinds.size()> names{};
  std::transform(detector_kinds.begin(), detector_kinds.end(), names.begin(),
                 [](const DetectorBuilder& entry) {
                   return NamedValue<const DetectorBuilder*>{entry.name, &entry};
                 });
  return value_from_name<const DetectorBuilder*>(names, spec.kind, "detector")->make(spec, plane);
}

std::vector<double> read_out(const Detector& detector, std::span<const double> intensity) {
  std::vector<double> readings(static_cast<std::size_t>(detector.reading_count));
  for (const DetectorEntry& entry : detector.entries)
    readings[static_cast<std::size_t>(entry.reading)] += entry.weight * intensity[entry.sample];
  return readings;
}

}  // namespace wavesmith
