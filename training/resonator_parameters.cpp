#include "training/resonator_parameters.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "training/csv_file.hpp"

namespace wavesmith {
namespace {

constexpr std::uint64_t start_stream = 0x7273ull << 40;

void append_table(const std::filesystem::path& path, std::size_t rows, std::size_t columns,
                  double sign, std::vector<double>& values) {
  const ComplexCsvTable table = read_complex_csv(path);
  WAVESMITH_VALIDATE(table.rows == rows && table.columns == columns,
                     fmt::format("{} has {} x {} numbers, but the network's layers want {} x {}",
                                 path.string(), table.rows, table.columns, rows, columns));
  for (std::size_t i = 0; i < table.values.size(); ++i) {
    WAVESMITH_VALIDATE(table.values[i].imag() == 0.0,
                       fmt::format("{}: number {} of row {} has an imaginary part; couplings and "
                                   "detunings of a layered network are real",
                                   path.string(), i % columns + 1, i / columns + 1));
    values.push_back(sign * table.values[i].real());
  }
}

}  // namespace

std::vector<double> starting_parameters(const LayeredNetwork& network, const ResonatorStart& start,
                                        std::uint64_t seed) {
  const Random random(seed, start_stream);
  std::vector<double> values(network.parameter_count());
  std::size_t n = 0;
  const auto draw = [&](const DrawRange& range) {
    values[n] = random.uniform(n, range.low, range.high);
    return n++;
  };
  for (int j = 0; j < network.input_count(); ++j)
    values[draw(start.input_detuning)] += j % 2 == 0 ? start.alternating : -start.alternating;
  for (int j = network.input_count(); j < network.size(); ++j) draw(start.detuning);
  for (int layer = 0; layer + 1 < network.layers(); ++layer) {
    const int below = network.sizes[static_cast<std::size_t>(layer)];
    const int above = network.sizes[static_cast<std::size_t>(layer) + 1];
    const double factor = start.coupling_by_fan ? std::sqrt(6.0 / (below + above)) : 1.0;
    for (int i = 0; i < below * above; ++i) values[draw(start.coupling)] *= factor;
  }
  return values;
}

std::vector<double> read_parameters(const LayeredNetwork& network, const ResonatorFiles& files) {
  const auto layers = static_cast<std::size_t>(network.layers());
  WAVESMITH_VALIDATE(
      files.detunings.size() == layers && files.couplings.size() + 1 == layers,
      fmt::format("{} files of detunings and {} of couplings are given; {} layers have {} and {}",
                  files.detunings.size(), files.couplings.size(), layers, layers, layers - 1));
  std::vector<double> values;
  for (std::size_t l = 0; l < layers; ++l)
    append_table(files.detunings[l], static_cast<std::size_t>(network.sizes[l]), 1,
                 l == 0 ? 1.0 : files.upper_sign, values);
  for (std::size_t l = 0; l + 1 < layers; ++l)
    append_table(files.couplings[l], static_cast<std::size_t>(network.sizes[l]),
                 static_cast<std::size_t>(network.sizes[l + 1]), 1.0, values);
  return values;
}

}  // namespace wavesmith
