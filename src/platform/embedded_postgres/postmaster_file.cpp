#include "platform/embedded_postgres/postmaster_file.hpp"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace nexus {
namespace {

namespace fs = std::filesystem;

template <class Number>
Number number(const std::string& text) {
  Number out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

struct process_state {
  std::string name;
  char state = '?'; // Z: ended, and nobody has asked how
};

// /proc/PID/stat: "1234 (postgres) S …"; the name may hold anything but no more than 15 bytes.
std::optional<process_state> state_of(pid_t pid) {
  std::string line;
  std::ifstream in(fs::path("/proc") / std::to_string(pid) / "stat");
  std::getline(in, line);
  const auto open = line.find('('), close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 2 >= line.size())
    return std::nullopt;
  return process_state{line.substr(open + 1, close - open - 1), line[close + 2]};
}

} // namespace

std::optional<postmaster_file> read_postmaster_file(const fs::path& data) {
  std::ifstream in(data / "postmaster.pid");
  std::vector<std::string> lines;
  for (std::string line; lines.size() < 8 && std::getline(in, line);)
    lines.push_back(line);
  lines.resize(8);
  postmaster_file out{.pid = number<pid_t>(lines[0]), .port = number<int>(lines[3]), .sockets = lines[4]};
  out.status = lines[7].substr(0, lines[7].find(' '));
  if (out.pid <= 0)
    return std::nullopt;
  return out;
}

bool is_postmaster_of(pid_t pid, const fs::path& data) {
  if (::kill(pid, 0) != 0 && errno == ESRCH)
    return false;
  if (const auto process = state_of(pid); process && (process->name != "postgres" || process->state == 'Z'))
    return false;
  std::error_code error; // a postmaster stands in its data directory; not everyone may look
  const auto stands_in = fs::read_symlink(fs::path("/proc") / std::to_string(pid) / "cwd", error);
  if (error)
    return true;
  return stands_in == fs::canonical(data, error);
}

void disown_postmaster_file(const fs::path& data) {
  const auto file = data / "postmaster.pid", rewritten = data / "postmaster.pid.nexus";
  std::ifstream in(file);
  std::string rest;
  std::getline(in, rest);
  rest.assign(std::istreambuf_iterator<char>(in), {});
  std::ofstream(rewritten, std::ios::trunc) << ::getpid() << '\n' << rest;
  fs::permissions(rewritten, fs::perms(0644)); // PostgreSQL's user must read what root has written
  fs::rename(rewritten, file);
}

} // namespace nexus
