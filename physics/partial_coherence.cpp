#include "physics/partial_coherence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr int most_members = 100000;

// Hermite-Gauss functions of order 0 to `orders` - 1 at every coordinate, orthonormal on the line:
// phi_n(x) = (2c/pi)^(1/4) / sqrt(2^n n!) H_n(sqrt(2c) x) exp(-c x^2), by the recurrence of the
// normalised functions, which neither overflows nor cancels.
std::vector<std::vector<double>> hermite_gauss(std::span<const double> coordinates, double c,
                                               int orders) {
  std::vector<std::vector<double>> modes(static_cast<std::size_t>(orders),
                                         std::vector<double>(coordinates.size()));
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    const double s = std::sqrt(2.0 * c) * coordinates[i];
    double before = 0.0;
    double now = std::pow(2.0 * c / std::numbers::pi, 0.25) * std::exp(-0.5 * s * s);
    for (int n = 0; n < orders; ++n) {
      modes[static_cast<std::size_t>(n)][i] = now;
      const double next = std::sqrt(2.0 / (n + 1)) * s * now - std::sqrt(n / (n + 1.0)) * before;
      before = now;
      now = next;
    }
  }
  return modes;
}

std::vector<double> coordinates(int count, double spacing, double centre) {
  std::vector<double> x(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    x[static_cast<std::size_t>(i)] = centre + (i - 0.5 * (count - 1)) * spacing;
  return x;
}

// Half of the correlating kernel exp(-2 x^2 / coherence^2), of unit sum of squares over both
// halves, so that filtered unit noise keeps unit variance.
std::vector<double> correlation_kernel(double coherence, double spacing) {
  const double reach = 2.5 * coherence / spacing;
  WAVESMITH_VALIDATE(reach < 1e5,
                     fmt::format("diffuser: coherence {} m is {} samples long; make it shorter",
                                 coherence, coherence / spacing));
  std::vector<double> kernel;
  double squares = 0.0;
  for (int i = 0; i <= static_cast<int>(reach); ++i) {
    const double x = i * spacing / coherence;
    kernel.push_back(std::exp(-2.0 * x * x));
    squares += (i == 0 ? 1.0 : 2.0) * kernel.back() * kernel.back();
  }
  for (double& value : kernel) value /= std::sqrt(squares);
  return kernel;
}

}  // namespace

CoherentModes gaussian_schell_modes(const Plane& plane, const SchellModel& model) {
  validate_plane(plane, "source");
  validate_positive(model.width, "Schell-model source: width [m]");
  validate_positive(model.coherence, "Schell-model source: coherence [m]");
  WAVESMITH_VALIDATE(model.captured > 0.0 && model.captured < 1.0,
                     fmt::format("Schell-model source: captured is {}; give a share between 0 and "
                                 "1, such as 0.99",
                                 model.captured));
  WAVESMITH_VALIDATE(
      model.max_modes >= 1 && model.max_modes <= most_members,
      fmt::format("Schell-model source: modes is {}; give 1 to {}", model.max_modes, most_members));
  const double a = 0.25 / (model.width * model.width);
  const double b = 0.5 / (model.coherence * model.coherence);
  const double c = std::sqrt(a * a + 2.0 * a * b);
  const double q = b / (a + b + c);

  // Modes (m, n) have the weight (1 - q)^2 q^(m + n): take whole orders m + n, the last in part.
  struct Index {
    int m, n;
  };
  CoherentModes result;
  std::vector<Index> chosen;
  for (int order = 0; result.captured < model.captured; ++order) {
    const double weight = (1.0 - q) * (1.0 - q) * std::pow(q, order);
    for (int m = 0; m <= order && result.captured < model.captured; ++m) {
      if (static_cast<int>(chosen.size()) == model.max_modes) break;
      chosen.push_back({m, order - m});
      result.modes.push_back({weight, {}});
      result.captured += weight;
    }
    if (static_cast<int>(chosen.size()) == model.max_modes) break;
  }
  const double bytes =
      16.0 * static_cast<double>(plane.size()) * static_cast<double>(chosen.size());
  WAVESMITH_VALIDATE(bytes < 8e9, fmt::format("Schell-model source: {} modes on {} x {} samples "
                                              "take {:.3g} GB; ask for fewer modes",
                                              chosen.size(), plane.nx, plane.ny, bytes * 1e-9));

  int orders = 1;
  for (const Index& index : chosen) orders = std::max({orders, index.m + 1, index.n + 1});
  const auto along_x =
      hermite_gauss(coordinates(plane.nx, plane.dx, plane.x0 - model.x), c, orders);
  const auto along_y =
      hermite_gauss(coordinates(plane.ny, plane.dy, plane.y0 - model.y), c, orders);
  for (std::size_t mode = 0; mode < chosen.size(); ++mode) {
    std::vector<Complex>& field = result.modes[mode].field;
    field.reserve(plane.size());
    for (const double fy : along_y[static_cast<std::size_t>(chosen[mode].n)])
      for (const double fx : along_x[static_cast<std::size_t>(chosen[mode].m)])
        field.emplace_back(fx * fy);
  }
  return result;
}

std::vector<double> diffuser_phase(const Plane& plane, const Diffuser& diffuser, int member) {
  validate_plane(plane, "diffuser");
  validate_not_negative(diffuser.phase_rms, "diffuser: phase_rms [rad]");
  validate_positive(diffuser.coherence, "diffuser: coherence [m]");
  const std::vector<double> kernel_x = correlation_kernel(diffuser.coherence, plane.dx);
  const std::vector<double> kernel_y = correlation_kernel(diffuser.coherence, plane.dy);
  const auto reach_x = kernel_x.size() - 1, reach_y = kernel_y.size() - 1;
  const auto nx = static_cast<std::size_t>(plane.nx), ny = static_cast<std::size_t>(plane.ny);

  // White noise over the plane and a margin, so that the statistics are the same up to the edge.
  const std::size_t wide = nx + 2 * reach_x, high = ny + 2 * reach_y;
  WAVESMITH_VALIDATE(wide * high <= max_plane_samples,
                     fmt::format("diffuser: the plane with a margin of the coherence length has {} "
                                 "x {} samples; make the coherence shorter",
                                 wide, high));
  const Random random(diffuser.seed, static_cast<std::uint32_t>(member));
  std::vector<double> rows(nx * high);
  std::vector<double> noise(wide);
  for (std::size_t j = 0; j < high; ++j) {
    for (std::size_t i = 0; i < wide; ++i) noise[i] = random.normal(j * wide + i);
    for (std::size_t i = 0; i < nx; ++i) {
      double sum = kernel_x[0] * noise[i + reach_x];
      for (std::size_t d = 1; d <= reach_x; ++d)
        sum += kernel_x[d] * (noise[i + reach_x - d] + noise[i + reach_x + d]);
      rows[j * nx + i] = diffuser.phase_rms * sum;
    }
  }
  std::vector<double> phase(nx * ny);
  for (std::size_t j = 0; j < ny; ++j)
    for (std::size_t i = 0; i < nx; ++i) {
      double sum = kernel_y[0] * rows[(j + reach_y) * nx + i];
      for (std::size_t d = 1; d <= reach_y; ++d)
        sum += kernel_y[d] * (rows[(j + reach_y - d) * nx + i] + rows[(j + reach_y + d) * nx + i]);
      phase[j * nx + i] = sum;
    }
  return phase;
}

std::vector<SourceMode> diffuser_ensemble(const Plane& plane, std::span<const Complex> field,
                                          const Diffuser& diffuser) {
  WAVESMITH_VALIDATE(
      diffuser.members >= 1 && diffuser.members <= most_members,
      fmt::format("diffuser: modes is {}; give 1 to {} members", diffuser.members, most_members));
  const double bytes = 16.0 * static_cast<double>(plane.size()) * diffuser.members;
  WAVESMITH_VALIDATE(bytes < 8e9, fmt::format("diffuser: {} members on {} x {} samples take {:.3g} "
                                              "GB; ask for fewer",
                                              diffuser.members, plane.nx, plane.ny, bytes * 1e-9));
  std::vector<SourceMode> modes(static_cast<std::size_t>(diffuser.members));
  for (int member = 0; member < diffuser.members; ++member) {
    SourceMode& mode = modes[static_cast<std::size_t>(member)];
    mode.weight = 1.0 / diffuser.members;
    mode.field.assign(field.begin(), field.end());
    const std::vector<double> phase = diffuser_phase(plane, diffuser, member);
    for (std::size_t i = 0; i < phase.size(); ++i) mode.field[i] *= std::polar(1.0, phase[i]);
  }
  return modes;
}

}  // namespace wavesmith
