// What is saved of a march, and whether it belongs to a setup.
//
// Bytes, in the order of the machine: a mark and a version, the precision, fingerprints of the
// grid, the media, the sources and the monitors, then step, engine,
// what the sources have put in, spectra of whole blocks with
// the records that wait for the end of theirs, and the records of the time monitors.
#include <bit>
#include <cstdint>
#include <cstring>

#include "core/error.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {
namespace {

constexpr std::uint64_t mark = 0x6574617453657657;  // "WveState"
constexpr std::uint64_t version = 1;

class StateWriter {
 public:
  template <class Number>
  void put(std::span<const Number> values) {
    put_count(values.size());
    const std::size_t at = bytes_.size();
    bytes_.resize(at + values.size_bytes());
    if (!values.empty()) std::memcpy(bytes_.data() + at, values.data(), values.size_bytes());
  }
  template <class Number>
  void put(const std::vector<Number>& values) {
    put(std::span<const Number>(values));
  }
  void put_count(std::uint64_t value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof value);
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

class StateReader {
 public:
  explicit StateReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t count() {
    std::uint64_t value = 0;
    copy(&value, sizeof value);
    return value;
  }
  template <class Number>
  std::vector<Number> numbers() {
    const std::uint64_t n = count();
    WAVESMITH_VALIDATE(n <= bytes_.size() / sizeof(Number), cut_short);
    std::vector<Number> values(n);
    copy(values.data(), n * sizeof(Number));
    return values;
  }
  bool done() const { return bytes_.empty(); }

 private:
  static constexpr const char* cut_short =
      "the saved state of the march is cut short; save it again, or start anew";
  void copy(void* to, std::size_t length) {
    WAVESMITH_VALIDATE(length <= bytes_.size(), cut_short);
    if (length > 0) std::memcpy(to, bytes_.data(), length);
    bytes_ = bytes_.subspan(length);
  }
  std::span<const std::byte> bytes_;
};

// Of numbers, one after the other; not meant against forgery.
class Fingerprint {
 public:
  void add(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15;
    hash_ ^= hash_ >> 29;
  }
  void add(int number) { add(static_cast<std::uint64_t>(number)); }
  void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
  void add(const std::vector<double>& numbers) {
    add(static_cast<std::uint64_t>(numbers.size()));
    for (const double number : numbers) add(number);
  }
  void add(const GridBox& box) {
    for (std::size_t d = 0; d < 3; ++d) {
      add(box.begin[d]);
      add(box.end[d]);
    }
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0x243F6A8885A308D3;
};

struct Fingerprints {
  static constexpr std::array<const char*, 4> names = {
      "another grid, boundary or time step", "other media", "other sources or initial fields",
      "other monitors"};
  std::array<std::uint64_t, 4> values{};
};

Fingerprints fingerprints(const TimeDomainSetup& setup) {
  Fingerprint grid, media, sources, monitors;
  grid.add(static_cast<int>(setup.system));
  grid.add(static_cast<int>(setup.nodes));
  for (std::size_t d = 0; d < 3; ++d) {
    grid.add(setup.grid.axes[d].edges);
    for (const Boundary face : setup.boundaries.faces[d]) grid.add(static_cast<int>(face));
  }
  const AbsorbingLayer& layer = setup.boundaries.layer;
  grid.add(layer.cells);
  for (const double number :
       {layer.order, layer.reflection, layer.max_stretch, layer.max_shift, setup.speed, setup.dt})
    grid.add(number);
  if (setup.paired)
    for (const double phase : setup.boundaries.bloch_phase) grid.add(phase);

  for (const auto& values : setup.coefficient) media.add(values);
  for (const auto& values : setup.decay) media.add(values);
  for (const auto& row : setup.off_diagonal) {
    std::vector<double> numbers;
    for (const OffDiagonal& entry : row)
      numbers.insert(numbers.end(),
                     {static_cast<double>(entry.point), entry.next, entry.after_next});
    media.add(numbers);
  }
  for (const NonlinearField& field : setup.nonlinear) {
    media.add(field.component);
    media.add(field.box);
    media.add(field.square);
    media.add(field.cube);
  }
  for (const PoleField& pole : setup.poles) {
    media.add(pole.component);
    media.add(pole.box);
    media.add(pole.relaxing ? 1 : 0);
    for (const auto* values : {&pole.a1, &pole.a2, &pole.a3, &pole.gain}) media.add(*values);
  }

  for (const auto& values : setup.initial) sources.add(values);
  for (const TimeSource& source : setup.sources) {
    sources.add(source.component);
    sources.add(source.box);
    sources.add(source.rank);
    sources.add(source.weights);
    for (int r = 0; r < source.rank; ++r)
      for (const double steps : {0.5, 7.5, 31.5, 101.5, 317.5, 1009.5, 3163.5, 10007.5})
        sources.add(source.signal(r, steps * setup.dt));
  }

  for (const SpectrumMonitor& monitor : setup.monitors) {
    monitors.add(monitor.component);
    monitors.add(monitor.box);
    monitors.add(monitor.frequencies);
    monitors.add(monitor.every);
  }
  for (const TimeMonitor& monitor : setup.time_monitors) {
    monitors.add(monitor.component);
    monitors.add(monitor.box);
    monitors.add(monitor.every);
    for (const int stride : monitor.stride) monitors.add(stride);
  }
  return {{grid.value(), media.value(), sources.value(), monitors.value()}};
}

}  // namespace

template <class T>
std::vector<std::byte> TimeDomain::MarchOf<T>::save_state() const {
  engine();  // or says that there is none
  StateWriter to;
  to.put_count(mark);
  to.put_count(version);
  to.put_count(sizeof(T));
  for (const std::uint64_t value : fingerprints(setup()).values) to.put_count(value);
  to.put_count(static_cast<std::uint64_t>(owner_.step_));
  std::vector<T> state(engine_->state_size());
  engine_->save_state(state);
  to.put(state);
  to.put(std::vector<double>{watchdog_.input()});
  const auto& spectra = whole_blocks_.empty() ? owner_.data_.spectra : whole_blocks_;
  for (std::size_t m = 0; m < spectra.size(); ++m) {
    to.put(spectra[m]);
    to.put(waiting_[m]);
  }
  for (std::size_t m = 0; m < owner_.data_.records.size(); ++m) {
    to.put_count(static_cast<std::uint64_t>(owner_.dropped_[m]));
    to.put(owner_.data_.records[m]);
  }
  return to.take();
}

template <class T>
void TimeDomain::MarchOf<T>::load_state(std::span<const std::byte> state) {
  StateReader from(state);
  const auto fits = [](bool as_expected) {
    WAVESMITH_VALIDATE(as_expected,
                       "the saved state of the march is damaged; save it again, or start anew");
  };
  WAVESMITH_VALIDATE(state.size() >= sizeof mark && from.count() == mark,
                     "this is not the saved state of a march in time");
  const std::uint64_t written = from.count();
  WAVESMITH_VALIDATE(written == version, "the state was saved in version " +
                                             std::to_string(written) +
                                             " of its format, this program reads version " +
                                             std::to_string(version) + "; start anew");
  const std::uint64_t number = from.count();
  WAVESMITH_VALIDATE(number == sizeof(T), std::string("the state was saved in ") +
                                              (number == sizeof(float) ? "single" : "double") +
                                              " precision; go on with that, or start anew");
  const Fingerprints expected = fingerprints(setup());
  for (std::size_t i = 0; i < expected.values.size(); ++i)
    WAVESMITH_VALIDATE(from.count() == expected.values[i],
                       std::string("the state was saved with ") + Fingerprints::names[i] +
                           "; go on with those, or start anew");
  const long step = static_cast<long>(from.count());
  const std::vector<T> fields = from.numbers<T>();
  const std::vector<double> input = from.numbers<double>();
  fits(input.size() == 1);
  std::vector<std::vector<Complex>> spectra;
  std::vector<std::vector<T>> waiting;
  for (const SpectrumMonitor& monitor : setup().monitors) {
    spectra.push_back(from.numbers<Complex>());
    waiting.push_back(from.numbers<T>());
    const long block = step / block_ * block_;
    const long records = records_before(step, monitor.every) - records_before(block, monitor.every);
    fits(step >= 0 && spectra.back().size() == monitor.frequencies.size() * monitor.box.count() &&
         waiting.back().size() == static_cast<std::size_t>(records) * monitor.box.count());
  }
  std::vector<std::vector<double>> records;
  std::vector<long> dropped;
  for (const TimeMonitor& monitor : setup().time_monitors) {
    dropped.push_back(static_cast<long>(from.count()));
    records.push_back(from.numbers<double>());
    const long kept = records_before(step, monitor.every) - dropped.back();
    fits(dropped.back() >= 0 && kept >= 0 &&
         records.back().size() == static_cast<std::size_t>(kept) * monitor.points());
  }
  fits(from.done());

  if (!marching_) restart();
  fits(fields.size() == engine_->state_size());
  restart();
  engine_->load_state(fields);
  owner_.step_ = watched_ = step;
  watchdog_.set_input(input[0]);
  owner_.data_ = {std::move(spectra), std::move(records)};
  owner_.dropped_ = std::move(dropped);
  waiting_ = std::move(waiting);
  show_unfinished_block();
}

template class TimeDomain::MarchOf<float>;
template class TimeDomain::MarchOf<double>;

}  // namespace wavesmith
