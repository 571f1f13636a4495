// The leapfrog engine with one thread a point, for machines that launch grids of blocks of threads.
//
// Machine   What launches and remembers: Array<T> (owning memory, zero at first), launch(name,
//           kernel, blocks), launch_phases (one block of threads with a barrier after each phase),
//           replay(steps, record): does what `record` launches, the same sequence again whenever
//           `steps` comes again, until forget(); select() before any of it on a host thread. A GPU
//           is one (kernels/cuda_leapfrog.cu), a loop over blocks and threads on the host another.
// A step    For each group: poles; the core, without a thought of shells; the shells, slabs of up
//           to six faces in one launch; links of the tensor; drives; nonlinearity; poles again;
//           taps; the other ends of what is periodic. psi exists in the shells only. Sixteen steps
//           are recorded as one sequence.
// Medium    A code of 8 or 16 bits a point into a table, where few combinations of coefficients and
//           decays occur; arrays otherwise (kernels/medium_codes.hpp).
// Records   Taps gather into buffers of the machine, and drives take their signals from there, for
//           a chunk of steps; they cross over to the host once a chunk.
// The same numbers for every run of the same march: nothing is added in an order left to chance.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "kernels/leapfrog.hpp"
#include "kernels/medium_codes.hpp"
#include "kernels/point_hooks.hpp"
#include "kernels/point_layout.hpp"
#include "kernels/point_media.hpp"
#include "kernels/point_passes.hpp"

namespace wavesmith {

template <class T, class Machine>
class PointLeapfrog final : public LeapfrogEngine<T> {
 public:
  PointLeapfrog(const LeapfrogSize& size, Machine machine);

  const LeapfrogSize& size() const override { return size_; }
  void set_metric(int axis, const LineMetric& metric) override;
  void set_coefficient(int component, std::span<const double> values) override;
  void set_decay(int component, std::span<const double> values) override;
  void add_pole(const PoleField& pole) override;
  int add_nonlinearity(const NonlinearField& field) override;
  std::span<T> trajectory(int nonlinearity, int steps) override;
  void set_links(std::span<const TensorLink> links) override;
  int add_drive(int component, const GridBox& box, int rank,
                std::span<const double> weights) override;
  std::span<T> drive_signals(int drive, int steps) override;
  int add_tap(int component, const GridBox& box, int every) override;
  std::span<const T> tap_record(int tap) const override { return at(taps_, tap).shown; }
  void record_to(int tap, std::span<T> memory) override { at(taps_, tap).next = memory; }
  int add_difference_tap(std::span<const FieldPoint> points) override;
  std::span<const T> difference_record(int tap) const override {
    return at(difference_taps_, tap).record;
  }
  void run(long first, int steps) override;
  void set_transposed(bool transposed) override;
  void start_over() override;
  void read_field(int component, std::span<double> values) const override;
  void write_field(int component, std::span<const double> values) override;
  std::size_t state_size() const override;
  void save_state(std::span<T> state) override;
  void load_state(std::span<const T> state) override;
  double square_sum() const override;
  typename LeapfrogEngine<T>::Peak peak(int component) const override;
  std::size_t bytes() const override;

 private:
  template <class N>
  using Array = typename Machine::template Array<N>;
  using RowPeak = typename RowPeaks<T>::Entry;

  struct Drive {
    int component = 0, rank = 0;
    GridBox box;
    std::vector<T> weights;  // [rank][point]
    std::vector<T> signals;
    int steps = 0;
    Array<T> device_weights, device_signals;  // the signals of a chunk

    std::size_t numbers_a_step() const {
      return rank == 0 ? box.count() : static_cast<std::size_t>(rank);
    }
  };
  struct Tap {
    int component = 0, every = 1;
    GridBox box;
    std::vector<T> record;
    std::optional<std::span<T>> next;  // memory for the next run
    std::span<T> shown;                // that of the last run
    Array<T> device_record;            // of a chunk
  };
  // Drives or taps of a group that may go in one launch.
  template <class View>
  struct Launch {
    Array<View> views;
    Array<std::uint32_t> owner;  // [block]
    unsigned blocks = 0;
  };
  struct Pole {
    PoleField field;
    int slot = 0;  // among those of its kind
  };
  // The poles of one component of the first group.
  struct PoleSet {
    std::vector<Pole> poles;
    std::vector<std::size_t> points;  // that have any, in order
    int resonant = 0, relaxing = 0;   // slots
    Array<std::uint32_t> place;
    Array<T> field_decay, a1, a2, a3, gain, now, old;
    PoleView<T> view;
  };
  struct Nonlinearity {
    int component = 0;
    GridBox box;
    std::vector<T> square, cube, trajectory;
    Array<T> device_square, device_cube, kept, device_trajectory;
  };
  struct GatherTerm {
    std::size_t target = 0, source = 0;
    double weight = 0.0;
  };
  struct Gather {
    Array<std::size_t> target, begin, source;
    Array<T> weight;
    GatherView<T> view;
  };
  struct DifferenceTap {
    std::vector<FieldPoint> points;
    std::vector<T> record;
    Array<T> device_record;
    std::array<Gather, 2> gathers;  // of the groups
  };
  struct GroupMedium {
    Array<std::uint8_t> code8;
    Array<std::uint16_t> code16;
    Array<T> table;
    std::array<Array<T>, 3> coefficient, decay;
  };

  template <class C>
  static auto& at(C& items, int i) {
    return items[static_cast<std::size_t>(i)];
  }
  bool in_first_group(int component) const { return component < first_group_size(size_.system); }
  const T* field(int component) const { return view_.field[component]; }
  std::size_t component_length() const { return static_cast<std::size_t>(layout_.length); }
  // `f(i, j, k, at)` at every point in order.
  template <class F>
  void for_points(const F& f) const;

  void prepare();
  void prepare_medium(bool first_group);
  Array<T> spread(std::span<const T> values) const;
  std::vector<T> decay_beside_poles(int component) const;
  void prepare_poles();
  void prepare_nonlinearities();
  Gather make_gather(std::vector<GatherTerm> terms) const;
  void prepare_gathers();
  void choose_chunk();
  void prepare_hooks();
  template <class N>
  static Array<N> stored(std::span<const N> values);
  // Those that may go in one launch, because they do not overlap, launch by launch.
  template <class Items>
  std::vector<std::vector<int>> levels_of(const Items& items, const std::vector<int>& chosen) const;
  template <class View, class Items, class MakeView>
  Launch<View> make_launch(Items& items, const std::vector<int>& chosen,
                           const MakeView& make) const;
  void split_boxes();

  void run_chunk(long first, int done, int steps);
  void send_chunk(int done, int steps);
  void fetch_chunk(long first, int done, int steps);
  void record_step(int offset);
  template <WaveSystem System, bool First>
  void record_group(int offset);
  template <WaveSystem System, bool First>
  void record_filter();
  void record_wrap(bool first_group);
  std::vector<RowPeak> row_peaks(int component) const;
  std::vector<Array<T>*> state_parts();

  static constexpr int replayed_steps = 16;
  static constexpr int longest_chunk = 64;
  static constexpr double chunk_bytes = 268435456.0;  // of signals and records on the way

  LeapfrogSize size_;
  PointLayout layout_;
  mutable Machine machine_;
  bool transposed_ = false;
  MarchView<T> view_;
  Array<T> fields_, psi_;
  std::array<Array<T>, 3> metrics_;
  std::array<std::vector<T>, 3> node_factor_, centre_factor_;  // as the metrics hold them
  std::array<CoreAndShells, 2> boxes_;
  std::vector<std::vector<T>> coefficient_, decay_;  // [component]: a number for all, or by point
  std::array<GroupMedium, 2> medium_;
  std::array<PoleSet, 3> poles_;
  std::vector<Nonlinearity> nonlinearities_;
  std::vector<Launch<NonlinearView<T>>> nonlinear_launches_;
  std::vector<TensorLink> links_;
  Gather link_gather_;
  std::vector<DifferenceTap> difference_taps_;
  std::vector<Drive> drives_;
  std::vector<Tap> taps_;
  std::array<std::vector<Launch<DriveView<T>>>, 2> drive_launches_;
  std::array<Launch<TapView<T>>, 2> tap_launches_;
  Array<std::int64_t> clock_;
  mutable Array<RowPeak> peaks_;
  int chunk_ = 1;
  std::array<bool, 2> medium_ready_{};
  bool poles_ready_ = true, hooks_ready_ = false, gathers_ready_ = false;
};

template <class T, class Machine>
template <class F>
void PointLeapfrog<T, Machine>::for_points(const F& f) const {
  for (int k = 0; k < layout_.nz; ++k)
    for (int j = 0; j < layout_.ny; ++j)
      for (int i = 0; i < layout_.nx; ++i) f(static_cast<std::size_t>(layout_.at(i, j, k)));
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::run(long first, int steps) {
  machine_.select();
  prepare();
  for (Tap& tap : taps_) {
    const long before = (first + tap.every - 1) / tap.every;
    const long after = (first + steps + tap.every - 1) / tap.every;
    if (!tap.next) tap.record.resize(static_cast<std::size_t>(after - before) * tap.box.count());
    tap.shown = tap.next.value_or(tap.record);
    tap.next.reset();
  }
  for (DifferenceTap& tap : difference_taps_)
    tap.record.assign(static_cast<std::size_t>(steps) * tap.points.size(), T(0));
  for (Drive& drive : drives_)
    if (drive.steps != steps) drive_signals(static_cast<int>(&drive - drives_.data()), steps);
  if (transposed_)
    for (Nonlinearity& n : nonlinearities_)
      n.trajectory.resize(n.box.count() * static_cast<std::size_t>(steps));
  for (int done = 0; done < steps; done += chunk_)
    run_chunk(first, done, std::min(chunk_, steps - done));
}

// Steps first + done .. first + done + steps - 1 of a run that begins at `first`.
template <class T, class Machine>
void PointLeapfrog<T, Machine>::run_chunk(long first, int done, int steps) {
  const std::int64_t begin = first + done;
  clock_.upload(std::array<std::int64_t, 2>{begin, begin});
  send_chunk(done, steps);
  for (int s = 0; s < steps;) {
    const int together = steps - s >= replayed_steps ? replayed_steps : 1;
    machine_.replay(together, [&] {
      for (int offset = 0; offset < together; ++offset) record_step(offset);
      machine_.launch("AdvanceClock", AdvanceClock{clock_.data(), together}, 1);
    });
    s += together;
  }
  fetch_chunk(first, done, steps);
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::send_chunk(int done, int steps) {
  const auto send = [&](Array<T>& to, const std::vector<T>& from, std::size_t a_step) {
    to.upload(std::span<const T>(from).subspan(static_cast<std::size_t>(done) * a_step,
                                               static_cast<std::size_t>(steps) * a_step));
  };
  for (Drive& drive : drives_) send(drive.device_signals, drive.signals, drive.numbers_a_step());
  if (transposed_)
    for (Nonlinearity& n : nonlinearities_) send(n.device_trajectory, n.trajectory, n.box.count());
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::fetch_chunk(long first, int done, int steps) {
  const long begin = first + done;
  for (Tap& tap : taps_) {
    const auto records_before = [&](long step) { return (step + tap.every - 1) / tap.every; };
    const auto numbers = [&](long records) {
      return static_cast<std::size_t>(records) * tap.box.count();
    };
    const long from = records_before(begin), to = records_before(begin + steps);
    if (to > from && !tap.shown.empty())
      tap.device_record.download(
          tap.shown.subspan(numbers(from - records_before(first)), numbers(to - from)));
  }
  for (DifferenceTap& tap : difference_taps_)
    tap.device_record.download(std::span<T>(tap.record)
                                   .subspan(static_cast<std::size_t>(done) * tap.points.size(),
                                            static_cast<std::size_t>(steps) * tap.points.size()));
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::record_step(int offset) {
  if (size_.system == WaveSystem::maxwell) {
    record_group<WaveSystem::maxwell, true>(offset);
    record_group<WaveSystem::maxwell, false>(offset);
  } else {
    record_group<WaveSystem::scalar, true>(offset);
    record_group<WaveSystem::scalar, false>(offset);
  }
}

template <class T, class Machine>
template <WaveSystem System, bool First>
void PointLeapfrog<T, Machine>::record_group(int offset) {
  constexpr std::size_t group = First ? 0 : 1;
  const StepClock clock{clock_.data(), offset};
  const auto nonlinear = [&](const char* name, auto kernel) {
    for (const auto& launch : nonlinear_launches_) {
      kernel.views = launch.views.data();
      kernel.owner = launch.owner.data();
      machine_.launch(name, kernel, launch.blocks);
    }
  };
  const EndNonlinear<T> end_nonlinear{nullptr, nullptr, layout_, clock, transposed_};
  if (First)
    nonlinear("BeginNonlinear", BeginNonlinear<T>{nullptr, nullptr, layout_, clock, transposed_});
  if (First)
    for (const PoleSet& set : poles_)
      machine_.launch("BeginPoles", BeginPoles<T>{set.view, transposed_},
                      blocks_over(set.view.count));
  const TiledBoxes &core = boxes_[group].core, &shells = boxes_[group].shells;
  machine_.launch("core", GroupPass<T, System, First, Shells::none>{view_, core}, core.blocks());
  if (transposed_)
    machine_.launch("shells", GroupPass<T, System, First, Shells::transposed>{view_, shells},
                    shells.blocks());
  else
    machine_.launch("shells", GroupPass<T, System, First, Shells::forward>{view_, shells},
                    shells.blocks());
  // The tensor is that of E, or of v; transposed, the other group is added to.
  if (First == ((System == WaveSystem::maxwell) != transposed_))
    machine_.launch("AddGathered", AddGathered<T>{link_gather_.view, fields_.data()},
                    blocks_over(link_gather_.view.count));
  for (DifferenceTap& tap : difference_taps_)
    machine_.launch("RecordGathered",
                    RecordGathered<T>{tap.gathers[group].view, fields_.data(),
                                      tap.device_record.data(), tap.points.size(), clock},
                    blocks_over(tap.gathers[group].view.count));
  for (const auto& launch : drive_launches_[group])
    machine_.launch("DrivePass",
                    DrivePass<T>{launch.views.data(), launch.owner.data(), layout_, clock},
                    launch.blocks);
  if (First && !transposed_) nonlinear("EndNonlinear", end_nonlinear);
  if (First)
    for (const PoleSet& set : poles_)
      if (set.relaxing > 0)
        machine_.launch("EndPoles", EndPoles<T>{set.view, transposed_},
                        blocks_over(set.view.count));
  if (First && transposed_) nonlinear("EndNonlinear", end_nonlinear);
  const auto& taps = tap_launches_[group];
  machine_.launch("TapPass", TapPass<T>{taps.views.data(), taps.owner.data(), layout_, clock},
                  taps.blocks);
  if (transposed_) record_filter<System, First>();
  record_wrap(First);
}

template <class T, class Machine>
template <WaveSystem System, bool First>
void PointLeapfrog<T, Machine>::record_filter() {
  const TiledBoxes& shells = boxes_[First ? 0 : 1].shells;
  machine_.launch("FilterPass", FilterPass<T, System, First>{view_, shells}, shells.blocks());
}

template <class T, class Machine>
void PointLeapfrog<T, Machine>::record_wrap(bool first_group) {
  const int split = first_group_size(size_.system);
  const int begin = first_group ? 0 : split;
  WrapPass<T> wrap;
  wrap.layout = layout_;
  wrap.first_group = first_group;
  wrap.components = (first_group ? split : component_count(size_.system)) - begin;
  for (int c = 0; c < wrap.components; ++c) wrap.field[c] = view_.field[begin + c];
  for (int axis = 0; axis < 3; ++axis) wrap.periodic[axis] = at(size_.periodic, axis);
  machine_.launch("WrapPass", wrap, blocks_over(wrap.threads()));
}

}  // namespace wavesmith

#include "kernels/point_leapfrog_media.hpp"
#include "kernels/point_leapfrog_setup.hpp"
#include "kernels/point_leapfrog_state.hpp"
