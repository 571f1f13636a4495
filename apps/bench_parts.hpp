// What the benchmarks share.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/commands.hpp"
#include "kernels/device.hpp"

namespace wavesmith {

double seconds_of(const std::function<void()>& work);
double median(std::vector<double> values);

// The threads to use: those asked for, or all of the machine.
int bench_threads(const BenchOptions& options);

// Sets name, device, precision and threads, and from seconds a unit (one entry a round) rate,
// seconds; from the limit's seconds a unit limit_rate and, round by round, share_of_limit.
void fill_bench_row(nlohmann::ordered_json& row, const BenchOptions& options, const Device& device,
                    const std::vector<double>& seconds, const std::vector<double>& limit);

// One JSON object a line, or a line for people.
void print_bench_row(const BenchOptions& options, const nlohmann::ordered_json& row);

void bench_diffractive(const BenchOptions& options, const Device& device);

// Linear networks: a batch of samples with all gradients, and an epoch.
void bench_scattering(const BenchOptions& options, const Device& device);

// Time marching: maxwell3d, maxwell3d_parts, maxwell2d, acoustic3d, acoustic2d.
void bench_waves(const std::string& name, const BenchOptions& options, const Device& device);
// A gradient by the transposed march.
void bench_adjoint(const BenchOptions& options, const Device& device);

// An iteration of an inverse design in two dimensions.
void bench_design(const BenchOptions& options, const Device& device);

// Volumes for ParaView, with every compression; nothing where this build has no VTK.
void bench_field_files(const BenchOptions& options);

}  // namespace wavesmith
