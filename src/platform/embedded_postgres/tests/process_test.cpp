#include "platform/embedded_postgres/process.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace nexus {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

outcome shell(std::string script) {
  return run_to_end({.program = "/bin/sh", .arguments = {"-c", std::move(script)}}, 10s);
}

TEST(process, tells_output_and_exit_code) {
  const auto done = shell("echo out; echo err >&2; exit 7");
  EXPECT_EQ(done.code, 7);
  EXPECT_EQ(done.output, "out\nerr\n");
}

TEST(process, tells_the_signal_that_ended_it) { EXPECT_EQ(shell("kill -TERM $$").code, 128 + SIGTERM); }

TEST(process, keeps_the_end_of_a_long_output) {
  const auto done = shell("seq 1 100000");
  EXPECT_EQ(done.output.size(), 64U * 1024U);
  EXPECT_TRUE(done.output.ends_with("99999\n100000\n"));
}

TEST(process, passes_arguments_as_they_are) {
  const auto done = run_to_end({.program = "/bin/echo", .arguments = {"$HOME; 'x'", "*"}}, 10s);
  EXPECT_EQ(done.output, "$HOME; 'x' *\n");
}

TEST(process, names_a_program_that_is_not_there) {
  try {
    run_to_end({.program = "/nowhere/postgres"}, 10s);
    FAIL();
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code().value(), ENOENT);
    EXPECT_THAT(e.what(), HasSubstr("/nowhere/postgres"));
  }
}

TEST(process, is_killed_at_its_deadline) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(run_to_end({.program = "/bin/sleep", .arguments = {"60"}}, 50ms).code, 128 + SIGKILL);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s);
}

TEST(process, inherits_no_descriptor) {
  const int null = ::open("/dev/null", O_RDONLY);
  const int leak = ::fcntl(null, F_DUPFD, 40); // without FD_CLOEXEC
  ::close(null);
  ASSERT_GE(leak, 40);
  const auto done =
      shell(fmt::format("for fd in 0 1 2 {}; do test -e /proc/self/fd/$fd && echo $fd; done", leak));
  ::close(leak);
  EXPECT_EQ(done.output, "0\n1\n2\n");
}

TEST(process, has_a_clean_signal_state) {
  sigset_t blocked, before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto ignored = ::signal(SIGPIPE, SIG_IGN);
  const auto done = run_to_end({.program = "/bin/grep", .arguments = {"Sig", "/proc/self/status"}}, 10s);
  ::signal(SIGPIPE, ignored);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_THAT(done.output, HasSubstr("SigBlk:\t0000000000000000"));
  EXPECT_THAT(done.output, HasSubstr("SigIgn:\t0000000000000000"));
}

TEST(process, leads_a_session_of_its_own) {
  const auto done =
      run_to_end({.program = "/bin/cut", .arguments = {"-d ", "-f1,5,6", "/proc/self/stat"}}, 10s);
  int pid = 0, group = 0, session = 0;
  ASSERT_EQ(std::sscanf(done.output.c_str(), "%d %d %d", &pid, &group, &session), 3);
  EXPECT_EQ(group, pid);
  EXPECT_EQ(session, pid);
}

TEST(process, gets_none_of_our_secrets) {
  ::setenv("NEXUS_TEST_SECRET", "hunter2", 1);
  ::setenv("NOTIFY_SOCKET", "/run/nowhere", 1);
  const auto done = run_to_end({.program = "/usr/bin/env", .environment = {"GIVEN=yes"}}, 10s);
  ::unsetenv("NEXUS_TEST_SECRET");
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_THAT(done.output, Not(HasSubstr("hunter2")));
  EXPECT_THAT(done.output, Not(HasSubstr("NOTIFY_SOCKET")));
  EXPECT_THAT(done.output, HasSubstr("GIVEN=yes\n"));
}

TEST(process, takes_another_users_rights) {
  const auto nobody = find_identity("nobody");
  if (::geteuid() != 0 || !nobody)
    GTEST_SKIP() << "only root can become another user";
  const command who{.program = "/usr/bin/id", .arguments = {"-u"}, .run_as = nobody};
  EXPECT_EQ(run_to_end(who, 10s).output, std::to_string(nobody->uid) + "\n");
  const command groups{.program = "/usr/bin/id", .arguments = {"-G"}, .run_as = nobody};
  EXPECT_EQ(run_to_end(groups, 10s).output, std::to_string(nobody->gid) + "\n");
  EXPECT_FALSE(find_identity("no such user"));
}

// The child holds the pipe's writing end: the reader sees the end when the child has ended.
void owner_that_is_killed(bool other_user) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    ::close(fds[0]);
    const process sleeper({.program = "/bin/sh",
                           .arguments = {"-c", "echo up; exec sleep 1000"},
                           .run_as = other_user ? find_identity("nobody") : std::nullopt},
                          fds[1], SIGTERM);
    ::close(fds[1]);
    for (;;)
      ::pause();
  }
  ::close(fds[1]);
  char c = 0;
  ASSERT_EQ(::read(fds[0], &c, 1), 1);
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  while (::read(fds[0], &c, 1) > 0) {
  }
  ::close(fds[0]);
}

TEST(process, ends_when_its_owner_is_killed) { owner_that_is_killed(false); }

TEST(process, ends_with_its_owner_as_another_user_too) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can become another user";
  owner_that_is_killed(true);
}

} // namespace
} // namespace nexus
