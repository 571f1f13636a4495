// The stack engine on the CPU.
//
// A propagation is three passes, each on blocks that stay in cache: row transforms of the filled
// rows, W at a time; for W columns at a time a transposition, the transform, the product with the
// transfer function, the inverse transform and a transposition back; inverse row transforms of the
// kept rows. A team of threads shares one sample; with as many samples as threads each team is one
// thread, and the sample's spectrum never leaves its core's cache.

#include <xmmintrin.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>

#include "core/error.hpp"
#include "kernels/host_lines.hpp"
#include "kernels/host_memory.hpp"
#include "kernels/host_team.hpp"
#include "kernels/stack_engine.hpp"

namespace wavesmith {
namespace {

using host::HostArray;
using host::Lines;
using host::Team;
using host::Vector;

// Gradients are summed in so many parts, whatever the number of threads, and the parts added in
// order.
constexpr int gradient_parts = 16;

template <class T>
constexpr int lanes = lane_count<T>;

int round_up(int n, int step) {
  return (n + step - 1) / step * step;
}

// A complex field: size() real parts, then as many imaginary parts.
template <class T>
struct ComplexArray {
  HostArray<T> values;
  std::size_t half = 0;

  ComplexArray() = default;
  explicit ComplexArray(std::size_t size) : values(2 * size), half(size) {}
  LaneField<T> field() { return {values.data(), values.data() + half}; }
  LaneField<const T> field() const { return {values.data(), values.data() + half}; }
  Lines<T> lines(std::size_t offset = 0) {
    return {reinterpret_cast<Vector<T>*>(values.data() + offset),
            reinterpret_cast<Vector<T>*>(values.data() + half + offset)};
  }
};

template <class T>
struct ThreadScratch {
  ComplexArray<T> a, b, c, d;
  explicit ThreadScratch(std::size_t line) : a(line), b(line), c(line), d(line) {}
};

// Plans of one gap and its transfer functions, [wavelength][block of columns][ky][lane].
template <class T>
struct GapData {
  GapSize size;
  LinePlan<T> rows, columns;
  int mx_padded = 0;
  std::vector<std::shared_ptr<ComplexArray<T>>> transfer;
};

// A propagation from one plane to the next. `modulation` is null where the field goes in as it is.
template <class T>
struct Passage {
  const GapData<T>* gap;
  ComplexArray<T>* transfer;
  bool adjoint;
  ComplexArray<T>* in;
  LaneShape in_shape;
  ComplexArray<T>* modulation;
  bool conjugate_modulation;
  ComplexArray<T>* out;
  LaneShape out_shape;
};

template <class T>
void transform_row_block(const Passage<T>& pass, int block, ComplexArray<T>& spectrum,
                         ThreadScratch<T>& scratch) {
  const LinePlan<T>& plan = pass.gap->rows;
  const std::size_t from = static_cast<std::size_t>(block) * pass.in_shape.block_size();
  const std::size_t to = static_cast<std::size_t>(block) *
                         static_cast<std::size_t>(pass.gap->mx_padded) *
                         static_cast<std::size_t>(lanes<T>);
  const Lines<T> field = pass.in->lines(from), out = spectrum.lines(to);
  const Lines<T> a = scratch.a.lines(), b = scratch.b.lines();
  const int filled = pass.in_shape.nx;
  if (pass.modulation == nullptr)
    host::transform(plan, field, filled, out, plan.n, a, b);
  else if (pass.conjugate_modulation)
    host::transform(plan, host::ModulatedLoad<T, true>{field, pass.modulation->lines(from)}, filled,
                    out, plan.n, a, b);
  else
    host::transform(plan, host::ModulatedLoad<T, false>{field, pass.modulation->lines(from)},
                    filled, out, plan.n, a, b);
}

template <class T>
void filter_column_block(const Passage<T>& pass, int block, ComplexArray<T>& spectrum,
                         ThreadScratch<T>& scratch) {
  constexpr int w = lanes<T>;
  const LinePlan<T>& plan = pass.gap->columns;
  const int row_blocks_in = pass.in_shape.blocks(), row_blocks_out = pass.out_shape.blocks();
  const int kept = pass.out_shape.ny;
  const Lines<T> c = scratch.c.lines(), d = scratch.d.lines();
  const Lines<T> a = scratch.a.lines(), b = scratch.b.lines();
  const auto tile = [&](int row_block) {
    return spectrum.lines(
        (static_cast<std::size_t>(row_block) * static_cast<std::size_t>(pass.gap->mx_padded) +
         static_cast<std::size_t>(block * w)) *
        static_cast<std::size_t>(w));
  };

  for (int r = 0; r < row_blocks_in; ++r) {
    host::transpose_tile<T>(tile(r).re, c.re + r * w);
    host::transpose_tile<T>(tile(r).im, c.im + r * w);
  }
  const Lines<T> factor =
      pass.transfer->lines(static_cast<std::size_t>(block) * static_cast<std::size_t>(plan.n * w));
  if (pass.adjoint)
    host::transform(plan, c, pass.in_shape.ny, host::FilteredStore<T, true>{d, factor}, plan.n, a,
                    b);
  else
    host::transform(plan, c, pass.in_shape.ny, host::FilteredStore<T, false>{d, factor}, plan.n, a,
                    b);
  host::transform(plan, d.exchanged(), plan.n, c.exchanged(), kept, a, b);
  for (int row = kept; row < row_blocks_out * w; ++row) c.re[row] = c.im[row] = Vector<T>{};
  for (int r = 0; r < row_blocks_out; ++r) {
    host::transpose_tile<T>(c.re + r * w, tile(r).re);
    host::transpose_tile<T>(c.im + r * w, tile(r).im);
  }
}

template <class T>
void restore_row_block(const Passage<T>& pass, int block, ComplexArray<T>& spectrum,
                       ThreadScratch<T>& scratch) {
  const LinePlan<T>& plan = pass.gap->rows;
  const std::size_t from = static_cast<std::size_t>(block) *
                           static_cast<std::size_t>(pass.gap->mx_padded) *
                           static_cast<std::size_t>(lanes<T>);
  const std::size_t to = static_cast<std::size_t>(block) * pass.out_shape.block_size();
  host::transform(plan, spectrum.lines(from).exchanged(), plan.n, pass.out->lines(to).exchanged(),
                  pass.out_shape.nx, scratch.a.lines(), scratch.b.lines());
}

// Ends with a barrier. `epilogue(block)` runs on each block of rows as soon as it is there.
template <class T, class Epilogue>
void propagate(const Passage<T>& pass, ComplexArray<T>& spectrum, ThreadScratch<T>& scratch,
               Team& team, int rank, const Epilogue& epilogue) {
  for (int block = rank; block < pass.in_shape.blocks(); block += team.size())
    transform_row_block(pass, block, spectrum, scratch);
  team.wait();
  for (int block = rank; block < pass.gap->mx_padded / lanes<T>; block += team.size())
    filter_column_block(pass, block, spectrum, scratch);
  team.wait();
  for (int block = rank; block < pass.out_shape.blocks(); block += team.size()) {
    restore_row_block(pass, block, spectrum, scratch);
    epilogue(block);
  }
  team.wait();
}

// Sine and cosine without branches, so that a loop of them becomes vector code: reduction to
// [-pi/4, pi/4] in double (Cody and Waite), then Taylor polynomials good to rounding.
template <class T>
inline void sine_cosine(double x, T& sine, T& cosine) {
  const double quarter = std::nearbyint(x * (2.0 / turns::pi));
  const double reduced =
      (x - quarter * 1.57079632679489655800e+00) - quarter * 6.12323399573676603587e-17;
  const T r = static_cast<T>(reduced), z = r * r;
  T s, c;
  if constexpr (sizeof(T) == 4) {
    s = r + r * z * (T(-1.6666654611e-1) + z * (T(8.3321608736e-3) + z * T(-1.9515295891e-4)));
    c = T(1) - T(0.5) * z +
        z * z *
            (T(4.166664568298827e-2) +
             z * (T(-1.388731625493765e-3) + z * T(2.443315711809948e-5)));
  } else {
    s = r + r * z *
                (T(-1.0 / 6) +
                 z * (T(1.0 / 120) +
                      z * (T(-1.0 / 5040) +
                           z * (T(1.0 / 362880) +
                                z * (T(-1.0 / 39916800) + z * (T(1.0 / 6227020800.0) +
                                                               z * T(-1.0 / 1307674368000.0)))))));
    c = T(1) +
        z * (T(-0.5) +
             z * (T(1.0 / 24) +
                  z * (T(-1.0 / 720) +
                       z * (T(1.0 / 40320) +
                            z * (T(-1.0 / 3628800) + z * (T(1.0 / 479001600) +
                                                          z * (T(-1.0 / 87178291200.0) +
                                                               z * T(1.0 / 20922789888000.0))))))));
  }
  const long long q = static_cast<long long>(quarter);
  const T a = (q & 1) != 0 ? c : s, b = (q & 1) != 0 ? s : c;
  sine = (q & 2) != 0 ? -a : a;
  cosine = ((q + 1) & 2) != 0 ? -b : b;
}

template <class T>
class HostStackEngine final : public StackEngine<T> {
 public:
  HostStackEngine(const StackSize& size, int threads) : size_(size), threads_(threads) {
    for (const GapSize& gap : size.gaps) {
      GapData<T> data{gap,
                      make_line_plan<T>(gap.mx),
                      make_line_plan<T>(gap.my),
                      round_up(gap.mx, lanes<T>),
                      {}};
      data.transfer.resize(static_cast<std::size_t>(size.wavelengths));
      gaps_.push_back(std::move(data));
      shapes_.push_back({gap.nx_in, gap.ny_in, lanes<T>});
    }
    shapes_.push_back({size.gaps.back().nx_out, size.gaps.back().ny_out, lanes<T>});
    for (int l = 0; l < size.layers(); ++l) {
      const std::size_t points = shape(l + 1).size();
      const bool plain = size.plain_phase[static_cast<std::size_t>(l)];
      transmission_.emplace_back();
      for (int k = 0; k < (plain ? 1 : size.wavelengths); ++k)
        transmission_.back().emplace_back(points);
    }
    detectors_.resize(static_cast<std::size_t>(size.wavelengths));
    mode_weights_.assign(static_cast<std::size_t>(size.modes), 1.0);
  }

  void set_transfer(int gap, int wavelength,
                    std::span<const std::complex<double>> values) override {
    GapData<T>& data = gaps_[static_cast<std::size_t>(gap)];
    const int mx = data.size.mx, my = data.size.my;
    const double scale = 1.0 / (static_cast<double>(mx) * static_cast<double>(my));
    auto& own = data.transfer[static_cast<std::size_t>(wavelength)];
    if (!own || own.use_count() > 1)
      own = std::make_shared<ComplexArray<T>>(static_cast<std::size_t>(data.mx_padded) *
                                              static_cast<std::size_t>(my));
    const LaneField<T> to = own->field();
#pragma omp parallel for num_threads(threads_)
    for (int q = 0; q < my; ++q)
      for (int p = 0; p < mx; ++p) {
        const std::complex<double> value =
            scale * values[static_cast<std::size_t>(q) * static_cast<std::size_t>(mx) +
                           static_cast<std::size_t>(p)];
        const std::size_t i =
            (static_cast<std::size_t>(p / lanes<T>) * static_cast<std::size_t>(my) +
             static_cast<std::size_t>(q)) *
                static_cast<std::size_t>(lanes<T>) +
            static_cast<std::size_t>(p % lanes<T>);
        to.re[i] = static_cast<T>(value.real());
        to.im[i] = static_cast<T>(value.imag());
      }
  }

  void share_transfer(int gap, int wavelength, int from_gap, int from_wavelength) override {
    gaps_[static_cast<std::size_t>(gap)].transfer[static_cast<std::size_t>(wavelength)] =
        gaps_[static_cast<std::size_t>(from_gap)]
            .transfer[static_cast<std::size_t>(from_wavelength)];
  }

  void set_transmission(int layer, int wavelength,
                        std::span<const std::complex<double>> t) override {
    const LaneShape& at = shape(layer + 1);
    const LaneField<T> to = transmission(layer, wavelength).field();
#pragma omp parallel for num_threads(threads_)
    for (int row = 0; row < at.ny; ++row)
      for (int column = 0; column < at.nx; ++column) {
        const std::complex<double> value =
            t[static_cast<std::size_t>(row) * static_cast<std::size_t>(at.nx) +
              static_cast<std::size_t>(column)];
        to.re[at.index(row, column)] = static_cast<T>(value.real());
        to.im[at.index(row, column)] = static_cast<T>(value.imag());
      }
  }

  void set_phase(int layer, std::span<const double> phase) override {
    const LaneShape& at = shape(layer + 1);
    const LaneField<T> to = transmission(layer, 0).field();
    const std::size_t nx = static_cast<std::size_t>(at.nx);
#pragma omp parallel num_threads(threads_)
    {
      std::vector<T> sine(nx), cosine(nx);
#pragma omp for
      for (int row = 0; row < at.ny; ++row) {
        const double* x = phase.data() + static_cast<std::size_t>(row) * nx;
        T* const s = sine.data();
        T* const c = cosine.data();
#pragma omp simd
        for (std::size_t i = 0; i < nx; ++i) sine_cosine(x[i], s[i], c[i]);
        const std::size_t start = at.index(row, 0);
        for (std::size_t i = 0; i < nx; ++i) {
          to.re[start + i * static_cast<std::size_t>(lanes<T>)] = c[i];
          to.im[start + i * static_cast<std::size_t>(lanes<T>)] = s[i];
        }
      }
    }
  }

  void set_detector(int wavelength, std::span<const ReadingWeight> weights) override {
    detectors_[static_cast<std::size_t>(wavelength)].assign(weights.begin(), weights.end());
  }

  void set_mode_weights(std::span<const double> weights) override {
    mode_weights_.assign(weights.begin(), weights.end());
  }

  void run(const StackRequest<T>& request, std::span<double> readings) override;

  void phase_gradient(int layer, std::span<double> gradient) override {
    const LaneShape& at = shape(layer + 1);
    const auto& parts = gradient_[static_cast<std::size_t>(layer)];
    const std::size_t block_size = at.block_size();
#pragma omp parallel num_threads(threads_)
    {
      std::vector<double> sum(block_size);
#pragma omp for
      for (int block = 0; block < at.blocks(); ++block) {
        std::fill(sum.begin(), sum.end(), 0.0);
        const std::size_t begin = static_cast<std::size_t>(block) * block_size;
        for (int part = 0; part < parts_used_; ++part) {
          const T* from = parts[static_cast<std::size_t>(part)].values.data() + begin;
          double* const to = sum.data();
#pragma omp simd
          for (std::size_t i = 0; i < block_size; ++i) to[i] += static_cast<double>(from[i]);
        }
        const int rows = std::min(lanes<T>, at.ny - block * lanes<T>);
        for (int row = 0; row < rows; ++row) {
          double* to = gradient.data() + static_cast<std::size_t>(block * lanes<T> + row) *
                                             static_cast<std::size_t>(at.nx);
          for (int column = 0; column < at.nx; ++column)
            to[column] = sum[static_cast<std::size_t>(column * lanes<T> + row)];
        }
      }
    }
  }

  void transmission_cotangent(int layer, int wavelength,
                              std::span<std::complex<double>> g) override {
    const LaneShape& at = shape(layer + 1);
    const auto& parts = gradient_[static_cast<std::size_t>(layer)];
#pragma omp parallel for num_threads(threads_)
    for (int row = 0; row < at.ny; ++row)
      for (int column = 0; column < at.nx; ++column) {
        double re = 0.0, im = 0.0;
        for (int part = 0; part < parts_used_; ++part) {
          const ComplexArray<T>& array =
              parts[static_cast<std::size_t>(part * size_.wavelengths + wavelength)];
          re += static_cast<double>(array.field().re[at.index(row, column)]);
          im += static_cast<double>(array.field().im[at.index(row, column)]);
        }
        g[static_cast<std::size_t>(row) * static_cast<std::size_t>(at.nx) +
          static_cast<std::size_t>(column)] = {re, im};
      }
  }

  std::size_t bytes() const override {
    return estimate_engine_bytes(size_, sizeof(T), gradient_parts, threads_);
  }

 private:
  // What a team keeps while it works on a sample.
  struct TeamScratch {
    Team team;
    ComplexArray<T> spectrum, error, back, copy;
    std::vector<std::vector<ComplexArray<T>>> fields;    // [plane 0 .. L + 1][channel]
    std::vector<std::vector<ComplexArray<T>>> measured;  // the same as an instrument reads it
    std::vector<double> cotangent;
    int part = 0;  // of the samples, that the team is at
    explicit TeamScratch(int members) : team(members) {}
  };

  const LaneShape& shape(int plane) const {
    return shapes_[static_cast<std::size_t>(plane)];
  }
  int planes() const {
    return static_cast<int>(shapes_.size());
  }
  bool plain(int layer) const {
    return size_.plain_phase[static_cast<std::size_t>(layer)];
  }
  ComplexArray<T>& transmission(int layer, int wavelength) {
    auto& all = transmission_[static_cast<std::size_t>(layer)];
    return all[all.size() == 1 ? 0 : static_cast<std::size_t>(wavelength)];
  }
  Passage<T> passage(int gap, int wavelength, bool adjoint) {
    GapData<T>& data = gaps_[static_cast<std::size_t>(gap)];
    Passage<T> pass{};
    pass.gap = &data;
    pass.transfer = data.transfer[static_cast<std::size_t>(wavelength)].get();
    pass.adjoint = adjoint;
    pass.in_shape = shape(adjoint ? gap + 1 : gap);
    pass.out_shape = shape(adjoint ? gap : gap + 1);
    return pass;
  }

  void prepare(int teams, int members, bool gradients, bool measured);
  void forward(const StackRequest<T>& request, int sample, TeamScratch& own, ThreadScratch<T>& line,
               int rank, std::span<double> readings);
  void backward(const StackRequest<T>& request, int sample, TeamScratch& own,
                ThreadScratch<T>& line, int rank, int part);
  void accumulate(int layer, int wavelength, int part, const ComplexArray<T>& incident,
                  const ComplexArray<T>* outgoing, const ComplexArray<T>& error, int block);

  StackSize size_;
  int threads_;
  std::vector<LaneShape> shapes_;
  std::vector<GapData<T>> gaps_;
  std::vector<std::vector<ComplexArray<T>>> transmission_;  // [layer][wavelength, or one]
  std::vector<std::vector<ReadingWeight>> detectors_;       // [wavelength]
  std::vector<double> mode_weights_;
  // [layer][part] (plain phase) or [layer][part * wavelengths + wavelength].
  std::vector<std::vector<ComplexArray<T>>> gradient_;
  int parts_used_ = 0;
  std::vector<std::unique_ptr<TeamScratch>> teams_;
  std::vector<std::unique_ptr<ThreadScratch<T>>> lines_;
};

template <class T>
void HostStackEngine<T>::prepare(int teams, int members, bool gradients, bool measured) {
  int longest = 0;
  std::size_t spectrum = 0, largest = 0;
  for (const GapData<T>& gap : gaps_) {
    longest = std::max({longest, gap.size.mx, round_up(gap.size.my, lanes<T>),
                        round_up(std::max(gap.size.ny_in, gap.size.ny_out), lanes<T>)});
    const LaneShape in{gap.mx_padded, gap.size.ny_in, lanes<T>};
    const LaneShape out{gap.mx_padded, gap.size.ny_out, lanes<T>};
    spectrum = std::max({spectrum, in.size(), out.size()});
  }
  for (const LaneShape& s : shapes_) largest = std::max(largest, s.size());
  const std::size_t line = static_cast<std::size_t>(longest) * static_cast<std::size_t>(lanes<T>);

  lines_.resize(static_cast<std::size_t>(teams * members));
  for (auto& scratch : lines_)
    if (!scratch) scratch = std::make_unique<ThreadScratch<T>>(line);
  if (static_cast<int>(teams_.size()) != teams ||
      (teams > 0 && teams_.front()->team.size() != members)) {
    teams_.clear();
    for (int t = 0; t < teams; ++t) {
      teams_.push_back(std::make_unique<TeamScratch>(members));
      TeamScratch& own = *teams_.back();
      own.spectrum = ComplexArray<T>(spectrum);
      own.error = ComplexArray<T>(largest);
      own.back = ComplexArray<T>(largest);
      own.copy = ComplexArray<T>(largest);
      own.cotangent.resize(static_cast<std::size_t>(size_.readings));
      for (const LaneShape& s : shapes_) {
        own.fields.emplace_back();
        for (int c = 0; c < size_.channels(); ++c) own.fields.back().emplace_back(s.size());
      }
    }
  }
  for (auto& own : teams_)
    if (measured && own->measured.empty())
      for (const LaneShape& s : shapes_) {
        own->measured.emplace_back();
        for (int c = 0; c < size_.channels(); ++c) own->measured.back().emplace_back(s.size());
      }
  if (gradients && gradient_.empty())
    for (int l = 0; l < size_.layers(); ++l) {
      gradient_.emplace_back();
      const int arrays = gradient_parts * (plain(l) ? 1 : size_.wavelengths);
      // Plain phase: one real number a pixel, half of a complex array.
      const std::size_t points = shape(l + 1).size() / (plain(l) ? 2 : 1);
      for (int i = 0; i < arrays; ++i) gradient_.back().emplace_back(points);
    }
}

template <class T>
void HostStackEngine<T>::run(const StackRequest<T>& request, std::span<double> readings) {
  const bool gradients = static_cast<bool>(request.cotangent);
  const bool measured = static_cast<bool>(request.measure_forward);
  const int parts = std::min(request.samples, gradient_parts);
  const int teams = std::clamp(threads_, 1, std::max(parts, 1));
  const int members = std::max(threads_ / teams, 1);
  prepare(teams, members, gradients, measured);
  if (gradients) parts_used_ = parts;
  std::fill(readings.begin(), readings.end(), 0.0);

  std::exception_ptr failure;
  std::mutex failure_lock;
  std::atomic<int> next_part{0};
#pragma omp parallel num_threads(teams* members)
  {
    const host::FlushDenormals flush;
    const int me = host::thread_number();
    TeamScratch& own = *teams_[static_cast<std::size_t>(me / members)];
    ThreadScratch<T>& line = *lines_[static_cast<std::size_t>(me)];
    const int rank = me % members;
    for (;;) {
      // Parts go to whichever team is free; what is summed in a part, and in which order, is fixed.
      if (rank == 0) own.part = next_part.fetch_add(1);
      own.team.wait();
      const int part = own.part;
      if (part >= parts) break;
      if (gradients && rank == 0)
        for (int l = 0; l < size_.layers(); ++l)
          for (int k = 0; k < (plain(l) ? 1 : size_.wavelengths); ++k)
            gradient_[static_cast<std::size_t>(l)]
                     [static_cast<std::size_t>(plain(l) ? part : part * size_.wavelengths + k)]
                         .values.clear();
      const long first = static_cast<long>(request.samples) * part / parts;
      const long end = static_cast<long>(request.samples) * (part + 1) / parts;
      for (long sample = first; sample < end; ++sample) {
        const auto own_readings = readings.subspan(
            static_cast<std::size_t>(sample) * static_cast<std::size_t>(size_.readings),
            static_cast<std::size_t>(size_.readings));
        // A callback that throws must not leave its team waiting: the first failure is kept and the
        // rest of the sample goes on with what there is.
        const auto guarded = [&](const auto& action) {
          try {
            action();
          } catch (...) {
            const std::lock_guard<std::mutex> hold(failure_lock);
            if (!failure) failure = std::current_exception();
          }
        };
        if (rank == 0)
          guarded([&] {
            for (int c = 0; c < size_.channels(); ++c) {
              ComplexArray<T>& source = own.fields[0][static_cast<std::size_t>(c)];
              source.values.clear();
              request.fill(static_cast<int>(sample), c, shape(0), source.field());
            }
          });
        own.team.wait();
        StackRequest<T> const& r = request;
        forward(r, static_cast<int>(sample), own, line, rank, own_readings);
        if (rank == 0)
          guarded([&] {
            if (request.observe)
              for (int plane = 1; plane < planes(); ++plane)
                for (int c = 0; c < size_.channels(); ++c) {
                  const ComplexArray<T>& u =
                      own.fields[static_cast<std::size_t>(plane)][static_cast<std::size_t>(c)];
                  request.observe(static_cast<int>(sample), c, plane, shape(plane), u.field());
                }
            if (gradients) {
              std::fill(own.cotangent.begin(), own.cotangent.end(), 0.0);
              request.cotangent(static_cast<int>(sample), own_readings, own.cotangent);
            }
          });
        own.team.wait();
        if (gradients) backward(r, static_cast<int>(sample), own, line, rank, part);
      }
    }
  }
  if (failure) std::rethrow_exception(failure);
}

template <class T>
void HostStackEngine<T>::forward(const StackRequest<T>& request, int sample, TeamScratch& own,
                                 ThreadScratch<T>& line, int rank, std::span<double> readings) {
  for (int c = 0; c < size_.channels(); ++c) {
    const int wavelength = c / size_.modes;
    const std::size_t channel = static_cast<std::size_t>(c);
    for (int gap = 0; gap <= size_.layers(); ++gap) {
      Passage<T> pass = passage(gap, wavelength, false);
      pass.in = &own.fields[static_cast<std::size_t>(gap)][channel];
      pass.modulation = gap == 0 ? nullptr : &transmission(gap - 1, wavelength);
      pass.out = &own.fields[static_cast<std::size_t>(gap + 1)][channel];
      propagate(pass, own.spectrum, line, own.team, rank, [](int) {});
    }
    if (rank != 0) continue;

    const int last = planes() - 1;
    const ComplexArray<T>* detected = &own.fields[static_cast<std::size_t>(last)][channel];
    if (request.measure_forward) {
      for (int plane = 1; plane <= last; ++plane) {
        const ComplexArray<T>& u = own.fields[static_cast<std::size_t>(plane)][channel];
        ComplexArray<T>& m = own.measured[static_cast<std::size_t>(plane)][channel];
        const LaneField<const T> from = u.field();
        const LaneField<T> to = m.field();
        for (std::size_t i = 0; i < u.half; ++i) {
          if (plane == last) {
            to.re[i] = from.re[i];
            to.im[i] = from.im[i];
          } else {
            const LaneField<T> t = transmission(plane - 1, wavelength).field();
            to.re[i] = from.re[i] * t.re[i] - from.im[i] * t.im[i];
            to.im[i] = from.re[i] * t.im[i] + from.im[i] * t.re[i];
          }
        }
        request.measure_forward(sample, c, plane, shape(plane), to);
      }
      detected = &own.measured[static_cast<std::size_t>(last)][channel];
    }
    const double share = mode_weights_[static_cast<std::size_t>(c % size_.modes)];
    const LaneField<const T> u = detected->field();
    for (const ReadingWeight& entry : detectors_[static_cast<std::size_t>(wavelength)]) {
      const std::size_t i = shape(last).index(entry.row, entry.column);
      const double re = static_cast<double>(u.re[i]), im = static_cast<double>(u.im[i]);
      readings[static_cast<std::size_t>(entry.reading)] +=
          share * entry.weight * (re * re + im * im);
    }
  }
  own.team.wait();
}

// Adds this sample's share to the gradient of one layer, for one block of rows.
template <class T>
void HostStackEngine<T>::accumulate(int layer, int wavelength, int part,
                                    const ComplexArray<T>& incident,
                                    const ComplexArray<T>* outgoing, const ComplexArray<T>& error,
                                    int block) {
  const LaneShape& at = shape(layer + 1);
  const std::size_t begin = static_cast<std::size_t>(block) * at.block_size();
  const std::size_t end = begin + at.block_size();
  const LaneField<const T> g = error.field();
  const LaneField<T> t = transmission(layer, wavelength).field();
  if (plain(layer)) {
    // dL/dphase = Re(conj(g) i v), v = t u.
    T* const sum =
        gradient_[static_cast<std::size_t>(layer)][static_cast<std::size_t>(part)].values.data();
    if (outgoing != nullptr) {
      const LaneField<const T> v = outgoing->field();
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) sum[i] += g.im[i] * v.re[i] - g.re[i] * v.im[i];
    } else {
      const LaneField<const T> u = incident.field();
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) {
        const T v_re = u.re[i] * t.re[i] - u.im[i] * t.im[i];
        const T v_im = u.re[i] * t.im[i] + u.im[i] * t.re[i];
        sum[i] += g.im[i] * v_re - g.re[i] * v_im;
      }
    }
    return;
  }
  // 2 dL/dt* = conj(u) g. An instrument reads v = t u: u = v / t, zero where the layer is opaque.
  const LaneField<T> sum =
      gradient_[static_cast<std::size_t>(layer)]
               [static_cast<std::size_t>(part * size_.wavelengths + wavelength)]
                   .field();
  const LaneField<const T> u = incident.field();
  for (std::size_t i = begin; i < end; ++i) {
    T u_re = u.re[i], u_im = u.im[i];
    if (outgoing != nullptr) {
      const LaneField<const T> v = outgoing->field();
      const T norm = t.re[i] * t.re[i] + t.im[i] * t.im[i];
      const T scale = norm > T(0) ? T(1) / norm : T(0);
      u_re = scale * (v.re[i] * t.re[i] + v.im[i] * t.im[i]);
      u_im = scale * (v.im[i] * t.re[i] - v.re[i] * t.im[i]);
    }
    sum.re[i] += u_re * g.re[i] + u_im * g.im[i];
    sum.im[i] += u_re * g.im[i] - u_im * g.re[i];
  }
}

template <class T>
void HostStackEngine<T>::backward(const StackRequest<T>& request, int sample, TeamScratch& own,
                                  ThreadScratch<T>& line, int rank, int part) {
  const bool measured = static_cast<bool>(request.measure_forward);
  const auto& seen = measured ? own.measured : own.fields;
  const int last = planes() - 1;
  for (int c = 0; c < size_.channels(); ++c) {
    const int wavelength = c / size_.modes;
    const std::size_t channel = static_cast<std::size_t>(c);
    if (rank == 0) {
      own.error.values.clear();
      const double share = mode_weights_[static_cast<std::size_t>(c % size_.modes)];
      const LaneField<const T> u = seen[static_cast<std::size_t>(last)][channel].field();
      const LaneField<T> g = own.error.field();
      for (const ReadingWeight& entry : detectors_[static_cast<std::size_t>(wavelength)]) {
        const std::size_t i = shape(last).index(entry.row, entry.column);
        const T factor = static_cast<T>(2.0 * share * entry.weight *
                                        own.cotangent[static_cast<std::size_t>(entry.reading)]);
        g.re[i] += factor * u.re[i];
        g.im[i] += factor * u.im[i];
      }
    }
    own.team.wait();
    ComplexArray<T>* error = &own.error;
    ComplexArray<T>* next = &own.back;
    for (int layer = size_.layers() - 1; layer >= 0; --layer) {
      Passage<T> pass = passage(layer + 1, wavelength, true);
      pass.in = error;
      pass.modulation =
          layer == size_.layers() - 1 ? nullptr : &transmission(layer + 1, wavelength);
      pass.conjugate_modulation = true;
      pass.out = next;
      const ComplexArray<T>& incident = own.fields[static_cast<std::size_t>(layer + 1)][channel];
      if (!measured) {
        propagate(pass, own.spectrum, line, own.team, rank, [&](int block) {
          accumulate(layer, wavelength, part, incident, nullptr, *next, block);
        });
      } else {
        propagate(pass, own.spectrum, line, own.team, rank, [](int) {});
        if (rank == 0) {
          std::copy_n(next->values.data(), next->values.size(), own.copy.values.data());
          own.copy.half = next->half;
          if (request.measure_backward)
            request.measure_backward(sample, c, layer + 1, shape(layer + 1), own.copy.field());
          for (int block = 0; block < shape(layer + 1).blocks(); ++block)
            accumulate(layer, wavelength, part, incident,
                       &own.measured[static_cast<std::size_t>(layer + 1)][channel], own.copy,
                       block);
        }
        own.team.wait();
      }
      std::swap(error, next);
    }
  }
}

}  // namespace

template <class T>
std::unique_ptr<StackEngine<T>> make_host_engine(const StackSize& size, int threads) {
  return std::make_unique<HostStackEngine<T>>(size, threads > 0 ? threads : host::thread_limit());
}
template std::unique_ptr<StackEngine<float>> make_host_engine<float>(const StackSize&, int);
template std::unique_ptr<StackEngine<double>> make_host_engine<double>(const StackSize&, int);

std::size_t estimate_engine_bytes(const StackSize& size, std::size_t scalar_bytes, int batch,
                                  int threads) {
  const double scalar = static_cast<double>(scalar_bytes);
  const double teams = std::min(batch, std::max(threads, 1));
  double total = 0.0, largest = 0.0, spectrum = 0.0;
  const auto points = [](int nx, int ny) {
    return static_cast<double>(nx) * static_cast<double>(ny + 15);
  };
  for (std::size_t gap = 0; gap < size.gaps.size(); ++gap) {
    const GapSize& g = size.gaps[gap];
    total += 2.0 * size.wavelengths * points(g.mx + 15, g.my) * scalar;
    const double plane = points(g.nx_out, g.ny_out);
    total += 2.0 * teams * size.channels() * plane * scalar;
    if (gap + 1 < size.gaps.size()) {
      const bool plain = size.plain_phase[gap];
      total += 2.0 * (plain ? 1 : size.wavelengths) * plane * scalar;
      total += 2.0 * gradient_parts * (plain ? 1 : size.wavelengths) * plane * scalar;
    }
    largest = std::max({largest, plane, points(g.nx_in, g.ny_in)});
    spectrum = std::max(spectrum, points(g.mx + 15, std::max(g.ny_in, g.ny_out)));
  }
  total += 2.0 * teams * (3.0 * largest + spectrum) * scalar;
  return total >= 9.0e18 ? static_cast<std::size_t>(-1) : static_cast<std::size_t>(total);
}

}  // namespace wavesmith
