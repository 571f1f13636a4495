// Linear coupled resonators with ports.
//
// Fields go as e^{-i w t}. Mode amplitudes a (|a|^2 is the energy in a mode) obey
//   da/dt = -i H a - sqrt(kappa) a_in,   a_out = a_in + sqrt(kappa) a,
//   H_jj = Delta_j - i (kappa_j + kappa'_j) / 2,   H_jl = J_jl,
// which gives the scattering matrix S(w) = 1 - i sqrt(kappa) (w - H)^{-1} sqrt(kappa).
// Wanjura and Marquardt, Nature Physics 20, 1434 (2024), eq. 9 (with e^{-i w t} throughout).
//
// Detunings, losses, couplings and w share one unit of angular frequency, whichever the user takes:
// the equations only know ratios.
#pragma once

#include <complex>
#include <string>
#include <vector>

namespace wavesmith {

struct ResonatorMode {
  std::string name;
  double detuning = 0.0;        // Delta
  double port_loss = 0.0;       // kappa: rate at which energy leaves through the port; 0: no port
  double intrinsic_loss = 0.0;  // kappa': rate at which energy is lost in the mode
};

// reciprocal: H_ba = H_ab = J (for a complex J this is loss or gain shared by the two modes);
// hermitian: H_ba = J, H_ab = conj(J), lossless, not reciprocal where J is not real;
// one_way: H_ba = J alone.
enum class CouplingKind { reciprocal, hermitian, one_way };

struct ResonatorCoupling {
  int from = 0, to = 0;  // modes a and b
  std::complex<double> strength{};
  CouplingKind kind = CouplingKind::reciprocal;
};

struct ResonatorNetwork {
  std::vector<ResonatorMode> modes;
  std::vector<ResonatorCoupling> couplings;

  int size() const { return static_cast<int>(modes.size()); }
};

// InputError, naming the mode or the coupling, where names are missing or used twice, a number is
// not finite, a loss is negative, a coupling leads to the same mode or to none, or a second one
// joins modes that are joined already.
void validate(const ResonatorNetwork& network);

// The modes that have a port, in order.
std::vector<int> port_modes(const ResonatorNetwork& network);

// The mode of this name. InputError with the nearest name where there is none.
int find_mode(const ResonatorNetwork& network, const std::string& name);

// InputError where the mode has no port to probe.
void require_port(const ResonatorNetwork& network, int mode);
// InputError where a port is missing or probed twice.
void require_ports(const ResonatorNetwork& network, const std::vector<int>& modes);

// InputError naming the first coupling that makes the network non-reciprocal, and `method`, which
// needs S = S^T.
void require_reciprocal(const ResonatorNetwork& network, const std::string& method);

// "the coupling "a" -> "b""
std::string coupling_name(const ResonatorNetwork& network, const ResonatorCoupling& coupling);

}  // namespace wavesmith
