#include "solvers/harmonic_inversion.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Matrix = Eigen::MatrixXcd;
using Vector = Eigen::VectorXcd;

constexpr int most_functions = 200;   // of a window
constexpr int fewest_functions = 10;  // so that a narrow band also holds the lines next to it
constexpr double overlap = 0.2;       // of a window, to each side of what it is asked for

// The sums over the signal that a window's matrices are made of, for the shift p = 0, 1, 2:
//   low_j  = sum_{n=0..M} c_{n+p} z_j^-n
//   high_j = sum_{n=M+1..2M} c_{n+p} z_j^-(n-M-1)
//   diagonal_j = sum_{n=0..2M} (M - |M - n| + 1) c_{n+p} z_j^-n
struct Sums {
  Complex low, high, diagonal;
};

Sums sum_signal(std::span<const Complex> signal, int half, int shift, double angle) {
  Sums sums{};
  // z^-n by a recurrence that is started afresh from time to time, to keep its rounding small.
  constexpr int stretch = 64;
  const Complex step = std::polar(1.0, angle);
  Complex power = 1.0;
  for (int n = 0; n <= 2 * half; ++n) {
    if (n % stretch == 0) power = std::polar(1.0, std::remainder(angle * n, 2.0 * pi));
    const Complex term = signal[static_cast<std::size_t>(n + shift)] * power;
    (n <= half ? sums.low : sums.high) += term;
    sums.diagonal += static_cast<double>(half - std::abs(half - n) + 1) * term;
    power *= step;
  }
  sums.high *= std::polar(1.0, std::remainder(-angle * (half + 1), 2.0 * pi));
  return sums;
}

// (psi_j | U^p | psi_l) of the Fourier functions psi_j = sum_{n=0..M} (U / z_j)^n, z_j =
// exp(-i angle_j); a geometric sum over the anti-diagonals of the double sum.
Matrix fill_matrix(const std::vector<Sums>& sums, const std::vector<double>& angles, int half) {
  const auto size = static_cast<Eigen::Index>(angles.size());
  Matrix matrix(size, size);
  for (Eigen::Index j = 0; j < size; ++j) {
    const Sums& a = sums[static_cast<std::size_t>(j)];
    const double angle = angles[static_cast<std::size_t>(j)];
    const Complex z = std::polar(1.0, -angle);
    const Complex z_half = std::polar(1.0, std::remainder(angle * half, 2.0 * pi));  // z^-M
    matrix(j, j) = a.diagonal;
    for (Eigen::Index l = 0; l < j; ++l) {
      const Sums& b = sums[static_cast<std::size_t>(l)];
      const double other = angles[static_cast<std::size_t>(l)];
      const Complex y = std::polar(1.0, -other);
      const Complex y_half = std::polar(1.0, std::remainder(other * half, 2.0 * pi));
      matrix(j, l) = matrix(l, j) =
          (z * b.low - y * a.low - z_half * b.high + y_half * a.high) / (z - y);
    }
  }
  return matrix;
}

// One window: the terms in [low, high] from functions in a somewhat wider range of angles (all in
// radians a sample).
std::vector<Resonance> invert_window(std::span<const Complex> signal, double low, double high,
                                     double dt, const HarmonicOptions& options) {
  const int samples = static_cast<int>(signal.size());
  const int half = (samples - 3) / 2;
  const double width = high - low;
  const double wanted = options.spectral_density * width * samples / (2.0 * pi);
  const int count = std::min(
      std::max(static_cast<int>(std::ceil(wanted * (1.0 + 2.0 * overlap))), fewest_functions),
      half + 1);
  // At least the resolution of the functions apart, or else they are one function to rounding.
  const double resolution = 2.0 * pi / samples;
  const double range = std::max(width * (1.0 + 2.0 * overlap), 0.5 * resolution * count);
  std::vector<double> angles;
  for (int j = 0; j < count; ++j)
    angles.push_back(0.5 * (low + high) + range * ((j + 0.5) / count - 0.5));

  std::array<Matrix, 3> u;
  Vector start(count);  // (psi_j | start)
  for (int p = 0; p < 3; ++p) {
    std::vector<Sums> sums;
    for (const double angle : angles) sums.push_back(sum_signal(signal, half, p, angle));
    u[static_cast<std::size_t>(p)] = fill_matrix(sums, angles, half);
    if (p == 0)
      for (int j = 0; j < count; ++j) start[j] = sums[static_cast<std::size_t>(j)].low;
  }

  // On the part of the span that the signal fills, U0 = X S Y^H, the problem is an ordinary one.
  const Eigen::BDCSVD<Matrix> svd(u[0], Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd& singular = svd.singularValues();
  Eigen::Index rank = 0;
  while (rank < count && singular[rank] > options.rank_tolerance * singular[0]) ++rank;
  if (rank == 0) return {};
  const Eigen::VectorXd root = singular.head(rank).cwiseSqrt().cwiseInverse();
  const Matrix left = svd.matrixU().leftCols(rank) * root.cast<Complex>().asDiagonal();
  const Matrix right = svd.matrixV().leftCols(rank) * root.cast<Complex>().asDiagonal();
  const Matrix reduced = left.adjoint() * u[1] * right;
  const Eigen::ComplexEigenSolver<Matrix> solver(reduced);
  if (solver.info() != Eigen::Success) return {};

  std::vector<Resonance> found;
  for (Eigen::Index k = 0; k < rank; ++k) {
    const Complex value = solver.eigenvalues()[k];
    const double angle = -std::arg(value);
    if (!(std::abs(value) > 0.0) || angle < low || angle >= high) continue;
    const Vector vector = right * solver.eigenvectors().col(k);
    const Complex norm = (vector.transpose() * u[0] * vector).value();
    if (!(std::abs(norm) > 0.0)) continue;
    const Complex overlap_start = (vector.transpose() * start).value();
    const Complex square = (vector.transpose() * u[2] * vector).value() / norm;
    Resonance resonance;
    resonance.frequency = angle / (2.0 * pi * dt);
    resonance.decay = -std::log(std::abs(value)) / dt;
    resonance.quality = pi * std::abs(resonance.frequency) / resonance.decay;
    resonance.amplitude = overlap_start * overlap_start / norm;
    resonance.error = std::abs(std::log(square / (value * value))) / (4.0 * pi * dt);
    found.push_back(resonance);
  }
  return found;
}

}  // namespace

std::vector<Resonance> find_resonances(std::span<const Complex> signal, double dt, double f_low,
                                       double f_high, const HarmonicOptions& options) {
  WAVESMITH_VALIDATE(
      std::isfinite(dt) && dt > 0.0,
      "harmonic inversion: the time step is " + std::to_string(dt) + " s; it must be positive");
  WAVESMITH_VALIDATE(signal.size() >= 8 && signal.size() <= (1u << 28),
                     "harmonic inversion: " + std::to_string(signal.size()) +
                         " samples; at least 8 are needed (and at most 2^28)");
  WAVESMITH_VALIDATE(std::isfinite(f_low) && std::isfinite(f_high) && f_low < f_high &&
                         std::abs(f_low) <= 0.5 / dt && std::abs(f_high) <= 0.5 / dt,
                     "harmonic inversion: the band " + std::to_string(f_low) + " to " +
                         std::to_string(f_high) + " Hz; it must rise and lie within half the " +
                         "sampling frequency, " + std::to_string(0.5 / dt) + " Hz");
  WAVESMITH_VALIDATE(options.spectral_density > 0.0 && options.spectral_density <= 10.0,
                     "harmonic inversion: spectral_density must be above 0 and at most 10");
  double power = 0.0;
  for (std::size_t n = 0; n < signal.size(); ++n) {
    WAVESMITH_VALIDATE(std::isfinite(signal[n].real()) && std::isfinite(signal[n].imag()),
                       "harmonic inversion: sample " + std::to_string(n) +
                           " is not finite; cut the signal before it");
    power += std::norm(signal[n]);
  }
  const auto samples = static_cast<double>(signal.size());
  const double mean = std::sqrt(power / samples);
  if (mean == 0.0) return {};

  // Windows share the band evenly; what lies in the overlap belongs to one of them. The last one
  // takes its upper end, which a rounding must not put outside.
  const double low = 2.0 * pi * f_low * dt;
  const double high = 2.0 * pi * f_high * dt;
  const double functions = options.spectral_density * (high - low) * samples / (2.0 * pi);
  const int windows = static_cast<int>(
      std::ceil(std::max(1.0, functions * (1.0 + 2.0 * overlap) / most_functions)));
  std::vector<Resonance> all;
  for (int w = 0; w < windows; ++w) {
    const double from = low + (high - low) * w / windows;
    const double to =
        w + 1 == windows ? std::nextafter(high, 4.0) : low + (high - low) * (w + 1) / windows;
    for (const Resonance& resonance : invert_window(signal, from, to, dt, options)) {
      const double line = std::max(1.0 / (samples * dt), std::abs(resonance.decay) / pi);
      if (std::abs(resonance.amplitude) >= options.least_amplitude * mean &&
          resonance.error <= options.largest_error * line)
        all.push_back(resonance);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const Resonance& a, const Resonance& b) { return a.frequency < b.frequency; });
  return all;
}

std::vector<Resonance> find_resonances(std::span<const double> signal, double dt, double f_low,
                                       double f_high, const HarmonicOptions& options) {
  const std::vector<Complex> values(signal.begin(), signal.end());
  return find_resonances(values, dt, f_low, f_high, options);
}

}  // namespace wavesmith
