#include "training/method.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "training/spsa.hpp"

namespace wavesmith {
namespace {

class Exact final : public TrainingMethod {
 public:
  void gradient(const GradientRequest& request) const override {
    request.model->set_parameters(request.parameters);
    request.model->pull_back(request.batch, *request.loss, request.readings, request.gradient);
  }
};

class InSitu final : public TrainingMethod {
 public:
  void gradient(const GradientRequest& request) const override {
    auto* experiment = dynamic_cast<AdjointExperiment*>(request.device);
    if (experiment == nullptr)
      throw InputError(
          "method \"in_situ\" needs a system that can send an error backward through itself "
          "(AdjointExperiment), which this one cannot; use exact, scattering or spsa");
    request.device->set_parameters(request.parameters);
    experiment->adjoint_experiment(request.batch, *request.loss, request.readings,
                                   request.gradient);
  }
};

class Scattering final : public TrainingMethod {
 public:
  void gradient(const GradientRequest& request) const override {
    auto* experiment = dynamic_cast<ScatteringExperiment*>(request.device);
    if (experiment == nullptr)
      throw InputError(
          "method \"scattering\" needs a system whose scattered waves can be read at every mode "
          "(ScatteringExperiment), which this one is not; use exact, in_situ or spsa");
    request.device->set_parameters(request.parameters);
    experiment->scattering_experiment(request.batch, *request.loss, request.readings,
                                      request.gradient);
  }
};

class Spsa final : public TrainingMethod {
 public:
  explicit Spsa(const MethodOptions& options) : options_(options) {}

  void gradient(const GradientRequest& request) const override {
    const auto total_loss = [&](std::span<const double> parameters) {
      request.device->set_parameters(parameters);
      request.device->respond(request.batch, request.readings);
      const std::size_t stride = static_cast<std::size_t>(request.device->reading_count());
      double sum = 0.0;
      for (int s = 0; s < request.batch.size(); ++s)
        sum += (*request.loss)(
            s, request.readings.subspan(static_cast<std::size_t>(s) * stride, stride), {});
      return sum;
    };
    spsa_gradient(total_loss, request.parameters,
                  {options_.perturbation, options_.draws, request.seed}, request.occasion,
                  request.gradient);
  }

 private:
  MethodOptions options_;
};

}  // namespace

const std::vector<MethodEntry>& method_registry() {
  static const std::vector<MethodEntry> registry{
      {"exact", "exact derivative of the model, in silico", "nothing",
       [](const MethodOptions&) -> std::unique_ptr<TrainingMethod> {
         return std::make_unique<Exact>();
       }},
      {"in_situ",
       "error field sent backward through the device, fields read by interferometry (Zhou 2020)",
       "sending an error field backward and reading complex fields at the layers",
       [](const MethodOptions&) -> std::unique_ptr<TrainingMethod> {
         return std::make_unique<InSitu>();
       }},
      {"scattering",
       "measured scattering from the read ports to every mode (Wanjura and Marquardt 2024)",
       "reading the waves that are scattered to every mode",
       [](const MethodOptions&) -> std::unique_ptr<TrainingMethod> {
         return std::make_unique<Scattering>();
       }},
      {"spsa",
       "two losses of the device for a random direction of all parameters at once (Spall 1992)",
       "detector readings only",
       [](const MethodOptions& options) -> std::unique_ptr<TrainingMethod> {
         return std::make_unique<Spsa>(options);
       }},
  };
  return registry;
}

std::unique_ptr<TrainingMethod> make_method(const std::string& name, const MethodOptions& options) {
  std::string known;
  for (const MethodEntry& entry : method_registry()) {
    if (entry.name == name) return entry.make(options);
    known += (known.empty() ? "" : ", ") + entry.name;
  }
  throw InputError("method \"" + name + "\" is not known; use one of " + known);
}

}  // namespace wavesmith
