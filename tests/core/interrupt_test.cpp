#include "core/interrupt.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>

namespace wavesmith {
namespace {

TEST(Interrupt, TheFirstSignalSetsTheFlag) {
  for (const int signal : {SIGINT, SIGTERM}) {
    InterruptGuard guard;
    EXPECT_FALSE(guard.requested());
    std::raise(signal);
    EXPECT_TRUE(guard.requested());
  }
  InterruptGuard fresh;
  EXPECT_FALSE(fresh.requested());
}

TEST(Interrupt, OneGuardAtATime) {
  InterruptGuard guard;
  EXPECT_THROW(InterruptGuard(), std::logic_error);
  std::raise(SIGINT);
  EXPECT_TRUE(guard.requested());
}

TEST(InterruptDeathTest, TheSecondSignalEndsTheProgram) {
  EXPECT_EXIT(
      {
        InterruptGuard guard("stopping after this batch\n");
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::ExitedWithCode(130), "stopping after this batch");
}

TEST(InterruptDeathTest, TheOldHandlersComeBack) {
  EXPECT_EXIT(
      {
        { InterruptGuard guard; }
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace wavesmith
