// Identities of the transfer functions: to rounding.
#include "solvers/transfer_function.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "kernels/fft.hpp"
#include "solvers/convolution.hpp"
#include "solvers/phasor.hpp"
#include "tests/solvers/optics_fixtures.hpp"

namespace wavesmith {
namespace {

using optics::Complex;
using optics::Field;

constexpr PropagationMethod all_methods[] = {
    PropagationMethod::angular_spectrum, PropagationMethod::band_limited,
    PropagationMethod::rayleigh_sommerfeld, PropagationMethod::fresnel};
constexpr PropagationMethod plane_wave_methods[] = {PropagationMethod::angular_spectrum,
                                                    PropagationMethod::band_limited,
                                                    PropagationMethod::fresnel};

Gap make_gap(PropagationMethod method, int nx, int ny, double spacing, double distance) {
  Gap gap;
  gap.in = gap.out = Plane{nx, ny, spacing, spacing, 0.0, 0.0};
  gap.wavelength = 0.5e-6;
  gap.distance = distance;
  gap.method = method;
  return gap;
}

Gap periodic_gap(PropagationMethod method, int nx, int ny, double spacing, double distance) {
  Gap gap = make_gap(method, nx, ny, spacing, distance);
  gap.periodic = true;
  return gap;
}

TEST(Phasor, IsSineAndCosineOfWholeTurns) {
  for (int i = -40000; i <= 40000; ++i) {
    const double turns = i * 1.234567e-4;
    const long double angle = 2.0L * 3.14159265358979323846264338327950288L * turns;
    EXPECT_NEAR(phasor(turns).real(), static_cast<double>(std::cos(angle)), 4e-16);
    EXPECT_NEAR(phasor(turns).imag(), static_cast<double>(std::sin(angle)), 4e-16);
    EXPECT_EQ(phasor(i / 64.0), phasor(i / 64.0 + 1048576.0));
  }
}

TEST(ConvolutionGrid, HoldsTheLinearConvolution) {
  for (int in = 1; in < 40; in += 3)
    for (int out = 1; out < 40; out += 2)
      for (const double padding : {1.0, 1.3, 2.0, 2.5, 4.0}) {
        Gap gap = make_gap(PropagationMethod::angular_spectrum, in, 3, 1e-6, 1e-6);
        gap.out.nx = out;
        gap.padding = padding;
        const int n = convolution_grid(gap).nx;
        EXPECT_GE(n, std::max(in, out));
        EXPECT_GE(n, padding * 0.5 * (in + out) - 1e-9);
        if (padding >= 2.0) {
          EXPECT_GE(n, in + out - 1);
          EXPECT_EQ(n, fast_length(n));
        }
        if (padding == 1.0 && in == out) {
          EXPECT_EQ(n, in);
        }
      }
}

// H in extended precision, from its definition.
std::complex<long double> exact_plane_wave(long double u, long double v, long double wavelength,
                                           long double z) {
  const long double two_pi = 2.0L * 3.14159265358979323846264338327950288L;
  const long double w2 = 1.0L / (wavelength * wavelength) - u * u - v * v;
  if (w2 < 0.0L) return std::exp(-two_pi * z * std::sqrt(-w2));
  const long double turns = z * std::sqrt(w2);
  return std::polar(1.0L, two_pi * (turns - std::floor(turns)));
}

// Far beyond what float could hold as k_z z: the values rounded to float keep the phase.
TEST(TransferFunction, PhaseIsRightAtLongDistancesAlsoInFloat) {
  for (const double z : {1e-3, 0.1, 0.3, 1.0})
    for (const double spacing : {0.2e-6, 0.4e-6, 8e-6}) {
      Gap gap = periodic_gap(PropagationMethod::angular_spectrum, 24, 20, spacing, z);
      gap.wavelength = 532e-9;
      const TransferFunction h = transfer_function(gap);
      for (int q = 0; q < h.ny; ++q)
        for (int p = 0; p < h.nx; ++p) {
          const Complex value = h.values[static_cast<std::size_t>(q * h.nx + p)];
          const double u = (2 * p < h.nx ? p : p - h.nx) / (h.nx * spacing);
          const double v = (2 * q < h.ny ? q : q - h.ny) / (h.ny * spacing);
          const auto exact = exact_plane_wave(u, v, gap.wavelength, z);
          const std::complex<long double> wide(value.real(), value.imag());
          const std::complex<long double> narrow(static_cast<float>(value.real()),
                                                 static_cast<float>(value.imag()));
          EXPECT_LT(std::abs(wide - exact), 2e-8L) << z << " " << spacing;
          EXPECT_LT(std::abs(narrow - exact), 2e-7L);
        }
    }
}

TEST(TransferFunction, EvanescentWavesDecayOrAreDropped) {
  Gap gap = periodic_gap(PropagationMethod::angular_spectrum, 32, 32, 0.1e-6, 0.2e-6);
  const TransferFunction kept = transfer_function(gap);
  gap.evanescent = Evanescent::drop;
  const TransferFunction dropped = transfer_function(gap);
  int evanescent = 0;
  for (int q = 0; q < 32; ++q)
    for (int p = 0; p < 32; ++p) {
      const double u = (p < 16 ? p : p - 32) / 3.2e-6, v = (q < 16 ? q : q - 32) / 3.2e-6;
      const auto i = static_cast<std::size_t>(q * 32 + p);
      const auto exact = exact_plane_wave(u, v, gap.wavelength, gap.distance);
      EXPECT_NEAR(static_cast<double>(std::abs(exact)), std::abs(kept.values[i]), 1e-12);
      if (u * u + v * v > 4e12 * (1.0 + 1e-12)) {
        ++evanescent;
        EXPECT_EQ(dropped.values[i], 0.0);
      } else {
        EXPECT_EQ(dropped.values[i], kept.values[i]);
      }
    }
  EXPECT_GT(evanescent, 100);
}

// All bins propagate when the spacing exceeds lambda / sqrt(2): power, half steps, round trip.
TEST(Periodic, KeepsPowerComposesAndReturns) {
  for (const auto method : {PropagationMethod::angular_spectrum, PropagationMethod::fresnel})
    for (const auto& [nx, ny] :
         {std::pair{64, 64}, std::pair{45, 30}, std::pair{1, 81}, std::pair{27, 7}})
      for (const double z : {1e-6, 33e-6, 1e-2}) {
        const ConvolutionOperator whole(periodic_gap(method, nx, ny, 0.4e-6, z));
        const ConvolutionOperator half(periodic_gap(method, nx, ny, 0.4e-6, 0.5 * z));
        const Field x = optics::random_phase(whole.in().size(), 5);
        const Field y = optics::apply(whole, x);
        EXPECT_LT(std::abs(optics::power(y) / optics::power(x) - 1.0), 1e-12);
        // The tables of long distances carry z/lambda turns, each rounded.
        const double rounding = std::max(1e-12, 1e-15 * z / 0.5e-6);
        EXPECT_LT(optics::relative_error(optics::apply(half, optics::apply(half, x)), y), rounding);
        Field back(x.size());
        whole.apply_adjoint(y, back);
        EXPECT_LT(optics::relative_error(back, x), 1e-12);
      }
}

// A crop between two half steps loses what would have come back: not an identity.
TEST(TransferFunction, CroppedHalfStepsAreNotOneStep) {
  const double spacing = 1e-6;  // 2 lambda
  const Gap whole = make_gap(PropagationMethod::angular_spectrum, 128, 128, spacing, 20e-6);
  Gap half = whole;
  half.distance = 10e-6;
  const Field x = optics::random_phase(whole.in.size(), 6);
  const ConvolutionOperator step(half);
  const double error = optics::relative_error(optics::apply(step, optics::apply(step, x)),
                                              optics::apply(ConvolutionOperator(whole), x));
  EXPECT_GT(error, 0.03);
  EXPECT_LT(error, 0.12);
}

TEST(TransferFunction, ZeroDistanceIsTheIdentity) {
  for (const auto method : all_methods) {
    const ConvolutionOperator gap(make_gap(method, 15, 22, 0.3e-6, 0.0));
    const Field x = optics::random_field(gap.in().size(), 7);
    EXPECT_LT(optics::relative_error(optics::apply(gap, x), x), 1e-13) << method_name(method);
  }
}

// Shifting the output plane by whole samples picks other samples of the same field.
TEST(TransferFunction, WholeSampleShiftsAreCrops) {
  Gap wide = make_gap(PropagationMethod::rayleigh_sommerfeld, 24, 24, 0.3e-6, 4e-6);
  wide.out.nx = wide.out.ny = 40;
  const Field x = optics::random_field(wide.in.size(), 8);
  const Field all = optics::apply(ConvolutionOperator(wide), x);
  for (const auto& [sx, sy] : {std::pair{3, -2}, std::pair{-8, 6}, std::pair{0, 1}}) {
    Gap shifted = wide;
    shifted.out.nx = shifted.out.ny = 20;
    shifted.out.x0 = sx * 0.3e-6;
    shifted.out.y0 = sy * 0.3e-6;
    Field expected;
    for (int j = 0; j < 20; ++j)
      for (int i = 0; i < 20; ++i)
        expected.push_back(all[static_cast<std::size_t>((j + 10 + sy) * 40 + i + 10 + sx)]);
    EXPECT_LT(optics::relative_error(optics::apply(ConvolutionOperator(shifted), x), expected),
              1e-12);
  }
}

TEST(Periodic, WholeSampleShiftsAreRotations) {
  for (const auto method : {PropagationMethod::angular_spectrum, PropagationMethod::fresnel}) {
    const Gap centred = periodic_gap(method, 24, 15, 0.3e-6, 4e-6);
    const Field x = optics::random_field(centred.in.size(), 8);
    const Field all = optics::apply(ConvolutionOperator(centred), x);
    for (const auto& [sx, sy] : {std::pair{3, 13}, std::pair{20, 6}, std::pair{0, 1}}) {
      Gap shifted = centred;
      shifted.out.x0 = sx * 0.3e-6;
      shifted.out.y0 = sy * 0.3e-6;
      Field expected;
      for (int j = 0; j < 15; ++j)
        for (int i = 0; i < 24; ++i)
          expected.push_back(all[static_cast<std::size_t>((j + sy) % 15 * 24 + (i + sx) % 24)]);
      EXPECT_LT(optics::relative_error(optics::apply(ConvolutionOperator(shifted), x), expected),
                1e-12);
    }
  }
}

// A band-limited periodic field is moved by any fraction of a sample without error.
TEST(Periodic, SubSampleShiftsAreExact) {
  for (const auto method : plane_wave_methods)
    for (const int n : {32, 27}) {
      const double spacing = 1e-6, period = n * spacing;
      const auto wave = [&](double x, double y) {
        Complex sum = 0.0;
        for (int m = -9; m <= 9; ++m)
          sum += std::polar(1.0 + 0.1 * m,
                            2.0 * optics::pi * (m * x - 2 * m * m % 5 * y) / period + 0.3 * m * m);
        return sum;
      };
      Gap gap = periodic_gap(method, n, n, spacing, 0.0);
      gap.out.x0 = 0.37e-6;
      gap.out.y0 = -5.21e-6;
      const Field moved = optics::apply(ConvolutionOperator(gap), optics::sample(gap.in, wave));
      EXPECT_LT(optics::relative_error(moved, optics::sample(gap.out, wave)), 1e-12)
          << method_name(method) << " " << n;
    }
}

// The Nyquist bin of an even grid stands for both signs: a real field stays real when it is moved.
TEST(Periodic, ARealFieldStaysRealWhenMoved) {
  Gap gap = periodic_gap(PropagationMethod::angular_spectrum, 16, 12, 1e-6, 0.0);
  gap.out.x0 = 0.3e-6;
  gap.out.y0 = 0.8e-6;
  Field x = optics::random_field(gap.in.size(), 9);
  for (Complex& value : x) value = value.real();
  for (const Complex& value : optics::apply(ConvolutionOperator(gap), x))
    EXPECT_NEAR(value.imag(), 0.0, 1e-14);
}

// Mirror symmetry of the tables without a shift, and consistency of a small one with the general
// path that a shift takes.
TEST(TransferFunction, SymmetricTablesEqualTheGeneralPath) {
  for (const auto method : all_methods) {
    const Gap centred = make_gap(method, 18, 11, 0.3e-6, 3e-6);
    Gap nudged = centred;
    nudged.out.x0 = nudged.out.y0 = 1e-18;
    const TransferFunction a = transfer_function(centred), b = transfer_function(nudged);
    EXPECT_LT(optics::relative_error(a.values, b.values), 1e-9) << method_name(method);
    for (int q = 0; q < a.ny; ++q)
      for (int p = 0; p < a.nx; ++p)
        EXPECT_LT(
            std::abs(
                a.values[static_cast<std::size_t>(q * a.nx + p)] -
                a.values[static_cast<std::size_t>((a.ny - q) % a.ny * a.nx + (a.nx - p) % a.nx)]),
            1e-12);
  }
}

// The band limit keeps exactly the waves whose walk stays in the window round the output's centre.
TEST(BandLimited, KeepsTheWavesThatStayInTheShiftedWindow) {
  for (const double shift : {0.0, 9e-6, -31e-6}) {
    Gap gap = make_gap(PropagationMethod::band_limited, 64, 48, 0.5e-6, 40e-6);
    gap.out.x0 = shift;
    const TransferFunction h = transfer_function(gap);
    for (int q = 0; q < h.ny; ++q)
      for (int p = 0; p < h.nx; ++p) {
        const double u = (2 * p < h.nx ? p : p - h.nx) / (h.nx * 0.5e-6);
        const double v = (2 * q < h.ny ? q : q - h.ny) / (h.ny * 0.5e-6);
        const double w = std::sqrt(4e12 - u * u - v * v);
        const double room_x = 0.25e-6 * h.nx - std::abs(40e-6 * u / w - shift);
        const double room_y = 0.25e-6 * h.ny - std::abs(40e-6 * v / w);
        const bool kept = h.values[static_cast<std::size_t>(q * h.nx + p)] != 0.0;
        if (std::abs(room_x) < 1e-12 || std::abs(room_y) < 1e-12 || !(w > 0.0)) continue;
        EXPECT_EQ(kept, room_x > 0.0 && room_y > 0.0) << shift << " " << p << " " << q;
      }
  }
}

TEST(TransferFunction, BadGapsAreRefusedWithASentence) {
  const Gap good = make_gap(PropagationMethod::angular_spectrum, 8, 8, 1e-6, 1e-6);
  std::vector<Gap> bad(14, good);
  bad[0].in.nx = 0;
  bad[1].out.ny = -3;
  bad[2].in.dx = 0.0;
  bad[3].out.dx = 2e-6;
  bad[4].wavelength = -1.0;
  bad[5].distance = -1e-6;
  bad[6].distance = std::numeric_limits<double>::quiet_NaN();
  bad[7].padding = 0.5;
  bad[8].padding = std::numeric_limits<double>::infinity();
  bad[9].periodic = true;
  bad[9].out.nx = 9;
  bad[10].method = PropagationMethod::automatic;
  bad[11].periodic = true;
  bad[11].method = PropagationMethod::rayleigh_sommerfeld;
  bad[12].in.nx = bad[12].in.ny = bad[12].out.nx = bad[12].out.ny = 31623;  // 10^9 pixels
  bad[13].in.nx = bad[13].out.nx = std::numeric_limits<int>::max();
  for (std::size_t i = 0; i < bad.size(); ++i)
    EXPECT_THROW(transfer_function(bad[i]), InputError) << i;

  // A plane, and a DFT grid, that are too large: the refusal states the memory.
  Gap padded = good;
  padded.in.nx = padded.in.ny = padded.out.nx = padded.out.ny = 8000;
  padded.padding = 20.0;
  for (const auto& [gap, unit] : {std::pair{bad[12], " GB"}, std::pair{padded, " GiB"}}) {
    try {
      transfer_function(gap);
      FAIL() << "accepted";
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(unit), std::string::npos) << error.what();
    }
  }
}

TEST(PropagationMethod, NamesGoBothWays) {
  for (const auto method : all_methods) EXPECT_EQ(method_from_name(method_name(method)), method);
  EXPECT_EQ(method_from_name("auto"), PropagationMethod::automatic);
  EXPECT_THROW(method_from_name("asm"), InputError);
}

}  // namespace
}  // namespace wavesmith
