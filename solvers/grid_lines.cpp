#include "solvers/grid_lines.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"

namespace wavesmith {
namespace {

const char* const axis_names[] = {"x", "y", "z"};

void validate_axis(const Axis& axis, const std::array<Boundary, 2>& faces,
                   const AbsorbingLayer& layer, Nodes nodes, int direction) {
  const std::string name = axis_names[direction];
  WAVESMITH_VALIDATE(axis.edges.size() >= 2,
                     "the grid has no cell along " + name + "; give at least two edges");
  for (int i = 0; i < axis.cells(); ++i)
    WAVESMITH_VALIDATE(axis.width(i) > 0.0 && std::isfinite(axis.width(i)),
                       "edge " + std::to_string(i + 1) + " of the grid along " + name +
                           " does not lie beyond the edge before; edges must increase");
  WAVESMITH_VALIDATE((faces[0] == Boundary::periodic) == (faces[1] == Boundary::periodic),
                     "only one of the faces along " + name + " is periodic; both are, or neither");
  int absorbing = 0;
  for (const Boundary face : faces) {
    absorbing += face == Boundary::absorbing ? layer.cells : 0;
    WAVESMITH_VALIDATE(nodes == Nodes::on_edges || face != Boundary::mirror,
                       "a mirror along " + name +
                           " needs the other polarisation's scalar: with Hz on the centres of the "
                           "cells, use a wall, or put the mirror's other half into the grid");
  }
  WAVESMITH_VALIDATE(absorbing < axis.cells(),
                     "the absorbing layers along " + name + " take " + std::to_string(absorbing) +
                         " of " + std::to_string(axis.cells()) +
                         " cells; make the grid longer or the layers thinner");
}

void validate_layer(const AbsorbingLayer& layer) {
  WAVESMITH_VALIDATE(layer.cells >= 1, "an absorbing layer needs at least one cell");
  WAVESMITH_VALIDATE(layer.reflection > 0.0 && layer.reflection < 1.0,
                     "the reflection aimed at by an absorbing layer lies between 0 and 1, both "
                     "excluded");
  WAVESMITH_VALIDATE(layer.order >= 1.0 && layer.max_stretch >= 1.0 && layer.max_shift >= 0.0,
                     "an absorbing layer has order >= 1, max_stretch >= 1 and max_shift >= 0");
}

struct LayerPoint {
  double stretch = 1.0, decay = 0.0, gain = 0.0;
};

class LayerProfile {
 public:
  LayerProfile(const Axis& axis, const std::array<Boundary, 2>& faces, const AbsorbingLayer& layer,
               double speed, double dt)
      : layer_(layer), speed_(speed), dt_(dt) {
    const int n = axis.cells();
    if (faces[0] == Boundary::absorbing) {
      low_ = axis.edge(layer.cells);
      low_thickness_ = low_ - axis.low();
    }
    if (faces[1] == Boundary::absorbing) {
      high_ = axis.edge(n - layer.cells);
      high_thickness_ = axis.high() - high_;
    }
  }

  LayerPoint at(double x) const {
    if (low_thickness_ > 0.0 && x < low_)
      return inside((low_ - x) / low_thickness_, low_thickness_);
    if (high_thickness_ > 0.0 && x > high_)
      return inside((x - high_) / high_thickness_, high_thickness_);
    return {};
  }

 private:
  LayerPoint inside(double depth, double thickness) const {
    const double growth = std::pow(depth, layer_.order);
    const double sigma =
        -(layer_.order + 1.0) * speed_ * std::log(layer_.reflection) / (2.0 * thickness) * growth;
    LayerPoint point;
    point.stretch = 1.0 + (layer_.max_stretch - 1.0) * growth;
    const double alpha = layer_.max_shift * (1.0 - depth);
    const double rate = sigma / point.stretch + alpha;
    point.decay = std::exp(-rate * dt_);
    if (sigma > 0.0) point.gain = sigma / (sigma + point.stretch * alpha) * std::expm1(-rate * dt_);
    return point;
  }

  AbsorbingLayer layer_;
  double speed_, dt_;
  double low_ = 0.0, low_thickness_ = 0.0, high_ = 0.0, high_thickness_ = 0.0;
};

// Distance between the centres of cells i - 1 and i; at the faces what lies beyond is the mirror
// image or the other end.
double width_about_edge(const Axis& axis, const std::array<Boundary, 2>& faces, int i) {
  const int n = axis.cells();
  const bool periodic = faces[0] == Boundary::periodic;
  if (i == 0) return periodic ? 0.5 * (axis.width(0) + axis.width(n - 1)) : 0.5 * axis.width(0);
  if (i == n) return 0.5 * axis.width(n - 1);
  return 0.5 * (axis.width(i - 1) + axis.width(i));
}

LineMetric make_metric(const Axis& axis, const std::array<Boundary, 2>& faces,
                       const AbsorbingLayer& layer, Nodes nodes, double speed, double dt) {
  const int n = axis.cells(), points = stored_points(axis, faces[1], nodes);
  const LayerProfile profile(axis, faces, layer, speed, dt);
  LineMetric metric;
  const auto add = [&](std::vector<double>& factor, std::vector<double>& decay,
                       std::vector<double>& gain, double x, double width) {
    const LayerPoint point = profile.at(x);
    factor.push_back(width > 0.0 ? speed * dt / (width * point.stretch) : 0.0);
    decay.push_back(point.decay);
    gain.push_back(point.gain);
  };
  const auto add_node = [&](double x, double width) {
    add(metric.node, metric.node_decay, metric.node_gain, x, width);
  };
  const auto add_centre = [&](double x, double width) {
    add(metric.centre, metric.centre_decay, metric.centre_gain, x, width);
  };
  for (int i = 0; i < points; ++i) {
    if (nodes == Nodes::on_edges) {
      add_node(axis.edge(i), width_about_edge(axis, faces, i));
      // Beyond the last edge there is no cell: what is there stays zero.
      if (i < n)
        add_centre(axis.centre(i), axis.width(i));
      else
        add_centre(axis.high(), 0.0);
      continue;
    }
    add_node(axis.centre(i), axis.width(i));
    const bool last = i + 1 == n;
    const bool closed = last && faces[1] != Boundary::periodic;
    const int edge = last && !closed ? 0 : i + 1;
    add_centre(axis.edge(i + 1), closed ? 0.0 : width_about_edge(axis, faces, edge));
  }
  return metric;
}

}  // namespace

int stored_points(const Axis& axis, Boundary high, Nodes nodes) {
  return axis.cells() + (nodes == Nodes::on_edges && high == Boundary::mirror ? 1 : 0);
}

GridLines make_grid_lines(WaveSystem system, const YeeGrid& grid, const GridBoundaries& boundaries,
                          Nodes nodes, double speed, double dt) {
  GridLines lines;
  lines.size.system = system;
  for (int direction = 0; direction < 3; ++direction) {
    const std::size_t d = static_cast<std::size_t>(direction);
    const Axis& axis = grid.axis(direction);
    const std::array<Boundary, 2>& faces = boundaries.faces[d];
    LineMetric& metric = lines.metrics[d];
    if (axis.cells() == 1) {  // nothing varies along it
      metric.node = metric.centre = metric.node_decay = {0.0};
      metric.centre_decay = metric.node_gain = metric.centre_gain = metric.node;
      continue;
    }
    const bool absorbs = faces[0] == Boundary::absorbing || faces[1] == Boundary::absorbing;
    if (absorbs) validate_layer(boundaries.layer);
    validate_axis(axis, faces, boundaries.layer, nodes, direction);
    lines.size.points[d] = stored_points(axis, faces[1], nodes);
    lines.size.periodic[d] = faces[0] == Boundary::periodic;
    lines.size.wall_low[d] =
        nodes == Nodes::on_edges && (faces[0] == Boundary::wall || faces[0] == Boundary::absorbing);
    lines.size.shell_low[d] = faces[0] == Boundary::absorbing ? boundaries.layer.cells : 0;
    lines.size.shell_high[d] = faces[1] == Boundary::absorbing ? boundaries.layer.cells : 0;
    metric = make_metric(axis, faces, boundaries.layer, nodes, speed, dt);
  }
  return lines;
}

GridLines pair_grid_lines(const GridLines& lines, const std::array<double, 3>& phase) {
  GridLines paired = lines;
  LeapfrogSize& size = paired.size;
  for (int d = 0; d < 3; ++d) {
    const std::size_t axis = static_cast<std::size_t>(d);
    if (size.periodic[axis]) size.pair_axis = d;
    WAVESMITH_VALIDATE(
        std::isfinite(phase[axis]) && (size.periodic[axis] || phase[axis] == 0.0),
        std::string("the Bloch phase along ") + axis_names[d] +
            (size.periodic[axis] ? " is not a finite number"
                                 : " needs a periodic axis of at least two cells; make its faces "
                                   "periodic, or leave the phase out"));
  }
  WAVESMITH_VALIDATE(
      size.pair_axis >= 0,
      "a Bloch phase needs a periodic axis of at least two cells, and there is none");
  size.phase = phase;
  const std::size_t axis = static_cast<std::size_t>(size.pair_axis);
  size.points[axis] = 2 * size.points[axis] + 2;
  LineMetric& metric = paired.metrics[axis];
  for (std::vector<double>* line : {&metric.node, &metric.centre, &metric.node_decay,
                                    &metric.centre_decay, &metric.node_gain, &metric.centre_gain}) {
    const std::vector<double> part = *line;
    line->insert(line->end(), {part.front(), part.back()});
    line->insert(line->end(), part.begin(), part.end());
  }
  return paired;
}

double courant_limit(const YeeGrid& grid, double speed) {
  double sum = 0.0;
  for (int d = 0; d < 3; ++d) {
    const Axis& axis = grid.axis(d);
    if (axis.cells() == 1) continue;
    double narrowest = axis.width(0);
    for (int i = 1; i < axis.cells(); ++i) narrowest = std::min(narrowest, axis.width(i));
    sum += 1.0 / (narrowest * narrowest);
  }
  WAVESMITH_VALIDATE(sum > 0.0,
                     "nothing varies along any axis of the grid; give one of them more "
                     "than one cell");
  return 1.0 / (speed * std::sqrt(sum));
}

}  // namespace wavesmith
