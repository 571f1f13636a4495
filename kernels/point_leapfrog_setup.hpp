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
  const auto points = static_cast<std::ptrdiff_t>(metric.node.size());
  at(node_factor_, axis).assign(numbers.begin(), numbers.begin() + points);
  at(centre_factor_, axis).assign(numbers.begin() + points, numbers.begin() + 2 * points);
  gathers_ready_ = false;
  machine_.forget();
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::set_coefficient(int component, std::span<const double> values) {
  std::vector<T>& to = at(coefficient_, component);
  to.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = static_cast<T>(values[i]);
  medium_ready_[in_first_group(component) ? 0 : 1] = false;
  gathers_ready_ = false;
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
void PointLeapfrog<T, Machine>::prepare() {
  for (const bool first_group : {true, false})
    if (!medium_ready_[first_group ? 0 : 1]) prepare_medium(first_group);
  prepare_poles();
  if (!hooks_ready_) prepare_hooks();
  if (!gathers_ready_) prepare_gathers();
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
template <class N>
auto PointLeapfrog<T, Machine>::stored(std::span<const N> values) -> Array<N> {
  Array<N> array(values.size());
  if (!values.empty()) array.upload(values);
  return array;
}

template <class T, class Machine>
template <class Items>
std::vector<std::vector<int>> PointLeapfrog<T, Machine>::levels_of(
    const Items& items, const std::vector<int>& chosen) const {
  std::vector<std::vector<int>> levels;
  std::vector<std::size_t> level_of(items.size());
  for (const int n : chosen) {
    std::size_t& level = at(level_of, n);
    for (const int before : chosen)
      if (before < n && at(items, before).component == at(items, n).component &&
          overlap(at(items, before).box, at(items, n).box))
        level = std::max(level, at(level_of, before) + 1);
    if (levels.size() <= level) levels.resize(level + 1);
    levels[level].push_back(n);
  }
  return levels;
}

template <class T, class Machine>
template <class View, class Items, class MakeView>
auto PointLeapfrog<T, Machine>::make_launch(Items& items, const std::vector<int>& chosen,
                                            const MakeView& make) const -> Launch<View> {
  std::vector<View> views;
  std::vector<std::uint32_t> owner;
  for (const int n : chosen) {
    const HookBox box(at(items, n).box, static_cast<unsigned>(owner.size()));
    owner.insert(owner.end(), blocks_over(box.count()), static_cast<std::uint32_t>(views.size()));
    views.push_back(make(at(items, n), box));
  }
  return {stored<View>(views), stored<std::uint32_t>(owner), static_cast<unsigned>(owner.size())};
}

// As many steps as signals and records of the machine may hold.
template <class T, class Machine>
void PointLeapfrog<T, Machine>::choose_chunk() {
  double numbers = 1.0;
  for (const Drive& drive : drives_) numbers += static_cast<double>(drive.numbers_a_step());
  for (const Tap& tap : taps_) numbers += static_cast<double>(tap.box.count()) / tap.every;
  for (const DifferenceTap& tap : difference_taps_)
    numbers += static_cast<double>(tap.points.size());
  if (transposed_)
    for (const Nonlinearity& n : nonlinearities_) numbers += static_cast<double>(n.box.count());
  chunk_ = static_cast<int>(
      std::clamp(chunk_bytes / (numbers * sizeof(T)), 1.0, static_cast<double>(longest_chunk)));
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::prepare_hooks() {
  choose_chunk();
  const std::size_t chunk = static_cast<std::size_t>(chunk_);
  for (Drive& drive : drives_) {
    drive.device_signals = Array<T>(drive.numbers_a_step() * chunk);
    drive.device_weights = stored<T>(drive.weights);
  }
  for (Tap& tap : taps_)
    tap.device_record =
        Array<T>(tap.box.count() * static_cast<std::size_t>((chunk_ + tap.every - 1) / tap.every));
  for (DifferenceTap& tap : difference_taps_)
    tap.device_record = Array<T>(tap.points.size() * chunk);
  prepare_nonlinearities();

  for (const bool first_group : {true, false}) {
    const auto of_group = [&](const auto& items) {
      std::vector<int> chosen;
      for (std::size_t n = 0; n < items.size(); ++n)
        if (in_first_group(items[n].component) == first_group)
          chosen.push_back(static_cast<int>(n));
      return chosen;
    };
    const std::size_t group = first_group ? 0 : 1;
    drive_launches_[group].clear();
    for (const std::vector<int>& level : levels_of(drives_, of_group(drives_)))
      drive_launches_[group].push_back(
          make_launch<DriveView<T>>(drives_, level, [&](Drive& drive, const HookBox& box) {
            return DriveView<T>{view_.field[drive.component], box, drive.rank,
                                drive.device_weights.data(), drive.device_signals.data()};
          }));
    tap_launches_[group] =
        make_launch<TapView<T>>(taps_, of_group(taps_), [&](Tap& tap, const HookBox& box) {
          return TapView<T>{field(tap.component), box, tap.every, tap.device_record.data()};
        });
  }
  hooks_ready_ = true;
  machine_.forget();
}

}  // namespace wavesmith
