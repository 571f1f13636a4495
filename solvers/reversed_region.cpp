#include "solvers/reversed_region.hpp"

#include <optional>

#include "core/error.hpp"
#include "kernels/leapfrog_links.hpp"
#include "kernels/leapfrog_terms.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {
namespace {

enum Knowledge : std::uint8_t { nothing, marched, imposed };

constexpr const char* instead = "; keep checkpoints instead";

GridBox shifted(GridBox box, const std::array<int, 3>& by, int sign) {
  for (std::size_t d = 0; d < 3; ++d) {
    box.begin[d] += sign * by[d];
    box.end[d] += sign * by[d];
  }
  return box;
}

std::optional<GridBox> common(const GridBox& a, const GridBox& b) {
  GridBox both;
  for (std::size_t d = 0; d < 3; ++d) {
    both.begin[d] = std::max(a.begin[d], b.begin[d]);
    both.end[d] = std::min(a.end[d], b.end[d]);
    if (both.begin[d] >= both.end[d]) return std::nullopt;
  }
  return both;
}

std::size_t place_in(const GridBox& box, const std::array<int, 3>& p) {
  std::size_t place = 0;
  for (std::size_t d = 3; d-- > 0;)
    place = place * static_cast<std::size_t>(box.end[d] - box.begin[d]) +
            static_cast<std::size_t>(p[d] - box.begin[d]);
  return place;
}

std::string words(const std::array<int, 3>& p) {
  return "(" + std::to_string(p[0]) + ", " + std::to_string(p[1]) + ", " + std::to_string(p[2]) +
         ")";
}

class Builder {
 public:
  Builder(const TimeDomainSetup& setup, const GridLines& lines, const GridBox& design)
      : setup_(setup), grid_(lines), size_(lines.size), design_(design) {
    region_.grid_points = size_.points;
    region_.repeats = size_.periodic;
    split_parts();
    refuse_loss();
    place();
    mark_parts();
    add_outer_planes();
    add_links();
    add_media();
    add_sources();
  }
  ReversedRegion take() { return std::move(region_); }

 private:
  int components() const { return component_count(size_.system); }
  bool first(int component) const { return component < first_group_size(size_.system); }
  // Whether the region is closed along an axis by the period or by a face of the grid.
  bool full(std::size_t d) const { return region_.repeats[d] && whole(d); }
  bool whole(std::size_t d) const {
    return design_.begin[d] == 0 && design_.end[d] == size_.points[d];
  }
  bool open_low(std::size_t d) const {
    return size_.points[d] > 1 && !full(d) && (design_.begin[d] > 0 || region_.repeats[d]);
  }
  bool open_high(std::size_t d) const {
    return size_.points[d] > 1 && !full(d) &&
           (design_.end[d] < size_.points[d] || region_.repeats[d]);
  }

  void split_parts() {
    if (size_.pair_axis < 0) {
      region_.parts = {design_};
      return;
    }
    const std::size_t axis = static_cast<std::size_t>(size_.pair_axis);
    region_.repeats[axis] = false;
    GridBox real = design_, imaginary = design_;
    real.end[axis] -= size_.part_offset();
    imaginary.begin[axis] += size_.part_offset();
    for (std::size_t d = 0; d < 3; ++d) {
      if (!size_.periodic[d] || (d != axis && size_.phase[d] == 0.0)) continue;
      const int period = size_.part_points(static_cast<int>(d));
      WAVESMITH_VALIDATE(real.begin[d] > 0 && real.end[d] > real.begin[d] && real.end[d] < period,
                         std::string("the design region reaches the seam of a period with a Bloch "
                                     "phase, where fields are not marched backward") +
                             instead);
    }
    region_.parts = {real, imaginary};
  }

  void refuse_loss() const {
    for (std::size_t d = 0; d < 3; ++d)
      for (int i = design_.begin[d]; i < design_.end[d]; ++i) {
        const std::size_t at = static_cast<std::size_t>(i);
        WAVESMITH_VALIDATE(
            grid_.metrics[d].node_gain[at] == 0.0 && grid_.metrics[d].centre_gain[at] == 0.0,
            std::string("the design region reaches into an absorbing layer, where fields cannot be "
                        "marched backward in time") +
                instead);
      }
    for (const GridBox& part : region_.parts) {
      for (int c = 0; c < components(); ++c) {
        const std::vector<double>& decay = setup_.decay[static_cast<std::size_t>(c)];
        if (decay.empty()) continue;
        for_points(part, size_, [&](const std::array<int, 3>& p, std::size_t point) {
          WAVESMITH_VALIDATE(decay[decay.size() == 1 ? 0 : point] == 1.0,
                             std::string("fields cannot be marched backward in time through a "
                                         "medium that conducts, as at point ") +
                                 words(p) + " of " + component_name(size_.system, c) +
                                 " in the design region" + instead);
        });
      }
      for (const PoleField& pole : setup_.poles) {
        std::size_t i = 0;
        if (!overlap(pole.box, part)) continue;
        for_points(pole.box, size_, [&](const std::array<int, 3>& p, std::size_t) {
          const bool inside = overlap(part, {p, {p[0] + 1, p[1] + 1, p[2] + 1}});
          WAVESMITH_VALIDATE(!inside || pole.gain[i] == 0.0,
                             std::string("fields cannot be marched backward in time through a "
                                         "dispersive medium, as at point ") +
                                 words(p) + " of " + component_name(size_.system, pole.component) +
                                 " in the design region" + instead);
          ++i;
        });
      }
    }
  }

  // The region's grid.
  void place() {
    region_.lines.size.system = size_.system;
    for (std::size_t d = 0; d < 3; ++d) {
      const int begin = design_.begin[d] - (open_low(d) ? 1 : 0);
      const int end = design_.end[d] + (open_high(d) ? 1 : 0);
      region_.origin[d] = begin;
      region_.lines.size.points[d] = end - begin;
      region_.lines.size.periodic[d] = full(d);
      region_.lines.size.wall_low[d] = !open_low(d) && size_.wall_low[d];
      const LineMetric& from = grid_.metrics[d];
      LineMetric& to = region_.lines.metrics[d];
      for (int i = begin; i < end; ++i) {
        const std::size_t at = static_cast<std::size_t>((i + size_.points[d]) % size_.points[d]);
        to.node.push_back(from.node[at]);
        to.centre.push_back(from.centre[at]);
      }
      to.node_decay.assign(to.node.size(), 0.0);
      to.centre_decay = to.node_gain = to.centre_gain = to.node_decay;
    }
    region_.design = shifted(design_, region_.origin, -1);
    for (int c = 0; c < components(); ++c)
      region_.knowledge[static_cast<std::size_t>(c)].assign(region_.lines.size.count(), nothing);
  }

  std::uint8_t& known(int component, std::size_t point) {
    return region_.knowledge[static_cast<std::size_t>(component)][point];
  }

  void mark_parts() {
    for (const GridBox& part : region_.parts)
      for (int c = 0; c < components(); ++c)
        for_points(shifted(part, region_.origin, -1), region_.lines.size,
                   [&](const std::array<int, 3>&, std::size_t p) { known(c, p) = marched; });
  }

  // A plane of a part, at `index` along an axis in the grid without its period.
  void add_plane(int component, GridBox box, std::size_t axis, int index) {
    box.begin[axis] = index;
    box.end[axis] = index + 1;
    ReversedRegion::Plane plane{component, box, shifted(box, region_.origin, -1), {}};
    const int n = size_.points[axis];
    plane.box.begin[axis] = (index + n) % n;
    plane.box.end[axis] = plane.box.begin[axis] + 1;
    for_points(plane.local, region_.lines.size, [&](const std::array<int, 3>&, std::size_t p) {
      plane.counts.push_back(known(component, p) != imposed ? 1 : 0);
      known(component, p) = imposed;
    });
    region_.planes.push_back(std::move(plane));
  }

  void add_outer_planes() {
    for (const GridBox& part : region_.parts)
      for (std::size_t d = 0; d < 3; ++d) {
        const auto add = [&](std::span<const LeapfrogTerm> terms, int index) {
          for (const LeapfrogTerm& term : terms)
            if (term.direction == static_cast<int>(d)) add_plane(term.source, part, d, index);
        };
        if (open_low(d)) add(first_terms(size_.system), part.begin[d] - 1);
        if (open_high(d)) add(second_terms(size_.system), part.end[d]);
      }
  }

  void add_links() {
    const std::vector<TensorLink> links = tensor_links(grid_, tensor_rows(setup_));
    for (const TensorLink& link : links) {
      const std::array<int, 3> row = position_of(size_, link.point);
      for (const GridBox& part : region_.parts) {
        FieldPoint unused;
        if (!overlap(part, {row, {row[0] + 1, row[1] + 1, row[2] + 1}}) ||
            known(link.component, local_point(row)) == imposed ||
            region_.sees_differences({link.source, link.from}, unused))
          continue;
        const std::optional<std::size_t> axis = edge_of(part, row);
        WAVESMITH_VALIDATE(axis.has_value(),
                           "off-diagonal elements reach out of the design region from point " +
                               words(row) + " inside of it" + instead);
        add_plane(link.component, part, *axis, row[*axis]);
      }
    }
    for (TensorLink link : links) {
      const std::array<int, 3> row = position_of(size_, link.point);
      FieldPoint source;
      for (const GridBox& part : region_.parts)
        if (overlap(part, {row, {row[0] + 1, row[1] + 1, row[2] + 1}}) &&
            known(link.component, local_point(row)) == marched &&
            region_.sees_differences({link.source, link.from}, source)) {
          link.point = local_point(row);
          link.from = source.point;
          link.value = -link.value;
          region_.links.push_back(link);
        }
    }
  }

  std::size_t local_point(const std::array<int, 3>& p) const {
    return region_.lines.size.index(p[0] - region_.origin[0], p[1] - region_.origin[1],
                                    p[2] - region_.origin[2]);
  }

  // An axis along which a point lies in the first or the last plane of a part, next to what is not
  // marched backward.
  std::optional<std::size_t> edge_of(const GridBox& part, const std::array<int, 3>& p) const {
    for (std::size_t d = 0; d < 3; ++d)
      if ((p[d] == part.begin[d] && open_low(d)) || (p[d] + 1 == part.end[d] && open_high(d)))
        return d;
    return std::nullopt;
  }

  void add_media() {
    for (int c = 0; c < components(); ++c) {
      const std::size_t at = static_cast<std::size_t>(c);
      region_.coefficient[at].assign(region_.lines.size.count(), 0.0);
      region_.decay[at] = region_.coefficient[at];
      const std::vector<double>& given = setup_.coefficient[at];
      for (const GridBox& part : region_.parts)
        for_points(part, size_, [&](const std::array<int, 3>& p, std::size_t point) {
          const std::size_t here = local_point(p);
          if (known(c, here) != marched) return;
          region_.decay[at][here] = 1.0;
          region_.coefficient[at][here] =
              given.empty() ? -1.0 : -given[given.size() == 1 ? 0 : point];
        });
    }
    for (const NonlinearField& field : setup_.nonlinear)
      for (const GridBox& part : region_.parts) {
        const std::optional<GridBox> box = common(field.box, part);
        if (!box) continue;
        NonlinearField inside{field.component, shifted(*box, region_.origin, -1), {}, {}};
        for_points(*box, size_, [&](const std::array<int, 3>& p, std::size_t) {
          const bool counts = known(field.component, local_point(p)) == marched;
          inside.square.push_back(counts ? field.square[place_in(field.box, p)] : 0.0);
          inside.cube.push_back(counts ? field.cube[place_in(field.box, p)] : 0.0);
        });
        region_.nonlinear.push_back(std::move(inside));
      }
  }

  void add_sources() {
    for (std::size_t s = 0; s < setup_.sources.size(); ++s)
      for (const GridBox& part : region_.parts) {
        const TimeSource& source = setup_.sources[s];
        const std::optional<GridBox> box = common(source.box, part);
        if (!box) continue;
        ReversedRegion::Driven driven{s, shifted(*box, region_.origin, -1), {}};
        for_points(*box, size_, [&](const std::array<int, 3>& p, std::size_t) {
          const bool counts = known(source.component, local_point(p)) == marched &&
                              metric_product(grid_, source.component, p) != 0.0;
          driven.places.push_back(counts ? place_in(source.box, p) : ReversedRegion::Driven::none);
        });
        region_.driven.push_back(std::move(driven));
      }
  }

  const TimeDomainSetup& setup_;
  const GridLines& grid_;
  const LeapfrogSize& size_;
  GridBox design_;
  ReversedRegion region_;
};

}  // namespace

std::size_t ReversedRegion::record_numbers() const {
  std::size_t numbers = 0;
  for (const Plane& plane : planes) numbers += plane.box.count();
  return numbers;
}

bool ReversedRegion::sees_differences(const FieldPoint& of_grid, FieldPoint& of_region) const {
  LeapfrogSize grid = lines.size;
  grid.points = grid_points;
  const std::array<int, 3> point = position_of(grid, of_grid.point);
  const bool of_first = of_grid.component < first_group_size(lines.size.system);
  // As the region numbers them; several numbers where it holds a plane twice.
  for (int turn = 0; turn < 27; ++turn) {
    std::array<int, 3> here{};
    bool inside = true;
    for (std::size_t d = 0; d < 3; ++d) {
      const int periods = std::array{turn % 3, turn / 3 % 3, turn / 9}[d] - 1;
      here[d] = point[d] - origin[d] + periods * grid_points[d];
      inside &= (periods == 0 || repeats[d]) && here[d] >= 0 && here[d] < lines.size.points[d];
    }
    if (!inside) continue;
    bool all = true;
    for (const LeapfrogTerm& term :
         of_first ? first_terms(lines.size.system) : second_terms(lines.size.system)) {
      const std::size_t d = static_cast<std::size_t>(term.direction);
      if (term.target != of_grid.component || grid_points[d] == 1) continue;
      for (const int step : {0, of_first ? -1 : 1}) {
        std::array<int, 3> p = here;
        p[d] += step;
        const int n = lines.size.points[d];
        if (lines.size.periodic[d]) p[d] = (p[d] + n) % n;
        // Beyond a face of the grid there is nothing, which is known.
        const int in_grid = p[d] + origin[d];
        if (!repeats[d] && (in_grid < 0 || in_grid >= grid_points[d])) continue;
        all &=
            p[d] >= 0 && p[d] < n &&
            knowledge[static_cast<std::size_t>(term.source)][lines.size.index(p[0], p[1], p[2])] !=
                nothing;
      }
    }
    if (!all) continue;
    of_region = {of_grid.component, lines.size.index(here[0], here[1], here[2])};
    return true;
  }
  return false;
}

ReversedRegion reversed_region(const TimeDomainSetup& setup, const GridLines& lines,
                               const GridBox& design) {
  return Builder(setup, lines, design).take();
}

}  // namespace wavesmith
