// How much memory there is, and refusing what would not fit before anything is allocated.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace wavesmith {

// The product, or the largest 64-bit number where it does not fit.
std::uint64_t multiply_sizes(std::initializer_list<std::uint64_t> factors);
std::uint64_t add_sizes(std::initializer_list<std::uint64_t> terms);

// "512 B", "3.25 MiB", "more than 16 EiB" for what multiply_sizes could not represent.
std::string format_bytes(std::uint64_t bytes);

// What this process may still take [bytes]: the least of the machine's available memory, the limits
// of its control groups (versions 1 and 2) and its own address space limit. `root` is put before
// /proc and /sys, for tests.
std::uint64_t available_memory(const std::string& root = "");

// Throws UnavailableError `<what> needs about 32 GiB of memory, but 3.1 GiB are available here;
// ...` where the bytes do not fit. `what` begins the sentence: "the stack of 5 layers of 200 x
// 200".
void require_memory(std::uint64_t bytes, std::string_view what);

// The most memory that this process has held so far [bytes].
double peak_memory();

}  // namespace wavesmith
