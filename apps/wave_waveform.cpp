// The signal of a source, as a scene tells it.
#include <filesystem>

#include "apps/wave_parts.hpp"
#include "core/csv_table.hpp"
#include "core/error.hpp"

namespace wavesmith {
namespace {

double read_optical_frequency(const SceneTable& table, bool sound) {
  if (!sound && table.has("wavelength")) {
    if (table.has("frequency"))
      throw table.error("frequency", "stands beside a wavelength; give one of the two");
    return speed_of_light / table.length("wavelength", Range::above(0));
  }
  return table.frequency("frequency", Range::above(0));
}

}  // namespace

std::vector<double> read_frequencies(const SceneTable& table, bool sound) {
  std::vector<double> frequencies;
  if (!sound && table.has("wavelengths")) {
    for (const double wavelength : table.lengths("wavelengths", Range::above(0)))
      frequencies.push_back(speed_of_light / wavelength);
    return frequencies;
  }
  frequencies = table.quantities("frequencies", Dimension::frequency, Range::above(0));
  const int count = table.integer("count", 0, IntegerRange::between(2, 100000));
  if (count == 0) return frequencies;
  if (frequencies.size() != 2 || !(frequencies[0] < frequencies[1]))
    throw table.error("count", "asks for frequencies between two; give [lowest, highest]");
  const double low = frequencies[0], high = frequencies[1];
  frequencies.clear();
  for (int i = 0; i < count; ++i) frequencies.push_back(low + (high - low) * i / (count - 1));
  return frequencies;
}

std::vector<WaveKind> list_waveforms() {
  return {{"pulse", "A Gaussian pulse about a frequency"},
          {"tone", "A sine that rises once and never ends"},
          {"burst", "A sine that rises and falls"},
          {"ricker", "The second derivative of a Gaussian"},
          {"file", "Samples of a .csv file"}};
}

Waveform read_waveform(const SceneTable& table, bool sound, const std::string& scene_folder) {
  std::vector<std::string> kinds;
  for (const WaveKind& entry : list_waveforms()) kinds.emplace_back(entry.name);
  const std::string kind = table.choice("kind", kinds);
  if (kind == "file") {
    const CsvTable samples =
        read_csv_table(std::filesystem::path(scene_folder) / table.string("file"));
    return sampled_waveform(samples.column("time"), samples.column("value"));
  }
  const double frequency = read_optical_frequency(table, sound);
  if (kind == "ricker") return ricker_pulse(frequency);
  const double phase = table.angle("phase", 0.0);
  if (kind == "pulse") {
    const double width = table.has("bandwidth")
                             ? table.frequency("bandwidth", Range::above(0))
                             : frequency * table.number("relative_bandwidth", Range::above(0));
    return gaussian_pulse(frequency, width, phase);
  }
  const double ramp = table.quantity("ramp", Dimension::time, 5.0 / frequency, Range::above(0));
  if (kind == "tone") return endless_tone(frequency, ramp, phase);
  return tone_burst(frequency, ramp, table.quantity("length", Dimension::time, Range::above(0)),
                    phase);
}

}  // namespace wavesmith
