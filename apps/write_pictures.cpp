// images/: what a person looks at first.
#ifdef WAVESMITH_HAS_VTK
#include <algorithm>
#include <cmath>

#include "apps/history_charts.hpp"
#include "apps/outputs.hpp"
#include "apps/picture_parts.hpp"
#include "core/units.hpp"
#include "viz/pictures.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t most_panels = 24;

void write_some(std::vector<Picture> pictures, const std::string& title, bool upright,
                const std::filesystem::path& path, int columns = 0) {
  if (pictures.size() > most_panels) pictures.resize(most_panels);
  if (upright)
    for (Picture& picture : pictures) turn_upright(picture);
  if (pictures.size() == 1) {
    if (pictures.front().title.empty()) pictures.front().title = title;
    write_png(pictures.front(), path);
  } else {
    write_panels_png(pictures, title, path, columns);
  }
}

// Phase where a layer turns it, amplitude where it attenuates, both where it does both.
std::vector<Picture> layer_pictures(const LayerRecord& layer, const DiffractiveProblem& problem,
                                    std::size_t k) {
  std::vector<float> amplitude, phase;
  float least = 1.0f, turned = 0.0f;
  for (const Complex& t : layer.transmission[k]) {
    amplitude.push_back(static_cast<float>(std::abs(t)));
    phase.push_back(t == 0.0 ? 0.0f : static_cast<float>(std::arg(t)));
    least = std::min(least, amplitude.back());
    turned = std::max(turned, std::abs(phase.back()));
  }
  std::vector<Picture> pictures;
  const std::string title = at_wavelength(layer.title, problem, k);
  const bool dims = least < 0.99f;
  if (dims) {
    pictures.push_back(picture_over(layer.plane, std::move(amplitude), title));
    pictures.back().label = "amplitude";
    pictures.back().map = ColourMap::grey;
    pictures.back().range = {0.0, 1.0};
  }
  if (!dims || turned > 1e-6f) {
    pictures.push_back(picture_over(layer.plane, std::move(phase), title));
    pictures.back().label = "phase";
    pictures.back().unit = "rad";
    pictures.back().map = ColourMap::phase;
  }
  return pictures;
}

}  // namespace

void write_view_picture(const PlaneRecord& view, const DiffractiveProblem& problem,
                        OutputFolder& folder) {
  std::vector<Picture> pictures;
  for (std::size_t k = 0; k < view.intensity.size(); ++k)
    pictures.push_back(intensity_picture(view, k, at_wavelength(view.title, problem, k)));
  write_some(std::move(pictures), view.title, problem.data.has_value(),
             folder.add("images/" + view.name + ".png", "Intensity on " + view.title));
}

void write_pictures(const std::vector<PlaneRecord>& planes, const std::vector<LayerRecord>& layers,
                    const Frame& side, const FinishedRun& run, OutputFolder& folder) {
  const DiffractiveProblem& problem = run.problem;
  const std::size_t wavelengths = problem.description.wavelengths.size();
  const bool upright = problem.data.has_value();
  const std::string sample = upright ? ", first test sample" : "";
  std::vector<Picture> on_planes, on_layers, on_detector;
  for (std::size_t k = 0; k < wavelengths; ++k) {
    for (const PlaneRecord& record : planes)
      on_planes.push_back(intensity_picture(record, k, at_wavelength(record.title, problem, k)));
    for (const LayerRecord& layer : layers)
      for (Picture& picture : layer_pictures(layer, problem, k))
        on_layers.push_back(std::move(picture));
    on_detector.push_back(detector_picture(planes.back(), problem, k));
  }
  // One row a wavelength.
  const int columns = wavelengths > 1 ? static_cast<int>(planes.size()) : 0;
  write_some(on_planes, "Intensity on every plane" + sample, upright,
             folder.add("images/planes.png", "Intensity on every plane" + sample), columns);
  if (!on_layers.empty())
    write_some(on_layers, "Layers", upright,
               folder.add("images/layers.png", "What each layer does to the light"),
               wavelengths > 1 && on_layers.size() % wavelengths == 0
                   ? static_cast<int>(on_layers.size() / wavelengths)
                   : 0);
  for (Picture& picture : on_detector)
    if (upright) picture.title += sample;
  write_some(
      on_detector, "Detector", upright,
      folder.add("images/detector.png",
                 "Intensity on the detector plane with the outlines of the detectors" + sample));
  if (!side.arrays.empty()) {
    std::vector<Picture> views;
    for (std::size_t k = 0; k < side.arrays.size(); ++k) {
      views.push_back(picture_of(side, side.arrays[k].name));
      views.back().title =
          wavelengths == 1 ? side.title
                           : format_quantity(problem.description.wavelengths[k], Dimension::length);
      views.back().label = "intensity";
      // A focus outshines everything on its way: three decades show both.
      const double most = colour_range(views.back())[1];
      views.back().scale = ColourScale::logarithmic;
      views.back().range = {1e-3 * most, most};
    }
    write_some(views, side.title, false,
               folder.add("images/side.png",
                          "The light from the source to the detector, from the "
                          "side"),
               1);
  }
  for (const auto& [file, chart] :
       history_charts(run.findings.outcome.history, run.problem.data.has_value()))
    write_curves_png(chart, folder.add("images/" + file + ".png", chart.title + " of training"));
}

}  // namespace wavesmith
#endif
