// The light and the layers of a finished run, as arrays.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "apps/outputs.hpp"
#include "core/units.hpp"

namespace wavesmith {

std::string array_name(const std::string& quantity, const DiffractiveProblem& problem,
                       std::size_t wavelength) {
  const std::vector<double>& all = problem.description.wavelengths;
  if (all.size() == 1) return quantity;
  std::string length = format_quantity(all[wavelength], Dimension::length, 6);
  std::erase(length, ' ');
  return quantity + "_" + length;
}

std::vector<std::vector<PlaneRecord>> record_planes(const FinishedRun& run,
                                                    std::span<const std::size_t> samples) {
  const StackDescription& description = run.problem.description;
  const std::size_t layers = description.layers.size();
  const std::size_t wavelengths = description.wavelengths.size();
  std::vector<PlaneRecord> empty(layers + 2);
  double z = 0.0;
  for (std::size_t p = 0; p < empty.size(); ++p) {
    const bool detector = p == layers + 1;
    PlaneRecord& record = empty[p];
    if (p > 0) z += detector ? description.detector_distance : description.layers[p - 1].distance;
    record.name = fmt::format("plane_{}", p);
    record.title = p == 0     ? "source"
                   : detector ? "detector"
                              : fmt::format("in front of layer {}", p);
    record.plane = p == 0     ? description.source
                   : detector ? description.detector_plane
                              : description.layers[p - 1].layer->plane();
    record.z = z;
    record.field.resize(wavelengths);
    record.intensity.assign(wavelengths, std::vector<double>(record.plane.size(), 0.0));
  }
  std::vector<std::vector<PlaneRecord>> records(samples.size(), empty);

  const InputSet& inputs = *run.inputs.test;
  const auto add = [&](int sample, int channel, int plane, std::span<const Complex> field) {
    const std::size_t k = static_cast<std::size_t>(channel / description.modes);
    const std::size_t mode = static_cast<std::size_t>(channel % description.modes);
    const double weight = description.mode_weights.empty() ? 1.0 : description.mode_weights[mode];
    PlaneRecord& record =
        records[static_cast<std::size_t>(sample)][static_cast<std::size_t>(plane)];
    for (std::size_t i = 0; i < field.size(); ++i)
      record.intensity[k][i] += weight * std::norm(field[i]);
    if (mode != 0) return;
    record.field[k].assign(field.begin(), field.end());
    for (Complex& u : record.field[k]) u *= std::sqrt(weight);
  };
  const int channels = static_cast<int>(wavelengths) * description.modes;
  std::vector<Complex> source(description.source.size());
  for (std::size_t s = 0; s < samples.size(); ++s)
    for (int channel = 0; channel < channels; ++channel) {
      std::fill(source.begin(), source.end(), Complex(0.0));
      inputs.fill(samples[s], channel, source);
      add(static_cast<int>(s), channel, 0, source);
    }

  const auto system =
      make_system(run.problem, description.propagation, system_options(run.settings, run.device));
  system->set_parameters(run.parameters());
  std::vector<double> readings(samples.size() *
                               static_cast<std::size_t>(description.reading_count));
  std::mutex lock;
  system->stack().respond(
      static_cast<int>(samples.size()),
      [&](int sample, int channel, std::span<Complex> field) {
        inputs.fill(samples[static_cast<std::size_t>(sample)], channel, field);
      },
      readings,
      [&](const FieldPlace& place, std::span<const Complex> field) {
        const std::lock_guard<std::mutex> hold(lock);
        add(place.sample, place.channel, place.plane, field);
      });
  return records;
}

std::vector<LayerRecord> record_layers(const FinishedRun& run) {
  const StackDescription& description = run.problem.description;
  std::vector<LayerRecord> records;
  std::size_t offset = 0;
  double z = 0.0;
  for (std::size_t l = 0; l < description.layers.size(); ++l) {
    const Layer& layer = *description.layers[l].layer;
    z += description.layers[l].distance;
    LayerRecord record{
        fmt::format("layer_{}", l + 1), fmt::format("layer {}", l + 1), layer.plane(), z, {}};
    for (const double wavelength : description.wavelengths) {
      record.transmission.emplace_back(layer.plane().size());
      layer.transmission(run.parameters().subspan(offset, layer.parameter_count()), wavelength,
                         record.transmission.back());
    }
    offset += layer.parameter_count();
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace wavesmith
