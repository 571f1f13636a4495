// A component of a circuit of waves: named ports, parameters, and its scattering matrix at a
// frequency,
//   b = S(frequency; parameters) a,
// a the amplitudes that go into the ports and b those that come out, |a|^2 and |b|^2 powers
// (D. M. Pozar, Microwave Engineering, section 4.3). Fields go as exp(-i omega t): a path of length
// L multiplies by exp(+i beta L).
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/scene.hpp"
#include "core/units.hpp"

namespace wavesmith {

using Complex = std::complex<double>;

// What can be changed, and differentiated by.
struct ComponentParameter {
  std::string name;
  Dimension dimension = Dimension::dimensionless;
  double value = 0.0;  // of the component as it was made, SI
};

// Where a component writes S, and its derivatives where they are asked for. Both are zero before.
class ScatteringView {
 public:
  // s: ports x ports, row-major, S[to][from]; derivatives: parameters x ports x ports, or empty.
  ScatteringView(std::size_t ports, std::span<Complex> s, std::span<Complex> derivatives)
      : ports_(ports), s_(s), derivatives_(derivatives) {}
  bool wants_derivatives() const { return !derivatives_.empty(); }
  void set(std::size_t to, std::size_t from, Complex value) const {
    s_[to * ports_ + from] = value;
  }
  void set_derivative(std::size_t parameter, std::size_t to, std::size_t from,
                      Complex value) const {
    derivatives_[(parameter * ports_ + to) * ports_ + from] = value;
  }
  // The same both ways, as in a reciprocal component.
  void join(std::size_t a, std::size_t b, Complex value) const {
    set(a, b, value);
    set(b, a, value);
  }
  void join_derivative(std::size_t parameter, std::size_t a, std::size_t b, Complex value) const {
    set_derivative(parameter, a, b, value);
    set_derivative(parameter, b, a, value);
  }

 private:
  std::size_t ports_;
  std::span<Complex> s_, derivatives_;
};

class CircuitComponent {
 public:
  virtual ~CircuitComponent() = default;
  const std::vector<std::string>& ports() const { return ports_; }
  const std::vector<ComponentParameter>& parameters() const { return parameters_; }
  // Frequencies at which the component is known [Hz].
  virtual std::array<double, 2> band() const {
    return {0.0, std::numeric_limits<double>::infinity()};
  }
  // S and, where they are wanted, dS/dparameter. frequency: [Hz], within band(). Not finite where
  // the component has no answer: a ring without loss and without coupling at its resonance.
  virtual void scatter(double frequency, std::span<const double> parameters,
                       const ScatteringView& out) const = 0;

 protected:
  CircuitComponent(std::vector<std::string> ports, std::vector<ComponentParameter> parameters)
      : ports_(std::move(ports)), parameters_(std::move(parameters)) {}

 private:
  std::vector<std::string> ports_;
  std::vector<ComponentParameter> parameters_;
};

// A setting of a component by its word: a quantity, or a text.
struct ComponentKey {
  std::string name, sentence;
  bool is_text = false;
  Dimension dimension = Dimension::dimensionless;
  Range range = Range::any();
};

// What a component is made from: its name, for messages, and its settings.
struct ComponentSettings {
  std::string name;
  std::map<std::string, double> numbers;  // SI
  std::map<std::string, std::string> texts;
  std::filesystem::path folder;  // where files are looked for

  bool has(const std::string& key) const { return numbers.contains(key) || texts.contains(key); }
  // Without a fallback InputError where the key is missing.
  double number(const std::string& key, std::optional<double> fallback = std::nullopt) const;
  std::string text(const std::string& key,
                   const std::optional<std::string>& fallback = std::nullopt) const;
  // `ring r1: <problem>`, to be thrown.
  InputError error(const std::string& problem) const;
};

// A word of the scene language. `make` throws InputError naming the component.
struct ComponentKind {
  std::string name, sentence;
  std::vector<ComponentKey> keys;
  std::unique_ptr<CircuitComponent> (*make)(const ComponentSettings& settings);
};

// Amplitude of a level of power: 10^(-level / 20), and the factor of its derivative.
double amplitude_of_loss(double level);
constexpr double amplitude_per_level = -0.11512925464970229;  // -ln(10) / 20 [1/dB]

// A coupling as an angle, power ratio sin^2: `ratio_key` (power ratio) or `angle_key` of the
// settings. The angle has finite derivatives at no and at full coupling, the ratio has not.
double coupling_angle(const ComponentSettings& settings, const std::string& ratio_key,
                      const std::string& angle_key, std::optional<double> fallback = std::nullopt);

}  // namespace wavesmith
