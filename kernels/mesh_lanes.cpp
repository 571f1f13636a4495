#include "kernels/mesh_lanes.hpp"

#include "kernels/host_vector.hpp"
#include "kernels/portable.hpp"

namespace wavesmith {
namespace {

// Complex numbers of W samples.
template <class T>
struct Wave {
  using Lane = host::Vector<T>;
  Lane re, im;
};

template <class T>
host::Vector<T>* lanes_at(T* values, int index) {
  return reinterpret_cast<host::Vector<T>*>(values) + index;
}

template <class T>
WAVESMITH_HD Wave<T> load(const LaneField<T>& field, int index) {
  return {*lanes_at(field.re, index), *lanes_at(field.im, index)};
}

template <class T>
WAVESMITH_HD void store(const LaneField<T>& field, int index, const Wave<T>& wave) {
  *lanes_at(field.re, index) = wave.re;
  *lanes_at(field.im, index) = wave.im;
}

template <class T>
WAVESMITH_HD Wave<T> shifted(const Wave<T>& wave, T re, T im) {
  return {wave.re * re - wave.im * im, wave.re * im + wave.im * re};
}

template <class T>
WAVESMITH_HD void couple(T c, T s, Wave<T>& a, Wave<T>& b) {
  const Wave<T> upper{c * a.re - s * b.im, c * a.im + s * b.re};
  b = {c * b.re - s * a.im, c * b.im + s * a.re};
  a = upper;
}

// What is done with the waves behind shifters and couplers.

template <class T>
struct Nothing {
  void shifter(int, const Wave<T>&) const {}
  void coupler(int, int, const Wave<T>&, const Wave<T>&) const {}
};

template <class T>
struct AddPower {
  MeshPowers<T> powers;
  host::Vector<T> weight;

  WAVESMITH_HD void shifter(int slot, const Wave<T>& wave) const {
    *lanes_at(powers.sum, slot) += weight * (wave.re * wave.re + wave.im * wave.im);
  }
  void coupler(int, int, const Wave<T>&, const Wave<T>&) const {}
};

template <class T>
struct AddPowerAndVariance {
  MeshPowers<T> powers;
  host::Vector<T> weight, variance_weight;

  WAVESMITH_HD void shifter(int slot, const Wave<T>& wave) const {
    const host::Vector<T> power = wave.re * wave.re + wave.im * wave.im;
    *lanes_at(powers.sum, slot) += weight * power;
    *lanes_at(powers.variance, slot) += variance_weight * power;
  }
  void coupler(int, int, const Wave<T>&, const Wave<T>&) const {}
};

template <class T>
struct KeepShifters {
  MeshTaps<T> taps;
  WAVESMITH_HD void shifter(int slot, const Wave<T>& wave) const {
    store(taps.shifters, slot, wave);
  }
  void coupler(int, int, const Wave<T>&, const Wave<T>&) const {}
};

template <class T>
struct KeepAll : KeepShifters<T> {
  WAVESMITH_HD void coupler(int slot, int which, const Wave<T>& a, const Wave<T>& b) const {
    store(this->taps.couplers, 4 * slot + 2 * which, a);
    store(this->taps.couplers, 4 * slot + 2 * which + 1, b);
  }
};

template <class T>
struct AddShifterGradient {
  MeshTaps<T> taps;
  T* shifter_sums;
  T* coupler_sums;

  WAVESMITH_HD void shifter(int slot, const Wave<T>& b) const {
    const Wave<T> f = load(taps.shifters, slot);
    *lanes_at(shifter_sums, slot) -= b.re * f.im + b.im * f.re;
  }
  void coupler(int, int, const Wave<T>&, const Wave<T>&) const {}
};

// A coupler is exp(i angle X), X swapping the ports: d(out)/d(angle) = i X out.
template <class T>
struct AddGradient : AddShifterGradient<T> {
  WAVESMITH_HD void coupler(int slot, int which, const Wave<T>& upper, const Wave<T>& lower) const {
    const Wave<T> f = load(this->taps.couplers, 4 * slot + 2 * which);
    const Wave<T> g = load(this->taps.couplers, 4 * slot + 2 * which + 1);
    *lanes_at(this->coupler_sums, 2 * slot + which) -=
        upper.re * g.im + upper.im * g.re + lower.re * f.im + lower.im * f.re;
  }
};

template <class T, class Observer>
WAVESMITH_HD void cross_forward(const MeshElement<T>& element, const LaneField<T>& field,
                                const Observer& observer) {
  Wave<T> a = load(field, element.top);
  if (element.lower < 0) {
    a = shifted(a, element.theta_re, element.theta_im);
    if (element.slot >= 0) observer.shifter(element.slot, a);
    store(field, element.top, a);
    return;
  }
  Wave<T> b = load(field, element.lower);
  a = shifted(a, element.phi_re, element.phi_im);
  b = {b.re * element.phi_lower, b.im * element.phi_lower};
  observer.shifter(element.slot + 1, a);
  couple(element.c1, element.s1, a, b);
  observer.coupler(element.slot, 0, a, b);
  a = shifted(a, element.theta_re, element.theta_im);
  b = {b.re * element.theta_lower, b.im * element.theta_lower};
  observer.shifter(element.slot, a);
  couple(element.c2, element.s2, a, b);
  observer.coupler(element.slot, 1, a, b);
  store(field, element.top, a);
  store(field, element.lower, b);
}

template <class T, class Observer>
WAVESMITH_HD void cross_backward(const MeshElement<T>& element, const LaneField<T>& field,
                                 const Observer& observer) {
  Wave<T> a = load(field, element.top);
  if (element.lower < 0) {
    if (element.slot >= 0) observer.shifter(element.slot, a);
    store(field, element.top, shifted(a, element.theta_re, element.theta_im));
    return;
  }
  Wave<T> b = load(field, element.lower);
  observer.coupler(element.slot, 1, a, b);
  couple(element.c2, element.s2, a, b);
  observer.shifter(element.slot, a);
  a = shifted(a, element.theta_re, element.theta_im);
  b = {b.re * element.theta_lower, b.im * element.theta_lower};
  observer.coupler(element.slot, 0, a, b);
  couple(element.c1, element.s1, a, b);
  observer.shifter(element.slot + 1, a);
  a = shifted(a, element.phi_re, element.phi_im);
  b = {b.re * element.phi_lower, b.im * element.phi_lower};
  store(field, element.top, a);
  store(field, element.lower, b);
}

template <class T, class Observer>
void cross(std::span<const MeshElement<T>> elements, MeshWay way, const LaneField<T>& field,
           const Observer& given) {
  const Observer observer = given;
  if (way == MeshWay::forward)
    for (const MeshElement<T>& element : elements) cross_forward(element, field, observer);
  else
    for (std::size_t k = elements.size(); k-- > 0;) cross_backward(elements[k], field, observer);
}

}  // namespace

template <class T>
void cross_mesh(std::span<const MeshElement<T>> elements, MeshWay way, LaneField<T> field) {
  cross(elements, way, field, Nothing<T>{});
}

template <class T>
void cross_mesh(std::span<const MeshElement<T>> elements, MeshWay way, LaneField<T> field,
                const MeshPowers<T>& powers) {
  const auto lane = [](const T* values) {
    return *reinterpret_cast<const host::Vector<T>*>(values);
  };
  if (powers.variance == nullptr)
    cross(elements, way, field, AddPower<T>{powers, lane(powers.weight)});
  else
    cross(elements, way, field,
          AddPowerAndVariance<T>{powers, lane(powers.weight), lane(powers.variance_weight)});
}

template <class T>
void cross_mesh(std::span<const MeshElement<T>> elements, MeshWay way, LaneField<T> field,
                const MeshTaps<T>& taps) {
  if (taps.couplers.re == nullptr)
    cross(elements, way, field, KeepShifters<T>{taps});
  else
    cross(elements, way, field, KeepAll<T>{{taps}});
}

template <class T>
void pull_back_mesh(std::span<const MeshElement<T>> elements, const MeshTaps<T>& taps,
                    LaneField<T> field, T* shifter_sums, T* coupler_sums) {
  const AddShifterGradient<T> shifters{taps, shifter_sums, coupler_sums};
  if (coupler_sums == nullptr)
    cross(elements, MeshWay::backward, field, shifters);
  else
    cross(elements, MeshWay::backward, field, AddGradient<T>{shifters});
}

#define WAVESMITH_MESH_LANES(T)                                                                   \
  template void cross_mesh(std::span<const MeshElement<T>>, MeshWay, LaneField<T>);               \
  template void cross_mesh(std::span<const MeshElement<T>>, MeshWay, LaneField<T>,                \
                           const MeshPowers<T>&);                                                 \
  template void cross_mesh(std::span<const MeshElement<T>>, MeshWay, LaneField<T>,                \
                           const MeshTaps<T>&);                                                   \
  template void pull_back_mesh(std::span<const MeshElement<T>>, const MeshTaps<T>&, LaneField<T>, \
                               T*, T*);
WAVESMITH_MESH_LANES(float)
WAVESMITH_MESH_LANES(double)
#undef WAVESMITH_MESH_LANES

}  // namespace wavesmith
