#include "training/trainer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "kernels/parallel.hpp"
#include "training/byte_stream.hpp"
#include "training/checkpoint.hpp"
#include "training/lbfgs.hpp"

namespace wavesmith {
namespace {

// Streams of the seed, so that no two uses share random numbers.
constexpr std::uint64_t shuffle_stream = 0x5348554646ull << 16;
constexpr std::uint64_t method_stream = 0x4d4554484full;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Fisher and Yates's shuffle, a function of seed and epoch alone.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed, int epoch) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const Random random(seed, shuffle_stream + static_cast<std::uint64_t>(epoch));
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i, i)]);
  return order;
}

// Sums over the samples of a batch, each written by its own thread and added in order.
struct BatchTally {
  std::vector<double> loss;
  std::vector<char> right;
  explicit BatchTally(std::size_t size) : loss(size, 0.0), right(size, 0) {}
  double total_loss() const { return std::accumulate(loss.begin(), loss.end(), 0.0); }
  double total_right() const { return std::accumulate(right.begin(), right.end(), 0.0); }
};

}  // namespace

Evaluation evaluate(PhysicalSystem& system, const InputSet& inputs, const Loss& loss, int batch,
                    const std::function<void(std::size_t)>& progress) {
  Evaluation sum;
  const std::size_t width = static_cast<std::size_t>(system.reading_count());
  std::vector<double> readings(static_cast<std::size_t>(batch) * width);
  std::vector<std::size_t> indices;
  for (std::size_t first = 0; first < inputs.count(); first += indices.size()) {
    indices.resize(std::min(static_cast<std::size_t>(batch), inputs.count() - first));
    std::iota(indices.begin(), indices.end(), first);
    const std::span<double> used = std::span<double>(readings).first(indices.size() * width);
    system.respond({&inputs, indices}, used);
    for (std::size_t s = 0; s < indices.size(); ++s) {
      const std::span<const double> own = used.subspan(s * width, width);
      const Target target = inputs.target(indices[s]);
      const double power = inputs.power(indices[s]);
      sum.loss += loss.evaluate(own, power, target, {});
      sum.accuracy += target.label >= 0 && loss.predicted_class(own) == target.label ? 1.0 : 0.0;
      if (power > 0.0) sum.efficiency += std::accumulate(own.begin(), own.end(), 0.0) / power;
    }
    if (progress) progress(first + indices.size());
  }
  const double count = static_cast<double>(std::max(inputs.count(), std::size_t{1}));
  return {sum.loss / count, sum.accuracy / count, sum.efficiency / count};
}

struct Trainer::State {
  std::vector<double> parameters;
  std::unique_ptr<Optimizer> optimizer;  // or
  std::unique_ptr<Lbfgs> lbfgs;
  History history{{"epoch", "loss", "accuracy", "validation_loss", "validation_accuracy",
                   "test_accuracy", "learning_rate", "seconds"}};
  int epoch = 0;                                           // the one under way
  std::uint64_t position = 0;                              // samples of it that are done
  std::uint64_t step = 0;                                  // batches done in all
  double loss = 0.0, right = 0.0;                          // sums over the epoch so far
  double seconds = 0.0;                                    // before this part of the run
  Cost earlier;                                            // likewise
  Cost untrained;                                          // what device and model cost otherwise
  double best = -std::numeric_limits<double>::infinity();  // - validation loss
  int since_best = 0;
  std::vector<double> best_parameters;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point saved = started;
  bool interrupted = false;

  double elapsed() const { return seconds + seconds_since(started); }
};

Trainer::Trainer(PhysicalSystem& device, PhysicalSystem& model, const TrainingMethod& method,
                 const Loss& loss, const InputSet& training, const InputSet* validation,
                 TrainingOptions options, std::function<void(std::uint64_t)> occasion)
    : device_(device),
      model_(model),
      method_(method),
      loss_(loss),
      training_(training),
      validation_(validation),
      options_(std::move(options)),
      occasion_(std::move(occasion)) {}

// Of all parts of the run so far.
Cost Trainer::cost_of(const State& state) const {
  Cost cost = state.earlier;
  cost += device_.cost();
  if (&model_ != &device_) cost += model_.cost();
  cost -= state.untrained;
  return cost;
}

void Trainer::save(const State& state) const {
  if (options_.checkpoint.empty()) return;
  Checkpoint checkpoint;
  checkpoint.scene_hash = options_.scene_hash;
  ByteWriter(checkpoint.add("parameters")).put_array(state.parameters);
  ByteWriter(checkpoint.add("best")).put_array(state.best_parameters);
  if (state.optimizer) state.optimizer->save(checkpoint.add("optimizer"));
  if (state.lbfgs) state.lbfgs->save(checkpoint.add("lbfgs"));
  state.history.save(checkpoint.add("history"));
  const Cost cost = cost_of(state);
  ByteWriter(checkpoint.add("cost"))
      .put_array(std::vector{cost.experiments, cost.exposures, cost.readings, cost.operations});
  ByteWriter writer(checkpoint.add("position"));
  writer.put<std::int64_t>(state.epoch);
  writer.put(state.position);
  writer.put(state.step);
  writer.put(state.loss);
  writer.put(state.right);
  writer.put(state.elapsed());
  writer.put(state.best);
  writer.put<std::int64_t>(state.since_best);
  save_checkpoint(options_.checkpoint, checkpoint);
}

void Trainer::load(State& state) const {
  const Checkpoint checkpoint = load_checkpoint(options_.checkpoint, options_.scene_hash);
  const std::string where = options_.checkpoint.string();
  ByteReader(checkpoint.section("parameters"), where)
      .get_array(std::span<double>(state.parameters));
  state.best_parameters = ByteReader(checkpoint.section("best"), where).get_array<double>();
  if (state.optimizer) state.optimizer->load(checkpoint.section("optimizer"));
  if (state.lbfgs) state.lbfgs->load(checkpoint.section("lbfgs"));
  state.history.load(checkpoint.section("history"));
  std::array<double, 4> cost{};
  ByteReader(checkpoint.section("cost"), where).get_array(std::span<double>(cost));
  state.earlier = {cost[0], cost[1], cost[2], cost[3]};
  ByteReader reader(checkpoint.section("position"), where);
  state.epoch = static_cast<int>(reader.get<std::int64_t>());
  state.position = reader.get<std::uint64_t>();
  state.step = reader.get<std::uint64_t>();
  state.loss = reader.get<double>();
  state.right = reader.get<double>();
  state.seconds = reader.get<double>();
  state.best = reader.get<double>();
  state.since_best = static_cast<int>(reader.get<std::int64_t>());
}

void Trainer::run_epoch(State& state, const std::function<void(const Progress&)>& progress) {
  const std::vector<std::size_t> order = shuffled(training_.count(), options_.seed, state.epoch);
  const std::size_t width = static_cast<std::size_t>(device_.reading_count());
  std::vector<double> gradient(state.parameters.size());
  while (state.position < order.size()) {
    const std::size_t size =
        std::min(static_cast<std::size_t>(options_.batch), order.size() - state.position);
    const std::span<const std::size_t> indices(order.data() + state.position, size);
    BatchTally tally(size);
    std::vector<double> readings(size * width);
    const SampleLoss sample_loss = [&](int sample, std::span<const double> own,
                                       std::span<double> cotangent) {
      const std::size_t s = static_cast<std::size_t>(sample);
      const Target target = training_.target(indices[s]);
      tally.loss[s] = loss_.evaluate(own, training_.power(indices[s]), target, cotangent);
      tally.right[s] = target.label >= 0 && loss_.predicted_class(own) == target.label;
      return tally.loss[s];
    };
    if (occasion_) occasion_(state.step);
    method_.gradient({&device_,
                      &model_,
                      {&training_, indices},
                      &sample_loss,
                      state.parameters,
                      options_.seed,
                      method_stream + state.step,
                      readings,
                      gradient});
    const double batch_loss = tally.total_loss();
    const double slope = std::accumulate(gradient.begin(), gradient.end(), 0.0);
    if (!std::isfinite(batch_loss) || !std::isfinite(slope))
      throw NumericsError(
          "training is not finite any more in epoch " + std::to_string(state.epoch + 1) +
          ", batch " +
          std::to_string(state.position / static_cast<std::size_t>(options_.batch) + 1) +
          " (the loss or its gradient overflowed, most likely since the learning rate "
          "is too high); lower training.learning_rate");
    // The mean over the batch, so that the learning rate does not depend on its size.
    const double scale = 1.0 / static_cast<double>(size);
    const double rate = learning_rate(options_.schedule, static_cast<std::int64_t>(state.step));
    state.optimizer->begin_step();
    parallel_ranges(gradient.size(), options_.threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) gradient[i] *= scale;
      state.optimizer->step_range(begin, end, rate, gradient, state.parameters);
    });
    state.loss += batch_loss;
    state.right += tally.total_right();
    state.position += size;
    ++state.step;
    if (progress) {
      const double done = static_cast<double>(state.position);
      progress({state.epoch, state.position, order.size(), state.loss / done, state.right / done});
    }
    if ((options_.interrupted && options_.interrupted())) {
      state.interrupted = true;
      return;
    }
    if (seconds_since(state.saved) > options_.checkpoint_interval) {
      save(state);
      state.saved = std::chrono::steady_clock::now();
    }
  }
}

// One iteration of L-BFGS: as many evaluations of all samples as its line search wants.
void Trainer::run_lbfgs_iteration(State& state) {
  std::vector<std::size_t> indices(training_.count());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  const std::size_t width = static_cast<std::size_t>(device_.reading_count());
  std::vector<double> gradient(state.parameters.size()), readings(indices.size() * width);
  const std::int64_t iteration = state.lbfgs->iterations();
  while (!state.lbfgs->done() && state.lbfgs->iterations() == iteration) {
    BatchTally tally(indices.size());
    const SampleLoss sample_loss = [&](int sample, std::span<const double> own,
                                       std::span<double> cotangent) {
      const std::size_t s = static_cast<std::size_t>(sample);
      tally.loss[s] = loss_.evaluate(own, training_.power(s), training_.target(s), cotangent);
      return tally.loss[s];
    };
    // The same random draws every time: the objective must not change under the line search.
    if (occasion_) occasion_(0);
    method_.gradient({&device_,
                      &model_,
                      {&training_, indices},
                      &sample_loss,
                      state.lbfgs->next_point(),
                      options_.seed,
                      method_stream,
                      readings,
                      gradient});
    const double scale = 1.0 / static_cast<double>(indices.size());
    for (double& g : gradient) g *= scale;
    state.lbfgs->tell(scale * tally.total_loss(), gradient);
    if ((options_.interrupted && options_.interrupted())) state.interrupted = true;
  }
  std::copy(state.lbfgs->point().begin(), state.lbfgs->point().end(), state.parameters.begin());
  state.loss = state.lbfgs->value() * static_cast<double>(training_.count());
  state.right = std::nan("");  // the line search ends at a point whose readings are not kept
  state.position = training_.count();
  ++state.step;
}

void Trainer::finish_epoch(State& state) {
  const double count = static_cast<double>(std::max(state.position, std::uint64_t{1}));
  double validation_loss = std::nan(""), validation_accuracy = std::nan("");
  double test_accuracy = std::nan("");
  if (validation_ != nullptr || options_.watched != nullptr) {
    // Told anew, since a run resumed right here has not had the last batch.
    if (occasion_) occasion_(state.step);
    model_.set_parameters(state.parameters);
  }
  if (options_.watched != nullptr) {
    state.untrained -= model_.cost();
    test_accuracy = evaluate(model_, *options_.watched, loss_, options_.batch).accuracy;
    state.untrained += model_.cost();
  }
  if (validation_ != nullptr) {
    const Evaluation found = evaluate(model_, *validation_, loss_, options_.batch);
    validation_loss = found.loss;
    validation_accuracy = found.accuracy;
    if (-found.loss > state.best) {
      state.best = -found.loss;
      state.best_parameters = state.parameters;
      state.since_best = 0;
    } else {
      ++state.since_best;
    }
  }
  const double rate = options_.optimizer.name == "lbfgs"
                          ? std::nan("")
                          : learning_rate(options_.schedule, static_cast<std::int64_t>(state.step));
  state.history.add(std::vector<double>{static_cast<double>(state.epoch + 1), state.loss / count,
                                        state.right / count, validation_loss, validation_accuracy,
                                        test_accuracy, rate, state.elapsed()});
  ++state.epoch;
  state.position = 0;
  state.loss = state.right = 0.0;
}

TrainingOutcome Trainer::run(std::vector<double> parameters,
                             const std::function<void(const Progress&)>& progress,
                             const std::function<void(int, std::span<const double>)>& after_epoch) {
  State state;
  state.parameters = std::move(parameters);
  if (options_.optimizer.name == "lbfgs") {
    LbfgsOptions lbfgs;
    lbfgs.most_iterations = options_.epochs;
    state.lbfgs = std::make_unique<Lbfgs>(state.parameters, lbfgs);
  } else {
    state.optimizer = make_optimizer(options_.optimizer, state.parameters.size());
  }
  if (options_.resume) load(state);
  state.untrained = device_.cost();
  if (&model_ != &device_) state.untrained += model_.cost();

  const auto is_settled = [&] {
    return (state.lbfgs && state.lbfgs->done()) ||
           (options_.patience > 0 && state.since_best >= options_.patience);
  };
  bool stopped_early = is_settled();
  while (state.epoch < options_.epochs && !state.interrupted && !stopped_early) {
    if (state.lbfgs) {
      run_lbfgs_iteration(state);
      if (progress)
        progress({state.epoch, state.position, state.position,
                  state.loss / static_cast<double>(state.position), 0.0});
    } else {
      run_epoch(state, progress);
    }
    if (state.interrupted && state.optimizer) break;
    finish_epoch(state);
    stopped_early = is_settled();
    if (state.lbfgs && seconds_since(state.saved) < options_.checkpoint_interval &&
        !stopped_early && !state.interrupted && state.epoch < options_.epochs)
      continue;  // iterations of a design take milliseconds
    if (after_epoch) after_epoch(state.epoch, state.parameters);
    save(state);
    state.saved = std::chrono::steady_clock::now();
  }
  if (state.interrupted) save(state);

  TrainingOutcome outcome{state.best_parameters.empty() ? state.parameters : state.best_parameters,
                          state.history,
                          state.epoch,
                          state.interrupted,
                          stopped_early && state.epoch < options_.epochs,
                          state.elapsed(),
                          cost_of(state)};
  return outcome;
}

}  // namespace wavesmith
