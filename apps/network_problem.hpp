// A scene of a trainable network, read whole: solver = "network".
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/expectations.hpp"
#include "apps/networks.hpp"
#include "apps/training_part.hpp"
#include "core/scene.hpp"
#include "training/augmentation.hpp"
#include "training/features.hpp"
#include "training/losses.hpp"

namespace wavesmith {

// [data]
struct NetworkDataPart {
  std::optional<SceneTable> table;  // where mistakes that show with the data are
  std::string name;
  std::size_t train = 0, test = 0, validation = 0;  // samples; 0: all there are (validation: none)
  double test_share = 0.0;  // of a set without a published division, drawn by the seed
  FeatureSettings features;
  Augmentation augmentation;                  // of the training samples
  int points = 0;                             // moons, circles
  double noise = 0.0;                         // moons, circles
  std::vector<std::string> columns, classes;  // vowels
};

struct NetworkProblem {
  std::string title, stem, scene_text, kind;
  std::uint64_t scene_hash = 0;
  std::unique_ptr<NetworkDescription> network;
  NetworkDataPart data;
  LossSpec loss;
  TrainingPart training;  // options.epochs may be 0: the starting parameters are evaluated
  std::filesystem::path start_file;  // parameters to start from; empty: the kind's own
  int gradient_samples = 0;          // on which methods are compared with the exact gradient
  bool fields = true, pictures = true, report = true;
  std::vector<Expectation> expectations;
};

// Throws InputError for anything wrong in the scene, misspelt keys included. Loads no data set.
NetworkProblem read_network_problem(const Scene& scene, const SceneOptions& options);

struct NetworkInputs {
  std::unique_ptr<FeatureInputs> training, validation, test;  // validation may be null
  std::size_t originals = 0;  // training samples that are no copies of others: the first ones
};
// Throws InputError where the features do not fit the network.
NetworkInputs make_network_inputs(const NetworkProblem& problem, const SceneOptions& options);

// The kind's own, or those of the start file. Throws InputError where their number is wrong.
std::vector<double> starting_parameters(const NetworkProblem& problem, std::uint64_t seed);

}  // namespace wavesmith
