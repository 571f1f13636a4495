# What a person may choose, and the compiler flags that follow from it.

# A choice of AUTO (use it when it is found), ON (fail when it is not) or OFF.
function(wavesmith_choice name sentence)
  set(${name} AUTO CACHE STRING "${sentence} (AUTO, ON or OFF)")
  set_property(CACHE ${name} PROPERTY STRINGS AUTO ON OFF)
  if(NOT "${${name}}" MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "${name} = \"${${name}}\" is not a choice; use AUTO, ON or OFF.")
  endif()
endfunction()

wavesmith_choice(WAVESMITH_CUDA "Build the CUDA kernels")
wavesmith_choice(WAVESMITH_VTK "Build the writers of field files and pictures")
wavesmith_choice(WAVESMITH_FFTW "Link FFTW (GPL) for wavesmith bench to compare with")
wavesmith_choice(WAVESMITH_CURL "Build the downloads of `wavesmith fetch`")
option(WAVESMITH_NATIVE "Use every instruction of this machine (-march=native); OFF for binaries that travel" ON)
option(WAVESMITH_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(WAVESMITH_BENCH "Build the micro-benchmarks of bench/, where Google Benchmark is found" ${PROJECT_IS_TOP_LEVEL})
option(WAVESMITH_WERROR "Treat warnings as errors" OFF)
option(WAVESMITH_DEBUG "Check the bounds of every view and the assertions of our own code" OFF)
set(WAVESMITH_SANITIZE "" CACHE STRING "Sanitizers, as in \"address,undefined\"; empty for none")

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, RelWithDebInfo or Debug" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Sanitizers belong to the whole program, so every target has them.
if(WAVESMITH_SANITIZE)
  set(WAVESMITH_SANITIZE_FLAGS -fsanitize=${WAVESMITH_SANITIZE} -fno-sanitize-recover=all
                               -fno-omit-frame-pointer)
  add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:${WAVESMITH_SANITIZE_FLAGS}>")
  add_link_options(-fsanitize=${WAVESMITH_SANITIZE})
endif()

# Flags of our own sources. Never -ffast-math: results must repeat bit by bit and NaN must be seen.
# Contraction to fused multiply-add is named for both machines, since parity is tested between them.
function(wavesmith_compile_options target)
  set(host -Wall -Wextra -Wconversion -ffp-contract=fast)
  set(device --fmad=true -Xcompiler=-Wall,-Wextra)
  if(WAVESMITH_NATIVE)
    list(APPEND host -march=native)
  endif()
  # GCC 12 sees overlaps in std::string (GCC bug 105651) and unset values in its own AVX-512 headers
  # (GCC bug 105593) that are not there.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    list(APPEND host -Wno-restrict -Wno-maybe-uninitialized)
  endif()
  if(WAVESMITH_WERROR)
    list(APPEND host -Werror)
    list(APPEND device --Werror=all-warnings)
  endif()
  target_compile_options(
    ${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${host}>" "$<$<COMPILE_LANGUAGE:CUDA>:${device}>")
  target_compile_definitions(${target} PRIVATE WAVESMITH_VERSION="${PROJECT_VERSION}")
endfunction()
