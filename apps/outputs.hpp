// The files of a run, one subject a function.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/run_scene.hpp"
#include "core/frame.hpp"
#include "physics/cells_layer.hpp"

namespace wavesmith {

struct WrittenFile {
  std::string path;  // relative to the folder of the run
  std::string what;  // for people
};

// The folder of a run and what has been put into it.
class OutputFolder {
 public:
  explicit OutputFolder(std::filesystem::path root) : root_(std::move(root)) {}
  const std::filesystem::path& root() const { return root_; }
  // Where to write a file; makes the folders on the way and lists the file.
  std::filesystem::path add(const std::string& path, const std::string& what);
  const std::vector<WrittenFile>& files() const { return files_; }
  bool has(const std::string& path) const;

 private:
  std::filesystem::path root_;
  std::vector<WrittenFile> files_;
};

// What every writer below looks at. Fields are those of the first test sample.
struct FinishedRun {
  const DiffractiveProblem& problem;
  const ProblemInputs& inputs;
  const RunOptions& settings;
  const Device& device;
  const RunFindings& findings;

  std::span<const double> parameters() const { return findings.parameters; }
};

// The light on one plane across the stack.
struct PlaneRecord {
  std::string name, title;  // "plane_1", "in front of layer 1"
  Plane plane;
  double z = 0.0;                              // behind the source [m]
  std::vector<std::vector<Complex>> field;     // [wavelength], first mode [sqrt(W)/m]
  std::vector<std::vector<double>> intensity;  // [wavelength], all modes [W/m^2]
};
// Source, in front of each layer, detector, for each sample of the test set that is named.
std::vector<std::vector<PlaneRecord>> record_planes(const FinishedRun& run,
                                                    std::span<const std::size_t> samples);

struct LayerRecord {
  std::string name, title;  // "layer_1", "layer 1"
  Plane plane;
  double z = 0.0;                                  // [m]
  std::vector<std::vector<Complex>> transmission;  // [wavelength]
};
std::vector<LayerRecord> record_layers(const FinishedRun& run);

// Intensity in the plane y = 0 from the source to the detector, as "intensity" (or one array a
// wavelength), for one source field. Computed with the transfer functions of the stack, in double
// precision. Empty where the stack has no length, or would need too much memory.
Frame record_side(const FinishedRun& run);

// "intensity" where there is one wavelength, else "intensity_532nm".
std::string array_name(const std::string& quantity, const DiffractiveProblem& problem,
                       std::size_t wavelength);

void write_fields(const std::vector<PlaneRecord>& planes, const std::vector<LayerRecord>& layers,
                  const Frame& side, const DiffractiveProblem& problem, OutputFolder& folder);
void write_view_field(const PlaneRecord& view, const DiffractiveProblem& problem,
                      OutputFolder& folder);
void write_view_picture(const PlaneRecord& view, const DiffractiveProblem& problem,
                        OutputFolder& folder);
void write_pictures(const std::vector<PlaneRecord>& planes, const std::vector<LayerRecord>& layers,
                    const Frame& side, const FinishedRun& run, OutputFolder& folder);
// What a classifier said of the test set: the confusion matrix and some examples.
void write_class_pictures(const FinishedRun& run, OutputFolder& folder);
// Lines for people about what was left out, if any.
std::vector<std::string> write_design(const FinishedRun& run, OutputFolder& folder);
// A list of the cells and a layout: one GDSII cell a size.
void write_cells(const CellsLayer& layer, std::span<const double> parameters,
                 const std::string& stem, OutputFolder& folder);
void write_report(const FinishedRun& run, OutputFolder& folder);

}  // namespace wavesmith
