#include "solvers/coupled_mode_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <unsupported/Eigen/LevenbergMarquardt>

#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/coupled_mode_start.hpp"
#include "solvers/scattering_matrix.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
constexpr Complex i_unit{0.0, 1.0};

// Unknowns, in units in which the resonance lies near 0 and has a width of about 1: detuning,
// sqrt(kappa_1), sqrt(kappa_2), kappa', then J or J^2, then the coefficients of both phases.
enum Unknown { detuning, root_1, root_2, intrinsic, j_real, j_imaginary, first_phase };

// The curves in those units.
struct Problem {
  const AddDropCurves& curves;
  double centre, width;  // [1/s]
  std::vector<double> x;
  int phase_order;

  bool sees_backscatter() const { return !curves.reflected.empty() || !curves.added.empty(); }
  int unknowns() const { return first_phase + 2 * (phase_order + 1); }
  int values() const {
    return static_cast<int>(2 * (curves.through.size() + curves.drop.size() +
                                 curves.reflected.size() + curves.added.size()));
  }
};

// One of the four amplitudes and its derivatives by the unknowns other than the phase's.
struct Amplitude {
  Complex value;
  std::array<Complex, first_phase> slope{};
};

struct Response {
  Amplitude through, drop, reflected, added;
};

Response respond(const Eigen::VectorXd& p, double x, bool sees_backscatter) {
  const double s1 = p[root_1], s2 = p[root_2];
  const Complex d = x - p[detuning] + 0.5 * i_unit * (s1 * s1 + s2 * s2 + p[intrinsic]);
  const Complex given(p[j_real], p[j_imaginary]);
  const Complex j = sees_backscatter ? given : std::sqrt(given);
  const Complex square = sees_backscatter ? given * given : given;
  const Complex pole = 1.0 / (d * d - square);
  const Complex g11 = d * pole, g12 = j * pole;
  // By D, then by the fifth unknown; by the sixth it is i times that.
  const Complex g11_d = -(d * d + square) * pole * pole, g12_d = -2.0 * d * j * pole * pole;
  const Complex g11_j = (sees_backscatter ? 2.0 * j : Complex(1.0)) * d * pole * pole;
  const Complex g12_j = sees_backscatter ? (d * d + square) * pole * pole : Complex(0.0);
  const std::array<Complex, 4> d_by = {-1.0, i_unit * s1, i_unit * s2, 0.5 * i_unit};

  const auto amplitude = [&](double rate, double by_1, double by_2, Complex g, Complex g_d,
                             Complex g_j) {
    Amplitude a;
    a.value = -i_unit * rate * g;
    for (std::size_t k = 0; k < 4; ++k) a.slope[k] = -i_unit * rate * g_d * d_by[k];
    a.slope[root_1] -= i_unit * by_1 * g;
    a.slope[root_2] -= i_unit * by_2 * g;
    a.slope[j_real] = -i_unit * rate * g_j;
    a.slope[j_imaginary] = rate * g_j;
    return a;
  };
  Response r;
  r.through = amplitude(s1 * s1, 2.0 * s1, 0.0, g11, g11_d, g11_j);
  r.through.value += 1.0;
  r.drop = amplitude(s1 * s2, s2, s1, g11, g11_d, g11_j);
  r.reflected = amplitude(s1 * s1, 2.0 * s1, 0.0, g12, g12_d, g12_j);
  r.added = amplitude(s1 * s2, s2, s1, g12, g12_d, g12_j);
  return r;
}

// Calls visit(row, amplitude, measured, first unknown of its phase, x) for every measured value.
template <class Visit>
void for_each_value(const Problem& problem, const Eigen::VectorXd& p, const Visit& visit) {
  const AddDropCurves& curves = problem.curves;
  const int guide_1 = first_phase, guide_2 = guide_1 + problem.phase_order + 1;
  int row = 0;
  for (std::size_t f = 0; f < problem.x.size(); ++f) {
    const Response r = respond(p, problem.x[f], problem.sees_backscatter());
    visit(row++, r.through, curves.through[f], guide_1, problem.x[f]);
    visit(row++, r.drop, curves.drop[f], guide_2, problem.x[f]);
    if (!curves.reflected.empty())
      visit(row++, r.reflected, curves.reflected[f], guide_1, problem.x[f]);
    if (!curves.added.empty()) visit(row++, r.added, curves.added[f], guide_2, problem.x[f]);
  }
}

// exp(i phase) of the polynomial whose coefficients begin at `first`.
Complex phase_factor(const Eigen::VectorXd& p, int first, int order, double x) {
  double phase = 0.0;
  for (int n = order; n >= 0; --n) phase = phase * x + p[first + n];
  return std::polar(1.0, phase);
}

// Network minus curves, real and imaginary parts, as Eigen's solver wants it.
struct Mismatch : Eigen::DenseFunctor<double> {
  explicit Mismatch(const Problem& problem)
      : DenseFunctor(problem.unknowns(), problem.values()), problem_(problem) {}

  int operator()(const InputType& p, ValueType& mismatch) const {
    for_each_value(problem_, p,
                   [&](int row, const Amplitude& a, Complex measured, int first, double x) {
                     const Complex difference =
                         phase_factor(p, first, problem_.phase_order, x) * a.value - measured;
                     mismatch[2 * row] = difference.real();
                     mismatch[2 * row + 1] = difference.imag();
                   });
    return mismatch.allFinite() ? 0 : -1;
  }

  int df(const InputType& p, JacobianType& jacobian) const {
    jacobian.setZero();
    for_each_value(problem_, p, [&](int row, const Amplitude& a, Complex, int first, double x) {
      const auto put = [&](int column, Complex slope) {
        jacobian(2 * row, column) = slope.real();
        jacobian(2 * row + 1, column) = slope.imag();
      };
      const Complex factor = phase_factor(p, first, problem_.phase_order, x);
      for (int k = 0; k < first_phase; ++k) put(k, factor * a.slope[static_cast<std::size_t>(k)]);
      Complex by_phase = i_unit * factor * a.value;
      for (int n = 0; n <= problem_.phase_order; ++n, by_phase *= x) put(first + n, by_phase);
    });
    return 0;
  }

 private:
  const Problem& problem_;
};

void validate(const AddDropCurves& curves, const CoupledModeFitOptions& options) {
  const std::size_t count = curves.frequencies.size();
  WAVESMITH_VALIDATE(count >= 8, "coupled modes: " + std::to_string(count) +
                                     " frequencies; at least 8 are needed, best some on each side "
                                     "of the resonance and ten across it");
  WAVESMITH_VALIDATE(options.phase_order >= 0 && options.phase_order <= 6,
                     "coupled modes: phase_order is " + std::to_string(options.phase_order) +
                         "; it must lie between 0 and 6");
  for (std::size_t f = 0; f < count; ++f)
    WAVESMITH_VALIDATE(std::isfinite(curves.frequencies[f]) &&
                           curves.frequencies[f] > (f > 0 ? curves.frequencies[f - 1] : 0.0),
                       "coupled modes: frequency " + std::to_string(f + 1) +
                           " is not above the one before it (and above 0)");
  const auto check = [&](const std::vector<Complex>& curve, const std::string& name, bool needed) {
    if (curve.empty() && !needed) return;
    WAVESMITH_VALIDATE(curve.size() == count, "coupled modes: the curve \"" + name + "\" has " +
                                                  std::to_string(curve.size()) + " values for " +
                                                  std::to_string(count) + " frequencies");
    for (std::size_t f = 0; f < count; ++f)
      WAVESMITH_VALIDATE(std::isfinite(std::norm(curve[f])),
                         "coupled modes: value " + std::to_string(f + 1) + " of the curve \"" +
                             name + "\" is not finite");
  };
  check(curves.through, "through", true);
  check(curves.drop, "drop", true);
  check(curves.reflected, "reflected", false);
  check(curves.added, "added", false);
}

// Where the drop is at least half of its highest: the middle, and a Lorentzian's width [1/s] from
// the area below the curve.
Problem frame_problem(const AddDropCurves& curves, const CoupledModeFitOptions& options) {
  Problem problem{curves, 0.0, 0.0, {}, options.phase_order};
  double highest = 0.0, weight = 0.0, area = 0.0;
  for (const Complex& value : curves.drop) highest = std::max(highest, std::norm(value));
  if (!(highest > 0.0))
    throw NumericsError(
        "coupled modes: nothing leaves by the drop port, so there is no resonance "
        "in the band; move the band, or bring the ring nearer to the guides");
  for (std::size_t f = 0; f < curves.drop.size(); ++f) {
    const double omega = 2.0 * pi * curves.frequencies[f], power = std::norm(curves.drop[f]);
    if (power >= 0.5 * highest) {
      problem.centre += power * omega;
      weight += power;
    }
    if (f > 0)
      area += 0.5 * (power + std::norm(curves.drop[f - 1])) *
              (omega - 2.0 * pi * curves.frequencies[f - 1]);
  }
  problem.centre /= weight;
  problem.width = 2.0 * area / (pi * highest);
  for (const double f : curves.frequencies)
    problem.x.push_back((2.0 * pi * f - problem.centre) / problem.width);
  return problem;
}

Eigen::VectorXd unknowns_of(const Problem& problem, const CoupledModeStart& start) {
  Eigen::VectorXd p = Eigen::VectorXd::Zero(problem.unknowns());
  p[detuning] = start.omega.real();
  p[root_1] = std::sqrt(start.kappa_1);
  p[root_2] = std::sqrt(start.kappa_2);
  p[intrinsic] = -2.0 * start.omega.imag() - start.kappa_1 - start.kappa_2;
  const Complex j =
      problem.sees_backscatter() ? start.backscatter : start.backscatter * start.backscatter;
  p[j_real] = j.real();
  p[j_imaginary] = j.imag();
  const int guide_2 = first_phase + problem.phase_order + 1;
  p[first_phase] = start.phase[0];
  p[guide_2] = start.phase[1];
  if (problem.phase_order > 0) {
    p[first_phase + 1] = start.delay[0];
    p[guide_2 + 1] = start.delay[1];
  }
  return p;
}

// The best end of all starts: one pole and two, J with either sign (where scattered light is seen,
// its phase tells them apart).
Eigen::VectorXd solve(const Problem& problem) {
  Mismatch mismatch(problem);
  Eigen::VectorXd best;
  double least = std::numeric_limits<double>::infinity();
  for (const int poles : {1, 2}) {
    CoupledModeStart start =
        start_coupled_modes(problem.x, problem.curves.through, problem.curves.drop, poles);
    // Off zero, where the fit by J^2 has no slope.
    if (poles == 1) start.backscatter = 0.03 * start.omega.imag();
    for (int sign = 0; sign < 2; ++sign) {
      start.backscatter = -start.backscatter;
      Eigen::VectorXd p = unknowns_of(problem, start);
      if (!p.allFinite()) continue;
      Eigen::LevenbergMarquardt<Mismatch> solver(mismatch);
      solver.setXtol(1e-14);
      solver.setFtol(1e-14);
      solver.setMaxfev(300);
      solver.minimize(p);
      const double square = solver.fvec().squaredNorm();
      if (p.allFinite() && square < least) {
        least = square;
        best = p;
      }
    }
  }
  return best;
}

// Coefficients in x of a polynomial in rad about the detuning, as ones in Hz about the resonance.
std::vector<double> shifted_phase(const Problem& problem, const Eigen::VectorXd& p, int first) {
  std::vector<double> shifted;
  double factorial = 1.0, scale = 1.0;
  for (int n = 0; n <= problem.phase_order; ++n) {
    if (n > 0) {
      factorial *= n;
      scale *= 2.0 * pi / problem.width;
    }
    double derivative = 0.0;
    for (int m = problem.phase_order; m >= n; --m) {
      double falling = 1.0;
      for (int k = 0; k < n; ++k) falling *= m - k;
      derivative = derivative * p[detuning] + falling * p[first + m];
    }
    shifted.push_back(derivative / factorial * scale);
  }
  shifted[0] = std::remainder(shifted[0], 2.0 * pi);
  return shifted;
}

CoupledModeFit unpack(const Problem& problem, const Eigen::VectorXd& p) {
  const Mismatch mismatch(problem);
  Eigen::VectorXd rest(problem.values());
  Eigen::MatrixXd jacobian(problem.values(), problem.unknowns());
  mismatch(p, rest);
  mismatch.df(p, jacobian);
  const int freedom = std::max(1, problem.values() - problem.unknowns());
  // Floored: a direction that the curves do not determine gets a very large error.
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> normal(jacobian.transpose() * jacobian);
  const Eigen::VectorXd inverse =
      normal.eigenvalues().cwiseMax(1e-14 * normal.eigenvalues().maxCoeff()).cwiseInverse();
  const Eigen::MatrixXd covariance = rest.squaredNorm() / freedom * normal.eigenvectors() *
                                     inverse.asDiagonal() * normal.eigenvectors().transpose();
  const auto deviation = [&](const Eigen::VectorXd& slope) {
    return std::sqrt(slope.dot(covariance * slope));
  };
  const auto unit = [&](int k, double slope) {
    return Eigen::VectorXd(slope * Eigen::VectorXd::Unit(problem.unknowns(), k));
  };

  CoupledModeFit fit;
  AddDropRing& ring = fit.ring;
  AddDropRing& error = fit.error;
  const double w = problem.width;
  ring.frequency = (problem.centre + w * p[detuning]) / (2.0 * pi);
  error.frequency = deviation(unit(detuning, w / (2.0 * pi)));
  ring.kappa_1 = w * p[root_1] * p[root_1];
  error.kappa_1 = deviation(unit(root_1, 2.0 * w * p[root_1]));
  ring.kappa_2 = w * p[root_2] * p[root_2];
  error.kappa_2 = deviation(unit(root_2, 2.0 * w * p[root_2]));
  ring.kappa_intrinsic = w * p[intrinsic];
  error.kappa_intrinsic = deviation(unit(intrinsic, w));
  const Complex given(p[j_real], p[j_imaginary]);
  if (problem.sees_backscatter()) {
    ring.backscatter = w * given;
    error.backscatter = {deviation(unit(j_real, w)), deviation(unit(j_imaginary, w))};
  } else {
    ring.backscatter = w * std::sqrt(given);
    // dJ = dJ^2 / (2 J)
    const Complex slope = 0.5 * w / std::sqrt(given);
    error.backscatter = {deviation(unit(j_real, slope.real()) - unit(j_imaginary, slope.imag())),
                         deviation(unit(j_real, slope.imag()) + unit(j_imaginary, slope.real()))};
  }
  const double relative = -ring.quality() * w / ring.total_loss();
  fit.quality_error =
      deviation(unit(root_1, 2.0 * relative * p[root_1]) +
                unit(root_2, 2.0 * relative * p[root_2]) + unit(intrinsic, relative));
  fit.through_phase = shifted_phase(problem, p, first_phase);
  fit.drop_phase = shifted_phase(problem, p, first_phase + problem.phase_order + 1);
  fit.residual = std::sqrt(2.0 * rest.squaredNorm() / problem.values());
  return fit;
}

// The network's curves behind the phases of the guides.
AddDropCurves curves_of_network(const Problem& problem, const Eigen::VectorXd& p,
                                const AddDropRing& ring) {
  AddDropCurves network = add_drop_response(ring, problem.curves.frequencies);
  for (std::size_t f = 0; f < problem.x.size(); ++f) {
    const Complex one = phase_factor(p, first_phase, problem.phase_order, problem.x[f]);
    const Complex two =
        phase_factor(p, first_phase + problem.phase_order + 1, problem.phase_order, problem.x[f]);
    network.through[f] *= one;
    network.reflected[f] *= one;
    network.drop[f] *= two;
    network.added[f] *= two;
  }
  return network;
}

}  // namespace

double AddDropRing::quality() const {
  return 2.0 * pi * frequency / total_loss();
}

double CoupledModeFit::through_delay() const {
  return through_phase.size() > 1 ? through_phase[1] / (2.0 * pi) : 0.0;
}
double CoupledModeFit::drop_delay() const {
  return drop_phase.size() > 1 ? drop_phase[1] / (2.0 * pi) : 0.0;
}

ResonatorNetwork add_drop_network(const AddDropRing& ring) {
  ResonatorNetwork network;
  for (const char* direction : {"forward", "backward"})
    network.modes.push_back({direction, 0.0, ring.kappa_1, ring.kappa_2 + ring.kappa_intrinsic});
  network.couplings = {{0, 1, ring.backscatter, CouplingKind::reciprocal}};
  return network;
}

AddDropCurves add_drop_response(const AddDropRing& ring, std::span<const double> frequencies) {
  WAVESMITH_VALIDATE(
      std::isfinite(ring.kappa_2) && ring.kappa_2 >= 0.0,
      "ring: kappa_2 is " + std::to_string(ring.kappa_2) + " 1/s; a rate of loss is 0 or more");
  std::vector<double> detunings;
  for (const double f : frequencies) detunings.push_back(2.0 * pi * (f - ring.frequency));
  const std::array entries = {ScatteringEntry{0, 0}, ScatteringEntry{1, 0}};
  ScatteringOptions options;
  options.threads = 1;  // two modes: others would only be waited for
  const std::vector<Complex> green =
      ScatteringMatrix(add_drop_network(ring), options).green(detunings, entries);
  const double over = std::sqrt(ring.kappa_1 * ring.kappa_2);
  AddDropCurves curves;
  curves.frequencies.assign(frequencies.begin(), frequencies.end());
  for (std::size_t f = 0; f < detunings.size(); ++f) {
    curves.through.push_back(1.0 - i_unit * ring.kappa_1 * green[2 * f]);
    curves.reflected.push_back(-i_unit * ring.kappa_1 * green[2 * f + 1]);
    curves.drop.push_back(-i_unit * over * green[2 * f]);
    curves.added.push_back(-i_unit * over * green[2 * f + 1]);
  }
  return curves;
}

CoupledModeFit fit_coupled_modes(const AddDropCurves& curves,
                                 const CoupledModeFitOptions& options) {
  validate(curves, options);
  const Problem problem = frame_problem(curves, options);
  WAVESMITH_VALIDATE(
      problem.values() > problem.unknowns(),
      "coupled modes: too few frequencies for " + std::to_string(problem.unknowns()) + " unknowns");
  const Eigen::VectorXd best = solve(problem);
  const auto fail = [&](const std::string& why) {
    throw NumericsError("coupled modes: no resonance was found between " +
                        std::to_string(1e-12 * curves.frequencies.front()) + " and " +
                        std::to_string(1e-12 * curves.frequencies.back()) + " THz (" + why +
                        "); choose a band that holds a whole resonance and its surroundings");
  };
  if (best.size() == 0) fail("the fit does not converge");
  CoupledModeFit fit = unpack(problem, best);
  if (!(fit.ring.frequency >= curves.frequencies.front() &&
        fit.ring.frequency <= curves.frequencies.back()))
    fail("the best one lies outside");
  if (!(fit.ring.total_loss() > 0.0) || !(fit.ring.kappa_2 + fit.ring.kappa_intrinsic >= 0.0))
    fail("the best one grows");
  fit.network = curves_of_network(problem, best, fit.ring);
  return fit;
}

}  // namespace wavesmith
