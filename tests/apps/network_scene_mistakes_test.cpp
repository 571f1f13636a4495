// Mistakes that all scenes of networks can have: each is one sentence with its place in the file.
#include <gtest/gtest.h>

#include "apps/network_problem.hpp"
#include "apps/scene_solver.hpp"
#include "core/csv_table.hpp"
#include "core/error.hpp"
#include "tests/apps/scene_mistakes.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

const char* const whole = R"(title = "Trial"
solver = "network"
[network]
kind = "kerr"
grid = [1, 2]
kerr = 0.1
[[network.link]]
kind = "dense"
size = 2
[data]
name = "moons"
points = 40
noise = 0.1
validation = 5
test_share = 0.5
scaling = "standard"
[training]
method = "scattering"
loss = "cross_entropy"
normalise = "none"
scale = 8
learning_rate = 0.01
batch = 10
epochs = 1
[expect]
accuracy = [0, 1]
)";

class NetworkSceneMistakes : public testing::Test {
 protected:
  // Reads the scene and its data; throws what a run would.
  NetworkProblem read(const std::string& text) const {
    const Scene scene = Scene::parse(text, name());
    if (solver_of(scene) != "network") throw InputError("this is no scene of a network");
    SceneOptions options;
    options.data_dir = folder_.path();
    NetworkProblem problem = read_network_problem(scene, options);
    make_network_inputs(problem, options);
    starting_parameters(problem, 1);
    return problem;
  }
  std::string name() const { return (folder_ / "scene.toml").string(); }

  test::TemporaryFolder folder_;
};

TEST_F(NetworkSceneMistakes, NoneInTheWholeScene) {
  const NetworkProblem problem = read(whole);
  EXPECT_EQ(problem.kind, "kerr");
  EXPECT_EQ(problem.network->input_count(), 2);
  EXPECT_EQ(problem.data.validation, 5u);
}

TEST_F(NetworkSceneMistakes, AreSentencesWithTheirPlace) {
  const std::vector<test::SceneMistake> mistakes{
      {"\"network\"", "\"networks\"", {":2:", "solver", "did you mean \"network\""}},
      {"\"kerr\"", "\"ker\"", {":4:", "network.kind", "\"kerr\""}},
      {"kerr = 0.1", "ker = 0.1", {"network.kerr"}},
      {"noise = 0.1", "noisy = 0.1", {":13:", "data.noisy", "noise"}},
      {"noise = 0.1", "noise = -1", {":13:", "data.noise"}},
      {"noise = 0.1", "fourier = 2\nnoise = 0.1", {":10:", "Fourier", "data.fourier"}},
      {"noise = 0.1", "pool = 2\nnoise = 0.1", {":10:", "1 x 2", "data.pool"}},
      {"noise = 0.1", "noise = 0.1\ncopies = 2", {"data", "copies", "moons", "1 x 2"}},
      {"points = 40\n", "", {"data.points"}},
      {"points = 40", "points = 1", {":12:", "data.points"}},
      {"validation = 5", "validation = 20", {":14:", "data.validation", "none of the 20"}},
      {"test_share = 0.5", "test_share = 1", {":15:", "data.test_share"}},
      {"test_share = 0.5", "test_share = 0.001", {":15:", "data.test_share", "0 of 40"}},
      {"\"standard\"", "\"normal\"", {":16:", "data.scaling", "largest, standard"}},
      {"grid = [1, 2]", "grid = [1, 3]", {":11:", "data.name", "2 features", "3 inputs"}},
      {"size = 2", "size = 1", {"data.name", "1 reading"}},
      {"\"scattering\"", "\"scatter\"", {":18:", "training.method", "\"scattering\""}},
      {"\"cross_entropy\"", "\"crossentropy\"", {":19:", "training.loss"}},
      {"epochs = 1", "epochs = -1", {":24:", "training.epochs"}},
      {"epochs = 1", "epochs = 1\nbatchs = 3", {":25:", "training.batchs", "batch"}},
      {"accuracy = [0, 1]", "accuracy = [1, 0]", {":26:", "expect.accuracy"}},
  };
  test::check_mistakes(whole, name(), mistakes, [this](const std::string& text) { read(text); });
}

TEST_F(NetworkSceneMistakes, AStartFileOfAnotherNetworkIsRefused) {
  std::string text = whole;
  text.replace(text.find("epochs = 1"), 10, "epochs = 1\nstart_file = \"start.csv\"");
  write_csv_table({{"parameter"}, {{1.0}, {2.0}}}, folder_ / "start.csv");
  try {
    read(text);
    ADD_FAILURE() << "was read as if it were in order";
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("start.csv"), std::string::npos) << message;
    EXPECT_NE(message.find("holds 2 parameters"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace wavesmith
