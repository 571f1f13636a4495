// A picture in the amplitude or the phase of a field: how a sample of a data set enters the optics.
//
// The image is scaled onto a window of the plane; its row 0 lies at the smallest y and its column
// 0 at the smallest x, so that image and field print alike. Pixel values are used as they are.
//   amplitude: u = value                 phase: u = exp(i max_phase value)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/plane.hpp"
#include "physics/layer.hpp"

namespace wavesmith {

enum class ImageEncoding { amplitude, phase };
enum class ImageScaling { nearest, bilinear };

struct ImageWindow {
  int rows = 28, columns = 28;       // of the image
  double width = 0.0, height = 0.0;  // of the window [m]; 0: the whole plane
  double x = 0.0, y = 0.0;           // its centre, from the plane's centre [m]
  ImageEncoding encoding = ImageEncoding::amplitude;
  ImageScaling scaling = ImageScaling::nearest;
  double max_phase = 6.283185307179586;  // phase of the value 1 [rad]
  double outside = 0.0;                  // amplitude around the window
};

class ImageEncoder {
 public:
  ImageEncoder(const Plane& plane, const ImageWindow& window);

  const Plane& plane() const { return plane_; }
  std::size_t image_size() const;  // values per image
  // image: row-major, image_size() values. field: every sample of the plane is written.
  void encode(std::span<const float> image, std::span<Complex> field) const;

 private:
  // Neighbouring image pixels and the share of the second, along one axis.
  struct Tap {
    std::uint32_t first, second;
    float share;
  };
  static std::vector<Tap> taps(int samples, double start, double step, int pixels,
                               ImageScaling scaling);

  Plane plane_;
  ImageWindow window_;
  int first_column_, first_row_;     // of the window on the plane
  std::vector<Tap> columns_, rows_;  // one per sample of the window along each axis
};

ImageEncoding encoding_from_name(const std::string& name);
ImageScaling scaling_from_name(const std::string& name);

}  // namespace wavesmith
