// Behind TimeDomain: derivatives of losses of spectra from spectra alone.
//
// Once all fields have decayed, the forward fields at a point of the design region meet cotangents
// that come from tones which have gone on for ever: the derivative is a sum over the frequencies
// of the loss of products of amplitudes,
//
//   d loss / d C = sum over k of Re(A_k U_k) / C,
//
// U_k the spectrum of what C adds to the field (of a difference that a link of tensor_links.hpp
// picks up, for the derivative with respect to the link), A_k the amplitude of the transposed march
// under the loss' tone. All A_k come from one transposed march driven by a short signal at each
// point of the monitors, windowed tones summed so that its spectrum has the wanted values at all
// frequencies: the march being linear, A_k is the spectrum of what it answers. (The same idea, with
// fitted filters: A. M. Hammond et al., Opt. Express 30, 4467 (2022).)
//
// The transposed march ends when half as much is left of its fields as the forward march left, or
// when it has gone on after its window for as long as the forward march after its sources.
//
// Fields of the design region are recorded every so many steps (solvers/decimation.hpp) as the
// spectra of what drives each march allow: of the sources' signals, of the windowed tones. What
// that may be wrong by is a tenth of the fit's rounding at most, or 1e-7 in float32, 1e-12 in
// float64.
//
// Wrong by what is cut off: as far as the fields have not decayed at the end of either march, and
// where a monitor that skips steps sees frequencies that it takes for those of the loss.
#pragma once

#include <complex>
#include <vector>

#include "solvers/time_domain_march.hpp"

namespace wavesmith {

// All frequencies of the monitors, each once, rising [Hz].
std::vector<double> loss_frequencies(const TimeDomainSetup& setup);

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

// Steps of the transposed march at most, where the forward march takes `steps`: the window's, and
// those since the last source fell below a millionth of its greatest signal, half of `steps` at
// least; all of them where a source does not tell its signal.
long most_transposed_steps(const TimeDomainSetup& setup, long steps, long window);

}  // namespace wavesmith
