// Derivatives by the transposed march, and how the forward fields are kept for it.
#include "core/error.hpp"
#include "core/memory.hpp"
#include "solvers/time_domain_transposed.hpp"

namespace wavesmith {
namespace {

void validate_cotangents(const TimeDomainData& cotangents, const TimeDomainData& data) {
  const auto check = [](const auto& given, const auto& shown, const std::string& what) {
    if (given.empty()) return;
    WAVESMITH_VALIDATE(
        given.size() == shown.size(),
        "a loss must return one array of cotangents for each " + what + " monitor, or none at all");
    for (std::size_t m = 0; m < shown.size(); ++m)
      WAVESMITH_VALIDATE(given[m].size() == shown[m].size(),
                         "the cotangents of a " + what +
                             " monitor must have the shape of what it "
                             "recorded");
  };
  check(cotangents.spectra, data.spectra, "spectrum");
  check(cotangents.records, data.records, "time");
}

}  // namespace

template <class T>
TimeDomainGradient TimeDomain::MarchOf<T>::pull_back(long steps, const GridBox& design,
                                                     const Loss& loss) {
  const int split = first_group_size(owner_.lines_.size.system);
  for (int c = 0; c < split; ++c) validate_box(design, c, owner_.lines_.size, "the design region");
  for (const PoleField& pole : setup().poles)
    WAVESMITH_VALIDATE(
        !overlap(pole.box, design),
        "a medium with poles reaches into the design region, where the derivative is "
        "that of media without; keep them apart");
  const TensorGradient tensor(setup(), owner_.lines_, design);
  const std::size_t points = design.count();
  std::uint64_t a_step = static_cast<std::uint64_t>(split) * points + tensor.sources().size();
  for (const NonlinearField& field : setup().nonlinear) {
    WAVESMITH_VALIDATE(!overlap(field.box, design),
                       "a nonlinear medium reaches into the design region, where the derivative "
                       "is that of linear media; keep them apart");
    a_step += field.box.count();
  }
  require_memory(multiply_sizes({a_step, static_cast<std::uint64_t>(steps + 1), sizeof(T)}),
                 "the fields of the design region and of nonlinear media at every step");
  restart();
  FieldHistory<T> history;
  std::vector<int> design_taps;
  for (int c = 0; c < split; ++c) {
    design_taps.push_back(engine_->add_tap(c, design, 1));
    history.fields[static_cast<std::size_t>(c)].assign(points, T(0));
  }
  const int difference_tap = engine_->add_difference_tap(tensor.sources());
  std::vector<int> nonlinear_taps;
  for (const NonlinearField& field : setup().nonlinear)
    nonlinear_taps.push_back(engine_->add_tap(field.component, field.box, 1));
  history.trajectories.resize(nonlinear_taps.size());
  const auto append = [](std::vector<T>& to, std::span<const T> record) {
    to.insert(to.end(), record.begin(), record.end());
  };
  while (owner_.step_ < steps) {
    const long left = block_ - owner_.step_ % block_;
    run_block(static_cast<int>(std::min(left, steps - owner_.step_)));
    for (int c = 0; c < split; ++c) {
      const std::size_t at = static_cast<std::size_t>(c);
      append(history.fields[at], engine_->tap_record(design_taps[at]));
    }
    append(history.differences, engine_->difference_record(difference_tap));
    for (std::size_t m = 0; m < nonlinear_taps.size(); ++m)
      append(history.trajectories[m], engine_->tap_record(nonlinear_taps[m]));
    check_finite();
  }
  show_unfinished_block();
  engine_.reset();
  const TimeDomainData cotangents = loss(owner_.data_);
  validate_cotangents(cotangents, owner_.data_);

  TimeDomainGradient gradient;
  TransposedMarch<T> back(setup(), owner_.lines_, steps, design, tensor, cotangents, gradient);
  back.undo(0, history);
  back.finish();
  return gradient;
}

template class TimeDomain::MarchOf<float>;
template class TimeDomain::MarchOf<double>;

}  // namespace wavesmith
