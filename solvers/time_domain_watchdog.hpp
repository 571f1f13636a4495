// Behind TimeDomain: is the march still that of a stable scheme?
//
// What a stable, passive march holds is bounded by what its sources have put in: with the energy
// norm ||f||^2 = sum V f^2 / C every step adds at most the norm of what the sources add in it. In
// the plain norm of the first group the bound is weakened by the spread of C and of the cells'
// volumes V, and near the Courant limit, where the energy of the shortest waves hides between
// half-steps. A march is taken for unstable when it is a million times above that bound, which an
// exponential growth passes soon, and no resonator and no long tone can.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "solvers/grid_lines.hpp"

namespace wavesmith {

struct TimeDomainSetup;

class Watchdog {
 public:
  // What is where it went wrong: the largest number of all fields.
  struct Finding {
    long step = 0;
    int component = 0;
    std::array<int, 3> at{};
    double value = 0.0;  // infinite where it is not a finite number
  };

  Watchdog(const TimeDomainSetup& setup, const GridLines& lines);

  // After the setup's coefficients or the weights of its sources have changed.
  void take_medium();

  double input() const { return input_; }
  void set_input(double input) { input_ = input; }

  // The signals of a source for steps from `first` on. Throws NumericsError where one is not
  // finite.
  template <class T>
  void add_input(std::size_t source, long first, std::span<const T> signals);

  // Whether the sum of squares of the first group is possible.
  bool calm(double square_sum) const;

  // The sentence about what was found.
  std::string explain(const Finding& finding) const;

 private:
  struct Place {
    double courant = 0.0;
    std::array<int, 3> at{};
  };
  double courant_at(const std::array<int, 3>& p) const;
  Place largest_courant() const;
  std::string position(int component, const std::array<int, 3>& point) const;
  std::string likely_cause(const Finding& finding) const;

  const TimeDomainSetup& setup_;
  const GridLines& lines_;
  std::vector<std::vector<double>> weight_norms_;  // [source][rank]
  double spread_ = 1.0;                            // of the plain norm against the energy's
  double input_ = 0.0;                             // norms of what the sources added, summed
};

}  // namespace wavesmith
