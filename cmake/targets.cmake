# How a folder becomes a library, and apps/ the program.

set(WAVESMITH_LIBRARIES "") # the libraries made so far

# wavesmith_library(folder PUBLIC targets... PRIVATE targets...)
# Makes wavesmith_<folder> of <folder>/*.cpp, without vtk_*.cpp where VTK is off, and of *.cu where
# CUDA is on. A folder that holds only headers becomes an interface library.
macro(wavesmith_library folder)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE" ${ARGN})
  set(library wavesmith_${folder})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  if(WAVESMITH_HAS_CUDA)
    file(GLOB device_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cu")
    list(APPEND sources ${device_sources})
    list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/${folder}/no_cuda.cpp")
  endif()
  if(NOT WAVESMITH_HAS_VTK)
    list(FILTER sources EXCLUDE REGEX "/vtk_[^/]*$")
  endif()

  if(sources)
    set(scope PUBLIC)
    add_library(${library} STATIC ${sources})
    wavesmith_compile_options(${library})
    target_link_libraries(
      ${library} PRIVATE fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json ZLIB::ZLIB
                         ${ARG_PRIVATE})
  else()
    set(scope INTERFACE)
    add_library(${library} INTERFACE)
  endif()
  target_link_libraries(${library} ${scope} ${ARG_PUBLIC})
  target_compile_features(${library} ${scope} cxx_std_20)
  target_include_directories(
    ${library} ${scope} "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
                        "$<INSTALL_INTERFACE:${WAVESMITH_INCLUDE_FOLDER}>")
  target_compile_definitions(
    ${library} ${scope} $<$<BOOL:${WAVESMITH_DEBUG}>:WAVESMITH_DEBUG>
               $<$<BOOL:${WAVESMITH_HAS_CUDA}>:WAVESMITH_HAS_CUDA>)
  if(sources)
    target_compile_definitions(${library} PRIVATE $<$<BOOL:${WAVESMITH_HAS_CURL}>:WAVESMITH_HAS_CURL>)
  endif()
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${folder})
  add_library(wavesmith::${folder} ALIAS ${library})
  list(APPEND WAVESMITH_LIBRARIES ${library})
endmacro()

# The command line tool. All of apps/ but main.cpp is a library of its own, so that tests reach it.
function(wavesmith_program)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/apps/*.cpp")
  if(NOT sources)
    return()
  endif()
  set(main "${PROJECT_SOURCE_DIR}/apps/main.cpp")
  list(REMOVE_ITEM sources "${main}")

  if(sources)
    add_library(wavesmith_apps STATIC ${sources})
    set(scope PUBLIC)
    wavesmith_compile_options(wavesmith_apps)
    target_compile_definitions(
      wavesmith_apps PRIVATE $<$<BOOL:${WAVESMITH_HAS_CURL}>:WAVESMITH_HAS_CURL>
                             $<$<BOOL:${WAVESMITH_FFTW_LIBRARIES}>:WAVESMITH_HAS_FFTW>)
    target_link_libraries(wavesmith_apps PRIVATE ${WAVESMITH_FFTW_LIBRARIES})
  else()
    add_library(wavesmith_apps INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(wavesmith_apps ${scope} "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(wavesmith_apps ${scope} $<$<BOOL:${WAVESMITH_HAS_VTK}>:WAVESMITH_HAS_VTK>)
  target_link_libraries(
    wavesmith_apps ${scope} wavesmith_all CLI11::CLI11 fmt::fmt spdlog::spdlog
                   nlohmann_json::nlohmann_json ZLIB::ZLIB ${WAVESMITH_CURL_TARGET})

  if(EXISTS "${main}")
    add_executable(wavesmith "${main}")
    wavesmith_compile_options(wavesmith)
    target_link_libraries(wavesmith PRIVATE wavesmith_apps)
    set_target_properties(wavesmith PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  endif()
endfunction()
