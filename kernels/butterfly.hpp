// Discrete Fourier transforms of a handful of values held in registers.
//
// dft<R>(a): a[k] <- sum_j a[j] exp(-2 pi i j k / R). V is whatever can be added and multiplied: a
// float or double on a GPU thread, a vector of lanes on a CPU core. Radices 2, 3, 4 and 5 are
// written out; products of them are one step of Cooley and Tukey (Math. Comp. 19, 297, 1965) with
// constant twiddle factors.
#pragma once

#include <utility>

#include "kernels/portable.hpp"

namespace wavesmith {

template <class V>
struct Cx {
  V re, im;
};

template <class V>
WAVESMITH_HD Cx<V> operator+(const Cx<V>& a, const Cx<V>& b) {
  return {a.re + b.re, a.im + b.im};
}
template <class V>
WAVESMITH_HD Cx<V> operator-(const Cx<V>& a, const Cx<V>& b) {
  return {a.re - b.re, a.im - b.im};
}
template <class V, class S>
WAVESMITH_HD Cx<V> multiply(const Cx<V>& a, S re, S im) {
  return {a.re * re - a.im * im, a.re * im + a.im * re};
}
template <class V>
WAVESMITH_HD Cx<V> times_minus_i(const Cx<V>& a) {
  return {a.im, -a.re};
}

namespace turns {  // sine and cosine at compile time

constexpr double pi = 3.141592653589793238462643383279502884;

// Taylor series on [0, pi/4], where 12 terms are exact to rounding.
constexpr long double series(long double x, bool cosine) {
  long double term = cosine ? 1.0L : x, sum = 0.0L;
  for (int n = cosine ? 1 : 2; n < 40; n += 2) {
    sum += term;
    term *= -x * x / (static_cast<long double>(n) * static_cast<long double>(n + 1));
  }
  return sum;
}
// cos and sin of 2 pi k / n, by octants.
constexpr long double cosine(int k, int n);
constexpr long double sine(int k, int n) {
  k = ((k % n) + n) % n;
  if (2 * k > n) return -sine(n - k, n);
  if (4 * k > n) return sine(n - 2 * k, 2 * n);  // sin(pi - x)
  const long double x = 2.0L * 3.141592653589793238462643383279502884L * k / n;
  if (8 * k > n) return series(3.141592653589793238462643383279502884L / 2.0L - x, true);
  return series(x, false);
}
constexpr long double cosine(int k, int n) {
  return sine(n + 4 * (k % n), 4 * n);
}

// As constants of the program, since device code cannot call what computes them.
template <int K, int N>
inline constexpr double cosine_of = static_cast<double>(cosine(K, N));
template <int K, int N>
inline constexpr double sine_of = static_cast<double>(sine(K, N));

}  // namespace turns

template <int R>
struct Dft;

template <>
struct Dft<1> {
  template <class S, class V>
  static WAVESMITH_HD void apply(Cx<V>*) {}
};

template <>
struct Dft<2> {
  template <class S, class V>
  static WAVESMITH_HD void apply(Cx<V>* a) {
    const Cx<V> t = a[0] - a[1];
    a[0] = a[0] + a[1];
    a[1] = t;
  }
};

template <>
struct Dft<3> {
  template <class S, class V>
  static WAVESMITH_HD void apply(Cx<V>* a) {
    constexpr S half = S(0.5), h = S(0.8660254037844386467637231707529362);
    const Cx<V> sum = a[1] + a[2], difference = a[1] - a[2];
    const Cx<V> centre{a[0].re - half * sum.re, a[0].im - half * sum.im};
    const Cx<V> side{h * difference.im, -h * difference.re};
    a[0] = a[0] + sum;
    a[1] = centre + side;
    a[2] = centre - side;
  }
};

template <>
struct Dft<4> {
  template <class S, class V>
  static WAVESMITH_HD void apply(Cx<V>* a) {
    const Cx<V> s02 = a[0] + a[2], d02 = a[0] - a[2], s13 = a[1] + a[3];
    const Cx<V> d13 = times_minus_i(a[1] - a[3]);
    a[0] = s02 + s13;
    a[1] = d02 + d13;
    a[2] = s02 - s13;
    a[3] = d02 - d13;
  }
};

template <>
struct Dft<5> {
  template <class S, class V>
  static WAVESMITH_HD void apply(Cx<V>* a) {
    constexpr S c1 = S(turns::cosine_of<1, 5>), c2 = S(turns::cosine_of<2, 5>);
    constexpr S s1 = S(turns::sine_of<1, 5>), s2 = S(turns::sine_of<2, 5>);
    const Cx<V> p1 = a[1] + a[4], m1 = a[1] - a[4], p2 = a[2] + a[3], m2 = a[2] - a[3];
    const Cx<V> e1{a[0].re + c1 * p1.re + c2 * p2.re, a[0].im + c1 * p1.im + c2 * p2.im};
    const Cx<V> e2{a[0].re + c2 * p1.re + c1 * p2.re, a[0].im + c2 * p1.im + c1 * p2.im};
    const Cx<V> o1{s1 * m1.im + s2 * m2.im, -(s1 * m1.re + s2 * m2.re)};
    const Cx<V> o2{s2 * m1.im - s1 * m2.im, -(s2 * m1.re - s1 * m2.re)};
    a[0] = a[0] + p1 + p2;
    a[1] = e1 + o1;
    a[2] = e2 + o2;
    a[3] = e2 - o2;
    a[4] = e1 - o1;
  }
};

// R = A B: columns of length A, twiddles, rows of length B.
template <int A, int B>
struct CompositeDft {
  template <class S, int K, class V>
  static WAVESMITH_HD void twiddle(Cx<V>& value) {
    constexpr int n = A * B;
    constexpr int k = K % n;
    if constexpr (k == 0) {
      return;
    } else if constexpr (4 * k == n) {
      value = times_minus_i(value);
    } else if constexpr (2 * k == n) {
      value = {-value.re, -value.im};
    } else if constexpr (8 * k == n) {
      constexpr S h = S(0.7071067811865475244008443621048490);
      value = {h * (value.re + value.im), h * (value.im - value.re)};
    } else if constexpr (8 * k == 3 * n) {
      constexpr S h = S(0.7071067811865475244008443621048490);
      value = {h * (value.im - value.re), -h * (value.re + value.im)};
    } else {
      constexpr S c = S(turns::cosine_of<k, n>), s = S(turns::sine_of<k, n>);
      value = multiply(value, c, -s);
    }
  }

  template <class S, int J, class V, int... K>
  static WAVESMITH_HD void column(const Cx<V>* a, Cx<V>* t, std::integer_sequence<int, K...>) {
    Cx<V> c[A] = {a[B * K + J]...};
    Dft<A>::template apply<S>(c);
    (twiddle<S, J * K>(c[K]), ...);
    ((t[K * B + J] = c[K]), ...);
  }
  template <class S, class V, int... J>
  static WAVESMITH_HD void columns(const Cx<V>* a, Cx<V>* t, std::integer_sequence<int, J...>) {
    (column<S, J>(a, t, std::make_integer_sequence<int, A>{}), ...);
  }
  template <class S, int K, class V, int... J>
  static WAVESMITH_HD void row(Cx<V>* t, Cx<V>* a, std::integer_sequence<int, J...>) {
    Dft<B>::template apply<S>(t + K * B);
    ((a[K + A * J] = t[K * B + J]), ...);
  }
  template <class S, class V, int... K>
  static WAVESMITH_HD void rows(Cx<V>* t, Cx<V>* a, std::integer_sequence<int, K...>) {
    (row<S, K>(t, a, std::make_integer_sequence<int, B>{}), ...);
  }
  template <class S, class V>
  static WAVESMITH_HD void apply(Cx<V>* a) {
    Cx<V> t[A * B];
    columns<S>(a, t, std::make_integer_sequence<int, B>{});
    rows<S>(t, a, std::make_integer_sequence<int, A>{});
  }
};

template <>
struct Dft<6> : CompositeDft<2, 3> {};
template <>
struct Dft<8> : CompositeDft<2, 4> {};
template <>
struct Dft<9> : CompositeDft<3, 3> {};
template <>
struct Dft<10> : CompositeDft<2, 5> {};
template <>
struct Dft<12> : CompositeDft<3, 4> {};
template <>
struct Dft<15> : CompositeDft<3, 5> {};
template <>
struct Dft<16> : CompositeDft<4, 4> {};
template <>
struct Dft<20> : CompositeDft<4, 5> {};
template <>
struct Dft<25> : CompositeDft<5, 5> {};

}  // namespace wavesmith
