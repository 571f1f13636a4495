// Beam propagation against exact waves, and its derivative.
#include "solvers/beam_propagation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"
#include "solvers/convolution.hpp"
#include "tests/analytic/scalar_scattering.hpp"

namespace wavesmith {
namespace {

using Field = std::vector<Complex>;
constexpr double tau = 2.0 * std::numbers::pi;

// Lengths in wavelengths.
BeamSettings settings_of(Plane plane, double slice, std::vector<double> references) {
  BeamSettings settings;
  settings.plane = plane;
  settings.wavelength = 1.0;
  settings.slice = slice;
  settings.references = std::move(references);
  return settings;
}

Field random_field(std::size_t size, std::uint64_t stream) {
  const Random random(7, stream);
  Field field(size);
  for (std::size_t i = 0; i < size; ++i)
    field[i] = {random.normal(2 * i), random.normal(2 * i + 1)};
  return field;
}

Complex inner(const Field& a, const Field& b) {
  Complex sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::conj(a[i]) * b[i];
  return sum;
}

double distance(const Field& a, const Field& b) {
  double apart = 0.0, length = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    apart += std::norm(a[i] - b[i]);
    length += std::norm(b[i]);
  }
  return std::sqrt(apart / length);
}

// Media of every kind between and beyond the references, some lossy.
Field random_index(std::size_t size) {
  const Random random(11, 0);
  Field index(size);
  for (std::size_t i = 0; i < size; ++i)
    index[i] = {random.uniform(2 * i, 0.95, 1.75), 0.05 * random.uniform(2 * i + 1)};
  return index;
}

TEST(BeamPropagation, UniformMediaAreTheAngularSpectrumOfThatMedium) {
  const Plane plane{21, 17, 0.4, 0.45, 0.0, 0.0};
  const Field field = random_field(plane.size(), 1);
  for (const double n : {1.0, 1.5, 1.62}) {
    const BeamPropagation beam(settings_of(plane, 0.7, {1.0, 1.5, 1.62}));
    const Field out = beam.propagate(field, Field(plane.size(), n));
    // The window cuts the field in the middle of the slice, and nowhere else.
    Gap gap;
    gap.in = gap.out = plane;
    gap.wavelength = 1.0 / n;
    gap.distance = 0.35;
    gap.method = PropagationMethod::angular_spectrum;
    const ConvolutionOperator half(gap);
    Field middle(plane.size()), expected(plane.size());
    half.apply(field, middle);
    half.apply(middle, expected);
    EXPECT_LT(distance(out, expected), 1e-13) << n;
  }
}

// A plane wave in a plate keeps its angle in air: its phase is k_z thickness in the plate's medium.
TEST(BeamPropagation, PlaneWavesCrossAPlateAtAnyAngle) {
  Plane plane{64, 1, 0.25, 1.0, 0.0, 0.0};
  std::printf("  order  angle   references 1, 1.5   1, 1.25, 1.5   one (split step)   [rad]\n");
  for (const int order : {0, 4, 8, 12, 15}) {
    const double kx = tau * order / plane.width();
    Field field(plane.size());
    for (int i = 0; i < plane.nx; ++i)
      field[static_cast<std::size_t>(i)] = std::polar(1.0, kx * plane.x(i));
    const auto phase_error = [&](double n, std::vector<double> references) {
      BeamSettings settings = settings_of(plane, 0.1, std::move(references));
      settings.periodic = true;
      const int slices = 20;
      const Field out = BeamPropagation(settings).propagate(
          field, Field(plane.size() * static_cast<std::size_t>(slices), n));
      const double kz = std::sqrt(tau * tau * n * n - kx * kx);
      const Complex seen = inner(field, out) / static_cast<double>(plane.size());
      return std::abs(std::arg(seen * std::polar(1.0, -kz * slices * settings.slice)));
    };
    const double exact = phase_error(1.5, {1.0, 1.5}), between = phase_error(1.3, {1.0, 1.5});
    const double closer = phase_error(1.3, {1.0, 1.25, 1.5}), split = phase_error(1.5, {1.0});
    std::printf("  %5d  %4.1f    %.1e / %.4f     %.4f          %.4f\n", order,
                std::asin(order / 16.0) * 360.0 / tau, exact, between, closer, split);
    EXPECT_LT(exact, 1e-11);
    EXPECT_LE(between, 1e-11 + 0.5 * phase_error(1.3, {1.0}));
    EXPECT_LE(closer, between + 1e-11);
  }
}

// Effective index of the fundamental TE mode of a slab, w thick, in air.
double slab_index(double n, double w) {
  double low = 1.0, high = n;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high), kt = tau * std::sqrt(n * n - middle * middle);
    const double decay = tau * std::sqrt(middle * middle - 1.0);
    const bool too_high =
        kt * w < std::numbers::pi && kt * std::sin(0.5 * kt * w) < decay * std::cos(0.5 * kt * w);
    (too_high ? high : low) = middle;
  }
  return 0.5 * (low + high);
}

TEST(BeamPropagation, SlabModesTravelWithTheirIndex) {
  const Plane plane{640, 1, 1.0 / 32.0, 1.0, 0.0, 0.0};
  const double width = 1.0, travelled = 10.0;
  std::printf("  index  slice   error of the effective index: two references / split step\n");
  for (const double n : {1.05, 1.2, 1.5})
    for (const double slice : {1.0 / 3.0, 0.1}) {
      const double effective = slab_index(n, width);
      const double kt = tau * std::sqrt(n * n - effective * effective);
      const double decay = tau * std::sqrt(effective * effective - 1.0);
      const int slices = static_cast<int>(std::lround(travelled / slice));
      Field mode(plane.size()), index;
      for (int i = 0; i < plane.nx; ++i) {
        const double x = std::abs(plane.x(i));
        mode[static_cast<std::size_t>(i)] =
            x < 0.5 * width ? std::cos(kt * x)
                            : std::cos(0.5 * kt * width) * std::exp(-decay * (x - 0.5 * width));
        index.push_back(1.0 + (n - 1.0) * std::clamp((0.5 * width - x) / plane.dx + 0.5, 0.0, 1.0));
      }
      Field volume;
      for (int s = 0; s < slices; ++s) volume.insert(volume.end(), index.begin(), index.end());
      const auto error = [&](std::vector<double> references) {
        BeamSettings settings = settings_of(plane, slice, std::move(references));
        settings.periodic = true;
        const Field out = BeamPropagation(settings).propagate(mode, volume);
        const double length = slices * slice;
        return std::arg(inner(mode, out) * std::polar(1.0, -tau * effective * length)) /
               (tau * length);
      };
      const double two = error({1.0, n}), one = error({0.5 * (1.0 + n)});
      std::printf("  %.2f   %.3f   %+.5f / %+.5f\n", n, slice, two, one);
      EXPECT_LT(std::abs(two), 0.011 * (n - 1.0));
      EXPECT_LT(std::abs(two), 0.35 * std::abs(one));
    }
}

struct Scatterer {
  int dimensions;
  double index;
};

// E along a cylinder obeys the scalar equation exactly, and so does a sphere's sound.
TEST(BeamPropagation, CylindersAndSpheresScatterAsByTheirSeries) {
  const double radius = 1.5, slice = 0.1;
  std::printf(
      "  dimensions  index   error behind it: two references / split step, split step"
      " around 1\n");
  for (const Scatterer one :
       {Scatterer{2, 1.05}, Scatterer{2, 1.2}, Scatterer{2, 1.5}, Scatterer{3, 1.05}}) {
    const bool sphere = one.dimensions == 3;
    const Plane plane =
        sphere ? Plane{80, 80, 0.2, 0.2, 0.0, 0.0} : Plane{1024, 1, 1.0 / 32.0, 1.0, 0.0, 0.0};
    const int slices = static_cast<int>(std::lround(2.0 * radius / slice));
    const int parts = 4;  // of a sample along an axis, for the share inside
    const auto index_of = [&](double n) {
      Field index;
      for (int s = 0; s < slices; ++s)
        for (int j = 0; j < plane.ny; ++j)
          for (int i = 0; i < plane.nx; ++i) {
            int inside = 0, all = 0;
            for (int c = 0; c < parts; ++c)
              for (int b = 0; b < (sphere ? parts : 1); ++b)
                for (int a = 0; a < parts; ++a, ++all) {
                  const double x = plane.x(i) + ((a + 0.5) / parts - 0.5) * plane.dx;
                  const double y = sphere ? plane.y(j) + ((b + 0.5) / parts - 0.5) * plane.dy : 0;
                  const double z = -radius + (s + (c + 0.5) / parts) * slice;
                  inside += x * x + y * y + z * z < radius * radius;
                }
            index.push_back(1.0 + (n - 1.0) * inside / all);
          }
      return index;
    };
    const Field index = index_of(one.index);
    const analytic::ScalarScattering exact(
        {.dimensions = one.dimensions, .radius = radius, .k0 = tau, .k1 = tau * one.index});
    Field expected;
    std::vector<std::size_t> places;
    for (int j = 0; j < plane.ny; j += sphere ? 4 : 1)
      for (int i = 0; i < plane.nx; i += sphere ? 4 : 8) {
        const double x = plane.x(i), y = sphere ? plane.y(j) : 0.0, r = std::hypot(x, y);
        if (r > 5.0) continue;
        places.push_back(static_cast<std::size_t>(j * plane.nx + i));
        expected.push_back(exact.total(std::hypot(r, radius), std::atan2(r, radius)));
      }
    const auto error = [&](std::vector<double> references) {
      BeamSettings settings = settings_of(plane, slice, std::move(references));
      settings.periodic = true;
      const Field out = BeamPropagation(settings).propagate(
          Field(plane.size(), std::polar(1.0, -tau * radius)), index);
      Field seen;
      for (const std::size_t place : places) seen.push_back(out[place]);
      return distance(seen, expected);
    };
    const double two = error({1.0, one.index}), split = error({0.5 * (1.0 + one.index)});
    const double around = error({1.0});
    std::printf("  %d           %.2f    %.4f / %.4f, %.4f\n", one.dimensions, one.index, two, split,
                around);
    // What one-way waves leave out: the amplitude reflected at either surface.
    EXPECT_LT(two, 2.0 * (one.index - 1.0) / (one.index + 1.0));
    EXPECT_LT(two, 0.7 * split);
    EXPECT_LT(two, 0.7 * around);
  }
}

TEST(BeamPropagation, LossFollowsBeersLawAndIsAccountedFor) {
  const Plane plane{32, 1, 0.25, 1.0, 0.0, 0.0};
  BeamSettings settings = settings_of(plane, 0.25, {1.0, 1.4});
  settings.periodic = true;
  const Complex n(1.4, 0.03);
  BeamPower power;
  BeamPropagation(settings).propagate(Field(32, 1.0), Field(32 * 12, n), &power);
  EXPECT_NEAR(power.left / power.entered, std::exp(-2.0 * tau * 0.03 * 3.0), 1e-12);
  EXPECT_NEAR(power.absorbed, power.entered - power.left, 1e-12);
  EXPECT_NEAR(power.edges, 0.0, 1e-12);
}

// Two beams leave a uniform window to both sides: all that does not come out is found at the edges,
// and an absorbing margin in a window that repeats takes them as well.
TEST(BeamPropagation, PowerThatLeavesIsFoundAtTheEdges) {
  const Plane plane{96, 1, 0.25, 1.0, 0.0, 0.0};
  Field field;
  for (int i = 0; i < plane.nx; ++i)
    field.push_back(std::exp(-std::pow(plane.x(i) / 3.0, 2)) * std::cos(tau * 0.6 * plane.x(i)));
  for (const bool periodic : {false, true}) {
    BeamSettings settings = settings_of(plane, 0.5, {1.0});
    settings.periodic = periodic;
    settings.edge_width = periodic ? 4.0 : 0.0;
    BeamPower power;
    const Field out = BeamPropagation(settings).propagate(field, Field(96 * 80, 1.0), &power);
    std::printf("  %s: edges %.6f of %.6f, left %.1e, imbalance %.1e\n",
                periodic ? "absorbing margin" : "open window", power.edges, power.entered,
                power.left, power.imbalance());
    EXPECT_LT(power.left, 1e-3 * power.entered);
    // A sharp edge makes evanescent waves, which decay.
    EXPECT_LT(power.imbalance(), 1e-9 * power.entered);
    EXPECT_GT(power.imbalance(), (periodic ? -1e-9 : -0.03) * power.entered);
  }
}

struct BeamCase {
  const char* name;
  std::vector<double> references;
  double edge_width;
  bool periodic;
};
const BeamCase beam_cases[] = {{"split step", {1.2}, 0.0, false},
                               {"two references", {1.0, 1.5}, 0.0, false},
                               {"three, absorbing margin", {1.0, 1.3, 1.6}, 1.0, false},
                               {"two, periodic", {1.1, 1.4}, 0.6, true}};

// <a, T b> = <T^r a, b> without conjugation, T^r with the slices in reverse order.
TEST(BeamPropagation, IsReciprocal) {
  const Plane plane{12, 9, 0.4, 0.35, 0.0, 0.0};
  const Field a = random_field(plane.size(), 1), b = random_field(plane.size(), 2);
  const Field index = random_index(plane.size() * 5);
  Field reversed;
  for (std::size_t s = 5; s-- > 0;)
    reversed.insert(reversed.end(), index.begin() + static_cast<std::ptrdiff_t>(s * plane.size()),
                    index.begin() + static_cast<std::ptrdiff_t>((s + 1) * plane.size()));
  for (const BeamCase& one : beam_cases) {
    BeamSettings settings = settings_of(plane, 0.3, one.references);
    settings.edge_width = one.edge_width;
    settings.periodic = one.periodic;
    const BeamPropagation beam(settings);
    const auto product = [](const Field& x, const Field& y) {
      Complex sum = 0.0;
      for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
      return sum;
    };
    const Complex there = product(a, beam.propagate(b, index));
    const Complex back = product(beam.propagate(a, reversed), b);
    EXPECT_LT(std::abs(there - back), 1e-12 * std::abs(there)) << one.name;
  }
}

TEST(BeamPropagation, TheTransposeIsExact) {
  const Plane plane{12, 9, 0.4, 0.35, 0.0, 0.0};
  const std::size_t size = plane.size();
  const Field u = random_field(size, 3), v = random_field(size, 4), g = random_field(size, 5);
  const Field index = random_index(size * 4);
  for (const BeamCase& one : beam_cases) {
    BeamSettings settings = settings_of(plane, 0.3, one.references);
    settings.edge_width = one.edge_width;
    settings.periodic = one.periodic;
    const BeamPropagation beam(settings);
    Field g_field(size), g_index(index.size());
    beam.pull_back(u, index, g, g_field, g_index);
    // Linear in the field.
    const Complex there = inner(g, beam.propagate(v, index)), back = inner(g_field, v);
    const double dot = std::abs(there - back) / std::abs(there);
    // Along random complex changes of the index: central differences with a fourth-order stencil.
    const Random random(5, 5);
    Field change(index.size());
    double expected = 0.0;
    for (std::size_t i = 0; i < change.size(); ++i) {
      change[i] = {random.normal(2 * i), 0.1 * random.normal(2 * i + 1)};
      // A step across a reference has no derivative to compare with.
      for (const double reference : one.references)
        if (std::abs(index[i].real() - reference) < 0.01) change[i] = 0.0;
      expected += std::real(std::conj(g_index[i]) * change[i]);
    }
    const auto along = [&](double step) {
      Field moved = index;
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * change[i];
      return std::real(inner(g, beam.propagate(u, moved)));
    };
    const double h = 1e-3;
    const double difference =
        (8.0 * (along(h) - along(-h)) - (along(2.0 * h) - along(-2.0 * h))) / (12.0 * h);
    std::printf("  %-24s dot product %.1e, finite differences %.1e\n", one.name, dot,
                std::abs(difference - expected) / std::abs(expected));
    EXPECT_LT(dot, 1e-12) << one.name;
    EXPECT_LT(std::abs(difference - expected), 1e-6 * std::abs(expected)) << one.name;
  }
}

TEST(BeamPropagation, AuditNamesCoarseSamplesAndThickSlices) {
  const Plane plane{32, 32, 0.25, 0.25, 0.0, 0.0};
  EXPECT_TRUE(audit_beam(settings_of(plane, 1.0 / 3.0, {1.0, 1.5}), 1.5).messages.empty());
  Plane coarse = plane;
  coarse.dx = 0.4;
  EXPECT_EQ(audit_beam(settings_of(coarse, 1.0 / 3.0, {1.0, 1.5}), 1.5).messages.size(), 1u);
  EXPECT_EQ(audit_beam(settings_of(coarse, 1.0, {1.0, 1.5}), 1.5).messages.size(), 2u);
}

TEST(BeamPropagation, RefusesWhatDoesNotFit) {
  const Plane plane{8, 8, 0.25, 0.25, 0.0, 0.0};
  EXPECT_THROW(BeamPropagation(settings_of(plane, 0.0, {1.0})), InputError);
  EXPECT_THROW(BeamPropagation(settings_of(plane, 0.1, {})), InputError);
  EXPECT_THROW(BeamPropagation(settings_of(plane, 0.1, {1.5, 1.0})), InputError);
  EXPECT_THROW(BeamPropagation(settings_of(plane, 0.1, {0.0, 1.0})), InputError);
  const BeamPropagation beam(settings_of(plane, 0.1, {1.0}));
  EXPECT_THROW(beam.propagate(Field(63), Field(64, 1.0)), InputError);
  EXPECT_THROW(beam.propagate(Field(64), Field(65, 1.0)), InputError);
}

}  // namespace
}  // namespace wavesmith
