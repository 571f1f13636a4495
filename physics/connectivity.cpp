#include "physics/connectivity.hpp"

#include <fmt/format.h>

#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/conic_filter.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr double sharpest = 256.0;  // a step has no derivative; from here on it is one
constexpr std::size_t most_pixels = 4'000'000;

// Two neighbours and what the shape of pixels contributes to their conductance.
struct Link {
  std::size_t a, b;
  double shape;
};

// Halves in series: 2 k_a k_b / (k_a + k_b).
double in_series(double a, double b) {
  return 2.0 * a * b / (a + b);
}
// Its derivative by a.
double in_series_slope(double a, double b) {
  const double share = b / (a + b);
  return 2.0 * share * share;
}

}  // namespace

struct Connectivity::Solver {
  using Matrix = Eigen::SparseMatrix<double>;
  std::vector<Link> links;
  Matrix matrix;  // lower triangle, pattern of the first factorisation
  Eigen::SimplicialLDLT<Matrix> factors;
  bool analysed = false;
};

Connectivity::Connectivity(const Plane& pixels, std::vector<char> anchors,
                           const ConnectivitySettings& settings)
    : pixels_(pixels), anchors_(std::move(anchors)), settings_(settings) {
  validate_plane(pixels, "pixels of connectivity");
  WAVESMITH_VALIDATE(pixels.size() <= most_pixels,
                     fmt::format("connectivity of {} pixels would take too much memory (at most "
                                 "{}); make the pixels larger",
                                 pixels.size(), most_pixels));
  validate_count(anchors_.size(), pixels.size(), "anchors of connectivity");
  WAVESMITH_VALIDATE(std::any_of(anchors_.begin(), anchors_.end(), [](char a) { return a != 0; }),
                     "connectivity needs an anchor: a pixel to which the pattern is to be "
                     "connected, such as where "
                     "a waveguide meets it");
  validate_positive(settings.limit, "limit of connectivity");
  validate_between(settings.least_conductivity, 1e-12, 0.1, "least_conductivity");
  validate_between(settings.power, 1.0, 100.0, "power of connectivity");

  solver_ = std::make_unique<Solver>();
  const auto nx = static_cast<std::size_t>(pixels.nx), ny = static_cast<std::size_t>(pixels.ny);
  for (std::size_t j = 0; j < ny; ++j)
    for (std::size_t i = 0; i < nx; ++i) {
      const std::size_t p = j * nx + i;
      if (i + 1 < nx) solver_->links.push_back({p, p + 1, pixels.dy / pixels.dx});
      if (j + 1 < ny) solver_->links.push_back({p, p + nx, pixels.dx / pixels.dy});
    }
}

Connectivity::~Connectivity() = default;
Connectivity::Connectivity(Connectivity&&) noexcept = default;
Connectivity& Connectivity::operator=(Connectivity&&) noexcept = default;

double Connectivity::evaluate(std::span<const double> filtered, double beta,
                              std::span<double> gradient) {
  const std::size_t count = pixels_.size();
  validate_count(filtered.size(), count, "filtered pixels of connectivity");
  validate_count(gradient.size(), count, "gradient of connectivity");
  const TanhProjection projection(std::min(beta, sharpest), 0.5);
  const double sign = settings_.phase == PatternPhase::solid ? 1.0 : -1.0;
  const double offset = settings_.phase == PatternPhase::solid ? 0.0 : 1.0;
  const double least = settings_.least_conductivity;
  std::vector<double> mass(count), mass_slope(count), conductivity(count);
  for (std::size_t p = 0; p < count; ++p) {
    const double v = offset + sign * filtered[p], projected = projection.value(v);
    mass[p] = projected * projected * projected;
    mass_slope[p] = sign * 3.0 * projected * projected * projection.slope(v);
    conductivity[p] = least + (1.0 - least) * mass[p];
  }

  // Anchors keep their row, with what leads to them, and T = 0: their unknown is left out by a
  // diagonal of 1 and no neighbours.
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(2 * solver_->links.size() + count);
  std::vector<double> diagonal(count, 0.0);
  for (const Link& link : solver_->links) {
    const double c = link.shape * in_series(conductivity[link.a], conductivity[link.b]);
    const bool free_a = anchors_[link.a] == 0, free_b = anchors_[link.b] == 0;
    if (free_a) diagonal[link.a] += c;
    if (free_b) diagonal[link.b] += c;
    if (free_a && free_b)
      entries.emplace_back(static_cast<int>(link.b), static_cast<int>(link.a), -c);
  }
  for (std::size_t p = 0; p < count; ++p)
    entries.emplace_back(static_cast<int>(p), static_cast<int>(p),
                         anchors_[p] != 0 ? 1.0 : diagonal[p]);
  solver_->matrix.resize(static_cast<int>(count), static_cast<int>(count));
  solver_->matrix.setFromTriplets(entries.begin(), entries.end());
  if (!solver_->analysed) solver_->factors.analyzePattern(solver_->matrix);
  solver_->analysed = true;
  solver_->factors.factorize(solver_->matrix);

  const double longer = std::max(pixels_.width(), pixels_.height());
  const double heat = pixels_.cell_area() / (longer * longer);
  Eigen::VectorXd source(static_cast<int>(count));
  for (std::size_t p = 0; p < count; ++p)
    source[static_cast<int>(p)] = anchors_[p] != 0 ? 0.0 : heat * mass[p];
  const Eigen::VectorXd solved = solver_->factors.solve(source);
  if (solver_->factors.info() != Eigen::Success || !solved.allFinite())
    throw NumericsError(
        "connectivity: the virtual temperature could not be solved; the filtered pixels must be "
        "finite and between 0 and 1");
  temperature_.assign(solved.data(), solved.data() + count);

  // Powers of T over the largest, which neither overflow nor vanish.
  const double top = *std::max_element(temperature_.begin(), temperature_.end());
  if (!(top > 0.0)) {  // nothing is heated
    std::fill(gradient.begin(), gradient.end(), 0.0);
    return -1.0;
  }
  double mean = 0.0;
  Eigen::VectorXd by_temperature(static_cast<int>(count));
  for (std::size_t p = 0; p < count; ++p) {
    const double share = std::max(0.0, temperature_[p]) / top;
    const double power = std::pow(share, settings_.power - 1.0);
    mean += power * share / static_cast<double>(count);
    by_temperature[static_cast<int>(p)] = power / static_cast<double>(count);
  }
  const double norm = top * std::pow(mean, 1.0 / settings_.power);
  by_temperature *= std::pow(mean, 1.0 / settings_.power - 1.0) / settings_.limit;

  // Transpose: the matrix is symmetric, anchors neither send nor receive.
  for (std::size_t p = 0; p < count; ++p)
    if (anchors_[p] != 0) by_temperature[static_cast<int>(p)] = 0.0;
  const Eigen::VectorXd adjoint = solver_->factors.solve(by_temperature);
  std::vector<double> by_conductivity(count, 0.0);
  for (const Link& link : solver_->links) {
    const auto a = static_cast<int>(link.a), b = static_cast<int>(link.b);
    const double flow = -link.shape * (adjoint[a] - adjoint[b]) * (solved[a] - solved[b]);
    by_conductivity[link.a] += flow * in_series_slope(conductivity[link.a], conductivity[link.b]);
    by_conductivity[link.b] += flow * in_series_slope(conductivity[link.b], conductivity[link.a]);
  }
  for (std::size_t p = 0; p < count; ++p) {
    const double by_heat = anchors_[p] != 0 ? 0.0 : heat * adjoint[static_cast<int>(p)];
    gradient[p] = mass_slope[p] * (by_heat + (1.0 - least) * by_conductivity[p]);
  }
  return norm / settings_.limit - 1.0;
}

}  // namespace wavesmith
