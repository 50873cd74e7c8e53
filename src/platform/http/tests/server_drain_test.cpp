// How the server ends.
#include "raw_client.hpp"

namespace nexus::http {
namespace {

TEST(server_drain, lets_requests_end_and_closes_the_rest) {
  gate handler;
  running_server server(handler.handle());
  raw_client idle(server.port());
  raw_client working(server.port());
  raw_client sending(server.port());
  working.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  sending.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
  handler.wait_until_entered();
  ASSERT_TRUE(server.wait_for_connections(3));
  const auto port = server.port();
  auto drained = server.drain(20s);
  EXPECT_TRUE(idle.closed_cleanly());
  raw_client late(port);
  EXPECT_FALSE(late.connected());
  EXPECT_EQ(drained.wait_for(0s), std::future_status::timeout);
  sending.send("dy");
  handler.wait_until_entered(2);
  handler.open();
  for (auto* client : {&working, &sending}) {
    const auto got = client->receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->header("Connection"), "close");
    client->close_own_direction();
    EXPECT_TRUE(client->closed_cleanly());
  }
  EXPECT_EQ(drained.wait_for(20s), std::future_status::ready);
  EXPECT_TRUE(server.wait_for_connections(0));
}

TEST(server_drain, answers_what_has_come_already) {
  running_server server;
  raw_client known(server.port());
  known.send("GET /0 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(known.receive()->header("Connection"), "keep-alive");
  std::optional<raw_client> new_one;
  std::future<void> drained;
  server.on_loop([&] { // the loop sees none of this before the drain begins
    known.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    new_one.emplace(server.port());
    new_one->send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    drained = server.drain(20s);
  });
  for (auto* client : {&known, &*new_one}) {
    const auto got = client->receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header("Connection"), "close");
    client->close();
  }
  EXPECT_EQ(drained.wait_for(20s), std::future_status::ready);
}

TEST(server_drain, ends_when_the_time_is_up) {
  gate handler;
  running_server server(handler.handle());
  raw_client working(server.port());
  working.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  handler.wait_until_entered();
  auto drained = server.drain(50ms);
  EXPECT_EQ(drained.wait_for(20s), std::future_status::ready);
  EXPECT_TRUE(working.closed());
  handler.open();
  EXPECT_TRUE(server.wait_for_connections(0));
}

TEST(server_drain, of_nobody_returns_at_once) {
  running_server server;
  EXPECT_EQ(server.drain(1h).wait_for(20s), std::future_status::ready);
}

// The loop runs out of work by itself: nothing of a drained listener is left on it.
TEST(server_drain, leaves_nothing_behind) {
  boost::asio::io_context loop(1);
  listener drained(loop.get_executor(), "127.0.0.1", 0, {.handle = echo});
  drained.start();
  spawn(loop.get_executor(), drained.drain(1h));
  const auto begin = std::chrono::steady_clock::now();
  loop.run();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
}

} // namespace
} // namespace nexus::http
