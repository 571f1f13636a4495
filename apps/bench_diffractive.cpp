// wavesmith bench diffractive: a training step against the plain transforms that it needs at least.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

#ifdef WAVESMITH_HAS_FFTW
#include <fftw3.h>
#endif

#include "apps/bench_parts.hpp"
#include "core/error.hpp"
#include "kernels/parallel.hpp"
#include "physics/detectors.hpp"
#include "physics/layers.hpp"
#include "training/diffractive_system.hpp"
#include "training/losses.hpp"
#include "training/optimizer.hpp"

namespace wavesmith {
namespace {

constexpr int layers = 5, samples_across = 200, padded = 400, rounds = 7;
// A step carries a field through six gaps and back; without pruning and without sparing the way
// back to the source that is two transforms a gap, twice.
constexpr int plain_transforms = 24;

// One field that lies ready in memory, for every sample.
class BenchInputs final : public InputSet {
 public:
  explicit BenchInputs(const Plane& plane) : field_(plane.size()) {
    for (std::size_t i = 0; i < field_.size(); ++i)
      field_[i] = 1.0 + 0.5 * static_cast<double>(i * 7 % 13);
  }
  std::size_t count() const override { return 1 << 20; }
  void fill(std::size_t, int, std::span<std::complex<double>> field) const override {
    std::copy(field_.begin(), field_.end(), field.begin());
  }
  double power(std::size_t) const override { return 1.0; }
  Target target(std::size_t index) const override {
    Target target;
    target.label = static_cast<int>(index % 10);
    return target;
  }

 private:
  std::vector<std::complex<double>> field_;
};

StackDescription lin_stack() {
  const Plane plane{samples_across, samples_across, 4e-4, 4e-4, 0.0, 0.0};
  StackDescription description;
  description.wavelengths = {7.5e-4};
  description.source = description.detector_plane = plane;
  const std::shared_ptr<const Layer> layer = make_layer({}, plane);
  for (int l = 0; l < layers; ++l) description.layers.push_back({layer, 0.03});
  description.detector_distance = 0.03;
  const Detector detector = region_detector(plane, ten_class_regions(9.6e-3, 20e-3, 24e-3));
  description.detectors = {detector};
  description.reading_count = detector.reading_count;
  return description;
}

// One training step after another: parameters set, forward, backward, Adam.
class TrainingStep {
 public:
  TrainingStep(const BenchOptions& options, const Device& device, int batch)
      : inputs_(lin_stack().source),
        batch_(static_cast<std::size_t>(batch)),
        threads_(options.threads) {
    DiffractiveSystemOptions of_system;
    of_system.precision = options.precision;
    of_system.device = device;
    of_system.threads = options.threads;
    system_ = std::make_unique<DiffractiveSystem>(lin_stack(), of_system);
    LossSpec loss;
    loss.reading_count = system_->reading_count();
    loss_ = make_loss(loss);
    optimizer_ = make_optimizer({}, system_->parameter_count());
    parameters_.assign(system_->parameter_count(), 0.0);
    gradient_.resize(parameters_.size());
    indices_.resize(batch_);
    std::iota(indices_.begin(), indices_.end(), std::size_t{0});
    readings_.resize(batch_ * static_cast<std::size_t>(system_->reading_count()));
  }

  void run() {
    system_->set_parameters(parameters_);
    system_->pull_back(
        {&inputs_, indices_},
        [&](int sample, std::span<const double> readings, std::span<double> cotangent) {
          return loss_->evaluate(readings, 1.0, inputs_.target(static_cast<std::size_t>(sample)),
                                 cotangent);
        },
        readings_, gradient_);
    optimizer_->begin_step();
    parallel_ranges(gradient_.size(), threads_, [&](std::size_t begin, std::size_t end) {
      optimizer_->step_range(begin, end, 1e-3, gradient_, parameters_);
    });
  }

 private:
  BenchInputs inputs_;
  std::size_t batch_;
  int threads_;
  std::unique_ptr<DiffractiveSystem> system_;
  std::unique_ptr<Loss> loss_;
  std::unique_ptr<Optimizer> optimizer_;
  std::vector<double> parameters_, gradient_, readings_;
  std::vector<std::size_t> indices_;
};

#ifdef WAVESMITH_HAS_FFTW
// Plain complex transforms in single precision with a measured plan, one image a thread at a time.
class PlainTransforms {
 public:
  PlainTransforms(int images, int threads) : images_(images), threads_(threads) {
    const std::size_t size = static_cast<std::size_t>(padded) * padded;
    for (int i = 0; i < images; ++i) data_.push_back(fftwf_alloc_complex(size));
    plan_ = fftwf_plan_dft_2d(padded, padded, data_[0], data_[0], FFTW_FORWARD, FFTW_MEASURE);
    // Zeros stay zeros, whatever the number of transforms: no overflow, no denormals.
    for (fftwf_complex* image : data_) std::fill_n(&image[0][0], 2 * size, 0.0f);
  }
  ~PlainTransforms() {
    fftwf_destroy_plan(plan_);
    for (fftwf_complex* image : data_) fftwf_free(image);
  }
  PlainTransforms(const PlainTransforms&) = delete;
  PlainTransforms& operator=(const PlainTransforms&) = delete;

  // plain_transforms of every image.
  void run() {
    const auto part = [this](int first) {
      for (int repeat = 0; repeat < plain_transforms; ++repeat)
        for (int i = first; i < images_; i += threads_)
          fftwf_execute_dft(plan_, data_[static_cast<std::size_t>(i)],
                            data_[static_cast<std::size_t>(i)]);
    };
    std::vector<std::thread> others;
    for (int t = 1; t < threads_; ++t) others.emplace_back(part, t);
    part(0);
    for (std::thread& other : others) other.join();
  }

 private:
  int images_, threads_;
  std::vector<fftwf_complex*> data_;
  fftwf_plan plan_ = nullptr;
};
#endif

}  // namespace

// Rounds in turn: the batches, and the plain transforms that bound them.
void bench_diffractive(const BenchOptions& options, const Device& device) {
  const int threads = bench_threads(options);
  BenchOptions used = options;
  used.threads = threads;
  constexpr std::array<int, 2> batches = {32, 1};
  std::array<std::unique_ptr<TrainingStep>, 2> steps;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    steps[b] = std::make_unique<TrainingStep>(used, device, batches[b]);
    steps[b]->run();
  }
#ifdef WAVESMITH_HAS_FFTW
  // As many images as there are threads at the least.
  const int images = std::max(8, threads);
  PlainTransforms plain(images, threads);
  plain.run();
#endif
  std::array<std::vector<double>, 2> seconds;
  std::vector<double> limit, against_batch;
  for (int round = 0; round < rounds; ++round) {
#ifdef WAVESMITH_HAS_FFTW
    limit.push_back(seconds_of([&] { plain.run(); }) / images);
#endif
    for (std::size_t b = 0; b < batches.size(); ++b) {
      const int repeats = std::max(1, 32 / batches[b]);
      seconds[b].push_back(seconds_of([&] {
                             for (int i = 0; i < repeats; ++i) steps[b]->run();
                           }) /
                           (repeats * batches[b]));
    }
    against_batch.push_back(seconds[1].back() / seconds[0].back());
  }
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const std::vector<double>& ours = seconds[b];
    nlohmann::ordered_json row;
    row["name"] = "diffractive";
    fill_bench_row(row, options, device, ours, limit);
    row["size"] = fmt::format("{}x{}x{} padded {}, batch {}", layers, samples_across,
                              samples_across, padded, batches[b]);
    row["unit"] = "samples";
    // Fields at six planes written and read, the spectrum's three passes in eleven propagations.
    const double scalar = options.precision == Precision::f32 ? 4.0 : 8.0;
    const double plane = 2.0 * samples_across * samples_across * scalar;
    row["bytes_per_unit"] = 11.0 * (2.0 * plane + 4.0 * 2.0 * plane);
    if (b == 1) row["seconds_against_batch_32"] = median(against_batch);
    print_bench_row(options, row);
  }
}

}  // namespace wavesmith
