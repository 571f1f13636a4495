#include "core/interrupt.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "core/error.hpp"

namespace wavesmith {

namespace {

// A signal handler reaches nothing but globals. Lock-free atomics are safe there.
std::atomic<int> request_count{0};
std::atomic<bool> guard_alive{false};
std::atomic<const char*> first_message{nullptr};
std::atomic<std::size_t> first_message_length{0};
static_assert(std::atomic<const char*>::is_always_lock_free);

extern "C" void note_interrupt(int) {
  const int saved_errno = errno;
  if (request_count.fetch_add(1) > 0) _exit(static_cast<int>(Status::interrupted));
  if (const char* message = first_message.load()) {
    // Nothing can be done about an error here.
    [[maybe_unused]] const auto written =
        write(STDERR_FILENO, message, first_message_length.load());
  }
  errno = saved_errno;
}

}  // namespace

InterruptGuard::InterruptGuard(const char* message) {
  if (guard_alive.exchange(true)) throw std::logic_error("a second InterruptGuard");
  request_count = 0;
  first_message_length = message == nullptr ? 0 : std::strlen(message);
  first_message = message;
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
  first_message = nullptr;
  guard_alive = false;
}

bool InterruptGuard::requested() const {
  return request_count.load() > 0;
}

}  // namespace wavesmith
