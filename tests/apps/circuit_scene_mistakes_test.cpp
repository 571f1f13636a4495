// Mistakes in scenes of circuits: each is one sentence with its place in the file.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "apps/circuit_problem.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"
#include "tests/apps/scene_mistakes.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

const char* const whole = R"(title = "Trial"
solver = "circuit"
connections = ["split.out1 -- arm.in", "arm.out -- join.in1", "split.out2 -- join.in2"]
[[component]]
kind = "coupler"
name = "split"
ratio = 0.5
[[component]]
kind = "coupler"
name = "join"
ratio = 0.5
[[component]]
kind = "waveguide"
name = "arm"
length = "20 um"
effective_index = 2.4
loss = "2 dB/cm"
[[component]]
kind = "device"
name = "tap"
file = "tap.s2p"
[[port]]
name = "in"
at = "split.in1"
[[port]]
name = "out"
at = "join.out1"
[frequencies]
range = ["190 THz", "196 THz"]
count = 101
[[metric]]
name = "passed"
kind = "transmission"
from = "in"
to = "out"
frequency = "193 THz"
[expect]
passed = [0, 1]
)";

class CircuitSceneMistakes : public testing::Test {
 protected:
  CircuitSceneMistakes() {
    folder_.write("tap.s2p", "# THz S RI R 50\n180 0 0 1 0 1 0 0 0\n200 0 0 1 0 1 0 0 0\n");
    folder_.write("short.s2p", "# THz S RI R 50\n191 0 0 1 0 1 0 0 0\n195 0 0 1 0 1 0 0 0\n");
    folder_.write("bad.s2p", "# THz S RI R 50\n191 0 0 1 0 1 0 0\n");
    folder_.write("bad.csv", "frequency,s_1_1_real\n1e14,1\n");
  }
  std::string name() const { return (folder_ / "scene.toml").string(); }
  CircuitProblem read(const std::string& text) const {
    return read_circuit_problem(Scene::parse(text, name()));
  }
  void check(const std::vector<test::SceneMistake>& mistakes) const {
    test::check_mistakes(whole, name(), mistakes, [this](const std::string& text) { read(text); });
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(CircuitSceneMistakes, NoneInTheWholeScene) {
  const CircuitProblem problem = read(whole);
  EXPECT_EQ(problem.frequencies.size(), 101u);
  ASSERT_EQ(problem.notes.size(), 1u);
  EXPECT_EQ(problem.notes[0],
            "matched, as neither joined nor named: split.in2, join.out2, tap.1, tap.2");
}

TEST_F(CircuitSceneMistakes, Components) {
  check({
      {"kind = \"coupler\"", "kind = \"couplr\"", {"component[0].kind", "\"coupler\""}},
      {"ratio = 0.5", "ratio = 1.5", {":7:", "component[0].ratio = 1.5", "between 0"}},
      {"ratio = 0.5", "", {"component split", "ratio"}},
      {"ratio = 0.5", "ratoi = 0.5", {"ratio"}},
      {"ratio = 0.5", "ratio = 0.5\nangle = 1", {"component split", "both ratio and angle"}},
      {"ratio = 0.5", "ratio = 0.5\nlength = \"1 um\"", {":8:1", "component[0].length"}},
      {"name = \"join\"", "name = \"split\"", {"two components", "\"split\""}},
      {"name = \"join\"", "name = \"jo in\"", {"\"jo in\"", "letters"}},
      {"length = \"20 um\"", "length = \"20 fs\"", {"component[2].length", "length is expected"}},
      {"length = \"20 um\"", "length = \"-20 um\"", {"component[2].length", "at least 0"}},
      {"loss = \"2 dB/cm\"", "loss = \"2 dB\"", {"component[2].loss", "loss along a path"}},
      {"loss = \"2 dB/cm\"", "group_index = 4.2", {"component arm", "reference_wavelength"}},
      {"loss = \"2 dB/cm\"",
       "reference_wavelength = \"1 um\"\nreference_frequency = \"300 THz\"",
       {"component arm", "both reference_wavelength"}},
  });
}

TEST_F(CircuitSceneMistakes, ConnectionsAndPorts) {
  const char* const first = "\"split.out1 -- arm.in\"";
  check({
      {first, "\"split.out1 - arm.in\"", {":3:", "\"split.out1 - arm.in\"", "--"}},
      {first, "\"split.out3 -- arm.in\"", {"component split has no port \"out3\"", "out1"}},
      {first, "\"spilt.out1 -- arm.in\"", {"\"spilt\"", "did you mean \"split\""}},
      {first, "\"split -- arm.in\"", {"\"split\"", "component.port"}},
      {first, "\"arm.in -- arm.in\"", {"arm.in is joined to itself"}},
      {first, "\"join.in2 -- arm.in\"", {"join.in2 is joined twice", "arm.in", "split.out2"}},
      {"at = \"join.out1\"", "at = \"join.in1\"", {":27:6", "join.in1", "joined to arm.out"}},
      {"at = \"join.out1\"", "at = \"split.in1\"", {"split.in1 has two names", "in", "out"}},
      {"name = \"out\"", "name = \"in\"", {"two external ports", "join.out1"}},
  });
}

TEST_F(CircuitSceneMistakes, Devices) {
  check({
      {"tap.s2p", "none.s2p", {"component[3].file", "tap", "no such file"}, Status::unavailable},
      {"tap.s2p", "bad.s2p", {"component tap", "bad.s2p:2", "8 numbers"}},
      {"tap.s2p", "bad.csv", {"component tap", "bad.csv", "s_1_1_imaginary"}},
      {"tap.s2p", "short.s2p", {"component tap", "191 THz to 195 THz", "190 THz to 196 THz"}},
      {"tap.s2p\"", "tap.s2p\"\nports = [\"a\"]", {"component tap", "1 ports", "has 2"}},
      {"tap.s2p\"", "tap.s2p\"\nports = [\"a\", \"a\"]", {"component tap", "two ports", "\"a\""}},
      {"tap.s2p\"",
       "tap.s2p\"\ninterpolation = \"cubic\"",
       {"component tap", "\"cubic\"", "rational"}},
  });
}

TEST_F(CircuitSceneMistakes, FrequenciesAndMetrics) {
  const char* const range = "range = [\"190 THz\", \"196 THz\"]";
  const char* const at = "frequency = \"193 THz\"";
  check({
      {range, "range = [\"196 THz\", \"190 THz\"]", {"frequencies.range", "lowest"}},
      {range, "range = [\"190 THz\"]", {"frequencies.range", "must have 2 elements"}},
      {range, "range = [\"190 um\", \"196 um\"]", {"frequency is expected"}},
      {range, "list = [\"190 THz\", \"190 THz\"]\n#", {"frequencies.list", "twice"}},
      {"count = 101", "count = 1", {"frequencies.count", "between 2"}},
      {"count = 101", "count = 100000000", {"frequencies.count", "1000000"}},
      {"[frequencies]", "[frequences]", {"frequencies is missing"}},
      {at, "frequency = \"199 THz\"", {"metric[0].frequency", "190 THz to 196 THz"}},
      {at, "wavelength = \"1.5 um\"\nfrequency = \"193 THz\"", {"beside a frequency"}},
      {at, "", {"metric[0].frequency is missing"}},
      {"[[metric]]",
       "[[metric]]\nname = \"passed\"\nkind = \"loss\"\nfrom = \"in\"\nfrequency = \"193 THz\"\n"
       "[[metric]]",
       {"metric[1].name", "another metric"}},
      {"to = \"out\"", "to = \"oot\"", {"metric[0].to", "\"out\""}},
      {"kind = \"transmission\"", "kind = \"quality\"", {"metric[0].of is missing"}},
      {"kind = \"transmission\"", "kind = \"trnsmission\"", {"\"transmission\""}},
      {"passed = [0, 1]", "past = [0, 1]", {"expect.past", "[[metric]]"}},
      {"title", "titel", {":1:1", "titel", "title"}},
      {"\"circuit\"", "\"circiut\"", {"solver", "\"circuit\""}},
  });
}

}  // namespace
}  // namespace wavesmith
