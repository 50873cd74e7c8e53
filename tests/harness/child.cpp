#include "child.hpp"

#include "eventually.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nexus::blackbox {

namespace {

// What a developer's shell may hold must not reach the shop under test.
bool configures_the_shop(std::string_view variable) {
  for (const std::string_view start :
       {"NEXUS_", "DATABASE_URL=", "REDIS_URL=", "SMTP_URL=", "MAIL_FROM=", "CHAPA_", "ORDER_", "PG"})
    if (variable.starts_with(start))
      return true;
  return false;
}

std::vector<std::string> merged(const environment& own) {
  std::vector<std::string> out;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry(*at);
    if (!configures_the_shop(entry) && !own.contains(std::string(entry.substr(0, entry.find('=')))))
      out.emplace_back(entry);
  }
  for (const auto& [name, value] : own)
    out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& of) {
  std::vector<char*> out;
  for (std::string& each : of)
    out.push_back(each.data());
  out.push_back(nullptr);
  return out;
}

int open_for_writing(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0)
    throw std::runtime_error("cannot write " + file.string());
  return fd;
}

int exit_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

} // namespace

child::child(const command& c) {
  std::vector<std::string> arguments = c.arguments, variables = merged(c.variables);
  const auto argv = pointers(arguments), envp = pointers(variables);
  int input[2];
  if (::pipe2(input, O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  const int output = open_for_writing(c.output), errors = open_for_writing(c.errors);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) { // only async-signal-safe calls: the test has threads
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
      ::_exit(127);
    ::dup2(input[0], 0);
    ::dup2(output, 1);
    ::dup2(errors, 2);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  for (const int fd : {input[0], output, errors})
    ::close(fd);
  if (pid_ > 0 && !c.input.empty()) { // at most a password: the pipe holds it
    const ssize_t written = ::write(input[1], c.input.data(), c.input.size());
    (void)written;
  }
  ::close(input[1]);
  if (pid_ < 0)
    throw std::runtime_error("cannot fork");
}

child::~child() {
  if (poll())
    return;
  signal(SIGKILL);
  wait(std::chrono::minutes{1});
}

void child::signal(int number) const {
  if (!ended_)
    ::kill(pid_, number);
}

std::optional<int> child::poll() {
  int status = 0;
  if (!ended_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
    ended_ = exit_of(status);
  return ended_;
}

std::optional<int> child::wait(std::chrono::milliseconds at_most) {
  eventually([this] { return poll().has_value(); }, at_most);
  return ended_;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

} // namespace nexus::blackbox
