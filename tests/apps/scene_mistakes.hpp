// One mistake at a time in a scene that is otherwise in order: each must be told in one sentence
// that begins with its place in the file.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <regex>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace wavesmith::test {

// `from` in the scene becomes `to`; the message has every one of `parts`.
struct SceneMistake {
  std::string from, to;
  std::vector<std::string> parts;
  Status status = Status::bad_input;
};

// `name`: the scene's, with which messages begin. `read` reads a scene's text as a run would.
inline void check_mistakes(const std::string& whole, const std::string& name,
                           const std::vector<SceneMistake>& mistakes,
                           const std::function<void(const std::string& text)>& read) {
  for (const SceneMistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.from + " -> " + mistake.to);
    std::string text = whole;
    const std::size_t at = text.find(mistake.from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, mistake.from.size(), mistake.to);
    try {
      read(text);
      ADD_FAILURE() << "was read as if it were in order";
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(error.status(), mistake.status) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      ASSERT_TRUE(message.starts_with(name + ":")) << message;
      EXPECT_TRUE(std::regex_search(message.substr(name.size()), std::regex("^:\\d+:\\d+: ")))
          << message;
      for (const std::string& part : mistake.parts)
        EXPECT_NE(message.find(part), std::string::npos) << part << " is not in: " << message;
    }
  }
}

}  // namespace wavesmith::test
