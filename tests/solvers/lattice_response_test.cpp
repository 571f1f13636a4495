// Lattices against springs and chains by hand, and their identities: reciprocity, transposes,
// power.
#include "solvers/lattice_response.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using test::expect_parts;
using test::message_of;

// Nodes on a line, one spring between neighbours; the first node is fixed.
ElasticLattice chain(const std::vector<double>& stiffness, double mass = 0.0) {
  ElasticLattice lattice;
  lattice.dimensions = 1;
  for (std::size_t n = 0; n <= stiffness.size(); ++n) {
    LatticeNode node;
    node.position = {0.1 * static_cast<double>(n), 0.0, 0.0};
    node.mass = mass;
    lattice.nodes.push_back(node);
    if (n > 0)
      lattice.bonds.push_back(
          {static_cast<int>(n) - 1, static_cast<int>(n), stiffness[n - 1], 0.0, false});
  }
  fix_node(lattice, 0);
  return lattice;
}

// Lattices of all kinds with random stiffness, mass and, where asked for, damping.
std::vector<ElasticLattice> random_lattices(bool damped) {
  std::vector<ElasticLattice> lattices;
  lattices.push_back(chain({1.0, 2.0, 3.0}));
  lattices.push_back(triangular_lattice(std::array{5, 4, 3, 2}, 16e-3));
  fix_node(lattices.back(), 0);
  lattices.back().nodes[4].fixed[1] = true;  // a roller
  lattices.push_back(square_lattice(4, 3, 0.01, Diagonals::both));
  fix_node(lattices.back(), 0);
  fix_node(lattices.back(), 3);
  // A tetrahedron with a tip that is pulled out of the middle, standing on three nodes.
  ElasticLattice solid;
  solid.dimensions = 3;
  for (const auto& at : {std::array{0.0, 0.0, 0.0},
                         {1.0, 0.1, 0.0},
                         {0.2, 0.9, 0.1},
                         {0.4, 0.3, 0.8},
                         {0.9, 0.8, 0.9}}) {
    LatticeNode node;
    node.position = at;
    solid.nodes.push_back(node);
  }
  for (int i = 0; i < 5; ++i)
    for (int j = i + 1; j < 5; ++j) solid.bonds.push_back({i, j, 1.0, 0.0, false});
  for (int n = 0; n < 3; ++n) fix_node(solid, n);
  cut_bonds(solid, std::array{8});
  lattices.push_back(solid);
  for (std::size_t l = 0; l < lattices.size(); ++l) {
    const Random random(7, l);
    std::uint64_t n = 0;
    for (LatticeBond& bond : lattices[l].bonds) {
      bond.stiffness = random.uniform(n++, 100.0, 170.0);
      if (damped) bond.damping = random.uniform(n++, 0.0, 0.2);
    }
    for (LatticeNode& node : lattices[l].nodes) {
      node.mass = random.uniform(n++, 0.5e-3, 2e-3);
      if (damped) node.damping = random.uniform(n++, 0.0, 0.1);
    }
  }
  return lattices;
}

template <class Scalar>
std::vector<Scalar> random_values(std::size_t count, std::uint64_t stream) {
  const Random random(3, stream);
  std::vector<Scalar> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto pair = random.normal_pair(i);
    if constexpr (std::is_same_v<Scalar, Complex>)
      values[i] = {pair[0], pair[1]};
    else
      values[i] = pair[0];
  }
  return values;
}

template <class Scalar>
std::vector<Scalar> solve(const LatticeResponse<Scalar>& response,
                          const std::vector<Scalar>& forces) {
  std::vector<Scalar> u(forces.size());
  const std::size_t size = response.lattice().displacement_count();
  response.solve(static_cast<int>(forces.size() / size), forces, u);
  return u;
}

// Re(sum a b): how cotangents pair with changes.
template <class Scalar>
double pairing(const std::vector<Scalar>& a, const std::vector<Scalar>& b) {
  Complex sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += Complex(a[i]) * Complex(b[i]);
  return sum.real();
}

TEST(LatticeResponse, SpringsInSeriesAndInParallel) {
  const std::vector<double> k{2.0, 5.0, 10.0};
  const LatticeResponse<double> series(chain(k));
  const auto u = solve<double>(series, {0.0, 0.0, 0.0, 3.0});
  EXPECT_NEAR(u[1], 3.0 / 2.0, 1e-14);
  EXPECT_NEAR(u[2], 3.0 / 2.0 + 3.0 / 5.0, 1e-14);
  EXPECT_NEAR(u[3], 3.0 * (1 / 2.0 + 1 / 5.0 + 1 / 10.0), 1e-14);
  ElasticLattice parallel = chain({2.0});
  parallel.bonds.push_back({1, 0, 7.0, 0.0, false});
  EXPECT_NEAR(solve<double>(LatticeResponse<double>(parallel), {1.0, 3.0})[1], 3.0 / 9.0, 1e-15);
  // Two struts at +-60 degrees under a load: k_y = 2 k sin^2(60), k_x = 2 k cos^2(60).
  ElasticLattice roof = triangular_lattice(std::array{2, 1}, 1.0);
  for (LatticeBond& bond : roof.bonds) bond.stiffness = 4.0;
  fix_node(roof, 0);
  fix_node(roof, 1);
  const auto moved = solve<double>(LatticeResponse<double>(roof), {9.0, 9.0, 9.0, 9.0, 1.0, -1.0});
  EXPECT_NEAR(moved[4], 1.0 / 2.0, 1e-14);
  EXPECT_NEAR(moved[5], -1.0 / 6.0, 1e-14);
  EXPECT_EQ(moved[0], 0.0);  // forces on a support move nothing
}

// w_m = 2 sqrt(k/m) sin(m pi / (2 (N + 1))) for N masses between two walls.
TEST(LatticeResponse, ChainOfEqualMassesHasItsFrequenciesAndDispersion) {
  constexpr int n = 9;
  const double k = 3.0, m = 0.2;
  ElasticLattice lattice = chain(std::vector<double>(n + 1, k), m);
  fix_node(lattice, n + 1);
  const LatticeModes modes = lattice_modes(lattice);
  ASSERT_EQ(modes.angular_frequencies.size(), static_cast<std::size_t>(n));
  for (int j = 1; j <= n; ++j) {
    const double expected = 2.0 * std::sqrt(k / m) * std::sin(j * std::numbers::pi / (2 * n + 2));
    EXPECT_NEAR(modes.angular_frequencies[static_cast<std::size_t>(j - 1)], expected,
                1e-13 * expected);
    // Mode j has the wave number j pi / (N + 1): the shape is its sine.
    const double* shape = modes.shapes.data() + (j - 1) * (n + 2);
    const double scale = shape[1] / std::sin(j * std::numbers::pi / (n + 1));
    EXPECT_NEAR(scale * scale * m * (n + 1) / 2.0, 1.0, 1e-12);  // unit modal mass
    for (int i = 0; i <= n + 1; ++i)
      EXPECT_NEAR(shape[i], scale * std::sin(j * i * std::numbers::pi / (n + 1)), 1e-12);
  }
  // Driven above the band the wave decays as (-1)^n e^{-q n}, cosh(q/2) = w / (2 sqrt(k/m)).
  const double w = 1.3 * 2.0 * std::sqrt(k / m), q = 2.0 * std::acosh(1.3);
  ElasticLattice longer = chain(std::vector<double>(60, k), m);
  fix_node(longer, 60);
  std::vector<double> forces(61);
  forces[30] = 1.0;
  const auto u = solve<double>(LatticeResponse<double>(longer, w), forces);
  for (std::size_t i = 30; i < 40; ++i) EXPECT_NEAR(u[i + 1] / u[i], -std::exp(-q), 1e-8) << i;
}

TEST(LatticeResponse, ADampedMassIsTheOscillatorOfTheTextbook) {
  ElasticLattice lattice = chain({50.0}, 0.3);
  lattice.bonds[0].damping = 0.4;
  lattice.nodes[1].damping = 0.1;
  for (const double w : {1.0, std::sqrt(50.0 / 0.3), 40.0}) {
    const auto u = solve<Complex>(LatticeResponse<Complex>(lattice, w), {0.0, {2.0, 1.0}});
    const Complex expected = Complex{2.0, 1.0} / Complex{50.0 - w * w * 0.3, -w * 0.5};
    EXPECT_NEAR(std::abs(u[1] - expected), 0.0, 1e-14 * std::abs(expected));
  }
}

// Modes and the response are found by different ways: u = sum over modes shape shape^T F / (W^2 -
// w^2).
TEST(LatticeResponse, IsTheSumOverItsModes) {
  for (const ElasticLattice& lattice : random_lattices(false)) {
    const LatticeModes modes = lattice_modes(lattice);
    const std::size_t size = lattice.displacement_count();
    const double w = 0.5 * (modes.angular_frequencies[0] + modes.angular_frequencies[1]);
    for (const double at : {0.0, w}) {
      const auto forces = random_values<double>(size, 1);
      const auto u = solve(LatticeResponse<double>(lattice, at), forces);
      std::vector<double> sum(size);
      for (std::size_t m = 0; m < modes.angular_frequencies.size(); ++m) {
        double part = 0.0;
        for (std::size_t i = 0; i < size; ++i) part += modes.shapes[m * size + i] * forces[i];
        part /= std::pow(modes.angular_frequencies[m], 2) - at * at;
        for (std::size_t i = 0; i < size; ++i) sum[i] += part * modes.shapes[m * size + i];
      }
      double largest = 0.0;
      for (const double value : u) largest = std::max(largest, std::abs(value));
      for (std::size_t i = 0; i < size; ++i) EXPECT_NEAR(u[i], sum[i], 1e-11 * largest);
    }
  }
}

template <class Scalar>
void check_identities(const ElasticLattice& lattice, double w, MatrixStorage storage) {
  const LatticeResponse<Scalar> response(lattice, w, storage);
  const std::size_t size = lattice.displacement_count(), bonds = lattice.bonds.size();
  const auto f = random_values<Scalar>(size, 11), g = random_values<Scalar>(size, 12);
  const auto u = solve(response, f), v = solve(response, g);
  // Maxwell and Betti: the work of one load along the displacements of the other.
  const double there = pairing(g, u), back = pairing(f, v);
  EXPECT_NEAR(there, back, 1e-12 * (std::abs(there) + std::abs(back)));
  // Elongations and their transpose.
  const auto e = random_values<Scalar>(bonds, 13);
  std::vector<Scalar> longer(bonds), pulled(size);
  response.elongations(1, f, longer);
  response.pull_back_elongations(1, e, pulled);
  EXPECT_NEAR(pairing(e, longer), pairing(pulled, f), 1e-12 * std::abs(pairing(pulled, f)) + 1e-14);

  // dL along random changes of every parameter and of the forces, against central differences of
  // fourth order in L = Re(g . u); two samples.
  std::vector<Scalar> both = f;
  both.insert(both.end(), g.begin(), g.end());
  const auto displacements = solve(response, both);
  const auto cotangent = random_values<Scalar>(2 * size, 14);
  LatticeGradient gradient;
  std::vector<Scalar> of_forces(2 * size);
  response.pull_back(2, displacements, cotangent, gradient, of_forces);
  const auto df = random_values<Scalar>(2 * size, 15);
  const bool damped = std::is_same_v<Scalar, Complex>;
  const Random random(5, 0);
  const auto moved = [&](double t, int which) {
    ElasticLattice changed = lattice;
    std::uint64_t n = 0;
    for (LatticeBond& bond : changed.bonds) {
      if (which == 0 || which == 4) bond.stiffness *= 1.0 + t * random.uniform(n, -1.0, 1.0);
      if (damped && (which == 1 || which == 4)) bond.damping *= 1.0 + t * random.uniform(n + 1);
      n += 2;
    }
    for (LatticeNode& node : changed.nodes) {
      if (which == 2 || which == 4) node.mass *= 1.0 + t * random.uniform(n, -1.0, 1.0);
      if (damped && (which == 3 || which == 4)) node.damping *= 1.0 + t * random.uniform(n + 1);
      n += 2;
    }
    return changed;
  };
  for (int which = 0; which <= 4; ++which) {
    const auto loss = [&](double t) {
      std::vector<Scalar> forces = both;
      if (which == 4)
        for (std::size_t i = 0; i < forces.size(); ++i) forces[i] += t * df[i];
      return pairing(cotangent,
                     solve(LatticeResponse<Scalar>(moved(t, which), w, storage), forces));
    };
    const ElasticLattice one = moved(1.0, which);
    double slope = which == 4 ? pairing(of_forces, df) : 0.0;
    for (std::size_t b = 0; b < bonds; ++b)
      slope += gradient.stiffness[b] * (one.bonds[b].stiffness - lattice.bonds[b].stiffness) +
               gradient.bond_damping[b] * (one.bonds[b].damping - lattice.bonds[b].damping);
    for (std::size_t n = 0; n < lattice.nodes.size(); ++n)
      slope += gradient.mass[n] * (one.nodes[n].mass - lattice.nodes[n].mass) +
               gradient.node_damping[n] * (one.nodes[n].damping - lattice.nodes[n].damping);
    const double h = 1e-3;
    const double difference =
        (8.0 * (loss(h) - loss(-h)) - (loss(2.0 * h) - loss(-2.0 * h))) / (12.0 * h);
    EXPECT_NEAR(slope, difference, 1e-6 * (std::abs(slope) + std::abs(difference)) + 1e-15)
        << which << " at " << w;
  }
}

TEST(LatticeResponse, IsReciprocalAndItsGradientsAreExact) {
  for (const MatrixStorage storage : {MatrixStorage::dense, MatrixStorage::sparse}) {
    for (const ElasticLattice& lattice : random_lattices(false)) {
      const LatticeModes modes = lattice_modes(lattice);
      check_identities<double>(lattice, 0.0, storage);
      check_identities<double>(
          lattice, 0.5 * (modes.angular_frequencies[0] + modes.angular_frequencies[1]), storage);
    }
    for (const ElasticLattice& lattice : random_lattices(true)) {
      const double lowest = lattice_modes(lattice).angular_frequencies[0];
      for (const double w : {0.0, 0.5 * lowest, lowest, 1.7 * lowest})
        check_identities<Complex>(lattice, w, storage);
    }
  }
}

TEST(LatticeResponse, DampersTakeOutWhatForcesPutIn) {
  for (const ElasticLattice& lattice : random_lattices(true)) {
    const double lowest = lattice_modes(lattice).angular_frequencies[0];
    for (const double w : {0.3 * lowest, lowest, 4.0 * lowest}) {
      const auto forces = random_values<Complex>(lattice.displacement_count(), 21);
      const auto u = solve(LatticeResponse<Complex>(lattice, w), forces);
      const double in = injected_power(forces, u, w), out = dissipated_power(lattice, u, w);
      EXPECT_GT(out, 0.0);
      EXPECT_NEAR(in, out, 1e-12 * out);
    }
  }
}

TEST(LatticeResponse, SparseAndDenseAgree) {
  ElasticLattice lattice = triangular_lattice(std::vector<int>(18, 18), 0.01);
  const Random random(2, 0);
  for (std::size_t b = 0; b < lattice.bonds.size(); ++b)
    lattice.bonds[b].stiffness = random.uniform(b, 100.0, 170.0);
  for (int n = 0; n < 18; ++n) fix_node(lattice, n);
  const auto forces = random_values<double>(lattice.displacement_count(), 31);
  const auto dense = solve(LatticeResponse<double>(lattice, 0.0, MatrixStorage::dense), forces);
  const auto sparse = solve(LatticeResponse<double>(lattice), forces);
  double norm = 0.0, of_sparse = 0.0;
  for (std::size_t i = 0; i < forces.size(); ++i) {
    norm += dense[i] * dense[i];
    of_sparse += std::pow(sparse[i] - dense[i], 2);
  }
  EXPECT_LT(std::sqrt(of_sparse / norm), 1e-12);
}

TEST(LatticeResponse, StiffnessSetLaterIsTheLattices) {
  ElasticLattice lattice = random_lattices(true)[1];
  LatticeResponse<Complex> response(lattice, 100.0);
  std::vector<double> stiffness;
  for (LatticeBond& bond : lattice.bonds) stiffness.push_back(bond.stiffness *= 1.2);
  response.set_stiffness(stiffness);
  const auto forces = random_values<Complex>(lattice.displacement_count(), 41);
  EXPECT_EQ(solve(response, forces), solve(LatticeResponse<Complex>(lattice, 100.0), forces));
  EXPECT_THROW(response.set_stiffness(std::vector<double>(3, 1.0)), InputError);
  stiffness[6] = -1.0;
  expect_parts(message_of<InputError>([&] { response.set_stiffness(stiffness); }), {"bond 7"});
}

// The message names the node that a floppy mode moves most.
TEST(LatticeResponse, MechanismsAndResonancesNameTheNode) {
  for (const MatrixStorage storage : {MatrixStorage::dense, MatrixStorage::sparse}) {
    const auto refused = [&](const ElasticLattice& lattice, double w = 0.0) {
      return message_of<InputError>([&] { LatticeResponse<double>(lattice, w, storage); });
    };
    // The middle of a straight string of three nodes moves freely sideways.
    ElasticLattice string = chain({1.0, 1.0});
    string.dimensions = 2;
    fix_node(string, 2);
    expect_parts(refused(string), {"mechanism", "node 2"});
    // A node without bonds.
    ElasticLattice loose = triangular_lattice(std::array{3, 2}, 0.01);
    fix_node(loose, 0);
    fix_node(loose, 2);
    EXPECT_NO_THROW(LatticeResponse<double>(loose, 0.0, storage));
    ElasticLattice cut = loose;
    cut_bonds(cut, std::array{2, 3, 6});  // all of node 4
    expect_parts(refused(cut), {"mechanism", "node 4"});
    ElasticLattice nothing = loose;
    for (LatticeBond& bond : nothing.bonds) bond.cut = true;
    expect_parts(refused(nothing), {"mechanism"});
    // A square frame without a diagonal falls over; a lattice that nobody holds drifts.
    ElasticLattice frame = square_lattice(2, 2, 1.0, Diagonals::none);
    fix_node(frame, 2);
    fix_node(frame, 3);
    expect_parts(refused(frame), {"mechanism"});
    expect_parts(refused(triangular_lattice(std::array{3, 2}, 0.01)), {"mechanism"});
    // A resonance, where the middle mass of three moves most; a damper makes it finite.
    ElasticLattice masses = chain({4.0, 4.0, 4.0, 4.0}, 1.0);
    fix_node(masses, 4);
    const double w = 4.0 * std::sin(std::numbers::pi / 8.0);
    expect_parts(refused(masses, w), {"resonance", "node 3", "Hz"});
    EXPECT_NO_THROW(LatticeResponse<double>(masses, 1.0001 * w, storage));
    masses.nodes[2].damping = 1e-3;
    EXPECT_NO_THROW(LatticeResponse<Complex>(masses, w, storage));
    expect_parts(refused(masses, w), {"node 3", "damping", "complex"});
  }
  ElasticLattice masses = chain({4.0});
  expect_parts(message_of<InputError>([&] { lattice_modes(masses); }), {"node 2", "mass"});
  expect_parts(message_of<InputError>([&] { LatticeResponse<double>(masses, -1.0); }),
               {"angular frequency"});
}

TEST(LatticeResponse, ALatticeThatCannotMoveStandsStill) {
  ElasticLattice lattice = triangular_lattice(std::array{2, 1}, 1.0);
  for (int n = 0; n < 3; ++n) fix_node(lattice, n);
  const LatticeResponse<double> response(lattice);
  EXPECT_EQ(solve<double>(response, {1, 2, 3, 4, 5, 6}), (std::vector<double>(6)));
  EXPECT_TRUE(lattice_modes(lattice).angular_frequencies.empty());
}

}  // namespace
}  // namespace wavesmith
