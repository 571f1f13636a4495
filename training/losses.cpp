#include "training/losses.hpp"

#include <fmt/format.h>

#include <numeric>

#include "core/error.hpp"
#include "core/suggest.hpp"
#include "training/loss_parts.hpp"

namespace wavesmith {
namespace {

// Any loss plus weight * -log(sum(readings) / input_power): trades a goal against the light that
// reaches the detectors. A sample without input adds nothing; without readings, the logarithm is
// held at -log(1e-300), with derivative 0.
class WithEfficiency final : public Loss {
 public:
  WithEfficiency(std::unique_ptr<Loss> loss, double weight)
      : loss_(std::move(loss)), weight_(weight) {}

  double evaluate(std::span<const double> readings, double input_power, const Target& target,
                  std::span<double> cotangent) const override {
    const double value = loss_->evaluate(readings, input_power, target, cotangent);
    if (input_power < dark_limit) return value;
    const double sum = std::accumulate(readings.begin(), readings.end(), 0.0);
    const double efficiency = sum / input_power;
    if (sum < dark_limit || efficiency < dark_limit) return value - weight_ * std::log(dark_limit);
    for (double& g : cotangent) g -= weight_ / sum;
    return value - weight_ * std::log(efficiency);
  }
  int predicted_class(std::span<const double> readings) const override {
    return loss_->predicted_class(readings);
  }

 private:
  std::unique_ptr<Loss> loss_;
  double weight_;
};

const LossEntry& find_entry(const LossSpec& spec) {
  std::vector<std::string> names;
  for (const LossEntry& entry : loss_registry()) {
    if (entry.name == spec.name) return entry;
    names.push_back(entry.name);
  }
  throw InputError(fmt::format("loss \"{}\" is not known{}; choose one of {}", spec.name,
                               suggestion(spec.name, names), join_names(names)));
}

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

void check_list(const LossSpec& spec, const char* key, std::span<const double> values) {
  WAVESMITH_VALIDATE(
      values.empty() || values.size() == static_cast<std::size_t>(spec.reading_count),
      fmt::format("loss \"{}\": {} has {} entries for {} readings; give one per reading", spec.name,
                  key, values.size(), spec.reading_count));
  WAVESMITH_VALIDATE(
      all_finite(values),
      fmt::format("loss \"{}\": {} holds a value that is not finite", spec.name, key));
}

void check_lit(const LossSpec& spec, std::span<const double> image, const std::string& where) {
  double power = 0.0;
  for (std::size_t r = 0; r < image.size(); ++r)
    power += (spec.weights.empty() ? 1.0 : spec.weights[r]) * image[r] * image[r];
  WAVESMITH_VALIDATE(power >= dark_limit && std::isfinite(power),
                     fmt::format("loss \"image\": the target image of {} is dark wherever its "
                                 "weight is not 0, so no error can be taken relative to it; give a "
                                 "target with light in it",
                                 where));
}

}  // namespace

const std::vector<LossEntry>& loss_registry() {
  static const std::vector<LossEntry> entries{
      {"cross_entropy",
       "softmax cross entropy of the normalised readings, one per class",
       {"normalise", "scale", "efficiency_weight"},
       make_cross_entropy},
      {"differential",
       "softmax cross entropy of (I+ - I-) / (I+ + I-), two readings per class",
       {"temperature", "efficiency_weight"},
       make_differential},
      {"efficiency",
       "the share of the input power that the weighted readings miss",
       {"weights", "logarithm"},
       make_efficiency},
      {"image",
       "squared error of the image against a target image, at the best or a fixed scale",
       {"normalise", "scale", "weights", "targets", "efficiency_weight"},
       make_image},
      {"log_share",
       "logarithm of the label's share of the readings, which are not negative",
       {"efficiency_weight"},
       make_log_share},
      {"squared_error",
       "mean squared error of the normalised readings against one-hot or values",
       {"normalise", "scale", "efficiency_weight"},
       make_squared_error},
      {"weighted_targets",
       "weighted squared error of every reading's share of the input power",
       {"weights", "targets", "efficiency_weight"},
       make_weighted_targets},
  };
  return entries;
}

std::unique_ptr<Loss> make_loss(const LossSpec& spec) {
  const LossEntry& entry = find_entry(spec);
  const auto fail = [&](const std::string& what) {
    throw InputError(fmt::format("loss \"{}\": {}", spec.name, what));
  };
  if (spec.reading_count < 1) fail("there are no readings; give the detector at least one region");
  if (spec.name == "differential" && spec.reading_count % 2 != 0)
    fail(
        fmt::format("{} readings cannot form pairs; give two detectors per class, in the order "
                    "+0, -0, +1, -1, ...",
                    spec.reading_count));
  if (spec.scale && !(*spec.scale > 0.0 && std::isfinite(*spec.scale)))
    fail(fmt::format("scale = {} must be positive and finite", *spec.scale));
  if (!(spec.temperature > 0.0 && std::isfinite(1.0 / spec.temperature)))
    fail(fmt::format("temperature = {} must be positive; 0.1 is usual", spec.temperature));
  if (!(spec.efficiency_weight >= 0.0 && std::isfinite(spec.efficiency_weight)))
    fail(fmt::format("efficiency_weight = {} must be 0 or positive", spec.efficiency_weight));
  check_list(spec, "weights", spec.weights);
  check_list(spec, "targets", spec.targets);
  for (double weight : spec.weights)
    if (weight < 0.0) fail(fmt::format("weight {} is negative; weights are 0 or more", weight));
  if (spec.name == "image" && !spec.targets.empty()) check_lit(spec, spec.targets, "the scene");

  std::unique_ptr<Loss> loss = entry.make(spec);
  if (spec.efficiency_weight == 0.0) return loss;
  if (spec.name == "efficiency") fail("efficiency_weight has no meaning here; leave it out");
  return std::make_unique<WithEfficiency>(std::move(loss), spec.efficiency_weight);
}

int class_count(const LossSpec& spec) {
  const std::string& name = find_entry(spec).name;
  if (name == "differential") return spec.reading_count / 2;
  const bool one_each = name == "cross_entropy" || name == "log_share" || name == "squared_error";
  return one_each ? spec.reading_count : 0;
}

void check_target(const LossSpec& spec, const Target& target, const std::string& sample) {
  if (spec.name == "efficiency") return;
  const int classes = class_count(spec);
  const int wanted = classes > 0 ? classes : spec.reading_count;
  if (!target.values.empty()) {
    WAVESMITH_VALIDATE(target.values.size() == static_cast<std::size_t>(wanted),
                       fmt::format("{} brings {} target values where loss \"{}\" needs {}", sample,
                                   target.values.size(), spec.name, wanted));
    WAVESMITH_VALIDATE(all_finite(target.values),
                       fmt::format("{} brings a target value that is not finite", sample));
    if (spec.name == "image") check_lit(spec, target.values, sample);
  } else if (classes > 0) {
    WAVESMITH_VALIDATE(
        target.label >= 0 && target.label < classes,
        fmt::format("{} has label {}, but loss \"{}\" with {} readings knows classes "
                    "0 to {}; add detectors or choose other data",
                    sample, target.label, spec.name, spec.reading_count, classes - 1));
  } else {
    WAVESMITH_VALIDATE(!spec.targets.empty(),
                       fmt::format("{} brings no target values and loss \"{}\" has none; set "
                                   "targets",
                                   sample, spec.name));
  }
}

Normalise parse_normalise(const LossSpec& spec, Normalise otherwise) {
  if (spec.normalise.empty()) return otherwise;
  if (spec.normalise == "sum") return Normalise::sum;
  if (spec.normalise == "max") return Normalise::max;
  if (spec.normalise == "input") return Normalise::input;
  if (spec.normalise == "none") return Normalise::none;
  throw InputError(fmt::format(
      "loss \"{}\": normalise = \"{}\" is not known; choose one of sum, max, input, none",
      spec.name, spec.normalise));
}

double Normaliser::factor(std::span<const double> readings, double input_power) const {
  double norm = 1.0;
  if (kind_ == Normalise::sum) norm = std::accumulate(readings.begin(), readings.end(), 0.0);
  if (kind_ == Normalise::max) norm = readings[largest(readings)];
  if (kind_ == Normalise::input) norm = input_power;
  return norm < dark_limit ? 0.0 : scale_ / norm;
}

void Normaliser::pull_back(std::span<const double> readings, double factor,
                           std::span<double> cotangent) const {
  if (cotangent.empty()) return;
  // x_k = factor I_k with factor = scale / N: d factor / dN = -factor^2 / scale, and dN/dI_j is 1
  // for the sum, 1 at the largest reading only for the maximum.
  double along = 0.0;  // sum_k g_k I_k / N
  for (std::size_t k = 0; k < readings.size(); ++k)
    along += cotangent[k] * (factor * readings[k] / scale_);
  if (kind_ == Normalise::sum)
    for (double& g : cotangent) g -= along;
  if (kind_ == Normalise::max) cotangent[largest(readings)] -= along;
  for (double& g : cotangent) g *= factor;
}

std::size_t largest(std::span<const double> readings) {
  return static_cast<std::size_t>(std::max_element(readings.begin(), readings.end()) -
                                  readings.begin());
}

}  // namespace wavesmith
