// Text made safe for HTML and SVG.
#pragma once

#include <string>

namespace wavesmith {

// `text` with markup characters replaced, safe in content and in quoted attributes. Control
// characters other than tab and newline, which HTML forbids, become '?'.
std::string escape_html(const std::string& text);

// As escape_html, with "^-3" set as a superscript.
std::string html_with_exponents(const std::string& text);

// Bytes as base64 (RFC 4648, section 4).
std::string base64(const std::string& bytes);

}  // namespace wavesmith
