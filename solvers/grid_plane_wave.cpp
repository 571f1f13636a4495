#include "solvers/grid_plane_wave.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr double finest_phase = 2.0;    // largest k d that is let through, along any axis
constexpr double least_weight = 1e-11;  // of what Chebyshev's series leaves out
constexpr double samples_a_wavelength = 64.0;
constexpr std::size_t kept_moments = 80;  // more than the march asks for at a time

// Coefficients of the polynomial through samples 0 .. 7, in powers of the distance from sample 3.
constexpr std::array<std::array<double, 8>, 8> lagrange_matrix() {
  std::array<std::array<double, 8>, 8> matrix{};  // [power][sample]
  for (std::size_t m = 0; m < 8; ++m) {
    std::array<double, 8> polynomial{1.0};
    std::size_t degree = 0;
    for (std::size_t l = 0; l < 8; ++l) {
      if (l == m) continue;
      // times (x - (l - 3)) / (m - l)
      const double root = static_cast<double>(l) - 3.0;
      const double scale = 1.0 / (static_cast<double>(m) - static_cast<double>(l));
      for (std::size_t p = ++degree; p > 0; --p)
        polynomial[p] = (polynomial[p - 1] - root * polynomial[p]) * scale;
      polynomial[0] *= -root * scale;
    }
    for (std::size_t p = 0; p < 8; ++p) matrix[p][m] = polynomial[p];
  }
  return matrix;
}
constexpr std::array<std::array<double, 8>, 8> lagrange = lagrange_matrix();

double grid_sum(const GridPlaneWaveInput& input, double k) {
  double sum = 0.0;
  for (std::size_t d = 0; d < 3; ++d)
    if (input.direction[d] != 0.0)
      sum += std::pow(
          2.0 / input.cells[d] * std::sin(0.5 * k * input.direction[d] * input.cells[d]), 2);
  return sum;
}

double finest_wavenumber(const GridPlaneWaveInput& input) {
  double widest = 0.0;
  for (std::size_t d = 0; d < 3; ++d)
    widest = std::max(widest, std::abs(input.direction[d]) * input.cells[d]);
  return finest_phase / widest;
}

// The frequency of a wave number.
double frequency_of(const GridPlaneWaveInput& input, double velocity, double k) {
  return std::asin(std::min(1.0, 0.5 * velocity * input.dt * std::sqrt(grid_sum(input, k)))) /
         (pi * input.dt);
}

}  // namespace

double GridPlaneWave::wavenumber(double frequency) const {
  const double omega = 2.0 / input_.dt * std::sin(pi * frequency * input_.dt);
  const double target = std::pow(omega / velocity_, 2);
  double k = 2.0 * pi * frequency / velocity_;
  for (int i = 0; i < 60; ++i) {
    double slope = 0.0;
    for (std::size_t d = 0; d < 3; ++d)
      if (input_.direction[d] != 0.0)
        slope += 2.0 * input_.direction[d] / input_.cells[d] *
                 std::sin(k * input_.direction[d] * input_.cells[d]);
    const double change = (grid_sum(input_, k) - target) / slope;
    k -= change;
    if (std::abs(change) < 1e-15 * k) break;
  }
  return k;
}

std::vector<Complex> GridPlaneWave::amplitudes(double frequency) const {
  const double k = wavenumber(frequency);
  const double omega = 2.0 / (input_.speed * input_.dt) * std::sin(pi * frequency * input_.dt);
  Vec3 kappa{};
  for (std::size_t d = 0; d < 3; ++d)
    if (input_.direction[d] != 0.0)
      kappa[d] = 2.0 / input_.cells[d] * std::sin(0.5 * k * input_.direction[d] * input_.cells[d]);
  if (input_.system == WaveSystem::scalar) {
    std::vector<Complex> all = {input_.amplitude};
    for (std::size_t d = 0; d < 3; ++d)
      all.emplace_back(-input_.amplitude * input_.second * kappa[d] / omega);
    return all;
  }
  const double along = (kappa[0] * input_.polarisation[0] + kappa[1] * input_.polarisation[1] +
                        kappa[2] * input_.polarisation[2]) /
                       (kappa[0] * kappa[0] + kappa[1] * kappa[1] + kappa[2] * kappa[2]);
  Vec3 e{};
  for (std::size_t d = 0; d < 3; ++d) e[d] = input_.polarisation[d] - along * kappa[d];
  const double length = std::hypot(e[0], e[1], e[2]);
  std::vector<Complex> all;
  for (double& value : e) all.emplace_back(value *= input_.amplitude / length);
  for (std::size_t d = 0; d < 3; ++d) {
    const std::size_t a = (d + 1) % 3, b = (d + 2) % 3;
    all.emplace_back(input_.second * (kappa[a] * e[b] - kappa[b] * e[a]) / omega);
  }
  return all;
}

GridPlaneWave::GridPlaneWave(const GridPlaneWaveInput& input) : input_(input) {
  velocity_ = input.speed * std::sqrt(input.first * input.second);
  components_ = {first_group_size(input.system),
                 component_count(input.system) - first_group_size(input.system)};
  if (input.system == WaveSystem::maxwell) {
    const Vec3 &n = input.direction, &p = input.polarisation;
    const double across =
        std::hypot(n[1] * p[2] - n[2] * p[1], n[2] * p[0] - n[0] * p[2], n[0] * p[1] - n[1] * p[0]);
    WAVESMITH_VALIDATE(across > 1e-6 * std::hypot(p[0], p[1], p[2]) && across > 0.0,
                       "a plane wave is polarised along its direction; E must lie across it");
  }
  // Frequencies that the grid carries, and how much of the waveform lies beyond.
  const double finest = finest_wavenumber(input);
  const double highest = frequency_of(input, velocity_, finest);
  const bool endless = input.waveform.period > 0.0;
  const std::array<double, 2> loud = band_of(input.waveform, 1e-4);
  WAVESMITH_VALIDATE(loud[1] < highest,
                     "a plane wave has frequencies up to " + std::to_string(loud[1]) +
                         " Hz, but cells of this size carry waves below " +
                         std::to_string(highest) + " Hz; use smaller cells or a longer pulse");

  // As many Chebyshev nodes as the phase left besides the delay needs: the series of exp(i a x)
  // ends with J_N(a), below (e a / 2 N)^N.
  sample_step_ =
      2.0 * pi / (wavenumber(std::min(input.waveform.frequency, highest)) * samples_a_wavelength);
  const double margin = 5.0 * sample_step_;
  const double length = input.to - input.from + 2.0 * margin;
  const double top = std::min(band_of(input.waveform, 1e-12)[1], highest);
  const double peak = endless ? 1.0 : std::abs(input.waveform.spectrum(input.waveform.frequency));
  int nodes = 4;
  for (int i = 1; i <= 64; ++i) {
    const double f = top * i / 64;
    const double share = endless ? 1.0 : std::min(1.0, std::abs(input.waveform.spectrum(f)) / peak);
    const double phase = 0.5 * length * std::abs(wavenumber(f) - 2.0 * pi * f / velocity_) + 1e-3;
    const auto left_out = [&](int n) {
      return share * std::pow(std::min(1.0, 1.36 * phase / n), n);
    };
    while (left_out(nodes) > least_weight) ++nodes;
  }
  const auto count = static_cast<std::size_t>(nodes);
  for (std::size_t m = 0; m < count; ++m)
    nodes_.push_back(
        input.from - margin +
        0.5 * length *
            (1.0 - std::cos(pi * (static_cast<double>(m) + 0.5) / static_cast<double>(nodes))));

  // Dispersion delays, most of all at the highest frequency.
  const double step = 1e-4 * top;
  const double slowness = (wavenumber(top) - wavenumber(top - step)) / (2.0 * pi * step);
  const double reach = std::max(std::abs(input.from), std::abs(input.to));
  const double spread = std::abs(slowness - 1.0 / velocity_) * reach + 2.0 / top;
  for (std::size_t group = 0; group < 2; ++group) {
    signals_[group] = std::make_unique<FilteredSignals>(input.waveform, components_[group] * nodes,
                                                        response(group), spread, spread, highest);
  }
  samples_ =
      static_cast<std::size_t>(std::ceil((input.to - input.from) / sample_step_)) + Profile::taps;
  sample_from_ = input.from - 4.0 * sample_step_;
  sample_weights_.reserve(samples_ * count);
  for (std::size_t q = 0; q < samples_; ++q)
    for (const double w : node_weights(sample_from_ + static_cast<double>(q) * sample_step_))
      sample_weights_.push_back(w);
  for (auto& kept : kept_) kept.resize(kept_moments);
}

// Of one group's components at the nodes, [component][node].
FilteredSignals::Response GridPlaneWave::response(std::size_t group) const {
  return [this, group](double frequency, std::span<Complex> factors) {
    const std::size_t offset = group == 0 ? 0 : static_cast<std::size_t>(components_[0]);
    const std::size_t count = nodes_.size();
    const double f = std::max(frequency, 1e-6 * input_.waveform.frequency);
    const double late = wavenumber(f) - 2.0 * pi * f / velocity_;
    const std::vector<Complex> all = amplitudes(f);
    for (std::size_t c = 0; c < static_cast<std::size_t>(components_[group]); ++c)
      for (std::size_t m = 0; m < count; ++m)
        factors[c * count + m] = all[offset + c] * std::polar(1.0, late * nodes_[m]);
  };
}

GridPlaneWave::Stored GridPlaneWave::stored(int component) const {
  const int split = components_[0];
  if (component < split) return {0, static_cast<std::size_t>(component)};
  return {1, static_cast<std::size_t>(component - split)};
}

std::vector<double> GridPlaneWave::node_weights(double s) const {
  std::vector<double> weights(nodes_.size());
  const auto n = static_cast<double>(nodes_.size());
  double sum = 0.0;
  for (std::size_t m = 0; m < nodes_.size(); ++m) {
    const double distance = s - nodes_[m];
    if (std::abs(distance) < 1e-14 * (std::abs(s) + std::abs(nodes_[m]))) {
      std::fill(weights.begin(), weights.end(), 0.0);
      weights[m] = 1.0;
      return weights;
    }
    weights[m] =
        (m % 2 == 0 ? 1.0 : -1.0) * std::sin(pi * (static_cast<double>(m) + 0.5) / n) / distance;
    sum += weights[m];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

double GridPlaneWave::value(int component, double s, double time) const {
  const auto [group, c] = stored(component);
  std::vector<double> columns(static_cast<std::size_t>(signals_[group]->count()));
  signals_[group]->at(time - s / velocity_, columns);
  const std::vector<double> weights = node_weights(s);
  double value = 0.0;
  for (std::size_t m = 0; m < weights.size(); ++m)
    value += weights[m] * columns[c * weights.size() + m];
  return value;
}

std::shared_ptr<const GridPlaneWave::Moment> GridPlaneWave::moment(std::size_t g,
                                                                   double time) const {
  const auto number = static_cast<std::size_t>(std::llround(std::abs(2.0 * time / input_.dt)));
  const std::lock_guard lock(guard_);
  std::shared_ptr<const Moment>& kept = kept_[g][(number / 2) % kept_moments];
  if (kept && kept->time == time) return kept;
  auto made = std::make_shared<Moment>();
  made->time = time;
  const std::size_t size = static_cast<std::size_t>(components_[g]), count = nodes_.size();
  made->samples.assign(size * samples_, 0.0);
  std::vector<double> columns(size * count);
  for (std::size_t q = 0; q < samples_; ++q) {
    const double s = sample_from_ + static_cast<double>(q) * sample_step_;
    const double delayed = time - s / velocity_;
    if (signals_[g]->silent(delayed)) continue;
    made->silent = false;
    signals_[g]->at(delayed, columns);
    const double* weights = sample_weights_.data() + q * count;
    for (std::size_t c = 0; c < size; ++c) {
      double sum = 0.0;
      for (std::size_t m = 0; m < count; ++m) sum += weights[m] * columns[c * count + m];
      made->samples[c * samples_ + q] = sum;
    }
  }
  kept = made;
  return made;
}

GridPlaneWave::Profile GridPlaneWave::profile(int component, double time) const {
  const auto [group, c] = stored(component);
  const std::shared_ptr<const Moment> now = moment(group, time);
  Profile profile;
  if (now->silent) return profile;
  const double* samples = now->samples.data() + c * samples_;
  profile.from_ = sample_from_ + 3.0 * sample_step_;
  profile.inverse_step_ = 1.0 / sample_step_;
  profile.pieces_.resize(samples_ - Profile::taps + 1);
  for (std::size_t q = 0; q < profile.pieces_.size(); ++q)
    for (std::size_t p = 0; p < Profile::taps; ++p) {
      double sum = 0.0;
      for (std::size_t m = 0; m < Profile::taps; ++m) sum += lagrange[p][m] * samples[q + m];
      profile.pieces_[q][p] = sum;
    }
  return profile;
}

double GridPlaneWave::Profile::at(double s) const {
  const double u = (s - from_) * inverse_step_;
  const auto q = static_cast<std::size_t>(u);
  const double x = u - static_cast<double>(q);
  const std::array<double, taps>& piece = pieces_[q];
  double value = piece[taps - 1];
  for (std::size_t p = taps - 1; p-- > 0;) value = value * x + piece[p];
  return value;
}

GridPlaneWave::Gradient::Gradient(std::shared_ptr<const GridPlaneWave> wave)
    : wave_(std::move(wave)) {
  for (std::size_t group = 0; group < 2; ++group)
    groups_[group].pieces.resize(static_cast<std::size_t>(wave_->components_[group]));
}

// To the signals of a component at the nodes, from the cotangent of their weighted sum.
void GridPlaneWave::Gradient::add_columns(std::size_t group, std::size_t component,
                                          std::span<const double> weights, double delayed,
                                          double cotangent) {
  const FilteredSignals& signals = *wave_->signals_[group];
  std::vector<double>& table = groups_[group].table;
  if (table.empty()) {
    require_memory(multiply_sizes({signals.table_size(), sizeof(double)}),
                   "the derivative by a plane wave's signals");
    table.assign(signals.table_size(), 0.0);
  }
  columns_.assign(static_cast<std::size_t>(signals.count()), 0.0);
  for (std::size_t m = 0; m < weights.size(); ++m)
    columns_[component * weights.size() + m] = weights[m] * cotangent;
  signals.add_transpose(delayed, columns_, table);
}

void GridPlaneWave::Gradient::add_value(int component, double s, double time, double cotangent) {
  const auto [group, c] = wave_->stored(component);
  add_columns(group, c, wave_->node_weights(s), time - s / wave_->velocity_, cotangent);
}

std::vector<GridPlaneWave::Gradient::Piece>& GridPlaneWave::Gradient::pieces_of(int component,
                                                                                double time) {
  const auto [group, c] = wave_->stored(component);
  if (groups_[group].time != time) flush(group);
  groups_[group].time = time;
  std::vector<Piece>& pieces = groups_[group].pieces[c];
  if (pieces.empty()) pieces.resize(wave_->samples_ - Profile::taps + 1);
  return pieces;
}

void GridPlaneWave::Gradient::add_to_piece(std::vector<Piece>& pieces, double s,
                                           double cotangent) const {
  const double from = wave_->sample_from_ + 3.0 * wave_->sample_step_;
  const double u = (s - from) * (1.0 / wave_->sample_step_);
  const auto q = static_cast<std::size_t>(u);
  const double x = u - static_cast<double>(q);
  for (double& of_power : pieces[q]) {
    of_power += cotangent;
    cotangent *= x;
  }
}

// From the polynomials of a moment to the samples that they go through, and on to the signals.
void GridPlaneWave::Gradient::flush(std::size_t group) {
  const std::size_t nodes = wave_->nodes_.size();
  for (std::size_t c = 0; c < groups_[group].pieces.size(); ++c) {
    const std::vector<Piece> pieces = std::exchange(groups_[group].pieces[c], {});
    if (pieces.empty()) continue;
    std::vector<double> samples(wave_->samples_, 0.0);
    for (std::size_t q = 0; q < pieces.size(); ++q)
      for (std::size_t p = 0; p < Profile::taps; ++p)
        for (std::size_t m = 0; m < Profile::taps; ++m)
          samples[q + m] += lagrange[p][m] * pieces[q][p];
    for (std::size_t q = 0; q < samples.size(); ++q) {
      const double s = wave_->sample_from_ + static_cast<double>(q) * wave_->sample_step_;
      add_columns(group, c, std::span(wave_->sample_weights_).subspan(q * nodes, nodes),
                  groups_[group].time - s / wave_->velocity_, samples[q]);
    }
  }
}

WaveformGradient GridPlaneWave::Gradient::take() {
  WaveformGradient gradient;
  for (std::size_t group = 0; group < 2; ++group) {
    flush(group);
    const FilteredSignals& signals = *wave_->signals_[group];
    std::vector<double> table = std::exchange(groups_[group].table, {});
    table.resize(signals.table_size());
    const WaveformGradient part = signals.pull_back(table, wave_->response(group));
    if (group == 0)
      gradient = part;
    else
      for (std::size_t i = 0; i < part.values.size(); ++i) gradient.values[i] += part.values[i];
  }
  return gradient;
}

}  // namespace wavesmith
