// The loop of a design: stages of rising projection, an optimiser, checkpoints.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/design_constraints.hpp"
#include "apps/design_run.hpp"
#include "apps/run_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "training/byte_stream.hpp"
#include "training/checkpoint.hpp"
#include "training/lbfgs.hpp"
#include "training/moving_asymptotes.hpp"
#include "training/optimizer.hpp"

namespace wavesmith {
namespace {

// How a gradient moves the pixels, which stay between 0 and 1.
class DesignStep {
 public:
  DesignStep(const DesignPart& design, const DensityPattern& pattern, int threads)
      : design_(design),
        constraints_(design),
        pattern_(pattern),
        lower_(pattern.lower()),
        upper_(pattern.upper()),
        threads_(threads) {
    begin_stage(0);
  }

  // Anew at every stage: another projection is another problem. What a pixel does grows with the
  // projection's slope, so that later stages take shorter steps.
  void begin_stage(std::size_t stage) {
    if (stage >= design_.stages.size()) return;
    const double first = std::max(design_.stages.front().beta, 1.0);
    share_ = std::clamp(first / std::max(design_.stages[stage].beta, 1.0), least_share, 1.0);
    if (design_.optimizer == "adam") {
      adam_ = make_optimizer(OptimizerSpec{}, lower_.size());
      return;
    }
    if (design_.optimizer == "lbfgs") {
      lbfgs_.reset();
      return;
    }
    MovingAsymptotesSettings settings;
    settings.move = share_ * design_.step;
    settings.first_asymptote = std::min(0.5, 2.0 * settings.move);
    settings.threads = threads_;
    beta_ = design_.stages[stage].beta;
    const bool constrained = constraints_.active(beta_);
    mma_.emplace(lower_, upper_, constrained ? constraints_.names().size() : 0, settings);
  }

  // The largest violation of an active constraint; met where it is not above 0.
  double move(const DesignEvaluation& found, std::vector<double>& parameters) {
    if (mma_) {
      DesignConstraints::Values kept;
      if (constraints_.active(beta_)) kept = constraints_.evaluate(pattern_, parameters, beta_);
      parameters = mma_->step(parameters, found.loss, found.gradient, kept.value, kept.gradient);
      return kept.value.empty() ? 0.0 : *std::max_element(kept.value.begin(), kept.value.end());
    }
    if (!adam_) {
      if (!lbfgs_) begin_lbfgs(parameters, found.gradient);
      lbfgs_->tell(found.loss, found.gradient);
      parameters.assign(lbfgs_->next_point().begin(), lbfgs_->next_point().end());
      return 0.0;
    }
    adam_->step(share_ * design_.step, found.gradient, parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i] = std::clamp(parameters[i], lower_[i], upper_[i]);
    return 0.0;
  }

  // Nothing is left to gain at this strength of projection.
  bool settled() const { return lbfgs_ && lbfgs_->done(); }

  // The keys of constraints that stand against each other; empty where there is hope.
  std::vector<std::string> contradicting() const {
    std::vector<std::string> keys;
    if (mma_)
      for (const std::size_t i : mma_->contradicting()) keys.push_back(constraints_.names()[i]);
    return keys;
  }

  void save(std::vector<std::byte>& bytes) const {
    if (mma_) {
      mma_->save(bytes);
    } else if (adam_) {
      adam_->save(bytes);
    } else {
      ByteWriter(bytes).put(first_step_);
      lbfgs_->save(bytes);
    }
  }
  void load(std::span<const std::byte> bytes) {
    if (mma_) {
      mma_->load(bytes);
    } else if (adam_) {
      adam_->load(bytes);
    } else {
      first_step_ = ByteReader(bytes.first(std::min(bytes.size(), sizeof first_step_)),
                               "the state of optimizer lbfgs")
                        .get<double>();
      make_lbfgs(lower_);
      lbfgs_->load(bytes.subspan(sizeof first_step_));
    }
  }

 private:
  static constexpr double least_share = 0.1;

  void make_lbfgs(std::vector<double> start) {
    LbfgsOptions options;
    options.first_step = first_step_;
    options.most_iterations = std::numeric_limits<std::int64_t>::max();  // the stage counts them
    lbfgs_.emplace(std::move(start), lower_, upper_, options);
  }
  // The first step, down the gradient, takes the pixel that goes farthest as far as the scene says.
  void begin_lbfgs(const std::vector<double>& start, std::span<const double> gradient) {
    double square = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      if (lower_[i] == upper_[i]) continue;
      square += gradient[i] * gradient[i];
      largest = std::max(largest, std::abs(gradient[i]));
    }
    // Without a slope, or a finite one, nothing is stepped along.
    const double length = share_ * design_.step * std::sqrt(square) / largest;
    first_step_ = std::isfinite(length) ? length : 0.0;
    make_lbfgs(start);
  }

  const DesignPart& design_;
  DesignConstraints constraints_;
  const DensityPattern& pattern_;
  std::vector<double> lower_, upper_;
  int threads_;
  double beta_ = 0.0;
  double share_ = 1.0;               // of the scene's step
  std::unique_ptr<Optimizer> adam_;  // one of the three
  std::optional<MovingAsymptotes> mma_;
  std::optional<Lbfgs> lbfgs_;  // made at a stage's first gradient
  double first_step_ = 0.0;
};

std::filesystem::path checkpoint_path(const std::filesystem::path& out) {
  return out / "checkpoint" / "design.state";
}

void save_design(const WaveProblem& problem, const DesignProgress& progress, const DesignStep& step,
                 const std::filesystem::path& out) {
  make_folder(out / "checkpoint");
  Checkpoint checkpoint;
  checkpoint.scene_hash = problem.scene_hash;
  ByteWriter writer(checkpoint.add("progress"));
  writer.put_array(progress.parameters);
  writer.put_array(progress.best);
  writer.put(progress.best_loss);
  writer.put(progress.best_violation);
  writer.put(static_cast<std::uint64_t>(progress.stage));
  writer.put(progress.iteration);
  writer.put(progress.evaluations);
  writer.put(static_cast<std::int64_t>(progress.steps));
  writer.put(progress.seconds);
  writer.put(static_cast<std::uint64_t>(progress.looks.size()));
  for (const std::vector<double>& look : progress.looks) writer.put_array(look);
  progress.history.save(checkpoint.add("history"));
  step.save(checkpoint.add("optimizer"));
  save_checkpoint(checkpoint_path(out), checkpoint);
}

void load_design(const WaveProblem& problem, const std::filesystem::path& out,
                 DesignProgress& progress, DesignStep& step) {
  const Checkpoint checkpoint = load_checkpoint(checkpoint_path(out), problem.scene_hash);
  ByteReader reader(checkpoint.section("progress"), checkpoint_path(out).string());
  reader.get_array(std::span(progress.parameters));
  reader.get_array(std::span(progress.best));
  progress.best_loss = reader.get<double>();
  progress.best_violation = reader.get<double>();
  progress.stage = reader.get<std::uint64_t>();
  progress.iteration = reader.get<int>();
  progress.evaluations = reader.get<std::int64_t>();
  progress.steps = reader.get<std::int64_t>();
  progress.seconds = reader.get<double>();
  progress.looks.resize(std::min<std::uint64_t>(reader.get<std::uint64_t>(), 10000));
  for (std::vector<double>& look : progress.looks) look = reader.get_array<double>();
  reader.expect_end();
  progress.history.load(checkpoint.section("history"));
  step.begin_stage(progress.stage);
  step.load(checkpoint.section("optimizer"));
}

std::vector<std::string> history_columns(const DesignPart& design) {
  std::vector<std::string> columns = {"iteration", "beta", "loss", "grayness", "violation"};
  for (const GoalPart& goal : design.goals) columns.push_back(goal.name);
  columns.push_back("gradient_error");
  columns.push_back("seconds");
  return columns;
}

void add_row(const DesignPart& design, const DesignEvaluation& found, double beta, double grayness,
             double violation, DesignProgress& progress) {
  std::vector<double> row = {static_cast<double>(progress.evaluations), beta, found.loss, grayness,
                             violation};
  for (std::size_t g = 0; g < design.goals.size(); ++g)
    row.push_back(worst_value(design.goals[g], found.values.front()[g]));
  row.push_back(found.error_estimate);
  row.push_back(progress.seconds);
  progress.history.add(row);
}

}  // namespace

DesignProgress::DesignProgress(const DesignPart& design, const DensityPattern& pattern)
    : parameters(pattern.start()),
      best(parameters),
      best_loss(std::numeric_limits<double>::infinity()),
      best_violation(best_loss),
      history(history_columns(design)) {}

bool optimize_design(const WaveProblem& problem, DesignSimulation& simulation,
                     const RunOptions& settings, const std::filesystem::path& out,
                     DesignProgress& progress) {
  const DesignPart& design = *problem.design;
  const DensityPattern& pattern = simulation.pattern();
  DesignStep step(design, pattern, settings.threads);
  if (settings.resume) {
    if (std::filesystem::exists(checkpoint_path(out)))
      load_design(problem, out, progress, step);
    else
      say(settings, "  nothing was saved in " + out.string() + " yet: beginning anew");
  }
  std::uint64_t total = 0;
  for (const DesignStage& stage : design.stages)
    total += static_cast<std::uint64_t>(stage.iterations);
  if (progress.looks.empty())
    progress.looks.push_back(pattern.projected(progress.parameters, design.stages.front().beta));
  Progress bar("designing", total, "iterations", choose_progress_style(settings.quiet));
  bar.start_at(static_cast<std::uint64_t>(progress.evaluations));
  const InterruptGuard interrupt("stopping after this iteration; once more to stop at once\n");
  const double before = progress.seconds;
  const Clock::time_point begin = Clock::now();
  Clock::time_point saved = begin;
  for (; progress.stage < design.stages.size(); ++progress.stage) {
    const DesignStage& stage = design.stages[progress.stage];
    for (; progress.iteration < stage.iterations && !step.settled(); ++progress.iteration) {
      if (progress.steps == 0) {
        simulation.settle(progress.parameters, stage.beta);
        progress.steps = simulation.steps();
      }
      simulation.set_steps(progress.steps);
      const DesignEvaluation found =
          simulation.evaluate_with_gradient(progress.parameters, stage.beta);
      ++progress.evaluations;
      progress.seconds = before + seconds_since(begin);
      const double grayness = pattern.grayness(progress.parameters, stage.beta);
      const std::vector<double> evaluated = progress.parameters;
      const double violation = std::max(0.0, step.move(found, progress.parameters));
      add_row(design, found, stage.beta, grayness, violation, progress);
      // Of designs that keep the constraints the one with the least loss; of others, the one that
      // keeps them best.
      const std::pair<double, double> rank = {violation, found.loss};
      if (rank < std::pair(progress.best_violation, progress.best_loss)) {
        progress.best_violation = violation;
        progress.best_loss = found.loss;
        progress.best = evaluated;
      }
      bar.update(
          static_cast<std::uint64_t>(progress.evaluations),
          fmt::format("{} {:.4g}, beta {:g}", design.goals.front().name,
                      worst_value(design.goals.front(), found.values.front().front()), stage.beta));
      progress.history.write(out / "history.csv");
      // At a stage's end in any case: whatever happens to export and verification after the last
      // one, a resumed run begins with them.
      const bool stop = interrupt.requested();
      const bool over = step.settled() || progress.iteration + 1 == stage.iterations;
      if (!stop && !over && seconds_since(saved) < problem.stop.save_every) continue;
      // What is saved stands after this iteration, so that a resumed run takes the same steps.
      ++progress.iteration;
      save_design(problem, progress, step, out);
      --progress.iteration;
      saved = Clock::now();
      if (stop) return true;
    }
    if (stage.iterations > 0) progress.parameters = progress.best;
    progress.best_loss = progress.best_violation = std::numeric_limits<double>::infinity();
    const std::vector<std::string> contradicting = step.contradicting();
    if (!contradicting.empty())
      bar.print_line(fmt::format(
          "constraints contradict each other, or the design's size and pixels: {} (beta {:g}); "
          "ask for less, or use a larger filter_radius",
          fmt::join(contradicting, ", "), stage.beta));
    progress.looks.push_back(pattern.projected(progress.parameters, stage.beta));
    progress.iteration = 0;
    progress.steps = 0;
    step.begin_stage(progress.stage + 1);
  }
  bar.finish();
  return false;
}

}  // namespace wavesmith
