#include "solvers/gaussian_beam.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/vacuum.hpp"
#include "solvers/filtered_signals.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr double band_level = 1e-3;
constexpr double least_amplitude = 1e-10;  // of plane waves
constexpr double most_waves = 4096;        // along one axis

double dot(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

// Fields on the sheet at one frequency, [field][point of it].
using Profiles = std::vector<std::vector<Complex>>;

class BeamBuilder {
 public:
  BeamBuilder(const WaveContext& context, const GaussianBeam& beam)
      : context_(context), beam_(beam), fields_(fields_of(context.equations, context.impedance)) {
    validate();
    find_medium();
    place_sheet();
  }

  BeamSource build() {
    const std::array<double, 2> band =
        beam_.waveform.period > 0.0 ? std::array{beam_.waveform.frequency, beam_.waveform.frequency}
                                    : band_of(beam_.waveform, band_level);
    const double highest = 0.9 * std::asin(std::min(1.0, slowest_)) / (pi * context_.dt);
    WAVESMITH_VALIDATE(band[1] < highest,
                       "a beam has frequencies up to " + std::to_string(band[1]) +
                           " Hz, but cells of this size carry waves below " +
                           std::to_string(highest) + " Hz; use smaller cells or a longer pulse");
    BeamSource result;
    result.crossing = crossing_;
    result.delay = delay_;
    result.frequencies = frequencies(band);
    std::vector<Profiles> profiles;
    for (const double f : result.frequencies) profiles.push_back(profiles_at(f));

    const auto count = result.frequencies.size();
    const double spread = 4.0 / beam_.waveform.frequency;
    const auto signals = std::make_shared<const FilteredSignals>(
        beam_.waveform, static_cast<int>(2 * count),
        [&](double f, std::span<Complex> factors) {
          const double x = std::clamp(f, result.frequencies.front(), result.frequencies.back());
          const Complex turn = std::polar(1.0, 2.0 * pi * f * delay_);
          for (std::size_t m = 0; m < count; ++m) {
            double weight = 1.0;
            for (std::size_t l = 0; l < count; ++l)
              if (l != m)
                weight *=
                    (x - result.frequencies[l]) / (result.frequencies[m] - result.frequencies[l]);
            factors[2 * m] = weight * turn;
            factors[2 * m + 1] = Complex(0.0, weight) * turn;
          }
        },
        spread, delay_ + spread);
    for (std::size_t i = 0; i < fields_.size(); ++i) add_source(i, profiles, signals, result);
    return result;
  }

 private:
  void validate() {
    WAVESMITH_VALIDATE(beam_.axis >= 0 && beam_.axis < 3 && varies(context_, beam_.axis),
                       "a beam's sheet lies across an axis along which the grid has cells");
    direction_ = beam_.direction;
    const double length = std::sqrt(dot(direction_, direction_));
    WAVESMITH_VALIDATE(length > 0.0 && std::isfinite(length),
                       "a beam needs a direction, of any length but zero");
    for (std::size_t d = 0; d < 3; ++d) {
      direction_[d] /= length;
      WAVESMITH_VALIDATE(
          varies(context_, static_cast<int>(d)) || direction_[d] == 0.0,
          std::string("a beam travels along ") + "xyz"[d] + ", where the grid has one cell");
    }
    const double across = direction_[static_cast<std::size_t>(beam_.axis)];
    WAVESMITH_VALIDATE(std::abs(across) > 0.3,
                       "a beam runs along its sheet; put the sheet across another axis");
    side_ = across > 0.0 ? 1.0 : -1.0;
    if (context_.equations == Equations::maxwell) {
      const double along = dot(direction_, beam_.polarisation);
      const double square = dot(beam_.polarisation, beam_.polarisation);
      WAVESMITH_VALIDATE(square - along * along > 1e-6 * square && square > 0.0,
                         "a beam is polarised along its direction; E must lie across it");
      for (std::size_t d = 0; d < 3; ++d)
        polarisation_[d] =
            (beam_.polarisation[d] - along * direction_[d]) / std::sqrt(square - along * along);
    } else {
      polarisation_ = {0.0, 0.0, 1.0};
    }
  }

  void find_medium() {
    const int split = first_group_size(context_.size.system);
    const std::size_t w = static_cast<std::size_t>(beam_.axis);
    index_ = nearest_point(context_, beam_.axis, Place::edge, beam_.plane);
    const Axis& line = context_.grid.axis(beam_.axis);
    WAVESMITH_VALIDATE(index_ > std::max(0, context_.size.shell_low[w]) &&
                           index_ < line.cells() - context_.size.shell_high[w],
                       "the sheet of a beam lies in a face or an absorbing layer of the grid; move "
                       "it inside");
    for (int axis = 0; axis < 3; ++axis) {
      const std::size_t d = static_cast<std::size_t>(axis);
      if (!varies(context_, axis)) continue;
      const Axis& along = context_.grid.axis(axis);
      int begin = context_.size.shell_low[d], end = along.cells() - context_.size.shell_high[d];
      if (axis == beam_.axis) begin = index_ - 1, end = index_ + 1;
      cells_[d] = along.width(begin);
      for (int i = begin; i < end; ++i)
        WAVESMITH_VALIDATE(std::abs(along.width(i) / cells_[d] - 1.0) < 1e-9,
                           std::string("the sheet of a beam crosses cells of different widths "
                                       "along ") +
                               "xyz"[axis] + "; grade the grid elsewhere");
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      double& known = fields_[i].component < split ? first_ : second_;
      if (!driven(i)) continue;
      for_each_point(sheet_box(i), [&](const std::array<int, 3>& p, std::size_t) {
        const double value = coefficient_at(context_, fields_[i].component, p);
        if (known == 0.0) known = value;
        WAVESMITH_VALIDATE(std::abs(value / known - 1.0) < 1e-12,
                           "the sheet of a beam crosses several media; put it into one");
      });
    }
    velocity_ = context_.speed * std::sqrt(first_ * second_);
    // Of the narrowest waves that an axis carries: sin(w dt / 2) below speed dt / width.
    double widest = 0.0;
    for (int d = 0; d < 3; ++d)
      if (varies(context_, d)) widest = std::max(widest, cells_[static_cast<std::size_t>(d)]);
    slowest_ = velocity_ * context_.dt / widest;
    WAVESMITH_VALIDATE(beam_.waist > 0.33 * velocity_ / beam_.waveform.frequency,
                       "the waist of a beam is narrower than a third of the wavelength, " +
                           std::to_string(velocity_ / beam_.waveform.frequency) +
                           " m; no beam is; make it wider");
  }

  void place_sheet() {
    const std::size_t w = static_cast<std::size_t>(beam_.axis);
    sheet_ = context_.grid.axis(beam_.axis).edge(index_);
    const double along = (sheet_ - beam_.focus[w]) / direction_[w];
    for (std::size_t d = 0; d < 3; ++d) crossing_[d] = beam_.focus[d] + along * direction_[d];
    // Points that the wave reaches before it reaches the crossing, as far as the beam is wide.
    const double rayleigh = pi * beam_.waist * beam_.waist * beam_.waveform.frequency / velocity_;
    width_ = beam_.waist * std::hypot(1.0, along / rayleigh) / std::abs(direction_[w]);
    for (std::size_t d = 0; d < 3; ++d) {
      if (d == w || !varies(context_, static_cast<int>(d))) continue;
      const Axis& axis = context_.grid.axes[d];
      const double reach =
          std::max(std::abs(axis.low() - crossing_[d]), std::abs(axis.high() - crossing_[d]));
      delay_ += std::abs(direction_[d]) * std::min(reach, 5.0 * width_) / velocity_;
    }
  }

  // As many as the phase over the band and the beam's width on the sheet needs.
  std::vector<double> frequencies(const std::array<double, 2>& band) const {
    if (band[0] == band[1]) return {band[0]};
    const double low = std::max(band[0], 0.1 * beam_.waveform.frequency);
    const double half = 0.5 * (band[1] - low);
    const double rayleigh = pi * beam_.waist * beam_.waist * beam_.waveform.frequency / velocity_;
    const double distance = std::abs(crossing_[static_cast<std::size_t>(beam_.axis)] -
                                     beam_.focus[static_cast<std::size_t>(beam_.axis)]);
    // Across the tilted sheet, and of the curved front three widths off the axis.
    const double phase = 0.8 * 2.0 * pi * half * delay_ +
                         9.0 * half / beam_.waveform.frequency * distance / rayleigh + 1.0;
    int count = 5;
    while (std::pow(std::min(1.0, 1.36 * phase / count), count) > 1e-6 && count < 64) ++count;
    std::vector<double> points;
    for (int m = 0; m < count; ++m)
      points.push_back(low + half * (1.0 - std::cos(pi * (m + 0.5) / count)));
    return points;
  }

  bool is_sound() const { return context_.equations == Equations::sound; }
  bool is_first(std::size_t i) const {
    return fields_[i].component < first_group_size(context_.size.system);
  }

  // E and H across the axis, p and the velocity along it.
  bool driven(std::size_t i) const {
    if (is_sound()) return is_first(i) || fields_[i].name[1] - 'x' == beam_.axis;
    return fields_[i].name[1] - 'x' != beam_.axis;
  }

  // Points of a field on the sheet, H and v half a cell behind it, outside of absorbing layers.
  GridBox sheet_box(std::size_t i) const {
    GridBox box;
    for (int axis = 0; axis < 3; ++axis) {
      const std::size_t d = static_cast<std::size_t>(axis);
      box.begin[d] = 0;
      box.end[d] = 1;
      if (axis == beam_.axis) {
        box.begin[d] = index_ - (!is_first(i) && side_ > 0.0 ? 1 : 0);
        box.end[d] = box.begin[d] + 1;
      } else if (varies(context_, axis)) {
        const bool edge = fields_[i].places[d] == Place::edge;
        box.begin[d] = context_.size.shell_low[d] + (edge && context_.size.wall_low[d] ? 1 : 0);
        box.end[d] =
            point_count(context_, axis, fields_[i].places[d]) - context_.size.shell_high[d];
      }
    }
    return box;
  }

  // The fields at the sheet's points, relative to exp(i k n . (crossing - focus)): sums over plane
  // waves, first along u, then along v.
  Profiles profiles_at(double frequency) const {
    const std::size_t w = static_cast<std::size_t>(beam_.axis), u = (w + 1) % 3, v = (w + 2) % 3;
    const double time =
        2.0 / (context_.speed * context_.dt) * std::sin(pi * frequency * context_.dt);
    const double square = time * time / (first_ * second_);
    const double k = 2.0 * pi * frequency / velocity_;
    std::array<std::vector<double>, 3> q;
    std::array<double, 3> step = {1.0, 1.0, 1.0};
    double norm = beam_.amplitude;
    for (const std::size_t d : {u, v}) {
      if (!varies(context_, static_cast<int>(d))) {
        q[d] = {0.0};
        continue;
      }
      // Copies of the beam lie a period apart, beyond the grid and the beam's skirts.
      const Axis& axis = context_.grid.axes[d];
      double period = axis.high() - axis.low();
      if (!context_.size.periodic[d])
        period = 2.0 * (period + std::max(0.0, std::max(axis.low() - crossing_[d],
                                                        crossing_[d] - axis.high()))) +
                 12.0 * width_;
      step[d] = 2.0 * pi / period;
      const double most = std::min(1.2 * k, pi / cells_[d]);
      const int half = static_cast<int>(most / step[d]);
      WAVESMITH_VALIDATE(half < most_waves, "a beam's sheet is more than " +
                                                std::to_string(most_waves) +
                                                " wavelengths long; make it smaller");
      for (int n = -half; n <= half; ++n) q[d].push_back(n * step[d]);
      norm *= step[d] * beam_.waist / (2.0 * std::sqrt(pi));
    }
    Profiles profiles(fields_.size());
    std::vector<GridBox> boxes(fields_.size());
    std::vector<std::vector<std::vector<Complex>>> turns_u(fields_.size());
    const auto phases = [&](std::size_t i, std::size_t d) {
      std::vector<std::vector<Complex>> all(q[d].size());
      for (std::size_t n = 0; n < q[d].size(); ++n)
        for (int p = boxes[i].begin[d]; p < boxes[i].end[d]; ++p) {
          const double x = point_position(context_, static_cast<int>(d), fields_[i].places[d], p);
          all[n].push_back(std::polar(1.0, q[d][n] * (x - crossing_[d])));
        }
      return all;
    };
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (!driven(i)) continue;
      boxes[i] = sheet_box(i);
      turns_u[i] = phases(i, u);
      profiles[i].assign(boxes[i].count(), 0.0);
    }
    Vec3 from_focus{};
    for (std::size_t d = 0; d < 3; ++d) from_focus[d] = crossing_[d] - beam_.focus[d];
    const double axis_phase = wavenumber_along_axis(square) * dot(direction_, from_focus);
    for (std::size_t nv = 0; nv < q[v].size(); ++nv) {
      std::vector<std::vector<Complex>> row(fields_.size());
      for (std::size_t i = 0; i < fields_.size(); ++i)
        if (driven(i)) row[i].assign(turns_u[i][0].size(), 0.0);
      bool any = false;
      for (std::size_t nu = 0; nu < q[u].size(); ++nu) {
        Vec3 wave{}, kappa{};
        wave[u] = q[u][nu];
        wave[v] = q[v][nv];
        double rest = square;
        for (const std::size_t d : {u, v}) {
          if (cells_[d] > 0.0) kappa[d] = 2.0 / cells_[d] * std::sin(0.5 * wave[d] * cells_[d]);
          rest -= kappa[d] * kappa[d];
        }
        if (rest <= 0.0) continue;  // evanescent
        kappa[w] = side_ * std::sqrt(rest);
        const double sine = 0.5 * cells_[w] * kappa[w];
        if (std::abs(sine) >= 1.0) continue;
        wave[w] = 2.0 / cells_[w] * std::asin(sine);
        const double along = dot(wave, direction_);
        const double across = std::max(0.0, dot(wave, wave) - along * along);
        if (along <= 0.0) continue;
        const double size = std::exp(-0.25 * beam_.waist * beam_.waist * across);
        if (size < least_amplitude || along_polarisation(kappa)) continue;
        any = true;
        // From the sheet's wave vectors to those across the beam.
        const Complex amplitude = norm * size * along / std::abs(wave[w]) *
                                  std::polar(1.0, dot(wave, from_focus) - axis_phase);
        const std::vector<Complex> values = fields_of_wave(kappa, time);
        for (std::size_t i = 0; i < fields_.size(); ++i) {
          if (!driven(i)) continue;
          // Half a cell behind, along the way of the wave.
          const Complex behind =
              is_first(i) ? Complex(1.0) : std::polar(1.0, -0.5 * side_ * wave[w] * cells_[w]);
          const Complex factor = amplitude * values[i] * behind;
          for (std::size_t p = 0; p < row[i].size(); ++p) row[i][p] += factor * turns_u[i][nu][p];
        }
      }
      if (!any) continue;
      for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (!driven(i)) continue;
        std::size_t pv = 0;
        for (int j = boxes[i].begin[v]; j < boxes[i].end[v]; ++j, ++pv) {
          const double x = point_position(context_, static_cast<int>(v), fields_[i].places[v], j);
          const Complex turn = std::polar(1.0, q[v][nv] * (x - crossing_[v]));
          for (std::size_t pu = 0; pu < row[i].size(); ++pu)
            profiles[i][number_in(boxes[i], u, v, pu, pv)] += turn * row[i][pu];
        }
      }
    }
    return profiles;
  }

  // Of a point counted along u and v, in the order of a TimeSource's weights.
  static std::size_t number_in(const GridBox& box, std::size_t u, std::size_t v, std::size_t pu,
                               std::size_t pv) {
    std::array<std::size_t, 3> at{};
    at[u] = pu;
    at[v] = pv;
    const auto extent = [&](std::size_t d) {
      return static_cast<std::size_t>(box.end[d] - box.begin[d]);
    };
    return (at[2] * extent(1) + at[1]) * extent(0) + at[0];
  }

  double wavenumber_along_axis(double square) const {
    double k = std::sqrt(square);
    for (int i = 0; i < 60; ++i) {
      double value = -square, slope = 0.0;
      for (std::size_t d = 0; d < 3; ++d) {
        if (direction_[d] == 0.0) continue;
        const double phase = 0.5 * k * direction_[d] * cells_[d];
        value += std::pow(2.0 / cells_[d] * std::sin(phase), 2);
        slope += 2.0 * direction_[d] / cells_[d] * std::sin(2.0 * phase);
      }
      k -= value / slope;
    }
    return k;
  }

  // Whether a wave travels along the polarisation, which then is not defined; never in a beam.
  bool along_polarisation(const Vec3& kappa) const {
    if (context_.equations != Equations::maxwell) return false;
    const double part = dot(kappa, polarisation_);
    return part * part > 0.98 * dot(kappa, kappa);
  }

  // Physical fields of a plane wave of amplitude 1.
  std::vector<Complex> fields_of_wave(const Vec3& kappa, double time) const {
    std::vector<Complex> values;
    if (is_sound()) {
      values.emplace_back(1.0);
      for (std::size_t d = 0; d < 3; ++d)
        values.emplace_back(second_ * kappa[d] / (time * context_.impedance));
      return values;
    }
    const double part = dot(kappa, polarisation_) / dot(kappa, kappa);
    Vec3 e{};
    for (std::size_t d = 0; d < 3; ++d) e[d] = polarisation_[d] - part * kappa[d];
    const double length = std::sqrt(dot(e, e));
    for (double& value : e) value /= length;
    for (const StoredField& field : fields_) {
      const std::size_t c = static_cast<std::size_t>(field.name[1] - 'x');
      if (field.name[0] == 'E') {
        values.emplace_back(e[c]);
        continue;
      }
      const std::size_t a = (c + 1) % 3, b = (c + 2) % 3;
      values.emplace_back(second_ / (time * vacuum_impedance) *
                          (kappa[a] * e[b] - kappa[b] * e[a]));
    }
    return values;
  }

  // The field of which the density at field i is made, and its sign.
  std::pair<std::size_t, double> partner(std::size_t i) const {
    const auto find = [&](const std::string& name) {
      for (std::size_t j = 0; j < fields_.size(); ++j)
        if (fields_[j].name == name) return j;
      return fields_.size();
    };
    const auto axis_name = [](int axis) { return std::string(1, "xyz"[axis % 3]); };
    if (is_sound())  // q = n . v, f = n p
      return {is_first(i) ? find("v" + axis_name(beam_.axis)) : 0, side_};
    const int c = fields_[i].name[1] - 'x';
    const bool is_u = c == (beam_.axis + 1) % 3;
    const std::string other = axis_name(is_u ? beam_.axis + 2 : beam_.axis + 1);
    // (w x F)_u = -F_v, (w x F)_v = F_u.
    const double sign = side_ * (is_u ? -1.0 : 1.0);
    return is_first(i) ? std::pair{find("H" + other), sign} : std::pair{find("E" + other), -sign};
  }

  void add_source(std::size_t i, const std::vector<Profiles>& profiles,
                  const std::shared_ptr<const FilteredSignals>& signals, BeamSource& result) const {
    if (!driven(i)) return;
    const auto [other, sign] = partner(i);
    if (other >= fields_.size()) return;
    TimeSource source;
    source.component = fields_[i].component;
    source.box = sheet_box(i);
    source.rank = static_cast<int>(2 * profiles.size());
    const double width = cells_[static_cast<std::size_t>(beam_.axis)];
    std::vector<double> density;
    double largest = 0.0;
    for_each_point(source.box, [&](const std::array<int, 3>& p, std::size_t) {
      density.push_back(sign / width * density_weight(context_, fields_[i], p));
    });
    for (const Profiles& profile : profiles)
      for (const bool real : {true, false})
        for (std::size_t n = 0; n < density.size(); ++n) {
          const Complex value = profile[other][n];
          source.weights.push_back(density[n] * (real ? value.real() : value.imag()));
          largest = std::max(largest, std::abs(source.weights.back()));
        }
    if (largest == 0.0) return;
    source.signal = [signals](int rank, double time) { return signals->at(time, rank); };
    result.sources.push_back(std::move(source));
  }

  const WaveContext& context_;
  const GaussianBeam& beam_;
  std::vector<StoredField> fields_;
  Vec3 direction_{}, polarisation_{}, crossing_{}, cells_{};
  double side_ = 1.0, sheet_ = 0.0, velocity_ = 0.0, slowest_ = 0.0, width_ = 0.0, delay_ = 0.0;
  double first_ = 0.0, second_ = 0.0;  // C of the groups
  int index_ = 0;
};

}  // namespace

BeamSource gaussian_beam_source(const WaveContext& context, const GaussianBeam& beam) {
  return BeamBuilder(context, beam).build();
}

}  // namespace wavesmith
