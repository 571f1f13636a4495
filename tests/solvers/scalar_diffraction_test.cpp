// Textbook diffraction with analytic answers, several members of each family.
//
// Circular edges lie between samples: each sample holds the fraction of its cell that is open
// (exact areas). A sum over such cells converges in second order in the spacing; the bounds below
// state what the spacing allows.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "solvers/convolution.hpp"
#include "solvers/direct_sum.hpp"
#include "solvers/matrix_fourier.hpp"
#include "tests/solvers/optics_fixtures.hpp"

namespace wavesmith {
namespace {

using optics::Complex;
using optics::Field;
using optics::pi;

// Prints a reached accuracy into the test log and its XML.
void report(const std::string& name, double value) {
  ::testing::Test::RecordProperty(name, std::to_string(value));
  std::printf("    %s: %.7g\n", name.c_str(), value);
}

Plane square_plane(int n, double spacing) {
  return {n, n, spacing, spacing, 0.0, 0.0};
}
Plane axis_point() {
  return {1, 1, 1e-6, 1e-6, 0.0, 0.0};
}

struct Aperture {
  double wavelength, radius, distance;
};

Complex on_axis_sum(const Aperture& a, int cells) {
  const Plane plane = square_plane(cells, 2.0 * a.radius / cells);
  const DirectSum sum(plane, axis_point(), a.wavelength, a.distance);
  return optics::apply(sum, optics::disc(plane, a.radius))[0];
}

// The same integral over rings, by Simpson's rule along one radius: the kernel comes from the
// operator (its transpose gives the weight of every sample of a line for a point on the axis).
Complex on_axis_rings(const Aperture& a) {
  const int intervals = 40000;
  const double step = a.radius / intervals;
  const Plane line{intervals + 1, 1, step, step, 0.5 * a.radius, 0.0};
  const DirectSum sum(line, axis_point(), a.wavelength, a.distance);
  Field kernel(line.size());
  sum.apply_transpose(Field{1.0}, kernel);
  Complex total = 0.0;
  for (int i = 0; i <= intervals; ++i) {
    const double weight = i == 0 || i == intervals ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
    total += weight / 3.0 * 2.0 * pi * line.x(i) / step * kernel[static_cast<std::size_t>(i)];
  }
  return total;
}

// First Rayleigh-Sommerfeld integral, exact: exp(ikz) - (z/R) exp(ikR).
Complex on_axis_exact(const Aperture& a) {
  const double k = 2.0 * pi / a.wavelength, edge = std::hypot(a.distance, a.radius);
  return std::polar(1.0, k * a.distance) - a.distance / edge * std::polar(1.0, k * edge);
}

TEST(ScalarDiffraction, OnAxisBehindACircularAperture) {
  const std::vector<std::pair<Aperture, double>> published = {
      {{500e-9, 50e-6, 5e-3}, 3.999800},
      {{532e-9, 25e-6, 25e-6}, 2.880005},
      {{0.75e-3, 40e-3, 30e-3}, 1.960000},
  };
  for (const auto& [aperture, intensity] : published)
    EXPECT_NEAR(std::norm(on_axis_rings(aperture)), intensity, 2e-6);

  double worst = 0.0;
  for (const Aperture& member :
       {Aperture{1e-6, 8e-6, 3e-6}, Aperture{1e-6, 15.3e-6, 40e-6}, Aperture{2e-3, 17e-3, 9e-3},
        Aperture{532e-9, 25e-6, 25e-6}, Aperture{0.75e-3, 40e-3, 30e-3}})
    worst = std::max(worst, std::abs(on_axis_rings(member) - on_axis_exact(member)));
  report("on_axis_rings_error", worst);
  EXPECT_LT(worst, 1e-8);
}

// On square samples the midpoint rule misjudges the wave from the edge by (k_t dx)^2 / 24, k_t its
// lateral wavenumber: the error of a sampled aperture, second order, gone after extrapolation.
TEST(ScalarDiffraction, SampledApertureConvergesInSecondOrder) {
  for (const Aperture& member : {Aperture{532e-9, 25e-6, 25e-6}, Aperture{1e-6, 8e-6, 3e-6},
                                 Aperture{0.75e-3, 40e-3, 30e-3}}) {
    const auto mean_error = [&](int cells) {  // over a few grids: edges fall differently on each
      double sum = 0.0;
      for (const int extra : {0, 7, 12})
        sum += std::norm(on_axis_sum(member, cells + extra) - on_axis_exact(member));
      return std::sqrt(sum / 3.0);
    };
    const double coarse = mean_error(400), fine = mean_error(800);
    const double edge = std::hypot(member.radius, member.distance);
    const double lateral = 2.0 * pi / member.wavelength * member.radius / edge;
    report("sampled_aperture_error", fine);
    report("order", std::log2(coarse / fine));
    EXPECT_GT(std::log2(coarse / fine), 1.7);
    EXPECT_LT(fine, std::pow(lateral * 2.0 * member.radius / 800, 2) / 12.0);

    const Complex extrapolated = (4.0 * on_axis_sum(member, 800) - on_axis_sum(member, 400)) / 3.0;
    report("extrapolated_error", std::abs(extrapolated - on_axis_exact(member)));
    EXPECT_LT(std::abs(extrapolated - on_axis_exact(member)), 0.15 * fine);
  }
}

// Babinet: what an opaque disc leaves is the incident wave less that of the aperture.
TEST(ScalarDiffraction, AragoSpot) {
  double worst = 0.0;
  for (const Aperture& member : {Aperture{0.75e-3, 10e-3, 30e-3}, Aperture{500e-9, 40e-6, 60e-6},
                                 Aperture{633e-9, 20e-6, 10e-6}}) {
    const Complex incident = std::polar(1.0, 2.0 * pi / member.wavelength * member.distance);
    const double expected = member.distance * member.distance /
                            (member.distance * member.distance + member.radius * member.radius);
    worst = std::max(worst, std::abs(std::norm(incident - on_axis_rings(member)) - expected));
    if (member.radius == 10e-3) {
      EXPECT_NEAR(expected, 0.900000, 1e-12);
      EXPECT_NEAR(std::norm(incident - on_axis_sum(member, 1000)), expected, 1e-3);
    }
  }
  report("arago_intensity_error", worst);
  EXPECT_LT(worst, 1e-8);
}

double second_moment_width(const Plane& plane, const Field& field) {
  double sum = 0.0;
  std::size_t i = 0;
  for (int j = 0; j < plane.ny; ++j)
    for (int k = 0; k < plane.nx; ++k, ++i) sum += std::norm(field[i]) * plane.x(k) * plane.x(k);
  return 2.0 * std::sqrt(sum / optics::power(field));
}

TEST(ScalarDiffraction, GaussianBeamWidth) {
  struct Member {
    double wavelength, waist;
  };
  for (const Member& member :
       {Member{632.8e-9, 200e-6}, Member{1.55e-6, 500e-6}, Member{0.75e-3, 200e-3}}) {
    const double rayleigh = pi * member.waist * member.waist / member.wavelength;
    if (member.waist == 200e-6) {
      EXPECT_NEAR(rayleigh, 198.583606e-3, 1e-9);
    }
    const Plane plane = square_plane(144, member.waist / 8.0);
    const Field waist = optics::sample(plane, [&](double x, double y) {
      return Complex(std::exp(-(x * x + y * y) / (member.waist * member.waist)));
    });
    for (const double ratio : {0.5, 1.0, 1.5})
      for (const auto method :
           {PropagationMethod::fresnel, PropagationMethod::angular_spectrum,
            PropagationMethod::band_limited, PropagationMethod::rayleigh_sommerfeld}) {
        Gap gap{plane, plane, member.wavelength, ratio * rayleigh, method};
        const Field beam = optics::apply(ConvolutionOperator(gap), waist);
        const double expected = member.waist * std::sqrt(1.0 + ratio * ratio);
        // The exact methods show the beam's own departure from the paraxial law.
        const double angle = member.wavelength / (pi * member.waist);
        EXPECT_NEAR(second_moment_width(plane, beam) / expected, 1.0, 1e-8 + 2.0 * angle * angle)
            << method_name(method) << " " << ratio;
      }
  }
}

// A lens in its paraxial form and the Fresnel propagator give the Airy pattern exactly.
TEST(ScalarDiffraction, AiryPatternOfALens) {
  struct Member {
    double wavelength, diameter, focal;
  };
  for (const Member& member :
       {Member{500e-9, 1e-3, 20e-3}, Member{1.06e-6, 2e-3, 45e-3}, Member{0.75e-3, 0.3, 1.2}}) {
    const double unit = member.wavelength * member.focal / member.diameter;
    const Plane plane = square_plane(256, member.diameter / 256);
    Field lens = optics::disc(plane, 0.5 * member.diameter);
    const Field phase = optics::sample(plane, [&](double x, double y) {
      return std::polar(1.0, -pi * (x * x + y * y) / (member.wavelength * member.focal));
    });
    for (std::size_t i = 0; i < lens.size(); ++i) lens[i] *= phase[i];

    // First zero along the axis, where the amplitude, freed of its curvature, changes sign.
    Plane line{201, 1, 0.01 * unit, unit, 1.2 * unit, 0.0};
    const PlaneWaveOptions wide{Evanescent::keep, 6.0};
    const Field cut = optics::apply(MatrixFourier(plane, line, member.wavelength, member.focal,
                                                  wide, PropagationMethod::fresnel),
                                    lens);
    double zero = 0.0, before = 0.0;
    for (int i = 0; i < line.nx; ++i) {
      const double x = line.x(i), k = 2.0 * pi / member.wavelength;
      const double value =
          (cut[static_cast<std::size_t>(i)] *
           std::polar(1.0, -k * member.focal - 0.5 * k * x * x / member.focal) * Complex(0.0, 1.0))
              .real();
      if (i > 0 && value * before < 0.0 && zero == 0.0)
        zero = x - line.dx * value / (value - before);
      before = value;
    }
    report("airy_zero", zero / unit);
    EXPECT_NEAR(zero / unit, 1.219670, 2e-3);

    const Plane spot = square_plane(160, 2.0 * 1.219670 * unit / 160);
    const Field focus = optics::apply(MatrixFourier(plane, spot, member.wavelength, member.focal,
                                                    wide, PropagationMethod::fresnel),
                                      lens);
    const Field weight = optics::disc(spot, 1.219670 * unit);
    double encircled = 0.0;
    for (std::size_t i = 0; i < focus.size(); ++i)
      encircled += std::norm(focus[i]) * weight[i].real() * spot.cell_area();
    const double ratio = encircled / (0.25 * pi * member.diameter * member.diameter);
    report("encircled_energy", ratio);
    EXPECT_NEAR(ratio, 0.83778, 2e-3);
  }
}

// Fresnel integrals C(x), S(x) by Simpson's rule.
std::pair<double, double> fresnel_integrals(double x) {
  constexpr int steps = 20000;
  double c = 0.0, s = 0.0;
  for (int i = 0; i <= steps; ++i) {
    const double t = x * i / steps, weight = i == 0 || i == steps ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
    c += weight * std::cos(0.5 * pi * t * t);
    s += weight * std::sin(0.5 * pi * t * t);
  }
  return {c * x / (3.0 * steps), s * x / (3.0 * steps)};
}

// Centre of a square aperture of half width b: 4 (C^2 + S^2)^2 at sqrt(2 N_F). The direct sum is
// not paraxial: at z = 400 b and beyond it differs by less than 1e-4.
TEST(ScalarDiffraction, SquareAperture) {
  const std::vector<std::pair<double, double>> published = {{1.0, 2.493131}, {10.0, 0.749293}};
  double worst = 0.0;
  for (const double number : {0.3, 1.0, 2.7, 10.0}) {
    const auto [c, s] = fresnel_integrals(std::sqrt(2.0 * number));
    const double expected = 4.0 * std::pow(c * c + s * s, 2);
    for (const auto& [listed, intensity] : published)
      if (listed == number) {
        EXPECT_NEAR(expected, intensity, 1e-6);
      }

    const double wavelength = 500e-9, half = 400.0 * number * wavelength;  // z = 400 half
    const double distance = half * half / (wavelength * number);
    const int cells = 1000;
    const Plane plane = square_plane(cells, 2.0 * half / cells);
    const DirectSum sum(plane, axis_point(), wavelength, distance);
    const Field open(plane.size(), 1.0);
    worst = std::max(worst, std::abs(std::norm(optics::apply(sum, open)[0]) - expected));
  }
  report("square_aperture_intensity_error", worst);
  EXPECT_LT(worst, 2e-4);
}

// At the geometric edge of a half plane a quarter of the intensity arrives, at any distance.
TEST(ScalarDiffraction, StraightEdge) {
  for (const auto method : {PropagationMethod::fresnel, PropagationMethod::angular_spectrum})
    for (const double distance : {20e-6, 150e-6, 1e-3}) {
      Gap gap;
      gap.in = {4096, 1, 0.5e-6, 0.5e-6, 0.0, 0.0};
      gap.wavelength = 500e-9;
      gap.distance = distance;
      gap.method = method;
      gap.periodic = true;
      gap.out = gap.in;
      gap.out.x0 = 0.25e-6;  // puts a sample on the edge, half way between two input samples
      // Open for x > 0, closed softly far away where the period begins.
      const Field half = optics::sample(gap.in, [](double x, double) {
        return Complex(x > 0.0 ? 0.5 * std::erfc((x - 700e-6) / 60e-6) : 0.0);
      });
      const Field field = optics::apply(ConvolutionOperator(gap), half);
      ASSERT_NEAR(gap.out.x(2047), 0.0, 1e-15);
      EXPECT_NEAR(std::norm(field[2047]), 0.25, 1e-6) << method_name(method) << " " << distance;
    }
}

// Gratings: revival after 2 d^2 / lambda in the paraxial law, shifted by d/2 after half of it;
// three orders revive exactly, in the exact law, at 1 / (1/lambda - sqrt(1/lambda^2 - 1/d^2)).
TEST(ScalarDiffraction, Talbot) {
  for (const double period : {100e-6, 37e-6, 12e-6})
    for (const int n : {64, 90}) {
      const double wavelength = 500e-9;
      Gap gap;
      gap.in = gap.out = {n, 1, period / n, period / n, 0.0, 0.0};
      gap.wavelength = wavelength;
      gap.periodic = true;
      gap.method = PropagationMethod::fresnel;
      gap.distance = 2.0 * period * period / wavelength;
      if (period == 100e-6) {
        EXPECT_NEAR(gap.distance, 40.000000e-3, 1e-12);
      }
      const Field grating = optics::random_field(gap.in.size(), 11);
      const Complex carrier =
          std::polar(1.0, std::remainder(2.0 * pi * gap.distance / wavelength, 2.0 * pi));
      Field expected = grating;
      for (Complex& value : expected) value *= carrier;
      EXPECT_LT(optics::relative_error(optics::apply(ConvolutionOperator(gap), grating), expected),
                1e-9);

      gap.distance *= 0.5;
      Field moved = optics::apply(ConvolutionOperator(gap), grating);
      double error = 0.0;
      for (int i = 0; i < n; ++i)
        error += std::norm(std::abs(moved[static_cast<std::size_t>((i + n / 2) % n)]) -
                           std::abs(grating[static_cast<std::size_t>(i)]));
      EXPECT_LT(std::sqrt(error / optics::power(grating)), 1e-9);

      gap.method = PropagationMethod::angular_spectrum;
      gap.distance = 1.0 / (1.0 / wavelength -
                            std::sqrt(1.0 / (wavelength * wavelength) - 1.0 / (period * period)));
      const Field cosine = optics::sample(gap.in, [&](double x, double) {
        return Complex(1.0 + 0.8 * std::cos(2.0 * pi * x / period), 0.3);
      });
      const Field revived = optics::apply(ConvolutionOperator(gap), cosine);
      const Complex phase = revived[0] / cosine[0];
      Field turned = cosine;
      for (Complex& value : turned) value *= phase;
      EXPECT_NEAR(std::abs(phase), 1.0, 1e-9);
      EXPECT_LT(optics::relative_error(revived, turned), 1e-9);
    }
}

// Ideal lens of a plane wave: phase -k (sqrt(r^2 + f^2) - f), or its value rounded to `levels`.
Field lens_field(const Plane& plane, double wavelength, double focal, double radius, int levels) {
  Field field = optics::disc(plane, radius);
  std::size_t i = 0;
  for (int j = 0; j < plane.ny; ++j)
    for (int k = 0; k < plane.nx; ++k, ++i) {
      const double x = plane.x(k), y = plane.y(j);
      double turns = -(std::sqrt(x * x + y * y + focal * focal) - focal) / wavelength;
      if (levels > 0) turns = std::floor(turns * levels) / levels;
      field[i] *= std::polar(1.0, 2.0 * pi * turns);
    }
  return field;
}

// L levels keep sinc^2(1/L) of the peak. The law is that of many zones: 22 to 67 here.
TEST(ScalarDiffraction, QuantisedLens) {
  struct Member {
    double wavelength, focal, radius;
    int cells;
  };
  for (const Member& member :
       {Member{532e-9, 100e-6, 50e-6, 800}, Member{532e-9, 300e-6, 150e-6, 1200}}) {
    const Plane plane = square_plane(member.cells, 2.0 * member.radius / member.cells);
    const DirectSum to_focus(plane, axis_point(), member.wavelength, member.focal);
    const auto peak = [&](int levels) {
      return std::norm(optics::apply(
          to_focus, lens_field(plane, member.wavelength, member.focal, member.radius, levels))[0]);
    };
    const double ideal = peak(0);
    const double zones =
        (std::hypot(member.focal, member.radius) - member.focal) / member.wavelength;
    for (const int levels : {2, 3, 4, 8}) {
      const double x = pi / levels, expected = std::pow(std::sin(x) / x, 2);
      if (levels == 2) {
        EXPECT_NEAR(expected, 0.405285, 1e-6);
      }
      if (levels == 4) {
        EXPECT_NEAR(expected, 0.810569, 1e-6);
      }
      report("relative_peak_" + std::to_string(levels), peak(levels) / ideal - expected);
      EXPECT_NEAR(peak(levels) / ideal, expected, 0.3 / zones) << levels;
    }
  }
}

// Lens of numerical aperture 0.447: full width at half maximum of the focus, by two methods.
TEST(ScalarDiffraction, LensFocusWidth) {
  const double wavelength = 532e-9, focal = 100e-6;
  const Plane plane = square_plane(400, 0.25e-6);
  const Plane line{201, 1, 0.01e-6, 1e-6, 0.0, 0.0};
  const Field lens = lens_field(plane, wavelength, focal, 50e-6, 0);
  const auto width = [&](const LinearOperator& propagator) {
    const Field cut = optics::apply(propagator, lens);
    const double half = 0.5 * std::norm(cut[100]);
    for (std::size_t i = 101; i < cut.size(); ++i) {
      const double a = std::norm(cut[i - 1]), b = std::norm(cut[i]);
      if (b < half) return 2.0 * (line.x(static_cast<int>(i)) - line.dx * (half - b) / (a - b));
    }
    return 0.0;
  };
  const double direct = width(DirectSum(plane, line, wavelength, focal));
  const double matrix = width(MatrixFourier(plane, line, wavelength, focal));
  report("focus_width_direct_um", 1e6 * direct);
  report("focus_width_matrix_um", 1e6 * matrix);
  EXPECT_NEAR(direct, 0.6004e-6, 0.002e-6);
  EXPECT_NEAR(matrix, direct, 0.001e-6);
}

}  // namespace
}  // namespace wavesmith
