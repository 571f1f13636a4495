// Layers with several media against a plain sum over the links of every gap.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/kernels/stack_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;

struct MediaCase {
  std::string name;
  StackSize size;
  int samples, threads;
};

StackSize with_media(StackSize size, std::vector<int> media) {
  size.media = std::move(media);
  return size;
}

std::vector<MediaCase> media_cases() {
  const GapSize square = gap(20, 37, 20, 37, 40, 75);
  return {
      {"one, two, two, one",
       with_media(stack({gap(9, 8, 20, 37, 30, 45), square, square, square, square},
                        {true, false, false, true}, 3),
                  {1, 2, 2, 1}),
       5, 1},
      {"the same on three threads",
       with_media(stack({gap(9, 8, 20, 37, 30, 45), square, square, square, square},
                        {true, false, false, true}, 3),
                  {1, 2, 2, 1}),
       5, 3},
      {"one sample shared by three threads, to the last plane",
       with_media(stack({square, square, gap(20, 37, 11, 52, 40, 90)}, {false, false}, 2), {3, 2}),
       1, 3},
      {"wavelengths and modes",
       with_media(stack({gap(9, 8, 12, 13, 24, 24), gap(12, 13, 12, 13, 24, 26),
                         gap(12, 13, 9, 14, 21, 27)},
                        {false, false}, 2, 2, 2),
                  {3, 2}),
       3, 2},
  };
}

// Transfer functions [gap][wavelength][link], transmissions [layer][wavelength][medium].
struct MediaData {
  std::vector<std::vector<std::vector<ComplexField>>> transfer, transmission;
  StackData base;  // sources, detectors, weights
};

MediaData media_data(const MediaCase& one) {
  MediaData data{{}, {}, random_data({one.name, one.size, one.samples})};
  std::mt19937 generator(5);
  const StackSize& size = one.size;
  for (int g = 0; g <= size.layers(); ++g) {
    const GapSize& at = size.gaps[static_cast<std::size_t>(g)];
    data.transfer.emplace_back();
    for (int k = 0; k < size.wavelengths; ++k) {
      data.transfer.back().emplace_back();
      for (int link = 0; link < size.links(g); ++link)
        data.transfer.back().back().push_back(random_field(points(at.mx, at.my), generator));
    }
  }
  for (int l = 0; l < size.layers(); ++l) {
    const std::size_t layer = static_cast<std::size_t>(l);
    const GapSize& before = size.gaps[layer];
    data.transmission.emplace_back();
    for (int k = 0; k < size.wavelengths; ++k) {
      data.transmission.back().emplace_back();
      for (int m = 0; m < size.media_at(l + 1); ++m)
        data.transmission.back().back().push_back(
            size.plain_phase[layer]
                ? data.base.transmission[layer][static_cast<std::size_t>(k)]
                : random_field(points(before.nx_out, before.ny_out), generator));
    }
  }
  return data;
}

// Readings, then gradients: of plain layers by phase, of the others [wavelength][medium].
struct MediaResult {
  std::vector<double> readings;
  std::vector<std::vector<double>> phase_gradient;
  std::vector<std::vector<std::vector<ComplexField>>> cotangent;
};

MediaResult media_reference(const MediaCase& one, const MediaData& data) {
  const StackSize& size = one.size;
  const std::size_t layers = static_cast<std::size_t>(size.layers());
  const std::size_t width = static_cast<std::size_t>(size.readings);
  MediaResult result;
  result.readings.assign(static_cast<std::size_t>(one.samples) * width, 0.0);
  for (std::size_t l = 0; l < layers; ++l) {
    result.phase_gradient.emplace_back(data.base.phase[l].size());
    result.cotangent.push_back(data.transmission[l]);
    for (auto& wavelength : result.cotangent.back())
      for (auto& medium : wavelength) medium.assign(medium.size(), 0.0);
  }
  const GapSize& last = size.gaps.back();
  const auto pixel = [&](const ReadingWeight& entry) {
    return points(last.nx_out, entry.row) + static_cast<std::size_t>(entry.column);
  };
  for (std::size_t s = 0; s < static_cast<std::size_t>(one.samples); ++s) {
    double* const readings = result.readings.data() + s * width;
    std::vector<std::vector<std::vector<ComplexField>>> fields;  // [channel][plane][medium]
    for (int c = 0; c < size.channels(); ++c) {
      const std::size_t k = static_cast<std::size_t>(c / size.modes);
      std::vector<std::vector<ComplexField>> u{{data.base.source[s][static_cast<std::size_t>(c)]}};
      for (std::size_t g = 0; g <= layers; ++g) {
        const GapSize& at = size.gaps[g];
        const std::size_t in = u.back().size();
        std::vector<ComplexField> next(data.transfer[g][k].size() / in,
                                       ComplexField(points(at.nx_out, at.ny_out)));
        for (std::size_t link = 0; link < data.transfer[g][k].size(); ++link) {
          ComplexField v = u.back()[link % in];
          if (g > 0)
            for (std::size_t i = 0; i < v.size(); ++i)
              v[i] *= data.transmission[g - 1][k][link % in][i];
          v = propagate(v, at.nx_in, at.ny_in, data.transfer[g][k][link], at.mx, at.my, at.nx_out,
                        at.ny_out, false);
          for (std::size_t i = 0; i < v.size(); ++i) next[link / in][i] += v[i];
        }
        u.push_back(std::move(next));
      }
      for (const ReadingWeight& entry : data.base.weights[k])
        readings[entry.reading] +=
            data.base.mode_weights[static_cast<std::size_t>(c % size.modes)] * entry.weight *
            std::norm(u.back()[0][pixel(entry)]);
      fields.push_back(std::move(u));
    }
    for (int c = 0; c < size.channels(); ++c) {
      const std::size_t k = static_cast<std::size_t>(c / size.modes);
      const auto& u = fields[static_cast<std::size_t>(c)];
      std::vector<ComplexField> g{ComplexField(u.back()[0].size())};
      for (const ReadingWeight& entry : data.base.weights[k])
        g[0][pixel(entry)] +=
            2.0 * data.base.mode_weights[static_cast<std::size_t>(c % size.modes)] * entry.weight *
            cotangent_of(static_cast<int>(s), entry.reading, readings[entry.reading]) *
            u.back()[0][pixel(entry)];
      for (std::size_t l = layers; l-- > 0;) {
        const GapSize& at = size.gaps[l + 1];
        const std::size_t in = u[l + 1].size();
        std::vector<ComplexField> h(in, ComplexField(u[l + 1][0].size()));
        for (std::size_t link = 0; link < data.transfer[l + 1][k].size(); ++link) {
          const ComplexField v =
              propagate(g[link / in], at.nx_out, at.ny_out, data.transfer[l + 1][k][link], at.mx,
                        at.my, at.nx_in, at.ny_in, true);
          for (std::size_t i = 0; i < v.size(); ++i) h[link % in][i] += v[i];
        }
        for (std::size_t m = 0; m < in; ++m)
          for (std::size_t i = 0; i < h[m].size(); ++i) {
            const std::complex<double> t = data.transmission[l][k][m][i];
            result.phase_gradient[l][i] +=
                std::real(std::conj(h[m][i]) * std::complex<double>(0, 1) * t * u[l + 1][m][i]);
            result.cotangent[l][k][m][i] += std::conj(u[l + 1][m][i]) * h[m][i];
            h[m][i] *= std::conj(t);
          }
        g = std::move(h);
      }
    }
  }
  return result;
}

template <class T>
double media_error(const MediaCase& one) {
  const MediaData data = media_data(one);
  const StackSize& size = one.size;
  const auto engine = make_host_engine<T>(size, one.threads);
  for (int g = 0; g <= size.layers(); ++g)
    for (int k = 0; k < size.wavelengths; ++k)
      for (int link = 0; link < size.links(g); ++link)
        engine->set_transfer(g, k,
                             data.transfer[static_cast<std::size_t>(g)][static_cast<std::size_t>(k)]
                                          [static_cast<std::size_t>(link)],
                             link);
  for (int l = 0; l < size.layers(); ++l) {
    const std::size_t layer = static_cast<std::size_t>(l);
    if (size.plain_phase[layer]) {
      engine->set_phase(l, data.base.phase[layer]);
      continue;
    }
    for (int k = 0; k < size.wavelengths; ++k)
      for (int m = 0; m < size.media_at(l + 1); ++m)
        engine->set_transmission(
            l, k,
            data.transmission[layer][static_cast<std::size_t>(k)][static_cast<std::size_t>(m)], m);
  }
  for (std::size_t k = 0; k < data.base.weights.size(); ++k)
    engine->set_detector(static_cast<int>(k), data.base.weights[k]);
  engine->set_mode_weights(data.base.mode_weights);

  const MediaResult expected = media_reference(one, data);
  std::vector<double> readings(expected.readings.size());
  engine->run(request_of<T>({one.name, size, one.samples}, data.base), readings);
  double worst = relative_error(readings, expected.readings);
  for (int l = 0; l < size.layers(); ++l) {
    const std::size_t layer = static_cast<std::size_t>(l);
    if (size.plain_phase[layer]) {
      std::vector<double> gradient(expected.phase_gradient[layer].size());
      engine->phase_gradient(l, gradient);
      worst = std::max(worst, relative_error(gradient, expected.phase_gradient[layer]));
      continue;
    }
    for (std::size_t k = 0; k < expected.cotangent[layer].size(); ++k)
      for (std::size_t m = 0; m < expected.cotangent[layer][k].size(); ++m) {
        ComplexField g(expected.cotangent[layer][k][m].size());
        engine->transmission_cotangent(l, static_cast<int>(k), g, static_cast<int>(m));
        worst = std::max(worst, relative_error(g, expected.cotangent[layer][k][m]));
      }
  }
  return worst;
}

TEST(StackMedia, MatchTheSumOverLinks) {
  for (const MediaCase& one : media_cases()) {
    const double in_double = media_error<double>(one), in_float = media_error<float>(one);
    std::printf("  %-54s %.1e, float %.1e\n", one.name.c_str(), in_double, in_float);
    EXPECT_LT(in_double, 1e-12) << one.name;
    EXPECT_LT(in_float, 1e-4) << one.name;
  }
}

}  // namespace
}  // namespace wavesmith
