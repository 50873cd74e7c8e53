#include "platform/async/run.hpp"
#include "platform/net/http_client.hpp"
#include "raw_server.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <set>

namespace nexus::net {
namespace {

using namespace std::chrono_literals;
using outcome = http_answer::outcome;
using testing::connection;
using testing::raw_server;

struct http_client : ::testing::Test {
  http_answer call(client& on, http_request request) {
    return run_to_end(loop, [&](executor) { return on.call(std::move(request)); });
  }

  boost::asio::io_context loop{1}; // outlives the client
  client c;
};

std::string answer(std::string_view body, std::string_view status = "200 OK") {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

// Answers every request of a connection with its own head and body.
void echo(connection& c) {
  while (auto head = c.read_to("\r\n\r\n")) {
    std::string body;
    if (const auto at = head->find("Content-Length: "); at != std::string::npos)
      body = c.read_exactly(std::stoul(head->substr(at + 16))).value_or("");
    c.write(answer(*head + body));
  }
}

TEST_F(http_client, answers_with_status_and_body) {
  raw_server server([](connection& c) {
    c.read_to("\r\n\r\n");
    c.write(answer("short and stout", "418 I'm a teapot"));
  });
  const auto got = call(c, {.url = server.url("/pot")});
  EXPECT_EQ(got.result, outcome::answered);
  EXPECT_EQ(got.status, 418);
  EXPECT_EQ(got.body, "short and stout");
}

TEST_F(http_client, sends_what_it_was_given_and_no_more) {
  raw_server server(echo);
  const auto got = call(c, {.method = "POST",
                            .url = server.url("/v1/x?y=1"),
                            .headers = {{"Authorization", "Bearer k"}, {"Content-Type", "application/json"}},
                            .body = "{\"a\":1}"});
  ASSERT_EQ(got.result, outcome::answered);
  EXPECT_TRUE(got.body.starts_with("POST /v1/x?y=1 HTTP/1.1\r\n")) << got.body;
  EXPECT_TRUE(got.body.ends_with("\r\n\r\n{\"a\":1}")) << got.body;
  EXPECT_NE(got.body.find("\r\nAuthorization: Bearer k\r\n"), std::string::npos);
  EXPECT_NE(got.body.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_EQ(got.body.find("Expect"), std::string::npos);
}

TEST_F(http_client, put_without_a_body_says_so_and_claims_no_form) {
  raw_server server(echo);
  const auto got = call(c, {.method = "PUT", .url = server.url("/v1/transaction/cancel/a")});
  ASSERT_EQ(got.result, outcome::answered);
  EXPECT_TRUE(got.body.starts_with("PUT /v1/transaction/cancel/a HTTP/1.1\r\n"));
  EXPECT_NE(got.body.find("Content-Length: 0\r\n"), std::string::npos);
  EXPECT_EQ(got.body.find("Content-Type"), std::string::npos);
}

TEST_F(http_client, does_not_follow_redirects) {
  raw_server server([](connection& c) {
    c.read_to("\r\n\r\n");
    c.write("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    c.wait_for_close();
  });
  EXPECT_EQ(call(c, {.url = server.url("/")}).status, 302);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(http_client, ignores_the_environments_proxy) {
  raw_server server(echo);
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("all_proxy", "http://127.0.0.1:1", 1);
  const auto got = call(c, {.url = server.url("/direct")});
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  EXPECT_EQ(got.result, outcome::answered);
  EXPECT_TRUE(got.body.starts_with("GET /direct "));
}

TEST_F(http_client, refused_connection_was_not_sent) {
  const auto [fd, port] = testing::listen_on_free_port(1);
  ::close(fd);
  const auto got = call(c, {.url = "http://127.0.0.1:" + std::to_string(port) + "/"});
  EXPECT_EQ(got.result, outcome::not_sent);
  EXPECT_FALSE(got.failure.empty());
}

TEST_F(http_client, unknown_name_was_not_sent) {
  EXPECT_EQ(call(c, {.url = "http://nowhere.invalid/"}).result, outcome::not_sent);
}

TEST_F(http_client, what_is_no_http_url_was_not_sent) {
  for (const char* url :
       {"", "http://", "file:///etc/passwd", "gopher://127.0.0.1/", "http://127.0.0.1:99999/"})
    EXPECT_EQ(call(c, {.url = url}).result, outcome::not_sent) << url;
}

TEST_F(http_client, a_header_cannot_smuggle_another) {
  raw_server server(echo);
  EXPECT_EQ(call(c, {.url = server.url("/"), .headers = {{"X-A", "1\r\nX-B: 2"}}}).result, outcome::not_sent);
  EXPECT_EQ(call(c, {.url = server.url("/"), .headers = {{"X-A: 1\r\nX-B", "2"}}}).result, outcome::not_sent);
  EXPECT_EQ(call(c, {.method = "GET / HTTP/1.1\r\nX:", .url = server.url("/")}).result, outcome::not_sent);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(http_client, tls_with_a_server_that_speaks_none_was_not_sent) {
  raw_server server([](connection& c) { c.write("220 hello\r\n"); });
  const auto url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  EXPECT_EQ(call(c, {.method = "POST", .url = url, .body = "x"}).result, outcome::not_sent);
}

TEST_F(http_client, timeout_while_connecting_was_not_sent) {
  // The kernel drops connections beyond those that wait to be accepted: nobody accepts, and the queue is
  // full.
  const auto [fd, port] = testing::listen_on_free_port(0);
  std::vector<int> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const sockaddr_in address = testing::loopback(port);
    ::connect(waiting.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  const auto got = call(
      c, {.url = "http://127.0.0.1:" + std::to_string(port) + "/", .connect_timeout = 200ms, .timeout = 10s});
  EXPECT_EQ(got.result, outcome::not_sent) << got.failure;
  for (const int w : waiting)
    ::close(w);
  ::close(fd);
}

TEST_F(http_client, timeout_after_the_request_is_unknown) {
  raw_server server([](connection& c) { c.wait_for_close(); });
  const auto began = std::chrono::steady_clock::now();
  const auto got = call(c, {.method = "POST", .url = server.url("/"), .body = "pay", .timeout = 200ms});
  EXPECT_EQ(got.result, outcome::unknown);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 200ms);
}

TEST_F(http_client, timeout_in_the_middle_of_the_answer_is_unknown) {
  raw_server server([](connection& c) {
    c.read_to("\r\n\r\n");
    c.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    c.wait_for_close();
  });
  const auto got = call(c, {.url = server.url("/"), .timeout = 200ms});
  EXPECT_EQ(got.result, outcome::unknown);
  EXPECT_EQ(got.status, 0);
}

TEST_F(http_client, hang_up_after_the_request_is_unknown) {
  raw_server server([](connection& c) { c.read_to("\r\n\r\n"); });
  EXPECT_EQ(call(c, {.method = "POST", .url = server.url("/"), .body = ""}).result, outcome::unknown);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(http_client, cut_off_answer_is_unknown) {
  raw_server server([](connection& c) {
    c.read_to("\r\n\r\n");
    c.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  EXPECT_EQ(call(c, {.url = server.url("/")}).result, outcome::unknown);
}

TEST_F(http_client, answer_that_is_no_http_is_unknown) {
  raw_server server([](connection& c) {
    c.read_to("\r\n\r\n");
    c.write("what?\r\n\r\n");
  });
  EXPECT_EQ(call(c, {.url = server.url("/")}).result, outcome::unknown);
}

TEST_F(http_client, answer_of_the_allowed_size_is_taken_and_a_larger_one_is_not) {
  raw_server server([](connection& c) {
    while (c.read_to("\r\n\r\n"))
      c.write(answer(std::string(1000, 'x')));
  });
  const auto fits = call(c, {.url = server.url("/"), .max_answer_bytes = 1000});
  EXPECT_EQ(fits.result, outcome::answered);
  EXPECT_EQ(fits.body.size(), 1000U);
  const auto large = call(c, {.url = server.url("/"), .max_answer_bytes = 999});
  EXPECT_EQ(large.result, outcome::unknown);
  EXPECT_TRUE(large.body.empty());
  EXPECT_EQ(large.failure, "the answer is too large");
}

TEST_F(http_client, endless_answer_is_unknown) {
  raw_server server([](connection& c) {
    c.read_to("\r\n\r\n");
    c.write("HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 1000; ++i)
      c.write(std::string(16 * 1024, 'x'));
  });
  EXPECT_EQ(call(c, {.url = server.url("/"), .max_answer_bytes = 64 * 1024}).result, outcome::unknown);
}

TEST_F(http_client, endless_header_is_unknown) {
  raw_server server([](connection& c) {
    c.read_to("\r\n\r\n");
    c.write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100; ++i)
      c.write("X-Filler: " + std::string(8 * 1024, 'x') + "\r\n");
    c.write("\r\n");
  });
  EXPECT_EQ(call(c, {.url = server.url("/")}).result, outcome::unknown);
}

TEST_F(http_client, gets_share_a_connection) {
  raw_server server(echo);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(call(c, {.url = server.url("/")}).result, outcome::answered);
  EXPECT_EQ(server.connections(), 1);
}

// The kept connection dies as the second request arrives: a GET goes out again, a POST must not.
TEST_F(http_client, post_is_never_sent_twice) {
  std::atomic<int> posts = 0;
  raw_server server([&posts](connection& c) {
    for (int requests = 0; auto head = c.read_to("\r\n\r\n"); ++requests) {
      posts += head->starts_with("POST");
      if (head->starts_with("POST") || requests > 0)
        return;
      c.write(answer("ok"));
    }
  });
  EXPECT_EQ(call(c, {.url = server.url("/")}).result, outcome::answered);
  EXPECT_EQ(call(c, {.url = server.url("/")}).result, outcome::answered);
  EXPECT_EQ(call(c, {.method = "POST", .url = server.url("/"), .body = "x"}).result, outcome::unknown);
  EXPECT_EQ(posts, 1);
}

TEST_F(http_client, a_thousand_calls_at_once_are_each_answered_with_their_own) {
  raw_server server([](connection& c) {
    while (auto head = c.read_to("\r\n\r\n"))
      c.write(answer(head->substr(4, head->find(' ', 4) - 4)));
  });
  int right = 0;
  for (int i = 0; i < 1000; ++i)
    spawn(loop.get_executor(), [](client& cl, std::string url, std::string path, int& count) -> awaitable<> {
      const auto got = co_await cl.call({.url = std::move(url), .timeout = 60s});
      count += got.result == outcome::answered && got.body == path;
    }(c, server.url("/" + std::to_string(i)), "/" + std::to_string(i), right));
  loop.run();
  EXPECT_EQ(right, 1000);
}

TEST_F(http_client, slow_calls_hold_up_no_other) {
  raw_server silent([](connection& c) { c.wait_for_close(); });
  raw_server quick(echo);
  std::vector<std::string> order;
  for (const bool slow : {true, false})
    spawn(loop.get_executor(), [](client& cl, std::string url, std::string name, auto& out) -> awaitable<> {
      co_await cl.call({.url = std::move(url), .timeout = 500ms});
      out.push_back(name);
    }(c, (slow ? silent : quick).url("/"), slow ? "slow" : "quick", order));
  loop.run();
  EXPECT_EQ(order, (std::vector<std::string>{"quick", "slow"}));
}

// 300 for 256 places: those that never got one were not sent, the others may have been.
TEST_F(http_client, time_spent_waiting_for_a_place_counts) {
  raw_server silent([](connection& t) { t.wait_for_close(); });
  std::map<outcome, int> ends;
  for (int i = 0; i < 300; ++i)
    spawn(loop.get_executor(), [](client& cl, std::string url, auto timeout, auto& out) -> awaitable<> {
      ++out[(co_await cl.call({.url = std::move(url), .timeout = timeout})).result];
    }(c, silent.url("/"), i < 256 ? 3'000ms : 500ms, ends));
  loop.run();
  EXPECT_EQ(ends[outcome::answered], 0);
  EXPECT_EQ(ends[outcome::unknown], 256);
  EXPECT_EQ(ends[outcome::not_sent], 44);
}

TEST_F(http_client, its_end_ends_the_calls_under_way) {
  std::promise<void> arrived;
  raw_server silent([&arrived](connection& c) {
    c.read_to("\r\n\r\n");
    arrived.set_value();
    c.wait_for_close();
  });
  auto ending = std::make_unique<client>();
  std::optional<http_answer> got;
  spawn(loop.get_executor(), [](client& cl, std::string url, auto& out) -> awaitable<> {
    out = co_await cl.call({.url = std::move(url), .timeout = 60s});
  }(*ending, silent.url("/"), got));
  loop.poll();
  loop.restart();
  arrived.get_future().wait();
  ending.reset();
  loop.run();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->result, outcome::unknown);
}

TEST_F(http_client, resumes_on_the_loop_that_waits) {
  raw_server server(echo);
  std::thread::id resumed;
  run_to_end(loop, [&](executor) -> awaitable<> {
    co_await c.call({.url = server.url("/")});
    resumed = std::this_thread::get_id();
  });
  EXPECT_EQ(resumed, std::this_thread::get_id());
}

} // namespace
} // namespace nexus::net
