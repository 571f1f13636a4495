#include "physics/fit_medium.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/constrained_fit.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Samples with frequencies in units of the geometric mean of the band.
struct Samples {
  double scale = 1.0;  // [rad/s]
  std::vector<double> omega;
  std::vector<Complex> eps;
  double low() const { return omega.front(); }
  double high() const { return omega.back(); }
};

struct Pole {
  double resonance, damping;  // in units of Samples::scale
};

Samples scaled(std::span<const double> omega, std::span<const Complex> eps) {
  validate_count(eps.size(), omega.size(), "permittivity samples");
  for (std::size_t i = 0; i < omega.size(); ++i) {
    WAVESMITH_VALIDATE(std::isfinite(omega[i]) && omega[i] > (i > 0 ? omega[i - 1] : 0.0),
                       fmt::format("frequency {} of the permittivity samples is {:.6g} rad/s; give "
                                   "positive, rising frequencies",
                                   i, omega[i]));
    WAVESMITH_VALIDATE(
        std::isfinite(eps[i].real()) && std::isfinite(eps[i].imag()) && eps[i].imag() >= 0.0 &&
            std::abs(eps[i]) > 0.0,
        fmt::format("permittivity sample {} is {:.6g} {:+.6g} i; with exp(-i omega t) a passive "
                    "medium has Im eps >= 0: give finite values, conjugated if need be",
                    i, eps[i].real(), eps[i].imag()));
  }
  Samples samples;
  samples.scale = std::sqrt(omega.front() * omega.back());
  for (const double value : omega) samples.omega.push_back(value / samples.scale);
  samples.eps.assign(eps.begin(), eps.end());
  return samples;
}

// `count` starting resonances over the band, in proportion where it is wide.
std::vector<double> spread(const Samples& samples, int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    const double share = (i + 0.5) / count;
    values.push_back(samples.high() > 4.0 * samples.low()
                         ? samples.low() * std::pow(samples.high() / samples.low(), share)
                         : samples.low() + share * (samples.high() - samples.low()));
  }
  return values;
}

// One relocation of vector fitting: the zeros of sigma(s), where sigma f and f have the same poles.
// s = -i omega; complex poles come in conjugate pairs, each given by the one with Im > 0.
std::vector<Complex> relocated(const Samples& samples, const std::vector<Complex>& pairs) {
  const auto rows = static_cast<Eigen::Index>(2 * samples.omega.size());
  const auto size = static_cast<Eigen::Index>(2 * pairs.size());
  Eigen::MatrixXd a(rows, 2 * size + 1);
  Eigen::VectorXd b(rows);
  for (std::size_t k = 0; k < samples.omega.size(); ++k) {
    const Complex s(0.0, -samples.omega[k]);
    const double weight = 1.0 / std::abs(samples.eps[k]);
    const auto row = static_cast<Eigen::Index>(2 * k);
    const auto put = [&](Eigen::Index column, Complex value) {
      a(row, column) = weight * value.real();
      a(row + 1, column) = weight * value.imag();
    };
    for (std::size_t j = 0; j < pairs.size(); ++j) {
      const Complex one = 1.0 / (s - pairs[j]), other = 1.0 / (s - std::conj(pairs[j]));
      const Complex basis[2] = {one + other, Complex(0.0, 1.0) * (one - other)};
      for (Eigen::Index i = 0; i < 2; ++i) {
        const auto column = static_cast<Eigen::Index>(2 * j) + i;
        put(column, basis[i]);
        put(size + 1 + column, -basis[i] * samples.eps[k]);
      }
    }
    put(size, 1.0);
    b(row) = weight * samples.eps[k].real();
    b(row + 1) = weight * samples.eps[k].imag();
  }
  const Eigen::VectorXd x = a.colPivHouseholderQr().solve(b);
  Eigen::MatrixXd companion = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t j = 0; j < pairs.size(); ++j) {
    const auto at = static_cast<Eigen::Index>(2 * j);
    companion.block<2, 2>(at, at) << pairs[j].real(), pairs[j].imag(), -pairs[j].imag(),
        pairs[j].real();
    companion.row(at) -= 2.0 * x.tail(size).transpose();
  }
  const Eigen::VectorXcd zeros = companion.eigenvalues();

  std::vector<Complex> found;
  std::vector<double> real_zeros;
  for (Eigen::Index i = 0; i < size; ++i) {
    const Complex zero(-std::abs(zeros(i).real()), zeros(i).imag());  // stable
    if (zero.imag() > 0.0) found.push_back(zero);
    if (zero.imag() == 0.0) real_zeros.push_back(zero.real());
  }
  // Two real poles make one overdamped pair; its place in the family is what is wanted here.
  std::sort(real_zeros.begin(), real_zeros.end());
  for (std::size_t i = 0; i + 1 < real_zeros.size(); i += 2)
    found.emplace_back(0.5 * (real_zeros[i] + real_zeros[i + 1]),
                       std::sqrt(real_zeros[i] * real_zeros[i + 1]) + 1e-9);
  return found;
}

std::vector<Pole> vector_fit(const Samples& samples, int count) {
  std::vector<Complex> pairs;
  for (const double omega : spread(samples, count)) pairs.emplace_back(-0.01 * omega, omega);
  for (int i = 0; i < 12 && !pairs.empty(); ++i) pairs = relocated(samples, pairs);
  std::vector<Pole> poles;
  for (const Complex& pair : pairs) poles.push_back({std::abs(pair), -2.0 * pair.real()});
  return poles;
}

// Strengths and eps_inf - min_eps_inf (last), non-negative, for poles (resonance, damping)...
struct Projection {
  const Samples& samples;
  double min_eps_inf;

  std::vector<double> columns_of(double resonance, double damping) const {
    std::vector<double> column;
    for (std::size_t k = 0; k < samples.omega.size(); ++k) {
      const double omega = samples.omega[k];
      const Complex value =
          1.0 / (Complex(resonance * resonance - omega * omega, -damping * omega) *
                 std::abs(samples.eps[k]));
      // A sample on an undamped resonance has no finite basis value.
      const bool finite = std::isfinite(value.real()) && std::isfinite(value.imag());
      column.push_back(finite ? value.real() : 1e12);
      column.push_back(finite ? value.imag() : 1e12);
    }
    return column;
  }

  std::vector<double> solve(std::span<const double> parameters,
                            std::vector<double>* residuals) const {
    std::vector<std::vector<double>> columns;
    for (std::size_t i = 0; i + 1 < parameters.size(); i += 2)
      columns.push_back(columns_of(parameters[i], parameters[i + 1]));
    std::vector<double> constant, right;
    for (std::size_t k = 0; k < samples.omega.size(); ++k) {
      const double weight = 1.0 / std::abs(samples.eps[k]);
      constant.insert(constant.end(), {weight, 0.0});
      right.insert(right.end(), {weight * (samples.eps[k].real() - min_eps_inf),
                                 weight * samples.eps[k].imag()});
    }
    columns.push_back(constant);
    const std::vector<double> x = nonnegative_least_squares(columns, right);
    if (residuals != nullptr) {
      for (std::size_t row = 0; row < right.size(); ++row)
        for (std::size_t i = 0; i < columns.size(); ++i) right[row] -= columns[i][row] * x[i];
      *residuals = right;
    }
    return x;
  }
};

}  // namespace

MediumFit fit_medium(std::span<const double> omega, std::span<const Complex> eps,
                     const MediumFitOptions& options) {
  WAVESMITH_VALIDATE(options.poles >= 0 && options.poles <= 12,
                     fmt::format("a fit with {} poles was asked for; give 0 to 12", options.poles));
  const auto count = static_cast<std::size_t>(options.poles);
  WAVESMITH_VALIDATE(
      omega.size() >= std::max<std::size_t>(2, 2 * count),
      fmt::format("{} permittivity samples are too few for {} poles; give at least {}",
                  omega.size(), count, std::max<std::size_t>(2, 2 * count)));
  validate_positive(options.min_eps_inf, "min_eps_inf");
  WAVESMITH_VALIDATE(
      options.max_resonance > 0.0,
      fmt::format("max_resonance is {} rad/s; it must be positive", options.max_resonance));
  const Samples samples = scaled(omega, eps);
  const Projection projection{samples, options.min_eps_inf};
  // Above a hundred times the band a pole is a constant.
  const double highest = std::min(options.max_resonance / samples.scale, 100.0 * samples.high());

  const auto residuals = [&](std::span<const double> parameters) {
    std::vector<double> values;
    projection.solve(parameters, &values);
    return values;
  };
  // Local minima abound, so pole after pole is added at the place that helps most, and vector
  // fitting competes with what came of that.
  BoundedFit best{{}, std::numeric_limits<double>::infinity()};
  for (std::size_t size = 1; size <= count; ++size) {
    std::vector<std::vector<double>> starts;
    std::vector<double> places = spread(samples, 4);
    places.insert(places.end(), {options.min_resonance / samples.scale, 1.3 * samples.high(),
                                 2.0 * samples.high(), 4.0 * samples.high()});
    for (const double place : places) {
      starts.push_back(best.parameters);
      starts.back().insert(starts.back().end(), {place, 0.1 * (place + samples.low())});
    }
    starts.emplace_back();
    for (const Pole& pole : vector_fit(samples, static_cast<int>(size)))
      starts.back().insert(starts.back().end(), {pole.resonance, pole.damping});
    starts.back().resize(2 * size, samples.high());

    std::vector<double> low, high;
    for (std::size_t i = 0; i < size; ++i) {
      low.insert(low.end(), {std::min(options.min_resonance / samples.scale, highest), 0.0});
      high.insert(high.end(), {highest, 100.0 * samples.high()});
    }
    // A short run from each start tells which of them is worth a long one.
    BoundedFit grown{{}, std::numeric_limits<double>::infinity()};
    for (const std::vector<double>& start : starts) {
      BoundedFit fit = fit_bounded(residuals, start, low, high, 20);
      if (fit.residual < grown.residual) grown = std::move(fit);
    }
    grown = fit_bounded(residuals, grown.parameters, low, high, 200);
    best = std::move(grown);
  }

  MediumFit result;
  const std::vector<double> x = projection.solve(best.parameters, nullptr);
  result.medium.eps_inf = options.min_eps_inf + x.back();
  result.medium.min_wavelength = 2.0 * pi * speed_of_light / omega.back();
  result.medium.max_wavelength = 2.0 * pi * speed_of_light / omega.front();
  for (std::size_t i = 0; i < count; ++i)
    if (x[i] > 0.0)
      result.medium.lorentz.push_back({best.parameters[2 * i] * samples.scale,
                                       best.parameters[2 * i + 1] * samples.scale,
                                       x[i] * samples.scale * samples.scale});
  double sum = 0.0;
  for (std::size_t k = 0; k < omega.size(); ++k) {
    const double error = std::abs(result.medium.permittivity(omega[k]) - eps[k]) / std::abs(eps[k]);
    sum += error * error;
    result.max_error = std::max(result.max_error, error);
  }
  result.rms_error = std::sqrt(sum / static_cast<double>(omega.size()));
  return result;
}

MediumFit refit_medium(const DispersiveMedium& medium, double min_wavelength, double max_wavelength,
                       const MediumFitOptions& options, int samples) {
  validate_medium(medium);
  validate_band(medium, min_wavelength, max_wavelength);
  WAVESMITH_VALIDATE(
      samples >= 2 && samples <= 10000 && max_wavelength > min_wavelength,
      fmt::format("a fit to {} samples from {:.6g} to {:.6g} m was asked for; give 2 "
                  "to 10000 samples of a band that is not empty",
                  samples, min_wavelength, max_wavelength));
  std::vector<double> omega;
  std::vector<Complex> eps;
  const double first = 2.0 * pi * speed_of_light / max_wavelength;
  const double last = 2.0 * pi * speed_of_light / min_wavelength;
  for (int i = 0; i < samples; ++i) {
    omega.push_back(first + (last - first) * i / (samples - 1));
    eps.push_back(medium.permittivity(omega.back()));
  }
  MediumFit fit = fit_medium(omega, eps, options);
  fit.medium.name = medium.name;
  fit.medium.sentence = medium.sentence;
  fit.medium.citation = medium.citation;
  fit.medium.min_wavelength = min_wavelength;
  fit.medium.max_wavelength = max_wavelength;
  fit.medium.chi2 = medium.chi2;
  fit.medium.chi3 = medium.chi3;
  return fit;
}

}  // namespace wavesmith
