// Trained layers by Maxwell's equations: responses to each block of the source plane once, then
// every test input as their sum.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>

#include "apps/run_parts.hpp"
#include "apps/run_scene.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/sha256.hpp"
#include "solvers/full_wave_stack.hpp"

namespace wavesmith {
namespace {

// The source plane in equal blocks, row by row.
class Blocks {
 public:
  Blocks(const Plane& plane, int side) : plane_(plane), side_(side) {
    WAVESMITH_VALIDATE(
        plane.nx % side == 0 && plane.ny % side == 0,
        fmt::format("evaluate.full_waves.blocks = {} does not divide the source's {} "
                    "x {} samples",
                    side, plane.nx, plane.ny));
  }
  int count() const { return side_ * side_; }
  int block_of(std::size_t sample) const {
    const int i = static_cast<int>(sample) % plane_.nx, j = static_cast<int>(sample) / plane_.nx;
    return j / (plane_.ny / side_) * side_ + i / (plane_.nx / side_);
  }
  std::vector<Complex> field_of(int block) const {
    std::vector<Complex> field(plane_.size());
    for (std::size_t s = 0; s < field.size(); ++s) field[s] = block_of(s) == block ? 1.0 : 0.0;
    return field;
  }
  std::vector<Complex> amplitudes(std::span<const Complex> field) const {
    std::vector<Complex> values(static_cast<std::size_t>(count()));
    for (std::size_t s = 0; s < field.size(); ++s)
      values[static_cast<std::size_t>(block_of(s))] = field[s];
    double greatest = 0.0, worst = 0.0;
    for (std::size_t s = 0; s < field.size(); ++s) {
      greatest = std::max(greatest, std::abs(field[s]));
      worst = std::max(worst, std::abs(field[s] - values[static_cast<std::size_t>(block_of(s))]));
    }
    WAVESMITH_VALIDATE(worst <= 1e-6 * greatest,
                       "inputs are not even in the blocks of evaluate.full_waves; give as many "
                       "blocks as a picture has pixels, over the whole source plane");
    return values;
  }

 private:
  Plane plane_;
  int side_;
};

// Which blocks any of the inputs lights.
std::vector<bool> lit_blocks(const Blocks& blocks, const InputSet& inputs, const Plane& plane) {
  std::vector<bool> lit(static_cast<std::size_t>(blocks.count()), false);
  std::vector<Complex> source(plane.size());
  for (std::size_t i = 0; i < inputs.count(); ++i) {
    inputs.fill(i, 0, source);
    const std::vector<Complex> amplitudes = blocks.amplitudes(source);
    for (std::size_t k = 0; k < lit.size(); ++k) lit[k] = lit[k] || amplitudes[k] != 0.0;
  }
  return lit;
}

// What the detectors read of sums of known fields; empty ones are of blocks that no input lights.
class KnownResponses final : public PhysicalSystem {
 public:
  KnownResponses(const StackDescription& description, const Blocks& blocks,
                 std::vector<std::vector<Complex>> responses)
      : description_(description), blocks_(blocks), responses_(std::move(responses)) {}

  std::size_t parameter_count() const override { return 0; }
  int reading_count() const override { return description_.reading_count; }
  void set_parameters(std::span<const double>) override {}
  void respond(const Batch& batch, std::span<double> readings) override {
    std::fill(readings.begin(), readings.end(), 0.0);
    const std::size_t samples = description_.detector_plane.size();
    std::vector<Complex> source(description_.source.size()), sum(3 * samples);
    for (std::size_t b = 0; b < batch.indices.size(); ++b) {
      batch.inputs->fill(batch.indices[b], 0, source);
      const std::vector<Complex> amplitudes = blocks_.amplitudes(source);
      std::fill(sum.begin(), sum.end(), Complex{});
      for (std::size_t k = 0; k < amplitudes.size(); ++k)
        for (std::size_t i = 0; i < responses_[k].size(); ++i)
          sum[i] += amplitudes[k] * responses_[k][i];
      for (const DetectorEntry& entry : description_.detectors.front().entries)
        for (std::size_t component = 0; component < 3; ++component)
          readings[b * static_cast<std::size_t>(description_.reading_count) +
                   static_cast<std::size_t>(entry.reading)] +=
              entry.weight * std::norm(sum[component * samples + entry.sample]);
    }
  }
  void pull_back(const Batch&, const SampleLoss&, std::span<double>, std::span<double>) override {
    throw InputError("full waves have no derivative here; train with the angular spectrum");
  }
  const Cost& cost() const override { return cost_; }
  void reset_cost() override {}

 private:
  const StackDescription& description_;
  const Blocks& blocks_;
  std::vector<std::vector<Complex>> responses_;
  Cost cost_;
};

// Of everything that a response depends on; the first number is that of the march's own choices.
std::string fingerprint(const DiffractiveProblem& problem, const FullWavePart& part,
                        std::span<const double> parameters) {
  const StackDescription& stack = problem.description;
  std::vector<double> numbers{2.0,
                              stack.wavelengths.front(),
                              stack.medium_index,
                              stack.detector_distance,
                              static_cast<double>(stack.source.nx),
                              static_cast<double>(stack.source.ny),
                              stack.source.dx,
                              static_cast<double>(part.blocks),
                              part.settings.cells_per_wavelength,
                              part.settings.settle,
                              part.settings.precision == Precision::f32 ? 4.0 : 8.0};
  std::size_t offset = 0;
  for (const StackLayer& entry : stack.layers) {
    const Relief* const relief = entry.layer->relief();
    WAVESMITH_VALIDATE(relief != nullptr, "full waves take reliefs alone (kind = \"height\")");
    std::vector<double> heights(entry.layer->plane().size());
    relief->sample_heights(parameters.subspan(offset, entry.layer->parameter_count()), heights);
    offset += entry.layer->parameter_count();
    numbers.push_back(entry.distance);
    numbers.push_back(relief->index(stack.wavelengths.front()).real());
    numbers.insert(numbers.end(), heights.begin(), heights.end());
  }
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(numbers.data());
  return sha256({bytes, numbers.size() * sizeof(double)});
}

using Response = FullWaveStack::Response;

bool read_response(const std::filesystem::path& path, const std::string& mark, Response& response) {
  std::ifstream file(path, std::ios::binary);
  std::string found(mark.size(), ' ');
  file.read(found.data(), static_cast<std::streamsize>(found.size()));
  for (std::vector<Complex>* const part : {&response.field, &response.halfway})
    file.read(reinterpret_cast<char*>(part->data()),
              static_cast<std::streamsize>(part->size() * sizeof(Complex)));
  return file && found == mark;
}

void keep_response(const std::filesystem::path& path, const std::string& mark,
                   const Response& response) {
  std::string text = mark;
  for (const std::vector<Complex>* const part : {&response.field, &response.halfway})
    text.append(reinterpret_cast<const char*>(part->data()), part->size() * sizeof(Complex));
  write_file(path, text);
}

}  // namespace

void evaluate_full_waves(const DiffractiveProblem& problem, const ProblemInputs& inputs,
                         const RunOptions& options, std::span<const double> parameters,
                         const std::filesystem::path& out, Metrics& metrics) {
  FullWavePart part = *problem.evaluation.full_waves;
  part.settings.precision = options.precision;
  part.settings.threads = options.threads;
  const StackDescription& description = problem.description;
  WAVESMITH_VALIDATE(problem.loss.has_value(), "full waves need [training] for its loss");
  const FullWaveStack stack(description, parameters, part.settings);
  const Blocks blocks(description.source, part.blocks);
  const std::string mark = fingerprint(problem, part, parameters);
  const std::filesystem::path folder = out / "full_waves";
  make_folder(folder);
  say(options, fmt::format("  full waves: {} marches of {:.3g} million cells, {} steps",
                           blocks.count(), 1e-6 * stack.cells(), stack.steps()));
  const std::vector<bool> lit = lit_blocks(blocks, *inputs.test, description.source);
  std::vector<std::vector<Complex>> ends, halfways;
  const std::size_t size = 3 * description.detector_plane.size();
  double change = 0.0, length = 0.0;
  for (int block = 0; block < blocks.count(); ++block) {
    ends.emplace_back();
    halfways.emplace_back();
    if (!lit[static_cast<std::size_t>(block)]) continue;
    const std::filesystem::path file = folder / fmt::format("block_{:03}.bin", block);
    Response response{std::vector<Complex>(size), std::vector<Complex>(size)};
    if (!read_response(file, mark, response)) {
      const auto start = std::chrono::steady_clock::now();
      response = stack.respond(blocks.field_of(block));
      keep_response(file, mark, response);
      say(options, fmt::format("  block {} of {}: {:.1f} s", block + 1, blocks.count(),
                               seconds_since(start)));
    }
    for (std::size_t i = 0; i < size; ++i) {
      change += std::norm(response.field[i] - response.halfway[i]);
      length += std::norm(response.field[i]);
    }
    ends.back() = std::move(response.field);
    halfways.back() = std::move(response.halfway);
  }
  const auto evaluate_with = [&](std::vector<std::vector<Complex>> responses) {
    KnownResponses system(description, blocks, std::move(responses));
    return evaluate(system, *inputs.test, *make_loss(*problem.loss),
                    problem.training->options.batch);
  };
  const Evaluation found = evaluate_with(std::move(ends));
  metrics.set("full_wave_accuracy", found.accuracy);
  metrics.set("full_wave_loss", found.loss);
  metrics.set("full_wave_accuracy_halfway", evaluate_with(std::move(halfways)).accuracy);
  metrics.set("full_wave_change", length > 0.0 ? std::sqrt(change / length) : 0.0);
  metrics.set("full_wave_cells", stack.cells());
  metrics.set("full_wave_steps", static_cast<double>(stack.steps()));
}

}  // namespace wavesmith
