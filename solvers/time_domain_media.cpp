// What TimeDomain asks of anisotropic and nonlinear media.
#include <cmath>

#include "core/error.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {
namespace {

bool holds(const GridBox& box, const LeapfrogSize& size, std::size_t point) {
  const std::size_t nx = static_cast<std::size_t>(size.points[0]);
  const std::size_t ny = static_cast<std::size_t>(size.points[1]);
  const std::array<std::size_t, 3> p = {point % nx, point / nx % ny, point / nx / ny};
  for (std::size_t d = 0; d < 3; ++d)
    if (p[d] < static_cast<std::size_t>(box.begin[d]) ||
        p[d] >= static_cast<std::size_t>(box.end[d]))
      return false;
  return true;
}

}  // namespace

TensorRows tensor_rows(const TimeDomainSetup& setup) {
  TensorRows rows;
  const std::size_t first = setup.system == WaveSystem::maxwell ? 0 : 1;
  for (std::size_t c = 0; c < 3; ++c) {
    rows.diagonal[c] = setup.coefficient[first + c];
    rows.off_diagonal[c] = setup.off_diagonal[c];
  }
  return rows;
}

void validate_nonlinear(const TimeDomainSetup& setup, const LeapfrogSize& size) {
  for (std::size_t n = 0; n < setup.nonlinear.size(); ++n) {
    const NonlinearField& field = setup.nonlinear[n];
    validate_box(field.box, field.component, size, "a nonlinear medium");
    WAVESMITH_VALIDATE(field.component < first_group_size(size.system),
                       std::string("a nonlinear medium acts on the electric field or on the "
                                   "pressure, not on ") +
                           component_name(size.system, field.component));
    WAVESMITH_VALIDATE(
        field.square.size() == field.box.count() && field.cube.size() == field.box.count(),
        "a nonlinear medium needs its numbers at each of the " + std::to_string(field.box.count()) +
            " points of its box");
    for (std::size_t other = 0; other < n; ++other)
      WAVESMITH_VALIDATE(setup.nonlinear[other].component != field.component ||
                             !overlap(setup.nonlinear[other].box, field.box),
                         "two nonlinear media share points; give each point one medium");
  }
}

void validate_tensor(const TimeDomainSetup& setup, const GridLines& lines) {
  const LeapfrogSize& size = lines.size;
  const int first = size.system == WaveSystem::maxwell ? 0 : 1;
  bool any = false;
  for (int c = 0; c < 3; ++c)
    for (const OffDiagonal& entry : setup.off_diagonal[static_cast<std::size_t>(c)]) {
      any = true;
      WAVESMITH_VALIDATE(entry.point < size.count() && std::isfinite(entry.next) &&
                             std::isfinite(entry.after_next),
                         "an off-diagonal element of the medium is not finite, or lies at point " +
                             std::to_string(entry.point) + " of " + std::to_string(size.count()));
      const auto refuse = [&](const auto& fields, const std::string& what) {
        for (const auto& field : fields)
          WAVESMITH_VALIDATE(field.component != first + c || !holds(field.box, size, entry.point),
                             what + " and off-diagonal elements meet at point " +
                                 std::to_string(entry.point) + " of " +
                                 component_name(size.system, first + c) +
                                 "; take the diagonal alone where such media take part");
      };
      refuse(setup.poles, "poles of a medium");
      refuse(setup.nonlinear, "a nonlinearity");
    }
  if (!any || size.system != WaveSystem::maxwell) return;
  const double largest = largest_octant_eigenvalue(lines, tensor_rows(setup));
  const double allowed = courant_limit(setup.grid, setup.speed) / std::sqrt(std::max(1.0, largest));
  WAVESMITH_VALIDATE(setup.dt <= allowed * (1.0 + 1e-12),
                     "beside steep interfaces the averaged medium is stable with a time step of at "
                     "most " +
                         std::to_string(allowed * 1e15) + " fs, not of " +
                         std::to_string(setup.dt * 1e15) + " fs; shorten the step");
}

}  // namespace wavesmith
