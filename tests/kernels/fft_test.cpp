// The double transforms against the sum that defines them, for lengths of every kind of factor.
#include "kernels/fft.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstdio>
#include <numbers>
#include <random>
#include <utility>
#include <vector>

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Field = std::vector<Complex>;

Field random_field(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Field field(size);
  for (Complex& value : field) value = {normal(generator), normal(generator)};
  return field;
}

// exp(sign 2 pi i k / n), k < n.
Field roots_of_unity(int n, double sign) {
  Field roots;
  for (int k = 0; k < n; ++k) {
    const long double angle = sign * 2.0L * std::numbers::pi_v<long double> * k / n;
    roots.emplace_back(static_cast<double>(std::cos(angle)), static_cast<double>(std::sin(angle)));
  }
  return roots;
}

// The definition, line by line: `count` lines of n values, `step` apart, lines `line_step` apart.
Field direct_lines(const Field& in, int n, int count, int step, int line_step, double sign) {
  const Field roots = roots_of_unity(n, sign);
  Field out(in.size());
  for (int line = 0; line < count; ++line)
    for (int k = 0; k < n; ++k) {
      std::complex<long double> sum = 0;
      long long turn = 0;
      for (int j = 0; j < n; ++j) {
        const Complex term = in[static_cast<std::size_t>(line * line_step + j * step)] *
                             roots[static_cast<std::size_t>(turn)];
        sum += std::complex<long double>(term.real(), term.imag());
        turn = (turn + k) % n;
      }
      out[static_cast<std::size_t>(line * line_step + k * step)] =
          Complex(static_cast<double>(sum.real()), static_cast<double>(sum.imag()));
    }
  return out;
}

Field direct(const Field& in, int ny, int nx, bool inverse) {
  const double sign = inverse ? 1.0 : -1.0;
  Field out = direct_lines(in, nx, ny, 1, nx, sign);
  out = direct_lines(out, ny, nx, nx, 1, sign);
  if (inverse)
    for (Complex& value : out) value /= static_cast<double>(nx) * ny;
  return out;
}

double norm(const Field& field) {
  double sum = 0.0;
  for (const Complex& value : field) sum += std::norm(value);
  return std::sqrt(sum);
}

double relative_error(const Field& a, const Field& b) {
  Field difference = a;
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] -= b[i];
  return norm(difference) / norm(b);
}

// {ny, nx}
std::vector<std::pair<int, int>> sizes() {
  std::vector<std::pair<int, int>> all;
  for (int n = 1; n <= 64; ++n) all.push_back({1, n});
  for (int n = 2; n <= 30; ++n) all.push_back({n, 31 - n});
  for (const int prime :
       {7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97}) {
    all.push_back({3, prime});
    all.push_back({prime, 9});
    all.push_back({1, 2 * prime});
  }
  // Products: of small primes, of large primes, squares of primes, each radix alone and with
  // others.
  for (const int n :
       {7 * 7, 7 * 11, 7 * 7 * 7, 11 * 13 * 2, 97 * 5, 2 * 3 * 5 * 7, 12 * 15, 16 * 25, 20 * 20,
        9 * 9 * 3, 25 * 25, 10 * 12, 8 * 6, 400, 480, 500, 512, 720})
    all.push_back({2, n});
  for (const int n : {1024, 2187, 2310, 3125, 3600, 4096}) all.push_back({1, n});  // long lines
  all.push_back({2048, 1});
  all.push_back({1, 2003});  // and a long prime
  return all;
}

TEST(Fft, IsTheSumThatDefinesIt) {
  double worst = 0.0;
  for (const auto& [ny, nx] : sizes())
    for (const bool inverse : {false, true}) {
      if (inverse && nx * ny > 1500) continue;
      const Field in = random_field(static_cast<std::size_t>(nx * ny), 1);
      Field out = in;
      fft_2d(out, ny, nx, inverse);
      const double error = relative_error(out, direct(in, ny, nx, inverse));
      EXPECT_LT(error, 3e-15) << ny << " x " << nx << (inverse ? ", inverse" : ", forward");
      worst = std::max(worst, error);
    }
  std::printf("worst relative error %.1e over %zu sizes\n", worst, sizes().size());
}

TEST(Fft, InverseUndoesForward) {
  for (const auto& [ny, nx] : sizes()) {
    const Field in = random_field(static_cast<std::size_t>(nx * ny), 2);
    Field out = in;
    fft_2d(out, ny, nx, false);
    fft_2d(out, ny, nx, true);
    EXPECT_LT(relative_error(out, in), 4e-15) << ny << " x " << nx;
  }
}

TEST(Fft, KeepsThePower) {  // Parseval
  for (const auto& [ny, nx] : sizes()) {
    Field field = random_field(static_cast<std::size_t>(nx * ny), 3);
    const double before = norm(field);
    fft_2d(field, ny, nx, false);
    EXPECT_NEAR(norm(field) / (before * std::sqrt(static_cast<double>(nx) * ny)), 1.0, 2e-15)
        << ny << " x " << nx;
  }
}

// More lines than one vector register holds, and a last register that is not full.
TEST(Fft, EveryLineIsItsOwn) {
  for (const int ny : {1, 7, 8, 9, 23}) {
    const int nx = 12;
    const Field in = random_field(static_cast<std::size_t>(nx * ny), 4);
    Field out = in;
    fft_2d(out, ny, nx, false);
    EXPECT_LT(relative_error(out, direct(in, ny, nx, false)), 1e-15) << ny;
  }
}

TEST(Fft, FastLengthIsTheNextProductOfTwoThreeAndFive) {
  std::vector<bool> fast(5000, false);
  for (int a = 1; a < 5000; a *= 2)
    for (int b = a; b < 5000; b *= 3)
      for (int c = b; c < 5000; c *= 5) fast[static_cast<std::size_t>(c)] = true;
  int next = 4860;  // 2^2 3^5 5
  for (int n = next; n >= 1; --n) {
    if (fast[static_cast<std::size_t>(n)]) next = n;
    ASSERT_EQ(fast_length(n), next) << n;
  }
}

}  // namespace
}  // namespace wavesmith
