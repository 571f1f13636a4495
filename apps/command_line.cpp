#include "apps/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>
#include <limits>
#include <map>
#include <new>
#include <stdexcept>

#include "apps/scene_folder.hpp"
#include "core/error.hpp"
#include "core/suggest.hpp"

namespace wavesmith {

namespace {

constexpr int internal_error = 1;
constexpr int most_threads = 1024;

const std::map<std::string, Precision> precisions{{"f32", Precision::f32}, {"f64", Precision::f64}};

void add_device_options(CLI::App& app, std::string& device, std::string& precision, int& threads) {
  app.add_option("--device", device, "Where to compute: cpu, cuda, cuda:N or auto")
      ->capture_default_str()
      ->type_name("DEVICE");
  app.add_option("--precision", precision, "Numbers of the fields: f32 or f64")
      ->capture_default_str()
      ->type_name("f32|f64");
  app.add_option("--threads", threads, "Threads of the CPU; 0 for all")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(0, most_threads).name("").description(""));
}

// Options that need another form than the one that they are parsed in.
struct Words {
  std::string precision = "f32";
  std::string seed = "1";
};

Precision precision_from(const std::string& word) {
  const auto found = precisions.find(word);
  if (found != precisions.end()) return found->second;
  const std::vector<std::string> names{"f32", "f64"};
  throw InputError(
      fmt::format("--precision {} is not known; use f32 or f64{}", word, suggestion(word, names)));
}

std::uint64_t seed_from(const std::string& word) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
  if (error == std::errc{} && end == word.data() + word.size()) return seed;
  throw InputError(fmt::format("--seed {} is no whole number from 0 to {}; use such a number", word,
                               std::numeric_limits<std::uint64_t>::max()));
}

void add_scene_options(CLI::App& app, SceneOptions& options, Words& words) {
  app.add_option("SCENE", options.scene, "A scene file, or a name of `wavesmith list scenes`")
      ->required()
      ->type_name("");
  add_device_options(app, options.device, words.precision, options.threads);
  app.add_option("--seed", words.seed, "Seed of all random numbers")
      ->capture_default_str()
      ->type_name("N");
  // One value each, so that the scene may stand behind them.
  app.add_option("--set", options.overrides,
                 "Overrides a key of the scene: grid.pitch=0.4 mm, layer[2].kind=lens; may be "
                 "repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--data", options.data_dir, "Folder of data sets, searched first")
      ->type_name("DIR");
  app.add_flag("--quiet", options.quiet, "No progress");
}

// The words of the command line as a tree of options, and what to do when they are right.
class CommandLine {
 public:
  CommandLine(const CommandHandlers& handlers, std::ostream& output)
      : handlers_(handlers), output_(output) {
    app_.name("wavesmith");
    app_.require_subcommand(0, 1);
    app_.set_help_flag("-h,--help", "Prints this help");
    app_.set_help_all_flag("--help-all", "Prints the help of every subcommand");
    app_.add_flag("--version", version_, "Prints the version");
    app_.footer(
        "Exit status: 0 done; 2 the command line or the scene is wrong; 3 something asked for is\n"
        "not available here; 4 the numbers went wrong; 5 an expectation of the scene failed;\n"
        "130 interrupted.\n\n"
        "Example: wavesmith run scenes/01_quickstart.toml\n"
        "`wavesmith COMMAND --help` explains a command.");
    if (handlers.run) add_run();
    if (handlers.check) add_check();
    if (handlers.gradcheck) add_gradcheck();
    if (handlers.compare) add_compare();
    if (handlers.list) add_list();
    if (handlers.info) add_info();
    if (handlers.bench) add_bench();
    if (handlers.fetch) add_fetch();
  }

  int run(const std::vector<std::string>& arguments) {
    check_command_name(arguments);
    // CLI11 takes the words from the last to the first.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(std::move(reversed));
    } catch (const CLI::CallForAllHelp&) {
      output_ << app_.help("", CLI::AppFormatMode::All);
      return 0;
    } catch (const CLI::CallForHelp&) {
      output_ << app_.help();
      return 0;
    } catch (const CLI::ParseError& error) {
      throw InputError(explain(error, arguments));
    }
    if (version_) {
      output_ << "wavesmith " << WAVESMITH_VERSION << '\n';
      return 0;
    }
    if (!action_) {
      throw InputError(fmt::format("a command is missing; use one of {}, or --help",
                                   join_names(command_names())));
    }
    return action_();
  }

 private:
  CLI::App& add_command(const std::string& name, const std::string& sentence,
                        const std::string& example) {
    CLI::App& app = *app_.add_subcommand(name, sentence);
    app.footer("Example: " + example);
    return app;
  }

  // Makes the scene's path and the words into options just before the command runs.
  void finish(SceneOptions& options) const {
    options.precision = precision_from(words_.precision);
    options.seed = seed_from(words_.seed);
    options.scene = find_scene(options.scene).string();
  }

  void add_run() {
    CLI::App& app = add_command(
        "run",
        "Runs a scene: trains or designs, evaluates, and writes fields, pictures and a report",
        "wavesmith run scenes/10_lin_2018_mnist.toml --set training.epochs=1 --out out/lin");
    add_scene_options(app, run_, words_);
    app.add_option("--out", run_.out, "Folder of the results (default: out/<scene stem>)")
        ->type_name("DIR");
    app.add_flag("--resume", run_.resume,
                 "Goes on from the checkpoint in the folder of the results");
    app.callback([this] {
      action_ = [this] {
        finish(run_);
        return handlers_.run(run_);
      };
    });
  }

  void add_check() {
    CLI::App& app = add_command("check",
                                "Validates a scene, audits its sampling, and estimates memory and "
                                "time; runs nothing",
                                "wavesmith check scenes/10_lin_2018_mnist.toml");
    add_scene_options(app, scene_, words_);
    app.callback([this] {
      action_ = [this] {
        finish(scene_);
        return handlers_.check(scene_);
      };
    });
  }

  void add_gradcheck() {
    CLI::App& app =
        add_command("gradcheck",
                    "Tests the gradient of this very scene: dot products and finite "
                    "differences",
                    "wavesmith gradcheck scenes/10_lin_2018_mnist.toml --precision f64");
    add_scene_options(app, scene_, words_);
    app.callback([this] {
      action_ = [this] {
        finish(scene_);
        return handlers_.gradcheck(scene_);
      };
    });
  }

  void add_compare() {
    CLI::App& app =
        add_command("compare", "Trains one system by several methods, and prints one table",
                    "wavesmith compare scenes/10_lin_2018_mnist.toml --methods exact,spsa");
    add_scene_options(app, compare_, words_);
    app.add_option("--methods", compare_.methods,
                   "Names of `wavesmith list methods`, with commas between them")
        ->required()
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("A,B,...");
    app.add_option("--out", compare_.out,
                   "Folder of the results (default: out/<scene stem>-compare)")
        ->type_name("DIR");
    app.callback([this] {
      action_ = [this] {
        finish(compare_);
        return handlers_.compare(compare_);
      };
    });
  }

  void add_list() {
    CLI::App& app =
        add_command("list", "Lists what there is, one a line: the name, then a sentence",
                    "wavesmith list scenes");
    app.add_option("WHAT", list_.what,
                   "scenes, systems, methods, solvers, materials, layers, sources, detectors, "
                   "losses, optimizers, schedules, waveforms, wave_sources, wave_monitors, "
                   "wave_solids or wave_media; all where it is left out")
        ->type_name("");
    app.callback([this] { action_ = [this] { return handlers_.list(list_); }; });
  }

  void add_info() {
    CLI::App& app = add_command(
        "info", "Prints the version, the devices and what this build contains", "wavesmith info");
    app.callback([this] { action_ = [this] { return handlers_.info(); }; });
  }

  void add_bench() {
    CLI::App& app =
        add_command("bench",
                    "Measures rates, and their share of what the machine allows, in the "
                    "same run",
                    "wavesmith bench diffractive --json");
    app.add_option("NAME", bench_.name, "One benchmark; all where it is left out")->type_name("");
    app.add_flag("--json", bench_.json, "One JSON object a line");
    add_device_options(app, bench_.device, words_.precision, bench_.threads);
    app.callback([this] {
      action_ = [this] {
        bench_.precision = precision_from(words_.precision);
        return handlers_.bench(bench_);
      };
    });
  }

  void add_fetch() {
    CLI::App& app = add_command("fetch", "Downloads a data set and verifies its checksums",
                                "wavesmith fetch mnist");
    app.add_option("NAME", fetch_.name, "mnist or fashion-mnist")->required()->type_name("");
    app.add_option("--data", fetch_.data_dir, "Folder to put it in (default: the user's cache)")
        ->type_name("DIR");
    app.add_flag("--quiet", fetch_.quiet, "No progress");
    app.callback([this] { action_ = [this] { return handlers_.fetch(fetch_); }; });
  }

  std::vector<std::string> command_names() const {
    std::vector<std::string> names;
    for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(command->get_name());
    }
    return names;
  }

  // An unknown command gets a better answer than "unexpected argument".
  void check_command_name(const std::vector<std::string>& arguments) const {
    if (arguments.empty() || arguments.front().starts_with('-')) return;
    const std::vector<std::string> names = command_names();
    const std::string& word = arguments.front();
    if (std::find(names.begin(), names.end(), word) != names.end()) return;
    throw InputError(fmt::format("there is no command \"{}\"; use one of {}{}", word,
                                 join_names(names), suggestion(word, names)));
  }

  // CLI11's sentence, with the nearest option for an unknown one, and where to read more.
  std::string explain(const CLI::ParseError& error,
                      const std::vector<std::string>& arguments) const {
    const CLI::App* app = &app_;
    for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
      if (!arguments.empty() && command->get_name() == arguments.front()) app = command;
    }
    std::vector<std::string> names;
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    std::string advice;
    for (const std::string& argument : arguments) {
      const std::string word = argument.substr(0, argument.find('='));
      const bool is_unknown = word.starts_with("--") && word.size() > 2 &&
                              std::find(names.begin(), names.end(), word) == names.end();
      if (is_unknown) advice = suggestion(word, names);
    }
    return fmt::format("{}{}\nSee `{} --help`.", error.what(), advice,
                       app == &app_ ? "wavesmith" : "wavesmith " + app->get_name());
  }

  const CommandHandlers& handlers_;
  std::ostream& output_;
  CLI::App app_{"Simulates waves as full fields and trains physical neural networks made of them."};
  bool version_ = false;
  Words words_;
  RunOptions run_;
  SceneOptions scene_;
  CompareOptions compare_;
  ListOptions list_;
  BenchOptions bench_;
  FetchOptions fetch_;
  std::function<int()> action_;
};

}  // namespace

int run_program(const std::vector<std::string>& arguments, const CommandHandlers& handlers,
                std::ostream& output, std::ostream& errors) {
  const auto fail = [&](const std::string& message, int status) {
    output << std::flush;
    errors << "wavesmith: " << message << '\n' << std::flush;
    return status;
  };
  const int unavailable = static_cast<int>(Status::unavailable);
  try {
    const int status = CommandLine(handlers, output).run(arguments);
    output << std::flush;
    if (!output) return fail("cannot write to the standard output", unavailable);
    return status;
  } catch (const Error& error) {
    return fail(error.what(), static_cast<int>(error.status()));
  } catch (const std::bad_alloc&) {
    return fail("there is not enough memory for this; make the scene smaller, or free memory",
                unavailable);
  } catch (const std::length_error&) {
    return fail("something asked for is larger than any memory; make the scene smaller",
                unavailable);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(fmt::format("a file could not be used: {}", error.what()), unavailable);
  } catch (const std::exception& error) {
    return fail(fmt::format("internal error: {}; please report it with the command line and the "
                            "scene",
                            error.what()),
                internal_error);
  }
}

}  // namespace wavesmith
