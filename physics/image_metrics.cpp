#include "physics/image_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "core/error.hpp"
#include "kernels/fft.hpp"
#include "physics/shape.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;

std::size_t at(const Plane& plane, int i, int j) {
  return static_cast<std::size_t>(j) * static_cast<std::size_t>(plane.nx) +
         static_cast<std::size_t>(i);
}

std::size_t peak_sample(std::span<const double> intensity) {
  return static_cast<std::size_t>(std::max_element(intensity.begin(), intensity.end()) -
                                  intensity.begin());
}

// Calls add(intensity, x, y) for every sample.
template <class Function>
void for_samples(const Plane& plane, std::span<const double> intensity, const Function& add) {
  validate_count(intensity.size(), plane.size(), "the intensity");
  std::size_t sample = 0;
  for (int j = 0; j < plane.ny; ++j)
    for (int i = 0; i < plane.nx; ++i, ++sample) add(intensity[sample], plane.x(i), plane.y(j));
}

// A sampled profile with cubic (four-point Lagrange) interpolation; position in samples.
class Profile {
 public:
  explicit Profile(std::vector<double> values) : values_(std::move(values)) {}

  double at(double position) const {
    const int count = static_cast<int>(values_.size());
    if (count < 4) return linear(position);
    const int first = std::clamp(static_cast<int>(std::floor(position)) - 1, 0, count - 4);
    const double s = position - first - 1;  // 0 to 1 between the middle points
    const double* y = values_.data() + first;
    return -s * (s - 1) * (s - 2) / 6 * y[0] + (s + 1) * (s - 1) * (s - 2) / 2 * y[1] -
           (s + 1) * s * (s - 2) / 2 * y[2] + (s + 1) * s * (s - 1) / 6 * y[3];
  }

  // Width at half of the maximum near sample `peak`, in samples; NaN where a side stays above.
  double half_width(int peak) const {
    const double last = static_cast<double>(values_.size()) - 1.0;
    const double top = maximum_near(peak);
    const double right = crossing(top, +1.0, last), left = crossing(top, -1.0, last);
    return right - left;
  }

 private:
  double linear(double position) const {
    const double last = static_cast<double>(values_.size()) - 1.0;
    const double whole = std::clamp(std::floor(position), 0.0, std::max(0.0, last - 1.0));
    const auto i = static_cast<std::size_t>(whole);
    const double next = values_[std::min(i + 1, values_.size() - 1)];
    return values_[i] + (position - whole) * (next - values_[i]);
  }

  // Position of the maximum, by golden section between the peak's neighbours.
  double maximum_near(int peak) const {
    const double last = static_cast<double>(values_.size()) - 1.0;
    double low = std::max(0.0, peak - 1.0), high = std::min(last, peak + 1.0);
    const double golden = 0.5 * (std::sqrt(5.0) - 1.0);
    for (int step = 0; step < 60; ++step) {
      const double a = high - golden * (high - low), b = low + golden * (high - low);
      (at(a) < at(b) ? low : high) = at(a) < at(b) ? a : b;
    }
    return 0.5 * (low + high);
  }

  double crossing(double top, double side, double last) const {
    const double half = 0.5 * at(top);
    double inside = top, outside = top;
    while (at(outside) > half) {
      inside = outside;
      if (outside == 0.0 && side < 0.0) return std::numeric_limits<double>::quiet_NaN();
      if (outside == last && side > 0.0) return std::numeric_limits<double>::quiet_NaN();
      outside = std::clamp(outside + 0.5 * side, 0.0, last);
    }
    for (int step = 0; step < 60; ++step) {
      const double middle = 0.5 * (inside + outside);
      (at(middle) > half ? inside : outside) = middle;
    }
    return 0.5 * (inside + outside);
  }

  std::vector<double> values_;
};

}  // namespace

double total_power(const Plane& plane, std::span<const double> intensity) {
  double sum = 0.0;
  for_samples(plane, intensity, [&](double value, double, double) { sum += value; });
  return sum * plane.cell_area();
}

Point peak_position(const Plane& plane, std::span<const double> intensity) {
  validate_count(intensity.size(), plane.size(), "the intensity");
  const std::size_t peak = peak_sample(intensity), nx = static_cast<std::size_t>(plane.nx);
  return {plane.x(static_cast<int>(peak % nx)), plane.y(static_cast<int>(peak / nx))};
}

Point centroid(const Plane& plane, std::span<const double> intensity) {
  double sum = 0.0, sum_x = 0.0, sum_y = 0.0;
  for_samples(plane, intensity, [&](double value, double x, double y) {
    sum += value;
    sum_x += value * x;
    sum_y += value * y;
  });
  WAVESMITH_VALIDATE(sum > 0.0, "a dark image has no centroid");
  return {sum_x / sum, sum_y / sum};
}

double power_within(const Plane& plane, std::span<const double> intensity, Point centre,
                    double radius) {
  validate_not_negative(radius, "radius [m]");
  const Shape circle = circle_at(centre.x, centre.y, 2.0 * radius);
  double sum = 0.0;
  for_samples(plane, intensity, [&](double value, double x, double y) {
    sum += value * share_of_cell(circle, x, y, plane.dx, plane.dy);
  });
  return sum * plane.cell_area();
}

double focusing_efficiency(const Plane& plane, std::span<const double> intensity, double radius,
                           double incident_power, std::optional<Point> centre) {
  validate_positive(incident_power, "incident power [W]");
  const Point middle = centre ? *centre : peak_position(plane, intensity);
  return power_within(plane, intensity, middle, radius) / incident_power;
}

std::vector<double> encircled_energy(const Plane& plane, std::span<const double> intensity,
                                     Point centre, std::span<const double> radii, double total) {
  if (total == 0.0) total = total_power(plane, intensity);
  validate_positive(total, "power to compare the encircled energy with [W]");
  std::vector<double> shares;
  for (const double radius : radii)
    shares.push_back(power_within(plane, intensity, centre, radius) / total);
  return shares;
}

double encircled_radius(const Plane& plane, std::span<const double> intensity, Point centre,
                        double share, double total) {
  validate_between(share, 0.0, 1.0, "share of the energy");
  if (total == 0.0) total = total_power(plane, intensity);
  validate_positive(total, "power to compare the encircled energy with [W]");
  double low = 0.0, high = std::hypot(std::abs(centre.x - plane.x0) + 0.5 * plane.width(),
                                      std::abs(centre.y - plane.y0) + 0.5 * plane.height());
  // The margin is the rounding of the two sums when all of the plane's power is asked for.
  if (power_within(plane, intensity, centre, high) < share * total * (1.0 - 1e-12))
    return std::numeric_limits<double>::infinity();
  for (int step = 0; step < 50; ++step) {
    const double middle = 0.5 * (low + high);
    (power_within(plane, intensity, centre, middle) < share * total ? low : high) = middle;
  }
  return high;
}

Widths full_width_half_maximum(const Plane& plane, std::span<const double> intensity) {
  validate_count(intensity.size(), plane.size(), "the intensity");
  const std::size_t peak = peak_sample(intensity), nx = static_cast<std::size_t>(plane.nx);
  const int i = static_cast<int>(peak % nx), j = static_cast<int>(peak / nx);
  std::vector<double> row, column;
  for (int a = 0; a < plane.nx; ++a) row.push_back(intensity[at(plane, a, j)]);
  for (int b = 0; b < plane.ny; ++b) column.push_back(intensity[at(plane, i, b)]);
  return {Profile(std::move(row)).half_width(i) * plane.dx,
          Profile(std::move(column)).half_width(j) * plane.dy};
}

Widths second_moment_radius(const Plane& plane, std::span<const double> intensity) {
  const Point middle = centroid(plane, intensity);
  double sum = 0.0, sum_x = 0.0, sum_y = 0.0;
  for_samples(plane, intensity, [&](double value, double x, double y) {
    sum += value;
    sum_x += value * (x - middle.x) * (x - middle.x);
    sum_y += value * (y - middle.y) * (y - middle.y);
  });
  return {2.0 * std::sqrt(sum_x / sum), 2.0 * std::sqrt(sum_y / sum)};
}

ModulationTransfer modulation_transfer(const Plane& plane, std::span<const double> psf) {
  validate_count(psf.size(), plane.size(), "the point spread function");
  std::vector<Complex> spectrum(psf.begin(), psf.end());
  fft_2d(spectrum, plane.ny, plane.nx, false);
  const double zero = std::abs(spectrum[0]);
  WAVESMITH_VALIDATE(zero > 0.0, "a dark point spread function has no modulation transfer");
  ModulationTransfer result;
  for (int i = 0; i <= plane.nx / 2; ++i) {
    result.frequency_x.push_back(i / plane.width());
    result.along_x.push_back(std::abs(spectrum[at(plane, i, 0)]) / zero);
  }
  for (int j = 0; j <= plane.ny / 2; ++j) {
    result.frequency_y.push_back(j / plane.height());
    result.along_y.push_back(std::abs(spectrum[at(plane, 0, j)]) / zero);
  }
  return result;
}

double strehl_ratio(const Plane& plane, std::span<const double> psf,
                    std::span<const double> reference) {
  const double here = total_power(plane, psf), there = total_power(plane, reference);
  WAVESMITH_VALIDATE(here > 0.0 && there > 0.0, "a dark image has no Strehl ratio");
  return psf[peak_sample(psf)] / here / (reference[peak_sample(reference)] / there);
}

double strehl_ratio(std::span<const Complex> pupil) {
  Complex sum = 0.0;
  double magnitudes = 0.0;
  for (const Complex& u : pupil) {
    sum += u;
    magnitudes += std::abs(u);
  }
  WAVESMITH_VALIDATE(magnitudes > 0.0, "a dark pupil has no Strehl ratio");
  return std::norm(sum / magnitudes);
}

double order_efficiency(const Plane& plane, std::span<const Complex> field, int order_x,
                        int order_y, double incident_power) {
  validate_count(field.size(), plane.size(), "the field");
  validate_positive(incident_power, "incident power [W]");
  Complex sum = 0.0;
  for (int j = 0; j < plane.ny; ++j) {
    Complex row = 0.0;
    for (int i = 0; i < plane.nx; ++i)
      row += field[at(plane, i, j)] * std::polar(1.0, -two_pi * order_x * i / plane.nx);
    sum += row * std::polar(1.0, -two_pi * order_y * j / plane.ny);
  }
  const double samples = static_cast<double>(plane.size());
  return std::norm(sum / samples) * plane.width() * plane.height() / incident_power;
}

double diffraction_efficiency(std::span<const double> readings, double incident_power) {
  validate_positive(incident_power, "incident power [W]");
  double sum = 0.0;
  for (const double reading : readings) sum += reading;
  return sum / incident_power;
}

double contrast(std::span<const double> values) {
  WAVESMITH_VALIDATE(!values.empty(), "contrast needs at least one value");
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *high == *low ? 0.0 : (*high - *low) / (*high + *low);
}

double uniformity(std::span<const double> values) {
  return 1.0 - contrast(values);
}

double peak_signal_to_noise(std::span<const double> image, std::span<const double> reference) {
  WAVESMITH_VALIDATE(!reference.empty(), "a signal-to-noise ratio needs at least one value");
  validate_count(image.size(), reference.size(), "the image to compare with its reference");
  double squares = 0.0;
  for (std::size_t i = 0; i < image.size(); ++i)
    squares += (image[i] - reference[i]) * (image[i] - reference[i]);
  const double peak = *std::max_element(reference.begin(), reference.end());
  return 10.0 * std::log10(peak * peak * static_cast<double>(image.size()) / squares);
}

}  // namespace wavesmith
