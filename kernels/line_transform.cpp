#include "kernels/line_transform.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace wavesmith {
namespace {

constexpr int radices[] = {16, 25, 20, 15, 12, 10, 9, 8, 6, 5, 4, 3, 2};

// The shortest list of radices whose product is n: passes over memory cost more than arithmetic. Of
// equally long ones the first found. Empty when n has other prime factors.
std::vector<int> shortest_factors(int n, int largest) {
  std::vector<int> best;
  for (const int radix : radices) {
    if (radix > largest || n % radix != 0) continue;
    if (n == radix) return {radix};
    std::vector<int> rest = shortest_factors(n / radix, largest);
    if (rest.empty() || (!best.empty() && rest.size() + 1 >= best.size())) continue;
    rest.insert(rest.begin(), radix);
    best = rest;
  }
  return best;
}

struct Factors {
  std::vector<int> written_out, generic;
};

Factors factorise(int n, int largest) {
  Factors factors;
  int rest = n;
  int smooth = 1;
  for (const int prime : {2, 3, 5})
    while (rest % prime == 0) {
      rest /= prime;
      smooth *= prime;
    }
  if (smooth > 1) factors.written_out = shortest_factors(smooth, largest);
  for (int prime = 7; rest > 1; prime += 2) {
    if (prime * prime > rest) prime = rest;
    while (rest % prime == 0) {
      factors.generic.push_back(prime);
      rest /= prime;
    }
  }
  return factors;
}

template <class T>
void append_turn(std::vector<T>& values, long long k, long long n) {
  const long double angle = 2.0L * std::numbers::pi_v<long double> *
                            static_cast<long double>(k % n) / static_cast<long double>(n);
  values.push_back(static_cast<T>(std::cos(angle)));
  values.push_back(static_cast<T>(-std::sin(angle)));
}

}  // namespace

template <class T>
LinePlan<T> make_line_plan(int n, int largest_radix) {
  const Factors factors = factorise(n, largest_radix);
  std::vector<int> order = factors.written_out;
  // Generic radices have no fused loads and stores: they stand between two others.
  if (order.size() < 2) order.insert(order.end(), 2 - order.size(), 1);
  order.insert(order.begin() + 1, factors.generic.begin(), factors.generic.end());

  LinePlan<T> plan;
  plan.n = n;
  int length = n, stride = 1;
  for (const int radix : order) {
    LineStage stage;
    stage.radix = radix;
    stage.m = length / radix;
    stage.stride = stride;
    stage.twiddle_offset = static_cast<int>(plan.twiddle.size() / 2);
    for (int p = 0; p < stage.m; ++p)
      for (int k = 1; k < radix; ++k)
        append_turn(plan.twiddle, static_cast<long long>(p) * k, length);
    const auto& generic = factors.generic;
    if (std::find(generic.begin(), generic.end(), radix) != generic.end()) {
      stage.roots_offset = static_cast<int>(plan.roots.size() / 2);
      for (int k = 0; k < radix; ++k) append_turn(plan.roots, k, radix);
    }
    plan.stages.push_back(stage);
    length = stage.m;
    stride *= radix;
  }
  return plan;
}

template LinePlan<float> make_line_plan<float>(int, int);
template LinePlan<double> make_line_plan<double>(int, int);

}  // namespace wavesmith
