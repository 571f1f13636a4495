#include "solvers/beam_propagation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "kernels/fft.hpp"
#include "physics/validate.hpp"
#include "solvers/reference_media.hpp"
#include "solvers/transfer_function.hpp"

namespace wavesmith {
namespace {

constexpr int most_references = 64;

double wave_number(const BeamSettings& settings) {
  return 2.0 * std::numbers::pi / settings.wavelength;
}

Gap half_slice(const BeamSettings& settings, double reference) {
  Gap gap;
  gap.in = gap.out = settings.plane;
  gap.wavelength = settings.wavelength / reference;
  gap.distance = 0.5 * settings.slice;
  gap.method = PropagationMethod::angular_spectrum;
  gap.padding = settings.padding;
  gap.periodic = settings.periodic;
  return gap;
}

double power_of(std::span<const Complex> field, double area) {
  double sum = 0.0;
  for (const Complex& u : field) sum += std::norm(u);
  return sum * area;
}

// A margin in which the attenuation rises with the square of the depth.
std::vector<double> edge_factors(const BeamSettings& settings) {
  std::vector<double> factors;
  if (settings.edge_width == 0.0) return factors;
  const Plane& plane = settings.plane;
  const auto depth = [&](double from_centre, double width) {
    return std::max(0.0, (std::abs(from_centre) - 0.5 * width) / settings.edge_width + 1.0);
  };
  const double rate = settings.edge_strength * settings.slice / settings.wavelength;
  for (int j = 0; j < plane.ny; ++j)
    for (int i = 0; i < plane.nx; ++i) {
      const double x = depth(plane.x(i) - plane.x0, plane.width());
      const double y = depth(plane.y(j) - plane.y0, plane.height());
      factors.push_back(std::exp(-rate * (x * x + y * y)));
    }
  return factors;
}

}  // namespace

std::vector<double> reference_indices(std::vector<double> indices) {
  std::sort(indices.begin(), indices.end());
  // Media closer than this are one: their propagations do not differ by what counts.
  const auto same = [](double a, double b) { return b - a < 1e-9 * b; };
  indices.erase(std::unique(indices.begin(), indices.end(), same), indices.end());
  return indices;
}

BeamAudit audit_beam(const BeamSettings& settings, double largest) {
  BeamAudit audit;
  const double pitch = std::max(settings.plane.nx > 1 ? settings.plane.dx : 0.0,
                                settings.plane.ny > 1 ? settings.plane.dy : 0.0);
  const double inside = settings.wavelength / largest;
  audit.samples_per_wavelength = pitch > 0.0 ? inside / pitch : 1e300;
  audit.slice_phase =
      wave_number(settings) * settings.slice * std::abs(largest - settings.references.front());
  if (audit.samples_per_wavelength < 2.0)
    audit.messages.push_back(fmt::format(
        "samples are {:.3g} wavelengths of the densest medium apart (above 0.5, waves at the "
        "steepest angles in it have no samples and come out as others); take samples of {:.3g} m "
        "or less",
        pitch / inside, 0.5 * inside));
  if (audit.slice_phase > 0.5 * std::numbers::pi)
    audit.messages.push_back(fmt::format(
        "a slice of {:.3g} m turns the phase by {:.3g} rad between media (above pi/2, light no "
        "longer follows the boundaries inside a slice); take slices of {:.3g} m or less",
        settings.slice, audit.slice_phase,
        settings.slice * 0.5 * std::numbers::pi / audit.slice_phase));
  return audit;
}

BeamPropagation::BeamPropagation(BeamSettings settings) : settings_(std::move(settings)) {
  validate_plane(settings_.plane, "beam propagation");
  validate_positive(settings_.wavelength, "the wavelength [m]");
  validate_positive(settings_.slice, "the thickness of a slice [m]");
  validate_not_negative(settings_.edge_width, "edge_width [m]");
  validate_not_negative(settings_.edge_strength, "edge_strength");
  validate_between(settings_.padding, 1.0, 16.0, "padding");
  const std::vector<double>& references = settings_.references;
  WAVESMITH_VALIDATE(!references.empty() && references.size() <= most_references,
                     fmt::format("{} reference media are given; beam propagation takes 1 to {}",
                                 references.size(), most_references));
  for (std::size_t m = 0; m < references.size(); ++m) {
    validate_positive(references[m], "a reference's index");
    WAVESMITH_VALIDATE(m == 0 || references[m] > references[m - 1],
                       "the references' indices must increase; sort them, each once");
  }
  const GridSize grid = convolution_grid(half_slice(settings_, references.front()));
  nx_ = grid.nx;
  ny_ = grid.ny;
  require_memory(multiply_sizes({16, static_cast<std::uint64_t>(nx_),
                                 static_cast<std::uint64_t>(ny_), references.size() + 4}),
                 "the spectra of beam propagation");
  for (const double reference : references)
    half_steps_.push_back(transfer_function(half_slice(settings_, reference)).values);
  edge_ = edge_factors(settings_);
}

int BeamPropagation::slices_of(std::span<const Complex> field,
                               std::span<const Complex> index) const {
  const std::size_t size = settings_.plane.size();
  WAVESMITH_VALIDATE(field.size() == size && index.size() % size == 0,
                     fmt::format("{} samples of the field and {} of the index are given for a "
                                 "window of {}; give one field and whole slices",
                                 field.size(), index.size(), size));
  return static_cast<int>(index.size() / size);
}

BeamPropagation::Field BeamPropagation::spectrum(std::span<const Complex> field) const {
  Field values(static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_));
  const std::size_t width = static_cast<std::size_t>(settings_.plane.nx);
  for (std::size_t j = 0; j < static_cast<std::size_t>(settings_.plane.ny); ++j)
    std::copy_n(field.begin() + static_cast<std::ptrdiff_t>(j * width), width,
                values.begin() + static_cast<std::ptrdiff_t>(j * static_cast<std::size_t>(nx_)));
  fft_2d(values, ny_, nx_, false);
  return values;
}

void BeamPropagation::window_of(Field& values, std::span<Complex> field, double* outside) const {
  fft_2d(values, ny_, nx_, true);
  const std::size_t width = static_cast<std::size_t>(settings_.plane.nx);
  const std::size_t row = static_cast<std::size_t>(nx_);
  for (std::size_t j = 0; j < static_cast<std::size_t>(settings_.plane.ny); ++j)
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(j * row), width,
                field.begin() + static_cast<std::ptrdiff_t>(j * width));
  if (outside == nullptr) return;
  const double area = settings_.plane.cell_area();
  *outside += std::max(0.0, power_of(values, area) - power_of(field, area));
}

// kept: the fields in front of the weights, [slice][reference][sample], where they are wanted.
void BeamPropagation::march(std::span<const Complex> field, std::span<const Complex> index,
                            int slices, std::span<Complex> out, Field* kept, BeamPower* power,
                            const Observe& observe) const {
  const std::size_t size = settings_.plane.size(), media = half_steps_.size();
  const double k0 = wave_number(settings_), area = settings_.plane.cell_area();
  std::vector<ReferenceWeight> weights(media);
  std::vector<Field> inside(media, Field(size));
  Field sum = spectrum(field), seen(size);
  for (int s = 0; s < slices; ++s) {
    const std::size_t first = static_cast<std::size_t>(s) * size;
    for (std::size_t m = 0; m < media; ++m) {
      Field values = sum;
      for (std::size_t i = 0; i < values.size(); ++i) values[i] *= half_steps_[m][i];
      window_of(values, inside[m], power != nullptr && m == 0 ? &power->edges : nullptr);
      if (kept != nullptr)
        std::copy(inside[m].begin(), inside[m].end(),
                  kept->begin() + static_cast<std::ptrdiff_t>(first * media + m * size));
    }
    for (std::size_t i = 0; i < size; ++i) {
      const Complex n = index[first + i];
      reference_weights(n, settings_.references, k0, settings_.slice, weights);
      const double edge = edge_.empty() ? 1.0 : edge_[i];
      seen[i] = 0.0;
      for (std::size_t m = 0; m < media; ++m) seen[i] += inside[m][i] *= edge * weights[m].value;
      if (power == nullptr) continue;
      const double left = std::norm(seen[i]) * area, before_edge = left / (edge * edge);
      power->edges += before_edge - left;
      power->absorbed += before_edge * std::expm1(2.0 * k0 * settings_.slice * n.imag());
    }
    if (observe) observe(s, seen);
    std::fill(sum.begin(), sum.end(), Complex{});
    for (std::size_t m = 0; m < media; ++m) {
      const Field values = spectrum(inside[m]);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += half_steps_[m][i] * values[i];
    }
  }
  window_of(sum, out, power != nullptr ? &power->edges : nullptr);
}

std::vector<Complex> BeamPropagation::propagate(std::span<const Complex> field,
                                                std::span<const Complex> index, BeamPower* power,
                                                const Observe& observe) const {
  const int slices = slices_of(field, index);
  Field out(field.size());
  if (power != nullptr) {
    *power = {};
    power->entered = power_of(field, settings_.plane.cell_area());
  }
  march(field, index, slices, out, nullptr, power, observe);
  if (power != nullptr) power->left = power_of(out, settings_.plane.cell_area());
  return out;
}

void BeamPropagation::pull_back(std::span<const Complex> field, std::span<const Complex> index,
                                std::span<const Complex> cotangent,
                                std::span<Complex> field_cotangent,
                                std::span<Complex> index_cotangent) const {
  const int slices = slices_of(field, index);
  const std::size_t size = settings_.plane.size(), media = half_steps_.size();
  WAVESMITH_VALIDATE(cotangent.size() == size && field_cotangent.size() == size &&
                         index_cotangent.size() == index.size(),
                     "cotangents must have the sizes of the field and of the index");
  require_memory(multiply_sizes({16, index.size(), media}), "the fields of all slices");
  Field kept(index.size() * media), out(size), error(size);
  march(field, index, slices, out, &kept, nullptr, {});

  const double k0 = wave_number(settings_);
  std::vector<ReferenceWeight> weights(media);
  std::vector<Field> inside(media, Field(size));
  Field sum = spectrum(cotangent);
  for (int s = slices; s-- > 0;) {
    const std::size_t first = static_cast<std::size_t>(s) * size;
    for (std::size_t m = 0; m < media; ++m) {
      Field values = sum;
      for (std::size_t i = 0; i < values.size(); ++i) values[i] *= std::conj(half_steps_[m][i]);
      window_of(values, inside[m], nullptr);
    }
    for (std::size_t i = 0; i < size; ++i) {
      reference_weights(index[first + i], settings_.references, k0, settings_.slice, weights);
      const double edge = edge_.empty() ? 1.0 : edge_[i];
      Complex g = 0.0;
      for (std::size_t m = 0; m < media; ++m) {
        const Complex of_weight =
            edge * std::conj(kept[first * media + m * size + i]) * inside[m][i];
        g += std::conj(weights[m].slope) * of_weight +
             std::real(std::conj(weights[m].real_slope) * of_weight);
        inside[m][i] *= edge * std::conj(weights[m].value);
      }
      index_cotangent[first + i] = g;
    }
    std::fill(sum.begin(), sum.end(), Complex{});
    for (std::size_t m = 0; m < media; ++m) {
      const Field values = spectrum(inside[m]);
      for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += std::conj(half_steps_[m][i]) * values[i];
    }
  }
  window_of(sum, field_cotangent, nullptr);
}

}  // namespace wavesmith
