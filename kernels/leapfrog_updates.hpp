// The arithmetic of a leapfrog step in a row, the same on both machines: V is a vector of points on
// the host, one point (V = T) on a GPU thread.
//
// A row lies along x. Pointers are to the row's first point; "_jm", "_kp" are the neighbouring rows
// at j - 1, k + 1. Rows have room on both sides, so that index -1 and the one after the last are
// zero, or the other end of a periodic row. Difference factors along x come point by point, those
// along y and z are those of the row.
//
// In an absorbing shell along an axis, every difference d along it becomes d + psi, where psi <-
// decay psi + gain d (Roden and Gedney 2000): `AlongRow` for a row that lies in a shell along y or
// z, `AlongEnds` for the ends of rows in shells along x. Transposed, psi belongs to the field f
// that is differenced and is up to date already, d of f + psi: `BetweenRows` and `BetweenEnds`,
// whose `follow` brings psi of the updated field up to date where nothing comes after the update.
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
WAVESMITH_HD void store_points(T* to, V value) {
  __builtin_memcpy(to, &value, sizeof(V));
}
// The sum.
template <class V, class T>
WAVESMITH_HD V add_points(T* to, V value) {
  const V sum = load_points<V>(to) + value;
  store_points<V>(to, sum);
  return sum;
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

// What an axis has in a row: nothing varies along it, differences, differences in a shell.
enum class Along { nothing, plain, shell };

// psi of the (at most two) differences along y or z.
template <class T>
struct AlongRow {
  T* psi[2] = {};
  T decay = T(0), gain = T(0);
  template <class V>
  WAVESMITH_HD void filter(int which, int at, V& difference) const {
    const V next = decay * load_points<V>(psi[which] + at) + gain * difference;
    store_points<V>(psi[which] + at, next);
    difference += next;
  }
  template <class V>
  WAVESMITH_HD void follow(int, int, V) const {}
  WAVESMITH_HD bool here() const { return psi[0] != nullptr; }
};
// psi of the differences along x, counted from the first point that is kept; decay and gain by
// point of the row.
template <class T>
struct AlongEnds {
  T* psi[2] = {};
  const T *decay = nullptr, *gain = nullptr;
  template <class V>
  WAVESMITH_HD void filter(int which, int i, int at, V& difference) const {
    const V next = load_points<V>(decay + i) * load_points<V>(psi[which] + at) +
                   load_points<V>(gain + i) * difference;
    store_points<V>(psi[which] + at, next);
    difference += next;
  }
  template <class V>
  WAVESMITH_HD void follow(int, int, int, V) const {}
  WAVESMITH_HD bool here() const { return psi[0] != nullptr; }
};
template <class T>
struct RowShells {
  AlongEnds<T> x;
  AlongRow<T> y, z;
};

// psi of what the (at most two) differences along y or z are taken of, in the two rows; `along`:
// the differences' factor. own: psi of the fields that are updated; none: not to be followed.
template <class T>
struct BetweenRows {
  const T *high[2] = {}, *low[2] = {};
  T along = T(0);
  T* own[2] = {};
  T decay = T(0), gain = T(0);
  template <class V>
  WAVESMITH_HD void filter(int which, int at, V& difference) const {
    difference += along * (load_points<V>(high[which] + at) - load_points<V>(low[which] + at));
  }
  template <class V>
  WAVESMITH_HD void follow(int which, int at, V field) const {
    if (own[0] == nullptr) return;
    T* const psi = own[which] + at;
    store_points<V>(psi, decay * load_points<V>(psi) + gain * field);
  }
  WAVESMITH_HD bool here() const { return high[0] != nullptr; }
};
// The same along x, counted from the first point that is kept, with zeros around them.
template <class T>
struct BetweenEnds {
  const T* low[2] = {};
  const T* along = nullptr;
  T* own[2] = {};
  const T *decay = nullptr, *gain = nullptr;
  template <class V>
  WAVESMITH_HD void filter(int which, int i, int at, V& difference) const {
    const T* const psi = low[which] + at;
    difference += load_points<V>(along + i) * (load_points<V>(psi + 1) - load_points<V>(psi));
  }
  template <class V>
  WAVESMITH_HD void follow(int which, int i, int at, V field) const {
    if (own[0] == nullptr) return;
    T* const psi = own[which] + at;
    store_points<V>(
        psi, load_points<V>(decay + i) * load_points<V>(psi) + load_points<V>(gain + i) * field);
  }
  WAVESMITH_HD bool here() const { return low[0] != nullptr; }
};
template <class T>
struct TransposedRowShells {
  BetweenEnds<T> x;
  BetweenRows<T> y, z;
};

// E += C curl H.
template <class T, class Coefficient, Along Y, Along Z, class Shells = RowShells<T>>
struct ElectricUpdate {
  T *ex, *ey, *ez;
  const T *hx, *hx_jm, *hx_km, *hy, *hy_km, *hz, *hz_jm;
  const T* along_x;
  T along_y, along_z;
  Coefficient cx, cy, cz;
  Shells shells;
  template <class V, bool Ends>
  WAVESMITH_HD void apply(int i, int at) const {
    const auto of = [i](const T* row) { return load_points<V>(row + i); };
    const V x = of(along_x), x_h = of(hx), y_h = of(hy), z_h = of(hz);
    V z_by_y = along_y * (z_h - of(hz_jm)), x_by_y = along_y * (x_h - of(hx_jm));
    V y_by_z = along_z * (y_h - of(hy_km)), x_by_z = along_z * (x_h - of(hx_km));
    V z_by_x = x * (z_h - of(hz - 1)), y_by_x = x * (y_h - of(hy - 1));
    if constexpr (Y == Along::shell) {
      shells.y.filter(0, i, z_by_y);
      shells.y.filter(1, i, x_by_y);
    }
    if constexpr (Z == Along::shell) {
      shells.z.filter(0, i, y_by_z);
      shells.z.filter(1, i, x_by_z);
    }
    if constexpr (Ends) {
      shells.x.filter(0, i, at, z_by_x);
      shells.x.filter(1, i, at, y_by_x);
    }
    const V x_e = add_points<V>(ex + i, cx.template at<V>(i) * (z_by_y - y_by_z));
    const V y_e = add_points<V>(ey + i, cy.template at<V>(i) * (x_by_z - z_by_x));
    const V z_e = add_points<V>(ez + i, cz.template at<V>(i) * (y_by_x - x_by_y));
    if constexpr (Y == Along::shell) {
      shells.y.follow(0, i, x_e);
      shells.y.follow(1, i, z_e);
    }
    if constexpr (Z == Along::shell) {
      shells.z.follow(0, i, x_e);
      shells.z.follow(1, i, y_e);
    }
    if constexpr (Ends) {
      shells.x.follow(0, i, at, y_e);
      shells.x.follow(1, i, at, z_e);
    }
  }
};

// H -= C curl E.
template <class T, class Coefficient, Along Y, Along Z, class Shells = RowShells<T>>
struct MagneticUpdate {
  T *hx, *hy, *hz;
  const T *ex, *ex_jp, *ex_kp, *ey, *ey_kp, *ez, *ez_jp;
  const T* along_x;
  T along_y, along_z;
  Coefficient cx, cy, cz;
  Shells shells;
  template <class V, bool Ends>
  WAVESMITH_HD void apply(int i, int at) const {
    const auto of = [i](const T* row) { return load_points<V>(row + i); };
    const V x = of(along_x), x_e = of(ex), y_e = of(ey), z_e = of(ez);
    V x_by_y = along_y * (of(ex_jp) - x_e), z_by_y = along_y * (of(ez_jp) - z_e);
    V x_by_z = along_z * (of(ex_kp) - x_e), y_by_z = along_z * (of(ey_kp) - y_e);
    V y_by_x = x * (of(ey + 1) - y_e), z_by_x = x * (of(ez + 1) - z_e);
    if constexpr (Y == Along::shell) {
      shells.y.filter(0, i, x_by_y);
      shells.y.filter(1, i, z_by_y);
    }
    if constexpr (Z == Along::shell) {
      shells.z.filter(0, i, x_by_z);
      shells.z.filter(1, i, y_by_z);
    }
    if constexpr (Ends) {
      shells.x.filter(0, i, at, y_by_x);
      shells.x.filter(1, i, at, z_by_x);
    }
    const V x_h = add_points<V>(hx + i, cx.template at<V>(i) * (y_by_z - z_by_y));
    const V y_h = add_points<V>(hy + i, cy.template at<V>(i) * (z_by_x - x_by_z));
    const V z_h = add_points<V>(hz + i, cz.template at<V>(i) * (x_by_y - y_by_x));
    if constexpr (Y == Along::shell) {
      shells.y.follow(0, i, z_h);
      shells.y.follow(1, i, x_h);
    }
    if constexpr (Z == Along::shell) {
      shells.z.follow(0, i, y_h);
      shells.z.follow(1, i, x_h);
    }
    if constexpr (Ends) {
      shells.x.follow(0, i, at, z_h);
      shells.x.follow(1, i, at, y_h);
    }
  }
};

// p += C div v.
template <class T, class Coefficient, Along Y, Along Z, class Shells = RowShells<T>>
struct ScalarUpdate {
  T* p;
  const T *vx, *vy, *vy_jm, *vz, *vz_km;
  const T* along_x;
  T along_y, along_z;
  Coefficient c;
  Shells shells;
  template <class V, bool Ends>
  WAVESMITH_HD void apply(int i, int at) const {
    const auto of = [i](const T* row) { return load_points<V>(row + i); };
    V sum = of(along_x) * (of(vx) - of(vx - 1));
    if constexpr (Ends) shells.x.filter(0, i, at, sum);
    if constexpr (Y != Along::nothing) {
      V by_y = along_y * (of(vy) - of(vy_jm));
      if constexpr (Y == Along::shell) shells.y.filter(0, i, by_y);
      sum += by_y;
    }
    if constexpr (Z != Along::nothing) {
      V by_z = along_z * (of(vz) - of(vz_km));
      if constexpr (Z == Along::shell) shells.z.filter(0, i, by_z);
      sum += by_z;
    }
    const V p_new = add_points<V>(p + i, c.template at<V>(i) * sum);
    if constexpr (Y == Along::shell) shells.y.follow(0, i, p_new);
    if constexpr (Z == Along::shell) shells.z.follow(0, i, p_new);
    if constexpr (Ends) shells.x.follow(0, i, at, p_new);
  }
};

// v += C grad p.
template <class T, class Coefficient, Along Y, Along Z, class Shells = RowShells<T>>
struct VectorUpdate {
  T *vx, *vy, *vz;
  const T *p, *p_jp, *p_kp;
  const T* along_x;
  T along_y, along_z;
  Coefficient cx, cy, cz;
  Shells shells;
  template <class V, bool Ends>
  WAVESMITH_HD void apply(int i, int at) const {
    const auto of = [i](const T* row) { return load_points<V>(row + i); };
    const V here = of(p);
    V by_x = of(along_x) * (of(p + 1) - here);
    if constexpr (Ends) shells.x.filter(0, i, at, by_x);
    const V x_v = add_points<V>(vx + i, cx.template at<V>(i) * by_x);
    if constexpr (Ends) shells.x.follow(0, i, at, x_v);
    if constexpr (Y != Along::nothing) {
      V by_y = along_y * (of(p_jp) - here);
      if constexpr (Y == Along::shell) shells.y.filter(0, i, by_y);
      const V y_v = add_points<V>(vy + i, cy.template at<V>(i) * by_y);
      if constexpr (Y == Along::shell) shells.y.follow(0, i, y_v);
    }
    if constexpr (Z != Along::nothing) {
      V by_z = along_z * (of(p_kp) - here);
      if constexpr (Z == Along::shell) shells.z.filter(0, i, by_z);
      const V z_v = add_points<V>(vz + i, cz.template at<V>(i) * by_z);
      if constexpr (Z == Along::shell) shells.z.follow(0, i, z_v);
    }
  }
};

}  // namespace wavesmith
