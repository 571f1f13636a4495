// When a run may stop: the field has decayed, with a bound on what stopping costs the spectra.
//
// Fed with samples of a magnitude u(t) >= 0, an amplitude of the field (its peak, the square root
// of its energy), from the start on. Windows are quarters of the time since the sources ended, and
// grow with it: two modes that beat are seen at their highest before they can be taken for decayed,
// however slow the beat. The field has decayed when the peak of the last window is below
// `tolerance` of the highest ever.
//
// By stopping at T a spectrum F(omega) = integral f(t) exp(i omega t) dt loses at most the integral
// of |f| from T on. With the peak P of the last window of length W, and the ratio r of it to that
// of the window before, windows to come have peaks P r, P r^2, ... and their sum is
//   tail = W P r / (1 - r).
// It holds where the field goes on to decay at least as fast as from window to window: an estimate
// where a slower part is still hidden under a faster one.
#pragma once

#include <string>
#include <vector>

namespace wavesmith {

struct DecayRule {
  double tolerance = 1e-4;       // of the highest magnitude
  double sources_end = 0.0;      // [s]; nothing is judged before
  double shortest_window = 0.0;  // [s]; a few periods of the lowest frequency
  // The tail must also be below this share of the integral of u so far; 0: not asked for.
  double spectrum_tolerance = 0.0;
  long most_steps = 1000000;
};

enum class StopReason { running, decayed, out_of_steps };

class DecayStop {
 public:
  // Throws InputError where a number of the rule cannot be.
  explicit DecayStop(const DecayRule& rule);

  // A sample after `step` steps, at `time` [s], both increasing; returns reason() as of now. Throws
  // InputError for samples that are negative, not finite or out of order.
  StopReason add(long step, double time, double magnitude);

  StopReason reason() const { return reason_; }
  double highest() const { return highest_; }
  double level() const;  // peak of the last window over the highest; 1 before there is one
  double tail() const;   // bound on the loss of a spectrum [magnitude times s]; may be infinite
  double integral() const { return integral_; }  // of u so far [magnitude times s]
  // "the field has decayed to 8.1e-5 of its highest after 1200 steps; ..."
  std::string sentence() const;

 private:
  // Samples next to each other, so that a window is a few hundred of them at most.
  struct Block {
    double begin = 0.0, end = 0.0, peak = 0.0;  // times of its first and last sample
  };
  void keep(double time, double magnitude);
  // The highest of the blocks that reach into from < time <= to.
  double peak_between(double from, double to) const;

  DecayRule rule_;
  std::vector<Block> blocks_;
  int in_last_ = 0, in_block_ = 1;  // samples in the last block, and in a full one
  StopReason reason_ = StopReason::running;
  long step_ = 0;
  double highest_ = 0.0, integral_ = 0.0, window_ = 0.0, last_peak_ = 0.0, peak_before_ = 0.0;
  double last_magnitude_ = 0.0;
};

}  // namespace wavesmith
