// Absorbing and nonlinear fluids on the grid of the time march.
//
// Sound of finite amplitude, to second order, in terms of the pressure p alone:
//   kappa (p - (beta / K) p^2) with beta = 1 + (B/A) / 2 takes the place of kappa p,
// which carries what is nonlinear in the equation of state and, for waves that travel mainly one
// way, in the motion as well: Westervelt's equation
//   laplacian p - p'' / c^2 = -beta / (rho c^4) (p^2)''.
// P. J. Westervelt, J. Acoust. Soc. Am. 35, 535 (1963); M. F. Hamilton and D. T. Blackstock,
// Nonlinear Acoustics, chapter 3. Pressure in Pa; it must stay below K / (2 beta).
#pragma once

#include "physics/acoustic_absorption.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

struct Fluid {
  std::string name = "fluid";
  AbsorbingFluid sound;     // speed and relaxations; fit_absorption makes them of a power law
  double density = 1000.0;  // rho [kg/m^3]
  double beta = 0.0;        // 1 + (B/A) / 2: 3.5 in water; 0: linear
};

// Makes the points of a box a fluid: coefficients of pressure and velocity, decay, relaxations and
// nonlinearity for the setup's dt. The setup is the scalar system with pressure on the edges, its
// speed that of the reference medium; reference_density: of that [kg/m^3]. Throws InputError where
// the fluid is not valid or not stable on the setup's grid, where the box leaves the grid, or where
// poles or nonlinear media are there already.
void place_fluid(TimeDomainSetup& setup, const GridBox& box, const Fluid& fluid,
                 double reference_density);

}  // namespace wavesmith
