#include "training/trainer.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <bit>
#include <csignal>
#include <cstdio>
#include <limits>
#include <numeric>

#include "tests/training/diffractive_fixture.hpp"
#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using namespace test;

struct Recipe {
  std::string name = "exact adam";
  std::string method = "exact", optimizer = "adam";
  double rate = 0.05;
  bool robust = false, noisy = false;
  Precision precision = Precision::f64;
  int threads = 1;
  std::uint64_t seed = 1;
  bool amsgrad = false;
  double largest_update = 0.0;
};

TrainingOptions options_of(const Recipe& recipe, const std::filesystem::path& checkpoint = {}) {
  TrainingOptions options;
  options.epochs = 6;
  options.batch = 5;  // 23 samples: four whole batches and a short one
  options.optimizer.name = recipe.optimizer;
  options.optimizer.amsgrad = recipe.amsgrad;
  options.optimizer.largest_update = recipe.largest_update;
  options.schedule = {"cosine", recipe.rate, 2, 1, 0.5, 0.1 * recipe.rate, 30};
  options.seed = recipe.seed;
  options.threads = recipe.threads;
  options.checkpoint = checkpoint;
  options.checkpoint_interval = 1e9;
  options.scene_hash = 77;
  return options;
}
constexpr int batches_per_epoch = 5, epochs = 6;

// Everything that a training needs, made anew for each run, as a new process would.
struct Laboratory {
  StackDescription stack = stack_of({"phase", "phase"}, 12);
  CornerInputs training{stack.source, 23, 4}, validation{stack.source, 8, 4, 0, 5};
  std::unique_ptr<DiffractiveSystem> device, model;
  std::unique_ptr<TrainingMethod> method;
  std::unique_ptr<Loss> loss;

  explicit Laboratory(const Recipe& recipe) {
    DiffractiveSystemOptions options = in_double(recipe.threads);
    options.precision = recipe.precision;
    if (recipe.robust) options.robust = {0.1e-3, 0.1e-3, 0.01, 0.01, 0.1};
    model = std::make_unique<DiffractiveSystem>(stack, options);
    options.misalignment = crooked(stack);
    if (recipe.noisy) options.interferometer = {1e4, 10, 3};
    device = std::make_unique<DiffractiveSystem>(stack, options);
    method = make_method(recipe.method, {0.02, 2});
    LossSpec spec;
    spec.reading_count = stack.reading_count;
    loss = make_loss(spec);
  }
  Trainer trainer(const TrainingOptions& options) {
    return {
        *device, *model, *method, *loss, training, &validation, options, [this](std::uint64_t n) {
          device->set_occasion(n);
          model->set_occasion(n);
        }};
  }
};

TrainingOutcome train(const Recipe& recipe, const TrainingOptions& options) {
  Laboratory laboratory(recipe);
  // A resumed run takes nothing from here.
  const std::vector<double> start = options.resume
                                        ? std::vector<double>(laboratory.model->parameter_count())
                                        : start_of(laboratory.stack);
  return laboratory.trainer(options).run(start);
}

// The rows of the history as bits, without the seconds.
std::vector<std::uint64_t> bits_of(const History& history) {
  std::vector<std::uint64_t> bits;
  for (std::size_t r = 0; r < history.size(); ++r)
    for (std::size_t c = 0; c + 1 < history.row(r).size(); ++c) {
      const double value = history.row(r)[c];
      bits.push_back(std::isnan(value) ? 1 : std::bit_cast<std::uint64_t>(value));
    }
  return bits;
}

void expect_same(const TrainingOutcome& a, const TrainingOutcome& b, const std::string& what) {
  EXPECT_TRUE(a.parameters == b.parameters) << what;
  EXPECT_TRUE(bits_of(a.history) == bits_of(b.history)) << what;
  EXPECT_EQ(a.epochs_done, b.epochs_done) << what;
  EXPECT_EQ(a.cost.experiments, b.cost.experiments) << what;
  EXPECT_EQ(a.cost.readings, b.cost.readings) << what;
  EXPECT_NEAR(a.cost.operations, b.cost.operations, 1e-12 * b.cost.operations) << what;
  EXPECT_EQ(a.stopped_early, b.stopped_early) << what;
}

// True at the n-th time it is asked.
std::function<bool()> at_question(int n) {
  return [n, asked = 0]() mutable { return ++asked == n; };
}

TEST(Trainer, LowersTheLoss) {
  for (const Recipe& recipe : {Recipe{}, Recipe{.name = "sgd", .optimizer = "sgd", .rate = 1.0},
                               Recipe{.name = "lbfgs", .optimizer = "lbfgs"},
                               Recipe{.name = "in situ", .method = "in_situ", .noisy = true}}) {
    const TrainingOutcome outcome = train(recipe, options_of(recipe));
    const std::vector<double> loss = outcome.history.column("loss");
    ASSERT_EQ(loss.size(), 6u) << recipe.name;
    std::printf("%s: loss %.3f to %.3f\n", recipe.name.c_str(), loss.front(), loss.back());
    EXPECT_LT(loss.back(), 0.8 * loss.front()) << recipe.name;
    EXPECT_FALSE(outcome.interrupted);
    EXPECT_FALSE(outcome.stopped_early);
    EXPECT_EQ(outcome.epochs_done, 6);
  }
}

TEST(Trainer, ResumedRunsHaveTheSameBits) {
  const std::vector<Recipe> recipes{
      {.name = "adam"},
      {.name = "adam in float", .precision = Precision::f32},
      {.name = "amsgrad, bounded", .amsgrad = true, .largest_update = 0.02},
      {.name = "sgd", .optimizer = "sgd", .rate = 0.5},
      {.name = "sgd, bounded", .optimizer = "sgd", .rate = 0.5, .largest_update = 0.02},
      {.name = "lbfgs", .optimizer = "lbfgs"},
      {.name = "robust", .robust = true},
      {.name = "robust lbfgs", .optimizer = "lbfgs", .robust = true},
      {.name = "in situ with noise", .method = "in_situ", .noisy = true},
      {.name = "spsa", .method = "spsa", .rate = 0.02},
  };
  const TemporaryFolder folder;
  for (const Recipe& recipe : recipes) {
    const TrainingOutcome straight = train(recipe, options_of(recipe));
    // In the first batch, inside an epoch, at the end of one, at the very end.
    for (const int stop : {1, 7, 2 * batches_per_epoch, epochs * batches_per_epoch}) {
      TrainingOptions options =
          options_of(recipe, folder.path() / (recipe.name + std::to_string(stop)));
      options.interrupted = at_question(stop);
      const TrainingOutcome first = train(recipe, options);
      if (!first.interrupted) continue;  // L-BFGS asks less often
      const std::string what = recipe.name + " stopped after " + std::to_string(stop);
      // A second interruption, a little later, and then to the end.
      options.resume = true;
      options.interrupted = at_question(3);
      const TrainingOutcome second = train(recipe, options);
      if (second.interrupted) {
        options.interrupted = {};
        expect_same(train(recipe, options), straight, what);
      } else {
        expect_same(second, straight, what);
      }
    }
  }
}

// As when the process is killed: the last checkpoint inside the epoch counts.
TEST(Trainer, ResumesFromTheLastCheckpoint) {
  const TemporaryFolder folder;
  const Recipe recipe;
  TrainingOptions options = options_of(recipe, folder.path() / "checkpoint");
  const TrainingOutcome straight = train(recipe, options_of(recipe));
  options.checkpoint_interval = 0.0;  // after every batch
  Laboratory laboratory(recipe);
  int batches = 0;
  const auto stop = [&](const Trainer::Progress&) {
    if (++batches == 8) throw std::runtime_error("killed");
  };
  EXPECT_THROW(laboratory.trainer(options).run(start_of(laboratory.stack), stop),
               std::runtime_error);
  options.resume = true;
  expect_same(train(recipe, options), straight, "killed in batch 8");
}

TEST(Trainer, ResumingWhatIsDoneChangesNothing) {
  const TemporaryFolder folder;
  for (const char* optimizer : {"adam", "lbfgs"}) {
    const Recipe recipe{.optimizer = optimizer};
    TrainingOptions options = options_of(recipe, folder.path() / optimizer);
    const TrainingOutcome done = train(recipe, options);
    options.resume = true;
    const TrainingOutcome again = train(recipe, options);
    expect_same(again, done, optimizer);
    EXPECT_GE(again.seconds, done.history.column("seconds").back());  // they go on counting
  }
}

TEST(Trainer, SameBitsForAnyThreadsAndOthersForAnotherSeed) {
  const TrainingOutcome one = train({.threads = 1}, options_of({.threads = 1}));
  for (const int threads : {2, 3, 7})
    expect_same(train({.threads = threads}, options_of({.threads = threads})), one,
                std::to_string(threads) + " threads");
  for (const char* method : {"exact", "spsa"}) {
    const Recipe first{.method = method}, second{.method = method, .seed = 2};
    EXPECT_NE(train(first, options_of(first)).parameters,
              train(second, options_of(second)).parameters);
  }
}

TEST(Trainer, EveryEpochTakesEverySampleOnceInAnotherOrder) {
  class Watched final : public InputSet {
   public:
    Watched(const InputSet& inputs, std::vector<std::size_t>& seen)
        : inputs_(inputs), seen_(seen) {}
    std::size_t count() const override { return inputs_.count(); }
    void fill(std::size_t index, int channel,
              std::span<std::complex<double>> amplitudes) const override {
      seen_.push_back(index);
      inputs_.fill(index, channel, amplitudes);
    }
    double power(std::size_t index) const override { return inputs_.power(index); }
    Target target(std::size_t index) const override { return inputs_.target(index); }

   private:
    const InputSet& inputs_;
    std::vector<std::size_t>& seen_;
  };
  Laboratory laboratory({.threads = 1});
  std::vector<std::size_t> seen;
  const Watched watched(laboratory.training, seen);
  TrainingOptions options = options_of({});
  options.epochs = 3;
  Trainer(*laboratory.device, *laboratory.model, *laboratory.method, *laboratory.loss, watched,
          nullptr, options, {})
      .run(start_of(laboratory.stack));
  ASSERT_EQ(seen.size(), 3u * 23u);
  const std::vector<std::size_t> first(seen.begin(), seen.begin() + 23);
  for (auto begin = seen.begin(); begin != seen.end(); begin += 23) {
    EXPECT_EQ(begin == seen.begin(), std::equal(begin, begin + 23, first.begin()));
    std::sort(begin, begin + 23);
    for (std::size_t i = 0; i < 23; ++i) EXPECT_EQ(begin[static_cast<std::ptrdiff_t>(i)], i);
  }
}

TEST(Trainer, AnotherScenesCheckpointIsRefused) {
  const TemporaryFolder folder;
  TrainingOptions options = options_of({}, folder.path() / "checkpoint");
  options.interrupted = at_question(2);
  EXPECT_TRUE(train({}, options).interrupted);
  options.resume = true;
  options.scene_hash = 78;
  expect_parts(message_of<InputError>([&] { train({}, options); }), {"another scene"});
  options.scene_hash = 77;
  const Recipe other{.optimizer = "sgd"};
  TrainingOptions of_other = options_of(other, options.checkpoint);
  of_other.resume = true;
  EXPECT_THROW(train(other, of_other), InputError);
  options.checkpoint = folder.path() / "missing";
  EXPECT_THROW(train({}, options), UnavailableError);
}

TEST(Trainer, WhatIsNotFiniteNamesEpochAndBatch) {
  const Recipe wild{.optimizer = "sgd", .rate = 1e308};
  TrainingOptions options = options_of(wild);
  options.schedule = {"constant", 1e308};
  expect_parts(message_of<NumericsError>([&] { train(wild, options); }),
               {"epoch 1", "batch 2", "learning_rate"});

  class Infinite final : public InputSet {
   public:
    std::size_t count() const override { return 12; }
    void fill(std::size_t index, int, std::span<std::complex<double>> field) const override {
      const double infinity = std::numeric_limits<double>::infinity();
      std::fill(field.begin(), field.end(), index == 7 ? infinity : 1.0);
    }
    double power(std::size_t) const override { return 1.0; }
    Target target(std::size_t) const override { return {0, {}}; }
  };
  const Infinite inputs;
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    Laboratory laboratory({.precision = precision});
    options = options_of({});
    options.batch = 12;
    const std::string message = message_of<NumericsError>([&] {
      Trainer(*laboratory.device, *laboratory.model, *laboratory.method, *laboratory.loss, inputs,
              nullptr, options, {})
          .run(start_of(laboratory.stack));
    });
    expect_parts(message, {"epoch 1", "batch 1"});
  }
}

TEST(Trainer, StopsEarlyWithoutBetterValidation) {
  const TemporaryFolder folder;
  TrainingOptions options = options_of({}, folder.path() / "checkpoint");
  options.schedule = {"constant", 0.0};  // nothing ever changes
  options.patience = 2;
  const TrainingOutcome outcome = train({}, options);
  EXPECT_TRUE(outcome.stopped_early);
  EXPECT_EQ(outcome.epochs_done, 3);  // the best, and two that are no better
  options.resume = true;
  expect_same(train({}, options), outcome, "resumed after stopping early");
  options.resume = false;
  options.patience = 0;
  EXPECT_FALSE(train({}, options).stopped_early);
}

TEST(Trainer, ValidationPicksTheBestEpoch) {
  for (const char* optimizer : {"adam", "lbfgs"}) {
    const Recipe recipe{.optimizer = optimizer, .rate = 3.0};  // jumps about
    Laboratory laboratory(recipe);
    TrainingOptions options = options_of(recipe);
    options.checkpoint_interval = 0.0;  // L-BFGS tells of every iteration then
    double best = std::numeric_limits<double>::infinity();
    std::vector<double> expected;
    const TrainingOutcome outcome = laboratory.trainer(options).run(
        start_of(laboratory.stack), {}, [&](int epoch, std::span<const double> parameters) {
          laboratory.model->set_parameters(parameters);
          const Evaluation found =
              evaluate(*laboratory.model, laboratory.validation, *laboratory.loss, 3);
          if (found.loss < best) {
            best = found.loss;
            expected.assign(parameters.begin(), parameters.end());
          }
          EXPECT_GE(epoch, 1);
        });
    EXPECT_EQ(outcome.parameters, expected) << optimizer;
    const std::vector<double> losses = outcome.history.column("validation_loss");
    EXPECT_NEAR(*std::min_element(losses.begin(), losses.end()), best, 1e-12 * best);
  }
}

TEST(Trainer, WatchingTheTestSetChangesNothingElse) {
  for (const Recipe& recipe :
       {Recipe{.name = "adam", .rate = 3.0}, Recipe{.name = "robust", .robust = true},
        Recipe{.name = "in situ with noise", .method = "in_situ", .noisy = true}}) {
    const TrainingOutcome unwatched = train(recipe, options_of(recipe));
    Laboratory laboratory(recipe);
    const CornerInputs watched{laboratory.stack.source, 9, 4, 0, 31};
    TrainingOptions options = options_of(recipe);
    options.watched = &watched;
    std::vector<double> expected;
    const TrainingOutcome outcome = laboratory.trainer(options).run(
        start_of(laboratory.stack), {}, [&](int, std::span<const double> parameters) {
          laboratory.model->set_parameters(parameters);
          expected.push_back(evaluate(*laboratory.model, watched, *laboratory.loss, 4).accuracy);
        });
    EXPECT_EQ(outcome.parameters, unwatched.parameters) << recipe.name;
    EXPECT_EQ(outcome.history.column("validation_loss"),
              unwatched.history.column("validation_loss"))
        << recipe.name;
    EXPECT_EQ(outcome.history.column("test_accuracy"), expected) << recipe.name;
    EXPECT_EQ(train(recipe, options).cost.experiments, unwatched.cost.experiments) << recipe.name;
    for (const double accuracy : unwatched.history.column("test_accuracy"))
      EXPECT_TRUE(std::isnan(accuracy));
  }
}

TEST(Trainer, AFullDiskKeepsTheCheckpointBefore) {
  const TemporaryFolder folder;
  TrainingOptions options = options_of({}, folder.path() / "checkpoint");
  const TrainingOutcome straight = train({}, options_of({}));
  Laboratory laboratory({});
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const std::string message = message_of<UnavailableError>([&] {
    laboratory.trainer(options).run(
        start_of(laboratory.stack), {}, [&](int epoch, std::span<const double>) {
          const rlimit full{.rlim_cur = 1000, .rlim_max = limit.rlim_max};
          if (epoch == 3) setrlimit(RLIMIT_FSIZE, &full);
        });
  });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, handler);
  expect_parts(message, {"checkpoint"});
  options.resume = true;
  expect_same(train({}, options), straight, "resumed after a full disk");
}

// Readings that are known: sample i lights reading i mod 3 with power 1 + i, and half of it gets
// in.
class Known final : public PhysicalSystem, public InputSet, public Loss {
 public:
  std::size_t parameter_count() const override { return 0; }
  int reading_count() const override { return 3; }
  void set_parameters(std::span<const double>) override {}
  void respond(const Batch& batch, std::span<double> readings) override {
    std::fill(readings.begin(), readings.end(), 0.0);
    for (std::size_t s = 0; s < batch.indices.size(); ++s)
      readings[3 * s + batch.indices[s] % 3] = 1.0 + static_cast<double>(batch.indices[s]);
    cost_.experiments += batch.size();
  }
  void pull_back(const Batch&, const SampleLoss&, std::span<double>, std::span<double>) override {}
  const Cost& cost() const override { return cost_; }
  void reset_cost() override { cost_ = {}; }

  std::size_t count() const override { return 10; }
  void fill(std::size_t, int, std::span<std::complex<double>>) const override {}
  double power(std::size_t index) const override {  // one sample is dark
    return index == 9 ? 0.0 : 2.0 * (1.0 + static_cast<double>(index));
  }
  Target target(std::size_t) const override { return {1, {}}; }

  double evaluate(std::span<const double> readings, double, const Target&,
                  std::span<double>) const override {
    return std::accumulate(readings.begin(), readings.end(), 0.0);
  }
  int predicted_class(std::span<const double> readings) const override {
    return static_cast<int>(std::max_element(readings.begin(), readings.end()) - readings.begin());
  }

 private:
  Cost cost_;
};

TEST(Trainer, EvaluationCountsEverySampleOnce) {
  for (const int batch : {1, 3, 10, 64}) {
    Known known;
    std::vector<std::size_t> done;
    const Evaluation found =
        evaluate(known, known, known, batch, [&](std::size_t n) { done.push_back(n); });
    EXPECT_DOUBLE_EQ(found.loss, 5.5);
    EXPECT_DOUBLE_EQ(found.accuracy, 0.3);     // samples 1, 4 and 7
    EXPECT_DOUBLE_EQ(found.efficiency, 0.45);  // nine halves: a dark sample has none
    EXPECT_EQ(known.cost().experiments, 10.0);
    EXPECT_EQ(done.back(), 10u);
    EXPECT_EQ(done.size(), static_cast<std::size_t>((10 + batch - 1) / batch));
  }
}

}  // namespace
}  // namespace wavesmith
