#include "platform/embedded_postgres/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace nexus {
namespace {

using steady = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what, int error = errno) {
  throw std::system_error(error, std::generic_category(), what);
}

class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { close(); }
  void close() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const { return fd_; }

private:
  int fd_;
};

// Above 2, so that the dup2 calls in the child never meet their own source.
descriptor above_standard(int fd, const char* what) {
  descriptor out(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (out.get() < 0)
    fail(what);
  return out;
}

struct pipe_ends {
  descriptor reading, writing;
};

pipe_ends make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0)
    fail("pipe");
  const descriptor first(fds[0]), second(fds[1]);
  return {above_standard(fds[0], "pipe"), above_standard(fds[1], "pipe")};
}

// All signals, in this thread, for as long as this lives: no handler of ours may run in the child.
class signals_blocked {
public:
  signals_blocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
  sigset_t before_{};
};

// ---- Between fork and exec: only what is async-signal-safe, for another thread may hold any lock. ----

// Everything the child needs, laid out before the fork.
struct launch {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* directory;
  const identity* run_as; // or nullptr
  int input, output, report;
  int at_our_death;
  pid_t parent;
};

// The system calls themselves: libc's wrappers would first tell the other threads, which are not here.
bool take_identity(const identity& who) {
  return ::syscall(SYS_setgroups, who.groups.size(), who.groups.data()) == 0 &&
         ::syscall(SYS_setresgid, who.gid, who.gid, who.gid) == 0 &&
         ::syscall(SYS_setresuid, who.uid, who.uid, who.uid) == 0;
}

void reset_signals() {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number)
    ::sigaction(number, &standard,
                nullptr); // an ignored signal would stay ignored; KILL and STOP refuse: fine
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void keep_only_standard_descriptors() {
  if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
    return;
  for (int fd = 3; fd < 1024; ++fd) // a kernel before 5.11
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void become(const launch& l) {
  ::setsid();
  ::umask(077);
  bool ready = ::dup2(l.input, 0) == 0 && ::dup2(l.output, 1) == 1 && ::dup2(l.output, 2) == 2 &&
               (!l.run_as || take_identity(*l.run_as)) && ::chdir(l.directory) == 0;
  keep_only_standard_descriptors();
  // After the change of user, which clears it.
  ready = ready && ::prctl(PR_SET_PDEATHSIG, l.at_our_death) == 0;
  if (ready && ::getppid() != l.parent)
    ::_exit(127); // our maker ended before it could be said that we should end with it
  if (ready) {
    reset_signals();
    ::execve(l.program, l.arguments, l.environment);
  }
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(l.report, &error, sizeof error);
  ::_exit(127);
}

// ---- And again ordinary code. ----

// What a program needs to run at all. Not the whole: there are passwords in it, PG… variables that would turn
// tools elsewhere, and systemd's NOTIFY_SOCKET, on which PostgreSQL would report itself ready in our name.
std::vector<std::string> environment_of(const command& c) {
  std::vector<std::string> out;
  for (const char* name : {"PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH"})
    if (const char* value = std::getenv(name))
      out.push_back(std::string(name) + "=" + value);
  out.emplace_back("LC_ALL=C.UTF-8"); // messages in one language, whoever started us
  out.insert(out.end(), c.environment.begin(), c.environment.end());
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

exit_code code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

std::optional<identity> identity_of(const passwd* entry) {
  if (!entry)
    return std::nullopt;
  identity who{entry->pw_uid, entry->pw_gid, {}, entry->pw_name};
  int count = 32;
  who.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(entry->pw_name, entry->pw_gid, who.groups.data(), &count) < 0) {
    who.groups.resize(static_cast<std::size_t>(count));
    ::getgrouplist(entry->pw_name, entry->pw_gid, who.groups.data(), &count);
  }
  who.groups.resize(static_cast<std::size_t>(count));
  return who;
}

template <class Look>
std::optional<identity> look_up(Look look) {
  std::vector<char> room(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  while (const int error = look(&entry, room.data(), room.size(), &found)) {
    if (error != ERANGE)
      fail("reading the user database", error);
    room.resize(room.size() * 2);
  }
  return identity_of(found);
}

} // namespace

std::optional<identity> find_identity(const std::string& user) {
  return look_up([&](passwd* entry, char* room, std::size_t size, passwd** found) {
    return ::getpwnam_r(user.c_str(), entry, room, size, found);
  });
}

std::optional<identity> find_identity(uid_t uid) {
  return look_up([&](passwd* entry, char* room, std::size_t size, passwd** found) {
    return ::getpwuid_r(uid, entry, room, size, found);
  });
}

bool can_enter(const identity& who, const std::filesystem::path& directory) {
  if (who.uid == ::geteuid())
    return ::access(directory.c_str(), X_OK) == 0;
  const signals_blocked
      quiet; // asked by one who has these rights: the kernel knows ACLs and mounts, we do not
  const pid_t child = ::fork();
  if (child < 0)
    fail("fork");
  if (child == 0)
    ::_exit(take_identity(who) && ::access(directory.c_str(), X_OK) == 0 ? 0 : 1);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      fail("waitpid");
  return code_of(status) == 0;
}

process::process(const command& c, int output, int at_our_death) {
  std::vector<std::string> arguments{c.program.string()};
  arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
  auto environment = environment_of(c);
  const auto argument_pointers = pointers(arguments);
  const auto environment_pointers = pointers(environment);
  const descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (null.get() < 0)
    fail("/dev/null");
  const descriptor in = above_standard(null.get(), "/dev/null");
  const descriptor out = above_standard(output, "output");
  auto report = make_pipe();
  const launch plan{c.program.c_str(),
                    argument_pointers.data(),
                    environment_pointers.data(),
                    c.directory.c_str(),
                    c.run_as && c.run_as->uid != ::geteuid() ? &*c.run_as : nullptr,
                    in.get(),
                    out.get(),
                    report.writing.get(),
                    at_our_death,
                    ::getpid()};
  {
    const signals_blocked quiet;
    pid_ = ::fork();
    if (pid_ == 0)
      become(plan);
  }
  if (pid_ < 0)
    fail("fork");
  report.writing.close();
  int error = 0; // exec closes the pipe: nothing to read is success
  ssize_t got = 0;
  while ((got = ::read(report.reading.get(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (got == sizeof error) {
    (void)wait(std::chrono::seconds(5));
    fail("cannot run " + c.program.string(), error);
  }
}

std::optional<exit_code> process::ended() {
  if (code_)
    return code_;
  int status = 0;
  const pid_t got = ::waitpid(pid_, &status, WNOHANG);
  if (got == pid_)
    code_ = code_of(status);
  else if (got < 0 && errno == ECHILD)
    code_ = 0; // reaped behind our back, where SIGCHLD is ignored
  return code_;
}

std::optional<exit_code> process::wait(std::chrono::milliseconds at_most) {
  const auto deadline = steady::now() + at_most;
  while (!ended() && steady::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return code_;
}

void process::signal(int number) {
  if (!ended())
    ::kill(pid_, number);
}

outcome run_to_end(const command& c, std::chrono::milliseconds at_most) {
  constexpr std::size_t keep = 64 * 1024;
  const auto deadline = steady::now() + at_most;
  auto output = make_pipe();
  process child(c, output.writing.get(), SIGKILL);
  output.writing.close();
  outcome out;
  for (char block[4096];;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now()).count();
    pollfd waiting{output.reading.get(), POLLIN, 0};
    const int ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR)
      continue;
    const ssize_t got = ready > 0 ? ::read(output.reading.get(), block, sizeof block) : -1;
    if (got <= 0)
      break;
    out.output.append(block, static_cast<std::size_t>(got));
    if (out.output.size() > 2 * keep)
      out.output.erase(0, out.output.size() - keep);
  }
  if (out.output.size() > keep)
    out.output.erase(0, out.output.size() - keep);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now());
  if (!child.wait(std::max(left, std::chrono::milliseconds(0))))
    child.signal(SIGKILL);
  out.code = child.wait(std::chrono::seconds(5)).value_or(128 + SIGKILL);
  return out;
}

} // namespace nexus
