#include "core/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>

namespace wavesmith {

namespace {

constexpr double bar_interval = 0.1;   // [s]
constexpr double line_interval = 5.0;  // [s]

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::string format_rate(double rate, const std::string& unit) {
  if (rate >= 1e6) return fmt::format("{:.3g} M {}/s", rate * 1e-6, unit);
  if (rate >= 1e4) return fmt::format("{:.3g} k {}/s", rate * 1e-3, unit);
  if (rate >= 100) return fmt::format("{:.0f} {}/s", rate, unit);
  return fmt::format("{:.3g} {}/s", rate, unit);
}

}  // namespace

ProgressStyle choose_progress_style(bool quiet) {
  if (quiet) return ProgressStyle::quiet;
  return isatty(STDERR_FILENO) == 1 ? ProgressStyle::bar : ProgressStyle::lines;
}

std::string format_duration(double seconds) {
  if (!(seconds >= 0.0)) return "?";
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  if (seconds > 1e9) return "more than 30 years";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  const std::int64_t minutes = (whole + 30) / 60;
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

Progress::Progress(std::string title, std::uint64_t total, std::string unit, ProgressStyle style)
    : Progress(std::move(title), total, std::move(unit), style, std::cerr, steady_seconds,
               terminal_columns()) {}

Progress::Progress(std::string title, std::uint64_t total, std::string unit, ProgressStyle style,
                   std::ostream& stream, std::function<double()> clock, int columns)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(total),
      style_(style),
      stream_(stream),
      clock_(std::move(clock)),
      columns_(columns),
      begin_(clock_()),
      last_drawn_(begin_) {}

Progress::~Progress() {
  if (!finished_) clear_bar();
}

void Progress::update(std::uint64_t done, const std::string& note) {
  done_ = done;
  if (style_ == ProgressStyle::quiet || finished_) return;
  const double interval = style_ == ProgressStyle::bar ? bar_interval : line_interval;
  const double now = clock_();
  if (now - last_drawn_ < interval) return;
  last_drawn_ = now;
  draw(note, false);
}

void Progress::print_line(const std::string& line) {
  if (style_ == ProgressStyle::quiet) return;
  clear_bar();
  stream_ << line << '\n' << std::flush;
}

void Progress::finish(const std::string& note) {
  if (finished_) return;
  finished_ = true;
  if (style_ != ProgressStyle::quiet) draw(note, true);
}

void Progress::draw(const std::string& note, bool last) {
  const double elapsed = clock_() - begin_;
  const double rate = elapsed > 0.0 ? static_cast<double>(done_ - base_) / elapsed : 0.0;
  std::string text = total_ > 0 ? fmt::format(" {}/{} {}", done_, total_, unit_)
                                : fmt::format(" {} {}", done_, unit_);
  if (rate > 0.0) text += ", " + format_rate(rate, unit_);
  if (last) {
    text += ", " + format_duration(elapsed) + " in all";
  } else if (rate > 0.0 && total_ > done_) {
    text += ", " + format_duration(static_cast<double>(total_ - done_) / rate) + " left";
  }
  if (!note.empty()) text += ", " + note;

  if (style_ == ProgressStyle::lines || last) {
    clear_bar();
    stream_ << title_ << ':' << text << '\n' << std::flush;
    return;
  }
  // What is left of the line, up to 30 columns, is the bar; the text is cut where it is too long.
  const int room = columns_ - 1;
  std::string line = title_ + " ";
  const int space = room - static_cast<int>(line.size() + text.size()) - 2;
  if (total_ > 0 && space >= 5) {
    const int width = std::min(space, 30);
    const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    const int filled = static_cast<int>(share * width);
    line += '[' + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(width - filled), '.') + ']';
  }
  line += text;
  if (static_cast<int>(line.size()) > room)
    line.resize(static_cast<std::size_t>(std::max(room, 0)));
  stream_ << "\r\033[K" << line << std::flush;
  bar_shown_ = true;
}

void Progress::clear_bar() {
  if (bar_shown_) stream_ << "\r\033[K" << std::flush;
  bar_shown_ = false;
}

}  // namespace wavesmith
