// Learning-rate schedules: pure functions of the step, so that a resumed run continues exactly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wavesmith {

// A step may be a batch or an epoch, whatever the caller counts. `warm_up` steps raise the rate
// linearly to its full value (step 0 has rate / warm_up); the schedule proper starts after them.
struct ScheduleSpec {
  std::string name = "constant";
  double rate = 1e-3;            // at the start of the schedule proper
  std::int64_t warm_up = 0;      // [steps]
  std::int64_t interval = 1;     // step, exponential: steps for one `factor`
  double factor = 0.5;           // step, exponential
  double final_rate = 0.0;       // cosine: reached at total_steps
  std::int64_t total_steps = 0;  // cosine: steps of the whole run, warm-up included
};

// A word of the scene language.
struct ScheduleEntry {
  std::string name;
  std::string sentence;
  std::vector<std::string> keys;  // of ScheduleSpec, beyond name, rate and warm_up
};
const std::vector<ScheduleEntry>& schedule_registry();

// Throws InputError where a setting is unknown or out of range. learning_rate() expects a checked
// one.
void check_schedule(const ScheduleSpec& spec);

double learning_rate(const ScheduleSpec& spec, std::int64_t step);

}  // namespace wavesmith
