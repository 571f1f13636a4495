#include "solvers/diffractive_stack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "kernels/lane_copies.hpp"
#include "kernels/parallel.hpp"
#include "solvers/sampling_audit.hpp"

namespace wavesmith {
namespace {

// Layers that the engine evaluates by itself. With several wavelengths a tilt acts differently on
// each, so the general way is taken.
bool is_fast_phase(const StackDescription& description, const Layer& layer) {
  return layer.is_plain_phase() && description.wavelengths.size() == 1;
}

// The field in lanes, row-major.
template <class T>
std::vector<Complex> row_major(const LaneShape& shape, LaneField<T> field) {
  std::vector<Complex> values(static_cast<std::size_t>(shape.nx) *
                              static_cast<std::size_t>(shape.ny));
  std::size_t k = 0;
  for (int row = 0; row < shape.ny; ++row)
    for (int column = 0; column < shape.nx; ++column) {
      const std::size_t i = shape.index(row, column);
      values[k++] = {static_cast<double>(field.re[i]), static_cast<double>(field.im[i])};
    }
  return values;
}

}  // namespace

DiffractiveStack::DiffractiveStack(StackDescription description, Precision precision,
                                   const Device& device, int threads)
    : description_(std::move(description)), threads_(threads) {
  WAVESMITH_VALIDATE(!description_.wavelengths.empty(), "a stack needs at least one wavelength");
  WAVESMITH_VALIDATE(description_.detectors.size() == description_.wavelengths.size(),
                     "a stack needs one detector per wavelength");
  WAVESMITH_VALIDATE(
      description_.modes >= 1 &&
          (description_.mode_weights.empty() ||
           description_.mode_weights.size() == static_cast<std::size_t>(description_.modes)),
      "a source of " + std::to_string(description_.modes) + " modes has " +
          std::to_string(description_.mode_weights.size()) + " weights; give one per mode");
  for (const Detector& detector : description_.detectors)
    for (const DetectorEntry& entry : detector.entries)
      WAVESMITH_VALIDATE(entry.reading >= 0 && entry.reading < description_.reading_count &&
                             entry.sample < description_.detector_plane.size(),
                         "a detector reads sample " + std::to_string(entry.sample) +
                             " into reading " + std::to_string(entry.reading) +
                             " (the detector plane has " +
                             std::to_string(description_.detector_plane.size()) +
                             " samples, the stack " + std::to_string(description_.reading_count) +
                             " readings); make the detector for this plane");
  Plane in = description_.source;
  offsets_.push_back(0);
  double taken = 0.0;  // of the gap by the volume in front of it
  for (std::size_t l = 0; l <= description_.layers.size(); ++l) {
    const bool last = l == description_.layers.size();
    Gap gap;
    gap.in = in;
    gap.out = last ? description_.detector_plane : description_.layers[l].layer->plane();
    gap.distance = last ? description_.detector_distance : description_.layers[l].distance;
    gap.distance -= taken;
    WAVESMITH_VALIDATE(
        taken == 0.0 || gap.distance >= 0.0,
        fmt::format("the volume of layer {} is {:.6g} m thick, but only {:.6g} m are behind its "
                    "plane; move the next plane away, or take a smaller max_height",
                    l, taken, gap.distance + taken));
    gap.wavelength = description_.wavelengths.front() / description_.medium_index;
    gap.method = description_.propagation.method;
    gap.evanescent = description_.propagation.evanescent;
    gap.padding = description_.propagation.padding;
    gap.periodic = description_.propagation.periodic;
    if (gap.method == PropagationMethod::automatic) gap.method = choose_method(gap);
    in = gap.out;
    gaps_.push_back(gap);
    first_plane_.push_back(static_cast<int>(planes_.size()));
    if (last) break;
    const StackLayer& entry = description_.layers[l];
    const int index = static_cast<int>(l);
    offsets_.push_back(offsets_.back() + entry.layer->parameter_count());
    volumes_.push_back(
        entry.slices == 0
            ? nullptr
            : std::make_unique<VolumeSlices>(entry.layer, entry.slices, description_.medium_index));
    taken = entry.slices == 0 ? 0.0 : volumes_.back()->thickness();
    for (int slice = -1; slice <= (entry.slices == 0 ? -1 : entry.slices); ++slice)
      planes_.push_back({index, slice});
  }

  const StackSize size = stack_size();
  const std::size_t scalar = precision == Precision::f32 ? sizeof(float) : sizeof(double);
  require_memory(estimate_engine_bytes(size, scalar, 32, threads),
                 "the fields, transfer functions and gradients of the stack");
  const auto make = [&]<class T>(T) {
    auto engine = device.kind == Device::Kind::cpu ? make_host_engine<T>(size, threads)
                                                   : make_cuda_engine<T>(size, device.index);
    for (int k = 0; k < size.wavelengths; ++k) {
      const Detector& detector = description_.detectors[static_cast<std::size_t>(k)];
      std::vector<ReadingWeight> weights;
      for (const DetectorEntry& entry : detector.entries) {
        const int nx = description_.detector_plane.nx;
        weights.push_back(
            {entry.reading, static_cast<int>(entry.sample / static_cast<std::size_t>(nx)),
             static_cast<int>(entry.sample % static_cast<std::size_t>(nx)), entry.weight});
      }
      engine->set_detector(k, weights);
    }
    if (!description_.mode_weights.empty()) engine->set_mode_weights(description_.mode_weights);
    engine_ = std::move(engine);
  };
  if (precision == Precision::f32)
    make(float{});
  else
    make(double{});
  set_transfers();
}

// Of an open plane: the front or the back of a volume.
bool DiffractiveStack::is_open(const EnginePlane& plane) const {
  const VolumeSlices* const slices = volume(plane.layer);
  return slices != nullptr && (plane.slice < 0 || plane.slice == slices->count());
}

StackSize DiffractiveStack::stack_size() const {
  StackSize size;
  const auto add = [&](const Gap& gap) {
    const GridSize grid = convolution_grid(gap);
    size.gaps.push_back({gap.in.nx, gap.in.ny, gap.out.nx, gap.out.ny, grid.nx, grid.ny});
  };
  for (const EnginePlane& plane : planes_) {
    add(plane.slice < 0 ? gaps_[static_cast<std::size_t>(plane.layer)] : inner_gap(plane.layer));
    const VolumeSlices* const slices = volume(plane.layer);
    const Layer& layer = *description_.layers[static_cast<std::size_t>(plane.layer)].layer;
    size.plain_phase.push_back(slices != nullptr
                                   ? is_open(plane) && description_.wavelengths.size() == 1
                                   : is_fast_phase(description_, layer));
    size.media.push_back(slices != nullptr && !is_open(plane) ? VolumeSlices::media : 1);
  }
  add(gaps_.back());
  size.wavelengths = static_cast<int>(description_.wavelengths.size());
  size.modes = description_.modes;
  size.readings = description_.reading_count;
  return size;
}

// Between two planes of a volume, in the medium around it; the slices set distance and wavelength.
Gap DiffractiveStack::inner_gap(int layer) const {
  Gap gap;
  gap.in = gap.out = volume(layer)->plane();
  gap.distance = volume(layer)->slice();
  gap.wavelength = description_.wavelengths.front() / description_.medium_index;
  gap.padding = description_.propagation.padding;
  gap.periodic = description_.propagation.periodic;
  return gap;
}

std::vector<DiffractiveStack::Passes> DiffractiveStack::passes() const {
  std::vector<Passes> all;
  for (const Gap& gap : gaps_) all.push_back({gap, 1});
  constexpr int media = VolumeSlices::media;
  for (std::size_t l = 0; l < volumes_.size(); ++l)
    if (volumes_[l])
      all.push_back(
          {inner_gap(static_cast<int>(l)), 2 * media + (volumes_[l]->count() - 1) * media * media});
  return all;
}

std::span<const double> DiffractiveStack::layer_parameters(int layer,
                                                           std::span<const double> all) const {
  const std::size_t l = static_cast<std::size_t>(layer);
  return all.subspan(offsets_[l], offsets_[l + 1] - offsets_[l]);
}

std::span<double> DiffractiveStack::layer_parameters(int layer, std::span<double> all) const {
  const std::size_t l = static_cast<std::size_t>(layer);
  return all.subspan(offsets_[l], offsets_[l + 1] - offsets_[l]);
}

std::size_t DiffractiveStack::bytes() const {
  return std::visit([](const auto& engine) { return engine->bytes(); }, engine_);
}

void DiffractiveStack::set_transfers() {
  const auto deviation = [&](std::size_t plane) {  // plane 0 is the source
    return plane == 0 || plane > misalignment_.planes.size() ? Misalignment::OfPlane{}
                                                             : misalignment_.planes[plane - 1];
  };
  struct Built {
    Gap gap;
    int index, wavelength;
  };
  std::vector<Built> built;
  for (std::size_t g = 0; g < gaps_.size(); ++g)
    for (std::size_t k = 0; k < description_.wavelengths.size(); ++k) {
      Gap gap = gaps_[g];
      const Misalignment::OfPlane before = deviation(g), after = deviation(g + 1);
      gap.in.x0 += before.shift_x;
      gap.in.y0 += before.shift_y;
      gap.out.x0 += after.shift_x;
      gap.out.y0 += after.shift_y;
      gap.distance = std::max(gap.distance + after.gap, 0.0);
      gap.wavelength =
          description_.wavelengths[k] * misalignment_.wavelength_factor / description_.medium_index;
      // The engine's gap in front of the layer's first plane, or of the detector.
      const int index = first_plane_[g], wavelength = static_cast<int>(k);
      const auto same = std::find_if(built.begin(), built.end(), [&](const Built& other) {
        return other.gap.in == gap.in && other.gap.out == gap.out &&
               other.gap.distance == gap.distance && other.gap.wavelength == gap.wavelength &&
               other.gap.method == gap.method;
      });
      std::visit(
          [&](auto& engine) {
            if (same != built.end())
              engine->share_transfer(index, wavelength, same->index, same->wavelength);
            else
              engine->set_transfer(index, wavelength, transfer_function(gap).values);
          },
          engine_);
      if (same == built.end()) built.push_back({gap, index, wavelength});
    }
  set_inner_transfers();
}

void DiffractiveStack::set_misalignment(const Misalignment& misalignment) {
  if (misalignment == misalignment_) return;
  misalignment_ = misalignment;
  set_transfers();
  if (!parameters_.empty()) set_parameters(std::vector<double>(parameters_));
}

void DiffractiveStack::set_parameters(std::span<const double> parameters,
                                      const Misalignment& misalignment) {
  parameters_.clear();  // of the misalignment before
  set_misalignment(misalignment);
  set_parameters(parameters);
}

// Phase that a device adds to a layer by error and tilt; empty when there is none.
std::vector<double> DiffractiveStack::phase_offsets(int layer, double wavelength) const {
  const std::size_t l = static_cast<std::size_t>(layer);
  if (l >= misalignment_.planes.size()) return {};
  const Misalignment::OfPlane& plane = misalignment_.planes[l];
  if (plane.phase_error.empty() && plane.tilt_x == 0.0 && plane.tilt_y == 0.0) return {};
  const Plane& at = description_.layers[l].layer->plane();
  std::vector<double> phase = plane.phase_error;
  phase.resize(at.size(), 0.0);
  const double k = 2.0 * std::numbers::pi * description_.medium_index / wavelength;
  const double kx = k * std::sin(plane.tilt_x), ky = k * std::sin(plane.tilt_y);
  for (int j = 0; j < at.ny; ++j)
    for (int i = 0; i < at.nx; ++i)
      phase[static_cast<std::size_t>(j) * static_cast<std::size_t>(at.nx) +
            static_cast<std::size_t>(i)] += kx * at.x(i) + ky * at.y(j);
  return phase;
}

void DiffractiveStack::set_parameters(std::span<const double> parameters) {
  WAVESMITH_VALIDATE(parameters.size() == parameter_count(),
                     "a stack with " + std::to_string(parameter_count()) + " parameters got " +
                         std::to_string(parameters.size()) + "; give all layers' in order");
  parameters_.resize(parameters.size());
  parallel_ranges(parameters.size(), threads_, [&](std::size_t begin, std::size_t end) {
    std::copy(parameters.begin() + static_cast<std::ptrdiff_t>(begin),
              parameters.begin() + static_cast<std::ptrdiff_t>(end),
              parameters_.begin() + static_cast<std::ptrdiff_t>(begin));
  });
  for (int l = 0; l < static_cast<int>(description_.layers.size()); ++l) {
    const Layer& layer = *description_.layers[static_cast<std::size_t>(l)].layer;
    const std::span<const double> own = layer_parameters(l, parameters);
    const int plane = first_plane_[static_cast<std::size_t>(l)];
    if (volume(l) != nullptr) {
      set_volume(l, own, plane);
      continue;
    }
    if (is_fast_phase(description_, layer)) {
      std::vector<double> phase =
          phase_offsets(l, description_.wavelengths.front() * misalignment_.wavelength_factor);
      if (!phase.empty())
        std::transform(own.begin(), own.end(), phase.begin(), phase.begin(), std::plus<>{});
      std::visit([&](auto& engine) { engine->set_phase(plane, phase.empty() ? own : phase); },
                 engine_);
      continue;
    }
    for (std::size_t k = 0; k < description_.wavelengths.size(); ++k) {
      const double wavelength = description_.wavelengths[k] * misalignment_.wavelength_factor;
      std::vector<Complex> t(layer.plane().size());
      layer.transmission(own, wavelength, t);
      const std::vector<double> phase = phase_offsets(l, wavelength);
      for (std::size_t i = 0; i < phase.size(); ++i) t[i] *= std::polar(1.0, phase[i]);
      std::visit([&](auto& engine) { engine->set_transmission(plane, static_cast<int>(k), t); },
                 engine_);
    }
  }
}

template <class T>
StackRequest<T> DiffractiveStack::make_request(int samples, const Fill& fill) const {
  StackRequest<T> request;
  request.samples = samples;
  request.fill = [this, &fill](int sample, int channel, const LaneShape& shape,
                               LaneField<T> field) {
    static thread_local std::vector<Complex> values;  // kept: a sample takes milliseconds
    values.assign(description_.source.size(), Complex{});
    fill(sample, channel, values);
    copy_into_lanes<T>(values, shape, field);
  };
  return request;
}

template <class T>
void DiffractiveStack::respond_on(StackEngine<T>& engine, int samples, const Fill& fill,
                                  std::span<double> readings, const Observe& observe) {
  StackRequest<T> request = make_request<T>(samples, fill);
  if (observe)
    request.observe = [&](int sample, int channel, int plane, const LaneShape& shape,
                          LaneField<const T> field) {
      const std::size_t place = static_cast<std::size_t>(plane) - 1;
      if (place == planes_.size())
        observe({sample, channel, static_cast<int>(volumes_.size()) + 1, false},
                row_major(shape, field));
      else if (planes_[place].slice < 0)
        observe({sample, channel, planes_[place].layer + 1, false}, row_major(shape, field));
    };
  engine.run(request, readings);
}

void DiffractiveStack::respond(int samples, const Fill& fill, std::span<double> readings,
                               const Observe& observe) {
  std::visit([&](auto& engine) { respond_on(*engine, samples, fill, readings, observe); }, engine_);
}

template <class T>
void DiffractiveStack::pull_back_on(StackEngine<T>& engine, int samples, const Fill& fill,
                                    const CotangentOf& cotangent, std::span<double> readings,
                                    std::span<double> gradient, const FieldInstrument* instrument) {
  StackRequest<T> request = make_request<T>(samples, fill);
  request.cotangent = cotangent;
  if (instrument != nullptr) {
    WAVESMITH_VALIDATE(planes_.size() == volumes_.size(),
                       "a layer is a volume (model = \"volume\"), in which no instrument reads "
                       "fields; train it with method = \"exact\", or take it as thin");
    const auto measure = [instrument](bool backward) {
      return [instrument, backward](int sample, int channel, int plane, const LaneShape& shape,
                                    LaneField<T> field) {
        std::vector<Complex> values = row_major(shape, field);
        instrument->read({sample, channel, plane, backward}, values);
        copy_into_lanes<T>(values, shape, field);
      };
    };
    request.measure_forward = measure(false);
    request.measure_backward = measure(true);
  }
  engine.run(request, readings);

  for (int l = 0; l < static_cast<int>(description_.layers.size()); ++l) {
    const Layer& layer = *description_.layers[static_cast<std::size_t>(l)].layer;
    const std::span<double> own = layer_parameters(l, gradient);
    const int plane = first_plane_[static_cast<std::size_t>(l)];
    if (volume(l) == nullptr && is_fast_phase(description_, layer)) {
      engine.phase_gradient(plane, own);
      continue;
    }
    if (layer.parameter_count() == 0) continue;
    std::fill(own.begin(), own.end(), 0.0);
    if (volume(l) != nullptr) {
      pull_back_volume(engine, l, plane, own);
      continue;
    }
    for (std::size_t k = 0; k < description_.wavelengths.size(); ++k) {
      const double wavelength = description_.wavelengths[k] * misalignment_.wavelength_factor;
      std::vector<Complex> g(layer.plane().size());
      engine.transmission_cotangent(plane, static_cast<int>(k), g);
      const std::vector<double> phase = phase_offsets(l, wavelength);
      for (std::size_t i = 0; i < phase.size(); ++i) g[i] *= std::polar(1.0, -phase[i]);
      layer.pull_back(layer_parameters(l, std::span<const double>(parameters_)), wavelength, g,
                      own);
    }
  }
}

void DiffractiveStack::pull_back(int samples, const Fill& fill, const CotangentOf& cotangent,
                                 std::span<double> readings, std::span<double> gradient,
                                 const FieldInstrument* instrument) {
  std::visit(
      [&](auto& engine) {
        pull_back_on(*engine, samples, fill, cotangent, readings, gradient, instrument);
      },
      engine_);
}

}  // namespace wavesmith
