#include "solvers/harmonic_inversion.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
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

// The cotangents of sums from that of a matrix (symmetric; dL = Re sum_jl cotangent_jl dmatrix_jl):
// the transpose of fill_matrix, without conjugates.
std::vector<Sums> fill_matrix_transpose(const Matrix& cotangent, const std::vector<double>& angles,
                                        int half) {
  std::vector<Sums> sums(angles.size());
  for (std::size_t j = 0; j < angles.size(); ++j) {
    const auto row = static_cast<Eigen::Index>(j);
    const Complex z = std::polar(1.0, -angles[j]);
    const Complex z_half = std::polar(1.0, std::remainder(angles[j] * half, 2.0 * pi));
    sums[j].diagonal += cotangent(row, row);
    for (std::size_t l = 0; l < j; ++l) {
      const Complex y = std::polar(1.0, -angles[l]);
      const Complex y_half = std::polar(1.0, std::remainder(angles[l] * half, 2.0 * pi));
      const Complex pair = 2.0 * cotangent(row, static_cast<Eigen::Index>(l)) / (z - y);
      sums[l].low += z * pair;
      sums[j].low -= y * pair;
      sums[l].high -= z_half * pair;
      sums[j].high += y_half * pair;
    }
  }
  return sums;
}

// Adds to the derivative by each sample what comes from the sums of one angle: the transpose of
// sum_signal.
void sum_signal_transpose(const Sums& sums, int half, int shift, double angle,
                          std::span<Complex> derivative) {
  constexpr int stretch = 64;
  const Complex step = std::polar(1.0, angle);
  const Complex high = sums.high * std::polar(1.0, std::remainder(-angle * (half + 1), 2.0 * pi));
  Complex power = 1.0;
  for (int n = 0; n <= 2 * half; ++n) {
    if (n % stretch == 0) power = std::polar(1.0, std::remainder(angle * n, 2.0 * pi));
    const double weight = half - std::abs(half - n) + 1;
    derivative[static_cast<std::size_t>(n + shift)] +=
        power * ((n <= half ? sums.low : high) + weight * sums.diagonal);
    power *= step;
  }
}

// A part of the band [low, high) (radians a sample), and the eigenproblem of the functions in a
// somewhat wider range.
struct Window {
  double low = 0.0, high = 0.0;
  int half = 0;
  std::vector<double> angles;  // of the functions
  std::array<Matrix, 3> u;     // U0, U1, U2
  Vector start;                // (psi_j | start)
  Matrix basis;                // right singular vectors of U0 that are kept
  Eigen::VectorXd singular;    // and their values
  Vector values;               // eigenvalues of the pencil on them
  Matrix vectors;              // its eigenvectors, in the functions
};

Window open_window(std::span<const Complex> signal, double low, double high,
                   const HarmonicOptions& options) {
  Window window;
  window.low = low;
  window.high = high;
  const int samples = static_cast<int>(signal.size());
  const int half = window.half = (samples - 3) / 2;
  const double width = high - low;
  const double wanted = options.spectral_density * width * samples / (2.0 * pi);
  const int count = std::min(
      std::max(static_cast<int>(std::ceil(wanted * (1.0 + 2.0 * overlap))), fewest_functions),
      half + 1);
  // At least the resolution of the functions apart, or else they are one function to rounding.
  const double resolution = 2.0 * pi / samples;
  const double range = std::max(width * (1.0 + 2.0 * overlap), 0.5 * resolution * count);
  std::vector<double>& angles = window.angles;
  for (int j = 0; j < count; ++j)
    angles.push_back(0.5 * (low + high) + range * ((j + 0.5) / count - 0.5));

  window.start.resize(count);
  for (int p = 0; p < 3; ++p) {
    std::vector<Sums> sums;
    for (const double angle : angles) sums.push_back(sum_signal(signal, half, p, angle));
    window.u[static_cast<std::size_t>(p)] = fill_matrix(sums, angles, half);
    if (p == 0)
      for (int j = 0; j < count; ++j) window.start[j] = sums[static_cast<std::size_t>(j)].low;
  }

  // On the part of the span that the signal fills, U0 = X S Y^H, the problem is an ordinary one.
  const Eigen::BDCSVD<Matrix> svd(window.u[0], Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd& singular = svd.singularValues();
  Eigen::Index rank = 0;
  while (rank < count && singular[rank] > options.rank_tolerance * singular[0]) ++rank;
  if (rank == 0) return window;
  const Eigen::VectorXd root = singular.head(rank).cwiseSqrt().cwiseInverse();
  const Matrix left = svd.matrixU().leftCols(rank) * root.cast<Complex>().asDiagonal();
  const Matrix right = svd.matrixV().leftCols(rank) * root.cast<Complex>().asDiagonal();
  const Matrix reduced = left.adjoint() * window.u[1] * right;
  const Eigen::ComplexEigenSolver<Matrix> solver(reduced);
  if (solver.info() != Eigen::Success) return window;
  window.basis = svd.matrixV().leftCols(rank);
  window.singular = singular.head(rank);
  window.values = solver.eigenvalues();
  window.vectors = right * solver.eigenvectors();
  return window;
}

// b^T U b and the like: of complex symmetric matrices, without conjugates.
Complex product(const Vector& a, const Vector& b) {
  return (a.transpose() * b).value();
}

// Eigenvector number k as a term of the window's part of the band.
std::optional<Resonance> term_of(const Window& window, Eigen::Index k, double dt) {
  const Complex value = window.values[k];
  const double angle = -std::arg(value);
  if (!(std::abs(value) > 0.0) || angle < window.low || angle >= window.high) return std::nullopt;
  const Vector vector = window.vectors.col(k);
  const Complex norm = product(vector, window.u[0] * vector);
  if (!(std::abs(norm) > 0.0)) return std::nullopt;
  const Complex overlap_start = product(vector, window.start);
  const Complex square = product(vector, window.u[2] * vector) / norm;
  Resonance resonance;
  resonance.frequency = angle / (2.0 * pi * dt);
  resonance.decay = -std::log(std::abs(value)) / dt;
  resonance.quality = pi * std::abs(resonance.frequency) / resonance.decay;
  resonance.amplitude = overlap_start * overlap_start / norm;
  resonance.error = std::abs(std::log(square / (value * value))) / (4.0 * pi * dt);
  return resonance;
}

// Adds to the derivative (dL = Re sum derivative dsample) what a term's numbers give. With
// b^T (U1 - u U0) = 0 on the kept part of the span, a change of U0 and U1 changes
//   u by b^T (dU1 - u dU0) b / b^T U0 b,
//   b by the other eigenvectors b' times b'^T (dU1 - u dU0) b / ((u - u') b'^T U0 b').
// That part turning adds 2 db^T (U1 - u U0) b, which is zero where nothing or only silence was
// dropped. Returned: its size against |b|^2 |dU0|, with |db| <= |S^-1 Y^H b| |dU0|.
double pull_back_term(const Window& window, Eigen::Index k, double dt,
                      const ResonanceCotangent& cotangent, std::span<Complex> derivative) {
  const Complex value = window.values[k];
  const Vector b = window.vectors.col(k);
  const Complex norm = product(b, window.u[0] * b);
  const Complex of_value =
      Complex(-cotangent.decay, cotangent.frequency / (2.0 * pi)) / (dt * value);
  const Matrix square = b * b.transpose();
  Matrix of_u1 = of_value / norm * square;
  Matrix of_u0 = -value * of_u1;
  Vector of_start = Vector::Zero(b.size());
  if (const Complex of_amplitude = std::conj(cotangent.amplitude); of_amplitude != 0.0) {
    const Complex beginning = product(b, window.start);
    const Complex scale = 2.0 * of_amplitude * beginning / norm;
    of_start = scale * b;
    of_u0 -= of_amplitude * beginning * beginning / (norm * norm) * square;
    Vector others = Vector::Zero(b.size());
    for (Eigen::Index l = 0; l < window.values.size(); ++l) {
      if (l == k) continue;
      const Vector other = window.vectors.col(l);
      const Complex apart = (value - window.values[l]) * product(other, window.u[0] * other);
      if (apart != 0.0) others += product(other, window.start) / apart * other;
    }
    const Matrix turned = 0.5 * scale * (others * b.transpose() + b * others.transpose());
    of_u1 += turned;
    of_u0 -= value * turned;
  }
  for (int p = 0; p < 2; ++p) {
    std::vector<Sums> sums =
        fill_matrix_transpose(p == 0 ? of_u0 : of_u1, window.angles, window.half);
    for (std::size_t j = 0; j < sums.size(); ++j) {
      if (p == 0) sums[j].low += of_start[static_cast<Eigen::Index>(j)];
      sum_signal_transpose(sums[j], window.half, p, window.angles[j], derivative);
    }
  }
  const double left = (window.u[1] * b - value * (window.u[0] * b)).norm();
  const double turn =
      (window.singular.cwiseInverse().cast<Complex>().asDiagonal() * (window.basis.adjoint() * b))
          .norm();
  return 2.0 * left * turn / b.squaredNorm();
}

void validate(std::span<const Complex> signal, double dt, double f_low, double f_high,
              const HarmonicOptions& options) {
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
  for (std::size_t n = 0; n < signal.size(); ++n)
    WAVESMITH_VALIDATE(std::isfinite(signal[n].real()) && std::isfinite(signal[n].imag()),
                       "harmonic inversion: sample " + std::to_string(n) +
                           " is not finite; cut the signal before it");
}

// The signal's root mean square.
double mean_of(std::span<const Complex> signal) {
  double power = 0.0;
  for (const Complex& value : signal) power += std::norm(value);
  return std::sqrt(power / static_cast<double>(signal.size()));
}

// Calls visit(window, k, resonance) with each term that is told.
template <class Visit>
void for_each_term(std::span<const Complex> signal, double dt, double f_low, double f_high,
                   const HarmonicOptions& options, const Visit& visit) {
  const double mean = mean_of(signal);
  if (mean == 0.0) return;
  const auto samples = static_cast<double>(signal.size());
  // Windows share the band evenly; what lies in the overlap belongs to one of them. The last one
  // takes its upper end, which a rounding must not put outside.
  const double low = 2.0 * pi * f_low * dt;
  const double high = 2.0 * pi * f_high * dt;
  const double functions = options.spectral_density * (high - low) * samples / (2.0 * pi);
  const int windows = static_cast<int>(
      std::ceil(std::max(1.0, functions * (1.0 + 2.0 * overlap) / most_functions)));
  for (int w = 0; w < windows; ++w) {
    const double from = low + (high - low) * w / windows;
    const double to =
        w + 1 == windows ? std::nextafter(high, 4.0) : low + (high - low) * (w + 1) / windows;
    const Window window = open_window(signal, from, to, options);
    for (Eigen::Index k = 0; k < window.values.size(); ++k) {
      const std::optional<Resonance> resonance = term_of(window, k, dt);
      if (!resonance) continue;
      const double line = std::max(1.0 / (samples * dt), std::abs(resonance->decay) / pi);
      if (std::abs(resonance->amplitude) >= options.least_amplitude * mean &&
          resonance->error <= options.largest_error * line)
        visit(window, k, *resonance);
    }
  }
}

}  // namespace

std::vector<Resonance> find_resonances(std::span<const Complex> signal, double dt, double f_low,
                                       double f_high, const HarmonicOptions& options) {
  validate(signal, dt, f_low, f_high, options);
  std::vector<Resonance> all;
  for_each_term(signal, dt, f_low, f_high, options,
                [&](const Window&, Eigen::Index, const Resonance& found) { all.push_back(found); });
  std::sort(all.begin(), all.end(),
            [](const Resonance& a, const Resonance& b) { return a.frequency < b.frequency; });
  return all;
}

std::vector<Resonance> find_resonances(std::span<const double> signal, double dt, double f_low,
                                       double f_high, const HarmonicOptions& options) {
  const std::vector<Complex> values(signal.begin(), signal.end());
  return find_resonances(values, dt, f_low, f_high, options);
}

double pull_back_resonances(std::span<const Complex> signal, double dt, double f_low, double f_high,
                            std::span<const Resonance> found,
                            std::span<const ResonanceCotangent> cotangents,
                            std::span<Complex> gradient, const HarmonicOptions& options) {
  validate(signal, dt, f_low, f_high, options);
  WAVESMITH_VALIDATE(gradient.size() == signal.size() && cotangents.size() == found.size(),
                     "harmonic inversion: derivatives by " + std::to_string(gradient.size()) +
                         " of " + std::to_string(signal.size()) + " samples, and cotangents of " +
                         std::to_string(cotangents.size()) + " of " + std::to_string(found.size()) +
                         " terms; there must be one each");
  std::vector<Complex> derivative(signal.size());
  std::vector<bool> seen(found.size());
  double error = 0.0;
  for_each_term(
      signal, dt, f_low, f_high, options,
      [&](const Window& window, Eigen::Index k, const Resonance& resonance) {
        for (std::size_t i = 0; i < found.size(); ++i) {
          if (seen[i] || found[i].frequency != resonance.frequency ||
              found[i].decay != resonance.decay)
            continue;
          seen[i] = true;
          const ResonanceCotangent& cotangent = cotangents[i];
          if (cotangent.frequency != 0.0 || cotangent.decay != 0.0 || cotangent.amplitude != 0.0)
            error = std::max(error, pull_back_term(window, k, dt, cotangent, derivative));
          return;
        }
      });
  for (std::size_t i = 0; i < found.size(); ++i)
    WAVESMITH_VALIDATE(seen[i], "harmonic inversion: the term of " +
                                    std::to_string(found[i].frequency) +
                                    " Hz was not found in this signal; give what find_resonances "
                                    "returned for the same signal, band and options");
  for (std::size_t n = 0; n < derivative.size(); ++n) gradient[n] += std::conj(derivative[n]);
  return error;
}

double pull_back_resonances(std::span<const double> signal, double dt, double f_low, double f_high,
                            std::span<const Resonance> found,
                            std::span<const ResonanceCotangent> cotangents,
                            std::span<double> gradient, const HarmonicOptions& options) {
  const std::vector<Complex> values(signal.begin(), signal.end());
  std::vector<Complex> complex_gradient(gradient.size());
  const double error =
      pull_back_resonances(values, dt, f_low, f_high, found, cotangents, complex_gradient, options);
  for (std::size_t n = 0; n < gradient.size(); ++n) gradient[n] += complex_gradient[n].real();
  return error;
}

}  // namespace wavesmith
