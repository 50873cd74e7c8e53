// Programs as children: no shell, none of our descriptors, signal mask or secrets in the environment, and,
// where we are root, another user's rights.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace nexus {

// Whose rights a child has.
struct identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::string name;
};

// From the user database; nullopt where there is no such user. Throws std::system_error if it cannot be read.
std::optional<identity> find_identity(const std::string& user);
std::optional<identity> find_identity(uid_t uid);

// Whether that identity may pass through the directory and all above it.
bool can_enter(const identity& who, const std::filesystem::path& directory);

struct command {
  std::filesystem::path program; // absolute
  std::vector<std::string> arguments;
  std::optional<identity> run_as = {}; // only root may
  std::filesystem::path directory = "/";
  std::vector<std::string> environment = {}; // "NAME=value", besides PATH, TZ and the like of our own
};

// Not the wait status but what a shell calls $?: the exit code, or 128 + signal.
using exit_code = int;

// A child in a session of its own: the terminal's Ctrl-C does not reach it. It gets `at_our_death` when the
// thread that made it ends, however that happens. The destructor waits for nothing: the child is left to
// itself.
class process {
public:
  // Standard output and error go to the descriptor. Throws std::system_error, with the program's name, if the
  // program cannot be run.
  process(const command& c, int output, int at_our_death);
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::optional<exit_code> ended(); // without waiting
  [[nodiscard]] std::optional<exit_code> wait(std::chrono::milliseconds at_most);
  void signal(int number); // nothing, once ended() has said so

private:
  pid_t pid_ = -1;
  std::optional<exit_code> code_;
};

struct outcome {
  exit_code code = 0;
  std::string output; // standard output and error, at most 64 KiB: the last
};

// Runs it to its end; killed at the deadline (code 137) and when our thread ends.
outcome run_to_end(const command& c, std::chrono::milliseconds at_most);

} // namespace nexus
