// In which order the CPU visits the rows of a leapfrog march.
//
// Rows lie along x. `rows.first(step, j, k)` updates the first group of a row, which reads the
// second group of rows (j - 1 .. j, k - 1 .. k); `rows.second(step, j, k)` reads the first group of
// (j .. j + 1, k .. k + 1). Both schedules do the same arithmetic at every point, so their results
// are the same bits for any number of threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "kernels/host_team.hpp"

namespace wavesmith::host {

// All of the first group, then all of the second, step by step; `rows.wrap_first(step)` and
// `rows.wrap_second(step)` in between carry what leaves on one side to the other.
template <class Rows>
void march_plain(Rows& rows, int ny, int nz, long first, int steps, int threads) {
#pragma omp parallel num_threads(threads)
  {
    const FlushDenormals flush;
    for (long step = first; step < first + steps; ++step) {
#pragma omp for collapse(2) schedule(static)
      for (int k = 0; k < nz; ++k)
        for (int j = 0; j < ny; ++j) rows.first(step, j, k);
#pragma omp single
      rows.wrap_first();
#pragma omp for collapse(2) schedule(static)
      for (int k = 0; k < nz; ++k)
        for (int j = 0; j < ny; ++j) rows.second(step, j, k);
#pragma omp single
      rows.wrap_second();
    }
  }
}

// How far apart the parts of a skewed march are, in rows along both axes. Usually the second group
// reads no further ahead than the next row and the first group not at all; stencils with more reach
// need more.
struct RowLag {
  int second = 1;  // of the second group behind the first of its step
  int next = 1;    // of the next step's first group behind the first of a step
};

// Time skewing in place, without redundant work: a batch of `depth` steps streams over the last
// axis b, one behind the other, through parallelogram tiles along axis a (y in three dimensions; in
// two there is one tile, and the stream runs along y). In a stream's position kk, step s is at b =
// kk - s lag and at rows a of [tile begin - s lag, tile end - s lag): what it reads of step s - 1
// has just been written, by the same tile, while it is still in the cache. Row by row, `together`
// steps go hand in hand, each behind the one before, so that it finds in the first-level cache what
// that one has left there.
//
// Batches and tiles are handed to the threads in turn. Tile t follows tile t - 1 of its batch, and
// the batch before, as far as that has come.
template <class Rows>
class SkewedMarch {
 public:
  SkewedMarch(Rows& rows, int ny, int nz, int depth, int tile, int together, RowLag lag)
      : rows_(rows),
        flat_(nz == 1),
        na_(flat_ ? 1 : ny),
        nb_(flat_ ? ny : nz),
        depth_(depth),
        together_(together),
        lag_(lag) {
    shift_ = na_ > 1 ? lag_.second : 0;
    tile_ = na_ > 1 ? tile : 1;
    tiles_ = na_ > 1 ? (na_ + shift_ + lag_.next * (depth_ - 1) + tile_ - 1) / tile_ : 1;
  }

  void run(long first, int steps, int threads) {
    const int batches = (steps + depth_ - 1) / depth_;
    std::vector<Progress> progress(static_cast<std::size_t>(batches) *
                                   static_cast<std::size_t>(tiles_));
#pragma omp parallel num_threads(threads)
    {
      const FlushDenormals flush;
      const int count = batches * tiles_;
      for (int q = thread_number(); q < count; q += threads)
        stream(first, steps, q / tiles_, q % tiles_, progress);
    }
  }

 private:
  struct alignas(64) Progress {
    std::atomic<int> done{0};  // positions of the stream
  };

  static void wait(const Progress& other, int until) {
    for (int spins = 0; other.done.load(std::memory_order_acquire) < until; ++spins)
      if (spins > 4000) std::this_thread::yield();
  }

  void stream(long first, int steps, int batch, int tile, std::vector<Progress>& progress) {
    const auto at = [&](int b, int t) -> Progress& {
      return progress[static_cast<std::size_t>(b) * static_cast<std::size_t>(tiles_) +
                      static_cast<std::size_t>(t)];
    };
    const int own_depth = std::min(depth_, steps - batch * depth_);
    const int positions = positions_of(own_depth);
    Progress& own = at(batch, tile);
    // The tile of the batch before that holds the rows next to this one's, at its last step.
    const int neighbour =
        na_ > 1 ? std::min(((tile + 1) * tile_ - 1 + lag_.next * depth_) / tile_, tiles_ - 1) : 0;
    for (int kk = 0; kk < positions; ++kk) {
      if (tile > 0) wait(at(batch, tile - 1), kk + 1);
      if (batch > 0)
        wait(at(batch - 1, neighbour), std::min(kk + lag_.next * depth_ + 1, positions_of(depth_)));
      for (int from = 0; from < own_depth; from += together_)
        for (int p = tile * tile_; p < (tile + 1) * tile_; ++p)
          for (int s = from; s < std::min(from + together_, own_depth); ++s) {
            const int a = na_ > 1 ? p - s * lag_.next : 0, b = kk - s * lag_.next;
            if (a < 0 || a >= na_ + shift_ || b < 0 || b >= nb_ + lag_.second) continue;
            const long step = first + static_cast<long>(batch) * depth_ + s;
            if (a < na_ && b < nb_) visit(step, a, b, true);
            if (a >= shift_ && b >= lag_.second) visit(step, a - shift_, b - lag_.second, false);
          }
      own.done.store(kk + 1, std::memory_order_release);
    }
  }

  // Of a stream: until the second group of its last step has come to the last row.
  int positions_of(int steps) const {
    return nb_ + lag_.next * (steps - 1) + lag_.second;
  }

  void visit(long step, int a, int b, bool first_group) {
    const int j = flat_ ? b : a, k = flat_ ? 0 : b;
    if (first_group)
      rows_.first(step, j, k);
    else
      rows_.second(step, j, k);
  }

  Rows& rows_;
  bool flat_;
  int na_, nb_, depth_, together_, shift_ = 0, tile_ = 1, tiles_ = 1;
  RowLag lag_;
};

}  // namespace wavesmith::host
