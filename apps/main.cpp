// The command line tool.
#include <csignal>
#include <iostream>

#include "apps/command_line.hpp"

int main(int argc, char** argv) {
  // A file beyond the size limit is an error of the write, like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);

  wavesmith::CommandHandlers handlers;
  handlers.run = wavesmith::run_command;
  handlers.check = wavesmith::check_command;
  handlers.gradcheck = wavesmith::gradcheck_command;
  handlers.bench = wavesmith::bench_command;
  handlers.compare = wavesmith::compare_command;
  handlers.list = wavesmith::list_command;
  handlers.info = wavesmith::info_command;
  handlers.fetch = wavesmith::fetch_command;
  return wavesmith::run_program({argv + 1, argv + argc}, handlers, std::cout, std::cerr);
}
