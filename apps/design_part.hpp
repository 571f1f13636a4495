// [design], [[goal]] and [optimization] of a scene of waves in time: a pattern in the xy plane that
// is to be found, what it is for, and how it is sought. docs/design.md describes every key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/scene.hpp"
#include "physics/density_pattern.hpp"
#include "physics/geometry.hpp"

namespace wavesmith {

struct WaveProblem;

// One number of a monitor at some of its frequencies, to be made large, small or a given value; or
// one of the resonance at a point that is nearest to a frequency, of whose logarithm the same is
// asked: frequencies and qualities are of any size.
struct GoalPart {
  std::string place;  // in the scene: "file.toml:12:1: goal[0]"
  std::string name, monitor, number;
  std::string point;                // instead of a monitor
  std::vector<double> frequencies;  // [Hz]; of a resonance, the one it is to be near
  std::string part = "power";       // |v|^2 of an amplitude; "abs", "real", "imaginary"
  std::string over;                 // a source, by whose power the number is divided
  enum class Sense { maximize, minimize, target } sense = Sense::maximize;
  double target = 0.0;
  double weight = 1.0;
};

// Iterations with one strength of projection; infinite: binary.
struct DesignStage {
  double beta = 8.0;
  int iterations = 20;
};

struct DesignPart {
  std::string place;
  Bounds region;             // [m]; endless along z in two dimensions
  int solid = 0, empty = 0;  // materials
  Plane pixels;
  DensityOptions pattern;
  // Thresholds of the filtered density at which the part has to work: 0.5, and those of a part
  // whose edges came out too far in or out.
  std::vector<double> thresholds = {0.5};
  std::vector<GoalPart> goals;
  std::vector<DesignStage> stages;
  double worst = 0.0;  // sharpness of the smooth maximum of the losses; 0: their weighted mean
  std::string optimizer = "mma";
  // adam: its learning rate; mma: how far a pixel may go in an iteration; lbfgs: how far the first
  // step of a stage takes the pixel that goes farthest.
  double step = 0.02;
  double minimum_solid = 0.0, minimum_void = 0.0;  // [m]; 0: not asked for
  double constrain_from = 16.0;                    // least beta at which they are asked for
  bool connected = false;                          // all solid hangs together with the anchors
  std::vector<char> anchors;                       // pixels at which light enters or leaves
  int refine = 2;                                  // cells of the verification for one of the scene
  int layer = 1, datatype = 0;                     // in the GDSII file
};

// Empty where the scene has no [design]. Throws InputError for what cannot be, naming the place.
std::optional<DesignPart> read_design(const SceneTable& root, const WaveProblem& problem);

// The names of the numbers that a design gives.
std::vector<std::string> design_metrics(const DesignPart& design);

// The region's solid: all solid, or all void.
SolidPointer design_block(const DesignPart& design);

}  // namespace wavesmith
