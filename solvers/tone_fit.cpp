#include "solvers/tone_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {

using Complex = std::complex<double>;

Complex turn(double cycles) {
  return std::polar(1.0, 2.0 * pi * cycles);
}

long tone_window_steps(const std::vector<double>& frequencies, double dt, long longest) {
  // Five periods, so that nothing constant is left behind, and three beats of the two closest.
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < frequencies.size(); ++k) {
    least = std::min(least, std::abs(frequencies[k]) / 5.0);
    if (k > 0) least = std::min(least, (frequencies[k] - frequencies[k - 1]) / 3.0);
  }
  const double steps = 1.0 / (least * dt);
  return std::max<long>(
      2, steps < static_cast<double>(longest) ? static_cast<long>(std::ceil(steps)) : longest);
}

ToneFit::ToneFit(std::vector<double> frequencies, double dt, long longest)
    : frequencies_(std::move(frequencies)),
      dt_(dt),
      steps_(tone_window_steps(frequencies_, dt, longest)) {
  const Eigen::Index count = static_cast<Eigen::Index>(frequencies_.size());
  Eigen::MatrixXd spectra = Eigen::MatrixXd::Zero(2 * count, 2 * count);
  for (Eigen::Index k = 0; k < count; ++k)
    for (Eigen::Index j = 0; j < count; ++j) {
      Complex of_cosine = 0.0, of_sine = 0.0;
      for (long m = 0; m < steps_; ++m) {
        const double t = dt_ * static_cast<double>(m);
        const Complex tone = turn(frequencies_[static_cast<std::size_t>(j)] * t);
        const Complex phase = window(m) * turn(frequencies_[static_cast<std::size_t>(k)] * t);
        of_cosine += tone.real() * phase;
        of_sine += tone.imag() * phase;
      }
      spectra(k, j) = of_cosine.real();
      spectra(count + k, j) = of_cosine.imag();
      spectra(k, count + j) = of_sine.real();
      spectra(count + k, count + j) = of_sine.imag();
    }
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(spectra, Eigen::ComputeFullU | Eigen::ComputeFullV);
  condition_ = svd.singularValues()(0) / svd.singularValues()(2 * count - 1);
  WAVESMITH_VALIDATE(condition_ < 1e8,
                     "the frequencies of the loss are too close to be told apart within a quarter "
                     "of the run, or one of them is 0; take fewer, run longer, or keep "
                     "checkpoints instead");
  const Eigen::MatrixXd inverse =
      svd.matrixV() * svd.singularValues().cwiseInverse().asDiagonal() * svd.matrixU().transpose();
  for (Eigen::Index i = 0; i < 2 * count; ++i)
    for (Eigen::Index j = 0; j < 2 * count; ++j) inverse_.push_back(inverse(i, j));
}

double ToneFit::window(long step) const {
  if (step <= 0 || step >= steps_) return 0.0;
  // Zero in step 0, where drives of the second group come too late.
  const double x = static_cast<double>(step) / static_cast<double>(steps_);
  return 0.355768 - 0.487396 * std::cos(2.0 * pi * x) + 0.144232 * std::cos(4.0 * pi * x) -
         0.012604 * std::cos(6.0 * pi * x);
}

std::vector<Complex> ToneFit::fit(const std::vector<Complex>& wanted, std::size_t points) const {
  const std::size_t count = frequencies_.size();
  std::vector<Complex> fitted(wanted.size());
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j) {
      const auto entry = [&](std::size_t row, std::size_t column) {
        return inverse_[row * 2 * count + column];
      };
      for (std::size_t p = 0; p < points; ++p) {
        const Complex value = wanted[j * points + p];
        fitted[i * points + p] += Complex(
            entry(i, j) * value.real() + entry(i, count + j) * value.imag(),
            entry(count + i, j) * value.real() + entry(count + i, count + j) * value.imag());
      }
    }
  return fitted;
}

}  // namespace wavesmith
