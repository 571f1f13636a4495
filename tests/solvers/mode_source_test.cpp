// Modes launched one way: power, what goes back, what is not the mode.
#include "solvers/mode_source.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// A guide along `axis`, of permittivity 12 in half of the width, between conducting walls far from
// it; the last layers along the axis absorb.
struct Guide {
  const char* name;
  Equations equations;
  int axis;
  std::array<int, 3> cells;
  ModeFamily family = ModeFamily::all;
  int mode = 0;
  double centre = 8e13;  // [Hz], away from the cutoffs of all modes
};

constexpr double dx = 5e-8;

TimeDomainSetup guide_setup(const Guide& guide) {
  TimeDomainSetup setup;
  setup.system = system_of(guide.equations);
  for (std::size_t d = 0; d < 3; ++d) {
    if (guide.cells[d] == 1) continue;
    setup.grid.axes[d] = uniform_axis(0.0, guide.cells[d] * dx, guide.cells[d]);
    setup.boundaries.faces[d] = {Boundary::wall, Boundary::wall};
  }
  setup.boundaries.faces[static_cast<std::size_t>(guide.axis)] = {Boundary::absorbing,
                                                                  Boundary::absorbing};
  setup.boundaries.layer.cells = 30;
  setup.schedule.threads = 1;
  setup.dt = 0.9 * courant_limit(setup.grid, speed_of_light);
  const WaveContext context = context_of(setup, guide.equations);
  for (const StoredField& field : fields_of(guide.equations)) {
    if (field.name[0] != 'E') continue;
    std::vector<double>& c = setup.coefficient[static_cast<std::size_t>(field.component)];
    for_each_point({{0, 0, 0}, context.size.points}, [&](const std::array<int, 3>& p, std::size_t) {
      bool inside = true;
      for (std::size_t d = 0; d < 3; ++d) {
        if (static_cast<int>(d) == guide.axis || guide.cells[d] == 1) continue;
        const double x = point_position(context, static_cast<int>(d), field.places[d], p[d]);
        const double middle = 0.5 * guide.cells[d] * dx;
        inside = inside && std::abs(x - middle) < 0.201 * guide.cells[d] * dx;
      }
      c.push_back(inside ? 1.0 / 12.0 : 1.0 / 2.1);
    });
  }
  return setup;
}

// Spectra of the transverse fields on a section.
struct Recorder {
  SectionPlane plane;
  std::vector<int> monitors;
  std::vector<StoredField> fields;
};

Recorder record_section(TimeDomainSetup& setup, const WaveContext& context, SectionPlane plane,
                        const std::vector<double>& frequencies) {
  Recorder recorder{plane, {}, {}};
  for (const StoredField& field : fields_of(context.equations)) {
    if (field.name[1] - 'x' == plane.axis) continue;
    recorder.monitors.push_back(static_cast<int>(setup.monitors.size()));
    recorder.fields.push_back(field);
    setup.monitors.push_back(
        {field.component, section_points(context, plane, field), frequencies, 1});
  }
  return recorder;
}

SectionField field_on(const TimeDomain& march, const WaveContext& context, const Recorder& recorder,
                      const CrossSection& section, std::size_t frequency) {
  SectionField field = make_section_field(section);
  for (std::size_t m = 0; m < recorder.fields.size(); ++m) {
    const StoredField& one = recorder.fields[m];
    const bool electric = one.name[0] == 'E';
    const int which = one.name[1] - 'x' == recorder.plane.u() ? 0 : 1;
    auto& values = (electric ? field.e : field.h)[static_cast<std::size_t>(which)];
    const auto shape = electric ? electric_shape(section, which) : magnetic_shape(section, which);
    const GridBox points = section_points(context, recorder.plane, one);
    const auto spectrum =
        march.spectrum(recorder.monitors[m]).subspan(frequency * points.count(), points.count());
    for (int b = 0; b < shape[1]; ++b)
      for (int a = 0; a < shape[0]; ++a)
        if (const auto n = number_of_position(context, recorder.plane, points, a, b))
          values[static_cast<std::size_t>(b * shape[0] + a)] = one.factor * spectrum[*n];
  }
  return field;
}

// What the source itself adds to the mode's amplitudes, per S: the differences across it. Echoes of
// the ends of the grid cross it unchanged.
struct Launch {
  Complex along, back;
  double other = 0.0;  // share of |E|^2 ahead that is not the mode's
};

std::vector<Launch> launch(const Guide& guide, Travel travel, const Waveform& waveform, int points,
                           const std::vector<double>& frequencies, double amplitude) {
  TimeDomainSetup setup = guide_setup(guide);
  const WaveContext context = context_of(setup, guide.equations);
  const int length = guide.cells[static_cast<std::size_t>(guide.axis)];
  const bool forward = travel == Travel::forward;
  const SectionPlane plane = section_plane(context, guide.axis, 0.5 * length * dx);
  const OneMode choice{guide.mode, 0.0, guide.family};
  const ModeSource source =
      mode_source(setup, context, plane, travel, choice, amplitude, waveform, points);
  setup.sources = source.sources;
  SectionPlane ahead = plane, behind = plane;
  ahead.index += forward ? 20 : -20;
  behind.index += forward ? -20 : 20;
  const Recorder at_ahead = record_section(setup, context, ahead, frequencies);
  const Recorder at_behind = record_section(setup, context, behind, frequencies);
  const double dt = setup.dt;
  TimeDomain march(setup);
  march.run(static_cast<long>((waveform.end + 2500.0 * dx / speed_of_light) / dt));
  std::vector<Launch> results;
  for (std::size_t q = 0; q < frequencies.size(); ++q) {
    const CrossSection section = cross_section_at(setup, plane, frequencies[q]);
    const WaveguideModes modes(section, frequencies[q], dt, dx);
    OneMode same = choice;
    if (guide.equations == Equations::tm) same.family = family_of_ez(plane);
    const WaveguideMode mode = find_mode(modes, same);
    const ModeProjection projection = modes.projection(mode, MagneticSamples::half_cell_ahead);
    const auto amplitudes = [&](const Recorder& recorder) {
      const SectionField field = field_on(march, context, recorder, section, q);
      ModeAmplitudes found = WaveguideModes::apply(projection, field);
      if (!forward) std::swap(found.forward, found.backward);
      return found;
    };
    const Complex s = waveform.spectrum(frequencies[q]);
    const ModeAmplitudes front = amplitudes(at_ahead), back = amplitudes(at_behind);
    const Complex phase = std::polar(1.0, mode.beta.real() * 20.0 * dx);
    // What is left of E once the mode is taken out.
    const SectionField field = field_on(march, context, at_ahead, section, q);
    double left = 0.0, all = 0.0;
    for (std::size_t c = 0; c < 2; ++c)
      for (std::size_t i = 0; i < field.e[c].size(); ++i) {
        const Complex own = (front.forward + front.backward) * mode.profile.e[c][i];
        left += std::norm(field.e[c][i] - own);
        all += std::norm(field.e[c][i]);
      }
    results.push_back({(front.forward / phase - back.forward * phase) / s,
                       (back.backward / phase - front.backward * phase) / s, left / all});
  }
  return results;
}

std::vector<Guide> guides() {
  return {
      {"TM slab along x", Equations::tm, 0, {160, 20, 1}},
      {"TM slab along y, second mode", Equations::tm, 1, {20, 160, 1}, ModeFamily::all, 1, 1.45e14},
      {"TE slab along x", Equations::maxwell, 0, {160, 20, 1}, ModeFamily::e_along_u},
      {"TE slab along y", Equations::maxwell, 1, {20, 160, 1}, ModeFamily::e_along_v},
      {"3D along z", Equations::maxwell, 2, {20, 10, 100}, ModeFamily::all, 0, 1.1e14}};
}

TEST(ModeSource, LaunchesUnitPowerOneWay) {
  for (const Guide& guide : guides())
    for (const Travel travel : {Travel::forward, Travel::backward}) {
      if (guide.cells[2] > 1 && travel == Travel::backward) continue;
      const Waveform waveform = gaussian_pulse(guide.centre, 0.1 * guide.centre, 0.3);
      const Launch one = launch(guide, travel, waveform, 1, {guide.centre}, 1.5)[0];
      std::printf("%s, %s: amplitude %.1e, back %.1e, other %.1e\n", guide.name,
                  travel == Travel::forward ? "forward" : "backward", std::abs(one.along - 1.5),
                  std::abs(one.back), one.other);
      EXPECT_LT(std::abs(one.along - 1.5), 1e-6) << guide.name;
      EXPECT_LT(std::abs(one.back), 1e-6) << guide.name;
      EXPECT_LT(one.other, 1e-12) << guide.name;
    }
}

// Over the band, with one profile and with several.
TEST(ModeSource, ProfilesOverTheBandKeepThePulseOneWay) {
  const Guide guide = guides()[0];
  const double centre = guide.centre;
  const Waveform waveform = gaussian_pulse(centre, 0.12 * centre, 0.3);
  const std::vector<double> frequencies = {0.9 * centre, 0.96 * centre, 1.03 * centre,
                                           1.09 * centre};
  for (const int points : {1, 3, 5}) {
    double back = 0.0, wrong = 0.0;
    for (const Launch& one : launch(guide, Travel::forward, waveform, points, frequencies, 1.0)) {
      back = std::max(back, std::abs(one.back));
      wrong = std::max(wrong, std::abs(one.along - 1.0));
    }
    std::printf("%d frequencies: back %.1e, amplitude %.1e\n", points, back, wrong);
    EXPECT_LT(back, points == 1 ? 0.1 : points == 3 ? 5e-3 : 2e-4);
    EXPECT_LT(wrong, points == 1 ? 0.1 : points == 3 ? 1e-2 : 1e-3);
  }
}

TEST(ModeSource, WhatCannotBeLaunchedIsAnError) {
  Guide guide = guides()[0];
  TimeDomainSetup setup = guide_setup(guide);
  const WaveContext context = context_of(setup, guide.equations);
  const SectionPlane plane = section_plane(context, 0, 80 * dx);
  const Waveform waveform = gaussian_pulse(guide.centre, 0.2 * guide.centre);
  EXPECT_THROW(mode_source(setup, context, plane, Travel::forward, {40, 0.0, {}}, 1.0, waveform),
               Error);
  setup.grid.axes[0].edges[80] += 0.2 * dx;
  EXPECT_THROW(mode_source(setup, context_of(setup, guide.equations), plane, Travel::forward, {},
                           1.0, waveform),
               InputError);
}

}  // namespace
}  // namespace wavesmith
