// A scene of diffractive layers, read whole: the stack, its light, the goal and how to reach it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/baseline.hpp"
#include "apps/expectations.hpp"
#include "apps/inputs.hpp"
#include "apps/scene_parts.hpp"
#include "apps/training_part.hpp"
#include "core/scene.hpp"
#include "solvers/full_wave_stack.hpp"
#include "training/diffractive_system.hpp"
#include "training/losses.hpp"

namespace wavesmith {

// A number to take from the intensity on the detector plane, or on a view.
struct MetricPart {
  std::string name, kind;
  int wavelength = 0;       // index
  double x = 0.0, y = 0.0;  // intensity [m]
  std::string view;         // taken there; empty: on the detector plane
  Shape shape;              // power
  double diameter = 0.0;    // encircled_energy [m]
};

struct DatasetPart {
  std::string name;
  std::size_t train = 0, test = 0, validation = 0;  // samples; 0: all there are (validation: none)
  ImageWindow window;
};

// Full waves through the layers (solvers/full_wave_stack.hpp), for inputs whose fields are even in
// blocks of the source plane, blocks x blocks of them: a picture's pixels.
struct FullWavePart {
  int blocks = 0;
  FullWaveSettings settings;
};

struct EvaluationPart {
  std::vector<double> paddings;  // the same weights with these padding factors
  bool circular = false;         // and with the unpadded, periodic model
  int draws = 0;                 // and with so many robust draws
  bool thin = false;             // and with every relief as a thin layer
  double volume = 0.0;           // and as volumes of so many slices a wavelength; 0: not
  std::optional<FullWavePart> full_waves;
};

struct DiffractiveProblem {
  std::string title, stem, scene_text, scene_folder;
  std::uint64_t scene_hash = 0;
  StackDescription description;
  std::vector<LayerPart> layers;
  DetectorPart detector;
  std::vector<std::string> reading_names;
  std::vector<int> reading_wavelength;  // index, or -1 for all
  bool allow_undersampled = false;
  std::optional<DatasetPart> data;
  std::vector<std::vector<Complex>> source_fields;  // without data: [channel]
  double source_power = 0.0;                        // of all channels [W]
  std::vector<double> target_image;
  std::optional<LossSpec> loss;
  std::optional<TrainingPart> training;
  MisalignmentSpread robust;
  std::uint64_t robust_seed = 1;
  std::optional<Misalignment> device;  // the built device, where it differs
  int device_levels = 0;
  InterferometerSettings interferometer;
  EvaluationPart evaluation;
  std::optional<BaselinePart> baseline;
  std::vector<ViewPart> views;
  OutputPart output;
  std::vector<MetricPart> metrics;
  std::vector<Expectation> expectations;
};

// Throws InputError for anything wrong in the scene, misspelt keys included. Loads no data.
DiffractiveProblem read_problem(const Scene& scene, std::uint64_t seed);

struct ProblemInputs {
  std::shared_ptr<InputSet> training, validation, test;  // validation may be null
};
// Loads data where the scene names some.
ProblemInputs make_inputs(const DiffractiveProblem& problem, const std::filesystem::path& data_dir);

// Parameters to start from.
std::vector<double> starting_parameters(const DiffractiveProblem& problem, std::uint64_t seed);

}  // namespace wavesmith
