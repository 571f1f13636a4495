// A mesh as it was built: what its couplers, arms and heaters are really like, and which phases the
// light meets when settings are asked for.
//
//   held_k  = setting_k, rounded to 2 pi / 2^bits where bits > 0
//   phase_k = held_k + sum_j crosstalk_kj (held_j mod 2 pi) + offset_k
//             + drift sqrt(2) sin(2 pi (time / period_k + start_k))
// Heaters only heat: what a neighbour feels of setting j is its value between 0 and 2 pi.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "physics/mzi_mesh.hpp"

namespace wavesmith {

// How far built meshes are from their description; everything zero is the ideal mesh. Spreads are
// standard deviations of normal draws, one a component, fixed by the seed.
struct MeshImperfections {
  // Coupler B = [[cos a, i sin a], [i sin a, cos a]] with a = pi/4 + error [rad]. In terms of a
  // power splitting of (1 +- e) / 2 it is e = -sin(2 error).
  double splitter_spread = 0.0;
  // Power lost by the light of every port in every column of phase shifters [dB]: each column of
  // interferometers has two of them.
  double loss = 0.0;
  // A phase shifter loses |normal| * loss_spread on top [dB]: a passive device never gains.
  double loss_spread = 0.0;
  double phase_spread = 0.0;  // static error of every phase [rad]
  double crosstalk = 0.0;     // share of a setting that each neighbour in its column feels
  int bits = 0;               // settings have 2^bits levels over 2 pi; 0: any phase
  // Every phase wanders slowly: rms [rad], and the mean period, of which each phase has 0.5 to 1.5.
  double drift = 0.0, drift_period = 1000.0;
  std::uint64_t seed = 1;

  bool any() const {
    return splitter_spread != 0.0 || loss != 0.0 || loss_spread != 0.0 || phase_spread != 0.0 ||
           crosstalk != 0.0 || bits != 0 || drift != 0.0;
  }
};

// Setting `from` adds coefficient * (setting mod 2 pi) to phase `to`; both count the phases of the
// mesh.
struct Crosstalk {
  std::size_t from = 0, to = 0;
  double coefficient = 0.0;
};

class BuiltMesh {
 public:
  explicit BuiltMesh(MziMesh mesh);  // ideal
  // Draws a device. `number` tells meshes of one seed apart. Throws InputError naming what is out
  // of range.
  BuiltMesh(MziMesh mesh, const MeshImperfections& imperfections, std::uint64_t number = 0);

  const MziMesh& mesh() const { return mesh_; }

  // Component by component; each may be set. Angles [rad] from pi/4 of the couplers behind phi (2k)
  // and behind theta (2k + 1) of interferometer k.
  std::vector<double> splitter_errors;
  // Power lost in the arms of the column's shifters [dB]: phi upper, phi lower, theta upper, theta
  // lower of interferometer k at 4 k.
  std::vector<double> arm_losses;
  double loss = 0.0;  // of a port beside the interferometers, a column of shifters [dB]
  std::vector<double> phase_offsets;                // [rad]
  double drift = 0.0;                               // rms of what is added with time [rad]
  std::vector<double> drift_periods, drift_starts;  // [unit of time], in periods
  std::vector<Crosstalk> crosstalk;
  int bits = 0;

  // Throws InputError naming the interferometer or phase with a value that makes no sense.
  void validate() const;

  // The phases that light meets [rad], both of length mesh().phase_count().
  void phases(std::span<const double> settings, double time, std::span<double> phases) const;
  // Turns a derivative by phases into one by settings (rounding counts as none), in place.
  void pull_back(std::span<double> gradient) const;

 private:
  MziMesh mesh_;
};

// Coefficient between shifters of one kind next to each other in a column, both ways.
std::vector<Crosstalk> neighbour_crosstalk(const MziMesh& mesh, double coefficient);

}  // namespace wavesmith
