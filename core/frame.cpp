#include "core/frame.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/error.hpp"

namespace wavesmith {

namespace {

void check_size(const Frame& frame, const std::string& name, std::size_t size) {
  if (size != frame.size()) {
    throw std::logic_error("array " + name + " has " + std::to_string(size) +
                           " values where frame " + frame.name + " has " +
                           std::to_string(frame.size()) + " points");
  }
}

// "sqrt(W/m^2)" -> "W/m^2", "V/m" -> "(V/m)^2", "V" -> "V^2", "1" -> "1".
std::string squared(const std::string& unit) {
  constexpr const char* root = "sqrt(";
  if (unit.empty() || unit == "1") return unit;
  if (unit.rfind(root, 0) == 0 && unit.find(')') == unit.size() - 1) {
    return unit.substr(5, unit.size() - 6);
  }
  const bool is_product = unit.find_first_of("/*^ ") != std::string::npos;
  return is_product ? "(" + unit + ")^2" : unit + "^2";
}

}  // namespace

void add_complex(Frame& frame, const std::string& name, const std::string& unit,
                 std::span<const std::complex<double>> field) {
  check_size(frame, name, field.size());
  std::vector<float> real(field.size()), imaginary(field.size()), intensity(field.size()),
      phase(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    real[i] = static_cast<float>(field[i].real());
    imaginary[i] = static_cast<float>(field[i].imag());
    intensity[i] = static_cast<float>(std::norm(field[i]));
    // The phase of nothing is 0, not that of a signed zero.
    phase[i] = field[i] == 0.0 ? 0.0f : static_cast<float>(std::arg(field[i]));
  }
  frame.arrays.push_back({name + "_real", unit, std::move(real)});
  frame.arrays.push_back({name + "_imaginary", unit, std::move(imaginary)});
  frame.arrays.push_back({name + "_intensity", squared(unit), std::move(intensity)});
  frame.arrays.push_back({name + "_phase", "rad", std::move(phase)});
}

void add_real(Frame& frame, const std::string& name, const std::string& unit,
              std::span<const double> values) {
  check_size(frame, name, values.size());
  std::vector<float> copy(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) copy[i] = static_cast<float>(values[i]);
  frame.arrays.push_back({name, unit, std::move(copy)});
}

void add_vector(Frame& frame, const std::string& name, const std::string& unit,
                std::span<const double> x, std::span<const double> y, std::span<const double> z) {
  for (const auto& component : {x, y, z}) check_size(frame, name, component.size());
  FrameArray array{name, unit, std::vector<float>(3 * x.size()), 3};
  for (std::size_t i = 0; i < x.size(); ++i) {
    array.values[3 * i] = static_cast<float>(x[i]);
    array.values[3 * i + 1] = static_cast<float>(y[i]);
    array.values[3 * i + 2] = static_cast<float>(z[i]);
  }
  frame.arrays.push_back(std::move(array));
}

const FrameArray& find_array(const Frame& frame, const std::string& name) {
  const auto array =
      std::find_if(frame.arrays.begin(), frame.arrays.end(),
                   [&](const FrameArray& candidate) { return candidate.name == name; });
  WAVESMITH_VALIDATE(array != frame.arrays.end(),
                     "frame \"" + frame.name + "\" has no array \"" + name + "\"");
  const std::size_t values = frame.size() * static_cast<std::size_t>(array->components);
  WAVESMITH_VALIDATE(array->values.size() == values,
                     "frame \"" + frame.name + "\": array \"" + name + "\" has " +
                         std::to_string(array->values.size()) + " values where its points need " +
                         std::to_string(values));
  return *array;
}

}  // namespace wavesmith
