#include "training/point_sets.hpp"

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"

namespace wavesmith {

bool is_point_set(const std::string& name) {
  return name == "moons" || name == "circles";
}

Dataset make_point_set(const std::string& name, std::size_t count, double noise,
                       std::uint64_t seed) {
  WAVESMITH_VALIDATE(is_point_set(name),
                     "the point set \"" + name + "\" is unknown; use moons or circles");
  const bool moons = name == "moons";
  const Random random(seed, 0);
  Dataset data{name, 1, 2, {}, {}, 2};
  const std::size_t first_class = (count + 1) / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const bool second = i % 2 == 1;
    const std::size_t own = second ? count - first_class : first_class;
    const double place = static_cast<double>(i / 2);
    double x = 0.0, y = 0.0;
    if (moons) {
      // Both ends of a half circle belong to it.
      const double t = own > 1 ? std::numbers::pi * place / static_cast<double>(own - 1) : 0.0;
      x = second ? 1.0 - std::cos(t) : std::cos(t);
      y = second ? 0.5 - std::sin(t) : std::sin(t);
    } else {
      const double t = 2.0 * std::numbers::pi * place / static_cast<double>(own);
      const double radius = second ? 0.5 : 1.0;
      x = radius * std::cos(t);
      y = radius * std::sin(t);
    }
    const auto moved = random.normal_pair(i);
    data.images.push_back(static_cast<float>(x + noise * moved[0]));
    data.images.push_back(static_cast<float>(y + noise * moved[1]));
    data.labels.push_back(second ? 1 : 0);
  }
  return data;
}

}  // namespace wavesmith
