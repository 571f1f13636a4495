// The numbers of a circuit that a scene asks for.
#include <algorithm>
#include <cmath>

#include "apps/circuit_run.hpp"
#include "core/units.hpp"
#include "solvers/circuit_solver.hpp"
#include "solvers/response_features.hpp"

namespace wavesmith {
namespace {

class Response {
 public:
  Response(const CircuitProblem& problem, const CircuitFindings& findings,
           const CircuitMetricPart& part, int threads)
      : problem_(problem),
        part_(part),
        threads_(threads),
        ports_(problem.circuit.external_names().size()) {
    for (std::size_t f = 0; f < problem.frequencies.size(); ++f)
      power_.push_back(std::norm(findings.s[(f * ports_ + part.to) * ports_ + part.from]));
  }

  double number() const {
    const double at = part_.frequency;
    const PowerResponse power = [&](double f) { return std::norm(amplitudes({f})[0]); };
    const std::span<const double> frequencies = problem_.frequencies;
    const Feature feature = part_.peak ? Feature::peak : Feature::dip;
    const auto extremes = [&] { return find_extremes(frequencies, power_, power, feature); };
    switch (part_.number) {
      case CircuitNumber::transmission:
        return power(at);
      case CircuitNumber::decibels:
        return 10.0 * std::log10(power(at));
      case CircuitNumber::phase:
        return std::arg(amplitudes({at})[0]);
      case CircuitNumber::delay:
        return delay(at);
      case CircuitNumber::loss:
        return loss(at);
      case CircuitNumber::extinction: {
        // The samples, and what lies between them.
        auto [low, high] = std::ranges::minmax(power_);
        for (const Feature kind : {Feature::peak, Feature::dip})
          for (const Extreme& e : find_extremes(frequencies, power_, power, kind)) {
            low = std::min(low, e.power);
            high = std::max(high, e.power);
          }
        return 10.0 * std::log10(high / low);
      }
      case CircuitNumber::frequency_of:
        return nearest_extreme(extremes(), at).frequency;
      case CircuitNumber::free_spectral_range:
        return free_spectral_range(extremes(), at);
      case CircuitNumber::quality: {
        const Extreme e = nearest_extreme(extremes(), at);
        // Half of a peak, and half way up from a dip.
        const double level =
            part_.peak ? 0.5 * e.power : 0.5 * (e.power + std::ranges::max(power_));
        return e.frequency / width_at(frequencies, power_, power, e.frequency, level, feature);
      }
      case CircuitNumber::bandwidth: {
        // Below the power at the place that is named.
        const double level = power(at) * std::pow(10.0, -0.1 * part_.level);
        return width_at(frequencies, power_, power, at, level, Feature::peak);
      }
    }
    return 0.0;
  }

 private:
  std::vector<Complex> all(std::vector<double> frequencies) const {
    return CircuitSolver(problem_.circuit, std::move(frequencies), {.threads = threads_})
        .solve(problem_.circuit.parameters());
  }
  std::vector<Complex> amplitudes(const std::vector<double>& frequencies) const {
    const std::vector<Complex> s = all(frequencies);
    std::vector<Complex> found;
    for (std::size_t f = 0; f < frequencies.size(); ++f)
      found.push_back(s[(f * ports_ + part_.to) * ports_ + part_.from]);
    return found;
  }
  // d phase / d omega, with fields as exp(-i omega t), across a part in 1e7 of the frequency,
  // within the band.
  double delay(double at) const {
    const double low = std::max(problem_.frequencies.front(), at * (1 - 5e-8)),
                 high = std::min(problem_.frequencies.back(), at * (1 + 5e-8));
    const std::vector<Complex> s = amplitudes({low, high});
    return std::arg(s[1] / s[0]) / (2.0 * pi * (high - low));
  }
  double loss(double at) const {
    const std::vector<Complex> s = all({at});
    double out = 0.0;
    for (std::size_t to = 0; to < ports_; ++to) out += std::norm(s[to * ports_ + part_.from]);
    return 1.0 - out;
  }

  const CircuitProblem& problem_;
  const CircuitMetricPart& part_;
  int threads_;
  std::size_t ports_;
  std::vector<double> power_;
};

}  // namespace

void add_circuit_metrics(const CircuitProblem& problem, int threads, CircuitFindings& findings) {
  for (const CircuitMetricPart& part : problem.metrics) {
    try {
      findings.metrics.set(part.name, Response(problem, findings, part, threads).number());
    } catch (const NumericsError& error) {
      throw NumericsError(part.place + " (" + part.name + "): " + error.what());
    }
  }
}

}  // namespace wavesmith
