#include "solvers/response_features.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace wavesmith {
namespace {

// Golden-section search for the largest value of `f` between two places.
double largest_between(const PowerResponse& f, double low, double high) {
  const double share = 0.5 * (std::sqrt(5.0) - 1.0);
  double a = high - share * (high - low), b = low + share * (high - low);
  double at_a = f(a), at_b = f(b);
  for (int i = 0; i < 60 && high - low > 1e-12 * high; ++i) {
    if (at_a > at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - share * (high - low);
      at_a = f(a);
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + share * (high - low);
      at_b = f(b);
    }
  }
  return 0.5 * (low + high);
}

}  // namespace

std::vector<Extreme> find_extremes(std::span<const double> frequencies,
                                   std::span<const double> power, const PowerResponse& response,
                                   Feature feature, double prominence) {
  const double sign = feature == Feature::peak ? 1.0 : -1.0;
  const auto [lowest, highest] = std::minmax_element(power.begin(), power.end());
  const double least = prominence * (*highest - *lowest);
  const PowerResponse upright = [&](double f) { return sign * response(f); };
  std::vector<Extreme> extremes;
  if (!(least > 0.0)) return extremes;
  // A peak counts where the curve has risen to it and falls from it by `least`.
  double bottom = sign * power[0], top = bottom;
  std::size_t at = 0;
  bool risen = false;
  for (std::size_t i = 1; i < power.size(); ++i) {
    const double value = sign * power[i];
    if (value > top || (!risen && value >= bottom)) {
      if (value > top) {
        top = value;
        at = i;
      }
      risen = risen || top - bottom >= least;
    }
    if (risen && top - value >= least) {
      const double f = largest_between(upright, frequencies[at - 1],
                                       frequencies[std::min(at + 1, power.size() - 1)]);
      extremes.push_back({f, response(f)});
      risen = false;
      bottom = top = value;
    } else if (!risen && value < bottom) {
      bottom = top = value;
      at = i;
    }
  }
  return extremes;
}

Extreme nearest_extreme(const std::vector<Extreme>& extremes, double frequency) {
  if (extremes.empty())
    throw NumericsError(
        "the curve has no peak or dip of this kind; look at another port, or over more "
        "frequencies");
  return *std::ranges::min_element(
      extremes, {}, [&](const Extreme& e) { return std::abs(e.frequency - frequency); });
}

double free_spectral_range(const std::vector<Extreme>& extremes, double frequency) {
  if (extremes.size() < 2)
    throw NumericsError(
        "the curve has fewer than two peaks or dips of this kind, and so no distance between them; "
        "look over more frequencies");
  const double at = nearest_extreme(extremes, frequency).frequency;
  double nearest = std::numeric_limits<double>::infinity();
  for (const Extreme& e : extremes)
    if (e.frequency != at) nearest = std::min(nearest, std::abs(e.frequency - at));
  return nearest;
}

double width_at(std::span<const double> frequencies, std::span<const double> power,
                const PowerResponse& response, double centre, double level, Feature feature) {
  const double sign = feature == Feature::peak ? 1.0 : -1.0;
  const auto within = [&](double value) { return sign * (value - level) >= 0.0; };
  const auto above = std::upper_bound(frequencies.begin(), frequencies.end(), centre);
  // The first sample outside, then the edge between it and the one before.
  const auto edge = [&](bool upward) {
    double inside = centre;
    auto i = upward ? above - frequencies.begin() : above - frequencies.begin() - 1;
    for (; i >= 0 && i < static_cast<std::ptrdiff_t>(power.size()); i += upward ? 1 : -1) {
      double outside = frequencies[static_cast<std::size_t>(i)];
      if (within(power[static_cast<std::size_t>(i)])) {
        inside = outside;
        continue;
      }
      for (int halving = 0; halving < 60; ++halving) {
        const double middle = 0.5 * (inside + outside);
        (within(response(middle)) ? inside : outside) = middle;
      }
      return inside;
    }
    throw NumericsError(
        "the curve does not pass its level on both sides of the place that is looked at; look over "
        "more frequencies");
  };
  return edge(true) - edge(false);
}

}  // namespace wavesmith
