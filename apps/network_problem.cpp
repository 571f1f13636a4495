#include "apps/network_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numbers>
#include <numeric>

#include "apps/scene_parts.hpp"
#include "apps/scene_solver.hpp"
#include "core/csv_table.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/random.hpp"
#include "training/data_store.hpp"
#include "training/point_sets.hpp"
#include "training/vowel_table.hpp"

namespace wavesmith {
namespace {

constexpr std::uint64_t division_stream = 0x53504c4954ull;

// Sets whose training and test parts are published.
bool is_divided(const std::string& name) {
  return name == "mnist" || name == "fashion-mnist" || name == "optdigits";
}

NetworkDataPart read_data(const SceneTable& table) {
  NetworkDataPart part;
  part.table = table;
  part.name = table.string("name");
  const auto count = [&](const char* key) {
    return static_cast<std::size_t>(table.integer(key, 0, IntegerRange::at_least(0)));
  };
  part.train = count("train");
  part.test = count("test");
  part.validation = count("validation");
  if (!is_divided(part.name))
    part.test_share =
        table.number("test_share", 0.3, {.low = 0, .high = 1, .low_open = true, .high_open = true});
  if (is_point_set(part.name)) {
    part.points = table.integer("points", IntegerRange::between(4, 10000000));
    part.noise = table.number("noise", 0.0, Range::at_least(0));
  }
  if (part.name == "vowels") {
    part.columns = table.strings("columns");
    part.classes = table.strings("classes", Count::at_least(2));
  }
  part.augmentation.copies = table.integer("copies", 0, IntegerRange::between(0, 1000));
  if (part.augmentation.copies > 0) {
    part.augmentation.shift = table.number("shift", 0.0, Range::between(0, 4096));
    part.augmentation.rotation =
        table.quantity("rotation", Dimension::angle, 0.0, Range::between(0, std::numbers::pi));
    part.augmentation.zoom = table.number("zoom", 0.0, Range::between(0, 0.9));
    part.augmentation.mirrored = table.boolean("mirrored", false);
  }
  FeatureSettings& features = part.features;
  features.pool = table.integer("pool", 1, IntegerRange::between(1, 4096));
  if (features.pool == 1)
    features.fourier = table.integer("fourier", 0, IntegerRange::between(0, 4096));
  features.scaling = table.choice("scaling", {"none", "range", "largest", "standard"}, "none");
  features.normalise = table.choice("normalise", {"none", "sum", "power", "square"}, "none");
  return part;
}

Dataset rows_of(const Dataset& data, std::span<const std::size_t> rows) {
  Dataset chosen{data.name, data.rows, data.cols, {}, {}, data.class_count};
  const std::size_t size =
      static_cast<std::size_t>(data.rows) * static_cast<std::size_t>(data.cols);
  for (const std::size_t row : rows) {
    chosen.labels.push_back(data.labels[row]);
    const auto first = data.images.begin() + static_cast<std::ptrdiff_t>(row * size);
    chosen.images.insert(chosen.images.end(), first, first + static_cast<std::ptrdiff_t>(size));
  }
  return chosen;
}

struct Division {
  Dataset training, test;
};

Division divide(const NetworkDataPart& part, const Dataset& all, std::uint64_t seed) {
  std::vector<std::size_t> order(all.count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const Random random(seed, division_stream);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i, i)]);
  const std::size_t tests =
      static_cast<std::size_t>(std::lround(part.test_share * static_cast<double>(all.count())));
  if (tests == 0 || tests >= all.count())
    throw part.table->error("test_share", fmt::format("leaves {} of {} samples for the test; both "
                                                      "parts need some",
                                                      tests, all.count()));
  const std::span<const std::size_t> whole(order);
  const auto limited = [](std::size_t count, std::size_t limit) {
    return limit == 0 ? count : std::min(count, limit);
  };
  return {rows_of(all, whole.first(limited(all.count() - tests,
                                           part.train == 0 ? 0 : part.train + part.validation))),
          rows_of(all, whole.last(tests).first(limited(tests, part.test)))};
}

Division load(const NetworkDataPart& part, const SceneOptions& options) {
  const std::filesystem::path& folder = options.data_dir;
  if (is_point_set(part.name))
    return divide(
        part,
        make_point_set(part.name, static_cast<std::size_t>(part.points), part.noise, options.seed),
        options.seed);
  if (part.name == "vowels")
    return divide(part, load_vowels(part.columns, part.classes, folder), options.seed);
  if (!is_divided(part.name))
    return divide(part, load_dataset(part.name, Split::all, folder), options.seed);
  return {load_dataset(part.name, Split::train, folder,
                       part.train > 0 ? part.train + part.validation : 0),
          load_dataset(part.name, Split::test, folder, part.test)};
}

}  // namespace

NetworkProblem read_network_problem(const Scene& scene, const SceneOptions& options) {
  NetworkProblem problem;
  const SceneTable root = scene.root();
  problem.title = root.string("title", scene.stem());
  problem.stem = scene.stem();
  problem.scene_text = scene.text();
  problem.scene_hash = scene.hash();
  solver_of(scene);  // marks the key as used

  const SceneTable table = root.table("network");
  std::vector<std::string> kinds;
  for (const NetworkEntry& entry : list_networks()) kinds.push_back(entry.name);
  problem.kind = table.choice("kind", kinds);
  const std::string folder = std::filesystem::path(scene.name()).parent_path().string();
  NetworkTables tables{table, std::nullopt, folder, options.data_dir};
  if (root.has("device")) tables.device = root.table("device");
  for (const NetworkEntry& entry : list_networks())
    if (entry.name == problem.kind) problem.network = entry.read(tables);

  problem.data = read_data(root.table("data"));
  const SceneTable training = root.table("training");
  problem.training = read_training(training, options.seed, 0);
  problem.loss = read_loss(training, {});
  problem.loss.reading_count = static_cast<int>(problem.network->reading_names().size());
  problem.gradient_samples =
      training.integer("gradient_samples", 32, IntegerRange::between(0, 1 << 20));
  if (training.has("start_file")) {
    // Beside the scene, or where the program was started: a run's own folder is often meant.
    const std::filesystem::path file = training.string("start_file");
    const std::filesystem::path beside = std::filesystem::path(folder) / file;
    problem.start_file = std::filesystem::exists(beside) ? beside : file;
  }
  Target target;
  target.label = 0;
  check_target(problem.loss, target, "the scene");

  const SceneTable output = root.optional_table("output");
  problem.fields = output.boolean("fields", true);
  problem.pictures = output.boolean("pictures", true);
  problem.report = output.boolean("report", true);
  problem.expectations = read_expectations(root.optional_table("expect"));
  scene.check_all_used();
  return problem;
}

NetworkInputs make_network_inputs(const NetworkProblem& problem, const SceneOptions& options) {
  const NetworkDataPart& part = problem.data;
  const Division sets = load(part, options);
  if (part.validation >= sets.training.count())
    throw part.table->error("validation", fmt::format("leaves none of the {} samples for training; "
                                                      "lower it",
                                                      sets.training.count()));
  for (const Dataset* set : {&sets.training, &sets.test})
    for (std::size_t i = 0; i < set->count(); ++i) {
      Target target;
      target.label = set->labels[i];
      try {
        check_target(problem.loss, target, fmt::format("{} sample {}", set->name, i));
      } catch (const InputError& error) {
        throw part.table->error("name", fmt::format("does not fit the network's {} readings: {}",
                                                    problem.loss.reading_count, error.what()));
      }
    }
  auto training = std::make_shared<FeatureTable>();
  std::vector<FeatureTable> others;
  const std::size_t kept = sets.training.count() - part.validation;
  try {
    make_features(part.features, augmented(sets.training, kept, part.augmentation, options.seed),
                  {&sets.test}, *training, others);
  } catch (const InputError& error) {
    throw part.table->error(fmt::format("does not fit its data set: {}", error.what()));
  }
  if (training->width != static_cast<std::size_t>(problem.network->input_count()))
    throw part.table->error(
        "name",
        fmt::format("gives {} features a sample, but this network of kind \"{}\" has {} "
                    "inputs; make them equal (data.pool, data.fourier, data.columns, or the "
                    "network's size)",
                    training->width, problem.kind, problem.network->input_count()));
  const auto test = std::make_shared<FeatureTable>(std::move(others.front()));
  const std::size_t used = training->count() - part.validation;
  NetworkInputs inputs;
  inputs.training = std::make_unique<FeatureInputs>(training, 0, used);
  if (part.validation > 0)
    inputs.validation = std::make_unique<FeatureInputs>(training, used, part.validation);
  inputs.test = std::make_unique<FeatureInputs>(test, 0, test->count());
  inputs.originals = kept;
  return inputs;
}

std::vector<double> starting_parameters(const NetworkProblem& problem, std::uint64_t seed) {
  std::vector<double> own = problem.network->starting_parameters(seed);
  if (problem.start_file.empty()) return own;
  const std::vector<double> given = read_csv_table(problem.start_file).column("parameter");
  WAVESMITH_VALIDATE(given.size() == own.size(),
                     fmt::format("{} holds {} parameters, but this network has {}",
                                 problem.start_file.string(), given.size(), own.size()));
  return given;
}

}  // namespace wavesmith
