#include "physics/mzi_mesh.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"

namespace wavesmith {

MziMesh::MziMesh(MeshLayout layout, int ports, bool output_phases)
    : layout_(layout), ports_(ports), output_phases_(output_phases) {
  WAVESMITH_VALIDATE(
      ports >= 2 && ports <= max_ports,
      fmt::format("a mesh of {} ports: give 2 to {} ports, one interferometer joins two of them",
                  ports, max_ports));
  if (layout == MeshLayout::triangular) {
    // Diagonals of ports 0, 1, 2 .. start two columns apart.
    columns_ = 2 * ports - 3;
    for (int column = 0; column < columns_; ++column)
      for (int top = column % 2; top <= std::min(column, columns_ - 1 - column); top += 2)
        mzis_.push_back({column, top});
  } else {
    columns_ = ports == 2 ? 1 : ports;
    for (int column = 0; column < columns_; ++column)
      for (int top = column % 2; top + 1 < ports; top += 2) mzis_.push_back({column, top});
  }
}

std::array<std::complex<double>, 4> mzi_matrix(double theta, double phi) {
  const std::complex<double> front = std::complex<double>(0.0, 1.0) * std::polar(1.0, theta / 2);
  const std::complex<double> shift = front * std::polar(1.0, phi);
  const double s = std::sin(theta / 2), c = std::cos(theta / 2);
  return {shift * s, front * c, shift * c, -front * s};
}

}  // namespace wavesmith
