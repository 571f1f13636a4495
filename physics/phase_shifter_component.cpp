// A phase shifter, matched: S21 = 10^(-loss / 20) exp(i phase), at every frequency.
#include <cmath>

#include "physics/circuit_components.hpp"

namespace wavesmith {
namespace {

class PhaseShifter final : public CircuitComponent {
 public:
  PhaseShifter(double phase, double loss)
      : CircuitComponent({"in", "out"},
                         {{"phase", Dimension::angle, phase}, {"loss", Dimension::level, loss}}) {}

  void scatter(double, std::span<const double> p, const ScatteringView& out) const override {
    const Complex through = std::polar(amplitude_of_loss(p[1]), p[0]);
    out.join(0, 1, through);
    if (!out.wants_derivatives()) return;
    out.join_derivative(0, 0, 1, Complex(0.0, 1.0) * through);
    out.join_derivative(1, 0, 1, amplitude_per_level * through);
  }
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  return std::make_unique<PhaseShifter>(settings.number("phase"), settings.number("loss", 0.0));
}

}  // namespace

const ComponentKind phase_shifter_component = {
    "phase_shifter",
    "Phase, the same at every frequency",
    {{"phase", "that out is ahead of in", false, Dimension::angle},
     {"loss", "", false, Dimension::level, Range::at_least(0)}},
    make};

}  // namespace wavesmith
