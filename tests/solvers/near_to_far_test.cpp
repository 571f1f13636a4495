// Fields of point and line sources, known everywhere, sampled on a box around them.
#include "solvers/near_to_far.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <functional>
#include <random>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/acoustic_near_to_far.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using ComplexVector = std::array<Complex, 3>;

constexpr double impedance0 = 376.730313412;  // CODATA 2022 [ohm]
constexpr double wavelength = 1e-6;
constexpr double frequency = speed_of_light / wavelength;
constexpr Vec3 source = {0.07e-6, -0.11e-6, 0.05e-6};
constexpr double relative_permittivity = 2.25;
const double index = std::sqrt(relative_permittivity);
const double k = 2.0 * pi * index / wavelength;
const double eta = impedance0 / index;

ComplexVector cross_product(const ComplexVector& a, const ComplexVector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

// Midpoints for E; for H corners of the cells, with halves at edges: the two lie half a cell apart.
enum class Rule { midpoint, trapezium };

// Samples of the tangential (or, for a velocity, the normal) components on the faces of a box.
std::vector<SurfaceSample> sample_box(SpaceDimension dimension, int cells, Rule rule,
                                      bool normal_component, bool scalar = false) {
  const Vec3 low = {-0.5e-6, -0.45e-6, -0.4e-6}, high = {0.55e-6, 0.4e-6, 0.6e-6};
  const bool plane = dimension == SpaceDimension::two;
  const int points = rule == Rule::midpoint ? cells : cells + 1;
  std::vector<SurfaceSample> samples;
  for (int axis = 0; axis < (plane ? 2 : 3); ++axis)
    for (const int side : {-1, 1}) {
      const auto a = static_cast<std::size_t>((axis + 1) % 3);
      const auto b = static_cast<std::size_t>((axis + 2) % 3);
      const auto n = static_cast<std::size_t>(axis);
      const auto place = [&](std::size_t along, int i, double& weight) {
        if (plane && along == 2) {
          weight = 1.0;
          return 0.0;
        }
        const double width = (high[along] - low[along]) / cells;
        weight = width * (rule == Rule::trapezium && (i == 0 || i == cells) ? 0.5 : 1.0);
        return low[along] + (i + (rule == Rule::midpoint ? 0.5 : 0.0)) * width;
      };
      for (int j = 0; j < (plane && b == 2 ? 1 : points); ++j)
        for (int i = 0; i < (plane && a == 2 ? 1 : points); ++i)
          for (int component = 0; component < 3; ++component) {
            if (scalar ? component != 0 : (component == axis) != normal_component) continue;
            SurfaceSample sample;
            double wa = 0.0, wb = 0.0;
            sample.position[a] = place(a, i, wa);
            sample.position[b] = place(b, j, wb);
            sample.position[n] = side < 0 ? low[n] : high[n];
            sample.normal[n] = side;
            sample.area = wa * wb;
            sample.component = component;
            samples.push_back(sample);
          }
    }
  return samples;
}

struct Known {
  std::function<FieldVectors(const Vec3&)> near;
  std::function<FarElectricField(const FarDirection&)> far;
};

// J. D. Jackson, Classical Electrodynamics, eq. 9.18: an electric dipole.
Known dipole(const ComplexVector& p) {
  const double eps = relative_permittivity / (impedance0 * speed_of_light);
  const double speed = speed_of_light / index;
  const auto near = [=](const Vec3& at) {
    const Vec3 d = separation(at, source);
    const double r = std::sqrt(dot_product(d, d));
    const ComplexVector n = {d[0] / r, d[1] / r, d[2] / r};
    const Complex wave = std::polar(1.0, k * r);
    const ComplexVector np = cross_product(n, p), npn = cross_product(np, n);
    const Complex along = n[0] * p[0] + n[1] * p[1] + n[2] * p[2];
    FieldVectors field;
    for (std::size_t c = 0; c < 3; ++c) {
      field.h[c] =
          speed * k * k / (4.0 * pi) * np[c] * wave / r * (1.0 - 1.0 / Complex(0.0, k * r));
      field.e[c] =
          (k * k * npn[c] * wave / r +
           (3.0 * n[c] * along - p[c]) * (1.0 / (r * r * r) - Complex(0.0, k / (r * r))) * wave) /
          (4.0 * pi * eps);
    }
    return field;
  };
  const auto far = [=](const FarDirection& direction) {
    const Vec3 n = unit_vector(direction);
    const Complex scale = k * k / (4.0 * pi * eps) * std::polar(1.0, -k * dot_product(n, source));
    const double st = std::sin(direction.theta), ct = std::cos(direction.theta);
    const double sp = std::sin(direction.phi), cp = std::cos(direction.phi);
    return FarElectricField{scale * (ct * cp * p[0] + ct * sp * p[1] - st * p[2]),
                            scale * (-sp * p[0] + cp * p[1])};
  };
  return {near, far};
}

// A line of electric current I along z, and one of magnetic current K, together.
Known line(Complex current, Complex magnetic_current) {
  const auto near = [=](const Vec3& at) {
    const double x = at[0] - source[0], y = at[1] - source[1], r = std::hypot(x, y);
    const Complex h0(std::cyl_bessel_j(0.0, k * r), std::cyl_neumann(0.0, k * r));
    const Complex h1(std::cyl_bessel_j(1.0, k * r), std::cyl_neumann(1.0, k * r));
    const Complex quarter(0.0, 0.25 * k);
    const Complex h_phi = quarter * h1 * current, e_phi = -quarter * h1 * magnetic_current;
    FieldVectors field;
    field.e = {-e_phi * y / r, e_phi * x / r, -0.25 * k * eta * h0 * current};
    field.h = {-h_phi * y / r, h_phi * x / r, -0.25 * k / eta * h0 * magnetic_current};
    return field;
  };
  const auto far = [=](const FarDirection& direction) {
    const Vec3 n = unit_vector(direction);
    const double phase = -0.25 * pi - k * (n[0] * source[0] + n[1] * source[1]);
    const Complex h0 = std::sqrt(2.0 / (pi * k)) * std::polar(1.0, phase);
    const Complex h1 = Complex(0.0, -1.0) * h0;
    return FarElectricField{0.25 * k * eta * h0 * current,
                            -Complex(0.0, 0.25 * k) * h1 * magnetic_current};
  };
  return {near, far};
}

struct Set {
  NearToFar map;
  SurfaceFields fields;
};

Set make_set(SpaceDimension dimension, const Known& known, int cells) {
  const auto electric = sample_box(dimension, cells, Rule::midpoint, false);
  const auto magnetic = sample_box(dimension, cells, Rule::trapezium, false);
  SurfaceFields fields;
  for (const SurfaceSample& sample : electric)
    fields.electric.push_back(
        known.near(sample.position).e[static_cast<std::size_t>(sample.component)]);
  for (const SurfaceSample& sample : magnetic)
    fields.magnetic.push_back(
        known.near(sample.position).h[static_cast<std::size_t>(sample.component)]);
  return {NearToFar(dimension, electric, magnetic, frequency, relative_permittivity), fields};
}

std::vector<FarDirection> some_directions(SpaceDimension dimension) {
  std::vector<FarDirection> directions;
  for (int i = 0; i < 12; ++i)
    directions.push_back(
        {dimension == SpaceDimension::two ? 0.5 * pi : 0.1 + 0.25 * i, 0.3 + 1.1 * i});
  return directions;
}

struct Case {
  const char* name;
  SpaceDimension dimension;
  Known known;
};
std::vector<Case> cases() {
  return {{"dipole", SpaceDimension::three,
           dipole({Complex(1e-30, 2e-30), Complex(-2e-30, 0.0), Complex(0.5e-30, 1e-30)})},
          {"line TM", SpaceDimension::two, line(1e-3, 0.0)},
          {"line TE", SpaceDimension::two, line(0.0, {0.2, 0.1})}};
}

TEST(NearToFar, FarFieldOfKnownSourcesConverges) {
  for (const Case& c : cases()) {
    const auto directions = some_directions(c.dimension);
    std::array<double, 2> error{};
    for (int level = 0; level < 2; ++level) {
      const Set set = make_set(c.dimension, c.known, 24 << level);
      const auto far = set.map.far_field(set.fields, directions);
      double difference = 0.0, size = 0.0;
      for (std::size_t d = 0; d < directions.size(); ++d) {
        const FarElectricField exact = c.known.far(directions[d]);
        difference += std::norm(far[d].theta - exact.theta) + std::norm(far[d].phi - exact.phi);
        size += std::norm(exact.theta) + std::norm(exact.phi);
      }
      error[static_cast<std::size_t>(level)] = std::sqrt(difference / size);
    }
    std::printf("far field, %s: errors %.2e, %.2e, order %.2f\n", c.name, error[0], error[1],
                std::log2(error[0] / error[1]));
    EXPECT_LT(error[1], 5e-3) << c.name;
    EXPECT_GT(std::log2(error[0] / error[1]), 1.9) << c.name;
  }
}

TEST(NearToFar, FieldAtFiniteDistanceConverges) {
  for (const Case& c : cases()) {
    const double z = c.dimension == SpaceDimension::two ? 0.0 : 1.0;
    const std::vector<Vec3> points = {
        {1.6e-6, 0.2e-6, 0.3e-6 * z}, {-1.1e-6, 1.7e-6, -2e-6 * z}, {0.4e-6, -3e-6, 5e-6 * z}};
    std::array<double, 2> error{};
    for (int level = 0; level < 2; ++level) {
      const Set set = make_set(c.dimension, c.known, 24 << level);
      const auto field = set.map.field(set.fields, points);
      double difference = 0.0, size = 0.0;
      for (std::size_t p = 0; p < points.size(); ++p) {
        const FieldVectors exact = c.known.near(points[p]);
        for (std::size_t i = 0; i < 3; ++i) {
          difference +=
              std::norm(field[p].e[i] - exact.e[i]) + std::norm(eta * (field[p].h[i] - exact.h[i]));
          size += std::norm(exact.e[i]) + std::norm(eta * exact.h[i]);
        }
      }
      error[static_cast<std::size_t>(level)] = std::sqrt(difference / size);
    }
    std::printf("field at a distance, %s: errors %.2e, %.2e\n", c.name, error[0], error[1]);
    EXPECT_LT(error[1], 5e-3) << c.name;
    EXPECT_GT(std::log2(error[0] / error[1]), 1.9) << c.name;
  }
}

TEST(NearToFar, FarFieldIsTheLimitOfTheField) {
  for (const Case& c : cases()) {
    const Set set = make_set(c.dimension, c.known, 6);
    const FarDirection direction{c.dimension == SpaceDimension::two ? 0.5 * pi : 0.9, 0.4};
    const Vec3 n = unit_vector(direction);
    const double r = 1.0;  // [m]: a million wavelengths
    const FieldVectors at = set.map.field(set.fields, {{r * n[0], r * n[1], r * n[2]}})[0];
    const FarElectricField far = set.map.far_field(set.fields, {direction})[0];
    const double st = std::sin(direction.theta), ct = std::cos(direction.theta);
    const double sp = std::sin(direction.phi), cp = std::cos(direction.phi);
    const Complex theta = ct * cp * at.e[0] + ct * sp * at.e[1] - st * at.e[2];
    const Complex phi = -sp * at.e[0] + cp * at.e[1];
    const Complex wave = std::polar(1.0, k * r);
    const double size = std::hypot(std::abs(far.theta), std::abs(far.phi));
    EXPECT_LT(std::abs(theta - far.theta * wave), 2e-5 * size) << c.name;
    EXPECT_LT(std::abs(phi - far.phi * wave), 2e-5 * size) << c.name;
  }
}

// Nodes and weights of Gauss and Legendre on [-1, 1].
std::vector<std::array<double, 2>> gauss(int n) {
  std::vector<std::array<double, 2>> rule;
  for (int i = 0; i < n; ++i) {
    double x = std::cos(pi * (i + 0.75) / (n + 0.5)), slope = 0.0;
    for (int step = 0; step < 50; ++step) {
      const auto m = static_cast<unsigned>(n);
      slope = n * (x * std::legendre(m, x) - std::legendre(m - 1, x)) / (x * x - 1.0);
      x -= std::legendre(m, x) / slope;
    }
    rule.push_back({x, 2.0 / ((1.0 - x * x) * slope * slope)});
  }
  return rule;
}

TEST(NearToFar, PowerOverTheSphereIsTheFluxThroughTheBox) {
  const Case c = cases()[0];
  const Set set = make_set(c.dimension, c.known, 32);
  std::vector<FarDirection> directions;
  std::vector<double> weights;
  for (const auto& [x, weight] : gauss(10))
    for (int j = 0; j < 20; ++j) {
      directions.push_back({std::acos(x), 2.0 * pi * j / 20});
      weights.push_back(weight * 2.0 * pi / 20);
    }
  double sphere = 0.0;
  const auto far = set.map.far_field(set.fields, directions);
  for (std::size_t d = 0; d < far.size(); ++d)
    sphere += weights[d] * (std::norm(far[d].theta) + std::norm(far[d].phi)) / (2.0 * eta);
  double box = 0.0;
  for (const SurfaceSample& sample : sample_box(c.dimension, 64, Rule::midpoint, false, true)) {
    const FieldVectors field = c.known.near(sample.position);
    ComplexVector conjugate;
    for (std::size_t i = 0; i < 3; ++i) conjugate[i] = std::conj(field.h[i]);
    const ComplexVector poynting = cross_product(field.e, conjugate);
    for (std::size_t i = 0; i < 3; ++i)
      box += 0.5 * sample.area * sample.normal[i] * poynting[i].real();
  }
  // Jackson, eq. 9.24.
  const double p2 = 5e-60 + 4e-60 + 1.25e-60;
  const double exact =
      std::pow(speed_of_light / index, 2) * eta * std::pow(k, 4) * p2 / (12.0 * pi);
  std::printf("power: sphere / exact %.6f, box / exact %.6f\n", sphere / exact, box / exact);
  EXPECT_NEAR(box / exact, 1.0, 1e-3);
  EXPECT_NEAR(sphere / box, 1.0, 5e-3);
}

Complex random_complex(std::mt19937& random) {
  std::normal_distribution<double> normal;
  const double real = normal(random);
  return {real, normal(random)};
}

TEST(NearToFar, TransposesAreExact) {
  std::mt19937 random(4);
  for (const SpaceDimension dimension : {SpaceDimension::two, SpaceDimension::three}) {
    const auto electric = sample_box(dimension, 4, Rule::midpoint, false);
    const auto magnetic = sample_box(dimension, 4, Rule::trapezium, false);
    const NearToFar map(dimension, electric, magnetic, frequency, relative_permittivity, 1.3);
    SurfaceFields fields;
    for (std::size_t i = 0; i < electric.size(); ++i)
      fields.electric.push_back(random_complex(random));
    for (std::size_t i = 0; i < magnetic.size(); ++i)
      fields.magnetic.push_back(random_complex(random) / impedance0);
    const auto inner = [&](const SurfaceFields& a) {
      Complex sum = 0.0;
      for (std::size_t i = 0; i < electric.size(); ++i) sum += a.electric[i] * fields.electric[i];
      for (std::size_t i = 0; i < magnetic.size(); ++i) sum += a.magnetic[i] * fields.magnetic[i];
      return sum;
    };
    const auto directions = some_directions(dimension);
    std::vector<FarElectricField> cotangent;
    for (std::size_t d = 0; d < directions.size(); ++d)
      cotangent.push_back({random_complex(random), random_complex(random)});
    const auto far = map.far_field(fields, directions);
    Complex left = 0.0;
    for (std::size_t d = 0; d < directions.size(); ++d)
      left += cotangent[d].theta * far[d].theta + cotangent[d].phi * far[d].phi;
    EXPECT_LT(std::abs(left - inner(map.far_field_transpose(cotangent, directions))),
              1e-12 * std::abs(left));

    const double z = dimension == SpaceDimension::two ? 0.0 : 1e-6;
    const std::vector<Vec3> points = {{2e-6, 1e-6, z}, {-3e-6, 0.0, 2.0 * z}};
    std::vector<FieldVectors> at_points(points.size());
    for (auto& vectors : at_points)
      for (std::size_t i = 0; i < 3; ++i) {
        vectors.e[i] = random_complex(random);
        vectors.h[i] = random_complex(random) * impedance0;
      }
    const auto field = map.field(fields, points);
    left = 0.0;
    for (std::size_t p = 0; p < points.size(); ++p)
      for (std::size_t i = 0; i < 3; ++i)
        left += at_points[p].e[i] * field[p].e[i] + at_points[p].h[i] * field[p].h[i];
    EXPECT_LT(std::abs(left - inner(map.field_transpose(at_points, points))),
              1e-12 * std::abs(left));
  }
}

// Sound of a point (3D) or line (2D) source.
TEST(AcousticNearToFar, KnownSourcesConvergeAndTransposesAreExact) {
  const double speed = 1500.0, density = 1000.0, f = speed / wavelength;
  const double q = 2.0 * pi / wavelength;
  std::mt19937 random(5);
  for (const SpaceDimension dimension : {SpaceDimension::two, SpaceDimension::three}) {
    const bool plane = dimension == SpaceDimension::two;
    const Vec3 centre = {source[0], source[1], plane ? 0.0 : source[2]};
    // Pressure and its radial derivative.
    const auto wave = [&](double r) -> std::array<Complex, 2> {
      if (!plane) {
        const Complex p = std::polar(1.0 / (4.0 * pi * r), q * r);
        return {p, p * Complex(-1.0 / r, q)};
      }
      const Complex h0(std::cyl_bessel_j(0.0, q * r), std::cyl_neumann(0.0, q * r));
      const Complex h1(std::cyl_bessel_j(1.0, q * r), std::cyl_neumann(1.0, q * r));
      return {Complex(0.0, 0.25) * h0, Complex(0.0, -0.25 * q) * h1};
    };
    const auto directions = some_directions(dimension);
    const std::vector<Vec3> points = {{1.7e-6, 0.4e-6, plane ? 0.0 : 1e-6},
                                      {-2e-6, -1e-6, plane ? 0.0 : -0.5e-6}};
    std::array<double, 2> far_error{}, near_error{};
    for (int level = 0; level < 2; ++level) {
      const int cells = 24 << level;
      const auto pressures = sample_box(dimension, cells, Rule::trapezium, false, true);
      const auto velocities = sample_box(dimension, cells, Rule::midpoint, true);
      const AcousticNearToFar map(dimension, pressures, velocities, f, speed, density);
      AcousticSurfaceFields fields;
      for (const SurfaceSample& sample : pressures) {
        const Vec3 d = separation(sample.position, centre);
        fields.pressure.push_back(wave(std::sqrt(dot_product(d, d)))[0]);
      }
      for (const SurfaceSample& sample : velocities) {
        const Vec3 d = separation(sample.position, centre);
        const double r = std::sqrt(dot_product(d, d));
        fields.velocity.push_back(wave(r)[1] * d[static_cast<std::size_t>(sample.component)] / r /
                                  Complex(0.0, 2.0 * pi * f * density));
      }
      const auto far = map.far_pressure(fields, directions);
      const auto near = map.pressure(fields, points);
      double size = 0.0;
      for (std::size_t d = 0; d < directions.size(); ++d) {
        const Complex strength = plane ? std::polar(1.0 / std::sqrt(8.0 * pi * q), 0.25 * pi)
                                       : Complex(1.0 / (4.0 * pi));
        const Complex exact =
            strength * std::polar(1.0, -q * dot_product(unit_vector(directions[d]), centre));
        far_error[static_cast<std::size_t>(level)] += std::norm(far[d] - exact);
        size += std::norm(exact);
      }
      far_error[static_cast<std::size_t>(level)] =
          std::sqrt(far_error[static_cast<std::size_t>(level)] / size);
      for (std::size_t p = 0; p < points.size(); ++p) {
        const Vec3 d = separation(points[p], centre);
        const Complex exact = wave(std::sqrt(dot_product(d, d)))[0];
        near_error[static_cast<std::size_t>(level)] += std::abs(near[p] - exact) / std::abs(exact);
      }

      std::vector<Complex> cotangent;
      for (std::size_t d = 0; d < directions.size(); ++d)
        cotangent.push_back(random_complex(random));
      const auto inner = [&](const AcousticSurfaceFields& a) {
        Complex sum = 0.0;
        for (std::size_t i = 0; i < a.pressure.size(); ++i)
          sum += a.pressure[i] * fields.pressure[i];
        for (std::size_t i = 0; i < a.velocity.size(); ++i)
          sum += a.velocity[i] * fields.velocity[i];
        return sum;
      };
      Complex left = 0.0, at_points = 0.0;
      for (std::size_t d = 0; d < directions.size(); ++d) left += cotangent[d] * far[d];
      EXPECT_LT(std::abs(left - inner(map.far_pressure_transpose(cotangent, directions))),
                1e-12 * std::abs(left));
      cotangent.resize(points.size());
      for (std::size_t p = 0; p < points.size(); ++p) at_points += cotangent[p] * near[p];
      EXPECT_LT(std::abs(at_points - inner(map.pressure_transpose(cotangent, points))),
                1e-12 * std::abs(at_points));
    }
    std::printf("sound %s: far errors %.2e, %.2e; near %.2e, %.2e\n", plane ? "2D" : "3D",
                far_error[0], far_error[1], near_error[0], near_error[1]);
    EXPECT_LT(far_error[1], 5e-3);
    EXPECT_GT(std::log2(far_error[0] / far_error[1]), 1.9);
    EXPECT_GT(std::log2(near_error[0] / near_error[1]), 1.9);
  }
}

TEST(NearToFar, BadInputIsASentence) {
  SurfaceSample sample{{0.0, 0.0, 0.0}, {1.0, 0.0, 0.0}, 1.0, 1};
  const NearToFar map(SpaceDimension::three, {sample}, {}, frequency);
  EXPECT_THROW(map.far_field({}, {{0.1, 0.2}}), InputError);
  EXPECT_THROW(map.field({{1.0}, {}}, {sample.position}), InputError);
  EXPECT_THROW(NearToFar(SpaceDimension::three, {sample}, {}, 0.0), InputError);
  sample.normal = {2.0, 0.0, 0.0};
  EXPECT_THROW(NearToFar(SpaceDimension::three, {sample}, {}, frequency), InputError);
  sample.normal = {0.0, 0.0, 1.0};
  EXPECT_THROW(NearToFar(SpaceDimension::two, {sample}, {}, frequency), InputError);
  EXPECT_THROW(AcousticNearToFar(SpaceDimension::two, {sample}, {}, 1e6, 1500.0, 1000.0),
               InputError);
}

}  // namespace
}  // namespace wavesmith
