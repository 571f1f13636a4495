#include "apps/scene_parts.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

#include "apps/lens_start.hpp"
#include "apps/scene_place.hpp"
#include "core/csv_table.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/material.hpp"

namespace wavesmith {
namespace {

constexpr double tau = 2.0 * std::numbers::pi;
constexpr double steepest_tilt = 85.0 / 360.0 * tau;  // of a view [rad]

template <class Entries>
std::vector<std::string> names_of(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

template <class T>
T first_or_only(const std::vector<T>& values, std::size_t i) {
  return values[std::min(i, values.size() - 1)];
}

}  // namespace

Shape read_shape(const SceneTable& table, const std::string& key) {
  Shape shape;
  const std::string kind = table.choice(key, {"circle", "rectangle", "ring", "slits"}, "circle");
  shape.kind = shape_from_name(kind);
  shape.x = table.length("x", 0.0);
  shape.y = table.length("y", 0.0);
  const Range positive = Range::above(0);
  if (kind == "circle" || kind == "ring") shape.diameter = table.length("diameter", positive);
  if (kind == "ring") shape.inner_diameter = table.length("inner_diameter", positive);
  if (kind == "rectangle" || kind == "slits") {
    shape.width = table.length("width", positive);
    shape.height = table.length("height", positive);
  }
  if (kind == "slits") {
    shape.count = table.integer("count", IntegerRange::between(1, 10000));
    shape.pitch = table.length("slit_pitch", 0.0, Range::at_least(0));
  }
  return shape;
}

namespace {

std::string beside(const std::string& folder, const std::string& file) {
  return std::filesystem::path(file).is_absolute()
             ? file
             : (std::filesystem::path(folder) / file).string();
}

void read_design(const SceneTable& table, const Plane& plane, LayerSpec& spec) {
  DesignOptions& design = spec.design;
  design.samples_per_pixel =
      table.integer("samples_per_pixel", 1, IntegerRange::between(1, std::max(plane.nx, plane.ny)));
  design.dead_fraction =
      table.number("dead_fraction", 0.0, {.low = 0, .high = 1, .high_open = true});
  design.dead_transmission = table.number("dead_transmission", 0.0, Range::between(0, 1));
  design.filter_radius = table.length("filter_radius", 0.0, Range::at_least(0));
  design.projection_beta = table.number("projection_beta", 0.0, Range::at_least(0));
  design.projection_eta = table.number("projection_eta", 0.5, Range::between(0, 1));
  design.levels = table.integer("levels", 0, IntegerRange::between(0, 65536));
  spec.trainable = table.boolean("trainable", true);
}

// The values of a layer from a file such as those that a run writes into design/.
std::vector<double> read_values(const SceneTable& table, const std::string& key,
                                const LayerPart& part, const std::string& quantity,
                                const std::string& folder) {
  const std::string file = table.string(key);
  const CsvMatrix matrix = read_csv_matrix(beside(folder, file));
  const int side = part.spec.design.samples_per_pixel;
  const auto differs = [](double a, double b) { return std::abs(a - b) > 1e-6 * b; };
  if (matrix.kind != quantity)
    throw table.error(key, "holds the " + matrix.kind + " of a layer, but this one needs its " +
                               quantity + "; choose another file or another kind of layer");
  if (matrix.nx * side != part.plane.nx || matrix.ny * side != part.plane.ny)
    throw table.error(key, "holds " + std::to_string(matrix.nx) + " x " +
                               std::to_string(matrix.ny) + " pixels, but the layer has " +
                               std::to_string(part.plane.nx / side) + " x " +
                               std::to_string(part.plane.ny / side) +
                               "; choose another file, or "
                               "change samples and samples_per_pixel");
  if (differs(matrix.pitch_x, part.plane.dx * side) ||
      differs(matrix.pitch_y, part.plane.dy * side))
    throw table.error(key, "holds pixels of " + format_quantity(matrix.pitch_x, Dimension::length) +
                               " by " + format_quantity(matrix.pitch_y, Dimension::length) +
                               ", but those of the layer are " +
                               format_quantity(part.plane.dx * side, Dimension::length) + " by " +
                               format_quantity(part.plane.dy * side, Dimension::length) +
                               "; change pitch");
  return matrix.values;
}

// What a layer starts from, or stays at.
void read_layer_files(const SceneTable& table, LayerPart& part, const std::string& folder) {
  LayerSpec& spec = part.spec;
  const auto read = [&](const std::string& key, const std::string& quantity) {
    return table.has(key) ? read_values(table, key, part, quantity, folder) : std::vector<double>{};
  };
  if (spec.kind == "phase" || spec.kind == "amplitude" || spec.kind == "height")
    spec.start = read("start_file", spec.kind);
  if (spec.kind == "device") spec.start = read("start_file", "control");
  if (spec.kind == "cells")
    spec.start = read("start_file", cell_size_name(spec.cells->data().shape));
  if (table.has("start_lens")) read_start_lens(table.table("start_lens"), part);
  if (spec.kind == "mask") {
    spec.mask_amplitude = read("amplitude_file", "amplitude");
    spec.mask_phase = read("phase_file", "phase");
  }
  if (spec.kind == "complex" && (table.has("amplitude_file") || table.has("phase_file"))) {
    const auto amplitude = read_values(table, "amplitude_file", part, "amplitude", folder);
    const auto phase = read_values(table, "phase_file", part, "phase", folder);
    spec.start = amplitude;
    spec.start.insert(spec.start.end(), phase.begin(), phase.end());
  }
}

// How a layer is taken as a volume: so many slices, or slices of a thickness at most.
void read_slices(const SceneTable& table, double wavelength, LayerPart& part) {
  const bool per_wavelength = table.has("slices_per_wavelength");
  if (table.has("slices")) {
    if (table.has("slice") || per_wavelength)
      throw table.error("slices",
                        "stands beside another key for the same; give one of slices, "
                        "slice and slices_per_wavelength");
    part.slices = table.integer("slices", IntegerRange::between(1, 4096));
    return;
  }
  if (table.has("slice") && per_wavelength)
    throw table.error("slice", "stands beside slices_per_wavelength; give one of them");
  part.slice = table.has("slice") ? table.length("slice", Range::above(0))
                                  : wavelength / table.number("slices_per_wavelength", 3.0,
                                                              Range::between(0.1, 1e4));
}

}  // namespace

Plane read_plane(const SceneTable& table, const Plane* fallback) {
  Plane plane = fallback != nullptr ? *fallback : Plane{};
  const IntegerRange samples{1, 1 << 30};
  const Range pitch = Range::above(0);
  const Count count = Count::between(1, 2);
  const std::vector<int> n = fallback != nullptr
                                 ? table.optional_integers("samples", samples, count)
                                 : table.integers("samples", samples, count);
  if (!n.empty()) {
    plane.nx = n.front();
    plane.ny = first_or_only(n, 1);
  }
  const std::vector<double> d = fallback != nullptr ? table.optional_lengths("pitch", pitch, count)
                                                    : table.lengths("pitch", pitch, count);
  if (!d.empty()) {
    plane.dx = d.front();
    plane.dy = first_or_only(d, 1);
  }
  return plane;
}

LayerPart read_layer(const SceneTable& table, const Plane& grid, double design_wavelength,
                     const std::string& scene_folder, bool trained) {
  LayerPart part;
  LayerSpec& spec = part.spec;
  spec.kind = table.choice("kind", names_of(list_layers()));
  part.distance = table.length("distance", Range::at_least(0));
  part.plane = read_plane(table, &grid);
  spec.design_wavelength = design_wavelength;
  if (spec.kind != "lens" && spec.kind != "aperture") read_design(table, part.plane, spec);
  if (spec.kind == "phase") spec.max_phase = table.angle("max_phase", 0.0, Range::at_least(0));
  if (spec.kind == "height") {
    spec.material = table.string("material", "fused_silica");
    if (spec.material == "constant") {
      spec.n = table.number("n", Range::above(0));
      spec.k = table.number("kappa", 0.0, Range::at_least(0));
    }
    spec.h_min = table.length("min_height", 0.0, Range::at_least(0));
    spec.h_max = table.length("max_height", 0.0, Range::at_least(0));
    spec.design_wavelength = table.length("design_wavelength", design_wavelength, Range::above(0));
    if (table.choice("model", {"thin", "volume"}, "thin") == "volume")
      read_slices(table, design_wavelength, part);
  }
  if (spec.kind == "phase" || spec.kind == "amplitude" || spec.kind == "complex" ||
      spec.kind == "height" || spec.kind == "device" || spec.kind == "cells")
    spec.bound = bound_from_name(table.choice("bound", {"sigmoid", "clamp"}, "sigmoid"));
  if (spec.kind == "lens") {
    spec.focal_length = table.length("focal_length");
    spec.lens_model = lens_model_from_name(table.choice("model", {"ideal", "paraxial"}, "ideal"));
    spec.lens_aperture = table.length("diameter", 0.0, Range::at_least(0));
    spec.x = table.length("x", 0.0);
    spec.y = table.length("y", 0.0);
  }
  if (spec.kind == "aperture") {
    spec.shape = read_shape(table, "shape");
    spec.open = table.choice("open", {"inside", "outside"}, "inside") == "inside"
                    ? ApertureLayer::Open::inside
                    : ApertureLayer::Open::outside;
  }
  if (spec.kind == "device") {
    const CsvTable measured = read_csv_table(beside(scene_folder, table.string("table_file")));
    spec.table_control = measured.column("control");
    spec.table_amplitude = measured.column("amplitude");
    spec.table_phase = measured.column("phase");
    spec.interpolation =
        interpolation_from_name(table.choice("interpolation", {"linear", "cubic"}, "cubic"));
    spec.unwrap =
        unwrap_from_name(table.choice("unwrap", {"none", "nearest", "monotone"}, "nearest"));
  }
  if (spec.kind == "cells") {
    at_place(table, "table_file", [&] {
      spec.cells = std::make_shared<const CellTable>(
          read_cell_table(beside(scene_folder, table.string("table_file"))));
    });
    spec.smallest_size = table.length("smallest", 0.0, Range::above(0));
    spec.largest_size = table.length("largest", 0.0, Range::above(0));
  }
  read_layer_files(table, part, scene_folder);
  if (!spec.start.empty() && (!trained || !spec.trainable)) {
    spec.design.filter_radius = 0.0;
    spec.design.projection_beta = 0.0;
    spec.bound = Bound::clamp;  // its ends are met exactly
  }
  return part;
}

SourceSpec read_source(const SceneTable& table) {
  SourceSpec spec;
  spec.kind = table.choice("kind", names_of(list_sources()), "plane");
  spec.power = table.number("power", 1.0, Range::at_least(0));
  if (spec.kind == "plane" || spec.kind == "gaussian") {
    spec.tilt_x = table.angle("tilt_x", 0.0);
    spec.tilt_y = table.angle("tilt_y", 0.0);
  }
  if (spec.kind == "gaussian") spec.waist = table.length("waist", Range::above(0));
  if (spec.kind == "gaussian") spec.distance = table.length("from_waist", 0.0);
  if (spec.kind == "point") spec.distance = table.length("from_point");
  if (spec.kind == "gaussian" || spec.kind == "point" || spec.kind == "schell") {
    spec.x = table.length("x", 0.0);
    spec.y = table.length("y", 0.0);
  }
  if (spec.kind == "uniform") spec.shape = read_shape(table, "shape");
  if (spec.kind == "schell") {
    spec.width = table.length("width", Range::above(0));
    spec.captured = table.number("captured", 0.99, Range::between(0.01, 0.999999));
  }
  if (spec.kind == "schell" || spec.kind == "diffuser") {
    spec.coherence = table.length("coherence", Range::above(0));
    spec.modes = table.integer("modes", 64, IntegerRange::between(1, 4096));
  }
  if (spec.kind == "diffuser") {
    spec.phase_rms = table.angle("phase_rms", 6.0, Range::at_least(0));
    spec.seed = static_cast<std::uint64_t>(table.integer("seed", 0, IntegerRange::at_least(0)));
  }
  return spec;
}

ImageWindow read_image_window(const SceneTable& table) {
  ImageWindow window;
  window.width = table.length("width", 0.0, Range::at_least(0));
  window.height = table.length("height", window.width, Range::at_least(0));
  window.x = table.length("x", 0.0);
  window.y = table.length("y", 0.0);
  window.encoding =
      encoding_from_name(table.choice("encoding", {"amplitude", "phase"}, "amplitude"));
  window.scaling = scaling_from_name(table.choice("scaling", {"nearest", "bilinear"}, "nearest"));
  if (window.encoding == ImageEncoding::phase)
    window.max_phase = table.angle("max_phase", tau, Range::above(0));
  window.outside = table.number("outside", 0.0, Range::between(0, 1));
  return window;
}

DetectorPart read_detector(const SceneTable& table, const std::vector<double>& wavelengths) {
  DetectorPart part;
  DetectorSpec& spec = part.spec;
  spec.kind = table.choice("kind", names_of(list_detectors()));
  if (spec.kind != "regions" && spec.kind != "image") {
    spec.x = table.length("x", 0.0);
    spec.y = table.length("y", 0.0);
  }
  if (spec.kind == "ten_class" || spec.kind == "differential") {
    spec.size = table.length("size", Range::above(0));
    spec.spacing_x = table.length("spacing_x", Range::above(0));
    spec.spacing_y = table.length("spacing_y", Range::above(0));
  }
  if (spec.kind == "differential") spec.gap = table.length("gap", Range::at_least(0));
  if (spec.kind == "image") spec.block = table.integer("block", 1, IntegerRange::at_least(1));
  if (spec.kind == "rings")
    spec.edges = table.lengths("edges", Range::above(0), Count::at_least(1));
  if (spec.kind != "regions") return part;

  for (const SceneTable& region : table.tables("region", Count::at_least(1))) {
    spec.regions.push_back({region.string("name"), read_shape(region, "shape")});
    int which = -1;
    if (region.has("wavelength")) {
      const double wanted = region.length("wavelength", Range::above(0));
      for (std::size_t k = 0; k < wavelengths.size(); ++k)
        if (std::abs(wavelengths[k] - wanted) < 1e-6 * wanted) which = static_cast<int>(k);
      if (which < 0)
        throw region.error("wavelength", "is not one of the light's (light.wavelength)");
    }
    part.region_wavelength.push_back(which);
    part.weights.push_back(region.number("weight", 1.0));
    part.targets.push_back(region.number("target", 0.0, Range::at_least(0)));
  }
  return part;
}

ViewPart read_view(const SceneTable& table, const Plane& detector_plane, double detector_distance) {
  ViewPart part;
  part.name = table.string("name");
  // It becomes the name of a file.
  const std::string allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (part.name.empty() || part.name.find_first_not_of(allowed) != std::string::npos)
    throw table.error("name", "must consist of letters, digits, _ and -");
  part.plane = read_plane(table, &detector_plane);
  part.plane.x0 = table.length("x", detector_plane.x0);
  part.plane.y0 = table.length("y", detector_plane.y0);
  part.distance = table.length("distance", detector_distance, Range::at_least(0));
  const Range tilt = Range::between(-steepest_tilt, steepest_tilt);
  part.tilt_x = table.angle("tilt_x", 0.0, tilt);
  part.tilt_y = table.angle("tilt_y", 0.0, tilt);
  const double behind = 0.5 * (part.plane.width() * std::abs(std::sin(part.tilt_x)) +
                               part.plane.height() * std::abs(std::sin(part.tilt_y)));
  if (part.is_tilted() && part.distance <= behind)
    throw table.error("is so near (" + format_quantity(part.distance, Dimension::length) +
                      ") that its tilt brings a corner behind the last layer; move it on, or take "
                      "a smaller window or tilt");
  return part;
}

OutputPart read_output(const SceneTable& table, double wavelength) {
  OutputPart part;
  part.fields = table.boolean("fields", true);
  part.pictures = table.boolean("pictures", true);
  part.design = table.boolean("design", true);
  part.report = table.boolean("report", true);
  part.material = table.string("material", "");
  if (!part.material.empty()) {
    table.choice("material", names_of(list_materials()));
    // Asked now, not after a long training: a fit has no index outside of its range.
    find_material(part.material).index(wavelength);
  }
  part.base = table.length("base", std::min(1e-3, 10.0 * wavelength), Range::above(0));
  return part;
}

PropagationSettings read_propagation(const SceneTable& table) {
  PropagationSettings settings;
  settings.method = method_from_name(table.choice(
      "method", {"auto", "angular_spectrum", "band_limited", "rayleigh_sommerfeld", "fresnel"},
      "auto"));
  settings.evanescent = table.choice("evanescent", {"keep", "drop"}, "keep") == "keep"
                            ? Evanescent::keep
                            : Evanescent::drop;
  settings.padding = table.number("padding", 2.0, Range::between(1, 16));
  settings.periodic = table.boolean("periodic", false);
  return settings;
}

MisalignmentSpread read_spread(const SceneTable& table) {
  MisalignmentSpread spread;
  const Range positive = Range::at_least(0);
  spread.shift = table.length("shift", 0.0, positive);
  spread.gap = table.length("gap", 0.0, positive);
  spread.tilt = table.angle("tilt", 0.0, positive);
  spread.wavelength = table.number("wavelength", 0.0, Range::between(0, 0.5));
  spread.phase_noise = table.angle("phase_noise", 0.0, positive);
  return spread;
}

InterferometerSettings read_interferometer(const SceneTable& table) {
  InterferometerSettings settings;
  settings.photons = table.number("photons", 0.0, Range::at_least(0));
  settings.bits = table.integer("bits", 0, IntegerRange::between(0, 24));
  return settings;
}

LossSpec read_loss(const SceneTable& table, const DetectorPart& detector) {
  LossSpec spec;
  spec.name = table.choice("loss", names_of(loss_registry()));
  const auto& registry = loss_registry();
  const auto entry = std::find_if(registry.begin(), registry.end(),
                                  [&](const LossEntry& e) { return e.name == spec.name; });
  const auto takes = [&](const std::string& key) {
    return std::find(entry->keys.begin(), entry->keys.end(), key) != entry->keys.end();
  };
  if (takes("normalise") && table.has("normalise")) spec.normalise = table.string("normalise");
  if (takes("scale") && table.has("scale")) spec.scale = table.number("scale", Range::above(0));
  if (takes("temperature"))
    spec.temperature = table.number("temperature", spec.temperature, Range::above(0));
  if (takes("efficiency_weight"))
    spec.efficiency_weight = table.number("efficiency_weight", 0.0, Range::at_least(0));
  if (takes("logarithm")) spec.logarithm = table.boolean("logarithm", false);
  if (takes("weights")) spec.weights = detector.weights;
  if (takes("targets")) spec.targets = detector.targets;
  return spec;
}

OptimizerSpec read_optimizer(const SceneTable& table) {
  OptimizerSpec spec;
  std::vector<std::string> names = names_of(optimizer_registry());
  names.push_back("lbfgs");
  spec.name = table.choice("optimizer", names, "adam");
  if (spec.name == "sgd") {
    spec.momentum =
        table.number("momentum", spec.momentum, {.low = 0, .high = 1, .high_open = true});
    spec.nesterov = table.boolean("nesterov", false);
  }
  if (spec.name == "adam") {
    spec.beta1 = table.number("beta1", spec.beta1, {.low = 0, .high = 1, .high_open = true});
    spec.beta2 = table.number("beta2", spec.beta2, {.low = 0, .high = 1, .high_open = true});
    spec.epsilon = table.number("epsilon", spec.epsilon, Range::above(0));
    spec.amsgrad = table.boolean("amsgrad", false);
  }
  if (spec.name != "lbfgs") {
    spec.weight_decay = table.number("weight_decay", 0.0, Range::at_least(0));
    spec.largest_update = table.number("largest_update", 0.0, Range::at_least(0));
  }
  return spec;
}

ScheduleSpec read_schedule(const SceneTable& table) {
  ScheduleSpec spec;
  spec.name = table.choice("schedule", names_of(schedule_registry()), "constant");
  spec.rate = table.number("learning_rate", Range::above(0));
  spec.warm_up = table.integer("warm_up", 0, IntegerRange::at_least(0));
  if (spec.name == "step" || spec.name == "exponential") {
    spec.interval = table.integer("interval", IntegerRange::at_least(1));
    spec.factor = table.number("factor", 0.5, Range::above(0));
  }
  if (spec.name == "cosine") spec.final_rate = table.number("final_rate", 0.0, Range::at_least(0));
  return spec;
}

}  // namespace wavesmith
