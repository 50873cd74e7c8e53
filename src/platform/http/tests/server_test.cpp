// What the server answers, over real sockets.
#include "raw_client.hpp"

namespace nexus::http {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

TEST(server, answers_with_the_headers_it_owes) {
  running_server server;
  raw_client client(server.port());
  client.send("GET /a?b=c HTTP/1.1\r\nHost: shop\r\n\r\n");
  const auto got = client.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "GET /a?b=c\n");
  EXPECT_EQ(got->header("Content-Type"), "text/plain");
  EXPECT_EQ(got->header("Content-Length"), "11");
  EXPECT_EQ(got->header("Connection"), "keep-alive");
  EXPECT_THAT(got->header("Date"),
              MatchesRegex("[A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] [0-9]+ [0-9:]+ GMT"));
}

TEST(server, tells_the_handler_who_asks) {
  running_server server([](const request& r) -> awaitable<response> {
    co_return response{.content_type = "text/plain", .body = r.peer};
  });
  raw_client client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n");
  EXPECT_EQ(client.receive()->body, "127.0.0.1");
}

TEST(server, keeps_the_connection) {
  running_server server;
  raw_client client(server.port());
  for (int i = 0; i < 50; ++i) {
    client.send(fmt::format("GET /{} HTTP/1.1\r\nHost: shop\r\n\r\n", i));
    const auto got = client.receive();
    ASSERT_TRUE(got) << i;
    EXPECT_EQ(got->body, fmt::format("GET /{}\n", i));
  }
  client.send("GET /last HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive()->header("Connection"), "close");
  EXPECT_TRUE(client.closed_cleanly());
}

TEST(server, pipelining_is_answered_in_order) {
  running_server server;
  raw_client client(server.port());
  std::string all;
  for (int i = 0; i < 300; ++i) // more than one buffer
    all += fmt::format("POST /{} HTTP/1.1\r\nHost: shop\r\nContent-Length: {}\r\n\r\n{}", i, i,
                       std::string(i, 'x'));
  std::thread sender([&] { client.send(all); });
  for (int i = 0; i < 300; ++i) {
    const auto got = client.receive();
    ASSERT_TRUE(got) << i;
    EXPECT_EQ(got->body, fmt::format("POST /{}\n{}", i, std::string(i, 'x')));
  }
  sender.join();
}

TEST(server, what_stands_behind_a_closing_request_is_not_done) {
  std::atomic<int> calls = 0;
  running_server server([&](const request& r) -> awaitable<response> {
    ++calls;
    return echo(r);
  });
  raw_client client(server.port());
  client.send(
      "GET /a HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\nDELETE /b HTTP/1.1\r\nHost: shop\r\n\r\n");
  EXPECT_EQ(client.receive()->body, "GET /a\n");
  client.close_own_direction();
  EXPECT_TRUE(client.closed_cleanly());
  EXPECT_EQ(calls, 1);
}

TEST(server, a_request_byte_by_byte) {
  running_server server;
  raw_client client(server.port());
  for (const char c : std::string("POST /slow HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc"))
    client.send({&c, 1});
  EXPECT_EQ(client.receive()->body, "POST /slow\nabc");
}

TEST(server, head_gets_the_length_without_the_body) {
  running_server server;
  raw_client client(server.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: shop\r\n\r\nGET /b HTTP/1.1\r\nHost: shop\r\n\r\n");
  EXPECT_EQ(client.receive(true)->header("Content-Length"), "8");
  EXPECT_EQ(client.receive()->body, "GET /b\n");
}

TEST(server, no_body_with_204_and_304) {
  running_server server([](const request& r) -> awaitable<response> {
    co_return response{.status = r.path == "/204" ? 204 : 304, .body = "never sent"};
  });
  raw_client client(server.port());
  client.send("GET /204 HTTP/1.1\r\nHost: a\r\n\r\nGET /304 HTTP/1.1\r\nHost: a\r\n\r\n");
  for (const int status : {204, 304}) {
    const auto got = client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, status);
    EXPECT_EQ(got->header("Content-Length"), "");
  }
}

TEST(server, http_1_0_closes_unless_asked) {
  running_server server;
  raw_client plain(server.port());
  plain.send("GET /old HTTP/1.0\r\n\r\n");
  const auto got = plain.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, "GET /old\n");
  EXPECT_EQ(got->header("Connection"), "close");
  EXPECT_TRUE(plain.closed_cleanly());

  raw_client keeping(server.port());
  for (int i = 0; i < 2; ++i) {
    keeping.send("GET /old HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    const auto kept = keeping.receive();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->header("Connection"), "keep-alive");
  }
}

TEST(server, chunked_body) {
  running_server server;
  raw_client client(server.port());
  client.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhel");
  client.send("lo\r\n6;x=y\r\n world\r\n0\r\nX-Trailer: z\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive()->body, "POST /c\nhello world");
  EXPECT_EQ(client.receive()->body, "GET /next\n");
}

TEST(server, expect_100_continue) {
  running_server server;
  raw_client client(server.port());
  const std::string head = "POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
  for (const auto& [framing, body] : {std::pair{"Content-Length: 4\r\n\r\n", "body"},
                                      {"Transfer-Encoding: chunked\r\n\r\n", "4\r\nbody\r\n0\r\n\r\n"}}) {
    client.send(head + framing);
    EXPECT_EQ(client.receive()->head, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(body);
    EXPECT_EQ(client.receive()->body, "POST /e\nbody");
  }
  client.send(head + "Content-Length: 4\r\n\r\nbody"); // it did not wait: nothing to go on with
  EXPECT_EQ(client.receive()->status, 200);
}

TEST(server, bodies_larger_than_any_buffer) {
  running_server server;
  const std::string big(900'000, 'b');
  raw_client client(server.port());
  for (int i = 0; i < 3; ++i) {
    std::thread sender(
        [&] { client.send("PUT /big HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + big); });
    const auto got = client.receive();
    sender.join();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->body, "PUT /big\n" + big);
  }
}

TEST(server, a_failing_handler_costs_one_answer) {
  running_server server([](const request& r) -> awaitable<response> {
    if (r.path == "/bad")
      throw std::runtime_error("against the contract");
    return echo(r);
  });
  raw_client client(server.port());
  client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\nGET /good HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto bad = client.receive();
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->status, 500);
  EXPECT_EQ(bad->body, "internal_error");
  EXPECT_EQ(client.receive()->status, 200);
}

TEST(server, a_client_that_only_listens_any_more_is_answered) {
  gate handler;
  running_server server(handler.handle());
  raw_client client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  client.close_own_direction();
  handler.wait_until_entered();
  handler.open();
  EXPECT_EQ(client.receive()->body, "GET /a\n");
  EXPECT_TRUE(client.closed_cleanly());
  EXPECT_TRUE(server.wait_for_connections(0));
}

TEST(server, a_request_that_ends_in_the_middle_is_malformed) {
  running_server server;
  for (const char* part : {"GET / HTT", "GET / HTTP/1.1\r\nHost: a\r\n",
                           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc",
                           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"}) {
    raw_client client(server.port());
    client.send(part);
    client.close_own_direction();
    const auto got = client.receive();
    ASSERT_TRUE(got) << part;
    EXPECT_EQ(got->status, 400) << part;
    EXPECT_EQ(got->body, "malformed_request");
    EXPECT_TRUE(client.closed_cleanly());
  }
}

TEST(server, clients_that_leave_while_the_handler_runs) {
  gate handler;
  running_server server(handler.handle());
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<raw_client>(server.port()));
    clients.back()->send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
  }
  handler.wait_until_entered(20);
  for (std::size_t i = 0; i < clients.size(); ++i)
    i % 2 ? clients[i]->close() : clients[i]->reset();
  handler.open();
  EXPECT_TRUE(server.wait_for_connections(0));
  raw_client next(server.port());
  next.send("GET /still HTTP/1.1\r\nHost: a\r\n\r\n");
  handler.wait_until_entered(21);
  handler.open();
  EXPECT_EQ(next.receive()->body, "GET /still\n");
}

TEST(server, clients_that_leave_in_the_middle_of_a_request) {
  running_server server;
  for (const char* part :
       {"", "G", "GET / HTTP/1.1\r\nHost", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na"}) {
    raw_client client(server.port());
    client.send(part);
    EXPECT_TRUE(server.wait_for_connections(1));
    client.reset();
    EXPECT_TRUE(server.wait_for_connections(0)) << part;
  }
}

TEST(server, ends_in_the_middle_of_everything) {
  gate handler;
  running_server server(handler.handle());
  raw_client idle(server.port());
  raw_client sending(server.port());
  raw_client waiting(server.port());
  sending.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na");
  waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  handler.wait_until_entered();
  EXPECT_TRUE(server.wait_for_connections(3));
  server.destroy_listener();
  EXPECT_TRUE(server.wait_for_connections(0));
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(sending.closed());
  EXPECT_TRUE(waiting.closed());
  handler.open(); // its answer goes nowhere
}

TEST(server, listeners_share_a_port_only_when_they_mean_to) {
  boost::asio::io_context loop(1);
  const auto make = [&](std::uint16_t port) {
    return std::make_unique<listener>(loop.get_executor(), "127.0.0.1", port,
                                      listener::options{.handle = echo});
  };
  const auto first = make(0);
  ASSERT_NE(first->port(), 0);
  const auto second = make(first->port());
  EXPECT_EQ(second->port(), first->port());
  const auto other = make(0);
  EXPECT_NE(other->port(), first->port());
  try {
    check_free("127.0.0.1", first->port());
    FAIL() << "taken, but not seen";
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code(), std::errc::address_in_use);
    EXPECT_THAT(e.what(), HasSubstr("127.0.0.1"));
  }
}

TEST(server, check_free_of_a_free_port) {
  std::uint16_t port = 0;
  {
    running_server server;
    port = server.port();
    raw_client client(port);
    client.send("GET / HTTP/1.0\r\n\r\n"); // the server closes first: TIME_WAIT is on its side
    EXPECT_TRUE(client.receive());
  }
  EXPECT_NO_THROW(check_free("127.0.0.1", port));
  EXPECT_NO_THROW(check_free("127.0.0.1", 0));
}

TEST(server, bad_addresses) {
  boost::asio::io_context loop(1);
  for (const char* address : {"", "not an address", "256.1.1.1", "203.0.113.1"})
    EXPECT_THROW(listener(loop.get_executor(), address, 0, {}), std::system_error) << address;
}

TEST(server, over_ipv6_an_ipv4_client_is_still_one) {
  boost::asio::io_context loop(1);
  std::optional<listener> dual;
  try {
    dual.emplace(loop.get_executor(), "::", 0,
                 listener::options{.handle = [](const request& r) -> awaitable<response> {
                   co_return response{.content_type = "text/plain", .body = r.peer};
                 }});
  } catch (const std::system_error&) {
    GTEST_SKIP() << "no IPv6 on this machine";
  }
  dual->start();
  std::thread thread([&] { loop.run(); });
  raw_client client(dual->port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive()->body, "127.0.0.1");
  loop.stop();
  thread.join();
  dual.reset();
}

} // namespace
} // namespace nexus::http
