// Scattering matrices against lineshapes, conservation laws and finite differences.
#include "solvers/scattering_matrix.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "core/random.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

ResonatorMode mode(const std::string& name, double detuning, double port, double intrinsic) {
  return {name, detuning, port, intrinsic};
}

enum class Losses { none, some };

// A ring of modes with a few chords; every third mode has no port.
ResonatorNetwork random_network(int size, CouplingKind kind, Losses losses, std::uint64_t seed) {
  const Random random(seed, 7);
  ResonatorNetwork network;
  std::uint64_t n = 0;
  for (int j = 0; j < size; ++j) {
    const double detuning = random.uniform(n++, -1.0, 1.0);
    const double port = j % 3 == 2 ? 0.0 : random.uniform(n++, 0.3, 1.0);
    const double intrinsic = losses == Losses::some ? random.uniform(n++, 0.05, 0.3) : 0.0;
    network.modes.push_back(mode("m" + std::to_string(j), detuning, port, intrinsic));
  }
  const auto join = [&](int a, int b) {
    const double re = random.uniform(n++, -1.0, 1.0), im = random.uniform(n++, -1.0, 1.0);
    // A complex symmetric coupling is loss or gain: small, so that a steady state remains.
    const Complex strength = kind == CouplingKind::reciprocal
                                 ? Complex(re, losses == Losses::some ? 0.02 * im : 0.0)
                                 : Complex(re, im);
    network.couplings.push_back({a, b, strength, kind});
  };
  for (int j = 0; j + 1 < size; ++j) join(j, j + 1);
  for (int j = 0; j + 5 < size; j += 3) join(j + 5, j);
  return network;
}

TEST(ScatteringMatrix, OneModeIsALorentzian) {
  const double kappa = 0.7, intrinsic = 0.2, detuning = 0.3;
  ResonatorNetwork network;
  network.modes = {mode("ring", detuning, kappa, intrinsic)};
  const ScatteringMatrix matrix(network);
  for (double w = -3.0; w < 3.0; w += 0.17) {
    const Complex expected = (w - detuning + Complex(0.0, 0.5 * (intrinsic - kappa))) /
                             (w - detuning + Complex(0.0, 0.5 * (intrinsic + kappa)));
    EXPECT_LT(std::abs(matrix.scattering(w)[0] - expected), 1e-15) << w;
  }
}

TEST(ScatteringMatrix, ADarkModeOpensAWindow) {
  const double kappa = 1.0, j = 0.2, dark_loss = 1e-3;
  ResonatorNetwork network;
  network.modes = {mode("bright", 0.0, kappa, 0.1), mode("dark", 0.05, 0.0, dark_loss)};
  network.couplings = {{0, 1, j, CouplingKind::reciprocal}};
  const ScatteringMatrix matrix(network);
  for (double w = -1.0; w < 1.0; w += 0.013) {
    const Complex dark = w - 0.05 + Complex(0.0, 0.5 * dark_loss);
    const Complex expected = 1.0 - Complex(0.0, kappa) / (w + Complex(0.0, 0.55) - j * j / dark);
    EXPECT_LT(std::abs(matrix.scattering(w)[0] - expected), 1e-14) << w;
  }
}

TEST(ScatteringMatrix, ReciprocalNetworksScatterTheSameBothWays) {
  const ResonatorNetwork network = random_network(14, CouplingKind::reciprocal, Losses::some, 3);
  const ScatteringMatrix matrix(network);
  const std::vector<Complex> s = matrix.scattering(0.2);
  const std::size_t ports = port_modes(network).size();
  for (std::size_t a = 0; a < ports; ++a)
    for (std::size_t b = 0; b < a; ++b)
      EXPECT_LT(std::abs(s[a * ports + b] - s[b * ports + a]), 1e-14);
  EXPECT_NO_THROW(require_reciprocal(network, "a method"));
}

TEST(ScatteringMatrix, LosslessNetworksAreUnitary) {
  for (const CouplingKind kind : {CouplingKind::reciprocal, CouplingKind::hermitian}) {
    const ResonatorNetwork network = random_network(13, kind, Losses::none, 5);
    const std::vector<Complex> s = ScatteringMatrix(network).scattering(-0.4);
    const std::size_t ports = port_modes(network).size();
    double asymmetry = 0.0;
    for (std::size_t a = 0; a < ports; ++a)
      for (std::size_t b = 0; b < ports; ++b) {
        Complex product = 0.0;
        for (std::size_t c = 0; c < ports; ++c)
          product += std::conj(s[c * ports + a]) * s[c * ports + b];
        EXPECT_LT(std::abs(product - (a == b ? 1.0 : 0.0)), 2e-14);
        asymmetry = std::max(asymmetry, std::abs(s[a * ports + b] - s[b * ports + a]));
      }
    if (kind == CouplingKind::hermitian) {
      EXPECT_GT(asymmetry, 0.01);
    }
  }
}

TEST(ScatteringMatrix, WhatIsNotScatteredIsAbsorbed) {
  ResonatorNetwork network = random_network(11, CouplingKind::hermitian, Losses::some, 9);
  const ScatteringMatrix matrix(network);
  const std::vector<int> ports = port_modes(network);
  const double w = 0.1;
  const std::vector<Complex> s = matrix.scattering(w);
  for (std::size_t b = 0; b < ports.size(); ++b) {
    std::vector<Complex> incoming(network.modes.size());
    incoming[static_cast<std::size_t>(ports[b])] = 1.0;
    const std::vector<Complex> a = matrix.amplitudes(w, incoming);
    double left = 1.0, absorbed = 0.0;
    for (std::size_t c = 0; c < ports.size(); ++c) left -= std::norm(s[c * ports.size() + b]);
    for (std::size_t j = 0; j < a.size(); ++j)
      absorbed += network.modes[j].intrinsic_loss * std::norm(a[j]);
    EXPECT_NEAR(left, absorbed, 1e-14);
    EXPECT_GT(absorbed, 0.01);
  }
}

TEST(ScatteringMatrix, DenseAndSparseAgreeInBothPrecisions) {
  const ResonatorNetwork network = random_network(700, CouplingKind::one_way, Losses::some, 2);
  const std::vector<ScatteringEntry> entries = {{0, 1}, {1, 0}, {3, 3}, {10, 6}};
  const std::vector<double> frequencies = {-0.5, 0.0, 0.6};
  const auto solve = [&](MatrixKind kind, Precision precision, int threads) {
    const ScatteringMatrix matrix(network, {kind, precision, threads});
    std::vector<Complex> result = matrix.scattering(frequencies, entries);
    const std::vector<Complex> cotangent(result.size(), Complex(0.3, -1.0));
    const ResonatorGradient gradient = matrix.pull_back(frequencies, entries, cotangent);
    result.insert(result.end(), gradient.coupling.begin(), gradient.coupling.end());
    return result;
  };
  const auto reference = solve(MatrixKind::dense, Precision::f64, 1);
  const auto difference = [&](const std::vector<Complex>& other) {
    double sum = 0.0, norm = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
      sum += std::norm(reference[i] - other[i]);
      norm += std::norm(reference[i]);
    }
    return std::sqrt(sum / norm);
  };
  EXPECT_LT(difference(solve(MatrixKind::sparse, Precision::f64, 2)), 1e-12);
  EXPECT_LT(difference(solve(MatrixKind::sparse, Precision::f32, 2)), 1e-4);
  EXPECT_LT(difference(solve(MatrixKind::dense, Precision::f32, 2)), 1e-4);
  EXPECT_TRUE(ScatteringMatrix(network).is_sparse());
  EXPECT_EQ(solve(MatrixKind::sparse, Precision::f64, 2),
            solve(MatrixKind::automatic, Precision::f64, 1));
}

struct GradientCase {
  CouplingKind kind;
  MatrixKind matrix;
};

class ScatteringGradient : public testing::TestWithParam<GradientCase> {
 protected:
  ResonatorNetwork network_ = random_network(12, GetParam().kind, Losses::some, 21);
  std::vector<double> frequencies_ = {-0.35, 0.15};
  std::vector<ScatteringEntry> entries_ = {{0, 0}, {3, 0}, {0, 3}, {4, 4}, {10, 7}};

  ResonatorGradient direction(std::uint64_t seed) const {
    const Random random(seed, 1);
    ResonatorGradient d;
    std::uint64_t n = 0;
    for (const ResonatorMode& m : network_.modes) {
      d.detuning.push_back(random.normal(n++));
      d.port_loss.push_back(m.port_loss > 0.0 ? 0.1 * random.normal(n++) : 0.0);
      d.intrinsic_loss.push_back(0.1 * random.normal(n++));
    }
    for (std::size_t c = 0; c < network_.couplings.size(); ++c, n += 2)
      d.coupling.emplace_back(random.normal(n), random.normal(n + 1));
    return d;
  }
  ResonatorNetwork moved(const ResonatorGradient& d, double step) const {
    ResonatorNetwork result = network_;
    for (std::size_t j = 0; j < result.modes.size(); ++j) {
      result.modes[j].detuning += step * d.detuning[j];
      result.modes[j].port_loss += step * d.port_loss[j];
      result.modes[j].intrinsic_loss += step * d.intrinsic_loss[j];
    }
    for (std::size_t c = 0; c < result.couplings.size(); ++c)
      result.couplings[c].strength += step * d.coupling[c];
    return result;
  }
};

TEST_P(ScatteringGradient, IsTheTransposeAndMatchesFiniteDifferences) {
  const ScatteringOptions options{GetParam().matrix, Precision::f64, 2};
  const ScatteringMatrix matrix(network_, options);
  const ResonatorGradient d = direction(4);
  const std::vector<Complex> forward = matrix.push_forward(frequencies_, entries_, d);
  std::vector<Complex> cotangent;
  const Random random(8, 2);
  for (std::size_t i = 0; i < forward.size(); ++i)
    cotangent.emplace_back(random.normal(2 * i), random.normal(2 * i + 1));
  const ResonatorGradient back = matrix.pull_back(frequencies_, entries_, cotangent);

  double left = 0.0, right = 0.0, scale = 0.0;
  for (std::size_t i = 0; i < forward.size(); ++i) {
    left += (std::conj(cotangent[i]) * forward[i]).real();
    scale += std::abs(cotangent[i] * forward[i]);
  }
  for (std::size_t j = 0; j < network_.modes.size(); ++j)
    right += back.detuning[j] * d.detuning[j] + back.port_loss[j] * d.port_loss[j] +
             back.intrinsic_loss[j] * d.intrinsic_loss[j];
  for (std::size_t c = 0; c < network_.couplings.size(); ++c)
    right += (std::conj(back.coupling[c]) * d.coupling[c]).real();
  EXPECT_LT(std::abs(left - right), 1e-12 * scale);

  const double step = 1e-4;
  const auto at = [&](double by) {
    return ScatteringMatrix(moved(d, by), options).scattering(frequencies_, entries_);
  };
  // Fourth-order central differences.
  const auto p1 = at(step), m1 = at(-step), p2 = at(2.0 * step), m2 = at(-2.0 * step);
  double error = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < forward.size(); ++i) {
    const Complex difference = (8.0 * (p1[i] - m1[i]) - (p2[i] - m2[i])) / (12.0 * step);
    error += std::norm(difference - forward[i]);
    norm += std::norm(forward[i]);
  }
  EXPECT_LT(std::sqrt(error / norm), 1e-8);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ScatteringGradient,
                         testing::Values(GradientCase{CouplingKind::reciprocal, MatrixKind::dense},
                                         GradientCase{CouplingKind::reciprocal, MatrixKind::sparse},
                                         GradientCase{CouplingKind::hermitian, MatrixKind::dense},
                                         GradientCase{CouplingKind::one_way, MatrixKind::dense},
                                         GradientCase{CouplingKind::one_way, MatrixKind::sparse}));

TEST(ScatteringMatrix, ALosslessResonanceHitExactlyNamesItsMode) {
  ResonatorNetwork network = random_network(9, CouplingKind::reciprocal, Losses::some, 1);
  network.modes.push_back(mode("forgotten", 0.25, 0.0, 0.0));
  for (const MatrixKind kind : {MatrixKind::dense, MatrixKind::sparse}) {
    const ScatteringMatrix matrix(network, {kind, Precision::f64, 1});
    EXPECT_NO_THROW(matrix.scattering(0.2));
    try {
      matrix.scattering(0.25);
      FAIL() << "no error";
    } catch (const NumericsError& error) {
      EXPECT_NE(std::string(error.what()).find("\"forgotten\""), std::string::npos) << error.what();
    }
  }
}

TEST(ResonatorNetwork, MistakesNameTheirPart) {
  const auto message = [](const std::function<void()>& action) -> std::string {
    try {
      action();
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  ResonatorNetwork good;
  good.modes = {mode("in", 0, 1, 0), mode("middle", 0, 0, 0), mode("out", 0, 1, 0)};
  good.couplings = {{0, 1, 1.0, CouplingKind::reciprocal}, {1, 2, 1.0, CouplingKind::one_way}};
  struct Case {
    std::function<void(ResonatorNetwork&)> spoil;
    std::vector<std::string> parts;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Case> cases = {
      {[](ResonatorNetwork& n) { n.modes[2].name = "in"; }, {"\"in\"", "joined twice"}},
      {[](ResonatorNetwork& n) { n.modes[1].name = ""; }, {"number 1", "no name"}},
      {[=](ResonatorNetwork& n) { n.modes[1].detuning = nan; }, {"\"middle\"", "detuning"}},
      {[](ResonatorNetwork& n) { n.modes[0].port_loss = -1; }, {"\"in\"", "negative"}},
      {[](ResonatorNetwork& n) { n.modes[0].intrinsic_loss = -1; }, {"\"in\"", "gain"}},
      {[](ResonatorNetwork& n) { n.couplings[0].to = 0; }, {"\"in\" -> \"in\"", "itself"}},
      {[](ResonatorNetwork& n) { n.couplings[0].to = 7; }, {"number 7", "3 modes"}},
      {[=](ResonatorNetwork& n) { n.couplings[1].strength = nan; }, {"\"middle\" -> \"out\""}},
      {[](ResonatorNetwork& n) {
         n.couplings.push_back({1, 0, 2.0, CouplingKind::one_way});
       },
       {"\"middle\" -> \"in\"", "twice"}},
      {[](ResonatorNetwork& n) { n.modes.clear(); }, {"at least one"}}};
  EXPECT_NO_THROW(validate(good));
  for (const Case& c : cases) {
    ResonatorNetwork network = good;
    c.spoil(network);
    const std::string text = message([&] { ScatteringMatrix unused(network); });
    for (const std::string& part : c.parts)
      EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
  }
  const auto expect = [&](const std::function<void()>& action, const std::string& part) {
    const std::string text = message(action);
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
  };
  const std::vector<double> frequencies = {0.0};
  const std::vector<ScatteringEntry> dark = {{1, 0}};
  expect([&] { ScatteringMatrix(good).scattering(frequencies, dark); }, "\"middle\" is probed");
  expect([&] { require_ports(good, {0, 2, 0}); }, "\"in\" is named twice");
  expect([&] { require_reciprocal(good, "scattering backpropagation"); },
         "\"middle\" -> \"out\" is not reciprocal, but scattering backpropagation");
  expect([&] { find_mode(good, "midle"); }, "did you mean \"middle\"?");
}

}  // namespace
}  // namespace wavesmith
