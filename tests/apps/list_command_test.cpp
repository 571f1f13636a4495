// The words of the scene language, as `wavesmith list` tells them.
#include <gtest/gtest.h>

#include <string>

#include "apps/commands.hpp"
#include "core/error.hpp"
#include "physics/detectors.hpp"
#include "physics/layers.hpp"

namespace wavesmith {
namespace {

std::string listed(const std::string& what) {
  ListOptions options;
  options.what = what;
  testing::internal::CaptureStdout();
  const int status = list_command(options);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(status, 0);
  return text;
}

TEST(ListCommand, NamesEveryDetectorAndLayerWithASentence) {
  const std::string all = listed(""), detectors = listed("detectors"), layers = listed("layers");
  EXPECT_NE(all.find("detectors:\n"), std::string::npos);
  for (const DetectorKind& kind : list_detectors()) {
    EXPECT_NE(detectors.find(kind.name + " "), std::string::npos) << detectors;
    EXPECT_NE(detectors.find(kind.sentence), std::string::npos) << detectors;
    EXPECT_NE(all.find(kind.sentence), std::string::npos);
  }
  for (const auto& kind : list_layers())
    EXPECT_NE(layers.find(kind.sentence), std::string::npos) << layers;
}

TEST(ListCommand, AMisspeltSectionIsAnErrorThatNamesTheRight) {
  try {
    list_command({.what = "detector"});
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("detectors"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace wavesmith
