// What a curve of power over frequency is described by: its extremes, the distance between them and
// their widths. A sampled curve shows where to look; the response itself is then asked, so that the
// numbers do not depend on the samples.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace wavesmith {

enum class Feature { peak, dip };

struct Extreme {
  double frequency = 0.0;  // [Hz]
  double power = 0.0;
};

// Power at a frequency [Hz].
using PowerResponse = std::function<double(double)>;

// The peaks or dips of a curve, by rising frequency, refined on the response. Those that stand out
// of the curve by less than `prominence` of its range are left out: ripples, rounding.
std::vector<Extreme> find_extremes(std::span<const double> frequencies,
                                   std::span<const double> power, const PowerResponse& response,
                                   Feature feature, double prominence = 0.1);

// Distance from the extreme nearest to a frequency to its nearer neighbour [Hz]. Throws
// NumericsError where there are fewer than two.
double free_spectral_range(const std::vector<Extreme>& extremes, double frequency);

// Width about `centre` of the range in which the response is above `level` (or below it: dips)
// [Hz]. Throws NumericsError where the curve does not leave the range within the frequencies.
double width_at(std::span<const double> frequencies, std::span<const double> power,
                const PowerResponse& response, double centre, double level, Feature feature);

// The extreme nearest to a frequency. Throws NumericsError where there is none.
Extreme nearest_extreme(const std::vector<Extreme>& extremes, double frequency);

}  // namespace wavesmith
