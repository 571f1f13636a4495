// The audit's predictions against full computations, and its decisions.
#include "solvers/sampling_audit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "solvers/convolution.hpp"
#include "solvers/direct_sum.hpp"
#include "tests/solvers/optics_fixtures.hpp"

namespace wavesmith {
namespace {

using optics::Complex;
using optics::Field;

constexpr PropagationMethod exact_methods[] = {PropagationMethod::angular_spectrum,
                                               PropagationMethod::band_limited,
                                               PropagationMethod::rayleigh_sommerfeld};

// Terahertz layers: 0.75 mm, pitch 0.4 mm.
Gap layer_gap(int n, double distance, PropagationMethod method, double padding) {
  Gap gap;
  gap.in = gap.out = Plane{n, n, 0.4e-3, 0.4e-3, 0.0, 0.0};
  gap.wavelength = 0.75e-3;
  gap.distance = distance;
  gap.method = method;
  gap.padding = padding;
  return gap;
}

double snr(const Field& field, const Field& reference) {
  return -20.0 * std::log10(optics::relative_error(field, reference));
}

double predicted(const SamplingAudit& audit, PropagationMethod method) {
  if (method == PropagationMethod::band_limited) return audit.band_limited_snr;
  if (method == PropagationMethod::rayleigh_sommerfeld) return audit.rayleigh_sommerfeld_snr;
  return audit.angular_spectrum_snr;
}

// Random-phase layers of 200 x 200: published fractions, from random realisations.
TEST(SamplingAudit, LayerPowerBudget) {
  const std::pair<double, double> landing[] = {{3e-3, 0.9367}, {15e-3, 0.7257}, {30e-3, 0.5313}};
  for (const auto& [distance, fraction] : landing) {
    const SamplingAudit result =
        audit(layer_gap(200, distance, PropagationMethod::angular_spectrum, 2.0));
    EXPECT_NEAR(result.propagating_fraction, 0.8578, 0.004);
    EXPECT_NEAR(result.landing_fraction, fraction, 0.003);
  }
  // Exactly: the part of the square |u|, |v| <= 1/(2 dx) inside the circle of radius 1/lambda.
  const double r = 0.8 / 0.75, angle = std::acos(1.0 / r);
  const double inside =
      0.25 * r * r * (optics::pi - 4.0 * (angle - std::sin(angle) * std::cos(angle)));
  EXPECT_NEAR(audit(layer_gap(200, 3e-3, PropagationMethod::fresnel, 2.0)).propagating_fraction,
              inside, 1e-3);
}

// A window of width B that is far and small receives B dx / (lambda z) of a random layer's band
// along each axis, wherever in that band it lies; its kernel is sampled well.
TEST(SamplingAudit, FarAndSmallWindows) {
  for (const double spacing : {2.5e-6, 10e-6})
    for (const double distance : {0.5, 20.0})
      for (const double angle : {0.0, 0.01}) {
        Gap gap;
        gap.in = Plane{400, 300, spacing, spacing, 0.0, 0.0};
        gap.out = Plane{100, 60, spacing, spacing, angle * distance, -0.5 * angle * distance};
        gap.wavelength = 500e-9;
        gap.distance = distance;
        gap.method = PropagationMethod::rayleigh_sommerfeld;
        const double per_sample = spacing * spacing / (gap.wavelength * distance);
        const double exact = 6000.0 * per_sample * per_sample;
        const SamplingAudit result = audit(gap);
        EXPECT_NEAR(result.landing_fraction / exact, 1.0, 0.01) << spacing << " " << distance;
        EXPECT_EQ(result.verdict, Verdict::ok) << spacing << " " << distance << " " << angle;
        EXPECT_GT(result.snr, 20.0);
      }
}

// Power that arrives, by computation on a window so wide that next to nothing leaves it.
TEST(SamplingAudit, LandingFractionIsThatOfTheField) {
  for (const double distance : {3e-3, 10e-3}) {
    Gap gap = layer_gap(64, distance, PropagationMethod::angular_spectrum, 12.0);
    gap.evanescent = Evanescent::drop;
    const Field layer = optics::random_phase(gap.in.size(), 21);
    Gap contact = gap;  // in the same window, at no distance: the propagating part of the layer
    contact.distance = 0.0;
    contact.out.nx = contact.out.ny = 320;
    contact.padding = 2.0;
    const double propagating = optics::power(optics::apply(ConvolutionOperator(contact), layer));
    const double landed = optics::power(optics::apply(ConvolutionOperator(gap), layer));
    EXPECT_NEAR(audit(gap).landing_fraction, landed / propagating, 0.015) << distance;
  }
}

// Published: 131 % without padding, 30 % at 2, 4.7 % at 4, and 2.1 % for the kernel at 2.
TEST(SamplingAudit, ErrorsOfALayerGapAreMeasuredAndPredicted) {
  const int n = 128;
  const Field layer = optics::random_phase(static_cast<std::size_t>(n * n), 22);
  const Field reference = optics::apply(
      ConvolutionOperator(layer_gap(n, 30e-3, PropagationMethod::angular_spectrum, 16.0)), layer);
  struct Row {
    PropagationMethod method;
    double padding, published;
  };
  for (const Row& row : {Row{PropagationMethod::angular_spectrum, 1.0, 1.31},
                         Row{PropagationMethod::angular_spectrum, 2.0, 0.30},
                         Row{PropagationMethod::angular_spectrum, 4.0, 0.047},
                         Row{PropagationMethod::rayleigh_sommerfeld, 2.0, 0.021}}) {
    const Gap gap = layer_gap(n, 30e-3, row.method, row.padding);
    const double error =
        optics::relative_error(optics::apply(ConvolutionOperator(gap), layer), reference);
    const double expected = std::pow(10.0, -audit(gap).snr / 20.0);
    std::printf("    %s padding %g: error %.4f, predicted %.4f\n", method_name(row.method),
                row.padding, error, expected);
    EXPECT_NEAR(error / row.published, 1.0, 0.15);
    EXPECT_NEAR(std::log(expected / error), 0.0, 0.3);
  }
}

// A clear disc of a quarter of the window's width as radius, 256 samples.
struct DiscCase {
  Plane plane;
  Field field;
  AuditOptions options;
  explicit DiscCase(double spacing) : plane{256, 256, spacing, spacing, 0.0, 0.0} {
    const double radius = 0.25 * plane.width();
    field = optics::sample(
        plane, [=](double x, double y) { return std::hypot(x, y) < radius ? 1.0 : 0.0; });
    options.spectrum = {2.0 * radius, 2.0 * radius};
  }
};

// Spacing lambda / 2. Published signal-to-noise on the centre row (which sees less error than the
// whole window), up to a constant factor, for angular spectrum and band-limited at 1 and 2. Our
// band limit keeps the exact ellipses and may only be better.
TEST(SamplingAudit, FineSamplingTable) {
  const DiscCase disc(0.25e-6);
  struct Row {
    double ratio, published[4];
  };
  for (const Row& row : {Row{0.5, {27.4, 30.1, 39.6, 46.4}}, Row{2.0, {21.1, 26.2, 30.9, 53.2}},
                         Row{8.0, {17.7, 22.2, 27.6, 43.6}}, Row{32.0, {8.7, 12.4, 17.8, 29.4}}}) {
    Gap gap;
    gap.in = gap.out = disc.plane;
    gap.wavelength = 0.5e-6;
    gap.distance = row.ratio * disc.plane.width();
    Plane centre = disc.plane;
    centre.ny = 1;
    centre.y0 = disc.plane.y(128);
    const Field line =
        optics::apply(DirectSum(disc.plane, centre, gap.wavelength, gap.distance), disc.field);
    gap.method = PropagationMethod::rayleigh_sommerfeld;
    const Field plane = optics::apply(ConvolutionOperator(gap), disc.field);

    int column = 0;
    for (const double padding : {1.0, 2.0})
      for (const auto method :
           {PropagationMethod::angular_spectrum, PropagationMethod::band_limited}) {
        gap.padding = padding;
        gap.method = method;
        const Field field = optics::apply(ConvolutionOperator(gap), disc.field);
        Complex overlap = 0.0;
        for (std::size_t i = 0; i < 256; ++i) overlap += field[128 * 256 + i] * std::conj(line[i]);
        Field scaled = line;
        for (Complex& value : scaled) value *= overlap / optics::power(line);
        const Field row_field(field.begin() + 128 * 256, field.begin() + 129 * 256);
        const double on_row = snr(row_field, scaled), published = row.published[column++];
        const double measured = snr(field, plane);
        const double expected = predicted(audit(gap, disc.options), method);
        std::printf(
            "    z/W %4g %-16s padding %g: row %.1f (published %.1f), window %.1f, "
            "predicted %.1f dB\n",
            row.ratio, method_name(method), padding, on_row, published, measured, expected);
        EXPECT_GT(on_row, published - 0.6);
        EXPECT_LT(on_row, published + (row.ratio >= 2.0 ? 5.5 : 14.5));
        EXPECT_NEAR(expected, measured, 4.5);
      }
  }
}

// Spacing 2 lambda: the kernel's own sum aliases for z < 2 W, and the angular spectrum is right.
TEST(SamplingAudit, CoarseSamplingTurnsTheChoiceAround) {
  const DiscCase disc(1e-6);
  for (const double ratio : {0.25, 0.5, 1.0, 2.0, 8.0}) {
    Gap gap;
    gap.in = gap.out = disc.plane;
    gap.wavelength = 0.5e-6;
    gap.distance = ratio * disc.plane.width();
    gap.method = PropagationMethod::angular_spectrum;
    gap.padding = 6.0;
    const Field reference = optics::apply(ConvolutionOperator(gap), disc.field);
    gap.padding = 2.0;
    gap.method = PropagationMethod::rayleigh_sommerfeld;
    const double kernel = snr(optics::apply(ConvolutionOperator(gap), disc.field), reference);
    const SamplingAudit result = audit(gap, disc.options);
    if (kernel < 40.0) {
      EXPECT_NEAR(result.rayleigh_sommerfeld_snr, kernel, 6.0) << ratio;
    }
    if (ratio < 1.7) {  // the first copy, at sin(theta) = 1/2, still lands in full
      EXPECT_LT(kernel, 10.0) << ratio;
      EXPECT_NE(choose_method(gap, disc.options.spectrum), PropagationMethod::rayleigh_sommerfeld);
    }
    gap.method = PropagationMethod::automatic;
    EXPECT_GT(snr(optics::apply(ConvolutionOperator(gap), disc.field), reference), 20.0) << ratio;
  }
}

TEST(SamplingAudit, AutomaticIsAlwaysCloseToTheBest) {
  const Gap diffractive = layer_gap(200, 30e-3, PropagationMethod::automatic, 2.0);
  EXPECT_EQ(choose_method(diffractive), PropagationMethod::rayleigh_sommerfeld);
  EXPECT_EQ(audit(diffractive).verdict, Verdict::ok);

  const int n = 64;
  const Field layer = optics::random_phase(static_cast<std::size_t>(n * n), 23);
  for (const double distance : {1.5e-3, 6e-3, 24e-3})
    for (const double spacing : {0.375e-3, 0.4e-3, 0.6e-3, 1.5e-3}) {
      Gap gap = layer_gap(n, distance, PropagationMethod::angular_spectrum, 16.0);
      gap.in.dx = gap.in.dy = gap.out.dx = gap.out.dy = spacing;
      const Field reference = optics::apply(ConvolutionOperator(gap), layer);
      gap.padding = 2.0;
      double best = -200.0;
      for (const auto method : exact_methods) {
        gap.method = method;
        best = std::max(best, snr(optics::apply(ConvolutionOperator(gap), layer), reference));
      }
      gap.method = PropagationMethod::automatic;
      const double chosen = snr(optics::apply(ConvolutionOperator(gap), layer), reference);
      EXPECT_GT(chosen, std::min(best, 40.0) - 6.0) << distance << " " << spacing;
    }
}

TEST(SamplingAudit, RefusesWarnsAndSaysWhatToDo) {
  const SamplingAudit circular =
      audit(layer_gap(200, 30e-3, PropagationMethod::angular_spectrum, 1.0));
  EXPECT_EQ(circular.verdict, Verdict::refuse);
  ASSERT_EQ(circular.messages.size(), 1U);
  for (const char* part : {"angular_spectrum", "dB", "wraps", "rayleigh_sommerfeld", "padding 2",
                           "allow_undersampled"})
    EXPECT_NE(circular.messages[0].find(part), std::string::npos) << circular.messages[0];
  EXPECT_THROW(require_sampled(circular), InputError);

  AuditOptions options;
  options.allow_undersampled = true;
  const SamplingAudit allowed =
      audit(layer_gap(200, 30e-3, PropagationMethod::angular_spectrum, 1.0), options);
  EXPECT_EQ(allowed.verdict, Verdict::warn);
  EXPECT_NO_THROW(require_sampled(allowed));

  EXPECT_EQ(audit(layer_gap(200, 30e-3, PropagationMethod::angular_spectrum, 2.0)).verdict,
            Verdict::warn);
  EXPECT_EQ(audit(layer_gap(200, 30e-3, PropagationMethod::fresnel, 2.0)).verdict, Verdict::refuse);
  EXPECT_TRUE(audit(layer_gap(200, 30e-3, PropagationMethod::automatic, 2.0)).messages.empty());
}

TEST(SamplingAudit, KnowsPeriodicPlanesAndContact) {
  Gap gap = layer_gap(64, 30e-3, PropagationMethod::automatic, 2.0);
  gap.periodic = true;
  EXPECT_EQ(audit(gap).method, PropagationMethod::angular_spectrum);
  EXPECT_EQ(audit(gap).verdict, Verdict::ok);
  for (const auto method : exact_methods) {
    const SamplingAudit contact = audit(layer_gap(64, 0.0, method, 2.0));
    EXPECT_EQ(contact.verdict, Verdict::ok) << method_name(method);
  }
}

// pi/4 theta^4 z / lambda, and the sampling ratios, of a paraxial gap worked out by hand.
TEST(SamplingAudit, GeometryOfAParaxialGap) {
  Gap gap;
  gap.in = gap.out = Plane{200, 100, 10e-6, 10e-6, 0.0, 0.0};
  gap.wavelength = 500e-9;
  gap.distance = 0.5;
  gap.method = PropagationMethod::fresnel;
  const SamplingAudit result = audit(gap);
  EXPECT_NEAR(result.fresnel_number, 4.0, 1e-12);
  // sin(theta) = lambda / (2 dx) = 0.025: walk 12.5 mm against half of the 2 mm DFT window.
  EXPECT_NEAR(result.transfer_sampling, 1e-3 * std::sqrt(1.0 - 0.025 * 0.025) / 12.5e-3, 1e-6);
  // The kernel's edge at 2 mm: sin(theta) = 0.004, Nyquist 0.025.
  EXPECT_NEAR(result.kernel_sampling, 0.025 / 0.004, 1e-3);
  const double theta = std::hypot(2e-3, 1e-3) / 0.5;
  EXPECT_NEAR(result.paraxial_error / (0.25 * optics::pi * std::pow(theta, 4) * 1e6), 1.0, 1e-3);
}

}  // namespace
}  // namespace wavesmith
