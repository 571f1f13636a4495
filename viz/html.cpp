#include "viz/html.hpp"

#include <cctype>
#include <cstdint>

namespace wavesmith {

std::string escape_html(const std::string& text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        const bool forbidden = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
        out += forbidden ? '?' : c;
      }
    }
  }
  return out;
}

std::string html_with_exponents(const std::string& text) {
  const std::string safe = escape_html(text);
  std::string out;
  for (std::size_t i = 0; i < safe.size(); ++i) {
    std::size_t end = i + 1;
    if (safe[i] == '^' && end < safe.size() && (safe[end] == '-' || safe[end] == '+')) ++end;
    const std::size_t digits = end;
    while (end < safe.size() && std::isdigit(static_cast<unsigned char>(safe[end]))) ++end;
    if (safe[i] == '^' && end > digits) {
      out += "<sup>" + safe.substr(i + 1, end - i - 1) + "</sup>";
      i = end - 1;
    } else {
      out += safe[i];
    }
  }
  return out;
}

std::string base64(const std::string& bytes) {
  static constexpr char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  const auto byte = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) : 0u;
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    out += i + 1 < bytes.size() ? alphabet[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? alphabet[group & 63] : '=';
  }
  return out;
}

}  // namespace wavesmith
