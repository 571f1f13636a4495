#include "training/resonator_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/training/test_files.hpp"
#include "training/csv_file.hpp"
#include "training/losses.hpp"
#include "training/resonator_parameters.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Values = std::vector<double>;

// Features between 0 and 1, a third of them 0, and labels.
class Table final : public InputSet {
 public:
  Table(Values features, std::vector<int> labels)
      : features_(std::move(features)), labels_(std::move(labels)) {}
  static Table drawn(std::size_t count, std::size_t width, int classes) {
    const Random random(3, 3);
    Values features(count * width);
    for (std::size_t i = 0; i < features.size(); ++i)
      features[i] = i % 3 == 0 ? 0.0 : random.uniform(i);
    std::vector<int> labels(count);
    for (std::size_t i = 0; i < count; ++i) labels[i] = static_cast<int>(i) % classes;
    return {std::move(features), std::move(labels)};
  }
  std::size_t count() const override { return labels_.size(); }
  void fill(std::size_t index, int, std::span<Complex> amplitudes) const override {
    for (std::size_t i = 0; i < amplitudes.size(); ++i)
      amplitudes[i] = features_[index * amplitudes.size() + i];
  }
  double power(std::size_t) const override { return 1.0; }
  Target target(std::size_t index) const override { return {labels_[index], {}}; }

 private:
  Values features_;
  std::vector<int> labels_;
};

// A system, its samples and its loss: softmax cross entropy of 8 times the readings.
struct Setting {
  LayeredNetwork network;
  Table inputs;
  std::vector<std::size_t> indices;
  std::unique_ptr<Loss> loss;
  Values parameters;

  Setting(LayeredNetwork described, Table table)
      : network(std::move(described)), inputs(std::move(table)), indices(inputs.count()) {
    std::iota(indices.begin(), indices.end(), std::size_t{0});
    LossSpec spec;
    spec.reading_count = network.output_count();
    spec.normalise = "none";
    spec.scale = 8.0;
    loss = make_loss(spec);
    parameters = starting_parameters(network, {}, 7);
  }
  Batch batch() const { return {&inputs, indices}; }
  SampleLoss sample_loss() const {
    return [this](int s, std::span<const double> readings, std::span<double> cotangent) {
      return loss->evaluate(readings, 1.0, inputs.target(indices[static_cast<std::size_t>(s)]),
                            cotangent);
    };
  }
  Values readings() const {
    return Values(indices.size() * static_cast<std::size_t>(network.output_count()));
  }
  Values exact(ResonatorSystem& system) const {
    Values seen = readings(), gradient(parameters.size());
    system.pull_back(batch(), sample_loss(), seen, gradient);
    return gradient;
  }
  Values measured(ResonatorSystem& system) const {
    Values seen = readings(), gradient(parameters.size());
    system.scattering_experiment(batch(), sample_loss(), seen, gradient);
    return gradient;
  }
  double mean_loss(ResonatorSystem& system) const {
    Values seen = readings(), none;
    system.respond(batch(), seen);
    const auto outputs = static_cast<std::size_t>(network.output_count());
    double sum = 0.0;
    for (std::size_t s = 0; s < indices.size(); ++s)
      sum += loss->evaluate(std::span<const double>(seen).subspan(s * outputs, outputs), 1.0,
                            inputs.target(s), none);
    return sum;
  }
};

Setting small(ScatteringReadout readout) {
  LayeredNetwork network = uniform_layers({24, 10, 3}, 0.5, 0.1);
  network.readout = readout;
  return {network, Table::drawn(20, 12, 3)};
}

ResonatorSystemOptions in_double() {
  ResonatorSystemOptions options;
  options.precision = Precision::f64;
  return options;
}

double cosine(const Values& a, const Values& b) {
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

class BothReadouts : public testing::TestWithParam<ScatteringReadout> {};

TEST_P(BothReadouts, GradientIsTheDerivativeInTheParametersAsSet) {
  const Setting setting = small(GetParam());
  ResonatorSystemOptions options = in_double();
  options.detuning_spread = 0.05;  // a built network has a derivative of its own
  options.coupling_spread = 0.05;
  ResonatorSystem system(setting.network, options);
  system.set_parameters(setting.parameters);
  const Values gradient = setting.exact(system);
  const Random random(5, 5);
  Values moved = setting.parameters;
  double along = 0.0;
  const auto at = [&](double step) {
    for (std::size_t p = 0; p < moved.size(); ++p)
      moved[p] = setting.parameters[p] + step * random.normal(p);
    system.set_parameters(moved);
    return setting.mean_loss(system);
  };
  for (std::size_t p = 0; p < gradient.size(); ++p) along += gradient[p] * random.normal(p);
  const double step = 1e-4;
  const double difference =
      (8.0 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12.0 * step);
  EXPECT_NEAR(difference, along, 1e-7 * std::abs(along));
}

TEST_P(BothReadouts, ExperimentsGiveTheGradientAndAreCounted) {
  const Setting setting = small(GetParam());
  ResonatorSystem system(setting.network, in_double());
  system.set_parameters(setting.parameters);
  const Values exact = setting.exact(system);
  EXPECT_EQ(system.cost().experiments, 0.0);
  system.reset_cost();
  const Values measured = setting.measured(system);
  EXPECT_LT(1.0 - cosine(measured, exact), 1e-14);
  const double probes = GetParam() == ScatteringReadout::reflection ? 3.0 : 4.0;
  EXPECT_EQ(system.cost().experiments, 20.0 * probes);
  EXPECT_EQ(system.cost().readings, 20.0 * probes * 37.0);
  system.reset_cost();
  Values readings = setting.readings();
  system.respond(setting.batch(), readings);
  EXPECT_EQ(system.cost().experiments, GetParam() == ScatteringReadout::reflection ? 60.0 : 20.0);
}

TEST_P(BothReadouts, NoiseTurnsTheGradientAndRepeats) {
  const Setting setting = small(GetParam());
  const auto measure = [&](double noise, std::uint64_t occasion, int threads) {
    ResonatorSystemOptions options = in_double();
    options.absolute_noise = noise;
    options.relative_noise = noise;
    options.threads = threads;
    ResonatorSystem system(setting.network, options);
    system.set_parameters(setting.parameters);
    system.set_occasion(occasion);
    return setting.measured(system);
  };
  const Values clean = measure(0.0, 1, 1);
  const double weak = 1.0 - cosine(measure(1e-4, 1, 1), clean);
  const double strong = 1.0 - cosine(measure(1e-3, 1, 1), clean);
  EXPECT_GT(weak, 1e-12);
  // The angle is proportional to the noise, so 1 - cos to its square.
  EXPECT_NEAR(strong / weak, 100.0, 10.0);
  EXPECT_EQ(measure(1e-3, 4, 1), measure(1e-3, 4, 2));
  EXPECT_NE(measure(1e-3, 4, 1), measure(1e-3, 5, 1));
}

INSTANTIATE_TEST_SUITE_P(Readouts, BothReadouts,
                         testing::Values(ScatteringReadout::reflection,
                                         ScatteringReadout::transmission));

TEST(ResonatorSystem, ParametersOutOfReachGetNoGradient) {
  const Setting setting = small(ScatteringReadout::reflection);
  ResonatorSystemOptions options = in_double();
  options.unread_layers = {1};
  ResonatorSystem system(setting.network, options);
  system.set_parameters(setting.parameters);
  const Values exact = setting.exact(system), measured = setting.measured(system);
  for (std::size_t p = 0; p < exact.size(); ++p) {
    const bool reached = p < 24 || (p >= 34 && p < 37);
    EXPECT_NEAR(measured[p], reached ? exact[p] : 0.0, 1e-12 * std::abs(exact[p])) << p;
  }
}

TEST(ResonatorSystem, MistakesAreNamed) {
  const LayeredNetwork network = uniform_layers({9, 4, 2}, 0.5, 0.0);
  ResonatorSystemOptions options;
  const auto message = [&] {
    return test::message_of<InputError>([&] { ResonatorSystem system(network, options); });
  };
  test::expect_parts(message(), {"9 modes", "2 times"});
  options.input.repetition = 3;
  options.unread_layers = {2};
  test::expect_parts(message(), {"layer 2", "the last is read"});
  options.unread_layers = {};
  options.input.gain = 0.0;
  test::expect_parts(message(), {"gain 0"});
  options.input.gain = 1.0;
  options.device = {Device::Kind::cuda, 4096};
  options.order = EliminationOrder::downward;
  test::expect_parts(message(), {"downward", "--device cpu"});
  options.order = EliminationOrder::automatic;  // goes to the GPU, which is not there
  test::expect_parts(
      test::message_of<UnavailableError>([&] { ResonatorSystem system(network, options); }),
      {"--device cpu"});
}

// The network that was published for handwritten digits, with its own parameters: 3822 of 3823
// training and 1738 of 1797 test samples.
TEST(ResonatorSystem, PublishedParametersClassifyAsPublished) {
  const std::filesystem::path data = test::real_data("neuroscatter/J0.csv");
  if (data.empty()) GTEST_SKIP() << "no published parameters here";
  const LayeredNetwork network = uniform_layers({128, 80, 10}, 0.5, 0.0);
  const std::filesystem::path folder = data / "neuroscatter";
  const Values parameters = read_parameters(
      network, {{folder / "J0.csv", folder / "J1.csv"},
                {folder / "omega0.csv", folder / "omega1.csv", folder / "omega2.csv"},
                -1.0});
  struct Part {
    const char* file;
    int right;
    double entropy;
  };
  for (const Part& part :
       {Part{"optdigits.tra", 3822, 0.02647}, {"optdigits.tes", 1738, 0.11676}}) {
    CsvOptions csv;
    csv.header = CsvHeader::absent;
    csv.label = CsvLabel::last;
    CsvNumbers numbers = read_csv(data / "optdigits" / part.file, csv);
    for (double& value : numbers.values) value /= 16.0;
    const Setting setting(network, Table(numbers.values, numbers.labels));
    for (const Precision precision : {Precision::f32, Precision::f64}) {
      ResonatorSystemOptions options;
      options.precision = precision;
      ResonatorSystem system(network, options);
      system.set_parameters(parameters);
      Values readings = setting.readings();
      system.respond(setting.batch(), readings);
      int right = 0;
      double entropy = 0.0;
      Values none;
      for (std::size_t s = 0; s < numbers.rows; ++s) {
        const std::span<const double> seen = std::span<const double>(readings).subspan(10 * s, 10);
        right += std::max_element(seen.begin(), seen.end()) - seen.begin() == numbers.labels[s];
        entropy += setting.loss->evaluate(seen, 1.0, {numbers.labels[s], {}}, none);
      }
      EXPECT_EQ(right, part.right) << part.file;
      EXPECT_NEAR(entropy / static_cast<double>(numbers.rows), part.entropy, 5e-6) << part.file;
    }
  }
}

}  // namespace
}  // namespace wavesmith
