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

Readout make_readout(const LayeredNetwork& network) {
  Readout readout;
  const bool reflects = network.readout == ScatteringReadout::reflection;
  const Complex turn = network.quadrature == Quadrature::imaginary ? -1.0 : Complex(0.0, -1.0);
  for (int c = network.first(network.layers() - 1); c < network.size(); ++c) {
    const double kappa = network.port_loss[static_cast<std::size_t>(c)];
    readout.factor.push_back(turn * (reflects ? kappa : std::sqrt(kappa)));
  }
  if (reflects && network.quadrature == Quadrature::real) readout.offset = 1.0;
  return readout;
}

ReducedNetwork reduce(const LayeredNetwork& network, std::span<const double> parameters) {
  ReducedNetwork result;
  const int last = network.layers() - 1, inputs = network.input_count();
  for (int m = 0; m < network.sizes[1]; ++m) result.modes.push_back(inputs + m);
  if (last > 1) {
    for (int m = network.first(last); m < network.size(); ++m) result.modes.push_back(m);
    for (int m = network.first(2); m < network.first(last); ++m) result.middle.push_back(m);
  }
  const Eigen::MatrixXcd upper = upper_matrix(network, parameters);
  const auto pick = [&](const std::vector<int>& rows, const std::vector<int>& columns) {
    Eigen::MatrixXcd part(static_cast<Eigen::Index>(rows.size()),
                          static_cast<Eigen::Index>(columns.size()));
    for (Eigen::Index i = 0; i < part.rows(); ++i)
      for (Eigen::Index j = 0; j < part.cols(); ++j)
        part(i, j) = upper(rows[static_cast<std::size_t>(i)] - inputs,
                           columns[static_cast<std::size_t>(j)] - inputs);
    return part;
  };
  result.constant = pick(result.modes, result.modes);
  if (!result.middle.empty()) {
    const auto lu = pivoting_factor(network, pick(result.middle, result.middle), result.middle);
    result.to_middle = -lu.solve(pick(result.middle, result.modes));
    result.constant += pick(result.modes, result.middle) * result.to_middle;
  }
  return result;
}

double probe_factor(const LayeredNetwork& network, int column, int mode) {
  const int outputs = network.output_count(), last = network.size() - outputs;
  const double probed =
      column < outputs ? network.port_loss[static_cast<std::size_t>(last + column)] : 1.0;
  return std::sqrt(network.port_loss[static_cast<std::size_t>(mode)] * probed);
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
