// Meshes as unitaries: matrices built here interferometer by interferometer from their couplers and
// shifters, independent of the propagation.
#include "solvers/mesh_decomposition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Block = std::array<Complex, 4>;  // rows first

constexpr Complex i_unit{0.0, 1.0};

Block product(const Block& a, const Block& b) {
  return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2],
          a[2] * b[1] + a[3] * b[3]};
}

Block from_components(double theta, double phi) {
  const double half = std::sqrt(0.5);
  const Block coupler{half, half * i_unit, half * i_unit, half};
  const Block shift_theta{std::polar(1.0, theta), 0.0, 0.0, 1.0};
  const Block shift_phi{std::polar(1.0, phi), 0.0, 0.0, 1.0};
  return product(product(coupler, shift_theta), product(coupler, shift_phi));
}

// Rows first, ports x ports.
std::vector<Complex> matrix_of(const MziMesh& mesh, const MeshDecomposition& found) {
  const std::size_t n = static_cast<std::size_t>(mesh.ports());
  std::vector<Complex> u(n * n, 0.0);
  for (std::size_t port = 0; port < n; ++port) u[port * n + port] = 1.0;
  for (std::size_t k = 0; k < mesh.mzi_count(); ++k) {
    const Block m = from_components(found.phases[mesh.theta(k)], found.phases[mesh.phi(k)]);
    Complex* const upper = u.data() + static_cast<std::size_t>(mesh.mzis()[k].top) * n;
    for (std::size_t column = 0; column < n; ++column) {
      const Complex a = upper[column], b = upper[n + column];
      upper[column] = m[0] * a + m[1] * b;
      upper[n + column] = m[2] * a + m[3] * b;
    }
  }
  for (std::size_t port = 0; port < n; ++port)
    for (std::size_t column = 0; column < n; ++column)
      u[port * n + column] *= std::polar(1.0, found.output_phases[port]);
  return u;
}

double largest_difference(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

TEST(MeshDecomposition, ReproducesRandomUnitaries) {
  double worst = 0.0;
  for (MeshLayout layout : {MeshLayout::triangular, MeshLayout::rectangular})
    for (int ports : {2, 3, 4, 5, 6, 7, 16, 33, 64}) {
      const MziMesh mesh(layout, ports, true);
      const auto wanted = random_unitary(ports, 7, static_cast<std::uint64_t>(ports));
      EXPECT_LT(unitarity_error(ports, wanted), 1e-13);
      worst = std::max(
          worst, largest_difference(wanted, matrix_of(mesh, decompose_unitary(mesh, wanted))));
    }
  RecordProperty("largest_element_error", std::to_string(worst));
  EXPECT_LT(worst, 1e-12);
}

// Matrices with many zeros, where phases are not determined.
TEST(MeshDecomposition, ReproducesPermutationsAndDiagonals) {
  for (MeshLayout layout : {MeshLayout::triangular, MeshLayout::rectangular})
    for (int ports : {2, 4, 5, 8}) {
      const MziMesh mesh(layout, ports);
      for (int shift = 0; shift < ports; ++shift) {
        const std::size_t n = static_cast<std::size_t>(ports);
        std::vector<Complex> wanted(n * n, 0.0);
        for (int row = 0; row < ports; ++row)
          wanted[static_cast<std::size_t>(row) * n +
                 static_cast<std::size_t>((row * (ports - 1) + shift) % ports)] =
              std::polar(1.0, 0.7 * row);
        EXPECT_LT(largest_difference(wanted, matrix_of(mesh, decompose_unitary(mesh, wanted))),
                  1e-12)
            << ports << " ports, shifted by " << shift;
      }
    }
}

// Every element of a Haar unitary has mean power 1/N and the phases are even.
TEST(RandomUnitary, IsEvenlyDrawn) {
  const int size = 4, draws = 4000;
  double power = 0.0, fourth = 0.0;
  Complex mean = 0.0;
  for (int draw = 0; draw < draws; ++draw) {
    const Complex element = random_unitary(size, 3, static_cast<std::uint64_t>(draw))[0];
    power += std::norm(element) / draws;
    fourth += std::norm(element) * std::norm(element) / draws;
    mean += element / static_cast<double>(draws);
  }
  EXPECT_NEAR(power, 1.0 / size, 0.02);
  EXPECT_NEAR(fourth, 2.0 / (size * (size + 1)), 0.01);
  EXPECT_LT(std::abs(mean), 0.03);
}

TEST(MeshDecomposition, RefusesWhatIsNotUnitaryWithTheNumber) {
  const MziMesh mesh(MeshLayout::rectangular, 3);
  auto matrix = random_unitary(3, 1);
  for (Complex& element : matrix) element *= 1.1;
  try {
    decompose_unitary(mesh, matrix);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("0.21"), std::string::npos) << error.what();
  }
  matrix[4] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(decompose_unitary(mesh, matrix), InputError);
  EXPECT_THROW(decompose_unitary(MziMesh(MeshLayout::rectangular, 4), matrix), InputError);
}

}  // namespace
}  // namespace wavesmith
