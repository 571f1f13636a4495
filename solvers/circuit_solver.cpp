#include "solvers/circuit_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "core/suggest.hpp"
#include "core/units.hpp"
#include "kernels/parallel_tasks.hpp"
#include "physics/validate.hpp"
#include "solvers/circuit_point.hpp"
#include "solvers/star_product.hpp"

namespace wavesmith {
namespace {

using Matrix = CircuitPoint::Matrix;
using Index = Eigen::Index;

constexpr std::size_t frequencies_at_once = 64;  // whose gradients are held at the same time

// The first frequency of those that failed, to be told when all threads are through.
class FirstFailure {
 public:
  explicit FirstFailure(std::size_t count) : first_(count), count_(count) {}
  void at(std::size_t frequency) {
    std::size_t before = first_.load();
    while (frequency < before && !first_.compare_exchange_weak(before, frequency)) {
    }
  }
  bool any() const { return first_.load() < count_; }
  std::size_t frequency() const { return first_.load(); }

 private:
  std::atomic<std::size_t> first_;
  std::size_t count_;
};

[[noreturn]] void report(const CircuitLayout& layout, double frequency,
                         std::span<const double> parameters, const CircuitOptions& options) {
  CircuitPoint point(layout, frequency, parameters, false);
  const CircuitFailure failure = point.factor(options.sparse_from);
  const std::vector<std::string> names = point.culprits();
  const std::string at = format_quantity(frequency, Dimension::frequency, 9);
  if (failure == CircuitFailure::singular)
    throw NumericsError(fmt::format(
        "at {} light goes round in a loop of {} without loss, exactly at its resonance: the "
        "amplitudes have no bound; give the loop a loss or a coupling, or move the frequency",
        at, join_names(names)));
  throw NumericsError(
      fmt::format("at {} the scattering matrix of component {} is not finite: it has a resonance "
                  "there without loss and without coupling; give it one of them",
                  at, join_names(names)));
}

Matrix external_rows(const Matrix& rows, const Circuit& circuit) {
  Matrix result(static_cast<Index>(circuit.external_ports().size()), rows.cols());
  for (std::size_t e = 0; e < circuit.external_ports().size(); ++e)
    result.row(static_cast<Index>(e)) = rows.row(static_cast<Index>(circuit.external_ports()[e]));
  return result;
}

void copy_rows(const Matrix& rows, Complex* to) {
  for (Index i = 0; i < rows.rows(); ++i)
    for (Index j = 0; j < rows.cols(); ++j) *to++ = rows(i, j);
}

Matrix matrix_of(std::span<const Complex> values, std::size_t rows, std::size_t columns) {
  Matrix result(static_cast<Index>(rows), static_cast<Index>(columns));
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      result(static_cast<Index>(i), static_cast<Index>(j)) = values[i * columns + j];
  return result;
}

// All amplitudes in one system: b - S a = 0 at every port, a - Q b = what goes in.
Matrix solve_direct(const CircuitPoint& point, const Circuit& circuit) {
  const auto count = static_cast<Index>(circuit.port_count());
  const auto externals = static_cast<Index>(circuit.external_ports().size());
  Matrix system = Matrix::Identity(2 * count, 2 * count);
  system.topRightCorner(count, count) = -point.whole_matrix();
  Matrix right = Matrix::Zero(2 * count, externals);
  for (Index port = 0; port < count; ++port) {
    const std::size_t partner = circuit.partner(static_cast<std::size_t>(port));
    if (partner != Circuit::none) system(count + port, static_cast<Index>(partner)) = -1.0;
  }
  for (Index e = 0; e < externals; ++e)
    right(count + static_cast<Index>(circuit.external_ports()[static_cast<std::size_t>(e)]), e) =
        1.0;
  return system.fullPivLu().solve(right).topRows(count);
}

// A piece of the circuit: some of its ports, and the scattering between them.
struct Piece {
  std::vector<std::size_t> ports;
  Matrix s;

  Index find(std::size_t port) const {
    const auto found = std::ranges::find(ports, port);
    return found == ports.end() ? -1 : static_cast<Index>(found - ports.begin());
  }
  // The ports in the order of `places`; those that are not there are matched.
  void keep(const std::vector<Index>& places) {
    std::vector<std::size_t> kept;
    for (const Index place : places) kept.push_back(ports[static_cast<std::size_t>(place)]);
    s = Matrix(s(places, places));
    ports = std::move(kept);
  }
};

// Joins of one piece with itself.
void close_loops(Piece& piece, const Circuit& circuit) {
  std::vector<std::array<Index, 2>> pairs;
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < piece.ports.size(); ++i) {
    const std::size_t partner = circuit.partner(piece.ports[i]);
    const Index other = partner == Circuit::none ? -1 : piece.find(partner);
    if (other < 0) left.push_back(piece.ports[i]);
    if (other > static_cast<Index>(i)) pairs.push_back({static_cast<Index>(i), other});
  }
  piece.s = join_within(piece.s, pairs);
  piece.ports = std::move(left);
}

Piece join_pieces(Piece a, Piece b, const Circuit& circuit) {
  std::vector<Index> of_a, of_b, joined_a, joined_b;
  for (std::size_t i = 0; i < a.ports.size(); ++i) {
    const std::size_t partner = circuit.partner(a.ports[i]);
    const Index other = partner == Circuit::none ? -1 : b.find(partner);
    if (other < 0) {
      of_a.push_back(static_cast<Index>(i));
    } else {
      joined_a.push_back(static_cast<Index>(i));
      joined_b.push_back(other);
    }
  }
  for (std::size_t i = 0; i < b.ports.size(); ++i)
    if (std::ranges::find(joined_b, static_cast<Index>(i)) == joined_b.end())
      of_b.push_back(static_cast<Index>(i));
  const std::size_t rest = of_a.size();
  of_a.insert(of_a.end(), joined_a.begin(), joined_a.end());
  joined_b.insert(joined_b.end(), of_b.begin(), of_b.end());
  a.keep(of_a);
  b.keep(joined_b);
  const std::size_t joined = a.ports.size() - rest;
  Piece result;
  result.s = star_product(a.s, b.s, static_cast<Index>(joined));
  result.ports.assign(a.ports.begin(), a.ports.end() - static_cast<std::ptrdiff_t>(joined));
  result.ports.insert(result.ports.end(), b.ports.begin() + static_cast<std::ptrdiff_t>(joined),
                      b.ports.end());
  return result;
}

Matrix solve_by_stars(const CircuitPoint& point, const Circuit& circuit) {
  std::vector<Piece> pieces;
  const std::span<const std::size_t> external = circuit.external_ports();
  for (std::size_t p = 0; p < circuit.parts().size(); ++p) {
    Piece piece;
    piece.s = point.part_matrix(p);
    std::vector<Index> used;
    for (std::size_t i = 0; i < static_cast<std::size_t>(piece.s.rows()); ++i) {
      const std::size_t port = circuit.parts()[p].first_port + i;
      piece.ports.push_back(port);
      if (circuit.partner(port) != Circuit::none ||
          std::ranges::find(external, port) != external.end())
        used.push_back(static_cast<Index>(i));
    }
    piece.keep(used);
    close_loops(piece, circuit);
    pieces.push_back(std::move(piece));
  }
  // Pieces that are joined become one; those that are not stand beside each other at last.
  for (std::size_t a = 0; a < pieces.size(); ++a)
    for (bool grown = true; grown;) {
      grown = false;
      for (std::size_t b = a + 1; b < pieces.size() && !grown; ++b) {
        const bool touch = std::ranges::any_of(pieces[a].ports, [&](std::size_t port) {
          return circuit.partner(port) != Circuit::none &&
                 pieces[b].find(circuit.partner(port)) >= 0;
        });
        if (!touch) continue;
        pieces[a] = join_pieces(std::move(pieces[a]), std::move(pieces[b]), circuit);
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(b));
        grown = true;
      }
    }
  Piece whole = std::move(pieces.front());
  for (std::size_t p = 1; p < pieces.size(); ++p)
    whole = join_pieces(std::move(whole), std::move(pieces[p]), circuit);
  std::vector<Index> order;
  for (const std::size_t port : external) order.push_back(whole.find(port));
  whole.keep(order);
  return whole.s;
}

}  // namespace

CircuitSolver::CircuitSolver(const Circuit& circuit, std::vector<double> frequencies,
                             CircuitOptions options)
    : circuit_(circuit), frequencies_(std::move(frequencies)), options_(options) {
  circuit_.validate(frequencies_);
}

void CircuitSolver::check(std::span<const double> parameters) const {
  validate_count(parameters.size(), circuit_.parameter_count(), "parameters of the circuit");
  validate_all_finite(parameters, "parameters of the circuit");
}

std::vector<Complex> CircuitSolver::solve_all(std::span<const double> parameters,
                                              Wanted wanted) const {
  check(parameters);
  const CircuitLayout layout(circuit_);
  const std::size_t externals = circuit_.external_ports().size(),
                    rows = wanted == Wanted::waves ? circuit_.port_count() : externals;
  std::vector<Complex> result(frequencies_.size() * rows * externals);
  FirstFailure failure(frequencies_.size());
  parallel_tasks(frequencies_.size(), options_.threads, [&](std::size_t f, int) {
    CircuitPoint point(layout, frequencies_[f], parameters, false);
    // Factored by every method: it is what finds loops without loss.
    if (point.factor(options_.sparse_from) != CircuitFailure::no) {
      failure.at(f);
      return;
    }
    const auto all = [&] {
      return options_.method == CircuitMethod::direct ? solve_direct(point, circuit_)
                                                      : point.outgoing(point.incoming());
    };
    const Matrix found = wanted == Wanted::waves                  ? all()
                         : options_.method == CircuitMethod::star ? solve_by_stars(point, circuit_)
                                                                  : external_rows(all(), circuit_);
    copy_rows(found, result.data() + f * rows * externals);
  });
  if (failure.any()) report(layout, frequencies_[failure.frequency()], parameters, options_);
  return result;
}

std::vector<Complex> CircuitSolver::solve(std::span<const double> parameters) const {
  return solve_all(parameters, Wanted::scattering);
}

std::vector<Complex> CircuitSolver::waves(std::span<const double> parameters) const {
  return solve_all(parameters, Wanted::waves);
}

std::vector<Complex> CircuitSolver::push_forward(std::span<const double> parameters,
                                                 std::span<const double> direction) const {
  check(parameters);
  check(direction);
  const CircuitLayout layout(circuit_);
  const std::size_t size = circuit_.port_count() * circuit_.external_ports().size();
  std::vector<Complex> result(frequencies_.size() * size);
  FirstFailure failure(frequencies_.size());
  parallel_tasks(frequencies_.size(), options_.threads, [&](std::size_t f, int) {
    CircuitPoint point(layout, frequencies_[f], parameters, true);
    if (point.factor(options_.sparse_from) != CircuitFailure::no) {
      failure.at(f);
      return;
    }
    copy_rows(point.push_forward(point.incoming(), direction), result.data() + f * size);
  });
  if (failure.any()) report(layout, frequencies_[failure.frequency()], parameters, options_);
  return result;
}

void CircuitSolver::pull_back_waves(std::span<const double> parameters,
                                    std::span<const Complex> cotangent,
                                    std::span<double> gradient) const {
  check(parameters);
  const std::size_t externals = circuit_.external_ports().size(), ports = circuit_.port_count(),
                    size = ports * externals, count = circuit_.parameter_count();
  validate_count(cotangent.size(), frequencies_.size() * size, "cotangents of the circuit's waves");
  validate_count(gradient.size(), count, "gradient of the circuit");
  const CircuitLayout layout(circuit_);
  FirstFailure failure(frequencies_.size());
  std::vector<double> parts;
  for (std::size_t first = 0; first < frequencies_.size(); first += frequencies_at_once) {
    const std::size_t some = std::min(frequencies_at_once, frequencies_.size() - first);
    parts.assign(some * count, 0.0);
    parallel_tasks(some, options_.threads, [&](std::size_t f, int) {
      CircuitPoint point(layout, frequencies_[first + f], parameters, true);
      if (point.factor(options_.sparse_from) != CircuitFailure::no) {
        failure.at(first + f);
        return;
      }
      point.pull_back(point.incoming(),
                      matrix_of(cotangent.subspan((first + f) * size, size), ports, externals),
                      std::span(parts).subspan(f * count, count));
    });
    if (failure.any()) report(layout, frequencies_[failure.frequency()], parameters, options_);
    for (std::size_t f = 0; f < some; ++f)
      for (std::size_t k = 0; k < count; ++k) gradient[k] += parts[f * count + k];
  }
}

void CircuitSolver::pull_back(std::span<const double> parameters,
                              std::span<const Complex> cotangent,
                              std::span<double> gradient) const {
  const std::size_t externals = circuit_.external_ports().size(), ports = circuit_.port_count();
  validate_count(cotangent.size(), frequencies_.size() * externals * externals,
                 "cotangents of the circuit");
  std::vector<Complex> waves(frequencies_.size() * ports * externals);
  for (std::size_t f = 0; f < frequencies_.size(); ++f)
    for (std::size_t e = 0; e < externals; ++e)
      std::copy_n(cotangent.begin() + static_cast<std::ptrdiff_t>((f * externals + e) * externals),
                  externals,
                  waves.begin() + static_cast<std::ptrdiff_t>(
                                      (f * ports + circuit_.external_ports()[e]) * externals));
  pull_back_waves(parameters, waves, gradient);
}

}  // namespace wavesmith
