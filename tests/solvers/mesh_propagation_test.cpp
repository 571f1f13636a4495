#include "solvers/mesh_propagation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/random.hpp"
#include "solvers/mesh_decomposition.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

struct Case {
  MeshLayout layout;
  int ports, samples;
  bool screen;
};
const Case cases[] = {
    {MeshLayout::triangular, 2, 1, false},   {MeshLayout::triangular, 4, 5, true},
    {MeshLayout::rectangular, 3, 17, false}, {MeshLayout::rectangular, 6, 8, true},
    {MeshLayout::triangular, 9, 40, false},  {MeshLayout::rectangular, 16, 33, true}};

MeshImperfections rough() {
  MeshImperfections given;
  given.splitter_spread = 0.1;
  given.loss = 0.2;
  given.loss_spread = 0.3;
  given.seed = 5;
  return given;
}

std::vector<Complex> random_fields(std::size_t size, std::uint64_t stream) {
  const Random random(11, stream);
  std::vector<Complex> fields(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto pair = random.normal_pair(i);
    fields[i] = {pair[0], pair[1]};
  }
  return fields;
}

std::vector<double> random_values(std::size_t size, std::uint64_t stream) {
  const Random random(12, stream);
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = random.uniform(i, -3.0, 3.0);
  return values;
}

// Re(sum g y), the pairing of cotangents and fields.
double pairing(const std::vector<Complex>& g, const std::vector<Complex>& y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < g.size(); ++i) sum += (g[i] * y[i]).real();
  return sum;
}

double power(const std::vector<Complex>& fields) {
  double sum = 0.0;
  for (const Complex& f : fields) sum += std::norm(f);
  return sum;
}

TEST(MeshPropagation, HoldsTheUnitaryThatItWasProgrammedFor) {
  for (MeshLayout layout : {MeshLayout::triangular, MeshLayout::rectangular})
    for (int ports : {2, 5, 8, 64}) {
      const MziMesh mesh(layout, ports, true);
      const auto wanted = random_unitary(ports, 21);
      const auto phases = decompose_unitary(mesh, wanted).phases;
      MeshPropagation<double> fine{BuiltMesh(mesh)};
      MeshPropagation<float> coarse{BuiltMesh(mesh)};
      fine.set_phases(phases);
      coarse.set_phases(phases);
      const auto made = fine.matrix();
      const auto rough_made = coarse.matrix();
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_LT(std::abs(made[i] - wanted[i]), 1e-12);
        EXPECT_LT(std::abs(rough_made[i] - wanted[i]), 2e-5);
      }
    }
}

TEST(MeshPropagation, IsUnitaryWithoutLossWhateverItsCouplers) {
  MeshImperfections given;
  given.splitter_spread = 0.3;
  for (const Case& c : cases) {
    const BuiltMesh built(MziMesh(c.layout, c.ports, c.screen), given);
    MeshPropagation<double> mesh(built);
    mesh.set_phases(random_values(mesh.phase_count(), 1));
    EXPECT_LT(unitarity_error(c.ports, mesh.matrix()), 1e-13);
  }
}

// Uniform loss takes the same share of every light; what passes the taps of one column of shifters
// and the ports beside them is all the power there is.
TEST(MeshPropagation, PowerGoesWhereTheLossSays) {
  const double loss = 0.11;
  MeshImperfections given;
  given.loss = loss;
  for (const Case& c : cases) {
    const MziMesh description(c.layout, c.ports, c.screen);
    MeshPropagation<double> mesh{BuiltMesh(description, given)};
    mesh.set_phases(random_values(mesh.phase_count(), 2));
    auto fields = random_fields(static_cast<std::size_t>(c.ports * c.samples), 3);
    const double in = power(fields);
    mesh.cross(MeshWay::forward, fields);
    const double kept = std::pow(10.0, -loss / 10.0 * 2.0 * description.columns());
    EXPECT_NEAR(power(fields) / in, kept, 1e-13);
    if (c.screen) {
      EXPECT_NEAR(mesh.kept_before(description.output_phase(0)), kept, 1e-13);
    }
    EXPECT_NEAR(mesh.kept_before(description.phi(0)), std::pow(10.0, -loss / 10.0), 1e-13);
  }
}

// The energy balance with arms of different loss: what an arm takes is what passed behind it times
// (1 / kept - 1), and upper arms are tapped; lower arms and wires are lossless here.
TEST(MeshPropagation, EnergyBalanceWithUnevenLoss) {
  for (const Case& c : cases) {
    BuiltMesh built(MziMesh(c.layout, c.ports, c.screen));
    for (std::size_t i = 0; i < built.arm_losses.size(); i += 2)
      built.arm_losses[i] = 0.1 + 0.05 * static_cast<double>(i % 7);
    MeshPropagation<double> mesh(built);
    mesh.set_phases(random_values(mesh.phase_count(), 4));
    auto fields = random_fields(static_cast<std::size_t>(c.ports * c.samples), 5);
    const double in = power(fields);
    const auto taps = mesh.tapped(MeshWay::forward, fields);
    mesh.cross(MeshWay::forward, fields);
    double lost = 0.0;
    for (std::size_t s = 0; s < static_cast<std::size_t>(c.samples); ++s)
      for (std::size_t k = 0; k < built.mesh().mzi_count(); ++k)
        for (const auto& [phase, arm] :
             {std::pair{built.mesh().phi(k), 4 * k}, std::pair{built.mesh().theta(k), 4 * k + 2}})
          lost += std::norm(taps[s * mesh.phase_count() + phase]) *
                  (std::pow(10.0, built.arm_losses[arm] / 10.0) - 1.0);
    EXPECT_NEAR((power(fields) + lost) / in, 1.0, 1e-13);
  }
}

// <g, M x> = <M^T g, x> with loss and unequal couplers.
TEST(MeshPropagation, BackwardIsTheTranspose) {
  for (const Case& c : cases) {
    MeshPropagation<double> mesh{BuiltMesh(MziMesh(c.layout, c.ports, c.screen), rough())};
    mesh.set_phases(random_values(mesh.phase_count(), 6));
    const std::size_t size = static_cast<std::size_t>(c.ports * c.samples);
    const auto x = random_fields(size, 7), g = random_fields(size, 8);
    auto y = x, b = g;
    mesh.cross(MeshWay::forward, y);
    mesh.cross(MeshWay::backward, b);
    const double left = pairing(g, y), right = pairing(b, x);
    EXPECT_NEAR(left, right, 1e-12 * (std::abs(left) + std::abs(right) + 1.0));
  }
}

// By phases, by splitter angles and by inputs, against differences of fourth order.
TEST(MeshPropagation, PullBackAgreesWithDifferences) {
  for (const Case& c : cases) {
    BuiltMesh built(MziMesh(c.layout, c.ports, c.screen), rough());
    const std::size_t size = static_cast<std::size_t>(c.ports * c.samples);
    const auto phases = random_values(built.mesh().phase_count(), 9);
    const auto x = random_fields(size, 10), g = random_fields(size, 11);
    const auto phase_step = random_values(phases.size(), 12);
    const auto splitter_step = random_values(built.splitter_errors.size(), 13);
    const auto input_step = random_fields(size, 14);
    const auto value = [&](double h) {
      BuiltMesh moved = built;
      std::vector<double> at = phases;
      auto fields = x;
      for (std::size_t k = 0; k < at.size(); ++k) at[k] += h * phase_step[k];
      for (std::size_t k = 0; k < splitter_step.size(); ++k)
        moved.splitter_errors[k] += h * splitter_step[k];
      for (std::size_t k = 0; k < size; ++k) fields[k] += h * input_step[k];
      MeshPropagation<double> mesh(moved);
      mesh.set_phases(at);
      mesh.cross(MeshWay::forward, fields);
      return pairing(g, fields);
    };
    const double h = 1e-3;
    const double difference =
        (8.0 * (value(h) - value(-h)) - (value(2.0 * h) - value(-2.0 * h))) / (12.0 * h);

    MeshPropagation<double> mesh(built);
    mesh.set_phases(phases);
    std::vector<double> by_phases(phases.size()), by_splitters(splitter_step.size());
    auto cotangents = g;
    mesh.pull_back(x, cotangents, by_phases, by_splitters);
    double slope = pairing(cotangents, input_step);
    for (std::size_t k = 0; k < phases.size(); ++k) slope += by_phases[k] * phase_step[k];
    for (std::size_t k = 0; k < splitter_step.size(); ++k)
      slope += by_splitters[k] * splitter_step[k];
    EXPECT_NEAR(slope, difference, 1e-8 * (std::abs(slope) + std::sqrt(static_cast<double>(size))));

    // Without the splitters the rest is the same.
    std::vector<double> alone(phases.size());
    cotangents = g;
    mesh.pull_back(x, cotangents, alone);
    EXPECT_EQ(alone, by_phases);
  }
}

// The derivative of the fields by one phase is a field of its own: both sides without truncation.
TEST(MeshPropagation, PullBackIsTheTransposeOfTheTangent) {
  for (const Case& c : cases) {
    const BuiltMesh built(MziMesh(c.layout, c.ports, c.screen), rough());
    MeshPropagation<double> mesh(built);
    const auto phases = random_values(mesh.phase_count(), 15);
    const std::size_t size = static_cast<std::size_t>(c.ports * c.samples);
    const auto x = random_fields(size, 16), g = random_fields(size, 17);
    std::vector<double> gradient(phases.size());
    auto cotangents = g;
    mesh.set_phases(phases);
    mesh.pull_back(x, cotangents, gradient);
    double largest = 0.0, worst = 0.0;
    for (std::size_t k = 0; k < phases.size(); ++k) {
      // y depends on a phase as A + B e^{i phase}: dy/dphase = (y(+90 deg) - y(-90 deg)) / 2.
      double side[2];
      for (int sign : {0, 1}) {
        auto moved = phases;
        moved[k] += (sign == 0 ? 0.5 : -0.5) * 3.14159265358979323846;
        mesh.set_phases(moved);
        auto y = x;
        mesh.cross(MeshWay::forward, y);
        side[sign] = pairing(g, y);
      }
      largest = std::max(largest, std::abs(gradient[k]));
      worst = std::max(worst, std::abs(gradient[k] - 0.5 * (side[0] - side[1])));
    }
    EXPECT_LT(worst, 1e-12 * (largest + static_cast<double>(size)));
  }
}

TEST(MeshPropagation, TapsAreThoseOfBothWays) {
  // -Im(b f) from the tapped fields is what pull_back adds up.
  const MziMesh description(MeshLayout::rectangular, 5, true);
  MeshPropagation<double> mesh{BuiltMesh(description, rough())};
  mesh.set_phases(random_values(mesh.phase_count(), 18));
  const auto x = random_fields(5 * 3, 19), g = random_fields(5 * 3, 20);
  const auto f = mesh.tapped(MeshWay::forward, x), b = mesh.tapped(MeshWay::backward, g);
  std::vector<double> gradient(mesh.phase_count()), expected(mesh.phase_count());
  for (std::size_t s = 0; s < 3; ++s)
    for (std::size_t k = 0; k < expected.size(); ++k)
      expected[k] -= (b[s * expected.size() + k] * f[s * expected.size() + k]).imag();
  auto cotangents = g;
  mesh.pull_back(x, cotangents, gradient);
  for (std::size_t k = 0; k < expected.size(); ++k)
    EXPECT_NEAR(gradient[k], expected[k], 1e-13 * 15);
}

TEST(MeshPropagation, SameBitsForAnyNumberOfThreads) {
  const MziMesh description(MeshLayout::triangular, 8);
  MeshPropagation<float> mesh{BuiltMesh(description, rough())};
  mesh.set_phases(random_values(mesh.phase_count(), 21));
  const std::size_t size = 8 * 500;
  const auto x = random_fields(size, 22), g = random_fields(size, 23);
  std::vector<double> first, sums(mesh.phase_count());
  std::vector<Complex> first_cotangents;
  for (int threads : {1, 2, 3, 7}) {
    std::fill(sums.begin(), sums.end(), 0.0);
    auto cotangents = g;
    mesh.pull_back(x, cotangents, sums, {}, threads);
    if (threads == 1) {
      first = sums;
      first_cotangents = cotangents;
    }
    EXPECT_EQ(sums, first) << threads;
    EXPECT_EQ(cotangents, first_cotangents) << threads;
  }
}

TEST(MeshPropagation, RefusesBatchesThatDoNotFit) {
  MeshPropagation<double> mesh{BuiltMesh(MziMesh(MeshLayout::triangular, 4))};
  auto fields = random_fields(7, 1);
  EXPECT_THROW(mesh.cross(MeshWay::forward, fields), InputError);
  EXPECT_THROW(mesh.set_phases(std::vector<double>(3)), InputError);
}

}  // namespace
}  // namespace wavesmith
