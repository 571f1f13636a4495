// The two ways to rest for the samples of one block (kernels/kerr_settle.hpp), over any flow: the
// network's own, or its derivative. A flow gives rate(mode, x, p), the pair F of one mode for W
// lanes, and what its spectrum needs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/host_memory.hpp"
#include "kernels/host_vector.hpp"
#include "kernels/kerr_settle.hpp"

namespace wavesmith::host {

template <class T>
struct Pair {
  Vector<T> x, p;
};

template <class T>
inline Vector<T> broadcast(T value) {
  return Vector<T>{} + value;
}
template <class T>
inline Vector<T> larger(const Vector<T>& a, const Vector<T>& b) {
  return a > b ? a : b;
}

// Fields of a block, [mode] registers of W samples.
template <class T>
class LaneModes {
 public:
  explicit LaneModes(int modes) : x_(size(modes)), p_(size(modes)) {}
  Vector<T>* x() { return reinterpret_cast<Vector<T>*>(x_.data()); }
  Vector<T>* p() { return reinterpret_cast<Vector<T>*>(p_.data()); }
  const Vector<T>* x() const { return reinterpret_cast<const Vector<T>*>(x_.data()); }
  const Vector<T>* p() const { return reinterpret_cast<const Vector<T>*>(p_.data()); }

 private:
  static std::size_t size(int modes) {
    return static_cast<std::size_t>(modes) * static_cast<std::size_t>(vector_points<T>);
  }
  HostArray<T> x_, p_;
};

// What one thread works with.
template <class T>
struct KerrWorkspace {
  explicit KerrWorkspace(int modes)
      : state(modes),
        other(modes),
        third(modes),
        sum(modes),
        drive(modes),
        at(modes),
        detuning(static_cast<std::size_t>(modes) * static_cast<std::size_t>(vector_points<T>)) {}
  LaneModes<T> state, other, third, sum, drive, at;
  HostArray<T> detuning;
  Vector<T>* detunings() { return reinterpret_cast<Vector<T>*>(detuning.data()); }
};

// sum_l J_jl v_l.
template <class T>
inline Pair<T> gather(const KerrTables<T>& tables, int mode, const Vector<T>* x,
                      const Vector<T>* p) {
  const std::size_t first = static_cast<std::size_t>(tables.start[static_cast<std::size_t>(mode)]);
  const std::size_t last =
      static_cast<std::size_t>(tables.start[static_cast<std::size_t>(mode) + 1]);
  Pair<T> even{}, odd{};
  std::size_t i = first;
  for (; i + 1 < last; i += 2) {
    const T j0 = tables.coupling[i], j1 = tables.coupling[i + 1];
    const int l0 = tables.other[i], l1 = tables.other[i + 1];
    even.x += j0 * x[l0];
    even.p += j0 * p[l0];
    odd.x += j1 * x[l1];
    odd.p += j1 * p[l1];
  }
  if (i < last) {
    even.x += tables.coupling[i] * x[tables.other[i]];
    even.p += tables.coupling[i] * p[tables.other[i]];
  }
  return {even.x + odd.x, even.p + odd.p};
}

// h n / gamma of the lanes and the ellipse of the flow's spectrum at given fields.
template <class T>
struct Spectrum {
  Vector<T> nonlinearity, slowest, fastest, turn;
};
template <class T>
Spectrum<T> spectrum_at(const KerrTables<T>& tables, const Vector<T>* detuning, const Vector<T>* x,
                        const Vector<T>* p) {
  Spectrum<T> s{{}, broadcast<T>(T(1e30)), {}, {}};
  for (int j = 0; j < tables.modes(); ++j) {
    const std::size_t m = static_cast<std::size_t>(j);
    const Vector<T> shift = tables.half_kerr[m] * (x[j] * x[j] + p[j] * p[j]);
    const Vector<T> size = shift < T(0) ? -shift : shift;
    const Vector<T> decay = broadcast<T>(tables.decay[m]);
    const Vector<T> turned = detuning[j] + T(2) * shift;
    s.nonlinearity = larger<T>(s.nonlinearity, size / decay);
    s.slowest = s.slowest < decay - size ? s.slowest : decay - size;
    s.fastest = larger<T>(s.fastest, decay + size);
    s.turn = larger<T>(s.turn, turned < T(0) ? -turned : turned);
  }
  return s;
}

template <class T>
struct NetworkFlow {
  static constexpr bool linear = false;
  const KerrTables<T>& tables;
  const Vector<T>*detuning, *drive_x, *drive_p;

  Pair<T> rate(int j, const Vector<T>* x, const Vector<T>* p) const {
    const std::size_t m = static_cast<std::size_t>(j);
    const Pair<T> from = gather(tables, j, x, p);
    const Vector<T> turn = detuning[j] + tables.half_kerr[m] * (x[j] * x[j] + p[j] * p[j]);
    return {drive_x[j] + from.p + turn * p[j] - tables.decay[m] * x[j],
            drive_p[j] - from.x - turn * x[j] - tables.decay[m] * p[j]};
  }
  Spectrum<T> spectrum(const Vector<T>* x, const Vector<T>* p) const {
    return spectrum_at(tables, detuning, x, p);
  }
};

// dF/dy at (at_x, at_p), and its transpose.
template <class T, bool TRANSPOSED>
struct DerivativeFlow {
  static constexpr bool linear = true;
  const KerrTables<T>& tables;
  const Vector<T>*detuning, *drive_x, *drive_p, *at_x, *at_p;

  Pair<T> rate(int j, const Vector<T>* x, const Vector<T>* p) const {
    const std::size_t m = static_cast<std::size_t>(j);
    const Pair<T> from = gather(tables, j, x, p);
    const T h = tables.half_kerr[m];
    const Vector<T> xx = h * at_x[j] * at_x[j], pp = h * at_p[j] * at_p[j];
    const Vector<T> cross = T(2) * h * at_x[j] * at_p[j];
    const Vector<T> up = detuning[j] + xx + T(3) * pp, down = detuning[j] + T(3) * xx + pp;
    const Vector<T> own_x = (cross - tables.decay[m]) * x[j],
                    own_p = (-cross - tables.decay[m]) * p[j];
    if constexpr (TRANSPOSED)
      return {drive_x[j] + own_x - down * p[j] - from.p, drive_p[j] + own_p + up * x[j] + from.x};
    else
      return {drive_x[j] + own_x + up * p[j] + from.p, drive_p[j] + own_p - down * x[j] - from.x};
  }
  Spectrum<T> spectrum(const Vector<T>*, const Vector<T>*) const {
    return spectrum_at(tables, detuning, at_x, at_p);
  }
};

template <class T>
inline bool any(const Vector<T>& flags) {
  for (int lane = 0; lane < vector_points<T>; ++lane)
    if (flags[lane] != T(0)) return true;
  return false;
}

// Marches and iterates one block. Flags of lanes are 0 or 1.
template <class T, class Flow>
class KerrMarch {
 public:
  KerrMarch(const Flow& flow, const SettleSettings& settings, KerrWorkspace<T>& work)
      : flow_(flow), settings_(settings), work_(work) {
    Vector<T> rate{};
    for (int j = 0; j < flow.tables.modes(); ++j) {
      const std::size_t m = static_cast<std::size_t>(j);
      const Vector<T> power = flow.drive_x[j] * flow.drive_x[j] + flow.drive_p[j] * flow.drive_p[j];
      const Vector<T> turn = flow.detuning[j] < T(0) ? -flow.detuning[j] : flow.detuning[j];
      const T decay = flow.tables.decay[m], h = std::abs(flow.tables.half_kerr[m]);
      // The mode alone, driven on resonance, would hold n = power / decay^2.
      const T reach = Flow::linear ? T(0) : T(3) * h / (decay * decay);
      power_ += power;
      rate = larger<T>(rate, decay + turn + reach * power);
    }
    for (int lane = 0; lane < vector_points<T>; ++lane) {
      const double fastest = static_cast<double>(rate[lane]) + flow.tables.coupling_norm;
      const bool given = settings.step > 0.0;
      const double step = given ? settings.step : 1.2 / fastest;
      const double most = given ? settings.time : step * static_cast<double>(settings.steps);
      step_[lane] = static_cast<T>(step);
      longest_[lane] = static_cast<T>(std::min(settings.time, most));
    }
  }

  // From the state in work.state to the one left there.
  void run() {
    if (settings_.accelerate) {
      march(true);
      iterate();
    }
    march(false);
  }
  // `settled` has an entry for each lane in use.
  void report(std::span<Settled> settled) const;

 private:
  // RK4 until rest, until time is over, or, `to_hand_over`, until the accelerated way may go on.
  void march(bool to_hand_over);
  void iterate();
  // Lanes whose |F|^2 is so small a share of |f|^2, or all of them where the flow is linear.
  Vector<T> within(const Vector<T>& residual, double share) const {
    if (Flow::linear || share >= 1.0) return one_;
    return residual <= static_cast<T>(share * share) * power_ ? one_ : none_;
  }
  // Takes lanes that did not settle, or went far from where they were handed over, back there.
  void take_back();
  // Marks lanes that are at rest, or lost to overflow, by |F|^2.
  void judge(const Vector<T>& residual);
  void count(const Vector<T>& lanes, long evaluations) {
    for (int lane = 0; lane < vector_points<T>; ++lane)
      if (lanes[lane] != T(0)) evaluations_[lane] += evaluations;
  }

  const Flow& flow_;
  const SettleSettings& settings_;
  KerrWorkspace<T>& work_;
  const Vector<T> none_{}, one_ = broadcast<T>(T(1));
  Vector<T> power_{}, step_{}, longest_{};  // |f|^2, step of the march
  Vector<T> rest_{}, lost_{};               // what became of the lanes
  Vector<T> sure_{}, handed_{};             // to the accelerated way
  Vector<T> time_{};                        // marched
  long evaluations_[vector_points<T>] = {};
};

template <class T, class Flow>
void KerrMarch<T, Flow>::judge(const Vector<T>& residual) {
  const T tolerance = static_cast<T>(settings_.tolerance);
  rest_ = residual <= tolerance * tolerance * power_ ? one_ : rest_;
  // NaN compares false.
  lost_ = residual < T(1e30) ? lost_ : one_;
}

template <class T, class Flow>
void KerrMarch<T, Flow>::march(bool to_hand_over) {
  const int modes = flow_.tables.modes();
  Vector<T>*x = work_.state.x(), *p = work_.state.p(), *sum_x = work_.sum.x(),
  *sum_p = work_.sum.p(), *ax = work_.other.x(), *ap = work_.other.p(), *bx = work_.third.x(),
  *bp = work_.third.p();
  for (;;) {
    // The first stage's step is known only after its residual; lanes that stop have step 0 then.
    Vector<T> residual{};
    for (int j = 0; j < modes; ++j) {
      const Pair<T> k = flow_.rate(j, x, p);
      residual += k.x * k.x + k.p * k.p;
      sum_x[j] = k.x;
      sum_p[j] = k.p;
    }
    judge(residual);
    if (to_hand_over) {
      const Vector<T> near = within(residual, settings_.handover),
                      nearer = within(residual, settings_.late_handover);
      if (any<T>(near)) {
        const Vector<T> sure =
            flow_.spectrum(x, p).nonlinearity < T(0.9) ? near * (one_ - handed_) : none_;
        sure_ = larger<T>(sure_, sure);
        handed_ = larger<T>(larger<T>(handed_, nearer), sure);
      }
    }
    Vector<T> stopped = larger<T>(rest_, lost_);
    if (to_hand_over) stopped = larger<T>(stopped, handed_);
    stopped = time_ >= longest_ ? one_ : stopped;
    const Vector<T> moving = one_ - stopped;
    if (!any<T>(moving)) return;
    count(moving, 4);
    const Vector<T> step = step_ * moving;
    time_ += step;

    for (int j = 0; j < modes; ++j) {
      ax[j] = x[j] + T(0.5) * step * sum_x[j];
      ap[j] = p[j] + T(0.5) * step * sum_p[j];
    }
    for (int j = 0; j < modes; ++j) {
      const Pair<T> k = flow_.rate(j, ax, ap);
      sum_x[j] += T(2) * k.x;
      sum_p[j] += T(2) * k.p;
      bx[j] = x[j] + T(0.5) * step * k.x;
      bp[j] = p[j] + T(0.5) * step * k.p;
    }
    for (int j = 0; j < modes; ++j) {
      const Pair<T> k = flow_.rate(j, bx, bp);
      sum_x[j] += T(2) * k.x;
      sum_p[j] += T(2) * k.p;
      ax[j] = x[j] + step * k.x;
      ap[j] = p[j] + step * k.p;
    }
    for (int j = 0; j < modes; ++j) {
      const Pair<T> k = flow_.rate(j, ax, ap);
      x[j] += step * T(1.0 / 6.0) * (sum_x[j] + k.x);
      p[j] += step * T(1.0 / 6.0) * (sum_p[j] + k.p);
    }
  }
}

template <class T, class Flow>
void KerrMarch<T, Flow>::iterate() {
  if (!any<T>(handed_ * (one_ - rest_))) return;
  const int modes = flow_.tables.modes();
  Vector<T>*x = work_.state.x(), *p = work_.state.p(), *old_x = work_.other.x(),
  *old_p = work_.other.p();
  Vector<T> alpha{}, beta{};
  const Spectrum<T> spectrum = flow_.spectrum(x, p);
  for (int lane = 0; lane < vector_points<T>; ++lane) {
    const double high = static_cast<double>(spectrum.fastest[lane]);
    const double low = std::max(static_cast<double>(spectrum.slowest[lane]), 0.1 * high);
    const double centre = 0.5 * (low + high), across = 0.5 * (high - low);
    const double along = static_cast<double>(spectrum.turn[lane]) + flow_.tables.coupling_norm;
    const double a = 2.0 / (centre + std::sqrt(centre * centre - across * across + along * along));
    alpha[lane] = static_cast<T>(a);
    beta[lane] = static_cast<T>(a * centre - 1.0);
  }
  std::copy(x, x + modes, old_x);
  std::copy(p, p + modes, old_p);
  std::copy(x, x + modes, work_.third.x());
  std::copy(p, p + modes, work_.third.p());
  for (int m = 0; m < settings_.iterations; ++m) {
    const Vector<T> moving = handed_ * (one_ - larger<T>(rest_, lost_));
    if (!any<T>(moving)) break;
    count(moving, 1);
    const Vector<T> forward = alpha * moving, momentum = beta * moving;
    Vector<T> residual{};
    for (int j = 0; j < modes; ++j) {
      const Pair<T> k = flow_.rate(j, x, p);
      residual += k.x * k.x + k.p * k.p;
      old_x[j] = x[j] + forward * k.x + momentum * (x[j] - old_x[j]);
      old_p[j] = p[j] + forward * k.p + momentum * (p[j] - old_p[j]);
    }
    std::swap(x, old_x);
    std::swap(p, old_p);
    judge(residual);
  }
  if (x != work_.state.x()) {
    std::copy(x, x + modes, old_x);
    std::copy(p, p + modes, old_p);
  }
  take_back();
}

template <class T, class Flow>
void KerrMarch<T, Flow>::take_back() {
  const int modes = flow_.tables.modes();
  Vector<T>*x = work_.state.x(), *p = work_.state.p();
  const Vector<T>*from_x = work_.third.x(), *from_p = work_.third.p();
  Vector<T> way{}, size{};
  for (int j = 0; j < modes; ++j) {
    const Vector<T> dx = x[j] - from_x[j], dp = p[j] - from_p[j];
    way += dx * dx + dp * dp;
    size += from_x[j] * from_x[j] + from_p[j] * from_p[j];
  }
  // NaN is not near.
  const Vector<T> stayed = Flow::linear ? one_ : (way <= T(0.01) * size ? one_ : sure_);
  const Vector<T> kept = rest_ * (one_ - lost_) * stayed;
  const Vector<T> back = handed_ * (one_ - kept);
  if (!any<T>(back)) return;
  for (int j = 0; j < modes; ++j) {
    x[j] = back > none_ ? from_x[j] : x[j];
    p[j] = back > none_ ? from_p[j] : p[j];
  }
  rest_ = back > none_ ? none_ : rest_;
  lost_ = back > none_ ? none_ : lost_;
}

template <class T, class Flow>
void KerrMarch<T, Flow>::report(std::span<Settled> settled) const {
  const Vector<T>*x = work_.state.x(), *p = work_.state.p();
  const Spectrum<T> spectrum = flow_.spectrum(x, p);
  for (std::size_t lane = 0; lane < settled.size(); ++lane)
    settled[lane] = {rest_[lane] > T(0) && !(lost_[lane] > T(0)), 0.0, 0,
                     static_cast<double>(spectrum.nonlinearity[lane]), evaluations_[lane]};
  Vector<T> total{}, largest = broadcast<T>(T(-1));
  for (int j = 0; j < flow_.tables.modes(); ++j) {
    const Pair<T> k = flow_.rate(j, x, p);
    const Vector<T> size = k.x * k.x + k.p * k.p;
    total += size;
    for (std::size_t lane = 0; lane < settled.size(); ++lane)
      if (!(size[lane] <= largest[lane])) {
        largest[lane] = size[lane];
        settled[lane].mode = j;
      }
  }
  for (std::size_t lane = 0; lane < settled.size(); ++lane)
    if (total[lane] != T(0))
      settled[lane].residual = std::sqrt(static_cast<double>(total[lane] / power_[lane]));
}

}  // namespace wavesmith::host
