#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "apps/commands.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "training/fetch.hpp"

namespace wavesmith {

int fetch_command(const FetchOptions& options) {
  const RemoteSet set = remote_set(options.name);
  const InterruptGuard interrupt("\nwavesmith: stopping the download\n");
  const ProgressStyle style = choose_progress_style(options.quiet);

  // A bar for each file.
  std::unique_ptr<Progress> bar;
  std::string current;
  DownloadOptions download_options;
  download_options.directory = options.data_dir;
  download_options.progress = [&](const DownloadProgress& state) {
    if (state.present) return !interrupt.requested();
    if (state.file != current) {
      current = state.file;
      bar = std::make_unique<Progress>(current, state.total, "bytes", style);
    }
    bar->update(state.received);
    if (state.total > 0 && state.received == state.total) bar->finish();
    return !interrupt.requested();
  };
  try {
    for (const std::filesystem::path& path : download(set, download_options)) {
      std::cout << path.string() << '\n';
    }
  } catch (const UnavailableError&) {
    if (!interrupt.requested()) throw;
    throw Error(Status::interrupted,
                fmt::format("the download of {} was stopped; the same command goes on with the "
                            "files that are missing",
                            set.name));
  }
  return static_cast<int>(Status::done);
}

}  // namespace wavesmith
