#include "training/mesh_engine.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

#include "core/random.hpp"
#include "kernels/host_memory.hpp"
#include "kernels/light_errors.hpp"
#include "kernels/parallel_tasks.hpp"
#include "solvers/mesh_propagation.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using host::HostArray;
using Protocol = MeshSystemOptions::Protocol;

// What is sent or measured: each has its own draws.
enum class Event : std::uint64_t {
  sent_forward,
  measured_forward,
  sent_backward,
  measured_backward,
  sent_sum,
  sent_difference,
  count
};

// Streams of the measurement's seed for draws that are fixed; those of events lie behind them.
enum : std::uint64_t { reference_stream, tap_gain_stream, tap_noise_stream, first_free_stream };
constexpr std::uint64_t max_layers = 1u << 16;

template <class T>
class EngineOf final : public MeshSystem::Engine {
 public:
  EngineOf(const MeshNetwork& network, const MeshSystemOptions& options,
           const std::vector<BuiltMesh>& built)
      : network_(network),
        options_(options),
        ports_(static_cast<std::size_t>(network.ports())),
        field_size_(ports_ * width) {
    std::size_t first = 0;
    for (const BuiltMesh& mesh : built) {
      meshes_.emplace_back(mesh);
      if (options.phases_from_model) models_.emplace_back(BuiltMesh(mesh.mesh()));
      first_.push_back(first);
      first += mesh.mesh().phase_count();
    }
    parameters_ = first;
  }

  void set_phases(std::size_t layer, std::span<const double> phases) override {
    meshes_[layer].set_phases(phases);
  }
  void set_model(std::size_t layer, std::span<const double> settings) override {
    models_[layer].set_phases(settings);
  }
  void set_occasion(std::uint64_t occasion) override { occasion_ = occasion; }

  void respond(const Batch& batch, std::span<double> readings) const override {
    const BlockRuns runs(static_cast<std::size_t>(batch.size()), lanes);
    parallel_tasks(runs.count(), options_.threads, [&](std::size_t run, int) {
      Bench bench(*this, false);
      for (std::size_t block = runs.first(run); block < runs.first(run + 1); ++block) {
        load(batch, block, bench);
        forward(bench, block, meshes_, true);
        read(bench, batch, block, readings);
      }
    });
  }

  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) const override {
    add_up(batch, gradient, nullptr, [&](Bench& bench, std::size_t block) {
      load(batch, block, bench);
      forward(bench, block, meshes_, false);
      read(bench, batch, block, readings);
      error_of_readings(bench, batch, block, loss, readings);
      for (std::size_t l = meshes_.size(); l-- > 0;) {
        copy(bench.x[l], bench.field);
        const std::size_t taps = meshes_[l].slots() * width;
        const MeshTaps<T> kept{{bench.taps.data(), bench.taps.data() + taps}, {}};
        cross_mesh<T>(meshes_[l].elements(), MeshWay::forward, view(bench.field), kept);
        pull_back_mesh<T>(meshes_[l].elements(), kept, view(bench.error), bench.sums[l].data(),
                          nullptr);
        back_to_layer(bench, l);
      }
    });
  }

  void adjoint_experiment(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                          std::span<double> gradient) const override {
    const bool noisy = options_.measurement.tap_noise > 0.0;
    std::vector<double> variance(noisy ? parameters_ : 0);
    add_up(batch, gradient, noisy ? &variance : nullptr, [&](Bench& bench, std::size_t block) {
      load(batch, block, bench);
      if (options_.phases_from_model) run_model(bench, batch, block, loss, readings);
      forward(bench, block, meshes_, true);
      read(bench, batch, block, readings);
      if (options_.phases_from_model)
        for (std::size_t l = 0; l < meshes_.size(); ++l) take_phases(bench.model_y[l], bench.y[l]);
      error_of_readings(bench, batch, block, loss, readings);
      for (std::size_t l = meshes_.size(); l-- > 0;) {
        measure_layer(bench, block, l);
        back_to_layer(bench, l);
      }
    });
    for (std::size_t k = 0; k < gradient.size(); ++k) {
      // The sum of independent normal errors of all readings is one normal error.
      if (noisy) {
        const Random random(options_.measurement.seed, event_stream(tap_noise_stream));
        gradient[k] += std::sqrt(variance[k]) * random.normal(k);
      }
      if (options_.measurement.tap_spread > 0.0)
        gradient[k] *= 1.0 + options_.measurement.tap_spread *
                                 Random(options_.measurement.seed, tap_gain_stream).normal(k);
    }
  }

 private:
  static constexpr int lanes = lane_count<T>;
  static constexpr std::size_t width = static_cast<std::size_t>(lanes);

  // What one thread works on.
  struct Bench {
    std::vector<HostArray<T>> x, y;  // what enters each mesh, and what was measured behind it
    std::vector<HostArray<T>> model_y, model_a;
    HostArray<T> field, error, taps;
    // Sums behind the shifters of every layer; those of light on its way back apart.
    std::vector<HostArray<T>> sums, back_sums, variances, back_variances;
    std::vector<double> cotangent;
    std::vector<Complex> features;

    Bench(const EngineOf& engine, bool gradient)
        : field(2 * engine.field_size_),
          error(2 * engine.field_size_),
          cotangent(engine.network_.readings.size()),
          features(static_cast<std::size_t>(engine.network_.features)) {
      std::size_t largest = 0;
      for (const MeshPropagation<T>& mesh : engine.meshes_) {
        const std::size_t size = mesh.slots() * width;
        largest = std::max(largest, size);
        x.emplace_back(2 * engine.field_size_);
        y.emplace_back(2 * engine.field_size_);
        if (engine.options_.phases_from_model) {
          model_y.emplace_back(2 * engine.field_size_);
          model_a.emplace_back(2 * engine.field_size_);
        }
        if (!gradient) continue;
        const std::size_t noise = engine.options_.measurement.tap_noise > 0.0 ? size : 0;
        sums.emplace_back(size);
        back_sums.emplace_back(size);
        variances.emplace_back(noise);
        back_variances.emplace_back(noise);
      }
      if (gradient) taps = HostArray<T>(2 * largest);
    }
    void clear_sums() {
      for (auto* arrays : {&sums, &back_sums, &variances, &back_variances})
        for (HostArray<T>& array : *arrays) array.clear();
    }
  };

  LaneField<T> view(HostArray<T>& values) const {
    return {values.data(), values.data() + field_size_};
  }
  static void copy(const HostArray<T>& from, HostArray<T>& to) {
    std::copy_n(from.data(), from.size(), to.data());
  }
  // Calls work(sample of the batch, lane) for the samples of a block.
  template <class Work>
  static void for_samples(const Batch& batch, std::size_t block, const Work& work) {
    const std::size_t samples = static_cast<std::size_t>(batch.size());
    for (std::size_t lane = 0; lane < width && block * width + lane < samples; ++lane)
      work(block * width + lane, lane);
  }

  // Runs `work` on the blocks of a batch and adds the sums of all layers up in a fixed order.
  template <class Work>
  void add_up(const Batch& batch, std::span<double> gradient, std::vector<double>* variance,
              const Work& work) const {
    const BlockRuns runs(static_cast<std::size_t>(batch.size()), lanes);
    std::vector<double> of_runs(runs.count() * parameters_);
    std::vector<double> variances(variance != nullptr ? of_runs.size() : 0);
    parallel_tasks(runs.count(), options_.threads, [&](std::size_t run, int) {
      Bench bench(*this, true);
      bench.clear_sums();
      for (std::size_t block = runs.first(run); block < runs.first(run + 1); ++block)
        work(bench, block);
      for (std::size_t l = 0; l < meshes_.size(); ++l) {
        const std::size_t at = run * parameters_ + first_[l];
        collect(l, bench.sums[l], bench.back_sums[l], 1, of_runs.data() + at);
        if (variance != nullptr)
          collect(l, bench.variances[l], bench.back_variances[l], 2, variances.data() + at);
      }
    });
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (std::size_t run = 0; run < runs.count(); ++run)
      for (std::size_t k = 0; k < parameters_; ++k) {
        gradient[k] += of_runs[run * parameters_ + k];
        if (variance != nullptr) (*variance)[k] += variances[run * parameters_ + k];
      }
  }

  // Sums of one layer, brought to the powers that there would be without loss where that is asked
  // for; `order` 2 for squares of them.
  void collect(std::size_t layer, const HostArray<T>& sums, const HostArray<T>& back_sums,
               int order, double* to) const {
    const MeshPropagation<T>& mesh = meshes_[layer];
    const std::size_t count = mesh.phase_count();
    std::vector<double> ahead(count), back(count);
    mesh.collect(sums.data(), ahead);
    mesh.collect(back_sums.data(), back);
    for (std::size_t k = 0; k < count; ++k) {
      // Error light sent backward has its whole way behind the shifter still to go when it comes
      // with the sum: it is weaker there by what is kept before the shifter, both ways.
      const double kept = options_.loss_correction ? std::pow(mesh.kept_before(k), order) : 1.0;
      to[k] = ahead[k] / kept + back[k] * kept;
    }
  }

  std::uint64_t event_stream(std::uint64_t which) const {
    return occasion_ * max_layers * static_cast<std::uint64_t>(Event::count) + which;
  }

  void load(const Batch& batch, std::size_t block, Bench& bench) const {
    bench.x[0].clear();
    const LaneField<T> x = view(bench.x[0]);
    const std::size_t rest = ports_ - bench.features.size();
    for_samples(batch, block, [&](std::size_t sample, std::size_t lane) {
      batch.inputs->fill(batch.indices[sample], 0, bench.features);
      double power = 0.0;
      for (std::size_t port = 0; port < bench.features.size(); ++port) {
        const Complex amplitude = network_.input_scale * bench.features[port];
        power += std::norm(amplitude);
        x.re[port * width + lane] = static_cast<T>(amplitude.real());
        x.im[port * width + lane] = static_cast<T>(amplitude.imag());
      }
      if (network_.bias_power == 0.0) return;
      const double bias =
          std::sqrt(std::max(0.0, network_.bias_power - power) / static_cast<double>(rest));
      for (std::size_t port = bench.features.size(); port < ports_; ++port)
        x.re[port * width + lane] = static_cast<T>(bias);
    });
  }

  // Errors of sending or measuring light at all ports.
  void disturb(HostArray<T>& field, std::size_t block, std::size_t layer, Event event) const {
    const MeshMeasurement& m = options_.measurement;
    const bool measured = event == Event::measured_forward || event == Event::measured_backward;
    const bool turned = measured && m.reference_error > 0.0;
    if (m.amplitude_error == 0.0 && m.phase_error == 0.0 && !turned) return;
    const std::uint64_t events = static_cast<std::uint64_t>(Event::count);
    const std::uint64_t place = layer * events + static_cast<std::uint64_t>(event);
    const Random random(m.seed, event_stream(first_free_stream + place));
    const Random reference(m.seed, reference_stream);
    const LaneField<T> at = view(field);
    for (std::size_t port = 0; port < ports_; ++port) {
      const double fixed =
          turned ? m.reference_error * reference.normal(place * ports_ + port) : 0.0;
      disturb_light<T>({m.amplitude_error, m.phase_error, fixed}, random,
                       block * width * ports_ + port, ports_, {at.re + port * width, width},
                       {at.im + port * width, width});
    }
  }

  // Light that is sent into layer l is made anew there, with new errors.
  bool sent_into(std::size_t l) const { return l == 0 || network_.activation.digital(); }

  // From bench.x[0] on: what enters the meshes, and what is measured behind them.
  void forward(Bench& bench, std::size_t block, const std::vector<MeshPropagation<T>>& meshes,
               bool errors) const {
    for (std::size_t l = 0; l < meshes.size(); ++l) {
      copy(bench.x[l], bench.y[l]);
      if (errors && sent_into(l)) disturb(bench.y[l], block, l, Event::sent_forward);
      cross_mesh<T>(meshes[l].elements(), MeshWay::forward, view(bench.y[l]));
      const bool last = l + 1 == meshes.size();
      const auto go_on = [&] {
        if (!last)
          activate<T>(network_.activation, {bench.y[l].data(), bench.y[l].data() + field_size_},
                      view(bench.x[l + 1]), field_size_);
      };
      // Light that stays light is not changed by measuring it.
      if (!network_.activation.digital()) go_on();
      if (errors) disturb(bench.y[l], block, l, Event::measured_forward);
      if (network_.activation.digital()) go_on();
    }
  }

  void read(Bench& bench, const Batch& batch, std::size_t block, std::span<double> readings) const {
    const LaneField<T> y = view(bench.y.back());
    const std::size_t count = network_.readings.size();
    for_samples(batch, block, [&](std::size_t sample, std::size_t lane) {
      for (std::size_t r = 0; r < count; ++r) {
        double sum = 0.0;
        for (int port : network_.readings[r]) {
          const std::size_t i = static_cast<std::size_t>(port) * width + lane;
          const double re = static_cast<double>(y.re[i]), im = static_cast<double>(y.im[i]);
          sum += re * re + im * im;
        }
        readings[sample * count + r] = sum;
      }
    });
  }

  // bench.error = dL/dy of the last layer, from its readings.
  void error_of_readings(Bench& bench, const Batch& batch, std::size_t block,
                         const SampleLoss& loss, std::span<const double> readings) const {
    bench.error.clear();
    const LaneField<T> y = view(bench.y.back()), g = view(bench.error);
    const std::size_t count = network_.readings.size();
    for_samples(batch, block, [&](std::size_t sample, std::size_t lane) {
      loss(static_cast<int>(sample), readings.subspan(sample * count, count), bench.cotangent);
      for (std::size_t r = 0; r < count; ++r)
        for (int port : network_.readings[r]) {
          const std::size_t i = static_cast<std::size_t>(port) * width + lane;
          const T along = static_cast<T>(2.0 * bench.cotangent[r]);
          g.re[i] += along * y.re[i];
          g.im[i] -= along * y.im[i];
        }
    });
  }

  // From dL/dx of layer l to dL/dy of the layer before.
  void back_to_layer(Bench& bench, std::size_t l) const {
    if (l == 0) return;
    pull_back_activation<T>(network_.activation,
                            {bench.y[l - 1].data(), bench.y[l - 1].data() + field_size_},
                            view(bench.error), field_size_);
  }

  // Phases of `from`, amplitudes of `to`.
  void take_phases(HostArray<T>& from, HostArray<T>& to) const {
    const LaneField<T> phases = view(from), light = view(to);
    for (std::size_t i = 0; i < field_size_; ++i) {
      const T length = std::hypot(phases.re[i], phases.im[i]);
      if (length == 0) continue;
      const T ratio = std::hypot(light.re[i], light.im[i]) / length;
      light.re[i] = ratio * phases.re[i];
      light.im[i] = ratio * phases.im[i];
    }
  }

  // What the ideal model says leaves every mesh, forward and backward.
  void run_model(Bench& bench, const Batch& batch, std::size_t block, const SampleLoss& loss,
                 std::span<double> readings) const {
    forward(bench, block, models_, false);
    read(bench, batch, block, readings);
    error_of_readings(bench, batch, block, loss, readings);
    for (std::size_t l = models_.size(); l-- > 0;) {
      copy(bench.y[l], bench.model_y[l]);
      cross_mesh<T>(models_[l].elements(), MeshWay::backward, view(bench.error));
      copy(bench.error, bench.model_a[l]);
      back_to_layer(bench, l);
    }
  }

  struct LanePower {
    T values[lane_count<T>] = {};
  };
  LanePower power_of(HostArray<T>& field) const {
    LanePower power;
    const LaneField<T> at = view(field);
    for (std::size_t port = 0; port < ports_; ++port)
      for (std::size_t lane = 0; lane < width; ++lane) {
        const std::size_t i = port * width + lane;
        power.values[lane] += at.re[i] * at.re[i] + at.im[i] * at.im[i];
      }
    return power;
  }

  // bench.field goes through layer l; the powers behind its shifters count `share` times weights.
  void read_powers(Bench& bench, std::size_t l, MeshWay way, T share, const T* weights) const {
    alignas(64) T weight[width], variance_weight[width];
    const LanePower sent = power_of(bench.field);
    const T noise = static_cast<T>(options_.measurement.tap_noise);
    for (std::size_t lane = 0; lane < width; ++lane) {
      weight[lane] = share * weights[lane];
      const T error = noise * weight[lane];
      variance_weight[lane] = error * error * sent.values[lane] / static_cast<T>(ports_);
    }
    const bool back = way == MeshWay::backward;
    MeshPowers<T> powers{(back ? bench.back_sums : bench.sums)[l].data(), nullptr, weight,
                         variance_weight};
    if (noise > 0) powers.variance = (back ? bench.back_variances : bench.variances)[l].data();
    cross_mesh<T>(meshes_[l].elements(), way, view(bench.field), powers);
  }

  // bench.error, dL/dy of layer l, becomes dL/dx as it is measured; adds what the taps read.
  void measure_layer(Bench& bench, std::size_t block, std::size_t l) const {
    const bool three = options_.protocol == Protocol::three;
    // The error is sent `strength` times as strong as it is, and so are the readings.
    T strength[width], weights[width];
    const LanePower of_light = power_of(bench.x[l]), of_error = power_of(bench.error);
    for (std::size_t lane = 0; lane < width; ++lane) {
      const double light = static_cast<double>(of_light.values[lane]);
      const double error = static_cast<double>(of_error.values[lane]);
      double factor = error > 0.0 ? 1.0 : 0.0;
      if (options_.error_power > 0.0 && error > 0.0)
        factor = std::sqrt(options_.error_power * light / error);
      const bool usable = factor > 0.0 && std::isfinite(static_cast<T>(0.5 / factor));
      strength[lane] = usable ? static_cast<T>(factor) : T(0);
      weights[lane] = usable ? static_cast<T>(0.5 / factor) : T(0);
    }
    const auto at = [&](std::size_t port, std::size_t lane) { return port * width + lane; };
    const LaneField<T> error = view(bench.error), field = view(bench.field), x = view(bench.x[l]);

    // Backward.
    for (std::size_t port = 0; port < ports_; ++port)
      for (std::size_t lane = 0; lane < width; ++lane) {
        field.re[at(port, lane)] = strength[lane] * error.re[at(port, lane)];
        field.im[at(port, lane)] = strength[lane] * error.im[at(port, lane)];
      }
    disturb(bench.field, block, l, Event::sent_backward);
    if (three)
      read_powers(bench, l, MeshWay::backward, T(-1), weights);
    else
      cross_mesh<T>(meshes_[l].elements(), MeshWay::backward, field);
    disturb(bench.field, block, l, Event::measured_backward);
    if (options_.phases_from_model) take_phases(bench.model_a[l], bench.field);
    copy(bench.field, bench.error);

    // Forward: x as it was sent before, then with the error.
    if (three) {
      copy(bench.x[l], bench.field);
      if (sent_into(l)) disturb(bench.field, block, l, Event::sent_forward);
      read_powers(bench, l, MeshWay::forward, T(-1), weights);
    }
    const auto send_sum = [&](T sign, Event event, T share) {
      // x - sign i a*.
      for (std::size_t i = 0; i < field_size_; ++i) {
        field.re[i] = x.re[i] - sign * error.im[i];
        field.im[i] = x.im[i] - sign * error.re[i];
      }
      disturb(bench.field, block, l, event);
      read_powers(bench, l, MeshWay::forward, share, weights);
    };
    if (three) {
      send_sum(T(1), Event::sent_sum, T(1));
    } else {
      send_sum(T(1), Event::sent_sum, T(0.5));
      send_sum(T(-1), Event::sent_difference, T(-0.5));
    }

    for (std::size_t port = 0; port < ports_; ++port)
      for (std::size_t lane = 0; lane < width; ++lane) {
        error.re[at(port, lane)] *= 2 * weights[lane];
        error.im[at(port, lane)] *= 2 * weights[lane];
      }
  }

  MeshNetwork network_;
  MeshSystemOptions options_;
  std::vector<MeshPropagation<T>> meshes_, models_;
  std::size_t ports_, field_size_, parameters_ = 0;
  std::vector<std::size_t> first_;  // parameter of every layer
  std::uint64_t occasion_ = 0;
};

}  // namespace

template <class T>
std::unique_ptr<MeshSystem::Engine> make_mesh_engine(const MeshNetwork& network,
                                                     const MeshSystemOptions& options,
                                                     const std::vector<BuiltMesh>& built) {
  return std::make_unique<EngineOf<T>>(network, options, built);
}

template std::unique_ptr<MeshSystem::Engine> make_mesh_engine<float>(const MeshNetwork&,
                                                                     const MeshSystemOptions&,
                                                                     const std::vector<BuiltMesh>&);
template std::unique_ptr<MeshSystem::Engine> make_mesh_engine<double>(
    const MeshNetwork&, const MeshSystemOptions&, const std::vector<BuiltMesh>&);

}  // namespace wavesmith
