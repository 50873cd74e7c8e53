#include "platform/async/run.hpp"
#include "platform/net/http_client.hpp"
#include "raw_server.hpp"

#include <gtest/gtest.h>

namespace nexus::net {
namespace {

using namespace std::chrono_literals;
using outcome = mail_answer::outcome;
using testing::connection;
using testing::raw_server;

// What a server says to each verb; an empty reply hangs up. "." is the end of the message.
struct script {
  std::map<std::string, std::string> replies = {
      {"greeting", "220 ready"}, {"EHLO", "250 here"}, {"MAIL", "250 ok"},  {"RCPT", "250 ok"},
      {"DATA", "354 go on"},     {".", "250 queued"},  {"QUIT", "221 bye"},
  };
};

class mail_server {
public:
  explicit mail_server(script s = {}) : script_(std::move(s)), server_([this](connection& c) { serve(c); }) {}

  [[nodiscard]] std::string url(std::string_view login = "") const {
    return "smtp://" + std::string(login) + "127.0.0.1:" + std::to_string(server_.port());
  }
  std::string message() {
    const std::lock_guard lock(mutex_);
    return message_;
  }
  std::vector<std::string> commands() {
    const std::lock_guard lock(mutex_);
    return commands_;
  }
  [[nodiscard]] int connections() const { return server_.connections(); }

private:
  bool reply(connection& c, const std::string& to) {
    const auto found = script_.replies.find(to);
    const std::string text = found == script_.replies.end() ? "502 no such command" : found->second;
    if (text.empty())
      return false;
    c.write(text + "\r\n");
    return true;
  }

  void serve(connection& c) {
    if (!reply(c, "greeting"))
      return;
    while (auto line = c.read_to("\r\n")) {
      line->resize(line->size() - 2);
      const std::string verb = line->substr(0, 4);
      {
        const std::lock_guard lock(mutex_);
        commands_.push_back(*line);
      }
      if (!reply(c, verb) || verb == "QUIT")
        return;
      if (verb == "DATA" && script_.replies["DATA"].starts_with("354") && !take_message(c))
        return;
    }
  }

  bool take_message(connection& c) {
    const auto text = c.read_to("\r\n.\r\n");
    if (!text)
      return false;
    {
      const std::lock_guard lock(mutex_);
      message_ = text->substr(0, text->size() - 3);
    }
    return reply(c, ".");
  }

  script script_;
  std::mutex mutex_;
  std::string message_; // as on the wire
  std::vector<std::string> commands_;
  raw_server server_; // last: its threads use the others
};

mail_answer send(std::string url, std::string message = "Subject: x\r\n\r\nHello\r\n",
                 std::chrono::milliseconds timeout = 20s) {
  boost::asio::io_context loop(1); // outlives the client
  client c;
  return run_to_end(loop, [&](executor) {
    return c.send_mail(url, {.from = "shop@example.com", .to = "buyer@example.com", .message = message},
                       timeout);
  });
}

script with(const std::string& verb, const std::string& reply) {
  script s;
  s.replies[verb] = reply;
  return s;
}

TEST(smtp, a_mail_is_accepted_with_its_envelope) {
  mail_server server;
  const auto got = send(server.url());
  EXPECT_EQ(got.result, outcome::accepted);
  EXPECT_EQ(got.reply, "250 queued");
  EXPECT_EQ(server.message(), "Subject: x\r\n\r\nHello\r\n");
  const auto commands = server.commands();
  EXPECT_NE(std::ranges::find(commands, "MAIL FROM:<shop@example.com>"), commands.end());
  EXPECT_NE(std::ranges::find(commands, "RCPT TO:<buyer@example.com>"), commands.end());
}

TEST(smtp, lines_that_begin_with_a_dot_are_stuffed) {
  mail_server server;
  EXPECT_EQ(send(server.url(), ".first\r\nS: x\r\n\r\n.\r\n..two\r\nend.\r\n").result, outcome::accepted);
  EXPECT_EQ(server.message(), "..first\r\nS: x\r\n\r\n..\r\n...two\r\nend.\r\n");
}

TEST(smtp, a_large_mail_arrives_whole) {
  std::string message = "Subject: large\r\n\r\n";
  for (int i = 0; i < 20'000; ++i)
    message += "line " + std::to_string(i) + "\r\n";
  mail_server server;
  EXPECT_EQ(send(server.url(), message).result, outcome::accepted);
  EXPECT_EQ(server.message(), message);
}

TEST(smtp, five_hundreds_refuse_at_every_step_of_the_mail) {
  for (const char* verb : {"MAIL", "RCPT", "DATA", "."}) {
    mail_server server(with(verb, "550 5.1.1 no such user"));
    const auto got = send(server.url());
    EXPECT_EQ(got.result, outcome::refused) << verb << ": " << got.reply;
    EXPECT_EQ(got.reply, "550 5.1.1 no such user") << verb;
  }
}

TEST(smtp, four_hundreds_defer_at_every_step_of_the_mail) {
  for (const char* verb : {"greeting", "MAIL", "RCPT", "DATA", "."}) {
    mail_server server(with(verb, "451 4.7.1 greylisted"));
    const auto got = send(server.url());
    EXPECT_EQ(got.result, outcome::deferred) << verb << ": " << got.reply;
    EXPECT_EQ(got.reply, "451 4.7.1 greylisted") << verb;
  }
}

TEST(smtp, a_server_that_takes_no_mail_at_all_defers) {
  mail_server server(with("greeting", "554 no service here"));
  EXPECT_EQ(send(server.url()).result, outcome::deferred);
}

TEST(smtp, a_wrong_password_is_the_operators_and_defers) {
  auto s = with("EHLO", "250-here\r\n250 AUTH PLAIN");
  s.replies["AUTH"] = "535 5.7.8 wrong";
  mail_server server(s);
  const auto got = send(server.url("u:p@"));
  EXPECT_EQ(got.result, outcome::deferred);
  EXPECT_EQ(got.reply.find("p@"), std::string::npos);
}

TEST(smtp, hang_up_before_the_message_defers) {
  for (const char* verb : {"greeting", "EHLO", "MAIL", "RCPT", "DATA"}) {
    mail_server server(with(verb, ""));
    EXPECT_EQ(send(server.url()).result, outcome::deferred) << verb;
  }
}

TEST(smtp, hang_up_after_the_message_is_unknown) {
  mail_server server(with(".", ""));
  EXPECT_EQ(send(server.url()).result, outcome::unknown);
}

TEST(smtp, no_answer_to_the_message_is_unknown) {
  raw_server server([](connection& c) {
    c.write("220 ready\r\n");
    for (const char* reply : {"250 here\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n"}) {
      c.read_to("\r\n");
      c.write(reply);
    }
    c.wait_for_close();
  });
  const auto url = "smtp://127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(send(url, "S: x\r\n\r\nx\r\n", 300ms).result, outcome::unknown);
}

TEST(smtp, no_connection_defers) {
  const auto [fd, port] = testing::listen_on_free_port(1);
  ::close(fd);
  const auto got = send("smtp://127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(got.result, outcome::deferred);
  EXPECT_FALSE(got.reply.empty());
}

TEST(smtp, silent_server_defers) {
  raw_server server([](connection& c) { c.wait_for_close(); });
  EXPECT_EQ(send("smtp://127.0.0.1:" + std::to_string(server.port()), "x\r\n", 300ms).result,
            outcome::deferred);
}

TEST(smtp, an_address_cannot_smuggle_a_command) {
  mail_server server;
  boost::asio::io_context loop(1); // outlives the client
  client c;
  const auto got = run_to_end(loop, [&](executor) {
    return c.send_mail(server.url(),
                       {.from = "shop@example.com", .to = "a@b>\r\nRCPT TO:<c@d", .message = "x\r\n"}, 5s);
  });
  EXPECT_EQ(got.result, outcome::refused);
  EXPECT_EQ(server.connections(), 0);
}

TEST(smtp, other_protocols_are_not_spoken) {
  EXPECT_EQ(send("http://127.0.0.1:1/").result, outcome::deferred);
  EXPECT_EQ(send("file:///dev/null").result, outcome::deferred);
}

TEST(smtp, many_mails_at_once) {
  mail_server server;
  boost::asio::io_context loop(1); // outlives the client
  client c;
  int accepted = 0;
  for (int i = 0; i < 50; ++i)
    spawn(loop.get_executor(), [](client& cl, std::string url, int& count) -> awaitable<> {
      const auto got =
          co_await cl.send_mail(url, {.from = "a@b.c", .to = "d@e.f", .message = "S: x\r\n\r\nx\r\n"}, 60s);
      count += got.result == outcome::accepted;
    }(c, server.url(), accepted));
  loop.run();
  EXPECT_EQ(accepted, 50);
}

} // namespace
} // namespace nexus::net
