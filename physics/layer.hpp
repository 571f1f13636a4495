// A thin layer: parameters a designer or a training method may change, and the complex
// transmission that they give at every sample of a plane.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/plane.hpp"

namespace wavesmith {

using Complex = std::complex<double>;

// A layer as a body, for solvers that go through it slice by slice: a material from the layer's
// plane up to a height of its own at every sample, in the direction in which light goes.
class Relief {
 public:
  virtual ~Relief() = default;
  virtual double thickness() const = 0;                // the greatest height that there can be [m]
  virtual Complex index(double wavelength) const = 0;  // n + i kappa; wavelength in vacuum [m]
  // Height at every sample of the layer's plane [m], and the transpose of its linearised form:
  // adds to `gradient`.
  virtual void sample_heights(std::span<const double> parameters,
                              std::span<double> heights) const = 0;
  virtual void pull_back_heights(std::span<const double> parameters, std::span<const double> g,
                                 std::span<double> gradient) const = 0;
};

// t(x, y; wavelength) = f(parameters). All arrays are row-major over plane(). The transpose of the
// linearised f stands beside f, in the same class.
//
// Gradient convention, everywhere in the project: the cotangent of a complex array u is
// g = 2 dL/du*, so that dL = Re sum conj(g) du; a linear step u -> A u pulls back g -> A^H g; and a
// real parameter's derivative is Re sum conj(g) du/dparameter.
class Layer {
 public:
  virtual ~Layer() = default;
  virtual const Plane& plane() const = 0;
  virtual std::size_t parameter_count() const = 0;
  // Starting point. `spread` scales the random part (0: uniform), `seed` selects it.
  virtual void initial_parameters(std::uint64_t seed, double spread,
                                  std::span<double> parameters) const = 0;
  // wavelength: in vacuum [m].
  virtual void transmission(std::span<const double> parameters, double wavelength,
                            std::span<Complex> t) const = 0;
  // Adds Re sum conj(g) dt/dparameter to `gradient`.
  virtual void pull_back(std::span<const double> parameters, double wavelength,
                         std::span<const Complex> g, std::span<double> gradient) const = 0;
  // True when t = exp(i parameter) sample by sample, which the solver evaluates by itself, fast.
  virtual bool is_plain_phase() const { return false; }
  // The layer as a body; null where it is none.
  virtual const Relief* relief() const { return nullptr; }
};

}  // namespace wavesmith
