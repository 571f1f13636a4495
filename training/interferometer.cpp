#include "training/interferometer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/random.hpp"

namespace wavesmith {
namespace {

// Of the seed, so that noise shares no random numbers with other draws.
constexpr std::uint64_t noise_stream = 0x4e4f495345ull << 24;

// A Poisson draw of the given mean: by inversion where counts are few, else the normal limit.
double poisson(const Random& random, std::uint64_t n, double mean) {
  if (mean > 50.0) return std::max(std::round(mean + std::sqrt(mean) * random.normal(n)), 0.0);
  const double target = random.uniform(n);
  double term = std::exp(-mean), sum = term, count = 0.0;
  while (sum < target && count < 400.0) {
    count += 1.0;
    term *= mean / count;
    sum += term;
  }
  return count;
}

}  // namespace

Interferometer::Interferometer(const InterferometerSettings& settings, int planes, int channels,
                               std::uint64_t occasion)
    : settings_(settings), planes_(planes), channels_(channels), occasion_(occasion) {}

void Interferometer::read(const FieldPlace& place, std::span<Complex> field) const {
  double power = 0.0, brightest = 0.0;
  for (const Complex& u : field) {
    power += std::norm(u);
    brightest = std::max(brightest, std::norm(u));
  }
  if (!(power > 0.0)) return;
  const double mean = power / static_cast<double>(field.size());
  const double reference = std::sqrt(mean);
  // Counts per unit of intensity, and the camera's step in counts.
  const double gain = settings_.photons > 0.0 ? settings_.photons / mean : 1.0 / mean;
  const double full = gain * std::pow(std::sqrt(brightest) + reference, 2);
  const double step = settings_.bits > 0 ? full / (std::pow(2.0, settings_.bits) - 1.0) : 0.0;

  const Random random(settings_.seed, noise_stream + occasion_);
  const std::uint64_t where =
      ((static_cast<std::uint64_t>(place.sample) * static_cast<std::uint64_t>(channels_) +
        static_cast<std::uint64_t>(place.channel)) *
           static_cast<std::uint64_t>(planes_ + 1) +
       static_cast<std::uint64_t>(place.plane)) *
          2 +
      (place.backward ? 1 : 0);
  constexpr std::array<Complex, exposures> turns{Complex{1, 0}, Complex{0, 1}, Complex{-1, 0},
                                                 Complex{0, -1}};
  for (std::size_t i = 0; i < field.size(); ++i) {
    std::array<double, exposures> count{};
    for (std::size_t k = 0; k < count.size(); ++k) {
      count[k] = gain * std::norm(field[i] + reference * turns[k]);
      if (settings_.photons > 0.0)
        count[k] = poisson(random, (where << 32) + i * exposures + k, count[k]);
      if (step > 0.0) count[k] = std::min(std::round(count[k] / step) * step, full);
    }
    field[i] = Complex{count[0] - count[2], count[1] - count[3]} / (4.0 * reference * gain);
  }
}

}  // namespace wavesmith
