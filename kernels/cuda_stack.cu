// The stack engine on a GPU.
//
// The passes of kernels/line_phases.hpp, one block of threads for W lines of one sample, a barrier
// after each phase, lines in shared memory where they fit. A batch runs in chunks of samples that
// all go through one pass in one launch. Sums over samples and over detector entries have a fixed
// order.

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "kernels/cuda_kernels.cuh"
#include "kernels/cuda_plan.cuh"
#include "kernels/cuda_support.cuh"
#include "kernels/stack_engine.hpp"

namespace wavesmith {
namespace {

using cuda::check;
using cuda::check_launch;
using cuda::DeviceArray;
using cuda::DeviceGap;
using cuda::DevicePlan;

constexpr int threads_per_block = 256;
constexpr int most_chunk = 32;  // samples that are on the way at once

unsigned blocks_for(std::size_t items) {
  return static_cast<unsigned>((items + threads_per_block - 1) / threads_per_block);
}

// Entries of one wavelength's detector, by reading and by pixel.
struct DeviceDetector {
  DeviceArray<int> first_of_reading, first_of_pixel, reading;
  DeviceArray<std::size_t> index, pixel;
  DeviceArray<double> weight, pixel_weight;
  int pixels = 0;
};

template <class T>
class CudaStackEngine final : public StackEngine<T> {
 public:
  CudaStackEngine(const StackSize& size, int device);

  // Layers have one medium here, and gaps one link.
  void set_transfer(int gap, int wavelength, std::span<const std::complex<double>> values,
                    int link) override;
  void share_transfer(int gap, int wavelength, int from_gap, int from_wavelength, int /*link*/,
                      int /*from_link*/) override {
    check(cudaSetDevice(device_), "choosing the device");
    at(gaps_, gap).transfer[static_cast<std::size_t>(wavelength)] =
        at(gaps_, from_gap).transfer[static_cast<std::size_t>(from_wavelength)];
  }
  void set_transmission(int layer, int wavelength, std::span<const std::complex<double>> t,
                        int medium) override;
  void set_phase(int layer, std::span<const double> phase) override;
  void set_detector(int wavelength, std::span<const ReadingWeight> weights) override;
  void set_mode_weights(std::span<const double> weights) override {
    mode_weights_.assign(weights.begin(), weights.end());
  }
  void run(const StackRequest<T>& request, std::span<double> readings) override;
  void phase_gradient(int layer, std::span<double> gradient) override;
  void transmission_cotangent(int layer, int wavelength, std::span<std::complex<double>> g,
                              int medium) override;
  std::size_t bytes() const override {
    return estimate_engine_bytes(size_, sizeof(T), most_chunk, most_chunk);
  }

 private:
  template <class C>
  static auto& at(C& items, int i) {
    return items[static_cast<std::size_t>(i)];
  }
  bool plain(int layer) const { return size_.plain_phase[static_cast<std::size_t>(layer)]; }
  int lanes() const { return lane_count<T>; }
  const LaneShape& shape(int plane) const { return shapes_[static_cast<std::size_t>(plane)]; }
  DeviceArray<T>& transmission(int layer, int wavelength) {
    auto& all = at(transmission_, layer);
    return all[all.size() == 1 ? 0 : static_cast<std::size_t>(wavelength)];
  }
  void propagate(int gap, int wavelength, bool adjoint, T* in, DeviceArray<T>* modulation, T* out,
                 int samples);
  template <class Kernel, class Arguments>
  void launch(const char* name, Kernel kernel, Arguments arguments, int blocks, int samples);
  void allocate(bool gradients);
  void run_chunk(const StackRequest<T>& request, int first, int samples,
                 std::span<double> readings);
  void measure(const Measurement<T>& instrument, DeviceArray<T>& field, int plane, int channel,
               int first, int samples);

  StackSize size_;
  int device_ = 0;
  std::size_t shared_limit_ = 0;
  std::vector<LaneShape> shapes_;
  std::vector<DeviceGap<T>> gaps_;
  std::vector<std::vector<DeviceArray<T>>> transmission_;  // [layer][wavelength, or one]
  std::vector<std::vector<DeviceArray<T>>> gradient_;      // [layer][wavelength, or one]
  std::vector<DeviceDetector> detectors_;
  std::vector<double> mode_weights_;
  std::vector<std::vector<DeviceArray<T>>> fields_;  // [channel][plane]: [sample][2][size]
  DeviceArray<T> spectrum_, error_, back_, scratch_;
  DeviceArray<double> readings_, cotangent_;
};

template <class T>
CudaStackEngine<T>::CudaStackEngine(const StackSize& size, int device)
    : size_(size), device_(device) {
  check(cudaSetDevice(device_), "choosing the device");
  int limit = 0;
  check(cudaDeviceGetAttribute(&limit, cudaDevAttrMaxSharedMemoryPerBlockOptin, device_),
        "asking for the shared memory");
  shared_limit_ = static_cast<std::size_t>(limit);
  std::vector<std::shared_ptr<DevicePlan<T>>> plans;
  const auto plan = [&](int n) {
    for (const auto& known : plans)
      if (known->view.n == n) return known;
    plans.push_back(std::make_shared<DevicePlan<T>>(n));
    return plans.back();
  };
  for (const GapSize& gap : size.gaps) {
    DeviceGap<T> data;
    data.size = gap;
    data.rows = plan(gap.mx);
    data.columns = plan(gap.my);
    data.mx_padded = (gap.mx + lanes() - 1) / lanes() * lanes();
    data.transfer.resize(static_cast<std::size_t>(size.wavelengths));
    gaps_.push_back(std::move(data));
    shapes_.push_back({gap.nx_in, gap.ny_in, lanes()});
  }
  shapes_.push_back({size.gaps.back().nx_out, size.gaps.back().ny_out, lanes()});
  for (int l = 0; l < size.layers(); ++l) {
    transmission_.emplace_back();
    for (int k = 0; k < (plain(l) ? 1 : size.wavelengths); ++k)
      transmission_.back().emplace_back(2 * shape(l + 1).size());
  }
  detectors_.resize(static_cast<std::size_t>(size.wavelengths));
  mode_weights_.assign(static_cast<std::size_t>(size.modes), 1.0);
}

template <class T>
void CudaStackEngine<T>::set_transfer(int gap, int wavelength,
                                      std::span<const std::complex<double>> values, int /*link*/) {
  check(cudaSetDevice(device_), "choosing the device");
  DeviceGap<T>& data = at(gaps_, gap);
  const std::size_t mx = static_cast<std::size_t>(data.size.mx);
  const std::size_t my = static_cast<std::size_t>(data.size.my);
  const std::size_t w = static_cast<std::size_t>(lanes());
  const std::size_t half = static_cast<std::size_t>(data.mx_padded) * my;
  const double scale = 1.0 / (static_cast<double>(mx) * static_cast<double>(my));
  std::vector<T> packed(2 * half, T(0));
  for (std::size_t q = 0; q < my; ++q)
    for (std::size_t p = 0; p < mx; ++p) {
      const std::size_t i = (p / w * my + q) * w + p % w;
      packed[i] = static_cast<T>(scale * values[q * mx + p].real());
      packed[i + half] = static_cast<T>(scale * values[q * mx + p].imag());
    }
  auto own = std::make_shared<DeviceArray<T>>(packed.size());
  own->upload(packed);
  data.transfer[static_cast<std::size_t>(wavelength)] = std::move(own);
}

template <class T>
void CudaStackEngine<T>::set_transmission(int layer, int wavelength,
                                          std::span<const std::complex<double>> t, int /*medium*/) {
  check(cudaSetDevice(device_), "choosing the device");
  const LaneShape& s = shape(layer + 1);
  std::vector<T> packed(2 * s.size(), T(0));
  for (int row = 0; row < s.ny; ++row)
    for (int column = 0; column < s.nx; ++column) {
      const std::complex<double> value =
          t[static_cast<std::size_t>(row) * static_cast<std::size_t>(s.nx) +
            static_cast<std::size_t>(column)];
      packed[s.index(row, column)] = static_cast<T>(value.real());
      packed[s.index(row, column) + s.size()] = static_cast<T>(value.imag());
    }
  transmission(layer, wavelength).upload(packed);
}

template <class T>
void CudaStackEngine<T>::set_phase(int layer, std::span<const double> phase) {
  std::vector<std::complex<double>> t(phase.size());
  for (std::size_t i = 0; i < t.size(); ++i) t[i] = std::polar(1.0, phase[i]);
  set_transmission(layer, 0, t, 0);
}

template <class T>
void CudaStackEngine<T>::set_detector(int wavelength, std::span<const ReadingWeight> weights) {
  check(cudaSetDevice(device_), "choosing the device");
  const LaneShape& last = shapes_.back();
  DeviceDetector& detector = at(detectors_, wavelength);
  std::vector<ReadingWeight> entries(weights.begin(), weights.end());
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.reading < b.reading; });
  std::vector<int> first(static_cast<std::size_t>(size_.readings) + 1, 0);
  std::vector<std::size_t> index;
  std::vector<double> weight;
  for (const ReadingWeight& entry : entries) {
    ++first[static_cast<std::size_t>(entry.reading) + 1];
    index.push_back(last.index(entry.row, entry.column));
    weight.push_back(entry.weight);
  }
  for (std::size_t r = 1; r < first.size(); ++r) first[r] += first[r - 1];

  std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
    return last.index(a.row, a.column) < last.index(b.row, b.column);
  });
  std::vector<int> first_of_pixel, reading;
  std::vector<std::size_t> pixel;
  std::vector<double> pixel_weight;
  for (const ReadingWeight& entry : entries) {
    const std::size_t i = last.index(entry.row, entry.column);
    if (pixel.empty() || pixel.back() != i) {
      pixel.push_back(i);
      first_of_pixel.push_back(static_cast<int>(reading.size()));
    }
    reading.push_back(entry.reading);
    pixel_weight.push_back(entry.weight);
  }
  first_of_pixel.push_back(static_cast<int>(reading.size()));
  detector.pixels = static_cast<int>(pixel.size());
  const auto place = [](auto& array, const auto& values) {
    array = std::remove_reference_t<decltype(array)>(std::max<std::size_t>(values.size(), 1));
    array.upload(values);
  };
  place(detector.first_of_reading, first);
  place(detector.index, index);
  place(detector.weight, weight);
  place(detector.first_of_pixel, first_of_pixel);
  place(detector.pixel, pixel);
  place(detector.reading, reading);
  place(detector.pixel_weight, pixel_weight);
}

template <class T>
void CudaStackEngine<T>::allocate(bool gradients) {
  std::size_t spectrum = 0, largest = 0, scratch = 0;
  for (const DeviceGap<T>& gap : gaps_) {
    const LaneShape in{gap.mx_padded, gap.size.ny_in, lanes()};
    const LaneShape out{gap.mx_padded, gap.size.ny_out, lanes()};
    spectrum = std::max({spectrum, in.size(), out.size()});
    const std::size_t line = BlockScratch<T>::size(std::max(gap.size.mx, gap.size.my), lanes());
    if (line * sizeof(T) > shared_limit_) {
      const std::size_t blocks =
          static_cast<std::size_t>(std::max({gap.mx_padded / lanes(), in.blocks(), out.blocks()}));
      scratch = std::max(scratch, line * blocks * most_chunk);
    }
  }
  for (const LaneShape& s : shapes_) largest = std::max(largest, s.size());
  if (fields_.empty()) {
    for (int c = 0; c < size_.channels(); ++c) {
      fields_.emplace_back();
      for (const LaneShape& s : shapes_) fields_.back().emplace_back(2 * s.size() * most_chunk);
    }
    spectrum_ = DeviceArray<T>(2 * spectrum * most_chunk);
    scratch_ = DeviceArray<T>(scratch);
    readings_ = DeviceArray<double>(static_cast<std::size_t>(size_.readings) * most_chunk);
    cotangent_ = DeviceArray<double>(static_cast<std::size_t>(size_.readings) * most_chunk);
  }
  if (gradients && gradient_.empty()) {
    error_ = DeviceArray<T>(2 * largest * most_chunk);
    back_ = DeviceArray<T>(2 * largest * most_chunk);
    for (int l = 0; l < size_.layers(); ++l) {
      gradient_.emplace_back();
      for (int k = 0; k < (plain(l) ? 1 : size_.wavelengths); ++k)
        gradient_.back().emplace_back(2 * shape(l + 1).size());
    }
  }
}

template <class T>
template <class Kernel, class Arguments>
void CudaStackEngine<T>::launch(const char* name, Kernel kernel, Arguments arguments, int blocks,
                                int samples) {
  const std::size_t elements = BlockScratch<T>::size(arguments.plan.n, lanes());
  std::size_t shared = elements * sizeof(T);
  arguments.scratch = nullptr;
  arguments.scratch_size = elements;
  if (shared > shared_limit_) {
    arguments.scratch = scratch_.data();
    shared = 0;
  } else {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared)),
          "asking for shared memory");
  }
  const dim3 grid(static_cast<unsigned>(blocks), static_cast<unsigned>(samples));
  kernel<<<grid, threads_per_block, shared>>>(arguments);
  check_launch(name);
}

template <class T>
void CudaStackEngine<T>::propagate(int gap, int wavelength, bool adjoint, T* in,
                                   DeviceArray<T>* modulation, T* out, int samples) {
  const DeviceGap<T>& data = at(gaps_, gap);
  const LaneShape& from = shape(adjoint ? gap + 1 : gap);
  const LaneShape& to = shape(adjoint ? gap : gap + 1);
  const std::size_t spectrum_block =
      static_cast<std::size_t>(data.mx_padded) * static_cast<std::size_t>(lanes());
  const LaneShape spectrum_in{data.mx_padded, from.ny, lanes()};
  const LaneShape spectrum_out{data.mx_padded, to.ny, lanes()};
  const std::size_t spectrum_size = std::max(spectrum_in.size(), spectrum_out.size());

  cuda::RowArguments<T> rows{};
  rows.plan = data.rows->view;
  rows.field = in;
  rows.field_size = from.size();
  rows.field_block = from.block_size();
  rows.factor = modulation == nullptr ? nullptr : modulation->data();
  rows.conjugate = adjoint;
  rows.spectrum = spectrum_.data();
  rows.spectrum_size = spectrum_size;
  rows.spectrum_block = spectrum_block;
  rows.length = from.nx;
  rows.lanes = lanes();
  launch("transform_rows", cuda::transform_rows<T>, rows, from.blocks(), samples);

  cuda::ColumnArguments<T> columns{};
  columns.plan = data.columns->view;
  columns.spectrum = spectrum_.data();
  columns.spectrum_size = spectrum_size;
  columns.row_block_step = spectrum_block;
  columns.factor = data.transfer[static_cast<std::size_t>(wavelength)]->data();
  columns.factor_size =
      static_cast<std::size_t>(data.mx_padded) * static_cast<std::size_t>(data.size.my);
  columns.conjugate = adjoint;
  columns.filled = from.ny;
  columns.kept = to.ny;
  columns.lanes = lanes();
  launch("filter_columns", cuda::filter_columns<T>, columns, data.mx_padded / lanes(), samples);

  rows.field = out;
  rows.field_size = to.size();
  rows.field_block = to.block_size();
  rows.length = to.nx;
  launch("restore_rows", cuda::restore_rows<T>, rows, to.blocks(), samples);
}

// Lets an instrument read (and change) the fields of a chunk.
template <class T>
void CudaStackEngine<T>::measure(const Measurement<T>& instrument, DeviceArray<T>& field, int plane,
                                 int channel, int first, int samples) {
  const std::size_t size = shape(plane).size();
  std::vector<T> host(2 * size);
  for (int s = 0; s < samples; ++s) {
    const std::size_t offset = static_cast<std::size_t>(s) * 2 * size;
    field.download(host, offset);
    instrument(first + s, channel, plane, shape(plane), {host.data(), host.data() + size});
    field.upload(host, offset);
  }
}

template <class T>
void CudaStackEngine<T>::run(const StackRequest<T>& request, std::span<double> readings) {
  check(cudaSetDevice(device_), "choosing the device");
  const bool gradients = static_cast<bool>(request.cotangent);
  if (request.measure_forward)
    throw UnavailableError(
        "in-situ training runs on the CPU (its noise is drawn there); use --device cpu");
  allocate(gradients);
  if (gradients)
    for (auto& layer : gradient_)
      for (DeviceArray<T>& sum : layer) sum.clear();
  const std::size_t width = static_cast<std::size_t>(size_.readings);
  for (int first = 0; first < request.samples; first += most_chunk) {
    const int samples = std::min(most_chunk, request.samples - first);
    run_chunk(request, first, samples,
              readings.subspan(static_cast<std::size_t>(first) * width,
                               static_cast<std::size_t>(samples) * width));
  }
}

template <class T>
void CudaStackEngine<T>::run_chunk(const StackRequest<T>& request, int first, int samples,
                                   std::span<double> readings) {
  const int last = static_cast<int>(shapes_.size()) - 1;
  const unsigned count = static_cast<unsigned>(samples);
  const unsigned reading_blocks = blocks_for(static_cast<std::size_t>(size_.readings));
  readings_.clear();
  std::vector<T> source(2 * shape(0).size());
  for (int c = 0; c < size_.channels(); ++c) {
    const int wavelength = c / size_.modes;
    auto& planes = at(fields_, c);
    for (int s = 0; s < samples; ++s) {
      std::fill(source.begin(), source.end(), T(0));
      request.fill(first + s, c, shape(0), {source.data(), source.data() + shape(0).size()});
      planes[0].upload(source, static_cast<std::size_t>(s) * source.size());
    }
    for (int gap = 0; gap <= size_.layers(); ++gap)
      propagate(gap, wavelength, false, at(planes, gap).data(),
                gap == 0 ? nullptr : &transmission(gap - 1, wavelength), at(planes, gap + 1).data(),
                samples);
    if (request.observe)
      for (int plane = 1; plane <= last; ++plane)
        measure(
            [&](int sample, int channel, int p, const LaneShape& s, LaneField<T> f) {
              request.observe(sample, channel, p, s, {f.re, f.im});
            },
            at(planes, plane), plane, c, first, samples);
    const DeviceDetector& detector = at(detectors_, wavelength);
    if (detector.pixels == 0) continue;  // nothing reads this wavelength
    cuda::read_detector<T><<<dim3(reading_blocks, count), threads_per_block>>>(
        at(planes, last).data(), shape(last).size(), detector.first_of_reading.data(),
        detector.index.data(), detector.weight.data(), size_.readings,
        at(mode_weights_, c % size_.modes), readings_.data());
    check_launch("read_detector");
  }
  readings_.download(readings);
  if (!request.cotangent) return;

  std::vector<double> cotangent(readings.size(), 0.0);
  const std::size_t width = static_cast<std::size_t>(size_.readings);
  for (int s = 0; s < samples; ++s) {
    const std::size_t from = static_cast<std::size_t>(s) * width;
    request.cotangent(first + s, readings.subspan(from, width),
                      std::span<double>(cotangent).subspan(from, width));
  }
  cotangent_.upload(cotangent);

  for (int c = 0; c < size_.channels(); ++c) {
    const int wavelength = c / size_.modes;
    auto& planes = at(fields_, c);
    const DeviceDetector& detector = at(detectors_, wavelength);
    if (detector.pixels == 0) continue;
    check(cudaMemset(error_.data(), 0,
                     static_cast<std::size_t>(samples) * 2 * shape(last).size() * sizeof(T)),
          "clearing memory");
    cuda::start_error<T>
        <<<dim3(blocks_for(static_cast<std::size_t>(detector.pixels)), count), threads_per_block>>>(
            at(planes, last).data(), error_.data(), shape(last).size(),
            detector.first_of_pixel.data(), detector.pixel.data(), detector.reading.data(),
            detector.pixel_weight.data(), detector.pixels, size_.readings,
            at(mode_weights_, c % size_.modes), cotangent_.data());
    check_launch("start_error");
    T* error = error_.data();
    T* next = back_.data();
    for (int layer = size_.layers() - 1; layer >= 0; --layer) {
      propagate(layer + 1, wavelength, true, error,
                layer == size_.layers() - 1 ? nullptr : &transmission(layer + 1, wavelength), next,
                samples);
      const std::size_t size = shape(layer + 1).size();
      const T* incident = at(planes, layer + 1).data();
      auto& sums = at(gradient_, layer);
      if (plain(layer))
        cuda::add_phase_gradient<T><<<blocks_for(size), threads_per_block>>>(
            incident, transmission(layer, wavelength).data(), next, size, samples, sums[0].data());
      else
        cuda::add_cotangent<T><<<blocks_for(size), threads_per_block>>>(
            incident, next, size, samples, at(sums, wavelength).data());
      check_launch("add_gradient");
      std::swap(error, next);
    }
  }
  check(cudaDeviceSynchronize(), "the backward passes");
}

template <class T>
void CudaStackEngine<T>::phase_gradient(int layer, std::span<double> gradient) {
  check(cudaSetDevice(device_), "choosing the device");
  const LaneShape& s = shape(layer + 1);
  std::vector<T> sums(s.size());
  at(gradient_, layer)[0].download(sums);
  std::size_t k = 0;
  for (int row = 0; row < s.ny; ++row)
    for (int column = 0; column < s.nx; ++column)
      gradient[k++] = static_cast<double>(sums[s.index(row, column)]);
}

template <class T>
void CudaStackEngine<T>::transmission_cotangent(int layer, int wavelength,
                                                std::span<std::complex<double>> g, int /*medium*/) {
  check(cudaSetDevice(device_), "choosing the device");
  const LaneShape& s = shape(layer + 1);
  std::vector<T> sums(2 * s.size());
  at(at(gradient_, layer), wavelength).download(sums);
  std::size_t k = 0;
  for (int row = 0; row < s.ny; ++row)
    for (int column = 0; column < s.nx; ++column) {
      const std::size_t i = s.index(row, column);
      g[k++] = {static_cast<double>(sums[i]), static_cast<double>(sums[i + s.size()])};
    }
}

}  // namespace

template <class T>
std::unique_ptr<StackEngine<T>> make_cuda_engine(const StackSize& size, int device) {
  if (size.has_mixtures())
    throw UnavailableError(
        "layers with several media (volumes) are not built for CUDA; use --device cpu");
  return std::make_unique<CudaStackEngine<T>>(size, device);
}
template std::unique_ptr<StackEngine<float>> make_cuda_engine<float>(const StackSize&, int);
template std::unique_ptr<StackEngine<double>> make_cuda_engine<double>(const StackSize&, int);

}  // namespace wavesmith
