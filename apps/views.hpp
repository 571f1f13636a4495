// Views: the light on windows of their own behind the last layer, [[view]] in a scene.
//
// A view may be shifted, sampled finer or coarser than the stack, and tilted. The field that leaves
// the last layer is carried there as a sum of plane waves (solvers/matrix_fourier.hpp and
// solvers/tilted_plane.hpp), in double precision. What the layers of a built device do wrong is not
// in it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/outputs.hpp"

namespace wavesmith {

// How the plane waves of a view are summed: padding is the scene's, or more where that is too
// little.
struct ViewMethod {
  PropagationMethod method = PropagationMethod::angular_spectrum;
  double padding = 2.0;
  double snr = 0.0;  // predicted [dB]
};
// wavelength: in vacuum [m].
ViewMethod choose_view_method(const DiffractiveProblem& problem, const ViewPart& view,
                              double wavelength);

// What is summed for each view, as sentences. Throws InputError where that would be wrong, or would
// take for ever.
std::vector<std::string> audit_views(const DiffractiveProblem& problem);

// Field and intensity of the first sample. The system must have the parameters already. A tilted
// view's plane is centred on zero: its coordinates are its own.
PlaneRecord record_view(const DiffractiveProblem& problem, const ViewPart& view,
                        DiffractiveSystem& system, const InputSet& inputs,
                        std::span<const double> parameters);

}  // namespace wavesmith
