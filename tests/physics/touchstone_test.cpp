// Touchstone files: examples written by hand after the specification, every format there and back,
// and what is wrong told with its line.
#include "physics/touchstone.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

using Complex = ScatteringTable::Complex;

ScatteringTable random_table(std::size_t ports, std::size_t frequencies, std::uint64_t seed) {
  ScatteringTable table;
  table.ports = ports;
  table.resistance = 75.0;
  const Random random(seed, 0);
  std::uint64_t draw = 0;
  for (std::size_t f = 0; f < frequencies; ++f) {
    table.frequencies.push_back(1.9e14 + 1.3e11 * static_cast<double>(f));
    for (std::size_t i = 0; i < ports * ports; ++i, draw += 2)
      table.s.emplace_back(random.uniform(draw, -1, 1), random.uniform(draw + 1, -1, 1));
  }
  return table;
}

double distance(const ScatteringTable& a, const ScatteringTable& b) {
  double worst = a.s.size() == b.s.size() && a.ports == b.ports ? 0.0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.s.size(), b.s.size()); ++i)
    worst = std::max(worst, std::abs(a.s[i] - b.s[i]));
  for (std::size_t f = 0; f < std::min(a.frequencies.size(), b.frequencies.size()); ++f)
    worst = std::max(worst, std::abs(a.frequencies[f] / b.frequencies[f] - 1.0));
  return worst;
}

// A value of the file, as the program's fields have it.
Complex of_file(double size, double degrees) {
  return std::polar(size, -degrees * pi / 180.0);
}

TEST(Touchstone, EveryFormatThereAndBack) {
  const test::TemporaryFolder folder;
  for (const std::size_t ports : {1u, 2u, 3u, 4u, 5u, 9u, 12u})
    for (const auto format : {TouchstoneFormat::real_imaginary, TouchstoneFormat::magnitude_angle,
                              TouchstoneFormat::decibel_angle})
      for (const auto unit :
           {TouchstoneUnit::Hz, TouchstoneUnit::kHz, TouchstoneUnit::MHz, TouchstoneUnit::GHz})
        for (const int version : {1, 2}) {
          const ScatteringTable table = random_table(ports, 4, ports);
          const auto path = folder / ("device" + (version == 1 ? touchstone_ending(ports) : ".ts"));
          write_touchstone(table, path, {format, unit, version, {"a comment", "two\nlines"}});
          const ScatteringTable back = read_touchstone(path);
          const bool exact =
              format == TouchstoneFormat::real_imaginary && unit == TouchstoneUnit::Hz;
          EXPECT_LE(distance(table, back), exact ? 0.0 : 1e-14) << path;
          EXPECT_EQ(back.resistance, 75.0);
        }
}

TEST(Touchstone, OnePortInMagnitudeAndAngle) {
  const ScatteringTable table = parse_touchstone(
      "! 1-port S-parameter file, single frequency point\n"
      "# MHz S MA R 50\n"
      "2.000 0.894 -12.136 ! the end\n",
      "a.s1p", 1);
  ASSERT_EQ(table.frequencies.size(), 1u);
  EXPECT_DOUBLE_EQ(table.frequencies[0], 2e6);
  EXPECT_LT(std::abs(table.s[0] - of_file(0.894, -12.136)), 1e-15);
}

TEST(Touchstone, TwoPortsStandColumnByColumnAndNoiseIsPassedOver) {
  const ScatteringTable table = parse_touchstone(
      "# ghz s ri r 75\r\n"
      "1 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8\r\n"
      "2 1 0 2 0 3 0 4 0\r\n"
      "! noise parameters\r\n"
      "1 3.0 0.5 12 0.1\r\n"
      "2 3.1 0.5 12 0.1\r\n",
      "a.s2p", 2);
  ASSERT_EQ(table.frequencies, (std::vector<double>{1e9, 2e9}));
  EXPECT_EQ(table.at(0)[0], Complex(0.1, -0.2));  // S11
  EXPECT_EQ(table.at(0)[2], Complex(0.3, -0.4));  // S21
  EXPECT_EQ(table.at(0)[1], Complex(0.5, -0.6));  // S12
  EXPECT_EQ(table.at(0)[3], Complex(0.7, -0.8));  // S22
  EXPECT_EQ(table.resistance, 75.0);
}

TEST(Touchstone, ThreePortsStandRowByRow) {
  const ScatteringTable table = parse_touchstone(
      "# Hz S DB\n"
      "7 0 0 -20 90 -40 180\n"
      "  -20 1 -20 2 -20 3\n"
      "  -20 4 -20 5 -6 6\n",
      "a.s3p", 3);
  EXPECT_LT(std::abs(table.s[1] - of_file(0.1, 90)), 1e-15);
  EXPECT_LT(std::abs(table.s[2] - of_file(0.01, 180)), 1e-15);
  EXPECT_LT(std::abs(table.s[3] - of_file(0.1, 1)), 1e-15);
  EXPECT_LT(std::abs(table.s[8] - of_file(std::pow(10, -0.3), 6)), 1e-15);
}

TEST(Touchstone, VersionTwo) {
  const std::string head =
      "[Version] 2.0\n# GHz S RI R 50\n[Number of Ports] 2\n[Two-Port Data Order] 12_21\n"
      "[Number of Frequencies] 1\n[Reference] 50\n 75.0\n";
  const ScatteringTable full =
      parse_touchstone(head +
                           "[Begin Information]\nanything 1 2 [odd\n[End Information]\n"
                           "[Network Data]\n1 1 0 2 0\n3 0 4 0\n[Noise Data]\n1 2 3 4 5\n[End]\nx",
                       "a.ts", 0);
  EXPECT_EQ(full.s, (std::vector<Complex>{1.0, 2.0, 3.0, 4.0}));
  for (const std::string format : {"Lower", "upper"}) {
    const ScatteringTable half = parse_touchstone(
        "[Version] 2.0\n# GHz S RI R 50\n[Number of Ports] 3\n[Matrix Format] " + format +
            "\n[Network Data]\n1 " +
            (format == "Lower" ? "1 0 2 0 3 0 4 0 5 0 6 0" : "1 0 2 0 4 0 3 0 5 0 6 0") +
            "\n[End]\n",
        "a.ts", 0);
    EXPECT_EQ(half.s, (std::vector<Complex>{1., 2., 4., 2., 3., 5., 4., 5., 6.})) << format;
  }
}

TEST(Touchstone, MistakesHaveTheirLine) {
  struct Mistake {
    std::string text;
    std::size_t ports;
    std::string where, what;
  };
  const std::string line2 = "1 1 0 2 0 3 0 4 0\n";
  const std::vector<Mistake> mistakes = {
      {"", 2, "f:0", "no data"},
      {"! nothing\n", 2, "f:1", "no data"},
      {line2, 2, "f:1", "option line"},
      {"# GHz S RI R 50\n1 1 0 2 0 3 0 4\n", 2, "f:2", "8 numbers"},
      {"# GHz S RI R 50\n1 1 0 2 0 3 0 4 x\n", 2, "f:2", "\"x\""},
      {"# GHz S RI R 50\n1 1 0 2 0 3 0 4 inf\n", 2, "f:2", "finite"},
      {"# GHz S RI R 50\n1 1 0 2 0 3 0 4 1e999\n", 2, "f:2", "finite"},
      {"# GHz Z RI R 50\n" + line2, 2, "f:1", "Z parameters"},
      {"# furlongs S RI\n" + line2, 2, "f:1", "\"furlongs\""},
      {"# GHz S RI R\n" + line2, 2, "f:1", "resistance"},
      {"# GHz S RI R -50\n" + line2, 2, "f:1", "resistance"},
      {"# GHz S RI R 50\n" + line2 + line2, 2, "f:3", "above the one before"},
      {"# GHz S RI R 50\n-1 1 0\n", 1, "f:2", "above the one before"},
      {"# GHz S RI R 50\n1 1 0 2 0 3 0\n4 0 5 0\n", 3, "f:3", "11 of the 19"},
      {"# GHz S RI R 50\n1 1 0 2 0 3 0\n4 0 5 0 6 0\n7 0 8 0 9 0 1\n", 3, "f:4", "20 numbers"},
      {"# GHz S DB R 50\n1 1e9 0\n", 1, "f:2", "dB"},
      {"# GHz S RI R 50\n" + line2, 0, "f:2", "[Number of Ports]"},
      {"[Version] 3.0\n", 0, "f:1", "\"3.0\""},
      {"[Version] 2.0\n# GHz S RI\n[Number of Prots] 2\n", 0, "f:3", "Number of Ports"},
      {"[Version] 2.0\n# GHz S RI\n[Number of Ports] 0\n", 0, "f:3", "between 1 and"},
      {"[Version] 2.0\n# GHz S RI\n[Number of Ports] 99999999999999999999\n", 0, "f:3", "between"},
      {"[Version] 2.0\n# GHz S RI\n[Number of Ports\n", 0, "f:3", "]"},
      {"[Version] 2.0\n# GHz S RI\n[Network Data]\n", 0, "f:3", "[Number of Ports]"},
      {"[Version] 2.0\n# GHz S RI\n[Number of Ports] 1\n1 1 0\n", 0, "f:4", "[Network Data]"},
      {"[Version] 2.0\n# GHz S RI\n[Number of Ports] 1\n[Number of Frequencies] 2\n[Network "
       "Data]\n1 1 0\n[End]\n",
       0, "f:7", "says 2, and 1"},
      {"[Version] 2.0\n# GHz S RI\n[Number of Ports] 2\n[Mixed-Mode Order] D1,2\n", 0, "f:4",
       "mixed-mode"},
      {"[Version] 2.0\n# GHz S RI\n[Matrix Format] Diagonal\n", 0, "f:3", "\"Diagonal\""},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.text);
    try {
      parse_touchstone(mistake.text, "f", mistake.ports);
      ADD_FAILURE() << "was read";
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(mistake.where + ": ")) << message;
      EXPECT_NE(message.find(mistake.what), std::string::npos) << message;
    }
  }
  EXPECT_THROW(read_touchstone("/nowhere/a.s2p"), UnavailableError);
}

TEST(ScatteringTable, CsvThereAndBack) {
  const test::TemporaryFolder folder;
  for (const std::size_t ports : {1u, 3u}) {
    const ScatteringTable table = random_table(ports, 5, 3);
    write_scattering_csv(table, folder / "s.csv");
    EXPECT_EQ(distance(table, read_scattering_file(folder / "s.csv")), 0.0);
  }
  folder.write("bad.csv", "frequency,s_1_1_real\n1,2\n");
  EXPECT_THROW(read_scattering_file(folder / "bad.csv"), InputError);
}

// A smooth response of a delay: both rules meet the points; the rational one is far better between.
TEST(ScatteringTable, Interpolation) {
  ScatteringTable table;
  table.ports = 1;
  const auto exact = [](double f) {
    return std::polar(1.0 / (1.0 + 1e-25 * (f - 1.95e14) * (f - 1.95e14)), 3e-12 * f);
  };
  for (int i = 0; i <= 40; ++i) {
    table.frequencies.push_back(1.93e14 + 1e11 * i);
    table.s.push_back(exact(table.frequencies.back()));
  }
  for (const auto rule : {TableInterpolationRule::linear, TableInterpolationRule::rational}) {
    const ScatteringInterpolation values(table, rule);
    double worst = 0.0;
    Complex s;
    for (std::size_t i = 0; i < table.frequencies.size(); ++i) {
      values.evaluate(table.frequencies[i], {&s, 1});
      EXPECT_EQ(s, table.s[i]);
      if (i == 0) continue;
      const double between = table.frequencies[i] - 0.4e11;
      values.evaluate(between, {&s, 1});
      worst = std::max(worst, std::abs(s - exact(between)));
    }
    std::printf("interpolation: worst error %.2e\n", worst);
    EXPECT_LT(worst, rule == TableInterpolationRule::linear ? 2e-2 : 5e-4);
    // Constants and lines are met by both.
    ScatteringTable line = table;
    for (std::size_t i = 0; i < line.s.size(); ++i) line.s[i] = 0.01 * static_cast<double>(i);
    const ScatteringInterpolation straight(line, rule);
    straight.evaluate(1.93e14 + 12.3e11, {&s, 1});
    EXPECT_NEAR(s.real(), 0.123, 1e-12);
  }
  table.frequencies[3] = table.frequencies[2];
  EXPECT_THROW(ScatteringInterpolation(table, TableInterpolationRule::linear), InputError);
}

}  // namespace
}  // namespace wavesmith
