#include "solvers/tensor_links.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

namespace wavesmith {
namespace {

constexpr double least_eigenvalue = 0.05;  // of octants, with unit diagonal

// Pair of components e, as 0: (0, 1), 1: (1, 2), 2: (2, 0).
constexpr std::array<std::array<std::size_t, 2>, 3> pairs = {{{0, 1}, {1, 2}, {2, 0}}};

struct Octant {
  std::array<std::size_t, 3> point{};                 // of each component
  std::array<double, 3> share{};                      // v / V of each point
  std::array<double, 3> diagonal{};                   // of xi
  std::array<double, 3> off{};                        // of each pair, not shortened
  std::array<std::array<std::size_t, 2>, 3> entry{};  // of off_diagonal of both; none: beyond
  double factor = 1.0;                                // t
};

// Eigenvalues of a symmetric tensor are mean + radius cos(...): the largest, and the least.
std::array<double, 2> extreme_eigenvalues(const std::array<double, 3>& d,
                                          const std::array<double, 3>& o) {
  const double mean = (d[0] + d[1] + d[2]) / 3.0;
  const double a = d[0] - mean, b = d[1] - mean, c = d[2] - mean;
  const double q = (a * a + b * b + c * c) / 6.0 + (o[0] * o[0] + o[1] * o[1] + o[2] * o[2]) / 3.0;
  if (q == 0.0) return {mean, mean};
  const double determinant =
      a * b * c + 2.0 * o[0] * o[1] * o[2] - a * o[1] * o[1] - b * o[2] * o[2] - c * o[0] * o[0];
  const double r = std::clamp(determinant / (2.0 * q * std::sqrt(q)), -1.0, 1.0);
  const double angle = std::acos(r) / 3.0, radius = 2.0 * std::sqrt(q);
  return {mean + radius * std::cos(angle),
          mean + radius * std::cos(angle + 2.0 * std::numbers::pi / 3.0)};
}

// The off-diagonal elements of an octant with unit diagonal.
std::array<double, 3> normalized(const Octant& octant) {
  std::array<double, 3> r{};
  for (std::size_t e = 0; e < 3; ++e)
    r[e] = octant.off[e] / std::sqrt(octant.diagonal[pairs[e][0]] * octant.diagonal[pairs[e][1]]);
  return r;
}

class Octants {
 public:
  Octants(const GridLines& lines, const TensorRows& rows) : lines_(lines), rows_(rows) {
    for (std::size_t c = 0; c < 3; ++c) {
      entry_of_[c].reserve(rows.off_diagonal[c].size());
      for (std::size_t i = 0; i < rows.off_diagonal[c].size(); ++i)
        entry_of_[c].emplace_back(rows.off_diagonal[c][i].point, i);
      std::sort(entry_of_[c].begin(), entry_of_[c].end());
    }
  }

  // Calls work(octant) for each that touches a point with off-diagonal elements.
  template <class Work>
  void for_each(const Work& work) const {
    std::vector<std::size_t> nodes;
    for (std::size_t c = 0; c < 3; ++c)
      for (const OffDiagonal& entry : rows_.off_diagonal[c]) {
        nodes.push_back(entry.point);
        std::array<int, 3> p = position(entry.point);
        if (step(p, c)) nodes.push_back(lines_.size.index(p[0], p[1], p[2]));
      }
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    for (const std::size_t node : nodes)
      for (int sides = 0; sides < 8; ++sides) {
        Octant octant;
        if (make(position(node), sides, octant)) work(octant);
      }
  }

 private:
  const LeapfrogSize& size() const { return lines_.size; }

  std::array<int, 3> position(std::size_t point) const {
    const std::size_t nx = static_cast<std::size_t>(size().points[0]);
    const std::size_t ny = static_cast<std::size_t>(size().points[1]);
    return {static_cast<int>(point % nx), static_cast<int>(point / nx % ny),
            static_cast<int>(point / nx / ny)};
  }
  // To the next node; false beyond the last.
  bool step(std::array<int, 3>& p, std::size_t axis) const {
    if (size().points[axis] == 1) return false;
    if (++p[axis] < size().points[axis]) return true;
    p[axis] = 0;
    return size().periodic[axis];
  }

  // Bit d of sides: the octant lies before the node along axis d.
  bool make(const std::array<int, 3>& node, int sides, Octant& octant) const {
    std::array<int, 3> cell = node;
    std::array<double, 3> across{};  // half of the cell against the node's own width
    for (std::size_t d = 0; d < 3; ++d) {
      const bool before = (sides >> d & 1) != 0;
      if (size().points[d] == 1) {
        if (before) return false;
        across[d] = 1.0;
        continue;
      }
      const int n = size().points[d];
      if (before && --cell[d] < 0) {
        if (!size().periodic[d]) return false;
        cell[d] = n - 1;
      }
      if (size().wall_low[d] && node[d] == 0) return false;
      for (const int at : {node[d], cell[d]})
        if (at < size().shell_low[d] || at >= n - size().shell_high[d]) return false;
      const LineMetric& metric = lines_.metrics[d];
      const double width = metric.centre[static_cast<std::size_t>(cell[d])];
      if (width == 0.0) return false;  // no cell there
      across[d] = 0.5 * metric.node[static_cast<std::size_t>(node[d])] / width;
    }
    bool any = false;
    std::array<std::array<double, 2>, 3> own{};  // next, after next of each point
    std::array<std::size_t, 3> entry{};
    for (std::size_t c = 0; c < 3; ++c) {
      std::array<int, 3> p = node;
      p[c] = cell[c];
      octant.point[c] = size().index(p[0], p[1], p[2]);
      octant.share[c] = size().points[c] == 1 ? 1.0 : 0.5;
      for (std::size_t d = 0; d < 3; ++d)
        if (d != c) octant.share[c] *= across[d];
      const std::span<const double> all = rows_.diagonal[c];
      octant.diagonal[c] = all.empty() ? 1.0 : all[all.size() == 1 ? 0 : octant.point[c]];
      const auto found = std::lower_bound(entry_of_[c].begin(), entry_of_[c].end(),
                                          std::pair(octant.point[c], std::size_t{0}));
      entry[c] = rows_.off_diagonal[c].size();
      if (found == entry_of_[c].end() || found->first != octant.point[c]) continue;
      any = true;
      entry[c] = found->second;
      own[c] = {rows_.off_diagonal[c][entry[c]].next, rows_.off_diagonal[c][entry[c]].after_next};
    }
    if (!any) return false;
    for (std::size_t e = 0; e < 3; ++e) {
      // The element of a pair is `next` of its first and `after_next` of its second component.
      // Components along axes of one point and others do not mix.
      const std::size_t a = pairs[e][0], b = pairs[e][1];
      if (size().points[a] == 1 || size().points[b] == 1) continue;
      octant.off[e] = 0.5 * (own[a][0] + own[b][1]);
      octant.entry[e] = {entry[a], entry[b]};
    }
    const double least = extreme_eigenvalues({1.0, 1.0, 1.0}, normalized(octant))[1];
    if (least < least_eigenvalue) octant.factor = (1.0 - least_eigenvalue) / (1.0 - least);
    return true;
  }

  const GridLines& lines_;
  const TensorRows& rows_;
  std::array<std::vector<std::pair<std::size_t, std::size_t>>, 3> entry_of_;  // (point, entry)
};

auto key(const TensorLink& link) {
  return std::tie(link.component, link.point, link.source, link.from);
}

}  // namespace

std::vector<TensorLink> tensor_links(const GridLines& lines, const TensorRows& rows) {
  const int first = lines.size.system == WaveSystem::maxwell ? 0 : 1;
  std::vector<TensorLink> parts;
  Octants(lines, rows).for_each([&](const Octant& octant) {
    for (std::size_t e = 0; e < 3; ++e) {
      if (octant.off[e] == 0.0) continue;
      for (const bool turned : {false, true}) {
        const std::size_t p = pairs[e][turned ? 1 : 0], q = pairs[e][turned ? 0 : 1];
        parts.push_back({first + static_cast<int>(p), octant.point[p], first + static_cast<int>(q),
                         octant.point[q], octant.share[p] * octant.factor * octant.off[e]});
      }
    }
  });
  std::sort(parts.begin(), parts.end(),
            [](const TensorLink& a, const TensorLink& b) { return key(a) < key(b); });
  std::vector<TensorLink> links;
  for (const TensorLink& part : parts)
    if (!links.empty() && key(links.back()) == key(part))
      links.back().value += part.value;
    else
      links.push_back(part);
  return links;
}

double largest_octant_eigenvalue(const GridLines& lines, const TensorRows& rows) {
  double largest = 0.0;
  Octants(lines, rows).for_each([&](const Octant& octant) {
    std::array<double, 3> off = octant.off;
    for (double& o : off) o *= octant.factor;
    largest = std::max(largest, extreme_eigenvalues(octant.diagonal, off)[0]);
  });
  return largest;
}

TensorRowGradients pull_back_tensor_links(const GridLines& lines, const TensorRows& rows,
                                          std::span<const TensorLink> links,
                                          std::span<const double> cotangents) {
  const int first = lines.size.system == WaveSystem::maxwell ? 0 : 1;
  TensorRowGradients gradient;
  for (std::size_t c = 0; c < 3; ++c) {
    gradient.diagonal[c].assign(lines.size.count(), 0.0);
    gradient.off_diagonal[c].assign(rows.off_diagonal[c].size(), {0.0, 0.0});
  }
  const auto cotangent_of = [&](const TensorLink& wanted) {
    const auto found =
        std::lower_bound(links.begin(), links.end(), wanted,
                         [](const TensorLink& a, const TensorLink& b) { return key(a) < key(b); });
    return found != links.end() && key(*found) == key(wanted)
               ? cotangents[static_cast<std::size_t>(found - links.begin())]
               : 0.0;
  };
  Octants(lines, rows).for_each([&](const Octant& octant) {
    // Of t o of each pair, then of t and o.
    std::array<double, 3> product{}, off{};
    double factor = 0.0;
    for (std::size_t e = 0; e < 3; ++e) {
      for (const bool turned : {false, true}) {
        const std::size_t p = pairs[e][turned ? 1 : 0], q = pairs[e][turned ? 0 : 1];
        if (octant.off[e] != 0.0)
          product[e] +=
              octant.share[p] * cotangent_of({first + static_cast<int>(p), octant.point[p],
                                              first + static_cast<int>(q), octant.point[q], 0.0});
      }
      off[e] = octant.factor * product[e];
      factor += octant.off[e] * product[e];
    }
    if (octant.factor < 1.0) {
      // t = (1 - least) / (1 - l), with m = l - 1 a root of m^3 - (r.r) m - 2 r1 r2 r3 = 0.
      const std::array<double, 3> r = normalized(octant);
      const double m = -(1.0 - least_eigenvalue) / octant.factor;
      const double slope = 3.0 * m * m - (r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
      for (std::size_t e = 0; e < 3; ++e) {
        const double dm = (2.0 * r[e] * m + 2.0 * r[(e + 1) % 3] * r[(e + 2) % 3]) / slope;
        const double of_r = factor * -octant.factor / m * dm;
        if (octant.off[e] == 0.0) continue;
        off[e] += of_r * r[e] / octant.off[e];
        for (const std::size_t c : pairs[e])
          gradient.diagonal[c][octant.point[c]] -= 0.5 * of_r * r[e] / octant.diagonal[c];
      }
    }
    for (std::size_t e = 0; e < 3; ++e)
      for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        const std::size_t c = pairs[e][side], at = octant.entry[e][side];
        if (octant.off[e] != 0.0 && at < gradient.off_diagonal[c].size())
          gradient.off_diagonal[c][at][side] += 0.5 * off[e];
      }
  });
  return gradient;
}

}  // namespace wavesmith
