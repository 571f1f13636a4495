#include "solvers/kerr_steady_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// The largest |eigenvalue| of J, by power iteration, with a margin for what is left to converge.
// From the same start each time, so that it depends on J alone.
template <class T>
double estimate_norm(const KerrTables<T>& tables) {
  constexpr int rounds = 24;
  constexpr double margin = 1.1;
  const std::size_t modes = tables.decay.size();
  const Random random(1, 0x4a);
  std::vector<double> v(modes), next(modes);
  for (std::size_t j = 0; j < modes; ++j) v[j] = random.uniform(j, -1.0, 1.0);
  double norm = 0.0;
  for (int round = 0; round < rounds; ++round) {
    double before = 0.0, after = 0.0;
    for (std::size_t j = 0; j < modes; ++j) {
      double sum = 0.0;
      for (int i = tables.start[j]; i < tables.start[j + 1]; ++i)
        sum += static_cast<double>(tables.coupling[static_cast<std::size_t>(i)]) *
               v[static_cast<std::size_t>(tables.other[static_cast<std::size_t>(i)])];
      next[j] = sum;
      before += v[j] * v[j];
      after += sum * sum;
    }
    if (!(after > 0.0)) return 0.0;
    norm = std::sqrt(after / before);
    const double scale = 1.0 / std::sqrt(after);
    for (std::size_t j = 0; j < modes; ++j) v[j] = scale * next[j];
  }
  return margin * norm;
}

}  // namespace

KerrSteadyState::KerrSteadyState(KerrNetwork network, const KerrSolverOptions& options)
    : network_(std::move(network)), options_(options) {
  validate(network_);
  validate_not_negative(options.step, "step of the march");
  validate_not_negative(options.time, "longest wait for a steady state");
  validate_between(options.tolerance, 0.0, 0.1, "tolerance of a steady state");
  validate_between(options.handover, 0.0, 1.0, "handover to the accelerated way");
  const bool single = options.precision == Precision::f32;
  double slowest = 1e300;
  for (const KerrMode& mode : network_.modes)
    slowest = std::min(slowest, 0.5 * (mode.port_loss + mode.internal_loss));
  settle_.step = options.step;
  settle_.time = options.time > 0.0 ? options.time : 400.0 / slowest;
  WAVESMITH_VALIDATE(
      options.step == 0.0 || settle_.time / options.step <= 1e7,
      fmt::format(
          "a march of {:.3g} at steps of {:.3g} takes {:.3g} steps; at most 1e7 are accepted: "
          "use longer steps or less time",
          settle_.time, options.step, settle_.time / options.step));
  settle_.tolerance = options.tolerance > 0.0 ? options.tolerance : (single ? 1e-6 : 1e-13);
  settle_.accelerate = options.accelerate;
  settle_.handover = options.handover;
  for (const KerrBond& bond : network_.bonds) ends_.push_back({bond.first, bond.second});
  if (single)
    tables_ = make_tables<float>();
  else
    tables_ = make_tables<double>();
  // Neighbours of each mode in the order of the bonds.
  const std::vector<int>& start =
      std::visit([](const auto& t) -> const std::vector<int>& { return t.start; }, tables_);
  std::vector<int> next(start.begin(), start.end() - 1);
  bond_order_.resize(2 * ends_.size());
  for (std::size_t b = 0; b < ends_.size(); ++b)
    for (const int mode : {ends_[b].first, ends_[b].second})
      bond_order_[static_cast<std::size_t>(next[static_cast<std::size_t>(mode)]++)] =
          static_cast<int>(b);
  set_parameters(std::vector<double>(network_.parameter_count(), 0.0));
}

template <class T>
KerrTables<T> KerrSteadyState::make_tables() const {
  KerrTables<T> tables;
  const std::size_t modes = network_.modes.size();
  tables.start.assign(modes + 1, 0);
  for (const KerrEnds& ends : ends_)
    for (const int mode : {ends.first, ends.second})
      ++tables.start[static_cast<std::size_t>(mode) + 1];
  for (std::size_t j = 0; j < modes; ++j) tables.start[j + 1] += tables.start[j];
  std::vector<int> next(tables.start.begin(), tables.start.end() - 1);
  tables.other.resize(2 * ends_.size());
  for (const KerrEnds& ends : ends_) {
    tables.other[static_cast<std::size_t>(next[static_cast<std::size_t>(ends.first)]++)] =
        ends.second;
    tables.other[static_cast<std::size_t>(next[static_cast<std::size_t>(ends.second)]++)] =
        ends.first;
  }
  tables.coupling.resize(2 * ends_.size());
  for (const KerrMode& mode : network_.modes) {
    tables.decay.push_back(static_cast<T>(0.5 * (mode.port_loss + mode.internal_loss)));
    tables.half_kerr.push_back(static_cast<T>(0.5 * mode.kerr));
  }
  return tables;
}

template <class T>
void KerrSteadyState::set_tables(KerrTables<T>& tables, std::span<const double> parameters) const {
  const std::size_t modes = network_.modes.size();
  tables.detuning.assign(parameters.begin(),
                         parameters.begin() + static_cast<std::ptrdiff_t>(modes));
  for (std::size_t i = 0; i < bond_order_.size(); ++i) {
    const KerrBond& bond = network_.bonds[static_cast<std::size_t>(bond_order_[i])];
    tables.coupling[i] =
        static_cast<T>(parameters[modes + static_cast<std::size_t>(bond.coupling)]);
  }
  tables.coupling_norm = estimate_norm(tables);
}

void KerrSteadyState::set_parameters(std::span<const double> parameters) {
  validate_count(parameters.size(), network_.parameter_count(), "parameters of a Kerr network");
  validate_all_finite(parameters, "parameters of a Kerr network");
  std::visit([&](auto& tables) { set_tables(tables, parameters); }, tables_);
}

std::size_t KerrSteadyState::batch_of(std::size_t count, const char* what) const {
  const std::size_t modes = network_.modes.size();
  WAVESMITH_VALIDATE(
      count % modes == 0,
      fmt::format("{}: {} values are no whole number of samples of {} modes", what, count, modes));
  return count / modes;
}

std::vector<Settled> KerrSteadyState::solve(const KerrInputs& inputs,
                                            std::span<const Complex> start,
                                            std::span<Complex> fields) const {
  const std::size_t batch = batch_of(inputs.probes.size(), "probe fields");
  validate_count(fields.size(), inputs.probes.size(), "fields");
  if (!inputs.detunings.empty())
    validate_count(inputs.detunings.size(), inputs.probes.size(), "input detunings");
  if (!start.empty()) validate_count(start.size(), inputs.probes.size(), "fields to start from");
  std::vector<Complex> drive(inputs.probes.size());
  const std::size_t modes = network_.modes.size();
  for (std::size_t i = 0; i < drive.size(); ++i)
    drive[i] = -std::sqrt(network_.modes[i % modes].port_loss) * inputs.probes[i];
  std::vector<Settled> settled(batch);
  std::visit(
      [&](const auto& tables) {
        settle_kerr(tables, settle_, options_.threads, {drive, inputs.detunings, start, fields},
                    settled);
      },
      tables_);
  return settled;
}

std::vector<Settled> KerrSteadyState::solve_derivative(KerrDerivative kind,
                                                       const KerrInputs& inputs,
                                                       std::span<const Complex> fields,
                                                       std::span<const Complex> drive,
                                                       std::span<Complex> v) const {
  std::vector<Settled> settled(batch_of(fields.size(), "fields"));
  SettleSettings settings = settle_;
  // Linear, with a start of no meaning: steps as long as they are stable, and as exact as can be.
  settings.accelerate = true;
  settings.step = 0.0;
  if (options_.precision == Precision::f64) settings.tolerance = 1e-15;
  std::visit(
      [&](const auto& tables) {
        settle_kerr_derivative(tables, settings, options_.threads, kind, fields,
                               {drive, inputs.detunings, {}, v}, settled);
      },
      tables_);
  return settled;
}

std::vector<Settled> KerrSteadyState::push_forward(const KerrInputs& inputs,
                                                   std::span<const Complex> fields,
                                                   std::span<const double> parameters,
                                                   std::span<const Complex> probes,
                                                   std::span<Complex> change) const {
  validate_count(parameters.size(), network_.parameter_count(), "a change of parameters");
  validate_count(change.size(), fields.size(), "the change of fields");
  if (!probes.empty()) validate_count(probes.size(), fields.size(), "a change of probe fields");
  const std::size_t modes = network_.modes.size(), batch = batch_of(fields.size(), "fields");
  std::vector<Complex> drive(fields.size());
  const Complex turn{0.0, -1.0};
  for (std::size_t s = 0; s < batch; ++s) {
    const Complex* a = fields.data() + s * modes;
    Complex* f = drive.data() + s * modes;
    for (std::size_t j = 0; j < modes; ++j) {
      f[j] = turn * parameters[j] * a[j];
      if (!probes.empty()) f[j] -= std::sqrt(network_.modes[j].port_loss) * probes[s * modes + j];
    }
    for (const KerrBond& bond : network_.bonds) {
      const double coupling = parameters[modes + static_cast<std::size_t>(bond.coupling)];
      const std::size_t j = static_cast<std::size_t>(bond.first);
      const std::size_t l = static_cast<std::size_t>(bond.second);
      f[j] += turn * coupling * a[l];
      f[l] += turn * coupling * a[j];
    }
  }
  return solve_derivative(KerrDerivative::forward, inputs, fields, drive, change);
}

std::vector<Settled> KerrSteadyState::pull_back(const KerrInputs& inputs,
                                                std::span<const Complex> fields,
                                                std::span<const Complex> cotangent,
                                                std::span<Complex> v) const {
  validate_count(cotangent.size(), fields.size(), "the cotangent of fields");
  validate_count(v.size(), fields.size(), "the adjoint fields");
  return solve_derivative(KerrDerivative::transposed, inputs, fields, cotangent, v);
}

void KerrSteadyState::products(std::span<const Complex> v, std::span<const Complex> fields,
                               std::span<double> gradient) const {
  validate_count(v.size(), fields.size(), "adjoint fields");
  validate_count(gradient.size(), network_.parameter_count(), "the gradient of a Kerr network");
  const std::size_t modes = network_.modes.size();
  std::vector<double> bonds(ends_.size());
  kerr_products(ends_, v, fields, options_.threads, gradient.first(modes), bonds);
  const std::span<double> couplings = gradient.subspan(modes);
  std::fill(couplings.begin(), couplings.end(), 0.0);
  for (std::size_t b = 0; b < bonds.size(); ++b)
    couplings[static_cast<std::size_t>(network_.bonds[b].coupling)] += bonds[b];
}

double KerrSteadyState::operations() const {
  return 8.0 * static_cast<double>(ends_.size()) +
         15.0 * static_cast<double>(network_.modes.size());
}

void check_settled(std::span<const Settled> settled, std::span<const std::size_t> names) {
  for (std::size_t s = 0; s < settled.size(); ++s)
    if (!settled[s].at_rest)
      throw NumericsError(fmt::format(
          "sample {} did not come to rest: |da/dt| is {:.3g} of the drive, most of it at mode {} "
          "(largest g n / (kappa + kappa') of a mode: {:.3g}); the network is bistable or "
          "oscillates there: use a weaker drive or Kerr strength, more loss or a longer time",
          names.empty() ? s : names[s], settled[s].residual, settled[s].mode,
          settled[s].nonlinearity));
}

}  // namespace wavesmith
