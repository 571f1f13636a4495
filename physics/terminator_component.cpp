// The end of a guide: S11 = reflection exp(i phase), reflection 0 for an end that takes all.
#include <cmath>

#include "physics/circuit_components.hpp"

namespace wavesmith {
namespace {

class Terminator final : public CircuitComponent {
 public:
  Terminator(double reflection, double phase)
      : CircuitComponent({"in"}, {{"reflection", Dimension::dimensionless, reflection},
                                  {"phase", Dimension::angle, phase}}) {}

  void scatter(double, std::span<const double> p, const ScatteringView& out) const override {
    const Complex turn = std::polar(1.0, p[1]);
    out.set(0, 0, p[0] * turn);
    if (!out.wants_derivatives()) return;
    out.set_derivative(0, 0, 0, turn);
    out.set_derivative(1, 0, 0, Complex(0.0, 1.0) * p[0] * turn);
  }
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  const double power = settings.number("reflectivity", 0.0);
  return std::make_unique<Terminator>(std::sqrt(power), settings.number("phase", 0.0));
}

}  // namespace

const ComponentKind terminator_component = {
    "terminator",
    "End of a guide, with the share of power that it sends back",
    {{"reflectivity", "share of power that comes back", false, Dimension::dimensionless,
      Range::between(0, 1)},
     {"phase", "of what comes back", false, Dimension::angle}},
    make};

}  // namespace wavesmith
