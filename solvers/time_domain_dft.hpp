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

#include <vector>

#include "solvers/time_domain_march.hpp"
#include "solvers/tone_fit.hpp"

namespace wavesmith {

// All frequencies of the monitors, each once, rising [Hz].
std::vector<double> loss_frequencies(const TimeDomainSetup& setup);

// Steps of the transposed march at most, where the forward march takes `steps`: the window's, and
// those since the last source fell below a millionth of its greatest signal, half of `steps` at
// least; all of them where a source does not tell its signal.
long most_transposed_steps(const TimeDomainSetup& setup, long steps, long window);

}  // namespace wavesmith
