// Layered networks on any machine that runs the phases of kernels/layered_batch_phases.hpp, one
// block a sample. A machine has
//   Array<N>                            numbers on its device: data(), size(), clear(), upload(),
//                                       download()
//   select(), require(bytes)            makes its device current; throws where memory is missing
//   launch_blocks(name, kernel, blocks) kernel.run_phase(phase, block, thread) for all threads of a
//                                       block, phase after phase
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "kernels/layered_batch_phases.hpp"

namespace wavesmith {

template <class T, class Machine>
class MachineLayeredBatch final : public LayeredBatch<T> {
 public:
  using Value = ComplexValue<T>;
  template <class N>
  using Array = typename Machine::template Array<N>;

  MachineLayeredBatch(const LayeredBatchSize& size, Machine machine)
      : size_(size), machine_(std::move(machine)) {
    machine_.select();
    machine_.require(size.bytes(sizeof(T)));
    WAVESMITH_VALIDATE(std::int64_t{size.columns} * size.modes() < (std::int64_t{1} << 31),
                       "a layered network has too many modes for their columns to be counted");
    view_.inputs = size.inputs();
    view_.layer1 = size.sizes[1];
    view_.outputs = size.outputs();
    view_.reduced = size.reduced();
    view_.modes = size.modes();
    view_.middle = size.middle();
    view_.columns = size.columns;
    const auto wide = [](int count) { return static_cast<std::size_t>(count); };
    const std::size_t samples = wide(size.samples), inputs = wide(size.inputs()),
                      reduced = wide(size.reduced()), outputs = samples * wide(size.outputs());
    make(bare_, view_.bare, inputs);
    make(drive_, view_.drive, inputs);
    make(coupling_, view_.coupling, inputs * wide(view_.layer1));
    make(constant_, view_.constant, view_.entries());
    make(to_middle_, view_.to_middle, wide(view_.middle) * reduced);
    make(input_, view_.input, samples * inputs);
    make(resonance_, view_.resonance, samples * inputs);
    make(matrix_, view_.matrix, samples * view_.entries());
    make(inverted_, view_.inverted, samples);
    make(pivot_row_, view_.pivot_row, samples * reduced);
    make(partial_, view_.partial, samples * layered_batch::threads);
    make(growth_, view_.growth, samples);
    make(solved_, view_.solved, samples * wide(size.columns) * reduced);
    make(column_, view_.column, samples * wide(size.columns) * wide(view_.modes));
    make(weights_, view_.weights, outputs);
    make(seen_, view_.seen, outputs);
    const double* gradient = nullptr;
    make(gradient_, gradient, size.parameters());
    std::vector<layered_batch::CouplingBlock> blocks;
    std::size_t start = wide(view_.modes);
    int first = 0;
    for (std::size_t layer = 0; layer + 1 < size.sizes.size(); ++layer) {
      const int lower = size.sizes[layer], upper = size.sizes[layer + 1];
      blocks.push_back({start, first, first + lower, upper});
      start += wide(lower) * wide(upper);
      first += lower;
    }
    blocks_ = Array<layered_batch::CouplingBlock>(blocks.size());
    blocks_.upload(blocks);
  }

  const LayeredBatchSize& size() const override { return size_; }

  void set_network(const LayeredBatchNetwork<T>& network) override {
    machine_.select();
    upload(bare_, network.bare, "modes of layer 0");
    upload(drive_, network.drive, "amplitudes that drive layer 0");
    upload(coupling_, network.coupling, "couplings of layer 0");
    upload(constant_, network.constant, "entries of the reduced matrix");
    upload(to_middle_, network.middle, "entries of the layers between");
  }

  void factorise(int samples, std::span<const double> inputs, std::span<T> growth) override {
    WAVESMITH_EXPECT(samples >= 0 && samples <= size_.samples);
    machine_.select();
    view_.samples = samples;
    if (samples == 0) return;
    input_.upload(inputs);
    launch("form", layered_batch::Form<T>{view_});
    launch("factorise", layered_batch::Factorise<T>{view_});
    growth_.download(growth);
  }

  void set_inverse(int sample, std::span<const Value> inverse) override {
    machine_.select();
    const auto at = static_cast<std::size_t>(sample);
    WAVESMITH_EXPECT(inverse.size() == view_.entries());
    matrix_.upload(inverse, at * view_.entries());
    const int yes[] = {1};
    inverted_.upload(yes, at);
  }

  void set_weights(std::span<const Value> weights) override {
    machine_.select();
    weights_.upload(weights);
  }

  void solve(LayeredColumns columns, int first) override {
    machine_.select();
    const int count = columns == LayeredColumns::outputs ? view_.outputs : 1;
    WAVESMITH_EXPECT(first >= 0 && first + count <= size_.columns);
    launch("solve", layered_batch::Solve<T>{view_, columns, first, count});
  }

  void read_columns(std::span<Value> columns) const override {
    machine_.select();
    column_.download(columns);
  }
  void write_columns(std::span<const Value> columns) override {
    machine_.select();
    column_.upload(columns);
  }
  void read_outputs(LayeredColumns columns, std::span<Value> values) override {
    machine_.select();
    launch("look", layered_batch::Look<T>{view_, columns == LayeredColumns::outputs});
    seen_.download(values);
  }

  void clear_gradient() override {
    machine_.select();
    gradient_.clear();
  }
  void add_gradient(LayeredProduct product) override {
    machine_.select();
    const std::size_t count = gradient_.size();
    const layered_batch::AddGradient<T> kernel{
        view_, blocks_.data(), static_cast<int>(blocks_.size()), count, product, gradient_.data(),
    };
    if (view_.samples > 0)
      machine_.launch_blocks(
          "add gradient", kernel,
          static_cast<unsigned>((count + layered_batch::threads - 1) / layered_batch::threads));
  }
  void read_gradient(std::span<double> gradient) const override {
    machine_.select();
    gradient_.download(gradient);
  }

 private:
  // Nothing is of no length, so that every pointer is one.
  template <class N, class Pointer>
  static void make(Array<N>& array, Pointer& view, std::size_t size) {
    array = Array<N>(std::max<std::size_t>(size, 1));
    view = array.data();
  }
  template <class N>
  static void upload(Array<N>& array, const std::vector<N>& values, const char* what) {
    WAVESMITH_VALIDATE(values.size() == array.size() || (values.empty() && array.size() == 1),
                       "a layered network has a wrong number of " + std::string(what));
    array.upload(values);
  }
  template <class Kernel>
  void launch(const char* name, const Kernel& kernel) {
    if (view_.samples > 0)
      machine_.launch_blocks(name, kernel, static_cast<unsigned>(view_.samples));
  }

  LayeredBatchSize size_;
  mutable Machine machine_;
  layered_batch::View<T> view_;
  Array<ComplexValue<double>> bare_;
  Array<T> drive_, coupling_;
  Array<Value> constant_, to_middle_;
  Array<double> input_, gradient_;
  Array<Value> resonance_, matrix_, pivot_row_, solved_, column_, weights_, seen_;
  Array<int> inverted_;
  Array<T> partial_, growth_;
  Array<layered_batch::CouplingBlock> blocks_;
};

}  // namespace wavesmith
