// Phases of a mesh that make it a given unitary.
//
// Elements of the matrix are turned to zero by one interferometer each, until a diagonal of phases
// is left: Reck et al., Phys. Rev. Lett. 73, 58 (1994), row by row from the input side; Clements et
// al., Optica 3, 1460 (2016), along diagonals from both sides in turn.
#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "physics/mzi_mesh.hpp"

namespace wavesmith {

struct MeshDecomposition {
  std::vector<double> phases;         // [rad] of the mesh, in its order
  std::vector<double> output_phases;  // [rad] of every port: the screen that the unitary needs
};

// `matrix`: ports x ports, rows first; output = matrix * input. The mesh alone reproduces it up to
// the phases of its rows where it has no screen. Throws InputError with the number where
// max |U^H U - 1| is above 1e-9.
MeshDecomposition decompose_unitary(const MziMesh& mesh,
                                    std::span<const std::complex<double>> matrix);

// A unitary drawn evenly from all of them (Haar): the orthogonal factor of a matrix of normal
// draws, Mezzadri, Notices AMS 54, 592 (2007). Rows first.
std::vector<std::complex<double>> random_unitary(int size, std::uint64_t seed,
                                                 std::uint64_t stream = 0);

// max |U^H U - 1| over the elements.
double unitarity_error(int size, std::span<const std::complex<double>> matrix);

}  // namespace wavesmith
