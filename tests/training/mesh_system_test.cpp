#include "training/mesh_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "solvers/mesh_propagation.hpp"
#include "training/gradient_check.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Kind = MeshActivation::Kind;
using Protocol = MeshSystemOptions::Protocol;

// Random complex features; targets are the losses' own.
class RandomInputs final : public InputSet {
 public:
  RandomInputs(std::size_t count, std::size_t width) : count_(count), width_(width) {}
  std::size_t count() const override { return count_; }
  void fill(std::size_t index, int, std::span<Complex> amplitudes) const override {
    ASSERT_EQ(amplitudes.size(), width_);
    for (std::size_t i = 0; i < width_; ++i) {
      const auto pair = Random(31, index).normal_pair(i);
      amplitudes[i] = {pair[0], pair[1]};
    }
  }
  double power(std::size_t) const override { return 1.0; }
  Target target(std::size_t) const override { return {}; }

 private:
  std::size_t count_, width_;
};

struct Set {
  RandomInputs inputs;
  std::vector<std::size_t> indices;
  Set(std::size_t count, std::size_t width) : inputs(count, width), indices(count) {
    std::iota(indices.begin(), indices.end(), std::size_t{0});
  }
  Batch batch() const { return {&inputs, indices}; }
};

// sum_r w_r log(1 + reading_r), weights of both signs that differ from sample to sample.
double smooth_loss(int sample, std::span<const double> readings, std::span<double> cotangent) {
  double sum = 0.0;
  for (std::size_t r = 0; r < readings.size(); ++r) {
    const double w = Random(32, static_cast<std::uint64_t>(sample)).uniform(r, -1.0, 1.0);
    sum += w * std::log(1.0 + readings[r]);
    if (!cotangent.empty()) cotangent[r] = w / (1.0 + readings[r]);
  }
  return sum;
}

double linear_loss(int sample, std::span<const double> readings, std::span<double> cotangent) {
  double sum = 0.0;
  for (std::size_t r = 0; r < readings.size(); ++r) {
    const double w = Random(33, static_cast<std::uint64_t>(sample)).uniform(r, -1.0, 1.0);
    sum += w * readings[r];
    if (!cotangent.empty()) cotangent[r] = w;
  }
  return sum;
}

MeshNetwork network(MeshLayout layout, int ports, int layers, Kind kind, bool screen = false) {
  MeshNetwork made;
  for (int l = 0; l < layers; ++l) made.layers.emplace_back(layout, ports, screen);
  made.activation.kind = kind;
  made.activation.tap = 0.2;
  made.activation.gain = 1.5;
  made.activation.bias = 0.4;
  made.activation.coupling = 1.3;
  made.features = ports;
  made.input_scale = 0.6;
  made.readings = {{0}, {1, ports - 1}};
  return made;
}

MeshSystemOptions exact_options() {
  MeshSystemOptions options;
  options.precision = Precision::f64;
  return options;
}

double total(MeshSystem& system, const Set& set, const SampleLoss& loss) {
  const std::size_t width = static_cast<std::size_t>(system.reading_count());
  std::vector<double> readings(set.indices.size() * width);
  system.respond(set.batch(), readings);
  double sum = 0.0;
  for (std::size_t s = 0; s < set.indices.size(); ++s)
    sum +=
        loss(static_cast<int>(s), std::span<const double>(readings).subspan(s * width, width), {});
  return sum;
}

enum class Way { pull_back, experiment };
std::vector<double> gradient_of(MeshSystem& system, const Set& set, const SampleLoss& loss,
                                Way way) {
  std::vector<double> readings(set.indices.size() *
                               static_cast<std::size_t>(system.reading_count()));
  std::vector<double> gradient(system.parameter_count());
  if (way == Way::pull_back)
    system.pull_back(set.batch(), loss, readings, gradient);
  else
    system.adjoint_experiment(set.batch(), loss, readings, gradient);
  return gradient;
}

double relative_error(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0.0, size = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    difference += (a[k] - b[k]) * (a[k] - b[k]);
    size += b[k] * b[k];
  }
  return std::sqrt(difference / size);
}

// 1 - cos without cancellation: half the squared distance of the unit vectors.
double direction_error(const std::vector<double>& a, const std::vector<double>& b) {
  const auto length = [](const std::vector<double>& v) {
    return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
  };
  const double la = length(a), lb = length(b);
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += std::pow(a[k] / la - b[k] / lb, 2);
  return 0.5 * sum;
}

const Kind kinds[] = {Kind::none, Kind::magnitude, Kind::power, Kind::electro_optic,
                      Kind::resonator};

TEST(MeshSystem, PullBackAgreesWithDifferences) {
  MeshSystemOptions options = exact_options();
  options.imperfections = {.splitter_spread = 0.05,
                           .loss = 0.05,
                           .loss_spread = 0.1,
                           .phase_spread = 0.3,
                           .crosstalk = 0.03};
  for (Kind kind : kinds)
    for (MeshLayout layout : {MeshLayout::triangular, MeshLayout::rectangular}) {
      MeshSystem system(network(layout, 5, 3, kind, true), options);
      const Set set(11, 5);
      std::vector<double> at = haar_settings(system.network(), 3), step(at.size());
      for (std::size_t k = 0; k < at.size(); ++k) step[k] = Random(34, 0).normal(k);
      const auto value = [&](double h) {
        std::vector<double> moved = at;
        for (std::size_t k = 0; k < at.size(); ++k) moved[k] += h * step[k];
        system.set_parameters(moved);
        return total(system, set, smooth_loss);
      };
      const double h = 2e-4;
      const double difference =
          (8.0 * (value(h) - value(-h)) - (value(2.0 * h) - value(-2.0 * h))) / (12.0 * h);
      system.set_parameters(at);
      const auto gradient = gradient_of(system, set, smooth_loss, Way::pull_back);
      const double slope = std::inner_product(step.begin(), step.end(), gradient.begin(), 0.0);
      EXPECT_NEAR(slope, difference, 1e-6 * (std::abs(slope) + std::abs(difference)))
          << list_mesh_activations()[static_cast<std::size_t>(kind)].name;
    }
}

// With a linear loss and without an activation the sum is A + B cos + C sin of every phase: half
// the difference a quarter turn to both sides is its derivative without truncation.
TEST(MeshSystem, PullBackIsTheTransposeThroughTheNetwork) {
  MeshSystemOptions options = exact_options();
  options.imperfections = {.splitter_spread = 0.1, .loss = 0.1, .loss_spread = 0.2};
  MeshSystem system(network(MeshLayout::rectangular, 4, 2, Kind::none, true), options);
  const Set set(9, 4);
  const auto at = haar_settings(system.network(), 4);
  system.set_parameters(at);
  const auto gradient = gradient_of(system, set, linear_loss, Way::pull_back);
  std::vector<double> expected(at.size());
  for (std::size_t k = 0; k < at.size(); ++k) {
    auto moved = at;
    moved[k] = at[k] + pi / 2;
    system.set_parameters(moved);
    expected[k] = 0.5 * total(system, set, linear_loss);
    moved[k] = at[k] - pi / 2;
    system.set_parameters(moved);
    expected[k] -= 0.5 * total(system, set, linear_loss);
  }
  EXPECT_LT(relative_error(gradient, expected), 1e-12);
}

// N3: couplers and phases may be wrong, as long as no light is lost.
TEST(MeshSystem, ExperimentGivesTheExactGradientWithoutLoss) {
  for (Kind kind : kinds)
    for (Protocol protocol : {Protocol::three, Protocol::plus_minus})
      for (double error_power : {0.0, 1.0, 7.0}) {
        MeshSystemOptions options = exact_options();
        options.imperfections = {.splitter_spread = 0.1, .phase_spread = 1.0};
        options.protocol = protocol;
        options.error_power = error_power;
        MeshSystem system(network(MeshLayout::triangular, 6, 3, kind), options);
        system.set_parameters(haar_settings(system.network(), 5));
        const Set set(13, 6);
        const auto exact = gradient_of(system, set, smooth_loss, Way::pull_back);
        const auto measured = gradient_of(system, set, smooth_loss, Way::experiment);
        EXPECT_LT(direction_error(measured, exact), 1e-14);
        EXPECT_LT(relative_error(measured, exact), 1e-11);
      }
}

// N4. What every component of the uncorrected gradient is off by is known: the power kept on the
// way to its shifter.
TEST(MeshSystem, UniformLossIsUndoneColumnByColumn) {
  const MeshNetwork one = network(MeshLayout::rectangular, 6, 1, Kind::none);
  // Powers kept from input to output, and what was found at them elsewhere for one random network.
  // What the form with three powers is off by depends on how strong the error is sent, too.
  const struct { double kept, plus_minus; } published[] = {{0.617, 4.3e-3}, {0.232, 5.8e-2}};
  for (const auto& point : published) {
    double mean_plus_minus = 0.0, mean_three = 0.0;
    const int draws = 20;
    for (int draw = 0; draw < draws; ++draw) {
      MeshSystemOptions options = exact_options();
      options.imperfections.loss = -10.0 * std::log10(point.kept) / (2.0 * one.layers[0].columns());
      const Set set(1, 6);
      const auto settings = haar_settings(one, static_cast<std::uint64_t>(draw) + 50);
      const auto run = [&](Protocol protocol, bool correction, Way way) {
        options.protocol = protocol;
        options.loss_correction = correction;
        MeshSystem system(one, options);
        system.set_parameters(settings);
        return gradient_of(system, set, smooth_loss, way);
      };
      const auto exact = run(Protocol::three, false, Way::pull_back);
      const auto plus_minus = run(Protocol::plus_minus, false, Way::experiment);
      const auto three = run(Protocol::three, false, Way::experiment);
      for (Protocol protocol : {Protocol::plus_minus, Protocol::three}) {
        const auto corrected = run(protocol, true, Way::experiment);
        EXPECT_LT(direction_error(corrected, exact), 1e-14);
        EXPECT_LT(relative_error(corrected, exact), 1e-11);
      }
      MeshPropagation<double> mesh{BuiltMesh(one.layers[0], options.imperfections)};
      std::vector<double> expected = exact;
      for (std::size_t k = 0; k < exact.size(); ++k) expected[k] *= mesh.kept_before(k);
      EXPECT_LT(relative_error(plus_minus, expected), 1e-11);
      mean_plus_minus += direction_error(plus_minus, exact) / draws;
      mean_three += direction_error(three, exact) / draws;
    }
    EXPECT_GT(mean_plus_minus, point.plus_minus / 3.0);
    EXPECT_LT(mean_plus_minus, point.plus_minus * 3.0);
    EXPECT_GT(mean_three, 3.0 * mean_plus_minus);
    RecordProperty("kept_" + std::to_string(point.kept),
                   std::to_string(mean_plus_minus) + " " + std::to_string(mean_three));
  }
}

TEST(MeshSystem, UnevenLossCannotBeUndone) {
  MeshSystemOptions options = exact_options();
  options.imperfections.loss_spread = 0.5;
  options.protocol = Protocol::plus_minus;
  options.loss_correction = true;
  MeshSystem system(network(MeshLayout::rectangular, 6, 2, Kind::magnitude), options);
  system.set_parameters(haar_settings(system.network(), 6));
  const Set set(8, 6);
  EXPECT_GT(direction_error(gradient_of(system, set, smooth_loss, Way::experiment),
                            gradient_of(system, set, smooth_loss, Way::pull_back)),
            1e-4);
}

// Phases of the model are right for an ideal device alone.
TEST(MeshSystem, PhasesOfTheModelAreACheat) {
  const Set set(8, 4);
  for (double spread : {0.0, 0.3}) {
    MeshSystemOptions options = exact_options();
    options.imperfections.phase_spread = spread;
    const MeshNetwork three_layers = network(MeshLayout::triangular, 4, 3, Kind::magnitude);
    const auto settings = haar_settings(three_layers, 7);
    MeshSystem honest(three_layers, options);
    options.phases_from_model = true;
    MeshSystem cheat(three_layers, options);
    honest.set_parameters(settings);
    cheat.set_parameters(settings);
    const auto exact = gradient_of(honest, set, smooth_loss, Way::pull_back);
    EXPECT_LT(direction_error(gradient_of(honest, set, smooth_loss, Way::experiment), exact),
              1e-14);
    const double error =
        direction_error(gradient_of(cheat, set, smooth_loss, Way::experiment), exact);
    if (spread == 0.0)
      EXPECT_LT(error, 1e-14);
    else
      EXPECT_GT(error, 1e-3);
  }
}

// The noise of the sums against that of every reading by itself, from fields at the taps.
TEST(MeshSystem, TapNoiseIsThatOfEveryReading) {
  const MeshNetwork one = network(MeshLayout::triangular, 4, 1, Kind::none);
  const Set set(6, 4);
  MeshSystemOptions options = exact_options();
  options.error_power = 0.0;
  MeshSystem quiet(one, options);
  options.measurement.tap_noise = 0.1;
  MeshSystem noisy(one, options);
  const auto settings = haar_settings(one, 8);
  quiet.set_parameters(settings);
  noisy.set_parameters(settings);
  const auto exact = gradient_of(quiet, set, linear_loss, Way::experiment);

  MeshPropagation<double> mesh{BuiltMesh(one.layers[0])};
  mesh.set_phases(settings);
  std::vector<double> expected(exact.size());
  for (std::size_t s = 0; s < set.indices.size(); ++s) {
    std::vector<Complex> x(4), y, g(4), a, sum(4);
    set.inputs.fill(s, 0, x);
    for (Complex& amplitude : x) amplitude *= one.input_scale;
    y = x;
    mesh.cross(MeshWay::forward, y);
    std::vector<double> readings(2), cotangent(2);
    for (std::size_t r = 0; r < 2; ++r)
      for (int port : one.readings[r]) readings[r] += std::norm(y[static_cast<std::size_t>(port)]);
    linear_loss(static_cast<int>(s), readings, cotangent);
    for (std::size_t r = 0; r < 2; ++r)
      for (int port : one.readings[r])
        g[static_cast<std::size_t>(port)] +=
            2.0 * cotangent[r] * std::conj(y[static_cast<std::size_t>(port)]);
    a = g;
    mesh.cross(MeshWay::backward, a);
    for (std::size_t k = 0; k < 4; ++k) sum[k] = x[k] - Complex(0.0, 1.0) * std::conj(a[k]);
    for (const auto& [way, sent] :
         {std::pair{MeshWay::forward, x}, {MeshWay::backward, g}, {MeshWay::forward, sum}}) {
      double power = 0.0;
      for (const Complex& amplitude : sent) power += std::norm(amplitude);
      const auto taps = mesh.tapped(way, sent);
      for (std::size_t k = 0; k < expected.size(); ++k)
        expected[k] += 0.01 * std::norm(taps[k]) * power / 4.0 / 4.0;  // 0.1^2, and half of it
    }
  }
  std::vector<double> variance(exact.size());
  const int draws = 4000;
  for (int draw = 0; draw < draws; ++draw) {
    noisy.set_occasion(static_cast<std::uint64_t>(draw));
    const auto measured = gradient_of(noisy, set, linear_loss, Way::experiment);
    for (std::size_t k = 0; k < variance.size(); ++k)
      variance[k] += std::pow(measured[k] - exact[k], 2) / draws;
  }
  for (std::size_t k = 0; k < variance.size(); ++k)
    EXPECT_NEAR(variance[k] / expected[k], 1.0, 0.12) << k;
}

// Of the errors of sending and measuring, to first order: |y'|^2 / |y|^2 - 1 has twice the spread.
TEST(MeshSystem, AmplitudeErrorIsThatAskedFor) {
  MeshNetwork one = network(MeshLayout::triangular, 2, 1, Kind::none);
  one.readings = {{0}, {1}};
  MeshSystemOptions options = exact_options();
  options.measurement.amplitude_error = 0.01;
  MeshSystem system(one, options);
  // theta = pi: the bar state, port by port.
  system.set_parameters(std::vector<double>{pi, 0.0});
  const Set set(3000, 2);
  std::vector<double> readings(6000);
  system.respond(set.batch(), readings);
  double variance = 0.0;
  for (std::size_t s = 0; s < 3000; ++s) {
    std::vector<Complex> x(2);
    set.inputs.fill(s, 0, x);
    for (std::size_t r = 0; r < 2; ++r)
      variance += std::pow(readings[2 * s + r] / std::norm(one.input_scale * x[r]) - 1.0, 2) / 6000;
  }
  EXPECT_NEAR(std::sqrt(variance), 2.0 * std::sqrt(2.0) * 0.01, 0.001);
}

TEST(MeshSystem, DrawsBelongToTheOccasionAndNotToThreads) {
  for (Precision precision : {Precision::f32, Precision::f64}) {
    MeshSystemOptions options;
    options.precision = precision;
    options.imperfections = {.splitter_spread = 0.02, .loss_spread = 0.1, .bits = 8, .drift = 0.1};
    options.measurement = {.amplitude_error = 0.02,
                           .phase_error = 0.05,
                           .reference_error = 0.05,
                           .tap_noise = 0.02,
                           .tap_spread = 0.01};
    const Set set(150, 5);
    std::vector<double> first, other;
    for (int threads : {1, 2, 5}) {
      options.threads = threads;
      MeshSystem system(network(MeshLayout::rectangular, 5, 2, Kind::magnitude), options);
      system.set_parameters(haar_settings(system.network(), 9));
      system.set_occasion(1);
      other = gradient_of(system, set, smooth_loss, Way::experiment);
      system.set_occasion(4);
      const auto gradient = gradient_of(system, set, smooth_loss, Way::experiment);
      if (threads == 1) first = gradient;
      EXPECT_EQ(gradient, first);
      EXPECT_NE(gradient, other);
    }
  }
}

TEST(MeshSystem, SinglePrecisionIsNear) {
  for (Kind kind : kinds) {
    MeshSystemOptions options = exact_options();
    MeshSystem fine(network(MeshLayout::triangular, 8, 2, kind), options);
    options.precision = Precision::f32;
    MeshSystem coarse(network(MeshLayout::triangular, 8, 2, kind), options);
    const auto at = haar_settings(fine.network(), 10);
    fine.set_parameters(at);
    coarse.set_parameters(at);
    const Set set(40, 8);
    const auto exact = gradient_of(fine, set, smooth_loss, Way::pull_back);
    EXPECT_LT(relative_error(gradient_of(coarse, set, smooth_loss, Way::pull_back), exact), 1e-4);
    EXPECT_LT(relative_error(gradient_of(coarse, set, smooth_loss, Way::experiment), exact), 1e-4);
  }
}

TEST(MeshSystem, OtherPortsGetWhatLacksOfThePower) {
  MeshNetwork biased = network(MeshLayout::triangular, 4, 1, Kind::none);
  biased.features = 2;
  biased.bias_power = 9.0;
  biased.readings = {{0, 1, 2, 3}};
  MeshSystem system(biased, exact_options());
  const Set set(20, 2);
  std::vector<double> readings(20);
  system.respond(set.batch(), readings);
  for (double reading : readings) EXPECT_NEAR(reading, 9.0, 1e-12);
}

TEST(MeshSystem, CountsWhatTheLaboratoryDoes) {
  MeshSystemOptions options;
  const MeshNetwork net = network(MeshLayout::triangular, 4, 3, Kind::magnitude);
  const Set set(10, 4);
  MeshSystem three(net, options);
  gradient_of(three, set, smooth_loss, Way::experiment);
  EXPECT_EQ(three.cost().experiments, 10 * 3 * 3);
  EXPECT_EQ(three.cost().exposures, 10 * 3 * (3 + 2));
  EXPECT_EQ(three.cost().readings, 10 * (3 * 36 + 2 * 3 * 2 * 4));
  options.protocol = Protocol::plus_minus;
  MeshSystem two(net, options);
  gradient_of(two, set, smooth_loss, Way::experiment);
  EXPECT_EQ(two.cost().experiments, 10 * 3 * 4);
  EXPECT_EQ(two.cost().readings, 10 * (2 * 36 + 2 * 3 * 2 * 4));
  two.reset_cost();
  total(two, set, smooth_loss);
  EXPECT_EQ(two.cost().experiments, 30);
  EXPECT_EQ(two.cost().operations, 10 * 3 * 6 * 36.0);
}

TEST(MeshSystem, NamesWhatIsWrong) {
  const auto refused = [](auto change, const std::string& words) {
    MeshNetwork net = network(MeshLayout::triangular, 4, 2, Kind::magnitude);
    MeshSystemOptions options;
    change(net, options);
    try {
      MeshSystem system(net, options);
      ADD_FAILURE() << words;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  };
  refused([](MeshNetwork& n, MeshSystemOptions&) { n.layers.clear(); }, "one layer or more");
  refused(
      [](MeshNetwork& n, MeshSystemOptions&) { n.layers.emplace_back(MeshLayout::triangular, 5); },
      "layer 2 has 5 ports");
  refused([](MeshNetwork& n, MeshSystemOptions&) { n.features = 5; }, "5 features");
  refused([](MeshNetwork& n, MeshSystemOptions&) { n.readings[1] = {4}; }, "port 4");
  refused([](MeshNetwork& n, MeshSystemOptions&) { n.bias_power = 1.0; }, "bias_power");
  refused([](MeshNetwork& n, MeshSystemOptions&) { n.activation.tap = 1.0; }, "tap is 1");
  refused([](MeshNetwork&, MeshSystemOptions& o) { o.measurement.tap_noise = -1.0; }, "tap_noise");
  refused([](MeshNetwork&, MeshSystemOptions& o) { o.imperfections.crosstalk = 2.0; }, "crosstalk");
}

}  // namespace
}  // namespace wavesmith
