// The eigenproblem of a cross-section, P Q e = lambda e with lambda = (B / K)^2, as sparse matrices
// and its solution near a shift (solvers/waveguide_modes.hpp has the equations; here everything is
// divided by K). Internal: it shows Eigen's types.
//
// Because div curl_dual = 0 on the grid, P Q is
//   eps_t + (grad (1 / eps_w) div eps_t - curl_dual curl) / K^2,
// at most nine entries a row. It is solved by Arnoldi's method on the shifted inverse (Spectra).
#pragma once

#include <Eigen/Sparse>
#include <array>
#include <complex>
#include <vector>

#include "solvers/cross_section.hpp"

namespace wavesmith {

struct SectionOperators {
  using Sparse = Eigen::SparseMatrix<double>;
  using Vector = Eigen::VectorXd;
  using Complex = std::complex<double>;
  using ComplexVector = Eigen::VectorXcd;

  // Unknowns are E_u and E_v where no wall holds them at zero; nodes are the places of E_w, alike.
  // For each component of E, the number of a position among the unknowns (0, 1) or nodes (2), -1
  // at a wall. Both edges of a periodic axis have one number.
  std::array<std::vector<int>, 3> number;
  Sparse gradient;                // nodes to unknowns [1/m]
  Sparse divergence;              // unknowns to nodes [1/m]
  Sparse curl;                    // unknowns to cells [1/m]
  Sparse curl_dual;               // cells to unknowns [1/m]
  Vector areas;                   // of the unknowns [m^2]
  Vector permittivity;            // of the unknowns
  Vector inverse_permittivity_w;  // of the nodes

  // Q e / K: g in units of e times B / K.
  template <class Values>
  auto apply_q(const Values& e, double wavenumber) const {
    return (permittivity.cwiseProduct(e) - curl_dual * (curl * e) / (wavenumber * wavenumber))
        .eval();
  }
  Sparse matrix(double wavenumber) const;  // P Q / K^2
};

// `sought[0]`, `sought[1]`: whether E_u, E_v are unknowns.
SectionOperators make_section_operators(const CrossSection& section,
                                        const std::array<bool, 2>& sought);

struct SectionEigenpair {
  std::complex<double> value;  // lambda
  Eigen::VectorXcd vector;     // E_u and E_v at the unknowns; real where lambda is
};

// The `count` eigenpairs nearest to `shift`, by falling real part.
std::vector<SectionEigenpair> solve_section(const SectionOperators& operators, double wavenumber,
                                            double shift, int count);

}  // namespace wavesmith
