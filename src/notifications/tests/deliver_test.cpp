#include "notifications/deliver.hpp"

#include "platform/async/run.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <stdlib.h>

namespace nexus::notifications {
namespace {

class deliver_to_files : public ::testing::Test {
protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "nexus-mail-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    home = path;
  }
  void TearDown() override { std::filesystem::remove_all(home); }

  tasks::outcome send(std::string message, std::string name) {
    settings s{.mail_from = "shop@example.et", .mail_directory = home / "mail"};
    return run_to_end(loop,
                      [&](executor) { return deliver(s, "a@b.et", std::move(message), std::move(name)); });
  }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(home / "mail"))
      out.push_back(entry.path().filename());
    return out;
  }

  boost::asio::io_context loop{1};
  std::filesystem::path home;
};

TEST_F(deliver_to_files, a_repeat_overwrites_and_leaves_nothing_beside) {
  EXPECT_EQ(send("first\r\n", "receipt-7.eml").result, tasks::outcome::kind::done);
  EXPECT_EQ(send("again\r\n", "receipt-7.eml").result, tasks::outcome::kind::done);
  EXPECT_EQ(files(), std::vector<std::string>{"receipt-7.eml"});
  std::ostringstream bytes;
  bytes << std::ifstream(home / "mail" / "receipt-7.eml").rdbuf();
  EXPECT_EQ(bytes.str(), "again\r\n");
}

TEST_F(deliver_to_files, a_directory_that_cannot_be_written_is_an_exception) {
  std::ofstream(home / "mail") << "a file is in the way";
  EXPECT_ANY_THROW(send("m", "receipt-7.eml"));
}

// Nobody listens: the task is tried again.
TEST_F(deliver_to_files, no_smtp_server_is_a_retry) {
  net::client client;
  settings s{.mail_from = "shop@example.et", .smtp_url = "smtp://127.0.0.1:1", .client = &client};
  const auto out = run_to_end(loop, [&](executor) { return deliver(s, "a@b.et", "m\r\n", "unused.eml"); });
  EXPECT_EQ(out.result, tasks::outcome::kind::retry);
}

} // namespace
} // namespace nexus::notifications
