// The logarithm of the label's share of the readings: L = -log(r_label / sum(r)), for readings that
// are not negative. It does not see the strength of a sample. S. Li and X. Mao, Nature
// Communications 15, 10528 (2024) train elastic lattices with it.
#include "training/loss_parts.hpp"

namespace wavesmith {
namespace {

class LogShare final : public Loss {
 public:
  // With values t in place of a label: sum_k -t_k log(r_k / sum(r)). A reading that is dark counts
  // as the dark limit, with derivative 0.
  double evaluate(std::span<const double> readings, double /*input_power*/, const Target& target,
                  std::span<double> cotangent) const override {
    double sum = 0.0, total = 0.0, value = 0.0;
    for (const double reading : readings) sum += reading;
    const bool dark = sum < dark_limit;
    for (std::size_t k = 0; k < readings.size(); ++k) {
      const double t = target_value(target, k);
      const bool lost = readings[k] < dark_limit;
      total += t;
      if (t != 0.0)
        value -= t * std::log(lost ? dark_limit : readings[k] / (dark ? dark_limit : sum));
      if (!cotangent.empty()) cotangent[k] = lost ? 0.0 : -t / readings[k];
    }
    if (!dark)
      for (double& g : cotangent) g += total / sum;
    return value;
  }
  int predicted_class(std::span<const double> readings) const override {
    return static_cast<int>(largest(readings));
  }
};

}  // namespace

std::unique_ptr<Loss> make_log_share(const LossSpec&) {
  return std::make_unique<LogShare>();
}

}  // namespace wavesmith
