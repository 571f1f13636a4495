// A ring beside one guide (in, through), or between two (in, through, add, drop). With t = cos u
// and k = sin u of each coupling and x = exp(g) of once around, physics/guide_propagation.hpp,
//   one:  S_through,in = (t - x) / (1 - t x)
//   two:  S_through,in = (t1 - t2 x) / D,  S_drop,add = (t2 - t1 x) / D,
//         S_drop,in = S_through,add = -k1 k2 sqrt(x) / D,  D = 1 - t1 t2 x,
// and the same the other way (A. Yariv, Electronics Letters 36, 321 (2000); W. Bogaerts et al.,
// Laser & Photonics Reviews 6, 47 (2012)).
#include <cmath>

#include "physics/circuit_components.hpp"
#include "physics/guide_propagation.hpp"

namespace wavesmith {
namespace {

enum Port : std::size_t { in, through, add, drop };

std::vector<ComponentParameter> with_angles(std::vector<ComponentParameter> guide, double first,
                                            std::optional<double> second) {
  guide.push_back({second ? "angle1" : "angle", Dimension::angle, first});
  if (second) guide.push_back({"angle2", Dimension::angle, *second});
  return guide;
}

class Ring final : public CircuitComponent {
 public:
  Ring(std::vector<ComponentParameter> guide, double reference, double first,
       std::optional<double> second)
      : CircuitComponent(second ? std::vector<std::string>{"in", "through", "add", "drop"}
                                : std::vector<std::string>{"in", "through"},
                         with_angles(std::move(guide), first, second)),
        reference_(reference),
        two_(second.has_value()) {}

  void scatter(double frequency, std::span<const double> p,
               const ScatteringView& out) const override {
    const GuideExponent g = guide_exponent(frequency, reference_, p);
    const std::size_t guide = g.derivatives.size();
    const double t1 = std::cos(p[guide]), k1 = std::sin(p[guide]);
    // One coupling is two whose second takes nothing.
    const double t2 = two_ ? std::cos(p[guide + 1]) : 1.0, k2 = two_ ? std::sin(p[guide + 1]) : 0.0;
    const Complex half = std::exp(0.5 * g.value), x = half * half, over = 1.0 / (1.0 - t1 * t2 * x);
    const Complex pass = (t1 - t2 * x) * over, back = (t2 - t1 * x) * over,
                  cross = -k1 * k2 * half * over;
    join([&](std::size_t i, std::size_t j, Complex v) { out.join(i, j, v); }, pass, back, cross);
    if (!out.wants_derivatives()) return;
    // d(N / D) = (dN - (N / D) dD) / D.
    const auto derivative = [&](std::size_t k, Complex dt1, Complex dk1, Complex dt2, Complex dk2,
                                Complex dx, Complex dhalf) {
      const Complex slope = -(dt1 * t2 * x + t1 * dt2 * x + t1 * t2 * dx);
      join([&](std::size_t i, std::size_t j, Complex v) { out.join_derivative(k, i, j, v); },
           (dt1 - dt2 * x - t2 * dx - pass * slope) * over,
           (dt2 - dt1 * x - t1 * dx - back * slope) * over,
           (-dk1 * k2 * half - k1 * dk2 * half - k1 * k2 * dhalf - cross * slope) * over);
    };
    for (std::size_t k = 0; k < guide; ++k)
      derivative(k, 0.0, 0.0, 0.0, 0.0, x * g.derivatives[k], 0.5 * half * g.derivatives[k]);
    derivative(guide, -k1, t1, 0.0, 0.0, 0.0, 0.0);
    if (two_) derivative(guide + 1, 0.0, 0.0, -k2, t2, 0.0, 0.0);
  }

 private:
  template <class Join>
  void join(const Join& put, Complex pass, Complex back, Complex cross) const {
    put(in, through, pass);
    if (!two_) return;
    put(add, drop, back);
    put(in, drop, cross);
    put(through, add, cross);
  }

  double reference_;  // [Hz]
  bool two_;
};

std::unique_ptr<CircuitComponent> make(const ComponentSettings& settings) {
  if (settings.has("radius") == settings.has("length"))
    throw settings.error("needs its radius, or its length around, and not both; give one");
  const double length =
      settings.has("radius") ? 2.0 * pi * settings.number("radius") : settings.number("length");
  const double first = coupling_angle(settings, "ratio", "angle");
  std::optional<double> second;
  if (settings.has("ratio2") || settings.has("angle2"))
    second = coupling_angle(settings, "ratio2", "angle2");
  return std::make_unique<Ring>(guide_parameters(settings, length), guide_reference(settings),
                                first, second);
}

std::vector<ComponentKey> keys() {
  std::vector<ComponentKey> all = guide_keys();
  all.push_back({"radius", "of the ring", false, Dimension::length, Range::above(0)});
  all.push_back({"length", "around, instead", false, Dimension::length, Range::above(0)});
  const Range share = Range::between(0, 1);
  all.push_back({"ratio", "of power to the first guide", false, Dimension::dimensionless, share});
  all.push_back({"angle", "of that coupling instead, ratio sin^2", false, Dimension::angle});
  all.push_back({"ratio2", "of power to the second guide; without it there is none", false,
                 Dimension::dimensionless, share});
  all.push_back({"angle2", "of that coupling instead", false, Dimension::angle});
  return all;
}

}  // namespace

const ComponentKind ring_component = {
    "ring", "Ring beside one guide (in, through), or between two (and add, drop)", keys(), make};

}  // namespace wavesmith
