#include "solvers/waveguide_modes.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "physics/vacuum.hpp"
#include "solvers/section_eigenproblem.hpp"

namespace wavesmith {
namespace {

using Complex = WaveguideModes::Complex;

constexpr Complex imaginary_unit(0.0, 1.0);

// The root with a non-negative imaginary part, of the lossless wave the positive one.
Complex outgoing_root(Complex square) {
  const Complex root = std::sqrt(square);
  return root.imag() < 0.0 ? -root : root;
}

// Values at all positions from those at the numbered ones; zero at walls.
std::vector<Complex> scatter(const Eigen::VectorXcd& values, const std::vector<int>& number) {
  std::vector<Complex> spread(number.size());
  for (std::size_t i = 0; i < number.size(); ++i)
    if (number[i] >= 0) spread[i] = values[number[i]];
  return spread;
}

void scale(std::vector<Complex>& values, Complex factor) {
  for (Complex& value : values) value *= factor;
}

// Of the largest transverse E; of several within rounding of each other, the first.
Complex phase_of_largest(const SectionField& field) {
  double largest = 0.0;
  for (std::size_t c = 0; c < 2; ++c)
    for (const Complex& value : field.e[c]) largest = std::max(largest, std::abs(value));
  for (std::size_t c = 0; c < 2; ++c)
    for (const Complex& value : field.e[c])
      if (largest > 0.0 && std::abs(value) > 0.999 * largest) return value / std::abs(value);
  return 1.0;
}

void validate_field(const CrossSection& section, const SectionField& field) {
  for (int c = 0; c < 2; ++c) {
    const auto k = static_cast<std::size_t>(c);
    WAVESMITH_VALIDATE(field.e[k].size() == electric_size(section, c) &&
                           field.h[k].size() == magnetic_size(section, c),
                       "waveguide modes: a field of another section's size; take its shapes from "
                       "make_section_field");
  }
}

}  // namespace

WaveguideModes::WaveguideModes(CrossSection section, double frequency, double time_step,
                               double cell)
    : section_(std::move(section)),
      frequency_(frequency),
      time_step_(time_step),
      cell_(cell),
      free_wavenumber_(2.0 * pi * frequency / speed_of_light),
      stencil_wavenumber_(free_wavenumber_) {
  validate_cross_section(section_);
  WAVESMITH_VALIDATE(
      std::isfinite(frequency) && frequency > 0.0,
      "waveguide modes: frequency = " + std::to_string(frequency) + " Hz; it must be positive");
  WAVESMITH_VALIDATE(
      std::isfinite(time_step) && time_step >= 0.0 && std::isfinite(cell) && cell >= 0.0,
      "waveguide modes: the time step and the cell along the guide must be positive, "
      "or zero for the continuum");
  WAVESMITH_VALIDATE(pi * frequency * time_step < 0.5 * pi,
                     "waveguide modes: the time step has fewer than two samples a period of " +
                         std::to_string(frequency) + " Hz; make it shorter");
  if (time_step > 0.0)
    stencil_wavenumber_ = 2.0 * std::sin(pi * frequency * time_step) / (speed_of_light * time_step);
  areas_ = electric_areas(section_);
}

std::vector<WaveguideMode> WaveguideModes::find(int count, double index_guess,
                                                ModeFamily family) const {
  WAVESMITH_VALIDATE(std::isfinite(index_guess) && index_guess >= 0.0,
                     "waveguide modes: the index guessed is " + std::to_string(index_guess) +
                         "; it must be positive, or zero to start above all modes");
  const auto invariant = [](const Axis& axis, SectionWall wall) {
    return axis.cells() == 1 && wall == SectionWall::periodic;
  };
  WAVESMITH_VALIDATE(family == ModeFamily::all || invariant(section_.u, section_.u_low) ||
                         invariant(section_.v, section_.v_low),
                     "waveguide modes: E along u and along v are coupled in this section; ask for "
                     "all modes, or make one axis a single periodic cell");
  const SectionOperators operators = make_section_operators(
      section_, {family != ModeFamily::e_along_v, family != ModeFamily::e_along_u});
  double shift = index_guess * index_guess;
  if (index_guess == 0.0) {
    shift = operators.permittivity.maxCoeff();
    WAVESMITH_VALIDATE(shift > 0.0,
                       "waveguide modes: no permittivity of the section is positive, so there is "
                       "no largest index to start from; give a guess");
  }

  std::vector<WaveguideMode> modes;
  for (const SectionEigenpair& pair : solve_section(operators, stencil_wavenumber_, shift, count)) {
    const double k = stencil_wavenumber_;
    const Complex index = outgoing_root(pair.value);
    WaveguideMode mode;
    mode.beta = k * index;
    if (cell_ > 0.0) mode.beta = 2.0 / cell_ * std::asin(0.5 * cell_ * mode.beta);
    if (mode.beta.imag() < 0.0) mode.beta = std::conj(mode.beta);

    // The other components follow from the transverse E; at cutoff g is infinite against it.
    WAVESMITH_VALIDATE(std::abs(index) > 1e-12,
                       "waveguide modes: a mode is exactly at cutoff, where it carries no power; "
                       "change the frequency by a little");
    const Eigen::VectorXcd q = operators.apply_q(pair.vector, k);
    const Eigen::VectorXcd g = q / index;
    const Eigen::VectorXcd e_w =
        imaginary_unit / k *
        operators.inverse_permittivity_w.cast<Complex>().cwiseProduct(operators.divergence * g);
    const Eigen::VectorXcd h_w = -imaginary_unit / k * (operators.curl * pair.vector);
    SectionField& field = mode.profile;
    field.e = {scatter(pair.vector, operators.number[0]), scatter(pair.vector, operators.number[1]),
               scatter(e_w, operators.number[2])};
    field.h = {scatter(-g, operators.number[1]), scatter(g, operators.number[0]),
               std::vector<Complex>(h_w.data(), h_w.data() + h_w.size())};
    for (auto& component : field.h) scale(component, 1.0 / vacuum_impedance);

    // The quotient of left and right vectors, with the operator of the unchanged frequency.
    const Eigen::VectorXcd left = operators.areas.cast<Complex>().cwiseProduct(q);
    const Eigen::VectorXcd image = operators.matrix(free_wavenumber_) * pair.vector;
    const Complex overlap = left.cwiseProduct(pair.vector).sum();
    mode.n_eff = time_step_ > 0.0 ? outgoing_root(left.cwiseProduct(image).sum() / overlap) : index;

    const Complex norm = reciprocal_product(field, field) * half_cell_cosine(mode);
    WAVESMITH_VALIDATE(std::abs(norm) > 0.0,
                       "waveguide modes: a mode carries no power and cannot be normalised; change "
                       "the frequency by a little");
    const Complex factor = 1.0 / (std::sqrt(std::abs(norm)) * phase_of_largest(field));
    for (auto& component : field.e) scale(component, factor);
    for (auto& component : field.h) scale(component, factor);
    modes.push_back(std::move(mode));
  }
  return modes;
}

Complex WaveguideModes::cross_flux(const SectionField& e, const SectionField& h) const {
  validate_field(section_, e);
  validate_field(section_, h);
  Complex sum = 0.0;
  for (std::size_t i = 0; i < areas_[0].size(); ++i) sum += areas_[0][i] * e.e[0][i] * h.h[1][i];
  for (std::size_t i = 0; i < areas_[1].size(); ++i) sum -= areas_[1][i] * e.e[1][i] * h.h[0][i];
  return sum;
}

Complex WaveguideModes::reciprocal_product(const SectionField& a, const SectionField& b) const {
  return 0.25 * (cross_flux(a, b) + cross_flux(b, a));
}

Complex WaveguideModes::conjugated_product(const SectionField& a, const SectionField& b) const {
  SectionField conjugate = a;
  for (auto* components : {&conjugate.e, &conjugate.h})
    for (auto& values : *components)
      for (Complex& value : values) value = std::conj(value);
  return 0.25 * (cross_flux(conjugate, b) + cross_flux(b, conjugate));
}

double WaveguideModes::flux(const SectionField& field) const {
  return conjugated_product(field, field).real();
}

Complex WaveguideModes::stencil_beta(const WaveguideMode& mode) const {
  return cell_ > 0.0 ? 2.0 / cell_ * std::sin(0.5 * cell_ * mode.beta) : mode.beta;
}

Complex WaveguideModes::half_cell_cosine(const WaveguideMode& mode) const {
  return std::cos(0.5 * cell_ * mode.beta);
}

// With e and h the mode's and f, b the amplitudes, at w = 0 and p = exp(i beta s) at w = s:
//   <E, h> / N = f + b,   <e, H> / N = f p - b / p,   N = <e, h>.
// The mean of s = dw/2 and s = -dw/2 gives <e, H> / N = (f - b) cos(beta dw / 2).
ModeProjection WaveguideModes::projection(const WaveguideMode& mode,
                                          MagneticSamples samples) const {
  const Complex norm = 2.0 * reciprocal_product(mode.profile, mode.profile);
  Complex e_forward, e_backward, h_both;
  if (samples == MagneticSamples::averaged) {
    e_forward = e_backward = 0.5 / norm;
    h_both = 0.5 / (norm * half_cell_cosine(mode));
  } else {
    const double s = samples == MagneticSamples::half_cell_ahead ? 0.5 * cell_ : -0.5 * cell_;
    const Complex p = std::exp(imaginary_unit * mode.beta * s);
    const Complex denominator = norm * (p + 1.0 / p);
    e_forward = 1.0 / (p * denominator);
    e_backward = p / denominator;
    h_both = 1.0 / denominator;
  }
  ModeProjection weights{make_section_field(section_), make_section_field(section_)};
  for (std::size_t c = 0; c < 2; ++c) {
    const double sign = c == 0 ? 1.0 : -1.0;
    const std::size_t across = 1 - c;
    for (std::size_t i = 0; i < areas_[c].size(); ++i) {
      const double area = sign * areas_[c][i];
      weights.forward.e[c][i] = e_forward * area * mode.profile.h[across][i];
      weights.backward.e[c][i] = e_backward * area * mode.profile.h[across][i];
      weights.forward.h[across][i] = h_both * area * mode.profile.e[c][i];
      weights.backward.h[across][i] = -weights.forward.h[across][i];
    }
  }
  return weights;
}

ModeAmplitudes WaveguideModes::apply(const ModeProjection& projection, const SectionField& field) {
  const auto sum = [&field](const SectionField& weights) {
    Complex total = 0.0;
    for (std::size_t c = 0; c < 2; ++c) {
      WAVESMITH_VALIDATE(
          field.e[c].size() == weights.e[c].size() && field.h[c].size() == weights.h[c].size(),
          "waveguide modes: a field of another section's size; take its shapes from "
          "make_section_field");
      for (std::size_t i = 0; i < weights.e[c].size(); ++i)
        total += weights.e[c][i] * field.e[c][i];
      for (std::size_t i = 0; i < weights.h[c].size(); ++i)
        total += weights.h[c][i] * field.h[c][i];
    }
    return total;
  };
  return {sum(projection.forward), sum(projection.backward)};
}

// dB/dK = (g.g + e.eps e) / (2 g.e) * 2 - B / K, from the derivatives of P and Q, in which the
// curls are eliminated by P g = B e and Q e = B g.
Complex WaveguideModes::group_index(const WaveguideMode& mode) const {
  Complex squares = 0.0;
  Complex norm = 0.0;
  for (std::size_t c = 0; c < 2; ++c) {
    const double sign = c == 0 ? 1.0 : -1.0;
    for (std::size_t i = 0; i < areas_[c].size(); ++i) {
      const Complex e = mode.profile.e[c][i];
      const Complex g = sign * vacuum_impedance * mode.profile.h[1 - c][i];
      squares += areas_[c][i] * (g * g + section_.permittivity[c][i] * e * e);
      norm += areas_[c][i] * e * g;
    }
  }
  const Complex slope = squares / norm - stencil_beta(mode) / stencil_wavenumber_;
  return slope * std::cos(pi * frequency_ * time_step_) / half_cell_cosine(mode);
}

std::array<std::vector<Complex>, 3> WaveguideModes::permittivity_gradient(
    const WaveguideMode& mode) const {
  const Complex norm = 2.0 * vacuum_impedance * reciprocal_product(mode.profile, mode.profile);
  const Complex factor = stencil_wavenumber_ / (2.0 * norm * half_cell_cosine(mode));
  std::array<std::vector<Complex>, 3> gradient;
  for (std::size_t c = 0; c < 3; ++c) {
    const double sign = c == 2 ? -1.0 : 1.0;
    gradient[c].resize(areas_[c].size());
    for (std::size_t i = 0; i < areas_[c].size(); ++i)
      gradient[c][i] = sign * factor * areas_[c][i] * mode.profile.e[c][i] * mode.profile.e[c][i];
  }
  return gradient;
}

}  // namespace wavesmith
