// Derivatives from fields that are marched backward in time: the same as from stored ones.
#include <gtest/gtest.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "physics/solids.hpp"
#include "solvers/bloch_march.hpp"
#include "solvers/place_geometry.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

const GradientMemory store{MemoryMode::store}, reverse{MemoryMode::reverse};

// Difference of everything that two derivatives have, relative to the largest of each kind.
double worst_difference(const TimeDomainGradient& a, const TimeDomainGradient& b) {
  double worst = 0.0;
  const auto compare = [&](const std::vector<double>& x, const std::vector<double>& y) {
    ASSERT_EQ(x.size(), y.size());
    double largest = 0.0, off = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      largest = std::max(largest, std::abs(x[i]));
      off = std::max(off, std::abs(x[i] - y[i]));
    }
    if (largest > 0.0) worst = std::max(worst, off / largest);
  };
  for (std::size_t c = 0; c < 3; ++c) {
    compare(a.coefficient[c], b.coefficient[c]);
    compare(a.second_coefficient[c], b.second_coefficient[c]);
    std::vector<double> x, y;
    for (const auto& pair : a.off_diagonal[c]) x.insert(x.end(), pair.begin(), pair.end());
    for (const auto& pair : b.off_diagonal[c]) y.insert(y.end(), pair.begin(), pair.end());
    compare(x, y);
  }
  for (std::size_t c = 0; c < 6; ++c) {
    compare(a.decay[c], b.decay[c]);
    compare(a.initial[c], b.initial[c]);
  }
  for (std::size_t s = 0; s < a.signals.size(); ++s) compare(a.signals[s], b.signals[s]);
  return worst;
}

// A scene whose design region has neither conductivity nor poles; what is around it keeps them.
TimeDomainSetup lossless_inside(const Scene& scene, const GridBox& design) {
  TimeDomainSetup setup = setup_of(scene, 5);
  const LeapfrogSize size =
      make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes, 1.0, setup.dt).size;
  for (auto& decay : setup.decay)
    for (int k = design.begin[2]; k < design.end[2] && !decay.empty(); ++k)
      for (int j = design.begin[1]; j < design.end[1]; ++j)
        for (int i = design.begin[0]; i < design.end[0]; ++i) decay[size.index(i, j, k)] = 1.0;
  std::erase_if(setup.poles, [&](const PoleField& pole) { return overlap(pole.box, design); });
  return setup;
}

// Boxes that leave out absorbing layers: in the middle, and as far as walls, mirrors and periods.
std::vector<GridBox> designs_of(const Scene& scene, const LeapfrogSize& size) {
  GridBox widest{{}, size.points}, middle = design_of(size);
  for (std::size_t d = 0; d < 3; ++d) {
    if (scene.faces[d][0] == absorbing) widest.begin[d] = 5;
    if (scene.faces[d][1] == absorbing) widest.end[d] -= 5;
  }
  GridBox part = widest;  // of a period, over its end
  for (std::size_t d = 0; d < 3; ++d)
    if (scene.faces[d][0] == periodic) part.begin[d] = 3;
  return {middle, widest, part};
}

TEST(ReverseGradient, IsThatOfStoredFields) {
  const GradientWants wants{true, true, false, true};
  for (const Scene& scene : scenes()) {
    const LeapfrogSize size = TimeDomain(setup_of(scene, 5)).size();
    for (const GridBox& design : designs_of(scene, size))
      for (const Precision precision : {Precision::f32, Precision::f64})
        for (const long steps : {1L, 2L, 90L}) {
          TimeDomainSetup setup = lossless_inside(scene, design);
          setup.precision = precision;
          setup.schedule.threads = 1;
          TimeDomain march(setup);
          const TimeDomainGradient stored =
              march.pull_back(steps, design, loss_cotangents, store, wants);
          const TimeDomainData seen = data_of(march);
          const TimeDomainGradient back =
              march.pull_back(steps, design, loss_cotangents, reverse, wants);
          EXPECT_EQ(data_of(march).spectra, seen.spectra);
          EXPECT_EQ(data_of(march).records, seen.records);
          const double difference = worst_difference(stored, back);
          if (steps == 90)
            std::printf("%s, f%d: %.1e, fields %.1e, %s\n", scene.name,
                        precision == Precision::f32 ? 32 : 64, difference, back.error_estimate,
                        back.plan.text().c_str());
          EXPECT_LT(difference, precision == Precision::f32 ? 3e-5 : 1e-13) << scene.name;
        }
  }
}

// Thousands of steps, close to the largest stable one: a wave that leaves, and one that stays
// between walls.
TEST(ReverseGradient, RoundingAddsUpLikeRandomSteps) {
  for (const bool closed : {false, true})
    for (const Precision precision : {Precision::f32, Precision::f64})
      for (const long steps : {500L, 8000L}) {
        const Boundary face = closed ? wall : absorbing;
        const Scene scene{"", WaveSystem::scalar, {24, 22, 1}, {{{face, face}, {face, face}, {}}}};
        const GridBox design{{5, 6, 0}, {18, 16, 1}};
        TimeDomainSetup setup = lossless_inside(scene, design);
        for (auto& decay : setup.decay) decay.clear();
        setup.dt = 0.999 * courant_limit(setup.grid, 1.0);
        setup.precision = precision;
        setup.schedule.threads = 1;
        TimeDomain march(setup);
        const TimeDomainGradient stored = march.pull_back(steps, design, loss_cotangents, store);
        const TimeDomainGradient back = march.pull_back(steps, design, loss_cotangents, reverse);
        const double difference = worst_difference(stored, back);
        std::printf("%s, f%d, %ld steps: fields %.1e, expected %.1e, derivative %.1e\n",
                    closed ? "closed" : "open", precision == Precision::f32 ? 32 : 64, steps,
                    back.error_estimate, back.plan.field_error, difference);
        EXPECT_LT(back.error_estimate, 2.0 * back.plan.field_error);
        EXPECT_LT(difference, precision == Precision::f32 ? 1e-4 : 1e-12);
      }
}

// A ball on a grid of light that the faces of the design region cut: tensor links cross them.
TEST(ReverseGradient, OffDiagonalElementsMayCrossTheFaces) {
  TimeDomainSetup setup;
  setup.grid.axes = {uniform_axis(-8.0, 8.0, 16), uniform_axis(-8.0, 8.0, 16),
                     uniform_axis(-7.0, 7.0, 14)};
  setup.boundaries.faces = {{{absorbing, absorbing}, {periodic, periodic}, {mirror, absorbing}}};
  setup.boundaries.layer = {4, 3.0, 1e-4, 1.0, 0.0};
  TimeDomainSetup si = setup;
  si.dt = 0.8 * courant_limit(si.grid, si.speed);
  Geometry geometry;
  geometry.add(std::make_shared<BallSolid>(Vec3{0.3, -0.4, -2.1}, 4.2), 1);
  std::vector<LightMaterial> materials(2);
  materials[1].medium.eps_inf = 6.0;
  GeometryOnGrid(si, Equations::maxwell, geometry).place(si, materials);
  setup = si;
  const double f = 0.08 * speed_of_light;
  const auto signal = [burst = burst(0.08)](int rank, double t) {
    return burst(rank, t * speed_of_light);
  };
  setup.sources.push_back({2, {{6, 7, 6}, {8, 9, 7}}, 1, {1.0, 0.5, -0.4, 0.8}, signal});
  // A number for every point, some of them in the design region.
  TimeSource filled{4, {{4, 9, 5}, {6, 11, 7}}, 0, {}, {}, {}};
  filled.fill = [signal](double t, std::span<double> values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = signal(0, t) * std::cos(static_cast<double>(i));
  };
  setup.sources.push_back(filled);
  setup.monitors.push_back({0, {{9, 5, 8}, {11, 8, 9}}, {f, 1.4 * f}, 1});
  setup.time_monitors.push_back({1, {{5, 5, 5}, {8, 8, 8}}, 2, {2, 1, 2}});
  GradientWants wants;
  wants.second_group = wants.decay = wants.initial = true;
  const GridBox cut{{5, 3, 0}, {9, 9, 8}}, whole_period{{5, 0, 2}, {10, 16, 9}};
  for (const GridBox& design : {cut, whole_period, GridBox{{6, 9, 3}, {7, 16, 9}}})
    for (const Precision precision : {Precision::f32, Precision::f64}) {
      setup.precision = precision;
      TimeDomain march(setup);
      const TimeDomainGradient stored = march.pull_back(150, design, loss_cotangents, store, wants);
      const TimeDomainGradient back = march.pull_back(150, design, loss_cotangents, reverse, wants);
      const double difference = worst_difference(stored, back);
      std::printf("%.1e, fields %.1e, %s\n", difference, back.error_estimate,
                  back.plan.text().c_str());
      EXPECT_LT(difference, precision == Precision::f32 ? 3e-5 : 1e-12);
      EXPECT_LT(back.error_estimate, 2.0 * back.plan.field_error);
    }
}

TEST(ReverseGradient, NonlinearMediaInsideAndAround) {
  for (const std::size_t s : {1, 2, 5}) {
    const Scene scene = scenes()[s];
    const LeapfrogSize size = TimeDomain(setup_of(scene, 5)).size();
    GridBox design = designs_of(scene, size)[0];
    TimeDomainSetup setup = lossless_inside(scene, design);
    for (const int from : {7, 10}) {  // inside, and beside or over the face
      GridBox box = design_of(size);
      for (std::size_t d = 0; d < 3; ++d)
        if (size.points[d] > 1) box.begin[d] = from - (d > 0 ? 2 : 0), box.end[d] = from + 1;
      for (std::size_t d = 0; d < 3; ++d) box.end[d] = std::min({box.end[d], 10, size.points[d]});
      if (from > 9) box.begin[0] = 8, box.end[0] = 11;
      if (from == 7) box.begin[0] = 6, box.end[0] = 8;
      NonlinearField field{0, box, {}, {}};
      field.square.assign(box.count(), 0.2);
      field.cube.assign(box.count(), 0.3);
      setup.nonlinear.push_back(field);
    }
    GradientWants wants{true, true, false, true, true};
    TimeDomain march(setup);
    const TimeDomainGradient stored = march.pull_back(200, design, loss_cotangents, store, wants);
    const TimeDomainGradient back = march.pull_back(200, design, loss_cotangents, reverse, wants);
    const double difference = worst_difference(stored, back);
    std::printf("%s: %.1e, fields %.1e, %s\n", scene.name, difference, back.error_estimate,
                back.plan.text().c_str());
    EXPECT_LT(difference, 1e-12);
    for (std::size_t m = 0; m < 2; ++m)
      for (std::size_t p = 0; p < stored.nonlinear[m].square.size(); ++p)
        EXPECT_NEAR(stored.nonlinear[m].square[p], back.nonlinear[m].square[p],
                    1e-12 * std::abs(stored.nonlinear[m].square[p]) + 1e-15);
  }
}

// What is held while the loss is asked for: the faces of every step, and nothing else of a step.
TEST(ReverseGradient, TakesTheMemoryThatThePlanSays) {
  const Scene scene{
      "", WaveSystem::maxwell, {30, 30, 30}, {{{wall, wall}, {wall, wall}, {wall, wall}}}};
  const GridBox design{{5, 5, 5}, {25, 25, 25}};
  TimeDomainSetup setup = lossless_inside(scene, design);
  setup.precision = Precision::f32;
  TimeDomain march(setup);
  const long steps = 200;
  const GradientPlan plan = march.plan_gradient(steps, design, reverse);
  const std::uint64_t stored = march.plan_gradient(steps, design, store).bytes;
  // Two components on each of six faces, and the fields of 16 steps twice.
  EXPECT_EQ(plan.bytes, 4ULL * (201 * 2 * 6 * 400 + 2 * 17 * 3 * 8000));
  std::printf("%s; all would be %.1f MiB\n", plan.text().c_str(),
              static_cast<double>(stored) / 1048576.0);
#ifdef __GLIBC__
  const auto held = [] {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
  };
  // What longer marches hold more.
  const auto during = [&](long n) {
    double inside = 0.0;
    march.pull_back(
        n, design,
        [&](const TimeDomainData& data) {
          inside = held();
          for (const auto& record : data.records)
            inside -= static_cast<double>(record.capacity() * sizeof(double));
          return loss_cotangents(data);
        },
        reverse);
    return inside;
  };
  during(steps);
  const double shorter = during(steps), longer = during(5 * steps);
  const double records = 4.0 * 4 * steps * 2 * 6 * 400;
  std::printf("held %.2f MiB, records %.2f MiB\n", (longer - shorter) / 1048576.0,
              records / 1048576.0);
  EXPECT_NEAR((longer - shorter) / records, 1.0, 0.05);
#endif
  EXPECT_THROW(march.plan_gradient(steps, design, {MemoryMode::reverse, 1000}), UnavailableError);
}

TEST(ReverseGradient, OfComplexFieldsBetweenSeams) {
  BlochSetup setup;
  setup.real.system = WaveSystem::scalar;
  setup.real.grid.axes = {uniform_axis(0.0, 20.0, 20), uniform_axis(0.0, 12.0, 12), Axis{}};
  setup.real.boundaries.faces = {{{absorbing, absorbing}, {periodic, periodic}, {}}};
  setup.real.boundaries.layer = {4, 3.0, 1e-4, 1.0, 0.0};
  setup.real.boundaries.bloch_phase = {0.0, 0.7, 0.0};
  setup.real.speed = 1.0;
  setup.real.dt = 0.9 * courant_limit(setup.real.grid, 1.0);
  const auto wave = [burst = burst(0.08)](int rank, double t) {
    return std::complex<double>(burst(rank, t), 0.3 * burst(rank + 1, t));
  };
  setup.sources.push_back({0, {{8, 4, 0}, {9, 6, 1}}, 1, {{1.0, 0.5}, {0.2, -0.7}}, wave});
  setup.real.monitors.push_back({0, {{6, 2, 0}, {9, 9, 1}}, {0.08, -0.06}, 1});
  const auto loss = [](const BlochData& data) {
    BlochData back{data.spectra, {}};
    for (auto& g : back.spectra[0]) g *= 2.0;
    return back;
  };
  const GridBox design{{6, 2, 0}, {13, 10, 1}};
  BlochMarch march(setup);
  const BlochGradient stored = march.pull_back(300, design, loss, store);
  const BlochGradient back = march.pull_back(300, design, loss, reverse);
  double largest = 0.0, off = 0.0;
  for (std::size_t p = 0; p < stored.coefficient[0].size(); ++p) {
    largest = std::max(largest, std::abs(stored.coefficient[0][p]));
    off = std::max(off, std::abs(stored.coefficient[0][p] - back.coefficient[0][p]));
  }
  std::printf("%.1e, fields %.1e, %s\n", off / largest, back.error_estimate,
              back.plan.text().c_str());
  EXPECT_LT(off, 1e-12 * largest);
  EXPECT_THROW(march.plan_gradient(300, {{6, 0, 0}, {13, 10, 1}}, reverse), InputError);
  EXPECT_THROW(march.plan_gradient(300, {{6, 2, 0}, {13, 12, 1}}, reverse), InputError);
}

TEST(ReverseGradient, WhatHasNoWayBackIsRefusedWithItsReason) {
  const auto reason = [](const TimeDomainSetup& setup, const GridBox& design,
                         const GradientWants& wants = {}) -> std::string {
    try {
      TimeDomain(setup).plan_gradient(100, design, reverse, wants);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const Scene scene = scenes()[2];
  const GridBox design{{6, 6, 0}, {9, 9, 1}};
  const TimeDomainSetup setup = lossless_inside(scene, design);
  EXPECT_EQ(reason(setup, design), "");
  EXPECT_NE(reason(setup, {{2, 6, 0}, {9, 9, 1}}).find("absorbing layer"), std::string::npos);
  EXPECT_NE(reason(setup, {{6, 6, 0}, {10, 9, 1}}).find("conducts, as at point (9, 6, 0)"),
            std::string::npos);
  TimeDomainSetup dispersive = setup;
  dispersive.poles.push_back({0, {{8, 8, 0}, {10, 9, 1}}, true, {}, {}, {}, {}});
  for (auto member : {&PoleField::a1, &PoleField::a2, &PoleField::a3, &PoleField::gain})
    (dispersive.poles.back().*member).assign(2, 0.05);
  EXPECT_NE(reason(dispersive, design).find("dispersive medium, as at point (8, 8, 0)"),
            std::string::npos);
  // A pole that is switched off there has a derivative all the same.
  dispersive.poles.back().gain[0] = 0.0;
  EXPECT_EQ(reason(dispersive, design), "");
  GradientWants poles;
  poles.poles = true;
  EXPECT_NE(reason(dispersive, design, poles).find("poles"), std::string::npos);
}

}  // namespace
}  // namespace wavesmith
