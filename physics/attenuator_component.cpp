// An attenuator, matched: S21 = 10^(-attenuation / 20), at every frequency.
#include "physics/circuit_components.hpp"

namespace wavesmith {
namespace {

class Attenuator final : public CircuitComponent {
 public:
  explicit Attenuator(double attenuation)
      : CircuitComponent({"in", "out"}, {{"attenuation", Dimension::level, attenuation}}) {}

  void scatter(double, std::span<const double> p, const ScatteringView& out) const override {
    const double through = amplitude_of_loss(p[0]);
    out.join(0, 1, through);
    if (out.wants_derivatives()) out.join_derivative(0, 0, 1, amplitude_per_level * through);
  }
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  return std::make_unique<Attenuator>(settings.number("attenuation"));
}

}  // namespace

const ComponentKind attenuator_component = {
    "attenuator",
    "Attenuation, the same at every frequency",
    {{"attenuation", "of power", false, Dimension::level, Range::at_least(0)}},
    make};

}  // namespace wavesmith
