// Modes of cross-sections: dispersion equations, exact discrete values, identities to rounding.
#include "solvers/waveguide_modes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr double unit = 1e-6;  // [m]; frequencies in speed_of_light / unit

double per_unit(double frequency) {
  return frequency * speed_of_light / unit;
}

Axis one_cell() {
  return uniform_axis(0.0, 1.0, 1);
}

void make_invariant_along_v(CrossSection& section) {
  section.v = one_cell();
  section.v_low = section.v_high = SectionWall::periodic;
}

// Fraction of the cell [low, high] in |u| < half.
double filling(double low, double high, double half) {
  return std::max(0.0, std::min(high, half) - std::max(low, -half)) / (high - low);
}

// A slab of half width `half` along u, from u = 0 (a mirror) to the far wall, nothing varying along
// v: the average across the interface for E along it, the harmonic one for E across it.
CrossSection slab(double eps, double half, double extent, int cells, SectionWall mirror) {
  CrossSection section =
      make_cross_section(uniform_axis(0.0, extent * unit, cells), one_cell(), 1.0);
  make_invariant_along_v(section);
  section.u_low = mirror;
  const double du = extent / cells;
  for (int i = 0; i <= cells; ++i)
    for (int j = 0; j < 2; ++j) {
      const double tangential = 1.0 + (eps - 1.0) * filling((i - 0.5) * du, (i + 0.5) * du, half);
      const auto at = static_cast<std::size_t>(i + j * (cells + 1));
      section.permittivity[2][at] = tangential;
      if (j == 0) section.permittivity[1][at] = tangential;
    }
  for (int i = 0; i < cells; ++i)
    for (int j = 0; j < 2; ++j)
      section.permittivity[0][static_cast<std::size_t>(i + j * cells)] =
          1.0 / (1.0 + (1.0 / eps - 1.0) * filling(i * du, (i + 1) * du, half));
  return section;
}

// Roots of a function that changes its sign once between consecutive poles.
double bisect(const std::function<double(double)>& f, double low, double high) {
  const bool rising = f(low) < 0.0;
  for (int step = 0; step < 200; ++step) {
    const double middle = 0.5 * (low + high);
    ((f(middle) < 0.0) == rising ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// n_eff of a symmetric slab, order m: kappa half = m pi / 2 + atan(r gamma / kappa), r = 1 or eps.
double slab_index(double eps, double half, double frequency, int order, bool te) {
  const double k = 2.0 * pi * frequency;
  const double r = te ? 1.0 : eps;
  const auto f = [&](double n) {
    const double kappa = k * std::sqrt(eps - n * n);
    const double gamma = k * std::sqrt(n * n - 1.0);
    return kappa * half - order * pi / 2.0 - std::atan2(r * gamma, kappa);
  };
  return bisect(f, 1.0, std::sqrt(eps));
}

double extrapolate(double coarse, double fine) {
  return fine + (fine - coarse) / 3.0;
}

TEST(SlabModes, PublishedIndices) {
  for (const auto& [frequency, expected] :
       {std::pair{0.15, 2.844110179}, std::pair{0.20, 3.03844461}}) {
    std::array<double, 3> n{};
    for (int level = 0; level < 3; ++level) {
      const CrossSection section = slab(12.0, 0.5, 4.0, 160 << level, SectionWall::magnetic);
      const WaveguideModes solver(section, per_unit(frequency));
      n[static_cast<std::size_t>(level)] =
          solver.find(1, 0.0, ModeFamily::e_along_v)[0].n_eff.real();
    }
    const double order = std::log2((n[0] - n[1]) / (n[1] - n[2]));
    EXPECT_NEAR(order, 2.0, 0.02);
    const double limit = extrapolate(n[1], n[2]);
    EXPECT_NEAR(limit, expected, 1e-6);
    EXPECT_GT(std::abs(n[0] - expected), 1e-5);
    std::printf("slab f = %.2f: n_eff %.9f, expected %.9f, order %.3f\n", frequency, limit,
                expected, order);
  }
}

TEST(SlabModes, AllOrdersAgainstTheDispersionEquation) {
  const double frequency = 0.5, eps = 9.0, half = 0.5;
  for (const bool te : {true, false})
    for (int order = 0; order < 3; ++order) {
      // E along v is even about a magnetic wall, H along v about an electric one.
      const bool even = order % 2 == 0;
      const SectionWall mirror = even == te ? SectionWall::magnetic : SectionWall::electric;
      std::array<double, 2> n{};
      for (int level = 0; level < 2; ++level) {
        const WaveguideModes solver(slab(eps, half, 5.0, 400 << level, mirror),
                                    per_unit(frequency));
        const auto modes = solver.find(2, 0.0, te ? ModeFamily::e_along_v : ModeFamily::e_along_u);
        n[static_cast<std::size_t>(level)] =
            modes[static_cast<std::size_t>(order / 2)].n_eff.real();
      }
      const double exact = slab_index(eps, half, frequency, order, te);
      const double limit = extrapolate(n[0], n[1]);
      EXPECT_NEAR(limit, exact, 5e-6) << (te ? "TE " : "TM ") << order;
      EXPECT_NEAR((n[0] - exact) / (n[1] - exact), 4.0, 0.3) << (te ? "TE " : "TM ") << order;
    }
}

TEST(SlabModes, TheFullSetIsTheUnionOfBothFamilies) {
  const CrossSection section = slab(9.0, 0.5, 2.0, 60, SectionWall::magnetic);
  const WaveguideModes solver(section, per_unit(0.5));
  std::vector<double> apart;
  for (const ModeFamily family : {ModeFamily::e_along_u, ModeFamily::e_along_v})
    for (const WaveguideMode& mode : solver.find(3, 0.0, family))
      apart.push_back(mode.n_eff.real());
  std::sort(apart.rbegin(), apart.rend());
  const auto together = solver.find(3);
  for (std::size_t i = 0; i < together.size(); ++i)
    EXPECT_NEAR(together[i].n_eff.real(), apart[i], 1e-11);
}

// Exact on the grid: (2 sin(w dt/2) / (c dt))^2 = (2 sin(beta dw/2) / dw)^2 + sum of the same for
// sin(p pi / 2n) / d: every mode of an empty guide, propagating or not, TE or TM.
TEST(HollowGuide, ExactDiscreteValues) {
  const int nu = 14, nv = 9;
  const double a = 2.0 * unit, b = 1.1 * unit, dw = 0.1 * unit;
  const double dt = 0.5 * 0.1 * unit / speed_of_light;
  const double frequency = per_unit(0.6);
  const CrossSection section =
      make_cross_section(uniform_axis(0.0, a, nu), uniform_axis(0.0, b, nv));
  const double k = 2.0 * std::sin(pi * frequency * dt) / (speed_of_light * dt);
  std::vector<double> squares;
  for (int p = 0; p < nu; ++p)
    for (int q = 0; q < nv; ++q) {
      const double ku = 2.0 * nu / a * std::sin(p * pi / (2.0 * nu));
      const double kv = 2.0 * nv / b * std::sin(q * pi / (2.0 * nv));
      const int kinds = (p == 0 && q == 0) ? 0 : (p == 0 || q == 0) ? 1 : 2;
      for (int kind = 0; kind < kinds; ++kind) squares.push_back(k * k - ku * ku - kv * kv);
    }
  std::sort(squares.rbegin(), squares.rend());
  const WaveguideModes solver(section, frequency, dt, dw);
  const auto modes = solver.find(8);
  ASSERT_EQ(modes.size(), 8u);
  double worst = 0.0;
  for (std::size_t m = 0; m < modes.size(); ++m) {
    const Complex stencil = std::sqrt(Complex(squares[m]));
    const Complex beta = 2.0 / dw * std::asin(0.5 * dw * stencil);
    worst = std::max(worst, std::abs(modes[m].beta - beta) / std::abs(beta));
  }
  EXPECT_LT(worst, 1e-10);
  std::printf("hollow guide: worst relative error of beta %.1e over 8 modes\n", worst);
  EXPECT_GT(modes[0].beta.real(), 0.0);
  EXPECT_GT(modes[7].beta.imag(), 0.0);  // an evanescent one
}

// Any permittivity on a graded grid with mixed walls: for identities.
CrossSection random_section(unsigned seed, SectionWall u_low, SectionWall v_wall, int nu = 11,
                            int nv = 8) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const auto axis = [&](int cells, bool regular) {
    Axis made;
    made.edges = {0.0};
    for (int i = 0; i < cells; ++i)
      made.edges.push_back(made.edges.back() +
                           0.08 * unit * (regular ? 1.0 : 0.7 + 0.6 * uniform(random)));
    return made;
  };
  CrossSection section = make_cross_section(axis(nu, false), axis(nv, false));
  section.u_low = u_low;
  section.u_high = u_low == SectionWall::periodic ? u_low : SectionWall::electric;
  section.v_low = section.v_high = v_wall;
  for (auto& values : section.permittivity)
    for (double& value : values) value = 1.5 + 9.0 * uniform(random);
  return section;
}

struct Walls {
  SectionWall u_low, v;
};
constexpr Walls walls[] = {{SectionWall::electric, SectionWall::electric},
                           {SectionWall::magnetic, SectionWall::electric},
                           {SectionWall::magnetic, SectionWall::magnetic},
                           {SectionWall::periodic, SectionWall::electric},
                           {SectionWall::periodic, SectionWall::periodic}};

constexpr double grid_cell = 0.07 * unit;
constexpr double grid_step = 0.04 * unit / speed_of_light;

TEST(Modes, AreOrthogonalAndOfUnitFlux) {
  double worst = 0.0;
  for (const Walls& wall : walls) {
    const WaveguideModes solver(random_section(3, wall.u_low, wall.v), per_unit(0.5), grid_step,
                                grid_cell);
    const auto modes = solver.find(5);
    for (std::size_t m = 0; m < modes.size(); ++m) {
      const Complex cosine = std::cos(0.5 * grid_cell * modes[m].beta);
      if (modes[m].beta.imag() == 0.0) {
        EXPECT_NEAR(solver.flux(modes[m].profile) * cosine.real(), 1.0, 1e-12);
      }
      for (std::size_t n = 0; n < m; ++n)
        worst = std::max(worst,
                         std::abs(solver.reciprocal_product(modes[m].profile, modes[n].profile)));
    }
  }
  EXPECT_LT(worst, 1e-8);
  std::printf("biorthogonality: %.1e\n", worst);
}

// The six Yee equations, written out here once more with plain loops, on the interior.
TEST(Modes, SatisfyTheYeeEquations) {
  const CrossSection section =
      random_section(5, SectionWall::magnetic, SectionWall::electric, 12, 9);
  const double frequency = per_unit(0.5);
  const WaveguideModes solver(section, frequency, grid_step, grid_cell);
  const double impedance = 376.730313412;
  const double k = 2.0 * std::sin(pi * frequency * grid_step) / (speed_of_light * grid_step);
  const int nu = 12, nv = 9;
  for (const WaveguideMode& mode : solver.find(3)) {
    const auto at = [](const std::vector<Complex>& f, int width, int i, int j) {
      return f[static_cast<std::size_t>(i + j * width)];
    };
    const auto real_at = [](const std::vector<double>& f, int width, int i, int j) {
      return f[static_cast<std::size_t>(i + j * width)];
    };
    const auto& e = mode.profile.e;
    const auto& h = mode.profile.h;
    const Complex half = std::exp(Complex(0.0, 0.5 * grid_cell) * mode.beta);
    const Complex along = (half - 1.0 / half) / grid_cell;  // difference along w
    const Complex ik(0.0, k);
    double worst = 0.0, size = 0.0;
    const auto check = [&](Complex left, Complex right) {
      worst = std::max(worst, std::abs(left - right));
      size = std::max(size, std::abs(right));
    };
    for (int j = 1; j < nv; ++j)
      for (int i = 1; i < nu; ++i) {
        const double du = section.u.width(i), dv = section.v.width(j);
        const double pu = 0.5 * (du + section.u.width(i - 1));
        const double pv = 0.5 * (dv + section.v.width(j - 1));
        const Complex hu = impedance * at(h[0], nu + 1, i, j);
        const Complex hv = impedance * at(h[1], nu, i, j);
        const Complex hw = impedance * at(h[2], nu, i, j);
        check((at(e[2], nu + 1, i, j + 1) - at(e[2], nu + 1, i, j)) / dv -
                  along * at(e[1], nu + 1, i, j),
              ik * hu);
        check(
            along * at(e[0], nu, i, j) - (at(e[2], nu + 1, i + 1, j) - at(e[2], nu + 1, i, j)) / du,
            ik * hv);
        check((at(e[1], nu + 1, i + 1, j) - at(e[1], nu + 1, i, j)) / du -
                  (at(e[0], nu, i, j + 1) - at(e[0], nu, i, j)) / dv,
              ik * hw);
        check((hw - impedance * at(h[2], nu, i, j - 1)) / pv - along * hv,
              -ik * real_at(section.permittivity[0], nu, i, j) * at(e[0], nu, i, j));
        check(along * hu - (hw - impedance * at(h[2], nu, i - 1, j)) / pu,
              -ik * real_at(section.permittivity[1], nu + 1, i, j) * at(e[1], nu + 1, i, j));
        check((hv - impedance * at(h[1], nu, i - 1, j)) / pu -
                  (hu - impedance * at(h[0], nu + 1, i, j - 1)) / pv,
              -ik * real_at(section.permittivity[2], nu + 1, i, j) * at(e[2], nu + 1, i, j));
      }
    EXPECT_LT(worst, 1e-9 * size);
  }
}

TEST(Modes, ProjectionRecoversAmplitudesExactly) {
  const WaveguideModes solver(random_section(7, SectionWall::periodic, SectionWall::electric),
                              per_unit(0.5), grid_step, grid_cell);
  const auto modes = solver.find(5);
  const std::vector<Complex> forward = {
      {1.0, 0.3}, {-0.2, 0.7}, {0.4, 0.0}, {0.1, -2.0}, {3.0, 1.0}};
  const std::vector<Complex> backward = {
      {0.3, 0.1}, {0.5, 0.5}, {-0.7, 0.2}, {0.0, 0.4}, {0.2, -1.0}};
  for (const MagneticSamples samples :
       {MagneticSamples::half_cell_ahead, MagneticSamples::half_cell_behind,
        MagneticSamples::averaged}) {
    SectionField field = make_section_field(solver.section());
    for (std::size_t m = 0; m < modes.size(); ++m) {
      const Complex p = std::exp(Complex(0.0, 0.5 * grid_cell) * modes[m].beta);
      const Complex ahead = forward[m] * p - backward[m] / p;
      const Complex behind = forward[m] / p - backward[m] * p;
      const Complex h = samples == MagneticSamples::half_cell_ahead    ? ahead
                        : samples == MagneticSamples::half_cell_behind ? behind
                                                                       : 0.5 * (ahead + behind);
      for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t i = 0; i < field.e[c].size(); ++i)
          field.e[c][i] += (forward[m] + backward[m]) * modes[m].profile.e[c][i];
        for (std::size_t i = 0; i < field.h[c].size(); ++i)
          field.h[c][i] += h * modes[m].profile.h[c][i];
      }
    }
    for (std::size_t m = 0; m < modes.size(); ++m) {
      const ModeAmplitudes found =
          WaveguideModes::apply(solver.projection(modes[m], samples), field);
      EXPECT_LT(std::abs(found.forward - forward[m]), 1e-8);
      EXPECT_LT(std::abs(found.backward - backward[m]), 1e-8);
    }
  }
}

TEST(Modes, GroupIndexIsTheSlopeOfBeta) {
  for (const Walls& wall : walls) {
    const CrossSection section = random_section(11, wall.u_low, wall.v);
    const double frequency = per_unit(0.5), step = 1e-4 * frequency;
    const auto find = [&](double f) {
      return WaveguideModes(section, f, grid_step, grid_cell).find(2);
    };
    const WaveguideModes solver(section, frequency, grid_step, grid_cell);
    const auto low = find(frequency - step), high = find(frequency + step);
    const auto modes = solver.find(2);
    for (std::size_t m = 0; m < 2; ++m) {
      const double slope =
          speed_of_light * (high[m].beta - low[m].beta).real() / (2.0 * pi * 2.0 * step);
      EXPECT_NEAR(solver.group_index(modes[m]).real() / slope, 1.0, 1e-6);
    }
  }
}

TEST(Modes, PermittivityGradientAgainstFiniteDifferences) {
  double worst = 0.0;
  for (const Walls& wall : walls) {
    const CrossSection section = random_section(13, wall.u_low, wall.v);
    const double frequency = per_unit(0.5);
    const WaveguideModes solver(section, frequency, grid_step, grid_cell);
    const auto modes = solver.find(3);
    std::mt19937 random(17);
    std::normal_distribution<double> normal;
    for (int trial = 0; trial < 2; ++trial) {
      // One direction through all positions, and one through each component alone.
      for (int only = -1; only < 3; ++only) {
        std::array<std::vector<double>, 3> direction;
        for (std::size_t c = 0; c < 3; ++c)
          for (std::size_t i = 0; i < section.permittivity[c].size(); ++i)
            direction[c].push_back(only < 0 || only == static_cast<int>(c) ? normal(random) : 0.0);
        const double step = 3e-5;
        const auto moved = [&](double by) {
          CrossSection changed = section;
          for (std::size_t c = 0; c < 3; ++c)
            for (std::size_t i = 0; i < direction[c].size(); ++i)
              changed.permittivity[c][i] += by * direction[c][i];
          return WaveguideModes(changed, frequency, grid_step, grid_cell).find(3);
        };
        const auto low = moved(-step), high = moved(step);
        for (std::size_t m = 0; m < 3; ++m) {
          const auto gradient = solver.permittivity_gradient(modes[m]);
          Complex slope = 0.0;
          double size = 0.0;
          for (std::size_t c = 0; c < 3; ++c)
            for (std::size_t i = 0; i < direction[c].size(); ++i) {
              slope += gradient[c][i] * direction[c][i];
              size += std::norm(gradient[c][i]);
            }
          const Complex difference = (high[m].beta - low[m].beta) / (2.0 * step);
          worst = std::max(worst, std::abs(slope - difference) / std::sqrt(size));
        }
      }
    }
  }
  EXPECT_LT(worst, 1e-6);
  std::printf("permittivity gradient: worst relative error %.1e\n", worst);
}

TEST(Modes, IndexWithoutStepsIsThatOfTheContinuum) {
  const CrossSection section = slab(12.0, 0.5, 3.0, 120, SectionWall::magnetic);
  const double frequency = per_unit(0.2), d = 0.025 * unit;
  const WaveguideModes grid(section, frequency, 0.5 * d / speed_of_light, d);
  const WaveguideModes continuum(section, frequency);
  const auto on_grid = grid.find(1)[0];
  const auto free = continuum.find(1)[0];
  EXPECT_NEAR(on_grid.n_eff.real(), free.n_eff.real(), 1e-6);
  const double k = 2.0 * pi * frequency / speed_of_light;
  EXPECT_NEAR(free.beta.real() / k, free.n_eff.real(), 1e-12);
  EXPECT_GT(std::abs(on_grid.beta.real() / k - free.n_eff.real()), 1e-4);
}

TEST(Modes, BadInputIsASentence) {
  const CrossSection good = slab(4.0, 0.5, 2.0, 20, SectionWall::magnetic);
  CrossSection bad = good;
  bad.permittivity[1].pop_back();
  EXPECT_THROW(WaveguideModes(bad, 1e14), InputError);
  bad = good;
  bad.permittivity[2][3] = 0.0;
  EXPECT_THROW(WaveguideModes(bad, 1e14), InputError);
  bad = good;
  bad.u_high = SectionWall::periodic;
  EXPECT_THROW(WaveguideModes(bad, 1e14), InputError);
  bad = good;
  bad.u.edges[4] = bad.u.edges[3];
  EXPECT_THROW(WaveguideModes(bad, 1e14), InputError);
  EXPECT_THROW(WaveguideModes(good, -1.0), InputError);
  EXPECT_THROW(WaveguideModes(good, 1e14, 1e-14), InputError);
  EXPECT_THROW(WaveguideModes(good, 1e14).find(0), InputError);
  EXPECT_THROW(WaveguideModes(good, 1e14).find(1000000), InputError);
  const CrossSection coupled =
      make_cross_section(uniform_axis(0.0, unit, 4), uniform_axis(0.0, unit, 4));
  EXPECT_THROW(WaveguideModes(coupled, 1e14).find(1, 0.0, ModeFamily::e_along_u), InputError);
}

}  // namespace
}  // namespace wavesmith
