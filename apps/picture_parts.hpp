// Pieces that several pictures of a run are made of.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/outputs.hpp"
#include "viz/pictures.hpp"

namespace wavesmith {

// Values on a plane, axes included.
Picture picture_over(const Plane& plane, std::vector<float> values, const std::string& title);
Picture intensity_picture(const PlaneRecord& record, std::size_t wavelength,
                          const std::string& title);
// With the detectors' outlines.
Picture detector_picture(const PlaneRecord& record, const DiffractiveProblem& problem,
                         std::size_t wavelength);

// Turns y downward: data sets print their images that way.
void turn_upright(Picture& picture);

// "detector, 532 nm" where there are several wavelengths, else the title.
std::string at_wavelength(const std::string& title, const DiffractiveProblem& problem,
                          std::size_t wavelength);

// An intensity on the detector plane drawn with `fine` by `fine` points a sample, with lines that
// are not a number about the samples that each detector region reads, if only in part.
std::vector<float> with_region_outlines(const Detector& detector, std::span<const double> intensity,
                                        int fine);

}  // namespace wavesmith
