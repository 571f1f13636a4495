#include "apps/command_line.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <new>
#include <sstream>
#include <stdexcept>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

// A program whose commands note what they were asked.
class CommandLines : public testing::Test {
 protected:
  CommandLines() : scene_(folder_.write("scene.toml", "title = \"x\"\n")) {
    handlers_.run = [this](const RunOptions& options) {
      run_ = options;
      return 0;
    };
    handlers_.check = [this](const SceneOptions& options) {
      check_ = options;
      return 0;
    };
    handlers_.gradcheck = [](const SceneOptions&) { return 0; };
    handlers_.compare = [this](const CompareOptions& options) {
      compare_ = options;
      return 0;
    };
    handlers_.list = [this](const ListOptions& options) {
      list_ = options;
      return 0;
    };
    handlers_.info = [] { return 0; };
    handlers_.bench = [this](const BenchOptions& options) {
      bench_ = options;
      return 0;
    };
    handlers_.fetch = [this](const FetchOptions& options) {
      fetch_ = options;
      return 0;
    };
  }

  int call(const std::vector<std::string>& arguments) {
    output_.str("");
    errors_.str("");
    return run_program(arguments, handlers_, output_, errors_);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path scene_;
  CommandHandlers handlers_;
  RunOptions run_;
  SceneOptions check_;
  CompareOptions compare_;
  ListOptions list_;
  BenchOptions bench_;
  FetchOptions fetch_;
  std::ostringstream output_, errors_;
};

TEST_F(CommandLines, RunTakesAllItsOptions) {
  EXPECT_EQ(call({"run",
                  "--out",
                  "here",
                  "--device",
                  "cuda:1",
                  "--precision",
                  "f64",
                  "--threads",
                  "3",
                  "--seed",
                  "18446744073709551615",
                  "--set",
                  "a.b=[1, 2]",
                  "--set",
                  "layer[2].kind=lens",
                  "--resume",
                  "--quiet",
                  "--data",
                  "data",
                  scene_.string()}),
            0)
      << errors_.str();
  EXPECT_EQ(run_.scene, scene_.string());
  EXPECT_EQ(run_.out, "here");
  EXPECT_EQ(run_.device, "cuda:1");
  EXPECT_EQ(run_.precision, Precision::f64);
  EXPECT_EQ(run_.threads, 3);
  EXPECT_EQ(run_.seed, 18446744073709551615u);
  EXPECT_EQ(run_.overrides, (std::vector<std::string>{"a.b=[1, 2]", "layer[2].kind=lens"}));
  EXPECT_TRUE(run_.resume);
  EXPECT_TRUE(run_.quiet);
  EXPECT_EQ(run_.data_dir, "data");
}

TEST_F(CommandLines, DefaultsAreThoseOfTheStructs) {
  EXPECT_EQ(call({"run", scene_.string()}), 0) << errors_.str();
  EXPECT_EQ(run_.device, "auto");
  EXPECT_EQ(run_.precision, Precision::f32);
  EXPECT_EQ(run_.threads, 0);
  EXPECT_EQ(run_.seed, 1u);
  EXPECT_TRUE(run_.overrides.empty());
  EXPECT_FALSE(run_.resume);
}

TEST_F(CommandLines, TheSceneMayFollowAnOverride) {
  EXPECT_EQ(call({"check", "--set", "a=1", scene_.string(), "--set=b=2 mm"}), 0) << errors_.str();
  EXPECT_EQ(check_.scene, scene_.string());
  EXPECT_EQ(check_.overrides, (std::vector<std::string>{"a=1", "b=2 mm"}));
}

TEST_F(CommandLines, OtherCommandsTakeTheirs) {
  EXPECT_EQ(call({"compare", scene_.string(), "--methods", "a,b,c"}), 0) << errors_.str();
  EXPECT_EQ(compare_.methods, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(call({"compare", "--methods", "a,b", scene_.string()}), 0) << errors_.str();
  EXPECT_EQ(compare_.methods, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(call({"list", "methods"}), 0);
  EXPECT_EQ(list_.what, "methods");
  EXPECT_EQ(call({"list"}), 0);
  EXPECT_EQ(call({"bench", "diffractive", "--json", "--threads", "2"}), 0);
  EXPECT_EQ(bench_.name, "diffractive");
  EXPECT_TRUE(bench_.json);
  EXPECT_EQ(call({"fetch", "mnist", "--data", "d"}), 0);
  EXPECT_EQ(fetch_.name, "mnist");
  EXPECT_EQ(fetch_.data_dir, "d");
  EXPECT_EQ(call({"info"}), 0);
}

TEST_F(CommandLines, MistakesHaveStatus2AndAdvice) {
  const struct {
    std::vector<std::string> arguments;
    int status;
    const char* part;
  } table[] = {
      {{}, 2, "a command is missing; use one of run, check"},
      {{"rnu", "x"}, 2, "there is no command \"rnu\"; use one of run,"},
      {{"rnu"}, 2, "did you mean \"run\"?"},
      {{"run"}, 2, "SCENE is required"},
      {{"run", scene_.string(), "--devcie", "cpu"}, 2, "did you mean \"--device\"?"},
      {{"run", scene_.string(), "--devcie=cpu"}, 2, "did you mean \"--device\"?"},
      {{"run", scene_.string(), "--precision", "f16"}, 2, "use f32 or f64"},
      {{"run", scene_.string(), "--threads", "-1"}, 2, "--threads"},
      {{"run", scene_.string(), "--threads", "many"}, 2, "--threads"},
      {{"run", scene_.string(), "--threads", "100000"}, 2, "--threads"},
      {{"run", scene_.string(), "--seed", "1.5"}, 2, "--seed 1.5 is no whole number"},
      {{"run", scene_.string(), "--seed", "-1"}, 2, "--seed"},
      {{"run", scene_.string(), "--seed", "18446744073709551616"}, 2, "--seed"},
      {{"run", scene_.string(), "another"}, 2, "another"},
      {{"run", scene_.string(), "--set"}, 2, "--set"},
      {{"run", scene_.string(), "--out"}, 2, "--out"},
      {{"compare", scene_.string()}, 2, "--methods is required"},
      {{"run", "nowhere.toml"}, 3, "there is no scene nowhere.toml"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(call(row.arguments), row.status) << row.part;
    EXPECT_EQ(errors_.str().rfind("wavesmith: ", 0), 0u) << errors_.str();
    EXPECT_NE(errors_.str().find(row.part), std::string::npos) << errors_.str();
    EXPECT_EQ(output_.str(), "");
  }
}

TEST_F(CommandLines, EveryErrorBecomesAStatus) {
  const auto status_of = [&](auto error) {
    handlers_.info = [error]() -> int { throw error; };
    return call({"info"});
  };
  EXPECT_EQ(status_of(InputError("x")), 2);
  EXPECT_EQ(status_of(UnavailableError("x")), 3);
  EXPECT_EQ(status_of(NumericsError("x")), 4);
  EXPECT_EQ(status_of(ExpectationError("x")), 5);
  EXPECT_EQ(status_of(Error(Status::interrupted, "x")), 130);
  EXPECT_EQ(errors_.str(), "wavesmith: x\n");
  EXPECT_EQ(status_of(std::bad_alloc()), 3);
  EXPECT_NE(errors_.str().find("not enough memory"), std::string::npos);
  EXPECT_EQ(status_of(std::length_error("x")), 3);
  EXPECT_EQ(status_of(std::logic_error("x")), 1);
  EXPECT_NE(errors_.str().find("internal error: x"), std::string::npos);
}

TEST_F(CommandLines, HelpIsCompleteWithAnExample) {
  EXPECT_EQ(call({"--help"}), 0);
  for (const char* name :
       {"run", "check", "gradcheck", "compare", "list", "info", "bench", "fetch"}) {
    EXPECT_NE(output_.str().find(std::string("\n  ") + name + " "), std::string::npos) << name;
  }
  for (const char* name :
       {"run", "check", "gradcheck", "compare", "list", "info", "bench", "fetch"}) {
    EXPECT_EQ(call({name, "--help"}), 0) << name;
    EXPECT_NE(output_.str().find(std::string("Example: wavesmith ") + name), std::string::npos)
        << output_.str();
  }
  EXPECT_EQ(call({"run", "--help"}), 0);
  for (const char* option : {"--out", "--device", "--precision", "--threads", "--seed", "--set",
                             "--resume", "--quiet", "--data"}) {
    EXPECT_NE(output_.str().find(option), std::string::npos) << option;
  }
  EXPECT_EQ(call({"--version"}), 0);
  EXPECT_EQ(output_.str().rfind("wavesmith ", 0), 0u);
}

TEST_F(CommandLines, CommandsWithoutAFunctionAreNotOffered) {
  handlers_.bench = nullptr;
  EXPECT_EQ(call({"bench"}), 2);
  EXPECT_EQ(call({"--help"}), 0);
  EXPECT_EQ(output_.str().find("\n  bench "), std::string::npos);
}

}  // namespace
}  // namespace wavesmith
