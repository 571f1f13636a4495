#include "physics/circuit_component.hpp"

#include <cmath>

namespace wavesmith {

double ComponentSettings::number(const std::string& key, std::optional<double> fallback) const {
  const auto found = numbers.find(key);
  if (found != numbers.end()) return found->second;
  if (!fallback) throw error("has no " + key + "; give it");
  return *fallback;
}

std::string ComponentSettings::text(const std::string& key,
                                    const std::optional<std::string>& fallback) const {
  const auto found = texts.find(key);
  if (found != texts.end()) return found->second;
  if (!fallback) throw error("has no " + key + "; give it");
  return *fallback;
}

InputError ComponentSettings::error(const std::string& problem) const {
  return InputError("component " + name + " " + problem);
}

double amplitude_of_loss(double level) {
  return std::exp(amplitude_per_level * level);
}

double coupling_angle(const ComponentSettings& settings, const std::string& ratio_key,
                      const std::string& angle_key, std::optional<double> fallback) {
  if (settings.has(ratio_key) && settings.has(angle_key))
    throw settings.error("has both " + ratio_key + " and " + angle_key + "; give one of them");
  if (settings.has(angle_key)) return settings.number(angle_key);
  return std::asin(std::sqrt(settings.number(ratio_key, fallback)));
}

}  // namespace wavesmith
