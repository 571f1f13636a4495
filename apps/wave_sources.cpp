// [[source]] of a scene of waves in time.
#include "apps/wave_parts.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "solvers/current_source.hpp"

namespace wavesmith {
namespace {

std::vector<std::string> field_names(const WaveProblem& problem) {
  std::vector<std::string> names;
  for (const StoredField& field : fields_of(problem.equations)) names.push_back(field.name);
  return names;
}

void read_current(const SceneTable& table, const WaveProblem& problem, SourcePart& part) {
  const std::string field = table.choice("field", field_names(problem));
  const Vec3 centre = read_position(table, "centre", problem.dimensions);
  const Vec3 size = read_position(table, "size", problem.dimensions);
  const double strength = table.number("strength", 1.0);
  for (const double length : size)
    if (length < 0.0) throw table.error("size", "is negative");
  part.make = [=, waveform = part.waveform](const TimeDomainSetup&, const WaveContext& context) {
    return current_source(context, field, centre - 0.5 * size, centre + 0.5 * size, strength,
                          waveform);
  };
}

struct SourceKind {
  const char* name;
  void (*read)(const SceneTable& table, const WaveProblem& problem, SourcePart& part);
};
constexpr SourceKind source_kinds[] = {{"current", read_current}};

}  // namespace

SourcePart read_source(const SceneTable& table, const WaveProblem& problem) {
  SourcePart part;
  std::vector<std::string> kinds;
  for (const SourceKind& kind : source_kinds) kinds.emplace_back(kind.name);
  part.kind = table.choice("kind", kinds);
  part.name = table.string("name", "source");
  part.waveform = read_waveform(table.table("waveform"), problem.equations == Equations::sound,
                                problem.scene_folder);
  for (const SourceKind& kind : source_kinds)
    if (part.kind == kind.name) kind.read(table, problem, part);
  return part;
}

}  // namespace wavesmith
