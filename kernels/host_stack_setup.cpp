// What the CPU's stack engine is told before a run and asked after it.
#include <algorithm>
#include <cmath>

#include "kernels/host_stack.hpp"
#include "kernels/lane_tiles.hpp"
#include "kernels/sine_cosine.hpp"

namespace wavesmith {
namespace host {

template <class T>
HostStackEngine<T>::HostStackEngine(const StackSize& size, int threads)
    : size_(size), threads_(threads) {
  for (const GapSize& gap : size.gaps) {
    GapData<T> data{
        gap, make_line_plan<T>(gap.mx), make_line_plan<T>(gap.my), round_up(gap.mx, lanes<T>), {}};
    data.transfer.resize(
        static_cast<std::size_t>(size.wavelengths * size.links(static_cast<int>(gaps_.size()))));
    gaps_.push_back(std::move(data));
    shapes_.push_back({gap.nx_in, gap.ny_in, lanes<T>});
  }
  shapes_.push_back({size.gaps.back().nx_out, size.gaps.back().ny_out, lanes<T>});
  for (int l = 0; l < size.layers(); ++l) {
    const std::size_t points = shape(l + 1).size();
    const bool plain = size.plain_phase[static_cast<std::size_t>(l)];
    transmission_.emplace_back();
    for (int k = 0; k < (plain ? 1 : size.wavelengths * size.media_at(l + 1)); ++k)
      transmission_.back().emplace_back(points);
  }
  detectors_.resize(static_cast<std::size_t>(size.wavelengths));
  mode_weights_.assign(static_cast<std::size_t>(size.modes), 1.0);
}

template <class T>
void HostStackEngine<T>::set_transfer(int gap, int wavelength,
                                      std::span<const std::complex<double>> values, int link) {
  GapData<T>& data = gaps_[static_cast<std::size_t>(gap)];
  const int mx = data.size.mx, my = data.size.my;
  const double scale = 1.0 / (static_cast<double>(mx) * static_cast<double>(my));
  auto& own = data.transfer[static_cast<std::size_t>(wavelength * size_.links(gap) + link)];
  if (!own || own.use_count() > 1)
    own = std::make_shared<ComplexArray<T>>(static_cast<std::size_t>(data.mx_padded) *
                                            static_cast<std::size_t>(my));
  const LaneField<T> to = own->field();
#pragma omp parallel for num_threads(threads_)
  for (int q = 0; q < my; ++q)
    for (int p = 0; p < mx; ++p) {
      const std::complex<double> value =
          scale * values[static_cast<std::size_t>(q) * static_cast<std::size_t>(mx) +
                         static_cast<std::size_t>(p)];
      const std::size_t i = (static_cast<std::size_t>(p / lanes<T>) * static_cast<std::size_t>(my) +
                             static_cast<std::size_t>(q)) *
                                static_cast<std::size_t>(lanes<T>) +
                            static_cast<std::size_t>(p % lanes<T>);
      to.re[i] = static_cast<T>(value.real());
      to.im[i] = static_cast<T>(value.imag());
    }
}

template <class T>
void HostStackEngine<T>::share_transfer(int gap, int wavelength, int from_gap, int from_wavelength,
                                        int link, int from_link) {
  const auto at = [this](int of_gap, int of_wavelength, int of_link) -> auto& {
    return gaps_[static_cast<std::size_t>(of_gap)]
        .transfer[static_cast<std::size_t>(of_wavelength * size_.links(of_gap) + of_link)];
  };
  at(gap, wavelength, link) = at(from_gap, from_wavelength, from_link);
}

template <class T>
void HostStackEngine<T>::set_transmission(int layer, int wavelength,
                                          std::span<const std::complex<double>> t, int medium) {
  const LaneShape& at = shape(layer + 1);
  const LaneField<T> to = transmission(layer, wavelength, medium).field();
#pragma omp parallel for num_threads(threads_)
  for (int block = 0; block < at.blocks(); ++block)
    write_lane_block<T>(at, block, to, [&](int row, int column, int count, T* re, T* im) {
      const std::complex<double>* const from =
          t.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(at.nx) +
          static_cast<std::size_t>(column);
      for (int i = 0; i < count; ++i) {
        re[i] = static_cast<T>(from[i].real());
        im[i] = static_cast<T>(from[i].imag());
      }
    });
}

template <class T>
void HostStackEngine<T>::set_phase(int layer, std::span<const double> phase) {
  const LaneShape& at = shape(layer + 1);
  const LaneField<T> to = transmission(layer, 0).field();
  const std::size_t nx = static_cast<std::size_t>(at.nx);
#pragma omp parallel for num_threads(threads_)
  for (int block = 0; block < at.blocks(); ++block)
    write_lane_block<T>(at, block, to, [&](int row, int column, int count, T* re, T* im) {
      const double* const x =
          phase.data() + static_cast<std::size_t>(row) * nx + static_cast<std::size_t>(column);
#pragma omp simd
      for (int i = 0; i < count; ++i) sine_cosine(x[i], im[i], re[i]);
    });
}

template <class T>
void HostStackEngine<T>::phase_gradient(int layer, std::span<double> gradient) {
  const LaneShape& at = shape(layer + 1);
  const auto& parts = gradient_[static_cast<std::size_t>(layer)];
  constexpr int w = lanes<T>;
#pragma omp parallel for num_threads(threads_)
  for (int block = 0; block < at.blocks(); ++block) {
    const int rows = std::min(w, at.ny - block * w);
    for (int column = 0; column < at.nx; column += w) {
      // Sums of a tile over the parts, in their order, then out row by row.
      alignas(64) double sum[w * w] = {};
      const int columns = std::min(w, at.nx - column);
      const std::size_t start = static_cast<std::size_t>(block) * at.block_size() +
                                static_cast<std::size_t>(column) * static_cast<std::size_t>(w);
      for (int part = 0; part < parts_used_; ++part) {
        const T* const from = parts[static_cast<std::size_t>(part)].values.data() + start;
#pragma omp simd
        for (int i = 0; i < columns * w; ++i) sum[i] += static_cast<double>(from[i]);
      }
      for (int row = 0; row < rows; ++row) {
        double* const to =
            gradient.data() +
            static_cast<std::size_t>(block * w + row) * static_cast<std::size_t>(at.nx) +
            static_cast<std::size_t>(column);
        for (int i = 0; i < columns; ++i) to[i] = sum[i * w + row];
      }
    }
  }
}

template <class T>
void HostStackEngine<T>::transmission_cotangent(int layer, int wavelength,
                                                std::span<std::complex<double>> g, int medium) {
  const LaneShape& at = shape(layer + 1);
  const auto& parts = gradient_[static_cast<std::size_t>(layer)];
#pragma omp parallel for num_threads(threads_)
  for (int row = 0; row < at.ny; ++row)
    for (int column = 0; column < at.nx; ++column) {
      double re = 0.0, im = 0.0;
      for (int part = 0; part < parts_used_; ++part) {
        const ComplexArray<T>& array = parts[static_cast<std::size_t>(
            part * gradient_arrays(layer) + wavelength * size_.media_at(layer + 1) + medium)];
        re += static_cast<double>(array.field().re[at.index(row, column)]);
        im += static_cast<double>(array.field().im[at.index(row, column)]);
      }
      g[static_cast<std::size_t>(row) * static_cast<std::size_t>(at.nx) +
        static_cast<std::size_t>(column)] = {re, im};
    }
}

template class HostStackEngine<float>;
template class HostStackEngine<double>;

}  // namespace host

template <class T>
std::unique_ptr<StackEngine<T>> make_host_engine(const StackSize& size, int threads) {
  return std::make_unique<host::HostStackEngine<T>>(size,
                                                    threads > 0 ? threads : host::thread_limit());
}
template std::unique_ptr<StackEngine<float>> make_host_engine<float>(const StackSize&, int);
template std::unique_ptr<StackEngine<double>> make_host_engine<double>(const StackSize&, int);

std::size_t estimate_engine_bytes(const StackSize& size, std::size_t scalar_bytes, int batch,
                                  int threads) {
  const double scalar = static_cast<double>(scalar_bytes);
  const double teams = std::min(batch, threads > 0 ? threads : host::thread_limit());
  double total = 0.0, largest = 0.0, spectrum = 0.0;
  int most_media = 1;
  const auto points = [](int nx, int ny) {
    return static_cast<double>(nx) * static_cast<double>(ny + 15);
  };
  // Fields on every plane, the source's too, and what an instrument reads in their place.
  const double fields = 2.0 * 2.0 * teams * size.channels() * scalar;
  if (!size.gaps.empty())
    total += fields * points(size.gaps.front().nx_in, size.gaps.front().ny_in);
  for (std::size_t gap = 0; gap < size.gaps.size(); ++gap) {
    const GapSize& g = size.gaps[gap];
    const int index = static_cast<int>(gap), media = size.media_at(index + 1);
    total += 2.0 * size.wavelengths * size.links(index) * points(g.mx + 15, g.my) * scalar;
    const double plane = points(g.nx_out, g.ny_out);
    total += fields * media * plane;
    if (gap + 1 < size.gaps.size()) {
      const bool plain = size.plain_phase[gap];
      const int arrays = plain ? 1 : size.wavelengths * media;
      total += 2.0 * (1 + host::gradient_parts) * arrays * plane * scalar;
    }
    most_media = std::max(most_media, media);
    largest = std::max({largest, plane, points(g.nx_in, g.ny_in)});
    spectrum = std::max(spectrum, points(g.mx + 15, std::max(g.ny_in, g.ny_out)));
  }
  total += 2.0 * teams * ((1.0 + 2.0 * most_media) * largest + spectrum) * scalar;
  return total >= 9.0e18 ? static_cast<std::size_t>(-1) : static_cast<std::size_t>(total);
}

}  // namespace wavesmith
