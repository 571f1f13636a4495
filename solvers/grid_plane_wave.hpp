// A plane wave that the difference equations carry exactly, through cells of one size.
//
// Along the unit vector n the wave is, s = n . (r - entry),
//   f_c(r, t) = integral of S(f) e_c(f) exp(i k s - i w t) df,   w = 2 pi f,
// with the k of the grid,
//   sum_d kappa_d^2 = (Omega / v)^2,  kappa_d = (2 / d) sin(k n_d d / 2),  Omega = (2 / dt) sin(w
//   dt / 2),
// and the amplitudes that belong to it: E along the polarisation wanted, less its part along kappa,
// and of unit length; H and v follow from kappa (A. Taflove and S. Hagness, Computational
// Electrodynamics, chapters 4 and 5; T. Tan and M. Potter, IEEE Trans. Antennas Propag. 58, 824
// (2010)).
//
// f_c is slow in s beside the delay s / v: it is tabulated over t - s / v at Chebyshev nodes of s.
// For each moment a profile over s follows, finely sampled, in which points look their values up.
// Both interpolations err by about 1e-11.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/yee_grid.hpp"
#include "kernels/leapfrog.hpp"
#include "solvers/filtered_signals.hpp"

namespace wavesmith {

struct GridPlaneWaveInput {
  WaveSystem system = WaveSystem::maxwell;
  Waveform waveform;
  double amplitude = 1.0;            // of E or of the scalar
  Vec3 direction{};                  // of unit length; zero along axes of one cell
  Vec3 polarisation{};               // of E; not used by the scalar system
  Vec3 cells{};                      // widths, of axes along which the wave varies [m]
  double dt = 0.0;                   // [s]
  double speed = 0.0;                // of the reference medium [m/s]
  double first = 1.0, second = 1.0;  // C of both groups
  double from = 0.0, to = 0.0;       // values of s that are needed [m]
};

class GridPlaneWave {
 public:
  // Throws InputError where the grid does not carry the waveform's frequencies or the polarisation
  // is along the direction.
  explicit GridPlaneWave(const GridPlaneWaveInput& input);

  // Stored component at s and t.
  double value(int component, double s, double time) const;

  // Values over s at a moment, of one component.
  class Profile {
   public:
    double at(double s) const;
    bool zero() const { return pieces_.empty(); }

   private:
    friend class GridPlaneWave;
    static constexpr std::size_t taps = 8;
    double from_ = 0.0, inverse_step_ = 1.0;
    std::vector<std::array<double, taps>> pieces_;  // polynomials between samples
  };
  Profile profile(int component, double time) const;

  // Wave number on the grid [rad/m].
  double wavenumber(double frequency) const;

  // The transposes of `value` and of `profile`, gathered over moments: what a loss that has
  // cotangents of the wave's values makes of its waveform. Not for two threads at once.
  class Gradient {
   public:
    explicit Gradient(std::shared_ptr<const GridPlaneWave> wave);
    // cotangent: of value(component, s, time).
    void add_value(int component, double s, double time, double cotangent);
    // cotangents: of scale profile(component, time).at(s), for s = at(0), at(1), ...
    template <class At>
    void add_profile(int component, double time, double scale, std::span<const double> cotangents,
                     const At& at) {
      std::vector<Piece>& pieces = pieces_of(component, time);
      for (std::size_t i = 0; i < cotangents.size(); ++i)
        add_to_piece(pieces, at(i), scale * cotangents[i]);
    }
    // By the waveform's spectrum, of all that was added since the last call.
    WaveformGradient take();

   private:
    using Piece = std::array<double, Profile::taps>;  // of the cotangents of a polynomial
    struct Group {
      double time = -1.0;                      // of the pieces
      std::vector<std::vector<Piece>> pieces;  // of each component; empty where none were added
      std::vector<double> table;               // of the signals' cotangents
    };
    std::vector<Piece>& pieces_of(int component, double time);
    void add_to_piece(std::vector<Piece>& pieces, double s, double cotangent) const;
    void flush(std::size_t group);
    void add_columns(std::size_t group, std::size_t component, std::span<const double> weights,
                     double delayed, double cotangent);

    std::shared_ptr<const GridPlaneWave> wave_;
    std::array<Group, 2> groups_;
    std::vector<double> columns_;
  };

 private:
  // Samples of one group over s at a moment, kept for the other faces that will ask.
  struct Moment {
    double time = -1.0;
    bool silent = true;
    std::vector<double> samples;  // [component of the group][sample]
  };
  struct Stored {
    std::size_t group, component;  // component: of the group
  };
  Stored stored(int component) const;
  FilteredSignals::Response response(std::size_t group) const;
  std::vector<std::complex<double>> amplitudes(double frequency) const;
  std::shared_ptr<const Moment> moment(std::size_t group, double time) const;
  std::vector<double> node_weights(double s) const;

  GridPlaneWaveInput input_;
  double velocity_ = 0.0;  // of the continuum in the medium [m/s]
  std::array<int, 2> components_{};
  std::vector<double> nodes_;  // of s
  std::size_t samples_ = 0;
  double sample_from_ = 0.0, sample_step_ = 0.0;
  std::vector<double> sample_weights_;                       // [sample][node]
  std::array<std::unique_ptr<FilteredSignals>, 2> signals_;  // [component of the group][node]
  mutable std::mutex guard_;
  mutable std::array<std::vector<std::shared_ptr<const Moment>>, 2> kept_;
};

}  // namespace wavesmith
