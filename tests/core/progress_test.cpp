#include "core/progress.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace wavesmith {
namespace {

TEST(Progress, DurationsForPeople) {
  const struct {
    double seconds;
    const char* text;
  } table[] = {{0.04, "0.0 s"},        {9.94, "9.9 s"},       {12.3, "12 s"},
               {59.6, "1 min 00 s"},   {200.0, "3 min 20 s"}, {7500.0, "2 h 05 min"},
               {7199.9, "2 h 00 min"}, {-1.0, "?"},           {1e300, "more than 30 years"}};
  for (const auto& row : table) EXPECT_EQ(format_duration(row.seconds), row.text);
  EXPECT_EQ(format_duration(std::numeric_limits<double>::quiet_NaN()), "?");
}

TEST(Progress, LinesComeEveryFiveSecondsWithRateAndTimeLeft) {
  std::ostringstream out;
  double now = 100.0;
  Progress progress(
      "epoch 1", 100, "batches", ProgressStyle::lines, out, [&] { return now; }, 80);
  for (int step = 1; step <= 50; ++step) {
    now += 0.25;
    progress.update(static_cast<std::uint64_t>(step), "loss 0.5");
  }
  // 12.5 s: lines at 5 s (20 batches) and 10 s (40 batches).
  EXPECT_EQ(out.str(),
            "epoch 1: 20/100 batches, 4 batches/s, 20 s left, loss 0.5\n"
            "epoch 1: 40/100 batches, 4 batches/s, 15 s left, loss 0.5\n");
  out.str("");
  progress.finish("done");
  progress.finish("done");
  EXPECT_EQ(out.str(), "epoch 1: 50/100 batches, 4 batches/s, 12 s in all, done\n");
}

TEST(Progress, TheBarStaysOnOneLineOfTheTerminal) {
  std::ostringstream out;
  double now = 0.0;
  const int columns = 60;
  Progress progress(
      "run", 10, "steps", ProgressStyle::bar, out, [&] { return now; }, columns);
  progress.update(1);
  EXPECT_EQ(out.str(), "");
  for (int step = 1; step <= 10; ++step) {
    now += 1.0;
    progress.update(static_cast<std::uint64_t>(step),
                    std::string(static_cast<std::size_t>(3 * step), 'x'));
  }
  const std::string text = out.str();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_NE(text.find('#'), std::string::npos);
  std::istringstream parts(text);
  std::string part;
  int count = 0;
  while (std::getline(parts, part, '\r')) {
    if (part.empty()) continue;
    ++count;
    EXPECT_EQ(part.rfind("\033[K", 0), 0u);
    EXPECT_LT(part.size() - 3, static_cast<std::size_t>(columns));
  }
  EXPECT_EQ(count, 10);
  progress.print_line("saved");
  EXPECT_NE(out.str().find("\r\033[Ksaved\n"), std::string::npos);
  progress.finish();
  EXPECT_EQ(out.str().back(), '\n');
}

TEST(Progress, QuietIsQuiet) {
  std::ostringstream out;
  double now = 0.0;
  Progress progress(
      "run", 10, "steps", ProgressStyle::quiet, out, [&] { return now; }, 80);
  now = 100.0;
  progress.update(5);
  progress.print_line("x");
  progress.finish();
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(choose_progress_style(true), ProgressStyle::quiet);
}

}  // namespace
}  // namespace wavesmith
