// Plans of line transforms in a GPU's memory.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/cuda_support.cuh"
#include "kernels/line_phases.hpp"
#include "kernels/stack_engine.hpp"

namespace wavesmith::cuda {

inline constexpr int largest_device_radix = 10;

template <class T>
struct DevicePlan {
  DeviceArray<LineStage> stages;
  DeviceArray<T> twiddle, roots;
  LinePlanView<T> view;

  explicit DevicePlan(int n) {
    const LinePlan<T> plan = make_line_plan<T>(n, largest_device_radix);
    stages = DeviceArray<LineStage>(plan.stages.size());
    stages.upload(plan.stages);
    twiddle = DeviceArray<T>(std::max<std::size_t>(plan.twiddle.size(), 1));
    twiddle.upload(plan.twiddle);
    roots = DeviceArray<T>(std::max<std::size_t>(plan.roots.size(), 1));
    roots.upload(plan.roots);
    view.n = n;
    view.count = static_cast<int>(plan.stages.size());
    view.stages = stages.data();
    view.twiddle = twiddle.data();
    view.roots = roots.data();
  }
};

template <class T>
struct DeviceGap {
  GapSize size;
  std::shared_ptr<DevicePlan<T>> rows, columns;
  int mx_padded = 0;
  std::vector<std::shared_ptr<DeviceArray<T>>> transfer;
};

}  // namespace wavesmith::cuda
