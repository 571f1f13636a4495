// Far fields of dipoles, lines and pulsing points against their formulas, scattering against Mie's
// series, images against the whole.
#include "solvers/far_field.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "physics/vacuum.hpp"
#include "solvers/total_field_box.hpp"
#include "tests/analytic/scalar_scattering.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

// A source density of one component over one cell, in free space of unit wavelength.
struct Radiator {
  const char* name;
  Equations equations;
  bool plane;
  const char* field;
};

constexpr double fluid_speed = 1500.0, fluid_density = 1000.0;

double speed_of(Equations equations) {
  return equations == Equations::sound ? fluid_speed : speed_of_light;
}

TimeDomainSetup empty_setup(Equations equations, bool plane, double half_width, int cells,
                            int layer) {
  TimeDomainSetup setup;
  setup.system = system_of(equations);
  setup.speed = speed_of(equations);
  for (std::size_t d = 0; d < (plane ? 2 : 3); ++d) {
    setup.grid.axes[d] = uniform_axis(-half_width, half_width, cells);
    setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
  }
  setup.boundaries.layer.cells = layer;
  setup.dt = 0.9 * courant_limit(setup.grid, setup.speed);
  return setup;
}

WaveContext context_for(const TimeDomainSetup& setup, Equations equations) {
  return context_of(setup, equations, fluid_speed * fluid_density);
}

std::vector<FarDirection> some_directions(bool plane) {
  std::vector<FarDirection> directions;
  for (int i = 0; i < 9; ++i)
    directions.push_back({plane ? 0.5 * pi : 0.2 + 0.3 * i, 0.1 + 0.9 * i});
  return directions;
}

// Far field of a unit source density times volume (J l, or q V, or f V) at `at`, exp(-i omega t).
std::vector<Complex> exact_far_field(const Radiator& one, double omega, const Vec3& at,
                                     const FarDirection& direction) {
  const double speed = speed_of(one.equations), k = omega / speed;
  const Vec3 n = unit_vector(direction);
  const SpaceDimension dimension = one.plane ? SpaceDimension::two : SpaceDimension::three;
  const Complex green = far_factor(dimension, k) * std::polar(1.0, -k * dot_product(n, at));
  const Complex i(0.0, 1.0);
  if (one.equations == Equations::sound) {
    // p = -i omega rho q G, and of a force -f . grad G.
    if (one.field[0] == 'p') return {-i * omega * fluid_density * green};
    return {-i * k * n[static_cast<std::size_t>(one.field[1] - 'x')] * green};
  }
  // E = i omega mu (1 - n n) J G.
  Vec3 current{};
  current[static_cast<std::size_t>(one.field[1] - 'x')] = 1.0;
  const Complex scale = i * omega * vacuum_permeability * green;
  const double st = std::sin(direction.theta), ct = std::cos(direction.theta);
  const double sp = std::sin(direction.phi), cp = std::cos(direction.phi);
  return {scale * dot_product(current, {ct * cp, ct * sp, -st}),
          scale * dot_product(current, {-sp, cp, 0.0})};
}

TEST(FarField, RadiatorsHaveTheirPatternsToSecondOrder) {
  const std::vector<Radiator> radiators = {
      {"dipole along x", Equations::maxwell, false, "Ex"},
      {"dipole along z", Equations::maxwell, false, "Ez"},
      {"line current", Equations::tm, true, "Ez"},
      {"currents across a line", Equations::maxwell, true, "Ey"},
      {"pulsing point", Equations::sound, false, "p"},
      {"force", Equations::sound, true, "vx"}};
  for (const Radiator& one : radiators) {
    std::array<double, 2> error{};
    for (int level = 0; level < 2; ++level) {
      const int cells = (one.plane ? 40 : 26) << level, layer = (one.plane ? 10 : 7) << level;
      TimeDomainSetup setup = empty_setup(one.equations, one.plane, 1.0, cells, layer);
      const double frequency = setup.speed, omega = 2.0 * pi * frequency;
      const WaveContext context = context_for(setup, one.equations);
      const StoredField field = find_field(one.equations, one.field, context.impedance);
      const std::array<int, 3> at = nearest_point(context, field, {0.03, -0.04, 0.02});
      Vec3 place = point_position(context, field, at);
      double volume = 1.0;
      for (int d = 0; d < 3; ++d)
        volume *= point_width(context, d, field.places[static_cast<std::size_t>(d)],
                              at[static_cast<std::size_t>(d)]);
      setup.sources.push_back(testing::point_source(field.component, at, frequency,
                                                    density_weight(context, field, at) / volume));
      if (one.plane) place[2] = 0.0;
      const double reach = 0.31;
      const FarField far(setup, context, "far",
                         {{-reach, -reach, -reach}, {reach, reach, reach}, 1.0, 1.0},
                         some_directions(one.plane), {frequency}, 2);
      const double dt = setup.dt;
      const bool second = field.component >= first_group_size(setup.system);
      const long steps =
          static_cast<long>((testing::pulse_length(frequency) + 4.0 / setup.speed) / dt);
      TimeDomain march(std::move(setup));
      march.run(steps);
      // The second group is driven half a step later.
      const auto waveform = waveform_spectrum(
          [&](double t) { return testing::pulse(frequency, t + (second ? 0.5 * dt : 0.0)); },
          far.frequencies(), dt, steps);
      const Complex at_its_times =
          waveform[0] * (second ? std::polar(1.0, 0.5 * omega * dt) : Complex(1.0));
      const MonitorValues values =
          divide_by_waveform(far.evaluate(spectra_of(march)), far.numbers(), {{at_its_times}});
      double difference = 0.0, size = 0.0;
      std::size_t row = 0;
      for (const FarDirection& direction : far.directions())
        for (const Complex& exact : exact_far_field(one, omega, place, direction)) {
          difference += std::norm(values[row++][0] - exact);
          size += std::norm(exact);
        }
      error[static_cast<std::size_t>(level)] = std::sqrt(difference / size);
    }
    const double order = std::log2(error[0] / error[1]);
    std::printf("%s: errors %.2e, %.2e, order %.2f\n", one.name, error[0], error[1], order);
    EXPECT_GT(order, 1.7) << one.name;
    EXPECT_LT(error[1], 0.02) << one.name;
  }
}

// A dielectric cylinder (TM), and a cylinder of another fluid, under a plane wave.
TEST(FarField, CylindersScatterAsMieSays) {
  for (const Equations equations : {Equations::tm, Equations::sound}) {
    const bool sound = equations == Equations::sound;
    std::array<double, 2> error{}, width{};
    const double radius = 0.3, inside = 2.0;  // index, or c / c1
    double exact_width = 0.0;
    for (int level = 0; level < 2; ++level) {
      const int cells = 60 << level, layer = 12 << level;
      TimeDomainSetup setup = empty_setup(equations, true, 1.2, cells, layer);
      const double frequency = setup.speed, k = 2.0 * pi;
      // Second order without a sharp edge: the coefficient is averaged over each dual cell.
      setup.coefficient[0].assign(static_cast<std::size_t>(cells) * static_cast<std::size_t>(cells),
                                  1.0);
      const double h = 2.4 / cells;
      for (int j = 0; j < cells; ++j)
        for (int i = 0; i < cells; ++i) {
          double share = 0.0;
          for (int a = 0; a < 16; ++a)
            for (int b = 0; b < 16; ++b) {
              const double x = -1.2 + (i + (a - 7.5) / 16.0) * h;
              const double y = -1.2 + (j + (b - 7.5) / 16.0) * h;
              share += x * x + y * y < radius * radius ? 1.0 / 256.0 : 0.0;
            }
          setup.coefficient[0][static_cast<std::size_t>(j * cells + i)] =
              1.0 / (1.0 + share * (inside * inside - 1.0));
        }
      const WaveContext context = context_for(setup, equations);
      PlaneWaveBox wave;
      wave.low = {-0.44, -0.44, 0.0};
      wave.high = {0.44, 0.44, 0.0};
      wave.direction = {1.0, 0.0, 0.0};
      wave.waveform = gaussian_pulse(frequency, 0.5 * frequency);
      const PlaneWaveSource source = plane_wave_source(setup, context, wave);
      setup.sources.insert(setup.sources.end(), source.sources.begin(), source.sources.end());
      const FarField far(setup, context, "far", {{-0.56, -0.56, 0.0}, {0.56, 0.56, 0.0}, 1.0, 1.0},
                         directions_in_plane(36), {frequency}, 2);
      const long steps = static_cast<long>((wave.waveform.end + 12.0 / setup.speed) / setup.dt);
      TimeDomain march(std::move(setup));
      march.run(steps);
      // The wave's phase at the origin is that at the entry, a distance later.
      const Complex incident =
          wave.waveform.spectrum(frequency) * std::polar(1.0, -k * source.entry[0]);
      const MonitorValues values =
          divide_by_waveform(far.evaluate(spectra_of(march)), far.numbers(), {{incident}});

      analytic::ScalarScatterer scatterer;
      scatterer.radius = radius;
      scatterer.k0 = k;
      scatterer.k1 = inside * k;
      const analytic::ScalarScattering mie(scatterer);
      exact_width = mie.scattering_efficiency() * 2.0 * radius;
      double difference = 0.0, size = 0.0, sum = 0.0;
      for (std::size_t d = 0; d < 36; ++d) {
        // E_theta = -E_z. The analytic field at a great distance, without its wave.
        const Complex found = sound ? values[d][0] : -values[2 * d][0];
        const double r = 3e3;
        const Complex exact =
            mie.scattered(r, far.directions()[d].phi) * std::sqrt(r) * std::polar(1.0, -k * r);
        difference += std::norm(found - exact);
        size += std::norm(exact);
        sum += std::norm(found) * 2.0 * pi / 36.0;
      }
      error[static_cast<std::size_t>(level)] = std::sqrt(difference / size);
      width[static_cast<std::size_t>(level)] = sum;
    }
    const double order = std::log2(error[0] / error[1]);
    std::printf(
        "cylinder in %s: errors %.2e, %.2e, order %.2f; scattering width %.5f, exact %.5f\n",
        sound ? "sound" : "light", error[0], error[1], order, width[1], exact_width);
    EXPECT_GT(order, 1.6);
    EXPECT_LT(error[1], 0.05);
    EXPECT_NEAR(width[1] / exact_width, 1.0, 0.03);
  }
}

// A quarter with mirror and wall and their images gives what the whole gives.
TEST(FarField, ImagesStandForTheOtherHalves) {
  for (const Equations equations : {Equations::tm, Equations::maxwell, Equations::sound}) {
    const bool plane = equations == Equations::tm;
    const int cells = plane ? 40 : 24, layer = plane ? 10 : 6;
    std::vector<MonitorValues> found;
    for (const bool whole : {true, false}) {
      TimeDomainSetup setup = empty_setup(equations, plane, 1.0, cells, layer);
      if (!whole)
        for (std::size_t d = 0; d < 2; ++d) {
          setup.grid.axes[d] = uniform_axis(0.0, 1.0, cells / 2);
          setup.boundaries.faces[d][0] = d == 0 ? Boundary::mirror : Boundary::wall;
        }
      const WaveContext context = context_for(setup, equations);
      // Even about x = 0, odd about y = 0, of tangential E and of p.
      const StoredField field =
          find_field(equations, equations == Equations::sound ? "p" : "Ez", context.impedance);
      for (const int sx : {-1, 1})
        for (const int sy : {-1, 1}) {
          if (!whole && (sx < 0 || sy < 0)) continue;
          const double step = 2.0 / cells;
          const std::array<int, 3> at =
              nearest_point(context, field, {2.0 * sx * step, 3.0 * sy * step, 0.0});
          setup.sources.push_back(
              testing::point_source(field.component, at, setup.speed, static_cast<double>(sy)));
        }
      const double reach = 0.4, low = whole ? -reach : 0.0;
      const FarField far(setup, context, "far",
                         {{low, low, -reach}, {reach, reach, reach}, 1.0, 1.0},
                         some_directions(plane), {setup.speed}, 2);
      const long steps =
          static_cast<long>((testing::pulse_length(setup.speed) + 4.0 / setup.speed) / setup.dt);
      EXPECT_LT(testing::pull_back_error(far, setup), 1e-12);
      TimeDomain march(std::move(setup));
      march.run(steps);
      found.push_back(far.evaluate(spectra_of(march)));
    }
    double difference = 0.0;
    for (std::size_t r = 0; r < found[0].size(); ++r)
      difference += std::norm(found[0][r][0] - found[1][r][0]);
    const double error = std::sqrt(difference / testing::real_product(found[0], found[0]));
    std::printf("images: %.1e\n", error);
    EXPECT_LT(error, 1e-10);
  }
}

TEST(FarField, GradientAgreesWithFiniteDifferences) {
  TimeDomainSetup setup = empty_setup(Equations::tm, true, 1.0, 40, 10);
  const WaveContext context = context_for(setup, Equations::tm);
  setup.sources.push_back(testing::point_source(0, {18, 21, 0}, setup.speed));
  const FarField far(setup, context, "far", {{-0.4, -0.4, 0.0}, {0.4, 0.4, 0.0}, 1.0, 1.0},
                     some_directions(true), {setup.speed});
  const double error = testing::gradient_error(setup, far, {{20, 17, 0}, {24, 20, 1}}, 900);
  std::printf("gradient of the far field: %.1e\n", error);
  EXPECT_LT(error, 1e-6);

  // Of the intensity, from far fields.
  const MonitorValues values =
      testing::random_values(far.evaluate(zeros_like(testing::random_spectra(setup, 1))), 1);
  const MonitorValues direction = testing::random_values(values, 2);
  const MonitorValues cotangent = testing::random_values(far.intensity(values), 3);
  const auto at = [&](double by) {
    return testing::real_product(cotangent, far.intensity(testing::moved(values, direction, by)));
  };
  const double back = testing::real_product(far.intensity_derivative(values, cotangent), direction);
  EXPECT_NEAR((at(0.5) - at(-0.5)) / back, 1.0, 1e-12);
}

// As numbers of their own: transposed to rounding, and through the march as differences say.
TEST(FarField, IntensitiesAreNumbersWithADerivative) {
  for (const Equations equations : {Equations::tm, Equations::maxwell, Equations::sound}) {
    const bool plane = equations != Equations::maxwell;
    TimeDomainSetup setup = empty_setup(equations, plane, 1.0, plane ? 40 : 24, plane ? 10 : 6);
    const WaveContext context = context_for(setup, equations);
    setup.sources.push_back(testing::point_source(0, {11, 12, plane ? 0 : 11}, setup.speed));
    const FarIntensity far(FarField(setup, context, "far",
                                    {{-0.4, -0.4, -0.4}, {0.4, 0.4, 0.4}, 1.0, 1.0},
                                    some_directions(plane), {setup.speed, 1.1 * setup.speed}, 2));
    const double transposed = testing::pull_back_error(far, setup);
    EXPECT_LT(transposed, 1e-12);
    double differences = 0.0;
    if (plane) {
      differences = testing::gradient_error(setup, far, {{20, 17, 0}, {24, 20, 1}}, 600);
      EXPECT_LT(differences, 1e-6);
    }
    std::printf("intensities: transposed %.1e, differences %.1e\n", transposed, differences);
  }
}

TEST(FarField, BoxesThatCannotBeAreErrors) {
  TimeDomainSetup setup = empty_setup(Equations::tm, true, 1.0, 40, 10);
  const auto make = [&](const Vec3& low, const Vec3& high) {
    FarField(setup, context_for(setup, Equations::tm), "far", {low, high, 1.0, 1.0},
             some_directions(true), {setup.speed});
  };
  EXPECT_THROW(make({-0.9, -0.4, 0.0}, {0.4, 0.4, 0.0}), InputError);
  EXPECT_THROW(make({0.4, -0.4, 0.0}, {0.4, 0.4, 0.0}), InputError);
  EXPECT_THROW(make({-3.0, -0.4, 0.0}, {0.4, 0.4, 0.0}), InputError);
  setup.boundaries.faces[1] = {Boundary::periodic, Boundary::periodic};
  EXPECT_THROW(make({-0.4, -0.4, 0.0}, {0.4, 0.4, 0.0}), InputError);
}

}  // namespace
}  // namespace wavesmith
