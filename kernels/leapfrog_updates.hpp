// The arithmetic of a leapfrog step in a row, the same on both machines: V is a vector of points on
// the host, one point (V = T) on a GPU thread.
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

template <class V, class T>
WAVESMITH_HD V load_points(const T* from) {
  V value;
  __builtin_memcpy(&value, from, sizeof(V));
  return value;
}
template <class V, class T>
WAVESMITH_HD void add_points(T* to, V value) {
  value += load_points<V>(to);
  __builtin_memcpy(to, &value, sizeof(V));
}

template <class T>
struct Same {
  T value;
  template <class V>
  WAVESMITH_HD T at(int) const {
    return value;
  }
};
template <class T>
struct PerPoint {
  const T* values;
  template <class V>
  WAVESMITH_HD V at(int i) const {
    return load_points<V>(values + i);
  }
};

// E += C curl H.
template <class T, class Coefficient>
struct ElectricUpdate {
  T *ex, *ey, *ez;
  const T *hx, *hx_jm, *hx_km, *hy, *hy_km, *hz, *hz_jm;
  const T* along_x;
  T along_y, along_z;
  Coefficient cx, cy, cz;
  template <class V>
  WAVESMITH_HD void apply(int i) const {
    const auto of = [i](const T* row) { return load_points<V>(row + i); };
    const V x = of(along_x), x_h = of(hx), y_h = of(hy), z_h = of(hz);
    add_points<V>(
        ex + i, cx.template at<V>(i) * (along_y * (z_h - of(hz_jm)) - along_z * (y_h - of(hy_km))));
    add_points<V>(ey + i,
                  cy.template at<V>(i) * (along_z * (x_h - of(hx_km)) - x * (z_h - of(hz - 1))));
    add_points<V>(ez + i,
                  cz.template at<V>(i) * (x * (y_h - of(hy - 1)) - along_y * (x_h - of(hx_jm))));
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
  template <class V>
  WAVESMITH_HD void apply(int i) const {
    const auto of = [i](const T* row) { return load_points<V>(row + i); };
    const V x = of(along_x), x_e = of(ex), y_e = of(ey), z_e = of(ez);
    add_points<V>(
        hx + i, cx.template at<V>(i) * (along_z * (of(ey_kp) - y_e) - along_y * (of(ez_jp) - z_e)));
    add_points<V>(hy + i,
                  cy.template at<V>(i) * (x * (of(ez + 1) - z_e) - along_z * (of(ex_kp) - x_e)));
    add_points<V>(hz + i,
                  cz.template at<V>(i) * (along_y * (of(ex_jp) - x_e) - x * (of(ey + 1) - y_e)));
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
  template <class V>
  WAVESMITH_HD void apply(int i) const {
    const auto of = [i](const T* row) { return load_points<V>(row + i); };
    V sum = of(along_x) * (of(vx) - of(vx - 1));
    if constexpr (Y) sum += along_y * (of(vy) - of(vy_jm));
    if constexpr (Z) sum += along_z * (of(vz) - of(vz_km));
    add_points<V>(p + i, c.template at<V>(i) * sum);
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
  template <class V>
  WAVESMITH_HD void apply(int i) const {
    const auto of = [i](const T* row) { return load_points<V>(row + i); };
    const V here = of(p);
    add_points<V>(vx + i, cx.template at<V>(i) * (of(along_x) * (of(p + 1) - here)));
    if constexpr (Y) add_points<V>(vy + i, cy.template at<V>(i) * (along_y * (of(p_jp) - here)));
    if constexpr (Z) add_points<V>(vz + i, cz.template at<V>(i) * (along_z * (of(p_kp) - here)));
  }
};

}  // namespace wavesmith
