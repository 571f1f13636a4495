#include "solvers/mode_source.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/filtered_signals.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// The band in which a mode is tabulated: below this share of the peak it may differ.
constexpr double band_level = 1e-3;
constexpr double most_imaginary = 1e-6;  // of beta and profile, of a mode that propagates

std::vector<double> chebyshev_points(double low, double high, int count) {
  std::vector<double> points;
  for (int m = 0; m < count; ++m)
    points.push_back(0.5 * (low + high) - 0.5 * (high - low) * std::cos(pi * (m + 0.5) / count));
  return points;
}

// Lagrange's polynomials of the points at x, which is taken to the nearer end outside of them.
std::vector<double> lagrange_weights(const std::vector<double>& points, double x) {
  x = std::clamp(x, points.front(), points.back());
  std::vector<double> weights(points.size(), 1.0);
  for (std::size_t m = 0; m < points.size(); ++m)
    for (std::size_t l = 0; l < points.size(); ++l)
      if (l != m) weights[m] *= (x - points[l]) / (points[m] - points[l]);
  return weights;
}

// The phase constant over frequency: the polynomial, continued along its slope at the ends.
class PhaseConstant {
 public:
  PhaseConstant(std::vector<double> points, std::vector<double> beta)
      : points_(std::move(points)), beta_(std::move(beta)) {}

  double at(double f) const {
    if (points_.size() == 1) return beta_[0] * f / points_[0];
    const double inside = std::clamp(f, points_.front(), points_.back());
    const double step = 1e-4 * (points_.back() - points_.front()) * (f < inside ? 1.0 : -1.0);
    const double slope = (polynomial(inside + step) - polynomial(inside)) / step;
    return polynomial(inside) + slope * (f - inside);
  }

 private:
  double polynomial(double f) const {
    const std::vector<double> weights = lagrange_weights(points_, f);
    double sum = 0.0;
    for (std::size_t m = 0; m < weights.size(); ++m) sum += weights[m] * beta_[m];
    return sum;
  }
  std::vector<double> points_, beta_;
};

void flip(WaveguideMode& mode) {
  for (auto* group : {&mode.profile.e, &mode.profile.h})
    for (auto& component : *group)
      for (Complex& value : component) value = -value;
}

double largest(const std::vector<Complex>& values, bool imaginary) {
  double most = 0.0;
  for (const Complex& value : values)
    most = std::max(most, imaginary ? std::abs(value.imag()) : std::abs(value));
  return most;
}

void require_propagating(const WaveguideMode& mode, double frequency) {
  const bool real = std::abs(mode.beta.imag()) < most_imaginary * std::abs(mode.beta.real());
  double size = 0.0, imaginary = 0.0;
  for (std::size_t c = 0; c < 2; ++c) {
    size = std::max(size, largest(mode.profile.e[c], false));
    imaginary = std::max(imaginary, largest(mode.profile.e[c], true));
  }
  WAVESMITH_VALIDATE(real && imaginary < 1e-3 * size,
                     "the mode to be launched does not propagate at " + std::to_string(frequency) +
                         " Hz (index " + std::to_string(mode.n_eff.real()) + " + " +
                         std::to_string(mode.n_eff.imag()) +
                         " i); choose another mode, or a narrower band above its cutoff");
}

// The same mode at another frequency: the one that is most alike.
WaveguideMode follow(const WaveguideModes& modes, const WaveguideMode& before,
                     const OneMode& choice) {
  const int count = 3;
  const std::vector<WaveguideMode> near = modes.find(count, before.n_eff.real(), choice.family);
  std::size_t best = 0;
  Complex overlap = 0.0;
  for (std::size_t m = 0; m < near.size(); ++m) {
    const Complex now = modes.reciprocal_product(before.profile, near[m].profile);
    if (std::abs(now) > std::abs(overlap)) best = m, overlap = now;
  }
  WaveguideMode mode = near[best];
  if (overlap.real() < 0.0) flip(mode);
  return mode;
}

// Whether the section's E of this component is held at zero at position (a, b).
bool in_wall(const CrossSection& section, int component, int a, int b) {
  const bool along_u = component == 0;  // E_u lies on edges of v
  const int i = along_u ? b : a;
  const int n = along_u ? section.v.cells() : section.u.cells();
  const SectionWall low = along_u ? section.v_low : section.u_low;
  const SectionWall high = along_u ? section.v_high : section.u_high;
  return (i == 0 && low == SectionWall::electric) || (i == n && high == SectionWall::electric);
}

}  // namespace

ModeFamily family_of_ez(const SectionPlane& plane) {
  return plane.u() == 2 ? ModeFamily::e_along_u : ModeFamily::e_along_v;
}

WaveguideMode find_mode(const WaveguideModes& modes, const OneMode& choice) {
  WAVESMITH_VALIDATE(choice.number >= 0 && choice.number < 1000,
                     "modes are numbered from 0 on; mode " + std::to_string(choice.number) +
                         " is not among those that can be looked for");
  const std::vector<WaveguideMode> found =
      modes.find(choice.number + 1, choice.index_guess, choice.family);
  WAVESMITH_VALIDATE(static_cast<int>(found.size()) > choice.number,
                     "the section has only " + std::to_string(found.size()) + " modes");
  return found[static_cast<std::size_t>(choice.number)];
}

ModeSource mode_source(const TimeDomainSetup& setup, const WaveContext& context,
                       const SectionPlane& plane, Travel travel, const OneMode& choice,
                       double amplitude, const Waveform& waveform, int points) {
  WAVESMITH_VALIDATE(context.equations != Equations::sound, "sound has no waveguide modes here");
  WAVESMITH_VALIDATE(points >= 1 && points <= 16,
                     "a mode source takes its mode at 1 to 16 frequencies");
  OneMode chosen = choice;
  if (context.equations == Equations::tm) chosen.family = family_of_ez(plane);
  const Axis& line = context.grid.axis(plane.axis);
  const double cell = line.width(plane.index);
  WAVESMITH_VALIDATE(std::abs(line.width(plane.index - 1) / cell - 1.0) < 1e-9,
                     std::string("a mode source across ") + "xyz"[plane.axis] +
                         " lies between cells of different widths; move it to where they are "
                         "alike");

  ModeSource result;
  const std::array<double, 2> band = band_of(waveform, band_level);
  if (waveform.period > 0.0 || points == 1)
    result.frequencies = {waveform.frequency};
  else
    result.frequencies = chebyshev_points(std::max(band[0], 0.02 * waveform.frequency),
                                          std::min(band[1], 0.45 / setup.dt), points);
  const std::size_t count = result.frequencies.size();
  const auto modes_at = [&](double f) {
    return WaveguideModes(cross_section_at(setup, plane, f), f, setup.dt, cell);
  };
  // From the middle outwards.
  result.modes.resize(count);
  const std::size_t middle = count / 2;
  result.modes[middle] = find_mode(modes_at(result.frequencies[middle]), chosen);
  for (std::size_t m = middle + 1; m < count; ++m)
    result.modes[m] = follow(modes_at(result.frequencies[m]), result.modes[m - 1], chosen);
  for (std::size_t m = middle; m-- > 0;)
    result.modes[m] = follow(modes_at(result.frequencies[m]), result.modes[m + 1], chosen);
  std::vector<double> beta;
  for (std::size_t m = 0; m < count; ++m) {
    require_propagating(result.modes[m], result.frequencies[m]);
    beta.push_back(result.modes[m].beta.real());
  }

  // Signals: of the E of the mode, and of its H half a cell earlier.
  const PhaseConstant phase(result.frequencies, beta);
  const auto signals = [&](double distance) {
    const double delay =
        std::abs(distance) * phase.at(waveform.frequency) / (2.0 * pi * waveform.frequency);
    const double spread = 8.0 * (delay + setup.dt) + 1.0 / waveform.frequency;
    return std::make_shared<const FilteredSignals>(
        waveform, static_cast<int>(count),
        [&, distance](double f, std::span<Complex> factors) {
          const std::vector<double> weights = lagrange_weights(result.frequencies, f);
          for (std::size_t m = 0; m < count; ++m)
            factors[m] = weights[m] * std::polar(1.0, phase.at(f) * distance);
        },
        spread, spread);
  };
  const auto electric = signals(0.0), magnetic = signals(-0.5 * cell);

  const CrossSection section = cross_section_at(setup, plane, waveform.frequency);
  const bool forward = travel == Travel::forward;
  const std::array<int, 2> axes = {plane.u(), plane.v()};
  for (const StoredField& field : fields_of(context.equations, context.impedance)) {
    const bool is_electric = field.name[0] == 'E';
    const int along = field.name[1] - 'x';
    if (along == plane.axis) continue;
    // With w the axis: (w x F)_u = -F_v, (w x F)_v = F_u. Both directions have the same J: n and
    // the transverse H change their signs.
    const int which = along == axes[0] ? 0 : 1;
    const double turn = which == 0 ? -1.0 : 1.0;
    const double sign = amplitude * turn * (is_electric || !forward ? 1.0 : -1.0);
    SectionPlane at = plane;
    if (!is_electric && forward) at.index -= 1;
    TimeSource source;
    source.component = field.component;
    source.box = section_points(context, at, field);
    source.rank = static_cast<int>(count);
    const std::size_t number = source.box.count();
    source.weights.assign(count * number, 0.0);
    const double width =
        point_width(context, plane.axis, is_electric ? Place::edge : Place::centre, at.index);
    std::vector<double> density(number);
    for_each_point(source.box, [&](const std::array<int, 3>& p, std::size_t n) {
      density[n] = sign / width * density_weight(context, field, p);
    });
    // J_u has H_v, which lies where E_u does; M_u has E_v, which lies where H_u does.
    const int own = is_electric ? which : 1 - which;
    const std::array<int, 2> shape = electric_shape(section, own);
    for (std::size_t m = 0; m < count; ++m) {
      const SectionField& profile = result.modes[m].profile;
      const std::vector<Complex>& other =
          (is_electric ? profile.h : profile.e)[static_cast<std::size_t>(1 - which)];
      for (int b = 0; b < shape[1]; ++b)
        for (int a = 0; a < shape[0]; ++a) {
          if (in_wall(section, own, a, b)) continue;
          const auto n = number_of_position(context, at, source.box, a, b);
          if (!n) continue;
          const auto position = static_cast<std::size_t>(b * shape[0] + a);
          // A copy at the far side of a periodic axis is its first point's.
          if (source.weights[m * number + *n] != 0.0) continue;
          source.weights[m * number + *n] = density[*n] * other[position].real();
        }
    }
    const bool silent = std::all_of(source.weights.begin(), source.weights.end(),
                                    [](double w) { return w == 0.0; });
    if (silent) continue;
    source.signal = [signals = is_electric ? magnetic : electric](int rank, double time) {
      return signals->at(time, rank);
    };
    result.sources.push_back(std::move(source));
  }
  return result;
}

}  // namespace wavesmith
