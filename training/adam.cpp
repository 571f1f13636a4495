// Adam (Kingma and Ba, ICLR 2015, algorithm 1):
//   m <- b1 m + (1 - b1) g,   v <- b2 v + (1 - b2) g^2
//   p <- p - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
// AMSGrad (Reddi et al., ICLR 2018) puts the largest v so far in the place of v, here with the same
// bias correction. Decoupled decay (Loshchilov and Hutter, ICLR 2019): p <- (1 - rate * decay) p.
// With largest_update what is taken from p, decay aside, stays between its negative and itself.
#include <cmath>
#include <cstdint>
#include <experimental/simd>
#include <limits>

#include "training/byte_stream.hpp"
#include "training/optimizer.hpp"

// GCC 12 takes the unused operand of its own AVX-512 square root for an uninitialised variable.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace wavesmith {
namespace {

namespace stdx = std::experimental;

struct AdamStep {
  double b1, b2, rate, root_correction, epsilon, keep, bound;
  const double* g;
  double *p, *m, *v, *top;  // top: AMSGrad's largest v, or null

  // Moves the entries from i on that fill one Pack. Written with explicit packs, because compilers
  // leave a loop with a square root unvectorised as long as it may have to set errno.
  template <class Pack, bool amsgrad>
  void move(std::size_t i) const {
    const Pack gradient(g + i, stdx::element_aligned);
    const Pack mean = b1 * Pack(m + i, stdx::element_aligned) + (1.0 - b1) * gradient;
    Pack square = b2 * Pack(v + i, stdx::element_aligned) + (1.0 - b2) * gradient * gradient;
    mean.copy_to(m + i, stdx::element_aligned);
    square.copy_to(v + i, stdx::element_aligned);
    if constexpr (amsgrad) {
      const Pack before(top + i, stdx::element_aligned);
      where(before > square, square) = before;  // false for NaN, which so goes through
      square.copy_to(top + i, stdx::element_aligned);
    }
    Pack update = rate * mean / (sqrt(square) * root_correction + epsilon);
    where(update > bound, update) = bound;  // false for NaN here, too
    where(update < -bound, update) = -bound;
    const Pack moved = keep * Pack(p + i, stdx::element_aligned) - update;
    moved.copy_to(p + i, stdx::element_aligned);
  }

  template <bool amsgrad>
  void move_range(std::size_t begin, std::size_t end) const {
    using Wide = stdx::native_simd<double>;
    using Single = stdx::simd<double, stdx::simd_abi::scalar>;
    const AdamStep step = *this;  // a local copy: stores cannot alias it
    std::size_t i = begin;
    for (; i + Wide::size() <= end; i += Wide::size()) step.move<Wide, amsgrad>(i);
    for (; i < end; ++i) step.move<Single, amsgrad>(i);
  }
};

class Adam final : public Optimizer {
 public:
  Adam(const OptimizerSpec& spec, std::size_t count)
      : beta1_(spec.beta1),
        beta2_(spec.beta2),
        epsilon_(spec.epsilon),
        weight_decay_(spec.weight_decay),
        bound_(spec.largest_update > 0.0 ? spec.largest_update
                                         : std::numeric_limits<double>::infinity()),
        mean_(count, 0.0),
        square_(count, 0.0),
        largest_square_(spec.amsgrad ? count : 0, 0.0) {}

  void begin_step() override { ++steps_; }

  void step_range(std::size_t begin, std::size_t end, double learning_rate,
                  std::span<const double> gradient, std::span<double> parameters) override {
    const double t = static_cast<double>(steps_);
    const AdamStep step{.b1 = beta1_,
                        .b2 = beta2_,
                        .rate = learning_rate / (1.0 - std::pow(beta1_, t)),
                        .root_correction = 1.0 / std::sqrt(1.0 - std::pow(beta2_, t)),
                        .epsilon = epsilon_,
                        .keep = 1.0 - learning_rate * weight_decay_,
                        .bound = bound_,
                        .g = gradient.data(),
                        .p = parameters.data(),
                        .m = mean_.data(),
                        .v = square_.data(),
                        .top = largest_square_.data()};
    if (largest_square_.empty()) {
      step.move_range<false>(begin, end);
    } else {
      step.move_range<true>(begin, end);
    }
  }

  void save(std::vector<std::byte>& bytes) const override {
    ByteWriter out(bytes);
    out.put_text("adam");
    out.put(steps_);
    out.put_array(mean_);
    out.put_array(square_);
    out.put_array(largest_square_);
  }
  void load(std::span<const std::byte> bytes) override {
    ByteReader in(bytes, "the state of optimizer adam");
    if (in.get_text() != "adam") in.fail("it belongs to another optimizer");
    steps_ = in.get<std::int64_t>();
    if (steps_ < 0) in.fail("its step count is negative");
    in.get_array(std::span<double>(mean_));
    in.get_array(std::span<double>(square_));
    in.get_array(std::span<double>(largest_square_));
    in.expect_end();
  }

 private:
  double beta1_, beta2_, epsilon_, weight_decay_, bound_;
  std::int64_t steps_ = 0;
  std::vector<double> mean_, square_, largest_square_;
};

}  // namespace

std::unique_ptr<Optimizer> make_adam(const OptimizerSpec& spec, std::size_t parameter_count) {
  return std::make_unique<Adam>(spec, parameter_count);
}

}  // namespace wavesmith
