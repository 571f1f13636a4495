// Circuits: three ways to solve them agree, they keep reciprocity and energy, rings and lattices
// have their textbook responses, and derivatives are exact transposes.
#include "solvers/circuit_solver.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/circuit_components.hpp"
#include "physics/scattering_table.hpp"
#include "physics/touchstone.hpp"
#include "solvers/star_product.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

using Numbers = std::map<std::string, double>;

void add(Circuit& circuit, const std::string& kind, const std::string& name, Numbers numbers) {
  circuit.add(name,
              make_circuit_component(
                  kind, {.name = name, .numbers = std::move(numbers), .texts = {}, .folder = {}}));
}

Numbers guide(double length, double loss = 0.0) {
  return {{"length", length},   {"effective_index", 2.4},          {"group_index", 4.2},
          {"dispersion", 5e-4}, {"reference_wavelength", 1.55e-6}, {"loss", loss}};
}

// Couplers, guides, mirrors and a crossing in loops: waves go both ways through everything.
Circuit tangle(double loss) {
  Circuit c;
  add(c, "coupler", "c1", {{"ratio", 0.3}, {"loss", 0.1 * loss}});
  add(c, "coupler", "c2", {{"ratio", 0.6}, {"loss", 0.2 * loss}});
  add(c, "mirror", "m1", {{"reflectivity", 0.2}});
  add(c, "mirror", "m2", {{"reflectivity", 0.4}});
  add(c, "waveguide", "g1", guide(40e-6, 300 * loss));
  add(c, "waveguide", "g2", guide(63e-6, 200 * loss));
  add(c, "mzi", "z", {{"theta", 0.8}, {"phi", 0.3}, {"error1", 0.02}, {"loss", 0.1 * loss}});
  add(c, "ring", "r", [&] {
    Numbers n = guide(80e-6, 400 * loss);
    n["ratio"] = 0.2;
    n["ratio2"] = 0.3;
    return n;
  }());
  add(c, "crossing", "x", loss > 0 ? Numbers{{"loss", 0.1}, {"crosstalk", -30}} : Numbers{});
  add(c, "phase_shifter", "p", {{"phase", 0.7}, {"loss", 0.05 * loss}});
  add(c, "attenuator", "a", {{"attenuation", 0.3 * loss}});
  add(c, "terminator", "t", {{"reflectivity", 1.0 - 0.3 * loss}, {"phase", 0.5}});
  c.join("c1.out1", "g1.in");
  c.join("g1.out", "m1.in");
  c.join("m1.out", "c2.in1");
  c.join("c2.out1", "p.in");
  c.join("p.out", "c1.in2");  // a loop
  c.join("c1.out2", "z.in1");
  c.join("z.out1", "g2.in");
  c.join("g2.out", "m2.in");
  c.join("m2.out", "r.in");
  c.join("r.drop", "x.in1");
  c.join("x.out1", "z.in2");  // another one
  c.join("r.through", "x.in2");
  c.join("x.out2", "a.in");
  c.join("z.out2", "t.in");
  c.expose("in", "c1.in1");
  c.expose("cross", "c2.in2");
  c.expose("bar", "c2.out2");
  c.expose("add", "r.add");
  c.expose("out", "a.out");
  return c;
}

std::vector<double> frequencies(std::size_t count = 9) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(192.9e12 + 0.137e12 * static_cast<double>(i));
  return values;
}

double distance(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  EXPECT_EQ(a.size(), b.size());
  double worst = 0.0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

Complex entry(const std::vector<Complex>& s, std::size_t n, std::size_t f, std::size_t to,
              std::size_t from) {
  return s[(f * n + to) * n + from];
}

TEST(CircuitSolver, EveryWayToSolveGivesTheSame) {
  for (const double loss : {0.0, 1.0}) {
    const Circuit circuit = tangle(loss);
    const std::vector<double> p = circuit.parameters();
    const auto solved = [&](CircuitMethod method, std::size_t sparse_from, int threads) {
      return CircuitSolver(circuit, frequencies(), {method, sparse_from, threads});
    };
    const auto direct = solved(CircuitMethod::direct, 1000, 1).solve(p);
    const double star = distance(direct, solved(CircuitMethod::star, 1000, 1).solve(p)),
                 dense = distance(direct, solved(CircuitMethod::elimination, 1000, 1).solve(p)),
                 sparse = distance(direct, solved(CircuitMethod::elimination, 0, 1).solve(p));
    std::printf("against the direct solve: star %.1e, dense %.1e, sparse %.1e\n", star, dense,
                sparse);
    EXPECT_LT(star, 1e-12);
    EXPECT_LT(dense, 1e-12);
    EXPECT_LT(sparse, 1e-12);
    EXPECT_EQ(solved(CircuitMethod::elimination, 48, 1).solve(p),
              solved(CircuitMethod::elimination, 48, 2).solve(p));
    EXPECT_LT(distance(solved(CircuitMethod::direct, 48, 1).waves(p),
                       solved(CircuitMethod::elimination, 48, 1).waves(p)),
              1e-12);
  }
}

TEST(CircuitSolver, ReciprocityAndEnergy) {
  for (const double loss : {0.0, 1.0}) {
    const Circuit circuit = tangle(loss);
    const std::vector<double> p = circuit.parameters();
    const CircuitSolver solver(circuit, frequencies());
    const std::vector<Complex> s = solver.solve(p), waves = solver.waves(p);
    const std::size_t n = circuit.external_names().size(), ports = circuit.port_count();
    for (std::size_t f = 0; f < solver.frequencies().size(); ++f)
      for (std::size_t from = 0; from < n; ++from) {
        double out = 0.0;
        for (std::size_t to = 0; to < n; ++to) {
          out += std::norm(entry(s, n, f, to, from));
          EXPECT_LT(std::abs(entry(s, n, f, to, from) - entry(s, n, f, from, to)), 1e-13);
        }
        // What does not come out is lost in the components: in minus out of each of them.
        double lost = 0.0;
        for (std::size_t port = 0; port < ports; ++port) {
          const auto outgoing = [&](std::size_t at) { return waves[(f * ports + at) * n + from]; };
          const std::size_t partner = circuit.partner(port);
          const Complex incoming = partner != Circuit::none                 ? outgoing(partner)
                                   : circuit.external_ports()[from] == port ? Complex(1.0)
                                                                            : Complex();
          lost += std::norm(incoming) - std::norm(outgoing(port));
        }
        EXPECT_NEAR(out + lost, 1.0, 1e-12);
        if (loss == 0.0) {
          EXPECT_NEAR(out, 1.0, 1e-12);
        } else {
          EXPECT_LT(out, 0.999);
        }
      }
  }
}

// A ring of two couplers and two guides is the component `ring`.
TEST(CircuitSolver, RingOfItsPartsIsTheRing) {
  const double k1 = 0.15, k2 = 0.08, length = 94.7e-6, loss = 250;
  Circuit c;
  add(c, "coupler", "lower", {{"ratio", k1}});
  add(c, "coupler", "upper", {{"ratio", k2}});
  add(c, "waveguide", "right", guide(0.5 * length, loss));
  add(c, "waveguide", "left", guide(0.5 * length, loss));
  c.join("lower.out2", "right.in");
  c.join("right.out", "upper.in2");
  c.join("upper.out2", "left.in");
  c.join("left.out", "lower.in2");
  c.expose("in", "lower.in1");
  c.expose("through", "lower.out1");
  c.expose("add", "upper.in1");
  c.expose("drop", "upper.out1");
  Circuit whole;
  Numbers numbers = guide(length, loss);
  numbers["ratio"] = k1;
  numbers["ratio2"] = k2;
  add(whole, "ring", "ring", numbers);
  for (const char* port : {"in", "through", "add", "drop"})
    whole.expose(port, std::string("ring.") + port);
  const std::vector<double> f = frequencies(200);
  EXPECT_LT(distance(CircuitSolver(c, f).solve(c.parameters()),
                     CircuitSolver(whole, f).solve(whole.parameters())),
            1e-12);
}

// Rows (m[0], m[1]) and (m[2], m[3]).
using Matrix2 = std::array<Complex, 4>;
Matrix2 times(const Matrix2& l, const Matrix2& r) {
  return {l[0] * r[0] + l[1] * r[2], l[0] * r[1] + l[1] * r[3], l[2] * r[0] + l[3] * r[2],
          l[2] * r[1] + l[3] * r[3]};
}

// Chains of lattice filters: products of two by two matrices, in order.
TEST(CircuitSolver, ChainOfFiftyComponents) {
  Circuit c;
  Matrix2 product = {1.0, 0.0, 0.0, 1.0};
  const double f = 193e12;
  const Random random(4, 0);
  std::string before;
  for (std::uint64_t i = 0; i < 25; ++i) {
    const std::string z = "z" + std::to_string(i), g = "g" + std::to_string(i);
    const double theta = random.uniform(2 * i, 0, 2 * pi),
                 length = 1e-6 * random.uniform(2 * i + 1);
    add(c, "mzi", z, {{"theta", theta}});
    add(c, "waveguide", g, {{"length", length}, {"effective_index", 2.0}});
    c.join(z + ".out1", g + ".in");
    if (i > 0) {
      c.join(before + ".out2", z + ".in2");
      c.join("g" + std::to_string(i - 1) + ".out", z + ".in1");
    }
    before = z;
    const Complex turn = std::polar(1.0, 4 * pi * f * length / speed_of_light);
    const double h = std::sqrt(0.5);
    const Matrix2 half = {h, Complex(0, h), Complex(0, h), h},
                  arm = {std::polar(1.0, theta), 0.0, 0.0, 1.0}, delay = {turn, 0.0, 0.0, 1.0};
    product = times(delay, times(half, times(arm, times(half, product))));
  }
  c.expose("in1", "z0.in1");
  c.expose("in2", "z0.in2");
  c.expose("out1", "g24.out");
  c.expose("out2", "z24.out2");
  for (const auto method :
       {CircuitMethod::elimination, CircuitMethod::star, CircuitMethod::direct}) {
    const std::vector<Complex> s = CircuitSolver(c, {f}, {method}).solve(c.parameters());
    for (int i : {0, 1})
      for (int j : {0, 1})
        EXPECT_LT(
            std::abs(entry(s, 4, 0, static_cast<std::size_t>(2 + i), static_cast<std::size_t>(j)) -
                     product[static_cast<std::size_t>(2 * i + j)]),
            1e-12);
  }
}

PortMatrix random_unitary(Eigen::Index n, std::uint64_t seed) {
  const Random random(seed, 0);
  PortMatrix m(n, n);
  for (Eigen::Index i = 0; i < m.size(); ++i) {
    const auto pair = random.normal_pair(static_cast<std::uint64_t>(i));
    m.data()[i] = {pair[0], pair[1]};
  }
  // Columns made orthogonal twice, which is enough to rounding.
  for (Eigen::Index c = 0; c < 2 * n; ++c) {
    const Eigen::Index j = c % n;
    for (Eigen::Index i = 0; i <= j; ++i) {
      Complex along;
      for (Eigen::Index k = 0; k < n; ++k) along += std::conj(m(k, i)) * m(k, j);
      for (Eigen::Index k = 0; k < n; ++k)
        m(k, j) = i == j ? m(k, j) / std::sqrt(along.real()) : m(k, j) - along * m(k, i);
    }
  }
  return m;
}

TEST(StarProduct, OfUnitariesIsUnitaryAndAssociative) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const PortMatrix a = random_unitary(5, 3 * seed), b = random_unitary(6, 3 * seed + 1),
                     c = random_unitary(4, 3 * seed + 2);
    const PortMatrix ab = star_product(a, b, 3), left = star_product(ab, c, 2),
                     right = star_product(a, star_product(b, c, 2), 3);
    double unitary = 0.0, associative = 0.0;
    for (Eigen::Index i = 0; i < left.rows(); ++i)
      for (Eigen::Index j = 0; j < left.cols(); ++j) {
        Complex product = i == j ? -1.0 : 0.0;
        for (Eigen::Index k = 0; k < left.rows(); ++k)
          product += std::conj(left(k, i)) * left(k, j);
        unitary = std::max(unitary, std::abs(product));
        associative = std::max(associative, std::abs(left(i, j) - right(i, j)));
      }
    EXPECT_LT(unitary, 1e-11);
    EXPECT_LT(associative, 1e-11);
    // Joined through one large matrix instead.
    const PortMatrix within = join_within(star_product(a, b, 0), {{2, 5}, {3, 6}, {4, 7}});
    double same = 0.0;
    for (Eigen::Index i = 0; i < ab.size(); ++i)
      same = std::max(same, std::abs(within.data()[i] - ab.data()[i]));
    EXPECT_LT(same, 1e-11);
  }
}

struct Draws {
  std::vector<Complex> values;
  Draws(std::size_t count, std::uint64_t seed) {
    const Random random(seed, 1);
    for (std::size_t i = 0; i < count; ++i)
      values.emplace_back(random.uniform(2 * i, -1, 1), random.uniform(2 * i + 1, -1, 1));
  }
};

double product(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::real(std::conj(a[i]) * b[i]);
  return sum;
}

std::vector<double> direction_of(std::size_t count, std::uint64_t seed,
                                 const std::vector<double>& parameters) {
  const Random random(seed, 2);
  std::vector<double> direction(count);
  // Of the size of each parameter, so that none hides the others.
  for (std::size_t i = 0; i < count; ++i)
    direction[i] = random.uniform(i, -1, 1) * (parameters[i] == 0.0 ? 1.0 : parameters[i]);
  return direction;
}

TEST(CircuitSolver, PullBackIsTheTransposeOfPushForward) {
  const Circuit circuit = tangle(1.0);
  const std::vector<double> p = circuit.parameters();
  for (const std::size_t sparse_from : {std::size_t{0}, std::size_t{1000}}) {
    const CircuitSolver solver(circuit, frequencies(70),
                               {CircuitMethod::elimination, sparse_from, 2});
    double worst = 0.0;
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const std::vector<double> direction = direction_of(p.size(), seed, p);
      const std::vector<Complex> change = solver.push_forward(p, direction);
      const Draws cotangent(change.size(), seed);
      std::vector<double> gradient(p.size());
      solver.pull_back_waves(p, cotangent.values, gradient);
      double right = 0.0, scale = 0.0;
      for (std::size_t i = 0; i < p.size(); ++i) {
        right += gradient[i] * direction[i];
        scale += std::abs(gradient[i] * direction[i]);
      }
      const double left = product(cotangent.values, change);
      worst = std::max(worst, std::abs(left - right) / std::max(scale, std::abs(left)));
    }
    std::printf("dot product (%s): %.1e\n", sparse_from == 0 ? "sparse" : "dense", worst);
    EXPECT_LT(worst, 1e-12);
  }
}

// Differences of fourth order along each parameter alone and along all of them.
TEST(CircuitSolver, PullBackAgainstDifferences) {
  const Circuit circuit = tangle(1.0);
  const std::vector<double> p = circuit.parameters();
  const CircuitSolver solver(circuit, frequencies(5));
  const Draws target(solver.solve(p).size(), 5);
  const auto loss = [&](const std::vector<double>& at) {
    double sum = 0.0;
    const std::vector<Complex> s = solver.solve(at);
    for (std::size_t i = 0; i < s.size(); ++i) sum += std::norm(s[i] - target.values[i]);
    return sum;
  };
  std::vector<Complex> cotangent = solver.solve(p);
  for (std::size_t i = 0; i < cotangent.size(); ++i)
    cotangent[i] = 2.0 * (cotangent[i] - target.values[i]);
  std::vector<double> gradient(p.size());
  solver.pull_back(p, cotangent, gradient);
  double worst = 0.0;
  const auto compare = [&](const std::vector<double>& direction, const std::string& name) {
    double along = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) along += gradient[i] * direction[i];
    // A change of the loss by about a thousandth.
    const double h = 1e-3 / std::max(std::abs(along), 1.0);
    const auto at = [&](double steps) {
      std::vector<double> moved = p;
      for (std::size_t i = 0; i < p.size(); ++i) moved[i] += steps * h * direction[i];
      return loss(moved);
    };
    const double difference = (8.0 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12.0 * h);
    const double error = std::abs(along - difference) / std::max(std::abs(along), 1e-2);
    worst = std::max(worst, error);
    EXPECT_LT(error, 1e-6) << name;
  };
  for (std::size_t i = 0; i < p.size(); ++i) {
    std::vector<double> alone(p.size());
    const bool is_length = circuit.parameter_names()[i].ends_with("length");
    alone[i] = is_length ? 1e-6 : p[i] == 0.0 ? 1e-2 : p[i];
    compare(alone, circuit.parameter_names()[i]);
  }
  std::vector<double> all = direction_of(p.size(), 9, p);
  for (std::size_t i = 0; i < p.size(); ++i)
    if (circuit.parameter_names()[i].ends_with("length")) all[i] = 1e-7;
  compare(all, "all");
  std::printf("differences: worst %.1e\n", worst);
}

TEST(CircuitSolver, LoopWithoutLossAtResonanceNamesItsComponents) {
  for (const std::size_t sparse_from : {std::size_t{0}, std::size_t{1000}}) {
    Circuit c;
    add(c, "coupler", "tap", {{"ratio", 0.0}});
    add(c, "waveguide", "loop", {{"length", 10e-6}, {"effective_index", 1.5}});
    add(c, "coupler", "other", {{"ratio", 0.4}});
    c.join("tap.out2", "loop.in");
    c.join("loop.out", "tap.in2");
    c.join("tap.out1", "other.in1");
    c.expose("in", "tap.in1");
    c.expose("out", "other.out1");
    // Ten waves around.
    const CircuitSolver solver(c, {190e12, speed_of_light / 1.5e-6},
                               {CircuitMethod::elimination, sparse_from, 1});
    try {
      solver.solve(c.parameters());
      ADD_FAILURE() << "was solved";
    } catch (const NumericsError& error) {
      const std::string message = error.what();
      for (const char* part : {"tap, loop without loss", "199.861639 THz", "resonance"})
        EXPECT_NE(message.find(part), std::string::npos) << message;
      EXPECT_EQ(message.find("other"), std::string::npos) << message;
    }
    // A little loss, or a little way off, and it is solved.
    std::vector<double> p = c.parameters();
    p[6] = 1.0;  // loop.loss [dB/m]
    EXPECT_EQ(c.parameter_names()[6], "loop.loss");
    EXPECT_NO_THROW(solver.solve(p));
  }
  Circuit ring;
  add(ring, "ring", "r", {{"length", 10e-6}, {"effective_index", 1.5}, {"ratio", 0.0}});
  ring.expose("in", "r.in");
  // One wave around whose phase is a whole turn to the last bit.
  std::vector<double> p = ring.parameters();
  p[1] = 0.0;
  try {
    CircuitSolver(ring, {2e14}).solve(p);
    ADD_FAILURE() << "was solved";
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("component r is not finite"), std::string::npos)
        << error.what();
  }
}

// What one circuit gives, another one takes as a component, through both kinds of file.
TEST(CircuitSolver, CircuitAsAComponentThroughAFile) {
  const test::TemporaryFolder folder;
  const Circuit inner = tangle(1.0);
  ScatteringTable table;
  table.ports = inner.external_names().size();
  table.frequencies = frequencies();
  table.s = CircuitSolver(inner, table.frequencies).solve(inner.parameters());
  write_touchstone(table, folder / "inner.s5p");
  write_scattering_csv(table, folder / "inner.csv");
  for (const char* file : {"inner.s5p", "inner.csv"}) {
    Circuit outer;
    outer.add("device", make_circuit_component(
                            "device", {.name = "device",
                                       .numbers = {},
                                       .texts = {{"file", file}, {"ports", "a, b, c, d, e"}},
                                       .folder = folder.path()}));
    add(outer, "phase_shifter", "turn", {{"phase", 0.4}});
    outer.join("device.e", "turn.in");
    for (const char* name : {"a", "b", "c", "d"}) outer.expose(name, std::string("device.") + name);
    outer.expose("e", "turn.out");
    const std::vector<Complex> s =
        CircuitSolver(outer, table.frequencies).solve(outer.parameters());
    std::vector<Complex> expected = table.s;
    for (std::size_t f = 0; f < table.frequencies.size(); ++f)
      for (std::size_t i = 0; i < 5; ++i)
        for (std::size_t j = 0; j < 5; ++j)
          expected[(f * 5 + i) * 5 + j] *=
              std::polar(1.0, 0.4 * (static_cast<double>(i == 4) + static_cast<double>(j == 4)));
    EXPECT_LT(distance(s, expected), 1e-14);
    // Out of the file's band.
    try {
      CircuitSolver(outer, {100e12});
      ADD_FAILURE() << "was accepted";
    } catch (const InputError& error) {
      const std::string message = error.what();
      for (const char* part : {"component device", "192.9 THz to 193.996 THz", "100 THz"})
        EXPECT_NE(message.find(part), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace wavesmith
