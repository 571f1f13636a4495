// The three passes of a propagation on the CPU, on blocks that stay in cache: row transforms of the
// filled rows, W at a time; for W columns at a time a transposition, the transform, the product
// with the transfer function, the inverse transform and a transposition back; inverse row
// transforms of the kept rows. A team of threads shares one field; each member takes a run of
// blocks next to each other, so that what one core fetches ahead is not what another one writes.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "kernels/host_lines.hpp"
#include "kernels/host_memory.hpp"
#include "kernels/host_team.hpp"
#include "kernels/stack_engine.hpp"

namespace wavesmith::host {

template <class T>
inline constexpr int lanes = lane_count<T>;

inline int round_up(int n, int step) {
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
  long pieces_left = 0;  // by the team up to the propagation at hand
  explicit ThreadScratch(std::size_t line) : a(line), b(line), c(line), d(line) {}
};

// Plans of one gap and its transfer functions, [wavelength][link][block of columns][ky][lane].
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
  bool add;  // to what `out` holds, instead of writing it
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
    transform(plan, field, filled, out, plan.n, a, b);
  else if (pass.conjugate_modulation)
    transform(plan, ModulatedLoad<T, true>{field, pass.modulation->lines(from)}, filled, out,
              plan.n, a, b);
  else
    transform(plan, ModulatedLoad<T, false>{field, pass.modulation->lines(from)}, filled, out,
              plan.n, a, b);
}

// `next`: the block that comes after, or -1. Half of it lies in the other members' caches; it is
// fetched while this one is worked on.
template <class T>
void filter_column_block(const Passage<T>& pass, int block, int next, ComplexArray<T>& spectrum,
                         ThreadScratch<T>& scratch) {
  constexpr int w = lanes<T>;
  const LinePlan<T>& plan = pass.gap->columns;
  const int row_blocks_in = pass.in_shape.blocks(), row_blocks_out = pass.out_shape.blocks();
  const int kept = pass.out_shape.ny;
  const Lines<T> c = scratch.c.lines(), d = scratch.d.lines();
  const Lines<T> a = scratch.a.lines(), b = scratch.b.lines();
  const auto tile_of = [&](int column_block, int row_block) {
    return spectrum.lines(
        (static_cast<std::size_t>(row_block) * static_cast<std::size_t>(pass.gap->mx_padded) +
         static_cast<std::size_t>(column_block * w)) *
        static_cast<std::size_t>(w));
  };
  const auto tile = [&](int row_block) { return tile_of(block, row_block); };

  for (int r = 0; r < row_blocks_in; ++r) {
    if (next >= 0)
      for (int line = 0; line < w; ++line) {
        __builtin_prefetch(tile_of(next, r).re + line, 1, 2);
        __builtin_prefetch(tile_of(next, r).im + line, 1, 2);
      }
    transpose_tile<T>(tile(r).re, c.re + r * w);
    transpose_tile<T>(tile(r).im, c.im + r * w);
  }
  const Lines<T> factor =
      pass.transfer->lines(static_cast<std::size_t>(block) * static_cast<std::size_t>(plan.n * w));
  if (pass.adjoint)
    transform(plan, c, pass.in_shape.ny, FilteredStore<T, true>{d, factor}, plan.n, a, b);
  else
    transform(plan, c, pass.in_shape.ny, FilteredStore<T, false>{d, factor}, plan.n, a, b);
  transform(plan, d.exchanged(), plan.n, c.exchanged(), kept, a, b);
  for (int row = kept; row < row_blocks_out * w; ++row) c.re[row] = c.im[row] = Vector<T>{};
  for (int r = 0; r < row_blocks_out; ++r) {
    transpose_tile<T>(c.re + r * w, tile(r).re);
    transpose_tile<T>(c.im + r * w, tile(r).im);
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
  const Lines<T> out = pass.out->lines(to);
  const Lines<T> target = pass.add ? scratch.c.lines() : out;
  transform(plan, spectrum.lines(from).exchanged(), plan.n, target.exchanged(), pass.out_shape.nx,
            scratch.a.lines(), scratch.b.lines());
  if (!pass.add) return;
  for (int i = 0; i < pass.out_shape.nx; ++i) {
    out.re[i] += target.re[i];
    out.im[i] += target.im[i];
  }
}

// Ends without a barrier: a member may go on to the next propagation, whose row transforms work on
// the same blocks, if they lie in the same places of the spectrum. Where blocks do not come out
// even, those left over are restored by the first members, as their first, and transformed by the
// last ones, as their last; `leave` and `wait_for` hand them over. `epilogue(block)` runs on each
// block of rows as soon as it is there.
template <class T, class Epilogue>
void propagate(const Passage<T>& pass, ComplexArray<T>& spectrum, ThreadScratch<T>& scratch,
               Team& team, int rank, const Epilogue& epilogue) {
  const int size = team.size();
  const int even_in = pass.in_shape.blocks() / size * size;
  for (int block = even_in / size * rank; block < even_in / size * (rank + 1); ++block)
    transform_row_block(pass, block, spectrum, scratch);
  const int left_over = even_in + size - 1 - rank;
  if (left_over < pass.in_shape.blocks()) {
    team.wait_for(scratch.pieces_left);
    transform_row_block(pass, left_over, spectrum, scratch);
  }
  team.wait();
  const int columns = pass.gap->mx_padded / lanes<T>;
  const int end = columns * (rank + 1) / size;
  for (int block = columns * rank / size; block < end; ++block)
    filter_column_block(pass, block, size > 1 && block + 1 < end ? block + 1 : -1, spectrum,
                        scratch);
  team.wait();
  const int even_out = pass.out_shape.blocks() / size * size;
  if (even_out + rank < pass.out_shape.blocks()) {
    restore_row_block(pass, even_out + rank, spectrum, scratch);
    epilogue(even_out + rank);
    team.leave();
  }
  scratch.pieces_left += pass.out_shape.blocks() - even_out;
  for (int block = even_out / size * rank; block < even_out / size * (rank + 1); ++block) {
    restore_row_block(pass, block, spectrum, scratch);
    epilogue(block);
  }
}

}  // namespace wavesmith::host
