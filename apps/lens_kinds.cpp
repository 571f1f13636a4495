#include "apps/lens_kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/pillar_lens.hpp"
#include "solvers/ridge_lens.hpp"

namespace wavesmith {
namespace {

// How far the sizes of mirror images may be apart [m].
constexpr double same_size = 1e-9;

class RidgeKind final : public LensKind {
 public:
  const char* solver() const override { return "ridge_lens"; }
  const char* sentence() const override {
    return "A whole lens of ridges by full waves, against its design";
  }
  const char* cells() const override { return "ridges"; }
  const char* sizes_file() const override { return "widths_file"; }
  CellShape shape() const override { return CellShape::ridge; }
  void validate(const CellLens& lens) const override { validate_ridge_lens(lens); }
  std::uint64_t bytes(const CellLens& lens) const override { return ridge_lens_bytes(lens); }

  std::vector<double> sizes(const CellLens& lens, const CsvTable& list) const override {
    const std::vector<double> x = list.column("x_m"), width = list.column("ridge_width_m");
    std::vector<double> widths;
    for (std::size_t i = 0; i < x.size(); ++i)
      if (std::abs(x[i]) < 0.5 * lens.diameter()) widths.push_back(width[i]);
    if (widths.size() != lens.count)
      throw InputError(fmt::format("there are {} ridges within the lens of {} times {}",
                                   widths.size(), lens.count,
                                   format_quantity(lens.pitch, Dimension::length)));
    return widths;
  }

  CsvTable list(const CellLens& lens, const std::vector<double>& designed,
                const std::vector<double>& sizes) const override {
    CsvTable list;
    list.columns = {"x_m", "designed_m", "ridge_width_m"};
    for (std::size_t r = 0; r < lens.count; ++r)
      list.rows.push_back({lens.pitch * (static_cast<double>(r) + 0.5) - 0.5 * lens.diameter(),
                           designed[r], sizes[r]});
    return list;
  }

  Focus ideal(const CellLens& lens) const override {
    return focus_of(lens, ideal_lens_field(lens), lens.focal_length);
  }
  Focus thin(const CellLens& lens, const std::vector<std::complex<double>>& t) const override {
    return focus_of(lens, thin_lens_field(lens, t), lens.focal_length);
  }
  std::unique_ptr<CellLensMarch> march(const CellLens& lens, const FocusGoal& goal) const override {
    return std::make_unique<RidgeLensMarch>(lens, goal);
  }
};

class PillarKind final : public LensKind {
 public:
  const char* solver() const override { return "pillar_lens"; }
  const char* sentence() const override {
    return "A whole lens of round pillars by full waves in three dimensions, against its design";
  }
  const char* cells() const override { return "pillars"; }
  const char* sizes_file() const override { return "radii_file"; }
  CellShape shape() const override { return CellShape::round; }
  void validate(const CellLens& lens) const override { validate_pillar_lens(lens); }
  std::uint64_t bytes(const CellLens& lens) const override { return pillar_lens_bytes(lens); }

  std::vector<double> sizes(const CellLens& lens, const CsvTable& list) const override {
    const std::vector<double> x = list.column("x_m"), y = list.column("y_m"),
                              radius = list.column("radius_m");
    std::vector<double> radii;
    for (const Point2& place : pillar_places(lens)) {
      std::vector<double> images;
      for (std::size_t i = 0; i < x.size(); ++i)
        if (std::abs(std::abs(x[i]) - place[0]) < 1e-3 * lens.pitch &&
            std::abs(std::abs(y[i]) - place[1]) < 1e-3 * lens.pitch)
          images.push_back(radius[i]);
      const std::size_t expected = (place[0] > 0.0 ? 2U : 1U) * (place[1] > 0.0 ? 2U : 1U);
      const std::string where =
          fmt::format("x = {}{}, y = {}{}", place[0] > 0.0 ? "+-" : "", length(place[0]),
                      place[1] > 0.0 ? "+-" : "", length(place[1]));
      if (images.size() != expected)
        throw InputError(fmt::format("{} pillars at {} where the lens of {} times {} has {}",
                                     images.size(), where, lens.count, length(lens.pitch),
                                     expected));
      const auto [least, most] = std::minmax_element(images.begin(), images.end());
      if (*most - *least > same_size)
        throw InputError(
            fmt::format("the pillars at {} have radii from {} to {}; a lens is "
                        "marched as a quarter, so mirror images must be the same to "
                        "{}",
                        where, length(*least), length(*most), length(same_size)));
      double sum = 0.0;
      for (const double one : images) sum += one;
      radii.push_back(sum / static_cast<double>(images.size()));
    }
    return radii;
  }

  CsvTable list(const CellLens& lens, const std::vector<double>& designed,
                const std::vector<double>& sizes) const override {
    const std::vector<Point2> places = pillar_places(lens);
    CsvTable list;
    list.columns = {"x_m", "y_m", "designed_m", "radius_m"};
    for (std::size_t p = 0; p < places.size(); ++p)
      for (const double sy : {-1.0, 1.0})
        for (const double sx : {-1.0, 1.0}) {
          if ((sx < 0.0 && places[p][0] == 0.0) || (sy < 0.0 && places[p][1] == 0.0)) continue;
          list.rows.push_back({sx * places[p][0], sy * places[p][1], designed[p], sizes[p]});
        }
    std::sort(list.rows.begin(), list.rows.end(), [](const auto& a, const auto& b) {
      return std::pair(a[1], a[0]) < std::pair(b[1], b[0]);
    });
    return list;
  }

  Focus ideal(const CellLens& lens) const override {
    return focus_of(lens, ideal_pillar_lens_field(lens), lens.focal_length);
  }
  Focus thin(const CellLens& lens, const std::vector<std::complex<double>>& t) const override {
    return focus_of(lens, thin_pillar_lens_field(lens, t), lens.focal_length);
  }
  std::unique_ptr<CellLensMarch> march(const CellLens& lens, const FocusGoal& goal) const override {
    return std::make_unique<PillarLensMarch>(lens, goal);
  }

 private:
  static std::string length(double value) { return format_quantity(value, Dimension::length); }
};

}  // namespace

const std::vector<const LensKind*>& list_lens_kinds() {
  static const RidgeKind ridges;
  static const PillarKind pillars;
  static const std::vector<const LensKind*> kinds = {&ridges, &pillars};
  return kinds;
}

const LensKind* find_lens_kind(const std::string& solver) {
  for (const LensKind* kind : list_lens_kinds())
    if (kind->solver() == solver) return kind;
  return nullptr;
}

}  // namespace wavesmith
