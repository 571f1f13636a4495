// Short signals with given spectra at a set of frequencies: what drives the transposed march of a
// derivative from spectra (solvers/time_domain_dft.hpp).
#pragma once

#include <complex>
#include <cstddef>
#include <vector>

namespace wavesmith {

// exp(2 pi i cycles).
std::complex<double> turn(double cycles);

// Signals of windowed tones with given spectra at a set of frequencies.
class ToneFit {
 public:
  // longest: steps that the window may take. Throws InputError where the frequencies are too close
  // to be told apart in these.
  ToneFit(std::vector<double> frequencies, double dt, long longest);

  // Of the window, a four-term one (A. H. Nuttall, IEEE Trans. ASSP 29, 84 (1981)).
  long steps() const { return steps_; }
  // Largest over smallest singular value of the fit.
  double condition() const { return condition_; }

  // c_k from the wanted spectra, sum over m of q_m exp(2 pi i f_k m dt), with the signal
  // q_m = window_m sum over k of Re(conj(c_k) exp(2 pi i f_k m dt)); both [k][point].
  std::vector<std::complex<double>> fit(const std::vector<std::complex<double>>& wanted,
                                        std::size_t points) const;

  double window(long step) const;

 private:
  std::vector<double> frequencies_;
  double dt_;
  long steps_ = 1;
  double condition_ = 1.0;
  std::vector<double> inverse_;  // [2 k of c][2 k of the spectra], real parts first
};

// Steps that the window of a ToneFit takes.
long tone_window_steps(const std::vector<double>& frequencies, double dt, long longest);

}  // namespace wavesmith
