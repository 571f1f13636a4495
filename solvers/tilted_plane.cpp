#include "solvers/tilted_plane.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "solvers/phasor.hpp"
#include "solvers/plane_wave.hpp"

namespace wavesmith {
namespace {

using Complex = LinearOperator::Complex;
using Matrix = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;
using Map = Eigen::Map<Matrix>;

// Along a line of samples a plane wave is a geometric sequence; it is evaluated afresh this often,
// which keeps its rounding error below 1e-14.
constexpr int restart = 32;

Complex product(const Complex& a, const Complex& b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

}  // namespace

TiltedPlane::TiltedPlane(const Plane& in, const Plane& out, double wavelength, double distance,
                         double tilt_x, double tilt_y, const Options& options)
    : in_(in),
      out_(out),
      k_(1.0 / wavelength),
      distance_(distance),
      evanescent_(options.evanescent),
      along_xi_{std::cos(tilt_x), 0.0, std::sin(tilt_x)},
      along_eta_{-std::sin(tilt_x) * std::sin(tilt_y), std::cos(tilt_y),
                 std::cos(tilt_x) * std::sin(tilt_y)},
      tilted_x_(tilt_x != 0.0),
      tilted_y_(tilt_y != 0.0) {
  validate_plane(in, "tilted plane: the input plane");
  validate_plane(out, "tilted plane: the output plane");
  validate_wave(wavelength, distance);
  for (const double tilt : {tilt_x, tilt_y})
    WAVESMITH_VALIDATE(std::isfinite(tilt) && std::abs(tilt) < 0.5 * std::numbers::pi,
                       "tilted plane: a tilt of " + format_short(tilt) +
                           " rad (must lie below a right angle); give radians");
  WAVESMITH_VALIDATE(std::isfinite(options.padding) && options.padding >= 1.0,
                     "tilted plane: padding = " + format_short(options.padding) +
                         " (must be at least 1); 2 keeps copies out of the output window");
  const double reach = 0.5 * (out.nx - 1) * out.dx * std::abs(along_xi_.z) +
                       0.5 * (out.ny - 1) * out.dy * std::abs(along_eta_.z);
  WAVESMITH_VALIDATE(reach <= distance,
                     "tilted plane: its near edge lies " + format_short(reach - distance) +
                         " m before the input plane (waves are followed forward only); tilt less, "
                         "shrink it or move it away");

  u_ = frequency_comb(in.dx, 0.5 * options.padding * (in.width() + out.width()), in.nx);
  v_ = frequency_comb(in.dy, 0.5 * options.padding * (in.height() + out.height()), in.ny);
  validate_spectrum(u_.size(), v_.size());
  const double du_dx = 1.0 / static_cast<double>(u_.size());
  const double dv_dy = 1.0 / static_cast<double>(v_.size());
  into_x_ = fourier_matrix(u_, positions_x(in), -1, du_dx);
  into_y_ = fourier_matrix(v_, positions_y(in), -1, dv_dy);
  from_x_ = fourier_matrix(u_, positions_x(out), +1, 1.0);
  from_y_ = fourier_matrix(v_, positions_y(out), +1, 1.0);
}

TiltedPlane::Line TiltedPlane::line(const Point& start, const Point& step, int samples) const {
  if (step.z >= 0.0) return {start, step, samples, 0, 1};
  const int last = samples - 1;
  const Point end{start.x + last * step.x, start.y + last * step.y, start.z + last * step.z};
  return {end, {-step.x, -step.y, -step.z}, samples, last, -1};
}

// With one tilt the lateral phase of the other axis is in its Fourier matrix instead.
TiltedPlane::Line TiltedPlane::line_along_xi(double eta) const {
  const double xi = -0.5 * (out_.nx - 1) * out_.dx;
  const double y = tilted_y_ ? out_.y0 + eta * along_eta_.y : 0.0;
  return line({out_.x0 + xi * along_xi_.x + eta * along_eta_.x, y,
               distance_ + xi * along_xi_.z + eta * along_eta_.z},
              {out_.dx * along_xi_.x, 0.0, out_.dx * along_xi_.z}, out_.nx);
}

TiltedPlane::Line TiltedPlane::line_along_eta() const {
  const double eta = -0.5 * (out_.ny - 1) * out_.dy;
  return line({0.0, out_.y0 + eta * along_eta_.y, distance_ + eta * along_eta_.z},
              {0.0, out_.dy * along_eta_.y, out_.dy * along_eta_.z}, out_.ny);
}

TiltedPlane::WaveSet TiltedPlane::row_of_waves(std::size_t q) const {
  return {u_, std::vector<double>(u_.size(), v_[q])};
}

TiltedPlane::WaveSet TiltedPlane::column_of_waves(std::size_t p) const {
  return {std::vector<double>(v_.size(), u_[p]), v_};
}

TiltedPlane::WaveSet TiltedPlane::all_waves() const {
  WaveSet waves;
  for (const double v : v_) {
    for (const double u : u_) {
      waves.u.push_back(u);
      waves.v.push_back(v);
    }
  }
  return waves;
}

Complex TiltedPlane::wave(double u, double v, const Point& point) const {
  const double transverse_squared = u * u + v * v;
  const double w_squared = k_ * k_ - transverse_squared;
  const double lateral = u * point.x + v * point.y;
  if (w_squared >= 0.0) {
    const double axial = k_ * point.z;
    return phasor(lateral + (axial - std::floor(axial)) -
                  transverse_squared * point.z / (k_ + std::sqrt(w_squared)));
  }
  if (evanescent_ == Evanescent::drop) return 0.0;
  return std::exp(-2.0 * std::numbers::pi * point.z * std::sqrt(-w_squared)) * phasor(lateral);
}

// samples[i] += sum over waves of weight * wave at sample i.
void TiltedPlane::sum_along(const Line& line, const WaveSet& waves, const Complex* weights,
                            Complex* samples) const {
  const std::size_t count = waves.u.size();
  std::vector<Complex> ratio(count), value(count);
  for (std::size_t w = 0; w < count; ++w) ratio[w] = wave(waves.u[w], waves.v[w], line.step);
  for (int i = 0; i < line.samples; ++i) {
    if (i % restart == 0) {
      const Point point{line.start.x + i * line.step.x, line.start.y + i * line.step.y,
                        line.start.z + i * line.step.z};
      for (std::size_t w = 0; w < count; ++w)
        value[w] = product(weights[w], wave(waves.u[w], waves.v[w], point));
    }
    Complex sum = 0.0;
    for (std::size_t w = 0; w < count; ++w) {
      sum += value[w];
      value[w] = product(value[w], ratio[w]);
    }
    samples[line.first + i * line.stride] += sum;
  }
}

// The transpose: weights[w] += sum over samples of sample * wave at it.
void TiltedPlane::spread_along(const Line& line, const WaveSet& waves, const Complex* samples,
                               Complex* weights) const {
  const std::size_t count = waves.u.size();
  std::vector<Complex> ratio(count), value(count);
  for (std::size_t w = 0; w < count; ++w) ratio[w] = wave(waves.u[w], waves.v[w], line.step);
  for (int i = 0; i < line.samples; ++i) {
    if (i % restart == 0) {
      const Point point{line.start.x + i * line.step.x, line.start.y + i * line.step.y,
                        line.start.z + i * line.step.z};
      for (std::size_t w = 0; w < count; ++w) value[w] = wave(waves.u[w], waves.v[w], point);
    }
    const Complex sample = samples[line.first + i * line.stride];
    for (std::size_t w = 0; w < count; ++w) {
      weights[w] += product(sample, value[w]);
      value[w] = product(value[w], ratio[w]);
    }
  }
}

void TiltedPlane::apply(std::span<const Complex> input, std::span<Complex> output) const {
  check_sizes(input.size(), output.size());
  const auto nu = static_cast<long>(u_.size()), nv = static_cast<long>(v_.size());
  const Matrix half = ConstMap(into_y_.data(), nv, in_.ny) * ConstMap(input.data(), in_.ny, in_.nx);
  const Matrix spectrum = half * ConstMap(into_x_.data(), nu, in_.nx).transpose();
  Map field(output.data(), out_.ny, out_.nx);

  if (tilted_x_ && tilted_y_) {
    field.setZero();
    const WaveSet waves = all_waves();
    for (int j = 0; j < out_.ny; ++j)
      sum_along(line_along_xi(out_.y(j) - out_.y0), waves, spectrum.data(),
                output.data() + static_cast<std::ptrdiff_t>(j) * out_.nx);
  } else if (tilted_y_) {
    const Matrix columns = spectrum.transpose();  // one row per u
    Matrix lines = Matrix::Zero(nu, out_.ny);
    for (long p = 0; p < nu; ++p)
      sum_along(line_along_eta(), column_of_waves(static_cast<std::size_t>(p)),
                columns.data() + p * nv, lines.data() + p * out_.ny);
    field.noalias() = lines.transpose() * ConstMap(from_x_.data(), nu, out_.nx);
  } else {
    Matrix lines = Matrix::Zero(nv, out_.nx);
    for (long q = 0; q < nv; ++q)
      sum_along(line_along_xi(0.0), row_of_waves(static_cast<std::size_t>(q)),
                spectrum.data() + q * nu, lines.data() + q * out_.nx);
    field.noalias() = ConstMap(from_y_.data(), nv, out_.ny).transpose() * lines;
  }
}

void TiltedPlane::apply_transpose(std::span<const Complex> output, std::span<Complex> input) const {
  check_sizes(input.size(), output.size());
  const auto nu = static_cast<long>(u_.size()), nv = static_cast<long>(v_.size());
  const ConstMap field(output.data(), out_.ny, out_.nx);
  Matrix spectrum = Matrix::Zero(nv, nu);

  if (tilted_x_ && tilted_y_) {
    const WaveSet waves = all_waves();
    for (int j = 0; j < out_.ny; ++j)
      spread_along(line_along_xi(out_.y(j) - out_.y0), waves,
                   output.data() + static_cast<std::ptrdiff_t>(j) * out_.nx, spectrum.data());
  } else if (tilted_y_) {
    const Matrix lines = ConstMap(from_x_.data(), nu, out_.nx) * field.transpose();
    Matrix columns = Matrix::Zero(nu, nv);
    for (long p = 0; p < nu; ++p)
      spread_along(line_along_eta(), column_of_waves(static_cast<std::size_t>(p)),
                   lines.data() + p * out_.ny, columns.data() + p * nv);
    spectrum = columns.transpose();
  } else {
    const Matrix lines = ConstMap(from_y_.data(), nv, out_.ny) * field;
    for (long q = 0; q < nv; ++q)
      spread_along(line_along_xi(0.0), row_of_waves(static_cast<std::size_t>(q)),
                   lines.data() + q * out_.nx, spectrum.data() + q * nu);
  }

  const Matrix half = ConstMap(into_y_.data(), nv, in_.ny).transpose() * spectrum;
  Map(input.data(), in_.ny, in_.nx).noalias() = half * ConstMap(into_x_.data(), nu, in_.nx);
}

}  // namespace wavesmith
