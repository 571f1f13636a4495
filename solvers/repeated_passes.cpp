#include "solvers/repeated_passes.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>

#include "core/error.hpp"
#include "kernels/parallel_tasks.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Samples that go through the medium side by side. Fixed, so that bits depend on no thread.
constexpr std::size_t chunk = 16;

}  // namespace

// The medium and passes of a chunk of samples, one a column.
template <class T>
struct RepeatedPasses::Engine {
  using Matrix = Eigen::Matrix<std::complex<T>, Eigen::Dynamic, Eigen::Dynamic>;

  explicit Engine(const RepeatedScattering& network) {
    const Eigen::Index n = network.modes;
    using Rows = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    medium = Eigen::Map<const Rows>(network.medium.data(), n, n).template cast<std::complex<T>>();
  }

  // Rows of `stride` numbers, one a sample, as columns and back.
  static Matrix load(const Complex* from, std::size_t stride, Eigen::Index modes,
                     Eigen::Index samples) {
    Matrix to(modes, samples);
    for (Eigen::Index s = 0; s < samples; ++s)
      for (Eigen::Index j = 0; j < modes; ++j)
        to(j, s) = std::complex<T>(
            from[static_cast<std::size_t>(s) * stride + static_cast<std::size_t>(j)]);
    return to;
  }
  static void store(const Matrix& from, std::size_t stride, Complex* to) {
    for (Eigen::Index s = 0; s < from.cols(); ++s)
      for (Eigen::Index j = 0; j < from.rows(); ++j)
        to[static_cast<std::size_t>(s) * stride + static_cast<std::size_t>(j)] =
            Complex(from(j, s));
  }
  // Through a mask, which differs from sample to sample.
  static void mask(const RepeatedPasses& passes, std::size_t repetition,
                   std::span<const double> features, Matrix& field) {
    const std::size_t width = static_cast<std::size_t>(passes.network_.features);
    for (Eigen::Index s = 0; s < field.cols(); ++s) {
      const auto of_sample = features.subspan(static_cast<std::size_t>(s) * width, width);
      for (Eigen::Index j = 0; j < field.rows(); ++j)
        field(j, s) *=
            static_cast<T>(passes.transmission(repetition, static_cast<std::size_t>(j), of_sample));
    }
  }

  void forward(const RepeatedPasses& passes, std::span<const double> features, Complex* fields,
               std::size_t samples) const {
    const Eigen::Index modes = medium.rows();
    const std::size_t n = static_cast<std::size_t>(modes);
    const std::size_t repetitions = static_cast<std::size_t>(passes.network_.repetitions);
    const std::size_t stride = (repetitions + 1) * n;
    Matrix field = Matrix::Ones(modes, static_cast<Eigen::Index>(samples)), masked;
    for (std::size_t r = 0; r < repetitions; ++r) {
      store(field, stride, fields + r * n);
      mask(passes, r, features, field);
      masked = field;
      field.noalias() = medium * masked;
    }
    store(field, stride, fields + repetitions * n);
  }
  void pull_back(const RepeatedPasses& passes, std::span<const double> features,
                 const Complex* error, Complex* fields, std::size_t samples) const {
    const Eigen::Index modes = medium.rows();
    const std::size_t n = static_cast<std::size_t>(modes);
    const std::size_t repetitions = static_cast<std::size_t>(passes.network_.repetitions);
    Matrix field = load(error, n, modes, static_cast<Eigen::Index>(samples)), behind;
    for (std::size_t r = repetitions; r-- > 0;) {
      behind.noalias() = medium.transpose() * field;
      store(behind, repetitions * n, fields + r * n);
      field = behind;
      mask(passes, r, features, field);
    }
  }

  Matrix medium;
};

RepeatedPasses::RepeatedPasses(RepeatedScattering network, Precision precision, int threads)
    : network_(std::move(network)), threads_(threads) {
  validate(network_);
  parameters_.assign(network_.parameter_count(), 0.0);
  if (precision == Precision::f32)
    single_ = std::make_unique<Engine<float>>(network_);
  else
    double_ = std::make_unique<Engine<double>>(network_);
}
RepeatedPasses::~RepeatedPasses() = default;

void RepeatedPasses::set_parameters(std::span<const double> parameters) {
  validate_count(parameters.size(), network_.parameter_count(), "parameters of the masks");
  validate_all_finite(parameters, "parameters of the masks");
  parameters_.assign(parameters.begin(), parameters.end());
}

std::size_t RepeatedPasses::batch_of(std::span<const double> features) const {
  const std::size_t width = static_cast<std::size_t>(network_.features);
  WAVESMITH_VALIDATE(features.size() % width == 0,
                     fmt::format("{} numbers are no whole number of samples of {} features",
                                 features.size(), width));
  return features.size() / width;
}

double RepeatedPasses::transmission(std::size_t repetition, std::size_t mode,
                                    std::span<const double> features) const {
  const std::size_t at = repetition * static_cast<std::size_t>(network_.modes) + mode;
  return parameters_[at] +
         parameters_[parameters_.size() / 2 + at] * features[mode % features.size()];
}

void RepeatedPasses::forward(std::span<const double> features, std::span<Complex> fields) const {
  const std::size_t batch = batch_of(features), width = static_cast<std::size_t>(network_.features);
  const std::size_t stride =
      static_cast<std::size_t>(network_.repetitions + 1) * static_cast<std::size_t>(network_.modes);
  validate_count(fields.size(), batch * stride, "fields of the passes");
  parallel_tasks((batch + chunk - 1) / chunk, threads_, [&](std::size_t c, int) {
    const std::size_t first = c * chunk, samples = std::min(chunk, batch - first);
    const auto part = features.subspan(first * width, samples * width);
    Complex* to = fields.data() + first * stride;
    if (single_)
      single_->forward(*this, part, to, samples);
    else
      double_->forward(*this, part, to, samples);
  });
}

void RepeatedPasses::pull_back(std::span<const double> features, std::span<const Complex> error,
                               std::span<Complex> fields) const {
  const std::size_t batch = batch_of(features), width = static_cast<std::size_t>(network_.features);
  const std::size_t modes = static_cast<std::size_t>(network_.modes);
  const std::size_t stride = static_cast<std::size_t>(network_.repetitions) * modes;
  validate_count(error.size(), batch * modes, "errors at the detectors");
  validate_count(fields.size(), batch * stride, "fields of the way back");
  parallel_tasks((batch + chunk - 1) / chunk, threads_, [&](std::size_t c, int) {
    const std::size_t first = c * chunk, samples = std::min(chunk, batch - first);
    const auto part = features.subspan(first * width, samples * width);
    const Complex* from = error.data() + first * modes;
    Complex* to = fields.data() + first * stride;
    if (single_)
      single_->pull_back(*this, part, from, to, samples);
    else
      double_->pull_back(*this, part, from, to, samples);
  });
}

void RepeatedPasses::products(std::span<const double> features,
                              std::span<const Complex> forward_fields,
                              std::span<const Complex> backward_fields,
                              std::span<double> gradient) const {
  const std::size_t batch = batch_of(features), width = static_cast<std::size_t>(network_.features);
  const std::size_t modes = static_cast<std::size_t>(network_.modes);
  const std::size_t masks = static_cast<std::size_t>(network_.repetitions) * modes;
  validate_count(forward_fields.size(), batch * (masks + modes), "fields of the passes");
  validate_count(backward_fields.size(), batch * masks, "fields of the way back");
  validate_count(gradient.size(), 2 * masks, "the gradient of the masks");
  std::fill(gradient.begin(), gradient.end(), 0.0);
  for (std::size_t s = 0; s < batch; ++s)
    for (std::size_t i = 0; i < masks; ++i) {
      const Complex e = forward_fields[s * (masks + modes) + i], b = backward_fields[s * masks + i];
      const double product = e.real() * b.real() - e.imag() * b.imag();
      gradient[i] += product;
      gradient[masks + i] += product * features[s * width + i % modes % width];
    }
}

double RepeatedPasses::operations() const {
  const double modes = network_.modes;
  return network_.repetitions * (8.0 * modes * modes + 2.0 * modes);
}

}  // namespace wavesmith
