// Behind TimeDomain: the nonlinear media of the design region, for derivatives.
//
// With g(e) = square e^2 + cube e^3 a step solves (kernels/leapfrog.hpp, NonlinearField)
//   e_new + g(e_new) = decay e + C d + ... + g(e),
// and what the transposed march shows at such a point is the cotangent of the right-hand side, x.
// So the derivative by C is that of linear media with e_new + g(e_new) - g(e) in place of e_new,
// and those by square and cube are sums over steps of x (e^2 - e_new^2) and of x (e^3 - e_new^3).
#pragma once

#include <span>
#include <vector>

#include "solvers/time_domain_march.hpp"

namespace wavesmith {

template <class T>
class LocalNonlinearity {
 public:
  LocalNonlinearity(const TimeDomainSetup& setup, const GridLines& lines, const GridBox& design);

  bool reaches(int component) const;

  // Adds g(e_new) - g(e) to `after`, e_new at first, [step][point of the region]; before: e.
  void add_change(int component, std::span<const T> before, std::span<T> after) const;

  // Adds to the derivatives by the numbers of the setup's media what some steps give. back: what
  // the transposed march shows, the last step first; before, after: as above, the first step first.
  void add_products(int component, std::span<const T> back, std::span<const T> before,
                    std::span<const T> after, std::vector<NonlinearField>& gradient) const;

 private:
  // Points of a medium of the setup in the region, as indices in its box and in the region.
  struct Shared {
    std::size_t field = 0;
    std::vector<std::size_t> in_field, in_design;
  };

  const TimeDomainSetup& setup_;
  std::size_t points_;
  std::vector<Shared> shared_;
};

}  // namespace wavesmith
