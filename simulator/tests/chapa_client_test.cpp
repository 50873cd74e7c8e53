// The simulator as an independent client sees it: tests/chapa_client, npm's chapa-nodejs.
#include "platform/net/tests/raw_server.hpp"
#include "simulator/simulator.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nexus::chapa {
namespace {

// Runs it with the socket as its descriptor 3; its exit code.
int run(std::vector<std::string> arguments, int socket) {
  std::vector<char*> argv;
  for (auto& argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, 3);
  pid_t child = 0;
  const int fault = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (fault != 0)
    return -1;
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(chapa_client, finds_everything_as_promised) {
  const std::filesystem::path folder(NEXUS_CHAPA_CLIENT);
  ASSERT_TRUE(std::filesystem::exists(folder / "node_modules" / "chapa-nodejs"))
      << "run npm ci in " << folder;
  const auto [listening, port] = net::testing::listen_on_free_port(64);
  const int socket =
      ::fcntl(listening, F_DUPFD, 10); // not 3 itself, which adddup2 would leave to close on exec
  ::close(listening);
  const simulator chapa({.secret_key = "CHASECK_TEST-independent",
                         .webhook_secret = "hook",
                         .webhook_url = "http://127.0.0.1:" + std::to_string(port) + "/webhook",
                         .refund_step = std::chrono::milliseconds(100),
                         .webhook_retry_delay = std::chrono::milliseconds(100)});
  EXPECT_EQ(run({"node", (folder / "drive.mjs").string(), chapa.base_url(), "CHASECK_TEST-independent",
                 "hook", "fd:3"},
                socket),
            0);
  ::close(socket);
}

} // namespace
} // namespace nexus::chapa
