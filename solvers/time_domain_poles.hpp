// Behind TimeDomain: poles of the medium, point by point, outside of the engine.
//
// A pole's state p follows from the history of its field e alone (kernels/leapfrog.hpp, PoleField),
// and its cotangent P from that of the cotangents E of e. So both are marched again from records,
// for the derivatives that need them: with n the step,
//
//   resonant:  P_n = a1 P_{n+1} + a2 P_{n+2} - gain (E_n - E_{n+1})
//   relaxing:  P_n = a1 P_{n+1} + gain E_{n+1}
//
// and the derivative with respect to a number is P_n or E_n times what it multiplies.
#pragma once

#include <span>
#include <vector>

#include "solvers/time_domain_march.hpp"

namespace wavesmith {

// The poles at the points of the design region, forward.
template <class T>
class LocalPoles {
 public:
  struct State {
    std::vector<std::vector<double>> now, old;  // [pole of the region][point]
  };
  // Points of a pole of the setup that lie in the region, as indices in its box and in the region.
  struct Shared {
    std::size_t pole = 0;
    std::vector<std::size_t> in_pole, in_design;
  };

  LocalPoles(const TimeDomainSetup& setup, const GridLines& lines, const GridBox& design);

  const std::vector<Shared>& shared() const { return shared_; }
  State rest() const;

  // Takes the poles of a component on by some steps; before: its field in the region before them,
  // record: after each.
  void follow(int component, std::span<const T> before, std::span<const T> record, int steps,
              State& state) const;

  // p at points of a shared pole, from two steps before the first to the last: [step][point].
  // fields: of the component, from the step before the first.
  std::vector<double> trace(std::size_t shared, const State& before, std::span<const T> fields,
                            long steps) const;

  // Takes from the field after a step what a pole has added in it.
  void remove_part(std::size_t shared, std::span<const double> now, std::span<const double> old,
                   std::span<T> field) const;

  // The same in spectra: takes from the factors of a component's field and of what it was before
  // the first step, at each point of the region, what its poles add, z = exp(i omega dt) the factor
  // from a step to the next.
  void remove_parts(int component, std::complex<double> z, std::span<std::complex<double>> factors,
                    std::span<std::complex<double>> of_initial) const;

 private:
  void step(const Shared& shared, const T* before, const T* after, std::vector<double>& now,
            std::vector<double>& old) const;

  const TimeDomainSetup& setup_;
  std::size_t points_;
  std::vector<Shared> shared_;
};

// A pole at all of its points, backward.
class PoleCotangents {
 public:
  explicit PoleCotangents(const PoleField& pole);

  // Undoes a step, with the cotangents of the field after it (times any factor of each point).
  template <class T>
  void undo(std::span<const T> field);

  // Of p after the step undone last, and what the field before it gets through the pole.
  const std::vector<double>& state() const { return now_; }
  double of_field_before(std::size_t point) const;
  // Of the field after that step, as told.
  const std::vector<double>& field() const { return field_; }

 private:
  const PoleField& pole_;
  std::vector<double> now_, next_;  // P_n, P_{n+1}
  std::vector<double> field_;       // E_n
};

}  // namespace wavesmith
