#include "physics/subpixel.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/error.hpp"
#include "kernels/parallel.hpp"

namespace wavesmith {
namespace {

double constant(std::span<const double> constants, int material) {
  return constants[static_cast<std::size_t>(material)];
}

void validate_constants(std::span<const double> constants, std::size_t needed) {
  WAVESMITH_VALIDATE(constants.size() >= needed, "averaging: " + std::to_string(constants.size()) +
                                                     " constants for " + std::to_string(needed) +
                                                     " materials");
  for (const double value : constants)
    WAVESMITH_VALIDATE(
        std::isfinite(value) && value > 0.0,
        "averaging: a constant is " + std::to_string(value) + "; each must be finite and above 0");
}

double trace(const SymmetricTensor& t) {
  return t[0] + t[1] + t[2];
}

// Whether densities of the mixture are too far apart for the tensor.
bool is_steep(const Mixture& mixture, std::span<const double> constants) {
  double least = constant(constants, mixture.materials.front().material), most = least;
  for (const MaterialShare& m : mixture.materials) {
    least = std::min(least, constant(constants, m.material));
    most = std::max(most, constant(constants, m.material));
  }
  return wavesmith::is_steep(least, most);
}

// The mean projector, and the weights that made it.
struct Projector {
  SymmetricTensor value{};
  double total = 0.0;
  bool by_contrast = false;  // false: every contrast is 0, areas alone were the weights
};

double contrast(const Interface& i, std::span<const double> constants) {
  return constant(constants, i.first) - constant(constants, i.second);
}

Projector projector_of(const Mixture& mixture, std::span<const double> constants) {
  Projector p;
  for (const bool by_contrast : {true, false}) {
    p = {};
    p.by_contrast = by_contrast;
    for (const Interface& i : mixture.interfaces) {
      const double step = contrast(i, constants);
      const double weight = by_contrast ? step * step : 1.0;
      for (std::size_t e = 0; e < 6; ++e) p.value[e] += weight * i.orientation[e];
      p.total += weight * trace(i.orientation);
    }
    if (p.total > 0.0) break;
  }
  // Where two materials only touch at an edge there is no area: no direction is special.
  for (std::size_t e = 0; e < 6; ++e)
    p.value[e] = p.total > 0.0 ? p.value[e] / p.total : (e < 3 ? 1.0 / 3.0 : 0.0);
  return p;
}

}  // namespace

double mean(const Mixture& mixture, std::span<const double> constants) {
  double sum = 0.0;
  for (const MaterialShare& m : mixture.materials) sum += m.share * constant(constants, m.material);
  return sum;
}

double mean_inverse(const Mixture& mixture, std::span<const double> constants) {
  double sum = 0.0;
  for (const MaterialShare& m : mixture.materials) sum += m.share / constant(constants, m.material);
  return sum;
}

void pull_back_mean(const Mixture& mixture, double cotangent, std::span<double> gradient) {
  for (const MaterialShare& m : mixture.materials)
    gradient[static_cast<std::size_t>(m.material)] += cotangent * m.share;
}

void pull_back_mean_inverse(const Mixture& mixture, std::span<const double> constants,
                            double cotangent, std::span<double> gradient) {
  for (const MaterialShare& m : mixture.materials) {
    const double c = constant(constants, m.material);
    gradient[static_cast<std::size_t>(m.material)] -= cotangent * m.share / (c * c);
  }
}

SymmetricTensor inverse_tensor(const Mixture& mixture, std::span<const double> constants,
                               TensorLaw law) {
  if (mixture.uniform()) {
    const double inverse = 1.0 / constant(constants, mixture.materials[0].material);
    return {inverse, inverse, inverse, 0.0, 0.0, 0.0};
  }
  double across = mean_inverse(mixture, constants), along = 1.0 / mean(mixture, constants);
  if (law == TensorLaw::density) {
    if (is_steep(mixture, constants)) return {along, along, along, 0.0, 0.0, 0.0};
    std::swap(across, along);
  }
  const Projector p = projector_of(mixture, constants);
  SymmetricTensor tensor{};
  for (std::size_t e = 0; e < 6; ++e)
    tensor[e] = p.value[e] * (across - along) + (e < 3 ? along : 0.0);
  return tensor;
}

void pull_back_inverse_tensor(const Mixture& mixture, std::span<const double> constants,
                              const SymmetricTensor& cotangent, std::span<double> gradient,
                              TensorLaw law) {
  if (mixture.uniform()) {
    pull_back_mean_inverse(mixture, constants, trace(cotangent), gradient);
    return;
  }
  const double average = mean(mixture, constants);
  if (law == TensorLaw::density && is_steep(mixture, constants)) {
    pull_back_mean(mixture, -trace(cotangent) / (average * average), gradient);
    return;
  }
  double across = mean_inverse(mixture, constants), along = 1.0 / average;
  const Projector p = projector_of(mixture, constants);
  double by_projector = 0.0;
  for (std::size_t e = 0; e < 6; ++e) by_projector += cotangent[e] * p.value[e];

  // With the projector held: tensor = P across + (1 - P) along.
  double of_inverse_mean = by_projector, of_mean = trace(cotangent) - by_projector;
  if (law == TensorLaw::density) {
    std::swap(across, along);
    std::swap(of_inverse_mean, of_mean);
  }
  pull_back_mean_inverse(mixture, constants, of_inverse_mean, gradient);
  pull_back_mean(mixture, -of_mean / (average * average), gradient);

  // The projector's weights. One pair of materials has one weight, which cancels.
  if (!p.by_contrast || mixture.interfaces.size() < 2) return;
  for (const Interface& i : mixture.interfaces) {
    double by_interface = 0.0;
    for (std::size_t e = 0; e < 6; ++e) by_interface += cotangent[e] * i.orientation[e];
    const double of_weight =
        (across - along) * (by_interface - trace(i.orientation) * by_projector) / p.total;
    const double of_step = 2.0 * contrast(i, constants) * of_weight;
    gradient[static_cast<std::size_t>(i.first)] += of_step;
    gradient[static_cast<std::size_t>(i.second)] -= of_step;
  }
}

SymmetricTensor average_inverse_permittivity(const Geometry& geometry,
                                             std::span<const double> permittivity_of_material,
                                             const Vec3& lo, const Vec3& hi) {
  validate_constants(permittivity_of_material, static_cast<std::size_t>(geometry.material_count()));
  return inverse_tensor(mixture_of(geometry, lo, hi), permittivity_of_material);
}

std::vector<Bounds> averaging_boxes(const YeeGrid& grid, const Places& places,
                                    const FaceRules& rules, const IndexRange& range) {
  std::vector<Bounds> boxes(1);
  for (std::size_t a = 0; a < 3; ++a) {
    const Axis& axis = grid.axes[a];
    const int first = range.begin[a], last = range.end[a] - 1, n = axis.cells();
    double lo = 0.0, hi = 0.0;
    bool wraps = false;
    if (n == 1) {
      lo = hi = axis.centre(0);
    } else if (places[a] == Place::centre) {
      lo = axis.edge(first);
      hi = axis.edge(last + 1);
    } else {
      lo = first > 0 ? axis.centre(first - 1) : axis.low();
      hi = axis.centre(last);
      wraps = first == 0 && rules[a] == FaceRule::periodic;
    }
    const std::size_t count = boxes.size();
    if (wraps) boxes.resize(2 * count);
    for (std::size_t b = 0; b < count; ++b) {
      if (wraps) {
        boxes[count + b] = boxes[b];
        boxes[count + b].lo[a] = axis.centre(n - 1);
        boxes[count + b].hi[a] = axis.high();
      }
      boxes[b].lo[a] = lo;
      boxes[b].hi[a] = hi;
    }
  }
  return boxes;
}

ComponentMixtures mixtures_on_grid(const Geometry& geometry, const YeeGrid& grid,
                                   const Places& places, const FaceRules& rules, int threads) {
  const auto nx = static_cast<std::size_t>(grid.cells(0));
  const auto ny = static_cast<std::size_t>(grid.cells(1));
  ComponentMixtures result;
  result.entry.resize(grid.size());
  const Stack all = whole_stack(geometry);
  const int row_count = grid.cells(1) * grid.cells(2);

  // Each thread keeps the mixtures of its own points.
  using Found = std::vector<std::pair<std::size_t, Mixture>>;
  std::vector<Found> found_by_thread;
  std::mutex guard;
  parallel_ranges(grid.size(), threads, [&](std::size_t begin, std::size_t end) {
    Found found;
    GridSweep sweep;
    const auto index = [&](int i, int j, int k) {
      return (static_cast<std::size_t>(k) * ny + static_cast<std::size_t>(j)) * nx +
             static_cast<std::size_t>(i);
    };
    sweep.boxes_of = [&](const IndexRange& range) {
      return averaging_boxes(grid, places, rules, range);
    };
    sweep.uniform = [&](const IndexRange& range, int material) {
      for (int k = range.begin[2]; k < range.end[2]; ++k)
        for (int j = range.begin[1]; j < range.end[1]; ++j)
          std::fill_n(
              result.entry.begin() + static_cast<std::ptrdiff_t>(index(range.begin[0], j, k)),
              range.end[0] - range.begin[0], material);
    };
    sweep.point = [&](int i, int j, int k, const Stack& stack) {
      const std::vector<Bounds> boxes =
          averaging_boxes(grid, places, rules, {{i, j, k}, {i + 1, j + 1, k + 1}});
      Mixture mixture = mixture_of(stack, boxes);
      if (mixture.uniform())
        result.entry[index(i, j, k)] = mixture.materials[0].material;
      else
        found.emplace_back(index(i, j, k), std::move(mixture));
    };
    const auto first = static_cast<int>((begin + nx - 1) / nx);
    const auto last = std::min(static_cast<int>((end + nx - 1) / nx), row_count);
    for (const IndexRange& range : row_ranges(grid, first, last)) sweep(range, all);
    const std::lock_guard lock(guard);
    found_by_thread.push_back(std::move(found));
  });

  Found every;
  for (Found& found : found_by_thread)
    every.insert(every.end(), std::make_move_iterator(found.begin()),
                 std::make_move_iterator(found.end()));
  std::sort(every.begin(), every.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  result.mixtures.reserve(every.size());
  for (auto& [point, mixture] : every) {
    result.entry[point] = -1 - static_cast<std::int32_t>(result.mixtures.size());
    result.mixtures.push_back(std::move(mixture));
  }
  return result;
}

namespace {

// Where row `component` is in a SymmetricTensor.
struct RowPlaces {
  std::size_t own, next, after_next;
};
RowPlaces row_places(int component) {
  const auto c = static_cast<std::size_t>(component);
  return {c, tensor_place(c, (c + 1) % 3), tensor_place(c, (c + 2) % 3)};
}

const Mixture* mixture_at(const ComponentMixtures& mixtures, std::size_t point) {
  const std::int32_t entry = mixtures.entry[point];
  return entry < 0 ? &mixtures.mixtures[static_cast<std::size_t>(-1 - entry)] : nullptr;
}

bool is_diagonal(const SymmetricTensor& tensor, const RowPlaces& at) {
  return std::abs(tensor[at.next]) + std::abs(tensor[at.after_next]) < 1e-12 * tensor[at.own];
}

}  // namespace

TensorRow tensor_row(const ComponentMixtures& mixtures, std::span<const double> constants,
                     int component, TensorLaw law) {
  const RowPlaces at = row_places(component);
  TensorRow row;
  row.diagonal.resize(mixtures.entry.size());
  for (std::size_t p = 0; p < mixtures.entry.size(); ++p) {
    const Mixture* mixture = mixture_at(mixtures, p);
    if (mixture == nullptr) {
      row.diagonal[p] = 1.0 / constant(constants, mixtures.entry[p]);
      continue;
    }
    const SymmetricTensor tensor = inverse_tensor(*mixture, constants, law);
    row.diagonal[p] = tensor[at.own];
    if (!is_diagonal(tensor, at))
      row.off_diagonal.push_back({p, tensor[at.next], tensor[at.after_next]});
  }
  return row;
}

void pull_back_tensor_row(const ComponentMixtures& mixtures, std::span<const double> constants,
                          int component, const TensorRow& cotangent, std::span<double> gradient,
                          TensorLaw law) {
  const RowPlaces at = row_places(component);
  std::size_t next_off_diagonal = 0;
  for (std::size_t p = 0; p < mixtures.entry.size(); ++p) {
    const Mixture* mixture = mixture_at(mixtures, p);
    if (mixture == nullptr) {
      const double c = constant(constants, mixtures.entry[p]);
      gradient[static_cast<std::size_t>(mixtures.entry[p])] -= cotangent.diagonal[p] / (c * c);
      continue;
    }
    SymmetricTensor of_tensor{};
    of_tensor[at.own] = cotangent.diagonal[p];
    if (next_off_diagonal < cotangent.off_diagonal.size() &&
        cotangent.off_diagonal[next_off_diagonal].point == p) {
      of_tensor[at.next] = cotangent.off_diagonal[next_off_diagonal].next;
      of_tensor[at.after_next] = cotangent.off_diagonal[next_off_diagonal].after_next;
      ++next_off_diagonal;
    }
    pull_back_inverse_tensor(*mixture, constants, of_tensor, gradient, law);
  }
}

std::vector<double> mean_on_grid(const ComponentMixtures& mixtures,
                                 std::span<const double> constants) {
  std::vector<double> values(mixtures.entry.size());
  for (std::size_t p = 0; p < values.size(); ++p) {
    const Mixture* mixture = mixture_at(mixtures, p);
    values[p] =
        mixture != nullptr ? mean(*mixture, constants) : constant(constants, mixtures.entry[p]);
  }
  return values;
}

std::vector<double> mean_inverse_on_grid(const ComponentMixtures& mixtures,
                                         std::span<const double> constants) {
  std::vector<double> values(mixtures.entry.size());
  for (std::size_t p = 0; p < values.size(); ++p) {
    const Mixture* mixture = mixture_at(mixtures, p);
    values[p] = mixture != nullptr ? mean_inverse(*mixture, constants)
                                   : 1.0 / constant(constants, mixtures.entry[p]);
  }
  return values;
}

std::array<TensorRow, 3> inverse_permittivity_on_grid(const Geometry& geometry, const YeeGrid& grid,
                                                      std::span<const double> permittivity,
                                                      const FaceRules& rules, int threads) {
  validate_constants(permittivity, static_cast<std::size_t>(geometry.material_count()));
  std::array<TensorRow, 3> result;
  for (int c = 0; c < 3; ++c)
    result[static_cast<std::size_t>(c)] = tensor_row(
        mixtures_on_grid(geometry, grid, electric_places(c), rules, threads), permittivity, c);
  return result;
}

}  // namespace wavesmith
