// Numbers that describe an intensity on a plane: how much light arrives where it counts, and how
// sharp the picture is. Intensities are |u|^2 [W/m^2], row-major, one per sample.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/plane.hpp"
#include "physics/layer.hpp"

namespace wavesmith {

struct Point {
  double x = 0.0, y = 0.0;  // [m]
};
struct Widths {
  double x = 0.0, y = 0.0;  // [m]
};

double total_power(const Plane& plane, std::span<const double> intensity);   // [W]
Point peak_position(const Plane& plane, std::span<const double> intensity);  // the brightest sample
Point centroid(const Plane& plane, std::span<const double> intensity);

// Power inside the circle, cells on its edge counted by their area inside [W].
double power_within(const Plane& plane, std::span<const double> intensity, Point centre,
                    double radius);

// Power inside the circle over the incident power; around the peak where no centre is given.
double focusing_efficiency(const Plane& plane, std::span<const double> intensity, double radius,
                           double incident_power, std::optional<Point> centre = std::nullopt);

// Share of `total` [W] inside each radius. total 0: the power on the plane.
std::vector<double> encircled_energy(const Plane& plane, std::span<const double> intensity,
                                     Point centre, std::span<const double> radii,
                                     double total = 0.0);
// The radius that holds `share` of `total` [m]; infinite where the plane does not hold so much.
double encircled_radius(const Plane& plane, std::span<const double> intensity, Point centre,
                        double share, double total = 0.0);

// Full width at half maximum of the profiles through the peak, with cubic interpolation between
// samples. NaN along an axis where the profile does not fall to one half inside the plane.
Widths full_width_half_maximum(const Plane& plane, std::span<const double> intensity);
// Twice the standard deviation about the centroid: w of a Gaussian beam exp(-2 r^2 / w^2).
Widths second_moment_radius(const Plane& plane, std::span<const double> intensity);

// Modulation transfer function: |Fourier transform| of a point spread function over its value at
// frequency zero, along the two axes.
struct ModulationTransfer {
  std::vector<double> frequency_x, along_x;  // [1/m], 1
  std::vector<double> frequency_y, along_y;
};
ModulationTransfer modulation_transfer(const Plane& plane, std::span<const double> psf);

// Peak over power, divided by the same of a reference (diffraction-limited) spot.
double strehl_ratio(const Plane& plane, std::span<const double> psf,
                    std::span<const double> reference);
// |sum u|^2 / (sum |u|)^2 over a pupil: the Strehl ratio of its focus, exact in the paraxial limit.
double strehl_ratio(std::span<const Complex> pupil);

// Share of the incident power in order (order_x, order_y) of a field that repeats with the plane:
// |mean of u exp(-2 pi i (order_x i / nx + order_y j / ny))|^2, times the plane's area, over the
// incident power [W].
double order_efficiency(const Plane& plane, std::span<const Complex> field, int order_x,
                        int order_y, double incident_power);
// Share of the incident power that the detector regions collect together.
double diffraction_efficiency(std::span<const double> readings, double incident_power);

// (max - min) / (max + min) of the values; 0 for values that are all the same.
double contrast(std::span<const double> values);
// 1 - contrast: of the powers of an array of spots, 1 is perfect.
double uniformity(std::span<const double> values);
// Peak signal-to-noise ratio, 10 log10(max(reference)^2 / mean squared difference) [dB]; infinite
// for equal images.
double peak_signal_to_noise(std::span<const double> image, std::span<const double> reference);

}  // namespace wavesmith
