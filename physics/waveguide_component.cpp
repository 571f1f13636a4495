// A piece of a waveguide, matched: S21 = exp(i beta L - ln(10) / 20 A L), see
// physics/guide_propagation.hpp.
#include "physics/circuit_components.hpp"
#include "physics/guide_propagation.hpp"

namespace wavesmith {
namespace {

class Waveguide final : public CircuitComponent {
 public:
  Waveguide(std::vector<ComponentParameter> guide, double reference)
      : CircuitComponent({"in", "out"}, std::move(guide)), reference_(reference) {}

  void scatter(double frequency, std::span<const double> p,
               const ScatteringView& out) const override {
    const GuideExponent g = guide_exponent(frequency, reference_, p);
    const Complex through = std::exp(g.value);
    out.join(0, 1, through);
    if (!out.wants_derivatives()) return;
    for (std::size_t k = 0; k < g.derivatives.size(); ++k)
      out.join_derivative(k, 0, 1, g.derivatives[k] * through);
  }

 private:
  double reference_;  // [Hz]
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  return std::make_unique<Waveguide>(guide_parameters(settings, settings.number("length")),
                                     guide_reference(settings));
}

std::vector<ComponentKey> keys() {
  std::vector<ComponentKey> all = guide_keys();
  all.push_back({"length", "of the piece", false, Dimension::length, Range::at_least(0)});
  return all;
}

}  // namespace

const ComponentKind waveguide_component = {
    "waveguide", "Piece of a guide with its index, group index, dispersion and loss", keys(), make};

}  // namespace wavesmith
