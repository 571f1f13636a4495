// Ctrl-C and SIGTERM as a flag that long work looks at between two steps.
#pragma once

#include <csignal>

namespace wavesmith {

// While one is alive, the first SIGINT or SIGTERM sets the flag and prints `message` (where it is
// not null) to the standard error; a second one ends the program at once with status 130. The
// former handlers come back at the end. One at a time: a second guard is a std::logic_error.
class InterruptGuard {
 public:
  // `message` must live as long as the guard, and is printed from a signal handler.
  explicit InterruptGuard(const char* message = nullptr);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool requested() const;

 private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

}  // namespace wavesmith
