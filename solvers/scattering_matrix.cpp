#include "solvers/scattering_matrix.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <Eigen/SparseLU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>

#include "core/error.hpp"
#include "core/random.hpp"
#include "kernels/parallel_tasks.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Columns = Eigen::MatrixXcd;
using Index = Eigen::Index;

// Above this, and below this share of entries that are not zero, sparse elimination wins.
constexpr int dense_modes = 300;
constexpr double sparse_fill = 0.02;

struct HEntry {
  int row, column;
  Complex value;
};

// Off-diagonal entries of H.
std::vector<HEntry> coupling_entries(const ResonatorNetwork& network) {
  std::vector<HEntry> entries;
  for (const ResonatorCoupling& c : network.couplings) {
    entries.push_back({c.to, c.from, c.strength});
    if (c.kind == CouplingKind::reciprocal) entries.push_back({c.from, c.to, c.strength});
    if (c.kind == CouplingKind::hermitian) entries.push_back({c.from, c.to, std::conj(c.strength)});
  }
  return entries;
}

// w - H, factorised.
class Factor {
 public:
  virtual ~Factor() = default;
  virtual bool failed() const { return false; }
  virtual Columns solve(const Columns& columns) const = 0;
  virtual Columns solve_transposed(const Columns& columns) const = 0;
};

template <class T>
class DenseFactor final : public Factor {
 public:
  using Matrix = Eigen::Matrix<std::complex<T>, Eigen::Dynamic, Eigen::Dynamic>;

  DenseFactor(int size, std::span<const HEntry> entries) {
    Matrix matrix = Matrix::Zero(size, size);
    for (const HEntry& entry : entries)
      matrix(entry.row, entry.column) += std::complex<T>(entry.value);
    lu_.compute(matrix);
  }
  Columns solve(const Columns& columns) const override {
    return lu_.solve(columns.cast<std::complex<T>>()).template cast<Complex>();
  }
  Columns solve_transposed(const Columns& columns) const override {
    const Matrix solution = lu_.transpose().solve(columns.cast<std::complex<T>>());
    return solution.template cast<Complex>();
  }

 private:
  Eigen::PartialPivLU<Matrix> lu_;
};

template <class T>
class SparseFactor final : public Factor {
 public:
  SparseFactor(int size, std::span<const HEntry> entries) {
    std::vector<Eigen::Triplet<std::complex<T>>> triplets;
    for (const HEntry& entry : entries)
      triplets.emplace_back(entry.row, entry.column, std::complex<T>(entry.value));
    Eigen::SparseMatrix<std::complex<T>> matrix(size, size);
    matrix.setFromTriplets(triplets.begin(), triplets.end());
    matrix.makeCompressed();
    lu_.compute(matrix);
  }
  bool failed() const override { return lu_.info() != Eigen::Success; }
  Columns solve(const Columns& columns) const override {
    const typename DenseFactor<T>::Matrix right = columns.cast<std::complex<T>>();
    const typename DenseFactor<T>::Matrix solution = lu_.solve(right);
    return solution.template cast<Complex>();
  }
  Columns solve_transposed(const Columns& columns) const override {
    const typename DenseFactor<T>::Matrix right = columns.cast<std::complex<T>>();
    const typename DenseFactor<T>::Matrix solution = lu_.transpose().solve(right);
    return solution.template cast<Complex>();
  }

 private:
  // The view of the transpose is not const in Eigen 3.4.
  mutable Eigen::SparseLU<Eigen::SparseMatrix<std::complex<T>>> lu_;
};

std::unique_ptr<Factor> factorise(int size, std::span<const HEntry> entries, bool sparse,
                                  Precision precision) {
  if (precision == Precision::f32) {
    if (sparse) return std::make_unique<SparseFactor<float>>(size, entries);
    return std::make_unique<DenseFactor<float>>(size, entries);
  }
  if (sparse) return std::make_unique<SparseFactor<double>>(size, entries);
  return std::make_unique<DenseFactor<double>>(size, entries);
}

double largest_row_sum(int size, std::span<const HEntry> entries) {
  std::vector<double> sums(static_cast<std::size_t>(size), 0.0);
  for (const HEntry& entry : entries)
    sums[static_cast<std::size_t>(entry.row)] += std::abs(entry.value);
  return *std::max_element(sums.begin(), sums.end());
}

// A vector without structure, so that it has a part along every field.
Columns probe_vector(int size) {
  const Random random(20, 1);
  Columns vector(size, 1);
  for (int j = 0; j < size; ++j)
    vector(j, 0) = std::polar(1.0, random.uniform(static_cast<std::uint64_t>(j), 0.0, 6.28));
  return vector;
}

// The mode that dominates the null vector, by inverse iteration with a little loss added.
int dominating_mode(int size, std::vector<HEntry> entries, double scale, bool sparse) {
  for (int j = 0; j < size; ++j) entries.push_back({j, j, Complex(0.0, 1e-7 * scale)});
  const auto factor = factorise(size, entries, sparse, Precision::f64);
  Columns vector = probe_vector(size);
  for (int sweep = 0; sweep < 3; ++sweep) {
    vector = factor->solve(vector);
    vector /= vector.cwiseAbs().maxCoeff();
  }
  Index mode = 0;
  vector.col(0).cwiseAbs().maxCoeff(&mode);
  return static_cast<int>(mode);
}

// w - H at one frequency, factorised; NumericsError where it is singular to working precision.
std::unique_ptr<Factor> factorise_at(double frequency, const ResonatorNetwork& network, bool sparse,
                                     Precision precision) {
  const int size = network.size();
  std::vector<HEntry> entries = coupling_entries(network);
  for (HEntry& entry : entries) entry.value = -entry.value;
  for (int j = 0; j < size; ++j) {
    const ResonatorMode& mode = network.modes[static_cast<std::size_t>(j)];
    entries.push_back(
        {j, j, Complex(frequency - mode.detuning, 0.5 * (mode.port_loss + mode.intrinsic_loss))});
  }
  auto factor = factorise(size, entries, sparse, precision);
  const double scale = largest_row_sum(size, entries);
  const double rounding = precision == Precision::f32
                              ? static_cast<double>(std::numeric_limits<float>::epsilon())
                              : std::numeric_limits<double>::epsilon();
  double growth = std::numeric_limits<double>::infinity();
  if (!factor->failed() && scale > 0.0) {
    const Columns answer = factor->solve(probe_vector(size));
    growth = answer.allFinite() ? answer.cwiseAbs().maxCoeff() * scale : growth;
  }
  if (growth * rounding < 0.1) return factor;
  const int mode = scale > 0.0 ? dominating_mode(size, entries, scale, sparse) : 0;
  throw NumericsError(fmt::format(
      "the network is singular at w = {}: a resonance without loss is hit exactly, and its field, "
      "greatest at mode \"{}\", would grow for ever; give that mode a loss or a port, or move the "
      "frequency",
      frequency, network.modes[static_cast<std::size_t>(mode)].name));
}

// Entries grouped by their column, which is one solve.
std::map<int, std::vector<std::size_t>> by_column(std::span<const ScatteringEntry> entries) {
  std::map<int, std::vector<std::size_t>> groups;
  for (std::size_t e = 0; e < entries.size(); ++e) groups[entries[e].from].push_back(e);
  return groups;
}

// One unit column for each group.
Columns unit_columns(int size, const std::map<int, std::vector<std::size_t>>& groups) {
  Columns columns = Columns::Zero(size, static_cast<Index>(groups.size()));
  Index b = 0;
  for (const auto& [mode, members] : groups) columns(mode, b++) = 1.0;
  return columns;
}

}  // namespace

ScatteringMatrix::ScatteringMatrix(ResonatorNetwork network, const ScatteringOptions& options)
    : network_(std::move(network)), options_(options) {
  validate(network_);
  const double size = network_.size();
  const double filled = size + 2.0 * static_cast<double>(network_.couplings.size());
  sparse_ = options.matrix == MatrixKind::sparse ||
            (options.matrix == MatrixKind::automatic && network_.size() > dense_modes &&
             filled < sparse_fill * size * size);
}

void ScatteringMatrix::check_entries(std::span<const ScatteringEntry> entries,
                                     bool need_ports) const {
  for (const ScatteringEntry& entry : entries)
    for (const int mode : {entry.to, entry.from}) {
      WAVESMITH_VALIDATE(mode >= 0 && mode < network_.size(),
                         fmt::format("an entry of mode number {} is asked for, but there are {} "
                                     "modes",
                                     mode, network_.size()));
      if (need_ports) require_port(network_, mode);
    }
}

template <class Work>
void ScatteringMatrix::for_each_frequency(std::span<const double> frequencies,
                                          const Work& work) const {
  for (const double frequency : frequencies)
    WAVESMITH_VALIDATE(std::isfinite(frequency), "a frequency is not a finite number");
  parallel_tasks(frequencies.size(), options_.threads, [&](std::size_t f, int) {
    work(f, *factorise_at(frequencies[f], network_, sparse_, options_.precision));
  });
}

std::vector<Complex> ScatteringMatrix::green(std::span<const double> frequencies,
                                             std::span<const ScatteringEntry> entries) const {
  check_entries(entries, false);
  const auto groups = by_column(entries);
  const Columns units = unit_columns(network_.size(), groups);
  std::vector<Complex> result(frequencies.size() * entries.size());
  for_each_frequency(frequencies, [&](std::size_t f, const Factor& factor) {
    const Columns columns = factor.solve(units);
    Index b = 0;
    for (const auto& [mode, members] : groups) {
      for (const std::size_t e : members)
        result[f * entries.size() + e] = columns(entries[e].to, b);
      ++b;
    }
  });
  return result;
}

std::vector<Complex> ScatteringMatrix::scattering(std::span<const double> frequencies,
                                                  std::span<const ScatteringEntry> entries) const {
  check_entries(entries, true);
  std::vector<Complex> result = green(frequencies, entries);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const ScatteringEntry& entry = entries[i % entries.size()];
    const double kappa_a = network_.modes[static_cast<std::size_t>(entry.to)].port_loss;
    const double kappa_b = network_.modes[static_cast<std::size_t>(entry.from)].port_loss;
    result[i] *= Complex(0.0, -std::sqrt(kappa_a * kappa_b));
    if (entry.to == entry.from) result[i] += 1.0;
  }
  return result;
}

std::vector<Complex> ScatteringMatrix::scattering(double frequency) const {
  const std::vector<int> ports = port_modes(network_);
  std::vector<ScatteringEntry> entries;
  for (const int to : ports)
    for (const int from : ports) entries.push_back({to, from});
  return scattering(std::span<const double>(&frequency, 1), entries);
}

std::vector<Complex> ScatteringMatrix::amplitudes(double frequency,
                                                  std::span<const Complex> incoming) const {
  WAVESMITH_VALIDATE(incoming.size() == network_.modes.size(),
                     fmt::format("{} incoming waves are given for {} modes; give one a mode",
                                 incoming.size(), network_.size()));
  Columns drive(network_.size(), 1);
  for (int j = 0; j < network_.size(); ++j)
    drive(j, 0) = Complex(0.0, -std::sqrt(network_.modes[static_cast<std::size_t>(j)].port_loss)) *
                  incoming[static_cast<std::size_t>(j)];
  const Columns answer =
      factorise_at(frequency, network_, sparse_, options_.precision)->solve(drive);
  return {answer.data(), answer.data() + answer.size()};
}

std::vector<Complex> ScatteringMatrix::push_forward(std::span<const double> frequencies,
                                                    std::span<const ScatteringEntry> entries,
                                                    const ResonatorGradient& direction) const {
  check_entries(entries, true);
  const auto& modes = network_.modes;
  WAVESMITH_VALIDATE(
      direction.detuning.size() == modes.size() && direction.port_loss.size() == modes.size() &&
          direction.intrinsic_loss.size() == modes.size() &&
          direction.coupling.size() == network_.couplings.size(),
      "a direction has one number a mode for detuning and losses, and one a coupling");
  ResonatorNetwork changed = network_;
  for (std::size_t c = 0; c < changed.couplings.size(); ++c)
    changed.couplings[c].strength = direction.coupling[c];
  const std::vector<HEntry> change = coupling_entries(changed);
  const auto groups = by_column(entries);
  const Columns units = unit_columns(network_.size(), groups);
  std::vector<Complex> result(frequencies.size() * entries.size());
  for_each_frequency(frequencies, [&](std::size_t f, const Factor& factor) {
    const Columns columns = factor.solve(units);
    Columns moved = Columns::Zero(columns.rows(), columns.cols());  // dH G
    for (const HEntry& entry : change)
      moved.row(entry.row) += entry.value * columns.row(entry.column);
    for (std::size_t j = 0; j < modes.size(); ++j)
      moved.row(static_cast<Index>(j)) +=
          Complex(direction.detuning[j],
                  -0.5 * (direction.port_loss[j] + direction.intrinsic_loss[j])) *
          columns.row(static_cast<Index>(j));
    const Columns derivative = factor.solve(moved);
    Index b = 0;
    for (const auto& [from, members] : groups) {
      for (const std::size_t e : members) {
        const auto to = static_cast<std::size_t>(entries[e].to),
                   in = static_cast<std::size_t>(from);
        const double kappa_a = modes[to].port_loss, kappa_b = modes[in].port_loss;
        const double relative =
            0.5 * (direction.port_loss[to] / kappa_a + direction.port_loss[in] / kappa_b);
        result[f * entries.size() + e] =
            Complex(0.0, -std::sqrt(kappa_a * kappa_b)) *
            (derivative(entries[e].to, b) + relative * columns(entries[e].to, b));
      }
      ++b;
    }
  });
  return result;
}

ResonatorGradient ScatteringMatrix::pull_back(std::span<const double> frequencies,
                                              std::span<const ScatteringEntry> entries,
                                              std::span<const Complex> cotangent) const {
  check_entries(entries, true);
  WAVESMITH_VALIDATE(cotangent.size() == frequencies.size() * entries.size(),
                     fmt::format("{} cotangents are given for {} frequencies and {} entries",
                                 cotangent.size(), frequencies.size(), entries.size()));
  const auto& modes = network_.modes;
  const ResonatorGradient zero{std::vector<double>(modes.size()), std::vector<double>(modes.size()),
                               std::vector<double>(modes.size()),
                               std::vector<Complex>(network_.couplings.size())};
  std::vector<ResonatorGradient> parts(frequencies.size(), zero);
  const auto groups = by_column(entries);
  const Columns units = unit_columns(network_.size(), groups);
  for_each_frequency(frequencies, [&](std::size_t f, const Factor& factor) {
    ResonatorGradient& part = parts[f];
    const Columns right = factor.solve(units);
    Columns weights = Columns::Zero(right.rows(), right.cols());
    Index b = 0;
    for (const auto& [from, members] : groups) {
      for (const std::size_t e : members) {
        const auto to = static_cast<std::size_t>(entries[e].to),
                   in = static_cast<std::size_t>(from);
        const double kappa_a = modes[to].port_loss, kappa_b = modes[in].port_loss;
        const Complex weight = std::conj(cotangent[f * entries.size() + e]) *
                               Complex(0.0, -std::sqrt(kappa_a * kappa_b));
        weights(entries[e].to, b) += weight;
        const double share = 0.5 * (weight * right(entries[e].to, b)).real();
        part.port_loss[to] += share / kappa_a;
        part.port_loss[in] += share / kappa_b;
      }
      ++b;
    }
    const Columns left = factor.solve_transposed(weights);
    // dL = Re sum_jl X_jl dH_jl.
    const auto x = [&](int j, int l) { return (left.row(j).array() * right.row(l).array()).sum(); };
    for (int j = 0; j < network_.size(); ++j) {
      const Complex value = x(j, j);
      const auto at = static_cast<std::size_t>(j);
      part.detuning[at] += value.real();
      part.port_loss[at] += 0.5 * value.imag();
      part.intrinsic_loss[at] += 0.5 * value.imag();
    }
    for (std::size_t c = 0; c < network_.couplings.size(); ++c) {
      const ResonatorCoupling& coupling = network_.couplings[c];
      part.coupling[c] = std::conj(x(coupling.to, coupling.from));
      if (coupling.kind == CouplingKind::reciprocal)
        part.coupling[c] += std::conj(x(coupling.from, coupling.to));
      if (coupling.kind == CouplingKind::hermitian)
        part.coupling[c] += x(coupling.from, coupling.to);
    }
  });
  ResonatorGradient sum = zero;
  for (const ResonatorGradient& part : parts) {
    for (std::size_t j = 0; j < modes.size(); ++j) {
      sum.detuning[j] += part.detuning[j];
      sum.port_loss[j] += part.port_loss[j];
      sum.intrinsic_loss[j] += part.intrinsic_loss[j];
    }
    for (std::size_t c = 0; c < sum.coupling.size(); ++c) sum.coupling[c] += part.coupling[c];
  }
  return sum;
}

}  // namespace wavesmith
