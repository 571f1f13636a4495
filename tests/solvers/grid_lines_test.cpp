// Boundaries on the time-marching engine: box modes with walls and mirrors exactly, periodic waves
// exactly, and what absorbing layers send back.
#include "solvers/grid_lines.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numbers>

#include "core/error.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;
using Values = std::vector<double>;

std::unique_ptr<LeapfrogEngine<double>> make_engine(const GridLines& lines) {
  auto engine = make_host_leapfrog<double>(lines.size, {});
  for (int d = 0; d < 3; ++d) engine->set_metric(d, lines.metrics[static_cast<std::size_t>(d)]);
  return engine;
}

YeeGrid grid_of(int nx, int ny, int nz) {
  YeeGrid grid;
  grid.axes = {uniform_axis(0.0, nx, nx), uniform_axis(0.0, ny, ny), uniform_axis(0.0, nz, nz)};
  return grid;
}

// p of a standing wave between two faces at node i of n cells: sine for walls, cosine for mirrors,
// and their mixtures, with m half waves (m - 1/2 where the faces differ).
struct Ends {
  Boundary low, high;
  double half_waves(int m) const { return low == high ? m : m - 0.5; }
  double operator()(double x, int n, int m) const {
    const double angle = pi * half_waves(m) * x / n;
    return low == Boundary::wall ? std::sin(angle) : std::cos(angle);
  }
};

TEST(GridLines, StandingWavesBetweenWallsAndMirrorsAreExact) {
  const int n = 20, steps = 300;
  const double dt = 0.6;  // c = 1, unit cells
  for (const Boundary low : {Boundary::wall, Boundary::mirror})
    for (const Boundary high : {Boundary::wall, Boundary::mirror}) {
      const Ends x{low, high}, y{high, low};
      GridBoundaries boundaries;
      boundaries.faces[0] = {low, high};
      boundaries.faces[1] = {high, low};
      const YeeGrid grid = grid_of(n, n, 1);
      const GridLines lines =
          make_grid_lines(WaveSystem::scalar, grid, boundaries, Nodes::on_edges, 1.0, dt);
      const auto engine = make_engine(lines);
      const int nx = lines.size.points[0], ny = lines.size.points[1];
      Values p(lines.size.count()), vx(p.size()), vy(p.size());
      for (int j = 0; j < ny; ++j)
        for (int i = 0; i < nx; ++i) {
          const std::size_t at = static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) +
                                 static_cast<std::size_t>(i);
          p[at] = x(i, n, 2) * y(j, n, 3);
          if (i < n) vx[at] = 0.5 * dt * (x(i + 1, n, 2) - x(i, n, 2)) * y(j, n, 3);
          if (j < n) vy[at] = 0.5 * dt * x(i, n, 2) * (y(j + 1, n, 3) - y(j, n, 3));
        }
      engine->write_field(0, p);
      engine->write_field(1, vx);
      engine->write_field(2, vy);
      engine->run(0, steps);
      Values end(p.size());
      engine->read_field(0, end);
      const double sx = dt * std::sin(pi * x.half_waves(2) / (2.0 * n));
      const double sy = dt * std::sin(pi * y.half_waves(3) / (2.0 * n));
      const double theta = 2.0 * std::asin(std::hypot(sx, sy));
      double worst = 0.0;
      for (std::size_t at = 0; at < p.size(); ++at)
        worst = std::max(worst, std::abs(end[at] - std::cos(steps * theta) * p[at]));
      EXPECT_LT(worst, 1e-11) << static_cast<int>(low) << " " << static_cast<int>(high);
    }
}

// With the scalar on the centres walls are rigid: cosines about the faces.
TEST(GridLines, ScalarOnCentresBetweenWallsIsExact) {
  const int n = 24, m = 3, steps = 200;
  const double dt = 0.8;
  GridBoundaries boundaries;
  const GridLines lines =
      make_grid_lines(WaveSystem::scalar, grid_of(n, 1, 1), boundaries, Nodes::on_centres, 1.0, dt);
  const auto engine = make_engine(lines);
  const auto shape = [&](int i) { return std::cos(pi * m * (i + 0.5) / n); };
  Values p(n), v(n), end(n);
  for (int i = 0; i < n; ++i) {
    p[static_cast<std::size_t>(i)] = shape(i);
    if (i + 1 < n) v[static_cast<std::size_t>(i)] = 0.5 * dt * (shape(i + 1) - shape(i));
  }
  engine->write_field(0, p);
  engine->write_field(1, v);
  engine->run(0, steps);
  engine->read_field(0, end);
  const double theta = 2.0 * std::asin(dt * std::sin(pi * m / (2.0 * n)));
  for (std::size_t i = 0; i < p.size(); ++i)
    EXPECT_NEAR(end[i], std::cos(steps * theta) * p[i], 1e-12);
}

TEST(GridLines, PeriodicWavesTravelAtTheDiscreteSpeed) {
  const int n = 16, m = 2, steps = 100;
  const double dt = 0.5;
  for (const Nodes nodes : {Nodes::on_edges, Nodes::on_centres}) {
    GridBoundaries boundaries;
    boundaries.faces[0] = {Boundary::periodic, Boundary::periodic};
    const GridLines lines =
        make_grid_lines(WaveSystem::scalar, grid_of(n, 1, 1), boundaries, nodes, 1.0, dt);
    const auto engine = make_engine(lines);
    const double k = 2.0 * pi * m / n;
    const double theta = 2.0 * std::asin(dt * std::sin(0.5 * k));
    // p(i, n) = cos(k i - theta n), v(i + 1/2, n + 1/2) = -cos(k (i + 1/2) - theta (n + 1/2)).
    Values p(n), v(n), end(n);
    for (int i = 0; i < n; ++i) {
      p[static_cast<std::size_t>(i)] = std::cos(k * i);
      v[static_cast<std::size_t>(i)] = -std::cos(k * (i + 0.5) - 0.5 * theta);
    }
    // The engine's first half-step takes v at 1/2 to p at 1, so p enters at 0.
    engine->write_field(0, p);
    engine->write_field(1, v);
    engine->run(0, steps);
    engine->read_field(0, end);
    for (int i = 0; i < n; ++i)
      EXPECT_NEAR(end[static_cast<std::size_t>(i)], std::cos(k * i - theta * steps), 1e-12);
  }
}

// A pulse in one dimension, recorded in front of the layer; what is not there in a grid so long
// that nothing comes back is the reflection, in decibels of the pulse.
double reflection_in_1d(int points_per_wavelength, int cells) {
  const int inner = 6 * points_per_wavelength, probe = inner / 2;
  const double dt = 0.9;
  const int steps = 8 * points_per_wavelength + inner;
  const auto record = [&](int length, Boundary high) {
    GridBoundaries boundaries;
    boundaries.faces[0] = {Boundary::absorbing, high};
    boundaries.layer.cells = cells;
    const GridLines lines = make_grid_lines(WaveSystem::scalar, grid_of(length, 1, 1), boundaries,
                                            Nodes::on_edges, 1.0, dt);
    const auto engine = make_engine(lines);
    const GridBox source{{cells + 2, 0, 0}, {cells + 3, 1, 1}};
    const GridBox seen{{cells + probe, 0, 0}, {cells + probe + 1, 1, 1}};
    const Values weight = {1.0};
    const int drive = engine->add_drive(0, source, 1, weight);
    const int tap = engine->add_tap(0, seen, 1);
    const auto signal = engine->drive_signals(drive, steps);
    for (int s = 0; s < steps; ++s) {
      const double t = (s * dt - 3.0 * points_per_wavelength) / points_per_wavelength;
      signal[static_cast<std::size_t>(s)] = std::exp(-2.0 * t * t) * std::sin(2.0 * pi * t);
    }
    engine->run(0, steps);
    const auto values = engine->tap_record(tap);
    return Values(values.begin(), values.end());
  };
  const Values with = record(inner + 2 * cells, Boundary::absorbing);
  const Values without = record(inner + 2 * cells + 2 * steps, Boundary::wall);
  double largest = 0.0, difference = 0.0;
  for (std::size_t i = 0; i < with.size(); ++i) {
    largest = std::max(largest, std::abs(without[i]));
    difference = std::max(difference, std::abs(with[i] - without[i]));
  }
  return 20.0 * std::log10(difference / largest);
}

TEST(GridLines, AbsorbingLayerReflectsLittleAtNormalIncidence) {
  const double twelve = reflection_in_1d(20, 12);
  std::printf("12 cells, 20 points a wavelength: %.1f dB\n", twelve);
  EXPECT_LT(twelve, -60.0);
}

// As thick as a wavelength, finer and finer: the reflected power falls at least with the eighth
// power of the cell.
TEST(GridLines, AbsorbingLayerConvergesWithTheGrid) {
  double before = 0.0;
  for (const int points : {8, 16, 32}) {
    const double now = reflection_in_1d(points, points);
    std::printf("%d cells, %d points a wavelength: %.1f dB\n", points, points, now);
    if (before != 0.0) {
      EXPECT_LT(now, before - 80.0 * std::log10(2.0));
    }
    before = now;
  }
}

// In two dimensions: a line source 20 cells in front of a layer, and probes along it. What a grid
// too large for anything to come back does not show is the layer's, seen under the angle of the ray
// that is mirrored at its face.
TEST(GridLines, AbsorbingLayerReflectsLittleUpToSixtyDegrees) {
  const int layer = 12, distance = 20, points_per_wavelength = 20;
  const double dt = 0.95 / std::sqrt(2.0);
  const int steps = 460;
  const std::vector<int> offsets = {14, 40, 69};  // 2 distance tan(angle): 20, 45, 60 degrees
  const auto record = [&](int nx, int ny, int below, GridBoundaries boundaries) {
    boundaries.layer.cells = layer;
    const GridLines lines = make_grid_lines(WaveSystem::scalar, grid_of(nx, ny, 1), boundaries,
                                            Nodes::on_edges, 1.0, dt);
    const auto engine = make_engine(lines);
    const int x = nx / 2, y = below + distance;
    const Values weight = {1.0};
    const int drive = engine->add_drive(0, {{x, y, 0}, {x + 1, y + 1, 1}}, 1, weight);
    std::vector<int> taps;
    for (const int offset : offsets)
      taps.push_back(engine->add_tap(0, {{x + offset, y, 0}, {x + offset + 1, y + 1, 1}}, 1));
    const auto signal = engine->drive_signals(drive, steps);
    for (int s = 0; s < steps; ++s) {
      const double t = (s * dt - 2.0 * points_per_wavelength) / points_per_wavelength;
      signal[static_cast<std::size_t>(s)] = std::exp(-3.0 * t * t) * std::sin(2.0 * pi * t);
    }
    engine->run(0, steps);
    std::vector<Values> all;
    for (const int tap : taps) {
      const auto values = engine->tap_record(tap);
      all.emplace_back(values.begin(), values.end());
    }
    return all;
  };
  const int far = 360;  // nothing comes back from there within the steps
  GridBoundaries boundaries;
  boundaries.faces[1] = {Boundary::absorbing, Boundary::wall};
  const std::vector<Values> with = record(2 * far, layer + distance + far, layer, boundaries);
  boundaries.faces[1] = {Boundary::wall, Boundary::wall};
  const std::vector<Values> without = record(2 * far, 2 * far, far - distance, boundaries);
  const std::vector<double> bounds = {-60.0, -50.0, -40.0};
  for (std::size_t p = 0; p < offsets.size(); ++p) {
    double largest = 0.0, difference = 0.0;
    for (std::size_t i = 0; i < with[p].size(); ++i) {
      largest = std::max(largest, std::abs(without[p][i]));
      difference = std::max(difference, std::abs(with[p][i] - without[p][i]));
    }
    // What a wall at the layer's face would send back has spread over a longer way.
    largest *= std::sqrt(offsets[p] / std::hypot(offsets[p], 2.0 * distance));
    const double db = 20.0 * std::log10(difference / largest);
    std::printf("%.0f degrees: %.1f dB\n", std::atan2(offsets[p], 2.0 * distance) * 180.0 / pi, db);
    EXPECT_LT(db, bounds[p]);
  }
}

TEST(GridLines, ContradictionsAreErrors) {
  const YeeGrid grid = grid_of(20, 20, 20);
  const auto fails = [&](const GridBoundaries& boundaries, Nodes nodes = Nodes::on_edges) {
    EXPECT_THROW(make_grid_lines(WaveSystem::maxwell, grid, boundaries, nodes, 1.0, 0.5),
                 InputError);
  };
  GridBoundaries one;
  one.faces[1] = {Boundary::periodic, Boundary::wall};
  fails(one);
  GridBoundaries thick;
  thick.faces[2] = {Boundary::absorbing, Boundary::absorbing};
  fails(thick);
  thick.layer.cells = 0;
  fails(thick);
  GridBoundaries mirror;
  mirror.faces[0] = {Boundary::mirror, Boundary::wall};
  fails(mirror, Nodes::on_centres);
  YeeGrid crossed = grid;
  crossed.axes[0].edges[3] = 0.5;
  EXPECT_THROW(make_grid_lines(WaveSystem::maxwell, crossed, {}, Nodes::on_edges, 1.0, 0.5),
               InputError);
  EXPECT_THROW(courant_limit(grid_of(1, 1, 1), 1.0), InputError);
  EXPECT_NEAR(courant_limit(grid_of(5, 5, 1), 2.0), 0.5 / std::sqrt(2.0), 1e-15);
}

}  // namespace
}  // namespace wavesmith
