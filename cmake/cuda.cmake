# Finds CUDA. Sets WAVESMITH_HAS_CUDA and WAVESMITH_CUDA_LIBRARIES.

set(WAVESMITH_HAS_CUDA OFF)
set(WAVESMITH_CUDA_LIBRARIES "")
if(WAVESMITH_CUDA STREQUAL "OFF")
  return()
endif()

# The toolkit's usual folder is often not on the PATH.
if(NOT DEFINED CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  find_program(WAVESMITH_NVCC nvcc HINTS "$ENV{CUDA_HOME}/bin" /usr/local/cuda/bin)
  mark_as_advanced(WAVESMITH_NVCC)
  if(WAVESMITH_NVCC)
    set(ENV{CUDACXX} "${WAVESMITH_NVCC}")
  endif()
endif()
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES "80;90" CACHE STRING "GPU architectures to compile for")
endif()

include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  if(WAVESMITH_CUDA STREQUAL "ON")
    message(FATAL_ERROR "WAVESMITH_CUDA = ON, but no CUDA compiler was found. Install the CUDA "
                        "Toolkit 12.4 or newer, set CUDACXX to its nvcc, or set WAVESMITH_CUDA = OFF.")
  endif()
  return()
endif()

enable_language(CUDA)
if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12.4)
  if(WAVESMITH_CUDA STREQUAL "ON")
    message(FATAL_ERROR "CUDA ${CMAKE_CUDA_COMPILER_VERSION} is too old (C++20 device code needs 12.4 "
                        "or newer); set CUDACXX to a newer nvcc, or set WAVESMITH_CUDA = OFF.")
  endif()
  return()
endif()

# CMake 3.25.1 does not know the C++20 dialect of nvcc, though nvcc has had it since 12.0.
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
endif()
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)

# The run time is linked by name, so that a consumer that does not enable CUDA can link us too.
find_package(CUDAToolkit REQUIRED)
set(CMAKE_CUDA_RUNTIME_LIBRARY None)
set(WAVESMITH_CUDA_LIBRARIES CUDA::cudart_static)
set(WAVESMITH_HAS_CUDA ON)
