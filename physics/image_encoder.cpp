#include "physics/image_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

#include "core/error.hpp"
#include "physics/names.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

struct SampleRange {
  int first, count;
};

// Samples of an axis whose centres lie inside the window, the upper edge excluded, so that windows
// side by side share no sample. The margin absorbs the rounding of positions given in metres.
SampleRange samples_inside(int count, double spacing, double offset, double size) {
  const double middle = 0.5 * (count - 1) + offset / spacing, half = 0.5 * size / spacing;
  const double first = std::ceil(middle - half - 1e-9), end = std::ceil(middle + half - 1e-9);
  return {static_cast<int>(first), static_cast<int>(end - first)};
}

void validate_inside(double offset, double size, double whole, const std::string& axis) {
  WAVESMITH_VALIDATE(std::abs(offset) + 0.5 * size <= 0.5 * whole * (1.0 + 1e-9),
                     fmt::format("the image window, {} m wide at {} m along {}, leaves its plane, "
                                 "which is {} m wide; make it smaller or the plane larger",
                                 size, offset, axis, whole));
}

}  // namespace

ImageEncoder::ImageEncoder(const Plane& plane, const ImageWindow& window)
    : plane_(plane), window_(window) {
  validate_plane(plane, "image source");
  WAVESMITH_VALIDATE(
      window.rows >= 1 && window.columns >= 1 && window.rows <= 65536 && window.columns <= 65536,
      fmt::format("an image of {} x {} pixels cannot be encoded; give 1 to 65536 "
                  "rows and columns",
                  window.rows, window.columns));
  if (window_.width == 0.0) window_.width = plane.width();
  if (window_.height == 0.0) window_.height = plane.height();
  validate_positive(window_.width, "image window: width [m]");
  validate_positive(window_.height, "image window: height [m]");
  validate_finite(window_.max_phase, "image: max_phase [rad]");
  validate_not_negative(window_.outside, "image: outside");
  validate_inside(window_.x, window_.width, plane.width(), "x");
  validate_inside(window_.y, window_.height, plane.height(), "y");

  const SampleRange across = samples_inside(plane.nx, plane.dx, window_.x, window_.width);
  const SampleRange down = samples_inside(plane.ny, plane.dy, window_.y, window_.height);
  WAVESMITH_VALIDATE(across.count >= 1 && down.count >= 1,
                     "the image window lies between two samples of its plane; make it larger");
  first_column_ = across.first;
  first_row_ = down.first;
  const auto place = [](int first, int count, double spacing, double offset, double size,
                        int pixels) {
    // Position of the first sample from the window's edge, in image pixels.
    const double position = (first - 0.5 * (count - 1)) * spacing - offset + 0.5 * size;
    return position / size * pixels;
  };
  columns_ = taps(across.count,
                  place(across.first, plane.nx, plane.dx, window_.x, window_.width, window.columns),
                  plane.dx / window_.width * window.columns, window.columns, window.scaling);
  rows_ = taps(down.count,
               place(down.first, plane.ny, plane.dy, window_.y, window_.height, window.rows),
               plane.dy / window_.height * window.rows, window.rows, window.scaling);
}

std::vector<ImageEncoder::Tap> ImageEncoder::taps(int samples, double start, double step,
                                                  int pixels, ImageScaling scaling) {
  std::vector<Tap> result;
  for (int i = 0; i < samples; ++i) {
    const double position = start + i * step;  // in pixels from the edge: pixel p is p to p + 1
    if (scaling == ImageScaling::nearest) {
      const int pixel = std::clamp(static_cast<int>(std::floor(position + 1e-9)), 0, pixels - 1);
      const auto index = static_cast<std::uint32_t>(pixel);
      result.push_back({index, index, 0.0f});
    } else {
      const double centred = std::clamp(position - 0.5, 0.0, pixels - 1.0);
      const int first = std::min(static_cast<int>(centred), std::max(0, pixels - 2));
      result.push_back({static_cast<std::uint32_t>(first),
                        static_cast<std::uint32_t>(std::min(first + 1, pixels - 1)),
                        static_cast<float>(centred - first)});
    }
  }
  return result;
}

std::size_t ImageEncoder::image_size() const {
  return static_cast<std::size_t>(window_.rows) * static_cast<std::size_t>(window_.columns);
}

void ImageEncoder::encode(std::span<const float> image, std::span<Complex> field) const {
  validate_count(image.size(), image_size(), "the image");
  std::fill(field.begin(), field.end(), Complex(window_.outside));
  const auto width = static_cast<std::size_t>(window_.columns);
  for (std::size_t j = 0; j < rows_.size(); ++j) {
    const Tap& row = rows_[j];
    const float* above = image.data() + row.first * width;
    const float* below = image.data() + row.second * width;
    Complex* out =
        field.data() +
        (static_cast<std::size_t>(first_row_) + j) * static_cast<std::size_t>(plane_.nx) +
        static_cast<std::size_t>(first_column_);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Tap& column = columns_[i];
      const float top =
          above[column.first] + column.share * (above[column.second] - above[column.first]);
      const float bottom =
          below[column.first] + column.share * (below[column.second] - below[column.first]);
      const double value = top + row.share * (bottom - top);
      out[i] = window_.encoding == ImageEncoding::amplitude
                   ? Complex(value)
                   : std::polar(1.0, window_.max_phase * value);
    }
  }
}

ImageEncoding encoding_from_name(const std::string& name) {
  constexpr std::array<NamedValue<ImageEncoding>, 2> names{
      {{"amplitude", ImageEncoding::amplitude}, {"phase", ImageEncoding::phase}}};
  return value_from_name<ImageEncoding>(names, name, "image encoding");
}

ImageScaling scaling_from_name(const std::string& name) {
  constexpr std::array<NamedValue<ImageScaling>, 2> names{
      {{"nearest", ImageScaling::nearest}, {"bilinear", ImageScaling::bilinear}}};
  return value_from_name<ImageScaling>(names, name, "image scaling");
}

}  // namespace wavesmith
