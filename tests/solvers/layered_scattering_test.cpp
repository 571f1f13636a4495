// Layered networks against the general solver, both orders of elimination, and finite differences.
#include "solvers/layered_scattering.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/random.hpp"
#include "solvers/scattering_matrix.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Values = std::vector<double>;

struct Case {
  std::string name;
  std::vector<int> sizes;
  ScatteringReadout readout;
  Quadrature quadrature;
  double intrinsic;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name;
}

Values random_values(std::size_t count, double low, double high, std::uint64_t seed) {
  const Random random(seed, 3);
  Values values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = random.uniform(i, low, high);
  return values;
}

class Layers : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const Case& c = GetParam();
    network_ = uniform_layers(c.sizes, 0.5, c.intrinsic);
    network_.readout = c.readout;
    network_.quadrature = c.quadrature;
    network_.frequency = 0.1;
    // No two modes alike.
    const Values spread = random_values(network_.port_loss.size(), 0.8, 1.2, 5);
    for (std::size_t j = 0; j < spread.size(); ++j) network_.port_loss[j] *= spread[j];
    parameters_ = random_values(network_.parameter_count(), -0.7, 0.7, 1);
    const auto modes = static_cast<std::size_t>(network_.input_count());
    inputs_ = random_values(static_cast<std::size_t>(samples_) * modes, 0.0, 3.0, 2);
    // Part of every sample is background, and one sample all of it.
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (i % 3 == 0 || i / modes == 4) inputs_[i] = background_;
    weights_ =
        random_values(static_cast<std::size_t>(samples_ * network_.output_count()), -1.0, 1.0, 9);
  }

  LayeredScattering make(EliminationOrder order, Precision precision, int threads = 2) const {
    LayeredOptions options;
    options.order = order;
    options.precision = precision;
    options.threads = threads;
    options.background.assign(static_cast<std::size_t>(network_.input_count()), background_);
    LayeredScattering solver(network_, options);
    solver.set_parameters(parameters_);
    return solver;
  }

  // L = sum weights * readings + readings^2 / 2.
  ReadingLoss loss() const {
    return [this](int sample, std::span<const double> readings, std::span<double> cotangent) {
      for (std::size_t c = 0; c < readings.size(); ++c)
        cotangent[c] =
            weights_[static_cast<std::size_t>(sample) * readings.size() + c] + readings[c];
    };
  }
  double loss_of(const Values& readings) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < readings.size(); ++i)
      sum += weights_[i] * readings[i] + 0.5 * readings[i] * readings[i];
    return sum;
  }
  Values respond(LayeredScattering& solver) const {
    Values readings(weights_.size());
    solver.respond(samples_, inputs_, readings);
    return readings;
  }
  Values gradient(LayeredScattering& solver, Values* readings = nullptr) const {
    Values values(network_.parameter_count()), seen(weights_.size());
    solver.pull_back(samples_, inputs_, loss(), seen, values);
    if (readings != nullptr) *readings = seen;
    return values;
  }
  std::span<const double> input(int sample) const {
    const auto modes = static_cast<std::size_t>(network_.input_count());
    return std::span<const double>(inputs_).subspan(static_cast<std::size_t>(sample) * modes,
                                                    modes);
  }
  std::vector<ScatteringEntry> read_entries() const {
    std::vector<ScatteringEntry> entries;
    for (int c = network_.size() - network_.output_count(); c < network_.size(); ++c) {
      if (network_.readout == ScatteringReadout::reflection) entries.push_back({c, c});
      for (int j = 0;
           network_.readout == ScatteringReadout::transmission && j < network_.input_count(); ++j)
        entries.push_back({c, j});
    }
    return entries;
  }

  static constexpr int samples_ = 21;
  static constexpr double background_ = 2.5;
  LayeredNetwork network_;
  Values parameters_, inputs_, weights_;
};

double relative(const Values& a, const Values& b) {
  double error = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(error / norm);
}

TEST_P(Layers, AgreeWithTheGeneralSolverInBothOrders) {
  Values expected_readings, expected(network_.parameter_count(), 0.0);
  const double frequency[] = {network_.frequency};
  const std::vector<ScatteringEntry> entries = read_entries();
  const std::size_t per_mode = entries.size() / static_cast<std::size_t>(network_.output_count());
  for (int s = 0; s < samples_; ++s) {
    const ScatteringMatrix general(general_network(network_, parameters_, input(s)));
    const std::vector<Complex> matrix = general.scattering(frequency, entries);
    std::vector<Complex> cotangent;
    for (std::size_t c = 0; c < matrix.size(); c += per_mode) {
      Complex sum = 0.0;
      for (std::size_t j = 0; j < per_mode; ++j) sum += matrix[c + j];
      const bool real = network_.quadrature == Quadrature::real;
      const double reading = real ? sum.real() : sum.imag();
      const double slope = weights_[expected_readings.size()] + reading;
      expected_readings.push_back(reading);
      cotangent.insert(cotangent.end(), per_mode, real ? Complex(slope) : Complex(0.0, slope));
    }
    const ResonatorGradient part = general.pull_back(frequency, entries, cotangent);
    for (std::size_t j = 0; j < part.detuning.size(); ++j) expected[j] += part.detuning[j];
    for (std::size_t c = 0; c < part.coupling.size(); ++c)
      expected[part.detuning.size() + c] += part.coupling[c].real();
  }
  for (const EliminationOrder order : {EliminationOrder::upward, EliminationOrder::downward}) {
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      const double tolerance = precision == Precision::f64 ? 1e-12 : 2e-5;
      LayeredScattering solver = make(order, precision);
      EXPECT_LT(relative(respond(solver), expected_readings), tolerance);
      Values readings;
      EXPECT_LT(relative(gradient(solver, &readings), expected), tolerance);
      EXPECT_LT(relative(readings, expected_readings), tolerance);
    }
  }
}

TEST_P(Layers, GradientIsTheDerivative) {
  for (const EliminationOrder order : {EliminationOrder::upward, EliminationOrder::downward}) {
    LayeredScattering solver = make(order, Precision::f64);
    const Values exact = gradient(solver);
    const Values direction = random_values(parameters_.size(), -1.0, 1.0, 17);
    double along = 0.0;
    for (std::size_t p = 0; p < exact.size(); ++p) along += exact[p] * direction[p];
    const double step = 1e-4;
    const auto at = [&](double by) {
      Values moved = parameters_;
      for (std::size_t p = 0; p < moved.size(); ++p) moved[p] += by * direction[p];
      solver.set_parameters(moved);
      return loss_of(respond(solver));
    };
    const double difference =
        (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step);
    EXPECT_LT(std::abs(difference - along), 1e-7 * std::abs(along));
  }
}

TEST_P(Layers, MeasuredEntriesGiveTheSameGradient) {
  for (const EliminationOrder order : {EliminationOrder::upward, EliminationOrder::downward}) {
    LayeredScattering solver = make(order, Precision::f64);
    const Values exact = gradient(solver);
    Values measured(exact.size()), readings(weights_.size());
    solver.scattering_gradient(samples_, inputs_, loss(), {}, readings, measured);
    EXPECT_LT(relative(measured, exact), 1e-13);
    EXPECT_LT(relative(readings, respond(solver)), 1e-13);
  }
}

TEST_P(Layers, BitsDoNotDependOnThreads) {
  for (const EliminationOrder order : {EliminationOrder::upward, EliminationOrder::downward}) {
    for (const Precision precision : {Precision::f32, Precision::f64}) {
      LayeredScattering one = make(order, precision, 1), two = make(order, precision, 2);
      EXPECT_EQ(gradient(one), gradient(two));
      EXPECT_EQ(respond(one), respond(two));
    }
  }
}

constexpr auto reflection = ScatteringReadout::reflection;
constexpr auto transmission = ScatteringReadout::transmission;
INSTANTIATE_TEST_SUITE_P(
    Shapes, Layers,
    testing::Values(Case{"reflection", {24, 13, 4}, reflection, Quadrature::imaginary, 0.0},
                    Case{"lossy", {24, 13, 4}, reflection, Quadrature::real, 0.3},
                    Case{"no_hidden", {20, 5}, reflection, Quadrature::imaginary, 0.1},
                    Case{"four_layers", {18, 9, 7, 3}, reflection, Quadrature::imaginary, 0.1},
                    Case{"five_layers", {12, 9, 6, 7, 3}, transmission, Quadrature::imaginary, 0.1},
                    Case{"transmission", {24, 13, 4}, transmission, Quadrature::imaginary, 0.0},
                    Case{"real_part", {17, 11, 5}, transmission, Quadrature::real, 0.2},
                    Case{"straight", {20, 5}, transmission, Quadrature::imaginary, 0.0},
                    Case{"many_modes", {300, 13, 4}, transmission, Quadrature::imaginary, 0.0}),
    [](const testing::TestParamInfo<Case>& info) { return info.param.name; });

// A hidden layer without any loss, seen through couplings that vanish: factors without pivoting
// fail, pivoting does not; and where nothing couples, the singular mode is named.
TEST(LayeredScattering, PivotsWhereItMustAndNamesWhatIsSingular) {
  for (const EliminationOrder order : {EliminationOrder::upward}) {
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      LayeredNetwork network = uniform_layers({3, 2, 2}, 1.0, 0.0);
      network.port_loss[3] = network.port_loss[4] = 0.0;
      LayeredOptions options;
      options.order = order;
      options.precision = precision;
      Values parameters(network.parameter_count(), 0.0);
      const std::size_t upper = network.coupling_start(1);
      parameters[upper] = parameters[upper + 3] = 1.0;  // hidden i to read i
      const Values inputs = {0.1, 0.5, 0.9};
      Values readings(2);
      LayeredScattering solver(network, options);
      solver.set_parameters(parameters);
      solver.respond(1, inputs, readings);
      // A lossless resonance at the drive takes all coupling away: S = 1.
      for (const double reading : readings) EXPECT_NEAR(reading, 0.0, 1e-5);
      parameters[upper + 3] = 0.0;
      solver.set_parameters(parameters);
      try {
        solver.respond(1, inputs, readings);
        ADD_FAILURE() << "no error";
      } catch (const NumericsError& error) {
        EXPECT_NE(std::string(error.what()).find("layer 1, mode 1"), std::string::npos)
            << error.what();
      }
    }
  }
}

TEST(LayeredScattering, MistakesNameTheirMode) {
  const auto message = [](LayeredNetwork network) -> std::string {
    try {
      LayeredScattering solver(std::move(network), {});
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  const LayeredNetwork good = uniform_layers({3, 2, 2}, 1.0, 0.0);
  EXPECT_EQ(message(good), "no error");
  LayeredNetwork bad = good;
  bad.port_loss[6] = 0.0;
  EXPECT_NE(message(bad).find("layer 2, mode 1 is read, but its port loss kappa is zero"),
            std::string::npos);
  bad = good;
  bad.port_loss[1] = 0.0;
  EXPECT_NE(message(bad).find("layer 0, mode 1 has no loss"), std::string::npos);
  bad = good;
  bad.intrinsic_loss[4] = -1.0;
  EXPECT_NE(message(bad).find("layer 1, mode 1: the intrinsic loss"), std::string::npos);
  bad = good;
  bad.sizes = {7};
  EXPECT_NE(message(bad).find("two layers"), std::string::npos);
}

}  // namespace
}  // namespace wavesmith
