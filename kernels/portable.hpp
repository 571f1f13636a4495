// Marks functions that run on both machines, and loops to be unrolled whole.
#pragma once

#ifdef __CUDACC__
#define WAVESMITH_HD __host__ __device__ __forceinline__
#else
#define WAVESMITH_HD inline __attribute__((always_inline))
#endif

#if defined(__CUDA_ARCH__)
#define WAVESMITH_UNROLL _Pragma("unroll")
#elif defined(__CUDACC__)
#define WAVESMITH_UNROLL
#else
#define WAVESMITH_UNROLL _Pragma("GCC unroll 32")
#endif
