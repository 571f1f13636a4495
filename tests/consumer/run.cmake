# Installs the build BUILD into an empty prefix, then configures, builds and runs the project SOURCE
# against it. Any failing step fails the test. The installed program finds the installed scenes.
# docs/time_domain.md shows a part of time_domain.cpp as it is.
set(work "${BUILD}/consumer")
file(REMOVE_RECURSE "${work}")

function(step)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

string(REPLACE "|" ";" prefixes "${PREFIX_PATH}")
list(PREPEND prefixes "${work}/prefix")
string(REPLACE ";" "\\;" prefixes "${prefixes}")

step("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${work}/prefix")
step("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${work}/build" -G "${GENERATOR}"
     "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
     "-DCMAKE_PREFIX_PATH=${prefixes}")
step("${CMAKE_COMMAND}" --build "${work}/build")
step("${work}/build/consumer")
step("${work}/build/time_domain")

file(READ "${SOURCE}/time_domain.cpp" program)
file(READ "${SOURCE}/../../docs/time_domain.md" page)
string(REGEX MATCH "```cpp\n([^`]*)```" block "${page}")
set(block "${CMAKE_MATCH_1}")
string(FIND "${program}" "${block}" place)
if(block STREQUAL "" OR place EQUAL -1)
  message(FATAL_ERROR "the program in docs/time_domain.md is not a part of time_domain.cpp")
endif()

if(EXISTS "${work}/prefix/bin/wavesmith")
  execute_process(
    COMMAND "${work}/prefix/bin/wavesmith" list scenes
    WORKING_DIRECTORY "${work}/build"
    OUTPUT_VARIABLE scenes COMMAND_ERROR_IS_FATAL ANY)
  if(NOT scenes MATCHES "05_lens_focus +Focus of an")
    message(FATAL_ERROR "the installed program does not list the installed scenes:\n${scenes}")
  endif()
endif()
