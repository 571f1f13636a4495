// How thresholds of a conically filtered pattern relate to lengths.
//
// A straight edge filtered by a cone of radius R rises as
//   K(t) = 1/2 + [2 t sqrt(1 - t^2) + asin t - t^3 acosh(1 / |t|)] / pi,  t = depth / R in [-1, 1],
// the integral of the cone across the edge. So threshold eta moves edges inwards by R K^-1(eta).
// A straight bar that has width b at threshold 1/2 peaks at some value; the bar survives erosion
// at any threshold below. Patterns whose solid survives at eta_e have no bar narrower than b, and
// those whose gaps survive at 1 - eta_e no slit: F. Wang, B. S. Lazarov, O. Sigmund, Struct.
// Multidiscip. Optim. 43, 767 (2011); X. Qian and O. Sigmund, CMAME 253, 187 (2013), whose
// relation, eta_e = 1/2 + (b / R)^2 / 4 up to b = R, is that of a hat across one dimension: a cone
// in the plane, integrated along the bar, is narrower, and its eta_e for the same length larger.
// Pixels must resolve R: some three to a radius for 1 %.
#pragma once

namespace wavesmith {

// eta_e for bars of width `length` [m]; filter radius in m. Throws InputError unless
// 0 < length < 2 radius: wider bars peak at 1 whatever their width.
double eroded_threshold(double filter_radius, double length);
// eta_d = 1 - eta_e for slits of that width.
double dilated_threshold(double filter_radius, double length);
// The filter radius [m] at which bars of that width peak at eta_e, in (1/2, 1). eta_e = 0.75 is
// usual.
double filter_radius_of(double length, double eroded_threshold);

// The threshold that moves straight edges inwards by `shift` [m] (outwards where it is negative)
// from where 1/2 puts them; |shift| < radius, else InputError.
double threshold_of_shift(double filter_radius, double shift);
// Its inverse; threshold in (0, 1).
double shift_of_threshold(double filter_radius, double threshold);

}  // namespace wavesmith
