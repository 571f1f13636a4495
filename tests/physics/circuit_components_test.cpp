// Every kind of component: reciprocal, lossless where it has no loss, never with gain, and its
// derivatives those of its values; rings and interferometers by their textbook formulas.
#include "physics/circuit_components.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/circuit.hpp"

namespace wavesmith {
namespace {

constexpr double frequency = 193.4e12;

struct Case {
  std::string kind;
  std::map<std::string, double> lossless, lossy;
};

// Settings of each kind; those of files have tests of their own.
std::vector<Case> cases() {
  const std::map<std::string, double> guide = {{"effective_index", 2.4},
                                               {"group_index", 4.2},
                                               {"dispersion", 5e-4},
                                               {"reference_wavelength", 1.55e-6}};
  const auto with = [](std::map<std::string, double> values,
                       const std::map<std::string, double>& more) {
    values.insert(more.begin(), more.end());
    return values;
  };
  const auto ring = with(guide, {{"radius", 10e-6}, {"ratio", 0.2}});
  return {
      {"coupler", {{"ratio", 0.3}}, {{"ratio", 0.3}, {"loss", 0.4}}},
      {"coupler", {{"angle", 0.9}}, {{"ratio", 1.0}, {"loss", 0.1}}},
      {"coupler", {{"ratio", 0.0}}, {{"ratio", 0.0}, {"loss", 0.1}}},
      {"phase_shifter", {{"phase", 1.2}}, {{"phase", -2.0}, {"loss", 0.3}}},
      {"mzi",
       {{"theta", 0.7}, {"phi", 1.9}, {"error1", 0.05}, {"error2", -0.08}},
       {{"theta", -0.4}, {"phi", 0.3}, {"error1", 0.05}, {"loss", 0.2}}},
      {"waveguide", with(guide, {{"length", 120e-6}}),
       with(guide, {{"length", 120e-6}, {"loss", 300.0}})},
      {"waveguide",
       {{"length", 3e-6}, {"effective_index", 1.5}},
       {{"length", 3e-6}, {"effective_index", 1.5}, {"loss", 1e4}}},
      {"ring", ring, with(ring, {{"loss", 2000.0}})},
      {"ring", with(ring, {{"ratio2", 0.1}}), with(ring, {{"ratio2", 0.1}, {"loss", 2000.0}})},
      {"crossing", {}, {{"loss", 0.2}, {"crosstalk", -32.0}}},
      {"attenuator", {{"attenuation", 0.0}}, {{"attenuation", 3.0}}},
      {"mirror", {{"reflectivity", 0.3}}, {}},
      {"terminator", {{"reflectivity", 1.0}, {"phase", 0.4}}, {{"reflectivity", 0.2}}},
  };
}

struct Matrix {
  std::size_t n = 0;
  std::vector<Complex> values;
  Complex operator()(std::size_t i, std::size_t j) const { return values[i * n + j]; }
};

// sum of factor_m times matrix m.
Matrix sum_of(const std::vector<std::pair<double, Matrix>>& terms) {
  Matrix sum{terms[0].second.n, std::vector<Complex>(terms[0].second.values.size())};
  for (const auto& [factor, term] : terms)
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += factor * term.values[i];
  return sum;
}

Matrix transposed(const Matrix& m) {
  Matrix result = m;
  for (std::size_t i = 0; i < m.values.size(); ++i) result.values[i] = m(i % m.n, i / m.n);
  return result;
}

double length_of(const Matrix& m) {
  double sum = 0.0;
  for (const Complex& value : m.values) sum += std::norm(value);
  return std::sqrt(sum);
}

// 1 - S^H S: the power that is lost, as a form of what goes in.
Matrix lost_power(const Matrix& s) {
  Matrix lost = s;
  for (std::size_t i = 0; i < s.n; ++i)
    for (std::size_t j = 0; j < s.n; ++j) {
      Complex sum = i == j ? 1.0 : 0.0;
      for (std::size_t k = 0; k < s.n; ++k) sum -= std::conj(s(k, i)) * s(k, j);
      lost.values[i * s.n + j] = sum;
    }
  return lost;
}

struct Scattered {
  Matrix s;
  std::vector<Matrix> derivatives;
};

Scattered scatter(const CircuitComponent& component, const std::vector<double>& parameters,
                  double at = frequency) {
  const std::size_t n = component.ports().size(), count = parameters.size();
  std::vector<Complex> s(n * n), d(count * n * n);
  component.scatter(at, parameters, ScatteringView(n, s, d));
  Scattered result{{n, s}, {}};
  for (std::size_t k = 0; k < count; ++k) {
    const Complex* from = d.data() + k * n * n;
    result.derivatives.push_back({n, std::vector<Complex>(from, from + n * n)});
  }
  return result;
}

std::vector<double> parameters_of(const CircuitComponent& component) {
  std::vector<double> values;
  for (const ComponentParameter& parameter : component.parameters())
    values.push_back(parameter.value);
  return values;
}

std::unique_ptr<CircuitComponent> make(const std::string& kind,
                                       const std::map<std::string, double>& numbers) {
  return make_circuit_component(kind,
                                {.name = "trial", .numbers = numbers, .texts = {}, .folder = {}});
}

TEST(CircuitComponents, EveryKindIsTested) {
  for (const ComponentKind* kind : list_circuit_components()) {
    EXPECT_FALSE(kind->sentence.empty());
    const std::vector<Case> all = cases();
    EXPECT_TRUE(kind->name == "device" ||
                std::ranges::any_of(all, [&](const Case& c) { return c.kind == kind->name; }))
        << kind->name;
  }
}

TEST(CircuitComponents, ReciprocalAndUnitaryWithoutLossAndNeverWithGain) {
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.kind);
    const auto lossless = make(each.kind, each.lossless);
    const Matrix s = scatter(*lossless, parameters_of(*lossless)).s;
    EXPECT_LT(length_of(sum_of({{1.0, s}, {-1.0, transposed(s)}})), 1e-15);
    EXPECT_LT(length_of(lost_power(s)), 1e-13);
    if (each.lossy.empty()) continue;
    const auto lossy = make(each.kind, each.lossy);
    const Matrix with_loss = scatter(*lossy, parameters_of(*lossy)).s, lost = lost_power(with_loss);
    EXPECT_LT(length_of(sum_of({{1.0, with_loss}, {-1.0, transposed(with_loss)}})), 1e-15);
    EXPECT_GT(length_of(lost), 1e-3);
    // Whatever goes in, no more comes out.
    const Random random(1, 0);
    for (std::uint64_t draw = 0; draw < 200; ++draw) {
      std::vector<Complex> a;
      for (std::uint64_t i = 0; i < lost.n; ++i) {
        const auto pair = random.normal_pair(draw * lost.n + i);
        a.emplace_back(pair[0], pair[1]);
      }
      Complex form;
      for (std::size_t i = 0; i < lost.n; ++i)
        for (std::size_t j = 0; j < lost.n; ++j) form += std::conj(a[i]) * lost(i, j) * a[j];
      EXPECT_GT(form.real(), -1e-12);
    }
  }
}

TEST(CircuitComponents, DerivativesAreThoseOfTheValues) {
  double worst = 0.0;
  for (const Case& each : cases())
    for (const auto& numbers : {each.lossless, each.lossy}) {
      if (numbers.empty() && each.kind == "mirror") continue;
      const auto component = make(each.kind, numbers);
      const std::vector<double> at = parameters_of(*component);
      const Scattered found = scatter(*component, at);
      for (std::size_t k = 0; k < at.size(); ++k) {
        SCOPED_TRACE(each.kind + "." + component->parameters()[k].name);
        // A step that turns the phase of a guide by a part of a radian.
        const double h = 1e-3 / std::max(1.0, length_of(found.derivatives[k]));
        const auto value = [&](double steps) {
          std::vector<double> moved = at;
          moved[k] += steps * h;
          return scatter(*component, moved).s;
        };
        const Matrix error_of = sum_of({{8.0 / (12.0 * h), value(1)},
                                        {-8.0 / (12.0 * h), value(-1)},
                                        {-1.0 / (12.0 * h), value(2)},
                                        {1.0 / (12.0 * h), value(-2)},
                                        {-1.0, found.derivatives[k]}});
        const double error = length_of(error_of) / std::max(1.0, length_of(found.derivatives[k]));
        worst = std::max(worst, error);
        EXPECT_LT(error, 1e-8);
      }
    }
  std::printf("derivatives of components: worst relative error %.2e\n", worst);
}

// |S21|^2 of a ring beside a guide, resonances FSR = c / (n_g L) apart, Q = pi n_g L sqrt(t a) /
// (lambda (1 - t a)) (W. Bogaerts et al., Laser & Photonics Reviews 6, 47 (2012), equations 2 to
// 10).
TEST(CircuitComponents, RingBesideAGuide) {
  const double radius = 20e-6, length = 2 * pi * radius, index = 2.4, group = 4.3, ratio = 0.05,
               loss = 300.0, wavelength = 1.55e-6, reference = speed_of_light / wavelength;
  const auto ring = make("ring", {{"radius", radius},
                                  {"effective_index", index},
                                  {"group_index", group},
                                  {"reference_wavelength", wavelength},
                                  {"ratio", ratio},
                                  {"loss", loss}});
  const std::vector<double> at = parameters_of(*ring);
  const auto power = [&](double f) { return std::norm(scatter(*ring, at, f).s(1, 0)); };
  const double t = std::sqrt(1.0 - ratio), a = std::pow(10.0, -loss * length / 20.0);
  for (const double away : {0.0, 1e11, 3e11, -7e11}) {
    const double f = reference + away,
                 turn = 2 * pi / speed_of_light * (index * reference + group * away) * length;
    const double expected = (a * a - 2 * t * a * std::cos(turn) + t * t) /
                            (1 - 2 * a * t * std::cos(turn) + t * a * t * a);
    EXPECT_NEAR(power(f), expected, 1e-12);
  }
  // Resonances: whole turns.
  const double turns = std::floor(index * length / wavelength) + 1.0;
  const auto resonance = [&](double m) {
    return reference + (m * speed_of_light / length - index * reference) / group;
  };
  const double first = resonance(turns), fsr = speed_of_light / (group * length);
  EXPECT_NEAR(resonance(turns + 1) - first, fsr, 1e-9 * fsr);
  EXPECT_NEAR(power(first), std::pow((t - a) / (1 - t * a), 2), 1e-10);
  // Half of the dip: full width by bisection on the exact curve, against c / (Q lambda).
  const double bottom = power(first), top = power(first + 0.5 * fsr);
  double low = 0.0, high = 0.5 * fsr;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (power(first + middle) < 0.5 * (bottom + top) ? low : high) = middle;
  }
  const double quality = first / (2.0 * low),
               expected_quality =
                   pi * group * length * std::sqrt(t * a) / (speed_of_light / first * (1 - t * a));
  EXPECT_NEAR(quality / expected_quality, 1.0, 2e-3);
}

TEST(CircuitComponents, RingBetweenTwoGuides) {
  const double length = 60e-6, index = 2.0, wavelength = 1.5e-6;
  const std::map<std::string, double> settings = {{"length", length},
                                                  {"effective_index", index},
                                                  {"reference_wavelength", wavelength},
                                                  {"ratio", 0.1},
                                                  {"ratio2", 0.1},
                                                  {"loss", 0.0}};
  const auto ring = make("ring", settings);
  // 80 wavelengths around: at resonance. Equal couplings and no loss drop everything.
  const Scattered at = scatter(*ring, parameters_of(*ring), speed_of_light / wavelength);
  EXPECT_NEAR(std::norm(at.s(3, 0)), 1.0, 1e-9);
  EXPECT_NEAR(std::norm(at.s(1, 0)), 0.0, 1e-9);
  // With loss a: drop = k1^2 k2^2 a / (1 - t1 t2 a)^2 in power.
  std::map<std::string, double> lossy = settings;
  lossy["loss"] = 2000.0;
  lossy["ratio2"] = 0.25;
  const auto second = make("ring", lossy);
  const double a = std::pow(10.0, -2000.0 * length / 20.0);
  const double t1 = std::sqrt(0.9), t2 = std::sqrt(0.75);
  const Scattered with_loss = scatter(*second, parameters_of(*second), speed_of_light / wavelength);
  EXPECT_NEAR(std::norm(with_loss.s(3, 0)), 0.1 * 0.25 * a / std::pow(1 - t1 * t2 * a, 2), 1e-9);
  EXPECT_NEAR(std::norm(with_loss.s(1, 0)), std::pow((t1 - t2 * a) / (1 - t1 * t2 * a), 2), 1e-9);
}

TEST(CircuitComponents, MachZehnder) {
  for (const double theta : {0.0, 0.3, 1.0, pi / 2, 2.5, pi}) {
    const auto mzi = make("mzi", {{"theta", theta}});
    const Matrix s = scatter(*mzi, parameters_of(*mzi)).s;
    EXPECT_NEAR(std::norm(s(2, 0)), std::pow(std::sin(theta / 2), 2), 1e-15);  // bar
    EXPECT_NEAR(std::norm(s(3, 0)), std::pow(std::cos(theta / 2), 2), 1e-15);  // cross
  }
  // Errors u1, u2 leave (sin(u1 + u2))^2 of the power in the bar at theta = 0.
  const auto mzi = make("mzi", {{"theta", 0.0}, {"error1", 0.1}, {"error2", 0.07}});
  const Matrix s = scatter(*mzi, parameters_of(*mzi)).s;
  EXPECT_NEAR(std::norm(s(2, 0)), std::pow(std::sin(0.17), 2), 1e-15);
}

// A group index shows as delay: d phase / d omega = n_g L / c with fields as exp(-i omega t).
TEST(CircuitComponents, DelayOfAGuide) {
  const auto guide = make("waveguide", {{"length", 1e-3},
                                        {"effective_index", 2.4},
                                        {"group_index", 4.2},
                                        {"dispersion", 1e-3},
                                        {"reference_wavelength", 1.55e-6}});
  const std::vector<double> at = parameters_of(*guide);
  const auto delay = [&](double f) {
    const double h = 1e8;
    return std::arg(scatter(*guide, at, f + h).s(1, 0) / scatter(*guide, at, f - h).s(1, 0)) /
           (4 * pi * h);
  };
  const double reference = speed_of_light / 1.55e-6;
  EXPECT_NEAR(delay(reference) / (4.2e-3 / speed_of_light), 1.0, 1e-6);
  // D = d delay / d lambda per length.
  const double step = 1e-9, f = speed_of_light / (1.55e-6 + step);
  const double f_low = speed_of_light / (1.55e-6 - step);
  EXPECT_NEAR((delay(f) - delay(f_low)) / (2 * step) / 1e-3 / 1e-3, 1.0, 1e-3);
}

TEST(CircuitComponents, MistakesNameTheComponent) {
  const auto message = [](const std::string& kind, const std::map<std::string, double>& numbers) {
    try {
      make(kind, numbers);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("(no error)");
  };
  EXPECT_NE(message("couplr", {}).find("did you mean \"coupler\""), std::string::npos);
  for (const auto& [kind, numbers, word] :
       std::vector<std::tuple<std::string, std::map<std::string, double>, std::string>>{
           {"coupler", {}, "ratio"},
           {"coupler", {{"ratio", 1.2}}, "ratio = 1.2"},
           {"coupler", {{"ratio", 0.5}, {"angle", 1}}, "both ratio and angle"},
           {"coupler", {{"ratoi", 0.5}}, "did you mean \"ratio\""},
           {"coupler", {{"ratio", NAN}}, "ratio"},
           {"waveguide", {{"length", 1e-6}}, "effective_index"},
           {"waveguide",
            {{"length", 1e-6}, {"effective_index", 2}, {"group_index", 4}},
            "reference_wavelength"},
           {"ring", {{"effective_index", 2}, {"ratio", 0.1}}, "radius"},
           {"crossing", {{"crosstalk", -20}}, "loss"},
       }) {
    const std::string text = message(kind, numbers);
    EXPECT_NE(text.find("component trial"), std::string::npos) << text;
    EXPECT_NE(text.find(word), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace wavesmith
