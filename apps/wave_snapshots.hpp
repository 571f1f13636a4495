// Fields of a march while they happen, as files that ParaView plays.
#pragma once

#include <filesystem>
#include <vector>

#include "apps/wave_problem.hpp"
#include "core/frame.hpp"
#include "solvers/time_domain.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

// The steps after which the frames of a part are taken, up to `last`.
std::vector<long> snapshot_steps(const SnapshotPart& part, double dt, long last);

// Fields at the middles of cells, now.
Frame take_snapshot(const TimeDomain& march, const WaveContext& context, const WaveProblem& problem,
                    const SnapshotPart& part);

// snapshots/<name>/0003.vti (.vtr on graded grids), relative to the folder of the run.
std::string snapshot_file(const SnapshotPart& part, std::size_t frame, bool graded);

// Of one frame, with its arrays [bytes].
std::uint64_t snapshot_bytes(const WaveContext& context, const SnapshotPart& part);

// A frame without arrays on these points [m]; axes on which they are not even have coordinates.
Frame frame_at(const std::array<std::vector<double>, 3>& coordinates);

}  // namespace wavesmith
