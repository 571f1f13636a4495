// Sine and cosine of many angles.
#pragma once

#include <cmath>

#include "kernels/butterfly.hpp"

namespace wavesmith::host {

// Sine and cosine without branches, so that a loop of them becomes vector code: reduction to
// [-pi/4, pi/4] in double (Cody and Waite), then Taylor polynomials good to rounding.
template <class T>
inline void sine_cosine(double x, T& sine, T& cosine) {
  const double quarter = std::nearbyint(x * (2.0 / turns::pi));
  const double reduced =
      (x - quarter * 1.57079632679489655800e+00) - quarter * 6.12323399573676603587e-17;
  const T r = static_cast<T>(reduced), z = r * r;
  T s, c;
  if constexpr (sizeof(T) == 4) {
    s = r + r * z * (T(-1.6666654611e-1) + z * (T(8.3321608736e-3) + z * T(-1.9515295891e-4)));
    c = T(1) - T(0.5) * z +
        z * z *
            (T(4.166664568298827e-2) +
             z * (T(-1.388731625493765e-3) + z * T(2.443315711809948e-5)));
  } else {
    s = r + r * z *
                (T(-1.0 / 6) +
                 z * (T(1.0 / 120) +
                      z * (T(-1.0 / 5040) +
                           z * (T(1.0 / 362880) +
                                z * (T(-1.0 / 39916800) + z * (T(1.0 / 6227020800.0) +
                                                               z * T(-1.0 / 1307674368000.0)))))));
    c = T(1) +
        z * (T(-0.5) +
             z * (T(1.0 / 24) +
                  z * (T(-1.0 / 720) +
                       z * (T(1.0 / 40320) +
                            z * (T(-1.0 / 3628800) + z * (T(1.0 / 479001600) +
                                                          z * (T(-1.0 / 87178291200.0) +
                                                               z * T(1.0 / 20922789888000.0))))))));
  }
  const long long q = static_cast<long long>(quarter);
  const T a = (q & 1) != 0 ? c : s, b = (q & 1) != 0 ? s : c;
  sine = (q & 2) != 0 ? -a : a;
  cosine = ((q + 1) & 2) != 0 ? -b : b;
}

}  // namespace wavesmith::host
