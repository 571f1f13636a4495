// A directional coupler, matched:
//   (out1, out2) = A [[cos u, i sin u], [i sin u, cos u]] (in1, in2),  A = 10^(-loss / 20),
// power ratio sin^2 u to the other side (A. Yariv and P. Yeh, Photonics, section 4.2).
#include <cmath>

#include "physics/circuit_components.hpp"

namespace wavesmith {
namespace {

class Coupler final : public CircuitComponent {
 public:
  Coupler(double angle, double loss)
      : CircuitComponent({"in1", "in2", "out1", "out2"},
                         {{"angle", Dimension::angle, angle}, {"loss", Dimension::level, loss}}) {}

  void scatter(double, std::span<const double> p, const ScatteringView& out) const override {
    const double a = amplitude_of_loss(p[1]), c = a * std::cos(p[0]), s = a * std::sin(p[0]);
    const auto both = [](const auto& join, Complex bar, Complex cross) {
      join(0, 2, bar);
      join(1, 3, bar);
      join(0, 3, cross);
      join(1, 2, cross);
    };
    both([&](std::size_t i, std::size_t j, Complex v) { out.join(i, j, v); }, c, Complex(0.0, s));
    if (!out.wants_derivatives()) return;
    both([&](std::size_t i, std::size_t j, Complex v) { out.join_derivative(0, i, j, v); }, -s,
         Complex(0.0, c));
    both([&](std::size_t i, std::size_t j, Complex v) { out.join_derivative(1, i, j, v); },
         amplitude_per_level * c, Complex(0.0, amplitude_per_level * s));
  }
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  return std::make_unique<Coupler>(coupling_angle(settings, "ratio", "angle"),
                                   settings.number("loss", 0.0));
}

}  // namespace

const ComponentKind coupler_component = {
    "coupler",
    "Directional coupler: in1 and in2 to out1 and out2, with the power ratio to the other side",
    {{"ratio", "of power to the other side", false, Dimension::dimensionless, Range::between(0, 1)},
     {"angle", "of coupling instead, ratio sin^2", false, Dimension::angle},
     {"loss", "of both sides", false, Dimension::level, Range::at_least(0)}},
    make};

}  // namespace wavesmith
