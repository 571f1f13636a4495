#include "solvers/cross_section.hpp"

#include <cmath>
#include <string>

#include "core/error.hpp"

namespace wavesmith {
namespace {

constexpr int most_cells = 1 << 24;  // a section; far above what can be factorised

std::size_t product(const std::array<int, 2>& shape) {
  return static_cast<std::size_t>(shape[0]) * static_cast<std::size_t>(shape[1]);
}

void validate_axis(const Axis& axis, const std::string& name) {
  WAVESMITH_VALIDATE(axis.edges.size() >= 2, "cross-section: axis " + name +
                                                 " has fewer than two edges; give at least one "
                                                 "cell");
  WAVESMITH_VALIDATE(axis.edges.size() <= static_cast<std::size_t>(most_cells),
                     "cross-section: axis " + name + " has " + std::to_string(axis.edges.size()) +
                         " edges, which is too many; use a coarser grid");
  for (int i = 0; i < axis.cells(); ++i)
    WAVESMITH_VALIDATE(std::isfinite(axis.width(i)) && axis.width(i) > 0.0,
                       "cross-section: the edges of axis " + name + " do not increase at cell " +
                           std::to_string(i) + "; sort them and remove duplicates");
}

void validate_walls(SectionWall low, SectionWall high, const std::string& name) {
  WAVESMITH_VALIDATE((low == SectionWall::periodic) == (high == SectionWall::periodic),
                     "cross-section: only one side of axis " + name +
                         " is periodic; make both sides periodic or neither");
}

// Widths of the dual cells around the edges.
std::vector<double> dual_widths(const Axis& axis, SectionWall low) {
  const int n = axis.cells();
  std::vector<double> widths(static_cast<std::size_t>(n) + 1);
  for (int i = 1; i < n; ++i)
    widths[static_cast<std::size_t>(i)] = 0.5 * (axis.width(i - 1) + axis.width(i));
  const bool periodic = low == SectionWall::periodic;
  widths.front() = 0.5 * axis.width(0) + (periodic ? 0.5 * axis.width(n - 1) : 0.0);
  widths.back() = periodic ? 0.0 : 0.5 * axis.width(n - 1);
  return widths;
}

std::vector<double> cell_widths(const Axis& axis) {
  std::vector<double> widths(static_cast<std::size_t>(axis.cells()));
  for (int i = 0; i < axis.cells(); ++i) widths[static_cast<std::size_t>(i)] = axis.width(i);
  return widths;
}

std::vector<double> outer_product(const std::vector<double>& u, const std::vector<double>& v) {
  std::vector<double> areas;
  areas.reserve(u.size() * v.size());
  for (const double height : v)
    for (const double width : u) areas.push_back(width * height);
  return areas;
}

}  // namespace

std::array<int, 2> electric_shape(const CrossSection& section, int component) {
  const int nu = section.u.cells();
  const int nv = section.v.cells();
  return {component == 0 ? nu : nu + 1, component == 1 ? nv : nv + 1};
}

std::array<int, 2> magnetic_shape(const CrossSection& section, int component) {
  const int nu = section.u.cells();
  const int nv = section.v.cells();
  return {component == 0 ? nu + 1 : nu, component == 1 ? nv + 1 : nv};
}

std::size_t electric_size(const CrossSection& section, int component) {
  return product(electric_shape(section, component));
}

std::size_t magnetic_size(const CrossSection& section, int component) {
  return product(magnetic_shape(section, component));
}

CrossSection make_cross_section(const Axis& u, const Axis& v, double permittivity) {
  CrossSection section;
  section.u = u;
  section.v = v;
  for (int c = 0; c < 3; ++c)
    section.permittivity[static_cast<std::size_t>(c)].assign(electric_size(section, c),
                                                             permittivity);
  return section;
}

SectionField make_section_field(const CrossSection& section) {
  SectionField field;
  for (int c = 0; c < 3; ++c) {
    field.e[static_cast<std::size_t>(c)].resize(electric_size(section, c));
    field.h[static_cast<std::size_t>(c)].resize(magnetic_size(section, c));
  }
  return field;
}

void validate_cross_section(const CrossSection& section) {
  validate_axis(section.u, "u");
  validate_axis(section.v, "v");
  validate_walls(section.u_low, section.u_high, "u");
  validate_walls(section.v_low, section.v_high, "v");
  const double cells = static_cast<double>(section.u.cells()) * section.v.cells();
  WAVESMITH_VALIDATE(cells <= most_cells, "cross-section: " + std::to_string(section.u.cells()) +
                                              " x " + std::to_string(section.v.cells()) +
                                              " cells are too many to solve; use a coarser grid");
  const std::array<std::string, 3> names = {"u", "v", "w"};
  for (int c = 0; c < 3; ++c) {
    const auto& values = section.permittivity[static_cast<std::size_t>(c)];
    const std::string name = "E_" + names[static_cast<std::size_t>(c)];
    WAVESMITH_VALIDATE(values.size() == electric_size(section, c),
                       "cross-section: " + std::to_string(values.size()) +
                           " permittivities where " + name + " lies, but the grid has " +
                           std::to_string(electric_size(section, c)) +
                           " such positions; give one for each");
    for (std::size_t i = 0; i < values.size(); ++i)
      WAVESMITH_VALIDATE(std::isfinite(values[i]) && values[i] != 0.0,
                         "cross-section: the permittivity at " + name + " number " +
                             std::to_string(i) + " is " + std::to_string(values[i]) +
                             "; it must be finite and not zero");
  }
}

std::array<std::vector<double>, 3> electric_areas(const CrossSection& section) {
  const std::vector<double> u = cell_widths(section.u);
  const std::vector<double> v = cell_widths(section.v);
  const std::vector<double> dual_u = dual_widths(section.u, section.u_low);
  const std::vector<double> dual_v = dual_widths(section.v, section.v_low);
  return {outer_product(u, dual_v), outer_product(dual_u, v), outer_product(dual_u, dual_v)};
}

}  // namespace wavesmith
