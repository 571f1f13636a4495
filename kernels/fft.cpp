#include "kernels/fft.hpp"

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

#include "kernels/host_lines.hpp"

namespace wavesmith {
namespace {

using Vector = host::Vector<double>;
constexpr int lanes = lane_count<double>;

struct LineBuffer {
  std::vector<Vector> re, im;
  explicit LineBuffer(int n)
      : re(static_cast<std::size_t>(n), Vector{}), im(static_cast<std::size_t>(n), Vector{}) {}
  host::Lines<double> lines() { return {re.data(), im.data()}; }
};

// Transforms `count` lines of n values; value i of line l is data[l * line_step + i * step].
void transform_lines(std::complex<double>* data, int n, int count, std::ptrdiff_t step,
                     std::ptrdiff_t line_step, bool inverse) {
  const LinePlan<double> plan = make_line_plan<double>(n);
  LineBuffer line(n), a(n), b(n);
  for (int first = 0; first < count; first += lanes) {
    const int used = std::min(lanes, count - first);
    for (int i = 0; i < n; ++i)
      for (int l = 0; l < used; ++l) {
        const std::complex<double> value = data[(first + l) * line_step + i * step];
        line.re[static_cast<std::size_t>(i)][l] = value.real();
        line.im[static_cast<std::size_t>(i)][l] = value.imag();
      }
    const host::Lines<double> lines = inverse ? line.lines().exchanged() : line.lines();
    host::transform(plan, lines, n, lines, n, a.lines(), b.lines());
    for (int i = 0; i < n; ++i)
      for (int l = 0; l < used; ++l)
        data[(first + l) * line_step + i * step] = {line.re[static_cast<std::size_t>(i)][l],
                                                    line.im[static_cast<std::size_t>(i)][l]};
  }
}

}  // namespace

void fft_2d(std::span<std::complex<double>> values, int ny, int nx, bool inverse) {
  transform_lines(values.data(), nx, ny, 1, nx, inverse);
  transform_lines(values.data(), ny, nx, nx, 1, inverse);
  if (inverse) {
    const double scale = 1.0 / (static_cast<double>(nx) * static_cast<double>(ny));
    for (std::complex<double>& value : values) value *= scale;
  }
}

int fast_length(int n) {
  for (;; ++n) {
    int rest = n;
    for (const int prime : {2, 3, 5})
      while (rest % prime == 0) rest /= prime;
    if (rest == 1) return n;
  }
}

}  // namespace wavesmith
