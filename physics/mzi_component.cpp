// A Mach-Zehnder interferometer, matched: a phase before the first splitter, a splitter, a phase in
// the upper arm, a second splitter,
//   (out1, out2) = A C(u2) diag(exp(i theta), 1) C(u1) diag(exp(i phi), 1) (in1, in2),
//   C(u) = [[cos u, i sin u], [i sin u, cos u]],  u = pi / 4 + error,  A = 10^(-loss / 20)
// (W. R. Clements et al., Optica 3, 1460 (2016)).
#include <array>
#include <cmath>

#include "physics/circuit_components.hpp"

namespace wavesmith {
namespace {

constexpr Complex imaginary(0.0, 1.0);

struct Matrix {
  Complex a, b, c, d;  // rows (a, b), (c, d)
};

Matrix operator*(const Matrix& l, const Matrix& r) {
  return {l.a * r.a + l.b * r.c, l.a * r.b + l.b * r.d, l.c * r.a + l.d * r.c,
          l.c * r.b + l.d * r.d};
}

Matrix splitter(double u) {
  return {std::cos(u), imaginary * std::sin(u), imaginary * std::sin(u), std::cos(u)};
}
Matrix splitter_derivative(double u) {
  return {-std::sin(u), imaginary * std::cos(u), imaginary * std::cos(u), -std::sin(u)};
}
Matrix shift(double phase) {
  return {std::polar(1.0, phase), 0.0, 0.0, 1.0};
}
Matrix shift_derivative(double phase) {
  return {imaginary * std::polar(1.0, phase), 0.0, 0.0, 0.0};
}

class MachZehnder final : public CircuitComponent {
 public:
  MachZehnder(double theta, double phi, double error1, double error2, double loss)
      : CircuitComponent({"in1", "in2", "out1", "out2"}, {{"theta", Dimension::angle, theta},
                                                          {"phi", Dimension::angle, phi},
                                                          {"error1", Dimension::angle, error1},
                                                          {"error2", Dimension::angle, error2},
                                                          {"loss", Dimension::level, loss}}) {}

  void scatter(double, std::span<const double> p, const ScatteringView& out) const override {
    const double a = amplitude_of_loss(p[4]), u1 = 0.25 * pi + p[2], u2 = 0.25 * pi + p[3];
    const auto join = [](const auto& put, double factor, const Matrix& m) {
      put(2, 0, factor * m.a);
      put(2, 1, factor * m.b);
      put(3, 0, factor * m.c);
      put(3, 1, factor * m.d);
    };
    const Matrix first = splitter(u1) * shift(p[1]), second = splitter(u2) * shift(p[0]);
    const Matrix whole = second * first;
    join([&](std::size_t i, std::size_t j, Complex v) { out.join(i, j, v); }, a, whole);
    if (!out.wants_derivatives()) return;
    const auto derivative = [&](std::size_t k, double factor, const Matrix& m) {
      join([&](std::size_t i, std::size_t j, Complex v) { out.join_derivative(k, i, j, v); },
           factor, m);
    };
    derivative(0, a, splitter(u2) * shift_derivative(p[0]) * first);
    derivative(1, a, second * splitter(u1) * shift_derivative(p[1]));
    derivative(2, a, second * splitter_derivative(u1) * shift(p[1]));
    derivative(3, a, splitter_derivative(u2) * shift(p[0]) * first);
    derivative(4, amplitude_per_level * a, whole);
  }
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  return std::make_unique<MachZehnder>(
      settings.number("theta"), settings.number("phi", 0.0), settings.number("error1", 0.0),
      settings.number("error2", 0.0), settings.number("loss", 0.0));
}

}  // namespace

const ComponentKind mzi_component = {
    "mzi",
    "Mach-Zehnder interferometer: in1 and in2 to out1 and out2, with two phases and errors of its "
    "splitters",
    {{"theta", "phase of the upper arm", false, Dimension::angle},
     {"phi", "phase before in1", false, Dimension::angle},
     {"error1", "of the first splitter's angle, pi / 4 where it halves", false, Dimension::angle},
     {"error2", "of the second splitter's angle", false, Dimension::angle},
     {"loss", "of both arms", false, Dimension::level, Range::at_least(0)}},
    make};

}  // namespace wavesmith
