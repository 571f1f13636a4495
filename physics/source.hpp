// Fields on the input plane.
//
// exp(-i omega t): a wave towards +z has the phase exp(+i k z). |u|^2 is an intensity [W/m^2].
// Tilts are angles [rad] whose sines are the direction cosines along x and y.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/plane.hpp"
#include "physics/layer.hpp"
#include "physics/shape.hpp"

namespace wavesmith {

// One coherent part of a source; intensities of the parts add up with their weights.
struct SourceMode {
  double weight = 1.0;
  std::vector<Complex> field;  // row-major over the plane
};

// Power on the plane: sum |u|^2 dx dy [W].
double power(const Plane& plane, std::span<const Complex> field);
// Scales the field to `watts`. Throws InputError for a field without power.
void normalize_power(const Plane& plane, std::span<Complex> field, double watts);
// The same for a whole source, whose power is the weighted sum.
double power(const Plane& plane, std::span<const SourceMode> modes);
void normalize_power(const Plane& plane, std::span<SourceMode> modes, double watts);

// u = exp(i k (sin(tilt_x) x + sin(tilt_y) y)).
std::vector<Complex> plane_wave(const Plane& plane, double wavelength, double tilt_x = 0.0,
                                double tilt_y = 0.0);

struct GaussianBeam {
  double waist = 0.0;                 // 1/e^2 intensity radius at the waist [m]
  double distance = 0.0;              // from the waist to the plane; < 0: the waist lies ahead [m]
  double x = 0.0, y = 0.0;            // centre on the plane [m]
  double tilt_x = 0.0, tilt_y = 0.0;  // a linear phase on the plane [rad]
};
// The fundamental paraxial mode, of unit power:
//   u = sqrt(2 / pi) / w exp(-r^2/w^2 + i k r^2 / (2 R) + i k z - i atan(z / z_R))
// Siegman, Lasers (1986), section 17.1, with exp(-i omega t).
std::vector<Complex> gaussian_beam(const Plane& plane, double wavelength, const GaussianBeam& beam);

// Spherical wave of a point `distance` before the plane at (x, y), u = |d| / R exp(i k R): unit
// amplitude at its foot. distance < 0: a wave that converges to a point behind the plane,
// exp(-i k R).
std::vector<Complex> point_source(const Plane& plane, double wavelength, double distance,
                                  double x = 0.0, double y = 0.0);

// Unit amplitude inside the shape, with area-weighted edges.
std::vector<Complex> uniform_source(const Plane& plane, const Shape& shape);

struct SourceSpec {
  std::string kind = "plane";         // one of list_sources()
  double tilt_x = 0.0, tilt_y = 0.0;  // plane, gaussian [rad]
  double x = 0.0, y = 0.0;            // centre: gaussian, point, schell [m]
  double waist = 0.0;                 // gaussian [m]
  double distance = 0.0;              // gaussian: from the waist; point: from the point [m]
  Shape shape;                        // uniform
  double width = 0.0;                 // schell: rms radius of the intensity along x [m]
  double coherence = 0.0;             // schell, diffuser: coherence length [m]
  double captured = 0.99;             // schell: share of the power that the modes must hold
  int modes = 64;                     // schell: at most so many; diffuser: so many
  double phase_rms = 6.0;             // diffuser [rad]
  std::uint64_t seed = 0;             // diffuser
  double power = 0.0;                 // of the whole source on the plane [W]; 0: as it comes
};

struct SourceKind {
  std::string name, sentence;
};
std::vector<SourceKind> list_sources();

// Throws InputError when the kind is unknown or an option does not fit. wavelength: in vacuum [m].
std::vector<SourceMode> make_source(const SourceSpec& spec, const Plane& plane, double wavelength);

}  // namespace wavesmith
