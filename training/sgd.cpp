// Stochastic gradient descent with momentum mu:
//   v <- mu v + g,   p <- p - rate v               (Polyak 1964, heavy ball)
//   v <- mu v + g,   p <- p - rate (g + mu v)      (Nesterov, at the look-ahead point:
//                                                   Sutskever et al., ICML 2013)
// The rate stays outside v, so that a schedule acts at once. With largest_update what is taken from
// p, decay aside, stays between its negative and itself.
#include <limits>

#include "training/byte_stream.hpp"
#include "training/optimizer.hpp"

namespace wavesmith {
namespace {

struct SgdStep {
  double mu, from_gradient, from_velocity, rate, keep, bound;
};

// A function of its own, so that `restrict` is heeded and the loop vectorises without versions.
void move(const SgdStep step, std::size_t begin, std::size_t end, const double* __restrict g,
          double* __restrict v, double* __restrict p) {
  for (std::size_t i = begin; i < end; ++i) {
    v[i] = step.mu * v[i] + g[i];
    double update = step.rate * (step.from_gradient * g[i] + step.from_velocity * v[i]);
    update = update > step.bound ? step.bound : update;  // not so for NaN
    update = update < -step.bound ? -step.bound : update;
    p[i] = step.keep * p[i] - update;
  }
}

class Sgd final : public Optimizer {
 public:
  Sgd(const OptimizerSpec& spec, std::size_t count)
      : momentum_(spec.momentum),
        nesterov_(spec.nesterov),
        weight_decay_(spec.weight_decay),
        bound_(spec.largest_update > 0.0 ? spec.largest_update
                                         : std::numeric_limits<double>::infinity()),
        velocity_(count, 0.0) {}

  void begin_step() override {}

  void step_range(std::size_t begin, std::size_t end, double learning_rate,
                  std::span<const double> gradient, std::span<double> parameters) override {
    // Heavy ball moves along (0 g + 1 v), Nesterov along (1 g + mu v).
    const SgdStep step{.mu = momentum_,
                       .from_gradient = nesterov_ ? 1.0 : 0.0,
                       .from_velocity = nesterov_ ? momentum_ : 1.0,
                       .rate = learning_rate,
                       .keep = 1.0 - learning_rate * weight_decay_,
                       .bound = bound_};
    move(step, begin, end, gradient.data(), velocity_.data(), parameters.data());
  }

  void save(std::vector<std::byte>& bytes) const override {
    ByteWriter out(bytes);
    out.put_text("sgd");
    out.put_array(velocity_);
  }
  void load(std::span<const std::byte> bytes) override {
    ByteReader in(bytes, "the state of optimizer sgd");
    if (in.get_text() != "sgd") in.fail("it belongs to another optimizer");
    in.get_array(std::span<double>(velocity_));
    in.expect_end();
  }

 private:
  double momentum_;
  bool nesterov_;
  double weight_decay_, bound_;
  std::vector<double> velocity_;
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(const OptimizerSpec& spec, std::size_t parameter_count) {
  return std::make_unique<Sgd>(spec, parameter_count);
}

}  // namespace wavesmith
