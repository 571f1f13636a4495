#include "solvers/time_domain_poles.hpp"

namespace wavesmith {

template <class T>
LocalPoles<T>::LocalPoles(const TimeDomainSetup& setup, const GridLines& lines,
                          const GridBox& design)
    : setup_(setup), points_(design.count()) {
  for (std::size_t pole = 0; pole < setup.poles.size(); ++pole) {
    const GridBox& box = setup.poles[pole].box;
    if (!overlap(box, design)) continue;
    Shared shared{pole, {}, {}};
    std::size_t in_pole = 0;
    for_points(box, lines.size, [&](const std::array<int, 3>& p, std::size_t) {
      const std::size_t at = in_pole++;
      if (!overlap(design, {p, {p[0] + 1, p[1] + 1, p[2] + 1}})) return;
      const auto inside = [&](std::size_t d) {
        return static_cast<std::size_t>(p[d] - design.begin[d]);
      };
      const auto length = [&](std::size_t d) {
        return static_cast<std::size_t>(design.end[d] - design.begin[d]);
      };
      shared.in_pole.push_back(at);
      shared.in_design.push_back((inside(2) * length(1) + inside(1)) * length(0) + inside(0));
    });
    shared_.push_back(std::move(shared));
  }
}

template <class T>
typename LocalPoles<T>::State LocalPoles<T>::rest() const {
  State state;
  for (const Shared& shared : shared_) state.now.emplace_back(shared.in_pole.size());
  state.old = state.now;
  return state;
}

template <class T>
void LocalPoles<T>::step(const Shared& shared, const T* before, const T* after,
                         std::vector<double>& now, std::vector<double>& old) const {
  const PoleField& pole = setup_.poles[shared.pole];
  for (std::size_t i = 0; i < now.size(); ++i) {
    const std::size_t at = shared.in_pole[i];
    const double e = static_cast<double>(before[shared.in_design[i]]);
    const double e_new = static_cast<double>(after[shared.in_design[i]]);
    const double next = pole.relaxing
                            ? pole.a1[at] * now[i] + pole.a2[at] * (e_new + e)
                            : pole.a1[at] * now[i] + pole.a2[at] * old[i] + pole.a3[at] * e;
    old[i] = now[i];
    now[i] = next;
  }
}

template <class T>
void LocalPoles<T>::follow(int component, std::span<const T> before, std::span<const T> record,
                           int steps, State& state) const {
  for (std::size_t s = 0; s < shared_.size(); ++s) {
    if (setup_.poles[shared_[s].pole].component != component) continue;
    const T* e = before.data();
    for (int n = 0; n < steps; ++n) {
      const T* const after = record.data() + static_cast<std::size_t>(n) * points_;
      step(shared_[s], e, after, state.now[s], state.old[s]);
      e = after;
    }
  }
}

template <class T>
std::vector<double> LocalPoles<T>::trace(std::size_t s, const State& before,
                                         std::span<const T> fields, long steps) const {
  std::vector<double> now = before.now[s], old = before.old[s], all = old;
  all.insert(all.end(), now.begin(), now.end());
  for (long n = 0; n < steps; ++n) {
    const T* const e = fields.data() + static_cast<std::size_t>(n) * points_;
    step(shared_[s], e, e + points_, now, old);
    all.insert(all.end(), now.begin(), now.end());
  }
  return all;
}

template <class T>
void LocalPoles<T>::remove_part(std::size_t s, std::span<const double> now,
                                std::span<const double> old, std::span<T> field) const {
  const Shared& shared = shared_[s];
  const PoleField& pole = setup_.poles[shared.pole];
  for (std::size_t i = 0; i < now.size(); ++i) {
    const double gain = pole.gain[shared.in_pole[i]];
    field[shared.in_design[i]] +=
        static_cast<T>(pole.relaxing ? -gain * old[i] : gain * (now[i] - old[i]));
  }
}

template <class T>
void LocalPoles<T>::remove_parts(int component, std::complex<double> z,
                                 std::span<std::complex<double>> factors,
                                 std::span<std::complex<double>> of_initial) const {
  for (const Shared& shared : shared_) {
    const PoleField& pole = setup_.poles[shared.pole];
    if (pole.component != component) continue;
    for (std::size_t i = 0; i < shared.in_pole.size(); ++i) {
      const std::size_t at = shared.in_pole[i];
      const double a1 = pole.a1[at], a2 = pole.a2[at], gain = pole.gain[at];
      // What the pole makes of the field before a step; a relaxing one sees that after it, too.
      const std::complex<double> before =
          pole.relaxing ? -gain * z * a2 / (1.0 - a1 * z)
                        : gain * (1.0 - z) * pole.a3[at] / (1.0 - a1 * z - a2 * z * z);
      factors[shared.in_design[i]] += before * (pole.relaxing ? 1.0 + z : z);
      of_initial[shared.in_design[i]] += before;
    }
  }
}

template class LocalPoles<float>;
template class LocalPoles<double>;

PoleCotangents::PoleCotangents(const PoleField& pole)
    : pole_(pole), now_(pole.box.count()), next_(now_), field_(now_) {}

template <class T>
void PoleCotangents::undo(std::span<const T> field) {
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const double e = static_cast<double>(field[i]);
    const double before = pole_.relaxing ? pole_.a1[i] * now_[i] + pole_.gain[i] * field_[i]
                                         : pole_.a1[i] * now_[i] + pole_.a2[i] * next_[i] -
                                               pole_.gain[i] * (e - field_[i]);
    next_[i] = now_[i];
    now_[i] = before;
    field_[i] = e;
  }
}
template void PoleCotangents::undo(std::span<const float>);
template void PoleCotangents::undo(std::span<const double>);

double PoleCotangents::of_field_before(std::size_t point) const {
  return (pole_.relaxing ? pole_.a2[point] : pole_.a3[point]) * now_[point];
}

}  // namespace wavesmith
