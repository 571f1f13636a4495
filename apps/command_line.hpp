// From the words of the command line to a subcommand and its options.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "apps/commands.hpp"

namespace wavesmith {

// What each subcommand does. One without a function is not offered.
struct CommandHandlers {
  std::function<int(const RunOptions&)> run;
  std::function<int(const SceneOptions&)> check;
  std::function<int(const SceneOptions&)> gradcheck;
  std::function<int(const CompareOptions&)> compare;
  std::function<int(const ListOptions&)> list;
  std::function<int()> info;
  std::function<int(const BenchOptions&)> bench;
  std::function<int(const FetchOptions&)> fetch;
};

// Parses the words behind the program's name, calls one handler and returns the exit status. Never
// throws: every error ends as one message on `errors` and a status of core/error.hpp, or 1 for a
// mistake of our own.
int run_program(const std::vector<std::string>& arguments, const CommandHandlers& handlers,
                std::ostream& output, std::ostream& errors);

}  // namespace wavesmith
