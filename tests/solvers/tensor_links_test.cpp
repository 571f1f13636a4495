// Off-diagonal elements of the medium on the grid: symmetry, the transpose of their derivative,
// energy beside steep interfaces, the derivative of a march, and the order of convergence at curved
// interfaces.
#include "solvers/tensor_links.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/solids.hpp"
#include "solvers/harmonic_inversion.hpp"
#include "solvers/place_geometry.hpp"
#include "solvers/time_domain.hpp"
#include "tests/analytic/bessel.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

LightMaterial dielectric(double permittivity) {
  LightMaterial material;
  material.medium.eps_inf = permittivity;
  return material;
}

// Vacuum and a solid of another permittivity, in units where light has speed 1.
void place(TimeDomainSetup& setup, std::shared_ptr<const Solid> solid, double permittivity) {
  TimeDomainSetup si = setup;
  si.speed = speed_of_light;
  si.dt = setup.dt / speed_of_light;
  Geometry geometry;
  geometry.add(std::move(solid), 1);
  GeometryOnGrid(si, Equations::maxwell, geometry)
      .place(si, std::vector<LightMaterial>{dielectric(1.0), dielectric(permittivity)});
  setup.coefficient = si.coefficient;
  setup.off_diagonal = si.off_diagonal;
}

TensorRows rows_of(const TimeDomainSetup& setup) {
  TensorRows rows;
  for (std::size_t c = 0; c < 3; ++c) {
    rows.diagonal[c] = setup.coefficient[c];
    rows.off_diagonal[c] = setup.off_diagonal[c];
  }
  return rows;
}

// A ball on an uneven grid with all kinds of faces.
TimeDomainSetup ball(double permittivity) {
  TimeDomainSetup setup;
  const Random random(4, 0);
  std::uint64_t draw = 0;
  for (Axis& axis : setup.grid.axes) {
    axis.edges = {-0.9};
    for (int i = 0; i < 12; ++i)
      axis.edges.push_back(axis.edges.back() + random.uniform(draw++, 0.1, 0.2));
  }
  setup.boundaries.faces[0] = {Boundary::periodic, Boundary::periodic};
  setup.boundaries.faces[1] = {Boundary::mirror, Boundary::wall};
  setup.boundaries.faces[2] = {Boundary::wall, Boundary::absorbing};
  setup.boundaries.layer.cells = 3;
  setup.speed = 1.0;
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  place(setup, std::make_shared<BallSolid>(Vec3{-0.3, 0.05, 0.1}, 0.83), permittivity);
  return setup;
}

GridLines lines_of(const TimeDomainSetup& setup) {
  return make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes, setup.speed,
                         setup.dt);
}

// V of a point of E.
double volume(const GridLines& lines, int component, std::size_t point) {
  const std::size_t nx = static_cast<std::size_t>(lines.size.points[0]);
  const std::size_t ny = static_cast<std::size_t>(lines.size.points[1]);
  const std::array<std::size_t, 3> p = {point % nx, point / nx % ny, point / nx / ny};
  double volume = 1.0;
  for (std::size_t d = 0; d < 3; ++d)
    volume /=
        (static_cast<int>(d) == component ? lines.metrics[d].centre : lines.metrics[d].node)[p[d]];
  return volume;
}

TEST(TensorLinks, AreSymmetricAndStayInsideTheGrid) {
  const TimeDomainSetup setup = ball(12.0);
  const GridLines lines = lines_of(setup);
  const std::vector<TensorLink> links = tensor_links(lines, rows_of(setup));
  ASSERT_GT(links.size(), 1000U);
  double worst = 0.0, largest = 0.0;
  for (const TensorLink& link : links) {
    const auto turned = std::find_if(links.begin(), links.end(), [&](const TensorLink& other) {
      return other.component == link.source && other.point == link.from &&
             other.source == link.component && other.from == link.point;
    });
    ASSERT_NE(turned, links.end());
    const double one = link.value * volume(lines, link.component, link.point);
    worst = std::max(worst, std::abs(one - turned->value * volume(lines, link.source, link.from)));
    largest = std::max(largest, std::abs(one));
  }
  EXPECT_LT(worst, 1e-14 * largest);
}

// In a uniform anisotropic medium every point sees four neighbours of each other component, and
// their weights add up to the element.
TEST(TensorLinks, UniformMediumIsSeenWhole) {
  TimeDomainSetup setup = ball(12.0);
  const GridLines lines = lines_of(setup);
  for (std::size_t c = 0; c < 3; ++c) {
    setup.coefficient[c] = {0.5};
    setup.off_diagonal[c].clear();
    for (std::size_t p = 0; p < lines.size.count(); ++p)
      setup.off_diagonal[c].push_back({p,
                                       c == 0   ? 0.1
                                       : c == 1 ? 0.2
                                                : 0.15,
                                       c == 0   ? 0.15
                                       : c == 1 ? 0.1
                                                : 0.2});
  }
  const std::vector<TensorLink> links = tensor_links(lines, rows_of(setup));
  for (int c = 0; c < 3; ++c)
    for (const int turn : {1, 2}) {
      const std::size_t middle = lines.size.index(5, 6, 5);
      double sum = 0.0;
      int count = 0;
      for (const TensorLink& link : links)
        if (link.component == c && link.point == middle && link.source == (c + turn) % 3) {
          sum += link.value;
          ++count;
        }
      const OffDiagonal& entry = setup.off_diagonal[static_cast<std::size_t>(c)][middle];
      EXPECT_EQ(count, 4);
      EXPECT_NEAR(sum, turn == 1 ? entry.next : entry.after_next, 1e-15);
    }
}

TEST(TensorLinks, DerivativeAgreesWithDifferences) {
  for (const double permittivity : {6.0, 900.0}) {  // without and with octants that are shortened
    const TimeDomainSetup setup = ball(permittivity);
    const GridLines lines = lines_of(setup);
    const std::vector<TensorLink> links = tensor_links(lines, rows_of(setup));
    const Random random(9, 0);
    std::uint64_t draw = 0;
    std::vector<double> cotangents;
    for (std::size_t l = 0; l < links.size(); ++l)
      cotangents.push_back(random.uniform(draw++, -1.0, 1.0));
    const TensorRowGradients gradient =
        pull_back_tensor_links(lines, rows_of(setup), links, cotangents);
    TimeDomainSetup direction = setup;
    double expected = 0.0;
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t p = 0; p < direction.coefficient[c].size(); ++p) {
        direction.coefficient[c][p] = setup.coefficient[c][p] * random.uniform(draw++, -1.0, 1.0);
        expected += gradient.diagonal[c][p] * direction.coefficient[c][p];
      }
      for (std::size_t i = 0; i < direction.off_diagonal[c].size(); ++i) {
        OffDiagonal& entry = direction.off_diagonal[c][i];
        entry.next *= random.uniform(draw++, -1.0, 1.0);
        entry.after_next *= random.uniform(draw++, -1.0, 1.0);
        expected += gradient.off_diagonal[c][i][0] * entry.next +
                    gradient.off_diagonal[c][i][1] * entry.after_next;
      }
    }
    const auto moved = [&](double by) {
      TimeDomainSetup other = setup;
      for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t p = 0; p < other.coefficient[c].size(); ++p)
          other.coefficient[c][p] += by * direction.coefficient[c][p];
        for (std::size_t i = 0; i < other.off_diagonal[c].size(); ++i) {
          other.off_diagonal[c][i].next += by * direction.off_diagonal[c][i].next;
          other.off_diagonal[c][i].after_next += by * direction.off_diagonal[c][i].after_next;
        }
      }
      const std::vector<TensorLink> now = tensor_links(lines, rows_of(other));
      double sum = 0.0;
      for (std::size_t l = 0; l < now.size(); ++l) sum += cotangents[l] * now[l].value;
      return sum;
    };
    const double h = 1e-4;
    const double difference =
        (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
    std::printf("contrast %.0f: %.1e\n", permittivity,
                std::abs(difference - expected) / std::abs(expected));
    EXPECT_NEAR(difference, expected, 1e-8 * std::abs(expected));
  }
}

// Beside an interface from 1 to 400, a long march of noise does not grow.
TEST(TensorLinks, SteepInterfacesAreStable) {
  TimeDomainSetup setup = ball(400.0);
  for (auto& faces : setup.boundaries.faces) faces = {Boundary::wall, Boundary::wall};
  place(setup, std::make_shared<BallSolid>(Vec3{0.02, 0.05, 0.01}, 0.6), 400.0);
  const GridBox point{{2, 3, 2}, {3, 4, 3}};
  setup.sources.push_back({1, point, 1, {1.0}, [&](int, double t) { return t < 0.1 ? 1.0 : 0.0; }});
  TimeDomain march(setup);
  const auto peak = [&] {
    double largest = 0.0;
    for (int c = 0; c < 3; ++c)
      for (const double value : march.field(c)) largest = std::max(largest, std::abs(value));
    return largest;
  };
  march.run(200);
  const double early = peak();
  march.run(20000);
  std::printf("peak %.3f after 200 steps, %.3f after 20200\n", early, peak());
  EXPECT_LT(peak(), 2.0 * early);
  setup.dt = courant_limit(setup.grid, 1.0);
  EXPECT_THROW(TimeDomain whole(setup), InputError);
}

TEST(TensorLinks, GradientOfAMarchAgreesWithDifferences) {
  const long steps = 120;
  const GridBox design{{0, 0, 0}, {12, 12, 9}};
  TimeDomainSetup setup = ball(5.0);
  const auto burst = [](int, double t) { return std::exp(-std::pow((t - 1.0) / 0.4, 2)); };
  setup.sources.push_back({1, {{2, 3, 5}, {3, 4, 6}}, 1, {1.0}, burst});
  setup.monitors.push_back({2, {{8, 6, 6}, {9, 7, 7}}, {0.3}, 1});
  using Spectra = std::vector<std::vector<std::complex<double>>>;
  TimeDomain march(setup);
  const TimeDomainGradient gradient =
      march.pull_back(steps, design, [](const Spectra& s) { return Spectra{{2.0 * s[0][0]}}; });
  const Random random(2, 0);
  std::uint64_t draw = 0;
  double expected = 0.0, of_links = 0.0;
  TimeDomainSetup direction = setup;
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double>& values = direction.coefficient[c];
    for (double& value : values) value *= 0.1 * random.uniform(draw++, -1.0, 1.0);
    std::size_t from = 0;
    for (int k = 0; k < design.end[2]; ++k)
      for (int j = 0; j < design.end[1]; ++j)
        for (int i = 0; i < design.end[0]; ++i)
          expected += gradient.coefficient[c][from++] * values[march.size().index(i, j, k)];
    for (std::size_t i = 0; i < direction.off_diagonal[c].size(); ++i) {
      OffDiagonal& entry = direction.off_diagonal[c][i];
      entry.next *= random.uniform(draw++, -1.0, 1.0);
      entry.after_next *= random.uniform(draw++, -1.0, 1.0);
      of_links += gradient.off_diagonal[c][i][0] * entry.next +
                  gradient.off_diagonal[c][i][1] * entry.after_next;
    }
  }
  const auto moved = [&](double by) {
    TimeDomainSetup other = setup;
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t k = 0; k < 9; ++k)  // those in front of the absorbing layer
        for (std::size_t p = k * 144; p < (k + 1) * 144; ++p)
          other.coefficient[c][p] += by * direction.coefficient[c][p];
      for (std::size_t i = 0; i < other.off_diagonal[c].size(); ++i) {
        other.off_diagonal[c][i].next += by * direction.off_diagonal[c][i].next;
        other.off_diagonal[c][i].after_next += by * direction.off_diagonal[c][i].after_next;
      }
    }
    // The source is a current.
    const std::size_t driven = march.size().index(2, 3, 5);
    other.sources[0].weights = {other.coefficient[1][driven] / setup.coefficient[1][driven]};
    TimeDomain run(other);
    run.run(steps);
    return std::norm(run.spectrum(0)[0]);
  };
  const double h = 1e-3;
  const double difference =
      (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
  const double error = std::abs(difference / (expected + of_links) - 1.0);
  std::printf("gradient %.1e (links: %.3f of it)\n", error, of_links / (expected + of_links));
  EXPECT_LT(error, 1e-6);
  EXPECT_GT(std::abs(of_links), 1e-3 * std::abs(expected));
}

// The inverse density of a ball in another fluid: by C of both groups and the off-diagonal
// elements, alone and together, and the transpose, <g, F s> = <F' g, s> for initial fields s.
TEST(TensorLinks, GradientOfSoundAgreesWithDifferences) {
  const long steps = 90;
  const GridBox design{{0, 0, 0}, {12, 12, 9}};
  TimeDomainSetup setup = ball(1.0);
  for (auto& row : setup.off_diagonal) row.clear();
  for (auto& values : setup.coefficient) values.clear();
  setup.system = WaveSystem::scalar;
  Geometry geometry;
  geometry.add(std::make_shared<BallSolid>(Vec3{-0.3, 0.05, 0.1}, 0.83), 1);
  const std::vector<SoundMaterial> materials = {{"outside", 1.0, 1.0, {}, 0.0},
                                                {"ball", 0.9, 7.0, {}, 0.0}};
  GeometryOnGrid(setup, Equations::sound, geometry).place(setup, materials, materials[0]);
  setup.dt *= 0.6;
  const Random random(12, 0);
  std::uint64_t draw = 0;
  const LeapfrogSize size = TimeDomain(setup).size();
  for (std::size_t c = 0; c < 4; ++c) {
    setup.coefficient[c].resize(size.count(),
                                setup.coefficient[c].empty() ? 1.0 : setup.coefficient[c].front());
    for (std::size_t p = 0; p < size.count(); ++p)
      setup.initial[c].push_back(random.uniform(draw++, -1.0, 1.0));
  }
  std::size_t elements = 0;
  for (const auto& row : setup.off_diagonal) elements += row.size();
  EXPECT_GT(elements, 100U);
  setup.monitors.push_back({0, {{8, 6, 6}, {10, 8, 7}}, {0.3, 0.5}, 1});
  setup.monitors.push_back({2, {{3, 6, 5}, {5, 7, 7}}, {0.4}, 1});
  using Spectra = std::vector<std::vector<std::complex<double>>>;
  const Spectra weights = [&] {
    Spectra all;
    for (const SpectrumMonitor& monitor : setup.monitors) {
      all.emplace_back();
      for (std::size_t i = 0; i < monitor.box.count() * monitor.frequencies.size(); ++i)
        all.back().push_back(std::polar(1.0, random.uniform(draw++, -3.0, 3.0)));
    }
    return all;
  }();
  const auto loss_of = [&](const TimeDomainSetup& of) {
    TimeDomain run(of);
    run.run(steps);
    double sum = 0.0;
    for (std::size_t m = 0; m < weights.size(); ++m)
      for (std::size_t i = 0; i < weights[m].size(); ++i)
        sum += (std::conj(weights[m][i]) * run.spectrum(static_cast<int>(m))[i]).real();
    return sum;
  };
  TimeDomain march(setup);
  const GradientWants wants{true, false, false, true};
  const TimeDomainGradient gradient = march.pull_back(
      steps, design, [&](const Spectra&) { return weights; }, {}, wants);
  double back = 0.0;
  for (std::size_t c = 0; c < 4; ++c)
    for (std::size_t p = 0; p < size.count(); ++p)
      back += gradient.initial[c][p] * setup.initial[c][p];
  const double forward = loss_of(setup);
  std::printf("sound: transpose %.1e\n", std::abs(back / forward - 1.0));
  EXPECT_LT(std::abs(back / forward - 1.0), 1e-12);
  // Without the second group there is none by the elements, and the rest stays the same.
  const TimeDomainGradient first =
      march.pull_back(steps, design, [&](const Spectra&) { return weights; });
  EXPECT_EQ(first.coefficient, gradient.coefficient);
  EXPECT_TRUE(first.off_diagonal[0].empty());

  TimeDomainSetup direction = setup;
  double of_second = 0.0, of_first = 0.0, of_elements = 0.0;
  for (std::size_t c = 0; c < 4; ++c) {
    std::size_t from = 0;
    std::vector<double> step(size.count(), 0.0);
    for (int k = 0; k < design.end[2]; ++k)
      for (int j = 0; j < design.end[1]; ++j)
        for (int i = 0; i < design.end[0]; ++i, ++from) {
          const std::size_t p = size.index(i, j, k);
          step[p] = 0.1 * setup.coefficient[c][p] * random.uniform(draw++, -1.0, 1.0);
          if (c == 0)
            of_first += gradient.coefficient[0][from] * step[p];
          else
            of_second += gradient.second_coefficient[c - 1][from] * step[p];
        }
    direction.coefficient[c] = step;
    if (c == 0) continue;
    for (std::size_t i = 0; i < direction.off_diagonal[c - 1].size(); ++i) {
      OffDiagonal& entry = direction.off_diagonal[c - 1][i];
      entry.next *= random.uniform(draw++, -1.0, 1.0);
      entry.after_next *= random.uniform(draw++, -1.0, 1.0);
      of_elements += gradient.off_diagonal[c - 1][i][0] * entry.next +
                     gradient.off_diagonal[c - 1][i][1] * entry.after_next;
    }
  }
  const auto check = [&](const char* what, double expected, bool pressure, bool velocity,
                         bool off) {
    const auto moved = [&](double by) {
      TimeDomainSetup other = setup;
      for (std::size_t c = 0; c < 4; ++c) {
        if (c == 0 ? !pressure : !velocity) continue;
        for (std::size_t p = 0; p < size.count(); ++p)
          other.coefficient[c][p] += by * direction.coefficient[c][p];
      }
      for (std::size_t c = 0; c < 3 && off; ++c)
        for (std::size_t i = 0; i < other.off_diagonal[c].size(); ++i) {
          other.off_diagonal[c][i].next += by * direction.off_diagonal[c][i].next;
          other.off_diagonal[c][i].after_next += by * direction.off_diagonal[c][i].after_next;
        }
      return loss_of(other);
    };
    const double h = 1e-3;
    const double difference =
        (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
    std::printf("sound by %s: %.1e\n", what, std::abs(difference / expected - 1.0));
    EXPECT_LT(std::abs(difference / expected - 1.0), 1e-6) << what;
  };
  check("C of p", of_first, true, false, false);
  check("C of v", of_second, false, true, false);
  check("off-diagonal elements", of_elements, false, false, true);
  check("all", of_first + of_second + of_elements, true, true, true);
}

// Hz of a dielectric disc: J_m(n k r) inside, H_m(k r) outside, Hz and Hz' / eps continuous.
std::complex<double> disc_resonance(double eps, std::size_t m, std::complex<double> guess) {
  using analytic::Complex;
  const double n = std::sqrt(eps);
  const auto f = [&](Complex k) {
    const auto in = analytic::cylinder_functions(m + 1, n * k);
    const auto out = analytic::cylinder_functions(m + 1, k);
    const auto slope = [&](auto value, Complex x) {
      return static_cast<double>(m) / x * value(m) - value(m + 1);
    };
    const auto j = [&](std::size_t o) { return in.j[o]; };
    const auto h = [&](std::size_t o) { return out.h(o); };
    return slope(j, n * k) / (n * j(m)) - slope(h, k) / h(m);
  };
  Complex a = guess, b = guess * 1.001;
  for (int i = 0; i < 60 && std::abs(a - b) > 1e-14; ++i) {
    const Complex fa = f(a), fb = f(b);
    if (fa == fb) break;
    const Complex next = b - fb * (b - a) / (fb - fa);
    a = b;
    b = next;
  }
  return b / (2.0 * pi);
}

// The relative error of the frequency of a disc of radius 1 between absorbing walls.
double disc_error(double cells, bool off_diagonal, std::complex<double> exact) {
  const double eps = 10.0, half = 2.2;
  TimeDomainSetup setup;
  const int n = 2 * static_cast<int>(half * cells);
  const double side = n / cells / 2.0;
  setup.grid.axes = {uniform_axis(-side, side, n), uniform_axis(-side, side, n), Axis{}};
  setup.boundaries.faces[0] =
      setup.boundaries.faces[1] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer.cells = static_cast<int>(0.8 * cells);
  setup.speed = 1.0;
  setup.dt = 0.95 * courant_limit(setup.grid, 1.0);
  place(setup, std::make_shared<CylinderSolid>(Vec3{0, 0, 0}, 2, 1.0, endless), eps);
  if (!off_diagonal)
    for (auto& row : setup.off_diagonal) row.clear();
  const double f = exact.real();
  const auto burst = [f](int, double t) {
    const double x = (t - 16.0) / 5.0;
    return std::exp(-x * x) * std::sin(2.0 * pi * f * t);
  };
  const auto point = [&](double x, double y) {
    const int i = static_cast<int>((x + side) * cells), j = static_cast<int>((y + side) * cells);
    return GridBox{{i, j, 0}, {i + 1, j + 1, 1}};
  };
  setup.sources.push_back({5, point(0.75, 0.31), 1, {1.0}, burst});
  setup.time_monitors.push_back({5, point(-0.62, 0.55), 4, {1, 1, 1}});
  TimeDomain march(setup);
  march.run(static_cast<long>(100.0 / setup.dt));
  const auto record = march.record(0);
  const std::size_t from = static_cast<std::size_t>(34.0 / (4.0 * setup.dt));
  const auto found = find_resonances(record.subspan(from), 4.0 * setup.dt, 0.96 * f, 1.04 * f);
  double best = 1.0;
  for (const Resonance& one : found)
    best = std::min(best,
                    std::abs(std::complex<double>(one.frequency, -one.decay / (2.0 * pi)) - exact));
  return best / std::abs(exact);
}

TEST(TensorLinks, DiscResonanceIsSecondOrder) {
  const std::complex<double> exact = disc_resonance(10.0, 5, {2.7, -0.0014});
  for (const bool off_diagonal : {false, true}) {
    const double coarse = disc_error(15.3, off_diagonal, exact);
    const double fine = disc_error(43.3, off_diagonal, exact);
    const double order = std::log(std::abs(coarse / fine)) / std::log(43.3 / 15.3);
    std::printf("%s: %.2e, %.2e of f = %.5f, order %.2f\n",
                off_diagonal ? "tensor" : "diagonal alone", coarse, fine, exact.real(), order);
    if (off_diagonal)
      EXPECT_GT(order, 1.8);
    else
      EXPECT_LT(order, 1.2);
  }
}

}  // namespace
}  // namespace wavesmith
