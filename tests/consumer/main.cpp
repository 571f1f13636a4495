// The smallest use of the installed package: the spectrum of a constant field is one peak.
#include <complex>
#include <cstdio>
#include <vector>

#include "core/error.hpp"
#include "kernels/fft.hpp"

int main() try {
  const int n = wavesmith::fast_length(7);
  std::vector<std::complex<double>> field(static_cast<std::size_t>(n) * n, 1.0);
  wavesmith::fft_2d(field, n, n, false);
  const double peak = field.front().real();
  std::printf("%d x %d, peak %g\n", n, n, peak);
  return n == 8 && peak == 64.0 ? 0 : 1;
} catch (const wavesmith::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.status());
}
