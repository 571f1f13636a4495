#include <vtkAutoInit.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>
#include <vtkPNGWriter.h>
#include <vtkPointData.h>
#include <vtkStdString.h>
#include <vtkTextProperty.h>
#include <vtkTextRenderer.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fstream>
#include <iterator>
#include <mutex>

#include "core/error.hpp"
#include "viz/canvas.hpp"
#include "viz/png_check.hpp"

VTK_MODULE_INIT(vtkRenderingFreeType);

namespace wavesmith {
namespace {

// Ink of a piece of text, one coverage in [0, 1] a pixel, row 0 at the top.
struct Ink {
  int width = 0, height = 0;
  std::vector<float> coverage;
};

void merge(Ink& into, const Ink& piece, int x, int y) {
  for (int j = 0; j < piece.height; ++j)
    for (int i = 0; i < piece.width; ++i) {
      const int u = x + i, v = y + j;
      if (u < 0 || v < 0 || u >= into.width || v >= into.height) continue;
      float& c = into.coverage[static_cast<std::size_t>(v * into.width + u)];
      c = std::max(c, piece.coverage[static_cast<std::size_t>(j * piece.width + i)]);
    }
}

Ink blank(int width, int height) {
  return {width, height,
          std::vector<float>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
}

// One run of plain characters. The renderer keeps one cache of fonts for the whole process.
Ink render_run(const std::string& text, int size, bool bold) {
  if (text.empty()) return blank(0, text_height(size));
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  vtkTextRenderer* renderer = vtkTextRenderer::GetInstance();
  if (renderer == nullptr)
    throw UnavailableError(
        "text cannot be drawn: VTK's FreeType renderer is missing; install the "
        "VTK package with RenderingFreeType or build with -DWAVESMITH_VTK=OFF");
  renderer->SetScaleToPowerOfTwo(false);
  vtkNew<vtkTextProperty> style;
  style->SetFontFamilyToArial();
  style->SetFontSize(size);
  style->SetBold(bold);
  style->SetColor(0.0, 0.0, 0.0);
  vtkNew<vtkImageData> image;
  std::array<int, 2> drawn{};
  constexpr int dots_per_inch = 72;  // a size of n points is then n pixels
  if (!renderer->RenderString(style, vtkStdString(text), image, drawn.data(), dots_per_inch))
    return blank(0, text_height(size));
  std::array<int, 3> dims{};
  image->GetDimensions(dims.data());
  auto* pixels = vtkUnsignedCharArray::SafeDownCast(image->GetPointData()->GetScalars());
  Ink ink = blank(dims[0], dims[1]);
  const int components = pixels->GetNumberOfComponents();
  for (int j = 0; j < ink.height; ++j)
    for (int i = 0; i < ink.width; ++i) {
      const vtkIdType at = static_cast<vtkIdType>(ink.height - 1 - j) * ink.width + i;
      ink.coverage[static_cast<std::size_t>(j * ink.width + i)] =
          static_cast<float>(pixels->GetValue(at * components + components - 1)) / 255.0f;
    }
  return ink;
}

// The built-in font has no Greek letter pi: two legs under a bar.
Ink render_pi(int size) {
  Canvas canvas(std::max(4, size * 6 / 10), text_height(size));
  const double w = canvas.width(), base = 0.80 * size, top = base - 0.50 * size;
  const double pen = std::max(1.0, size / 13.0);
  canvas.line(0.08 * w, top, 0.92 * w, top, pen, black);
  canvas.line(0.32 * w, top, 0.28 * w, base, pen, black);
  canvas.line(0.68 * w, top, 0.70 * w, base, pen, black);
  Ink ink = blank(canvas.width(), canvas.height());
  for (int j = 0; j < ink.height; ++j)
    for (int i = 0; i < ink.width; ++i)
      ink.coverage[static_cast<std::size_t>(j * ink.width + i)] =
          1.0f - static_cast<float>(canvas.pixel(i, j).r) / 255.0f;
  return ink;
}

struct Run {
  std::string text;
  bool raised = false;
};

std::vector<Run> split_exponents(const std::string& text) {
  std::vector<Run> runs{{}};
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t end = i + 1;
    if (text[i] == '^' && end < text.size() && (text[end] == '-' || text[end] == '+')) ++end;
    const std::size_t digits = end;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    if (text[i] == '^' && end > digits) {
      runs.push_back({text.substr(i + 1, end - i - 1), true});
      runs.push_back({});
      i = end - 1;
    } else {
      runs.back().text += text[i];
    }
  }
  return runs;
}

Ink render(const std::string& text, int size, bool bold) {
  static const std::string pi = "π";
  struct Placed {
    Ink ink;
    int x, y;
  };
  std::vector<Placed> pieces;
  int width = 0;
  const auto place = [&](Ink ink, int y) {
    const int advance = ink.width;
    pieces.push_back({std::move(ink), width, y});
    width += advance;
  };
  for (const Run& run : split_exponents(text)) {
    const int run_size = run.raised ? size * 7 / 10 : size;
    std::size_t from = 0;
    while (from < run.text.size()) {
      const std::size_t at = run.text.find(pi, from);
      const std::string plain = run.text.substr(from, at == std::string::npos ? at : at - from);
      if (!plain.empty()) place(render_run(plain, run_size, bold), 0);
      if (at == std::string::npos) break;
      place(render_pi(run_size), 0);
      from = at + pi.size();
    }
  }
  Ink whole = blank(width, text_height(size));
  for (const Placed& piece : pieces) merge(whole, piece.ink, piece.x, piece.y);
  return whole;
}

double distance_to_segment(double x, double y, double x0, double y0, double x1, double y1) {
  const double dx = x1 - x0, dy = y1 - y0;
  const double length2 = dx * dx + dy * dy;
  const double t =
      length2 > 0.0 ? std::clamp(((x - x0) * dx + (y - y0) * dy) / length2, 0.0, 1.0) : 0.0;
  return std::hypot(x - x0 - t * dx, y - y0 - t * dy);
}

}  // namespace

Canvas::Canvas(int width, int height) : width_(width), height_(height) {
  constexpr int largest = 16384;
  WAVESMITH_VALIDATE(width >= 1 && height >= 1 && width <= largest && height <= largest,
                     "a picture of " + std::to_string(width) + " x " + std::to_string(height) +
                         " pixels cannot be drawn: each side must be 1 to " +
                         std::to_string(largest) + "; draw fewer panels");
  pixels_.assign(index(0, height), white);
}

void Canvas::set(int x, int y, Rgb colour) {
  if (x >= 0 && y >= 0 && x < width_ && y < height_) pixels_[index(x, y)] = colour;
}

void Canvas::blend(int x, int y, Rgb colour, double coverage) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  Rgb& p = pixels_[index(x, y)];
  const auto mix = [&](std::uint8_t under, std::uint8_t over) {
    return static_cast<std::uint8_t>(
        std::lround(under + std::clamp(coverage, 0.0, 1.0) * (over - under)));
  };
  p = {mix(p.r, colour.r), mix(p.g, colour.g), mix(p.b, colour.b)};
}

void Canvas::fill(int x, int y, int width, int height, Rgb colour) {
  for (int j = std::max(y, 0); j < std::min(y + height, height_); ++j)
    for (int i = std::max(x, 0); i < std::min(x + width, width_); ++i) set(i, j, colour);
}

void Canvas::outline(int x, int y, int width, int height, Rgb colour) {
  fill(x, y, width, 1, colour);
  fill(x, y + height - 1, width, 1, colour);
  fill(x, y, 1, height, colour);
  fill(x + width - 1, y, 1, height, colour);
}

void Canvas::line(double x0, double y0, double x1, double y1, double thickness, Rgb colour) {
  if (!std::isfinite(x0 + y0 + x1 + y1)) return;
  const double reach = 0.5 * thickness + 1.0;
  const auto clip = [](double v, int size) {
    return static_cast<int>(std::clamp(v, -1.0, static_cast<double>(size)));
  };
  const int top = clip(std::floor(std::min(y0, y1) - reach), height_);
  const int bottom = clip(std::ceil(std::max(y0, y1) + reach), height_);
  for (int j = top; j <= bottom; ++j) {
    // In a row only what the part of the segment near that row can reach.
    double from = 0.0, to = 1.0;
    if (y1 != y0) {
      const double a = (j + 0.5 - reach - y0) / (y1 - y0), b = (j + 0.5 + reach - y0) / (y1 - y0);
      from = std::clamp(std::min(a, b), 0.0, 1.0);
      to = std::clamp(std::max(a, b), 0.0, 1.0);
    }
    const double x_from = x0 + from * (x1 - x0), x_to = x0 + to * (x1 - x0);
    const int left = clip(std::floor(std::min(x_from, x_to) - reach), width_);
    const int right = clip(std::ceil(std::max(x_from, x_to) + reach), width_);
    for (int i = left; i <= right; ++i) {
      const double d = distance_to_segment(i + 0.5, j + 0.5, x0, y0, x1, y1);
      const double coverage = 0.5 * thickness + 0.5 - d;
      if (coverage > 0.0) blend(i, j, colour, coverage);
    }
  }
}

void Canvas::disc(double x, double y, double radius, Rgb colour) {
  line(x, y, x, y, 2.0 * radius, colour);
}

void Canvas::text(int x, int y, const std::string& text, int size, Align align, bool bold) {
  const Ink ink = render(text, size, bold);
  const int left = align == Align::left     ? x
                   : align == Align::centre ? x - ink.width / 2
                                            : x - ink.width;
  for (int j = 0; j < ink.height; ++j)
    for (int i = 0; i < ink.width; ++i)
      blend(left + i, y + j, black, ink.coverage[static_cast<std::size_t>(j * ink.width + i)]);
}

void Canvas::text_upward(int x, int y, const std::string& text, int size) {
  const Ink ink = render(text, size, false);
  for (int j = 0; j < ink.height; ++j)
    for (int i = 0; i < ink.width; ++i)
      blend(x + j, y + ink.width / 2 - i, black,
            ink.coverage[static_cast<std::size_t>(j * ink.width + i)]);
}

void Canvas::paste(const Canvas& other, int x, int y) {
  for (int j = 0; j < other.height(); ++j)
    for (int i = 0; i < other.width(); ++i) set(x + i, y + j, other.pixel(i, j));
}

int text_width(const std::string& text, int size, bool bold) {
  return render(text, size, bold).width;
}

int text_height(int size) {
  return size + size / 4 + 1;
}

std::string encode_png(const Canvas& canvas) {
  vtkNew<vtkImageData> image;
  image->SetDimensions(canvas.width(), canvas.height(), 1);
  image->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
  auto* bytes = static_cast<unsigned char*>(image->GetScalarPointer());
  for (int j = canvas.height() - 1; j >= 0; --j)
    for (int i = 0; i < canvas.width(); ++i) {
      const Rgb c = canvas.pixel(i, j);
      *bytes++ = c.r;
      *bytes++ = c.g;
      *bytes++ = c.b;
    }
  vtkNew<vtkPNGWriter> writer;
  writer->SetInputData(image);
  writer->WriteToMemoryOn();
  writer->Write();
  vtkUnsignedCharArray* result = writer->GetResult();
  if (result == nullptr || result->GetNumberOfValues() == 0)
    throw UnavailableError("a picture could not be encoded as PNG: out of memory?");
  return {reinterpret_cast<const char*>(result->GetPointer(0)),
          static_cast<std::size_t>(result->GetNumberOfValues())};
}

Canvas decode_png(const std::string& bytes) {
  validate_png(bytes);
  vtkNew<vtkPNGReader> reader;
  reader->SetMemoryBuffer(bytes.data());
  reader->SetMemoryBufferLength(static_cast<vtkIdType>(bytes.size()));
  reader->Update();
  vtkImageData* image = reader->GetOutput();
  std::array<int, 3> dims{};
  image->GetDimensions(dims.data());
  auto* values = vtkUnsignedCharArray::SafeDownCast(image->GetPointData()->GetScalars());
  WAVESMITH_VALIDATE(values != nullptr, "the picture is not an 8-bit PNG file");
  const int components = values->GetNumberOfComponents();
  const int green = components >= 3 ? 1 : 0, blue = 2 * green;  // grey is all three
  Canvas canvas(dims[0], dims[1]);
  for (int j = 0; j < dims[1]; ++j)
    for (int i = 0; i < dims[0]; ++i) {
      const vtkIdType at = (static_cast<vtkIdType>(dims[1] - 1 - j) * dims[0] + i) * components;
      canvas.set(i, j,
                 {values->GetValue(at), values->GetValue(at + green), values->GetValue(at + blue)});
    }
  return canvas;
}

Canvas read_png(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  WAVESMITH_VALIDATE(file.good(), path.string() + ": cannot be read; is it there?");
  return decode_png({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

}  // namespace wavesmith
