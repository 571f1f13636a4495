// What one thread does to its point in a leapfrog step: differences, shells, walls; the arithmetic
// of kernels/leapfrog_updates.hpp on single numbers. The same functions run on a GPU and, thread by
// thread, in tests on the host.
//
// A kernel here is a struct whose run(block, thread) is one thread's work; threads of a launch are
// independent of each other. Fields are read into registers, changed by everything that belongs to
// the point, and written once.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "kernels/leapfrog_terms.hpp"
#include "kernels/leapfrog_updates.hpp"
#include "kernels/point_layout.hpp"

namespace wavesmith {

// C and decay of one group at a point: from a table by a code of 8 or 16 bits a point where few
// combinations occur (without codes: the same everywhere), else from arrays. The table is read
// through the first-level cache: filling shared memory with it would cost a block more bytes than
// its codes.
template <class T>
struct MediumView {
  const std::uint8_t* code8 = nullptr;
  const std::uint16_t* code16 = nullptr;
  const T* table = nullptr;  // [code][3 of C, 3 of decay]
  const T* coefficient[3] = {};
  const T* decay[3] = {};  // null: 1

  template <int Components>
  WAVESMITH_HD void read(std::ptrdiff_t at, T* c, T* d) const {
    if (table != nullptr) {
      std::size_t code = 0;
      if (code8 != nullptr) code = code8[at];
      if (code16 != nullptr) code = code16[at];
      const T* const entry = table + 6 * code;
      WAVESMITH_UNROLL
      for (int n = 0; n < Components; ++n) {
        c[n] = entry[n];
        d[n] = entry[3 + n];
      }
      return;
    }
    WAVESMITH_UNROLL
    for (int n = 0; n < Components; ++n) {
      c[n] = coefficient[n][at];
      d[n] = decay[n] == nullptr ? T(1) : decay[n][at];
    }
  }
};

template <class T>
struct AxisView {
  ShellPoints shell;
  bool wall_low = false, varies = false;
  const T *node = nullptr, *centre = nullptr;
  const T *node_decay = nullptr, *node_gain = nullptr;
  const T *centre_decay = nullptr, *centre_gain = nullptr;
};

// Everything that the passes of a march share.
template <class T>
struct MarchView {
  PointLayout layout;
  T* field[6] = {};
  AxisView<T> axis[3];
  T* psi[2][6] = {};  // [second group][term]
  MediumView<T> medium[2];
};

enum class Shells { none, forward, transposed };

// The terms of a group, as the compiler knows them.
template <WaveSystem System, bool First>
struct GroupOf {
  static constexpr int begin = First ? 0 : first_group_size(System);
  static constexpr int end = First ? first_group_size(System) : component_count(System);
  static constexpr int size = end - begin;
  static constexpr int terms = System == WaveSystem::maxwell ? 6 : 3;
  // A variable for each, since a GPU's code must not call a function of the host's.
  template <std::size_t N>
  static constexpr LeapfrogTerm term = [] {
    if (System == WaveSystem::maxwell) return First ? maxwell_first[N] : maxwell_second[N];
    return First ? scalar_first[N % 3] : scalar_second[N % 3];
  }();
};

struct PointIndex {
  int i, j, k;
  std::ptrdiff_t at;

  template <int D>
  WAVESMITH_HD int along() const {
    return D == 0 ? i : D == 1 ? j : k;
  }
};

// Where psi of a difference along D is kept, for the shell's point `s` on the line of the point.
template <int D>
WAVESMITH_HD std::size_t psi_index(const PointLayout& layout, int shell_count, int s,
                                   const PointIndex& p) {
  const std::size_t nx = static_cast<std::size_t>(layout.nx);
  const std::size_t ny = static_cast<std::size_t>(layout.ny);
  const std::size_t count = static_cast<std::size_t>(shell_count);
  const std::size_t i = static_cast<std::size_t>(p.i), j = static_cast<std::size_t>(p.j);
  const std::size_t k = static_cast<std::size_t>(p.k), n = static_cast<std::size_t>(s);
  if (D == 0) return (k * ny + j) * count + n;
  if (D == 1) return (k * count + n) * nx + i;
  return (n * ny + j) * nx + i;
}

// A group's update: decay, C times the differences, the shells' part, walls.
template <class T, WaveSystem System, bool First, Shells Mode>
struct GroupPass {
  using Group = GroupOf<System, First>;
  using Other = GroupOf<System, !First>;

  MarchView<T> m;
  TiledBoxes boxes;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    PointIndex p;
    if (!boxes.find(block, thread, p.i, p.j, p.k)) return;
    p.at = m.layout.at(p.i, p.j, p.k);
    T c[3] = {}, f[3] = {}, decay[3] = {};
    m.medium[First ? 0 : 1].template read<Group::size>(p.at, c, decay);
    WAVESMITH_UNROLL
    for (int n = 0; n < Group::size; ++n)
      if (is_there(n)) f[n] = decay[n] * m.field[Group::begin + n][p.at];
    update(p, c, f);
    if constexpr (Mode != Shells::none)
      add_shells(p, c, f, std::make_integer_sequence<int, Group::terms>{});
    if constexpr (First) apply_walls(p, f);
    WAVESMITH_UNROLL
    for (int n = 0; n < Group::size; ++n)
      if (is_there(n)) m.field[Group::begin + n][p.at] = f[n];
  }

 private:
  // A velocity along an axis where nothing varies stays what it is.
  WAVESMITH_HD bool is_there(int n) const {
    return System == WaveSystem::maxwell || First || n == 0 || m.axis[n].varies;
  }

  WAVESMITH_HD void update(const PointIndex& p, const T* c, T* f) const {
    const std::ptrdiff_t row = m.layout.row, plane = m.layout.plane;
    const auto of = [&](int component) { return m.field[component] + p.at; };
    const T* const x = (First ? m.axis[0].node : m.axis[0].centre) + p.i;
    const T y = (First ? m.axis[1].node : m.axis[1].centre)[p.j];
    const T z = (First ? m.axis[2].node : m.axis[2].centre)[p.k];
    if constexpr (System == WaveSystem::maxwell && First) {
      const T *hx = of(3), *hy = of(4), *hz = of(5);
      ElectricUpdate<T, Same<T>, Along::plain, Along::plain>{
          &f[0],    &f[1], &f[2], hx, hx - row, hx - plane, hy,     hy - plane, hz,
          hz - row, x,     y,     z,  {c[0]},   {c[1]},     {c[2]}, {}}
          .template apply<T, false>(0, 0);
    } else if constexpr (System == WaveSystem::maxwell) {
      const T *ex = of(0), *ey = of(1), *ez = of(2);
      MagneticUpdate<T, Same<T>, Along::plain, Along::plain>{
          &f[0],    &f[1], &f[2], ex, ex + row, ex + plane, ey,     ey + plane, ez,
          ez + row, x,     y,     z,  {c[0]},   {c[1]},     {c[2]}, {}}
          .template apply<T, false>(0, 0);
    } else if (m.axis[1].varies && m.axis[2].varies) {
      update_scalar<true, true>(p, c, f, x, y, z);
    } else if (m.axis[1].varies) {
      update_scalar<true, false>(p, c, f, x, y, z);
    } else if (m.axis[2].varies) {
      update_scalar<false, true>(p, c, f, x, y, z);
    } else {
      update_scalar<false, false>(p, c, f, x, y, z);
    }
  }

  template <bool Y, bool Z>
  WAVESMITH_HD void update_scalar(const PointIndex& p, const T* c, T* f, const T* x, T y,
                                  T z) const {
    const std::ptrdiff_t row = m.layout.row, plane = m.layout.plane;
    const auto of = [&](int component) { return m.field[component] + p.at; };
    constexpr Along along_y = Y ? Along::plain : Along::nothing;
    constexpr Along along_z = Z ? Along::plain : Along::nothing;
    if constexpr (First)
      ScalarUpdate<T, Same<T>, along_y, along_z>{
          &f[0], of(1), of(2), of(2) - row, of(3), of(3) - plane, x, y, z, {c[0]}, {}}
          .template apply<T, false>(0, 0);
    else
      VectorUpdate<T, Same<T>, along_y, along_z>{&f[0],         &f[1],  &f[2], of(0), of(0) + row,
                                                 of(0) + plane, x,      y,     z,     {c[0]},
                                                 {c[1]},        {c[2]}, {}}
          .template apply<T, false>(0, 0);
  }

  template <int... Terms>
  WAVESMITH_HD void add_shells(const PointIndex& p, const T* c, T* f,
                               std::integer_sequence<int, Terms...>) const {
    if constexpr (Mode == Shells::forward)
      (filter_difference<Terms>(p, c, f), ...);
    else
      (difference_psi<Terms>(p, c, f), ...);
  }

  // Forward: the shells' filter behind the difference.
  template <int Term>
  WAVESMITH_HD void filter_difference(const PointIndex& p, const T* c, T* f) const {
    constexpr LeapfrogTerm term = Group::template term<Term>;
    constexpr int axis = term.direction, target = term.target - Group::begin;
    const AxisView<T>& a = m.axis[axis];
    const int index = p.template along<axis>();
    const int s = a.shell.at(index);
    if (s < 0) return;
    const std::ptrdiff_t step = axis == 0 ? 1 : axis == 1 ? m.layout.row : m.layout.plane;
    const T* const source = m.field[term.source] + p.at;
    const T difference = First ? source[0] - source[-step] : source[step] - source[0];
    const T factor = (First ? a.node : a.centre)[index];
    const T gain = (First ? a.node_gain : a.centre_gain)[index];
    const T decay = (First ? a.node_decay : a.centre_decay)[index];
    T* const psi = m.psi[First ? 0 : 1][Term] + psi_index<axis>(m.layout, a.shell.count(), s, p);
    const T next = decay * *psi + gain * factor * difference;
    *psi = next;
    f[target] += static_cast<T>(term.sign) * (c[target] * next);
  }

  // Transposed: differences of what the other group's filter holds.
  template <int Term>
  WAVESMITH_HD void difference_psi(const PointIndex& p, const T* c, T* f) const {
    constexpr LeapfrogTerm term = Other::template term<Term>;
    constexpr int axis = term.direction, target = term.source - Group::begin;
    const AxisView<T>& a = m.axis[axis];
    const int index = p.template along<axis>();
    const int low = a.shell.at(First ? index - 1 : index);
    const int high = a.shell.at(First ? index : index + 1);
    if (low < 0 && high < 0) return;
    const T* const psi = m.psi[First ? 1 : 0][Term];
    const auto value = [&](int s) {
      return s < 0 ? T(0) : psi[psi_index<axis>(m.layout, a.shell.count(), s, p)];
    };
    const T factor = (First ? a.node : a.centre)[index];
    f[target] += c[target] * static_cast<T>(term.sign) * (factor * (value(high) - value(low)));
  }

  WAVESMITH_HD void apply_walls(const PointIndex& p, T* f) const {
    const bool x = m.axis[0].wall_low && p.i == 0, y = m.axis[1].wall_low && p.j == 0;
    const bool z = m.axis[2].wall_low && p.k == 0;
    if constexpr (System == WaveSystem::maxwell) {
      if (y || z) f[0] = T(0);
      if (x || z) f[1] = T(0);
      if (x || y) f[2] = T(0);
    } else {
      if (x || y || z) f[0] = T(0);
    }
  }
};

// Transposed: the shells' filter takes in the group's new values, to be differenced later.
template <class T, WaveSystem System, bool First>
struct FilterPass {
  using Group = GroupOf<System, First>;

  MarchView<T> m;
  TiledBoxes boxes;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    PointIndex p;
    if (!boxes.find(block, thread, p.i, p.j, p.k)) return;
    p.at = m.layout.at(p.i, p.j, p.k);
    take_in(p, std::make_integer_sequence<int, Group::terms>{});
  }

 private:
  template <int... Terms>
  WAVESMITH_HD void take_in(const PointIndex& p, std::integer_sequence<int, Terms...>) const {
    (take_in_term<Terms>(p), ...);
  }
  template <int Term>
  WAVESMITH_HD void take_in_term(const PointIndex& p) const {
    constexpr LeapfrogTerm term = Group::template term<Term>;
    constexpr int axis = term.direction;
    const AxisView<T>& a = m.axis[axis];
    const int index = p.template along<axis>();
    const int s = a.shell.at(index);
    if (s < 0) return;
    T* const psi = m.psi[First ? 0 : 1][Term] + psi_index<axis>(m.layout, a.shell.count(), s, p);
    *psi = (First ? a.node_decay : a.centre_decay)[index] * *psi +
           (First ? a.node_gain : a.centre_gain)[index] * m.field[term.target][p.at];
  }
};

}  // namespace wavesmith
