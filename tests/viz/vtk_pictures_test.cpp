#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"
#include "viz/canvas.hpp"
#include "viz/pictures.hpp"

namespace wavesmith {
namespace {

struct Box {
  int left, top, right, bottom;  // of the map's inside, right and bottom excluded
};

// Length of the black run from (x, y) in the direction (dx, dy).
int black_run(const Canvas& canvas, int x, int y, int dx, int dy) {
  int n = 0;
  while (x < canvas.width() && y < canvas.height() && canvas.pixel(x, y) == black) {
    ++n;
    x += dx;
    y += dy;
  }
  return n;
}

// Frames of maps: where black runs far both right and down from a corner.
std::vector<Box> find_maps(const Canvas& canvas) {
  std::vector<Box> maps;
  for (int y = 0; y < canvas.height(); ++y)
    for (int x = 0; x < canvas.width(); ++x) {
      if (canvas.pixel(x, y) != black) continue;
      const int right = black_run(canvas, x, y, 1, 0), down = black_run(canvas, x, y, 0, 1);
      if (right > 100 && down > 100) maps.push_back({x + 1, y + 1, x + right - 1, y + down - 1});
    }
  return maps;
}

Box find_map(const Canvas& canvas) {
  const std::vector<Box> maps = find_maps(canvas);
  EXPECT_EQ(maps.size(), 1u);
  return maps.empty() ? Box{1, 1, 2, 2} : maps.front();
}

Picture ramp(int nx, int ny) {
  Picture picture;
  picture.nx = nx;
  picture.ny = ny;
  picture.x = {0.0, nx * 1e-3};
  picture.y = {0.0, ny * 1e-3};
  for (int i = 0; i < nx * ny; ++i) picture.values.push_back(static_cast<float>(i));
  picture.title = "a ramp";
  picture.label = "intensity";
  picture.unit = "W/m^2";
  return picture;
}

TEST(Pictures, EveryPixelHasTheColourOfItsValueAtItsPlace) {
  test::TemporaryFolder folder;
  for (ColourMap map : {ColourMap::intensity, ColourMap::diverging, ColourMap::phase}) {
    Picture picture = ramp(5, 4);
    picture.map = map;
    // Off the ends, so that no colour of the map is the black of the frame.
    picture.range = {-10.0, 30.0};
    write_png(picture, folder / "p.png");
    const Canvas canvas = read_png(folder / "p.png");
    const Box box = find_map(canvas);
    EXPECT_EQ((box.right - box.left) % 5, 0);
    EXPECT_EQ((box.bottom - box.top) * 5, (box.right - box.left) * 4);
    for (int j = 0; j < 4; ++j)
      for (int i = 0; i < 5; ++i) {
        const int x = box.left + (2 * i + 1) * (box.right - box.left) / 10;
        const int y = box.bottom - (2 * j + 1) * (box.bottom - box.top) / 8;  // row 0 is lowest
        EXPECT_EQ(canvas.pixel(x, y), colour_at(map, (j * 5 + i + 10.0) / 40.0)) << i << " " << j;
      }
    EXPECT_EQ(canvas.pixel(0, 0), white);
    EXPECT_EQ(canvas.pixel(canvas.width() - 1, canvas.height() - 1), white);
  }
}

TEST(Pictures, ManySamplesAPixelAreAveraged) {
  test::TemporaryFolder folder;
  Picture picture = ramp(2400, 2400);
  for (std::size_t i = 0; i < picture.values.size(); ++i)
    picture.values[i] = (i % 2400 + i / 2400) % 2 == 0 ? 0.0f : 1.0f;
  picture.range = {0.0, 1.0};
  write_png(picture, folder / "p.png");
  const Canvas canvas = read_png(folder / "p.png");
  const Box box = find_map(canvas);
  const Rgb middle = canvas.pixel((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  EXPECT_EQ(middle, colour_at(ColourMap::intensity, 0.5));
}

TEST(Pictures, MissingValuesAreGrey) {
  test::TemporaryFolder folder;
  Picture picture = ramp(3, 3);
  picture.values[4] = std::numeric_limits<float>::quiet_NaN();
  picture.range = {-5.0, 10.0};
  write_png(picture, folder / "p.png");
  const Canvas canvas = read_png(folder / "p.png");
  const Box box = find_map(canvas);
  EXPECT_EQ(canvas.pixel((box.left + box.right) / 2, (box.top + box.bottom) / 2), colour_of_nan);
}

TEST(Pictures, SideViewsKeepAReadableShape) {
  test::TemporaryFolder folder;
  Picture picture = ramp(90, 30);
  picture.x = {0.0, 0.9};
  picture.y = {-1e-3, 1e-3};
  picture.range = {-100.0, 2700.0};
  write_png(picture, folder / "p.png");
  const Box box = find_map(read_png(folder / "p.png"));
  EXPECT_NEAR(static_cast<double>(box.right - box.left) / (box.bottom - box.top), 3.0, 0.02);
}

TEST(Pictures, RangesAreChosenBySense) {
  Picture picture = ramp(3, 2);
  EXPECT_EQ(colour_range(picture), (std::array{0.0, 5.0}));
  picture.values = {100, 101, 102, 103, 104, 105};
  EXPECT_EQ(colour_range(picture), (std::array{100.0, 105.0}));
  picture.map = ColourMap::diverging;
  picture.values = {-7, 1, 2, 3, 4, 5};
  EXPECT_EQ(colour_range(picture), (std::array{-7.0, 7.0}));
  picture.map = ColourMap::phase;
  EXPECT_EQ(colour_range(picture), (std::array{-std::numbers::pi, std::numbers::pi}));
  picture.map = ColourMap::intensity;
  picture.scale = ColourScale::logarithmic;
  picture.values = {0, -1, 1e-20f, 1e-3f, 1, 10};
  EXPECT_NEAR(colour_range(picture)[0], 1e-5, 1e-12);
  for (float value : {0.0f, 1.0f, -3.0f, std::numeric_limits<float>::quiet_NaN()})
    for (ColourScale scale : {ColourScale::linear, ColourScale::logarithmic}) {
      picture.scale = scale;
      picture.values.assign(6, value);
      const auto range = colour_range(picture);
      EXPECT_LT(range[0], range[1]) << value;
    }
}

TEST(Pictures, FramesAreCutWhereTheyAreFlat) {
  Frame frame;
  frame.title = "t";
  frame.spacing = {1e-3, 2e-3, 3e-3};
  frame.points = {3, 1, 4};  // a side view: z runs to the right
  frame.arrays = {{"E_phase", "rad", {}}, {"I", "W/m^2", {}}};
  for (int i = 0; i < 12; ++i) {
    frame.arrays[0].values.push_back(0.1f);
    frame.arrays[1].values.push_back(static_cast<float>(i));
  }
  const Picture side = picture_of(frame, "I");
  EXPECT_EQ(side.nx, 4);
  EXPECT_EQ(side.ny, 3);
  EXPECT_EQ(side.x_name, "z");
  EXPECT_EQ(side.y_name, "x");
  EXPECT_EQ(side.values, (std::vector<float>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
  EXPECT_DOUBLE_EQ(side.x[1] - side.x[0], 12e-3);
  EXPECT_EQ(picture_of(frame, "E_phase").map, ColourMap::phase);
  frame.points = {3, 2, 2};
  EXPECT_EQ(picture_of(frame, "I").values, (std::vector<float>{6, 7, 8, 9, 10, 11}));
  EXPECT_THROW(picture_of(frame, "J"), InputError);
  frame.points = {3, 2, 3};
  EXPECT_THROW(picture_of(frame, "I"), InputError);
}

TEST(Pictures, GradedPointsFillThePlaceToTheirNeighbours) {
  Frame frame;
  frame.points = {3, 1, 2};
  frame.coordinates[0] = {0.0, 1.0, 4.0};
  frame.coordinates[2] = {0.0, 2.0};
  frame.arrays.push_back({"E", "V/m", {3, 4, 0, 0, 0, 1, 0, 2, 0, 5, 0, 0, 1, 0, 0, 0, 6, 8}, 3});
  const Picture picture = picture_of(frame, "E");  // z to the right, x up
  EXPECT_EQ(picture.label, "|E|");
  EXPECT_EQ(picture.x, (std::array{-1.0, 3.0}));
  EXPECT_EQ(picture.y, (std::array{-0.5, 5.5}));
  EXPECT_EQ(picture.nx, 2);
  EXPECT_EQ(picture.ny, 6);
  // Row by row: x up to 0.5 is the first point's, up to 2.5 the second's.
  const std::vector<float> expected{5, 5, 1, 1, 1, 1, 2, 10, 2, 10, 2, 10};
  EXPECT_EQ(picture.values, expected);
}

TEST(Pictures, AFilmHasOneRangeOfColours) {
  std::vector<Frame> frames(10);
  for (std::size_t n = 0; n < frames.size(); ++n) {
    frames[n].points = {2, 1, 1};
    frames[n].time = 1e-15 * static_cast<double>(n);
    frames[n].arrays.push_back({"Ez", "V/m", {static_cast<float>(n), n == 9 ? -4.0f : 0.0f}});
  }
  const std::vector<Picture> film = film_of(frames, "Ez", 4);
  ASSERT_EQ(film.size(), 4u);
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(film[n].values[0], static_cast<float>(3 * n));
    EXPECT_EQ(film[n].map, ColourMap::diverging);
    EXPECT_EQ(film[n].range, (std::array{-9.0, 9.0}));
  }
  EXPECT_EQ(film[2].title, "6 fs");
  EXPECT_EQ(film_of(frames, "Ez", 50).size(), 10u);
  EXPECT_THROW(film_of({}, "Ez"), InputError);
}

TEST(Pictures, BadRequestsAreRefused) {
  test::TemporaryFolder folder;
  const auto refused = [&](auto change) {
    Picture picture = ramp(3, 2);
    change(picture);
    EXPECT_THROW(write_png(picture, folder / "p.png"), InputError);
  };
  refused([](Picture& p) { p.nx = 4; });
  refused([](Picture& p) { p.nx = 0; });
  refused([](Picture& p) { p.x = {1.0, 1.0}; });
  refused([](Picture& p) { p.y[1] = std::numeric_limits<double>::infinity(); });
  refused([](Picture& p) { p.range = {1.0, 0.0}; });
  refused([](Picture& p) {
    p.range = {0.0, 1.0};
    p.scale = ColourScale::logarithmic;
  });
  EXPECT_THROW(write_panels_png({}, "none", folder / "p.png"), InputError);
  EXPECT_THROW(decode_png("no picture"), InputError);
  EXPECT_FALSE(std::filesystem::exists(folder / "p.png"));
}

TEST(Pictures, PanelsHoldEveryPicture) {
  test::TemporaryFolder folder;
  Picture picture = ramp(10, 10);
  picture.range = {-10.0, 110.0};
  for (int count : {1, 2, 3, 5, 6}) {
    write_panels_png(std::vector<Picture>(static_cast<std::size_t>(count), picture),
                     "a title that is long enough to need more than one line above one small panel",
                     folder / "p.png");
    EXPECT_EQ(find_maps(read_png(folder / "p.png")).size(), static_cast<std::size_t>(count));
  }
}

TEST(Pictures, CurvesAreDrawnInTheirColours) {
  test::TemporaryFolder folder;
  Chart chart{"t", "x", "y (10^-3)", {}};
  for (int n = 0; n < 3; ++n)
    chart.curves.push_back({"curve " + std::to_string(n), {0, 1, 2}, {1.0 * n, 2.0 * n, 9.0 - n}});
  write_curves_png(chart, folder / "c.png");
  const Canvas canvas = read_png(folder / "c.png");
  for (int n = 0; n < 3; ++n) {
    int count = 0;
    for (int y = 0; y < canvas.height(); ++y)
      for (int x = 0; x < canvas.width(); ++x) count += canvas.pixel(x, y) == curve_colour(n);
    EXPECT_GT(count, 300) << n;
  }
}

TEST(Pictures, ChartsLieBelowEachOther) {
  test::TemporaryFolder folder;
  const Chart wide{"powers", "x", "y", {{"one", {0, 1}, {0, 1}}, {"another", {0, 1}, {1, 0}}}};
  const Chart tall{"", "x", "z", {{"rest", {0, 1}, {1e-7, 3e-5}}}, false, true};
  write_curves_png(std::vector<Chart>{wide, tall}, folder / "both.png");
  write_curves_png(wide, folder / "wide.png");
  write_curves_png(tall, folder / "tall.png");
  const Canvas both = read_png(folder / "both.png"), first = read_png(folder / "wide.png");
  EXPECT_EQ(both.height(), first.height() + read_png(folder / "tall.png").height());
  EXPECT_GE(both.width(), first.width());
  // Frames of both plots at the same columns.
  const auto columns = [&](int from, int to) {
    std::vector<int> found;
    for (int x = 0; x < both.width(); ++x) {
      int black_pixels = 0;
      for (int y = from; y < to; ++y) black_pixels += both.pixel(x, y) == black;
      if (black_pixels > 400) found.push_back(x);
    }
    return found;
  };
  EXPECT_EQ(columns(0, first.height()).size(), 2u);
  EXPECT_EQ(columns(0, first.height()), columns(first.height(), both.height()));
  EXPECT_THROW(write_curves_png(std::vector<Chart>{}, folder / "none.png"), InputError);
}

TEST(Canvas, TextHasInkWhereItIsAndNowhereElse) {
  Canvas canvas(200, 60);
  canvas.text(20, 10, "10^-3 µm π", 20, Align::left);
  const int width = text_width("10^-3 µm π", 20);
  EXPECT_GT(width, 60);
  int inside = 0, outside = 0;
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 200; ++x) {
      const bool in_box = x >= 20 && x < 20 + width && y >= 10 && y < 10 + text_height(20);
      (in_box ? inside : outside) += canvas.pixel(x, y).r < 128;
    }
  EXPECT_GT(inside, 100);
  EXPECT_EQ(outside, 0);
  EXPECT_LT(text_width("10^-3", 20), text_width("10-3", 20));  // the exponent is smaller
  EXPECT_THROW(Canvas(0, 10), InputError);
  EXPECT_THROW(Canvas(10, 1000000), InputError);
}

TEST(Canvas, PngKeepsEveryPixel) {
  Canvas canvas(37, 23);
  for (int y = 0; y < 23; ++y)
    for (int x = 0; x < 37; ++x)
      canvas.set(x, y,
                 {static_cast<std::uint8_t>(7 * x), static_cast<std::uint8_t>(11 * y),
                  static_cast<std::uint8_t>(x * y)});
  const Canvas back = decode_png(encode_png(canvas));
  ASSERT_EQ(back.width(), 37);
  ASSERT_EQ(back.height(), 23);
  for (int y = 0; y < 23; ++y)
    for (int x = 0; x < 37; ++x) EXPECT_EQ(back.pixel(x, y), canvas.pixel(x, y));
}

TEST(Canvas, DamagedPngIsASentence) {
  Canvas canvas(9, 5);
  canvas.set(3, 2, {200, 100, 50});
  const std::string whole = encode_png(canvas);
  int refused = 0, tried = 0;
  const auto attempt = [&](const std::string& bytes) {
    ++tried;
    try {
      decode_png(bytes);
    } catch (const InputError&) {
      ++refused;
    }
  };
  for (std::size_t length = 0; length < whole.size(); ++length) attempt(whole.substr(0, length));
  EXPECT_EQ(refused, tried);
  // A checksum covers every byte of every chunk.
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int bit : {0, 3, 7}) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
      attempt(flipped);
    }
  EXPECT_EQ(refused, tried);
}

}  // namespace
}  // namespace wavesmith
