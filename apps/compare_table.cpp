#include "apps/compare_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.hpp"
#include "core/memory.hpp"
#include "training/method.hpp"

namespace wavesmith {
namespace {

void write_compare_table(const std::vector<MethodRow>& rows, const std::filesystem::path& path) {
  nlohmann::ordered_json table = nlohmann::ordered_json::array();
  for (const MethodRow& row : rows) {
    nlohmann::ordered_json entry;
    entry["method"] = row.method;
    for (const auto& [metric, value] : row.metrics.all()) entry[metric] = value;
    entry["experiments_per_sample"] = row.cost.experiments / row.trained_samples;
    entry["exposures_per_sample"] = row.cost.exposures / row.trained_samples;
    entry["readings_per_sample"] = row.cost.readings / row.trained_samples;
    entry["experiments"] = row.cost.experiments;
    entry["operations"] = row.cost.operations;
    entry["peak_memory_bytes"] = row.peak_memory;
    entry["direction_error"] = row.agreement.direction_error;
    entry["length_ratio"] = row.agreement.length_ratio;
    entry["seconds"] = row.seconds;
    table.push_back(entry);
  }
  write_file(path, table.dump(2) + "\n");
}

void print_compare_table(const std::vector<MethodRow>& rows, const std::string& score) {
  fmt::print("{:<12} {:>16} {:>12} {:>12} {:>12} {:>11} {:>9} {:>10}\n", "method", score,
             "experiments", "exposures", "direction", "length", "seconds", "memory");
  fmt::print("{:<12} {:>16} {:>12} {:>12} {:>12} {:>11} {:>9} {:>10}\n", "", "", "a sample",
             "a sample", "error", "ratio", "", "");
  for (const MethodRow& row : rows)
    fmt::print("{:<12} {:>16.6g} {:>12.3g} {:>12.3g} {:>12.3e} {:>11.4g} {:>9.1f} {:>10}\n",
               row.method, row.metrics.at(score), row.cost.experiments / row.trained_samples,
               row.cost.exposures / row.trained_samples, row.agreement.direction_error,
               row.agreement.length_ratio, row.seconds,
               format_bytes(static_cast<std::uint64_t>(row.peak_memory)));
  fmt::print(
      "experiments: runs of the light through the device, of one sample each; exact asks a model "
      "alone and makes none\n");
}

}  // namespace

Status compare_methods(
    const CompareOptions& options, const std::string& stem, const std::string& score,
    const std::function<bool(MethodRow& row, const std::filesystem::path& out)>& train) {
  for (const std::string& name : options.methods) make_method(name, {});  // before anything runs
  const std::filesystem::path out =
      options.out.empty() ? std::filesystem::path("out") / (stem + "-compare") : options.out;
  make_folder(out);
  remove_stale_parts(out);
  std::vector<MethodRow> rows;
  for (const std::string& name : options.methods) {
    make_folder(out / name);
    remove_stale_parts(out / name);
    rows.emplace_back().method = name;
    if (!train(rows.back(), out / name)) {
      fmt::print("stopped while training with {}; nothing is lost of the methods before it\n",
                 name);
      return Status::interrupted;
    }
    rows.back().peak_memory = peak_memory();
    write_compare_table(rows, out / "compare.json");
  }
  print_compare_table(rows, score);
  fmt::print("table in {}\n", (out / "compare.json").string());
  return Status::done;
}

}  // namespace wavesmith
