// Blocks of samples for the marches of kernels/host_kerr_march.hpp, shared by threads.
#include <algorithm>
#include <memory>

#include "kernels/host_kerr_march.hpp"
#include "kernels/host_team.hpp"

namespace wavesmith {
namespace {

using host::LaneModes;
using host::Vector;
using host::vector_points;

using Fields = std::span<const std::complex<double>>;

// Samples `first` .. first + lanes - 1 of batch x modes into lanes; the other lanes become zero,
// and so does everything where `from` is empty.
template <class T>
void load(Fields from, std::size_t modes, std::size_t first, std::size_t lanes, LaneModes<T>& to) {
  constexpr std::size_t w = static_cast<std::size_t>(vector_points<T>);
  T* x = reinterpret_cast<T*>(to.x());
  T* p = reinterpret_cast<T*>(to.p());
  std::fill(x, x + modes * w, T(0));
  std::fill(p, p + modes * w, T(0));
  if (from.empty()) return;
  for (std::size_t lane = 0; lane < lanes; ++lane)
    for (std::size_t j = 0; j < modes; ++j) {
      const std::complex<double> value = from[(first + lane) * modes + j];
      x[j * w + lane] = static_cast<T>(value.real());
      p[j * w + lane] = static_cast<T>(value.imag());
    }
}

template <class T>
void store(const LaneModes<T>& from, std::size_t modes, std::size_t first, std::size_t lanes,
           std::span<std::complex<double>> to) {
  constexpr std::size_t w = static_cast<std::size_t>(vector_points<T>);
  const T* x = reinterpret_cast<const T*>(from.x());
  const T* p = reinterpret_cast<const T*>(from.p());
  for (std::size_t lane = 0; lane < lanes; ++lane)
    for (std::size_t j = 0; j < modes; ++j)
      to[(first + lane) * modes + j] = {static_cast<double>(x[j * w + lane]),
                                        static_cast<double>(p[j * w + lane])};
}

// Calls work(workspace, first sample, samples in use) for every block.
template <class T, class Work>
void for_blocks(const KerrTables<T>& tables, int threads, std::size_t samples, const Work& work) {
  constexpr std::size_t w = static_cast<std::size_t>(vector_points<T>);
  const std::size_t blocks = (samples + w - 1) / w;
  const std::size_t wanted = static_cast<std::size_t>(threads > 0 ? threads : host::thread_limit());
  const std::size_t team = std::clamp<std::size_t>(blocks, 1, wanted);
  // Memory is taken before the threads start: nothing may throw among them.
  std::vector<std::unique_ptr<host::KerrWorkspace<T>>> spaces;
  for (std::size_t i = 0; i < team; ++i)
    spaces.push_back(std::make_unique<host::KerrWorkspace<T>>(tables.modes()));
#pragma omp parallel for num_threads(static_cast <int>(team)) schedule(dynamic, 1)
  for (std::size_t block = 0; block < blocks; ++block) {
    const host::FlushDenormals flush;
    work(*spaces[static_cast<std::size_t>(host::thread_number())], block * w,
         std::min(w, samples - block * w));
  }
}

template <class T>
void load_detunings(const KerrTables<T>& tables, std::span<const double> shift, std::size_t first,
                    std::size_t lanes, T* to) {
  constexpr std::size_t w = static_cast<std::size_t>(vector_points<T>);
  const std::size_t modes = tables.detuning.size();
  for (std::size_t j = 0; j < modes; ++j) {
    std::fill(to + j * w, to + (j + 1) * w, static_cast<T>(tables.detuning[j]));
    if (!shift.empty())
      for (std::size_t lane = 0; lane < lanes; ++lane)
        to[j * w + lane] = static_cast<T>(tables.detuning[j] + shift[(first + lane) * modes + j]);
  }
}

template <class T, class MakeFlow>
void settle(const KerrTables<T>& tables, const SettleSettings& settings, int threads,
            const KerrArrays& arrays, Fields at, std::span<Settled> settled,
            const MakeFlow& make_flow) {
  const std::size_t modes = static_cast<std::size_t>(tables.modes());
  for_blocks<T>(tables, threads, settled.size(),
                [&](host::KerrWorkspace<T>& work, std::size_t first, std::size_t lanes) {
                  load<T>(arrays.drive, modes, first, lanes, work.drive);
                  load<T>(arrays.start, modes, first, lanes, work.state);
                  load<T>(at, modes, first, lanes, work.at);
                  load_detunings<T>(tables, arrays.shift, first, lanes, work.detuning.data());
                  const auto flow = make_flow(work);
                  host::KerrMarch<T, std::decay_t<decltype(flow)>> march(flow, settings, work);
                  march.run();
                  march.report(settled.subspan(first, lanes));
                  store<T>(work.state, modes, first, lanes, arrays.state);
                });
}

}  // namespace

template <class T>
void settle_kerr(const KerrTables<T>& tables, const SettleSettings& settings, int threads,
                 const KerrArrays& arrays, std::span<Settled> settled) {
  settle<T>(tables, settings, threads, arrays, {}, settled, [&](host::KerrWorkspace<T>& work) {
    return host::NetworkFlow<T>{tables, work.detunings(), work.drive.x(), work.drive.p()};
  });
}

template <class T>
void settle_kerr_derivative(const KerrTables<T>& tables, const SettleSettings& settings,
                            int threads, KerrDerivative kind, Fields at, const KerrArrays& arrays,
                            std::span<Settled> settled) {
  if (kind == KerrDerivative::transposed)
    settle<T>(tables, settings, threads, arrays, at, settled, [&](host::KerrWorkspace<T>& work) {
      return host::DerivativeFlow<T, true>{tables,         work.detunings(), work.drive.x(),
                                           work.drive.p(), work.at.x(),      work.at.p()};
    });
  else
    settle<T>(tables, settings, threads, arrays, at, settled, [&](host::KerrWorkspace<T>& work) {
      return host::DerivativeFlow<T, false>{tables,         work.detunings(), work.drive.x(),
                                            work.drive.p(), work.at.x(),      work.at.p()};
    });
}

void kerr_products(std::span<const KerrEnds> bonds, Fields v, Fields y, int threads,
                   std::span<double> detunings, std::span<double> couplings) {
  constexpr std::size_t chunk = 16;  // samples whose sum one thread makes
  const std::size_t modes = detunings.size(), width = modes + bonds.size();
  const std::size_t samples = modes > 0 ? v.size() / modes : 0;
  const std::size_t chunks = (samples + chunk - 1) / chunk;
  std::vector<double> partial(chunks * width);
  const int team = threads > 0 ? threads : host::thread_limit();
#pragma omp parallel for num_threads(team) schedule(dynamic, 1)
  for (std::size_t c = 0; c < chunks; ++c) {
    double* sum = partial.data() + c * width;
    for (std::size_t s = c * chunk; s < std::min(samples, (c + 1) * chunk); ++s) {
      const std::complex<double>*from = v.data() + s * modes, *field = y.data() + s * modes;
      const auto product = [&](std::size_t a, std::size_t b) {
        return from[a].real() * field[b].imag() - from[a].imag() * field[b].real();
      };
      for (std::size_t j = 0; j < modes; ++j) sum[j] += product(j, j);
      for (std::size_t b = 0; b < bonds.size(); ++b) {
        const std::size_t j = static_cast<std::size_t>(bonds[b].first);
        const std::size_t l = static_cast<std::size_t>(bonds[b].second);
        sum[modes + b] += product(j, l) + product(l, j);
      }
    }
  }
  std::fill(detunings.begin(), detunings.end(), 0.0);
  std::fill(couplings.begin(), couplings.end(), 0.0);
  for (std::size_t c = 0; c < chunks; ++c) {
    const double* sum = partial.data() + c * width;
    for (std::size_t j = 0; j < modes; ++j) detunings[j] += sum[j];
    for (std::size_t b = 0; b < bonds.size(); ++b) couplings[b] += sum[modes + b];
  }
}

template void settle_kerr(const KerrTables<float>&, const SettleSettings&, int, const KerrArrays&,
                          std::span<Settled>);
template void settle_kerr(const KerrTables<double>&, const SettleSettings&, int, const KerrArrays&,
                          std::span<Settled>);
template void settle_kerr_derivative(const KerrTables<float>&, const SettleSettings&, int,
                                     KerrDerivative, std::span<const std::complex<double>>,
                                     const KerrArrays&, std::span<Settled>);
template void settle_kerr_derivative(const KerrTables<double>&, const SettleSettings&, int,
                                     KerrDerivative, std::span<const std::complex<double>>,
                                     const KerrArrays&, std::span<Settled>);

}  // namespace wavesmith
