// The volumes of a diffractive stack: what the engine is told of them, and their derivative.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "solvers/diffractive_stack.hpp"

namespace wavesmith {

void DiffractiveStack::set_inner_transfers() {
  struct Built {
    int layer;
    int m, m_before;  // -1: an end
    int gap, wavelength, link;
  };
  std::vector<Built> built;
  constexpr int media = VolumeSlices::media;
  const auto alike = [&](int a, int b, double wavelength) {
    return a == b ||
           (volume(a)->plane() == volume(b)->plane() && volume(a)->slice() == volume(b)->slice() &&
            volume(a)->references(wavelength) == volume(b)->references(wavelength));
  };
  for (int p = 0; p < static_cast<int>(planes_.size()); ++p) {
    const auto [layer, slice] = planes_[static_cast<std::size_t>(p)];
    if (slice < 0) continue;
    const VolumeSlices& slices = *volume(layer);
    const bool first = slice == 0, last = slice == slices.count();
    for (int k = 0; k < static_cast<int>(description_.wavelengths.size()); ++k) {
      const double wavelength =
          description_.wavelengths[static_cast<std::size_t>(k)] * misalignment_.wavelength_factor;
      for (int m = 0; m < media; ++m)
        for (int m_before = first || last ? -1 : 0; m_before < (first || last ? 0 : media);
             ++m_before) {
          const int link = m_before < 0 ? m : m * media + m_before;
          // The halves of a step may be exchanged.
          const int low = std::min(m, m_before), high = std::max(m, m_before);
          const auto same = std::find_if(built.begin(), built.end(), [&](const Built& other) {
            return other.m == high && other.m_before == low && other.wavelength == k &&
                   alike(other.layer, layer, wavelength);
          });
          std::visit(
              [&](auto& engine) {
                if (same != built.end())
                  engine->share_transfer(p, k, same->gap, k, link, same->link);
                else
                  engine->set_transfer(
                      p, k,
                      low < 0 ? slices.end(inner_gap(layer), wavelength, high)
                              : slices.between(inner_gap(layer), wavelength, high, low),
                      link);
              },
              engine_);
          if (same == built.end()) built.push_back({layer, high, low, p, k, link});
        }
    }
  }
}

// A volume's slices; the phase of a crooked device is added where the wave leaves it.
void DiffractiveStack::set_volume(int layer, std::span<const double> parameters, int first_plane) {
  const VolumeSlices& slices = *volume(layer);
  const std::vector<double> heights = slices.heights(parameters);
  const int back = first_plane + 1 + slices.count();
  std::array<std::vector<Complex>, VolumeSlices::media> weights;
  std::visit(
      [&](auto& engine) {
        for (std::size_t k = 0; k < description_.wavelengths.size(); ++k) {
          const int channel = static_cast<int>(k);
          const double wavelength = description_.wavelengths[k] * misalignment_.wavelength_factor;
          std::vector<double> phase = phase_offsets(layer, wavelength);
          phase.resize(heights.size(), 0.0);
          const std::vector<double> none(heights.size(), 0.0);
          for (const auto& [plane, turn] : {std::pair{first_plane, &none}, {back, &phase}}) {
            if (description_.wavelengths.size() == 1) {
              engine->set_phase(plane, *turn);
              continue;
            }
            std::vector<Complex> t(turn->size());
            std::transform(turn->begin(), turn->end(), t.begin(),
                           [](double angle) { return std::polar(1.0, angle); });
            engine->set_transmission(plane, channel, t);
          }
          for (int s = 0; s < slices.count(); ++s) {
            slices.weights(heights, s, wavelength, weights);
            for (int m = 0; m < VolumeSlices::media; ++m)
              engine->set_transmission(first_plane + 1 + s, channel,
                                       weights[static_cast<std::size_t>(m)], m);
          }
        }
      },
      engine_);
}

template <class T>
void DiffractiveStack::pull_back_volume(StackEngine<T>& engine, int layer, int first_plane,
                                        std::span<double> gradient) {
  const VolumeSlices& slices = *volume(layer);
  const std::span<const double> own = layer_parameters(layer, std::span<const double>(parameters_));
  const std::vector<double> heights = slices.heights(own);
  std::vector<double> g_heights(heights.size(), 0.0);
  std::array<std::vector<Complex>, VolumeSlices::media> cotangents;
  for (std::vector<Complex>& g : cotangents) g.resize(heights.size());
  for (std::size_t k = 0; k < description_.wavelengths.size(); ++k)
    for (int s = 0; s < slices.count(); ++s) {
      for (int m = 0; m < VolumeSlices::media; ++m)
        engine.transmission_cotangent(first_plane + 1 + s, static_cast<int>(k),
                                      cotangents[static_cast<std::size_t>(m)], m);
      slices.pull_back(heights, s, description_.wavelengths[k] * misalignment_.wavelength_factor,
                       cotangents, g_heights);
    }
  slices.pull_back_heights(own, g_heights, gradient);
}

template void DiffractiveStack::pull_back_volume<float>(StackEngine<float>&, int, int,
                                                        std::span<double>);
template void DiffractiveStack::pull_back_volume<double>(StackEngine<double>&, int, int,
                                                         std::span<double>);

}  // namespace wavesmith
