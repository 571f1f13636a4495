#include "solvers/time_domain_nonlinear.hpp"

namespace wavesmith {

template <class T>
LocalNonlinearity<T>::LocalNonlinearity(const TimeDomainSetup& setup, const GridLines& lines,
                                        const GridBox& design)
    : setup_(setup), points_(design.count()) {
  for (std::size_t field = 0; field < setup.nonlinear.size(); ++field) {
    const GridBox& box = setup.nonlinear[field].box;
    if (!overlap(box, design)) continue;
    Shared shared{field, {}, {}};
    std::size_t in_field = 0;
    for_points(box, lines.size, [&](const std::array<int, 3>& p, std::size_t) {
      const std::size_t at = in_field++;
      if (!overlap(design, {p, {p[0] + 1, p[1] + 1, p[2] + 1}})) return;
      std::size_t place = 0;
      for (std::size_t d = 3; d-- > 0;)
        place = place * static_cast<std::size_t>(design.end[d] - design.begin[d]) +
                static_cast<std::size_t>(p[d] - design.begin[d]);
      shared.in_field.push_back(at);
      shared.in_design.push_back(place);
    });
    shared_.push_back(std::move(shared));
  }
}

template <class T>
bool LocalNonlinearity<T>::reaches(int component) const {
  for (const Shared& shared : shared_)
    if (setup_.nonlinear[shared.field].component == component) return true;
  return false;
}

template <class T>
void LocalNonlinearity<T>::add_change(int component, std::span<const T> before,
                                      std::span<T> after) const {
  for (const Shared& shared : shared_) {
    const NonlinearField& field = setup_.nonlinear[shared.field];
    if (field.component != component) continue;
    for (std::size_t start = 0; start < after.size(); start += points_)
      for (std::size_t i = 0; i < shared.in_field.size(); ++i) {
        const double square = field.square[shared.in_field[i]];
        const double cube = field.cube[shared.in_field[i]];
        const auto g = [&](double e) { return e * e * (square + cube * e); };
        const std::size_t at = start + shared.in_design[i];
        after[at] +=
            static_cast<T>(g(static_cast<double>(after[at])) - g(static_cast<double>(before[at])));
      }
  }
}

template <class T>
void LocalNonlinearity<T>::add_products(int component, std::span<const T> back,
                                        std::span<const T> before, std::span<const T> after,
                                        std::vector<NonlinearField>& gradient) const {
  const std::size_t steps = back.size() / points_;
  for (const Shared& shared : shared_) {
    NonlinearField& to = gradient[shared.field];
    if (to.component != component) continue;
    for (std::size_t n = 0; n < steps; ++n)
      for (std::size_t i = 0; i < shared.in_field.size(); ++i) {
        const std::size_t at = n * points_ + shared.in_design[i];
        const double x = static_cast<double>(back[(steps - 1 - n) * points_ + shared.in_design[i]]);
        const double e = static_cast<double>(before[at]), e_new = static_cast<double>(after[at]);
        to.square[shared.in_field[i]] += x * (e * e - e_new * e_new);
        to.cube[shared.in_field[i]] += x * (e * e * e - e_new * e_new * e_new);
      }
  }
}

template class LocalNonlinearity<float>;
template class LocalNonlinearity<double>;

}  // namespace wavesmith
