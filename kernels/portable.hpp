// Marks functions that run on both machines.
#pragma once

#ifdef __CUDACC__
#define WAVESMITH_HD __host__ __device__ __forceinline__
#else
#define WAVESMITH_HD inline __attribute__((always_inline))
#endif
