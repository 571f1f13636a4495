#include "physics/mzi_mesh.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <vector>

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

TEST(MziMesh, MatrixIsTheProductOfItsComponents) {
  for (double theta : {0.0, 0.3, 2.1, 3.14159, 6.0})
    for (double phi : {0.0, 1.0, -2.0, 5.5}) {
      const auto u = mzi_matrix(theta, phi);
      const Block expected = from_components(theta, phi);
      EXPECT_LT(std::abs(u[0] - expected[0]), 1e-15);
      EXPECT_LT(std::abs(u[1] - expected[1]), 1e-15);
      EXPECT_LT(std::abs(u[2] - expected[2]), 1e-15);
      EXPECT_LT(std::abs(u[3] - expected[3]), 1e-15);
    }
}

TEST(MziMesh, LayoutsHaveEveryInterferometerOnFreePorts) {
  for (MeshLayout layout : {MeshLayout::triangular, MeshLayout::rectangular})
    for (int ports : {2, 3, 4, 5, 8, 64}) {
      const MziMesh mesh(layout, ports);
      EXPECT_EQ(mesh.mzi_count(), static_cast<std::size_t>(ports * (ports - 1) / 2));
      std::vector<int> last(static_cast<std::size_t>(ports), -1);
      for (const MziPlace& place : mesh.mzis()) {
        ASSERT_GE(place.top, 0);
        ASSERT_LT(place.top + 1, ports);
        ASSERT_LT(place.column, mesh.columns());
        for (int port : {place.top, place.top + 1}) {
          ASSERT_LT(last[static_cast<std::size_t>(port)], place.column);
          last[static_cast<std::size_t>(port)] = place.column;
        }
      }
    }
  // Six theta and six phi on four ports, as on the chip of Pai et al., Science 380, 398 (2023).
  EXPECT_EQ(MziMesh(MeshLayout::triangular, 4).phase_count(), 12u);
  EXPECT_THROW(MziMesh(MeshLayout::triangular, 1), InputError);
  EXPECT_THROW(MziMesh(MeshLayout::rectangular, 100000), InputError);
}

}  // namespace
}  // namespace wavesmith
