// Complex fields in the CPU's leapfrog engine: what lies beyond the seam of a periodic axis.
//
// With f = a + i b and f(r + L) = f(r) exp(i phi), the points beyond the high end are
//   a <- cos(phi) a - sin(phi) b,   b <- sin(phi) a + cos(phi) b
// of those a period before, and beyond the low end the same with -phi. Both parts are otherwise
// real marches of their own. Rounding of cosine and sine does no harm: a rotation and its
// transpose, of the same two numbers, keep the march symmetric, and what it conserves.
#include <cmath>

#include "kernels/host_leapfrog.hpp"

namespace wavesmith::host {

template <class T>
void HostLeapfrog<T>::cross_seams(bool first_group) {
  const int split = first_group_size(size_.system);
  const int begin = first_group ? 0 : split;
  const int end = first_group ? split : component_count(size_.system);
  const std::array<std::ptrdiff_t, 3> stride = {1, static_cast<std::ptrdiff_t>(layout_.row),
                                                static_cast<std::ptrdiff_t>(layout_.plane)};
  const std::ptrdiff_t to_b =
      size_.part_offset() * stride[static_cast<std::size_t>(size_.pair_axis)];
  for (std::size_t d = 0; d < 3; ++d) {
    if (!size_.periodic[d]) continue;
    const int axis = static_cast<int>(d);
    const T cosine = static_cast<T>(std::cos(size_.phase[d]));
    for (const bool high : {true, false}) {
      const T sine = static_cast<T>(high ? std::sin(size_.phase[d]) : -std::sin(size_.phase[d]));
      const std::ptrdiff_t beyond =
          (high ? size_.part_points(axis) : -size_.part_points(axis)) * stride[d];
      // The real part's points of the plane at the other end.
      GridBox plane{{}, {size_.part_points(0), size_.part_points(1), size_.part_points(2)}};
      if (high)
        plane.end[d] = 1;
      else
        plane.begin[d] = plane.end[d] - 1;
      for (int k = plane.begin[2]; k < plane.end[2]; ++k)
        for (int j = plane.begin[1]; j < plane.end[1]; ++j)
          for (int c = begin; c < end; ++c) {
            T* const a = row(c, j, k);
            T* const b = a + to_b;
            for (std::ptrdiff_t i = plane.begin[0]; i < plane.end[0]; ++i) {
              const T real = cosine * a[i] - sine * b[i];
              b[i + beyond] = sine * a[i] + cosine * b[i];
              a[i + beyond] = real;
            }
          }
    }
  }
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
