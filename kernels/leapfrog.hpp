// Marching a staggered grid in time: the interface of the engines.
//
// Two systems of the same shape, first group with backward differences of the second, second group
// with forward differences of the first:
//
//   maxwell   first E, second H:   E += C_E curl H,    H -= C_H curl E      (H times Z0)
//   scalar    first p, second v:   p += C_p div v,     v += C_v grad p
//
// The scalar system is linear acoustics (v = -Z times the velocity), Maxwell's TM polarisation in
// two dimensions (p = Ez, v = (Hy, -Hx)), its TE polarisation (p = Hz, v = (-Ey, Ex)) and both of
// them in one dimension. C holds the medium; dt, cell widths and the stretching of the absorbing
// shells are in the line metrics.
//
// The convolutional perfectly matched layer, for every difference d taken along an axis inside a
// shell (J. A. Roden and S. D. Gedney, Microw. Opt. Technol. Lett. 27, 334 (2000)):
//
//   psi <- b psi + g d,    d <- d + psi
//
// Transposed: with first-group cotangents times C / V (V: stretched volume of the point), and those
// of the second group times -C / V, the transposed march is the same march, steps in reverse order,
// with the shells' filter in front of the difference instead of behind it:
//
//   psi <- b psi + g f,    f <- f + psi  where f is differenced
//
// because differences weighted with the volume are each other's negative transpose.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "kernels/device.hpp"

namespace wavesmith {

enum class WaveSystem { maxwell, scalar };

// Components: maxwell Ex Ey Ez Hx Hy Hz; scalar p vx vy vz.
constexpr int component_count(WaveSystem system) {
  return system == WaveSystem::maxwell ? 6 : 4;
}
// The first `first_group_size` components are the first group.
constexpr int first_group_size(WaveSystem system) {
  return system == WaveSystem::maxwell ? 3 : 1;
}

struct LeapfrogSize {
  WaveSystem system = WaveSystem::maxwell;
  std::array<int, 3> points = {1, 1, 1};  // stored along x, y, z; 1: nothing varies along it
  std::array<bool, 3> periodic{};
  // The points at index 0 that lie in the face stay zero (first group, tangential): a perfect
  // conductor, a soft wall. Beyond the last point the first group is always zero, and before the
  // first one the second group.
  std::array<bool, 3> wall_low{};
  std::array<int, 3> shell_low{}, shell_high{};  // points of the absorbing shells
  // Complex fields with f(r + L) = f(r) exp(i phase), L the period of an axis: the points of the
  // real part, two that stand for those beyond their ends, and the points of the imaginary part,
  // one behind the other along a periodic axis without shells. What crosses a seam is rotated, with
  // the opposite angle the other way, which is its transpose. Both parts are the medium's and the
  // hooks' business; those of the two points between do not matter. -1: real fields.
  int pair_axis = -1;
  std::array<double, 3> phase{};  // along periodic axes [rad]

  // Points of each part, and from a point of the real part to that of the imaginary one.
  int part_points(int axis) const {
    const int n = points[static_cast<std::size_t>(axis)];
    return axis == pair_axis ? (n - 2) / 2 : n;
  }
  int part_offset() const { return part_points(pair_axis) + 2; }
  // A point of either part as one of the real part.
  std::array<int, 3> in_part(std::array<int, 3> point) const {
    if (pair_axis < 0) return point;
    int& at = point[static_cast<std::size_t>(pair_axis)];
    const int n = part_points(pair_axis);
    if (at >= n + 2) at -= part_offset();
    at = at >= n ? (at == n ? 0 : n - 1) : at;
    return point;
  }

  std::size_t count() const {
    return static_cast<std::size_t>(points[0]) * static_cast<std::size_t>(points[1]) *
           static_cast<std::size_t>(points[2]);
  }
  // Of a point in an array over all of them, row-major, x fastest.
  std::size_t index(int i, int j, int k) const {
    return (static_cast<std::size_t>(k) * static_cast<std::size_t>(points[1]) +
            static_cast<std::size_t>(j)) *
               static_cast<std::size_t>(points[0]) +
           static_cast<std::size_t>(i);
  }
  bool operator==(const LeapfrogSize&) const = default;
};

// Along one axis, one number a point. "node": where the first group takes its differences, between
// centre i - 1 and centre i; "centre": the second group's, between node i and node i + 1.
struct LineMetric {
  std::vector<double> node, centre;              // c dt / (stretched distance of the two points)
  std::vector<double> node_decay, centre_decay;  // b of the shells
  std::vector<double> node_gain, centre_gain;    // g of the shells, 0 elsewhere
};

// Half-open ranges of points.
struct GridBox {
  std::array<int, 3> begin{}, end{};
  std::size_t count() const {
    std::size_t product = 1;
    for (std::size_t d = 0; d < 3; ++d) product *= static_cast<std::size_t>(end[d] - begin[d]);
    return product;
  }
  bool operator==(const GridBox&) const = default;
};

inline bool overlap(const GridBox& a, const GridBox& b) {
  for (std::size_t d = 0; d < 3; ++d)
    if (a.begin[d] >= b.end[d] || b.begin[d] >= a.end[d]) return false;
  return true;
}

// A pole of the medium at the points of a box, for one component of the first group. Zeros switch
// it off at a point. A step, e the component before it and p, p_old the pole's own state:
//
//   resonant (Lorentz, Drude):  p_new = a1 p + a2 p_old + a3 e,   e_new = ... - gain (p_new - p)
//   relaxing (Debye):           e_new = ... + gain p,             p_new = a1 p + a2 (e_new + e)
//
// with "..." decay e + C times the differences, and e_new as drives left it. Several poles of a
// point all see the same e.
struct PoleField {
  int component = 0;
  GridBox box;
  bool relaxing = false;
  std::vector<double> a1, a2, a3, gain;  // one number a point; a3 is not used by relaxing poles
};

// An instantaneous nonlinearity at the points of a box, for one component of the first group by
// itself: with e the component before the step and e_linear what C, poles and drives make of it,
//   e_new + square e_new^2 + cube e_new^3 = e_linear + square e^2 + cube e^3.
// It conserves energy: the sum over points of V / C (e^2 / 2 + 2 square e^3 / 3 + 3 cube e^4 / 4).
// Not at points of links.
struct NonlinearField {
  int component = 0;
  GridBox box;
  std::vector<double> square, cube;  // one number a point
};

// An element of the inverse tensor of the medium between two components of E (maxwell), of v
// (scalar): f[point] += value times the differences that belong to `source` at `from`. Points lie
// outside of the shells, and not along an axis of one point. The march is stable where the tensor,
// weighted with the volumes of its rows, is symmetric and positive, as solvers/tensor_links.hpp
// makes it.
struct TensorLink {
  int component = 0;
  std::size_t point = 0;
  int source = 0;
  std::size_t from = 0;
  double value = 0.0;
};

struct FieldPoint {
  int component = 0;
  std::size_t point = 0;
};

template <class T>
class LeapfrogEngine {
 public:
  virtual ~LeapfrogEngine() = default;

  virtual const LeapfrogSize& size() const = 0;

  virtual void set_metric(int axis, const LineMetric& metric) = 0;
  // C of a component at every point, row-major, x fastest; a single number: the same everywhere.
  virtual void set_coefficient(int component, std::span<const double> values) = 0;
  // f <- decay f before C times the differences is added (conductivity). Empty: 1 everywhere.
  virtual void set_decay(int component, std::span<const double> values) = 0;

  virtual void add_pole(const PoleField& pole) = 0;

  virtual int add_nonlinearity(const NonlinearField& field) = 0;
  // Transposed, the march is linearised about a forward march: e_new of a nonlinearity's points in
  // the forward step that each step of the next run transposes, [step][point], set before each run.
  virtual std::span<T> trajectory(int nonlinearity, int steps) = 0;

  // In place of those set before.
  virtual void set_links(std::span<const TensorLink> links) = 0;

  // A drive adds to a component, after its update, at every point of the box: sum over ranks of
  // weights[rank][point] signals[rank][step]; rank 0: a number of its own for every point and
  // step. Returns its number; signals are set before each run.
  virtual int add_drive(int component, const GridBox& box, int rank,
                        std::span<const double> weights) = 0;
  // For the steps of the next run: [step][rank], or [step][point] for a drive of rank 0.
  virtual std::span<T> drive_signals(int drive, int steps) = 0;

  // A tap records a component, after update and drives, at every point of the box in every step
  // whose number is a multiple of `every`.
  virtual int add_tap(int component, const GridBox& box, int every) = 0;
  // What the last run recorded: [record][point].
  virtual std::span<const T> tap_record(int tap) const = 0;
  // In the next run, and only there, a tap records to the caller's memory, as long as the records
  // of that run, or nothing where it is empty.
  virtual void record_to(int tap, std::span<T> memory) = 0;

  // A tap that records, every step, the differences that C multiplies, at points outside of the
  // shells; what it saw in the last run: [step][point].
  virtual int add_difference_tap(std::span<const FieldPoint> points) = 0;
  virtual std::span<const T> difference_record(int tap) const = 0;

  // Steps first .. first + steps - 1. A step: first group, then second group.
  virtual void run(long first, int steps) = 0;

  // Marches the transposed equations from now on. The fields are cleared.
  virtual void set_transposed(bool transposed) = 0;
  // At rest, forward, with the medium as it is, and without drives and taps; in the same memory.
  virtual void start_over() = 0;

  // A component, row-major over all points. All are written one after the other, in order, where
  // the march is to start from them; the shells are taken to be at rest.
  virtual void read_field(int component, std::span<double> values) const = 0;
  virtual void write_field(int component, std::span<const double> values) = 0;

  // Everything that the next step depends on, to go on from later, bit for bit.
  virtual std::size_t state_size() const = 0;
  virtual void save_state(std::span<T> state) = 0;
  virtual void load_state(std::span<const T> state) = 0;

  // The sum of the squares of the first group, or less; not finite where a number is not (what is
  // not spreads there within a step) or is beyond what can be squared.
  virtual double square_sum() const = 0;
  bool finite() const { return std::isfinite(square_sum()); }

  // The largest magnitude of a component, and where; infinite where a number is not finite.
  struct Peak {
    double value = 0.0;
    std::array<int, 3> at{};
  };
  virtual Peak peak(int component) const = 0;

  virtual std::size_t bytes() const = 0;
};

struct LeapfrogSchedule {
  bool skewed = true;  // several steps in flight, tile by tile; the plain sweeps otherwise
  int depth = 0;       // steps in flight, and rows a tile; 0: from the size of the caches
  int tile = 0;
  int threads = 0;  // 0: all
};

template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_host_leapfrog(const LeapfrogSize& size,
                                                      const LeapfrogSchedule& schedule);

// Throws UnavailableError where there is no such GPU, where the march does not fit into its memory,
// or where CUDA was not built in.
template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_cuda_leapfrog(const LeapfrogSize& size, int device);

// The engine of that device. Throws UnavailableError for complex fields on a GPU.
template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_leapfrog(const LeapfrogSize& size,
                                                 const LeapfrogSchedule& schedule,
                                                 const Device& device);

// What an engine of this size holds, drives and taps aside [bytes]: on the CPU, and with one thread
// a point on a GPU.
std::size_t estimate_leapfrog_bytes(const LeapfrogSize& size, std::size_t number_bytes);
std::size_t estimate_point_leapfrog_bytes(const LeapfrogSize& size, std::size_t number_bytes);

}  // namespace wavesmith
