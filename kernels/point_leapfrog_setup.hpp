// Memory, media, poles, drives and taps of the leapfrog engine with one thread a point.
// Belongs to kernels/point_leapfrog.hpp, which includes it.
#pragma once

#include <iterator>
#include <limits>

#include "kernels/point_leapfrog.hpp"

namespace wavesmith {

template <class T, class Machine>
PointLeapfrog<T, Machine>::PointLeapfrog(const LeapfrogSize& size, Machine machine)
    : size_(size), layout_(size, sizeof(T)), machine_(std::move(machine)) {
  machine_.select();
  machine_.require(estimate_point_leapfrog_bytes(size, sizeof(T)));
  if (component_length() > std::numeric_limits<std::uint32_t>::max())
    throw UnavailableError("a component of " + std::to_string(component_length()) +
                           " numbers is more than the engine can address; use a coarser grid");
  const int components = component_count(size.system);
  fields_ = Array<T>(static_cast<std::size_t>(components) * component_length());
  std::size_t psi = 0;
  for (const bool first_group : {true, false})
    for (const LeapfrogTerm& term :
         first_group ? first_terms(size.system) : second_terms(size.system))
      psi += point_psi_length(size, term.direction);
  psi_ = Array<T>(psi);
  clock_ = Array<std::int64_t>(2);

  view_.layout = layout_;
  for (int c = 0; c < components; ++c)
    view_.field[c] = fields_.data() + static_cast<std::size_t>(c) * component_length();
  std::size_t at_psi = 0;
  for (const bool first_group : {true, false}) {
    const auto terms = first_group ? first_terms(size.system) : second_terms(size.system);
    for (std::size_t t = 0; t < terms.size(); ++t) {
      view_.psi[first_group ? 0 : 1][t] = psi_.data() + at_psi;
      at_psi += point_psi_length(size, terms[t].direction);
    }
  }
  coefficient_.assign(static_cast<std::size_t>(components), {T(1)});
  decay_.resize(static_cast<std::size_t>(components));
  for (int axis = 0; axis < 3; ++axis) {
    const std::size_t d = static_cast<std::size_t>(axis);
    AxisView<T>& to = view_.axis[axis];
    to.shell = {size.points[d], size.shell_low[d], size.shell_high[d]};
    to.wall_low = size.wall_low[d];
    to.varies = size.points[d] > 1;
    LineMetric none;
    none.node.assign(static_cast<std::size_t>(size.points[d]), 0.0);
    none.centre = none.node_gain = none.centre_gain = none.node;
    none.node_decay = none.centre_decay = none.node;
    set_metric(axis, none);
  }
  split_boxes();
}

// What the transposed shells reach beyond their points: kernels/point_passes.hpp, difference_psi.
template <class T, class Machine>
void PointLeapfrog<T, Machine>::split_boxes() {
  const int margin = transposed_ ? 1 : 0;
  boxes_ = {CoreAndShells(size_, margin, 0), CoreAndShells(size_, 0, margin)};
  machine_.forget();
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::set_metric(int axis, const LineMetric& metric) {
  machine_.select();
  const std::vector<double>* const lines[] = {&metric.node,         &metric.centre,
                                              &metric.node_decay,   &metric.node_gain,
                                              &metric.centre_decay, &metric.centre_gain};
  std::vector<T> numbers;
  for (const auto* line : lines)
    for (const double value : *line) numbers.push_back(static_cast<T>(value));
  Array<T>& to = at(metrics_, axis);
  to = Array<T>(numbers.size());
  to.upload(numbers);
  AxisView<T>& axis_view = view_.axis[axis];
  const T** const views[] = {&axis_view.node,      &axis_view.centre,       &axis_view.node_decay,
                             &axis_view.node_gain, &axis_view.centre_decay, &axis_view.centre_gain};
  for (std::size_t n = 0; n < 6; ++n) *views[n] = to.data() + n * metric.node.size();
  machine_.forget();
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::set_coefficient(int component, std::span<const double> values) {
  std::vector<T>& to = at(coefficient_, component);
  to.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = static_cast<T>(values[i]);
  medium_ready_[in_first_group(component) ? 0 : 1] = false;
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::set_decay(int component, std::span<const double> values) {
  std::vector<T>& to = at(decay_, component);
  to.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = static_cast<T>(values[i]);
  medium_ready_[in_first_group(component) ? 0 : 1] = false;
  poles_ready_ = false;
}

template <class T, class Machine>
int PointLeapfrog<T, Machine>::add_nonlinearity(const NonlinearField&) {
  throw UnavailableError("nonlinear media are marched on the CPU only; use --device cpu");
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::set_links(std::span<const TensorLink> links) {
  if (!links.empty())
    throw UnavailableError(
        "off-diagonal elements of the medium's tensor are marched on the CPU only (they come from "
        "averaging at the surfaces of solids); use --device cpu, or averaging without them");
}

template <class T, class Machine>
int PointLeapfrog<T, Machine>::add_difference_tap(std::span<const FieldPoint>) {
  throw UnavailableError(
      "the derivative with respect to off-diagonal elements of the medium's tensor is found on the "
      "CPU only; use --device cpu");
}

template <class T, class Machine>
std::span<const T> PointLeapfrog<T, Machine>::difference_record(int) const {
  return {};
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::prepare() {
  for (const bool first_group : {true, false})
    if (!medium_ready_[first_group ? 0 : 1]) prepare_medium(first_group);
  prepare_poles();
  if (!hooks_ready_) prepare_hooks();
}

template <class T, class Machine>
auto PointLeapfrog<T, Machine>::spread(std::span<const T> values) const -> Array<T> {
  std::vector<T> numbers(component_length());
  std::size_t from = 0;
  for_points([&](std::size_t to) { numbers[to] = values[values.size() == 1 ? 0 : from++]; });
  Array<T> array(numbers.size());
  array.upload(numbers);
  return array;
}

// Where poles are, it is they who let the field decay.
template <class T, class Machine>
std::vector<T> PointLeapfrog<T, Machine>::decay_beside_poles(int component) const {
  std::vector<T> decay = at(decay_, component);
  if (!in_first_group(component) || decay.empty()) return decay;
  const std::vector<std::size_t>& points = at(poles_, component).points;
  if (points.empty()) return decay;
  if (decay.size() == 1) decay.assign(size_.count(), decay[0]);
  for (const std::size_t point : points) decay[point] = T(1);
  return decay;
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::prepare_medium(bool first_group) {
  const int split = first_group_size(size_.system);
  const int begin = first_group ? 0 : split;
  const int count = (first_group ? split : component_count(size_.system)) - begin;
  std::array<std::vector<T>, 3> decays;
  std::array<std::span<const T>, 6> numbers;
  for (int c = 0; c < count; ++c) {
    at(decays, c) = decay_beside_poles(begin + c);
    at(numbers, c) = at(coefficient_, begin + c);
    at(numbers, 3 + c) = at(decays, c);
  }
  const MediumCodes<T> codes = encode_medium<T>(size_.count(), numbers);
  GroupMedium& medium = medium_[first_group ? 0 : 1];
  medium = {};
  MediumView<T> view;
  if (codes.table.empty()) {
    for (int c = 0; c < count; ++c) {
      at(medium.coefficient, c) = spread(at(numbers, c));
      view.coefficient[c] = at(medium.coefficient, c).data();
      if (at(numbers, 3 + c).empty()) continue;
      at(medium.decay, c) = spread(at(numbers, 3 + c));
      view.decay[c] = at(medium.decay, c).data();
    }
  } else {
    medium.table = Array<T>(6 * codes.table.size());
    medium.table.upload(std::span<const T>(codes.table.front().data(), 6 * codes.table.size()));
    view.table = medium.table.data();
    const auto place_codes = [&](auto& array) {
      using Code = std::remove_reference_t<decltype(*array.data())>;
      std::vector<Code> spread_codes(component_length());
      std::size_t from = 0;
      for_points([&](std::size_t to) { spread_codes[to] = static_cast<Code>(codes.code[from++]); });
      array = std::remove_reference_t<decltype(array)>(spread_codes.size());
      array.upload(spread_codes);
      return array.data();
    };
    if (codes.table.size() > 256)
      view.code16 = place_codes(medium.code16);
    else if (!codes.code.empty())
      view.code8 = place_codes(medium.code8);
  }
  view_.medium[first_group ? 0 : 1] = view;
  medium_ready_[first_group ? 0 : 1] = true;
  machine_.forget();
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::add_pole(const PoleField& pole) {
  PoleSet& set = at(poles_, pole.component);
  std::vector<std::size_t> points, all;
  for (int k = pole.box.begin[2]; k < pole.box.end[2]; ++k)
    for (int j = pole.box.begin[1]; j < pole.box.end[1]; ++j)
      for (int i = pole.box.begin[0]; i < pole.box.end[0]; ++i)
        points.push_back(size_.index(i, j, k));
  std::set_union(points.begin(), points.end(), set.points.begin(), set.points.end(),
                 std::back_inserter(all));
  set.points = std::move(all);
  // The first slot in which no other pole is in the way.
  int slot = 0;
  const auto taken = [&](const Pole& other) {
    return other.slot == slot && other.field.relaxing == pole.relaxing &&
           overlap(other.field.box, pole.box);
  };
  while (std::any_of(set.poles.begin(), set.poles.end(), taken)) ++slot;
  set.poles.push_back({pole, slot});
  int& slots = pole.relaxing ? set.relaxing : set.resonant;
  slots = std::max(slots, slot + 1);
  medium_ready_[0] = poles_ready_ = false;
  set.now = {};
  set.old = {};
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::prepare_poles() {
  if (poles_ready_) return;
  for (int component = 0; component < first_group_size(size_.system); ++component) {
    PoleSet& set = at(poles_, component);
    const std::size_t count = set.points.size();
    if (count == 0) continue;
    std::vector<std::uint32_t> place(count);
    std::vector<T> field_decay(count, T(1));
    const std::vector<T>& decay = at(decay_, component);
    const std::size_t nx = static_cast<std::size_t>(layout_.nx);
    const std::size_t ny = static_cast<std::size_t>(layout_.ny);
    for (std::size_t p = 0; p < count; ++p) {
      const std::size_t point = set.points[p];
      place[p] = static_cast<std::uint32_t>(layout_.at(static_cast<int>(point % nx),
                                                       static_cast<int>(point / nx % ny),
                                                       static_cast<int>(point / nx / ny)));
      if (!decay.empty()) field_decay[p] = decay[decay.size() == 1 ? 0 : point];
    }
    const std::size_t resonant = static_cast<std::size_t>(set.resonant) * count;
    const std::size_t all = resonant + static_cast<std::size_t>(set.relaxing) * count;
    std::vector<T> a1(all), a2(all), a3(resonant), gain(all);
    for (const Pole& pole : set.poles) {
      const std::size_t slot =
          static_cast<std::size_t>(pole.slot + (pole.field.relaxing ? set.resonant : 0));
      const GridBox& box = pole.field.box;
      std::size_t from = 0;
      for (int k = box.begin[2]; k < box.end[2]; ++k)
        for (int j = box.begin[1]; j < box.end[1]; ++j) {
          // The points of a row of the box stand next to each other.
          const auto row = std::lower_bound(set.points.begin(), set.points.end(),
                                            size_.index(box.begin[0], j, k));
          std::size_t to = slot * count + static_cast<std::size_t>(row - set.points.begin());
          for (int i = box.begin[0]; i < box.end[0]; ++i, ++from, ++to) {
            a1[to] = static_cast<T>(pole.field.a1[from]);
            a2[to] = static_cast<T>(pole.field.a2[from]);
            gain[to] = static_cast<T>(pole.field.gain[from]);
            if (!pole.field.relaxing) a3[to] = static_cast<T>(pole.field.a3[from]);
          }
        }
    }
    const auto store = [](auto& array, const auto& values) {
      array = std::remove_reference_t<decltype(array)>(values.size());
      if (!values.empty()) array.upload(values);
    };
    store(set.place, place);
    store(set.field_decay, field_decay);
    store(set.a1, a1);
    store(set.a2, a2);
    store(set.a3, a3);
    store(set.gain, gain);
    if (set.now.size() != all) {
      set.now = Array<T>(all);
      set.old = Array<T>(resonant);
    }
    set.view = {view_.field[component], set.place.data(), set.field_decay.data(), count,
                set.resonant,           set.relaxing,     set.a1.data(),          set.a2.data(),
                set.a3.data(),          set.gain.data(),  set.now.data(),         set.old.data()};
  }
  poles_ready_ = true;
  machine_.forget();
}

template <class T, class Machine>
int PointLeapfrog<T, Machine>::add_drive(int component, const GridBox& box, int rank,
                                         std::span<const double> weights) {
  Drive drive;
  drive.component = component;
  drive.box = box;
  drive.rank = rank;
  for (const double weight : weights) drive.weights.push_back(static_cast<T>(weight));
  drives_.push_back(std::move(drive));
  hooks_ready_ = false;
  return static_cast<int>(drives_.size()) - 1;
}

template <class T, class Machine>
std::span<T> PointLeapfrog<T, Machine>::drive_signals(int drive, int steps) {
  Drive& to = at(drives_, drive);
  to.signals.assign(to.numbers_a_step() * static_cast<std::size_t>(steps), T(0));
  to.steps = steps;
  return to.signals;
}

template <class T, class Machine>
int PointLeapfrog<T, Machine>::add_tap(int component, const GridBox& box, int every) {
  Tap tap;
  tap.component = component;
  tap.box = box;
  tap.every = every;
  taps_.push_back(std::move(tap));
  hooks_ready_ = false;
  return static_cast<int>(taps_.size()) - 1;
}

template <class T, class Machine>
template <class View, class Items, class MakeView>
auto PointLeapfrog<T, Machine>::make_launch(const Items& items, const std::vector<int>& chosen,
                                            const MakeView& make) const -> Launch<View> {
  std::vector<View> views;
  std::vector<std::uint32_t> owner;
  for (const int n : chosen) {
    const HookBox box(at(items, n).box, static_cast<unsigned>(owner.size()));
    owner.insert(owner.end(), blocks_over(box.count()), static_cast<std::uint32_t>(views.size()));
    views.push_back(make(at(items, n), box));
  }
  Launch<View> launch;
  launch.blocks = static_cast<unsigned>(owner.size());
  launch.views = Array<View>(views.size());
  launch.owner = Array<std::uint32_t>(owner.size());
  if (!views.empty()) launch.views.upload(views);
  if (!owner.empty()) launch.owner.upload(owner);
  return launch;
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::prepare_hooks() {
  double bytes_a_step = 1.0;
  for (const Drive& drive : drives_)
    bytes_a_step += static_cast<double>(drive.numbers_a_step() * sizeof(T));
  for (const Tap& tap : taps_)
    bytes_a_step += static_cast<double>(tap.box.count() * sizeof(T)) / tap.every;
  chunk_ = static_cast<int>(
      std::clamp(chunk_bytes / bytes_a_step, 1.0, static_cast<double>(longest_chunk)));
  for (Drive& drive : drives_) {
    drive.device_signals = Array<T>(drive.numbers_a_step() * static_cast<std::size_t>(chunk_));
    drive.device_weights = Array<T>(drive.weights.size());
    if (!drive.weights.empty()) drive.device_weights.upload(drive.weights);
  }
  for (Tap& tap : taps_)
    tap.device_record =
        Array<T>(tap.box.count() * static_cast<std::size_t>((chunk_ + tap.every - 1) / tap.every));

  for (const bool first_group : {true, false}) {
    const std::size_t group = first_group ? 0 : 1;
    // Drives of one component that overlap follow each other.
    std::vector<std::vector<int>> levels;
    std::vector<std::size_t> level_of(drives_.size());
    for (std::size_t n = 0; n < drives_.size(); ++n) {
      if (in_first_group(drives_[n].component) != first_group) continue;
      for (std::size_t before = 0; before < n; ++before)
        if (drives_[before].component == drives_[n].component &&
            overlap(drives_[before].box, drives_[n].box))
          level_of[n] = std::max(level_of[n], level_of[before] + 1);
      if (levels.size() <= level_of[n]) levels.resize(level_of[n] + 1);
      levels[level_of[n]].push_back(static_cast<int>(n));
    }
    drive_launches_[group].clear();
    for (const std::vector<int>& level : levels)
      drive_launches_[group].push_back(
          make_launch<DriveView<T>>(drives_, level, [&](const Drive& drive, const HookBox& box) {
            return DriveView<T>{view_.field[drive.component], box, drive.rank,
                                drive.device_weights.data(), drive.device_signals.data()};
          }));
    std::vector<int> taps;
    for (std::size_t n = 0; n < taps_.size(); ++n)
      if (in_first_group(taps_[n].component) == first_group) taps.push_back(static_cast<int>(n));
    tap_launches_[group] =
        make_launch<TapView<T>>(taps_, taps, [&](const Tap& tap, const HookBox& box) {
          return TapView<T>{field(tap.component), box, tap.every,
                            const_cast<Tap&>(tap).device_record.data()};
        });
  }
  hooks_ready_ = true;
  machine_.forget();
}

}  // namespace wavesmith
