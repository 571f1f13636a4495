// Errors that a person can act on, and the exit status that each of them means.
//
// A message is one sentence: what was wrong, where, (why that is a problem), what to do, as in
//   layers.toml:12:9: layer.pitch = "0.4 m" is wider than the plane (0.08 m); did you mean "0.4
//   mm"?
#pragma once

#include <stdexcept>
#include <string>

namespace wavesmith {

// Exit status of the command line tool.
enum class Status : int {
  done = 0,
  bad_input = 2,           // the command line or the scene is wrong
  unavailable = 3,         // a device, a file or a library asked for is not here
  numerics = 4,            // not finite, diverged
  expectation_failed = 5,  // an [expect] bound of the scene does not hold
  interrupted = 130,       // stopped by Ctrl-C after saving a checkpoint
};

class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message) : std::runtime_error(message), status_(status) {}
  Status status() const { return status_; }

 private:
  Status status_;
};

struct InputError : Error {
  explicit InputError(const std::string& message) : Error(Status::bad_input, message) {}
};
struct UnavailableError : Error {
  explicit UnavailableError(const std::string& message) : Error(Status::unavailable, message) {}
};
struct NumericsError : Error {
  explicit NumericsError(const std::string& message) : Error(Status::numerics, message) {}
};
struct ExpectationError : Error {
  explicit ExpectationError(const std::string& message)
      : Error(Status::expectation_failed, message) {}
};

// Throws InputError with `message` unless `condition` holds. Always on: for what a user can get
// wrong. Message first evaluated on failure only, so it may be built by string concatenation.
#define WAVESMITH_VALIDATE(condition, message)                \
  do {                                                        \
    if (!(condition)) throw ::wavesmith::InputError(message); \
  } while (false)

// Preconditions and postconditions of our own code, checked in debug builds only.
#ifdef WAVESMITH_DEBUG
#define WAVESMITH_EXPECT(condition)                                                   \
  do {                                                                                \
    if (!(condition))                                                                 \
      throw std::logic_error(std::string(__FILE__) + ":" + std::to_string(__LINE__) + \
                             ": expected " #condition);                               \
  } while (false)
#else
#define WAVESMITH_EXPECT(condition) static_cast<void>(0)
#endif

}  // namespace wavesmith
