// The surfaces of solids in a map of materials, for viewers and printers.
//
// Map       A frame whose array holds at each point the number of the material around it: 0, 1, ...
//           Points are centres of voxels; outside the frame is nothing (0).
// Surface   Marching cubes on labels (W. Lorensen and H. Cline, Computer Graphics 21, 163, 1987) by
//           flying edges (W. Schroeder et al., IEEE LDAV 2015): half way between points of
//           different material, corners cut at 45 degrees. Every solid is closed, and flat faces
//           lie exactly where the voxels meet.
#pragma once

#include <filesystem>
#include <string>

#include "core/frame.hpp"
#include "viz/field_files.hpp"
#include "viz/stl.hpp"

namespace wavesmith {

// The closed surface of one material [mm], for write_stl; without triangles where there is none of
// it. Throws InputError where the map has no such array, or one of other than whole numbers.
Mesh solid_surface(const Frame& map, const std::string& array, int material);

// The surfaces of all materials from 1 on as VTK polygons (.vtp) in metres, with the material's
// number at each vertex ("material"). Throws InputError for more than 1000 materials.
void write_vtp(const Frame& map, const std::string& array, const std::filesystem::path& path,
               Compression compression = Compression::none);

}  // namespace wavesmith
