#include "training/mesh_activation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <complex>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Kind = MeshActivation::Kind;

// z = h(p) y with p = |y|^2: h and dh/dp.
template <class T>
struct Factor {
  std::complex<T> value, slope;
};

template <class T>
std::complex<T> product(std::complex<T> a, std::complex<T> b) {  // without the checks of a library
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

template <class T>
Factor<T> factor_at(const MeshActivation& activation, T power) {
  const T rest = static_cast<T>(std::sqrt(1.0 - activation.tap));
  const T per_power = static_cast<T>(activation.gain * activation.tap);
  const T a = static_cast<T>(activation.bias) + per_power * power;
  if (activation.kind == Kind::electro_optic) {
    const T c = std::cos(a), s = std::sin(a);
    return {{-rest * s / 2, rest * (1 + c) / 2},
            {-rest * per_power * c / 2, -rest * per_power * s / 2}};
  }
  const T coupling = static_cast<T>(activation.coupling);
  const T norm = 1 / (1 + a * a);  // 1 / (1 - i a) = (1 + i a) norm
  const std::complex<T> pole{norm, a * norm};
  const std::complex<T> squared = product(pole, pole);
  return {{rest * (1 - coupling * pole.real()), -rest * coupling * pole.imag()},
          {rest * per_power * coupling * squared.imag(),
           -rest * per_power * coupling * squared.real()}};
}

}  // namespace

void MeshActivation::validate() const {
  WAVESMITH_VALIDATE(tap >= 0.0 && tap < 1.0,
                     fmt::format("activation: tap is {}; it is a share of the power, 0 or more and "
                                 "below 1",
                                 tap));
  validate_finite(gain, "activation: gain");
  validate_finite(bias, "activation: bias");
  validate_between(coupling, 0.0, 2.0, "activation: coupling of the resonator");
}

const std::vector<MeshActivationEntry>& list_mesh_activations() {
  static const std::vector<MeshActivationEntry> entries{
      {"none", "light goes on as it is", Kind::none},
      {"magnitude", "light with the measured amplitude and phase 0 is sent on", Kind::magnitude},
      {"power", "light with the measured power as amplitude is sent on", Kind::power},
      {"electro_optic", "tapped light drives the phase of an interferometer with the rest",
       Kind::electro_optic},
      {"resonator", "tapped light tunes a ring beside the waveguide", Kind::resonator},
  };
  return entries;
}

template <class T>
void activate(const MeshActivation& activation, LaneField<const T> y, LaneField<T> z,
              std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const T re = y.re[i], im = y.im[i], power = re * re + im * im;
    switch (activation.kind) {
      case Kind::none:
        z.re[i] = re;
        z.im[i] = im;
        break;
      case Kind::magnitude:
        z.re[i] = std::sqrt(power);
        z.im[i] = 0;
        break;
      case Kind::power:
        z.re[i] = power;
        z.im[i] = 0;
        break;
      default: {
        const std::complex<T> out = product(factor_at(activation, power).value, {re, im});
        z.re[i] = out.real();
        z.im[i] = out.imag();
      }
    }
  }
}

template <class T>
void pull_back_activation(const MeshActivation& activation, LaneField<const T> y, LaneField<T> g,
                          std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const T re = y.re[i], im = y.im[i], power = re * re + im * im;
    switch (activation.kind) {
      case Kind::none:
        break;
      case Kind::magnitude: {
        // d|y| = Re(e^{-i arg y} dy).
        const T along = power > 0 ? g.re[i] / std::sqrt(power) : T(0);
        g.re[i] = along * re;
        g.im[i] = -along * im;
        break;
      }
      case Kind::power: {
        const T along = 2 * g.re[i];
        g.re[i] = along * re;
        g.im[i] = -along * im;
        break;
      }
      default: {
        // dz = h dy + y h' dp, dp = 2 Re(y* dy).
        const Factor<T> h = factor_at(activation, power);
        const std::complex<T> of_z{g.re[i], g.im[i]};
        const std::complex<T> direct = product(of_z, h.value);
        const T along = 2 * product(of_z, product(h.slope, {re, im})).real();
        g.re[i] = direct.real() + along * re;
        g.im[i] = direct.imag() - along * im;
      }
    }
  }
}

template void activate(const MeshActivation&, LaneField<const float>, LaneField<float>,
                       std::size_t);
template void activate(const MeshActivation&, LaneField<const double>, LaneField<double>,
                       std::size_t);
template void pull_back_activation(const MeshActivation&, LaneField<const float>, LaneField<float>,
                                   std::size_t);
template void pull_back_activation(const MeshActivation&, LaneField<const double>,
                                   LaneField<double>, std::size_t);

}  // namespace wavesmith
