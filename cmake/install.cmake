# Installs the program and its scenes, the libraries, the headers (their folders kept, under
# include/wavesmith) and a CMake package, so that another project can say find_package(wavesmith).
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/wavesmith")
if(TARGET wavesmith)
  install(TARGETS wavesmith RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/scenes"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/wavesmith"
  FILES_MATCHING
  PATTERN "*.toml"
  PATTERN "*.csv")
install(
  TARGETS ${WAVESMITH_LIBRARIES} wavesmith_all
  EXPORT wavesmith-targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(
  EXPORT wavesmith-targets
  NAMESPACE wavesmith::
  DESTINATION "${package_folder}")

foreach(folder core kernels physics solvers training viz)
  install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}"
    DESTINATION "${WAVESMITH_INCLUDE_FOLDER}"
    FILES_MATCHING
    PATTERN "*.hpp")
endforeach()

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/wavesmith-config.cmake.in"
  "${PROJECT_BINARY_DIR}/wavesmith-config.cmake"
  INSTALL_DESTINATION "${package_folder}")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/wavesmith-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/wavesmith-config.cmake"
              "${PROJECT_BINARY_DIR}/wavesmith-config-version.cmake"
        DESTINATION "${package_folder}")
