#include "solvers/lattice_response.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <type_traits>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr int most_mode_unknowns = 3000;

template <class Scalar>
constexpr bool is_complex = !std::is_same_v<Scalar, double>;

template <class Scalar>
Scalar make_scalar(double real, [[maybe_unused]] double imaginary) {
  if constexpr (is_complex<Scalar>)
    return {real, imaginary};
  else
    return real;
}

// Numbers the directions that can move; -1 for the others.
int number_unknowns(const ElasticLattice& lattice, std::vector<int>& unknowns) {
  int count = 0;
  for (const LatticeNode& node : lattice.nodes)
    for (int axis = 0; axis < lattice.dimensions; ++axis)
      unknowns.push_back(node.fixed[static_cast<std::size_t>(axis)] ? -1 : count++);
  return count;
}

// Calls add(row, column, part, bond) for every entry of C^T diag(k) C, which is part * k(bond).
template <class Add>
void assemble_bonds(const ElasticLattice& lattice,
                    const std::vector<std::array<double, 3>>& directions,
                    const std::vector<int>& unknowns, const Add& add) {
  const int d = lattice.dimensions;
  for (std::size_t b = 0; b < lattice.bonds.size(); ++b) {
    const LatticeBond& bond = lattice.bonds[b];
    if (bond.cut) continue;
    const auto& n = directions[b];
    for (const int from : {bond.first, bond.second})
      for (const int to : {bond.first, bond.second})
        for (int i = 0; i < d; ++i)
          for (int j = 0; j < d; ++j) {
            const int row = unknowns[static_cast<std::size_t>(from * d + i)];
            const int column = unknowns[static_cast<std::size_t>(to * d + j)];
            if (row < 0 || column < 0) continue;
            const double part = n[static_cast<std::size_t>(i)] * n[static_cast<std::size_t>(j)];
            add(row, column, from == to ? part : -part, bond);
          }
  }
}

std::vector<std::array<double, 3>> directions_of(const ElasticLattice& lattice) {
  std::vector<std::array<double, 3>> directions;
  directions.reserve(lattice.bonds.size());
  for (const LatticeBond& bond : lattice.bonds) directions.push_back(bond_direction(lattice, bond));
  return directions;
}

}  // namespace

template <class Scalar>
LatticeResponse<Scalar>::LatticeResponse(const ElasticLattice& lattice, double angular_frequency,
                                         MatrixStorage storage)
    : lattice_(lattice), angular_frequency_(angular_frequency), storage_(storage) {
  validate(lattice_);
  validate_not_negative(angular_frequency_, "angular frequency of the lattice [rad/s]");
  if (!is_complex<Scalar> && angular_frequency_ > 0.0) {
    for (std::size_t b = 0; b < lattice_.bonds.size(); ++b)
      WAVESMITH_VALIDATE(lattice_.bonds[b].damping == 0.0,
                         bond_name(b) +
                             " has damping, so displacements at a frequency are complex; solve in "
                             "complex numbers");
    for (std::size_t n = 0; n < lattice_.nodes.size(); ++n)
      WAVESMITH_VALIDATE(lattice_.nodes[n].damping == 0.0,
                         node_name(n) +
                             " has damping, so displacements at a frequency are complex; solve in "
                             "complex numbers");
  }
  directions_ = directions_of(lattice_);
  unknown_count_ = number_unknowns(lattice_, unknowns_);
  factorise();
}

template <class Scalar>
void LatticeResponse<Scalar>::set_stiffness(std::span<const double> stiffness) {
  validate_count(stiffness.size(), lattice_.bonds.size(), "stiffness of the lattice's bonds");
  for (std::size_t b = 0; b < stiffness.size(); ++b) {
    if (lattice_.bonds[b].cut) continue;
    validate_positive(stiffness[b], bond_name(b) + ": stiffness [N/m]");
    lattice_.bonds[b].stiffness = stiffness[b];
  }
  factorise();
}

template <class Scalar>
void LatticeResponse<Scalar>::factorise() {
  const double w = angular_frequency_;
  std::vector<MatrixEntry<Scalar>> entries;
  assemble_bonds(
      lattice_, directions_, unknowns_,
      [&](int row, int column, double part, const LatticeBond& bond) {
        entries.push_back(
            {row, column, make_scalar<Scalar>(part * bond.stiffness, -w * part * bond.damping)});
      });
  const auto d = static_cast<std::size_t>(lattice_.dimensions);
  for (std::size_t i = 0; i < unknowns_.size(); ++i) {
    const LatticeNode& node = lattice_.nodes[i / d];
    if (unknowns_[i] >= 0 && w > 0.0)
      entries.push_back(
          {unknowns_[i], unknowns_[i], make_scalar<Scalar>(-w * w * node.mass, -w * node.damping)});
  }
  const std::vector<Scalar> floppy = factor_.factorise(unknown_count_, entries, w == 0.0, storage_);
  if (floppy.empty()) return;

  std::size_t worst = 0;
  double largest = -1.0;
  for (std::size_t i = 0; i < unknowns_.size(); ++i) {
    if (unknowns_[i] < 0) continue;
    const double moved = std::abs(floppy[static_cast<std::size_t>(unknowns_[i])]);
    if (moved > largest) {
      largest = moved;
      worst = i / d;
    }
  }
  if (w == 0.0)
    throw InputError(fmt::format(
        "the lattice is a mechanism: it can move without stretching a bond, {} most; fix a node, "
        "or add bonds such as diagonals",
        node_name(worst)));
  throw InputError(
      fmt::format("the lattice is driven at {} Hz exactly on a resonance without damping, in which "
                  "{} moves most, so its displacement is not finite; choose another frequency or "
                  "give bonds or nodes damping",
                  w / (2.0 * std::numbers::pi), node_name(worst)));
}

template <class Scalar>
void LatticeResponse<Scalar>::solve(int samples, std::span<const Scalar> forces,
                                    std::span<Scalar> displacements) const {
  const std::size_t size = unknowns_.size(), count = unknown_count();
  std::vector<Scalar> columns(static_cast<std::size_t>(samples) * count);
  for (std::size_t s = 0; s < static_cast<std::size_t>(samples); ++s)
    for (std::size_t i = 0; i < size; ++i)
      if (unknowns_[i] >= 0)
        columns[s * count + static_cast<std::size_t>(unknowns_[i])] = forces[s * size + i];
  factor_.solve(samples, columns);
  for (std::size_t s = 0; s < static_cast<std::size_t>(samples); ++s)
    for (std::size_t i = 0; i < size; ++i)
      displacements[s * size + i] =
          unknowns_[i] >= 0 ? columns[s * count + static_cast<std::size_t>(unknowns_[i])]
                            : Scalar{};
}

template <class Scalar>
void LatticeResponse<Scalar>::elongations(int samples, std::span<const Scalar> displacements,
                                          std::span<Scalar> elongations) const {
  const auto d = static_cast<std::size_t>(lattice_.dimensions);
  const std::size_t size = unknowns_.size(), bonds = lattice_.bonds.size();
  for (std::size_t s = 0; s < static_cast<std::size_t>(samples); ++s)
    for (std::size_t b = 0; b < bonds; ++b) {
      const LatticeBond& bond = lattice_.bonds[b];
      Scalar sum{};
      for (std::size_t axis = 0; axis < d && !bond.cut; ++axis)
        sum += directions_[b][axis] *
               (displacements[s * size + static_cast<std::size_t>(bond.second) * d + axis] -
                displacements[s * size + static_cast<std::size_t>(bond.first) * d + axis]);
      elongations[s * bonds + b] = sum;
    }
}

template <class Scalar>
void LatticeResponse<Scalar>::pull_back_elongations(int samples,
                                                    std::span<const Scalar> elongations,
                                                    std::span<Scalar> displacements) const {
  const auto d = static_cast<std::size_t>(lattice_.dimensions);
  const std::size_t size = unknowns_.size(), bonds = lattice_.bonds.size();
  for (std::size_t s = 0; s < static_cast<std::size_t>(samples); ++s) {
    for (std::size_t i = 0; i < size; ++i) displacements[s * size + i] = Scalar{};
    for (std::size_t b = 0; b < bonds; ++b) {
      const LatticeBond& bond = lattice_.bonds[b];
      if (bond.cut) continue;
      for (std::size_t axis = 0; axis < d; ++axis) {
        const Scalar pull = directions_[b][axis] * elongations[s * bonds + b];
        displacements[s * size + static_cast<std::size_t>(bond.second) * d + axis] += pull;
        displacements[s * size + static_cast<std::size_t>(bond.first) * d + axis] -= pull;
      }
    }
  }
}

template <class Scalar>
void LatticeResponse<Scalar>::pull_back(int samples, std::span<const Scalar> displacements,
                                        std::span<const Scalar> cotangent,
                                        LatticeGradient& gradient,
                                        std::span<Scalar> force_cotangent) const {
  const std::size_t size = unknowns_.size(), bonds = lattice_.bonds.size();
  const auto d = static_cast<std::size_t>(lattice_.dimensions);
  const double w = angular_frequency_;
  gradient.stiffness.resize(bonds);
  gradient.bond_damping.resize(bonds);
  gradient.mass.resize(lattice_.nodes.size());
  gradient.node_damping.resize(lattice_.nodes.size());
  const std::size_t count = static_cast<std::size_t>(samples);
  std::vector<Scalar> adjoint(count * size), there(count * bonds), back(count * bonds);
  solve(samples, cotangent, adjoint);
  elongations(samples, displacements, there);
  elongations(samples, adjoint, back);
  const auto product = [](Scalar a, Scalar b) {
    return std::complex<double>(a) * std::complex<double>(b);
  };
  // dL = Re(g . du) with du = -A^{-1} dA u, so dL = -Re(adjoint . dA u).
  for (std::size_t s = 0; s < count; ++s) {
    for (std::size_t b = 0; b < bonds; ++b) {
      const std::complex<double> both = product(back[s * bonds + b], there[s * bonds + b]);
      gradient.stiffness[b] -= both.real();
      gradient.bond_damping[b] -= w * both.imag();  // dA = -i w C^T dc C, and Re(i z) = -Im(z)
    }
    for (std::size_t i = 0; i < size; ++i) {
      const std::complex<double> both = product(adjoint[s * size + i], displacements[s * size + i]);
      gradient.mass[i / d] += w * w * both.real();
      gradient.node_damping[i / d] -= w * both.imag();
    }
  }
  if (!force_cotangent.empty()) std::copy(adjoint.begin(), adjoint.end(), force_cotangent.begin());
}

template class LatticeResponse<double>;
template class LatticeResponse<std::complex<double>>;

LatticeModes lattice_modes(const ElasticLattice& lattice) {
  validate(lattice);
  std::vector<int> unknowns;
  const int count = number_unknowns(lattice, unknowns);
  WAVESMITH_VALIDATE(count <= most_mode_unknowns,
                     fmt::format("the modes of a lattice with {} unknowns are not found here; at "
                                 "most {} are accepted",
                                 count, most_mode_unknowns));
  const auto d = static_cast<std::size_t>(lattice.dimensions);
  Eigen::VectorXd scale(count);  // 1 / sqrt(mass)
  for (std::size_t i = 0; i < unknowns.size(); ++i) {
    if (unknowns[i] < 0) continue;
    WAVESMITH_VALIDATE(
        lattice.nodes[i / d].mass > 0.0,
        node_name(i / d) + " can move but has no mass, so it has no vibration; give it a mass");
    scale(unknowns[i]) = 1.0 / std::sqrt(lattice.nodes[i / d].mass);
  }
  LatticeModes modes;
  if (count == 0) return modes;
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(count, count);
  assemble_bonds(lattice, directions_of(lattice), unknowns,
                 [&](int row, int column, double part, const LatticeBond& bond) {
                   matrix(row, column) += part * bond.stiffness * scale(row) * scale(column);
                 });
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
  for (Eigen::Index m = 0; m < count; ++m) {
    // A mechanism's eigenvalue is 0 up to rounding, on either side.
    modes.angular_frequencies.push_back(std::sqrt(std::max(solver.eigenvalues()(m), 0.0)));
    for (const int unknown : unknowns)
      modes.shapes.push_back(unknown < 0 ? 0.0
                                         : scale(unknown) * solver.eigenvectors()(unknown, m));
  }
  return modes;
}

double injected_power(std::span<const std::complex<double>> forces,
                      std::span<const std::complex<double>> displacements,
                      double angular_frequency) {
  // Half the real part of conj(F) v, with the velocity v = -i w u.
  double power = 0.0;
  for (std::size_t i = 0; i < forces.size(); ++i)
    power += 0.5 * angular_frequency * (std::conj(forces[i]) * displacements[i]).imag();
  return power;
}

double dissipated_power(const ElasticLattice& lattice,
                        std::span<const std::complex<double>> displacements,
                        double angular_frequency) {
  const auto d = static_cast<std::size_t>(lattice.dimensions);
  double sum = 0.0;
  for (const LatticeBond& bond : lattice.bonds) {
    if (bond.cut) continue;
    const std::array<double, 3> n = bond_direction(lattice, bond);
    std::complex<double> longer = 0.0;
    for (std::size_t axis = 0; axis < d; ++axis)
      longer += n[axis] * (displacements[static_cast<std::size_t>(bond.second) * d + axis] -
                           displacements[static_cast<std::size_t>(bond.first) * d + axis]);
    sum += bond.damping * std::norm(longer);
  }
  for (std::size_t i = 0; i < displacements.size(); ++i)
    sum += lattice.nodes[i / d].damping * std::norm(displacements[i]);
  return 0.5 * angular_frequency * angular_frequency * sum;
}

}  // namespace wavesmith
