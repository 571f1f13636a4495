#include "physics/guide_propagation.hpp"

namespace wavesmith {

GuideExponent guide_exponent(double frequency, double reference, std::span<const double> guide) {
  const double length = guide[0], index = guide[1], group = guide[2], dispersion = guide[3],
               loss = guide[4];
  const double wave = 2.0 * pi / speed_of_light;
  GuideExponent g;
  if (reference == 0.0) {
    const Complex rate(amplitude_per_level * loss, wave * index * frequency);
    g.value = rate * length;
    g.derivatives = {rate, Complex(0.0, wave * frequency * length), 0.0, 0.0,
                     amplitude_per_level * length};
    return g;
  }
  const double away = frequency - reference;
  // beta2 / 2 (2 pi away)^2 = -pi c D (away / f0)^2.
  const double spread = -pi * speed_of_light * (away / reference) * (away / reference);
  const double beta = wave * (index * reference + group * away) + spread * dispersion;
  const Complex rate(amplitude_per_level * loss, beta);
  g.value = rate * length;
  g.derivatives = {rate, Complex(0.0, wave * reference * length),
                   Complex(0.0, wave * away * length), Complex(0.0, spread * length),
                   amplitude_per_level * length};
  return g;
}

std::vector<ComponentKey> guide_keys() {
  return {
      {"effective_index", "of the guide's mode", false, Dimension::dimensionless, Range::above(0)},
      {"group_index", "of the guide's mode; the effective index where it is not given", false,
       Dimension::dimensionless, Range::above(0)},
      {"dispersion", "D of the guide's mode", false, Dimension::dispersion},
      {"loss", "along the guide", false, Dimension::attenuation, Range::at_least(0)},
      {"reference_wavelength", "in vacuum, at which the indices hold", false, Dimension::length,
       Range::above(0)},
      {"reference_frequency", "at which the indices hold", false, Dimension::frequency,
       Range::above(0)},
  };
}

std::vector<ComponentParameter> guide_parameters(const ComponentSettings& settings, double length) {
  const double index = settings.number("effective_index");
  return {{"length", Dimension::length, length},
          {"effective_index", Dimension::dimensionless, index},
          {"group_index", Dimension::dimensionless, settings.number("group_index", index)},
          {"dispersion", Dimension::dispersion, settings.number("dispersion", 0.0)},
          {"loss", Dimension::attenuation, settings.number("loss", 0.0)}};
}

double guide_reference(const ComponentSettings& settings) {
  const bool wavelength = settings.has("reference_wavelength"),
             frequency = settings.has("reference_frequency");
  if (wavelength && frequency)
    throw settings.error(
        "has both reference_wavelength and reference_frequency; give one of "
        "them");
  if (wavelength) return speed_of_light / settings.number("reference_wavelength");
  if (frequency) return settings.number("reference_frequency");
  for (const char* key : {"group_index", "dispersion"})
    if (settings.has(key))
      throw settings.error(std::string("has a ") + key +
                           ", but no reference_wavelength at which it holds; give one");
  return 0.0;
}

}  // namespace wavesmith
