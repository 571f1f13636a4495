// Leaking rings of GeometryOnGrid against the complex frequencies of the continuum.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <memory>

#include "physics/solids.hpp"
#include "solvers/resonance_monitor.hpp"
#include "tests/analytic/ring_resonance.hpp"
#include "tests/solvers/monitor_fixtures.hpp"
#include "tests/solvers/validation_fixtures.hpp"

namespace wavesmith {
namespace {

struct Ring {
  analytic::Annulus shape;
  int order;                        // of the mode
  std::complex<double> guess;       // of its frequency, c = 1
  double frequency = 0.0, q = 0.0;  // published
};

// A quarter of the plane, Ez even in y, in x as the order wants it; lengths in um.
Resonance resonance_of(const Ring& ring, const analytic::Resonance& exact, int per_unit) {
  const double um = 1e-6, f = exact.frequency * speed_of_light / um;
  const double extent = ring.shape.outer + 7.0;
  const int cells = static_cast<int>(std::lround(extent * per_unit));
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  for (std::size_t d = 0; d < 2; ++d)
    setup.grid.axes[d] = uniform_axis(0.0, cells * um / per_unit, cells);
  setup.boundaries.faces[0] = {ring.order % 2 == 1 ? Boundary::wall : Boundary::mirror,
                               Boundary::absorbing};
  setup.boundaries.faces[1] = {Boundary::mirror, Boundary::absorbing};
  setup.boundaries.layer.cells = 5 * per_unit;
  setup.dt = 0.95 * courant_limit(setup.grid, speed_of_light);
  setup.schedule.threads = 1;
  Geometry geometry;
  geometry.add(std::make_shared<CylinderSolid>(Vec3{0, 0, 0}, 2, ring.shape.outer * um, endless,
                                               ring.shape.inner * um),
               1);
  GeometryOnGrid(setup, Equations::tm, geometry, 1)
      .place(setup, std::vector<LightMaterial>{
                        validation::dielectric(1.0),
                        validation::dielectric(ring.shape.index * ring.shape.index)});
  const WaveContext context = context_of(setup, Equations::tm);
  const StoredField ez = find_field(Equations::tm, "Ez");
  const double middle = 0.5 * (ring.shape.inner + ring.shape.outer) * um;
  setup.sources.push_back(
      testing::point_source(0, nearest_point(context, ez, {0.9 * middle, 0.1 * middle, 0.0}), f));
  const ResonanceMonitor monitor(setup, context, "ring", "Ez", {0.98 * middle, 0.17 * middle, 0.0},
                                 {0.75 * f, 1.25 * f});
  const double end = testing::pulse_length(f);
  const double dt = setup.dt;
  TimeDomain march(std::move(setup));
  march.run(static_cast<long>((end + 45.0 / f) / dt));
  // The mode next to it: others, of other orders, may ring louder.
  Resonance best;
  for (const Resonance& one : monitor.find(march, end))
    if (std::abs(one.frequency - f) < std::abs(best.frequency - f)) best = one;
  best.frequency *= um / speed_of_light;
  return best;
}

TEST(RingValidation, RingsLeakToSecondOrder) {
  for (const Ring& ring : {Ring{{3.4, 1.0, 2.0}, 3, {0.118, -0.00077}, 0.118191693734, 77.2554},
                           {{3.4, 1.0, 2.0}, 4, {0.147, -0.00021}},
                           {{2.6, 0.8, 2.1}, 4, {0.17, -0.001}}}) {
    const analytic::Resonance exact =
        analytic::annulus_resonance(ring.shape, static_cast<std::size_t>(ring.order), ring.guess);
    if (ring.frequency > 0.0) {
      EXPECT_NEAR(exact.frequency, ring.frequency, 1e-11);
      EXPECT_NEAR(exact.q, ring.q, 1e-3);
    }
    const Resonance coarse = resonance_of(ring, exact, 10), fine = resonance_of(ring, exact, 20);
    const std::string name =
        fmt::format("ring of index {}, order {}", ring.shape.index, ring.order);
    const double order = validation::report(name.c_str(), coarse.frequency / exact.frequency - 1.0,
                                            fine.frequency / exact.frequency - 1.0);
    std::printf("  f %.8f (%.8f), Q %.3f, %.3f (%.3f)\n", fine.frequency, exact.frequency,
                coarse.quality, fine.quality, exact.q);
    EXPECT_GT(order, 1.7) << name;
    EXPECT_LT(std::abs(fine.frequency / exact.frequency - 1.0), 2e-3) << name;
    EXPECT_NEAR(fine.quality / exact.q, 1.0, 0.02) << name;
  }
}

}  // namespace
}  // namespace wavesmith
