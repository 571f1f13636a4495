#include "solvers/power_budget.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "solvers/plane_wave.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;
constexpr int frequencies = 64;      // steps per half axis of the band
constexpr int fewest_reaching = 24;  // of them at angles that reach the output window
constexpr int edge_points = 128;

double square(double x) {
  return x * x;
}

// One lateral axis of a gap. Positions are relative to the centre of the input.
struct Side {
  double source, window, offset;  // illuminated width, output width, output centre [m]
  double period;                  // length of the DFT window [m]; 0: periodic, nothing is lost
  double spacing;                 // [m]
  double reach;                   // half the range of differences in a sampled kernel [m]

  double nyquist() const { return 0.5 / spacing; }
  bool is_linear() const { return period >= 2.0 * reach - 1.001 * spacing; }

  // Fraction of the source interval that lies in the window after a walk.
  double landed(double walk) const {
    if (period == 0.0) return 1.0;
    const double low = std::max(walk - 0.5 * source, offset - 0.5 * window);
    const double high = std::min(walk + 0.5 * source, offset + 0.5 * window);
    return std::max(0.0, high - low) / source;
  }
  // The same on a window that closes upon itself.
  double folded(double walk) const {
    if (period == 0.0) return 1.0;
    const double nearest = offset + std::remainder(walk - offset, period);
    double sum = 0.0;
    for (int m = -2; m <= 2; ++m) sum += landed(nearest + m * period);
    return sum;
  }
  // The same for a kernel of finite reach that is folded into the window.
  double folded_kernel(double walk) const {
    if (period == 0.0 || is_linear()) return landed(walk);
    return std::abs(walk - offset) <= reach ? folded(walk) : 0.0;
  }
  bool in_band(double walk) const {
    return period == 0.0 || std::abs(walk - offset) <= 0.5 * period;
  }

  // The walks of either sign that reach the window lie between these.
  double least_walk() const { return std::max(0.0, std::abs(offset) - 0.5 * (source + window)); }
  double most_walk() const { return std::abs(offset) + 0.5 * (source + window); }
};

// A step of the band's positive half: its middle and its width [1/m].
struct Step {
  double frequency, width;
};

Side make_side(int n_in, int n_out, double spacing, double offset, int grid, double illuminated,
               bool periodic) {
  const double width = n_in * spacing;
  return {illuminated > 0.0 ? std::min(illuminated, width) : width,
          n_out * spacing,
          offset,
          periodic ? 0.0 : grid * spacing,
          spacing,
          0.5 * (n_in + n_out) * spacing};
}

class Budget {
 public:
  Budget(const Gap& gap, const PowerSpectrum& spectrum)
      : z_(gap.distance),
        k_(1.0 / gap.wavelength),
        keep_(gap.evanescent == Evanescent::keep),
        disc_(spectrum.disc) {
    const GridSize grid = convolution_grid(gap);
    x_ = make_side(gap.in.nx, gap.out.nx, gap.in.dx, gap.out.x0 - gap.in.x0, grid.nx,
                   spectrum.illuminated, gap.periodic);
    y_ = make_side(gap.in.ny, gap.out.ny, gap.in.dy, gap.out.y0 - gap.in.y0, grid.ny,
                   spectrum.illuminated, gap.periodic);
  }

  PowerBudget compute() {
    // Cubic spacing puts the points where the spectrum of a wide disc is; a flat spectrum needs
    // them at grazing directions.
    const double power = disc_ > 0.0 ? 3.0 : 1.0;
    const std::vector<Step> along_x = steps(x_, y_, power), along_y = steps(y_, x_, power);
    for (const auto& [v, height] : along_y) {
      for (const auto& [u, width] : along_x) {
        const double weight = density(u, v) * width * height;
        for (const double sign_x : {1.0, -1.0})
          for (const double sign_y : {1.0, -1.0}) add_wave(sign_x * u, sign_y * v, weight);
      }
    }
    add_edges(x_, y_);
    add_edges(y_, x_);
    for (double* part : {&sum_.propagating, &sum_.landed, &sum_.angular_spectrum,
                         &sum_.band_limited, &sum_.rayleigh_sommerfeld, &sum_.fresnel})
      *part /= total_;
    return sum_;
  }

 private:
  // Steps of `side`, u = nyquist s^power at equal steps of s. A far, small window is reached by so
  // few of them, or none, that those which reach it are made narrower and the others wider.
  std::vector<Step> steps(const Side& side, const Side& other, double power) const {
    std::vector<double> ends{0.0, 1.0};
    std::vector<double> counts{frequencies};
    if (z_ > 0.0 && side.period > 0.0) {
      const double least = side.least_walk();
      const double low = k_ * least / std::hypot(z_, least, other.most_walk());
      const double high = k_ * side.most_walk() / z_;
      const auto place = [&](double u) { return std::pow(u / side.nyquist(), 1.0 / power); };
      const double begin = place(low), end = std::min(1.0, place(high));
      if (begin < 1.0 && (end - begin) * frequencies < fewest_reaching) {
        ends = {0.0, begin, end, 1.0};
        const double others = (frequencies - fewest_reaching) / (1.0 - end + begin);
        counts = {std::ceil(begin * others), fewest_reaching, std::ceil((1.0 - end) * others)};
      }
    }
    std::vector<Step> list;
    for (std::size_t part = 0; part < counts.size(); ++part) {
      const double length = (ends[part + 1] - ends[part]) / counts[part];
      for (int i = 0; i < static_cast<int>(counts[part]); ++i) {
        const double s = ends[part] + (i + 0.5) * length;
        list.push_back({side.nyquist() * std::pow(s, power),
                        side.nyquist() * power * std::pow(s, power - 1.0) * length});
      }
    }
    return list;
  }

  // Power per (1/m)^2, in any unit. For the disc the mean of J1(a)^2 over its oscillation.
  double density(double u, double v) const {
    if (disc_ == 0.0) return 1.0;
    const double a = pi * disc_ * std::hypot(u, v);
    return 1.0 / (1.0 + 0.25 * pi * a * a * a);
  }

  void add_wave(double u, double v, double weight) {
    total_ += weight;
    const double w_squared = k_ * k_ - u * u - v * v;
    const double paraxial_x = z_ * u / k_, paraxial_y = z_ * v / k_;
    const double paraxial_landed = x_.landed(paraxial_x) * y_.landed(paraxial_y);
    const double paraxial_folded = x_.folded(paraxial_x) * y_.folded(paraxial_y);
    double landed = 0.0;
    if (w_squared > 0.0) {
      sum_.propagating += weight;
      const double w = std::sqrt(w_squared);
      const double walk_x = z_ * u / w, walk_y = z_ * v / w;
      landed = x_.landed(walk_x) * y_.landed(walk_y);
      const double folded = x_.folded(walk_x) * y_.folded(walk_y);
      const double misplaced = weight * std::max(0.0, folded - landed);
      sum_.angular_spectrum += misplaced;
      sum_.band_limited += x_.in_band(walk_x) && y_.in_band(walk_y) ? misplaced : weight * landed;
      sum_.rayleigh_sommerfeld +=
          weight * std::abs(x_.folded_kernel(walk_x) * y_.folded_kernel(walk_y) - landed);

      const double phase =
          2.0 * pi * z_ * ((u * u + v * v) / (k_ + w) - (u * u + v * v) / (2.0 * k_));
      sum_.fresnel += weight * (landed * (phase < pi ? 2.0 - 2.0 * std::cos(phase) : 2.0) +
                                std::max(0.0, paraxial_folded - landed));
    } else {
      landed = keep_ ? decay(w_squared) * x_.landed(0.0) * y_.landed(0.0) : 0.0;
      sum_.fresnel += weight * std::max(paraxial_landed, paraxial_folded);
    }
    sum_.landed += weight * landed;
    if (z_ > 0.0) add_replicas(u, v, weight);  // at z = 0 the kernel is a delta
  }

  double decay(double w_squared) const { return std::exp(-4.0 * pi * z_ * std::sqrt(-w_squared)); }

  // Copies of the spectrum at multiples of the sampling frequency that the sampled kernel sends on.
  void add_replicas(double u, double v, double weight) {
    const int mx = most_replicas(x_), my = most_replicas(y_);
    for (int q = -my; q <= my; ++q) {
      for (int p = -mx; p <= mx; ++p) {
        if (p == 0 && q == 0) continue;
        const double up = u + p / x_.spacing, vq = v + q / y_.spacing;
        const double w_squared = k_ * k_ - up * up - vq * vq;
        if (w_squared > 0.0) {
          const double w = std::sqrt(w_squared);
          sum_.rayleigh_sommerfeld += weight * x_.landed(z_ * up / w) * y_.landed(z_ * vq / w);
        } else {
          sum_.rayleigh_sommerfeld += weight * decay(w_squared) * x_.landed(0.0) * y_.landed(0.0);
        }
      }
    }
  }

  // Those that propagate and the first that do not, as far as the sum stays short.
  int most_replicas(const Side& side) const {
    return static_cast<int>(std::min(6.0, std::ceil(side.spacing * k_) + 1.0));
  }

  // Waves diffracted by a sharp end of the band, across `side`.
  void add_edges(const Side& side, const Side& other) {
    if (side.period == 0.0 || z_ == 0.0) return;
    for (const auto& [v, width] : steps(other, side, 3.0)) {
      const double rest = k_ * k_ - v * v;
      if (rest <= 0.0) continue;
      const double lands = other.landed(z_ * v / k_) + other.landed(-z_ * v / k_);
      if (lands == 0.0) continue;
      for (const double sign : {1.0, -1.0}) {
        const double cut = side.offset + sign * 0.5 * side.period;
        const double u_cut = cut * std::sqrt(rest / (z_ * z_ + cut * cut));
        if (sign * cut > 0.0 && std::abs(u_cut) < side.nyquist())
          sum_.band_limited += edge_power(side, cut, u_cut, v, side.period) * lands * width;
        if (square(side.nyquist()) < rest) {
          const double u_end = sign * side.nyquist();
          const double end = z_ * u_end / std::sqrt(rest - u_end * u_end);
          sum_.rayleigh_sommerfeld += edge_power(side, end, u_end, v, 0.0) * lands * width;
        }
      }
    }
  }

  // Integral over the window of |1 / (2 pi (edge - x))|^2, smoothed over the Fresnel zone of the
  // edge, summed over copies at distance `period` (0: none), for all points of the source.
  double edge_power(const Side& side, double edge, double u, double v, double period) const {
    const double w_squared = k_ * k_ - u * u - v * v;
    if (w_squared <= 0.0) return 0.0;
    const double w = std::sqrt(w_squared);
    const double zone = std::sqrt(z_ / w * (1.0 + u * u / w_squared));
    const double half = 0.5 * (side.window + side.source);
    const double step = 2.0 * half / edge_points;
    double sum = 0.0;
    for (int i = 0; i < edge_points; ++i) {
      const double walk = side.offset - half + (i + 0.5) * step;
      double distance = std::abs(edge - walk);
      if (period > 0.0) distance = period / pi * std::abs(std::sin(pi * distance / period));
      sum += side.landed(walk) / square(2.0 * pi * std::max(distance, zone / pi)) * step;
    }
    return density(u, v) * sum;
  }

  double z_, k_;
  bool keep_;
  double disc_;
  Side x_{}, y_{};
  double total_ = 0.0;
  PowerBudget sum_;
};

}  // namespace

double PowerBudget::error(PropagationMethod method) const {
  switch (method) {
    case PropagationMethod::band_limited:
      return band_limited;
    case PropagationMethod::rayleigh_sommerfeld:
      return rayleigh_sommerfeld;
    case PropagationMethod::fresnel:
      return fresnel;
    case PropagationMethod::automatic:
    case PropagationMethod::angular_spectrum:
      break;
  }
  return angular_spectrum;
}

double PowerBudget::signal_to_noise(PropagationMethod method) const {
  constexpr double most = 150.0;
  const double noise = error(method);
  if (landed <= 0.0) return noise > 0.0 ? -most : most;
  if (noise <= 0.0) return most;
  return std::clamp(10.0 * std::log10(landed / noise), -most, most);
}

PowerBudget power_budget(const Gap& gap, const PowerSpectrum& spectrum) {
  return Budget(gap, spectrum).compute();
}

}  // namespace wavesmith
