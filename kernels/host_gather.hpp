// Weighted sums of single points of the fields, row by row: what stencils that not every point has
// are made of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace wavesmith::host {

// One term: of the sum that goes to number `target`, visited with row `line`.
struct GatherTerm {
  std::size_t line = 0, target = 0, source = 0;  // source: place in memory
  double weight = 0.0;
};

template <class T>
class Gather {
 public:
  Gather() = default;
  // Terms in any order; those of the same source are added up.
  Gather(std::vector<GatherTerm> terms, std::size_t lines) {
    const auto key = [](const GatherTerm& t) { return std::tie(t.line, t.target, t.source); };
    std::sort(terms.begin(), terms.end(),
              [&](const GatherTerm& a, const GatherTerm& b) { return key(a) < key(b); });
    sums_of_line_.assign(lines + 1, 0);
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const bool same_sum =
          t > 0 && terms[t].line == terms[t - 1].line && terms[t].target == terms[t - 1].target;
      if (!same_sum) {
        ++sums_of_line_[terms[t].line + 1];
        targets_.push_back(terms[t].target);
        begin_.push_back(sources_.size());
      }
      if (same_sum && terms[t].source == terms[t - 1].source) {
        weights_.back() += static_cast<T>(terms[t].weight);
        continue;
      }
      sources_.push_back(terms[t].source);
      weights_.push_back(static_cast<T>(terms[t].weight));
    }
    begin_.push_back(sources_.size());
    for (std::size_t line = 0; line < lines; ++line) sums_of_line_[line + 1] += sums_of_line_[line];
  }

  bool empty() const { return targets_.empty(); }

  // put(target, sum) for every sum of a row.
  template <class Put>
  void apply(std::size_t line, const T* fields, const Put& put) const {
    if (empty()) return;
    for (std::size_t s = sums_of_line_[line]; s < sums_of_line_[line + 1]; ++s) {
      T sum = T(0);
      for (std::size_t t = begin_[s]; t < begin_[s + 1]; ++t)
        sum += weights_[t] * fields[sources_[t]];
      put(targets_[s], sum);
    }
  }

  std::size_t bytes() const {
    return (sums_of_line_.size() + targets_.size() + begin_.size() + sources_.size()) *
               sizeof(std::size_t) +
           weights_.size() * sizeof(T);
  }

 private:
  std::vector<std::size_t> sums_of_line_, targets_, begin_, sources_;
  std::vector<T> weights_;
};

}  // namespace wavesmith::host
