// Progress of long work, on the standard error: a bar with rate and time left on a terminal, plain
// lines now and then elsewhere, nothing when quiet.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

namespace wavesmith {

enum class ProgressStyle { quiet, lines, bar };

// bar where the standard error is a terminal, else lines.
ProgressStyle choose_progress_style(bool quiet);

class Progress {
 public:
  // `unit` names what is counted, in the plural: "batches". `total` 0: unknown.
  Progress(std::string title, std::uint64_t total, std::string unit, ProgressStyle style);
  // `clock` gives seconds; for tests.
  Progress(std::string title, std::uint64_t total, std::string unit, ProgressStyle style,
           std::ostream& stream, std::function<double()> clock, int columns);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // So much was done before, by a run that is being resumed: it counts as done, not as fast.
  void start_at(std::uint64_t done) { base_ = done_ = done; }
  // Cheap enough for every step: draws at most ten times a second (lines: every five seconds).
  // `note` stands at the end: "loss 0.0123".
  void update(std::uint64_t done, const std::string& note = "");
  // Prints a line of its own above the bar.
  void print_line(const std::string& line);
  // Draws the last state with the time that all took, and ends the line. Once.
  void finish(const std::string& note = "");

 private:
  void draw(const std::string& note, bool last);
  void clear_bar();

  std::string title_, unit_;
  std::uint64_t total_, done_ = 0, base_ = 0;
  ProgressStyle style_;
  std::ostream& stream_;
  std::function<double()> clock_;
  int columns_;
  double begin_, last_drawn_;
  bool bar_shown_ = false, finished_ = false;
};

// "12 s", "3 min 20 s", "2 h 05 min".
std::string format_duration(double seconds);

}  // namespace wavesmith
