#include "solvers/circuit_point.hpp"

#include <algorithm>
#include <cmath>

namespace wavesmith {
namespace {

using Matrix = CircuitPoint::Matrix;
using Index = Eigen::Index;

// Amplitudes grow by more than this in a loop that has neither loss nor a way out. A resonance
// with a quality of 1e9 in a ring of 100 waves has 1e7.
constexpr double largest_growth = 1e12;

// A vector that has a share of every mode of a loop.
Eigen::VectorXcd probe(Index count) {
  Eigen::VectorXcd values(count);
  for (Index i = 0; i < count; ++i)
    values[i] = std::polar(1.0, 2.399963229728653 * static_cast<double>(i * i + 1));
  return values / std::sqrt(static_cast<double>(count));
}

Index index(std::size_t i) {
  return static_cast<Index>(i);
}

}  // namespace

CircuitLayout::CircuitLayout(const Circuit& network)
    : circuit(network), inner_of(network.port_count(), Circuit::none) {
  for (std::size_t port = 0; port < circuit.port_count(); ++port)
    if (circuit.partner(port) != Circuit::none) {
      inner_of[port] = inner.size();
      inner.push_back(port);
    }
  for (const std::size_t port : inner) partner_in.push_back(inner_of[circuit.partner(port)]);
}

CircuitPoint::CircuitPoint(const CircuitLayout& layout, double frequency,
                           std::span<const double> parameters, bool derivatives)
    : layout_(layout) {
  for (const Circuit::Part& part : layout.circuit.parts()) {
    const std::size_t ports = part.component->ports().size(),
                      count = part.component->parameters().size();
    std::vector<Complex>& s = s_.emplace_back(ports * ports);
    std::vector<Complex>& d = derivatives_.emplace_back();
    if (derivatives) d.resize(count * ports * ports);
    part.component->scatter(frequency, parameters.subspan(part.first_parameter, count),
                            ScatteringView(ports, s, d));
  }
}

CircuitFailure CircuitPoint::factor(std::size_t sparse_from) {
  for (const auto* values : {&s_, &derivatives_})
    for (const std::vector<Complex>& part : *values)
      for (const Complex& v : part)
        if (!std::isfinite(v.real()) || !std::isfinite(v.imag())) return CircuitFailure::not_finite;
  const Index count = index(layout_.inner.size());
  if (count == 0) return CircuitFailure::no;
  sparse_ = layout_.inner.size() >= sparse_from;
  std::vector<Eigen::Triplet<Complex>> entries;
  if (!sparse_) dense_round_ = Matrix::Identity(count, count);
  for (Index i = 0; sparse_ && i < count; ++i) entries.emplace_back(i, i, 1.0);
  for (std::size_t p = 0; p < s_.size(); ++p) {
    const Circuit::Part& part = layout_.circuit.parts()[p];
    const std::size_t ports = part.component->ports().size();
    for (std::size_t to = 0; to < ports; ++to)
      for (std::size_t from = 0; from < ports; ++from) {
        const std::size_t i = layout_.inner_of[part.first_port + to],
                          j = layout_.inner_of[part.first_port + from];
        const Complex s = s_[p][to * ports + from];
        if (i == Circuit::none || j == Circuit::none || s == Complex()) continue;
        const Index row = index(layout_.partner_in[i]);
        if (sparse_) {
          entries.emplace_back(row, index(j), -s);
        } else {
          dense_round_(row, index(j)) -= s;
        }
      }
  }
  const Eigen::VectorXcd test = probe(count);
  Eigen::VectorXcd answer;
  if (sparse_) {
    sparse_round_.resize(count, count);
    sparse_round_.setFromTriplets(entries.begin(), entries.end());
    sparse_lu_.compute(sparse_round_);
    if (sparse_lu_.info() != Eigen::Success) return CircuitFailure::singular;
    answer = sparse_lu_.solve(test);
  } else {
    dense_.compute(dense_round_);
    answer = dense_.solve(test);
  }
  return answer.allFinite() && answer.norm() < largest_growth ? CircuitFailure::no
                                                              : CircuitFailure::singular;
}

std::vector<std::string> CircuitPoint::culprits() const {
  const std::vector<Circuit::Part>& parts = layout_.circuit.parts();
  std::vector<std::string> names;
  for (std::size_t p = 0; p < parts.size(); ++p)
    if (!std::ranges::all_of(s_[p], [](const Complex& v) {
          return std::isfinite(v.real()) && std::isfinite(v.imag());
        }))
      names.push_back(parts[p].name);
  if (!names.empty()) return names;
  // The amplitudes that go round by themselves, by inverse iteration a little off the singularity.
  const Index count = index(layout_.inner.size());
  Matrix round = sparse_ ? Matrix(sparse_round_) : dense_round_;
  round.diagonal().array() += 1e-9;
  const Eigen::PartialPivLU<Matrix> lu(round);
  Eigen::VectorXcd mode = probe(count);
  for (int turn = 0; turn < 3; ++turn) mode = lu.solve(mode).normalized();
  std::vector<double> size(parts.size(), 0.0);
  for (Index i = 0; i < count; ++i) {
    double& of_part = size[layout_.circuit.part_of(layout_.inner[static_cast<std::size_t>(i)])];
    of_part = std::max(of_part, std::abs(mode[i]));
  }
  const double largest = *std::ranges::max_element(size);
  for (std::size_t p = 0; p < parts.size(); ++p)
    if (size[p] > 1e-3 * largest) names.push_back(parts[p].name);
  return names;
}

Matrix CircuitPoint::incoming() const {
  const Circuit& circuit = layout_.circuit;
  const std::span<const std::size_t> external = circuit.external_ports();
  Matrix rows = Matrix::Zero(index(circuit.port_count()), index(external.size()));
  for (std::size_t e = 0; e < external.size(); ++e) rows(index(external[e]), index(e)) = 1.0;
  if (!layout_.inner.empty()) fill_inner(solve(swapped(inner_rows(scatter(rows)))), rows);
  return rows;
}

Matrix CircuitPoint::outgoing(const Matrix& incoming) const {
  return scatter(incoming);
}

// da_i = (1 - P S_ii)^-1 P r_i and db = r + S da, with r = dS a.
Matrix CircuitPoint::push_forward(const Matrix& incoming, std::span<const double> direction) const {
  Matrix change = Matrix::Zero(incoming.rows(), incoming.cols());
  const std::vector<Circuit::Part>& parts = layout_.circuit.parts();
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const Index first = index(parts[p].first_port);
    const std::size_t ports = parts[p].component->ports().size();
    for (std::size_t k = 0; k < parts[p].component->parameters().size(); ++k)
      for (std::size_t to = 0; to < ports; ++to)
        for (std::size_t from = 0; from < ports; ++from)
          change.row(first + index(to)) += direction[parts[p].first_parameter + k] *
                                           derivative(p, k, to, from) *
                                           incoming.row(first + index(from));
  }
  if (layout_.inner.empty()) return change;
  Matrix moved = Matrix::Zero(incoming.rows(), incoming.cols());
  fill_inner(solve(swapped(inner_rows(change))), moved);
  return change + scatter(moved);
}

// l = (1 - S Q)^-H g: on the joined ports P (1 - P S_ii)^-H (P g_i + (S^H g_outside)_i), elsewhere
// g.
void CircuitPoint::pull_back(const Matrix& incoming, const Matrix& cotangent,
                             std::span<double> gradient) const {
  Matrix back = cotangent;
  if (!layout_.inner.empty()) {
    Matrix outside = cotangent;
    fill_inner(Matrix::Zero(index(layout_.inner.size()), cotangent.cols()), outside);
    const Matrix right = swapped(inner_rows(cotangent)) + inner_rows(scatter_adjoint(outside));
    fill_inner(swapped(solve_adjoint(right)), back);
  }
  const std::vector<Circuit::Part>& parts = layout_.circuit.parts();
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const std::size_t count = parts[p].component->parameters().size();
    if (count == 0) continue;
    const Index first = index(parts[p].first_port);
    const std::size_t ports = parts[p].component->ports().size();
    const Matrix s_bar =
        back.middleRows(first, index(ports)) * incoming.middleRows(first, index(ports)).adjoint();
    for (std::size_t k = 0; k < count; ++k) {
      double sum = 0.0;
      for (std::size_t to = 0; to < ports; ++to)
        for (std::size_t from = 0; from < ports; ++from)
          sum += std::real(std::conj(s_bar(index(to), index(from))) * derivative(p, k, to, from));
      gradient[parts[p].first_parameter + k] += sum;
    }
  }
}

Matrix CircuitPoint::part_matrix(std::size_t part) const {
  const Index ports = index(layout_.circuit.parts()[part].component->ports().size());
  Matrix s(ports, ports);
  for (Index to = 0; to < ports; ++to)
    for (Index from = 0; from < ports; ++from)
      s(to, from) = s_[part][static_cast<std::size_t>(to * ports + from)];
  return s;
}

Matrix CircuitPoint::whole_matrix() const {
  const Index count = index(layout_.circuit.port_count());
  Matrix whole = Matrix::Zero(count, count);
  for (std::size_t p = 0; p < s_.size(); ++p) {
    const Matrix s = part_matrix(p);
    const Index first = index(layout_.circuit.parts()[p].first_port);
    whole.block(first, first, s.rows(), s.cols()) = s;
  }
  return whole;
}

Matrix CircuitPoint::solve(const Matrix& right) const {
  return sparse_ ? Matrix(sparse_lu_.solve(right)) : Matrix(dense_.solve(right));
}

Matrix CircuitPoint::solve_adjoint(const Matrix& right) const {
  return sparse_ ? Matrix(sparse_lu_.adjoint().solve(right))
                 : Matrix(dense_.adjoint().solve(right));
}

Matrix CircuitPoint::swapped(const Matrix& rows) const {
  Matrix result(rows.rows(), rows.cols());
  for (std::size_t i = 0; i < layout_.inner.size(); ++i)
    result.row(index(layout_.partner_in[i])) = rows.row(index(i));
  return result;
}

Matrix CircuitPoint::scatter(const Matrix& rows) const {
  Matrix result(rows.rows(), rows.cols());
  for (std::size_t p = 0; p < s_.size(); ++p) {
    const Index first = index(layout_.circuit.parts()[p].first_port);
    const Matrix s = part_matrix(p);
    result.middleRows(first, s.rows()) = s * rows.middleRows(first, s.rows());
  }
  return result;
}

Matrix CircuitPoint::scatter_adjoint(const Matrix& rows) const {
  Matrix result(rows.rows(), rows.cols());
  for (std::size_t p = 0; p < s_.size(); ++p) {
    const Index first = index(layout_.circuit.parts()[p].first_port);
    const Matrix s = part_matrix(p);
    result.middleRows(first, s.rows()) = s.adjoint() * rows.middleRows(first, s.rows());
  }
  return result;
}

Matrix CircuitPoint::inner_rows(const Matrix& rows) const {
  Matrix result(index(layout_.inner.size()), rows.cols());
  for (std::size_t i = 0; i < layout_.inner.size(); ++i)
    result.row(index(i)) = rows.row(index(layout_.inner[i]));
  return result;
}

void CircuitPoint::fill_inner(const Matrix& inner, Matrix& rows) const {
  for (std::size_t i = 0; i < layout_.inner.size(); ++i)
    rows.row(index(layout_.inner[i])) = inner.row(index(i));
}

Complex CircuitPoint::derivative(std::size_t part, std::size_t parameter, std::size_t to,
                                 std::size_t from) const {
  const std::size_t ports = layout_.circuit.parts()[part].component->ports().size();
  return derivatives_[part][(parameter * ports + to) * ports + from];
}

}  // namespace wavesmith
