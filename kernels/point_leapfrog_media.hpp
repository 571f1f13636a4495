// Media of the leapfrog engine with one thread a point: coefficients, poles, nonlinearity, links.
// Belongs to kernels/point_leapfrog.hpp, which includes it.
#pragma once

#include <iterator>
#include <vector>

#include "kernels/leapfrog_links.hpp"
#include "kernels/point_leapfrog.hpp"

namespace wavesmith {

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
    set.place = stored<std::uint32_t>(place);
    set.field_decay = stored<T>(field_decay);
    set.a1 = stored<T>(a1);
    set.a2 = stored<T>(a2);
    set.a3 = stored<T>(a3);
    set.gain = stored<T>(gain);
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
int PointLeapfrog<T, Machine>::add_nonlinearity(const NonlinearField& field) {
  Nonlinearity added;
  added.component = field.component;
  added.box = field.box;
  added.square.assign(field.square.begin(), field.square.end());
  added.cube.assign(field.cube.begin(), field.cube.end());
  nonlinearities_.push_back(std::move(added));
  hooks_ready_ = false;
  return static_cast<int>(nonlinearities_.size()) - 1;
}

template <class T, class Machine>
std::span<T> PointLeapfrog<T, Machine>::trajectory(int nonlinearity, int steps) {
  Nonlinearity& to = at(nonlinearities_, nonlinearity);
  to.trajectory.assign(to.box.count() * static_cast<std::size_t>(steps), T(0));
  return to.trajectory;
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::prepare_nonlinearities() {
  std::vector<int> all;
  for (Nonlinearity& n : nonlinearities_) {
    all.push_back(static_cast<int>(all.size()));
    n.device_square = stored<T>(n.square);
    n.device_cube = stored<T>(n.cube);
    n.kept = Array<T>(n.box.count());
    n.device_trajectory =
        Array<T>(transposed_ ? n.box.count() * static_cast<std::size_t>(chunk_) : 0);
  }
  nonlinear_launches_.clear();
  for (const std::vector<int>& level : levels_of(nonlinearities_, all))
    nonlinear_launches_.push_back(make_launch<NonlinearView<T>>(
        nonlinearities_, level, [&](Nonlinearity& n, const HookBox& box) {
          return NonlinearView<T>{
              view_.field[n.component], box,           n.device_square.data(),
              n.device_cube.data(),     n.kept.data(), n.device_trajectory.data()};
        }));
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::set_links(std::span<const TensorLink> links) {
  links_.assign(links.begin(), links.end());
  gathers_ready_ = false;
}

template <class T, class Machine>
int PointLeapfrog<T, Machine>::add_difference_tap(std::span<const FieldPoint> points) {
  DifferenceTap tap;
  tap.points.assign(points.begin(), points.end());
  difference_taps_.push_back(std::move(tap));
  hooks_ready_ = gathers_ready_ = false;
  return static_cast<int>(difference_taps_.size()) - 1;
}

// Terms of the same sum next to each other, of the same source as one.
template <class T, class Machine>
auto PointLeapfrog<T, Machine>::make_gather(std::vector<GatherTerm> terms) const -> Gather {
  std::sort(terms.begin(), terms.end(), [](const GatherTerm& a, const GatherTerm& b) {
    return a.target != b.target ? a.target < b.target : a.source < b.source;
  });
  std::vector<std::size_t> target, begin, source;
  std::vector<T> weight;
  for (const GatherTerm& term : terms) {
    const bool same_sum = !target.empty() && term.target == target.back();
    if (!same_sum) {
      target.push_back(term.target);
      begin.push_back(source.size());
    } else if (term.source == source.back()) {
      weight.back() += static_cast<T>(term.weight);
      continue;
    }
    source.push_back(term.source);
    weight.push_back(static_cast<T>(term.weight));
  }
  begin.push_back(source.size());
  Gather gather;
  gather.target = stored<std::size_t>(target);
  gather.begin = stored<std::size_t>(begin);
  gather.source = stored<std::size_t>(source);
  gather.weight = stored<T>(weight);
  gather.view = {target.size(), gather.target.data(), gather.begin.data(), gather.source.data(),
                 gather.weight.data()};
  return gather;
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::prepare_gathers() {
  const MarchNumbers march{
      size_,
      [this](int axis, bool node, int index) {
        return static_cast<double>(
            at(node ? node_factor_ : centre_factor_, axis)[static_cast<std::size_t>(index)]);
      },
      [this](int component, const PointPosition& p) {
        const std::vector<T>& values = at(coefficient_, component);
        return static_cast<double>(values[values.size() == 1 ? 0 : size_.index(p[0], p[1], p[2])]);
      }};
  const auto place = [this](int component, const PointPosition& p) {
    return static_cast<std::size_t>(component) * component_length() +
           static_cast<std::size_t>(layout_.at(p[0], p[1], p[2]));
  };
  // Walls have been applied when links add: what would be added there is left out.
  const auto on_wall = [this](int component, const PointPosition& p) {
    if (!in_first_group(component)) return false;
    for (int axis = 0; axis < 3; ++axis)
      if (at(size_.wall_low, axis) && at(p, axis) == 0 &&
          (size_.system == WaveSystem::scalar || component != axis))
        return true;
    return false;
  };
  std::vector<GatherTerm> terms;
  for (const LinkTerm& link : link_terms(march, links_, transposed_))
    if (!on_wall(link.component, link.at))
      terms.push_back({place(link.component, link.at), place(link.term.component, link.term.at),
                       link.term.weight});
  link_gather_ = make_gather(std::move(terms));
  for (DifferenceTap& tap : difference_taps_) {
    std::array<std::vector<GatherTerm>, 2> of_group;
    for (std::size_t n = 0; n < tap.points.size(); ++n) {
      const int component = tap.points[n].component;
      for (const PointTerm& term :
           difference_terms(march, component, position_of(size_, tap.points[n].point)))
        of_group[in_first_group(component) ? 0 : 1].push_back(
            {n, place(term.component, term.at), term.weight});
    }
    for (std::size_t group = 0; group < 2; ++group)
      tap.gathers[group] = make_gather(std::move(of_group[group]));
  }
  gathers_ready_ = true;
  machine_.forget();
}

}  // namespace wavesmith
