// A program run by a test: it dies with the test, and leaves what it said in two files.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace nexus::blackbox {

using environment = std::map<std::string, std::string>;

class child {
public:
  struct command {
    std::vector<std::string> arguments; // the first is the program's path
    environment variables;              // beside the test's own without what configures the program
    std::string input;                  // its standard input
    std::filesystem::path output, errors;
  };
  // Must be called on a thread that outlives it: Linux ends the child with the thread that made it.
  explicit child(const command& c);
  ~child(); // SIGKILL, and waits
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  void signal(int number) const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  // The exit code, or minus the signal that ended it; nullopt where it still runs.
  std::optional<int> poll();
  std::optional<int> wait(std::chrono::milliseconds at_most);

private:
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

std::string read_file(const std::filesystem::path& file); // empty where there is none

} // namespace nexus::blackbox
