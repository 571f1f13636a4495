// PNG pictures for people: maps with axes, colour bar and title; panels of them; curves.
//
// Drawn without a display and without OpenGL. All files appear under their name only when whole.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/frame.hpp"
#include "viz/chart.hpp"
#include "viz/colour_map.hpp"

namespace wavesmith {

enum class ColourScale { linear, logarithmic };

// Values on a regular grid as a picture. A value that is not finite is drawn grey.
struct Picture {
  std::vector<float> values;  // x fastest; row 0 at the bottom
  int nx = 0, ny = 0;
  std::array<double, 2> x{0.0, 1.0};  // positions of the left and right outer edge [m]
  std::array<double, 2> y{0.0, 1.0};  // of the lower and upper outer edge [m]
  std::string x_name = "x", y_name = "y";
  std::string title;
  std::string label, unit;  // of the colour bar: "intensity", "W/m^2"
  ColourMap map = ColourMap::intensity;
  ColourScale scale = ColourScale::linear;
  // Value range of the colours. Without one: the data's; for `phase` -pi to pi, to which values are
  // wrapped; for `diverging` symmetric about 0; for a logarithmic scale at most six decades.
  std::optional<std::array<double, 2>> range;
};

// The named array of a frame that is flat along one axis (nx x ny x 1, nx x 1 x nz, ...); of a
// volume the middle plane across z, of vectors the length. Graded points fill the place half way to
// their neighbours. Names ending in "phase" get the phase map, and signed values the diverging one.
// A frame with long sides of very unequal length is drawn with unequal scales.
Picture picture_of(const Frame& frame, const std::string& array);

// At most `most` moments of a series of frames in time, evenly chosen with the first and the last,
// titled by their times [s] and with one range of colours: for write_panels_png.
std::vector<Picture> film_of(const std::vector<Frame>& frames, const std::string& array,
                             std::size_t most = 8);

void write_png(const Picture& picture, const std::filesystem::path& path);

// Several pictures in a grid under a common title; `columns` 0 chooses them by number.
void write_panels_png(const std::vector<Picture>& pictures, const std::string& title,
                      const std::filesystem::path& path, int columns = 0);

void write_curves_png(const Chart& chart, const std::filesystem::path& path);
// One below the other, with plots of one width; InputError where there are none.
void write_curves_png(const std::vector<Chart>& charts, const std::filesystem::path& path);

// The colours a picture's values span when drawn: its `range`, or the one chosen for it.
std::array<double, 2> colour_range(const Picture& picture);

}  // namespace wavesmith
