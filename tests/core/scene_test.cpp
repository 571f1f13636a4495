#include "core/scene.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

// The message of the Error that `action` throws, or "" where it throws none.
std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const char* const lens_scene = R"(# A lens in a plane.
title = "A lens"

[plane]
pitch = "0.4 mm"
size = [64, 32]
periodic = false

[[layer]]
kind = "phase"
thickness = 2e-3

[[layer]]
kind = "lens"
focal_length = "30 cm"
tilt = "2 mrad"
wavelengths = ["532 nm", 6.328e-7]
)";

TEST(Scene, ReadsTypedValues) {
  const Scene scene = Scene::parse(lens_scene, "scenes/lens.toml");
  EXPECT_EQ(scene.stem(), "lens");
  EXPECT_EQ(scene.name(), "scenes/lens.toml");
  EXPECT_EQ(scene.text(), lens_scene);
  const SceneTable root = scene.root();
  EXPECT_EQ(root.string("title"), "A lens");
  const SceneTable plane = root.table("plane");
  EXPECT_DOUBLE_EQ(plane.length("pitch", Range::above(0)), 4e-4);
  EXPECT_EQ(plane.integers("size", IntegerRange::at_least(1), Count::exactly(2)),
            (std::vector<int>{64, 32}));
  EXPECT_FALSE(plane.boolean("periodic"));
  EXPECT_EQ(plane.length("offset", 1e-3), 1e-3);
  const auto layers = root.tables("layer");
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].choice("kind", {"phase", "lens"}), "phase");
  EXPECT_EQ(layers[0].length("thickness"), 2e-3);
  EXPECT_EQ(layers[0].number("absorption", 0.5), 0.5);
  EXPECT_EQ(layers[1].path("tilt"), "layer[1].tilt");
  EXPECT_EQ(layers[1].angle("tilt"), 2e-3);
  EXPECT_EQ(layers[1].length("focal_length"), 0.3);
  EXPECT_EQ(layers[1].lengths("wavelengths"), (std::vector<double>{532e-9, 632.8e-9}));
  EXPECT_EQ(layers[1].choice("kind", {"phase", "lens"}, "phase"), "lens");
  EXPECT_TRUE(root.tables("detector").empty());
  EXPECT_EQ(root.optional_table("training").integer("epochs", 3), 3);
  EXPECT_TRUE(root.optional_table("training").optional_numbers("weights").empty());
  EXPECT_NO_THROW(scene.check_all_used());
}

TEST(Scene, ALoneValueIsAnArrayOfOne) {
  const Scene scene = Scene::parse("wavelength = \"532 nm\"", "a.toml");
  EXPECT_EQ(scene.root().lengths("wavelength"), (std::vector<double>{532e-9}));
}

struct Mistake {
  const char* text;
  std::function<void(const SceneTable&)> read;
  const char* begin;  // of the message: file, line, column, key and value
  const char* part;   // further on
};

TEST(Scene, EveryMistakeHasItsPlaceReasonAndAdvice) {
  const Mistake table[] = {
      // Missing and mistyped values.
      {"a = 1\n\n[plane]\nb = 2\n", [](const auto& t) { t.table("plane").length("pitch"); },
       "s.toml:3:1: plane.pitch is missing", ""},
      {"[plane]\n  pitch = true\n", [](const auto& t) { t.table("plane").length("pitch"); },
       "s.toml:2:11: plane.pitch = true is a boolean where a length is expected", "\"0.4 mm\""},
      {"pitch = [1]\n", [](const auto& t) { t.length("pitch"); },
       "s.toml:1:9: pitch = [1 element] is an array where a length is expected", ""},
      {"pitch = 1979-05-27\n", [](const auto& t) { t.length("pitch"); },
       "s.toml:1:9: pitch = 1979-05-27 is a date or time where a length is expected", ""},
      // Units.
      {"pitch = \"0.4\"\n", [](const auto& t) { t.length("pitch"); },
       "s.toml:1:9: pitch = \"0.4\" has no unit (a length is expected)", "km, m, cm, mm"},
      {"pitch = \"0.4 THz\"\n", [](const auto& t) { t.length("pitch"); },
       "s.toml:1:9: pitch = \"0.4 THz\" is a frequency where a length is expected", ""},
      {"pitch = \"4 MM\"\n", [](const auto& t) { t.length("pitch"); },
       "s.toml:1:9: pitch = \"4 MM\" has an unknown unit \"MM\"", "did you mean \"mm\"?"},
      // Ranges.
      {"pitch = \"-4 mm\"\n", [](const auto& t) { t.length("pitch", Range::above(0)); },
       "s.toml:1:9: pitch = \"-4 mm\" is out of range; it must be above 0 m", ""},
      {"f = 3\n", [](const auto& t) { t.number("f", Range::between(0, 1)); },
       "s.toml:1:5: f = 3 is out of range; it must be between 0 and 1", ""},
      {"d = \"3 mm\"\n", [](const auto& t) { t.length("d", 0.0, Range::at_most(1e-3)); },
       "s.toml:1:5: d = \"3 mm\" is out of range; it must be at most 1 mm", ""},
      {"f = nan\n", [](const auto& t) { t.number("f"); }, "s.toml:1:5: f = nan is not finite", ""},
      {"f = -inf\n", [](const auto& t) { t.number("f"); }, "s.toml:1:5: f = -inf is not finite",
       ""},
      // Integers.
      {"n = 3.0\n", [](const auto& t) { t.integer("n"); },
       "s.toml:1:5: n = 3 is not written as an integer", "write 3"},
      {"n = 3.5\n", [](const auto& t) { t.integer("n"); },
       "s.toml:1:5: n = 3.5 is not written as an integer", "round it"},
      {"n = 3000000000\n", [](const auto& t) { t.integer("n", IntegerRange::at_least(1)); },
       "s.toml:1:5: n = 3000000000 is out of range; it must be between 1 and 2147483647", ""},
      {"n = 0\n", [](const auto& t) { t.large_integer("n", 5, IntegerRange::at_least(1)); },
       "s.toml:1:5: n = 0 is out of range; it must be at least 1", ""},
      {"n = 99999999999999999999\n", [](const auto&) {}, "s.toml:1:", "not valid TOML"},
      // Strings and choices.
      {"kind = 3\n", [](const auto& t) { t.string("kind"); },
       "s.toml:1:8: kind = 3 is an integer where a string is expected", ""},
      {"kind = \"phse\"\n",
       [](const auto& t) {
         t.choice("kind", {"phase", "lens"});
       },
       "s.toml:1:8: kind = \"phse\" is unknown; did you mean \"phase\"?", "one of phase, lens"},
      {"kind = \"xyz\"\n",
       [](const auto& t) {
         t.choice("kind", {"phase", "lens"}, "lens");
       },
       "s.toml:1:8: kind = \"xyz\" is unknown; it must be one of phase, lens", ""},
      {"on = \"yes\"\n", [](const auto& t) { t.boolean("on", true); },
       "s.toml:1:6: on = \"yes\" is a string where a boolean is expected; write true or false", ""},
      // Arrays.
      {"d = [1e-3,\n  \"5 s\"]\n", [](const auto& t) { t.lengths("d"); },
       "s.toml:2:3: d[1] = \"5 s\" is a time where a length is expected", ""},
      {"n = [1, 2, 3]\n", [](const auto& t) { t.integers("n", {}, Count::exactly(2)); },
       "s.toml:1:5: n = [3 elements] has 3 elements; it must have 2 elements", ""},
      {"n = []\n", [](const auto& t) { t.optional_numbers("n"); },
       "s.toml:1:5: n = [0 elements] has 0 elements; it must have at least 1 element", ""},
      // Tables.
      {"plane = 3\n", [](const auto& t) { t.table("plane"); },
       "s.toml:1:9: plane = 3 is an integer where a table is expected", "[plane]"},
      {"[[plane]]\n", [](const auto& t) { t.table("plane"); },
       "s.toml:1:", "write [plane] for [[plane]], once"},
      {"[layer]\n", [](const auto& t) { t.tables("layer"); },
       "s.toml:1:1: layer = {table} is a "
       "table where an array of tables is expected",
       "[[layer]]"},
      {"layer = [{}, 3]\n", [](const auto& t) { t.tables("layer"); },
       "s.toml:1:14: layer[1] = 3 is an integer", "[[layer]]"},
      {"", [](const auto& t) { t.tables("layer", Count::at_least(1)); },
       "s.toml:1:1: layer is missing (a table [[layer]] is needed)", ""},
      {"[[layer]]\n[[layer]]\n[[layer]]\n",
       [](const auto& t) { t.tables("layer", Count::between(1, 2)); },
       "s.toml:1:", "stands 3 times in the scene; it must have 1 to 2 elements"},
      // A caller's own error stands at the value.
      {"x = 1\n[plane]\nw = \"0.4 m\"\n",
       [](const auto& t) { throw t.table("plane").error("w", "is too wide; make it smaller"); },
       "s.toml:3:5: plane.w = \"0.4 m\" is too wide; make it smaller", ""},
  };
  for (const Mistake& row : table) {
    const std::string message =
        message_of([&] { row.read(Scene::parse(row.text, "s.toml").root()); });
    EXPECT_EQ(message.substr(0, std::string(row.begin).size()), row.begin)
        << row.text << " -> " << message;
    EXPECT_NE(message.find(row.part), std::string::npos) << row.text << " -> " << message;
  }
}

TEST(Scene, AMissingKeyNamesTheMisspeltOne) {
  const std::string message = message_of([] {
    Scene::parse("[plane]\nptich = \"1 mm\"\n", "s.toml").root().table("plane").length("pitch");
  });
  EXPECT_EQ(message.substr(0, 12), "s.toml:1:1: ");
  EXPECT_NE(message.find("plane.pitch is missing"), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean it by plane.ptich, at s.toml:2:"), std::string::npos)
      << message;
}

TEST(Scene, ReportsEveryUnusedKey) {
  const Scene scene = Scene::parse(
      "titel = \"x\"\n\n[plane]\npitch = 1e-3\nofset = 0\nlearning_rate = 1\n\n[[layer]]\n"
      "knd = \"lens\"\n[[layer]]\nkind = \"lens\"\n\n[optimiser]\nrate = 3\n",
      "s.toml");
  const SceneTable root = scene.root();
  root.string("title", "");
  root.table("plane").length("pitch");
  root.table("plane").length("offset", 0.0);
  for (const SceneTable& layer : root.tables("layer")) layer.string("kind", "phase");
  root.optional_table("optimizer").number("rate", 0.1);
  const std::string message = message_of([&] { scene.check_all_used(); });
  EXPECT_EQ(message,
            "s.toml:1:1: titel is not a key that this scene uses; did you mean \"title\"?\n"
            "s.toml:5:1: plane.ofset is not a key that this scene uses; did you mean \"offset\"?\n"
            "s.toml:6:1: plane.learning_rate is not a key that this scene uses; remove it, or "
            "write one of offset, pitch\n"
            "s.toml:9:1: layer[0].knd is not a key that this scene uses; did you mean \"kind\"?\n"
            "s.toml:13:2: optimiser is not a key that this scene uses; did you mean "
            "\"optimizer\"?");
}

TEST(Scene, AKeyInTheWrongTableIsSentHome) {
  const Scene scene = Scene::parse("pitch = 1e-3\n[plane]\nsize = 3\n", "s.toml");
  scene.root().table("plane").integer("size");
  scene.root().table("plane").length("pitch", 1e-3);
  EXPECT_EQ(message_of([&] { scene.check_all_used(); }),
            "s.toml:1:1: pitch is not a key that this scene uses; it is a key of plane, move it "
            "there");
}

TEST(Scene, AcceptedTablesAreUsed) {
  const Scene scene = Scene::parse("[expect]\na = 1\nb = {c = [{d = 2}]}\n", "s.toml");
  EXPECT_NE(message_of([&] { scene.check_all_used(); }), "");
  EXPECT_EQ(scene.root().table("expect").keys(), (std::vector<std::string>{"a", "b"}));
  scene.root().accept("expect");
  EXPECT_EQ(message_of([&] { scene.check_all_used(); }), "");
}

TEST(Scene, OverridesReplaceAndAdd) {
  const Scene scene =
      Scene::parse(lens_scene, "lens.toml",
                   {"plane.pitch=0.2 mm", "layer[1].kind=phase", "layer[1].wavelengths[1] = 700 nm",
                    "plane.periodic=true", "training.optimizer.rate=3e-2", "title=\"x = [y]\"",
                    "plane.size=[3, 4]", "layer[0].thickness=1e-6"});
  const SceneTable root = scene.root();
  EXPECT_EQ(root.table("plane").length("pitch"), 0.2e-3);
  EXPECT_TRUE(root.table("plane").boolean("periodic"));
  EXPECT_EQ(root.table("plane").integers("size"), (std::vector<int>{3, 4}));
  EXPECT_EQ(root.tables("layer")[1].string("kind"), "phase");
  EXPECT_EQ(root.tables("layer")[1].lengths("wavelengths"), (std::vector<double>{532e-9, 7e-7}));
  EXPECT_EQ(root.tables("layer")[0].length("thickness"), 1e-6);
  EXPECT_EQ(root.table("training").table("optimizer").number("rate"), 0.03);
  EXPECT_EQ(root.string("title"), "x = [y]");
}

TEST(Scene, WrongOverridesAreErrors) {
  const struct {
    const char* change;
    const char* part;
  } table[] = {
      {"pitch", "there is no = in it"},
      {"=3", "a key is missing"},
      {"plane.=3", "a key is missing"},
      {"plane..x=3", "a key is missing"},
      {"pl ane=3", "unexpected character"},
      {"layer[x].kind=3", "an index is no whole number"},
      {"layer[2=3", "an index is no whole number"},
      {"layer[99999999999999999999999].kind=3", "an index is no whole number"},
      {"layer[2].kind=lens", "layer has 2 elements, counted from 0; there is no [2]"},
      {"layers[0].kind=lens", "layers is not in the scene"},
      {"plane[0].kind=lens", "plane is a table, not an array"},
      {"title.x=3", "title is a string, not a table"},
  };
  for (const auto& row : table) {
    const std::string message =
        message_of([&] { Scene::parse(lens_scene, "lens.toml", {row.change}); });
    EXPECT_EQ(message.find(std::string("--set ") + row.change), 0u) << message;
    EXPECT_NE(message.find(row.part), std::string::npos) << row.change << " -> " << message;
  }
}

TEST(Scene, MistakesInOverridesNameTheOption) {
  const Scene scene = Scene::parse(lens_scene, "lens.toml", {"plane.pitch=0.4 s", "plane.ptich=3"});
  EXPECT_EQ(message_of([&] {
              scene.root().table("plane").length("pitch");
            }).find("--set plane.pitch=0.4 s: plane.pitch = \"0.4 s\" is a time"),
            0u);
  EXPECT_NE(message_of([&] { scene.check_all_used(); })
                .find("--set plane.ptich=3: plane.ptich is not a key that this scene uses; did you "
                      "mean \"pitch\"?"),
            std::string::npos);
}

TEST(Scene, InvalidFilesAreInputErrorsWithAPlace) {
  std::string deep_key, deep_array = "x = ", deep_table = "x = ";
  for (int i = 0; i < 100000; ++i) {
    deep_key += "a.";
    deep_array += '[';
    deep_table += "{a=";
  }
  const std::string table[] = {
      "a = \n",
      "a = 1\na = 2\n",
      "[t]\n[t]\n",
      "a = {b = 1\n",
      "a = \"unclosed\n",
      "a = \"\xff\xfe\"\n",
      std::string("a = 1\0b\n", 8),
      "a = 1e\n",
      "= 3\n",
      "[[layer]]\n[layer]\n",
      "a = 0x10000000000000000000\n",
      "a = 1 b = 2\n",
      "a = 2020-13-45\n",
      "[" + deep_key + "a]\n",
      deep_key + "a = 1\n",
      deep_array,
      deep_table,
      "\x80\x81\x82",
      "[[[a]]\n",
      "a = 1[\"\u00e4\n",
      "a = 1=\"\u00e4\"\n",
      "a = [2, 1=\"\u00e4\"]\n",
      "a = 1.\"\u00e4\"\n",
      "a = {b = 1{\"\u00e4\"}}\n",
      "a = 1979-05-27T'7:.\u00e4\n",
      "b = 1\nl\u00e4nge = 2\n",
      "a = \"\"\"x\"\"\"\" \u00e4\n",
      "a = \"\"\"x \\\n  \u00e4\"\"\"\n",
  };
  for (const std::string& text : table) {
    try {
      Scene::parse(text, "s.toml");
      ADD_FAILURE() << "accepted: " << text.substr(0, 60);
    } catch (const InputError& error) {
      const std::string message = error.what();
      int line = 0, column = 0;
      EXPECT_EQ(std::sscanf(message.c_str(), "s.toml:%d:%d: ", &line, &column), 2) << message;
      EXPECT_GE(line, 1);
      EXPECT_GE(column, 1);
      EXPECT_LT(message.size(), 500u) << message;
    }
  }
  EXPECT_EQ(message_of([] { Scene::parse("a = 1\nb = \n", "s.toml"); }).find("s.toml:2:"), 0u);
  EXPECT_EQ(message_of([] {
              Scene::parse("a = 1\n[b]\n[[[c]]\nd = 2\n\n", "s.toml");
            }).find("s.toml:3:1: "),
            0u);
  // Dots and brackets in strings, comments and numbers are not nesting.
  const std::string dots(1000, '.'), brackets(1000, '[');
  EXPECT_NO_THROW(Scene::parse(
      "\"k\" . 'l' = {\"m\" = [ 'a' , \"b\" # c\n ] }\n'x' = \"\"\n\n[\"\u00e4\" . b]\n[[c]]\n[[ c "
      ". 'd' ]]\nn = [[1, 2],\n [], {x=1,y=[3]}, # c\n [4]]\nd = 1979-05-27 07:32:00\n",
      "s.toml"));
  EXPECT_NO_THROW(Scene::parse("a = \"" + dots + brackets + "\" # " + dots + brackets +
                                   "\nb = '''" + dots + "\n" + brackets +
                                   "'''\nc = [1.0, 2.0, 3.0]",
                               "s.toml"));
}

TEST(Scene, MissingFilesAreUnavailable) {
  try {
    Scene::load("/nonexistent/lens.toml");
    ADD_FAILURE();
  } catch (const UnavailableError& error) {
    EXPECT_NE(std::string(error.what()).find("/nonexistent/lens.toml"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos);
  }
  EXPECT_THROW(Scene::load(std::filesystem::temp_directory_path().string()), UnavailableError);
}

TEST(Scene, LoadsFiles) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("lens.toml", lens_scene);
  const Scene scene = Scene::load(path.string());
  EXPECT_EQ(scene.text(), lens_scene);
  EXPECT_EQ(scene.stem(), "lens");
}

TEST(Scene, HashFollowsTheContentOnly) {
  const auto hash = [](const char* text, const std::vector<std::string>& overrides = {}) {
    return Scene::parse(text, "a.toml", overrides).hash();
  };
  const std::uint64_t reference = hash("a = 1\nb = [1, 2]\n[c]\nd = \"x\"\n");
  EXPECT_EQ(hash("# comment\n b=[1,2]\na=1\nc = {d = 'x'}"), reference);
  EXPECT_EQ(hash("a = 7\nb = [1, 2]\n[c]\nd = \"x\"\n", {"a=1"}), reference);
  EXPECT_NE(hash("a = 1.0\nb = [1, 2]\n[c]\nd = \"x\"\n"), reference);
  EXPECT_NE(hash("a = 2\nb = [1, 2]\n[c]\nd = \"x\"\n"), reference);
  EXPECT_NE(hash("a = 1\nb = [2, 1]\n[c]\nd = \"x\"\n"), reference);
  EXPECT_NE(hash("a = 1\nb = [[1], 2]\n[c]\nd = \"x\"\n"), reference);
  EXPECT_NE(hash("a = 1\nb = [1, 2]\n[c]\ne = \"x\"\n"), reference);
  EXPECT_NE(hash("a = 1\nb = [1, 2]\n[c]\nd = \"x\"\n", {"e=1"}), reference);
}

TEST(Scene, HandlesKeepTheSceneAlive) {
  const auto table = [] { return Scene::parse(lens_scene, "a.toml").root().table("plane"); }();
  EXPECT_EQ(table.length("pitch"), 0.4e-3);
}

}  // namespace
}  // namespace wavesmith
