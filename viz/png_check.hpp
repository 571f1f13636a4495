// Whether bytes are a whole PNG file. The reader that decodes them ends the program where they are
// not, so that every byte is looked at before.
//
// W3C, Portable Network Graphics (PNG) Specification, third edition: a signature, then chunks of
// length, type, data and CRC-32; IHDR first, IEND last; the data of all IDAT together are one zlib
// stream of rows, each with a filter type from 0 to 4 before it.
#pragma once

#include <string>

namespace wavesmith {

// Throws InputError saying what is wrong; also for pictures of more than 16384 x 16384 pixels, of
// other than 8 bits a channel, or interlaced, which nobody draws geometry in.
void validate_png(const std::string& bytes);

}  // namespace wavesmith
