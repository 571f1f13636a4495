// Meshes of Mach-Zehnder interferometers: where the interferometers sit and what one of them does.
//
// Fields go as e^{-i w t}, so a longer path multiplies by e^{+i phase}. One interferometer joins
// the ports `top` and top + 1; light meets the shifter phi, a coupler, the shifter theta and a
// coupler, both shifters on the upper arm:
//   U = B P(theta) B P(phi),  P(a) = diag(e^{ia}, 1),  B = [[1, i], [i, 1]] / sqrt(2)
//     = i e^{i theta/2} [[e^{i phi} sin(theta/2), cos(theta/2)],
//                        [e^{i phi} cos(theta/2), -sin(theta/2)]].
// theta = 0 is the cross state, theta = pi the bar state. An interferometer is symmetric but for
// phi: what light meets on its way back is the transpose of U.
// Layouts: Reck, Zeilinger, Bernstein and Bertani, Phys. Rev. Lett. 73, 58 (1994), triangular;
// Clements et al., Optica 3, 1460 (2016), rectangular. Both reach every unitary when a screen of
// phases follows.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <vector>

namespace wavesmith {

enum class MeshLayout { triangular, rectangular };

struct MziPlace {
  int column = 0;  // counted in the direction of the light
  int top = 0;     // joins the ports top and top + 1
};

// Order of the phases of a mesh: theta of every interferometer, phi of every interferometer, and
// the phase of every output port where there is a screen behind the mesh.
class MziMesh {
 public:
  static constexpr int max_ports = 1024;

  // Throws InputError unless 2 <= ports <= max_ports.
  MziMesh(MeshLayout layout, int ports, bool output_phases = false);

  MeshLayout layout() const { return layout_; }
  int ports() const { return ports_; }
  int columns() const { return columns_; }
  bool output_phases() const { return output_phases_; }
  const std::vector<MziPlace>& mzis() const { return mzis_; }  // by column, then by port
  std::size_t mzi_count() const { return mzis_.size(); }

  std::size_t phase_count() const {
    return 2 * mzi_count() + (output_phases_ ? static_cast<std::size_t>(ports_) : 0);
  }
  std::size_t theta(std::size_t mzi) const { return mzi; }
  std::size_t phi(std::size_t mzi) const { return mzi_count() + mzi; }
  std::size_t output_phase(int port) const {
    return 2 * mzi_count() + static_cast<std::size_t>(port);
  }

 private:
  MeshLayout layout_;
  int ports_, columns_ = 0;
  bool output_phases_;
  std::vector<MziPlace> mzis_;
};

// The matrix of one interferometer, rows first: {U00, U01, U10, U11}.
std::array<std::complex<double>, 4> mzi_matrix(double theta, double phi);

}  // namespace wavesmith
