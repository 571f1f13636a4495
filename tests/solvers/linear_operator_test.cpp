// Transposes of every propagator, and that different propagators compute the same field.
#include "solvers/linear_operator.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "solvers/convolution.hpp"
#include "solvers/direct_sum.hpp"
#include "solvers/matrix_fourier.hpp"
#include "solvers/tilted_plane.hpp"
#include "tests/solvers/optics_fixtures.hpp"

namespace wavesmith {
namespace {

using optics::Complex;
using optics::Field;

constexpr double wavelength = 0.5e-6;

struct Case {
  std::string name;
  std::function<std::unique_ptr<LinearOperator>()> make;
};

Gap gap(PropagationMethod method, double padding, double shift, Evanescent evanescent) {
  Gap result;
  result.in = {20, 15, 0.21e-6, 0.3e-6, 0.0, 0.0};
  result.out = {13, 18, 0.21e-6, 0.3e-6, shift, -0.4 * shift};
  result.wavelength = wavelength;
  result.distance = 2.3e-6;
  result.method = method;
  result.padding = padding;
  result.evanescent = evanescent;
  return result;
}

std::vector<Case> cases() {
  std::vector<Case> result;
  for (const auto method : {PropagationMethod::angular_spectrum, PropagationMethod::band_limited,
                            PropagationMethod::rayleigh_sommerfeld, PropagationMethod::fresnel}) {
    for (const double padding : {1.0, 2.0, 3.3}) {
      for (const double shift : {0.0, 0.7e-6}) {
        const auto evanescent = shift > 0.0 ? Evanescent::drop : Evanescent::keep;
        result.push_back({std::string(method_name(method)) + "_" + std::to_string(padding) +
                              (shift > 0.0 ? "_shifted" : ""),
                          [=] {
                            return std::make_unique<ConvolutionOperator>(
                                gap(method, padding, shift, evanescent));
                          }});
      }
    }
  }
  const Plane in{17, 12, 0.2e-6, 0.3e-6, 0.0, 0.0}, out{9, 14, 0.11e-6, 0.5e-6, 0.6e-6, -1e-6};
  result.push_back(
      {"direct_sum", [=] { return std::make_unique<DirectSum>(in, out, wavelength, 3e-6); }});
  for (const auto method : {PropagationMethod::angular_spectrum, PropagationMethod::band_limited,
                            PropagationMethod::fresnel})
    result.push_back({std::string("matrix_") + method_name(method), [=] {
                        return std::make_unique<MatrixFourier>(in, out, wavelength, 3e-6,
                                                               PlaneWaveOptions{}, method);
                      }});
  for (const double a : {0.0, 0.4, -0.3})
    for (const double b : {0.0, 0.2, -0.35})
      result.push_back({"tilted_" + std::to_string(a) + "_" + std::to_string(b), [=] {
                          return std::make_unique<TiltedPlane>(in, out, wavelength, 3e-6, a, b);
                        }});
  return result;
}

TEST(LinearOperator, TransposeAndAdjointPassTheDotProductTest) {
  for (const Case& member : cases()) {
    const auto propagator = member.make();
    const Field x = optics::random_field(propagator->in().size(), 1);
    const Field y = optics::random_field(propagator->out().size(), 2);
    const Field forward = optics::apply(*propagator, x);
    Field transposed(x.size()), adjoint(x.size());
    propagator->apply_transpose(y, transposed);
    propagator->apply_adjoint(y, adjoint);

    Complex plain_out = 0.0, plain_in = 0.0, conjugate_out = 0.0, conjugate_in = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      plain_out += forward[i] * y[i];
      conjugate_out += forward[i] * std::conj(y[i]);
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      plain_in += x[i] * transposed[i];
      conjugate_in += x[i] * std::conj(adjoint[i]);
    }
    const double scale = std::sqrt(optics::power(forward) * optics::power(y));
    EXPECT_LT(std::abs(plain_out - plain_in), 1e-12 * scale) << member.name;
    EXPECT_LT(std::abs(conjugate_out - conjugate_in), 1e-12 * scale) << member.name;
  }
}

TEST(LinearOperator, WrongSizesAreRefused) {
  for (const Case& member : cases()) {
    const auto propagator = member.make();
    Field x(propagator->in().size() + 1), y(propagator->out().size());
    EXPECT_THROW(propagator->apply(x, y), InputError) << member.name;
    EXPECT_THROW(propagator->apply_transpose(y, x), InputError) << member.name;
  }
}

// Planes of any sizes and any shift, on a grid with and without room to spare.
TEST(Convolution, RayleighSommerfeldIsTheDirectSum) {
  for (const double padding : {2.0, 2.7})
    for (const double shift : {0.0, 0.7e-6, -2.1e-6}) {
      const Gap member =
          gap(PropagationMethod::rayleigh_sommerfeld, padding, shift, Evanescent::keep);
      const Field x = optics::random_field(member.in.size(), 3);
      const DirectSum reference(member.in, member.out, wavelength, member.distance);
      EXPECT_LT(optics::relative_error(optics::apply(ConvolutionOperator(member), x),
                                       optics::apply(reference, x)),
                1e-12);
    }
}

// On an odd grid both are the same sum of plane waves, whatever the shift.
TEST(MatrixFourier, IsTheConvolutionWhereTheSpacingIsKept) {
  for (const auto method : {PropagationMethod::angular_spectrum, PropagationMethod::band_limited,
                            PropagationMethod::fresnel})
    for (const double shift : {0.0, 0.31e-6}) {
      Gap member;
      member.in = {23, 41, 0.2e-6, 0.2e-6, 0.0, 0.0};
      member.out = {22, 40, 0.2e-6, 0.2e-6, shift, -shift};
      member.wavelength = wavelength;
      member.distance = 4e-6;
      member.method = method;
      ASSERT_EQ(convolution_grid(member).nx % 2, 1);
      ASSERT_EQ(convolution_grid(member).ny % 2, 1);
      const Field x = optics::random_field(member.in.size(), 4);
      const MatrixFourier matrix(member.in, member.out, wavelength, member.distance, {}, method);
      EXPECT_LT(optics::relative_error(optics::apply(matrix, x),
                                       optics::apply(ConvolutionOperator(member), x)),
                1e-12)
          << method_name(method) << " " << shift;
    }
}

// A smooth, well sampled beam: the Rayleigh-Sommerfeld sum and the plane-wave sum are both exact.
struct Beam {
  Plane plane{80, 80, 0.2e-6, 0.2e-6, 0.0, 0.0};
  Field field = optics::sample(plane, [](double x, double y) {
    return std::polar(std::exp(-(x * x + y * y) / 2.25e-12), 2.0 * optics::pi * 4e5 * (x - y));
  });
};

TEST(MatrixFourier, ZoomedAndShiftedWindowAgreesWithTheDirectSum) {
  const Beam beam;
  for (const Plane& out :
       {Plane{30, 20, 0.05e-6, 0.07e-6, 0.0, 0.0}, Plane{12, 14, 0.9e-6, 0.5e-6, 2e-6, -1.3e-6},
        Plane{1, 9, 0.3e-6, 0.3e-6, 1.234e-6, 0.0}}) {
    const Field exact = optics::apply(DirectSum(beam.plane, out, wavelength, 5e-6), beam.field);
    const MatrixFourier matrix(beam.plane, out, wavelength, 5e-6, {Evanescent::keep, 6.0});
    EXPECT_LT(optics::relative_error(optics::apply(matrix, beam.field), exact), 1e-6);
  }
}

// Each sample of a tilted plane lies in a parallel plane of its own.
TEST(TiltedPlane, AgreesWithTheDirectSumPointByPoint) {
  const Beam beam;
  const Plane out{7, 5, 0.4e-6, 0.6e-6, 0.5e-6, -0.3e-6};
  const double distance = 5e-6;
  for (const auto& [a, b] :
       {std::pair{0.0, 0.0}, std::pair{0.5, 0.0}, std::pair{0.0, -0.7}, std::pair{-0.3, 0.4}}) {
    Field exact;
    for (int j = 0; j < out.ny; ++j)
      for (int i = 0; i < out.nx; ++i) {
        const double xi = out.x(i) - out.x0, eta = out.y(j) - out.y0;
        const Plane point{1,
                          1,
                          1e-6,
                          1e-6,
                          out.x0 + xi * std::cos(a) - eta * std::sin(a) * std::sin(b),
                          out.y0 + eta * std::cos(b)};
        const double z = distance + xi * std::sin(a) + eta * std::cos(a) * std::sin(b);
        exact.push_back(optics::apply(DirectSum(beam.plane, point, wavelength, z), beam.field)[0]);
      }
    const TiltedPlane tilted(beam.plane, out, wavelength, distance, a, b, {Evanescent::keep, 4.0});
    EXPECT_LT(optics::relative_error(optics::apply(tilted, beam.field), exact), 1e-6)
        << a << " " << b;
  }
}

TEST(TiltedPlane, RefusesAPlaneThatCutsTheInput) {
  const Plane in{8, 8, 1e-6, 1e-6, 0.0, 0.0}, out{101, 8, 1e-6, 1e-6, 0.0, 0.0};
  EXPECT_THROW(TiltedPlane(in, out, wavelength, 10e-6, 0.5, 0.0), InputError);
  EXPECT_NO_THROW(TiltedPlane(in, out, wavelength, 30e-6, 0.5, 0.0));
}

}  // namespace
}  // namespace wavesmith
