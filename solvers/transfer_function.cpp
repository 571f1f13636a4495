// Transfer functions of free space between parallel planes.
//
//   angular spectrum      H(u, v) = exp(2 pi i w z),  w = sqrt(1/lambda^2 - u^2 - v^2)
//   band-limited          the same where a plane wave's lateral walk stays inside the DFT window:
//                         |z u / w - c| <= L / 2, and likewise for v; c the offset of the plane
//                         centres, L the window. K. Matsushima and T. Shimobaba, Opt. Express 17,
//                         19662 (2009); shifted: K. Matsushima, Opt. Express 18, 18453 (2010). The
//                         exact limits (ellipses) are used, not their rectangular approximation.
//   Rayleigh-Sommerfeld   H = DFT(h),  h = dx dy / (2 pi) z / r^2 (1 / r - i k) exp(i k r), sampled
//                         at the differences of the sample positions of the two planes
//   Fresnel               H = exp(i k z) exp(-i pi lambda z (u^2 + v^2))
//
// Spatial frequencies u, v, w are in 1/m, phases in turns until the very end.
//
// Lateral shifts. An offset s between the first samples multiplies H by exp(2 pi i u s), exact for
// band-limited fields whatever the fraction of a sample. The Nyquist bin of an even grid stands for
// +u and -u at once: it gets the mean of both factors, cos(2 pi u s), so that H(-u) and H(u) stay
// related as for a real kernel with real input, and whole samples stay exact.
#include "solvers/transfer_function.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

#include "core/error.hpp"
#include "kernels/fft.hpp"
#include "solvers/phasor.hpp"
#include "solvers/plane_wave.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Largest DFT grid that is built: 16 GiB as complex<double>.
constexpr double most_points = 1073741824.0;

constexpr std::array<std::pair<PropagationMethod, const char*>, 5> method_names{{
    {PropagationMethod::automatic, "auto"},
    {PropagationMethod::angular_spectrum, "angular_spectrum"},
    {PropagationMethod::band_limited, "band_limited"},
    {PropagationMethod::rayleigh_sommerfeld, "rayleigh_sommerfeld"},
    {PropagationMethod::fresnel, "fresnel"},
}};

bool nearly_equal(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::abs(a);
}

void validate(const Gap& gap) {
  validate_plane(gap.in, "gap.in");
  validate_plane(gap.out, "gap.out");
  WAVESMITH_VALIDATE(nearly_equal(gap.in.dx, gap.out.dx) && nearly_equal(gap.in.dy, gap.out.dy),
                     "the planes of a gap have the sample spacings " + format_short(gap.in.dx) +
                         " x " + format_short(gap.in.dy) + " m and " + format_short(gap.out.dx) +
                         " x " + format_short(gap.out.dy) +
                         " m (a convolution keeps the spacing); make them equal or use the matrix "
                         "Fourier propagator");
  validate_wave(gap.wavelength, gap.distance);
  if (gap.periodic) {
    WAVESMITH_VALIDATE(gap.in.nx == gap.out.nx && gap.in.ny == gap.out.ny,
                       "a periodic gap joins planes of " + std::to_string(gap.in.nx) + " x " +
                           std::to_string(gap.in.ny) + " and " + std::to_string(gap.out.nx) +
                           " x " + std::to_string(gap.out.ny) +
                           " samples (the period must be the same); make them equal");
  } else {
    WAVESMITH_VALIDATE(std::isfinite(gap.padding) && gap.padding >= 1.0 && gap.padding <= 1024.0,
                       "gap.padding = " + format_short(gap.padding) +
                           " (must lie between 1, circular, and 1024); 2 is the linear "
                           "convolution");
  }
}

int axis_length(int in, int out, double padding, bool periodic) {
  if (periodic) return in;
  const double asked = std::ceil(padding * 0.5 * (static_cast<double>(in) + out));
  const double linear = static_cast<double>(in) + out - 1.0;
  const double least = padding >= 2.0
                           ? std::max(linear, asked)
                           : std::max({static_cast<double>(in), static_cast<double>(out), asked});
  WAVESMITH_VALIDATE(least <= most_points, "a DFT grid of " + format_short(least) +
                                               " samples along one axis is too long; use fewer "
                                               "samples or less padding");
  const int length = static_cast<int>(least);
  // Below 2 the length decides what wraps round onto what: it is taken as it was asked for.
  return padding >= 2.0 ? fast_length(length) : length;
}

// Samples along one axis, equal squares stored once: sample p is value[unique[p]].
struct Axis {
  std::vector<double> value;
  std::vector<std::size_t> unique;
};

// Spatial frequencies in DFT order, of either sign: +u and -u share an entry.
Axis frequency_axis(int n, double spacing) {
  Axis axis;
  for (int p = 0; p <= n / 2; ++p) axis.value.push_back(p / (n * spacing));
  for (int p = 0; p < n; ++p) axis.unique.push_back(static_cast<std::size_t>(std::min(p, n - p)));
  return axis;
}

double signed_frequency(int p, int n, double spacing) {
  return (2 * p < n ? p : p - n) / (n * spacing);
}

// Factors exp(2 pi i u s) of a shift by s, with the Nyquist convention of the file's header.
std::vector<Complex> shift_factors(int n, double spacing, double s) {
  std::vector<Complex> factors(static_cast<std::size_t>(n));
  for (int p = 0; p < n; ++p) {
    Complex factor = phasor(signed_frequency(p, n, spacing) * s);
    if (2 * p == n) factor = factor.real();
    factors[static_cast<std::size_t>(p)] = factor;
  }
  return factors;
}

// Zeroes what the band limit of the file's header excludes.
void limit_band(const Gap& gap, TransferFunction& result) {
  const double half_x = 0.5 * result.nx * gap.in.dx, half_y = 0.5 * result.ny * gap.in.dy;
  const double cx = gap.out.x0 - gap.in.x0, cy = gap.out.y0 - gap.in.y0;
  const double k_squared = 1.0 / (gap.wavelength * gap.wavelength);
  for (int q = 0; q < result.ny; ++q) {
    const double v = signed_frequency(q, result.ny, gap.in.dy);
    Complex* row =
        result.values.data() + static_cast<std::size_t>(q) * static_cast<std::size_t>(result.nx);
    for (int p = 0; p < result.nx; ++p) {
      const double u = signed_frequency(p, result.nx, gap.in.dx);
      const double w_squared = k_squared - u * u - v * v;
      if (!walk_inside(u, w_squared, gap.distance, cx - half_x, cx + half_x) ||
          !walk_inside(v, w_squared, gap.distance, cy - half_y, cy + half_y))
        row[p] = 0.0;
    }
  }
}

// value(x^2 + y^2) on the tensor grid of two axes, computed once for each pair of unique squares.
template <class Function>
void fill_radial(const Axis& x, const Axis& y, const Function& value,
                 std::vector<Complex>& result) {
  std::vector<Complex> table(x.value.size() * y.value.size());
  for (std::size_t j = 0; j < y.value.size(); ++j)
    for (std::size_t i = 0; i < x.value.size(); ++i)
      table[j * x.value.size() + i] = value(x.value[i] * x.value[i] + y.value[j] * y.value[j]);
  Complex* out = result.data();
  for (const std::size_t j : y.unique) {
    const Complex* row = table.data() + j * x.value.size();
    for (const std::size_t i : x.unique) *out++ = row[i];
  }
}

void build_plane_waves(const Gap& gap, TransferFunction& result) {
  fill_radial(frequency_axis(result.nx, gap.in.dx), frequency_axis(result.ny, gap.in.dy),
              PlaneWaveFactor(gap.wavelength, gap.distance, gap.evanescent,
                              gap.method == PropagationMethod::fresnel),
              result.values);
  // At zero distance no wave walks and the band limit keeps all.
  if (gap.method == PropagationMethod::band_limited && gap.distance > 0.0) limit_band(gap, result);

  const double shift_x = gap.out.x(0) - gap.in.x(0), shift_y = gap.out.y(0) - gap.in.y(0);
  if (shift_x == 0.0 && shift_y == 0.0) return;
  const auto fx = shift_factors(result.nx, gap.in.dx, shift_x);
  const auto fy = shift_factors(result.ny, gap.in.dy, shift_y);
  Complex* out = result.values.data();
  for (const Complex& y : fy)
    for (const Complex& x : fx) *out++ *= x * y;
}

// Differences of sample positions out - in, wrapped into n entries: entry m mod n holds s + m d for
// m = -(n_in - 1) .. n_out - 1, and what is left over in the middle continues both ends.
Axis difference_axis(int n, int n_in, int n_out, double spacing, double s) {
  Axis axis;
  const int spare = std::max(0, n - (n_in + n_out - 1));
  const int last = n_out - 1 + (spare + 1) / 2;
  if (s == 0.0 && n_in == n_out) {
    for (int p = 0; p <= n / 2; ++p) axis.value.push_back(p * spacing);
    for (int p = 0; p < n; ++p) axis.unique.push_back(static_cast<std::size_t>(std::min(p, n - p)));
    return axis;
  }
  for (int p = 0; p < n; ++p) {
    axis.value.push_back(s + (p <= last ? p : p - n) * spacing);
    axis.unique.push_back(static_cast<std::size_t>(p));
  }
  return axis;
}

// The differences that a grid shorter than the linear convolution folds onto each other.
Axis folded_axis(int n_in, int n_out, double spacing, double s) {
  Axis axis;
  for (int m = -(n_in - 1); m < n_out; ++m) {
    axis.value.push_back(s + m * spacing);
    axis.unique.push_back(axis.value.size() - 1);
  }
  return axis;
}

class RayleighSommerfeldKernel {
 public:
  explicit RayleighSommerfeldKernel(const Gap& gap)
      : distance_(gap.distance),
        k_(1.0 / gap.wavelength),
        scale_(gap.in.cell_area() * gap.distance / (2.0 * std::numbers::pi)),
        common_turns_(fractional_turns(gap.wavelength, gap.distance)) {}

  Complex operator()(double transverse_squared) const {
    const double r_squared = transverse_squared + distance_ * distance_;
    const double r = std::sqrt(r_squared);
    const Complex wave = phasor(common_turns_ + k_ * transverse_squared / (r + distance_));
    const double scale = scale_ / r_squared;
    const double real = scale / r, imaginary = -scale * 2.0 * std::numbers::pi * k_;
    return {real * wave.real() - imaginary * wave.imag(),
            real * wave.imag() + imaginary * wave.real()};
  }

 private:
  double distance_, k_, scale_;  // k_ = 1 / wavelength
  double common_turns_;
};

void build_rayleigh_sommerfeld(const Gap& gap, TransferFunction& result) {
  WAVESMITH_VALIDATE(!gap.periodic,
                     "the Rayleigh-Sommerfeld kernel is that of a single window, but the gap is "
                     "periodic; choose angular_spectrum, which is exact there");
  if (gap.distance == 0.0) return build_plane_waves(gap, result);  // the kernel is a delta

  const double shift_x = gap.out.x(0) - gap.in.x(0), shift_y = gap.out.y(0) - gap.in.y(0);
  const int linear_x = gap.in.nx + gap.out.nx - 1, linear_y = gap.in.ny + gap.out.ny - 1;
  const RayleighSommerfeldKernel kernel(gap);
  if (result.nx >= linear_x && result.ny >= linear_y) {
    fill_radial(difference_axis(result.nx, gap.in.nx, gap.out.nx, gap.in.dx, shift_x),
                difference_axis(result.ny, gap.in.ny, gap.out.ny, gap.in.dy, shift_y), kernel,
                result.values);
  } else {
    const auto nx = static_cast<std::size_t>(result.nx), ny = static_cast<std::size_t>(result.ny);
    const Axis x = folded_axis(gap.in.nx, gap.out.nx, gap.in.dx, shift_x);
    const Axis y = folded_axis(gap.in.ny, gap.out.ny, gap.in.dy, shift_y);
    // Entry 0 of a folded axis is the difference -(n_in - 1); adding twice n makes it positive.
    const std::size_t first_x = 2 * nx - static_cast<std::size_t>(gap.in.nx - 1);
    const std::size_t first_y = 2 * ny - static_cast<std::size_t>(gap.in.ny - 1);
    for (std::size_t j = 0; j < y.value.size(); ++j)
      for (std::size_t i = 0; i < x.value.size(); ++i)
        result.values[(first_y + j) % ny * nx + (first_x + i) % nx] +=
            kernel(x.value[i] * x.value[i] + y.value[j] * y.value[j]);
  }
  fft_2d(result.values, result.ny, result.nx, false);
}

}  // namespace

GridSize convolution_grid(const Gap& gap) {
  validate(gap);
  const int nx = axis_length(gap.in.nx, gap.out.nx, gap.padding, gap.periodic);
  const int ny = axis_length(gap.in.ny, gap.out.ny, gap.padding, gap.periodic);
  const double points = static_cast<double>(nx) * ny;
  WAVESMITH_VALIDATE(points <= most_points,
                     "a DFT grid of " + std::to_string(nx) + " x " + std::to_string(ny) +
                         " samples needs " + format_short(16.0 * points / 1073741824.0) +
                         " GiB for its transfer function alone (at most " +
                         format_short(16.0 * most_points / 1073741824.0) +
                         " GiB are allowed); use fewer samples or less padding");
  return {nx, ny};
}

TransferFunction transfer_function(const Gap& gap) {
  const GridSize grid = convolution_grid(gap);
  WAVESMITH_VALIDATE(gap.method != PropagationMethod::automatic,
                     "a transfer function was asked for with the method auto; choose one first, "
                     "with choose_method");
  TransferFunction result{grid.nx, grid.ny, gap.method, {}};
  result.values.resize(static_cast<std::size_t>(grid.nx) * static_cast<std::size_t>(grid.ny));
  if (gap.method == PropagationMethod::rayleigh_sommerfeld)
    build_rayleigh_sommerfeld(gap, result);
  else
    build_plane_waves(gap, result);
  return result;
}

const char* method_name(PropagationMethod method) {
  for (const auto& [value, name] : method_names)
    if (value == method) return name;
  return "unknown";
}

PropagationMethod method_from_name(const std::string& name) {
  std::string known;
  for (const auto& [value, text] : method_names) {
    if (name == text) return value;
    known += (known.empty() ? "" : ", ") + std::string(text);
  }
  throw InputError("unknown propagation method \"" + name + "\"; choose one of " + known);
}

}  // namespace wavesmith
