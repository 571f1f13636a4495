// Connectivity as a differentiable constraint: a virtual temperature.
//
// What is solid conducts and is heated; chosen pixels ("anchors": where waveguides meet the
// pattern, or where a part is held) are kept at 0. Solid that is connected to an anchor stays cool,
// an island in what hardly conducts grows hot:
//   -div(k grad T) = m,   k = k_min + (1 - k_min) m,   m = P(v)^3,
//   f = mean(T^p)^(1/p) / (limit L^2) - 1 <= 0
// on the pixels by finite volumes (conductances of halves in series, insulated outside), L the
// longer side of the plane. v: filtered pixels (1 - v for the empty phase), P: tanh projection at
// 1/2. Conduction and heat have one power, so that a uniform grey is not hotter than solid.
// Q. Li, W. Chen, S. Liu, L. Tong, Struct. Multidiscip. Optim. 54, 813 (2016); S. Liu, Q. Li,
// W. Chen, L. Tong, G. Cheng, Front. Mech. Eng. 10, 126 (2015).
//
// In units of L^2 a fully solid pattern with an anchored side reaches 1/2, a folded line of length
// s some (s / L)^2 / 2; an island of radius r some (r / L)^2 / k_min.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/plane.hpp"
#include "physics/minimum_size.hpp"

namespace wavesmith {

struct ConnectivitySettings {
  PatternPhase phase = PatternPhase::solid;
  double limit = 10.0;  // of the temperature, in L^2
  double least_conductivity = 1e-6;
  double power = 8.0;  // p, at least 1: larger is closer to the hottest pixel, and stiffer
};

class Connectivity {
 public:
  // anchors[p] != 0: the pixel is an anchor; one at least. Throws InputError.
  Connectivity(const Plane& pixels, std::vector<char> anchors,
               const ConnectivitySettings& settings = {});
  ~Connectivity();
  Connectivity(Connectivity&&) noexcept;
  Connectivity& operator=(Connectivity&&) noexcept;

  // f of the filtered pixels, and its derivative by them; beta: strength of the projection [1],
  // above 256 as 256. One sparse factorisation, about pixels^1.5 operations.
  double evaluate(std::span<const double> filtered, double beta, std::span<double> gradient);
  // T / L^2 at each pixel, of the last evaluate(): shows where the islands are.
  std::span<const double> temperature() const { return temperature_; }

 private:
  struct Solver;
  Plane pixels_;
  std::vector<char> anchors_;
  ConnectivitySettings settings_;
  std::unique_ptr<Solver> solver_;
  std::vector<double> temperature_;
};

}  // namespace wavesmith
