// Derivatives with respect to off-diagonal elements of the medium (solvers/tensor_links.hpp), from
// the cotangents of the transposed march and the differences that the links pick up.
//
// With K_pq D_q added to point p in each step, d loss / d K_pq = sum over steps of the cotangent of
// p times D_q. Counted are the links that add to points of the design region; those of v only
// where derivatives of the second group are wanted.
#pragma once

#include <array>
#include <complex>
#include <span>
#include <vector>

#include "solvers/time_domain.hpp"

namespace wavesmith {

class TensorGradient {
 public:
  TensorGradient() = default;
  TensorGradient(const TimeDomainSetup& setup, const GridLines& lines, const GridBox& design,
                 const GradientWants& wants);

  // The component that is the tensor's first row.
  int first_component() const { return first_; }
  // Whose differences each step needs.
  std::span<const FieldPoint> sources() const { return sources_; }

  // What the transposed march carries at the design region's points of the three rows' components
  // after a step, and the differences of `sources` in that step.
  template <class T>
  void add_step(const std::array<std::span<const T>, 3>& back, std::span<const T> differences) {
    for (Product& product : products_)
      product.sum += static_cast<double>(back[product.row][product.place]) *
                     static_cast<double>(differences[product.source]);
  }

  // The same from spectra at one frequency of both, such that the sum over frequencies of
  // Re(back * differences) is that over steps.
  void add_frequency(const std::array<std::span<const std::complex<double>>, 3>& back,
                     std::span<const std::complex<double>> differences) {
    for (Product& product : products_)
      product.sum += (back[product.row][product.place] * differences[product.source]).real();
  }

  // Sets gradient.off_diagonal, and takes what the links add to a point out of
  // the derivative by the rows' C, where it has been taken for the diagonal's.
  void finish(const TimeDomainSetup& setup, const GridLines& lines, const GridBox& design,
              TimeDomainGradient& gradient) const;

 private:
  struct Product {
    std::size_t link, row, place, source;  // place: of the link's point in the design region
    double sum = 0.0;
  };

  int first_ = 0;
  bool wanted_ = false;
  std::vector<TensorLink> links_;
  std::vector<FieldPoint> sources_;
  std::vector<Product> products_;
};

}  // namespace wavesmith
