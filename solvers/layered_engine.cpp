#include "solvers/layered_engine.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace wavesmith::layered {

std::vector<Complex> bare_diagonal(const LayeredNetwork& network,
                                   std::span<const double> parameters) {
  std::vector<Complex> diagonal(static_cast<std::size_t>(network.size()));
  for (std::size_t j = 0; j < diagonal.size(); ++j)
    diagonal[j] = Complex(network.frequency - parameters[j],
                          0.5 * (network.port_loss[j] + network.intrinsic_loss[j]));
  return diagonal;
}

Eigen::Map<const RowMajor<double>> coupling(const LayeredNetwork& network,
                                            std::span<const double> parameters, int layer) {
  return {parameters.data() + network.coupling_start(layer),
          network.sizes[static_cast<std::size_t>(layer)],
          network.sizes[static_cast<std::size_t>(layer) + 1]};
}

Eigen::MatrixXcd upper_matrix(const LayeredNetwork& network, std::span<const double> parameters) {
  const int inputs = network.input_count();
  const std::vector<Complex> bare = bare_diagonal(network, parameters);
  Eigen::MatrixXcd matrix =
      Eigen::MatrixXcd::Zero(network.size() - inputs, network.size() - inputs);
  for (Eigen::Index j = 0; j < matrix.rows(); ++j)
    matrix(j, j) = bare[static_cast<std::size_t>(inputs + j)];
  for (int layer = 1; layer + 1 < network.layers(); ++layer) {
    const auto strength = coupling(network, parameters, layer);
    const int a = network.first(layer) - inputs, b = network.first(layer + 1) - inputs;
    matrix.block(a, b, strength.rows(), strength.cols()) = -strength.cast<Complex>();
    matrix.block(b, a, strength.cols(), strength.rows()) = -strength.transpose().cast<Complex>();
  }
  return matrix;
}

Eigen::PartialPivLU<Eigen::MatrixXcd> pivoting_factor(const LayeredNetwork& network,
                                                      const Eigen::MatrixXcd& matrix,
                                                      std::span<const int> modes) {
  Eigen::PartialPivLU<Eigen::MatrixXcd> lu(matrix);
  const bool finite = matrix.allFinite();
  // The estimate of the condition number is not to be trusted with a pivot of zero.
  if (finite && lu.matrixLU().diagonal().cwiseAbs().minCoeff() > 0.0 &&
      lu.rcond() > 10.0 * std::numeric_limits<double>::epsilon())
    return lu;
  if (!finite) throw NumericsError("the network's matrix is not finite; its parameters diverged");
  // Inverse iteration with a little loss added.
  const Eigen::Index size = matrix.rows();
  const double scale = matrix.cwiseAbs().maxCoeff();
  const Eigen::PartialPivLU<Eigen::MatrixXcd> near(matrix +
                                                   Complex(0.0, 1e-7 * std::max(scale, 1e-300)) *
                                                       Eigen::MatrixXcd::Identity(size, size));
  Eigen::VectorXcd vector(size);
  for (Eigen::Index j = 0; j < size; ++j)
    vector(j) = std::polar(1.0, 2.4 * static_cast<double>(j * j));
  for (int sweep = 0; sweep < 3; ++sweep) {
    vector = near.solve(vector).eval();
    vector /= vector.cwiseAbs().maxCoeff();
  }
  Eigen::Index greatest = 0;
  vector.cwiseAbs().maxCoeff(&greatest);
  throw NumericsError(fmt::format(
      "the network is singular: a resonance without loss is hit exactly, and its field, greatest "
      "at "
      "{}, would grow for ever; give that mode kappa or kappa' > 0, or move its detuning",
      network.mode_name(modes[static_cast<std::size_t>(greatest)])));
}

}  // namespace wavesmith::layered
