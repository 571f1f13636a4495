// The leapfrog engine on the CPU: its memory, and what is done to a row.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/host_gather.hpp"
#include "kernels/host_memory.hpp"
#include "kernels/leapfrog.hpp"
#include "kernels/leapfrog_schedule.hpp"
#include "kernels/leapfrog_terms.hpp"
#include "kernels/leapfrog_updates.hpp"
#include "kernels/parallel.hpp"

namespace wavesmith::host {

// How rows lie in memory: those of all components of a (j, k) one behind the other, so that a tile
// is one stretch and its rows fall into different sets of the caches; zeros (or the other end) in
// front of and behind each row, and rows of zeros around every plane.
struct RowLayout {
  int nx = 0, ny = 0, nz = 0;
  int pad = 0;     // numbers in front of a row: one vector
  int padded = 0;  // of a row that are computed: whole vectors
  // What the shells along x keep of every row: points 0 to ends_low, ends_high to padded; whole
  // vectors, with at least one point beyond each shell.
  int ends_low = 0, ends_high = 0;
  std::size_t component = 0;  // from component to component
  std::size_t row = 0;        // from row to row of a component
  std::size_t plane = 0;      // from plane to plane
  std::size_t length = 0;     // of all

  RowLayout() = default;
  RowLayout(const LeapfrogSize& size, std::size_t number_bytes, int components);
  int ends() const { return ends_low + padded - ends_high; }
  // Of point (0, j, k) of the first component; j from -1 to ny, k from -1 to nz.
  std::size_t at(int j, int k) const {
    return static_cast<std::size_t>(k + 1) * plane + static_cast<std::size_t>(j + 1) * row +
           static_cast<std::size_t>(pad);
  }
};

// Which boxes reach into which rows.
class RowIndex {
 public:
  struct Entry {
    int index;           // of what the box belongs to
    std::size_t offset;  // of the row in the box
  };
  void build(const std::vector<std::pair<int, GridBox>>& boxes, int ny, int nz);
  std::span<const Entry> at(std::size_t line) const {
    return std::span(entries_).subspan(begin_[line], begin_[line + 1] - begin_[line]);
  }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> begin_;
};

template <class T>
class HostLeapfrog final : public LeapfrogEngine<T> {
 public:
  HostLeapfrog(const LeapfrogSize& size, const LeapfrogSchedule& schedule);

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
  std::span<const T> tap_record(int tap) const override;
  void record_to(int tap, std::span<T> memory) override;
  int add_difference_tap(std::span<const FieldPoint> points) override;
  std::span<const T> difference_record(int tap) const override;
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

  // What the schedules call, row by row.
  void first(long step, int j, int k);
  void second(long step, int j, int k);
  void wrap_first();
  void wrap_second();

 private:
  // Of complex fields: what lies beyond the ends of both parts, on both sides.
  void cross_seams(bool first_group);
  struct Metric {
    HostArray<T> node, centre, node_decay, node_gain, centre_decay, centre_gain;
  };
  struct Drive {
    int component = 0, rank = 0;
    GridBox box;
    std::vector<T> weights;  // [rank][point]
    std::vector<T> signals;
    std::vector<char> sounds;  // of each step of a run: a signal is not zero
    int steps = 0;
  };
  struct Tap {
    int component = 0, every = 1;
    GridBox box;
    HostArray<T> record;               // as long as it has ever been
    std::optional<std::span<T>> next;  // memory for the next run
    std::span<T> shown;                // that of the last run
    std::vector<int> records;          // of each step of a run, which one it is; -1: none
  };
  struct Pole {
    int component = 0;
    bool relaxing = false;
    GridBox box;
    HostArray<T> a1, a2, a3, gain;
    HostArray<T> now, old;
  };

  struct Nonlinearity {
    int component = 0;
    GridBox box;
    HostArray<T> square, cube;
    HostArray<T> kept;          // from the start of a step to its end
    std::vector<T> trajectory;  // [step][point]
  };
  struct DifferenceTap {
    std::vector<FieldPoint> points;
    std::array<Gather<T>, 2> gathers;  // of each group
    std::vector<T> record;
  };

  std::size_t at(int component, int j, int k) const {
    return layout_.at(j, k) + static_cast<std::size_t>(component) * layout_.component;
  }
  T* row(int component, int j, int k) { return fields_.data() + at(component, j, k); }
  const T* row(int component, int j, int k) const { return fields_.data() + at(component, j, k); }
  // Of the first component of a group; the others follow.
  const T* coefficient_rows(bool first_group, int j, int k) const {
    const std::size_t group = first_group ? 0 : 1;
    return coefficients_[group].data() + coefficient_layout_[group].at(j, k);
  }
  // At a point.
  T coefficient_at(int component, const std::array<int, 3>& p) const;
  // Whether C is one number a component in all of a group.
  bool uniform(bool first_group) const { return coefficients_[first_group ? 0 : 1].size() == 0; }
  bool varies(int axis) const { return varies_[static_cast<std::size_t>(axis)]; }
  T along(int axis, bool node, int index) const {
    const Metric& m = metrics_[static_cast<std::size_t>(axis)];
    return (node ? m.node : m.centre).data()[index];
  }
  // What has to be done in a row beyond its update.
  struct RowWork {
    bool drives = false, taps = false, poles = false, nonlinear = false;
  };
  // psi of a row in the shells along an axis, of all the group's differences along it, one behind
  // the other; nullptr outside of shells along y and z. Along x: the low segment, the high one
  // behind it, a vector of zeros around them.
  T* psi_rows(bool first_group, int axis, int j, int k);
  std::size_t psi_row_length(int axis) const {
    return static_cast<std::size_t>(axis == 0 ? layout_.ends() + layout_.pad : layout_.padded);
  }
  int shell_index(int axis, int index) const;
  bool has_shell(int axis) const {
    const std::size_t a = static_cast<std::size_t>(axis);
    return size_.shell_low[a] + size_.shell_high[a] > 0;
  }

  // Calls work(j, k) for all rows, on all threads.
  template <class Work>
  void for_rows(const Work& work) const {
    const std::size_t nx = static_cast<std::size_t>(layout_.nx);
    const std::size_t ny = static_cast<std::size_t>(layout_.ny);
    parallel_ranges(size_.count(), threads_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = (begin + nx - 1) / nx; r * nx < end; ++r)
        work(static_cast<int>(r % ny), static_cast<int>(r / ny));
    });
  }
  void apply_decay(int component, int j, int k);
  // The poles' part of a step before and after everything else.
  void begin_poles(int component, int j, int k);
  void end_poles(int component, int j, int k);
  // The nonlinearities' part of a step, before and after the linear one.
  template <class Work>
  void for_nonlinear_rows(long step, int j, int k, const Work& work);
  void begin_nonlinear(long step, int j, int k);
  void end_nonlinear(long step, int j, int k);
  // C times the differences, through the shells. Transposed and `last`, nothing else is done to the
  // row: psi of what it holds is brought up to date on the way.
  void update(bool first_group, int j, int k, bool last);
  template <class Shells>
  void update_through(bool first_group, int j, int k, bool last);
  template <class Shells, class Coefficients>
  void update_with(bool first_group, int j, int k, bool last, const Coefficients& coefficients);
  void find_row_shells(bool first_group, int j, int k, bool last, RowShells<T>& shells);
  void find_row_shells(bool first_group, int j, int k, bool last, TransposedRowShells<T>& shells);
  // Transposed: psi of what a group's row now holds, after all else.
  void filter_fields(bool first_group, int j, int k);
  // psi of what is zero in the wall in front of a row, which the update does not know of.
  void clear_wall_psi(int j, int k);
  // Whether all of a row lies in a wall.
  bool in_wall(int j, int k) const {
    return (size_.wall_low[1] && j == 0) || (size_.wall_low[2] && k == 0);
  }
  // Off-diagonal elements of the medium, and taps on differences.
  std::size_t place(int component, const std::array<int, 3>& p) const {
    return at(component, p[1], p[2]) + static_cast<std::size_t>(p[0]);
  }
  void build_gathers();
  RowLag row_lag() const;
  void apply_links(bool first_group, int j, int k);
  void record_differences(bool first_group, long step, int j, int k);
  void apply_walls(int j, int k);
  void apply_drives(bool first_group, long step, int j, int k);
  bool recorded(bool first_group, long step) const {
    return recorded_[first_group ? 0 : 1][static_cast<std::size_t>(step - first_step_)] != 0;
  }
  bool driven(bool first_group, long step) const {
    return driven_[first_group ? 0 : 1][static_cast<std::size_t>(step - first_step_)] != 0;
  }
  void record_taps(bool first_group, long step, int j, int k);
  void prepare_taps(long first, int steps);
  void prepare_drives(int steps);
  void index_hooks();
  std::vector<std::span<T>> state_parts();
  std::size_t line(int j, int k) const {
    return static_cast<std::size_t>(k) * static_cast<std::size_t>(layout_.ny) +
           static_cast<std::size_t>(j);
  }

  LeapfrogSize size_;
  LeapfrogSchedule schedule_;
  int threads_;
  int together_ = 1;  // steps that share the first-level cache
  RowLayout layout_;
  std::array<bool, 3> varies_{};
  bool transposed_ = false;
  long first_step_ = 0;
  HostArray<T> fields_, psi_;
  HostArray<T> no_psi_;                                     // a row of zeros
  std::array<std::array<std::size_t, 3>, 2> psi_offset_{};  // [group][axis]
  std::array<Metric, 3> metrics_;
  std::array<RowLayout, 2> coefficient_layout_;  // [group]
  std::array<HostArray<T>, 2> coefficients_;     // [group], empty where uniform
  RowLayout decay_layout_;
  std::vector<HostArray<T>> decays_;  // [component], empty: 1
  bool any_decay_ = false;
  std::vector<T> uniform_coefficient_;  // [component], of those that are one number
  std::vector<char> per_point_;         // [component]
  std::vector<Drive> drives_;
  std::vector<Tap> taps_;
  std::vector<HostArray<T>> spare_records_;  // of taps that there were
  std::vector<Pole> poles_;
  std::vector<Nonlinearity> nonlinearities_;
  std::vector<TensorLink> links_;
  Gather<T> link_gather_;
  std::vector<DifferenceTap> difference_taps_;
  bool gathers_built_ = false;
  // What is done in which rows, of each group.
  std::array<RowIndex, 2> drive_rows_, tap_rows_;
  RowIndex pole_rows_, nonlinear_rows_;
  std::array<std::vector<RowWork>, 2> work_;   // [group][line]
  std::array<std::vector<char>, 2> recorded_;  // [group][step of a run]: by any tap
  std::array<std::vector<char>, 2> driven_;    // likewise: by any drive that is not silent
  bool hooks_indexed_ = false;
};

}  // namespace wavesmith::host
