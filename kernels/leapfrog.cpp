#include "kernels/leapfrog.hpp"

#include "core/error.hpp"
#include "kernels/leapfrog_terms.hpp"
#include "kernels/point_layout.hpp"

namespace wavesmith {

template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_leapfrog(const LeapfrogSize& size,
                                                 const LeapfrogSchedule& schedule,
                                                 const Device& device) {
  if (device.kind == Device::Kind::cuda && size.pair_axis >= 0)
    throw UnavailableError(
        "complex fields, with a Bloch phase, are marched on the CPU alone; run with --device cpu");
  if (device.kind == Device::Kind::cuda) return make_cuda_leapfrog<T>(size, device.index);
  return make_host_leapfrog<T>(size, schedule);
}
template std::unique_ptr<LeapfrogEngine<float>> make_leapfrog(const LeapfrogSize&,
                                                              const LeapfrogSchedule&,
                                                              const Device&);
template std::unique_ptr<LeapfrogEngine<double>> make_leapfrog(const LeapfrogSize&,
                                                               const LeapfrogSchedule&,
                                                               const Device&);

// With coefficients of the first group by point: a medium of more kinds than its codes can name.
std::size_t estimate_point_leapfrog_bytes(const LeapfrogSize& size, std::size_t number_bytes) {
  const PointLayout layout(size, number_bytes);
  const std::size_t arrays =
      static_cast<std::size_t>(component_count(size.system) + first_group_size(size.system));
  std::size_t numbers = arrays * static_cast<std::size_t>(layout.length);
  for (const auto& terms : {first_terms(size.system), second_terms(size.system)})
    for (const LeapfrogTerm& term : terms) numbers += point_psi_length(size, term.direction);
  return numbers * number_bytes;
}

}  // namespace wavesmith
