#include "solvers/tensor_gradient.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "solvers/time_domain_transposed.hpp"

namespace wavesmith {
namespace {

std::optional<std::size_t> place_in(const GridBox& box, const LeapfrogSize& size,
                                    std::size_t point) {
  const std::size_t nx = static_cast<std::size_t>(size.points[0]);
  const std::size_t ny = static_cast<std::size_t>(size.points[1]);
  const std::array<int, 3> p = {static_cast<int>(point % nx), static_cast<int>(point / nx % ny),
                                static_cast<int>(point / nx / ny)};
  std::size_t place = 0;
  for (std::size_t d = 3; d-- > 0;) {
    if (p[d] < box.begin[d] || p[d] >= box.end[d]) return std::nullopt;
    place = place * static_cast<std::size_t>(box.end[d] - box.begin[d]) +
            static_cast<std::size_t>(p[d] - box.begin[d]);
  }
  return place;
}

}  // namespace

TensorGradient::TensorGradient(const TimeDomainSetup& setup, const GridLines& lines,
                               const GridBox& design, const GradientWants& wants)
    : first_(setup.system == WaveSystem::maxwell ? 0 : 1),
      wanted_(first_ == 0 || wants.second_group) {
  if (!wanted_) return;
  links_ = tensor_links(lines, tensor_rows(setup));
  std::map<std::pair<int, std::size_t>, std::size_t> number;
  for (std::size_t l = 0; l < links_.size(); ++l) {
    const TensorLink& link = links_[l];
    const auto place = place_in(design, lines.size, link.point);
    if (!place) continue;
    const auto [found, added] = number.try_emplace({link.source, link.from}, sources_.size());
    if (added) sources_.push_back({link.source, link.from});
    products_.push_back(
        {l, static_cast<std::size_t>(link.component - first_), *place, found->second});
  }
}

void TensorGradient::finish(const TimeDomainSetup& setup, const GridLines& lines,
                            const GridBox& design, TimeDomainGradient& gradient) const {
  if (!wanted_) return;
  for (std::size_t c = 0; c < 3; ++c)
    gradient.off_diagonal[c].assign(setup.off_diagonal[c].size(), {0.0, 0.0});
  if (products_.empty()) return;
  auto& of_coefficient = first_ == 0 ? gradient.coefficient : gradient.second_coefficient;
  std::array<std::vector<double>, 3> scale;
  for (int r = 0; r < 3; ++r)
    scale[static_cast<std::size_t>(r)] = cotangent_scales(setup, lines, first_ + r, design);
  std::vector<double> cotangents(links_.size(), 0.0);
  for (const Product& product : products_) {
    const TensorLink& link = links_[product.link];
    const double factor = scale[product.row][product.place];
    if (factor == 0.0) continue;
    cotangents[product.link] = product.sum / factor;
    const std::vector<double>& c =
        setup.coefficient[static_cast<std::size_t>(first_) + product.row];
    const double coefficient = c.empty() ? 1.0 : c[c.size() == 1 ? 0 : link.point];
    of_coefficient[product.row][product.place] -=
        link.value * cotangents[product.link] / coefficient;
  }
  TensorRowGradients rows = pull_back_tensor_links(lines, tensor_rows(setup), links_, cotangents);
  gradient.off_diagonal = std::move(rows.off_diagonal);
  for (std::size_t c = 0; c < 3; ++c) {
    std::size_t at = 0;
    for_points(design, lines.size, [&](const std::array<int, 3>&, std::size_t point) {
      of_coefficient[c][at++] += rows.diagonal[c][point];
    });
  }
}

}  // namespace wavesmith
