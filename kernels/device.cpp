#include "kernels/device.hpp"

#include <charconv>

#include "core/error.hpp"

namespace wavesmith {

std::string Device::name() const {
  return kind == Kind::cpu ? "cpu" : "cuda:" + std::to_string(index);
}

Device parse_device(const std::string& text) {
  if (text == "cpu") return {};
  const std::vector<DeviceInfo> gpus = list_cuda_devices();
  if (text == "auto") return gpus.empty() ? Device{} : Device{Device::Kind::cuda, 0};
  const std::string prefix = "cuda:";
  int index = 0;
  if (text != "cuda") {
    const char* begin = text.data() + prefix.size();
    const char* end = text.data() + text.size();
    const bool prefixed = text.compare(0, prefix.size(), prefix) == 0 && begin < end;
    if (!prefixed || std::from_chars(begin, end, index).ptr != end || index < 0)
      throw InputError("device \"" + text +
                       "\" is not known; use cpu, cuda, cuda:N with N from 0, or auto");
  }
#ifdef WAVESMITH_HAS_CUDA
  const std::string cure = "check nvidia-smi, or use --device cpu";
#else
  const std::string cure = "this build has no CUDA: build the preset cuda, or use --device cpu";
#endif
  if (index >= static_cast<int>(gpus.size()))
    throw UnavailableError("device \"" + text + "\" is not available (" +
                           std::to_string(gpus.size()) + " CUDA devices found); " + cure);
  return {Device::Kind::cuda, index};
}

}  // namespace wavesmith
