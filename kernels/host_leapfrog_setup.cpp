// Memory, media, drives, taps and state of the CPU's leapfrog engine.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/host_leapfrog.hpp"
#include "kernels/host_team.hpp"

namespace wavesmith {
namespace host {
namespace {

// Arrays lie this far apart beyond their length, so that they do not fall into the same sets of the
// caches.
constexpr std::size_t stagger_bytes = 33088;

// On few points threads wait for each other longer than they work.
int threads_worthwhile(const LeapfrogSize& size) {
  constexpr std::size_t points_per_thread = 8192;
  return static_cast<int>(std::clamp<std::size_t>(size.count() / points_per_thread, 1,
                                                  static_cast<std::size_t>(thread_limit())));
}

// psi of a group's differences along an axis.
std::size_t psi_length(const LeapfrogSize& size, const RowLayout& layout, std::size_t axis) {
  const std::size_t shell = static_cast<std::size_t>(size.shell_low[axis] + size.shell_high[axis]);
  if (shell == 0) return 0;
  const std::size_t ny = static_cast<std::size_t>(layout.ny);
  const std::size_t nz = static_cast<std::size_t>(layout.nz);
  const std::size_t rows = axis == 0 ? ny * nz : shell * (axis == 1 ? nz : ny);
  return rows * differences_along_axis(size.system) *
         static_cast<std::size_t>(axis == 0 ? layout.ends() + layout.pad : layout.padded);
}

}  // namespace

RowLayout::RowLayout(const LeapfrogSize& size, std::size_t number_bytes, int components)
    : nx(size.points[0]), ny(size.points[1]), nz(size.points[2]) {
  const auto round_up = [this](int points) { return (points + pad - 1) / pad * pad; };
  pad = static_cast<int>(64 / number_bytes);
  padded = round_up(nx);
  const int low = size.shell_low[0], high = size.shell_high[0];
  ends_low = low > 0 ? std::min(round_up(low + 1), padded) : 0;
  ends_high = high > 0 ? std::max((nx - high - 1) / pad * pad, ends_low) : padded;
  component = static_cast<std::size_t>(pad + round_up(nx + 1));
  row = component * static_cast<std::size_t>(components);
  // Neighbours a multiple of 4 KiB apart would wait for each other's stores.
  if (row * number_bytes % 4096 == 0) row += static_cast<std::size_t>(pad);
  plane = row * static_cast<std::size_t>(ny + 2);
  if (plane * number_bytes % 4096 == 0) plane += static_cast<std::size_t>(pad);
  length = plane * static_cast<std::size_t>(nz + 2) + static_cast<std::size_t>(pad);
}

template <class T>
HostLeapfrog<T>::HostLeapfrog(const LeapfrogSize& size, const LeapfrogSchedule& schedule)
    : size_(size),
      schedule_(schedule),
      threads_(schedule.threads > 0 ? schedule.threads : threads_worthwhile(size)),
      layout_(size, sizeof(T), component_count(size.system)),
      fields_(layout_.length),
      decay_layout_(size, sizeof(T), 1) {
  for (std::size_t d = 0; d < 3; ++d) varies_[d] = size.points[d] > 1;
  const std::size_t components = static_cast<std::size_t>(component_count(size.system));
  const int split = first_group_size(size.system);
  coefficient_layout_ = {RowLayout(size, sizeof(T), split),
                         RowLayout(size, sizeof(T), component_count(size.system) - split)};
  std::size_t psi = 0;
  for (const std::size_t group : {0, 1})
    for (std::size_t axis = 0; axis < 3; ++axis) {
      psi_offset_[group][axis] = psi + static_cast<std::size_t>(layout_.pad);  // behind zeros
      psi += psi_length(size, layout_, axis) + stagger_bytes / sizeof(T);
    }
  psi_ = HostArray<T>(psi);
  no_psi_ = HostArray<T>(static_cast<std::size_t>(layout_.padded));
  decays_.resize(components);
  uniform_coefficient_.assign(components, T(1));
  per_point_.assign(components, 0);
  for (int axis = 0; axis < 3; ++axis) {
    const std::size_t n = static_cast<std::size_t>(size.points[static_cast<std::size_t>(axis)]);
    LineMetric none;
    none.node.assign(n, 0.0);
    none.centre = none.node_gain = none.centre_gain = none.node;
    none.node_decay = none.centre_decay = none.node;
    set_metric(axis, none);
  }

  // A step of a row looks at about four rows of each component; first-level caches hold 48 KiB.
  const std::size_t component_bytes = layout_.component * sizeof(T);
  together_ = static_cast<int>(
      std::clamp<std::size_t>((std::size_t{48} << 10) / (4 * components * component_bytes), 1, 4));
  // The working set of a tile, (depth + 2) x tile rows of all fields and coefficients, is to fill
  // half of a core's second-level cache of 2 MiB.
  const std::size_t row_bytes = component_bytes * (components + components / 2);
  const std::size_t rows = std::max<std::size_t>((std::size_t{1} << 20) / row_bytes, 1);
  const bool flat = layout_.nz == 1;
  if (schedule_.depth <= 0)
    schedule_.depth = flat ? static_cast<int>(std::clamp<std::size_t>(rows / 2, 1, 32)) : 8;
  if (schedule_.tile <= 0)
    schedule_.tile = static_cast<int>(
        std::clamp<std::size_t>(rows / static_cast<std::size_t>(schedule_.depth + 2), 1, 32));
}

template <class T>
void HostLeapfrog<T>::set_metric(int axis, const LineMetric& metric) {
  Metric& to = metrics_[static_cast<std::size_t>(axis)];
  const auto fill = [this](HostArray<T>& array, const std::vector<double>& from) {
    // Zero beyond the last point, so that whole vectors can be read along x.
    array = HostArray<T>(from.size() + static_cast<std::size_t>(layout_.pad));
    std::copy(from.begin(), from.end(), array.data());
  };
  fill(to.node, metric.node);
  fill(to.centre, metric.centre);
  fill(to.node_decay, metric.node_decay);
  fill(to.node_gain, metric.node_gain);
  fill(to.centre_decay, metric.centre_decay);
  fill(to.centre_gain, metric.centre_gain);
  gathers_built_ = false;
}

template <class T>
void HostLeapfrog<T>::set_coefficient(int component, std::span<const double> values) {
  const int split = first_group_size(size_.system);
  const bool first_group = component < split;
  const int begin = first_group ? 0 : split;
  const int end = first_group ? split : component_count(size_.system);
  gathers_built_ = false;
  per_point_[static_cast<std::size_t>(component)] = values.size() != 1;
  if (values.size() == 1)
    uniform_coefficient_[static_cast<std::size_t>(component)] = static_cast<T>(values[0]);
  const RowLayout& layout = coefficient_layout_[first_group ? 0 : 1];
  HostArray<T>& to = coefficients_[first_group ? 0 : 1];
  if (std::none_of(per_point_.begin() + begin, per_point_.begin() + end,
                   [](char each) { return each != 0; })) {
    to = {};
    return;
  }
  const auto fill = [&](int c, std::span<const double> from) {
    T* const base = to.data() + static_cast<std::size_t>(c - begin) * layout.component;
    for_rows([&](int j, int k) {
      const double* const values = from.data() + (from.size() == 1 ? 0 : size_.index(0, j, k));
      T* const f = base + layout.at(j, k);
      if (from.size() == 1)
        std::fill_n(f, layout.nx, static_cast<T>(*values));
      else
        std::transform(values, values + layout.nx, f, [](double v) { return static_cast<T>(v); });
    });
  };
  // All of a group go point by point, or none.
  if (uniform(first_group)) {
    to = HostArray<T>(layout.length);
    for (int c = begin; c < end; ++c) {
      const double same = static_cast<double>(uniform_coefficient_[static_cast<std::size_t>(c)]);
      if (c != component) fill(c, {&same, 1});
    }
  }
  fill(component, values);
}

template <class T>
T HostLeapfrog<T>::coefficient_at(int component, const std::array<int, 3>& p) const {
  const int split = first_group_size(size_.system);
  const bool first_group = component < split;
  if (uniform(first_group)) return uniform_coefficient_[static_cast<std::size_t>(component)];
  return coefficient_rows(
      first_group, p[1],
      p[2])[static_cast<std::size_t>(first_group ? component : component - split) *
                layout_.component +
            static_cast<std::size_t>(p[0])];
}

template <class T>
void HostLeapfrog<T>::set_decay(int component, std::span<const double> values) {
  HostArray<T>& to = decays_[static_cast<std::size_t>(component)];
  to = HostArray<T>(values.empty() ? 0 : decay_layout_.length);
  any_decay_ = std::any_of(decays_.begin(), decays_.end(), [](const auto& d) { return d.size(); });
  if (values.empty()) return;
  std::size_t from = 0;
  for (int k = 0; k < layout_.nz; ++k)
    for (int j = 0; j < layout_.ny; ++j)
      for (int i = 0; i < layout_.nx; ++i, ++from)
        to.data()[decay_layout_.at(j, k) + static_cast<std::size_t>(i)] =
            static_cast<T>(values[values.size() == 1 ? 0 : from]);
}

template <class T>
int HostLeapfrog<T>::add_drive(int component, const GridBox& box, int rank,
                               std::span<const double> weights) {
  Drive drive{component, rank, box, std::vector<T>(weights.begin(), weights.end()), {}, {}, 0};
  drives_.push_back(std::move(drive));
  hooks_indexed_ = false;
  return static_cast<int>(drives_.size()) - 1;
}

template <class T>
std::span<T> HostLeapfrog<T>::drive_signals(int drive, int steps) {
  Drive& to = drives_[static_cast<std::size_t>(drive)];
  const std::size_t a_step = to.rank == 0 ? to.box.count() : static_cast<std::size_t>(to.rank);
  to.signals.assign(a_step * static_cast<std::size_t>(steps), T(0));
  to.steps = steps;
  return to.signals;
}

// In which steps of a run something is added. Step by step, so that where runs begin and end
// changes nothing.
template <class T>
void HostLeapfrog<T>::prepare_drives(int steps) {
  const std::size_t count = static_cast<std::size_t>(steps);
  for (std::vector<char>& group : driven_) group.assign(count, 0);
  for (std::size_t d = 0; d < drives_.size(); ++d) {
    Drive& drive = drives_[d];
    if (drive.steps != steps) drive_signals(static_cast<int>(d), steps);
    const std::size_t a_step =
        drive.rank == 0 ? drive.box.count() : static_cast<std::size_t>(drive.rank);
    std::vector<char>& driven = driven_[drive.component < first_group_size(size_.system) ? 0 : 1];
    drive.sounds.assign(count, 0);
    for (std::size_t s = 0; s < count; ++s) {
      const auto begin = drive.signals.begin() + static_cast<std::ptrdiff_t>(s * a_step);
      if (std::all_of(begin, begin + static_cast<std::ptrdiff_t>(a_step),
                      [](T signal) { return signal == T(0); }))
        continue;
      drive.sounds[s] = driven[s] = 1;
    }
  }
}

template <class T>
int HostLeapfrog<T>::add_tap(int component, const GridBox& box, int every) {
  Tap tap;
  tap.component = component;
  tap.every = every;
  tap.box = box;
  taps_.push_back(std::move(tap));
  hooks_indexed_ = false;
  return static_cast<int>(taps_.size()) - 1;
}

template <class T>
std::span<const T> HostLeapfrog<T>::tap_record(int tap) const {
  return taps_[static_cast<std::size_t>(tap)].shown;
}

template <class T>
void HostLeapfrog<T>::record_to(int tap, std::span<T> memory) {
  taps_[static_cast<std::size_t>(tap)].next = memory;
}

// Where each step of a run is recorded.
template <class T>
void HostLeapfrog<T>::prepare_taps(long first, int steps) {
  for (std::vector<char>& group : recorded_) group.assign(static_cast<std::size_t>(steps), 0);
  for (Tap& tap : taps_) {
    tap.records.assign(static_cast<std::size_t>(steps), -1);
    int count = 0;
    for (std::size_t s = 0; s < tap.records.size(); ++s)
      if ((first + static_cast<long>(s)) % tap.every == 0) tap.records[s] = count++;
    const std::size_t numbers = static_cast<std::size_t>(count) * tap.box.count();
    if (!tap.next && tap.record.size() < numbers) {
      const auto spare = std::find_if(
          spare_records_.begin(), spare_records_.end(), [numbers](const HostArray<T>& memory) {
            return memory.size() >= numbers && memory.size() <= 2 * numbers;
          });
      tap.record = {};
      if (spare == spare_records_.end())
        tap.record = HostArray<T>::unset(numbers);
      else
        std::swap(tap.record, *spare);
    }
    tap.shown = tap.next.value_or(std::span(tap.record.data(), tap.next ? 0 : numbers));
    tap.next.reset();
    if (tap.shown.empty()) std::fill(tap.records.begin(), tap.records.end(), -1);
    std::vector<char>& recorded = recorded_[tap.component < first_group_size(size_.system) ? 0 : 1];
    for (std::size_t s = 0; s < tap.records.size(); ++s)
      if (tap.records[s] >= 0) recorded[s] = 1;
  }
}

void RowIndex::build(const std::vector<std::pair<int, GridBox>>& boxes, int ny, int nz) {
  std::vector<std::vector<Entry>> rows(static_cast<std::size_t>(ny) * static_cast<std::size_t>(nz));
  for (const auto& [index, box] : boxes) {
    std::size_t offset = 0;
    for (int k = box.begin[2]; k < box.end[2]; ++k)
      for (int j = box.begin[1]; j < box.end[1]; ++j) {
        rows[static_cast<std::size_t>(k) * static_cast<std::size_t>(ny) +
             static_cast<std::size_t>(j)]
            .push_back({index, offset});
        offset += static_cast<std::size_t>(box.end[0] - box.begin[0]);
      }
  }
  entries_.clear();
  begin_.assign(1, 0);
  for (const std::vector<Entry>& line : rows) {
    entries_.insert(entries_.end(), line.begin(), line.end());
    begin_.push_back(static_cast<std::uint32_t>(entries_.size()));
  }
}

template <class T>
void HostLeapfrog<T>::index_hooks() {
  if (hooks_indexed_) return;
  const auto boxes_of = [](const auto& things, auto wanted) {
    std::vector<std::pair<int, GridBox>> boxes;
    for (std::size_t i = 0; i < things.size(); ++i)
      if (wanted(things[i].component)) boxes.emplace_back(static_cast<int>(i), things[i].box);
    return boxes;
  };
  for (const bool first_group : {true, false}) {
    const auto in_group = [&](int component) {
      return (component < first_group_size(size_.system)) == first_group;
    };
    const std::size_t group = first_group ? 0 : 1;
    drive_rows_[group].build(boxes_of(drives_, in_group), layout_.ny, layout_.nz);
    tap_rows_[group].build(boxes_of(taps_, in_group), layout_.ny, layout_.nz);
  }
  const auto any = [](int) { return true; };
  pole_rows_.build(boxes_of(poles_, any), layout_.ny, layout_.nz);
  nonlinear_rows_.build(boxes_of(nonlinearities_, any), layout_.ny, layout_.nz);
  const std::size_t lines =
      static_cast<std::size_t>(layout_.ny) * static_cast<std::size_t>(layout_.nz);
  for (const std::size_t group : {0, 1}) {
    work_[group].resize(lines);
    for (std::size_t at = 0; at < lines; ++at)
      work_[group][at] = {!drive_rows_[group].at(at).empty(), !tap_rows_[group].at(at).empty(),
                          !pole_rows_.at(at).empty(), !nonlinear_rows_.at(at).empty()};
  }
  hooks_indexed_ = true;
}

template <class T>
void HostLeapfrog<T>::set_transposed(bool transposed) {
  transposed_ = transposed;
  gathers_built_ = false;
  fields_.clear();
  psi_.clear();
  for (Pole& pole : poles_) {
    pole.now.clear();
    pole.old.clear();
  }
}

template <class T>
void HostLeapfrog<T>::start_over() {
  set_transposed(false);
  drives_.clear();
  std::vector<HostArray<T>> spare;
  for (Tap& tap : taps_)
    if (tap.record.size() > 0) spare.push_back(std::move(tap.record));
  spare_records_ = std::move(spare);
  taps_.clear();
  difference_taps_.clear();
  hooks_indexed_ = false;
}

template <class T>
void HostLeapfrog<T>::read_field(int component, std::span<double> values) const {
  for_rows([&](int j, int k) {
    const T* const f = row(component, j, k);
    std::copy_n(f, layout_.nx, values.data() + size_.index(0, j, k));
  });
}

template <class T>
void HostLeapfrog<T>::write_field(int component, std::span<const double> values) {
  for_rows([&](int j, int k) {
    T* const f = row(component, j, k);
    const double* const from = values.data() + size_.index(0, j, k);
    std::transform(from, from + layout_.nx, f, [](double v) { return static_cast<T>(v); });
    // The other ends of periodic rows, that the next step reads.
    f[layout_.nx] = size_.periodic[0] ? f[0] : T(0);
    f[-1] = size_.periodic[0] ? f[layout_.nx - 1] : T(0);
    // The transposed first half-step differences what has gone through the shells' filter.
    if (transposed_ && component + 1 == component_count(size_.system)) filter_fields(false, j, k);
  });
  wrap_first();
  wrap_second();
}

template <class T>
std::vector<std::span<T>> HostLeapfrog<T>::state_parts() {
  std::vector<std::span<T>> parts = {{fields_.data(), fields_.size()}, {psi_.data(), psi_.size()}};
  for (Pole& pole : poles_) {
    parts.emplace_back(pole.now.data(), pole.now.size());
    parts.emplace_back(pole.old.data(), pole.old.size());
  }
  return parts;
}

template <class T>
std::size_t HostLeapfrog<T>::state_size() const {
  std::size_t size = fields_.size() + psi_.size();
  for (const Pole& pole : poles_) size += pole.now.size() + pole.old.size();
  return size;
}

template <class T>
void HostLeapfrog<T>::save_state(std::span<T> state) {
  for (const std::span<T> part : state_parts()) {
    std::copy(part.begin(), part.end(), state.begin());
    state = state.subspan(part.size());
  }
}

template <class T>
void HostLeapfrog<T>::load_state(std::span<const T> state) {
  for (const std::span<T> part : state_parts()) {
    std::copy_n(state.begin(), part.size(), part.begin());
    state = state.subspan(part.size());
  }
}

template <class T>
double HostLeapfrog<T>::square_sum() const {
  // A sum of each row, then all of them in order: the same for any number of threads.
  std::vector<double> rows(static_cast<std::size_t>(layout_.ny) *
                           static_cast<std::size_t>(layout_.nz));
#pragma omp parallel for collapse(2) num_threads(threads_available(threads_))
  for (int k = 0; k < layout_.nz; ++k)
    for (int j = 0; j < layout_.ny; ++j)
      for (int c = 0; c < first_group_size(size_.system); ++c) {
        const T* const f = row(c, j, k);
        T sum = T(0);
#pragma omp simd reduction(+ : sum)
        for (int i = 0; i < layout_.nx; ++i) sum += f[i] * f[i];
        rows[line(j, k)] += static_cast<double>(sum);
      }
  double sum = 0.0;
  for (const double part : rows) sum += part;
  return sum;
}

template <class T>
typename LeapfrogEngine<T>::Peak HostLeapfrog<T>::peak(int component) const {
  typename LeapfrogEngine<T>::Peak peak;
  for (int k = 0; k < layout_.nz; ++k)
    for (int j = 0; j < layout_.ny; ++j) {
      const T* const f = row(component, j, k);
      for (int i = 0; i < layout_.nx; ++i) {
        const double value = std::abs(static_cast<double>(f[i]));
        if (std::isfinite(value) ? value > peak.value : std::isfinite(peak.value))
          peak = {std::isfinite(value) ? value : std::numeric_limits<double>::infinity(),
                  {i, j, k}};
      }
    }
  return peak;
}

template <class T>
std::size_t HostLeapfrog<T>::bytes() const {
  std::size_t numbers = fields_.size() + psi_.size();
  for (const auto& c : coefficients_) numbers += c.size();
  for (const auto& d : decays_) numbers += d.size();
  for (const Pole& pole : poles_)
    numbers += pole.a1.size() + pole.a2.size() + pole.a3.size() + pole.gain.size() +
               pole.now.size() + pole.old.size();
  for (const Nonlinearity& n : nonlinearities_) numbers += 3 * n.kept.size();
  return numbers * sizeof(T) + link_gather_.bytes() + links_.size() * sizeof(TensorLink);
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace host

template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_host_leapfrog(const LeapfrogSize& size,
                                                      const LeapfrogSchedule& schedule) {
  return std::make_unique<host::HostLeapfrog<T>>(size, schedule);
}
template std::unique_ptr<LeapfrogEngine<float>> make_host_leapfrog(const LeapfrogSize&,
                                                                   const LeapfrogSchedule&);
template std::unique_ptr<LeapfrogEngine<double>> make_host_leapfrog(const LeapfrogSize&,
                                                                    const LeapfrogSchedule&);

std::size_t estimate_leapfrog_bytes(const LeapfrogSize& size, std::size_t number_bytes) {
  const host::RowLayout fields(size, number_bytes, component_count(size.system));
  const host::RowLayout coefficients(size, number_bytes, first_group_size(size.system));
  std::size_t numbers = fields.length + coefficients.length;
  for (std::size_t axis = 0; axis < 3; ++axis)
    numbers += 2 * (host::psi_length(size, fields, axis) + host::stagger_bytes / number_bytes);
  return numbers * number_bytes;
}

}  // namespace wavesmith
