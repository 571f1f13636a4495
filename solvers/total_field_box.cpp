#include "solvers/total_field_box.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "solvers/grid_plane_wave.hpp"

namespace wavesmith {
namespace {

// first += first_sign C (difference of second along axis), and the other way round.
struct Coupling {
  int axis, first, second;
  double first_sign, second_sign;
};

std::vector<Coupling> couplings_of(WaveSystem system) {
  std::vector<Coupling> all;
  for (int a = 0; a < 3; ++a) {
    const int b = (a + 1) % 3, c = (a + 2) % 3;
    if (system == WaveSystem::scalar) {
      all.push_back({a, 0, a + 1, 1.0, 1.0});
      continue;
    }
    // E_b -= C d_a H_c, H_c -= C d_a E_b;  E_c += C d_a H_b, H_b += C d_a E_c.
    all.push_back({a, b, c + 3, -1.0, -1.0});
    all.push_back({a, c, b + 3, 1.0, 1.0});
  }
  return all;
}

Place place_of(WaveSystem system, int component, int axis) {
  if (system == WaveSystem::scalar) return component == axis + 1 ? Place::centre : Place::edge;
  return ((component < 3) == (component % 3 == axis)) ? Place::centre : Place::edge;
}

struct Side {
  int edge = 0;
  bool open = false;  // no face: the wave runs along the boundary of the grid
};

class BoxBuilder {
 public:
  BoxBuilder(const TimeDomainSetup& setup, const WaveContext& context, const PlaneWaveBox& wave)
      : setup_(setup), context_(context), input_(wave) {
    lines_ = make_grid_lines(context.size.system, context.grid, context.boundaries, Nodes::on_edges,
                             context.speed, context.dt);
    set_direction();
    for (int axis = 0; axis < 3; ++axis) set_sides(axis);
    set_medium();
  }

  PlaneWaveSource build(WaveformDerivative derivative) {
    PlaneWaveSource result;
    for (std::size_t d = 0; d < 3; ++d) {
      const Axis& axis = context_.grid.axes[d];
      result.box.begin[d] = sides_[d][0].edge;
      result.box.end[d] = sides_[d][1].edge;
      entry_[d] =
          direction_[d] >= 0.0 ? axis.edge(sides_[d][0].edge) : axis.edge(sides_[d][1].edge);
    }
    result.entry = entry_;
    make_wave();
    if (derivative == WaveformDerivative::gathered)
      gradient_ = result.gradient = std::make_shared<GridPlaneWave::Gradient>(wave_);
    for (const Coupling& coupling : couplings_of(context_.size.system)) {
      const std::size_t a = static_cast<std::size_t>(coupling.axis);
      if (!varies(context_, coupling.axis)) continue;
      for (std::size_t side = 0; side < 2; ++side) {
        if (sides_[a][side].open) continue;
        add_face(coupling, side, true, result.sources);
        add_face(coupling, side, false, result.sources);
      }
    }
    return result;
  }

 private:
  void set_direction() {
    direction_ = input_.direction;
    double square = 0.0;
    for (int axis = 0; axis < 3; ++axis) {
      double& n = direction_[static_cast<std::size_t>(axis)];
      WAVESMITH_VALIDATE(varies(context_, axis) || n == 0.0,
                         std::string("a plane wave travels along ") + "xyz"[axis] +
                             ", where the grid has one cell; set that part of its direction to 0");
      square += n * n;
    }
    WAVESMITH_VALIDATE(square > 0.0 && std::isfinite(square),
                       "a plane wave needs a direction, of any length but zero");
    for (double& n : direction_) n /= std::sqrt(square);
    // A part of rounding would need faces where there are none.
    for (double& n : direction_)
      if (std::abs(n) < 1e-14) n = 0.0;
  }

  void set_sides(int axis) {
    const std::size_t d = static_cast<std::size_t>(axis);
    const Axis& line = context_.grid.axis(axis);
    const int n = line.cells();
    if (!varies(context_, axis)) {
      sides_[d] = {Side{0, true}, Side{1, true}};
      return;
    }
    const char name = "xyz"[axis];
    WAVESMITH_VALIDATE(input_.low[d] < input_.high[d],
                       std::string("the box of a plane wave has no length along ") + name);
    const auto nearest = [&](double x) {
      return nearest_point_edge(line, std::clamp(x, line.low(), line.high()));
    };
    sides_[d][0].edge = nearest(input_.low[d]);
    sides_[d][1].edge = nearest(input_.high[d]);
    sides_[d][0].open = sides_[d][0].edge == 0;
    sides_[d][1].open = sides_[d][1].edge == n;
    const std::string box = std::string("the box of a plane wave, along ") + name + " from edge " +
                            std::to_string(sides_[d][0].edge) + " to " +
                            std::to_string(sides_[d][1].edge) + " of " + std::to_string(n);
    WAVESMITH_VALIDATE(sides_[d][1].edge > sides_[d][0].edge, box + ", holds no cell");
    for (std::size_t side = 0; side < 2; ++side) {
      const Boundary face = context_.boundaries.faces[d][side];
      if (!sides_[d][side].open) {
        const int edge = sides_[d][side].edge;
        WAVESMITH_VALIDATE(
            edge > context_.size.shell_low[d] && edge < n - context_.size.shell_high[d],
            box + ", has a face in an absorbing layer; make it smaller");
        continue;
      }
      WAVESMITH_VALIDATE(face != Boundary::periodic || (sides_[d][0].open && sides_[d][1].open),
                         box +
                             ", touches a periodic face on one side only; leave a cell between "
                             "or cover the axis from end to end");
      WAVESMITH_VALIDATE(face != Boundary::absorbing,
                         box + ", reaches the end of an absorbing layer; make it smaller");
      WAVESMITH_VALIDATE(direction_[d] == 0.0,
                         box + ", has no face at the grid's own, but the wave travels along " +
                             name +
                             "; leave a cell between, or set that part of its direction to "
                             "0");
      if (face != Boundary::periodic) check_boundary(axis, face, box);
    }
    if (direction_[d] == 0.0) return;
    const double width = line.width(sides_[d][0].edge);
    for (int i = sides_[d][0].edge - 1; i <= sides_[d][1].edge; ++i)
      WAVESMITH_VALIDATE(std::abs(line.width(i) / width - 1.0) < 1e-9,
                         box + ", has cells of different widths (cell " + std::to_string(i) +
                             "); a plane wave is known in cells of one width: grade the grid "
                             "outside of the box");
  }

  static int nearest_point_edge(const Axis& line, double x) {
    int best = 0;
    for (int i = 1; i <= line.cells(); ++i)
      if (std::abs(line.edge(i) - x) < std::abs(line.edge(best) - x)) best = i;
    return best;
  }

  // A wave that does not travel along the axis fits a mirror where it has no component on centres,
  // a wall where it has none on edges.
  void check_boundary(int axis, Boundary face, const std::string& box) const {
    const Vec3& p = input_.polarisation;
    const std::size_t d = static_cast<std::size_t>(axis);
    const double largest = std::max({std::abs(p[0]), std::abs(p[1]), std::abs(p[2])});
    bool fits = face == Boundary::mirror;
    if (context_.size.system == WaveSystem::maxwell) {
      const std::size_t b = (d + 1) % 3, c = (d + 2) % 3;
      fits = face == Boundary::mirror ? std::abs(p[d]) <= 1e-12 * largest
                                      : std::hypot(p[b], p[c]) <= 1e-12 * largest;
    }
    WAVESMITH_VALIDATE(fits, box + ", touches a " + (face == Boundary::mirror ? "mirror" : "wall") +
                                 " that the wave does not satisfy; leave a cell between");
  }

  // Points of a component inside of the box along an axis.
  std::array<int, 2> range(int axis, Place place) const {
    const std::size_t d = static_cast<std::size_t>(axis);
    if (!varies(context_, axis)) return {0, 1};
    const int last = sides_[d][1].edge + (place == Place::edge ? 1 : 0);
    return {sides_[d][0].edge, std::min(last, point_count(context_, axis, place))};
  }

  GridBox face_box(const Coupling& coupling, std::size_t side, bool of_first) const {
    const int component = of_first ? coupling.first : coupling.second;
    GridBox box;
    for (int axis = 0; axis < 3; ++axis) {
      const std::size_t d = static_cast<std::size_t>(axis);
      const auto [begin, end] = range(axis, place_of(context_.size.system, component, axis));
      box.begin[d] = begin;
      box.end[d] = end;
      if (axis != coupling.axis) continue;
      // E at the face itself; H half a cell outside.
      box.begin[d] = sides_[d][side].edge - (!of_first && side == 0 ? 1 : 0);
      box.end[d] = box.begin[d] + 1;
    }
    return box;
  }

  template <class Work>
  void for_faces(const Work& work) const {
    for (const Coupling& coupling : couplings_of(context_.size.system)) {
      const std::size_t a = static_cast<std::size_t>(coupling.axis);
      for (std::size_t side = 0; side < 2; ++side)
        if (!sides_[a][side].open)
          for (const bool of_first : {true, false}) work(coupling, side, of_first);
    }
  }

  void set_medium() {
    const int split = first_group_size(context_.size.system);
    medium_ = {0.0, 0.0};
    for_faces([&](const Coupling& coupling, std::size_t side, bool of_first) {
      const int component = of_first ? coupling.first : coupling.second;
      const std::size_t c = static_cast<std::size_t>(component);
      double& known = medium_[component < split ? 0 : 1];
      const GridBox box = face_box(coupling, side, of_first);
      for_each_point(box, [&](const std::array<int, 3>& p, std::size_t) {
        const double value = coefficient_at(context_, component, p);
        if (known == 0.0) known = value;
        const std::vector<double>& decay = setup_.decay[c];
        const double keep = decay.empty()       ? 1.0
                            : decay.size() == 1 ? decay[0]
                                                : decay[context_.size.index(p[0], p[1], p[2])];
        WAVESMITH_VALIDATE(std::abs(value / known - 1.0) < 1e-12 && keep == 1.0,
                           "a face of a plane wave's box cuts through a medium, at point (" +
                               std::to_string(p[0]) + ", " + std::to_string(p[1]) + ", " +
                               std::to_string(p[2]) +
                               "); its faces lie in one lossless medium: move them");
      });
      for (const PoleField& pole : setup_.poles)
        WAVESMITH_VALIDATE(pole.component != component || !overlap(pole.box, box),
                           "a face of a plane wave's box cuts through a medium with poles; move it "
                           "into one without");
    });
    WAVESMITH_VALIDATE(medium_[0] > 0.0 && medium_[1] > 0.0,
                       "the box of a plane wave has no face left that the wave could enter by");
  }

  void make_wave() {
    GridPlaneWaveInput input;
    input.system = context_.size.system;
    input.waveform = input_.waveform;
    input.amplitude = input_.amplitude;
    input.direction = direction_;
    input.polarisation = input_.polarisation;
    input.dt = context_.dt;
    input.speed = context_.speed;
    input.first = medium_[0];
    input.second = medium_[1];
    for (std::size_t d = 0; d < 3; ++d) {
      const Axis& axis = context_.grid.axes[d];
      input.cells[d] = axis.width(sides_[d][0].edge);
      if (direction_[d] == 0.0) continue;
      // Corners, and the points half a cell outside.
      const double length = axis.edge(sides_[d][1].edge) - axis.edge(sides_[d][0].edge);
      input.from -= 0.51 * std::abs(direction_[d]) * input.cells[d];
      input.to += std::abs(direction_[d]) * (length + 0.51 * input.cells[d]);
    }
    wave_ = std::make_shared<const GridPlaneWave>(input);
  }

  // What the incident field of the other component adds to one at a face.
  void add_face(const Coupling& coupling, std::size_t side, bool of_first,
                std::vector<TimeSource>& sources) const {
    const std::size_t a = static_cast<std::size_t>(coupling.axis);
    const int component = of_first ? coupling.first : coupling.second;
    const int other = of_first ? coupling.second : coupling.first;
    TimeSource source;
    source.component = component;
    source.box = face_box(coupling, side, of_first);
    const int at = source.box.begin[a];
    const LineMetric& metric = lines_.metrics[a];
    const double along = (of_first ? metric.node : metric.centre)[static_cast<std::size_t>(at)];
    const double scale = medium_[of_first ? 0 : 1] * along * (side == 0 ? -1.0 : 1.0) *
                         (of_first ? coupling.first_sign : coupling.second_sign);

    // s = base + sum of the parts along the axes, at the other component's points.
    double base = 0.0;
    std::array<std::vector<double>, 3> parts;
    bool constant = true;
    for (int axis = 0; axis < 3; ++axis) {
      const std::size_t d = static_cast<std::size_t>(axis);
      const Place place = place_of(context_.size.system, other, axis);
      const auto part = [&](int i) {
        if (direction_[d] == 0.0) return 0.0;
        return direction_[d] * (point_position(context_, axis, place, i) - entry_[d]);
      };
      if (axis == coupling.axis) {
        // The other one's point across the face.
        const int across = of_first ? at - (side == 0 ? 1 : 0) : at + (side == 0 ? 1 : 0);
        base += part(across);
        parts[d] = {0.0};
        continue;
      }
      for (int i = source.box.begin[d]; i < source.box.end[d]; ++i) parts[d].push_back(part(i));
      constant = constant && direction_[d] == 0.0;
    }
    if (constant) {
      source.weights.assign(source.box.count(), scale);
      source.signal = [wave = wave_, other, base](int, double time) {
        return wave->value(other, base, time);
      };
      if (gradient_)
        source.pull_back = [gradient = gradient_, other, base](double time,
                                                               std::span<const double> cotangents) {
          gradient->add_value(other, base, time, cotangents[0]);
        };
    } else {
      source.rank = 0;
      source.fill = [wave = wave_, other, base, scale, parts](double time,
                                                              std::span<double> values) {
        const GridPlaneWave::Profile profile = wave->profile(other, time);
        if (profile.zero()) {
          std::fill(values.begin(), values.end(), 0.0);
          return;
        }
        std::size_t number = 0;
        for (const double z : parts[2])
          for (const double y : parts[1])
            for (const double x : parts[0]) values[number++] = scale * profile.at(base + x + y + z);
      };
      if (gradient_)
        source.pull_back = [gradient = gradient_, other, base, scale, parts](
                               double time, std::span<const double> cotangents) {
          const std::size_t nx = parts[0].size(), ny = parts[1].size();
          gradient->add_profile(other, time, scale, cotangents, [&](std::size_t i) {
            return base + parts[0][i % nx] + parts[1][i / nx % ny] + parts[2][i / nx / ny];
          });
        };
    }
    sources.push_back(std::move(source));
  }

  const TimeDomainSetup& setup_;
  const WaveContext& context_;
  const PlaneWaveBox& input_;
  GridLines lines_;
  Vec3 direction_{}, entry_{};
  std::array<std::array<Side, 2>, 3> sides_;
  std::array<double, 2> medium_{};  // C of both groups
  std::shared_ptr<const GridPlaneWave> wave_;
  std::shared_ptr<GridPlaneWave::Gradient> gradient_;
};

}  // namespace

PlaneWaveSource plane_wave_source(const TimeDomainSetup& setup, const WaveContext& context,
                                  const PlaneWaveBox& wave, WaveformDerivative derivative) {
  return BoxBuilder(setup, context, wave).build(derivative);
}

}  // namespace wavesmith
