#include "physics/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.hpp"
#include "physics/names.hpp"
#include "physics/partial_coherence.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

double wavenumber(double wavelength) {
  validate_positive(wavelength, "wavelength [m]");
  return 2.0 * pi / wavelength;
}

struct Direction {
  double x, y;
};

Direction direction(double tilt_x, double tilt_y) {
  const Direction s{std::sin(tilt_x), std::sin(tilt_y)};
  WAVESMITH_VALIDATE(
      std::abs(tilt_x) < pi / 2 && std::abs(tilt_y) < pi / 2 && s.x * s.x + s.y * s.y < 1.0,
      fmt::format("tilts of {} and {} rad do not make a wave towards the plane; tilt less", tilt_x,
                  tilt_y));
  return s;
}

// field(x, y) at every sample, row-major.
template <class Function>
std::vector<Complex> sampled(const Plane& plane, const Function& field) {
  std::vector<Complex> values(plane.size());
  std::size_t sample = 0;
  for (int j = 0; j < plane.ny; ++j)
    for (int i = 0; i < plane.nx; ++i, ++sample) values[sample] = field(plane.x(i), plane.y(j));
  return values;
}

double scale_to(double power, double watts) {
  validate_positive(watts, "power [W]");
  WAVESMITH_VALIDATE(power > 0.0 && std::isfinite(power),
                     fmt::format("the source has a power of {} W on its plane and cannot be scaled "
                                 "to {} W; is it on the plane?",
                                 power, watts));
  return watts / power;
}

}  // namespace

double power(const Plane& plane, std::span<const Complex> field) {
  double sum = 0.0;
  for (const Complex& u : field) sum += std::norm(u);
  return sum * plane.cell_area();
}

void normalize_power(const Plane& plane, std::span<Complex> field, double watts) {
  const double scale = std::sqrt(scale_to(power(plane, field), watts));
  for (Complex& u : field) u *= scale;
}

double power(const Plane& plane, std::span<const SourceMode> modes) {
  double sum = 0.0;
  for (const SourceMode& mode : modes) sum += mode.weight * power(plane, mode.field);
  return sum;
}

void normalize_power(const Plane& plane, std::span<SourceMode> modes, double watts) {
  const double scale = std::sqrt(scale_to(power(plane, modes), watts));
  for (SourceMode& mode : modes)
    for (Complex& u : mode.field) u *= scale;
}

std::vector<Complex> plane_wave(const Plane& plane, double wavelength, double tilt_x,
                                double tilt_y) {
  validate_plane(plane, "source");
  const double k = wavenumber(wavelength);
  const Direction s = direction(tilt_x, tilt_y);
  return sampled(plane,
                 [&](double x, double y) { return std::polar(1.0, k * (s.x * x + s.y * y)); });
}

std::vector<Complex> gaussian_beam(const Plane& plane, double wavelength,
                                   const GaussianBeam& beam) {
  validate_plane(plane, "source");
  validate_positive(beam.waist, "Gaussian beam: waist [m]");
  validate_finite(beam.distance, "Gaussian beam: distance [m]");
  const double k = wavenumber(wavelength), z = beam.distance;
  const double rayleigh = 0.5 * k * beam.waist * beam.waist;
  const double width = beam.waist * std::sqrt(1.0 + z * z / (rayleigh * rayleigh));
  // 1/R without the division by z = 0.
  const double curvature = z / (z * z + rayleigh * rayleigh);
  const double axial = k * z - std::atan(z / rayleigh);
  const double peak = std::sqrt(2.0 / pi) / width;
  const Direction s = direction(beam.tilt_x, beam.tilt_y);
  return sampled(plane, [&](double x, double y) {
    x -= beam.x;
    y -= beam.y;
    const double r2 = x * x + y * y;
    return std::polar(peak * std::exp(-r2 / (width * width)),
                      axial + 0.5 * k * r2 * curvature + k * (s.x * x + s.y * y));
  });
}

std::vector<Complex> point_source(const Plane& plane, double wavelength, double distance, double x0,
                                  double y0) {
  validate_plane(plane, "source");
  WAVESMITH_VALIDATE(std::isfinite(distance) && distance != 0.0,
                     fmt::format("point source: distance is {} m; put the point before (> 0) or "
                                 "behind (< 0) the plane",
                                 distance));
  const double k = std::copysign(wavenumber(wavelength), distance);
  return sampled(plane, [&](double x, double y) {
    const double r = std::hypot(distance, x - x0, y - y0);
    return std::polar(std::abs(distance) / r, k * r);
  });
}

std::vector<Complex> uniform_source(const Plane& plane, const Shape& shape) {
  validate_plane(plane, "source");
  validate_shape(shape, "source");
  const std::vector<double> share = coverage(shape, plane);
  return {share.begin(), share.end()};
}

namespace {

std::vector<SourceMode> one_mode(std::vector<Complex> field) {
  std::vector<SourceMode> modes(1);
  modes[0].field = std::move(field);
  return modes;
}

std::vector<SourceMode> make_plane(const SourceSpec& spec, const Plane& plane, double wavelength) {
  return one_mode(plane_wave(plane, wavelength, spec.tilt_x, spec.tilt_y));
}

std::vector<SourceMode> make_gaussian(const SourceSpec& spec, const Plane& plane,
                                      double wavelength) {
  return one_mode(gaussian_beam(
      plane, wavelength, {spec.waist, spec.distance, spec.x, spec.y, spec.tilt_x, spec.tilt_y}));
}

std::vector<SourceMode> make_point(const SourceSpec& spec, const Plane& plane, double wavelength) {
  return one_mode(point_source(plane, wavelength, spec.distance, spec.x, spec.y));
}

std::vector<SourceMode> make_uniform(const SourceSpec& spec, const Plane& plane, double) {
  return one_mode(uniform_source(plane, spec.shape));
}

std::vector<SourceMode> make_schell(const SourceSpec& spec, const Plane& plane, double) {
  return gaussian_schell_modes(
             plane, {spec.width, spec.coherence, spec.x, spec.y, spec.captured, spec.modes})
      .modes;
}

std::vector<SourceMode> make_diffuser(const SourceSpec& spec, const Plane& plane,
                                      double wavelength) {
  return diffuser_ensemble(plane, plane_wave(plane, wavelength, spec.tilt_x, spec.tilt_y),
                           {spec.phase_rms, spec.coherence, spec.seed, spec.modes});
}

struct SourceEntry {
  const char* name;
  const char* sentence;
  std::vector<SourceMode> (*make)(const SourceSpec&, const Plane&, double);
};

constexpr std::array<SourceEntry, 6> source_entries{{
    {"plane", "Plane wave, tilted or not, of unit amplitude", make_plane},
    {"gaussian", "Paraxial Gaussian beam of unit power", make_gaussian},
    {"point", "Spherical wave from or towards a point", make_point},
    {"uniform", "Uniformly lit disk, rectangle, ring or slits", make_uniform},
    {"schell", "Gaussian Schell-model source as coherent modes", make_schell},
    {"diffuser", "Plane wave behind random phase screens: an ensemble", make_diffuser},
}};

}  // namespace

std::vector<SourceKind> list_sources() {
  std::vector<SourceKind> kinds;
  for (const SourceEntry& entry : source_entries) kinds.push_back({entry.name, entry.sentence});
  return kinds;
}

std::vector<SourceMode> make_source(const SourceSpec& spec, const Plane& plane, double wavelength) {
  std::array<NamedValue<const SourceEntry*>, source_entries.size()> names{};
  std::transform(source_entries.begin(), source_entries.end(), names.begin(),
                 [](const SourceEntry& entry) {
                   return NamedValue<const SourceEntry*>{entry.name, &entry};
                 });
  std::vector<SourceMode> modes = value_from_name<const SourceEntry*>(names, spec.kind, "source")
                                      ->make(spec, plane, wavelength);
  validate_not_negative(spec.power, "source: power [W]");
  if (spec.power > 0.0) normalize_power(plane, modes, spec.power);
  return modes;
}

}  // namespace wavesmith
