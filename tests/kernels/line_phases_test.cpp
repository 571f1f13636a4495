// The phases that a GPU runs between barriers, on the host: block by block, and within a phase
// thread by thread in any order. A launch that reads what a neighbour writes would depend on it.
#include "kernels/line_phases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <numeric>

#include "tests/kernels/stack_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;

template <class T>
LinePlanView<T> view(const LinePlan<T>& plan) {
  return {plan.n, static_cast<int>(plan.stages.size()), plan.stages.data(), plan.twiddle.data(),
          plan.roots.data()};
}

enum class Order { forward, backward, shuffled };

// One block of a launch. Scratch holds nothing at first: whoever reads before writing finds NaN.
template <class T, class Block>
void run_block(const Block& block, int threads, Order order, std::mt19937& generator) {
  std::vector<T> memory(BlockScratch<T>::size(block.plan.n, block.lanes),
                        std::numeric_limits<T>::quiet_NaN());
  std::vector<int> turn(static_cast<std::size_t>(threads));
  std::iota(turn.begin(), turn.end(), 0);
  if (order == Order::backward) std::reverse(turn.begin(), turn.end());
  for (int phase = 0; phase < block.phase_count(); ++phase) {
    if (order == Order::shuffled) std::shuffle(turn.begin(), turn.end(), generator);
    for (const int thread : turn)
      block.run_phase(phase, thread, threads, BlockScratch<T>{memory.data()});
  }
}

struct Pass {
  GapSize size;
  int lanes = 8;
  bool adjoint = false, modulated = false;
};

template <class T>
struct Lanes {
  LaneShape shape;
  std::vector<T> values;  // real parts, then imaginary parts

  Lanes(int nx, int ny, int lanes, T value) : shape{nx, ny, lanes} {
    values.assign(2 * shape.size(), value);
  }
  T* re(std::size_t offset = 0) { return values.data() + offset; }
  T* im(std::size_t offset = 0) { return values.data() + shape.size() + offset; }
  void set(const ComplexField& field) {
    for (std::size_t k = 0; k < field.size(); ++k) {
      const std::size_t i =
          shape.index(static_cast<int>(k) / shape.nx, static_cast<int>(k) % shape.nx);
      values[i] = static_cast<T>(field[k].real());
      values[i + shape.size()] = static_cast<T>(field[k].imag());
    }
  }
  ComplexField get() const {
    ComplexField field(points(shape.nx, shape.ny));
    for (std::size_t k = 0; k < field.size(); ++k) {
      const std::size_t i =
          shape.index(static_cast<int>(k) / shape.nx, static_cast<int>(k) % shape.nx);
      field[k] = {static_cast<double>(values[i]), static_cast<double>(values[i + shape.size()])};
    }
    return field;
  }
};

// The three launches of a propagation, as kernels/cuda_stack.cu makes them.
template <class T>
ComplexField emulate(const Pass& pass, const ComplexField& in, const ComplexField& modulation,
                     const ComplexField& h, int threads, Order order) {
  const GapSize& g = pass.size;
  const int w = pass.lanes, mx_padded = (g.mx + w - 1) / w * w;
  const bool back = pass.adjoint;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  // Rows that fill the last block of an input may hold anything.
  Lanes<T> from(back ? g.nx_out : g.nx_in, back ? g.ny_out : g.ny_in, w, nan);
  Lanes<T> to(back ? g.nx_in : g.nx_out, back ? g.ny_in : g.ny_out, w, nan);
  Lanes<T> factor(from.shape.nx, from.shape.ny, w, T(0));
  Lanes<T> spectrum(mx_padded, std::max(from.shape.ny, to.shape.ny), w, nan);
  from.set(in);
  if (pass.modulated) factor.set(modulation);
  const std::size_t half = points(mx_padded, g.my);
  std::vector<T> transfer(2 * half, T(0));
  const double scale = 1.0 / (static_cast<double>(g.mx) * g.my);
  for (int q = 0; q < g.my; ++q)
    for (int p = 0; p < g.mx; ++p) {
      const std::complex<double> value = scale * h[points(g.mx, q) + static_cast<std::size_t>(p)];
      const std::size_t i = static_cast<std::size_t>((p / w * g.my + q) * w + p % w);
      transfer[i] = static_cast<T>(value.real());
      transfer[i + half] = static_cast<T>(value.imag());
    }

  const LinePlan<T> rows = make_line_plan<T>(g.mx, 10), columns = make_line_plan<T>(g.my, 10);
  std::mt19937 generator(9);
  const std::size_t spectrum_block = points(mx_padded, w);
  for (int block = 0; block < from.shape.blocks(); ++block) {
    const std::size_t at = static_cast<std::size_t>(block) * from.shape.block_size();
    const std::size_t out = static_cast<std::size_t>(block) * spectrum_block;
    run_block<T>(RowTransformBlock<T>{view(rows), from.re(at), from.im(at),
                                      pass.modulated ? factor.re(at) : nullptr,
                                      pass.modulated ? factor.im(at) : nullptr, back,
                                      spectrum.re(out), spectrum.im(out), from.shape.nx, w},
                 threads, order, generator);
  }
  for (int block = 0; block < mx_padded / w; ++block) {
    const std::size_t at = points(block * w, w), factors = points(block * w, g.my);
    run_block<T>(
        ColumnFilterBlock<T>{view(columns), spectrum.re(at), spectrum.im(at),
                             static_cast<std::ptrdiff_t>(spectrum_block), transfer.data() + factors,
                             transfer.data() + half + factors, back, from.shape.ny, to.shape.ny, w},
        threads, order, generator);
  }
  for (int block = 0; block < to.shape.blocks(); ++block) {
    const std::size_t at = static_cast<std::size_t>(block) * to.shape.block_size();
    const std::size_t out = static_cast<std::size_t>(block) * spectrum_block;
    run_block<T>(RowRestoreBlock<T>{view(rows), spectrum.re(out), spectrum.im(out), to.re(at),
                                    to.im(at), to.shape.nx, w},
                 threads, order, generator);
  }
  return to.get();
}

ComplexField reference(const Pass& pass, ComplexField in, const ComplexField& modulation,
                       const ComplexField& h) {
  const GapSize& g = pass.size;
  if (pass.modulated)
    for (std::size_t i = 0; i < in.size(); ++i)
      in[i] *= pass.adjoint ? std::conj(modulation[i]) : modulation[i];
  if (pass.adjoint) return propagate(in, g.nx_out, g.ny_out, h, g.mx, g.my, g.nx_in, g.ny_in, true);
  return propagate(in, g.nx_in, g.ny_in, h, g.mx, g.my, g.nx_out, g.ny_out, false);
}

std::vector<GapSize> sizes() {
  return {gap(1, 1, 1, 1, 1, 1),        gap(5, 4, 6, 3, 16, 8),
          gap(16, 16, 16, 16, 32, 32),  gap(20, 12, 20, 12, 20, 12),
          gap(9, 10, 11, 8, 18, 20),    gap(23, 7, 15, 21, 45, 27),
          gap(17, 13, 19, 11, 37, 31),  gap(30, 31, 30, 35, 7 * 7, 66),
          gap(12, 40, 60, 3, 77, 60),   gap(33, 20, 20, 33, 5 * 13, 4 * 17),
          gap(50, 3, 64, 2, 128, 5),    gap(3, 90, 2, 72, 10, 162),
          gap(40, 40, 40, 40, 81, 125), gap(100, 2, 90, 3, 240, 7)};
}

template <class T>
void expect_passes(double tolerance) {
  double worst = 0.0;
  std::mt19937 generator(3);
  for (const GapSize& size : sizes()) {
    const ComplexField h = random_field(points(size.mx, size.my), generator);
    for (const int lanes : {8, 16})
      for (const bool adjoint : {false, true})
        for (const bool modulated : {false, true}) {
          const Pass pass{size, lanes, adjoint, modulated};
          const std::size_t count =
              adjoint ? points(size.nx_out, size.ny_out) : points(size.nx_in, size.ny_in);
          const ComplexField in = random_field(count, generator);
          const ComplexField modulation = random_field(count, generator);
          const ComplexField out = emulate<T>(pass, in, modulation, h, 256, Order::forward);
          const double error = relative_error(out, reference(pass, in, modulation, h));
          const auto name = [&] {
            return std::to_string(size.mx) + " x " + std::to_string(size.my) + ", " +
                   std::to_string(lanes) + " lanes, adjoint " + std::to_string(adjoint) +
                   ", modulated " + std::to_string(modulated);
          };
          EXPECT_LT(error, tolerance) << name();
          worst = std::max(worst, error);
          EXPECT_EQ(emulate<T>(pass, in, modulation, h, 256, Order::backward), out) << name();
          EXPECT_EQ(emulate<T>(pass, in, modulation, h, 64, Order::shuffled), out) << name();
          EXPECT_EQ(emulate<T>(pass, in, modulation, h, 7, Order::shuffled), out) << name();
        }
  }
  std::printf("worst error %.1e\n", worst);
}

TEST(LinePhases, MatchPlainTransformsInDouble) {
  expect_passes<double>(1e-14);
}

TEST(LinePhases, MatchPlainTransformsInFloat) {
  expect_passes<float>(3e-6);
}

}  // namespace
}  // namespace wavesmith
