#include "apps/diffractive_problem.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/scene_solver.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "physics/detectors.hpp"
#include "training/data_store.hpp"

namespace wavesmith {
namespace {

// Streams of the seed.
constexpr std::uint64_t device_stream = 0x444556494345ull;

void read_layers(const SceneTable& root, const Plane& grid, DiffractiveProblem& problem) {
  for (const SceneTable& table : root.tables("layer")) {
    const int repeat = table.integer("repeat", 1, IntegerRange::between(1, 1000));
    const LayerPart part = read_layer(table, grid, problem.description.wavelengths.front(),
                                      problem.scene_folder, root.has("training"));
    // A complex sample in double, its transmission and gradients, before any of it is made.
    require_memory(
        static_cast<std::size_t>(
            std::min(256.0 * part.plane.nx * static_cast<double>(part.plane.ny) * repeat, 9.0e18)),
        table.path() + " (" + std::to_string(part.plane.nx) + " x " +
            std::to_string(part.plane.ny) + " samples)");
    const std::shared_ptr<const Layer> layer = make_layer(part.spec, part.plane);
    int slices = part.slices;
    if (part.slice > 0.0 && layer->relief() != nullptr) {
      const double wanted = std::ceil(layer->relief()->thickness() / part.slice - 1e-9);
      if (wanted > 4096)
        throw table.error("slice", "makes more than 4096 slices of the layer; take thicker ones");
      slices = std::max(1, static_cast<int>(wanted));
    }
    if ((part.slices > 0 || part.slice > 0.0) && layer->relief() == nullptr)
      throw table.error("model",
                        "takes the layer as a body, which dead space around its pixels is "
                        "not; choose dead_fraction = 0");
    for (int i = 0; i < repeat; ++i) {
      problem.layers.push_back(part);
      problem.description.layers.push_back({layer, part.distance, slices});
    }
  }
}

void read_detectors(const SceneTable& root, const Plane& grid, DiffractiveProblem& problem) {
  const SceneTable table = root.table("detector");
  StackDescription& description = problem.description;
  description.detector_distance = table.length("distance", Range::at_least(0));
  description.detector_plane = read_plane(table, &grid);
  description.detector_plane.x0 = table.length("plane_x", 0.0);
  description.detector_plane.y0 = table.length("plane_y", 0.0);
  problem.detector = read_detector(table, description.wavelengths);
  const Detector whole = make_detector(problem.detector.spec, description.detector_plane);
  const int wavelengths = static_cast<int>(description.wavelengths.size());
  const bool split = table.boolean("split_wavelengths", false);
  const std::vector<int>& owner = problem.detector.region_wavelength;
  description.reading_count = whole.reading_count * (split ? wavelengths : 1);

  for (int k = 0; k < wavelengths; ++k) {
    Detector part = whole;
    part.entries.clear();
    for (DetectorEntry entry : whole.entries) {
      const std::size_t reading = static_cast<std::size_t>(entry.reading);
      if (!owner.empty() && owner[reading] >= 0 && owner[reading] != k) continue;
      if (split) entry.reading = entry.reading * wavelengths + k;
      part.entries.push_back(entry);
    }
    description.detectors.push_back(std::move(part));
  }
  for (int r = 0; r < whole.reading_count; ++r)
    for (int k = 0; k < (split ? wavelengths : 1); ++k) {
      problem.reading_names.push_back(whole.names[static_cast<std::size_t>(r)] +
                                      (split ? "_" + std::to_string(k) : ""));
      problem.reading_wavelength.push_back(split           ? k
                                           : owner.empty() ? -1
                                                           : owner[static_cast<std::size_t>(r)]);
    }
  // A region's target is a share of its own light; the loss counts shares of all light.
  for (std::size_t r = 0; r < problem.detector.targets.size(); ++r)
    if (owner[r] >= 0) problem.detector.targets[r] /= wavelengths;

  const std::vector<SceneTable> paints = table.tables("paint");
  if (!paints.empty() && problem.detector.spec.kind != "image")
    throw table.error("paint", "needs detector.kind = \"image\" (it draws the target image)");
  if (paints.empty()) return;
  std::vector<double> image(description.detector_plane.size(), 0.0);
  for (const SceneTable& paint : paints) {
    const double value = paint.number("value", 1.0, Range::at_least(0));
    const std::vector<double> share =
        coverage(read_shape(paint, "shape"), description.detector_plane);
    for (std::size_t i = 0; i < image.size(); ++i)
      image[i] = share[i] * value + (1.0 - share[i]) * image[i];
  }
  problem.target_image = read_out(whole, image);
}

void read_light(const SceneTable& root, DiffractiveProblem& problem) {
  const SceneTable light = root.table("light");
  StackDescription& description = problem.description;
  description.wavelengths = light.lengths("wavelength", Range::above(0));
  description.medium_index = light.number("medium_index", 1.0, Range::above(0));
  const std::vector<double>& all = description.wavelengths;
  for (std::size_t k = 1; k < all.size(); ++k)
    if (all[k] == all[k - 1]) throw light.error("wavelength", "names the same wavelength twice");
}

void read_source_part(const SceneTable& root, const Plane& grid, DiffractiveProblem& problem) {
  const SceneTable table = root.optional_table("source");
  StackDescription& description = problem.description;
  description.source = read_plane(table, &grid);
  if (table.has("kind") && table.string("kind") == "dataset") {
    const SceneTable data = root.table("data");
    DatasetPart part;
    part.name = data.string("name");
    const IntegerRange any = IntegerRange::at_least(0);
    part.train = static_cast<std::size_t>(data.integer("train", 0, any));
    part.test = static_cast<std::size_t>(data.integer("test", 0, any));
    part.validation = static_cast<std::size_t>(data.integer("validation", 0, any));
    part.window = read_image_window(table);
    problem.data = part;
    return;
  }
  const SourceSpec spec = read_source(table);
  for (const double wavelength : description.wavelengths) {
    std::vector<SourceMode> modes =
        make_source(spec, description.source, wavelength / description.medium_index);
    description.modes = static_cast<int>(modes.size());
    description.mode_weights.clear();
    problem.source_power += power(description.source, modes);
    for (SourceMode& mode : modes) {
      description.mode_weights.push_back(mode.weight);
      problem.source_fields.push_back(std::move(mode.field));
    }
  }
}

void read_baseline_part(const SceneTable& root, DiffractiveProblem& problem) {
  problem.baseline = read_baseline(root.table("baseline"), problem.layers);
  if (!problem.baseline->start) return;
  const std::size_t l = static_cast<std::size_t>(problem.baseline->layer);
  LayerPart& part = problem.layers[l];
  part.spec.start =
      working_heights(*problem.baseline, problem.description, problem.layers, problem.detector);
  problem.description.layers[l].layer = make_layer(part.spec, part.plane);
}

void read_views(const SceneTable& root, DiffractiveProblem& problem) {
  const StackDescription& description = problem.description;
  for (const SceneTable& table : root.tables("view")) {
    ViewPart view = read_view(table, description.detector_plane, description.detector_distance);
    if (!description.layers.empty() && description.layers.back().slices > 0)
      throw table.error(
          "starts from the last layer taken as thin, but that one is a volume; put the "
          "detector where the view is");
    if (description.propagation.periodic)
      throw table.error("shows a part of planes that end, but propagation.periodic repeats them");
    for (const ViewPart& other : problem.views)
      if (other.name == view.name) throw table.error("name", "is the name of two views");
    require_memory(
        multiply_sizes({64, static_cast<std::uint64_t>(view.plane.nx),
                        static_cast<std::uint64_t>(view.plane.ny), description.wavelengths.size()}),
        table.path() + " (" + std::to_string(view.plane.nx) + " x " +
            std::to_string(view.plane.ny) + " samples)");
    problem.views.push_back(std::move(view));
  }
}

MetricPart read_metric(const SceneTable& table, int wavelengths,
                       const std::vector<ViewPart>& views) {
  MetricPart part;
  part.name = table.string("name");
  part.kind = table.choice("kind", {"intensity", "power", "encircled_energy", "peak_intensity",
                                    "fwhm_x", "fwhm_y", "radius_x", "radius_y"});
  std::vector<std::string> names;
  for (const ViewPart& view : views) names.push_back(view.name);
  if (table.has("view")) part.view = table.choice("view", names);
  part.wavelength = table.integer("wavelength_index", 0, IntegerRange::between(0, wavelengths - 1));
  if (part.kind == "intensity" || part.kind == "encircled_energy") {
    part.x = table.length("x", 0.0);
    part.y = table.length("y", 0.0);
  }
  if (part.kind == "power") part.shape = read_shape(table, "shape");
  if (part.kind == "encircled_energy") part.diameter = table.length("diameter", Range::above(0));
  return part;
}

}  // namespace

DiffractiveProblem read_problem(const Scene& scene, std::uint64_t seed) {
  DiffractiveProblem problem;
  const SceneTable root = scene.root();
  problem.title = root.string("title", scene.stem());
  problem.stem = scene.stem();
  problem.scene_text = scene.text();
  problem.scene_folder = std::filesystem::path(scene.name()).parent_path().string();
  problem.scene_hash = scene.hash();
  if (solver_of(scene) != "angular_spectrum")
    throw root.error("solver", "is not one of layers; run, check and gradcheck take such a scene");

  read_light(root, problem);
  const Plane grid = read_plane(root.table("grid"), nullptr);
  require_memory(
      static_cast<std::size_t>(std::min(64.0 * grid.nx * static_cast<double>(grid.ny), 9.0e18)),
      "grid (" + std::to_string(grid.nx) + " x " + std::to_string(grid.ny) +
          " samples, before layers)");
  const SceneTable propagation = root.optional_table("propagation");
  problem.description.propagation = read_propagation(propagation);
  problem.allow_undersampled = propagation.boolean("allow_undersampled", false);
  read_source_part(root, grid, problem);
  read_layers(root, grid, problem);
  read_detectors(root, grid, problem);

  if (root.has("training")) {
    const SceneTable table = root.table("training");
    problem.loss = read_loss(table, problem.detector);
    problem.loss->reading_count = problem.description.reading_count;
    problem.training = read_training(table, seed);
    Target target;
    if (problem.data) target.label = 0;
    if (!problem.target_image.empty()) target.values = problem.target_image;
    check_target(*problem.loss, target, "the scene");
  }
  const SceneTable robust = root.optional_table("robust");
  problem.robust = read_spread(robust);
  problem.robust_seed = seed;
  if (root.has("device")) {
    const SceneTable device = root.table("device");
    problem.device =
        draw_misalignment(problem.description, read_spread(device), seed, device_stream);
    Misalignment& fixed = *problem.device;
    fixed.planes.resize(problem.description.layers.size() + 1);
    const double shift_x = device.length("shift_x", 0.0), shift_y = device.length("shift_y", 0.0);
    const double gap_error = device.length("gap_error", 0.0);
    for (std::size_t p = 0; p < fixed.planes.size(); ++p) {
      // Alternating, so that neighbours are out of line with each other.
      const double sign = p % 2 == 0 ? 1.0 : -1.0;
      fixed.planes[p].shift_x += sign * shift_x;
      fixed.planes[p].shift_y += sign * shift_y;
      fixed.planes[p].gap += gap_error;
    }
    problem.device_levels = device.integer("phase_levels", 0, IntegerRange::between(0, 65536));
  }
  problem.interferometer = read_interferometer(root.optional_table("interferometer"));
  problem.interferometer.seed = seed;

  const SceneTable evaluation = root.optional_table("evaluate");
  problem.evaluation.paddings =
      evaluation.optional_numbers("padding", Range::between(1, 16), {.low = 0});
  problem.evaluation.circular = evaluation.boolean("circular", false);
  problem.evaluation.draws = evaluation.integer("draws", 0, IntegerRange::between(0, 100000));
  problem.evaluation.thin = evaluation.boolean("thin", false);
  problem.evaluation.volume = evaluation.number("volume", 0.0, Range::between(0, 1e3));
  if (evaluation.has("full_waves")) {
    const SceneTable table = evaluation.table("full_waves");
    if (!problem.data)
      throw table.error("needs the inputs of a data set (source.kind = \"dataset\")");
    FullWavePart part;
    part.blocks = table.integer("blocks", IntegerRange::between(1, 64));
    part.settings.cells_per_wavelength = table.number(
        "cells_per_wavelength", part.settings.cells_per_wavelength, Range::between(4, 200));
    part.settings.settle = table.number("settle", part.settings.settle, Range::between(0, 1e4));
    problem.evaluation.full_waves = part;
  }
  if (root.has("baseline")) read_baseline_part(root, problem);
  read_views(root, problem);
  for (const SceneTable& table : root.tables("metric"))
    problem.metrics.push_back(read_metric(
        table, static_cast<int>(problem.description.wavelengths.size()), problem.views));
  problem.output =
      read_output(root.optional_table("output"), problem.description.wavelengths.front());
  problem.expectations = read_expectations(root.optional_table("expect"));
  scene.check_all_used();
  return problem;
}

ProblemInputs make_inputs(const DiffractiveProblem& problem,
                          const std::filesystem::path& data_dir) {
  const StackDescription& description = problem.description;
  if (!problem.data) {
    const auto source = std::make_shared<SourceInputs>(problem.source_fields, problem.source_power,
                                                       problem.target_image);
    return {source, nullptr, source};
  }
  const DatasetPart& part = *problem.data;
  const auto load = [&](Split split, std::size_t limit) {
    return std::make_shared<Dataset>(load_dataset(part.name, split, data_dir, limit));
  };
  const auto train = load(Split::train, part.train > 0 ? part.train + part.validation : 0);
  const auto test = load(Split::test, part.test);
  WAVESMITH_VALIDATE(part.validation < train->count(),
                     "data.validation = " + std::to_string(part.validation) +
                         " leaves none of the " + std::to_string(train->count()) +
                         " samples for training; lower it");
  ImageWindow window = part.window;
  window.rows = train->rows;
  window.columns = train->cols;
  ProblemInputs inputs;
  const std::size_t used = train->count() - part.validation;
  inputs.training =
      std::make_shared<DatasetInputs>(train, description.source, window, std::size_t{0}, used);
  if (part.validation > 0)
    inputs.validation =
        std::make_shared<DatasetInputs>(train, description.source, window, used, part.validation);
  inputs.test = std::make_shared<DatasetInputs>(test, description.source, window, std::size_t{0},
                                                test->count());
  if (problem.loss) {
    const std::shared_ptr<const Dataset> sets[] = {train, test};
    for (const auto& set : sets)
      for (std::size_t i = 0; i < set->count(); ++i) {
        Target target;
        target.label = set->labels[i];
        check_target(*problem.loss, target, set->name + " sample " + std::to_string(i));
      }
  }
  return inputs;
}

std::vector<double> starting_parameters(const DiffractiveProblem& problem, std::uint64_t seed) {
  std::vector<double> parameters;
  std::uint64_t index = 0;
  for (const StackLayer& entry : problem.description.layers) {
    std::vector<double> own(entry.layer->parameter_count());
    entry.layer->initial_parameters(seed + (index++ << 32),
                                    problem.training ? problem.training->spread : 0.0, own);
    parameters.insert(parameters.end(), own.begin(), own.end());
  }
  return parameters;
}

}  // namespace wavesmith
