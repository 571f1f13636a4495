#include "solvers/mesh_propagation.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "kernels/parallel_tasks.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using host::HostArray;

double amplitude_of(double loss) {  // [dB]
  return std::pow(10.0, -loss / 20.0);
}

// A field of one block, and how it is filled from samples one after the other.
template <class T>
class BlockField {
 public:
  explicit BlockField(int ports)
      : ports_(static_cast<std::size_t>(ports)), values_(2 * ports_ * width) {}
  LaneField<T> field() { return {values_.data(), values_.data() + ports_ * width}; }

  void load(std::span<const Complex> samples, std::size_t block) {
    visit(samples.size(), block, [&](std::size_t at, std::size_t lane) {
      field().re[lane] = static_cast<T>(samples[at].real());
      field().im[lane] = static_cast<T>(samples[at].imag());
    });
  }
  void save(std::span<Complex> samples, std::size_t block) {
    visit(samples.size(), block, [&](std::size_t at, std::size_t lane) {
      samples[at] = {static_cast<double>(field().re[lane]), static_cast<double>(field().im[lane])};
    });
  }

 private:
  static constexpr std::size_t width = static_cast<std::size_t>(lane_count<T>);

  // Lanes behind the last sample stay as they are: zero, or what an earlier block left, which
  // nobody reads.
  template <class Visit>
  void visit(std::size_t size, std::size_t block, const Visit& work) {
    const std::size_t samples = size / ports_, first = block * width;
    for (std::size_t lane = 0; lane < width && first + lane < samples; ++lane)
      for (std::size_t port = 0; port < ports_; ++port)
        work((first + lane) * ports_ + port, port * width + lane);
  }

  std::size_t ports_;
  HostArray<T> values_;
};

}  // namespace

template <class T>
MeshPropagation<T>::MeshPropagation(const BuiltMesh& built)
    : ports_(built.mesh().ports()), mzi_count_(built.mesh().mzi_count()) {
  built.validate();
  const MziMesh& mesh = built.mesh();
  phase_slots_.resize(mesh.phase_count());
  kept_before_.assign(mesh.phase_count(), 1.0);
  for (double loss : built.arm_losses) arm_amplitudes_.push_back(amplitude_of(loss));
  // Ports beside the interferometers of a column cross two columns of shifters.
  const double wire = amplitude_of(2.0 * built.loss);
  const double power = std::pow(10.0, -built.loss / 10.0);

  int slot = 0;
  std::size_t k = 0;
  for (int column = 0; column < mesh.columns(); ++column) {
    std::vector<bool> joined(static_cast<std::size_t>(ports_), false);
    for (; k < mzi_count_ && mesh.mzis()[k].column == column; ++k) {
      MeshElement<T> element;
      element.top = mesh.mzis()[k].top;
      element.lower = element.top + 1;
      element.slot = slot;
      for (int which = 0; which < 2; ++which) {
        const double angle =
            pi / 4 + built.splitter_errors[2 * k + static_cast<std::size_t>(which)];
        (which == 0 ? element.c1 : element.c2) = static_cast<T>(std::cos(angle));
        (which == 0 ? element.s1 : element.s2) = static_cast<T>(std::sin(angle));
      }
      element.phi_lower = static_cast<T>(arm_amplitudes_[4 * k + 1]);
      element.theta_lower = static_cast<T>(arm_amplitudes_[4 * k + 3]);
      mzi_elements_.push_back(elements_.size());
      phase_slots_[mesh.theta(k)] = static_cast<std::size_t>(slot);
      phase_slots_[mesh.phi(k)] = static_cast<std::size_t>(slot) + 1;
      kept_before_[mesh.phi(k)] = std::pow(power, 2 * column + 1);
      kept_before_[mesh.theta(k)] = std::pow(power, 2 * column + 2);
      joined[static_cast<std::size_t>(element.top)] = true;
      joined[static_cast<std::size_t>(element.lower)] = true;
      elements_.push_back(element);
      slot += 2;
    }
    for (int port = 0; wire != 1.0 && port < ports_; ++port)
      if (!joined[static_cast<std::size_t>(port)]) {
        MeshElement<T> element;
        element.top = port;
        element.theta_re = static_cast<T>(wire);
        elements_.push_back(element);
      }
  }
  for (int port = 0; mesh.output_phases() && port < ports_; ++port) {
    MeshElement<T> element;
    element.top = port;
    element.slot = slot;
    screen_elements_.push_back(elements_.size());
    phase_slots_[mesh.output_phase(port)] = static_cast<std::size_t>(slot++);
    kept_before_[mesh.output_phase(port)] = std::pow(power, 2 * mesh.columns());
    elements_.push_back(element);
  }
  set_phases(std::vector<double>(mesh.phase_count(), 0.0));
}

template <class T>
void MeshPropagation<T>::set_phases(std::span<const double> phases) {
  validate_count(phases.size(), phase_count(), "phases of a mesh");
  for (std::size_t k = 0; k < mzi_count_; ++k) {
    MeshElement<T>& element = elements_[mzi_elements_[k]];
    const Complex theta = std::polar(arm_amplitudes_[4 * k + 2], phases[k]);
    const Complex phi = std::polar(arm_amplitudes_[4 * k], phases[mzi_count_ + k]);
    element.theta_re = static_cast<T>(theta.real());
    element.theta_im = static_cast<T>(theta.imag());
    element.phi_re = static_cast<T>(phi.real());
    element.phi_im = static_cast<T>(phi.imag());
  }
  for (std::size_t port = 0; port < screen_elements_.size(); ++port) {
    const Complex turn = std::polar(1.0, phases[2 * mzi_count_ + port]);
    elements_[screen_elements_[port]].theta_re = static_cast<T>(turn.real());
    elements_[screen_elements_[port]].theta_im = static_cast<T>(turn.imag());
  }
}

template <class T>
void MeshPropagation<T>::collect(const T* sums, std::span<double> by_phase) const {
  for (std::size_t k = 0; k < by_phase.size(); ++k) {
    const T* const of_slot = sums + phase_slots_[k] * static_cast<std::size_t>(lanes);
    for (int lane = 0; lane < lanes; ++lane) by_phase[k] += static_cast<double>(of_slot[lane]);
  }
}

template <class T>
void MeshPropagation<T>::check_batch(std::size_t size) const {
  WAVESMITH_VALIDATE(
      size % static_cast<std::size_t>(ports_) == 0,
      fmt::format("{} amplitudes are no batch for a mesh of {} ports; give that many "
                  "for every sample",
                  size, ports_));
}

template <class T>
void MeshPropagation<T>::cross(MeshWay way, std::span<Complex> fields, int threads) const {
  check_batch(fields.size());
  const BlockRuns runs(fields.size() / static_cast<std::size_t>(ports_), lanes);
  parallel_tasks(runs.count(), threads, [&](std::size_t run, int) {
    BlockField<T> field(ports_);
    for (std::size_t block = runs.first(run); block < runs.first(run + 1); ++block) {
      field.load(fields, block);
      cross_mesh<T>(elements_, way, field.field());
      field.save(fields, block);
    }
  });
}

template <class T>
std::vector<Complex> MeshPropagation<T>::tapped(MeshWay way, std::span<const Complex> fields,
                                                int threads) const {
  check_batch(fields.size());
  const std::size_t samples = fields.size() / static_cast<std::size_t>(ports_);
  const std::size_t width = static_cast<std::size_t>(lanes), taps_size = slots() * width;
  std::vector<Complex> result(samples * phase_count());
  const BlockRuns runs(samples, lanes);
  parallel_tasks(runs.count(), threads, [&](std::size_t run, int) {
    BlockField<T> field(ports_);
    HostArray<T> kept(2 * taps_size);
    const LaneField<T> taps{kept.data(), kept.data() + taps_size};
    for (std::size_t block = runs.first(run); block < runs.first(run + 1); ++block) {
      field.load(fields, block);
      cross_mesh<T>(elements_, way, field.field(), MeshTaps<T>{taps, {}});
      for (std::size_t lane = 0; lane < width && block * width + lane < samples; ++lane)
        for (std::size_t k = 0; k < phase_count(); ++k) {
          const std::size_t at = phase_slots_[k] * width + lane;
          result[(block * width + lane) * phase_count() + k] = {static_cast<double>(taps.re[at]),
                                                                static_cast<double>(taps.im[at])};
        }
    }
  });
  return result;
}

template <class T>
void MeshPropagation<T>::pull_back(std::span<const Complex> inputs, std::span<Complex> cotangents,
                                   std::span<double> phases, std::span<double> splitters,
                                   int threads) const {
  check_batch(inputs.size());
  validate_count(cotangents.size(), inputs.size(), "cotangents of a mesh");
  validate_count(phases.size(), phase_count(), "derivative by the phases of a mesh");
  const bool couplers = !splitters.empty();
  if (couplers)
    validate_count(splitters.size(), 2 * mzi_count_, "derivative by the splitters of a mesh");
  const std::size_t width = static_cast<std::size_t>(lanes), size = slots() * width;
  const BlockRuns runs(inputs.size() / static_cast<std::size_t>(ports_), lanes);
  const std::size_t row = phases.size() + splitters.size();
  std::vector<double> of_runs(runs.count() * row, 0.0);

  parallel_tasks(runs.count(), threads, [&](std::size_t run, int) {
    BlockField<T> field(ports_);
    HostArray<T> kept(2 * size + (couplers ? 8 * size : 0));
    HostArray<T> sums(size + (couplers ? 2 * size : 0));
    MeshTaps<T> taps{{kept.data(), kept.data() + size}, {}};
    if (couplers) taps.couplers = {kept.data() + 2 * size, kept.data() + 6 * size};
    T* const coupler_sums = couplers ? sums.data() + size : nullptr;
    sums.clear();
    for (std::size_t block = runs.first(run); block < runs.first(run + 1); ++block) {
      // Lanes behind the last sample must not add: their cotangents are zero.
      std::fill_n(field.field().re, 2 * static_cast<std::size_t>(ports_) * width, T(0));
      field.load(inputs, block);
      cross_mesh<T>(elements_, MeshWay::forward, field.field(), taps);
      std::fill_n(field.field().re, 2 * static_cast<std::size_t>(ports_) * width, T(0));
      field.load(cotangents, block);
      pull_back_mesh<T>(elements_, taps, field.field(), sums.data(), coupler_sums);
      field.save(cotangents, block);
    }
    const std::span<double> to(of_runs.data() + run * row, row);
    collect(sums.data(), to.first(phases.size()));
    for (std::size_t i = 0; i < splitters.size(); ++i) {
      const T* const of_slot = coupler_sums + (2 * phase_slots_[i / 2] + i % 2) * width;
      for (std::size_t lane = 0; lane < width; ++lane)
        to[phases.size() + i] += static_cast<double>(of_slot[lane]);
    }
  });
  for (std::size_t run = 0; run < runs.count(); ++run) {
    for (std::size_t k = 0; k < phases.size(); ++k) phases[k] += of_runs[run * row + k];
    for (std::size_t i = 0; i < splitters.size(); ++i)
      splitters[i] += of_runs[run * row + phases.size() + i];
  }
}

template <class T>
std::vector<Complex> MeshPropagation<T>::matrix() const {
  const std::size_t n = static_cast<std::size_t>(ports_);
  std::vector<Complex> columns(n * n, 0.0), rows(n * n);
  for (std::size_t port = 0; port < n; ++port) columns[port * n + port] = 1.0;
  cross(MeshWay::forward, columns, 1);
  for (std::size_t in = 0; in < n; ++in)
    for (std::size_t out = 0; out < n; ++out) rows[out * n + in] = columns[in * n + out];
  return rows;
}

template class MeshPropagation<float>;
template class MeshPropagation<double>;

}  // namespace wavesmith
