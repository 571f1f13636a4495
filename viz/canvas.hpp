// A small raster picture with lines, text and PNG encoding; needs neither a display nor OpenGL.
//
// Pixel (0, 0) is the upper left one; lengths are in pixels.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "viz/colour_map.hpp"

namespace wavesmith {

inline constexpr Rgb white{255, 255, 255};
inline constexpr Rgb black{0, 0, 0};

enum class Align { left, centre, right };

class Canvas {
 public:
  // Filled with white. Throws InputError for sizes outside 1..16384.
  Canvas(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  Rgb pixel(int x, int y) const { return pixels_[index(x, y)]; }
  void set(int x, int y, Rgb colour);  // outside the canvas: nothing happens
  void blend(int x, int y, Rgb colour, double coverage);
  void fill(int x, int y, int width, int height, Rgb colour);
  void outline(int x, int y, int width, int height, Rgb colour);  // one pixel, inside the box
  void line(double x0, double y0, double x1, double y1, double thickness, Rgb colour);
  void disc(double x, double y, double radius, Rgb colour);

  // One line of text whose box has its upper edge at y. "^-3" is set as a superscript.
  void text(int x, int y, const std::string& text, int size, Align align, bool bold = false);
  // The same, turned to read upward, centred at y, with its box's left edge at x.
  void text_upward(int x, int y, const std::string& text, int size);

  void paste(const Canvas& other, int x, int y);

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
           static_cast<std::size_t>(x);
  }
  int width_, height_;
  std::vector<Rgb> pixels_;
};

// Width in pixels that Canvas::text would take.
int text_width(const std::string& text, int size, bool bold = false);
// Height of a line of text, the same for every text of this size.
int text_height(int size);

std::string encode_png(const Canvas& canvas);
// Throws InputError where the bytes are not a PNG picture.
Canvas decode_png(const std::string& bytes);
Canvas read_png(const std::filesystem::path& path);

}  // namespace wavesmith
