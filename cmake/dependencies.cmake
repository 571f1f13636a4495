# Finds the libraries. All of them are packages of a distribution (scripts/setup installs them).

set(WAVESMITH_SETUP_HINT "scripts/setup installs it on Debian and Ubuntu")

# find_package for what cannot be left out, with a message that says what to do.
macro(wavesmith_require name)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "${name} was not found; ${WAVESMITH_SETUP_HINT}.")
  endif()
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
# toml++ is compiled into the one source that reads scenes, with its assertions made errors, so only
# its headers are used.
wavesmith_require(tomlplusplus)
get_target_property(WAVESMITH_TOML_HEADERS tomlplusplus::tomlplusplus INTERFACE_INCLUDE_DIRECTORIES)
wavesmith_require(fmt)
wavesmith_require(spdlog)
wavesmith_require(nlohmann_json)
wavesmith_require(ZLIB)
wavesmith_require(Eigen3)
find_path(WAVESMITH_SPECTRA_HEADERS Spectra/GenEigsRealShiftSolver.h)
if(NOT WAVESMITH_SPECTRA_HEADERS)
  message(FATAL_ERROR "Spectra was not found; ${WAVESMITH_SETUP_HINT}.")
endif()
wavesmith_require(CLI11)

find_package(OpenMP QUIET COMPONENTS CXX)
set(WAVESMITH_OPENMP_TARGET "")
if(OpenMP_CXX_FOUND)
  set(WAVESMITH_OPENMP_TARGET OpenMP::OpenMP_CXX)
endif()

set(WAVESMITH_HAS_CURL OFF)
set(WAVESMITH_CURL_TARGET "")
if(NOT WAVESMITH_CURL STREQUAL "OFF")
  find_package(CURL QUIET)
  if(CURL_FOUND)
    set(WAVESMITH_HAS_CURL ON)
    set(WAVESMITH_CURL_TARGET CURL::libcurl)
  elseif(WAVESMITH_CURL STREQUAL "ON")
    message(FATAL_ERROR "WAVESMITH_CURL = ON, but libcurl was not found; ${WAVESMITH_SETUP_HINT}.")
  endif()
endif()

# The components must be listed: asking for all of VTK wants Qt and OpenGL.
set(WAVESMITH_HAS_VTK OFF)
set(WAVESMITH_VTK_COMPONENTS
    CommonCore CommonDataModel CommonExecutionModel IOXML IOImage IOGeometry ImagingCore ImagingColor
    FiltersGeneral FiltersGeometry RenderingCore RenderingFreeType)
if(NOT WAVESMITH_VTK STREQUAL "OFF")
  find_package(VTK 9.1 QUIET COMPONENTS ${WAVESMITH_VTK_COMPONENTS})
  if(VTK_FOUND)
    set(WAVESMITH_HAS_VTK ON)
  elseif(WAVESMITH_VTK STREQUAL "ON")
    message(FATAL_ERROR "WAVESMITH_VTK = ON, but VTK 9.1 or newer was not found; "
                        "${WAVESMITH_SETUP_HINT}, or set WAVESMITH_VTK = OFF.")
  endif()
endif()

# FFTW is what `wavesmith bench` measures against, and a reference in tests; nothing computes with it.
# It is GPL: binaries that are passed on with it linked are under the GPL. Debian ships no CMake
# package of it, hence pkg-config.
set(WAVESMITH_FFTW_LIBRARIES "")
if(NOT WAVESMITH_FFTW STREQUAL "OFF")
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(FFTW QUIET IMPORTED_TARGET fftw3 fftw3f)
  endif()
  if(FFTW_FOUND)
    set(WAVESMITH_FFTW_LIBRARIES PkgConfig::FFTW)
  elseif(WAVESMITH_FFTW STREQUAL "ON")
    message(FATAL_ERROR "WAVESMITH_FFTW = ON, but FFTW 3 was not found by pkg-config; "
                        "${WAVESMITH_SETUP_HINT}, or set WAVESMITH_FFTW = OFF.")
  endif()
endif()
if(WAVESMITH_TESTS)
  wavesmith_require(GTest)
  find_package(rapidcheck QUIET)
endif()
if(WAVESMITH_BENCH)
  find_package(benchmark QUIET)
endif()
