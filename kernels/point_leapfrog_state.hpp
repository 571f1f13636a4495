// Fields, state and peaks of the leapfrog engine with one thread a point.
// Belongs to kernels/point_leapfrog.hpp, which includes it.
#pragma once

#include <vector>

#include "kernels/point_leapfrog.hpp"

namespace wavesmith {

template <class T, class Machine>
void PointLeapfrog<T, Machine>::set_transposed(bool transposed) {
  machine_.select();
  transposed_ = transposed;
  fields_.clear();
  psi_.clear();
  for (PoleSet& set : poles_) {
    set.now.clear();
    set.old.clear();
  }
  split_boxes();
  hooks_ready_ = gathers_ready_ = false;
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::start_over() {
  drives_.clear();
  taps_.clear();
  difference_taps_.clear();
  set_transposed(false);
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::read_field(int component, std::span<double> values) const {
  machine_.select();
  std::vector<T> numbers(component_length());
  fields_.download(numbers, static_cast<std::size_t>(component) * numbers.size());
  std::size_t to = 0;
  for_points([&](std::size_t from) { values[to++] = static_cast<double>(numbers[from]); });
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::write_field(int component, std::span<const double> values) {
  machine_.select();
  std::vector<T> numbers(component_length());
  std::size_t from = 0;
  for_points([&](std::size_t to) { numbers[to] = static_cast<T>(values[from++]); });
  fields_.upload(numbers, static_cast<std::size_t>(component) * numbers.size());
  // The transposed first half-step differences what has gone through the shells' filter.
  if (transposed_ && component + 1 == component_count(size_.system)) {
    if (size_.system == WaveSystem::maxwell)
      record_filter<WaveSystem::maxwell, false>();
    else
      record_filter<WaveSystem::scalar, false>();
  }
  record_wrap(in_first_group(component));
}

template <class T, class Machine>
std::vector<typename PointLeapfrog<T, Machine>::template Array<T>*>
PointLeapfrog<T, Machine>::state_parts() {
  std::vector<Array<T>*> parts = {&fields_, &psi_};
  for (PoleSet& set : poles_) {
    parts.push_back(&set.now);
    parts.push_back(&set.old);
  }
  return parts;
}

template <class T, class Machine>
std::size_t PointLeapfrog<T, Machine>::state_size() const {
  std::size_t size = fields_.size() + psi_.size();
  for (const PoleSet& set : poles_)
    size += set.points.size() * static_cast<std::size_t>(2 * set.resonant + set.relaxing);
  return size;
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::save_state(std::span<T> state) {
  machine_.select();
  prepare_poles();
  for (const Array<T>* part : state_parts()) {
    if (part->size() > 0) part->download(state.first(part->size()));
    state = state.subspan(part->size());
  }
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::load_state(std::span<const T> state) {
  machine_.select();
  prepare_poles();
  for (Array<T>* part : state_parts()) {
    if (part->size() > 0) part->upload(state.first(part->size()));
    state = state.subspan(part->size());
  }
}

template <class T, class Machine>
auto PointLeapfrog<T, Machine>::row_peaks(int component) const -> std::vector<RowPeak> {
  machine_.select();
  const std::size_t rows =
      static_cast<std::size_t>(layout_.ny) * static_cast<std::size_t>(layout_.nz);
  if (peaks_.size() == 0) peaks_ = Array<RowPeak>(rows);
  machine_.launch_phases("RowPeaks", RowPeaks<T>{field(component), layout_, peaks_.data()},
                         static_cast<unsigned>(rows));
  std::vector<RowPeak> peaks(rows);
  peaks_.download(peaks);
  return peaks;
}

template <class T, class Machine>
double PointLeapfrog<T, Machine>::square_sum() const {
  double sum = 0.0;
  for (int c = 0; c < first_group_size(size_.system); ++c)
    for (const RowPeak& row : row_peaks(c)) {
      const double value = static_cast<double>(row.value);
      sum += value * value;
    }
  return sum;
}

template <class T, class Machine>
typename LeapfrogEngine<T>::Peak PointLeapfrog<T, Machine>::peak(int component) const {
  typename LeapfrogEngine<T>::Peak peak;
  const std::vector<RowPeak> rows = row_peaks(component);
  for (std::size_t n = 0; n < rows.size(); ++n)
    if (static_cast<double>(rows[n].value) > peak.value) {
      const int row = static_cast<int>(n);
      peak = {static_cast<double>(rows[n].value), {rows[n].at, row % layout_.ny, row / layout_.ny}};
    }
  return peak;
}

template <class T, class Machine>
std::size_t PointLeapfrog<T, Machine>::bytes() const {
  std::size_t numbers = fields_.size() + psi_.size(), bytes = 0;
  for (const GroupMedium& medium : medium_) {
    bytes += medium.code8.size() + 2 * medium.code16.size();
    numbers += medium.table.size();
    for (const auto& array : medium.coefficient) numbers += array.size();
    for (const auto& array : medium.decay) numbers += array.size();
  }
  for (const Nonlinearity& n : nonlinearities_)
    numbers += n.device_square.size() + n.device_cube.size() + n.kept.size();
  bytes += 2 * sizeof(std::size_t) * link_gather_.target.size() +
           (sizeof(std::size_t) + sizeof(T)) * link_gather_.source.size();
  for (const PoleSet& set : poles_) {
    bytes += set.place.size() * sizeof(std::uint32_t);
    for (const Array<T>* array :
         {&set.field_decay, &set.a1, &set.a2, &set.a3, &set.gain, &set.now, &set.old})
      numbers += array->size();
  }
  return bytes + numbers * sizeof(T);
}

}  // namespace wavesmith
