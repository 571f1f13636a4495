// A crossing of two guides without reflection: between in1 and out1, and in2 and out2,
//   S = 10^(-loss / 20),
// and from each of a guide's ends to each of the other's S = i x, x^2 the crosstalk. It gives no
// more power than it takes where 10^(-loss / 10) + 4 x^2 <= 1.
#include <fmt/format.h>

#include <cmath>

#include "physics/circuit_components.hpp"

namespace wavesmith {
namespace {

class Crossing final : public CircuitComponent {
 public:
  Crossing(double loss, double crosstalk)
      : CircuitComponent({"in1", "out1", "in2", "out2"},
                         {{"loss", Dimension::level, loss},
                          {"crosstalk", Dimension::dimensionless, crosstalk}}) {}

  void scatter(double, std::span<const double> p, const ScatteringView& out) const override {
    const double through = amplitude_of_loss(p[0]);
    out.join(0, 1, through);
    out.join(2, 3, through);
    for (const std::size_t a : {0u, 1u})
      for (const std::size_t b : {2u, 3u}) out.join(a, b, Complex(0.0, p[1]));
    if (!out.wants_derivatives()) return;
    out.join_derivative(0, 0, 1, amplitude_per_level * through);
    out.join_derivative(0, 2, 3, amplitude_per_level * through);
    for (const std::size_t a : {0u, 1u})
      for (const std::size_t b : {2u, 3u}) out.join_derivative(1, a, b, Complex(0.0, 1.0));
  }
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  const double loss = settings.number("loss", 0.0);
  const double crosstalk =
      settings.has("crosstalk") ? amplitude_of_loss(-settings.number("crosstalk")) : 0.0;
  const double power = std::pow(amplitude_of_loss(loss), 2) + 4.0 * crosstalk * crosstalk;
  if (power > 1.0 + 1e-12)
    throw settings.error(fmt::format(
        "gives {:.6g} of the power that it takes: with a crosstalk of {:g} dB it has a loss of at "
        "least {:.3g} dB; raise loss",
        power, settings.number("crosstalk"),
        -10.0 * std::log10(1.0 - 4.0 * crosstalk * crosstalk)));
  return std::make_unique<Crossing>(loss, crosstalk);
}

}  // namespace

const ComponentKind crossing_component = {
    "crossing",
    "Crossing of two guides: in1 to out1 and in2 to out2, with crosstalk to each of the other's "
    "ends",
    {{"loss", "of each guide", false, Dimension::level, Range::at_least(0)},
     {"crosstalk", "power to each end of the other guide", false, Dimension::level,
      Range::below(-6.1)}},
    make};

}  // namespace wavesmith
