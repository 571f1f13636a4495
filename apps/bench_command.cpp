// wavesmith bench: rates, and their share of what the machine allows, measured in the same run.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "apps/bench_parts.hpp"
#include "core/error.hpp"

namespace wavesmith {

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int bench_threads(const BenchOptions& options) {
  if (options.threads > 0) return options.threads;
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

void fill_bench_row(nlohmann::ordered_json& row, const BenchOptions& options, const Device& device,
                    const std::vector<double>& seconds, const std::vector<double>& limit) {
  row["device"] = device.name();
  row["precision"] = options.precision == Precision::f32 ? "f32" : "f64";
  row["threads"] = bench_threads(options);
  row["rate"] = 1.0 / median(seconds);
  row["seconds"] = {{"min", *std::min_element(seconds.begin(), seconds.end())},
                    {"median", median(seconds)},
                    {"max", *std::max_element(seconds.begin(), seconds.end())}};
  if (limit.empty()) {
    row["limit_rate"] = nullptr;
    row["share_of_limit"] = nullptr;
    return;
  }
  std::vector<double> shares;
  for (std::size_t round = 0; round < seconds.size(); ++round)
    shares.push_back(limit[round] / seconds[round]);
  row["limit_rate"] = 1.0 / median(limit);
  row["share_of_limit"] = median(shares);
}

void print_bench_row(const BenchOptions& options, const nlohmann::ordered_json& row) {
  if (options.json) {
    fmt::print("{}\n", row.dump());
    return;
  }
  fmt::print("{:<12} {:<36} {:>10.4g} {}/s", row["name"].get<std::string>(),
             row["size"].get<std::string>(), row["rate"].get<double>(),
             row["unit"].get<std::string>());
  if (!row["share_of_limit"].is_null())
    fmt::print("   limit {:.4g}, share {:.2f}", row["limit_rate"].get<double>(),
               row["share_of_limit"].get<double>());
  if (row.contains("seconds_against_batch_32"))
    fmt::print(", {:.2f} times a sample of batch 32",
               row["seconds_against_batch_32"].get<double>());
  if (row.contains("seconds_against_plain"))
    fmt::print(", {:.2f} times the time of maxwell3d", row["seconds_against_plain"].get<double>());
  if (row.contains("seconds_against_forward"))
    fmt::print(", {:.2f} times a march (planned: {})", row["seconds_against_forward"].get<double>(),
               row["plan"].get<std::string>());
  if (row.contains("seconds_per_epoch"))
    fmt::print(", {:.3g} s an epoch", row["seconds_per_epoch"].get<double>());
  if (row.contains("seconds_per_design"))
    fmt::print(", {:.3g} s for 200 iterations", row["seconds_per_design"].get<double>());
  fmt::print("\n");
}

int bench_command(const BenchOptions& options) {
  constexpr std::array<const char*, 10> names = {
      "diffractive", "scattering", "maxwell3d", "maxwell3d_parts", "maxwell2d",
      "acoustic3d",  "acoustic2d", "adjoint",   "design",          "field_files"};
  if (!options.name.empty() && std::none_of(names.begin(), names.end(),
                                            [&](const char* name) { return options.name == name; }))
    throw InputError("there is no benchmark \"" + options.name + "\"; there are " +
                     fmt::format("{}", fmt::join(names, ", ")));
  const Device device = parse_device(options.device);
  for (const std::string name : names) {
    if (!options.name.empty() && options.name != name) continue;
    if (name == "diffractive")
      bench_diffractive(options, device);
    else if (name == "scattering")
      bench_scattering(options, device);
    else if (name == "field_files")
      bench_field_files(options);
    else if (name == "adjoint")
      bench_adjoint(options, device);
    else if (name == "design")
      bench_design(options, device);
    else
      bench_waves(name, options, device);
  }
  return static_cast<int>(Status::done);
}

}  // namespace wavesmith
