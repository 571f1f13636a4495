// Made-up stacks for the tests of the engines, with a plain reference in double precision.
//
// Transfer functions, transmissions and sources are random: nothing hides behind the smoothness or
// the symmetry of physical ones.
#pragma once

#include <complex>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "kernels/fft.hpp"
#include "kernels/stack_engine.hpp"

namespace wavesmith::test {

using ComplexField = std::vector<std::complex<double>>;

inline ComplexField random_field(std::size_t size, std::mt19937& generator) {
  std::normal_distribution<double> normal(0.0, 0.7);
  ComplexField field(size);
  for (auto& value : field) value = {normal(generator), normal(generator)};
  return field;
}

// out = crop(IDFT(h DFT(pad(in)))), or its adjoint: the sizes exchanged and h conjugated.
inline ComplexField propagate(const ComplexField& in, int nx_in, int ny_in, const ComplexField& h,
                              int mx, int my, int nx_out, int ny_out, bool adjoint) {
  const auto at = [](int row, int column, int width) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(column);
  };
  ComplexField padded(h.size());
  for (int j = 0; j < ny_in; ++j)
    for (int i = 0; i < nx_in; ++i) padded[at(j, i, mx)] = in[at(j, i, nx_in)];
  fft_2d(padded, my, mx, false);
  for (std::size_t i = 0; i < h.size(); ++i) padded[i] *= adjoint ? std::conj(h[i]) : h[i];
  fft_2d(padded, my, mx, true);
  ComplexField out(static_cast<std::size_t>(nx_out) * static_cast<std::size_t>(ny_out));
  for (int j = 0; j < ny_out; ++j)
    for (int i = 0; i < nx_out; ++i) out[at(j, i, nx_out)] = padded[at(j, i, mx)];
  return out;
}

struct StackCase {
  std::string name;
  StackSize size;
  int samples = 1;
};

inline GapSize gap(int nx_in, int ny_in, int nx_out, int ny_out, int mx, int my) {
  return {nx_in, ny_in, nx_out, ny_out, mx, my};
}

inline StackSize stack(std::vector<GapSize> gaps, std::vector<bool> plain, int readings,
                       int wavelengths = 1, int modes = 1) {
  StackSize size;
  size.gaps = std::move(gaps);
  size.plain_phase = std::move(plain);
  size.readings = readings;
  size.wavelengths = wavelengths;
  size.modes = modes;
  return size;
}

inline std::vector<StackCase> stack_cases() {
  return {
      {"one sample everywhere", stack({gap(1, 1, 1, 1, 1, 1), gap(1, 1, 1, 1, 1, 1)}, {false}, 1),
       2},
      {"no layer", stack({gap(7, 5, 9, 4, 16, 9)}, {}, 3), 3},
      {"no layer, wavelengths and modes", stack({gap(9, 16, 5, 23, 18, 40)}, {}, 2, 2, 3), 3},
      {"a row", stack({gap(40, 1, 40, 1, 80, 2), gap(40, 1, 33, 1, 75, 1)}, {true}, 4), 2},
      {"a column", stack({gap(1, 40, 1, 40, 2, 81), gap(1, 40, 3, 30, 4, 72)}, {false}, 4), 2},
      {"whole registers",
       stack({gap(16, 16, 16, 16, 32, 32), gap(16, 16, 16, 16, 32, 32)}, {true}, 5), 4},
      {"primes", stack({gap(13, 11, 17, 19, 37, 31), gap(17, 19, 12, 23, 29, 43)}, {false}, 3), 3},
      {"no padding", stack({gap(20, 12, 20, 12, 20, 12), gap(20, 12, 20, 12, 20, 12)}, {true}, 3),
       3},
      {"most of the grid",
       stack({gap(30, 33, 31, 37, 40, 45), gap(31, 37, 38, 41, 48, 50)}, {true}, 3), 2},
      {"three layers, mixed, channels",
       stack({gap(11, 14, 15, 13, 26, 27), gap(15, 13, 18, 10, 33, 24), gap(18, 10, 18, 10, 36, 20),
              gap(18, 10, 9, 21, 30, 49)},
             {true, false, true}, 4, 2, 2),
       5},
      {"a wavelength that nothing reads",
       stack({gap(8, 9, 8, 9, 16, 18), gap(8, 9, 8, 9, 16, 18)}, {false}, 3, 3, 1), 3},
      {"three general layers",
       stack({gap(12, 12, 12, 12, 24, 24), gap(12, 12, 12, 12, 24, 24), gap(12, 12, 12, 12, 24, 24),
              gap(12, 12, 12, 12, 24, 24)},
             {false, false, false}, 2, 1, 3),
       4},
      {"long radices",
       stack({gap(50, 40, 50, 40, 100, 80), gap(50, 40, 50, 40, 100, 80),
              gap(50, 40, 50, 40, 100, 80)},
             {true, true}, 10),
       3},
      {"long lines",
       stack({gap(500, 3, 700, 4, 1200, 7), gap(700, 4, 2, 900, 702, 960)}, {true}, 2), 2},
  };
}

struct StackData {
  std::vector<std::vector<ComplexField>> transfer;      // [gap][wavelength]
  std::vector<std::vector<double>> phase;               // [layer], of plain ones
  std::vector<std::vector<ComplexField>> transmission;  // [layer][wavelength]
  std::vector<std::vector<ReadingWeight>> weights;      // [wavelength]
  std::vector<double> mode_weights;
  std::vector<std::vector<ComplexField>> source;  // [sample][channel]
};

inline std::size_t points(int nx, int ny) {
  return static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny);
}

inline StackData random_data(const StackCase& one, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> angle(-4.0, 4.0), share(0.2, 1.0);
  const StackSize& size = one.size;
  StackData data;
  for (const GapSize& g : size.gaps) {
    data.transfer.emplace_back();
    for (int k = 0; k < size.wavelengths; ++k)
      data.transfer.back().push_back(random_field(points(g.mx, g.my), generator));
  }
  for (int l = 0; l < size.layers(); ++l) {
    const GapSize& before = size.gaps[static_cast<std::size_t>(l)];
    const std::size_t count = points(before.nx_out, before.ny_out);
    data.phase.emplace_back(count);
    data.transmission.emplace_back();
    for (double& value : data.phase.back()) value = angle(generator);
    for (int k = 0; k < size.wavelengths; ++k) {
      ComplexField t = random_field(count, generator);
      if (size.plain_phase[static_cast<std::size_t>(l)])
        for (std::size_t i = 0; i < count; ++i) t[i] = std::polar(1.0, data.phase.back()[i]);
      data.transmission.back().push_back(std::move(t));
    }
  }
  // Entries overlap, repeat and come in no order; weights may be negative.
  const GapSize& last = size.gaps.back();
  for (int k = 0; k < size.wavelengths; ++k) {
    data.weights.emplace_back();
    const int entries = 3 * size.readings + last.nx_out;
    for (int e = 0; e < entries; ++e)
      data.weights.back().push_back(
          {static_cast<int>(generator() % static_cast<unsigned>(size.readings)),
           static_cast<int>(generator() % static_cast<unsigned>(last.ny_out)),
           static_cast<int>(generator() % static_cast<unsigned>(last.nx_out)),
           share(generator) - 0.3});
    if (k == 2) {  // nothing reads the third wavelength
      data.weights.back().clear();
      continue;
    }
    data.weights.back().push_back({0, last.ny_out - 1, last.nx_out - 1, 0.5});
    data.weights.back().push_back({size.readings - 1, last.ny_out - 1, last.nx_out - 1, 0.25});
  }
  for (int m = 0; m < size.modes; ++m) data.mode_weights.push_back(share(generator));
  for (int s = 0; s < one.samples; ++s) {
    data.source.emplace_back();
    for (int c = 0; c < size.channels(); ++c)
      data.source.back().push_back(
          random_field(points(size.gaps[0].nx_in, size.gaps[0].ny_in), generator));
  }
  return data;
}

// A loss that is not linear: what cotangents depend on is the readings of the very sample.
inline double cotangent_of(int sample, int reading, double value) {
  return 0.3 + 0.1 * sample - 0.2 * reading + 0.05 * value;
}

struct StackResult {
  std::vector<double> readings;
  std::vector<std::vector<double>> phase_gradient;   // [layer], empty for general ones
  std::vector<std::vector<ComplexField>> cotangent;  // [layer][wavelength], empty for plain ones
  std::vector<std::vector<std::vector<ComplexField>>> u;  // [sample][channel][plane 0 .. L + 1]
};

inline StackResult reference_result(const StackCase& one, const StackData& data) {
  const StackSize& size = one.size;
  const std::size_t layers = static_cast<std::size_t>(size.layers());
  const std::size_t width = static_cast<std::size_t>(size.readings);
  StackResult result;
  result.readings.assign(static_cast<std::size_t>(one.samples) * width, 0.0);
  result.phase_gradient.resize(layers);
  result.cotangent.resize(layers);
  for (std::size_t l = 0; l < layers; ++l) {
    const std::size_t count = data.phase[l].size();
    if (size.plain_phase[l])
      result.phase_gradient[l].assign(count, 0.0);
    else
      result.cotangent[l].assign(static_cast<std::size_t>(size.wavelengths), ComplexField(count));
  }
  const GapSize& last = size.gaps.back();
  const auto pixel = [&](const ReadingWeight& entry) {
    return points(last.nx_out, entry.row) + static_cast<std::size_t>(entry.column);
  };
  for (int s = 0; s < one.samples; ++s) {
    double* const readings = result.readings.data() + static_cast<std::size_t>(s) * width;
    std::vector<std::vector<ComplexField>> fields;
    for (int c = 0; c < size.channels(); ++c) {
      const std::size_t k = static_cast<std::size_t>(c / size.modes);
      std::vector<ComplexField> u{
          data.source[static_cast<std::size_t>(s)][static_cast<std::size_t>(c)]};
      for (std::size_t g = 0; g <= layers; ++g) {
        ComplexField v = u.back();
        if (g > 0)
          for (std::size_t i = 0; i < v.size(); ++i) v[i] *= data.transmission[g - 1][k][i];
        const GapSize& at = size.gaps[g];
        u.push_back(propagate(v, at.nx_in, at.ny_in, data.transfer[g][k], at.mx, at.my, at.nx_out,
                              at.ny_out, false));
      }
      for (const ReadingWeight& entry : data.weights[k])
        readings[entry.reading] += data.mode_weights[static_cast<std::size_t>(c % size.modes)] *
                                   entry.weight * std::norm(u.back()[pixel(entry)]);
      fields.push_back(std::move(u));
    }
    for (int c = 0; c < size.channels(); ++c) {
      const std::size_t k = static_cast<std::size_t>(c / size.modes);
      const std::vector<ComplexField>& u = fields[static_cast<std::size_t>(c)];
      ComplexField g(u.back().size());
      for (const ReadingWeight& entry : data.weights[k])
        g[pixel(entry)] += 2.0 * data.mode_weights[static_cast<std::size_t>(c % size.modes)] *
                           entry.weight * cotangent_of(s, entry.reading, readings[entry.reading]) *
                           u.back()[pixel(entry)];
      for (std::size_t l = layers; l-- > 0;) {
        const GapSize& at = size.gaps[l + 1];
        g = propagate(g, at.nx_out, at.ny_out, data.transfer[l + 1][k], at.mx, at.my, at.nx_in,
                      at.ny_in, true);
        for (std::size_t i = 0; i < g.size(); ++i) {
          const std::complex<double> t = data.transmission[l][k][i];
          if (size.plain_phase[l])
            result.phase_gradient[l][i] +=
                std::real(std::conj(g[i]) * std::complex<double>(0, 1) * t * u[l + 1][i]);
          else
            result.cotangent[l][k][i] += std::conj(u[l + 1][i]) * g[i];
          g[i] *= std::conj(t);
        }
      }
    }
    result.u.push_back(std::move(fields));
  }
  return result;
}

template <class T>
void load_engine(StackEngine<T>& engine, const StackCase& one, const StackData& data) {
  for (std::size_t g = 0; g < data.transfer.size(); ++g)
    for (std::size_t k = 0; k < data.transfer[g].size(); ++k)
      engine.set_transfer(static_cast<int>(g), static_cast<int>(k), data.transfer[g][k]);
  for (std::size_t l = 0; l < data.phase.size(); ++l) {
    if (one.size.plain_phase[l]) {
      engine.set_phase(static_cast<int>(l), data.phase[l]);
      continue;
    }
    for (std::size_t k = 0; k < data.transmission[l].size(); ++k)
      engine.set_transmission(static_cast<int>(l), static_cast<int>(k), data.transmission[l][k]);
  }
  for (std::size_t k = 0; k < data.weights.size(); ++k)
    engine.set_detector(static_cast<int>(k), data.weights[k]);
  engine.set_mode_weights(data.mode_weights);
}

template <class T>
StackRequest<T> request_of(const StackCase& one, const StackData& data) {
  StackRequest<T> request;
  request.samples = one.samples;
  request.fill = [&data](int sample, int channel, const LaneShape& shape, LaneField<T> field) {
    const ComplexField& source =
        data.source[static_cast<std::size_t>(sample)][static_cast<std::size_t>(channel)];
    std::size_t k = 0;
    for (int row = 0; row < shape.ny; ++row)
      for (int column = 0; column < shape.nx; ++column) {
        field.re[shape.index(row, column)] = static_cast<T>(source[k].real());
        field.im[shape.index(row, column)] = static_cast<T>(source[k++].imag());
      }
  };
  request.cotangent = [](int sample, std::span<const double> readings,
                         std::span<double> cotangent) {
    for (std::size_t r = 0; r < readings.size(); ++r)
      cotangent[r] = cotangent_of(sample, static_cast<int>(r), readings[r]);
  };
  return request;
}

// Readings and gradients of a loaded engine.
template <class T>
StackResult run_engine(StackEngine<T>& engine, const StackCase& one,
                       const StackRequest<T>& request) {
  StackResult result;
  result.readings.assign(
      static_cast<std::size_t>(request.samples) * static_cast<std::size_t>(one.size.readings),
      -1.0);
  engine.run(request, result.readings);
  for (int l = 0; l < one.size.layers(); ++l) {
    const GapSize& before = one.size.gaps[static_cast<std::size_t>(l)];
    const std::size_t count = points(before.nx_out, before.ny_out);
    result.phase_gradient.emplace_back();
    result.cotangent.emplace_back();
    if (one.size.plain_phase[static_cast<std::size_t>(l)]) {
      result.phase_gradient.back().resize(count);
      engine.phase_gradient(l, result.phase_gradient.back());
      continue;
    }
    for (int k = 0; k < one.size.wavelengths; ++k) {
      result.cotangent.back().emplace_back(count);
      engine.transmission_cotangent(l, k, result.cotangent.back().back());
    }
  }
  return result;
}

template <class T>
StackResult run_case(StackEngine<T>& engine, const StackCase& one, const StackData& data) {
  load_engine(engine, one, data);
  return run_engine(engine, one, request_of<T>(one, data));
}

// |a - b| / |b|, of real or complex arrays.
template <class Array>
double relative_error(const Array& a, const Array& b) {
  double difference = 0.0, length = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += std::norm(a[i] - b[i]);
    length += std::norm(b[i]);
  }
  return length > 0.0 ? std::sqrt(difference / length) : std::sqrt(difference);
}

// The largest relative error among readings and each layer's gradients.
inline double largest_error(const StackResult& a, const StackResult& b) {
  double worst = relative_error(a.readings, b.readings);
  for (std::size_t l = 0; l < b.phase_gradient.size(); ++l) {
    worst = std::max(worst, relative_error(a.phase_gradient[l], b.phase_gradient[l]));
    for (std::size_t k = 0; k < b.cotangent[l].size(); ++k)
      worst = std::max(worst, relative_error(a.cotangent[l][k], b.cotangent[l][k]));
  }
  return worst;
}

inline bool same_bits(const StackResult& a, const StackResult& b) {
  return a.readings == b.readings && a.phase_gradient == b.phase_gradient &&
         a.cotangent == b.cotangent;
}

}  // namespace wavesmith::test
