// A partial mirror in a guide, without loss:
//   S11 = S22 = i sin u,  S21 = S12 = cos u,  reflectivity sin^2 u.
#include <cmath>

#include "physics/circuit_components.hpp"

namespace wavesmith {
namespace {

class Mirror final : public CircuitComponent {
 public:
  explicit Mirror(double angle)
      : CircuitComponent({"in", "out"}, {{"angle", Dimension::angle, angle}}) {}

  void scatter(double, std::span<const double> p, const ScatteringView& out) const override {
    const double c = std::cos(p[0]), s = std::sin(p[0]);
    out.join(0, 1, c);
    for (const std::size_t port : {0u, 1u}) out.set(port, port, Complex(0.0, s));
    if (!out.wants_derivatives()) return;
    out.join_derivative(0, 0, 1, -s);
    for (const std::size_t port : {0u, 1u}) out.set_derivative(0, port, port, Complex(0.0, c));
  }
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  return std::make_unique<Mirror>(coupling_angle(settings, "reflectivity", "angle"));
}

}  // namespace

const ComponentKind mirror_component = {
    "mirror",
    "Partial mirror in a guide, without loss",
    {{"reflectivity", "share of power that comes back", false, Dimension::dimensionless,
      Range::between(0, 1)},
     {"angle", "instead, reflectivity sin^2", false, Dimension::angle}},
    make};

}  // namespace wavesmith
