#include "solvers/matrix_fourier.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "solvers/plane_wave.hpp"

namespace wavesmith {
namespace {

using Complex = LinearOperator::Complex;
using Matrix = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;
using Map = Eigen::Map<Matrix>;

double step(const std::vector<double>& comb, double spacing) {
  return 1.0 / (static_cast<double>(comb.size()) * spacing);
}

}  // namespace

MatrixFourier::MatrixFourier(const Plane& in, const Plane& out, double wavelength, double distance,
                             const Options& options, PropagationMethod method)
    : in_(in), out_(out) {
  validate_plane(in, "matrix Fourier: the input plane");
  validate_plane(out, "matrix Fourier: the output plane");
  validate_wave(wavelength, distance);
  WAVESMITH_VALIDATE(method == PropagationMethod::angular_spectrum ||
                         method == PropagationMethod::band_limited ||
                         method == PropagationMethod::fresnel,
                     std::string("matrix Fourier: the method ") + method_name(method) +
                         " is not a sum of plane waves; choose angular_spectrum, band_limited or "
                         "fresnel");
  WAVESMITH_VALIDATE(std::isfinite(options.padding) && options.padding >= 1.0,
                     "matrix Fourier: padding = " + format_short(options.padding) +
                         " (must be at least 1); 2 keeps copies out of the output window");

  const double window_x = 0.5 * options.padding * (in.width() + out.width());
  const double window_y = 0.5 * options.padding * (in.height() + out.height());
  const auto u = frequency_comb(in.dx, window_x, in.nx);
  const auto v = frequency_comb(in.dy, window_y, in.ny);
  validate_spectrum(u.size(), v.size());
  frequencies_x_ = static_cast<long>(u.size());
  frequencies_y_ = static_cast<long>(v.size());
  into_x_ = fourier_matrix(u, positions_x(in), -1, in.dx);
  into_y_ = fourier_matrix(v, positions_y(in), -1, in.dy);
  from_x_ = fourier_matrix(u, positions_x(out), +1, step(u, in.dx));
  from_y_ = fourier_matrix(v, positions_y(out), +1, step(v, in.dy));

  const bool limited = method == PropagationMethod::band_limited && distance > 0.0;
  const double half_x = 0.5 / step(u, in.dx), half_y = 0.5 / step(v, in.dy);
  const double cx = out.x0 - in.x0, cy = out.y0 - in.y0;
  const PlaneWaveFactor factor(wavelength, distance, options.evanescent,
                               method == PropagationMethod::fresnel);
  transfer_.reserve(u.size() * v.size());
  for (const double vq : v) {
    for (const double up : u) {
      const double w_squared = 1.0 / (wavelength * wavelength) - up * up - vq * vq;
      const bool kept =
          !limited || (walk_inside(up, w_squared, distance, cx - half_x, cx + half_x) &&
                       walk_inside(vq, w_squared, distance, cy - half_y, cy + half_y));
      transfer_.push_back(kept ? factor(up * up + vq * vq) : Complex(0.0));
    }
  }
}

void MatrixFourier::apply(std::span<const Complex> input, std::span<Complex> output) const {
  check_sizes(input.size(), output.size());
  const ConstMap field(input.data(), in_.ny, in_.nx);
  const ConstMap into_x(into_x_.data(), frequencies_x_, in_.nx);
  const ConstMap into_y(into_y_.data(), frequencies_y_, in_.ny);
  const ConstMap from_x(from_x_.data(), frequencies_x_, out_.nx);
  const ConstMap from_y(from_y_.data(), frequencies_y_, out_.ny);
  const ConstMap transfer(transfer_.data(), frequencies_y_, frequencies_x_);

  const Matrix half = into_y * field;
  Matrix spectrum = half * into_x.transpose();
  spectrum.array() *= transfer.array();
  const Matrix rows = from_y.transpose() * spectrum;
  Map(output.data(), out_.ny, out_.nx).noalias() = rows * from_x;
}

void MatrixFourier::apply_transpose(std::span<const Complex> output,
                                    std::span<Complex> input) const {
  check_sizes(input.size(), output.size());
  const ConstMap field(output.data(), out_.ny, out_.nx);
  const ConstMap into_x(into_x_.data(), frequencies_x_, in_.nx);
  const ConstMap into_y(into_y_.data(), frequencies_y_, in_.ny);
  const ConstMap from_x(from_x_.data(), frequencies_x_, out_.nx);
  const ConstMap from_y(from_y_.data(), frequencies_y_, out_.ny);
  const ConstMap transfer(transfer_.data(), frequencies_y_, frequencies_x_);

  const Matrix half = from_y * field;
  Matrix spectrum = half * from_x.transpose();
  spectrum.array() *= transfer.array();
  const Matrix rows = into_y.transpose() * spectrum;
  Map(input.data(), in_.ny, in_.nx).noalias() = rows * into_x;
}

}  // namespace wavesmith
