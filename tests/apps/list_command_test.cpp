// The words of the scene language, as `wavesmith list` tells them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/wave_parts.hpp"
#include "core/error.hpp"
#include "physics/detectors.hpp"
#include "physics/layers.hpp"
#include "physics/optical_media.hpp"

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

TEST(ListCommand, TellsTheWordsOfWavesInTime) {
  const auto expect_all = [](const std::string& section, const std::vector<WaveKind>& kinds) {
    const std::string text = listed(section);
    EXPECT_FALSE(kinds.empty());
    for (const WaveKind& kind : kinds) {
      EXPECT_NE(text.find(kind.name), std::string::npos) << text;
      EXPECT_NE(text.find(kind.sentence), std::string::npos) << text;
    }
  };
  expect_all("waveforms", list_waveforms());
  expect_all("wave_sources", list_wave_sources());
  expect_all("wave_monitors", list_wave_monitors());
  expect_all("wave_solids", list_wave_solids());
  const std::string media = listed("wave_media");
  for (const DispersiveMedium& medium : list_optical_media())
    EXPECT_NE(media.find(medium.citation), std::string::npos) << medium.name;
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
