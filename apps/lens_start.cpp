#include "apps/lens_start.hpp"

#include <cmath>
#include <numbers>

#include "core/memory.hpp"
#include "physics/design_grid.hpp"

namespace wavesmith {
namespace {

constexpr double tau = 2.0 * std::numbers::pi;

}  // namespace

double lens_phase(double x, double y, double focal_length, double wavelength) {
  const double r2 = x * x + y * y;
  // sqrt(r^2 + f^2) - f without the cancellation.
  return -tau / wavelength * r2 / (std::sqrt(r2 + focal_length * focal_length) + focal_length);
}

void read_start_lens(const SceneTable& table, LayerPart& part) {
  LayerSpec& spec = part.spec;
  const double focal_length = table.length("focal_length", Range::above(0));
  const double x0 = table.length("x", 0.0), y0 = table.length("y", 0.0);
  if (spec.kind != "phase" && spec.kind != "height")
    throw table.error("is for layers of kind phase and height; this one is " + spec.kind);
  if (!spec.start.empty()) throw table.error("and start_file exclude each other");
  const bool height = spec.kind == "height";
  const double wavelength = spec.design_wavelength;
  double scale = 1.0;
  if (height) {
    const double contrast = material_of(spec).index(wavelength).real() - 1.0;
    if (!(contrast > 0.0)) throw table.error("needs a material with an index above 1");
    scale = wavelength / (tau * contrast);
    if (spec.h_max > 0.0 && spec.h_min + tau * scale > spec.h_max * (1.0 + 1e-9))
      throw table.error("needs heights of one wave above min_height: raise max_height");
  }
  require_memory(static_cast<std::size_t>(16) * part.plane.size(), table.path());
  const Plane pixels = DesignGrid(part.plane, spec.design).pixels();
  for (int j = 0; j < pixels.ny; ++j)
    for (int i = 0; i < pixels.nx; ++i) {
      const double turns =
          lens_phase(pixels.x(i) - x0, pixels.y(j) - y0, focal_length, wavelength) / tau;
      spec.start.push_back(spec.h_min + scale * tau * (turns - std::floor(turns)));
    }
}

}  // namespace wavesmith
