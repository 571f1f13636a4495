// The constraints of a design: least widths of solid and void, and that it hangs together.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/design_part.hpp"
#include "physics/connectivity.hpp"
#include "physics/minimum_size.hpp"

namespace wavesmith {

struct WaveProblem;

class DesignConstraints {
 public:
  // Throws InputError, naming the scene's key, where lengths, radius and pixels do not fit.
  explicit DesignConstraints(const DesignPart& design);

  // Keys of the scene, one a constraint.
  const std::vector<std::string>& names() const { return names_; }
  // Constraints mean something of nearly binary designs only.
  bool active(double beta) const { return !names_.empty() && beta >= design_.constrain_from; }

  // Each met where its value is not above 0; gradients by the parameters.
  struct Values {
    std::vector<double> value;
    std::vector<std::vector<double>> gradient;
  };
  Values evaluate(const DensityPattern& pattern, std::span<const double> parameters, double beta);

 private:
  const DesignPart& design_;
  std::vector<std::string> names_;
  std::vector<MinimumSize> sizes_;
  std::vector<Connectivity> connected_;  // one at most
};

// Marks the edge pixels beside which the scene's geometry is solid: where guides meet the design.
std::vector<char> anchors_of(const WaveProblem& problem, const DesignPart& design);

}  // namespace wavesmith
