// A run of the CPU's stack engine: forward and back, sample by sample.
//
// A team of threads shares one sample; with as many samples as threads each team is one thread, and
// the sample's spectrum never leaves its core's cache.
#include "kernels/host_stack.hpp"

#include <algorithm>
#include <atomic>

namespace wavesmith::host {

namespace {

// The rows that fill the last block are zero whatever has been written to them.
template <class T>
void clear_filling_rows(const LaneShape& shape, LaneField<T> field) {
  const std::size_t end = shape.size(), begin = end - shape.block_size();
  std::fill(field.re + begin, field.re + end, T(0));
  std::fill(field.im + begin, field.im + end, T(0));
}

}  // namespace

template <class T>
void HostStackEngine<T>::prepare(int teams, int members, bool gradients, bool measured) {
  int longest = 0;
  std::size_t spectrum = 0, largest = 0;
  for (const GapData<T>& gap : gaps_) {
    longest = std::max({longest, gap.size.mx, round_up(gap.size.my, lanes<T>),
                        round_up(std::max(gap.size.ny_in, gap.size.ny_out), lanes<T>)});
    const LaneShape in{gap.mx_padded, gap.size.ny_in, lanes<T>};
    const LaneShape out{gap.mx_padded, gap.size.ny_out, lanes<T>};
    spectrum = std::max({spectrum, in.size(), out.size()});
  }
  for (const LaneShape& s : shapes_) largest = std::max(largest, s.size());
  const std::size_t line = static_cast<std::size_t>(longest) * static_cast<std::size_t>(lanes<T>);

  lines_.resize(static_cast<std::size_t>(teams * members));
  for (auto& scratch : lines_)
    if (!scratch) scratch = std::make_unique<ThreadScratch<T>>(line);
  if (static_cast<int>(teams_.size()) != teams ||
      (teams > 0 && teams_.front()->team.size() != members)) {
    teams_.clear();
    for (auto& scratch : lines_) scratch->pieces_left = 0;
    for (int t = 0; t < teams; ++t) {
      teams_.push_back(std::make_unique<TeamScratch>(members));
      TeamScratch& own = *teams_.back();
      own.spectrum = ComplexArray<T>(spectrum);
      int media = 1;
      for (int plane = 0; plane < planes(); ++plane) media = std::max(media, size_.media_at(plane));
      for (int m = 0; m < media; ++m) {
        own.error.emplace_back(largest);
        own.back.emplace_back(largest);
      }
      own.copy = ComplexArray<T>(largest);
      own.cotangent.resize(static_cast<std::size_t>(size_.readings));
      for (int plane = 0; plane < planes(); ++plane) {
        own.fields.emplace_back();
        for (int c = 0; c < size_.channels() * size_.media_at(plane); ++c)
          own.fields.back().emplace_back(shape(plane).size());
      }
    }
  }
  for (auto& own : teams_)
    if (measured && own->measured.empty())
      for (const LaneShape& s : shapes_) {
        own->measured.emplace_back();
        for (int c = 0; c < size_.channels(); ++c) own->measured.back().emplace_back(s.size());
      }
  if (gradients && gradient_.empty())
    for (int l = 0; l < size_.layers(); ++l) {
      gradient_.emplace_back();
      const int arrays = gradient_parts * gradient_arrays(l);
      // Plain phase: one real number a pixel, half of a complex array.
      const std::size_t points = shape(l + 1).size() / (plain(l) ? 2 : 1);
      for (int i = 0; i < arrays; ++i) gradient_.back().emplace_back(points);
    }
}

template <class T>
void HostStackEngine<T>::run(const StackRequest<T>& request, std::span<double> readings) {
  const bool gradients = static_cast<bool>(request.cotangent);
  const bool measured = static_cast<bool>(request.measure_forward);
  const int parts = std::min(request.samples, gradient_parts);
  const int threads = threads_available(threads_);
  const int teams = std::clamp(threads, 1, std::max(parts, 1));
  const int members = std::max(threads / teams, 1);
  prepare(teams, members, gradients, measured);
  if (gradients) parts_used_ = parts;
  std::fill(readings.begin(), readings.end(), 0.0);

  Failure failure;
  std::atomic<int> next_part{0};
#pragma omp parallel num_threads(teams* members)
  {
    const FlushDenormals flush;
    const int me = thread_number();
    TeamScratch& own = *teams_[static_cast<std::size_t>(me / members)];
    ThreadScratch<T>& line = *lines_[static_cast<std::size_t>(me)];
    const int rank = me % members;
    for (;;) {
      // Parts go to whichever team is free; what is summed in a part, and in which order, is fixed.
      if (rank == 0) own.part = next_part.fetch_add(1);
      own.team.wait();
      const int part = own.part;
      if (part >= parts) break;
      if (gradients && rank == members - 1)  // while the first member fills the source
        for (int l = 0; l < size_.layers(); ++l)
          for (int k = 0; k < gradient_arrays(l); ++k)
            gradient_[static_cast<std::size_t>(l)]
                     [static_cast<std::size_t>(part * gradient_arrays(l) + k)]
                         .values.clear();
      const long first = static_cast<long>(request.samples) * part / parts;
      const long end = static_cast<long>(request.samples) * (part + 1) / parts;
      for (long sample = first; sample < end; ++sample) {
        const auto own_readings = readings.subspan(
            static_cast<std::size_t>(sample) * static_cast<std::size_t>(size_.readings),
            static_cast<std::size_t>(size_.readings));
        if (rank == 0)
          failure.guard([&] {
            for (int c = 0; c < size_.channels(); ++c) {
              ComplexArray<T>& source = own.fields[0][static_cast<std::size_t>(c)];
              clear_filling_rows(shape(0), source.field());
              request.fill(static_cast<int>(sample), c, shape(0), source.field());
            }
          });
        own.team.wait();
        forward(request, static_cast<int>(sample), own, line, rank, own_readings, failure);
        if (rank == 0)
          failure.guard([&] {
            if (request.observe)
              for (int plane = 1; plane < planes(); ++plane)
                for (int c = 0; c < size_.channels(); ++c) {
                  const ComplexArray<T>& u = field_of(own.fields, plane, c);
                  request.observe(static_cast<int>(sample), c, plane, shape(plane), u.field());
                }
            if (gradients) {
              std::fill(own.cotangent.begin(), own.cotangent.end(), 0.0);
              request.cotangent(static_cast<int>(sample), own_readings, own.cotangent);
            }
          });
        own.team.wait();
        if (gradients) backward(request, static_cast<int>(sample), own, line, rank, part, failure);
      }
    }
  }
  failure.rethrow();
}

template <class T>
void HostStackEngine<T>::forward(const StackRequest<T>& request, int sample, TeamScratch& own,
                                 ThreadScratch<T>& line, int rank, std::span<double> readings,
                                 Failure& failure) {
  for (int c = 0; c < size_.channels(); ++c) {
    const int wavelength = c / size_.modes;
    const std::size_t channel = static_cast<std::size_t>(c);
    for (int gap = 0; gap <= size_.layers(); ++gap) {
      const int in_media = size_.media_at(gap), links = size_.links(gap);
      for (int link = 0; link < links; ++link) {
        const int from = link % in_media;
        Passage<T> pass = passage(gap, wavelength, false, link);
        pass.in = &field_of(own.fields, gap, c, from);
        pass.modulation = gap == 0 ? nullptr : &transmission(gap - 1, wavelength, from);
        pass.out = &field_of(own.fields, gap + 1, c, link / in_media);
        pass.add = from > 0;
        propagate(pass, own.spectrum, line, own.team, rank, [](int) {});
        if (link + 1 < links) own.team.wait();
      }
      if (gap == size_.layers() || links > 1 || !same_blocks(gap, gap + 1)) own.team.wait();
    }
    if (rank != 0) continue;

    const int last = planes() - 1;
    const ComplexArray<T>* detected = &own.fields[static_cast<std::size_t>(last)][channel];
    if (request.measure_forward) {
      for (int plane = 1; plane <= last; ++plane) {
        const ComplexArray<T>& u = field_of(own.fields, plane, c);
        ComplexArray<T>& m = own.measured[static_cast<std::size_t>(plane)][channel];
        const LaneField<const T> from = u.field();
        const LaneField<T> to = m.field();
        for (std::size_t i = 0; i < u.half; ++i) {
          if (plane == last) {
            to.re[i] = from.re[i];
            to.im[i] = from.im[i];
          } else {
            const LaneField<T> t = transmission(plane - 1, wavelength).field();
            to.re[i] = from.re[i] * t.re[i] - from.im[i] * t.im[i];
            to.im[i] = from.re[i] * t.im[i] + from.im[i] * t.re[i];
          }
        }
        failure.guard([&] { request.measure_forward(sample, c, plane, shape(plane), to); });
      }
      detected = &own.measured[static_cast<std::size_t>(last)][channel];
    }
    const double share = mode_weights_[static_cast<std::size_t>(c % size_.modes)];
    const LaneField<const T> u = detected->field();
    for (const ReadingWeight& entry : detectors_[static_cast<std::size_t>(wavelength)]) {
      const std::size_t i = shape(last).index(entry.row, entry.column);
      const double re = static_cast<double>(u.re[i]), im = static_cast<double>(u.im[i]);
      readings[static_cast<std::size_t>(entry.reading)] +=
          share * entry.weight * (re * re + im * im);
    }
  }
  own.team.wait();
}

// Adds this sample's share to the gradient of one layer, for one block of rows.
template <class T>
void HostStackEngine<T>::accumulate(int layer, int wavelength, int medium, int part,
                                    const ComplexArray<T>& incident,
                                    const ComplexArray<T>* outgoing, const ComplexArray<T>& error,
                                    int block) {
  const LaneShape& at = shape(layer + 1);
  const std::size_t begin = static_cast<std::size_t>(block) * at.block_size();
  const std::size_t end = begin + at.block_size();
  const LaneField<const T> g = error.field();
  const LaneField<T> t = transmission(layer, wavelength, medium).field();
  if (plain(layer)) {
    // dL/dphase = Re(conj(g) i v), v = t u.
    T* const sum =
        gradient_[static_cast<std::size_t>(layer)][static_cast<std::size_t>(part)].values.data();
    if (outgoing != nullptr) {
      const LaneField<const T> v = outgoing->field();
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) sum[i] += g.im[i] * v.re[i] - g.re[i] * v.im[i];
    } else {
      const LaneField<const T> u = incident.field();
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) {
        const T v_re = u.re[i] * t.re[i] - u.im[i] * t.im[i];
        const T v_im = u.re[i] * t.im[i] + u.im[i] * t.re[i];
        sum[i] += g.im[i] * v_re - g.re[i] * v_im;
      }
    }
    return;
  }
  // 2 dL/dt* = conj(u) g. An instrument reads v = t u: u = v / t, zero where the layer is opaque.
  const LaneField<T> sum =
      gradient_[static_cast<std::size_t>(layer)]
               [static_cast<std::size_t>(part * gradient_arrays(layer) +
                                         wavelength * size_.media_at(layer + 1) + medium)]
                   .field();
  const LaneField<const T> u = incident.field();
  for (std::size_t i = begin; i < end; ++i) {
    T u_re = u.re[i], u_im = u.im[i];
    if (outgoing != nullptr) {
      const LaneField<const T> v = outgoing->field();
      const T norm = t.re[i] * t.re[i] + t.im[i] * t.im[i];
      const T scale = norm > T(0) ? T(1) / norm : T(0);
      u_re = scale * (v.re[i] * t.re[i] + v.im[i] * t.im[i]);
      u_im = scale * (v.im[i] * t.re[i] - v.re[i] * t.im[i]);
    }
    sum.re[i] += u_re * g.re[i] + u_im * g.im[i];
    sum.im[i] += u_re * g.im[i] - u_im * g.re[i];
  }
}

template <class T>
void HostStackEngine<T>::backward(const StackRequest<T>& request, int sample, TeamScratch& own,
                                  ThreadScratch<T>& line, int rank, int part, Failure& failure) {
  const bool measured = static_cast<bool>(request.measure_forward);
  const auto& seen = measured ? own.measured : own.fields;
  const int last = planes() - 1;
  for (int c = 0; c < size_.channels(); ++c) {
    const int wavelength = c / size_.modes;
    const std::size_t channel = static_cast<std::size_t>(c);
    const LaneShape& detector = shape(last);
    for (int block = rank; block < detector.blocks(); block += own.team.size()) {
      const LaneField<T> g = own.error.front().field();
      const std::size_t begin = static_cast<std::size_t>(block) * detector.block_size();
      std::fill_n(g.re + begin, detector.block_size(), T(0));
      std::fill_n(g.im + begin, detector.block_size(), T(0));
    }
    own.team.wait();
    if (rank == 0) {
      const double share = mode_weights_[static_cast<std::size_t>(c % size_.modes)];
      const LaneField<const T> u = seen[static_cast<std::size_t>(last)][channel].field();
      const LaneField<T> g = own.error.front().field();
      for (const ReadingWeight& entry : detectors_[static_cast<std::size_t>(wavelength)]) {
        const std::size_t i = shape(last).index(entry.row, entry.column);
        const T factor = static_cast<T>(2.0 * share * entry.weight *
                                        own.cotangent[static_cast<std::size_t>(entry.reading)]);
        g.re[i] += factor * u.re[i];
        g.im[i] += factor * u.im[i];
      }
    }
    own.team.wait();
    std::vector<ComplexArray<T>>* error = &own.error;
    std::vector<ComplexArray<T>>* next = &own.back;
    for (int layer = size_.layers() - 1; layer >= 0; --layer) {
      const int in_media = size_.media_at(layer + 1), links = size_.links(layer + 1);
      const int out_media = links / in_media;
      for (int link = 0; link < links; ++link) {
        // Of all that leaves one medium, one after the other: links by medium in front, then
        // behind.
        const int from = link / out_media, to = link % out_media;
        Passage<T> pass = passage(layer + 1, wavelength, true, to * in_media + from);
        pass.in = &(*error)[static_cast<std::size_t>(to)];
        pass.modulation =
            layer == size_.layers() - 1 ? nullptr : &transmission(layer + 1, wavelength, to);
        pass.conjugate_modulation = true;
        ComplexArray<T>& at_layer = (*next)[static_cast<std::size_t>(from)];
        pass.out = &at_layer;
        pass.add = to > 0;
        const ComplexArray<T>& incident = field_of(own.fields, layer + 1, c, from);
        if (!measured) {
          const bool complete = to + 1 == out_media;
          propagate(pass, own.spectrum, line, own.team, rank, [&](int block) {
            if (complete)
              accumulate(layer, wavelength, from, part, incident, nullptr, at_layer, block);
          });
        } else {
          propagate(pass, own.spectrum, line, own.team, rank, [](int) {});
          own.team.wait();
          if (rank == 0) {
            std::copy_n(at_layer.values.data(), at_layer.values.size(), own.copy.values.data());
            own.copy.half = at_layer.half;
            if (request.measure_backward)
              failure.guard([&] {
                request.measure_backward(sample, c, layer + 1, shape(layer + 1), own.copy.field());
              });
            for (int block = 0; block < shape(layer + 1).blocks(); ++block)
              accumulate(layer, wavelength, from, part, incident,
                         &own.measured[static_cast<std::size_t>(layer + 1)][channel], own.copy,
                         block);
          }
          own.team.wait();
        }
        if (link + 1 < links) own.team.wait();
      }
      if (layer == 0 || links > 1 || !same_blocks(layer + 1, layer)) own.team.wait();
      std::swap(error, next);
    }
  }
}

template class HostStackEngine<float>;
template class HostStackEngine<double>;

}  // namespace wavesmith::host
