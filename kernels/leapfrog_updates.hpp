// The arithmetic of a leapfrog step at one point of a row, the same on both machines.
//
// A row lies along x. Pointers are to the row's first point; "_jm", "_kp" are the neighbouring rows
// at j - 1, k + 1. Rows have room on both sides, so that index -1 and the one after the last are
// zero, or the other end of a periodic row. Difference factors along x come point by point, those
// along y and z are those of the row.
//
// Coefficient: what multiplies the differences, `Same` (one number) or `PerPoint`.
#pragma once

#include "kernels/portable.hpp"

namespace wavesmith {

template <class T>
struct Same {
  T value;
  WAVESMITH_HD T operator()(int) const { return value; }
};
template <class T>
struct PerPoint {
  const T* values;
  WAVESMITH_HD T operator()(int i) const { return values[i]; }
};

// E += C curl H.
template <class T, class Coefficient>
struct ElectricUpdate {
  T *ex, *ey, *ez;
  const T *hx, *hx_jm, *hx_km, *hy, *hy_km, *hz, *hz_jm;
  const T* along_x;
  T along_y, along_z;
  Coefficient cx, cy, cz;
  WAVESMITH_HD void operator()(int i) const {
    const T x = along_x[i];
    ex[i] += cx(i) * (along_y * (hz[i] - hz_jm[i]) - along_z * (hy[i] - hy_km[i]));
    ey[i] += cy(i) * (along_z * (hx[i] - hx_km[i]) - x * (hz[i] - hz[i - 1]));
    ez[i] += cz(i) * (x * (hy[i] - hy[i - 1]) - along_y * (hx[i] - hx_jm[i]));
  }
};

// H -= C curl E.
template <class T, class Coefficient>
struct MagneticUpdate {
  T *hx, *hy, *hz;
  const T *ex, *ex_jp, *ex_kp, *ey, *ey_kp, *ez, *ez_jp;
  const T* along_x;
  T along_y, along_z;
  Coefficient cx, cy, cz;
  WAVESMITH_HD void operator()(int i) const {
    const T x = along_x[i];
    hx[i] += cx(i) * (along_z * (ey_kp[i] - ey[i]) - along_y * (ez_jp[i] - ez[i]));
    hy[i] += cy(i) * (x * (ez[i + 1] - ez[i]) - along_z * (ex_kp[i] - ex[i]));
    hz[i] += cz(i) * (along_y * (ex_jp[i] - ex[i]) - x * (ey[i + 1] - ey[i]));
  }
};

// p += C div v; `Y` and `Z` say whether anything varies along them.
template <class T, class Coefficient, bool Y, bool Z>
struct ScalarUpdate {
  T* p;
  const T *vx, *vy, *vy_jm, *vz, *vz_km;
  const T* along_x;
  T along_y, along_z;
  Coefficient c;
  WAVESMITH_HD void operator()(int i) const {
    T sum = along_x[i] * (vx[i] - vx[i - 1]);
    if constexpr (Y) sum += along_y * (vy[i] - vy_jm[i]);
    if constexpr (Z) sum += along_z * (vz[i] - vz_km[i]);
    p[i] += c(i) * sum;
  }
};

// v += C grad p.
template <class T, class Coefficient, bool Y, bool Z>
struct VectorUpdate {
  T *vx, *vy, *vz;
  const T *p, *p_jp, *p_kp;
  const T* along_x;
  T along_y, along_z;
  Coefficient cx, cy, cz;
  WAVESMITH_HD void operator()(int i) const {
    vx[i] += cx(i) * (along_x[i] * (p[i + 1] - p[i]));
    if constexpr (Y) vy[i] += cy(i) * (along_y * (p_jp[i] - p[i]));
    if constexpr (Z) vz[i] += cz(i) * (along_z * (p_kp[i] - p[i]));
  }
};

}  // namespace wavesmith
