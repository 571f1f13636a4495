#include "solvers/kerr_steady_state.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "tests/solvers/kerr_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;
using Complex = std::complex<double>;

KerrSolverOptions options(bool accelerate, Precision precision = Precision::f64, int threads = 2) {
  KerrSolverOptions o;
  o.precision = precision;
  o.threads = threads;
  o.accelerate = accelerate;
  return o;
}

double norm(const KerrFields& v) {
  double sum = 0.0;
  for (const Complex& z : v) sum += std::norm(z);
  return std::sqrt(sum);
}
double difference(const KerrFields& a, const KerrFields& b) {
  KerrFields d(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) d[i] = a[i] - b[i];
  return norm(d) / (norm(a) + norm(b));
}

// The rates as the paper writes them, in quadratures.
double rate_by_the_paper(const KerrNetwork& network, const std::vector<double>& parameters,
                         const Complex* a, const Complex* probe) {
  const int modes = network.mode_count();
  Eigen::MatrixXd J = Eigen::MatrixXd::Zero(modes, modes);
  for (int j = 0; j < modes; ++j) J(j, j) = parameters[static_cast<std::size_t>(j)];
  for (const KerrBond& bond : network.bonds)
    J(bond.first, bond.second) = J(bond.second, bond.first) =
        parameters[static_cast<std::size_t>(modes + bond.coupling)];
  Eigen::VectorXd x(modes), p(modes);
  for (int j = 0; j < modes; ++j) {
    x(j) = a[j].real();
    p(j) = a[j].imag();
  }
  const Eigen::VectorXd Jp = J * p, Jx = J * x;
  double largest = 0.0;
  for (int j = 0; j < modes; ++j) {
    const KerrMode& m = network.modes[static_cast<std::size_t>(j)];
    const double loss = m.port_loss + m.internal_loss, n = x(j) * x(j) + p(j) * p(j);
    const double dx = -0.5 * loss * x(j) + 0.5 * m.kerr * n * p(j) + Jp(j) -
                      std::sqrt(m.port_loss) * probe[j].real();
    const double dp = -0.5 * loss * p(j) - 0.5 * m.kerr * n * x(j) - Jx(j) -
                      std::sqrt(m.port_loss) * probe[j].imag();
    largest = std::max({largest, std::abs(dx), std::abs(dp)});
  }
  return largest;
}

TEST(KerrSteadyState, StatesAreAtRestByTheEquationsOfThePaper) {
  for (const bool accelerate : {true, false})
    for (const bool mixed : {true, false})
      for (const double kerr : {0.0, 0.15, 0.4}) {
        const KerrNetwork network = random_kerr_network(9, kerr, mixed, 5);
        KerrSteadyState solver(network, options(accelerate));
        const std::vector<double> parameters = normal_draws(network.parameter_count(), 0.6, 6);
        solver.set_parameters(parameters);
        const KerrFields probes = complex_draws(9 * 11, 0.7, 7);
        KerrFields fields(probes.size());
        const auto settled = solver.solve({probes, {}}, {}, fields);
        check_settled(settled);
        for (std::size_t s = 0; s < 11; ++s)
          EXPECT_LT(rate_by_the_paper(network, parameters, &fields[9 * s], &probes[9 * s]), 1e-12);
      }
}

// Without Kerr shifts: a = i H^{-1} sqrt(kappa) a_in.
TEST(KerrSteadyState, LinearNetworksFollowTheirMatrix) {
  const int modes = 12;
  const KerrNetwork network = random_kerr_network(modes, 0.0, true, 3);
  KerrSteadyState solver(network, options(true));
  const std::vector<double> parameters = normal_draws(network.parameter_count(), 1.0, 4);
  solver.set_parameters(parameters);
  const std::size_t batch = 19;
  const KerrFields probes = complex_draws(batch * 12, 1.0, 5);
  const std::vector<double> shift = normal_draws(batch * 12, 0.5, 8);
  KerrFields fields(probes.size());
  check_settled(solver.solve({probes, shift}, {}, fields));
  for (std::size_t s = 0; s < batch; ++s) {
    Eigen::MatrixXcd H = Eigen::MatrixXcd::Zero(modes, modes);
    Eigen::VectorXcd drive(modes), a(modes);
    for (int j = 0; j < modes; ++j) {
      const std::size_t m = static_cast<std::size_t>(j);
      const KerrMode& mode = network.modes[m];
      H(j, j) = {parameters[m] + shift[s * 12 + m], -0.5 * (mode.port_loss + mode.internal_loss)};
      drive(j) = Complex{0.0, 1.0} * std::sqrt(mode.port_loss) * probes[s * 12 + m];
      a(j) = fields[s * 12 + m];
    }
    for (const KerrBond& bond : network.bonds)
      H(bond.first, bond.second) = H(bond.second, bond.first) =
          parameters[static_cast<std::size_t>(modes + bond.coupling)];
    const Eigen::VectorXcd expected = H.fullPivLu().solve(drive);
    EXPECT_LT((expected - a).norm() / expected.norm(), 1e-12);
  }
}

// n ((gamma)^2 + (Delta + g n / 2)^2) = kappa |a_in|^2. Where three n solve it, a mode that starts
// from rest comes to the smallest when the drive is far enough below the upper fold.
TEST(KerrSteadyState, OneModeSolvesItsCubicOnTheLowerBranch) {
  KerrNetwork network;
  network.modes = {{1.0, 0.0, 1.0}};
  network.inputs = network.outputs = {0};
  for (const bool accelerate : {true, false}) {
    KerrSteadyState solver(network, options(accelerate));
    int three = 0;
    for (const double detuning : {0.0, -1.0, -2.0, -3.0, 2.0})
      for (const double drive : {0.3, 1.1, 1.3}) {
        solver.set_parameters(std::vector<double>{detuning});
        const KerrFields probes{{drive, 0.0}};
        KerrFields field(1);
        check_settled(solver.solve({probes, {}}, {}, field));
        const auto curve = [&](double n) {
          return n * (0.25 + std::pow(detuning + 0.5 * n, 2)) - drive * drive;
        };
        const double found = std::norm(field[0]);
        EXPECT_NEAR(curve(found), 0.0, 1e-11);
        int roots = 0;
        double smallest = 0.0;
        for (double n = 0.0; n < 12.0; n += 1e-3)
          if (curve(n) <= 0.0 && curve(n + 1e-3) > 0.0) {
            if (roots++ == 0) smallest = n;
          }
        if (roots > 1) {
          ++three;
          EXPECT_NEAR(found, smallest, 2e-3) << detuning << " " << drive;
        }
      }
    EXPECT_GE(three, 2);
  }
}

// Strong Kerr shifts, so that several states are there: whichever way, the state is the one that a
// march with short steps comes to; what does not come to rest by one way does not by the other.
TEST(KerrSteadyState, BothWaysFindTheSameBranch) {
  int settled_samples = 0, strong = 0, restless = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const KerrNetwork network = random_kerr_network(6, 1.0, seed % 2 == 1, seed);
    KerrSolverOptions plain = options(false);
    plain.step = 0.02;
    plain.time = 300.0;
    KerrSolverOptions quick = options(true);
    quick.time = 300.0;
    KerrSteadyState reference(network, plain), solver(network, quick);
    const std::vector<double> parameters = normal_draws(network.parameter_count(), 1.2, seed);
    reference.set_parameters(parameters);
    solver.set_parameters(parameters);
    const KerrFields probes = complex_draws(6 * 24, 1.0, seed);
    KerrFields a(probes.size()), b(probes.size());
    const auto first = reference.solve({probes, {}}, {}, a);
    const auto second = solver.solve({probes, {}}, {}, b);
    for (std::size_t s = 0; s < first.size(); ++s) {
      EXPECT_EQ(first[s].at_rest, second[s].at_rest) << seed << " " << s;
      if (!first[s].at_rest) {
        ++restless;
        continue;
      }
      ++settled_samples;
      if (first[s].nonlinearity > 1.0) ++strong;
      for (std::size_t j = 6 * s; j < 6 * s + 6; ++j)
        EXPECT_LT(std::abs(a[j] - b[j]), 1e-9) << seed << " " << s;
    }
  }
  std::printf("same branch: %d samples at rest, %d of them with g n > loss; %d never at rest\n",
              settled_samples, strong, restless);
  EXPECT_GT(strong, 20);
}

TEST(KerrSteadyState, WhatDoesNotSettleIsNamed) {
  const KerrNetwork network = random_kerr_network(6, 0.2, false, 1);
  KerrSolverOptions short_wait = options(false);
  short_wait.time = 2.0;
  KerrSteadyState solver(network, short_wait);
  const KerrFields probes = complex_draws(12, 0.5, 2);
  KerrFields fields(12);
  const auto settled = solver.solve({probes, {}}, {}, fields);
  try {
    check_settled(settled, std::vector<std::size_t>{7, 8});
    FAIL();
  } catch (const NumericsError& error) {
    const std::string expected = "sample 7 did not come to rest: |da/dt| is ";
    EXPECT_EQ(std::string(error.what()).substr(0, expected.size()), expected);
    EXPECT_NE(std::string(error.what()).find("at mode " + std::to_string(settled[0].mode)),
              std::string::npos);
  }
  // Infinite numbers end, too.
  const KerrFields huge(6, Complex{1e200, 0.0});
  KerrFields lost(6);
  EXPECT_FALSE(KerrSteadyState(network, options(true)).solve({huge, {}}, {}, lost)[0].at_rest);
}

TEST(KerrSteadyState, DarkNetworksStayDark) {
  const KerrNetwork network = random_kerr_network(6, 0.2, true, 1);
  KerrSteadyState solver(network, options(true, Precision::f32));
  solver.set_parameters(normal_draws(network.parameter_count(), 0.5, 1));
  KerrFields fields(6, Complex{3.0, 3.0});
  const auto settled = solver.solve({KerrFields(6), {}}, {}, fields);
  EXPECT_TRUE(settled[0].at_rest);
  EXPECT_EQ(norm(fields), 0.0);
}

struct Case {
  KerrNetwork network;
  std::vector<double> parameters, shift;
  KerrFields probes, fields;
};
Case make_case(int modes, double kerr, bool mixed, std::size_t batch, std::uint64_t seed) {
  Case c;
  c.network = random_kerr_network(modes, kerr, mixed, seed);
  c.parameters = normal_draws(c.network.parameter_count(), 0.6, seed + 1);
  const std::size_t size = batch * static_cast<std::size_t>(modes);
  c.probes = complex_draws(size, 0.6, seed + 2);
  if (mixed) c.shift = normal_draws(size, 0.4, seed + 3);
  c.fields.resize(size);
  return c;
}

TEST(KerrSteadyState, TheTransposeIsTheTranspose) {
  double worst = 0.0;
  for (const double kerr : {0.0, 0.3, 0.8})
    for (const bool mixed : {false, true}) {
      Case c = make_case(8, kerr, mixed, 5, 40);
      KerrSteadyState solver(c.network, options(true));
      solver.set_parameters(c.parameters);
      const KerrInputs inputs{c.probes, c.shift};
      check_settled(solver.solve(inputs, {}, c.fields));
      const std::vector<double> direction = normal_draws(c.parameters.size(), 1.0, 41);
      const KerrFields probe_direction = complex_draws(c.probes.size(), 1.0, 42);
      const KerrFields cotangent = complex_draws(c.probes.size(), 1.0, 43);
      KerrFields change(c.probes.size()), v(c.probes.size());
      check_settled(solver.push_forward(inputs, c.fields, direction, probe_direction, change));
      check_settled(solver.pull_back(inputs, c.fields, cotangent, v));
      std::vector<double> gradient(c.parameters.size());
      solver.products(v, c.fields, gradient);
      double left = 0.0, right = 0.0;
      for (std::size_t i = 0; i < change.size(); ++i) {
        const double port = c.network.modes[i % 8].port_loss;
        left += std::real(std::conj(cotangent[i]) * change[i]);
        right -= std::sqrt(port) * std::real(std::conj(v[i]) * probe_direction[i]);
      }
      for (std::size_t i = 0; i < gradient.size(); ++i) right += gradient[i] * direction[i];
      const double error = std::abs(left - right) / (std::abs(left) + std::abs(right));
      worst = std::max(worst, error);
      EXPECT_LT(error, 1e-12) << kerr << mixed;
    }
  std::printf("transpose: %.2g\n", worst);
}

TEST(KerrSteadyState, TheDerivativeIsThatOfFiniteDifferences) {
  double worst = 0.0;
  for (const double kerr : {0.0, 0.3, 0.8})
    for (const bool mixed : {false, true}) {
      Case c = make_case(8, kerr, mixed, 3, 50);
      KerrSteadyState solver(c.network, options(true));
      const std::vector<double> direction = normal_draws(c.parameters.size(), 1.0, 51);
      const KerrFields probe_direction = complex_draws(c.probes.size(), 1.0, 52);
      const auto at = [&](double step) {
        std::vector<double> parameters = c.parameters;
        KerrFields probes = c.probes, fields(probes.size());
        for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += step * direction[i];
        for (std::size_t i = 0; i < probes.size(); ++i) probes[i] += step * probe_direction[i];
        solver.set_parameters(parameters);
        check_settled(solver.solve({probes, c.shift}, {}, fields));
        return fields;
      };
      const double h = 1e-3;
      const KerrFields m2 = at(-2 * h), m1 = at(-h), p1 = at(h), p2 = at(2 * h);
      c.fields = at(0.0);
      KerrFields change(c.probes.size()), expected(c.probes.size());
      for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i] = (8.0 * (p1[i] - m1[i]) - (p2[i] - m2[i])) / (12.0 * h);
      solver.push_forward({c.probes, c.shift}, c.fields, direction, probe_direction, change);
      worst = std::max(worst, difference(change, expected));
      EXPECT_LT(difference(change, expected), 1e-6) << kerr << mixed;
    }
  std::printf("finite differences: %.2g\n", worst);
}

TEST(KerrSteadyState, BitsDependOnNeitherThreadsNorNeighbours) {
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    Case c = make_case(10, 0.8, true, 41, 60);
    const std::size_t modes = 10;
    KerrSteadyState one(c.network, options(true, precision, 1)),
        two(c.network, options(true, precision, 2));
    one.set_parameters(c.parameters);
    two.set_parameters(c.parameters);
    KerrFields again = c.fields, v = c.fields, w = c.fields;
    one.solve({c.probes, c.shift}, {}, c.fields);
    two.solve({c.probes, c.shift}, {}, again);
    EXPECT_EQ(c.fields, again);
    one.pull_back({c.probes, c.shift}, c.fields, c.probes, v);
    two.pull_back({c.probes, c.shift}, c.fields, c.probes, w);
    EXPECT_EQ(v, w);
    std::vector<double> g(c.parameters.size()), h = g;
    one.products(v, c.fields, g);
    two.products(v, c.fields, h);
    EXPECT_EQ(g, h);
    for (const std::size_t s : {std::size_t{0}, std::size_t{17}, std::size_t{40}}) {
      KerrFields alone(modes);
      one.solve({std::span(c.probes).subspan(s * modes, modes),
                 std::span<const double>(c.shift).subspan(s * modes, modes)},
                {}, alone);
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                             c.fields.begin() + static_cast<std::ptrdiff_t>(s * modes)));
    }
  }
}

TEST(KerrSteadyState, SinglePrecisionFollowsDouble) {
  Case c = make_case(10, 0.3, true, 21, 70);
  KerrSteadyState single(c.network, options(true, Precision::f32)), full(c.network, options(true));
  single.set_parameters(c.parameters);
  full.set_parameters(c.parameters);
  KerrFields a(c.fields), b(c.fields), v(c.fields), w(c.fields);
  check_settled(single.solve({c.probes, c.shift}, {}, a));
  check_settled(full.solve({c.probes, c.shift}, {}, b));
  EXPECT_LT(difference(a, b), 3e-6);
  check_settled(single.pull_back({c.probes, c.shift}, a, c.probes, v));
  check_settled(full.pull_back({c.probes, c.shift}, b, c.probes, w));
  EXPECT_LT(difference(v, w), 1e-5);
}

TEST(KerrSteadyState, BadInputIsRefused) {
  const KerrNetwork network = random_kerr_network(6, 0.2, false, 1);
  KerrSteadyState solver(network, options(true));
  EXPECT_THROW(solver.set_parameters(std::vector<double>(3)), InputError);
  EXPECT_THROW(solver.set_parameters(std::vector<double>(network.parameter_count(), std::nan(""))),
               InputError);
  KerrFields five(5), six(6);
  EXPECT_THROW(solver.solve({five, {}}, {}, five), InputError);
  EXPECT_THROW(solver.solve({six, {}}, {}, five), InputError);
  EXPECT_THROW(solver.solve({six, {}}, five, six), InputError);
  KerrSolverOptions wrong;
  wrong.tolerance = -1.0;
  EXPECT_THROW(KerrSteadyState(network, wrong), InputError);
  wrong = {};
  wrong.time = std::nan("");
  EXPECT_THROW(KerrSteadyState(network, wrong), InputError);
}

}  // namespace
}  // namespace wavesmith
