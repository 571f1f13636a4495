// wavesmith run of a scene of waves in time: march, with snapshots and checkpoints; then the files.
#include "apps/wave_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "apps/design_run.hpp"
#include "apps/point_resonances.hpp"
#include "apps/run_parts.hpp"
#include "apps/wave_snapshots.hpp"
#include "apps/wave_validate.hpp"
#include "core/atomic_file.hpp"
#include "core/interrupt.hpp"
#include "core/memory.hpp"
#include "core/progress.hpp"
#include "solvers/run_until_decayed.hpp"
#include "training/byte_file.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/field_files.hpp"
#endif

namespace wavesmith {

DecayRule decay_rule(const WaveProblem& problem, long last) {
  DecayRule rule;
  rule.tolerance = problem.stop.decay;
  rule.sources_end = end_of_sources(problem);
  rule.shortest_window = 5.0 / band_of_sources(problem)[0];
  rule.most_steps = last;
  return rule;
}

std::filesystem::path begin_wave_run(const WaveProblem& problem, const RunOptions& settings,
                                     WaveFindings& findings) {
  findings.device = parse_device(settings.device).name();
  findings.audit = audit_resolution(problem);
  say(settings, problem.title);
  for (const std::string& line : findings.audit) say(settings, "  " + line);
  const std::filesystem::path out =
      settings.out.empty() ? std::filesystem::path("out") / problem.stem : settings.out;
  make_folder(out);
  remove_stale_parts(out);
  return out;
}

namespace {

constexpr long steps_at_once = 256;

#ifdef WAVESMITH_HAS_VTK
Compression compression_of(const WaveProblem& problem) {
  return problem.output.compression == "lz4"    ? Compression::lz4
         : problem.output.compression == "zlib" ? Compression::zlib
                                                : Compression::none;
}
#endif

// Writes the frames that are due after a step.
class Snapshots {
 public:
  Snapshots(const WaveProblem& problem, const WaveSimulation& simulation,
            const std::filesystem::path& out, long last)
      : problem_(problem), simulation_(simulation), out_(out) {
    if (!problem.output.fields) return;
    for (const SnapshotPart& part : problem.snapshots)
      steps_.push_back(snapshot_steps(part, simulation.march().setup().dt, last));
  }

  // The next step after `step` at which one is due.
  long next(long step) const {
    long soonest = std::numeric_limits<long>::max();
    for (const std::vector<long>& steps : steps_) {
      const auto due = std::upper_bound(steps.begin(), steps.end(), step);
      if (due != steps.end()) soonest = std::min(soonest, *due);
    }
    return soonest;
  }

  void take() const {
#ifdef WAVESMITH_HAS_VTK
    const long step = simulation_.march().step();
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      const auto due = std::lower_bound(steps_[s].begin(), steps_[s].end(), step);
      if (due == steps_[s].end() || *due != step) continue;
      const SnapshotPart& part = problem_.snapshots[s];
      const Frame frame = take_snapshot(simulation_.march(), simulation_.context(), problem_, part);
      const std::filesystem::path path =
          out_ /
          snapshot_file(part, static_cast<std::size_t>(due - steps_[s].begin()), frame.is_graded());
      make_folder(path.parent_path());
      if (frame.is_graded())
        write_vtr(frame, path, compression_of(problem_));
      else
        write_vti(frame, path, compression_of(problem_));
    }
#endif
  }

 private:
  const WaveProblem& problem_;
  const WaveSimulation& simulation_;
  const std::filesystem::path& out_;
  std::vector<std::vector<long>> steps_;
};

std::filesystem::path checkpoint_path(const std::filesystem::path& out) {
  return out / "checkpoint" / "march.state";
}

// What the stop rule has seen, so that a resumed run stops where the whole one would have.
struct DecaySample {
  std::int64_t step = 0;
  double magnitude = 0.0;
};

struct CheckpointHeader {
  std::uint64_t scene_hash = 0, samples = 0;
};

void write_checkpoint(const WaveProblem& problem, const TimeDomain& march,
                      const std::vector<DecaySample>& samples, const std::filesystem::path& out) {
  make_folder(out / "checkpoint");
  const std::vector<std::byte> state = march.save_state();
  const CheckpointHeader header{problem.scene_hash, samples.size()};
  const auto heard = std::as_bytes(std::span(samples));
  AtomicFile file(checkpoint_path(out), state.size() + heard.size() + sizeof(header));
  file.write_bytes(std::as_bytes(std::span(&header, 1)));
  file.write_bytes(heard);
  file.write_bytes(state);
  file.commit();
}

std::vector<DecaySample> read_checkpoint(const WaveProblem& problem, TimeDomain& march,
                                         const std::filesystem::path& out) {
  const std::filesystem::path path = checkpoint_path(out);
  const std::vector<std::uint8_t> bytes = read_file(path);
  const std::span<const std::byte> all = std::as_bytes(std::span(bytes));
  CheckpointHeader header;
  WAVESMITH_VALIDATE(all.size() > sizeof(header), path.string() + " is no state of a march");
  std::copy_n(all.begin(), sizeof(header), std::as_writable_bytes(std::span(&header, 1)).begin());
  WAVESMITH_VALIDATE(header.scene_hash == problem.scene_hash,
                     path.string() +
                         " belongs to another scene, or to this one before it was changed; run "
                         "without --resume to begin anew");
  const std::span<const std::byte> rest = all.subspan(sizeof(header));
  WAVESMITH_VALIDATE(header.samples <= rest.size() / sizeof(DecaySample),
                     path.string() + " is cut short; run without --resume to begin anew");
  std::vector<DecaySample> samples(header.samples);
  const std::size_t heard = samples.size() * sizeof(DecaySample);
  std::copy_n(rest.begin(), heard, std::as_writable_bytes(std::span(samples)).begin());
  try {
    march.load_state(rest.subspan(heard));
  } catch (const InputError& error) {
    throw InputError(path.string() + ": " + error.what() + " (run without --resume to begin anew)");
  }
  return samples;
}

// True where it was stopped by Ctrl-C, after saving.
bool march_on(const WaveProblem& problem, WaveSimulation& simulation, const RunOptions& settings,
              const std::filesystem::path& out, std::vector<DecaySample> samples,
              WaveFindings& findings) {
  TimeDomain& march = simulation.march();
  const double dt = march.setup().dt;
  const long last = step_count(problem);
  const Snapshots snapshots(problem, simulation, out, last);
  std::optional<DecayStop> decay;
  if (problem.stop.decay > 0.0) decay.emplace(decay_rule(problem, last));
  const auto hear = [&](const DecaySample& sample) {
    decay->add(sample.step, static_cast<double>(sample.step) * dt, sample.magnitude);
  };
  for (const DecaySample& sample : samples) hear(sample);
  const auto over = [&] {
    return march.step() >= last || (decay && decay->reason() != StopReason::running);
  };
  Progress progress("marching", static_cast<std::uint64_t>(last), "steps",
                    choose_progress_style(settings.quiet));
  progress.start_at(static_cast<std::uint64_t>(march.step()));
  const InterruptGuard interrupt("stopping after these steps; once more to stop at once\n");
  const long first = march.step();
  const Clock::time_point begin = Clock::now();
  Clock::time_point saved = begin;
  while (!over()) {
    const long whole = (march.step() / steps_at_once + 1) * steps_at_once;
    march.run(std::min({whole, last, snapshots.next(march.step())}) - march.step());
    snapshots.take();
    if (decay && (march.step() % steps_at_once == 0 || march.step() == last)) {
      samples.push_back({march.step(), field_magnitude(march)});
      hear(samples.back());
    }
    progress.update(static_cast<std::uint64_t>(march.step()),
                    decay ? fmt::format("field at {:.1e}", decay->level()) : "");
    if (interrupt.requested() && !over()) {
      write_checkpoint(problem, march, samples, out);
      return true;
    }
    if (seconds_since(saved) > problem.stop.save_every && !over()) {
      write_checkpoint(problem, march, samples, out);
      saved = Clock::now();
    }
  }
  progress.finish();
  findings.stopped = decay ? decay->sentence() : "the time was over";
  findings.steps = march.step();
  findings.timing["march"] = seconds_since(begin);
  findings.cells_per_second = static_cast<double>(march.step() - first) *
                              static_cast<double>(march.setup().grid.size()) /
                              std::max(findings.timing["march"], 1e-9);
  return false;
}

void read_traces(const WaveProblem& problem, const WaveSimulation& simulation,
                 WaveFindings& findings) {
  const TimeDomain& march = simulation.march();
  for (std::size_t p = 0; p < problem.points.size(); ++p) {
    const PointPart& part = problem.points[p];
    const StoredField field = find_field(problem.equations, part.field, problem.impedance());
    PointTrace trace;
    trace.name = part.name;
    trace.field = field.name;
    trace.unit = field.unit;
    const int monitor = simulation.point_monitors()[p];
    trace.times = march.record_times(monitor);
    const std::span<const double> record = march.record(monitor);
    for (const double value : record) trace.values.push_back(field.factor * value);
    if (part.resonances) {
      trace.resonances = resonances_at(problem, part, march, monitor);
      // The strongest first: it is the one that was meant.
      std::stable_sort(trace.resonances.begin(), trace.resonances.end(),
                       [](const Resonance& a, const Resonance& b) {
                         return std::abs(a.amplitude) > std::abs(b.amplitude);
                       });
      findings.metrics.set(part.name + "_resonances", static_cast<double>(trace.resonances.size()));
      if (!trace.resonances.empty()) {
        findings.metrics.set(part.name + "_frequency", trace.resonances.front().frequency);
        findings.metrics.set(part.name + "_quality", trace.resonances.front().quality);
      }
    }
    findings.traces.push_back(std::move(trace));
  }
}

}  // namespace

Status run_wave_scene(const Scene& scene, const RunOptions& settings) {
  const Clock::time_point start = Clock::now();
  const WaveProblem problem = read_wave_problem(scene);
  if (problem.design) return run_design_scene(scene, problem, settings);
  WaveFindings findings;
  const std::filesystem::path out = begin_wave_run(problem, settings, findings);
  WaveSimulation simulation(problem, parse_device(settings.device), settings.precision,
                            settings.threads);
  std::vector<DecaySample> samples;
  if (settings.resume) {
    if (std::filesystem::exists(checkpoint_path(out)))
      samples = read_checkpoint(problem, simulation.march(), out);
    else
      say(settings, "  nothing was saved in " + out.string() + " yet: beginning with step 0");
  }
  findings.timing["preparation"] = seconds_since(start);
  if (march_on(problem, simulation, settings, out, std::move(samples), findings)) {
    fmt::print("stopped after step {}; to go on: wavesmith run {} --out {} --resume\n",
               simulation.march().step(), settings.scene, out.string());
    return Status::interrupted;
  }
  findings.curves = simulation.curves(problem);
  read_traces(problem, simulation, findings);
  findings.coupled_modes = find_coupled_modes(problem, findings.curves, findings.metrics);
  add_wave_metrics(problem, findings.curves, findings.traces, findings.metrics);
  findings.timing["total"] = seconds_since(start);
  // Told before they are written: a full disk must not take them away.
  for (const auto& [name, value] : findings.metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));
  say(settings, fmt::format("  {} steps, {:.3g} million cells a second; ended because {}",
                            findings.steps, 1e-6 * findings.cells_per_second, findings.stopped));
  for (const std::string& line : write_wave_outputs(problem, simulation, settings, findings, out))
    say(settings, line);
  std::error_code ignored;
  std::filesystem::remove(checkpoint_path(out), ignored);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return check_expectations(problem.expectations, findings.metrics);
}

}  // namespace wavesmith
