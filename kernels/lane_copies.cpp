#include "kernels/lane_copies.hpp"

#include "kernels/lane_tiles.hpp"

namespace wavesmith {

template <class T>
void copy_into_lanes(std::span<const std::complex<double>> values, const LaneShape& shape,
                     LaneField<T> field) {
  const std::size_t nx = static_cast<std::size_t>(shape.nx);
  for (int block = 0; block < shape.blocks(); ++block)
    host::write_lane_block<T>(
        shape, block, field, [&](int row, int column, int count, T* re, T* im) {
          const std::complex<double>* const from =
              values.data() + static_cast<std::size_t>(row) * nx + static_cast<std::size_t>(column);
          for (int i = 0; i < count; ++i) {
            re[i] = static_cast<T>(from[i].real());
            im[i] = static_cast<T>(from[i].imag());
          }
        });
}

template void copy_into_lanes(std::span<const std::complex<double>>, const LaneShape&,
                              LaneField<float>);
template void copy_into_lanes(std::span<const std::complex<double>>, const LaneShape&,
                              LaneField<double>);

}  // namespace wavesmith
